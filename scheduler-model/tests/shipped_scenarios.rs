//! The scenarios that come with the project show what their first lines say.
#![cfg(not(target_arch = "wasm32"))]

use std::fs;
use std::path::Path;

use scheduler_model::scenario::{FaultKind, Ranged};
use scheduler_model::{Model, RunReport, Scenario, Simulation, Span, simulate};

#[test]
fn book_two_quick_requests_wait_for_one_that_sleeps_or_do_not() {
    let book = shipped("book");
    let mut pool_of_one = book.clone();
    pool_of_one.server.workers = Ranged::MIN;
    for scenario in [book.with_model(Model::Single), pool_of_one] {
        // The median of three is one of the two quick ones.
        assert!(run(&scenario).sojourn_time.p50 > Some(0.29), "{scenario:?}");
    }
    for model in [Model::Spawn, Model::Pool] {
        let report = run(&book.with_model(model));
        assert!(report.sojourn_time.p50 < Some(0.001), "{report:?}");
        assert_eq!(report.answered, 3);
    }
}

#[test]
fn ten_sleeps_end_in_waves_on_a_pool_and_together_on_threads() {
    let scenario = shipped("ten-sleeps");
    let pool = run(&scenario);
    assert_eq!((pool.sojourn_time.p50, pool.sojourn_time.max), (Some(10.0), Some(15.0)));
    // (4 × 5 + 4 × 10 + 2 × 15) / 10
    assert_eq!(pool.sojourn_time.mean, Some(9.0));
    assert_eq!(run(&scenario.with_model(Model::Spawn)).sojourn_time.max, Some(5.0));
}

#[test]
fn flood_makes_threads_pile_up_until_no_more_can_start_and_a_pool_stays_quick() {
    let scenario = shipped("flood");
    let spawn = run(&scenario);
    assert!(spawn.threads_peak >= 2_048 && spawn.rejected > 0, "{spawn:?}");
    assert!(spawn.sojourn_time.p95 > Some(1.0), "{spawn:?}");
    let pool = run(&scenario.with_model(Model::Pool));
    assert!(pool.threads_peak == 128 && pool.rejected > 0, "{pool:?}");
    assert!(pool.sojourn_time.max < Some(0.1), "{pool:?}");
}

#[test]
fn drain_answers_what_was_accepted_and_nothing_after_that() {
    let mut scenario = shipped("drain");
    assert_eq!(run(&scenario).answered, 6);
    let FaultKind::Drain { deadline } = &mut scenario.faults[0].kind else { panic!("a drain") };
    *deadline = Span::from_millis(1_000);
    assert_eq!(run(&scenario).answered, 4, "the last two come too late");
}

#[test]
fn fork_is_answered_sooner_by_workers_that_steal_its_parts() {
    let scenario = shipped("fork");
    let alone = run(&scenario.with_model(Model::Pool)).sojourn_time.max.unwrap();
    let split = run(&scenario).sojourn_time.max.unwrap();
    assert!(alone > 0.008, "16 leaves of 500 µs one after the other: {alone} s");
    assert!(split < alone / 3.0, "{split} s and {alone} s");
    let mut one_core = scenario;
    one_core.machine.cores = Ranged::MIN;
    assert!(run(&one_core).sojourn_time.max > Some(alone), "splitting costs, and gains nothing");
}

#[test]
fn panic_costs_one_request_and_no_worker() {
    for model in [Model::Single, Model::Spawn, Model::Pool] {
        let report = run(&shipped("panic").with_model(model));
        assert_eq!((report.answered, report.failed), (7, 1), "{report:?}");
    }
}

#[test]
fn resize_gives_the_pool_four_workers_while_they_are_needed() {
    let report = run(&shipped("resize"));
    assert_eq!((report.answered, report.threads_peak), (12, 4), "{report:?}");
}

#[test]
fn mm4_waits_as_long_as_erlang_c_says() {
    let waiting_time = run(&shipped("mm4")).waiting_time;
    let mean = waiting_time.mean.expect("requests were answered");
    let half_width = waiting_time.half_width_99.expect("there are enough of them");
    assert!((mean - 0.007_455).abs() <= half_width, "{waiting_time:?}");
}

#[test]
fn closed_never_has_more_waiting_than_there_are_clients() {
    for model in [Model::Single, Model::Spawn, Model::Pool] {
        let report = run(&shipped("closed").with_model(model));
        assert_eq!(report.answered, 20_000);
        assert!(report.run_queue_peak <= 20 - 4, "{report:?}");
    }
}

#[test]
fn closed_obeys_the_interactive_response_time_law() {
    for model in [Model::Single, Model::Spawn, Model::Pool] {
        let scenario = shipped("closed").with_model(model);
        let end = simulate(&scenario).events.last().expect("something happened").at;
        let throughput = 20_000.0 / end.as_secs_f64();
        let response_time = run(&scenario).sojourn_time.mean.expect("requests were answered");
        let n_clients = throughput * (response_time + 0.040);
        assert!((n_clients - 20.0).abs() < 0.4, "{n_clients} clients under {model:?}");
    }
}

fn shipped(name: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../scenarios/{name}.toml"));
    let text = fs::read_to_string(path).expect("it comes with the project");
    Scenario::from_toml(name, &text).expect("it is legal").0
}

fn run(scenario: &Scenario) -> RunReport {
    let mut simulation = Simulation::new(scenario);
    simulation.run();
    simulation.report()
}
