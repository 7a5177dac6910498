//! What one request waited for, from its arrival to the start of its service: the model's stretches,
//! put together where they are alike. Who waits at a moment is the business of the views.

use scheduler_model::{Cause, Episode, RequestId, Span, waiting_from};

use super::{Life, Phase, Run};

/// What a request waited for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Waited {
    /// How long in all.
    pub(crate) total: Span,
    /// The longest parts, in the order in which they began. None where the waiting is too long to
    /// be gone through.
    pub(crate) parts: Vec<Part>,
    /// How long it waited for anything else.
    pub(crate) others: Span,
}

/// All the time that a request waited for one and the same chain of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) length: Span,
    /// Why the request itself waited.
    pub(crate) own: CauseKind,
    /// The request that had what it waited for, and why that one was where it was; and so on.
    pub(crate) links: Vec<(RequestId, CauseKind)>,
}

/// Why a request is where it is, in a word: the model's [`Cause`] without its details.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CauseKind {
    Asleep,
    Dispatched,
    Joining,
    NotAccepting,
    OnTimer,
    Running,
    ThreadStarting,
    WaitsForCore,
    WaitsForWorker,
}

impl Waited {
    /// Goes through the waiting once.
    pub(super) fn of(run: &Run, life: &Life) -> Self {
        let total = life.waiting_until(run.end().max(life.arrived));
        let mut parts = Vec::new();
        for episode in episodes(run, life) {
            note(&mut parts, &episode);
        }
        keep_longest(&mut parts);
        let told: u64 = parts.iter().map(|part| part.length.as_nanos()).sum();
        Self { total, parts, others: Span::from_nanos(total.as_nanos().saturating_sub(told)) }
    }
}

impl CauseKind {
    /// Of this cause.
    pub(crate) const fn of(cause: &Cause) -> Self {
        match cause {
            Cause::Asleep { .. } => Self::Asleep,
            Cause::Dispatched { .. } => Self::Dispatched,
            Cause::Joining { .. } => Self::Joining,
            Cause::NotAccepting { .. } => Self::NotAccepting,
            Cause::OnTimer { .. } => Self::OnTimer,
            Cause::Running { .. } => Self::Running,
            Cause::ThreadStarting { .. } => Self::ThreadStarting,
            Cause::WaitsForCore { .. } => Self::WaitsForCore,
            Cause::WaitsForWorker { .. } => Self::WaitsForWorker,
        }
    }
}

/// The stretches of a request's waiting; none when there is more to go through than a reader would
/// wait for, and more to keep than a browser's memory is for.
fn episodes(run: &Run, life: &Life) -> Vec<Episode> {
    let Some(arrival) = life.stays.first().map(|stay| stay.from) else { return Vec::new() };
    let served = life.stays.iter().find(|stay| stay.phase != Phase::Waiting).map(|stay| stay.from);
    let last = served.or(life.end.map(|(by, ..)| by)).unwrap_or(run.events().len() - 1);
    let n_workers = run.history().workers().len().max(1);
    let n_events = last - arrival;
    if n_events > EVENTS_MAX || n_events.saturating_mul(n_workers) > WORK_MAX {
        return Vec::new();
    }
    let events = &run.events()[arrival..=last];
    // Every event shown was applied once before.
    waiting_from(run.world_after(arrival), events, life.id).unwrap_or_default()
}

/// Leaves the longest few, in the order in which they began; of equals the earlier ones. Without a
/// sort, of which each kind is three kilobytes that a reader would have to fetch.
fn keep_longest(parts: &mut Vec<Part>) {
    while parts.len() > PARTS_MAX {
        let last_first = parts.iter().enumerate().rev();
        let shortest = last_first.min_by_key(|(_, part)| part.length).map(|(place, _)| place);
        parts.remove(shortest.expect("there are some"));
    }
}

/// Adds a stretch to the part that is like it.
fn note(parts: &mut Vec<Part>, episode: &Episode) {
    let Some((own, others)) = episode.chain.split_first() else { return };
    let own = CauseKind::of(&own.cause);
    let links: Vec<_> =
        others.iter().map(|link| (link.request.id, CauseKind::of(&link.cause))).collect();
    match parts.iter_mut().find(|part| part.own == own && part.links == links) {
        Some(part) => part.length += episode.length(),
        None => parts.push(Part { length: episode.length(), own, links }),
    }
}

/// Parts that a sentence can name.
const PARTS_MAX: usize = 4;

/// Events of a request's waiting that are gone through; after each, all that are before it are.
const EVENTS_MAX: usize = 20_000;

/// The same times the workers, who are looked at after each as well.
const WORK_MAX: usize = 2_000_000;

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use scheduler_model::Model;
    use scheduler_model::scenario::{Load, QueueBound, Ranged};

    use super::*;
    use crate::scenarios::tests::{book, flood};

    #[test]
    fn the_parts_and_the_rest_make_the_whole() {
        for (scenario, model) in [book(), flood()]
            .iter()
            .flat_map(|scenario| Model::ALL.map(|model| (scenario.clone(), model)))
        {
            let run = Run::simulated(&scenario, model);
            for life in run.history().requests().iter().step_by(37) {
                let waited = Waited::of(&run, life);
                let parts: u64 = waited.parts.iter().map(|part| part.length.as_nanos()).sum();
                assert_eq!(parts + waited.others.as_nanos(), waited.total.as_nanos());
                let all_told = waited.parts.len() == PARTS_MAX || waited.others.is_zero();
                assert!(all_told, "{model:?} {:?}: {waited:?}", life.id);
            }
        }
    }

    #[test]
    fn what_is_asked_twice_is_gone_through_once() {
        let run = Run::simulated(&book(), Model::Single);
        let first = run.waited(RequestId(2)).unwrap();
        assert!(Rc::ptr_eq(&first, &run.waited(RequestId(2)).unwrap()));
        let other = run.waited(RequestId(3)).unwrap();
        assert!(!Rc::ptr_eq(&first, &other) && *first != *other);
        assert_eq!(run.waited(RequestId(4)), None);
    }

    #[test]
    fn a_wait_that_is_too_long_to_go_through_has_its_length_only() {
        let mut scenario = book();
        let Load::Listed(listed) = &mut scenario.load else { unreachable!("the book lists") };
        listed.truncate(1);
        listed[0].count = Ranged::clamped(3_000);
        scenario.server.queue = QueueBound::Unbounded;
        let run = Run::simulated(&scenario, Model::Pool);
        assert!(run.events().len() > EVENTS_MAX);
        let lives = run.history().requests();
        let long = Waited::of(&run, &lives[2_999]);
        assert!(long.parts.is_empty() && long.others == long.total, "{long:?}");
        assert_eq!(Waited::of(&run, &lives[500]).parts.len(), PARTS_MAX);
    }
}
