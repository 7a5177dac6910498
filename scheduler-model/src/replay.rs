//! Conformance: is a recorded run a path of the model?
//!
//! The recorded stimuli are fed to a [`Scheduler`] of the recording's own scenario, at its beginning
//! or as it stands in the recording's [`Snapshot`], and what it
//! decides must be what was recorded, decision by decision. What no scheduler decides (ids, times,
//! states of workers) is checked by the [`World`]. A simulated run is determined by its scenario: it
//! is simulated again, and every event must be the same, those of the computer and all times
//! included. Nothing of this panics, whatever the file says.

use serde::Serialize;
use serde_json::{Value, json};

use crate::trace::{Source, Trace};
use crate::{
    Event, EventKind, Scenario, Scheduler, ShardId, Simulation, Snapshot, TraceHeader, World,
};

/// What came out of a replay.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conformance {
    /// Whether every recorded decision is the model's.
    pub conforms: bool,
    /// Whether the recording has its end.
    pub complete: bool,
    /// Events in the recording.
    pub events: u64,
    /// Decisions among them.
    pub decisions: u64,
    /// Where recording and model part.
    pub first_difference: Option<Difference>,
}

/// The first place where a recording is not a path of the model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The place.
    pub seq: u64,
    /// What the model does there: a decision, or a sentence on what is allowed; null where it
    /// does nothing.
    pub expected: Value,
    /// What was recorded there; null at the end of the recording.
    pub found: Value,
}

/// Feeds a recording back into the scheduler, or under `sharded` into that of each loop.
pub fn replay(trace: &Trace) -> Conformance {
    let mut world = World::new(&trace.header);
    let mut schedulers = Scheduler::resumed(&world);
    let first_seq = trace.header.first_seq();
    let mut conformance = Conformance {
        conforms: true,
        complete: trace.complete,
        events: trace.events.len() as u64,
        decisions: 0,
        first_difference: None,
    };
    let differs = |mut conformance: Conformance, seq, expected, found| {
        conformance.conforms = false;
        conformance.first_difference = Some(Difference { seq, expected, found });
        conformance
    };
    let mut again = (trace.header.source == Source::Simulated).then(|| Again::new(trace));
    if let (Some(again), Some(snapshot)) = (&mut again, &trace.header.snapshot)
        && !again.comes_to(snapshot)
    {
        let allowed = "the state of that simulation at that event";
        return differs(conformance, first_seq - 1, json!(allowed), json!(snapshot));
    }
    let mut last = ShardId(0);
    let mut decided = None;
    for (event, seq) in trace.events.iter().zip(first_seq..) {
        let found = || serde_json::to_value(event.kind).unwrap_or_default();
        let expected = decided.take();
        match (expected, event.kind) {
            (Some(decision), EventKind::Decision(found))
                if decision == found && event.shard == last =>
            {
                conformance.decisions += 1;
            }
            (Some(decision), _) => {
                return differs(conformance, seq, json!({ "decision": decision }), found());
            }
            (None, EventKind::Decision(_)) => {
                return differs(conformance, seq, Value::Null, found());
            }
            (None, _) => {}
        }
        if let Err(violation) = world.apply(event) {
            return differs(conformance, seq, json!(violation.to_string()), found());
        }
        if let Some(again) = &mut again {
            let expected = again.next();
            if expected != Some(*event) {
                return differs(conformance, seq, described(expected), described(Some(*event)));
            }
        }
        // The world has found the shard to exist.
        let scheduler = &mut schedulers[usize::from(event.shard.0)];
        if let EventKind::Stimulus(stimulus) = event.kind {
            scheduler.handle(event.at, stimulus);
        }
        last = event.shard;
        decided = scheduler.poll();
    }
    if let Some(decision) = decided
        && trace.complete
    {
        let seq = first_seq + conformance.events;
        return differs(conformance, seq, json!({ "decision": decision }), Value::Null);
    }
    conformance
}

/// A run simulated again, event by event.
struct Again {
    scenario: Scenario,
    simulation: Simulation,
    ready: std::vec::IntoIter<Event>,
}

impl Again {
    fn new(trace: &Trace) -> Self {
        let simulation = Simulation::new(&trace.header.scenario).recording();
        Self { scenario: trace.header.scenario.clone(), simulation, ready: Vec::new().into_iter() }
    }

    /// Goes on to the event before a snapshot; whether that is then the state of the run.
    fn comes_to(&mut self, snapshot: &Snapshot) -> bool {
        let mut world = World::new(&TraceHeader::simulated(self.scenario.clone()));
        for _ in 1..snapshot.next_seq() {
            let Some(event) = self.next() else { return false };
            if world.apply(&event).is_err() {
                return false;
            }
        }
        Snapshot::new(world).is_ok_and(|found| found == *snapshot)
    }
}

impl Iterator for Again {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.ready.next().or_else(|| {
            self.ready = self.simulation.next_events().into_iter();
            self.ready.next()
        })
    }
}

/// An event with its time; null for none.
fn described(event: Option<Event>) -> Value {
    event.map_or(Value::Null, |event| {
        let mut value = serde_json::to_value(event.kind).unwrap_or_default();
        if let Value::Object(fields) = &mut value {
            fields.insert("at_ns".to_owned(), json!(event.at));
        }
        value
    })
}
