//! What is measured of the model: the simulation against other engines, and the decisions alone.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::instructions::{self, Recorded};
use super::peers::{self, Figures};
use super::row::{Better, Row, median};
use crate::places::Places;
use crate::tools::{self, Tool};

/// Measures everything; `record` writes the instruction counts down.
///
/// # Errors
///
/// When a contestant cannot be built or run, or simulated something else.
pub(super) fn measure(places: &Places, record: bool) -> Result<Vec<Row>> {
    tools::ensure(Tool::OF_BENCH_MODEL, places)?;
    peers::build(places, &["ours", "nexosim-mm4"])?;
    let wasm = peers::build_wasm(places, "ours")?;

    let mut rows = engines(places, &wasm)?;
    rows.extend(memory(places)?);
    rows.extend(decisions(places)?);
    rows.extend(checker(places)?);
    rows.extend(counts(places, record)?);
    Ok(rows)
}

/// A contestant in the race of engines.
struct Engine {
    name: &'static str,
    /// Fewer for slow ones: it is their rate that counts, and rounds should be short.
    requests: u32,
    /// The least ratio of our rate to theirs, or of theirs to ours for our own in wasm.
    goal: f64,
    command: Command,
    rates: Vec<f64>,
}

/// M/M/4 at 90 %, in completed requests a second.
fn engines(places: &Places, wasm: &std::path::Path) -> Result<Vec<Row>> {
    let python = |script: &str| {
        let mut command = places.command(places.python());
        command.arg(places.bench_peers().join("model").join(script));
        command
    };
    let mut node = places.command("node");
    node.arg(places.bench_peers().join("model/wasm_mm4.mjs")).arg(wasm);
    let engine = |name, requests: u32, goal, mut command: Command| {
        command.arg(requests.to_string());
        Engine { name, requests, goal, command, rates: Vec::new() }
    };
    let mut ours = engine(OURS, 1_000_000, 1.0, peers::program(places, "mm4")?);
    let mut others = [
        engine("SimPy", 100_000, 20.0, python("simpy_mm4.py")),
        engine("Ciw", 100_000, 50.0, python("ciw_mm4.py")),
        engine("nexosim", 1_000_000, 1.0, peers::program(places, "nexosim-mm4")?),
        engine(WASM, 1_000_000, 0.5, node),
    ];
    for round in 0..=ROUNDS {
        for engine in std::iter::once(&mut ours).chain(&mut others) {
            let figures = Figures::of(&mut engine.command).context(engine.name)?;
            check(engine, &figures)?;
            // The first round warms caches and the processor's clock up.
            if round > 0 {
                engine.rates.push(figures.rate()?);
            }
        }
        eprintln!("xtask: engines: round {round} of {ROUNDS}");
    }
    let floor: Vec<_> = ours.rates.iter().map(|rate| rate / RATE_MIN).collect();
    let mut rows = vec![Row::new(
        format!("{OURS} / {} requests a second", thousands(RATE_MIN)),
        &floor,
        ours.goal,
        Better::Higher,
        format!("{} requests/s", shown(&ours.rates)),
    )];
    rows.extend(others.iter().map(|other| {
        let pairs = ours.rates.iter().zip(&other.rates);
        let (name, ratios): (_, Vec<_>) = if other.name == WASM {
            (format!("{WASM} / {OURS}"), pairs.map(|(ours, theirs)| theirs / ours).collect())
        } else {
            (
                format!("{OURS} / {}", other.name),
                pairs.map(|(ours, theirs)| ours / theirs).collect(),
            )
        };
        let figures = format!("{} and {} requests/s", shown(&ours.rates), shown(&other.rates));
        Row::new(name, &ratios, other.goal, Better::Higher, figures)
    }));
    Ok(rows)
}

/// Whether the contestant simulated what it was asked to: as many requests, and waits of the size
/// that Erlang C gives (19.7 ms), which a shorter run misses by more.
fn check(engine: &Engine, figures: &Figures) -> Result<()> {
    let requests = figures.get("requests")?;
    ensure!(
        (requests - f64::from(engine.requests)).abs() < 0.5,
        "{} answered {requests} of {} requests",
        engine.name,
        engine.requests
    );
    if engine.name != WASM {
        let mean = figures.get("waiting_mean")?;
        ensure!(
            (mean / MEAN_WAITING_S - 1.0).abs() < 0.25,
            "{} waited {mean} s in the mean, expected is about {MEAN_WAITING_S} s",
            engine.name
        );
    }
    Ok(())
}

/// Memory: of a run ten times as long, and of an event that is kept.
fn memory(places: &Places) -> Result<Vec<Row>> {
    let mut growth = Vec::new();
    let mut event = Vec::new();
    let mut figures = (0.0, 0.0, 0.0);
    for _ in 0..ROUNDS {
        let run = |args: &[&str]| Figures::of(peers::program(places, "mm4")?.args(args));
        let short = run(&["100000"])?.get("peak_kib")?;
        let long = run(&["1000000"])?;
        let recorded = run(&["1000000", "--recording"])?.get("peak_kib")?;
        let (events, of_event) = (long.get("events")?, long.get("event_bytes")?);
        let long = long.get("peak_kib")?;
        let bytes = (recorded - long) * 1024.0 / events;
        growth.push(long / short);
        event.push(of_event / EVENT_BYTES_MAX);
        figures = (short, long, bytes);
    }
    let (short, long, bytes) = figures;
    Ok(vec![
        Row::new(
            "peak memory, 1,000,000 / 100,000 requests",
            &growth,
            1.25,
            Better::Lower,
            format!("{long:.0} and {short:.0} KiB"),
        ),
        Row::new(
            "a recorded event / 40 bytes",
            &event,
            1.0,
            Better::Lower,
            format!("{bytes:.2} bytes resident"),
        ),
    ])
}

/// All decisions of one keep-alive request, under every model.
fn decisions(places: &Places) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (model, connections) in DECISIONS {
        let mut ratios = Vec::new();
        for _ in 0..ROUNDS {
            let mut program = decider(places, model, connections, 2_000_000)?;
            ratios.push(1e9 / Figures::of(&mut program)?.rate()? / DECISIONS_NS_MAX);
        }
        let nanos: Vec<_> = ratios.iter().map(|ratio| ratio * DECISIONS_NS_MAX).collect();
        rows.push(Row::new(
            format!("decisions of a request, {} / 250 ns", case(model, connections)),
            &ratios,
            1.0,
            Better::Lower,
            format!("{} ns", shown(&nanos)),
        ));
    }
    Ok(rows)
}

/// Every order of events of four workers and four requests, a panic and a drain.
fn checker(places: &Places) -> Result<Vec<Row>> {
    let mut seconds = Vec::new();
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        let figures = Figures::of(&mut peers::program(places, "check")?)?;
        seconds.push(figures.get("seconds")?);
        rates.push(figures.get("states")? / figures.get("seconds")?);
    }
    let speeds: Vec<_> = rates.iter().map(|rate| rate / STATES_PER_S_MIN).collect();
    let times: Vec<_> = seconds.iter().map(|seconds| seconds / CHECK_S_MAX).collect();
    let millis: Vec<_> = seconds.iter().map(|seconds| seconds * 1e3).collect();
    Ok(vec![
        Row::new(
            format!("the checker / {} states a second", thousands(STATES_PER_S_MIN)),
            &speeds,
            1.0,
            Better::Higher,
            format!("{} states/s", shown(&rates)),
        ),
        Row::new(
            "the checker, four workers and four requests / 2 s",
            &times,
            1.0,
            Better::Lower,
            format!("{} ms", shown(&millis)),
        ),
    ])
}

/// Instructions of a decision and of a simulated request, beside those that were written down.
fn counts(places: &Places, record: bool) -> Result<Vec<Row>> {
    let mut recorded = Recorded::read(places)?;
    // Beyond the samples of which percentiles are exact: sorting them is no part of a request.
    let simulated = instructions::per_unit(places, 120_000, |n| {
        let mut program = peers::program(places, "mm4")?;
        program.arg(n.to_string());
        Ok(program)
    })?;
    let mut rows = vec![recorded.replace("a simulated request", simulated)];
    for (model, connections) in DECISIONS {
        let count =
            instructions::per_unit(places, 20_000, |n| decider(places, model, connections, n))?;
        let name = format!("the decisions of a request, {}", case(model, connections));
        rows.push(recorded.replace(&name, count));
    }
    if record {
        recorded.write(places)?;
    }
    Ok(rows)
}

fn decider(places: &Places, model: &str, connections: u32, requests: u32) -> Result<Command> {
    let mut program = peers::program(places, "decisions")?;
    program.args([model, &connections.to_string(), &requests.to_string()]);
    Ok(program)
}

fn case(model: &str, connections: u32) -> String {
    if connections == 1 { model.to_owned() } else { format!("{model}, queued") }
}

/// The median of absolute figures, with thousands set apart.
fn shown(figures: &[f64]) -> String {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    thousands(median(&sorted))
}

/// A whole number, or one decimal below 1,000.
fn thousands(figure: f64) -> String {
    if figure < 1000.0 {
        return format!("{figure:.1}");
    }
    let digits = format!("{figure:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

const OURS: &str = "ours";
const WASM: &str = "ours in wasm";

/// Counted rounds of each comparison; odd, so that the median is one of them.
const ROUNDS: usize = 7;

/// Requests a second that a simulation shall reach, natively and without recording.
const RATE_MIN: f64 = 1_500_000.0;

/// Erlang C at 4 workers, 90 % and 10 ms.
const MEAN_WAITING_S: f64 = 0.019_694;

const EVENT_BYTES_MAX: f64 = 40.0;

const DECISIONS_NS_MAX: f64 = 250.0;

/// States a second that the checker shall reach.
const STATES_PER_S_MIN: f64 = 200_000.0;

/// How long the checker may take for `bench-peers/model/check.toml`.
const CHECK_S_MAX: f64 = 2.0;

/// Models, and connections that ask one request after the other. With one a worker is always idle;
/// with eight and four workers, or one loop, every request is queued.
const DECISIONS: [(&str, u32); 9] = [
    ("single", 1),
    ("spawn", 1),
    ("pool", 1),
    ("pool", 8),
    ("fork-join", 1),
    ("fork-join", 8),
    ("async", 1),
    ("async", 8),
    ("sharded", 1),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(thousands(1_500_000.0), "1,500,000");
        assert_eq!(thousands(999.94), "999.9");
        assert_eq!(thousands(12_345.4), "12,345");
    }
}
