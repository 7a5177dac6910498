//! The state of a run, folded from its events and from nothing else.
//!
//! A simulated, a recorded and a live run are shown, counted and explained by reading this. Each
//! event is checked against what is there: one that cannot be is a [`Violation`]. What must hold
//! at every event is asserted here, in every build.

mod computer;
mod decided;
mod happened;
pub(crate) mod parts;
mod shard;
pub(crate) mod snapshot;
mod state;
mod violation;
mod wired;

use std::collections::VecDeque;

use crate::scenario::{MachineConfig, Model, Server};
use crate::slots::Slots;
use crate::trace::{Arrivals, Source, TraceHeader};
use crate::window::Window;
use crate::{
    ConnectionId, Event, EventKind, NodeId, RequestId, RouteId, ShardId, SimTime, WorkerId,
};

pub use shard::Shard;
pub use snapshot::Snapshot;
pub use state::{
    Connection, Core, Counts, Departure, Outcome, Place, Request, Worker, WorkerState,
};
pub use violation::Violation;

use parts::Parts;

/// The system at one moment of a run.
#[derive(Clone, Debug)]
pub struct World {
    server: Server,
    machine: MachineConfig,
    n_routes: usize,
    simulated: bool,
    /// Whether the run knows when clients sent their requests.
    by_clients: bool,
    now: SimTime,
    requests: Window<Request>,
    workers: Slots<Worker>,
    cores: Vec<Core>,
    accept_backlog: VecDeque<RequestId>,
    shards: Vec<Shard>,
    /// Whose event was taken in last.
    current: ShardId,
    /// Parts of requests that lie in a deque.
    pub(crate) parts: Parts,
    /// How many workers there shall be, as the last resize said.
    pub(crate) workers_wanted: u32,
    counts: Counts,
    /// Who left by the last event.
    departure: Option<Departure>,
}

impl World {
    /// The moment before the first event of what this header opens: a run, or the rest of one.
    pub fn new(header: &TraceHeader) -> Self {
        if let Some(snapshot) = &header.snapshot {
            return snapshot.world().clone();
        }
        let scenario = &header.scenario;
        let server = scenario.server;
        let mut workers = Slots::new();
        for index in 0..initial_workers(&server) {
            workers.insert(Worker::new(WorkerId::from_index(index), WorkerState::Idle));
        }
        let counts = Counts::starting_with(workers.len());
        let simulated = header.source == Source::Simulated;
        let n_cores = if simulated { scenario.machine.cores.get() } else { 0 };
        Self {
            server,
            machine: scenario.machine,
            n_routes: scenario.requests.len(),
            simulated,
            by_clients: header.arrivals == Arrivals::Client,
            now: SimTime::ZERO,
            requests: Window::new(),
            workers,
            cores: vec![Core::Free; n_cores as usize],
            accept_backlog: VecDeque::new(),
            shards: server.shards().map(|shard| Shard::new(shard, server.n_shards())).collect(),
            current: ShardId(0),
            parts: Parts::default(),
            workers_wanted: server.workers.get(),
            counts,
            departure: None,
        }
    }

    /// Has nothing happened yet, it is this late, and the next request has this number: those before
    /// have left without a trace.
    pub(crate) fn set_beginning(&mut self, at: SimTime, next: RequestId) {
        self.now = at;
        self.requests = Window::of([], next);
        self.counts.turns_without_request = next.0.saturating_sub(1);
    }

    /// Takes the next event in. At most one request leaves by it.
    ///
    /// # Errors
    ///
    /// [`Violation`] when the event cannot follow, or when what must hold no longer does. The
    /// world is of no use after that.
    pub fn apply(&mut self, event: &Event) -> Result<Option<Departure>, Violation> {
        self.take_in(event)?;
        Ok(self.departure)
    }

    /// As [`World::apply`]; who left by the event is kept here, as [`World::departure`].
    ///
    /// # Errors
    ///
    /// As [`World::apply`].
    #[expect(clippy::inline_always, reason = "called for each of some seven events a request")]
    #[inline(always)]
    pub fn take_in(&mut self, event: &Event) -> Result<(), Violation> {
        if event.at < self.now {
            return Err(Violation::TimeGoesBack { given: event.at, now: self.now });
        }
        if !matches!(event.kind, EventKind::Decision(_)) {
            self.check_settled()?;
        }
        if usize::from(event.shard.0) >= self.shards.len() {
            return Err(Violation::Unknown { what: "shard", id: event.shard.0.into() });
        }
        self.current = event.shard;
        self.now = event.at;
        self.departure = None;
        self.counts.events += 1;
        match event.kind {
            EventKind::Stimulus(stimulus) => self.stimulus(stimulus)?,
            EventKind::Decision(decision) => self.decision(decision)?,
            EventKind::Machine(machine) => self.machine_event(machine)?,
        }
        if self.counts.arrived != self.counts.left() + self.counts.in_system {
            return Err(Violation::NotConserved { counts: Box::new(self.counts) });
        }
        Ok(())
    }

    /// Who left by the last event that was taken in.
    pub const fn departure(&self) -> Option<&Departure> {
        self.departure.as_ref()
    }

    /// The time of the last event.
    pub const fn now(&self) -> SimTime {
        self.now
    }

    /// The server as the scenario describes it.
    pub const fn server(&self) -> &Server {
        &self.server
    }

    /// How many workers a server with a fixed number of them is to have: what the scenario says, until it
    /// is resized. [`World::n_workers`] counts those that are there.
    pub const fn workers_wanted(&self) -> u32 {
        self.workers_wanted
    }

    /// The computer as the scenario describes it.
    pub const fn machine(&self) -> &MachineConfig {
        &self.machine
    }

    /// Whether the run is a simulation, which knows of cores and of the kernel's backlog.
    pub const fn is_simulated(&self) -> bool {
        self.simulated
    }

    /// What has been counted so far.
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// A request in the system; `None` before its arrival and after its departure.
    pub fn request(&self, id: RequestId) -> Option<&Request> {
        self.requests.get(id)
    }

    /// All requests in the system, oldest first.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter()
    }

    /// A worker that exists.
    pub fn worker(&self, id: WorkerId) -> Option<&Worker> {
        self.workers.get(id.index())
    }

    /// All workers, lowest number first.
    pub fn workers(&self) -> impl DoubleEndedIterator<Item = &Worker> {
        self.workers.iter().map(|(_, worker)| worker)
    }

    /// How many workers there are.
    pub fn n_workers(&self) -> usize {
        self.workers.len()
    }

    /// What each scheduler answers for: one, or one for each loop of `sharded`.
    pub fn shards(&self) -> &[Shard] {
        &self.shards
    }

    /// What this scheduler answers for.
    ///
    /// # Panics
    ///
    /// When there is no such shard.
    pub fn shard(&self, id: ShardId) -> &Shard {
        &self.shards[usize::from(id.0)]
    }

    /// Whose connection this is.
    pub fn shard_of(&self, connection: ConnectionId) -> ShardId {
        ShardId::from_index(connection.index() % self.shards.len())
    }

    /// A connection that is open.
    pub fn connection(&self, id: ConnectionId) -> Option<&Connection> {
        self.shard(self.shard_of(id)).connection(id)
    }

    /// All open connections, shard by shard, the lowest number first.
    pub fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.shards.iter().flat_map(Shard::connections)
    }

    /// The number the next request will have.
    pub fn next_request(&self) -> RequestId {
        self.requests.next()
    }

    /// How many connections are open.
    pub fn n_connections(&self) -> usize {
        self.shards.iter().map(|shard| shard.connections.len()).sum()
    }

    /// What each core does; empty for a recording, which does not know.
    pub fn cores(&self) -> &[Core] {
        &self.cores
    }

    /// The run queue, or the ready list: admitted and not running; the next to run first. Under
    /// `sharded` the first loop's: see [`World::shards`].
    pub fn run_queue(&self) -> &VecDeque<RequestId> {
        &self.shards[0].run_queue
    }

    /// How many requests all shards have queued.
    pub fn n_queued(&self) -> usize {
        self.shards.iter().map(|shard| shard.run_queue.len()).sum()
    }

    /// The parts of requests in a worker's deque, the oldest first; thieves take the oldest.
    pub fn deque(&self, worker: WorkerId) -> impl Iterator<Item = (RequestId, NodeId)> {
        self.parts.of(worker)
    }

    /// What the kernel holds until the server accepts; the next one first.
    pub const fn accept_backlog(&self) -> &VecDeque<RequestId> {
        &self.accept_backlog
    }

    /// Whether the server takes what arrives, at least somewhere.
    pub fn is_accepting(&self) -> bool {
        self.shards.iter().any(Shard::is_accepting)
    }

    /// The deadline of the drain in progress.
    pub fn drain_deadline(&self) -> Option<SimTime> {
        self.shards.iter().filter_map(Shard::drain_deadline).max()
    }

    /// Whether a drain is over, everywhere.
    pub fn is_drained(&self) -> bool {
        self.shards.iter().all(Shard::is_drained)
    }

    /// Resident memory of all threads, in KiB.
    pub fn stack_kib(&self) -> u64 {
        self.workers.len() as u64 * u64::from(self.machine.stack_kib.get())
    }

    /// What must hold once all decisions on a stimulus are out.
    pub(crate) fn check_settled(&self) -> Result<(), Violation> {
        self.check_settled_in(self.current)
    }

    #[inline]
    fn check_settled_in(&self, shard: ShardId) -> Result<(), Violation> {
        let queued = self.shard(shard).run_queue.len();
        if queued > 0 && self.counts.idle > 0 {
            let idle = if self.server.model == Model::Sharded {
                let own = self.worker(shard.worker());
                u64::from(own.is_some_and(|worker| worker.state == WorkerState::Idle))
            } else {
                self.counts.idle
            };
            if idle > 0 {
                return Err(Violation::IdleWhileQueued { idle, queued });
            }
        }
        if self.counts.at_door > 0 {
            return Err(Violation::Undecided { requests: self.counts.at_door });
        }
        Ok(())
    }

    /// The shard whose event is being taken in.
    fn own(&mut self) -> &mut Shard {
        &mut self.shards[usize::from(self.current.0)]
    }

    fn check_route(&self, route: Option<RouteId>) -> Result<(), Violation> {
        match route {
            Some(route) if usize::from(route.0) >= self.n_routes => {
                Err(Violation::Unknown { what: "route", id: u64::from(route.0) })
            }
            _ => Ok(()),
        }
    }
}

/// How many workers exist before the first event: a pool is started before the server listens.
pub(crate) fn initial_workers(server: &Server) -> usize {
    match server.model {
        Model::Single | Model::Async => 1,
        Model::Spawn => 0,
        Model::Pool | Model::ForkJoin | Model::Sharded => server.workers.get() as usize,
    }
}
