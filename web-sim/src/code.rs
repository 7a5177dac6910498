//! The real server's source, and which line of it each thread is at.
//!
//! The files are the server's own, put beside the page as they are and fetched when somebody opens the
//! panel. A comment `// code: NAME` stands before a function that is shown, and `// mark: NAME` before
//! a line of it that can be lit. Which marks a model's threads and decisions light is said here; a test
//! goes through the server's files and fails for a mark that is missing, doubled or used by nobody.

mod source;

use scheduler_model::{Decision, Model, WorkerState};

pub(crate) use source::Source;

/// A file of the server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum File {
    Decisions,
    EventLoop,
    ForkJoin,
    Poller,
    Turns,
    Worker,
}

/// A function that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) file: File,
    pub(crate) name: &'static str,
}

/// A line that can be lit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) region: Region,
    pub(crate) name: &'static str,
}

impl File {
    /// All of them.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 6] =
        [Self::Decisions, Self::EventLoop, Self::ForkJoin, Self::Poller, Self::Turns, Self::Worker];

    /// Its name beside the page, and in or below `native-server/src/serve`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Decisions => "decisions.rs",
            Self::EventLoop => "event_loop.rs",
            Self::ForkJoin => "fork_join.rs",
            Self::Poller => "poller.rs",
            Self::Turns => "turns.rs",
            Self::Worker => "worker.rs",
        }
    }
}

/// What is shown of a model, in the order in which a request comes through it.
pub(crate) const fn regions(model: Model) -> &'static [Region] {
    match model {
        Model::Single => &[POLL, DECISIONS, ONLY_THREAD, ANSWER, SLEEP],
        Model::Spawn => &[POLL, DECISIONS, OWN_THREAD, ANSWER, SLEEP],
        Model::Pool => &[POLL, DECISIONS, TEAM, ANSWER, SLEEP],
        Model::ForkJoin => &[POLL, DECISIONS, WORKER, ANSWER, SLEEP, PARTS, JOIN],
        Model::Async | Model::Sharded => &[POLL, DECISIONS, TURN, SUSPEND],
    }
}

/// Where a thread in this state is; nowhere that is shown while it is being started.
pub(crate) const fn at(model: Model, state: WorkerState, in_part: bool) -> Option<Mark> {
    let is_loop = model.is_loop();
    Some(match (model, state) {
        (_, WorkerState::Starting) => return None,
        (Model::Single | Model::Async | Model::Sharded, WorkerState::Idle) => POLL.mark("waits"),
        (Model::Spawn, WorkerState::Idle) => OWN_THREAD.mark("waits"),
        (Model::Pool, WorkerState::Idle) => TEAM.mark("waits"),
        (_, WorkerState::Idle) => WORKER.mark("waits"),
        (_, WorkerState::Joining) => JOIN.mark("joins"),
        (_, WorkerState::Blocked) => SLEEP.mark("sleeps"),
        (Model::ForkJoin, _) if in_part => PARTS.mark("runs"),
        (_, WorkerState::Scheduled | WorkerState::Busy) if is_loop => TURN.mark("runs"),
        (_, WorkerState::Scheduled | WorkerState::Busy) => ANSWER.mark("runs"),
    })
}

/// Where a poller waits for the kernel, and accepts after that.
pub(crate) const fn polls() -> Mark {
    POLL.mark("waits")
}

/// Where a request sleeps on a timer.
pub(crate) const fn on_timer() -> Mark {
    SUSPEND.mark("sleeps")
}

/// Where a decision on a request is carried out; what is said of connections and timers is not lit.
pub(crate) const fn carried_out(decision: &Decision) -> Option<Mark> {
    Some(DECISIONS.mark(match decision {
        Decision::Assign { .. } => "assign",
        Decision::Queue { .. } => "queue",
        Decision::Reject { .. } => "reject",
        Decision::Spawn { .. } => "spawn",
        _ => return None,
    }))
}

impl Region {
    const fn of(file: File, name: &'static str) -> Self {
        Self { file, name }
    }

    const fn mark(self, name: &'static str) -> Mark {
        Mark { region: self, name }
    }
}

const ANSWER: Region = Region::of(File::Worker, "answer");
const DECISIONS: Region = Region::of(File::Decisions, "decisions");
const JOIN: Region = Region::of(File::ForkJoin, "join");
const ONLY_THREAD: Region = Region::of(File::Worker, "only-thread");
const OWN_THREAD: Region = Region::of(File::Worker, "own-thread");
const PARTS: Region = Region::of(File::ForkJoin, "parts");
const POLL: Region = Region::of(File::Poller, "poll");
const SLEEP: Region = Region::of(File::Worker, "sleep");
const SUSPEND: Region = Region::of(File::EventLoop, "suspend");
const TEAM: Region = Region::of(File::Turns, "team");
const TURN: Region = Region::of(File::EventLoop, "turn");
const WORKER: Region = Region::of(File::Worker, "worker");

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
