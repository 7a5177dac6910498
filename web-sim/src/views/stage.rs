//! The stage: where every request and every thread is at this moment, one row a model.
//!
//! A row shows the first few of everything and counts the rest, so that a thousand connections
//! cost as little to draw as ten.

mod row;

use scheduler_model::{Outcome, RequestId, SimTime, Span, WorkerState};

use super::{RunName, ThreadName};
use crate::player::Player;

/// What happens under one model.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) name: RunName,
    pub(crate) n_threads: u64,
    /// How many workers a pool is to have, also while they start and after they are gone.
    pub(crate) workers: u64,
    pub(crate) stack_kib: u64,
    pub(crate) clients: Clients,
    /// None in a recording, which does not see the kernel.
    pub(crate) backlog: Option<Line>,
    pub(crate) acceptor: Acceptor,
    /// None under a model that has no run queue.
    pub(crate) queue: Option<Line>,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) more_lanes: Option<Tally>,
    /// None in a recording, which does not see the cores.
    pub(crate) cores: Option<Cores>,
    pub(crate) left: Left,
}

/// Those who ask.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Clients {
    /// The oldest in the system.
    pub(crate) shown: Vec<Client>,
    /// How many more wait, and how many more are served.
    pub(crate) more_waiting: u64,
    pub(crate) more_served: u64,
    /// The next to come.
    pub(crate) next: Vec<Upcoming>,
}

/// A request in the system, as its client sees it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Client {
    pub(crate) request: RequestId,
    pub(crate) path: String,
    pub(crate) mark: Mark,
    /// How long it has waited, or has been served since.
    pub(crate) time: Span,
}

/// A request that will come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Upcoming {
    pub(crate) request: RequestId,
    pub(crate) path: String,
    pub(crate) at: SimTime,
}

/// The shape of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Blocked,
    Busy,
    Scheduled,
    Waiting,
}

/// Requests in a line, the next one first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Line {
    pub(crate) shown: Vec<RequestId>,
    pub(crate) n: u64,
    /// How many it may hold.
    pub(crate) max: Option<u64>,
}

/// What the thread that accepts connections does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acceptor {
    /// It waits for the next connection.
    Accepts,
    /// It answers a request itself, and nobody accepts meanwhile.
    Answers,
    /// Its server is full, and it stops taking.
    Stopped,
    Draining,
    Drained,
}

/// A thread.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lane {
    pub(crate) thread: ThreadName,
    pub(crate) state: WorkerState,
    pub(crate) request: Option<RequestId>,
    pub(crate) path: String,
    /// How much of what it does now is done, 0..=1, and how long the rest takes.
    pub(crate) progress: f64,
    pub(crate) left: Option<Span>,
    pub(crate) core: Option<u32>,
    pub(crate) holds: Holds,
}

/// What a thread keeps beside the request it runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Holds {
    /// A worker's deque: so many parts that others may steal. It `helps` where what it runs is a
    /// part it stole.
    Deque { parts: u64, helps: bool },
    /// A loop's ready list, the requests whose handlers sleep on its timers, and how many
    /// connections are its own.
    Loop { ready: Line, timers: Line, connections: u64 },
    /// Nothing.
    #[default]
    Nothing,
}

/// Threads that are counted, not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) n: u64,
    pub(crate) blocked: u64,
    pub(crate) busy: u64,
    pub(crate) idle: u64,
    pub(crate) scheduled: u64,
}

/// The cores of the simulated computer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cores {
    pub(crate) shown: Vec<Core>,
    /// How many more there are, and how many of those are at work.
    pub(crate) more: (u64, u64),
    /// Under ideal processor sharing: how many threads share them.
    pub(crate) sharing: Option<u64>,
    pub(crate) n: u64,
}

/// A core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Core {
    Free,
    Running(ThreadName),
    Shared,
    Switching(ThreadName),
}

/// Requests that have had their outcome.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Left {
    /// The last ones, the newest first, with how long they were in the system.
    pub(crate) newest: Vec<(RequestId, Outcome, Span)>,
    /// How many, by outcome; none that is 0.
    pub(crate) counts: Vec<(Outcome, u64)>,
}

/// All rows at this moment.
pub(crate) fn rows(player: &Player) -> Vec<Row> {
    let rows = player.rows().enumerate();
    rows.map(|(row, (run, world))| row::row(run, world, player.done_of(row), player.moment()))
        .collect()
}

/// Threads shown one by one, if there are no more; else fewer, and the rest is counted.
const LANES_MAX: usize = 8;
const LANES_OF_MANY: usize = 6;
/// The same of loops, which are twice as high.
const LOOPS_MAX: usize = 5;
const LOOPS_OF_MANY: usize = 4;
/// Clients shown one by one, and those to come.
const CLIENTS_MAX: usize = 5;
const UPCOMING_MAX: usize = 3;
/// Requests of a line shown one by one, if there are no more; else fewer.
const LINE_MAX: usize = 6;
const LINE_OF_MANY: usize = 4;
/// Cores shown one by one.
const CORES_MAX: usize = 8;
/// Requests in a loop's ready list shown one by one, and those on its timers.
const READY_MAX: usize = 3;
const TIMERS_MAX: usize = 2;
/// Departures shown one by one.
const LEFT_MAX: usize = 5;
