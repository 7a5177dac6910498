//! One run of every model has the same digest natively and in wasm: the arithmetic, the draws and
//! the order of events are the same to the last bit.
//!
//! A changed digest is a changed model: raise `MODEL_VERSION` with it.

use std::num::NonZeroU32;

use scheduler_model::scenario::{
    Distribution, Fork, Load, OnFull, QueueBound, Ranged, Scenario, Server,
};
use scheduler_model::theory::{FiniteQueue, Mmc};
use scheduler_model::{Model, RouteId, Simulation, Span};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Draws from every distribution, a queue that overflows, and clients that give up.
fn digest(model: Model, quantum_us: u64) -> String {
    let server = Server {
        queue: QueueBound::Bounded(Ranged::of::<6>()),
        on_full: OnFull::DropOldest,
        threads_max: Ranged::of::<12>(),
        ..Server::new(model)
    };
    let mut scenario = Scenario::new("golden", server);
    scenario.seed = 2026;
    scenario.machine.quantum = Span::from_micros(quantum_us);
    scenario.requests[0].cpu = Distribution::Exponential(Span::from_micros(900));
    scenario.requests[1].cpu = Distribution::Uniform(Span::from_micros(10), Span::from_micros(700));
    scenario.requests[1].sleep = Distribution::Hyperexponential(vec![
        (Span::from_millis(2), 0.7),
        (Span::from_millis(30), 0.3),
    ]);
    if model == Model::ForkJoin {
        let leaf_cpu = Span::from_micros(60);
        scenario.requests[0].fork = Some(Fork { depth: Ranged::of::<4>(), leaf_cpu });
    }
    scenario.patience = Some(Span::from_millis(25));
    let mix = vec![(RouteId(0), 0.6), (RouteId(1), 0.4)];
    scenario.load = Load::Open { rate_per_s: 900.0, requests: 5_000, mix };
    let mut simulation = Simulation::new(&scenario);
    simulation.run();
    simulation.report().digest.to_string()
}

#[test]
fn single_has_its_golden_digest() {
    assert_eq!(digest(Model::Single, 3000), "3dde9047fb102075");
}

#[test]
fn spawn_has_its_golden_digest() {
    assert_eq!(digest(Model::Spawn, 3000), "ef63dd3c03e1d522");
}

#[test]
fn spawn_under_processor_sharing_has_its_golden_digest() {
    assert_eq!(digest(Model::Spawn, 0), "0835463f130f6a42");
}

#[test]
fn pool_has_its_golden_digest() {
    assert_eq!(digest(Model::Pool, 3000), "5750a5922aa5ba59");
}

#[test]
fn fork_join_has_its_golden_digest() {
    assert_eq!(digest(Model::ForkJoin, 3000), "4a1f73d7574d1946");
}

#[test]
fn async_has_its_golden_digest() {
    assert_eq!(digest(Model::Async, 3000), "0a9780293f12968b");
}

#[test]
fn sharded_has_its_golden_digest() {
    assert_eq!(digest(Model::Sharded, 3000), "24d477837f89e92b");
}

#[test]
fn sharded_under_processor_sharing_has_its_golden_digest() {
    assert_eq!(digest(Model::Sharded, 0), "134beeeee0534be6");
}

#[test]
fn theory_is_the_same_to_the_last_bit() {
    let four = NonZeroU32::new(4).expect("not zero");
    let endless = Mmc::new(3.6, 1.0, four).expect("it is stable");
    let bounded = FiniteQueue::open(3.6, 1.0, four, 50).expect("legal rates");
    let quantiles = [
        endless.waiting_time_quantile(0.99),
        endless.sojourn_time_quantile(0.99),
        bounded.waiting_time_quantile(0.99),
        bounded.sojourn_time_quantile(0.99),
    ];
    let bits = quantiles.map(|quantile| format!("{:016x}", quantile.unwrap_or(0.0).to_bits()));
    assert_eq!(
        bits,
        ["4025d53f6eca1e31", "402862e6d79a4127", "40238354a1bc4d43", "402621f2f29a5abc"]
    );
}
