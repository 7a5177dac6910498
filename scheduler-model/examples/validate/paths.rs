//! Runs without chance of their own: the book's experiment, arithmetic, trees, published paths.

use scheduler_model::scenario::{Arrival, Distribution, Fork, Load, Ranged, Scenario};
use scheduler_model::theory::makespan_bounds;
use scheduler_model::{Model, RouteId, SimTime, Span, Trace, World, simulate};

use crate::ciw::{PythonRandom, mean_wait, records};
use crate::formulas::workers;
use crate::sample::{run, server};
use crate::table::{Row, Section};

pub(crate) fn sections() -> Vec<Section> {
    vec![book(), sharing(), trees(), ciw()]
}

/// One nanosecond, in seconds.
const NANO: f64 = 1.000_1e-9;

fn book() -> Section {
    let mut rows = Vec::new();
    let mut asked = |name: &str, model, n, paths: &[u16], expected: &[(usize, f64, bool)]| {
        let times = times(&listed(model, n, paths));
        for &(request, seconds, is_wait) in expected {
            let (wait, end) = times[request - 1];
            let (ours, what) = if is_wait { (wait, "waits") } else { (end, "ends") };
            rows.push(Row::exact(format!("{name}: request {request} {what}"), seconds, ours, NANO));
        }
    };
    let (quick, sleep) = (0, 1);
    let (waits, ends) = (true, false);
    asked("single, /sleep and /", Model::Single, 1, &[sleep, quick], &[(2, 5.0, waits)]);
    let both = [(2, 0.0, ends), (3, 0.0, ends)];
    asked("spawn, /sleep and two /", Model::Spawn, 1, &[sleep, quick, quick], &both);
    let five = [sleep, sleep, sleep, sleep, quick];
    asked("pool of 4, four /sleep and /", Model::Pool, 4, &five, &[(5, 5.0, waits)]);
    asked("pool of 4, three /sleep and /", Model::Pool, 4, &five[1..], &[(4, 0.0, waits)]);
    let waves: Vec<_> = (1..=10).map(|n| (n, [5.0, 10.0, 15.0][(n - 1) / 4], ends)).collect();
    asked("pool of 4, ten /sleep", Model::Pool, 4, &[sleep; 10], &waves);
    let together: Vec<_> = (1..=10).map(|n| (n, 5.0, ends)).collect();
    asked("async, ten /sleep", Model::Async, 1, &[sleep; 10], &together);
    Section {
        title: "The book's experiment, simulated",
        note: "All at the same instant, in that order, without CPU time or overheads. Seconds.",
        rows,
    }
}

fn sharing() -> Section {
    let mut scenario = server(Model::Spawn, 1);
    let kind = scenario.requests[0].clone();
    scenario.requests.clear();
    let mut arrivals = Vec::new();
    for (route, seconds) in (0_u16..3).zip(1..) {
        let mut kind = kind.clone();
        kind.path = format!("/{seconds}");
        kind.cpu = Distribution::Constant(Span::from_millis(1_000 * seconds));
        scenario.requests.push(kind);
        let at = SimTime::from_nanos(500_000_000);
        arrivals.push(Arrival { at, route: RouteId(route), count: Ranged::MIN });
    }
    scenario.load = Load::Listed(arrivals);
    let ends = times(&scenario).into_iter().map(|(_, end)| end);
    let row = |((seconds, expected), end): ((u32, f64), f64)| {
        Row::exact(format!("the job of {seconds} s ends"), expected, end, NANO)
    };
    let rows = [(1, 3.5), (2, 5.5), (3, 6.5)].into_iter().zip(ends).map(row).collect();
    Section {
        title: "Processor sharing, simulated",
        note: "Jobs of 1, 2 and 3 s, all there at 0.5 s, on one core. Seconds.",
        rows,
    }
}

fn trees() -> Section {
    let mut rows = Vec::new();
    for (n, ms) in [(1, 4.0), (2, 2.0), (4, 1.0), (8, 0.5), (16, 0.5)] {
        let makespan = tree(3, Span::from_micros(500), n, 1);
        rows.push(Row::exact(format!("8 leaves, {n} workers: ms"), ms, 1e3 * makespan, 1e-6));
    }
    let (mut n_runs, mut n_within) = (0_u32, 0_u32);
    let leaf = Span::from_micros(500);
    for depth in 0..=7 {
        for n in 1..=16 {
            for seed in 1..=5 {
                let work = f64::from(1_u32 << depth) * leaf.as_secs_f64();
                let (least, most) = makespan_bounds(work, leaf.as_secs_f64(), workers(n));
                let makespan = tree(depth, leaf, n, seed);
                n_runs += 1;
                n_within += u32::from(least - NANO <= makespan && makespan <= most + NANO);
            }
        }
    }
    let what = "runs with T_P within T₁/P, T∞ and T₁/P + T∞ (depth 0–7, 1–16 workers, 5 seeds)";
    rows.push(Row::exact(what, f64::from(n_runs), f64::from(n_within), 0.0));
    Section {
        title: "Fork/join, simulated",
        note: "Binary trees of joins with leaves of 0.5 ms, without overheads, a core for each worker.",
        rows,
    }
}

/// How long one request with a tree takes, in seconds.
fn tree(depth: u32, leaf_cpu: Span, n_workers: u32, seed: u64) -> f64 {
    let mut scenario = server(Model::ForkJoin, n_workers);
    scenario.machine.cores = Ranged::clamped(n_workers.into());
    scenario.requests[0].fork = Some(Fork { depth: Ranged::clamped(depth.into()), leaf_cpu });
    let one = Arrival { at: SimTime::ZERO, route: RouteId(0), count: Ranged::MIN };
    scenario.load = Load::Listed(vec![one]);
    run(&scenario, seed).0.sojourn_time.mean.expect("it was answered")
}

fn ciw() -> Section {
    let mut random = PythonRandom::seed(1);
    let drawn = [0.134_364_244_112_401_22, 0.847_433_736_937_232_7, 0.763_774_618_976_614];
    let check = |(index, expected): (usize, f64)| {
        let what = format!("the generator, seed 1: draw {}", index + 1);
        Row::exact(what, expected, random.random(), 0.0)
    };
    let mut rows: Vec<Row> = drawn.into_iter().enumerate().map(check).collect();
    let one = records(1, 1440.0);
    let n_records = f64::from(u32::try_from(one.len()).expect("some hundred"));
    rows.push(Row::exact("seed 1, T = 1440: customers served", 304.0, n_records, 0.0));
    let mean = mean_wait(&one, f64::NEG_INFINITY, f64::INFINITY);
    rows.push(Row::exact("seed 1, T = 1440: mean wait", 4.230_543_089_827_278, mean, 1e-6));
    let means = (0..10).map(|seed| mean_wait(&records(seed, 1640.0), 100.0, 1540.0));
    let what = "seeds 0–9, T = 1640, arrivals from 100 to 1540: mean of mean waits";
    rows.push(Row::exact(what, 5.626_497_616_829_948, means.sum::<f64>() / 10.0, 1e-6));
    Section {
        title: "Ciw's published sample paths, simulated",
        note: "M/M/3, λ = 0.2, μ = 0.1, drawn as Ciw draws, scheduled by this project. Means to 10⁻⁶.",
        rows,
    }
}

/// The book's two routes without CPU time, all asked at once.
fn listed(model: Model, n_workers: u32, paths: &[u16]) -> Scenario {
    let mut scenario = server(model, n_workers);
    let mut sleep = scenario.requests[0].clone();
    "/sleep".clone_into(&mut sleep.path);
    sleep.sleep = Distribution::Constant(Span::from_millis(5_000));
    scenario.requests.push(sleep);
    let one = |&path: &u16| Arrival { at: SimTime::ZERO, route: RouteId(path), count: Ranged::MIN };
    scenario.load = Load::Listed(paths.iter().map(one).collect());
    scenario
}

/// Waiting time and end of each request in the order of arrival, in seconds.
fn times(scenario: &Scenario) -> Vec<(f64, f64)> {
    let mut left = departures(&simulate(scenario));
    left.sort_by_key(|&(request, ..)| request);
    left.into_iter().map(|(_, wait, end)| (wait, end)).collect()
}

fn departures(trace: &Trace) -> Vec<(u64, f64, f64)> {
    let mut world = World::new(&trace.header);
    let mut left = Vec::new();
    for event in &trace.events {
        let departure = world.apply(event).expect("a simulated run is legal");
        left.extend(departure.map(|departure| {
            let request = departure.request;
            let started = request.started.expect("it was answered");
            let wait = started.since(request.arrived).as_secs_f64();
            (request.id.0, wait, departure.at.as_secs_f64())
        }));
    }
    left
}
