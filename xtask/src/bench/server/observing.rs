//! What it costs those who are served that somebody observes the run: the page's listener, one who
//! watches, a recording.
//!
//! Compared is the processor time of the threads that serve. What the others had, the recorder's above
//! all, stands beside it: on a computer with a core to spare it costs nobody anything.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result};

use super::contestant::{Contestant, Cores, Running};
use super::load::Load;
use super::ours;
use super::race::{Dice, ROUNDS, middle};
use crate::bench::row::{Better, Row};
use crate::places::Places;

/// Loads each of our drivers, with and without somebody who observes, round by round.
///
/// # Errors
///
/// When a server cannot be started or loaded.
pub(super) fn measure(places: &Places) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for contestant in [ours("async", 1), ours("pool", 4)] {
        rows.extend(of(places, contestant)?);
    }
    Ok(rows)
}

/// How a server is observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Observed {
    Not,
    /// The page could be asked for.
    Inspected,
    /// Somebody follows the run.
    Watched,
    /// Every event is written down.
    Recorded,
}

impl Observed {
    const ALL: [Self; 4] = [Self::Not, Self::Inspected, Self::Watched, Self::Recorded];

    const fn name(self) -> &'static str {
        match self {
            Self::Not => "not observed",
            Self::Inspected => "with the inspect listener",
            Self::Watched => "watched by one",
            Self::Recorded => "recorded",
        }
    }

    fn start(self, places: &Places, contestant: Contestant, recording: &Path) -> Result<Running> {
        let inspect = match self {
            Self::Not | Self::Recorded => "off",
            Self::Inspected | Self::Watched => "127.0.0.1:0",
        };
        let mut program = contestant.program_inspected(places, inspect)?;
        if self == Self::Recorded {
            program.arg("--record").arg(recording);
        }
        let mut server = Running::start(contestant, &mut Cores::One.server(places, &program))?;
        if self == Self::Watched {
            watch(&server.next_address("the page is on http://")?)?;
        }
        Ok(server)
    }
}

/// Somebody who reads the run as it goes, until its server ends.
fn watch(address: &str) -> Result<()> {
    let mut feed = TcpStream::connect(address).context("cannot watch")?;
    write!(feed, "GET /-/live HTTP/1.1\r\nHost: {address}\r\n\r\n")?;
    thread::spawn(move || {
        let mut piece = vec![0; 64 << 10];
        while matches!(feed.read(&mut piece), Ok(1..)) {}
    });
    Ok(())
}

/// A server in the race, and its figures of each round, in µs a request.
struct Racer {
    observed: Observed,
    server: Running,
    serving_us: Vec<f64>,
    others_us: Vec<f64>,
}

fn of(places: &Places, contestant: Contestant) -> Result<Vec<Row>> {
    let recording = Recording(places.target()?.join("bench-server-recording.jsonl"));
    let racer = |observed: Observed| {
        let server = observed.start(places, contestant, &recording.0)?;
        Ok(Racer { observed, server, serving_us: Vec::new(), others_us: Vec::new() })
    };
    let mut racers = Observed::ALL.into_iter().map(racer).collect::<Result<Vec<_>>>()?;
    let mut order: Vec<_> = (0..racers.len()).collect();
    let mut dice = Dice::new();
    for round in 0..=ROUNDS {
        dice.shuffle(&mut order);
        for &index in &order {
            let racer = &mut racers[index];
            let cpu_ns =
                |server: &Running| anyhow::Ok((server.cpu_ns_of(serves)?, server.cpu_ns()?));
            let before = cpu_ns(&racer.server)?;
            let seen = Load::KEEP_ALIVE.run(places, Cores::One, &racer.server)?;
            let after = cpu_ns(&racer.server)?;
            let serving = after.0 - before.0;
            if round > 0 {
                racer.serving_us.push(serving / seen.n_requests / 1e3);
                racer.others_us.push((after.1 - before.1 - serving) / seen.n_requests / 1e3);
            }
        }
        eprintln!("xtask: observing {contestant}: round {round} of {ROUNDS}");
    }
    let (unobserved, observed) = racers.split_first().expect("the first is not observed");
    let rows = observed.iter().map(|racer| {
        let pairs = racer.serving_us.iter().zip(&unobserved.serving_us);
        let ratios: Vec<_> = pairs.map(|(with, without)| with / without).collect();
        let figures = format!(
            "{:.2} and {:.2} µs of those who serve, {:.2} and {:.2} µs of others",
            middle(&racer.serving_us),
            middle(&unobserved.serving_us),
            middle(&racer.others_us),
            middle(&unobserved.others_us),
        );
        let name = format!("observing, {contestant}: {} / not", racer.observed.name());
        Row::new(name, &ratios, RATIO_MAX, Better::Lower, figures)
    });
    Ok(rows.collect())
}

/// Whether a thread of ours with this name serves.
fn serves(name: &str) -> bool {
    ["loop", "poller", "watcher", "worker"].iter().any(|serving| name.starts_with(serving))
}

/// A file that is removed once it has been measured.
struct Recording(PathBuf);

impl Drop for Recording {
    fn drop(&mut self) {
        // It may not be there.
        let _ = fs::remove_file(&self.0);
    }
}

/// What observing may cost.
const RATIO_MAX: f64 = 1.03;
