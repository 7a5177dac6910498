//! `experiment`: theory, simulation and measurement of one scenario, in one table.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, bail};
use scheduler_model::Scenario;
use scheduler_model::scenario::Load;
use serde_json::json;

use super::{read_costs, read_scenario, write_trace};
use crate::cli::ExperimentFlags;
use crate::lab::{self, Calibration, Conditions, table};

/// Runs the scenario three ways under each model and prints what came out.
///
/// # Errors
///
/// For a bad scenario, one that cannot be run for real, a server that cannot be started, or a trace
/// that cannot be written.
pub fn experiment(flags: &ExperimentFlags) -> anyhow::Result<ExitCode> {
    let mut scenario = read_scenario(&flags.scenario)?;
    lab::check(&scenario).with_context(|| flags.scenario.display().to_string())?;
    if let Some(requests) = flags.requests {
        shorten(&mut scenario, requests.get().into());
    }
    let models =
        if flags.model.is_empty() { vec![scenario.server.model] } else { flags.model.clone() };
    if flags.trace.is_some() && models.len() > 1 {
        bail!("--trace with {} models given, allowed is one model", models.len());
    }
    let costs = match &flags.costs {
        Some(path) => read_costs(path, scenario.machine)?,
        None => Calibration::measure().context("calibrate")?.on(scenario.machine),
    };
    let conditions = Conditions { listen: flags.listen, costs };
    let mut runs = Vec::new();
    for model in models {
        let run = lab::run(&scenario, model, &conditions).with_context(|| model.name())?;
        if let Some(path) = &flags.trace {
            write_trace(path, &run.trace).context("--trace")?;
        }
        runs.push(run);
    }
    let mut out = std::io::stdout().lock();
    if flags.json {
        let printed: Vec<_> = runs.iter().map(table::to_json).collect();
        writeln!(out, "{}", json!({ "scenario": scenario.name, "runs": printed }))?;
    } else {
        write!(out, "{}\n\n{}", scenario.name, table::print(&runs))?;
    }
    let holds = runs.iter().all(|run| run.holds);
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Serves one experiment, in a process of its own.
///
/// # Errors
///
/// Never: what goes wrong is told to who started it.
pub fn lab_server() -> anyhow::Result<ExitCode> {
    Ok(lab::host())
}

/// The same load with at most so many requests; listed ones are as many as they are.
fn shorten(scenario: &mut Scenario, n_requests: u64) {
    if let Load::Open { requests, .. } | Load::Closed { requests, .. } = &mut scenario.load {
        let whole = *requests;
        *requests = whole.min(n_requests);
        // The same part of it is for warming up.
        scenario.warmup_requests = scenario.warmup_requests * *requests / whole;
    }
}
