//! What must hold for every scenario: the run itself asserts conservation, bounds and work
//! conservation at every event; here runs are many and odd, and recordings are tampered with.
#![cfg(not(target_arch = "wasm32"))]

use proptest::prelude::*;
use scheduler_model::scenario::{
    Arrival, Distribution, Fault, FaultKind, Fork, Load, OnFull, QueueBound, Ranged, Scenario,
    Server,
};
use scheduler_model::{
    Decision, Digest, EventKind, Model, RequestId, RouteId, SimTime, Simulation, Span, Stats,
    Trace, World, replay, simulate,
};

fn models() -> impl Strategy<Value = Model> {
    prop::sample::select(Model::ALL.to_vec())
}

fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let kind = prop_oneof![
        (1_u64..40).prop_map(|id| FaultKind::ClientGone(RequestId(id))),
        (0_u64..30).prop_map(|ms| FaultKind::Drain { deadline: Span::from_millis(ms) }),
        (0_u16..2).prop_map(|route| FaultKind::Panic(RouteId(route))),
        (1_u64..6).prop_map(|workers| FaultKind::Resize(Ranged::clamped(workers))),
        (1_u64..4).prop_map(|count| FaultKind::SpawnFails(Ranged::clamped(count))),
    ];
    prop::collection::vec((0_u64..40, kind), 0..5).prop_map(|faults| {
        let fault = |(ms, kind)| Fault { at: SimTime::ZERO + Span::from_millis(ms), kind };
        faults.into_iter().map(fault).collect()
    })
}

prop_compose! {
    fn servers()(
        model in models(),
        workers in 1_u64..5,
        queue in prop::option::of(0_u64..6),
        on_full in prop::sample::select(vec![OnFull::Reject, OnFull::Wait, OnFull::DropOldest]),
        threads in 1_u64..8,
        backlog in 0_u64..8,
    ) -> Server {
        Server {
            workers: Ranged::clamped(workers),
            queue: queue.map_or(QueueBound::Unbounded, |max| QueueBound::Bounded(Ranged::clamped(max))),
            on_full,
            threads_max: Ranged::clamped(threads),
            accept_backlog: Ranged::clamped(backlog),
            ..Server::new(model)
        }
    }
}

prop_compose! {
    fn scenarios()(
        server in servers(),
        seed in 0_u64..1000,
        arrivals in prop::collection::vec((0_u64..40_000, 0_u16..2, 1_u64..4), 1..20),
        faults in faults(),
        cores in 1_u64..4,
        quantum_us in prop::sample::select(vec![0_u64, 100, 3000]),
        costs in prop::sample::select(vec![0_u64, 2, 700]),
        cpu_us in prop::sample::select(vec![0_u64, 150, 4000]),
        sleep_ms in prop::sample::select(vec![0_u64, 1, 9]),
        patience_ms in prop::option::of(1_u64..20),
        open in any::<bool>(),
        fork in prop::option::of((0_u64..5, prop::sample::select(vec![0_u64, 70, 900]))),
    ) -> Scenario {
        let mut scenario = Scenario::new("property", server);
        scenario.seed = seed;
        scenario.machine.cores = Ranged::clamped(cores);
        scenario.machine.quantum = Span::from_micros(quantum_us);
        scenario.machine.context_switch = Span::from_micros(costs);
        scenario.machine.spawn = Span::from_micros(costs);
        scenario.machine.dispatch = Span::from_micros(costs);
        scenario.requests[0].cpu = Distribution::Exponential(Span::from_micros(cpu_us));
        scenario.requests[1].cpu = Distribution::Constant(Span::from_micros(cpu_us));
        scenario.requests[1].sleep = Distribution::Constant(Span::from_millis(sleep_ms));
        scenario.requests[0].fork = fork.map(|(depth, leaf_us)| Fork {
            depth: Ranged::clamped(depth),
            leaf_cpu: Span::from_micros(leaf_us),
        });
        scenario.patience = patience_ms.map(Span::from_millis);
        scenario.faults = faults;
        scenario.load = if open {
            let mix = vec![(RouteId(0), 0.5), (RouteId(1), 0.5)];
            Load::Open { rate_per_s: 800.0, requests: 40, mix }
        } else {
            Load::Listed(arrivals.into_iter().map(|(us, route, count)| Arrival {
                at: SimTime::ZERO + Span::from_micros(us),
                route: RouteId(route),
                count: Ranged::clamped(count),
            }).collect())
        };
        scenario
    }
}

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
