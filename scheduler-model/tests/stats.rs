//! What is gathered of a run: when it may stop, and how fair it was.
#![cfg(not(target_arch = "wasm32"))]

use scheduler_model::scenario::{
    Arrival, Distribution, Load, QueueBound, Ranged, Scenario, Server,
};
use scheduler_model::{Model, RouteId, RunReport, SimTime, Simulation, Span};

#[test]
fn a_run_stops_as_soon_as_its_mean_is_known_well_enough() {
    let arrived = |precision: Option<f64>| {
        let mut simulation = Simulation::new(&mm1());
        if let Some(precision) = precision {
            simulation = simulation.until_precise(precision);
        }
        simulation.run();
        let report = simulation.report();
        let times = report.sojourn_time;
        let (mean, half_width) = (times.mean.expect("some"), times.half_width_99.expect("many"));
        (report.arrived, half_width / mean)
    };
    let (all, _) = arrived(None);
    let (rough, known) = arrived(Some(0.2));
    assert!(known <= 0.2 && rough < all, "{rough} requests for {known}");
    let (fine, known) = arrived(Some(0.08));
    assert!(known <= 0.08 && fine > rough, "{fine} requests for {known}");
    assert_eq!(arrived(Some(1e-6)).0, all, "what is asked for is all there is");
}

#[test]
fn sharing_is_fair_and_a_short_request_behind_a_long_one_is_not() {
    let mut scenario = Scenario::new("fair", Server::new(Model::Single));
    scenario.machine.quantum = Span::ZERO;
    scenario.machine.spawn = Span::ZERO;
    let one = |route| Arrival { at: SimTime::ZERO, route: RouteId(route), count: Ranged::MIN };
    scenario.load = Load::Listed(vec![one(1), one(0)]);
    scenario.requests[0].cpu = Distribution::Constant(Span::from_millis(1));
    scenario.requests[1].cpu = Distribution::Constant(Span::from_millis(99));
    scenario.requests[1].sleep = Distribution::Constant(Span::ZERO);
    // Speeds of 1 and 1/100: (1.01)² / (2 · 1.0001).
    let unfair = run(&scenario).fairness.expect("both were answered");
    assert!((unfair - 1.0201 / 2.0002).abs() < 1e-9, "{unfair}");
    assert_eq!(run(&scenario.with_model(Model::Spawn)).fairness, Some(1.0));
}

fn mm1() -> Scenario {
    let server = Server { queue: QueueBound::Unbounded, ..Server::new(Model::Single) };
    let mut scenario = Scenario::new("mm1", server);
    scenario.requests.truncate(1);
    scenario.requests[0].cpu = Distribution::Exponential(Span::from_millis(1));
    let mix = vec![(RouteId(0), 1.0)];
    scenario.load = Load::Open { rate_per_s: 500.0, requests: 60_000, mix };
    scenario
}

fn run(scenario: &Scenario) -> RunReport {
    let mut simulation = Simulation::new(scenario);
    simulation.run();
    simulation.report()
}
