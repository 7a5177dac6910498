//! What is measured of the model, compiled natively and for the browser's target.

use std::time::Instant;

use scheduler_model::scenario::Load;
use scheduler_model::{Scenario, Simulation};

/// Measures what this thread has of the processor, so that others on the computer do not count;
/// where the system does not tell (it does on Linux), real time.
pub struct Stopwatch {
    start: Instant,
    cpu_ns: Option<u64>,
}

impl Stopwatch {
    /// A stopwatch that runs.
    #[must_use]
    pub fn start() -> Self {
        Self { start: Instant::now(), cpu_ns: cpu_ns() }
    }

    /// Seconds since the start.
    #[expect(clippy::cast_precision_loss, reason = "a run is shorter than 104 days")]
    #[must_use]
    pub fn seconds(&self) -> f64 {
        match (self.cpu_ns, cpu_ns()) {
            (Some(start), Some(now)) => (now - start) as f64 / 1e9,
            _ => self.start.elapsed().as_secs_f64(),
        }
    }
}

fn cpu_ns() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

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
