//! The server as the checker sees it: schedulers, threads, connections, and what may happen next.

mod future;
mod told;

use std::rc::Rc;

use super::property::{Property, Set};
use super::threads::{At, Nth, Thread};
use crate::scenario::{Distribution, FaultKind, Load, Scenario};
use crate::{
    ConnectionId, Ending, EventKind, Model, NodeId, RequestId, Scheduler, ShardId, SimTime, Span,
    Stimulus, Timer, WorkerId,
};

/// A state of the whole.
#[derive(Clone, Debug)]
pub(super) struct Driver {
    pub(super) plan: Rc<Plan>,
    schedulers: Vec<Scheduler>,
    shards: Vec<Shard>,
    pub(super) threads: Vec<Thread>,
    requests: Vec<Request>,
    /// Which request of the file each request of the run is, in order of arrival.
    arrived: Vec<Nth>,
    opened: Nth,
    /// Faults that have not happened, by their place in the file.
    faults: u16,
    /// Panics to come, by route.
    panics: Vec<u8>,
    spawn_failures: u32,
    n_panicked: u8,
    n_spawns_failed: u8,
    /// Stolen parts that are done, and not yet joined.
    pub(super) done: Vec<(Nth, NodeId)>,
    /// What could have been broken by the last step, and what was.
    pub(super) reached: Set,
    pub(super) broken: Set,
}

/// What does not change.
#[derive(Debug)]
pub(super) struct Plan {
    model: Model,
    backlog_max: Option<usize>,
    routes: Vec<u16>,
    sleeps: Vec<bool>,
    pub(super) fork_depth: Vec<u32>,
    faults: Vec<FaultKind>,
    threads_max: usize,
    #[cfg(feature = "mutants")]
    wakes_too_early: bool,
}

/// What one scheduler answers for.
#[derive(Clone, Debug, Default)]
struct Shard {
    queue: Vec<Nth>,
    armed: [bool; 3],
    draining: bool,
    deadline_passed: bool,
    drained: bool,
}

#[derive(Clone, Copy, Debug)]
struct Request {
    phase: Phase,
    shard: ShardId,
    connection: Option<ConnectionId>,
    /// Its number in the run, once it has arrived.
    id: Option<RequestId>,
    /// Whether it has slept already.
    slept: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Its client has not come.
    Outside,
    /// Its connection is open, and nothing was sent.
    Connected,
    /// It is with the scheduler.
    Waiting,
    /// A worker has it.
    Held,
    /// It sleeps on a timer.
    Asleep,
    Over,
}

/// What may happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// The next client connects.
    Open,
    /// The next client connects, and the kernel gives it to this loop.
    OpenAt(ShardId),
    /// The request of the next connection arrives.
    Arrive(Nth),
    /// A thread that is being started runs.
    Start(u8),
    /// It cannot be had.
    StartFails(u8),
    /// A thread does its next step.
    Step(u8),
    /// The handler that a thread runs panics.
    Panic(u8),
    /// The handler that a thread runs begins to sleep on a timer.
    Sleep(u8),
    /// A thread steals the oldest part of that thread's deque.
    Steal(u8, u8),
    /// A request's sleep is over.
    WakeUp(Nth),
    /// A timer of a scheduler is due.
    Timer(ShardId, Timer),
    /// A fault of the scenario happens.
    Fault(u8),
}

/// Where events go.
pub(super) type Out<'a> = dyn FnMut((ShardId, EventKind)) + 'a;

impl Driver {
    pub(super) fn new(scenario: &Scenario) -> Self {
        Self::with(scenario, Scheduler::all(&scenario.server), |_| {})
    }

    #[cfg(feature = "mutants")]
    pub(super) fn mutant(scenario: &Scenario, mutant: crate::Mutant) -> Self {
        let wakes_too_early = mutant == crate::Mutant::EarlyWakeUp;
        let schedulers = if wakes_too_early {
            Scheduler::all(&scenario.server)
        } else {
            vec![Scheduler::mutant(&scenario.server, mutant)]
        };
        Self::with(scenario, schedulers, |plan| plan.wakes_too_early = wakes_too_early)
    }

    fn with(
        scenario: &Scenario,
        schedulers: Vec<Scheduler>,
        amend: impl FnOnce(&mut Plan),
    ) -> Self {
        let mut routes = Vec::new();
        if let Load::Listed(listed) = &scenario.load {
            let mut listed: Vec<_> = listed.iter().collect();
            listed.sort_by_key(|arrival| arrival.at);
            for arrival in listed {
                routes.extend((0..arrival.count.get()).map(|_| arrival.route.0));
            }
        }
        let mut panics = vec![0; scenario.requests.len()];
        let (mut spawn_failures, mut faults, mut kinds) = (0, 0, Vec::new());
        for fault in &scenario.faults {
            match fault.kind {
                FaultKind::Panic(route) => panics[usize::from(route.0)] += 1,
                FaultKind::SpawnFails(count) => spawn_failures += count.get().min(8),
                FaultKind::ClientGone(_) | FaultKind::Drain { .. } | FaultKind::Resize(_) => {
                    faults |= 1 << kinds.len();
                    kinds.push(fault.kind);
                }
            }
        }
        let outside = Request {
            phase: Phase::Outside,
            shard: ShardId(0),
            connection: None,
            id: None,
            slept: false,
        };
        let n_workers = crate::world::initial_workers(&scenario.server);
        let mut plan = Plan {
            model: scenario.server.model,
            backlog_max: scenario.server.queue.max().map(|max| max as usize),
            sleeps: scenario
                .requests
                .iter()
                .map(|kind| kind.sleep != Distribution::Constant(Span::ZERO))
                .collect(),
            fork_depth: scenario
                .requests
                .iter()
                .map(|kind| kind.fork.map_or(0, |fork| fork.depth.get()))
                .collect(),
            faults: kinds,
            threads_max: scenario.server.threads_max.get() as usize,
            #[cfg(feature = "mutants")]
            wakes_too_early: false,
            routes,
        };
        amend(&mut plan);
        Self {
            shards: vec![Shard::default(); schedulers.len()],
            schedulers,
            threads: (0..n_workers)
                .map(|index| Thread::new(WorkerId::from_index(index), At::Looking))
                .collect(),
            requests: vec![outside; plan.routes.len()],
            arrived: Vec::new(),
            opened: 0,
            faults,
            panics,
            spawn_failures,
            n_panicked: 0,
            n_spawns_failed: 0,
            done: Vec::new(),
            reached: Set::default(),
            broken: Set::default(),
            plan: Rc::new(plan),
        }
    }

    /// Takes a step. Events go to `out`.
    pub(super) fn step(&mut self, action: Action, out: &mut Out<'_>) {
        (self.reached, self.broken) = (Set::default(), Set::default());
        match action {
            Action::Open => self.open(ShardId(0), out),
            Action::OpenAt(shard) => self.open(shard, out),
            Action::Arrive(nth) => self.arrive(nth, out),
            Action::Start(index) => {
                let thread = &mut self.threads[usize::from(index)];
                thread.at = At::Looking;
                let worker = thread.worker;
                self.tell(self.shard_of(worker), Stimulus::WorkerStarted { worker }, out);
            }
            Action::StartFails(index) => {
                let worker = self.threads.remove(usize::from(index)).worker;
                self.spawn_failures -= 1;
                self.n_spawns_failed += 1;
                self.reached.add(Property::AFailedSpawnIsAnAnswer);
                self.tell(self.shard_of(worker), Stimulus::SpawnFailed { worker }, out);
            }
            Action::Step(index) => self.thread_step(index, out),
            Action::Panic(index) => {
                let (worker, nth) = self.runs(index);
                self.panics[usize::from(self.plan.routes[usize::from(nth)])] -= 1;
                self.n_panicked += 1;
                self.reached.add(Property::APanicCostsOneRequest);
                let request = self.id_of(nth);
                self.end(index, nth, Ending::Close);
                let panicked = Stimulus::TaskPanicked { request, worker, ending: Ending::Close };
                self.tell(self.shard_of(worker), panicked, out);
            }
            Action::Sleep(index) => {
                let (worker, nth) = self.runs(index);
                self.threads[usize::from(index)].at = At::Looking;
                let entry = &mut self.requests[usize::from(nth)];
                entry.slept = true;
                if entry.phase == Phase::Held {
                    entry.phase = Phase::Asleep;
                }
                let request = self.id_of(nth);
                let blocked = Stimulus::TaskBlocked { request, worker, route: None };
                self.tell(self.shard_of(worker), blocked, out);
            }
            Action::Steal(index, victim) => self.steal(index, victim, out),
            Action::WakeUp(nth) => {
                let entry = &mut self.requests[usize::from(nth)];
                entry.phase = Phase::Waiting;
                let shard = entry.shard;
                let (request, worker) = (self.id_of(nth), shard.worker());
                self.tell(shard, Stimulus::TaskWoke { request, worker }, out);
            }
            Action::Timer(shard, timer) => {
                let of = &mut self.shards[usize::from(shard.0)];
                of.armed[timer as usize] = false;
                of.deadline_passed |= timer == Timer::DrainDeadline;
                self.tell(shard, Stimulus::TimerDue { timer }, out);
            }
            Action::Fault(index) => self.fault(index, out),
        }
        if self.plan.model == Model::ForkJoin {
            self.look_for_idlers();
        }
    }

    /// Whether an action comes from outside: the server has not to wait for it.
    pub(super) const fn is_from_outside(action: Action) -> bool {
        matches!(action, Action::Fault(_) | Action::Timer(_, Timer::DrainDeadline))
    }

    /// Whether some request has no outcome.
    pub(super) fn has_unfinished(&self) -> bool {
        self.requests.iter().any(|request| request.phase != Phase::Over)
    }

    pub(super) fn has_unread_mail(&self) -> bool {
        self.threads.iter().any(|thread| thread.mail.is_some())
    }

    pub(super) const fn has_panicked(&self) -> bool {
        self.n_panicked > 0
    }

    pub(super) const fn has_failed_to_spawn(&self) -> bool {
        self.n_spawns_failed > 0
    }

    pub(super) fn n_current_threads(&self) -> usize {
        self.threads.iter().filter(|thread| thread.current).count()
    }

    pub(super) fn is_draining(&self) -> bool {
        self.shards.iter().any(|shard| shard.draining)
    }

    /// Whether nothing is left of a server that was drained.
    pub(super) fn is_over(&self) -> bool {
        self.shards.iter().all(|shard| shard.drained)
            && self.threads.is_empty()
            && self.requests.iter().all(|request| request.connection.is_none())
    }

    /// What tells this state from others.
    pub(super) fn key(&self, key: &mut Vec<u8>) -> u128 {
        key.clear();
        key.extend(self.faults.to_le_bytes());
        key.extend(&self.panics);
        let few = self.spawn_failures.to_le_bytes()[0];
        key.extend([few, self.n_panicked.min(1), self.n_spawns_failed.min(1), self.opened]);
        for request in &self.requests {
            let open = u8::from(request.connection.is_some());
            let arrived = u8::from(request.id.is_some());
            let slept = u8::from(request.slept);
            key.push((request.phase as u8) << 3 | slept << 2 | open << 1 | arrived);
            key.push(request.shard.0.to_le_bytes()[0]);
        }
        key.push(u8::try_from(self.threads.len()).expect("threads are few"));
        for thread in &self.threads {
            thread.write_key(key);
        }
        for (nth, node) in &self.done {
            key.extend([*nth, node.0.to_le_bytes()[0]]);
        }
        key.push(u8::MAX);
        let name = |request: RequestId| self.nth(request);
        for (shard, scheduler) in self.shards.iter().zip(&self.schedulers) {
            let armed = shard.armed.iter().fold(0, |bits, &armed| bits << 1 | u8::from(armed));
            key.extend([armed, u8::from(shard.drained), u8::from(shard.deadline_passed)]);
            scheduler.write_key(key, &name);
        }
        xxhash_rust::xxh3::xxh3_128(key)
    }

    fn open(&mut self, shard: ShardId, out: &mut Out<'_>) {
        let connection = self.scheduler(shard).next_connection();
        let request = &mut self.requests[usize::from(self.opened)];
        (request.phase, request.shard) = (Phase::Connected, shard);
        request.connection = Some(connection);
        self.opened += 1;
        self.tell(shard, Stimulus::ConnectionOpened { connection }, out);
    }

    fn arrive(&mut self, nth: Nth, out: &mut Out<'_>) {
        self.arrived.push(nth);
        let id = RequestId(self.arrived.len() as u64);
        let request = &mut self.requests[usize::from(nth)];
        (request.phase, request.id) = (Phase::Waiting, Some(id));
        let Request { shard, connection, .. } = *request;
        self.reached.add(Property::EveryRequestEndsOnce);
        self.reached.add(Property::NoWakeUpIsLost);
        let route = Some(crate::RouteId(self.plan.routes[usize::from(nth)]));
        let arrived = Stimulus::RequestArrived { request: id, connection, route, seen_by: None };
        self.tell(shard, arrived, out);
    }

    fn fault(&mut self, index: u8, out: &mut Out<'_>) {
        self.faults &= !(1 << index);
        match self.plan.faults[usize::from(index)] {
            FaultKind::Resize(workers) => {
                let workers = workers.get();
                self.tell(ShardId(0), Stimulus::Resize { workers }, out);
            }
            FaultKind::ClientGone(RequestId(number)) => {
                let gone = number.checked_sub(1).and_then(|nth| Nth::try_from(nth).ok());
                let Some(request) = gone.and_then(|nth| self.requests.get_mut(usize::from(nth)))
                else {
                    return;
                };
                // A client that is answered, or that has not come, cannot leave.
                if matches!(request.phase, Phase::Outside | Phase::Over) {
                    return;
                }
                request.phase = Phase::Over;
                let Some(connection) = request.connection.take() else { return };
                let (shard, nth) = (request.shard, gone.expect("it was found"));
                self.shards[usize::from(shard.0)].queue.retain(|&queued| queued != nth);
                self.tell(shard, Stimulus::PeerClosed { connection }, out);
            }
            _ => {
                self.reached.add(Property::ADrainEnds);
                self.reached.add(Property::ADrainLosesNothing);
                // The listening socket is closed: who has not come will not.
                for request in &mut self.requests[usize::from(self.opened)..] {
                    request.phase = Phase::Over;
                }
                self.opened = Nth::try_from(self.requests.len()).expect("there are at most 8");
                for shard in (0..self.shards.len()).map(ShardId::from_index) {
                    let of = &mut self.shards[usize::from(shard.0)];
                    if !std::mem::replace(&mut of.draining, true) {
                        self.tell(shard, Stimulus::Drain { deadline: SimTime::ZERO }, out);
                    }
                }
            }
        }
    }

    /// A thread is through with a request: it looks again.
    pub(super) fn end(&mut self, index: u8, nth: Nth, ending: Ending) {
        self.threads[usize::from(index)].at = At::Looking;
        self.close(nth, ending);
    }

    fn close(&mut self, nth: Nth, ending: Ending) {
        let request = &mut self.requests[usize::from(nth)];
        request.phase = Phase::Over;
        if !ending.stays() {
            request.connection = None;
        }
    }

    /// Who a thread is, and what it runs.
    pub(super) fn runs(&self, index: u8) -> (WorkerId, Nth) {
        let thread = &self.threads[usize::from(index)];
        let At::Running(nth) = thread.at else { unreachable!("only a thread that runs does this") };
        (thread.worker, nth)
    }

    pub(super) fn finish(&mut self, index: u8, out: &mut Out<'_>) {
        let (worker, nth) = self.runs(index);
        let request = self.id_of(nth);
        let ending =
            if self.plan.model == Model::Single { Ending::Close } else { Ending::KeepAlive };
        self.end(index, nth, ending);
        let finished = Stimulus::TaskFinished { request, worker, route: None, ending };
        self.tell(self.shard_of(worker), finished, out);
    }

    fn scheduler(&self, shard: ShardId) -> &Scheduler {
        &self.schedulers[usize::from(shard.0)]
    }

    pub(super) fn shard_of(&self, worker: WorkerId) -> ShardId {
        if self.shards.len() == 1 { ShardId(0) } else { ShardId::from_index(worker.index()) }
    }

    pub(super) fn id_of(&self, nth: Nth) -> RequestId {
        self.requests[usize::from(nth)].id.expect("only a request that arrived is run")
    }

    fn nth(&self, request: RequestId) -> Nth {
        let index = usize::try_from(request.0 - 1).expect("there are at most 8");
        self.arrived[index]
    }

    /// Whether a thread that looked into its mailbox lets go of the lock before it sleeps.
    #[cfg(feature = "mutants")]
    pub(super) fn wakes_too_early(&self) -> bool {
        self.plan.wakes_too_early
    }

    /// How deep a request's tree is.
    pub(super) fn fork_depth(&self, nth: Nth) -> u32 {
        if self.plan.model == Model::ForkJoin {
            self.plan.fork_depth[usize::from(self.plan.routes[usize::from(nth)])]
        } else {
            0
        }
    }
}
