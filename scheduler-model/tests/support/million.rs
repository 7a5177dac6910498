//! Runs of over a million events, one for each model, and their digests.

use scheduler_model::scenario::{
    Distribution, Fork, Load, OnFull, QueueBound, Ranged, Scenario, Server,
};
use scheduler_model::{Model, RouteId, Simulation, Span};

/// Draws from every distribution, a queue that overflows, and clients that give up.
pub(crate) fn digest(model: Model) -> String {
    let server = Server {
        queue: QueueBound::Bounded(Ranged::of::<6>()),
        on_full: OnFull::DropOldest,
        threads_max: Ranged::of::<12>(),
        ..Server::new(model)
    };
    let mut scenario = Scenario::new("million", server);
    scenario.seed = 2026;
    scenario.requests[0].cpu = Distribution::Exponential(Span::from_micros(900));
    scenario.requests[1].cpu = Distribution::Uniform(Span::from_micros(10), Span::from_micros(700));
    scenario.requests[1].sleep = Distribution::Hyperexponential(vec![
        (Span::from_millis(2), 0.7),
        (Span::from_millis(30), 0.3),
    ]);
    let requests = match model {
        Model::Single => 260_000,
        Model::ForkJoin => 60_000,
        _ => 190_000,
    };
    if model == Model::ForkJoin {
        let leaf_cpu = Span::from_micros(60);
        scenario.requests[0].fork = Some(Fork { depth: Ranged::of::<4>(), leaf_cpu });
    }
    scenario.patience = Some(Span::from_millis(25));
    let mix = vec![(RouteId(0), 0.6), (RouteId(1), 0.4)];
    scenario.load = Load::Open { rate_per_s: 900.0, requests, mix };
    let mut simulation = Simulation::new(&scenario);
    simulation.run();
    let report = simulation.report();
    assert!(report.events >= 1_000_000, "{} events under {}", report.events, model.name());
    report.digest.to_string()
}

/// What each model's run comes to, on every target.
pub(crate) const DIGESTS: [(Model, &str); 6] = [
    (Model::Single, "899d023d2f5dffd7"),
    (Model::Spawn, "06c327a764151477"),
    (Model::Pool, "853babdd6b62b9d1"),
    (Model::ForkJoin, "891f823e52a27bd3"),
    (Model::Async, "989e8ea0e38ce9a8"),
    (Model::Sharded, "781d031e56b1e5d6"),
];
