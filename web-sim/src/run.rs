//! One run, ready to be looked at anywhere: its events, what became of everything in it, and the
//! state of the system at every so many events.

mod history;
mod waited;
mod waits;

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use scheduler_model::trace::{Source, Trace};
use scheduler_model::{Event, Model, RequestId, Scenario, SimTime, Violation, World, simulate};

pub(crate) use history::{Duty, History, Life, Phase};
pub(crate) use waited::{CauseKind, Part, Waited};
pub(crate) use waits::Waits;

/// A run, from its first event to its last.
#[derive(Debug)]
pub(crate) struct Run {
    trace: Trace,
    /// Worlds with how many events are before them, the first before all.
    checkpoints: Vec<(usize, World)>,
    history: History,
    digest: String,
    n_events: usize,
    violation: Option<Violation>,
    what_if: bool,
    /// What was asked last of [`Run::waited`]: a page asks at every frame, for one request.
    waited: RefCell<Option<(RequestId, Rc<Waited>)>>,
    /// Put together when it is first asked for: a run that is only computed with has no use for it.
    waits: OnceCell<Waits>,
}

impl Run {
    /// Simulates a scenario under a model.
    pub(crate) fn simulated(scenario: &Scenario, model: Model) -> Rc<Self> {
        Rc::new(Self::new(simulate(&scenario.with_model(model))))
    }

    /// What another server would have done with the requests of a run that is shown.
    pub(crate) fn what_if(trace: Trace) -> Rc<Self> {
        Rc::new(Self { what_if: true, ..Self::new(trace) })
    }

    /// Goes through a trace once. A run that breaks a law of the model ends before the event that
    /// breaks it, and says so in [`Run::violation`].
    pub(crate) fn new(trace: Trace) -> Self {
        let mut world = World::new(&trace.header);
        let mut history = History::new(&world);
        let mut checkpoints = vec![(0, world.clone())];
        let mut violation = None;
        let mut n_events = 0;
        for (index, event) in trace.events.iter().enumerate() {
            let since = index - checkpoints.last().map_or(0, |&(before, _)| before);
            if since >= CHECKPOINT_EVERY.max(size(&world)) {
                checkpoints.push((index, world.clone()));
            }
            match world.apply(event) {
                Ok(departure) => history.record(index, event, &world, departure.as_ref()),
                Err(found) => {
                    violation = Some(found);
                    break;
                }
            }
            n_events = index + 1;
        }
        let digest = trace.digest().to_string();
        let (waited, waits) = (RefCell::default(), OnceCell::new());
        Self {
            trace,
            checkpoints,
            history,
            digest,
            n_events,
            violation,
            what_if: false,
            waited,
            waits,
        }
    }

    /// What was asked for.
    pub(crate) const fn scenario(&self) -> &Scenario {
        &self.trace.header.scenario
    }

    /// Who scheduled.
    pub(crate) const fn model(&self) -> Model {
        self.trace.header.scenario.server.model
    }

    /// Whether a real server was recorded, which knows neither its cores nor the kernel's backlog.
    pub(crate) fn is_recorded(&self) -> bool {
        self.trace.header.source == Source::Recorded
    }

    /// Whether it is what another server would have done with the requests of a run beside it.
    pub(crate) const fn is_what_if(&self) -> bool {
        self.what_if
    }

    /// The run as it is saved.
    pub(crate) const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The digest of its events, 16 hexadecimal digits.
    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// The event that broke a law of the model, by its `seq`, and how.
    pub(crate) fn violation(&self) -> Option<(usize, &Violation)> {
        self.violation.as_ref().map(|violation| (self.n_events + 1, violation))
    }

    /// All events that can be shown.
    pub(crate) fn events(&self) -> &[Event] {
        &self.trace.events[..self.n_events]
    }

    /// What became of every request and what every thread did, over the whole run.
    pub(crate) const fn history(&self) -> &History {
        &self.history
    }

    /// What a request waited for until its service began or it left; `None` for one that is not in
    /// the run. Of requests that still wait when the run ends, until then.
    pub(crate) fn waited(&self, request: RequestId) -> Option<Rc<Waited>> {
        let mut known = self.waited.borrow_mut();
        if let Some((id, waited)) = known.as_ref()
            && *id == request
        {
            return Some(Rc::clone(waited));
        }
        let waited = Rc::new(Waited::of(self, self.history.request(request)?));
        *known = Some((request, Rc::clone(&waited)));
        Some(waited)
    }

    /// How long requests waited, as far as they were answered by any moment.
    pub(crate) fn waits(&self) -> &Waits {
        self.waits.get_or_init(|| Waits::of(self))
    }

    /// When it begins: what was before is not known.
    pub(crate) fn begin(&self) -> SimTime {
        self.trace.header.snapshot.as_ref().map_or(SimTime::ZERO, |start| start.world().now())
    }

    /// When the event with this index happened; for the one after the last, when the run ended.
    pub(crate) fn at(&self, index: usize) -> SimTime {
        let last = self.n_events.saturating_sub(1);
        self.events().get(index.min(last)).map_or(self.begin(), |event| event.at)
    }

    /// When its last event happened.
    pub(crate) fn end(&self) -> SimTime {
        self.at(self.n_events)
    }

    /// The state after this many events: the nearest checkpoint before, and forward from there.
    pub(crate) fn world_after(&self, n_events: usize) -> World {
        let n_events = n_events.min(self.n_events);
        let after = self.checkpoints.partition_point(|&(before, _)| before <= n_events);
        let (before, world) = &self.checkpoints[after - 1];
        let mut world = world.clone();
        self.go_on(&mut world, *before, n_events);
        world
    }

    /// Takes these events in, one after the other.
    ///
    /// # Panics
    ///
    /// When the world is not the one before the first of them.
    pub(crate) fn go_on(&self, world: &mut World, from: usize, to: usize) {
        for event in &self.events()[from..to] {
            // Not `expect`: what it prints of a violation is not worth its weight in the page.
            assert!(world.apply(event).is_ok(), "every event shown was applied once before");
        }
    }
}

/// How much a world takes to copy, in things that are about as large as a few events.
fn size(world: &World) -> usize {
    let in_system = usize::try_from(world.counts().in_system).unwrap_or(usize::MAX);
    world.n_connections().saturating_add(world.n_workers()).saturating_add(in_system)
}

/// Events between two checkpoints, where a world is small. Where it holds more than this many things
/// there are as many events between two, so that all checkpoints together stay in proportion to the
/// events: to apply those takes about as long as to copy the world.
const CHECKPOINT_EVERY: usize = 1024;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::scenarios::tests::{book, flood};

    #[test]
    fn the_world_is_the_same_by_any_way() {
        let run = Run::simulated(&flood(), Model::Spawn);
        assert!(run.events().len() > CHECKPOINT_EVERY, "{} events", run.events().len());
        let mut world = World::new(&run.trace().header);
        for (index, event) in run.events().iter().enumerate() {
            world.apply(event).unwrap();
            if index % 997 == 0 || index + 1 == run.events().len() {
                let jumped = run.world_after(index + 1);
                assert_eq!(format!("{jumped:?}"), format!("{world:?}"), "after {}", index + 1);
            }
        }
    }

    #[test]
    fn every_request_of_a_finished_run_has_its_end() {
        for model in Model::ALL {
            let run = Run::simulated(&book(), model);
            assert_eq!(run.history().requests().len(), 3);
            for life in run.history().requests() {
                assert!(life.end.is_some(), "{model:?}: {life:?}");
                assert!(life.started.is_some(), "{model:?}: {life:?}");
            }
        }
    }

    #[test]
    fn stretches_of_a_thread_follow_each_other_without_gaps() {
        for model in Model::ALL {
            let run = Run::simulated(&book(), model);
            for stretches in run.history().workers() {
                for pair in stretches.windows(2) {
                    assert!(pair[0].to <= pair[1].from, "{model:?}: {pair:?}");
                }
            }
        }
    }

    #[test]
    fn a_recording_that_breaks_a_law_ends_before_the_event_that_does() {
        let mut trace = Run::simulated(&book(), Model::Pool).trace().clone();
        trace.events.remove(2); // the decision on the first request
        let run = Run::new(trace);
        let (seq, _) = run.violation().unwrap();
        assert_eq!(seq, run.events().len() + 1);
        run.world_after(usize::MAX);
    }
}
