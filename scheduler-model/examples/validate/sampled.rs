//! Runs with chance: steady states of the simulation against the same tables.

use scheduler_model::scenario::{Distribution, Scenario};
use scheduler_model::{Model, RouteId, RunReport, Span, World, simulate};

use crate::formulas::{CLOSED, ERLANG_B, ERLANG_C, LOADS, P99};
use crate::sample::{
    Estimate, Point, SERVICE, closed, interval, name, open, pool, sample, server, service,
};
use crate::table::{Row, Section};

pub(crate) fn sections() -> Vec<Section> {
    vec![erlang_c(), finite(), one_server(), closed_load()]
}

const WAITING: Estimate = Estimate::Mean(|report| report.waiting_time);
const SOJOURN: Estimate = Estimate::Mean(|report| report.sojourn_time);
const LOSS: Estimate = Estimate::Often(|report, _| share(report.rejected, report));
const WAITED: Estimate = Estimate::Often(|report, _| report.waited);
const THROUGHPUT: Estimate = Estimate::Often(|report, lasted| {
    share(report.answered, report).map(|share| share * count(report.arrived) / lasted)
});

fn erlang_c() -> Section {
    let mut points = Vec::new();
    for (c, waits, times) in ERLANG_C {
        for ((load, wait), time) in LOADS.into_iter().zip(waits).zip(times) {
            let rate = load * f64::from(c);
            let of = |requests| open(pool(c, service(1), None), rate, requests);
            // The nearer to 1 the load, the longer a run remembers its beginning.
            let requests = if load > 0.85 { 4_000_000 } else { 1_000_000 };
            points.push(point(format!("M/M/{c}, ρ = {load}: Wq·μ"), time, of(requests), WAITING));
            if load < 0.85 {
                let what = format!("M/M/{c}, ρ = {load}: P(wait)");
                points.push(point(what, wait, of(100_000), WAITED));
            }
        }
    }
    let scenario = open(pool(4, service(1), None), 3.6, 200_000);
    let p99 = Estimate::Often(|report, _| report.waiting_time.p99);
    points.push(point("M/M/4, ρ = 0.9: p99 of the wait · μ", P99, scenario, p99));
    Section {
        title: "Erlang C, simulated",
        note: "A pool of c workers with an unbounded queue, exponential sleeps.",
        rows: sample(&points),
    }
}

fn finite() -> Section {
    let mut points = Vec::new();
    for (load, c, lost) in ERLANG_B {
        for c2 in [1, 0] {
            let scenario = open(pool(c, service(c2), Some(0)), load, 100_000);
            let what = format!("Erlang B, a = {load}, c = {c}, {} service: loss", name(c2));
            points.push(point(what, lost, scenario, LOSS));
        }
    }
    let bounded = |c, queue, load| open(pool(c, service(1), Some(queue)), load, 200_000);
    let long = |c, queue, load| open(pool(c, service(1), Some(queue)), load, 2_000_000);
    points.push(point("M/M/1/10, λ = μ: p_K", 1.0 / 11.0, bounded(1, 9, 1.0), LOSS));
    // Q = 5 of which 10/11 of the arrivals are let in: W = Q / (10/11), by Little's law.
    points.push(point("M/M/1/10, λ = μ: W·μ (Q = 5)", 5.5, long(1, 9, 1.0), SOJOURN));
    points.push(point("M/M/4/6, λ/μ = 5: p_K", 0.293_543, bounded(4, 2, 5.0), LOSS));
    points.push(point("M/M/2/5, λ/μ = 1.5: p_K", 0.085_114, bounded(2, 3, 1.5), LOSS));
    // The table's unit is half a service.
    let waits = 2.0 * 0.230_858;
    points.push(point("M/M/2/5, λ/μ = 1.5: Wq·μ", waits, long(2, 3, 1.5), WAITING));
    Section {
        title: "Bounded queues and loss, simulated",
        note: "A pool with a bounded queue that rejects. The loss of Erlang B does not depend on the \
               distribution of service.",
        rows: sample(&points),
    }
}

fn one_server() -> Section {
    let mut points = Vec::new();
    for (c2, waits) in [(1, 4.0), (0, 2.0), (4, 10.0)] {
        let mut single = server(Model::Single, 1);
        single.requests[0].cpu = service(c2);
        let what = format!("single, M/G/1, ρ = 0.8, {} service: Wq·μ", name(c2));
        points.push(point(what, waits, open(single, 0.8, 4_000_000), WAITING));
    }
    for c2 in [1, 0, 4] {
        let what = format!("spawn, M/G/1-PS, ρ = 0.8, {} service: W·μ", name(c2));
        points.push(point(what, 5.0, open(sharing(service(c2)), 0.8, 2_000_000), SOJOURN));
    }
    for (load, response) in [(0.5, 5.0), (0.8, 8.0)] {
        let mut scenario = server(Model::Async, 1);
        scenario.requests[0].cpu = service(1);
        scenario.requests[0].sleep = Distribution::Constant(Span::from_millis(3_000));
        let what = format!("async, D = 1, Z = 3, λD = {load}: R");
        points.push(point(what, response, open(scenario, load, 2_000_000), SOJOURN));
    }
    let mut rows = sample(&points);
    rows.extend(sojourn_by_size());
    Section {
        title: "One server, simulated",
        note: "`single` is first come first served, `spawn` on one core with `quantum_us = 0` is \
               processor sharing, `async` is a loop with delays.",
        rows,
    }
}

/// Threads that share one core.
fn sharing(cpu: Distribution) -> Scenario {
    let mut scenario = server(Model::Spawn, 1);
    scenario.requests[0].cpu = cpu;
    scenario
}

/// E[T | x] in M/G/1-PS: two sizes, the mean of each over every run, from its events.
fn sojourn_by_size() -> Vec<Row> {
    let sizes = [0.5, 2.0];
    let mut scenario = sharing(Distribution::Constant(Span::from_millis(500)));
    let mut large = scenario.requests[0].clone();
    "/large".clone_into(&mut large.path);
    large.cpu = Distribution::Constant(Span::from_millis(2_000));
    scenario.requests.push(large);
    // Two thirds of .5 and one third of 2: a mean of 1.
    let mut scenario = open(scenario, 0.8, 20_000);
    if let scheduler_model::scenario::Load::Open { mix, .. } = &mut scenario.load {
        *mix = vec![(RouteId(0), 2.0 / 3.0), (RouteId(1), 1.0 / 3.0)];
    }
    let mut means = [Vec::new(), Vec::new()];
    for seed in 1..33 {
        scenario.seed = seed;
        let trace = simulate(&scenario);
        let mut world = World::new(&trace.header);
        let mut sums = [(0.0, 0.0); 2];
        for event in &trace.events {
            let left = world.apply(event).expect("a simulated run is legal");
            let Some(left) = left.filter(|left| left.request.id.0 > 2_000) else { continue };
            let route = usize::from(left.request.route.expect("a simulation knows it").0);
            let sojourn = left.at.since(left.request.arrived).as_secs_f64();
            sums[route] = (sums[route].0 + 1.0, sums[route].1 + sojourn);
        }
        for (means, (n, sum)) in means.iter_mut().zip(sums) {
            means.push(sum / n);
        }
    }
    let row = |(size, means): (f64, Vec<f64>)| {
        let (ours, allowed) = interval(&means);
        let what = format!("spawn, M/G/1-PS, ρ = 0.8: E[T | x = {size}]");
        Row { what, reference: size / 0.2, ours, allowed }
    };
    sizes.into_iter().zip(means).map(row).collect()
}

fn closed_load() -> Section {
    let mut points = Vec::new();
    let think = Span::from_nanos(9 * SERVICE.as_nanos());
    for (clients, throughput, response) in CLOSED {
        let of = |requests| closed(pool(4, service(1), None), clients, think, requests);
        points.push(point(format!("N = {clients}: X"), throughput, of(100_000), THROUGHPUT));
        points.push(point(format!("N = {clients}: R"), response, of(2_000_000), SOJOURN));
    }
    Section {
        title: "Closed load, simulated",
        note: "N clients that think for 9, service 1, a pool of 4, all exponential.",
        rows: sample(&points),
    }
}

fn point(what: impl Into<String>, reference: f64, scenario: Scenario, estimate: Estimate) -> Point {
    Point { what: what.into(), reference, scenario, estimate }
}

fn share(part: u64, report: &RunReport) -> Option<f64> {
    (report.arrived > 0).then(|| count(part) / count(report.arrived))
}

#[expect(clippy::cast_precision_loss, reason = "some millions")]
fn count(n: u64) -> f64 {
    n as f64
}
