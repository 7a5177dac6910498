//! Trees of joins, exact to the nanosecond: how long P workers take, and who may help whom.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeSet;

use scheduler_model::scenario::{
    Arrival, Distribution, Fork, Load, MachineConfig, Ranged, Scenario, Server,
};
use scheduler_model::{
    EventKind, Machine, Model, RouteId, SimTime, Span, Stimulus, Trace, World, replay, simulate,
};

const LEAF: Span = Span::from_micros(500);

/// One request for a tree at each of these instants, on a computer without overheads.
fn trees(workers: u64, depth: u64, at_us: &[u64]) -> Scenario {
    let server = Server { workers: Ranged::clamped(workers), ..Server::new(Model::ForkJoin) };
    let mut scenario = Scenario::new("tree", server);
    scenario.machine = MachineConfig {
        cores: Ranged::clamped(workers),
        context_switch: Span::ZERO,
        dispatch: Span::ZERO,
        ..MachineConfig::default()
    };
    scenario.requests[0].cpu = Distribution::Constant(Span::ZERO);
    scenario.requests[0].fork = Some(Fork { depth: Ranged::clamped(depth), leaf_cpu: LEAF });
    let arrival = |&us| Arrival {
        at: SimTime::ZERO + Span::from_micros(us),
        route: RouteId(0),
        count: Ranged::MIN,
    };
    scenario.load = Load::Listed(at_us.iter().map(arrival).collect());
    scenario
}

fn end(trace: &Trace) -> Span {
    trace.events.last().unwrap().at.since(SimTime::ZERO)
}

fn machine_events(trace: &Trace) -> impl Iterator<Item = Machine> {
    trace.events.iter().filter_map(|event| match event.kind {
        EventKind::Machine(machine) => Some(machine),
        _ => None,
    })
}

#[test]
fn eight_leaves_take_one_worker_4_ms_four_workers_1_ms_and_eight_or_more_half_a_millisecond() {
    for (workers, us) in [(1, 4000), (2, 2000), (4, 1000), (8, 500), (9, 500), (100, 500)] {
        let trace = simulate(&trees(workers, 3, &[0]));
        assert_eq!(end(&trace), Span::from_micros(us), "{workers} workers");
    }
}

#[test]
fn a_tree_takes_no_longer_than_its_work_shared_out_and_its_longest_path() {
    for seed in 0..3 {
        for workers in (1..=20).chain([31, 32, 33, 64]) {
            for depth in 0..=9 {
                let mut scenario = trees(workers, depth, &[0]);
                scenario.seed = seed;
                let work = LEAF.as_nanos() << depth;
                let bound = work / workers + LEAF.as_nanos();
                let took = end(&simulate(&scenario)).as_nanos();
                assert!(took <= bound, "{workers} workers, depth {depth}: {took} > {bound}");
                assert!(took >= work.div_ceil(workers), "faster than the work allows");
            }
        }
    }
}

#[test]
fn every_part_is_pushed_once_and_taken_once() {
    let trace = simulate(&trees(3, 6, &[0, 700, 900, 1000]));
    let (mut pushed, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for machine in machine_events(&trace) {
        match machine {
            Machine::Pushed { request, node, .. } => assert!(pushed.insert((request, node))),
            Machine::Popped { request, node, .. } | Machine::Stolen { request, node, .. } => {
                assert!(pushed.contains(&(request, node)) && taken.insert((request, node)));
            }
            _ => {}
        }
    }
    assert_eq!(pushed, taken);
    assert_eq!(pushed.len(), 4 * 63);
}

#[test]
fn a_worker_that_waits_for_a_thief_helps_only_with_the_part_it_waits_for() {
    let mut helped = 0;
    for seed in 0..20 {
        let mut scenario = trees(3, 5, &[0, 1, 2, 3]);
        scenario.seed = seed;
        scenario.requests[0].cpu = Distribution::Exponential(Span::from_micros(300));
        let mut awaited = std::collections::BTreeMap::new();
        for machine in machine_events(&simulate(&scenario)) {
            match machine {
                Machine::JoinBegun { request, worker, node } => {
                    awaited.insert(worker, (request, node));
                }
                Machine::JoinEnded { worker, .. } => {
                    awaited.remove(&worker);
                }
                Machine::Stolen { request, worker, node, .. } => {
                    if let Some((of, part)) = awaited.remove(&worker) {
                        assert!(of == request && node.is_within(part));
                        helped += 1;
                    }
                }
                _ => {}
            }
        }
    }
    assert!(helped > 0, "it came to that");
}

#[test]
fn nobody_is_sent_to_steal_while_a_request_waits_in_the_injector() {
    let trace = simulate(&trees(2, 4, &[0, 0, 0, 10]));
    let mut world = World::new(&trace.header);
    for event in &trace.events {
        world.apply(event).unwrap();
        if let EventKind::Decision(scheduler_model::Decision::Steal { .. }) = event.kind {
            assert!(world.run_queue().is_empty());
        }
    }
    assert!(world.counts().steals > 0);
}

#[test]
fn a_thief_that_comes_too_late_goes_back_to_sleep_and_is_woken_again() {
    let mut scenario = trees(4, 2, &[0, 5000]);
    scenario.machine.dispatch = Span::from_micros(1200);
    let trace = simulate(&scenario);
    let failed = trace
        .events
        .iter()
        .filter(|event| matches!(event.kind, EventKind::Stimulus(Stimulus::StealFailed { .. })));
    assert!(failed.count() > 0);
    assert!(machine_events(&trace).any(|event| matches!(event, Machine::Stolen { .. })));
    assert!(replay(&trace).conforms);
}

#[test]
fn two_requests_that_wait_for_parts_of_the_same_number_are_both_called() {
    let mut scenario = trees(4, 1, &[0, 0]);
    scenario.machine.cores = Ranged::MIN;
    scenario.machine.quantum = Span::ZERO;
    scenario.machine.dispatch = Span::from_micros(2);
    let trace = simulate(&scenario);
    let mut world = World::new(&trace.header);
    for event in &trace.events {
        world.apply(event).unwrap();
    }
    assert_eq!(world.counts().answered, 2);
}
