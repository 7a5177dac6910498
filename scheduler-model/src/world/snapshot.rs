//! A run at one moment of it, as data: what the rest of the run can be followed from.
//!
//! It is all of a [`World`] that cannot be computed from the rest of it, so that little of it can
//! contradict itself; what still can is looked at when it is [read](restore). The schedulers' states
//! are not in it, for they follow from the world: [`crate::Scheduler::resumed`].

mod restore;

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use super::parts::Hand;
use super::{Connection, Core, Place, Request, Shard, Violation, Worker, WorkerState, World};
use crate::{ConnectionId, RequestId, RouteId, ShardId, SimTime, Timer, TraceHeader, WorkerId};

pub(crate) use restore::Contradiction;

/// The state of a run between two stimuli.
///
/// Two are equal when nothing that is seen, decided or counted after them can differ. Clones are
/// cheap.
#[derive(Clone, Debug)]
pub struct Snapshot(Arc<World>);

impl Snapshot {
    /// The state of this world, when every decision on its last stimulus is in it.
    ///
    /// # Errors
    ///
    /// [`Violation`] when a decision is missing, as far as that can be seen.
    pub fn new(world: World) -> Result<Self, Violation> {
        world.check_all_settled()?;
        Ok(Self(Arc::new(world)))
    }

    /// The world in that state.
    pub fn world(&self) -> &World {
        &self.0
    }

    /// The number of the event that comes next.
    pub fn next_seq(&self) -> u64 {
        self.0.counts.events + 1
    }

    /// A world that was one between two stimuli before, in another part of the program.
    pub(crate) fn again(world: World) -> Self {
        Self(Arc::new(world))
    }

    /// What a line of a file says, if that can be the state of the run which `header` describes.
    pub(crate) fn read(header: &TraceHeader, written: &Written) -> Result<Self, Contradiction> {
        restore::world(header, written).map(|world| Self(Arc::new(world)))
    }
}

impl PartialEq for Snapshot {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || Written::of(&self.0) == Written::of(&other.0)
    }
}

impl Serialize for Snapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written::of(&self.0).serialize(serializer)
    }
}

/// A snapshot in a file's words. What it leaves out (how many are idle, who is in which request) is
/// counted when it is read.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    /// The last event before it.
    seq: u64,
    at_ns: SimTime,
    counts: Totals,
    /// As the last resize said.
    workers_wanted: u32,
    shards: Vec<OfShard>,
    /// Those in the system, oldest first.
    requests: Vec<OfRequest>,
    workers: Vec<OfWorker>,
    #[serde(default, skip_serializing_if = "is_default")]
    splits: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cores: Vec<Core>,
    #[serde(default, skip_serializing_if = "is_default")]
    sharing: u64,
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    accept_backlog: VecDeque<RequestId>,
}

/// What was counted since the run began.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Totals {
    answered: u64,
    failed: u64,
    rejected: u64,
    dropped: u64,
    lost: u64,
    turns_without_request: u64,
    threads_peak: u64,
    run_queue_peak: u64,
    steals: u64,
    accept_failures: u64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfShard {
    accepting: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    drain_ns: Option<SimTime>,
    drained: bool,
    timers: Vec<Armed>,
    connections: Vec<OfConnection>,
    run_queue: VecDeque<RequestId>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Armed {
    timer: Timer,
    due_ns: SimTime,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfConnection {
    id: ConnectionId,
    opened_ns: SimTime,
    #[serde(default, skip_serializing_if = "is_default")]
    begun: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thread: Option<WorkerId>,
}

/// Where it is follows from the queues, and otherwise from its worker: one that is being started is
/// awaited, and one in whose loop it sleeps has let it go.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfRequest {
    id: RequestId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    connection: Option<ConnectionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    route: Option<RouteId>,
    arrived_ns: SimTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started_ns: Option<SimTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    waited: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    worker: Option<WorkerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asleep_since_ns: Option<SimTime>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfWorker {
    id: WorkerId,
    state: WorkerState,
    since_ns: SimTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request: Option<RequestId>,
    #[serde(default, skip_serializing_if = "is_default")]
    helps: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    hand: Hand,
}

impl Written {
    pub(crate) fn of(world: &World) -> Self {
        let counts = &world.counts;
        Self {
            seq: counts.events,
            at_ns: world.now,
            counts: Totals {
                answered: counts.answered,
                failed: counts.failed,
                rejected: counts.rejected,
                dropped: counts.dropped,
                lost: counts.lost,
                turns_without_request: counts.turns_without_request,
                threads_peak: counts.threads_peak,
                run_queue_peak: counts.run_queue_peak,
                steals: counts.steals,
                accept_failures: counts.accept_failures,
            },
            workers_wanted: world.workers_wanted,
            shards: world.shards.iter().map(OfShard::of).collect(),
            requests: world.requests().map(OfRequest::of).collect(),
            workers: world.workers().map(|worker| OfWorker::of(worker, world)).collect(),
            splits: world.parts.splits,
            cores: world.cores.clone(),
            sharing: counts.sharing,
            accept_backlog: world.accept_backlog.clone(),
        }
    }
}

impl OfShard {
    fn of(shard: &Shard) -> Self {
        let timers = [Timer::DrainDeadline, Timer::AcceptRetry, Timer::SpawnRetry];
        let armed = |timer| shard.timer(timer).map(|due_ns| Armed { timer, due_ns });
        Self {
            accepting: shard.accepting,
            drain_ns: shard.drain,
            drained: shard.drained,
            timers: timers.into_iter().filter_map(armed).collect(),
            connections: shard.connections().map(OfConnection::of).collect(),
            run_queue: shard.run_queue.clone(),
        }
    }
}

impl OfConnection {
    const fn of(connection: &Connection) -> Self {
        Self {
            id: connection.id,
            opened_ns: connection.opened,
            begun: connection.begun,
            thread: connection.thread,
        }
    }
}

impl OfRequest {
    fn of(request: &Request) -> Self {
        let (worker, asleep_since_ns) = match request.place {
            Place::Assigned(worker) | Place::AwaitsThread(worker) => (Some(worker), None),
            Place::Asleep { worker, since } => (Some(worker), Some(since)),
            Place::AcceptBacklog | Place::Door | Place::RunQueue => (None, None),
        };
        Self {
            id: request.id,
            connection: request.connection,
            route: request.route,
            arrived_ns: request.arrived,
            started_ns: request.started,
            waited: request.waited,
            worker,
            asleep_since_ns,
        }
    }
}

impl OfWorker {
    fn of(worker: &Worker, world: &World) -> Self {
        Self {
            id: worker.id,
            state: worker.state,
            since_ns: worker.since,
            request: worker.request,
            helps: worker.helps,
            hand: world.parts.of_worker(worker.id),
        }
    }
}

impl World {
    /// As [`World::check_settled`], of every shard.
    fn check_all_settled(&self) -> Result<(), Violation> {
        let ids = (0..self.shards.len()).map(ShardId::from_index);
        ids.into_iter().try_for_each(|shard| self.check_settled_in(shard))
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
