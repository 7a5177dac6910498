//! `cargo xtask bench`: how the project compares with its peers, as ratios taken in one run.
//!
//! Two things that are compared take turns on the same computer, round by round, and what is
//! reported is the ratio of each round: its median, its least and its greatest. Absolute times are
//! shown beside it and are worth no more than the computer they were taken on. Nothing here passes
//! or fails: a goal that is not met is printed as such.

mod instructions;
mod model;
mod page;
mod peers;
mod row;
mod server;

use std::process::ExitCode;

use anyhow::Result;

use crate::places::Places;
use crate::steps;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The simulation and the scheduler's decisions.
    Model,
    /// The page, in a browser.
    Page,
    /// The server, beside others.
    Server,
}

/// How it is measured and reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// What.
    pub(crate) subject: Subject,
    /// Print one JSON object and nothing else on standard output.
    pub(crate) json: bool,
    /// Write the instruction counts down, for later runs to be compared with.
    pub(crate) record: bool,
    /// Watch the page's memory for ten minutes instead of one.
    pub(crate) long: bool,
    /// The only part of the server's comparisons that is made; all where it is none.
    pub(crate) only: Option<Part>,
}

/// A part of the server's comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// What slow and silent clients cost the others.
    Clients,
    /// A connection for each request.
    Closing,
    /// Instructions of a request.
    Instructions,
    /// Connections that stay.
    KeepAlive,
    /// What it costs that somebody observes.
    Observing,
}

/// Installs what is missing, measures, prints the rows.
///
/// # Errors
///
/// When a contestant cannot be built or run. A goal that is not met is no error.
pub(crate) fn run(places: &Places, options: Options) -> Result<ExitCode> {
    let rows = match options.subject {
        Subject::Model => model::measure(places, options.record)?,
        Subject::Page => page::measure(places, options.long)?,
        Subject::Server => server::measure(places, options.record, options.only)?,
    };
    if options.json {
        println!("{}", row::json(&rows));
    } else {
        println!("{}\n{}", row::table(&rows), computer(places));
    }
    Ok(ExitCode::SUCCESS)
}

/// What the figures were taken on, since they mean nothing without it.
fn computer(places: &Places) -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut parts = vec![format!(
        "{} ({cores} logical), {}",
        cpu.as_deref().unwrap_or("unknown processor"),
        std::env::consts::OS
    )];
    for (program, flag) in [("rustc", "--version"), ("node", "--version")] {
        if let Some(version) = steps::ask(places.command(program).arg(flag)) {
            parts.push(format!("{program} {}", version.trim().trim_start_matches("rustc ")));
        }
    }
    parts.join("; ")
}
