//! What the world is made of: requests, connections, workers, cores, and counts of them.

use serde::{Deserialize, Serialize};

use crate::{ConnectionId, CoreId, RequestId, RouteId, SimTime, WorkerId};

/// A request in the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its number.
    pub id: RequestId,
    /// Its connection, once the server has accepted it.
    pub connection: Option<ConnectionId>,
    /// What it asks for, once that is known.
    pub route: Option<RouteId>,
    /// When it stood at the server's door.
    pub arrived: SimTime,
    /// When a thread first ran it.
    pub started: Option<SimTime>,
    /// Whether it had to wait for what its model waits for, once that is decided.
    pub waited: Option<bool>,
    /// Where it is.
    pub place: Place,
}

/// Where a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the kernel's backlog: the server does not accept.
    AcceptBacklog,
    /// With the server, which decides on it at this instant.
    Door,
    /// Its thread is being started.
    AwaitsThread(WorkerId),
    /// In the run queue.
    RunQueue,
    /// A worker has it.
    Assigned(WorkerId),
    /// Its handler sleeps on a timer of its loop, and holds no thread.
    Asleep {
        /// Whose loop.
        worker: WorkerId,
        /// Since when.
        since: SimTime,
    },
}

/// An open connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Its number.
    pub id: ConnectionId,
    /// When the server accepted it.
    pub opened: SimTime,
    /// The request in progress; none while it is parked.
    pub request: Option<RequestId>,
    /// Whether a part of a request has come, and a drain waits for the rest.
    pub(crate) begun: bool,
    /// Under `spawn`, the thread that runs its requests and no others.
    pub(crate) thread: Option<WorkerId>,
}

/// A thread that runs requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worker {
    /// Its number.
    pub id: WorkerId,
    /// What it does.
    pub state: WorkerState,
    /// The request it holds. One that the world no longer knows has lost its client, and is run
    /// to its end for nobody.
    pub request: Option<RequestId>,
    /// Whether that request is another worker's, and this one runs a part that it stole.
    pub helps: bool,
    /// Since when it is in this state.
    pub since: SimTime,
    /// The core it runs on.
    pub core: Option<CoreId>,
    /// Under `spawn`, the connection whose requests it runs.
    pub(crate) connection: Option<ConnectionId>,
}

/// What a worker does, in tokio-console's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerState {
    /// Its thread is being started.
    Starting,
    /// It has nothing to do.
    Idle,
    /// It has a request and waits to be dispatched or for a core.
    Scheduled,
    /// It runs.
    Busy,
    /// It sleeps in a handler.
    Blocked,
    /// It waits until another worker is through with a part of its request.
    Joining,
}

/// What a core does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Core {
    /// Nothing.
    Free,
    /// It changes to this worker's thread.
    Switching(WorkerId),
    /// It runs this worker's thread.
    Running(WorkerId),
    /// Under ideal processor sharing: it serves all threads that run.
    Shared,
}

/// How a request ended. Every request ends in exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// With an answer.
    Answered,
    /// With 500: its handler panicked, or its worker died.
    Failed,
    /// With 503.
    Rejected,
    /// In the kernel, without a trace at the server.
    Dropped,
    /// Its client left first.
    Lost,
}

/// A request that has just left the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departure {
    /// What is known of it.
    pub request: Request,
    /// When it left.
    pub at: SimTime,
    /// How.
    pub outcome: Outcome,
}

/// What is counted, over the whole run and at this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events so far.
    pub events: u64,
    /// Requests that arrived.
    pub arrived: u64,
    /// Requests answered.
    pub answered: u64,
    /// Requests that failed.
    pub failed: u64,
    /// Requests rejected.
    pub rejected: u64,
    /// Requests dropped by the kernel.
    pub dropped: u64,
    /// Requests whose client left.
    pub lost: u64,
    /// Turns of a worker in which no complete request was found: these are not requests.
    pub turns_without_request: u64,
    /// Requests in the system now.
    pub in_system: u64,
    /// Requests on which a decision is due at this instant.
    pub at_door: u64,
    /// Workers that exist and have nothing to do now.
    pub idle: u64,
    /// Threads that are being started now.
    pub starting: u64,
    /// Workers that hold a request now.
    pub held: u64,
    /// Cores at work for some thread now.
    pub cores_busy: u64,
    /// Threads that share all cores now, under ideal processor sharing.
    pub sharing: u64,
    /// The most threads that existed at once.
    pub threads_peak: u64,
    /// The most requests the run queue held at once.
    pub run_queue_peak: u64,
    /// Parts of requests that another worker took.
    pub steals: u64,
    /// Times the system refused to accept.
    pub accept_failures: u64,
}

impl Outcome {
    /// Its name, as figures and exports have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Dropped => "dropped",
            Self::Lost => "lost",
        }
    }
}

impl Request {
    pub(super) const fn arriving(id: RequestId, at: SimTime, place: Place) -> Self {
        Self { id, connection: None, route: None, arrived: at, started: None, waited: None, place }
    }
}

impl Worker {
    pub(super) const fn new(id: WorkerId, state: WorkerState) -> Self {
        Self {
            id,
            state,
            request: None,
            helps: false,
            since: SimTime::ZERO,
            core: None,
            connection: None,
        }
    }
}

impl Counts {
    pub(super) fn starting_with(workers: usize) -> Self {
        let workers = workers as u64;
        Self { idle: workers, threads_peak: workers, ..Self::default() }
    }

    pub(super) const fn leave(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Answered => self.answered += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Rejected => self.rejected += 1,
            Outcome::Dropped => self.dropped += 1,
            Outcome::Lost => self.lost += 1,
        }
    }

    /// Requests that have had their outcome.
    pub const fn left(&self) -> u64 {
        self.answered + self.failed + self.rejected + self.dropped + self.lost
    }
}

impl std::fmt::Display for WorkerState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Starting => "starting",
            Self::Idle => "idle",
            Self::Scheduled => "scheduled",
            Self::Busy => "busy",
            Self::Blocked => "blocked",
            Self::Joining => "joining",
        })
    }
}
