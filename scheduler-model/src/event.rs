//! What was seen: a stimulus, a decision, or something only the computer knows, with its time.
//!
//! Everything that is shown, counted or checked is a fold over these. The file format is
//! in [`crate::trace`], the bytes a digest is made of in [`crate::Digest`].

use serde::{Deserialize, Serialize};

use crate::{CoreId, Decision, NodeId, RequestId, RouteId, ShardId, SimTime, Stimulus, WorkerId};

/// One event of a run. Its place in the run is its `seq`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When; never earlier than the event before it.
    pub at: SimTime,
    /// Whose scheduler heard or decided it: the loop under `sharded`, else 0.
    pub shard: ShardId,
    /// What.
    pub kind: EventKind,
}

impl Machine {
    /// The worker whose thread this is about; none for what happens in the kernel.
    pub const fn worker(&self) -> Option<WorkerId> {
        match *self {
            Self::Abandoned { .. } | Self::Backlogged { .. } | Self::Dropped { .. } => None,
            Self::CoreGiven { worker, .. }
            | Self::CoreReleased { worker, .. }
            | Self::JoinBegun { worker, .. }
            | Self::JoinEnded { worker, .. }
            | Self::Popped { worker, .. }
            | Self::Preempted { worker, .. }
            | Self::Pushed { worker, .. }
            | Self::SharingBegun { worker }
            | Self::SharingEnded { worker }
            | Self::Stolen { worker, .. }
            | Self::Switched { worker, .. } => Some(worker),
        }
    }
}

impl Event {
    /// An event of a server with one scheduler.
    pub const fn new(at: SimTime, kind: EventKind) -> Self {
        Self { at, shard: ShardId(0), kind }
    }
}

/// What kind of event, in the trace file's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// It happened.
    Stimulus(Stimulus),
    /// It followed.
    Decision(Decision),
    /// Only the computer knows of it.
    Machine(Machine),
}

/// What only a computer or a deque knows. The scheduler neither hears of it nor needs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Machine {
    /// A request arrived while the server was not accepting: the kernel's backlog holds it.
    Backlogged {
        /// The next number.
        request: RequestId,
        /// What it asks for.
        route: RouteId,
    },
    /// A request arrived and the kernel's backlog had no room, or nobody listens any more.
    Dropped {
        /// The next number.
        request: RequestId,
        /// What it asks for.
        route: RouteId,
    },
    /// A client left while its request was still in the kernel's backlog.
    Abandoned {
        /// Which request.
        request: RequestId,
    },
    /// A core switches to another thread, which costs time.
    Switched {
        /// To which worker's thread.
        worker: WorkerId,
        /// On which core.
        core: CoreId,
    },
    /// A thread runs on a core.
    CoreGiven {
        /// Which worker's thread.
        worker: WorkerId,
        /// On which core.
        core: CoreId,
    },
    /// A thread's quantum is over and another one wants the core: it waits for its next turn.
    Preempted {
        /// Which worker's thread.
        worker: WorkerId,
        /// From which core.
        core: CoreId,
    },
    /// A thread needs no core any more.
    CoreReleased {
        /// Which worker's thread.
        worker: WorkerId,
        /// Which core.
        core: CoreId,
    },
    /// A worker has split its task, and the right part lies at the back of its deque.
    Pushed {
        /// Whose part.
        request: RequestId,
        /// Whose deque.
        worker: WorkerId,
        /// Which part.
        node: NodeId,
    },
    /// A worker takes the newest part from the back of its own deque.
    Popped {
        /// Whose part.
        request: RequestId,
        /// Whose deque.
        worker: WorkerId,
        /// Which part.
        node: NodeId,
    },
    /// A worker takes the oldest part from the front of another one's deque.
    Stolen {
        /// Whose part.
        request: RequestId,
        /// Who takes it.
        worker: WorkerId,
        /// Whose deque it was in.
        victim: WorkerId,
        /// Which part.
        node: NodeId,
    },
    /// A worker cannot go on until another one is through with a part that it stole.
    JoinBegun {
        /// Whose part.
        request: RequestId,
        /// Who waits.
        worker: WorkerId,
        /// For which part.
        node: NodeId,
    },
    /// The part that a worker waited for is done: it goes on.
    JoinEnded {
        /// Whose part.
        request: RequestId,
        /// Who waited.
        worker: WorkerId,
        /// For which part.
        node: NodeId,
    },
    /// Under ideal processor sharing: a thread has its share of all cores from now on.
    SharingBegun {
        /// Which worker's thread.
        worker: WorkerId,
    },
    /// Under ideal processor sharing: a thread needs no share any more.
    SharingEnded {
        /// Which worker's thread.
        worker: WorkerId,
    },
}

/// A recording keeps every event: this bounds what a long one takes.
const _: () = assert!(size_of::<Event>() <= 40, "a recording takes at most 40 bytes an event");
