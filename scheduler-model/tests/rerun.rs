//! A run that has been, run again: with its own server nothing changes, with another one it does.

use scheduler_model::scenario::{
    Arrival, Distribution, Load, OnFull, QueueBound, Ranged, Scenario, Server,
};
use scheduler_model::trace::Source;
use scheduler_model::{
    EventKind, Machine, Model, RequestId, RerunError, RouteId, RunReport, SimTime, Simulation,
    Span, Stimulus, Trace, World, rerun, simulate,
};

const SLEEP: RouteId = RouteId(1);

/// Exponential sleeps of 10 ms after 200 µs of CPU time, 300 a second, on a small pool.
fn busy(model: Model) -> Scenario {
    let workers = Ranged::of::<3>();
    let queue = QueueBound::Bounded(Ranged::of::<2>());
    let mut scenario = Scenario::new("busy", Server { workers, queue, ..Server::new(model) });
    scenario.requests[1].sleep = Distribution::Exponential(Span::from_millis(10));
    let mix = vec![(RouteId(0), 0.2), (SLEEP, 0.8)];
    scenario.load = Load::Open { rate_per_s: 300.0, requests: 500, mix };
    scenario
}

fn report(scenario: &Scenario) -> RunReport {
    let mut simulation = Simulation::new(scenario);
    simulation.run();
    simulation.report()
}

/// Listed sleepers without any cost beside their sleep, on a pool of one.
fn sleepers(n_requests: u64, queue: u64) -> Scenario {
    let mut scenario = Scenario::new(
        "sleepers",
        Server {
            workers: Ranged::of::<1>(),
            queue: QueueBound::Bounded(Ranged::clamped(queue)),
            ..Server::new(Model::Pool)
        },
    );
    scenario.machine.dispatch = Span::ZERO;
    scenario.machine.context_switch = Span::ZERO;
    let at = SimTime::from_nanos(7_000);
    scenario.load =
        Load::Listed(vec![Arrival { at, route: SLEEP, count: Ranged::clamped(n_requests) }]);
    scenario
}

#[test]
fn a_simulated_run_again_on_its_own_server_has_the_same_times() {
    for model in [Model::Single, Model::Spawn, Model::Pool, Model::ForkJoin, Model::Async] {
        let first = simulate(&busy(model));
        let again = rerun(&first).unwrap();
        assert_eq!((again.n_known, again.n_guessed), (500, 0));
        let (was, is) = (report(&busy(model)), report(&again.scenario));
        assert_eq!(was.sojourn_time, is.sojourn_time, "{model:?}");
        assert_eq!((was.rejected, was.answered), (is.rejected, is.answered));
    }
}

#[test]
fn another_server_fares_otherwise_with_the_same_requests() {
    let mut again = rerun(&simulate(&busy(Model::Pool))).unwrap().scenario;
    let before = report(&again);
    assert!(before.rejected > 0);
    again.server.queue = QueueBound::Unbounded;
    again.server.workers = Ranged::of::<16>();
    again.server.on_full = OnFull::Wait;
    let after = report(&again);
    assert_eq!((after.arrived, after.rejected), (500, 0));
    assert!(after.sojourn_time.p99.unwrap() < before.sojourn_time.p99.unwrap());
}

#[test]
fn a_recording_tells_cpu_time_from_sleep_by_its_events() {
    let mut trace = simulate(&sleepers(1, 0));
    trace.header.source = Source::Recorded;
    let again = rerun(&trace).unwrap();
    let Load::Replayed(requests) = &again.scenario.load else { panic!("it is replayed") };
    assert_eq!(requests.len(), 1);
    let one = requests[0];
    assert_eq!((one.at, one.route), (SimTime::ZERO, SLEEP), "the first comes at 0");
    assert_eq!((one.cpu, one.sleep), (Span::from_micros(200), Span::from_millis(5_000)));
}

#[test]
fn who_was_turned_away_is_given_the_demand_of_one_who_was_served() {
    let mut trace = simulate(&sleepers(4, 1));
    trace.header.source = Source::Recorded;
    let mut again = rerun(&trace).unwrap();
    assert_eq!((again.n_known, again.n_guessed), (2, 2));
    again.scenario.server.queue = QueueBound::Unbounded;
    let report = report(&again.scenario);
    assert_eq!((report.answered, report.rejected), (4, 0));
    assert!((report.sojourn_time.max.unwrap() - 20.0).abs() < 0.01, "four sleeps of 5 s in a row");
}

#[test]
fn a_run_without_an_answered_request_is_refused() {
    let mut scenario = sleepers(1, 0);
    scenario.load = Load::None;
    assert_eq!(rerun(&simulate(&scenario)).unwrap_err(), RerunError::NoRequest);
    let mut trace = simulate(&sleepers(2, 1));
    trace.header.source = Source::Recorded;
    trace.events.truncate(6); // before the first answer
    let error = rerun(&trace).unwrap_err();
    assert_eq!(error, RerunError::NoneServed { requests: 2 });
}

#[test]
fn a_replayed_load_survives_its_way_through_a_file() {
    let again = rerun(&simulate(&busy(Model::Pool))).unwrap().scenario;
    let (read, _) = Scenario::from_toml("busy.toml", &again.to_toml()).unwrap();
    assert_eq!(read, again);
}

/// When each request came, by its number.
fn arrivals(trace: &Trace) -> Vec<(RequestId, SimTime)> {
    let mut seen = Vec::new();
    for event in &trace.events {
        if let EventKind::Stimulus(Stimulus::RequestArrived { request, .. })
        | EventKind::Machine(
            Machine::Backlogged { request, .. } | Machine::Dropped { request, .. },
        ) = event.kind
            && seen.iter().all(|&(known, _)| known != request)
        {
            seen.push((request, event.at));
        }
    }
    seen
}

#[test]
fn beside_its_run_a_run_again_has_the_same_times_and_numbers() {
    for model in Model::ALL {
        let first = simulate(&busy(model));
        let again = rerun(&first).unwrap();
        assert_eq!(again.numbered_from, Some(RequestId(1)));
        let mut scenario = again.in_place();
        scenario.server.model = Model::Pool;
        let start = SimTime::from_nanos(again.first_at.as_nanos() / 2);
        let mut simulation = Simulation::new(&scenario).continuing(start, RequestId(1)).recording();
        simulation.run();
        assert_eq!(arrivals(&simulation.into_trace()), arrivals(&first), "{model:?}");
    }
}

#[test]
fn a_run_that_goes_on_from_a_number_is_told_in_those_that_follow() {
    let again = rerun(&simulate(&busy(Model::Pool))).unwrap();
    let (mut scenario, mut whole) = (again.in_place(), report(&again.scenario));
    for model in [Model::Single, Model::Spawn, Model::Pool, Model::ForkJoin, Model::Async] {
        scenario.server.model = model;
        let next = RequestId(1 << 40);
        let mut simulation =
            Simulation::new(&scenario).continuing(again.first_at, next).recording();
        simulation.run();
        let times = simulation.report().sojourn_time;
        let trace = simulation.into_trace();
        let mut world = World::new(&trace.header);
        assert_eq!((world.now(), world.next_request()), (again.first_at, next));
        for event in &trace.events {
            world.apply(event).unwrap();
        }
        assert_eq!(arrivals(&trace)[0].0, next);
        assert_eq!(world.counts().arrived, 500);
        if model == Model::Pool {
            whole.sojourn_time.mean = times.mean;
            assert_eq!(times, whole.sojourn_time);
        }
    }
}
