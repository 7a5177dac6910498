//! The numbers in an event, and how great they may be.
//!
//! Whoever reads events keeps tables with a place for each number. Numbers that a run of this length
//! can reach keep those tables no larger than the file itself.

use crate::trace::TraceHeader;
use crate::{
    CoreId, Decision, Event, EventKind, Machine, NodeId, RequestId, RouteId, Scenario, SimTime,
    Stimulus, World,
};

/// The greatest numbers that the first event can name, and its earliest time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    pub(super) at: SimTime,
    request: u64,
    connection: u64,
    worker: u64,
}

impl Reach {
    pub(super) fn of(header: &TraceHeader) -> Self {
        let world = World::new(header);
        let connections = world.connections().map(|open| u64::from(open.id.get()));
        let workers = world.workers().map(|worker| u64::from(worker.id.get()));
        Self {
            at: world.now(),
            request: world.next_request().0,
            connection: connections.max().unwrap_or(0) + world.shards().len() as u64,
            worker: workers.max().unwrap_or(0) + WORKERS_BEFORE + 1,
        }
    }

    /// The first number in an event that is out of its range, with its key and that range; `place` is
    /// how many events of the file come before.
    pub(super) fn exceeded(
        &self,
        event: &Event,
        place: u64,
        scenario: &Scenario,
    ) -> Option<(&'static str, u64, String)> {
        let ids = Ids::of(&event.kind);
        let n_shards = scenario.server.n_shards() as u64;
        let n_routes = scenario.requests.len() as u64;
        let n_cores = u64::from(scenario.machine.cores.get());
        let limits = [
            ("request", ids.request.map(|id| id.0), 1, self.request + place),
            ("connection", ids.connection, 1, self.connection + place * n_shards),
            ("worker", ids.worker, 1, self.worker + place),
            ("route", ids.route.map(|id| id.0.into()), 0, n_routes - 1),
            ("core", ids.core.map(|id| id.0.into()), 0, n_cores - 1),
            ("workers", ids.workers, 1, 1024),
            ("victim", ids.victim, 1, self.worker + place),
            ("node", ids.node.map(|id| id.0.into()), 1, NODES_MAX),
        ];
        limits.into_iter().find_map(|(key, given, min, max)| {
            let given = given.filter(|given| !(min..=max).contains(given))?;
            Some((key, given, format!("{min}..={max}")))
        })
    }
}

/// The numbers in an event that readers use as indices.
#[derive(Default)]
struct Ids {
    request: Option<RequestId>,
    connection: Option<u64>,
    worker: Option<u64>,
    route: Option<RouteId>,
    core: Option<CoreId>,
    workers: Option<u64>,
    victim: Option<u64>,
    node: Option<NodeId>,
}

impl Ids {
    fn of(kind: &EventKind) -> Self {
        match kind {
            EventKind::Stimulus(stimulus) => Self::of_stimulus(stimulus),
            EventKind::Decision(decision) => Self::of_decision(decision),
            EventKind::Machine(machine) => Self::of_machine(machine),
        }
    }

    fn of_stimulus(stimulus: &Stimulus) -> Self {
        let none = Self::default();
        match *stimulus {
            Stimulus::ConnectionOpened { connection }
            | Stimulus::PeerClosed { connection }
            | Stimulus::ConnectionExpired { connection } => {
                Self { connection: Some(connection.get().into()), ..none }
            }
            Stimulus::RequestArrived { request, connection, route, seen_by } => Self {
                request: Some(request),
                connection: connection.map(|id| id.get().into()),
                route,
                worker: seen_by.map(|id| id.get().into()),
                ..none
            },
            Stimulus::TaskFinished { request, worker, route, ending: _ }
            | Stimulus::TaskBlocked { request, worker, route } => {
                Self { request: Some(request), worker: Some(worker.get().into()), route, ..none }
            }
            Stimulus::TaskPanicked { request, worker, ending: _ }
            | Stimulus::TaskWoke { request, worker }
            | Stimulus::TaskForked { request, worker }
            | Stimulus::TaskJoined { request, worker } => {
                Self { request: Some(request), worker: Some(worker.get().into()), ..none }
            }
            Stimulus::WorkerStarted { worker }
            | Stimulus::WorkerDied { worker }
            | Stimulus::SpawnFailed { worker }
            | Stimulus::StealFailed { worker } => {
                Self { worker: Some(worker.get().into()), ..none }
            }
            Stimulus::Resize { workers } => Self { workers: Some(workers.into()), ..none },
            Stimulus::AcceptFailed | Stimulus::TimerDue { .. } | Stimulus::Drain { .. } => none,
        }
    }

    fn of_decision(decision: &Decision) -> Self {
        let none = Self::default();
        match *decision {
            Decision::Spawn { worker, request } => {
                Self { request, worker: Some(worker.get().into()), ..none }
            }
            Decision::Park { worker }
            | Decision::Retire { worker }
            | Decision::Steal { worker } => Self { worker: Some(worker.get().into()), ..none },
            Decision::Assign { request, worker } => {
                Self { request: Some(request), worker: Some(worker.get().into()), ..none }
            }
            Decision::Queue { request }
            | Decision::Reject { request, reason: _ }
            | Decision::RunOnCaller { request } => Self { request: Some(request), ..none },
            Decision::Close { connection } => {
                Self { connection: Some(connection.get().into()), ..none }
            }
            Decision::StopAccepting
            | Decision::ResumeAccepting
            | Decision::ArmTimer { .. }
            | Decision::Drained => none,
        }
    }

    fn of_machine(machine: &Machine) -> Self {
        let none = Self::default();
        match *machine {
            Machine::Backlogged { request, route } | Machine::Dropped { request, route } => {
                Self { request: Some(request), route: Some(route), ..none }
            }
            Machine::Abandoned { request } => Self { request: Some(request), ..none },
            Machine::Switched { worker, core }
            | Machine::CoreGiven { worker, core }
            | Machine::Preempted { worker, core }
            | Machine::CoreReleased { worker, core } => {
                Self { worker: Some(worker.get().into()), core: Some(core), ..none }
            }
            Machine::Pushed { request, worker, node }
            | Machine::Popped { request, worker, node }
            | Machine::JoinBegun { request, worker, node }
            | Machine::JoinEnded { request, worker, node } => Self {
                request: Some(request),
                worker: Some(worker.get().into()),
                node: Some(node),
                ..none
            },
            Machine::Stolen { request, worker, victim, node } => Self {
                request: Some(request),
                worker: Some(worker.get().into()),
                victim: Some(victim.get().into()),
                node: Some(node),
                ..none
            },
            Machine::SharingBegun { worker } | Machine::SharingEnded { worker } => {
                Self { worker: Some(worker.get().into()), ..none }
            }
        }
    }
}

/// The last leaf of the deepest tree.
const NODES_MAX: u64 = (2 << 16) - 1;

/// Workers that may be there before the first event that names one.
const WORKERS_BEFORE: u64 = 1024;
