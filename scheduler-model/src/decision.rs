//! What the scheduler can say: every effect a driver carries out.
//!
//! A decision is a fact about the model from the moment it is handed out. Its effect may still
//! fail, and then comes back as a stimulus (a spawn that failed).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ConnectionId, RequestId, SimTime, Timer, WorkerId};

/// Something that shall be done, as [`crate::Scheduler::poll`] hands it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Decision {
    /// Take nothing more: no connection from the kernel, no request from a parked one.
    StopAccepting,
    /// Take again.
    ResumeAccepting,
    /// Start a thread; a started or failed spawn is reported.
    Spawn {
        /// The number it will have.
        worker: WorkerId,
        /// The request it is for; none for a worker of a pool.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<RequestId>,
    },
    /// Let this worker run this request.
    Assign {
        /// Which request.
        request: RequestId,
        /// Which worker.
        worker: WorkerId,
    },
    /// Keep the request in the run queue.
    Queue {
        /// Which request.
        request: RequestId,
    },
    /// Answer 503.
    Reject {
        /// Which request.
        request: RequestId,
        /// Why.
        reason: RejectReason,
    },
    /// Let the caller of `execute` run the job itself.
    RunOnCaller {
        /// Which job.
        request: RequestId,
    },
    /// There is nothing for this worker: it may sleep until it is assigned something.
    Park {
        /// Which worker.
        worker: WorkerId,
    },
    /// This worker shall look for a part of some request in the others' deques.
    Steal {
        /// Which worker.
        worker: WorkerId,
    },
    /// This worker's thread shall end.
    Retire {
        /// Which worker.
        worker: WorkerId,
    },
    /// End a connection in which no request is in progress.
    Close {
        /// Which connection.
        connection: ConnectionId,
    },
    /// Report [`crate::Stimulus::TimerDue`] at that time; a timer armed anew forgets its old time.
    ArmTimer {
        /// Which timer.
        timer: Timer,
        /// When.
        #[serde(rename = "due_ns")]
        due: SimTime,
    },
    /// The drain is over: everything was answered or given up.
    Drained,
}

/// Why a request was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RejectReason {
    /// The run queue was full.
    QueueFull,
    /// It was the oldest in a full queue, and a newer request took its place.
    DroppedOldest,
    /// The thread it needed could not be had.
    SpawnFailed,
    /// It came when the server was about to stop.
    Draining,
    /// The drain's deadline came first.
    DrainDeadline,
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QueueFull => "queue-full",
            Self::DroppedOldest => "dropped-oldest",
            Self::SpawnFailed => "spawn-failed",
            Self::Draining => "draining",
            Self::DrainDeadline => "drain-deadline",
        })
    }
}
