//! What must hold for every scenario: the run itself asserts conservation, bounds and work
//! conservation at every event; here runs are many and odd, and recordings are tampered with.
#![cfg(not(target_arch = "wasm32"))]

#[path = "support/scenarios.rs"]
mod scenarios;

use proptest::prelude::*;
use scenarios::scenarios;
use scheduler_model::scenario::{Arrival, Load, Ranged, Scenario, Server};
use scheduler_model::{
    Decision, Digest, EventKind, Model, RequestId, RouteId, SimTime, Simulation, Span, Stats,
    Trace, World, replay, simulate,
};

fn digest(trace: &Trace) -> u64 {
    let mut digest = Digest::new();
    trace.events.iter().for_each(|event| digest.update(event));
    digest.finish()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_request_has_one_outcome_and_the_same_seed_gives_the_same_run(scenario in scenarios()) {
        let trace = simulate(&scenario);
        prop_assert_eq!(digest(&trace), digest(&simulate(&scenario)));
        let report = Stats::of(&trace).unwrap();
        prop_assert_eq!(report.in_system, 0);
        prop_assert_eq!(
            report.arrived,
            report.answered + report.failed + report.rejected + report.dropped + report.lost
        );
        let mut unrecorded = Simulation::new(&scenario);
        unrecorded.run();
        prop_assert_eq!(unrecorded.report().digest.finish(), digest(&trace));
    }

    #[test]
    fn every_run_conforms_and_a_run_without_one_of_its_decisions_does_not(
        scenario in scenarios(),
        pick in any::<prop::sample::Index>(),
    ) {
        let mut trace = simulate(&scenario);
        let verdict = replay(&trace);
        prop_assert!(verdict.conforms, "{verdict:?}");
        let decided: Vec<_> = (0..trace.events.len())
            .filter(|&index| matches!(trace.events[index].kind, EventKind::Decision(_)))
            .collect();
        prop_assume!(!decided.is_empty());
        let index = decided[pick.index(decided.len())];
        trace.events.remove(index);
        let verdict = replay(&trace);
        prop_assert!(!verdict.conforms);
        prop_assert_eq!(verdict.first_difference.unwrap().seq, index as u64 + 1);
    }

    #[test]
    fn who_is_queued_first_is_started_first(scenario in scenarios()) {
        let trace = simulate(&scenario);
        let mut world = World::new(&trace.header);
        for event in &trace.events {
            if let EventKind::Decision(Decision::Assign { request, .. }) = event.kind {
                let queue = world.shard(event.shard).run_queue();
                let from_queue = queue.contains(&request);
                prop_assert!(!from_queue || queue.front() == Some(&request));
                prop_assert!(from_queue || queue.is_empty(), "nobody overtakes a queue");
            }
            world.apply(event).unwrap();
        }
    }

    #[test]
    fn a_run_with_one_event_changed_is_another_run(
        scenario in scenarios(),
        pick in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        later in any::<bool>(),
    ) {
        let mut trace = simulate(&scenario);
        prop_assume!(trace.events.len() > 1);
        let place = pick.index(trace.events.len());
        let before = trace.events[place];
        if later {
            trace.events[place].at = before.at + Span::from_nanos(1);
        } else {
            trace.events[place].kind = trace.events[other.index(trace.events.len())].kind;
        }
        prop_assume!(trace.events[place] != before);
        let verdict = replay(&trace);
        prop_assert!(!verdict.conforms);
        let seq = verdict.first_difference.unwrap().seq;
        prop_assert!(seq <= place as u64 + 2, "{seq} for a change at {}", place + 1);
    }

    #[test]
    fn a_run_that_was_written_and_read_back_conforms(scenario in scenarios()) {
        let trace = simulate(&scenario);
        let mut text = Vec::new();
        trace.write(&mut text).unwrap();
        let read = Trace::read("run.jsonl", &*text).unwrap();
        prop_assert!(read == trace && replay(&read).conforms);
    }

    #[test]
    fn a_trace_put_together_by_a_stranger_never_panics(
        scenario in scenarios(),
        swaps in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..6),
    ) {
        let mut trace = simulate(&scenario);
        prop_assume!(!trace.events.is_empty());
        for (from, to) in swaps {
            let (from, to) = (from.index(trace.events.len()), to.index(trace.events.len()));
            let at = trace.events[to].at;
            trace.events[to] = trace.events[from];
            trace.events[to].at = at;
        }
        let _ = replay(&trace);
        let _ = Stats::of(&trace);
    }
}

#[test]
fn work_is_first_come_first_served_and_a_reversed_queue_is_noticed() {
    let mut scenario =
        Scenario::new("order", Server { workers: Ranged::MIN, ..Server::new(Model::Pool) });
    let count = Ranged::of::<3>();
    scenario.load = Load::Listed(vec![Arrival { at: SimTime::ZERO, route: RouteId(0), count }]);
    let trace = simulate(&scenario);
    let mut last = RequestId(0);
    for event in &trace.events {
        if let EventKind::Decision(scheduler_model::Decision::Assign { request, .. }) = event.kind {
            assert!(request > last);
            last = request;
        }
    }
}
