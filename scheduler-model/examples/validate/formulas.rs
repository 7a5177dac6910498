//! Formulas of [`theory`] against tables.

use std::num::NonZeroU32;

use scheduler_model::theory::{
    FiniteQueue, Mmc, async_loop_sojourn_time, binary_tree_makespan, erlang_b,
    mg1_mean_waiting_time, processor_sharing_sojourn_time, two_way_fork_join_sojourn_time,
};

use crate::table::{Row, Section};

/// The loads of the table of M/M/c.
pub(crate) const LOADS: [f64; 5] = [0.5, 0.7, 0.8, 0.9, 0.95];

/// Workers, the share that waits, and the mean waiting time in services, at each of [`LOADS`].
pub(crate) const ERLANG_C: [(u32, [f64; 5], [f64; 5]); 4] = [
    (1, [0.5, 0.7, 0.8, 0.9, 0.95], [1.0, 2.333_333, 4.0, 9.0, 19.0]),
    (
        2,
        [0.333_333, 0.576_471, 0.711_111, 0.852_632, 0.925_641],
        [0.333_333, 0.960_784, 1.777_778, 4.263_158, 9.256_410],
    ),
    (
        4,
        [0.173_913, 0.428_654, 0.596_432, 0.787_753, 0.891_419],
        [0.086_957, 0.357_212, 0.745_541, 1.969_383, 4.457_095],
    ),
    (
        8,
        [0.059_044, 0.270_603, 0.457_645, 0.701_533, 0.844_169],
        [0.014_761, 0.112_751, 0.286_028, 0.876_916, 2.110_422],
    ),
];

/// Offered load, lines, and the share that is lost.
pub(crate) const ERLANG_B: [(f64, u32, f64); 6] = [
    (1.0, 1, 0.5),
    (2.0, 2, 0.4),
    (2.0, 4, 0.095_238),
    (10.0, 10, 0.214_582),
    (10.0, 15, 0.036_497),
    (100.0, 100, 0.075_700),
];

/// Clients, throughput, and mean response time, with 9 of thinking, 1 of service, and 4 workers.
pub(crate) const CLOSED: [(u32, f64, f64); 4] =
    [(1, 0.1, 1.0), (4, 0.4, 1.0), (8, 0.799_940, 1.000_753), (16, 1.596_630, 1.021_105)];

/// The 99th percentile of the waiting time in M/M/4 at .9, in services.
pub(crate) const P99: f64 = 10.9165;

pub(crate) fn sections() -> Vec<Section> {
    vec![erlang_c(), finite(), one_server(), closed(), fork_join()]
}

fn erlang_c() -> Section {
    let mut rows = Vec::new();
    for (c, waits, times) in ERLANG_C {
        for ((load, wait), time) in LOADS.into_iter().zip(waits).zip(times) {
            let station = Mmc::new(load * f64::from(c), 1.0, workers(c)).expect("it is stable");
            let ours = (station.wait_probability(), station.mean_waiting_time());
            rows.push(Row::printed(format!("M/M/{c}, ρ = {load}: P(wait)"), wait, ours.0));
            rows.push(Row::printed(format!("M/M/{c}, ρ = {load}: Wq·μ"), time, ours.1));
        }
    }
    let station = Mmc::new(3.6, 1.0, workers(4)).expect("it is stable");
    let p99 = station.waiting_time_quantile(0.99).expect("0.99 is a quantile");
    rows.push(Row::exact("M/M/4, ρ = 0.9: p99 of the wait · μ", P99, p99, 5e-5));
    Section { title: "Erlang C, computed", note: "M/M/c; ρ = λ/(cμ). Module `theory`.", rows }
}

fn finite() -> Section {
    let mut rows = Vec::new();
    for (load, c, lost) in ERLANG_B {
        let ours = erlang_b(load, workers(c)).expect("a legal load");
        rows.push(Row::printed(format!("Erlang B, a = {load}, c = {c}: loss"), lost, ours));
    }
    let open = |rate, service, c, capacity| {
        FiniteQueue::open(rate, service, workers(c), capacity).expect("legal rates")
    };
    rows.push(Row::printed("M/M/1/10, λ = μ: Q", 5.0, open(1.0, 1.0, 1, 10).mean_in_system()));
    let what = "M/M/4/6, λ = 50, μ = 10: p_K";
    rows.push(Row::printed(what, 0.293_543, open(50.0, 10.0, 4, 6).loss()));
    let two = open(3.0, 2.0, 2, 5);
    rows.push(Row::printed("M/M/2/5, λ = 3, μ = 2: p₀", 0.179_335, two.probability(0)));
    rows.push(Row::printed("M/M/2/5, λ = 3, μ = 2: p_K", 0.085_114, two.loss()));
    rows.push(Row::printed("M/M/2/5, λ = 3, μ = 2: Wq", 0.230_858, two.mean_waiting_time()));
    Section {
        title: "Bounded queues and loss, computed",
        note: "A queue of n places behind c workers is M/M/c/K with K = c + n.",
        rows,
    }
}

fn one_server() -> Section {
    let mut rows = Vec::new();
    for (c2, waits) in [(1.0, 4.0), (0.0, 2.0), (4.0, 10.0)] {
        let ours = mg1_mean_waiting_time(0.8, 1.0, c2).expect("it is stable");
        rows.push(Row::printed(format!("M/G/1, ρ = 0.8, c² = {c2}: Wq·μ"), waits, ours));
    }
    for (x, sojourn) in [(1.0, 5.0), (0.5, 2.5), (2.0, 10.0)] {
        let ours = processor_sharing_sojourn_time(0.8, 1.0, x).expect("it is stable");
        let what = format!("M/G/1-PS, ρ = 0.8: E[T | x = {x}]");
        rows.push(Row::printed(what, sojourn, ours));
    }
    for (load, response) in [(0.5, 5.0), (0.8, 8.0)] {
        let ours = async_loop_sojourn_time(load, 1.0, 1.0, 3.0).expect("it is stable");
        rows.push(Row::printed(
            format!("async loop, D = 1, Z = 3, λD = {load}: R"),
            response,
            ours,
        ));
    }
    Section {
        title: "One server, computed",
        note: "Pollaczek–Khinchine; processor sharing; R = D/(1 − λD) + Z for a loop with delays.",
        rows,
    }
}

fn closed() -> Section {
    let mut rows = Vec::new();
    for (clients, throughput, response) in CLOSED {
        let station = FiniteQueue::closed(workers(clients), 9.0, 1.0, workers(4));
        let station = station.expect("legal times");
        rows.push(Row::printed(format!("N = {clients}: X"), throughput, station.throughput()));
        let ours = station.mean_sojourn_time();
        rows.push(Row::printed(format!("N = {clients}: R"), response, ours));
    }
    Section {
        title: "Closed load, computed",
        note: "N clients that think for 9, service 1, 4 workers.",
        rows,
    }
}

fn fork_join() -> Section {
    let halves = two_way_fork_join_sojourn_time(0.5, 1.0).expect("it is stable");
    let mut rows = vec![Row::printed("two M/M/1 in parallel, ρ = 0.5: R", 2.875, halves)];
    for (n, ms) in [(1, 4.0), (4, 1.0), (8, 0.5), (16, 0.5)] {
        let ours = binary_tree_makespan(3, 0.5, workers(n)).expect("a small tree");
        rows.push(Row::printed(format!("8 leaves of 0.5 ms, {n} workers: ms"), ms, ours));
    }
    Section {
        title: "Fork/join, computed",
        note: "Flatto–Hahn, R = (12 − ρ)/8 · 1/(μ − λ), for which there is no run; and rounds of leaves.",
        rows,
    }
}

pub(crate) fn workers(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).expect("tables begin at 1")
}
