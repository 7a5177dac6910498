//! The digest of a run: 64 bits that say whether two runs were the same.
//!
//! It is XXH64 with seed 0 over the canonical bytes of each event: 32 bytes, fixed widths, little
//! endian, unused places 0. Derived hashes would not do, since they depend on the compiler and on
//! the size of a pointer.
//!
//! | bytes | content |
//! |---|---|
//! | 0..8 | `at_ns` |
//! | 8 | the number of what happened, below |
//! | 9 | bits 0..7: the number of an ending, reason or timer, from 1; bit 7: there is a route |
//! | 10..12 | the route |
//! | 12..14 | the core |
//! | 14..16 | the shard |
//! | 16..24 | the request; for `drain` and `arm_timer`, which have none, the time they name |
//! | 24..28 | the worker; for `resize` the number of workers |
//! | 28..32 | the connection; for a part of a request its node |
//!
//! A theft names two workers: who takes stands in bytes 24..28, the victim in 12..16, since there
//! are neither cores nor shards in it.
//!
//! | number | event | number | event | number | event |
//! |---|---|---|---|---|---|
//! | 1 | `connection_opened` | 64 | `stop_accepting` | 128 | `backlogged` |
//! | 2 | `request_arrived` | 65 | `resume_accepting` | 129 | `dropped` |
//! | 3 | `task_finished` | 66 | `spawn` | 130 | `abandoned` |
//! | 4 | `task_panicked` | 67 | `assign` | 131 | `switched` |
//! | 5 | `task_blocked` | 68 | `queue` | 132 | `core_given` |
//! | 6 | `task_woke` | 69 | `reject` | 133 | `preempted` |
//! | 7 | `worker_started` | 70 | `run_on_caller` | 134 | `core_released` |
//! | 8 | `worker_died` | 71 | `park` | 135 | `sharing_begun` |
//! | 9 | `spawn_failed` | 72 | `retire` | 136 | `sharing_ended` |
//! | 10 | `accept_failed` | 73 | `close` | 137 | `pushed` |
//! | 11 | `peer_closed` | 74 | `arm_timer` | 138 | `popped` |
//! | 12 | `connection_expired` | 75 | `drained` | 139 | `stolen` |
//! | 13 | `timer_due` | 76 | `steal` | 140 | `join_begun` |
//! | 14 | `resize` | | | 141 | `join_ended` |
//! | 15 | `drain` | | | | |
//! | 16 | `task_forked` | | | | |
//! | 17 | `task_joined` | | | | |
//! | 18 | `steal_failed` | | | | |
//!
//! Numbers are never used again. To change anything here is to change
//! [`MODEL_VERSION`](crate::trace::MODEL_VERSION).

use std::fmt;

use xxhash_rust::xxh64::Xxh64;

use crate::{
    ConnectionId, CoreId, Decision, Ending, Event, EventKind, Machine, NodeId, RejectReason,
    RequestId, RouteId, SimTime, Stimulus, Timer, WorkerId,
};

/// The digest of the events so far; shown as 16 hexadecimal digits.
///
/// ```
/// use scheduler_model::{Decision, Digest, Event, EventKind, SimTime};
///
/// let mut digest = Digest::new();
/// assert_eq!(digest.to_string(), "ef46db3751d8e999");
/// digest.update(&Event::new(SimTime::ZERO, EventKind::Decision(Decision::Drained)));
/// assert_ne!(digest.to_string(), "ef46db3751d8e999");
/// ```
#[derive(Clone)]
pub struct Digest(Xxh64);

impl Digest {
    /// The digest of no event.
    pub fn new() -> Self {
        Self(Xxh64::new(0))
    }

    /// Takes the next event in.
    pub fn update(&mut self, event: &Event) {
        self.0.update(&canonical_bytes(event));
    }

    /// The digest of the events so far.
    pub fn finish(&self) -> u64 {
        self.0.digest()
    }
}

impl Default for Digest {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.finish())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// What is in an event, each in its place; 0 where there is nothing.
#[derive(Default)]
struct Fields {
    number: u8,
    detail: u8,
    route: Option<RouteId>,
    core: u16,
    victim: u32,
    request: u64,
    worker: u32,
    connection: u32,
}

/// The bytes that stand for an event, and for no other.
fn canonical_bytes(event: &Event) -> [u8; 32] {
    let fields = match event.kind {
        EventKind::Stimulus(stimulus) => of_stimulus(stimulus),
        EventKind::Decision(decision) => of_decision(decision),
        EventKind::Machine(machine) => of_machine(machine),
    };
    let (with_route, route) = fields.route.map_or((0, 0), |route| (0x80, route.0));
    let mut bytes = [0; 32];
    bytes[0..8].copy_from_slice(&event.at.as_nanos().to_le_bytes());
    bytes[8] = fields.number;
    bytes[9] = fields.detail | with_route;
    bytes[10..12].copy_from_slice(&route.to_le_bytes());
    if fields.victim == 0 {
        bytes[12..14].copy_from_slice(&fields.core.to_le_bytes());
        bytes[14..16].copy_from_slice(&event.shard.0.to_le_bytes());
    } else {
        bytes[12..16].copy_from_slice(&fields.victim.to_le_bytes());
    }
    bytes[16..24].copy_from_slice(&fields.request.to_le_bytes());
    bytes[24..28].copy_from_slice(&fields.worker.to_le_bytes());
    bytes[28..32].copy_from_slice(&fields.connection.to_le_bytes());
    bytes
}

fn of_stimulus(stimulus: Stimulus) -> Fields {
    match stimulus {
        Stimulus::ConnectionOpened { connection } => Fields::new(1).connection(connection),
        Stimulus::RequestArrived { request, connection, route, seen_by } => Fields {
            route,
            worker: seen_by.map_or(0, WorkerId::get),
            connection: connection.map_or(0, ConnectionId::get),
            ..Fields::new(2).request(request)
        },
        Stimulus::TaskFinished { request, worker, route, ending } => {
            Fields { route, ..Fields::new(3).request(request).worker(worker).ending(ending) }
        }
        Stimulus::TaskPanicked { request, worker, ending } => {
            Fields::new(4).request(request).worker(worker).ending(ending)
        }
        Stimulus::TaskBlocked { request, worker, route } => {
            Fields { route, ..Fields::new(5).request(request).worker(worker) }
        }
        Stimulus::TaskWoke { request, worker } => Fields::new(6).request(request).worker(worker),
        Stimulus::WorkerStarted { worker } => Fields::new(7).worker(worker),
        Stimulus::WorkerDied { worker } => Fields::new(8).worker(worker),
        Stimulus::SpawnFailed { worker } => Fields::new(9).worker(worker),
        Stimulus::AcceptFailed => Fields::new(10),
        Stimulus::PeerClosed { connection } => Fields::new(11).connection(connection),
        Stimulus::ConnectionExpired { connection } => Fields::new(12).connection(connection),
        Stimulus::TimerDue { timer } => Fields::new(13).timer(timer),
        Stimulus::Resize { workers } => Fields { worker: workers, ..Fields::new(14) },
        Stimulus::Drain { deadline } => Fields::new(15).time(deadline),
        Stimulus::TaskForked { request, worker } => Fields::new(16).request(request).worker(worker),
        Stimulus::TaskJoined { request, worker } => Fields::new(17).request(request).worker(worker),
        Stimulus::StealFailed { worker } => Fields::new(18).worker(worker),
    }
}

fn of_decision(decision: Decision) -> Fields {
    match decision {
        Decision::StopAccepting => Fields::new(64),
        Decision::ResumeAccepting => Fields::new(65),
        Decision::Spawn { worker, request } => {
            Fields { request: request.map_or(0, |id| id.0), ..Fields::new(66).worker(worker) }
        }
        Decision::Assign { request, worker } => Fields::new(67).request(request).worker(worker),
        Decision::Queue { request } => Fields::new(68).request(request),
        Decision::Reject { request, reason } => Fields::new(69).request(request).reason(reason),
        Decision::RunOnCaller { request } => Fields::new(70).request(request),
        Decision::Park { worker } => Fields::new(71).worker(worker),
        Decision::Retire { worker } => Fields::new(72).worker(worker),
        Decision::Close { connection } => Fields::new(73).connection(connection),
        Decision::ArmTimer { timer, due } => Fields::new(74).timer(timer).time(due),
        Decision::Drained => Fields::new(75),
        Decision::Steal { worker } => Fields::new(76).worker(worker),
    }
}

fn of_machine(machine: Machine) -> Fields {
    match machine {
        Machine::Backlogged { request, route } => {
            Fields { route: Some(route), ..Fields::new(128).request(request) }
        }
        Machine::Dropped { request, route } => {
            Fields { route: Some(route), ..Fields::new(129).request(request) }
        }
        Machine::Abandoned { request } => Fields::new(130).request(request),
        Machine::Switched { worker, core } => Fields::new(131).worker(worker).core(core),
        Machine::CoreGiven { worker, core } => Fields::new(132).worker(worker).core(core),
        Machine::Preempted { worker, core } => Fields::new(133).worker(worker).core(core),
        Machine::CoreReleased { worker, core } => Fields::new(134).worker(worker).core(core),
        Machine::SharingBegun { worker } => Fields::new(135).worker(worker),
        Machine::SharingEnded { worker } => Fields::new(136).worker(worker),
        Machine::Pushed { request, worker, node } => Fields::new(137).part(request, worker, node),
        Machine::Popped { request, worker, node } => Fields::new(138).part(request, worker, node),
        Machine::Stolen { request, worker, victim, node } => {
            Fields { victim: victim.get(), ..Fields::new(139).part(request, worker, node) }
        }
        Machine::JoinBegun { request, worker, node } => {
            Fields::new(140).part(request, worker, node)
        }
        Machine::JoinEnded { request, worker, node } => {
            Fields::new(141).part(request, worker, node)
        }
    }
}

impl Fields {
    fn new(number: u8) -> Self {
        Self { number, ..Self::default() }
    }

    fn request(self, request: RequestId) -> Self {
        Self { request: request.0, ..self }
    }

    fn time(self, time: SimTime) -> Self {
        Self { request: time.as_nanos(), ..self }
    }

    fn worker(self, worker: WorkerId) -> Self {
        Self { worker: worker.get(), ..self }
    }

    fn connection(self, connection: ConnectionId) -> Self {
        Self { connection: connection.get(), ..self }
    }

    fn part(self, request: RequestId, worker: WorkerId, node: NodeId) -> Self {
        Self { connection: node.0, ..self.request(request).worker(worker) }
    }

    fn core(self, core: CoreId) -> Self {
        Self { core: core.0, ..self }
    }

    fn ending(self, ending: Ending) -> Self {
        let detail = match ending {
            Ending::KeepAlive => 1,
            Ending::Close => 2,
            Ending::Empty => 3,
            Ending::Incomplete => 4,
            Ending::Gone => 5,
        };
        Self { detail, ..self }
    }

    fn reason(self, reason: RejectReason) -> Self {
        let detail = match reason {
            RejectReason::QueueFull => 1,
            RejectReason::DroppedOldest => 2,
            RejectReason::SpawnFailed => 3,
            RejectReason::Draining => 4,
            RejectReason::DrainDeadline => 5,
        };
        Self { detail, ..self }
    }

    fn timer(self, timer: Timer) -> Self {
        let detail = match timer {
            Timer::DrainDeadline => 1,
            Timer::AcceptRetry => 2,
            Timer::SpawnRetry => 3,
        };
        Self { detail, ..self }
    }
}
