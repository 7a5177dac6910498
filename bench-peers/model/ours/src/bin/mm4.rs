//! M/M/4 at 90 % on the simulated computer: `mm4 REQUESTS [--recording]`.
//!
//! Prints what every contestant prints, a name and a number a line, and besides how much memory it
//! took at most, which Linux alone tells.

use anyhow::{Context, bail};
use ours::Stopwatch;
use scheduler_model::Event;

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let requests: u64 = args.next().context("how many requests?")?.parse()?;
    let recording = match args.next().as_deref() {
        None => false,
        Some("--recording") => true,
        Some(other) => bail!("{other:?} given, allowed is --recording"),
    };
    let start = Stopwatch::start();
    let mut simulation = ours::mm4(requests);
    if recording {
        simulation = simulation.recording();
    }
    simulation.run();
    let report = simulation.report();
    println!("requests {}", report.answered);
    println!("seconds {}", start.seconds());
    println!("events {}", report.events);
    println!("event_bytes {}", size_of::<Event>());
    println!("utilisation {}", report.utilisation.context("time has passed")?);
    println!("queue_max {}", report.run_queue_peak);
    for (name, times) in [("waiting", report.waiting_time), ("sojourn", report.sojourn_time)] {
        let figures =
            [("mean", times.mean), ("p50", times.p50), ("p95", times.p95), ("p99", times.p99)];
        for (figure, value) in figures {
            println!("{name}_{figure} {}", value.context("requests were answered")?);
        }
    }
    if let Some(kib) = peak_kib() {
        println!("peak_kib {kib}");
    }
    Ok(())
}

/// The most memory that was resident at once.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
