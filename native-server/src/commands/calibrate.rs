//! `calibrate`: this computer's costs, as a file for `simulate` and `experiment` and a link for the
//! page.

use std::io::Write;
use std::process::ExitCode;

use scheduler_model::scenario::MachineConfig;
use serde_json::json;

use crate::cli::CalibrateFlags;
use crate::lab::{Calibration, Spread};
use crate::warn::warn;

/// Measures and prints; without `--json` what is printed is a file that `--costs` takes.
///
/// # Errors
///
/// When a thread or the server cannot be started.
pub fn calibrate(flags: &CalibrateFlags) -> anyhow::Result<ExitCode> {
    let costs = Calibration::measure()?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let machine = costs.on(MachineConfig::default());
    if let Some(others) = costs.others.filter(|&others| others > 0.2) {
        warn(format_args!(
            "other programs kept {others:.1} cores busy meanwhile: these are the costs of a loaded computer"
        ));
    }
    let us = |span: scheduler_model::Span| 1e6 * span.as_secs_f64();
    let (switch, spawn) = (us(machine.context_switch), us(machine.spawn));
    let (dispatch, accept) = (us(machine.dispatch), us(machine.accept));
    let link = format!(
        "http://127.0.0.1:7879/?cores={cores}&context-switch-us={switch:.3}&spawn-us={spawn:.3}\
         &dispatch-us={dispatch:.3}&accept-us={accept:.3}"
    );
    let mut out = std::io::stdout().lock();
    if flags.json {
        let printed = json!({
            "cores": cores,
            "costs": costs,
            "machine": {
                "cores": cores, "context_switch_us": switch, "spawn_us": spawn,
                "dispatch_us": dispatch, "accept_us": accept,
            },
            "link": link,
        });
        writeln!(out, "{printed}")?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(
        out,
        "# The costs of this computer, in microseconds: for `simulate --costs FILE` and"
    )?;
    writeln!(out, "# `experiment --costs FILE`. Medians; behind them p5, p95 and of how many.")?;
    writeln!(out, "[machine]\ncores = {cores}")?;
    for (key, value, spread) in [
        ("context_switch_us", switch, costs.context_switch_us),
        ("spawn_us", spawn, costs.spawn_us),
        ("accept_us", accept, costs.accept_us),
    ] {
        writeln!(out, "{key} = {value:.3}  # {}", described(&spread))?;
    }
    writeln!(out, "# Less the switch, which the model charges by itself: measured were")?;
    writeln!(out, "# {:.3}, {}.", costs.dispatch_us.median, described(&costs.dispatch_us))?;
    writeln!(out, "dispatch_us = {dispatch:.3}")?;
    let parked = costs.park_to_run_us;
    writeln!(
        out,
        "# From waking a parked thread until it runs, which the model does not ask for:"
    )?;
    writeln!(out, "# {:.3}, {}.", parked.median, described(&parked))?;
    writeln!(out, "# In the page: {link}")?;
    Ok(ExitCode::SUCCESS)
}

fn described(&Spread { p5, p95, n, .. }: &Spread) -> String {
    format!("p5 {p5:.3}, p95 {p95:.3}, of {n}")
}
