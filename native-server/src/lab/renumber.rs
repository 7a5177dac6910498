//! Gives the requests of a recording other numbers, and its times another zero.

use scheduler_model::{Decision, Event, EventKind, Machine, RequestId, SimTime, Stimulus};

/// The request that an event is about, if it is about one.
pub(super) fn request_of(kind: &mut EventKind) -> Option<&mut RequestId> {
    match kind {
        EventKind::Stimulus(stimulus) => match stimulus {
            Stimulus::RequestArrived { request, .. }
            | Stimulus::TaskFinished { request, .. }
            | Stimulus::TaskPanicked { request, .. }
            | Stimulus::TaskBlocked { request, .. }
            | Stimulus::TaskWoke { request, .. }
            | Stimulus::TaskForked { request, .. }
            | Stimulus::TaskJoined { request, .. } => Some(request),
            Stimulus::ConnectionOpened { .. }
            | Stimulus::StealFailed { .. }
            | Stimulus::WorkerStarted { .. }
            | Stimulus::WorkerDied { .. }
            | Stimulus::SpawnFailed { .. }
            | Stimulus::AcceptFailed
            | Stimulus::PeerClosed { .. }
            | Stimulus::ConnectionExpired { .. }
            | Stimulus::TimerDue { .. }
            | Stimulus::Resize { .. }
            | Stimulus::Drain { .. } => None,
        },
        EventKind::Decision(decision) => match decision {
            Decision::Spawn { request, .. } => request.as_mut(),
            Decision::Assign { request, .. }
            | Decision::Queue { request }
            | Decision::Reject { request, .. }
            | Decision::RunOnCaller { request } => Some(request),
            Decision::StopAccepting
            | Decision::ResumeAccepting
            | Decision::Park { .. }
            | Decision::Steal { .. }
            | Decision::Retire { .. }
            | Decision::Close { .. }
            | Decision::ArmTimer { .. }
            | Decision::Drained => None,
        },
        EventKind::Machine(machine) => match machine {
            Machine::Backlogged { request, .. }
            | Machine::Dropped { request, .. }
            | Machine::Abandoned { request }
            | Machine::Pushed { request, .. }
            | Machine::Popped { request, .. }
            | Machine::Stolen { request, .. }
            | Machine::JoinBegun { request, .. }
            | Machine::JoinEnded { request, .. } => Some(request),
            Machine::Switched { .. }
            | Machine::CoreGiven { .. }
            | Machine::Preempted { .. }
            | Machine::CoreReleased { .. }
            | Machine::SharingBegun { .. }
            | Machine::SharingEnded { .. } => None,
        },
    }
}

/// The event on a clock that began `later` nanoseconds later; what was before that is at its zero.
pub(super) fn on_later_clock(mut event: Event, later: u64) -> Event {
    let moved = |at: SimTime| SimTime::from_nanos(at.as_nanos().saturating_sub(later));
    event.at = moved(event.at);
    match &mut event.kind {
        EventKind::Stimulus(Stimulus::Drain { deadline }) => *deadline = moved(*deadline),
        EventKind::Decision(Decision::ArmTimer { due, .. }) => *due = moved(*due),
        _ => {}
    }
    event
}
