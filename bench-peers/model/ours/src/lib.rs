//! What is measured of the model, compiled natively and for the browser's target.

use scheduler_model::scenario::Load;
use scheduler_model::{Scenario, Simulation};

/// M/M/4 at 90 % with this many requests, at its first instant.
///
/// # Panics
///
/// Never: the scenario beside this crate is a legal one.
#[must_use]
pub fn mm4(n_requests: u64) -> Simulation {
    let parsed = Scenario::from_toml("mm4.toml", include_str!("../../mm4.toml"));
    let (mut scenario, _notes) = parsed.expect("the scenario is a legal one");
    let Load::Open { requests, .. } = &mut scenario.load else { panic!("an open load") };
    *requests = n_requests;
    Simulation::new(&scenario)
}

/// Runs M/M/4 in WebAssembly; how many requests were answered.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
#[must_use]
pub fn run(requests: u32) -> u32 {
    let mut simulation = mm4(requests.into());
    simulation.run();
    u32::try_from(simulation.report().answered).expect("no more than were asked")
}
