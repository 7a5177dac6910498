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

/// What is in an event, each in its place: bytes 8..32 of those that stand for it, as numbers.
#[derive(Clone, Copy)]
struct Fields {
    /// Bytes 8..16: number, detail, route, core or victim.
    first: u64,
    /// Bytes 16..24.
    request: u64,
    /// Bytes 24..32: worker and connection, or node.
    last: u64,
}

/// The bytes that stand for an event, and for no other.
#[inline]
fn canonical_bytes(event: &Event) -> [u8; 32] {
    let Fields { first, request, last } = match event.kind {
        EventKind::Stimulus(stimulus) => of_stimulus(stimulus),
        EventKind::Decision(decision) => of_decision(decision),
        EventKind::Machine(machine) => of_machine(machine),
    };
    // A theft has its victim in the place of the shard: fork-join has but one, 0.
    let first = first | u64::from(event.shard.0) << 48;
    let mut bytes = [0; 32];
    bytes[0..8].copy_from_slice(&event.at.as_nanos().to_le_bytes());
    bytes[8..16].copy_from_slice(&first.to_le_bytes());
    bytes[16..24].copy_from_slice(&request.to_le_bytes());
    bytes[24..32].copy_from_slice(&last.to_le_bytes());
    bytes
}

#[inline]
fn of_stimulus(stimulus: Stimulus) -> Fields {
    match stimulus {
        Stimulus::ConnectionOpened { connection } => Fields::new(1).connection(connection),
        Stimulus::RequestArrived { request, connection, route, seen_by } => {
            let connection = connection.map_or(0, ConnectionId::get);
            let seen_by = seen_by.map_or(0, WorkerId::get);
            Fields::new(2).request(request).route(route).last(seen_by, connection)
        }
        Stimulus::TaskFinished { request, worker, route, ending } => {
            Fields::new(3).request(request).worker(worker).route(route).ending(ending)
        }
        Stimulus::TaskPanicked { request, worker, ending } => {
            Fields::new(4).request(request).worker(worker).ending(ending)
        }
        Stimulus::TaskBlocked { request, worker, route } => {
            Fields::new(5).request(request).worker(worker).route(route)
        }
        Stimulus::TaskWoke { request, worker } => Fields::new(6).request(request).worker(worker),
        Stimulus::WorkerStarted { worker } => Fields::new(7).worker(worker),
        Stimulus::WorkerDied { worker } => Fields::new(8).worker(worker),
        Stimulus::SpawnFailed { worker } => Fields::new(9).worker(worker),
        Stimulus::AcceptFailed => Fields::new(10),
        Stimulus::PeerClosed { connection } => Fields::new(11).connection(connection),
        Stimulus::ConnectionExpired { connection } => Fields::new(12).connection(connection),
        Stimulus::TimerDue { timer } => Fields::new(13).timer(timer),
        Stimulus::Resize { workers } => Fields::new(14).last(workers, 0),
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
            Fields::new(66).worker(worker).request(request.unwrap_or(RequestId(0)))
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
            Fields::new(128).request(request).route(Some(route))
        }
        Machine::Dropped { request, route } => Fields::new(129).request(request).route(Some(route)),
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
            Fields::new(139).part(request, worker, node).victim(victim)
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
        Self { first: number.into(), request: 0, last: 0 }
    }

    fn request(self, request: RequestId) -> Self {
        Self { request: request.0, ..self }
    }

    fn time(self, time: SimTime) -> Self {
        Self { request: time.as_nanos(), ..self }
    }

    fn worker(self, worker: WorkerId) -> Self {
        self.last(worker.get(), 0)
    }

    fn connection(self, connection: ConnectionId) -> Self {
        self.last(0, connection.get())
    }

    fn part(self, request: RequestId, worker: WorkerId, node: NodeId) -> Self {
        self.request(request).last(worker.get(), node.0)
    }

    fn last(self, worker: u32, connection: u32) -> Self {
        Self { last: u64::from(worker) | u64::from(connection) << 32, ..self }
    }

    fn route(self, route: Option<RouteId>) -> Self {
        self.first(route.map_or(0, |route| 0x8000 | u64::from(route.0) << 16))
    }

    fn core(self, core: CoreId) -> Self {
        self.first(u64::from(core.0) << 32)
    }

    fn victim(self, victim: WorkerId) -> Self {
        self.first(u64::from(victim.get()) << 32)
    }

    fn ending(self, ending: Ending) -> Self {
        self.detail(match ending {
            Ending::KeepAlive => 1,
            Ending::Close => 2,
            Ending::Empty => 3,
            Ending::Incomplete => 4,
            Ending::Gone => 5,
        })
    }

    fn reason(self, reason: RejectReason) -> Self {
        self.detail(match reason {
            RejectReason::QueueFull => 1,
            RejectReason::DroppedOldest => 2,
            RejectReason::SpawnFailed => 3,
            RejectReason::Draining => 4,
            RejectReason::DrainDeadline => 5,
        })
    }

    fn timer(self, timer: Timer) -> Self {
        self.detail(match timer {
            Timer::DrainDeadline => 1,
            Timer::AcceptRetry => 2,
            Timer::SpawnRetry => 3,
        })
    }

    fn detail(self, detail: u64) -> Self {
        self.first(detail << 8)
    }

    fn first(self, bits: u64) -> Self {
        Self { first: self.first | bits, ..self }
    }
}
