//! The book's experiment, exact to the nanosecond: no overheads, no CPU time, sleeps of 5 s.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use scheduler_model::scenario::{
    Arrival, Distribution, Load, MachineConfig, Ranged, Scenario, Server,
};
use scheduler_model::{
    EventKind, Model, Outcome, RequestId, RouteId, SimTime, Simulation, Span, World, simulate,
};

const ROOT: RouteId = RouteId(0);
const SLEEP: RouteId = RouteId(1);

/// All at the same instant, in this order, with no overheads and no CPU time.
fn scenario(model: Model, workers: u64, asked: &[RouteId]) -> Scenario {
    let mut scenario =
        Scenario::new("book", Server { workers: Ranged::clamped(workers), ..Server::new(model) });
    scenario.machine = MachineConfig {
        context_switch: Span::ZERO,
        spawn: Span::ZERO,
        dispatch: Span::ZERO,
        ..MachineConfig::default()
    };
    for kind in &mut scenario.requests {
        kind.cpu = Distribution::Constant(Span::ZERO);
    }
    let one = |&route| Arrival { at: SimTime::ZERO, route, count: Ranged::MIN };
    scenario.load = Load::Listed(asked.iter().map(one).collect());
    scenario
}

/// Waiting time and end of each request, in ms.
fn times(scenario: &Scenario) -> Vec<(u64, u64)> {
    let trace = simulate(scenario);
    let mut world = World::new(&trace.header);
    let mut times = vec![(0, 0); usize::try_from(world.next_request().0).unwrap() - 1];
    for event in &trace.events {
        if let Some(departure) = world.apply(event).unwrap() {
            assert_eq!(departure.outcome, Outcome::Answered);
            let waited = departure.request.started.unwrap().since(departure.request.arrived);
            let index = usize::try_from(departure.request.id.0).unwrap() - 1;
            times.resize(times.len().max(index + 1), (0, 0));
            times[index] = (waited.as_nanos() / 1_000_000, departure.at.as_nanos() / 1_000_000);
        }
    }
    times
}

#[test]
fn single_keeps_the_next_request_waiting_for_the_whole_sleep() {
    assert_eq!(times(&scenario(Model::Single, 1, &[SLEEP, ROOT])), [(0, 5000), (5000, 5000)]);
}

#[test]
fn a_thread_for_each_connection_answers_both_at_once() {
    let times = times(&scenario(Model::Spawn, 1, &[SLEEP, ROOT, ROOT]));
    assert_eq!(times, [(0, 5000), (0, 0), (0, 0)]);
}

#[test]
fn a_pool_of_four_waits_only_when_all_four_sleep() {
    let five = times(&scenario(Model::Pool, 4, &[SLEEP, SLEEP, SLEEP, SLEEP, ROOT]));
    assert_eq!(five[4], (5000, 5000));
    let four = times(&scenario(Model::Pool, 4, &[SLEEP, SLEEP, SLEEP, ROOT]));
    assert_eq!(four[3], (0, 0));
}

#[test]
fn ten_sleeps_on_four_workers_end_in_three_waves() {
    let ends: Vec<_> =
        times(&scenario(Model::Pool, 4, &[SLEEP; 10])).into_iter().map(|(_, end)| end).collect();
    assert_eq!(ends, [5000, 5000, 5000, 5000, 10_000, 10_000, 10_000, 10_000, 15_000, 15_000]);
}

#[test]
fn equal_sharing_finishes_jobs_of_one_two_and_three_seconds_as_the_arithmetic_says() {
    let mut scenario = scenario(Model::Spawn, 1, &[]);
    scenario.machine.quantum = Span::ZERO;
    scenario.machine.cores = Ranged::MIN;
    let mut kind = scenario.requests[0].clone();
    scenario.requests.clear();
    let at = SimTime::from_nanos(500_000_000);
    let mut listed = Vec::new();
    for seconds in 1..=3 {
        kind.path = format!("/{seconds}");
        kind.cpu = Distribution::Constant(Span::from_millis(seconds * 1000));
        scenario.requests.push(kind.clone());
        let route = RouteId(u16::try_from(seconds).unwrap() - 1);
        listed.push(Arrival { at, route, count: Ranged::MIN });
    }
    scenario.load = Load::Listed(listed);
    let ends: Vec<_> = times(&scenario).into_iter().map(|(_, end)| end).collect();
    assert_eq!(ends, [3500, 5500, 6500]);
}

#[test]
fn waited_is_read_from_the_decision_and_not_from_the_clock() {
    let waited = |asked: &[RouteId]| {
        let mut simulation = Simulation::new(&scenario(Model::Pool, 1, asked));
        simulation.run();
        simulation.report().waited
    };
    assert_eq!(waited(&[SLEEP, ROOT]), Some(0.5), "the second was queued");
    assert_eq!(waited(&[ROOT, ROOT]), Some(0.0), "completions come before arrivals");
}

#[test]
fn events_name_the_request_that_a_worker_got() {
    let trace = simulate(&scenario(Model::Pool, 2, &[SLEEP, ROOT]));
    let assigned: Vec<_> = trace
        .events
        .iter()
        .filter_map(|event| match event.kind {
            EventKind::Decision(scheduler_model::Decision::Assign { request, worker }) => {
                Some((request, worker.get()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(assigned, [(RequestId(1), 1), (RequestId(2), 2)]);
}
