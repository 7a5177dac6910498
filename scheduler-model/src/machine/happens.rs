//! What is due happens: somebody asks, leaves or is done, and faults. The schedulers are told of it.
//!
//! What a request does on the computer is in [`super::course`].

use super::agenda::{Class, Due};
use super::{Cost, Simulation, load};
use crate::scenario::FaultKind;
use crate::{Demand, EventKind, Machine, Place, RequestId, RouteId, ShardId, Stimulus};

impl Simulation {
    pub(super) fn happen(&mut self, due: Due) {
        match due {
            Due::CpuDone(worker) => {
                self.cores.done(worker, &mut self.seen);
                self.cpu_done(worker);
            }
            Due::NoCpu(worker) => self.cpu_done(worker),
            Due::ShareDone(generation) => {
                let (now, agenda) = (self.now, &mut self.agenda);
                if let Some(worker) = self.cores.share_done(generation, now, agenda, &mut self.seen)
                {
                    self.cpu_done(worker);
                }
            }
            Due::Awake(worker) => {
                let request = self.held_by(worker);
                self.tell(self.shard, Stimulus::TaskWoke { request, worker });
                self.finish(worker, request);
            }
            Due::TimerOver(request) => self.timer_over(request),
            Due::Spawned(worker) => self.tell(self.shard, Stimulus::WorkerStarted { worker }),
            Due::SpawnFailed(worker) => self.tell(self.shard, Stimulus::SpawnFailed { worker }),
            Due::Dispatched(worker) => self.begin(worker),
            Due::Look(worker) => self.look(worker),
            Due::Resume(worker) => self.resume(worker),
            Due::Switched(core) => {
                self.cores.switched(core, self.now, &mut self.agenda, &mut self.seen);
            }
            Due::QuantumOver(core) => {
                self.cores.quantum_over(core, self.now, &mut self.agenda, &mut self.seen);
            }
            Due::Timer(id, timer) => {
                let shard = self.world.shard(id);
                let is_due = shard.timer(timer).is_some_and(|due| due <= self.now);
                if is_due && !shard.is_drained() {
                    self.tell(id, Stimulus::TimerDue { timer });
                }
            }
            Due::Fault(index) => self.fault(index),
            Due::Impatient(request) => self.client_leaves(request),
            Due::NextArrival => self.arrival(None),
            Due::ClientAsks(client) => self.arrival(Some(client)),
        }
        while let Some(&request) = self.world.accept_backlog().front()
            && self.world.is_accepting()
        {
            let &Cost { shard, route, .. } = self.costs.get(request).expect("it is in the system");
            self.accept(request, shard, route);
        }
    }

    fn arrival(&mut self, client: Option<u64>) {
        let Some(ask) = self.load.ask(client, self.now, &mut self.agenda) else {
            return;
        };
        let load::Ask { route, client, .. } = ask;
        let request = self.costs.next();
        let Demand { cpu, sleep, fork } = load::demand(&self.header.scenario, request, ask);
        let cpu = cpu + self.header.scenario.machine.accept;
        let shard = self.shard_of_client(request);
        self.costs.push(Cost { route, cpu, sleep, fork, shard, panics: false, client });
        self.shard = shard;
        if let Some(patience) = self.header.scenario.patience {
            self.agenda.add(
                self.now + patience,
                Class::Patience,
                request.0,
                Due::Impatient(request),
            );
        }
        let backlog_max = self.header.scenario.server.accept_backlog.get() as usize;
        if self.world.drain_deadline().is_some() {
            self.emit(EventKind::Machine(Machine::Dropped { request, route }));
        } else if self.world.is_accepting() {
            self.accept(request, shard, route);
        } else if self.world.accept_backlog().len() < backlog_max {
            self.emit(EventKind::Machine(Machine::Backlogged { request, route }));
        } else {
            self.emit(EventKind::Machine(Machine::Dropped { request, route }));
        }
    }

    /// Which loop the kernel gives a request's connection to.
    fn shard_of_client(&self, request: RequestId) -> ShardId {
        let given = request.0.checked_sub(1).and_then(|index| usize::try_from(index).ok());
        let given = given.and_then(|index| self.shards.get(index)).copied().flatten();
        given.unwrap_or_else(|| load::shard(&self.header.scenario, request))
    }

    /// The server takes a request from the kernel, on a connection of its own.
    fn accept(&mut self, request: RequestId, shard: ShardId, route: RouteId) {
        let connection = self.world.shard(shard).next_connection();
        self.tell(shard, Stimulus::ConnectionOpened { connection });
        let (connection, route) = (Some(connection), Some(route));
        let arrived = Stimulus::RequestArrived { request, connection, route, seen_by: None };
        self.tell(shard, arrived);
    }

    fn fault(&mut self, index: usize) {
        self.faults_left -= 1;
        match self.header.scenario.faults[index].kind {
            FaultKind::ClientGone(request) => self.client_leaves(request),
            FaultKind::Panic(route) => self.panics[usize::from(route.0)] += 1,
            FaultKind::Resize(workers) => {
                let workers = workers.get();
                self.tell_all(Stimulus::Resize { workers });
            }
            FaultKind::SpawnFails(count) => self.spawns_to_fail += count.get(),
            FaultKind::Drain { deadline } => {
                if self.world.drain_deadline().is_some() {
                    return;
                }
                self.tell_all(Stimulus::Drain { deadline: self.now + deadline });
                // The listening socket is closed, and with it what the kernel held for it.
                while let Some(&request) = self.world.accept_backlog().front() {
                    let route = self.costs.get(request).expect("it is in the system").route;
                    self.emit(EventKind::Machine(Machine::Dropped { request, route }));
                }
            }
        }
    }

    fn client_leaves(&mut self, request: RequestId) {
        let Some(entry) = self.world.request(request) else { return };
        match entry.connection {
            Some(connection) => {
                self.tell(self.world.shard_of(connection), Stimulus::PeerClosed { connection });
            }
            None => self.emit(EventKind::Machine(Machine::Abandoned { request })),
        }
    }

    /// A request has its outcome. Its client, if it waits for one, thinks and asks again; its cost
    /// is kept while a thread still runs it for nobody.
    pub(super) fn departed(&mut self, request: RequestId, place: Place) {
        let client = self.costs.get(request).and_then(|cost| cost.client);
        if !matches!(place, Place::Assigned(_)) {
            self.costs.remove(request);
        }
        if let Some(client) = client {
            self.load.think(client, self.now, &self.header.scenario, &mut self.agenda);
        }
    }
}
