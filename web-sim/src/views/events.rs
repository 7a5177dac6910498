//! What an event is about, with the names that a sentence on it needs; and the events around the
//! cursor, as a table.

use scheduler_model::{
    Decision, Ending, EventKind, Machine, Model, RejectReason, RequestId, SimTime, Stimulus, Timer,
    WorkerId,
};

use super::{RunName, ThreadName};
use crate::player::{LastEvent, Player};
use crate::run::Run;

/// What happened, by one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Happened {
    /// In which run; told only where several are shown.
    pub(crate) run: Option<RunName>,
    /// The path asked for, where it is known.
    pub(crate) path: String,
    pub(crate) what: What,
}

/// What an event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Opened { connection: u32 },
    Arrived { request: RequestId },
    Finished { request: RequestId, thread: ThreadName },
    FoundNoRequest { thread: ThreadName },
    Panicked { request: RequestId, thread: ThreadName },
    Blocked { request: RequestId, thread: ThreadName },
    Woke { request: RequestId, thread: ThreadName },
    Started { thread: ThreadName },
    Died { thread: ThreadName },
    SpawnFailed { thread: ThreadName },
    AcceptFailed,
    PeerClosed { connection: u32 },
    Expired { connection: u32 },
    TimerDue { timer: Timer },
    Resize { workers: u32 },
    Drain,
    StopAccepting,
    ResumeAccepting,
    Spawn { thread: ThreadName, request: Option<RequestId> },
    Assign { request: RequestId, thread: ThreadName },
    Queue { request: RequestId },
    Reject { request: RequestId, reason: RejectReason },
    RunOnCaller { request: RequestId },
    Park { thread: ThreadName },
    Retire { thread: ThreadName },
    Close { connection: u32 },
    ArmTimer { timer: Timer },
    Drained,
    Backlogged { request: RequestId },
    Dropped { request: RequestId },
    Abandoned { request: RequestId },
    Forked { request: RequestId, thread: ThreadName },
    Joined { request: RequestId, thread: ThreadName },
    FoundNothing { thread: ThreadName },
    Steal { thread: ThreadName },
    Pushed { request: RequestId, thread: ThreadName },
    Popped { request: RequestId, thread: ThreadName },
    Stolen { request: RequestId, thread: ThreadName, victim: ThreadName },
    JoinBegun { request: RequestId, thread: ThreadName },
    JoinEnded { request: RequestId, thread: ThreadName },
    Slept { request: RequestId },
    Switched { thread: ThreadName, core: u16 },
    CoreGiven { thread: ThreadName, core: u16 },
    Preempted { thread: ThreadName, core: u16 },
    CoreReleased { thread: ThreadName, core: u16 },
    SharingBegun { thread: ThreadName },
    SharingEnded { thread: ThreadName },
}

/// A line of the table of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventRow {
    /// Its step, from 1.
    pub(crate) step: usize,
    /// Its `seq` in its own run.
    pub(crate) seq: usize,
    pub(crate) at: SimTime,
    pub(crate) happened: Happened,
    /// Whether it is the one that led here.
    pub(crate) is_last: bool,
}

/// What led here; `None` before the first event.
pub(crate) fn last(player: &Player) -> Option<Happened> {
    player.last_event().map(|place| happened(player, place))
}

/// The events around the cursor.
pub(crate) fn around(player: &Player) -> Vec<EventRow> {
    let cursor = player.cursor();
    let to = (cursor + ROWS / 2).max(ROWS).min(player.n_steps());
    let from = to.saturating_sub(ROWS);
    (from..to)
        .filter_map(|step| {
            let place = player.event_at(step)?;
            Some(EventRow {
                step: step + 1,
                seq: place.index + 1,
                at: player.event(place).at,
                happened: happened(player, place),
                is_last: step + 1 == cursor,
            })
        })
        .collect()
}

fn happened(player: &Player, place: LastEvent) -> Happened {
    let run = &player.runs()[place.run];
    let what = what(run.model(), &player.event(place).kind);
    let path = what.request().map(|request| path_of(run, request)).unwrap_or_default();
    Happened { run: (player.runs().len() > 1).then(|| RunName::of(run)), path, what }
}

/// What a request asks for; empty where a recording has not told it.
pub(crate) fn path_of(run: &Run, request: RequestId) -> String {
    let route = run.history().request(request).and_then(|life| life.route);
    route.and_then(|route| run.scenario().path(route)).unwrap_or_default().to_owned()
}

fn what(model: Model, kind: &EventKind) -> What {
    let thread = |worker: WorkerId| ThreadName::of(model, worker);
    match *kind {
        EventKind::Stimulus(stimulus) => match stimulus {
            Stimulus::ConnectionOpened { connection } => {
                What::Opened { connection: connection.get() }
            }
            Stimulus::RequestArrived { request, .. } => What::Arrived { request },
            Stimulus::TaskFinished { worker, ending, .. }
                if !matches!(ending, Ending::KeepAlive | Ending::Close) =>
            {
                What::FoundNoRequest { thread: thread(worker) }
            }
            Stimulus::TaskFinished { request, worker, .. } => {
                What::Finished { request, thread: thread(worker) }
            }
            Stimulus::TaskPanicked { request, worker, .. } => {
                What::Panicked { request, thread: thread(worker) }
            }
            Stimulus::TaskBlocked { request, .. } if model.is_loop() => What::Slept { request },
            Stimulus::TaskBlocked { request, worker, .. } => {
                What::Blocked { request, thread: thread(worker) }
            }
            Stimulus::TaskWoke { request, worker } => {
                What::Woke { request, thread: thread(worker) }
            }
            Stimulus::TaskForked { request, worker } => {
                What::Forked { request, thread: thread(worker) }
            }
            Stimulus::TaskJoined { request, worker } => {
                What::Joined { request, thread: thread(worker) }
            }
            Stimulus::StealFailed { worker } => What::FoundNothing { thread: thread(worker) },
            Stimulus::WorkerStarted { worker } => What::Started { thread: thread(worker) },
            Stimulus::WorkerDied { worker } => What::Died { thread: thread(worker) },
            Stimulus::SpawnFailed { worker } => What::SpawnFailed { thread: thread(worker) },
            Stimulus::AcceptFailed => What::AcceptFailed,
            Stimulus::PeerClosed { connection } => {
                What::PeerClosed { connection: connection.get() }
            }
            Stimulus::ConnectionExpired { connection } => {
                What::Expired { connection: connection.get() }
            }
            Stimulus::TimerDue { timer } => What::TimerDue { timer },
            Stimulus::Resize { workers } => What::Resize { workers },
            Stimulus::Drain { .. } => What::Drain,
        },
        EventKind::Decision(decision) => match decision {
            Decision::StopAccepting => What::StopAccepting,
            Decision::ResumeAccepting => What::ResumeAccepting,
            Decision::Spawn { worker, request } => What::Spawn { thread: thread(worker), request },
            Decision::Assign { request, worker } => {
                What::Assign { request, thread: thread(worker) }
            }
            Decision::Queue { request } => What::Queue { request },
            Decision::Reject { request, reason } => What::Reject { request, reason },
            Decision::RunOnCaller { request } => What::RunOnCaller { request },
            Decision::Steal { worker } => What::Steal { thread: thread(worker) },
            Decision::Park { worker } => What::Park { thread: thread(worker) },
            Decision::Retire { worker } => What::Retire { thread: thread(worker) },
            Decision::Close { connection } => What::Close { connection: connection.get() },
            Decision::ArmTimer { timer, .. } => What::ArmTimer { timer },
            Decision::Drained => What::Drained,
        },
        EventKind::Machine(machine) => match machine {
            Machine::Backlogged { request, .. } => What::Backlogged { request },
            Machine::Dropped { request, .. } => What::Dropped { request },
            Machine::Abandoned { request } => What::Abandoned { request },
            Machine::Switched { worker, core } => {
                What::Switched { thread: thread(worker), core: core.0 }
            }
            Machine::CoreGiven { worker, core } => {
                What::CoreGiven { thread: thread(worker), core: core.0 }
            }
            Machine::Preempted { worker, core } => {
                What::Preempted { thread: thread(worker), core: core.0 }
            }
            Machine::CoreReleased { worker, core } => {
                What::CoreReleased { thread: thread(worker), core: core.0 }
            }
            Machine::Pushed { request, worker, .. } => {
                What::Pushed { request, thread: thread(worker) }
            }
            Machine::Popped { request, worker, .. } => {
                What::Popped { request, thread: thread(worker) }
            }
            Machine::Stolen { request, worker, victim, .. } => {
                What::Stolen { request, thread: thread(worker), victim: thread(victim) }
            }
            Machine::JoinBegun { request, worker, .. } => {
                What::JoinBegun { request, thread: thread(worker) }
            }
            Machine::JoinEnded { request, worker, .. } => {
                What::JoinEnded { request, thread: thread(worker) }
            }
            Machine::SharingBegun { worker } => What::SharingBegun { thread: thread(worker) },
            Machine::SharingEnded { worker } => What::SharingEnded { thread: thread(worker) },
        },
    }
}

impl What {
    /// The request it is about.
    pub(crate) const fn request(self) -> Option<RequestId> {
        match self {
            Self::Arrived { request }
            | Self::Finished { request, .. }
            | Self::Panicked { request, .. }
            | Self::Blocked { request, .. }
            | Self::Woke { request, .. }
            | Self::Assign { request, .. }
            | Self::Queue { request }
            | Self::Reject { request, .. }
            | Self::RunOnCaller { request }
            | Self::Backlogged { request }
            | Self::Dropped { request }
            | Self::Abandoned { request }
            | Self::Forked { request, .. }
            | Self::Joined { request, .. }
            | Self::Pushed { request, .. }
            | Self::Popped { request, .. }
            | Self::Stolen { request, .. }
            | Self::JoinBegun { request, .. }
            | Self::JoinEnded { request, .. }
            | Self::Slept { request } => Some(request),
            Self::Spawn { request, .. } => request,
            _ => None,
        }
    }
}

/// Lines of the table of events.
const ROWS: usize = 24;
