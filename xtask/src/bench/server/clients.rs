//! What clients that are slow or silent cost the others: their tail of latency, and memory.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use anyhow::{Context, Result};

use super::contestant::{Contestant, Cores, Running};
use super::load::Load;
use super::race::middle;
use super::{limit, ours};
use crate::bench::peers;
use crate::bench::row::{Better, Row};
use crate::places::Places;

/// Two connections whose requests sleep 20 ms, and eight that want a page, on four workers.
///
/// # Errors
///
/// When the server cannot be started or loaded.
pub(super) fn slow_and_fast(places: &Places) -> Result<Row> {
    let server = ours("pool", 4).start(places, Cores::One)?;
    let slow = Load { path: "/sleep?ms=20", n_connections: 2, closes: false, seconds: 2 };
    let fast = Load { n_connections: 8, ..Load::KEEP_ALIVE };
    let mut p99_ms = Vec::new();
    for round in 0..=ROUNDS {
        let mut beside = slow.start(places, Cores::One, &server)?;
        let seen = fast.run(places, Cores::One, &server);
        beside.wait()?;
        if round > 0 {
            p99_ms.push(seen?.p99_ms);
        }
    }
    let shown = format!("{:.2} ms", middle(&p99_ms));
    Ok(limit("slow and fast mixed: p99 of the fast / 3 ms", &p99_ms, P99_MS_MAX, shown))
}

/// Thousands of connections that have asked once and say nothing: what each holds, and what they
/// cost those that go on asking.
///
/// # Errors
///
/// When a server cannot be started or loaded, or the clients cannot connect.
pub(super) fn idle(places: &Places) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for contestant in [ours("pool", 4), ours("async", 1), ours("sharded", 2)] {
        let (crowded, quiet) = (start(places, contestant)?, start(places, contestant)?);
        for server in [&crowded, &quiet] {
            ACTIVE.run(places, Cores::One, server)?;
        }
        let before = crowded.resident_kib()?;
        let _clients = IdleClients::connect(places, &crowded.address)?;
        let bytes = (crowded.resident_kib()? - before) * 1024.0 / f64::from(N_IDLE);
        rows.push(limit(
            &format!("{N_IDLE} idle connections, {contestant}: memory of each / 8 KB"),
            &[bytes],
            BYTES_MAX,
            format!("{bytes:.0} bytes"),
        ));
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS_BY_RANK {
            let mut pair = [(&crowded, &mut with), (&quiet, &mut without)];
            pair.rotate_left(round % 2);
            for (server, p99_ms) in pair {
                p99_ms.push(ACTIVE.run(places, Cores::One, server)?.p99_ms);
            }
        }
        // By rank: the computer stalls now and then, whoever is loaded just then, and a stall is what a
        // 99th percentile of its round then tells. The quickest rounds of both are compared, and so on.
        // Twenty rounds were too few: by chance one half had more of the stalls.
        with.sort_by(f64::total_cmp);
        without.sort_by(f64::total_cmp);
        let ratios: Vec<_> =
            with.iter().zip(&without).map(|(with, without)| with / without).collect();
        rows.push(Row::new(
            format!("{N_IDLE} idle connections, {contestant}: p99 of the active / without"),
            &ratios,
            P99_RATIO_MAX,
            Better::Lower,
            format!("{:.2} and {:.2} ms", middle(&with), middle(&without)),
        ));
    }
    Ok(rows)
}

fn start(places: &Places, contestant: Contestant) -> Result<Running> {
    let mut program = contestant.program(places)?;
    program.args(["--idle-seconds", "3600"]);
    Running::start(contestant, &mut Cores::One.server(places, &program))
}

/// Clients that stay connected until this is dropped.
struct IdleClients(Child);

impl IdleClients {
    fn connect(places: &Places, address: &str) -> Result<Self> {
        let mut command = peers::program(places, "idle-clients")?;
        command.args([&N_IDLE.to_string(), address]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot start the idle clients")?;
        let stdout = child.stdout.take().expect("standard output was asked for as a pipe");
        let clients = Self(child);
        let mut said = String::new();
        BufReader::new(stdout).read_line(&mut said)?;
        anyhow::ensure!(said.starts_with("clients"), "the idle clients could not connect");
        Ok(clients)
    }
}

impl Drop for IdleClients {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Counted rounds of the fast beside the slow.
const ROUNDS: usize = 7;
/// Rounds of each, of the active with the idle and without.
const ROUNDS_BY_RANK: usize = 40;
const N_IDLE: u32 = 9000;
const ACTIVE: Load = Load { n_connections: 16, ..Load::KEEP_ALIVE };
const P99_MS_MAX: f64 = 3.0;
const BYTES_MAX: f64 = 8192.0;
/// Unchanged, as far as a 99th percentile of a second can tell.
const P99_RATIO_MAX: f64 = 1.1;
