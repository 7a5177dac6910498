//! Every order of events of small servers holds what is promised; every flaw is found.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![cfg(not(target_arch = "wasm32"))]

use scheduler_model::scenario::{Fork, Ranged};
use scheduler_model::{
    CheckError, Checked, Checker, EventKind, Model, Mutant, Property, RouteId, Scenario, Span,
    check, replay,
};

/// So many requests for `/`, with these faults.
fn scenario(model: Model, workers: u64, queue: u64, requests: u64, faults: &[&str]) -> Scenario {
    let faults: Vec<_> = faults.iter().map(|fault| format!("[[fault]]\n{fault}\n")).collect();
    let faults = faults.concat();
    let text = format!(
        "[server]\nmodel = '{}'\nworkers = {workers}\nqueue = {queue}\n\
         [[arrive]]\npath = '/'\ncount = {requests}\n{faults}",
        model.name()
    );
    Scenario::from_toml("checked.toml", &text).unwrap().0
}

const PANIC: &str = "kind = 'panic'\npath = '/'";
const DRAIN: &str = "kind = 'drain'\ndeadline_ms = 100";
const SPAWN_FAILS: &str = "kind = 'spawn-fails'";

fn finding(checked: &Checked, property: Property) -> Option<bool> {
    checked.properties.iter().find(|found| found.property == property).unwrap().holds
}

fn assert_holds(scenario: &Scenario, reached: &[Property]) -> Checked {
    let checked = check(scenario).unwrap();
    assert!(checked.complete);
    for found in &checked.properties {
        assert_ne!(
            found.holds,
            Some(false),
            "{:?} under {}: {:#?}",
            found.property,
            scenario.server.model.name(),
            found.counterexample.as_ref().unwrap().events
        );
    }
    for &property in reached {
        assert_eq!(finding(&checked, property), Some(true), "{property:?}");
    }
    checked
}

#[test]
fn every_model_holds_what_it_promises_through_a_panic_and_a_drain() {
    for model in Model::ALL {
        let reached = [
            Property::EveryRequestEndsOnce,
            Property::NoWakeUpIsLost,
            Property::APanicCostsOneRequest,
            Property::ADrainEnds,
            Property::ADrainLosesNothing,
        ];
        let checked = assert_holds(&scenario(model, 2, 1, 3, &[PANIC, DRAIN]), &reached);
        println!("{}: {} states, depth {}", model.name(), checked.states, checked.depth);
    }
}

#[test]
fn a_pool_of_four_with_a_queue_of_two_holds_what_it_promises() {
    let mut scenario = scenario(Model::Pool, 4, 2, 4, &[PANIC, DRAIN]);
    let checked = assert_holds(&scenario, &[Property::ADrainEnds]);
    println!(
        "{} states, {} transitions, depth {}",
        checked.states, checked.transitions, checked.depth
    );
    scenario.server.workers = Ranged::of::<1>();
    assert_holds(
        &scenario,
        &[Property::BoundsHold, Property::FirstComeFirstServed, Property::NobodyIdlesBesideAQueue],
    );
}

#[test]
fn clients_that_leave_threads_that_fail_and_resizes_lose_nobody_else() {
    for model in Model::ALL {
        let leaves = "kind = 'client-gone'\nrequest = 2";
        let grows = "kind = 'resize'\nworkers = 3";
        let shrinks = "kind = 'resize'\nworkers = 1";
        assert_holds(&scenario(model, 2, 1, 3, &[leaves, DRAIN]), &[]);
        assert_holds(&scenario(model, 2, 1, 2, &[grows, shrinks, SPAWN_FAILS]), &[]);
    }
    let failing = scenario(Model::Spawn, 1, 0, 3, &[SPAWN_FAILS, DRAIN]);
    assert_holds(&failing, &[Property::AFailedSpawnIsAnAnswer]);
}

#[test]
fn a_request_that_sleeps_on_a_timer_is_not_forgotten_by_its_loop() {
    for model in [Model::Async, Model::Sharded] {
        let mut scenario = scenario(model, 2, 0, 3, &[DRAIN]);
        scenario.requests[0].sleep =
            scheduler_model::scenario::Distribution::Constant(Span::from_millis(1));
        let checked =
            assert_holds(&scenario, &[Property::ADrainEnds, Property::FirstComeFirstServed]);
        assert!(checked.states > 100);
    }
}

fn tree(workers: u64, depth: u64, requests: u64, faults: &[&str]) -> Scenario {
    let mut scenario = scenario(Model::ForkJoin, workers, 2, requests, faults);
    let leaf_cpu = Span::from_micros(1);
    scenario.requests[0].fork = Some(Fork { depth: Ranged::clamped(depth), leaf_cpu });
    scenario
}

#[test]
fn a_tree_of_joins_comes_to_its_end_in_whatever_order_its_parts_are_stolen() {
    for (workers, depth, requests) in [(2, 2, 1), (3, 2, 1), (2, 1, 2)] {
        let checked =
            assert_holds(&tree(workers, depth, requests, &[DRAIN]), &[Property::NoWakeUpIsLost]);
        println!("{workers} workers, depth {depth}: {} states", checked.states);
    }
}

/// So many states there are, and so many steps between them. Who tells fewer states apart than
/// there are overlooks some of their futures; who tells more apart only takes longer.
#[test]
fn the_number_of_states_is_known() {
    let leaves = "kind = 'client-gone'\nrequest = 1";
    let grows = "kind = 'resize'\nworkers = 3";
    let mut asleep = scenario(Model::Async, 1, 0, 3, &[leaves, DRAIN]);
    asleep.requests[0].sleep =
        scheduler_model::scenario::Distribution::Constant(Span::from_millis(1));
    let mut sharded = asleep.with_model(Model::Sharded);
    sharded.server.workers = Ranged::of::<2>();
    let mut stops = scenario(Model::Pool, 1, 1, 3, &[leaves, DRAIN]);
    stops.server.on_full = scheduler_model::scenario::OnFull::Wait;
    let mut drops = stops.clone();
    drops.server.on_full = scheduler_model::scenario::OnFull::DropOldest;
    let counts: Vec<_> = [
        scenario(Model::Single, 1, 1, 3, &[leaves, PANIC, DRAIN]),
        scenario(Model::Spawn, 1, 1, 3, &[leaves, SPAWN_FAILS, DRAIN]),
        scenario(Model::Pool, 2, 1, 3, &[leaves, PANIC, DRAIN]),
        scenario(Model::Pool, 2, 1, 2, &[grows, SPAWN_FAILS, DRAIN]),
        stops,
        drops,
        scenario(Model::ForkJoin, 2, 1, 3, &[leaves, PANIC]),
        tree(2, 2, 1, &[DRAIN]),
        tree(3, 1, 2, &[leaves]),
        asleep,
        sharded,
    ]
    .iter()
    .map(|scenario| {
        let checked = assert_holds(scenario, &[]);
        (checked.states, checked.transitions, checked.depth)
    })
    .collect();
    let known = [
        (324, 690, 16),
        (3430, 11_610, 20),
        (2294, 6946, 17),
        (1628, 4854, 17),
        (287, 663, 15),
        (323, 757, 14),
        (1014, 2621, 15),
        (776, 1792, 25),
        (11_176, 32_691, 27),
        (1573, 4448, 23),
        (42_336, 147_472, 24),
    ];
    assert_eq!(counts, known);
}

fn find(scenario: &Scenario, mutant: Mutant, property: Property) -> usize {
    let mut search = Checker::mutant(scenario, mutant).unwrap();
    while search.advance(1 << 16) {}
    let checked = search.report();
    let found = checked.properties.into_iter().find(|found| found.property == property).unwrap();
    assert_eq!(found.holds, Some(false), "{mutant:?}");
    let trace = found.counterexample.unwrap();
    let stimuli = |event: &&scheduler_model::Event| matches!(event.kind, EventKind::Stimulus(_));
    // Whoever drives the true scheduler along this path parts from it, unless the threads are wrong.
    let is_in_scheduler = mutant != Mutant::EarlyWakeUp;
    assert_eq!(!replay(&trace).conforms, is_in_scheduler, "{mutant:?}: {:#?}", trace.events);
    trace.events.iter().filter(stimuli).count()
}

#[test]
fn each_flaw_is_found_with_a_shortest_run_that_shows_it() {
    let pool = |requests, faults: &[&str]| scenario(Model::Pool, 1, 1, requests, faults);
    let stimuli = [
        find(
            &scenario(Model::Pool, 2, 1, 2, &[]),
            Mutant::AcceptorCountsIdle,
            Property::EveryRequestEndsOnce,
        ),
        find(&pool(2, &[DRAIN]), Mutant::DrainNeedsRoom, Property::ADrainEnds),
        find(&pool(1, &[]), Mutant::EarlyWakeUp, Property::NoWakeUpIsLost),
        find(&pool(2, &[PANIC]), Mutant::JobLostOnPanic, Property::NobodyIdlesBesideAQueue),
        find(&pool(1, &[DRAIN]), Mutant::DrainForgetsParked, Property::ADrainEnds),
        find(
            &scenario(Model::Pool, 1, 2, 3, &[]),
            Mutant::ReversedQueue,
            Property::FirstComeFirstServed,
        ),
        find(&tree(2, 2, 1, &[]), Mutant::UncountedSplits, Property::NobodyIdlesBesideAQueue),
    ];
    assert_eq!(stimuli, [4, 7, 2, 5, 2, 7, 6]);
}

#[test]
fn what_is_too_large_is_refused_with_what_is_allowed() {
    let refused = |scenario: &Scenario| check(scenario).unwrap_err();
    let said = |scenario: &Scenario| refused(scenario).to_string();
    let nine = scenario(Model::Pool, 1, 1, 9, &[]);
    assert_eq!(said(&nine), "arrivals: 9 given, allowed is 1..=8");
    assert_eq!(said(&scenario(Model::Sharded, 5, 1, 1, &[])), "workers: 5 given, allowed is 1..=4");
    let mut open = scenario(Model::Pool, 1, 1, 1, &[]);
    open.load = scheduler_model::scenario::Load::Open {
        rate_per_s: 1.0,
        requests: 1,
        mix: vec![(RouteId(0), 1.0)],
    };
    assert_eq!(refused(&open), CheckError::Load { given: "open" });
    let closed = "[server]\nmodel = 'pool'\n[load]\nkind = 'closed'\nclients = 1\nrequests = 1\n\
                  mix = { '/' = 1 }\n";
    let closed = Scenario::from_toml("closed.toml", closed).unwrap().0;
    assert_eq!(refused(&closed), CheckError::Load { given: "closed" });
    let idle = Scenario::from_toml("idle.toml", "[server]\nmodel = 'pool'\n").unwrap().0;
    assert_eq!(said(&idle), "arrivals: 0 given, allowed is 1..=8");
}

#[test]
fn a_search_that_is_cut_short_claims_nothing_that_it_has_not_seen() {
    let mut search =
        Checker::new(&scenario(Model::Pool, 2, 1, 3, &[DRAIN])).unwrap().with_states_max(50);
    while search.advance(7) {}
    let checked = search.report();
    assert!(!checked.complete && checked.states >= 50);
    assert!(checked.properties.iter().all(|found| found.holds.is_none()));
}

#[test]
fn nothing_is_claimed_of_what_never_happened() {
    let checked = check(&scenario(Model::Pool, 2, 1, 2, &[])).unwrap();
    for property in [Property::ADrainEnds, Property::APanicCostsOneRequest] {
        assert_eq!(finding(&checked, property), None);
    }
}
