//! `simulate`: a scenario in virtual time, under one model or several.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, bail};
use scheduler_model::{RunReport, Simulation, Times};
use serde_json::json;

use super::what_if::what_if;
use super::{read_costs, read_scenario, write_trace};
use crate::cli::SimulateFlags;

/// Runs the scenario and prints its figures.
///
/// # Errors
///
/// For a bad scenario, or a trace that cannot be written.
pub fn simulate(flags: &SimulateFlags) -> anyhow::Result<ExitCode> {
    let path = match (&flags.from_trace, &flags.scenario) {
        (Some(trace), _) => return what_if(flags, trace),
        (None, Some(path)) => path,
        (None, None) => bail!("SCENARIO: nothing given, allowed is a file, or --from-trace"),
    };
    // A scenario file says these itself.
    let of_traces = [
        ("--workers", flags.workers.is_empty()),
        ("--queue", flags.queue.is_empty()),
        ("--on-full", flags.on_full.is_empty()),
    ];
    if let Some((flag, _)) = of_traces.into_iter().find(|&(_, is_empty)| !is_empty) {
        bail!("{flag} with a scenario file given, allowed is --from-trace TRACE");
    }
    let mut scenario = read_scenario(path)?;
    if let Some(path) = &flags.costs {
        scenario.machine = read_costs(path, scenario.machine)?;
    }
    let models =
        if flags.model.is_empty() { vec![scenario.server.model] } else { flags.model.clone() };
    if flags.trace.is_some() && models.len() > 1 {
        bail!("--trace with {} models given, allowed is one model", models.len());
    }
    let mut runs = Vec::new();
    for &model in &models {
        let mut simulation = Simulation::new(&scenario.with_model(model));
        if flags.trace.is_some() {
            simulation = simulation.recording();
        }
        if let Some(precision) = flags.precision {
            simulation = simulation.until_precise(precision);
        }
        simulation.run();
        runs.push(simulation.report());
        if let Some(path) = &flags.trace {
            write_trace(path, &simulation.into_trace()).context("--trace")?;
        }
    }
    let mut out = std::io::stdout().lock();
    if flags.json {
        writeln!(out, "{}", json!({ "scenario": scenario.name, "runs": runs }))?;
    } else {
        writeln!(out, "{}", scenario.name)?;
        runs.iter().try_for_each(|run| print(&mut out, run))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print(out: &mut impl Write, run: &RunReport) -> std::io::Result<()> {
    let share = |share: Option<f64>| {
        share.map_or("–".to_owned(), |share| format!("{:.1} %", 100.0 * share))
    };
    writeln!(out, "\n{}", run.model.name())?;
    writeln!(
        out,
        "  arrived {}  answered {}  failed {}  rejected {}  dropped {}  lost {}  in system {}",
        run.arrived, run.answered, run.failed, run.rejected, run.dropped, run.lost, run.in_system
    )?;
    let fairness = run.fairness.map_or("–".to_owned(), |index| format!("{index:.3}"));
    writeln!(
        out,
        "  waited {}  utilisation {}  fairness {fairness}",
        share(run.waited),
        share(run.utilisation)
    )?;
    writeln!(
        out,
        "  threads at most {}  run queue at most {}",
        run.threads_peak, run.run_queue_peak
    )?;
    print_times(out, "waiting time", &run.waiting_time)?;
    print_times(out, "sojourn time", &run.sojourn_time)?;
    writeln!(out, "  events {}  digest {}", run.events, run.digest)
}

fn print_times(out: &mut impl Write, name: &str, times: &Times) -> std::io::Result<()> {
    let ms = |time: Option<f64>| time.map_or("–".to_owned(), |time| format!("{:.3}", 1e3 * time));
    let half_width =
        times.half_width_99.map_or(String::new(), |half| format!(" ± {:.3}", 1e3 * half));
    writeln!(
        out,
        "  {name} in ms: mean {}{half_width}  p50 {}  p95 {}  p99 {}  max {}",
        ms(times.mean),
        ms(times.p50),
        ms(times.p95),
        ms(times.p99),
        ms(times.max)
    )
}
