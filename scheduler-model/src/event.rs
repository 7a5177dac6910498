//! What was seen: a stimulus, a decision, or something only the computer knows, with its time.
//!
//! Everything that is shown, counted or checked is a fold over these. The file format is
//! in [`crate::trace`], the bytes a digest is made of in [`crate::Digest`].

use serde::{Deserialize, Serialize};

use crate::{CoreId, Decision, RequestId, RouteId, SimTime, Stimulus, WorkerId};

/// One event of a run. Its place in the run is its `seq`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When; never earlier than the event before it.
    pub at: SimTime,
    /// What.
    pub kind: EventKind,
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

/// What the simulated computer did. The scheduler neither hears of it nor needs to.
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
