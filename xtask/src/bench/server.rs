//! What is measured of the server: what a request costs beside its peers, and what slow and silent
//! clients cost those who are neither.
//!
//! One core is the server's and the other the load's, so that neither waits for the other's place. All
//! servers of a comparison are up; in each round each is loaded for a second, in an order that is
//! shuffled. A request's cost is what the server had of the processor, by the kernel's account in
//! nanoseconds, over the requests that the load counted: what else runs on the computer does not
//! count, though it still slows everybody down a little.

mod clients;
mod contestant;
mod counts;
mod load;
mod observing;
mod race;

use std::fs;

use anyhow::Result;

use super::row::{Better, Row};
use super::{Part, peers};
use crate::places::Places;
use crate::tools::{self, Tool};

use contestant::{Contestant, Cores, Kind};
use load::Load;
use race::{Goal, race};

/// Measures everything, or `only` a part; `record` writes the instruction counts down.
///
/// # Errors
///
/// When a contestant cannot be built, started or loaded, or answers something else.
pub(super) fn measure(places: &Places, record: bool, only: Option<Part>) -> Result<Vec<Row>> {
    let wants = |part| only.is_none_or(|only| only == part);
    tools::ensure(Tool::OF_BENCH_SERVER, places)?;
    peers::build(places, &["servers", "server-ours"])?;
    let mut rows = Vec::new();
    if wants(Part::KeepAlive) {
        for (name, cores, goals) in [
            ("keep-alive, one core", Cores::One, one_core()),
            ("keep-alive, both cores", Cores::Both, both_cores()),
        ] {
            rows.extend(race(name, places, cores, &Load::KEEP_ALIVE, &goals)?);
        }
    }
    if wants(Part::Closing) {
        rows.extend(race("closing", places, Cores::One, &Load::CLOSING, &closing())?);
    }
    if wants(Part::Clients) {
        rows.push(clients::slow_and_fast(places)?);
        rows.extend(clients::idle(places)?);
    }
    if wants(Part::Observing) {
        rows.extend(observing::measure(places)?);
    }
    if wants(Part::Instructions) {
        rows.extend(counts::measure(places, record)?);
    }
    if let Ok(load) = fs::read_to_string("/proc/loadavg") {
        eprintln!("xtask: load average at the end: {}", load.trim());
    }
    Ok(rows)
}

fn one_core() -> Vec<Goal> {
    let mut goals =
        vec![Goal::new(ours("async", 1), HYPER, 1.0), Goal::new(ours("async", 1), EPOLL, 1.08)];
    goals.extend(POOLS.map(|n| Goal::new(ours("pool", n), HYPER, 1.05)));
    goals.extend(POOLS.map(|n| Goal::new(ours("pool", n), TINY_HTTP, 0.5)));
    goals.push(Goal::new(ours("sharded", 2), ACTIX, 1.0));
    goals
}

fn both_cores() -> Vec<Goal> {
    let mut goals: Vec<_> =
        POOLS.iter().map(|&n| Goal::new(ours("pool", n), HYPER, 1.05)).collect();
    goals.extend(POOLS.map(|n| Goal::new(ours("pool", n), TINY_HTTP, 0.5)));
    goals.push(Goal::new(ours("sharded", 2), ACTIX, 1.0));
    goals
}

fn closing() -> Vec<Goal> {
    vec![
        Goal::new(ours("pool", 4), Contestant::peer("the book's pool", "server-book-pool", 4), 1.0),
        Goal::new(
            ours("spawn", 4),
            Contestant::peer("thread::spawn", "server-spawn", 1).with_passing_threads(),
            1.05,
        ),
        Goal::new(ours("async", 1), HYPER, 1.0),
    ]
}

fn ours(model: &'static str, n_threads: u32) -> Contestant {
    // A thread for each connection ends with it.
    Contestant { kind: Kind::Ours(model), n_threads, threads_pass: model == "spawn" }
}

const HYPER: Contestant = Contestant::peer("hyper", "server-hyper", 1);
const EPOLL: Contestant = Contestant::peer("raw epoll", "server-epoll", 1);
const ACTIX: Contestant = Contestant::peer("actix-web", "server-actix", 2);
const TINY_HTTP: Contestant =
    Contestant::peer("tiny_http", "server-tiny-http", 4).with_passing_threads();

/// Workers of the pools that are measured.
const POOLS: [u32; 3] = [1, 2, 4];

/// A row of a figure against what it may be at most.
fn limit(name: &str, figures: &[f64], max: f64, shown: String) -> Row {
    let ratios: Vec<_> = figures.iter().map(|figure| figure / max).collect();
    Row::new(name, &ratios, 1.0, Better::Lower, shown)
}
