//! Runs of the simulation, and what is estimated from them.
//!
//! The unit of time is a second, and a mean service takes one.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use scheduler_model::scenario::{
    Distribution, Load, QueueBound, Ranged, RequestKind, Scenario, Server,
};
use scheduler_model::{Model, RouteId, RunReport, Simulation, Span, Times};

use crate::table::{Allowed, Row};

/// One second: the mean service time.
pub(crate) const SERVICE: Span = Span::from_millis(1_000);

/// Seeds of a point that is run often; a point that is run once has the first.
const SEEDS: std::ops::Range<u64> = 1..33;

/// The 99.5 % point of Student's t for 31 degrees of freedom, the fewest there are.
const STUDENT_995: f64 = 2.744;

/// A distribution of mean one second and this variation: 0, 1, or 4 with balanced means.
pub(crate) fn service(squared_variation: u32) -> Distribution {
    match squared_variation {
        0 => Distribution::Constant(SERVICE),
        1 => Distribution::Exponential(SERVICE),
        _ => {
            let c2 = f64::from(squared_variation);
            let often = f64::midpoint(1.0, libm::sqrt((c2 - 1.0) / (c2 + 1.0)));
            let phase = |weight: f64| (seconds(0.5 / weight), weight);
            Distribution::Hyperexponential(vec![phase(often), phase(1.0 - often)])
        }
    }
}

/// What service is, as a word.
pub(crate) const fn name(squared_variation: u32) -> &'static str {
    match squared_variation {
        0 => "constant",
        1 => "exponential",
        _ => "c² = 4",
    }
}

/// A server without overheads; one route, without CPU time or sleep.
pub(crate) fn server(model: Model, workers: u32) -> Scenario {
    let server = Server {
        workers: Ranged::clamped(workers.into()),
        queue: QueueBound::Unbounded,
        threads_max: Ranged::MAX,
        accept_backlog: Ranged::MAX,
        ..Server::new(model)
    };
    let mut scenario = Scenario::new("validation", server);
    let machine = &mut scenario.machine;
    (machine.context_switch, machine.spawn, machine.dispatch) =
        (Span::ZERO, Span::ZERO, Span::ZERO);
    (machine.quantum, machine.cores) = (Span::ZERO, Ranged::MIN);
    (machine.stack_kib, machine.memory_mib) = (Ranged::MIN, Ranged::MAX);
    let none = Distribution::Constant(Span::ZERO);
    let path = "/".to_owned();
    scenario.requests = vec![RequestKind { path, cpu: none.clone(), sleep: none, fork: None }];
    scenario
}

/// A pool of workers that sleep for each request: M/G/c, with room for so many that wait.
pub(crate) fn pool(workers: u32, service: Distribution, queue: Option<u32>) -> Scenario {
    let mut scenario = server(Model::Pool, workers);
    if let Some(places) = queue {
        scenario.server.queue = QueueBound::Bounded(Ranged::clamped(places.into()));
    }
    scenario.requests[0].sleep = service;
    scenario
}

/// The scenario under Poisson arrivals, the first tenth of them left out.
pub(crate) fn open(mut scenario: Scenario, rate_per_s: f64, requests: u64) -> Scenario {
    scenario.load = Load::Open { rate_per_s, requests, mix: vec![(RouteId(0), 1.0)] };
    scenario.warmup_requests = requests / 10;
    scenario
}

/// The scenario under clients that think for an exponential time, the first tenth left out.
pub(crate) fn closed(mut scenario: Scenario, clients: u32, think: Span, requests: u64) -> Scenario {
    scenario.load = Load::Closed {
        clients: Ranged::clamped(clients.into()),
        think: Distribution::Exponential(think),
        requests,
        mix: vec![(RouteId(0), 1.0)],
    };
    scenario.warmup_requests = requests / 10;
    scenario
}

/// A point to be sampled.
pub(crate) struct Point {
    pub(crate) what: String,
    pub(crate) reference: f64,
    pub(crate) scenario: Scenario,
    pub(crate) estimate: Estimate,
}

/// What is estimated, and how.
#[derive(Clone, Copy)]
pub(crate) enum Estimate {
    /// A mean time of one long run, with its interval by batch means.
    Mean(fn(&RunReport) -> Times),
    /// A figure of many short runs with seeds of their own.
    Often(fn(&RunReport, f64) -> Option<f64>),
}

/// Samples all points, on all cores; the values do not depend on how many there are.
pub(crate) fn sample(points: &[Point]) -> Vec<Row> {
    let next = AtomicUsize::new(0);
    let rows: Mutex<Vec<Option<Row>>> = Mutex::new(vec![None; points.len()]);
    let n_threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..n_threads {
            scope.spawn(|| {
                while let Some((index, point)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    points.get(index).map(|point| (index, point))
                } {
                    let row = point.sample();
                    rows.lock().expect("nobody panicked")[index] = Some(row);
                }
            });
        }
    });
    let rows = rows.into_inner().expect("nobody panicked");
    rows.into_iter().map(|row| row.expect("every point was sampled")).collect()
}

impl Point {
    fn sample(&self) -> Row {
        let (ours, allowed) = match self.estimate {
            Estimate::Mean(times) => {
                let (report, _) = run(&self.scenario, SEEDS.start);
                let times = times(&report);
                let half_width = times.half_width_99.unwrap_or(f64::NAN);
                let standard_error = half_width / STUDENT_995;
                (times.mean.unwrap_or(f64::NAN), Allowed::Sampled { half_width, standard_error })
            }
            Estimate::Often(figure) => {
                let values: Vec<f64> = SEEDS
                    .map(|seed| {
                        let (report, lasted) = run(&self.scenario, seed);
                        figure(&report, lasted).unwrap_or(f64::NAN)
                    })
                    .collect();
                interval(&values)
            }
        };
        Row { what: self.what.clone(), reference: self.reference, ours, allowed }
    }
}

/// The mean of as many independent values as there are seeds, and its interval.
#[expect(clippy::cast_precision_loss, reason = "some thirty")]
pub(crate) fn interval(values: &[f64]) -> (f64, Allowed) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    let standard_error = libm::sqrt(variance / n);
    (mean, Allowed::Sampled { half_width: STUDENT_995 * standard_error, standard_error })
}

/// A run with this seed, and how many seconds it lasted.
pub(crate) fn run(scenario: &Scenario, seed: u64) -> (RunReport, f64) {
    let mut scenario = scenario.clone();
    scenario.seed = seed;
    let mut simulation = Simulation::new(&scenario);
    simulation.run();
    (simulation.report(), simulation.world().now().as_secs_f64())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some seconds")]
fn seconds(x: f64) -> Span {
    Span::from_nanos(libm::round(x * 1e9) as u64)
}
