//! What can happen: everything a driver tells the scheduler.
//!
//! What only the computer knows (which thread has which core, what the kernel's backlog holds) is
//! not here: see [`crate::Machine`].

use serde::{Deserialize, Serialize};

use crate::{ConnectionId, RequestId, RouteId, SimTime, WorkerId};

/// Something that happened, as a driver reports it to [`crate::Scheduler::handle`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Stimulus {
    /// The server accepted a connection.
    ConnectionOpened {
        /// The lowest free number.
        connection: ConnectionId,
    },
    /// A request is there: in the simulation it stands complete; in a recording its connection
    /// became readable, and [`Stimulus::TaskFinished`] may yet say that no request was in it.
    RequestArrived {
        /// The next number.
        request: RequestId,
        /// Whose request; none for a job that a program gave to a pool.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connection: Option<ConnectionId>,
        /// What it asks for, where that is known before a thread has read it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        route: Option<RouteId>,
        /// The worker that noticed the arrival. If it is free it gets the request: it is awake.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen_by: Option<WorkerId>,
    },
    /// A worker is through with a request.
    TaskFinished {
        /// Which request.
        request: RequestId,
        /// Who ran it.
        worker: WorkerId,
        /// What was asked for, as far as is known by now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        route: Option<RouteId>,
        /// How it ended.
        ending: Ending,
    },
    /// A handler panicked: the request failed (500), the worker caught it and lives.
    TaskPanicked {
        /// Which request.
        request: RequestId,
        /// Who ran it.
        worker: WorkerId,
        /// Whether the connection is over with it.
        ending: Ending,
    },
    /// A handler began to sleep. It holds its thread, unless its model is a loop: there a timer
    /// will tell, and the loop goes on with something else.
    TaskBlocked {
        /// Which request.
        request: RequestId,
        /// Who runs it.
        worker: WorkerId,
        /// What was asked for, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        route: Option<RouteId>,
    },
    /// A handler's sleep is over. Under a loop it is ready for another turn; one that has nothing
    /// left to do needs none, and is reported as finished instead.
    TaskWoke {
        /// Which request.
        request: RequestId,
        /// Who runs it.
        worker: WorkerId,
    },
    /// A worker split its task: there is a part in its deque that an idle worker may steal.
    TaskForked {
        /// Whose task.
        request: RequestId,
        /// Who split it.
        worker: WorkerId,
    },
    /// A worker that stole is through with the stolen part, and free.
    TaskJoined {
        /// Whose part it was.
        request: RequestId,
        /// Who stole it.
        worker: WorkerId,
    },
    /// A worker that was to steal found nothing, and is free.
    StealFailed {
        /// Who looked.
        worker: WorkerId,
    },
    /// A thread asked for with [`crate::Decision::Spawn`] runs.
    WorkerStarted {
        /// Which worker.
        worker: WorkerId,
    },
    /// A worker's thread ended although nobody retired it.
    WorkerDied {
        /// Which worker.
        worker: WorkerId,
    },
    /// A thread asked for with [`crate::Decision::Spawn`] could not be had.
    SpawnFailed {
        /// Which worker.
        worker: WorkerId,
    },
    /// The system refused to accept (`EMFILE` and its kin).
    AcceptFailed,
    /// A client left, with or without an answer.
    PeerClosed {
        /// Which connection.
        connection: ConnectionId,
    },
    /// The server ended a connection that a limit ran out on, with no request in it.
    ConnectionExpired {
        /// Which connection.
        connection: ConnectionId,
    },
    /// A timer set with [`crate::Decision::ArmTimer`] is due.
    TimerDue {
        /// Which timer.
        timer: Timer,
    },
    /// The number of workers shall be another one.
    Resize {
        /// Workers from now on, 1..=1024.
        workers: u32,
    },
    /// The server shall stop: take nothing new, answer what it has.
    Drain {
        /// When what is left is given up.
        #[serde(rename = "deadline_ns")]
        deadline: SimTime,
    },
}

impl Stimulus {
    /// The worker whose thread this is about; none for what happens to the server.
    pub const fn worker(&self) -> Option<WorkerId> {
        match *self {
            Self::SpawnFailed { worker }
            | Self::StealFailed { worker }
            | Self::TaskBlocked { worker, .. }
            | Self::TaskFinished { worker, .. }
            | Self::TaskForked { worker, .. }
            | Self::TaskJoined { worker, .. }
            | Self::TaskPanicked { worker, .. }
            | Self::TaskWoke { worker, .. }
            | Self::WorkerDied { worker }
            | Self::WorkerStarted { worker } => Some(worker),
            Self::AcceptFailed
            | Self::ConnectionExpired { .. }
            | Self::ConnectionOpened { .. }
            | Self::Drain { .. }
            | Self::PeerClosed { .. }
            | Self::RequestArrived { .. }
            | Self::Resize { .. }
            | Self::TimerDue { .. } => None,
        }
    }
}

/// How a task ended, and what becomes of its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Answered; the connection stays for the next request.
    KeepAlive,
    /// Answered; the connection is over.
    Close,
    /// No byte was there: a turn without a request. The connection stays.
    Empty,
    /// A part of a request was there: a turn without a request. The connection stays, and a
    /// drain waits for the rest.
    Incomplete,
    /// No request was there and none will come: the connection is over.
    Gone,
}

impl Ending {
    /// Whether the connection stays open.
    pub const fn stays(self) -> bool {
        matches!(self, Self::KeepAlive | Self::Empty | Self::Incomplete)
    }

    /// Whether there was a request, which now has its outcome.
    pub const fn was_request(self) -> bool {
        matches!(self, Self::KeepAlive | Self::Close)
    }
}

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timer {
    /// The end of a drain.
    DrainDeadline,
    /// Time to try accepting again.
    AcceptRetry,
    /// Time to try again to replace a worker.
    SpawnRetry,
}
