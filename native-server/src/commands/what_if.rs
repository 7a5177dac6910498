//! `simulate --from-trace`: how other servers would have fared with the requests of a recorded run.

use std::fmt::Write as _;
use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, bail};
use scheduler_model::scenario::{OnFull, QueueBound, Server};
use scheduler_model::{Model, Rerun, RunReport, Scenario, Simulation, Stats, rerun};
use serde_json::{Value, json};

use super::{read_costs, read_trace, write_trace};
use crate::cli::SimulateFlags;

/// Simulates every model, size and policy that is asked for with the trace's own requests.
///
/// # Errors
///
/// For a bad trace, one without a served request, or a trace that cannot be written.
pub(super) fn what_if(flags: &SimulateFlags, trace: &std::path::Path) -> anyhow::Result<ExitCode> {
    let name = trace.display().to_string();
    let recorded = read_trace(trace)?;
    let Rerun { mut scenario, n_known, n_guessed, .. } =
        rerun(&recorded).with_context(|| name.clone())?;
    if let Some(path) = &flags.costs {
        scenario.machine = read_costs(path, scenario.machine)?;
    }
    let was = Stats::of(&recorded)
        .map_err(|(seq, violation)| anyhow::anyhow!("{name}: event {seq}: {violation}"))?;
    let servers = servers(flags, &scenario.server);
    if flags.trace.is_some() && servers.len() > 1 {
        bail!("--trace with {} servers given, allowed is one", servers.len());
    }
    let mut runs = Vec::new();
    for server in servers {
        let mut simulation = Simulation::new(&Scenario { server, ..scenario.clone() });
        if flags.trace.is_some() {
            simulation = simulation.recording();
        }
        if let Some(precision) = flags.precision {
            simulation = simulation.until_precise(precision);
        }
        simulation.run();
        runs.push((server, simulation.report()));
        if let Some(path) = &flags.trace {
            write_trace(path, &simulation.into_trace()).context("--trace")?;
        }
    }
    let mut out = std::io::stdout().lock();
    if flags.json {
        let printed = json!({
            "scenario": scenario.name,
            "requests": n_known + n_guessed,
            "guessed": n_guessed,
            "recorded": was,
            "runs": runs.iter().map(to_json).collect::<Vec<_>>(),
        });
        writeln!(out, "{printed}")?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "{}: {} requests of {name}", scenario.name, n_known + n_guessed)?;
    if n_guessed > 0 {
        writeln!(
            out,
            "  {n_guessed} of them were not served: each is given the demand of one that was"
        )?;
    }
    writeln!(out, "  {} had {}", described(&recorded.header.scenario.server), figures(&was))?;
    for (server, report) in &runs {
        writeln!(out, "  {} would have had {}", described(server), figures(report))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Every combination that is asked for; what a model does not know of is asked once.
fn servers(flags: &SimulateFlags, was: &Server) -> Vec<Server> {
    let or = |given: &[Model]| if given.is_empty() { vec![was.model] } else { given.to_vec() };
    let mut servers = Vec::new();
    for model in or(&flags.model) {
        let workers =
            if flags.workers.is_empty() { vec![was.workers] } else { flags.workers.clone() };
        let queues = if flags.queue.is_empty() { vec![was.queue] } else { flags.queue.clone() };
        let policies =
            if flags.on_full.is_empty() { vec![was.on_full] } else { flags.on_full.clone() };
        for &workers in &workers {
            for &queue in &queues {
                for &on_full in &policies {
                    let mut server = Server { model, ..*was };
                    if model.has_workers() {
                        server.workers = workers;
                    }
                    if model.has_run_queue() {
                        (server.queue, server.on_full) = (queue, on_full);
                    }
                    if !servers.contains(&server) {
                        servers.push(server);
                    }
                }
            }
        }
    }
    servers
}

fn to_json((server, report): &(Server, RunReport)) -> Value {
    let mut run = serde_json::to_value(report).expect("a report has text keys and finite numbers");
    let queue = match server.queue {
        QueueBound::Bounded(bound) => json!(bound),
        QueueBound::Unbounded => json!("unbounded"),
    };
    run["server"] =
        json!({ "workers": server.workers, "queue": queue, "on_full": server.on_full.name() });
    run
}

/// A server in words: `pool, 8 workers, a queue of 64`.
fn described(server: &Server) -> String {
    let mut text = server.model.name().to_owned();
    let workers = server.workers.get();
    let (many, thing) = match (server.model, workers) {
        (Model::Sharded, 1) => ("", "loop"),
        (Model::Sharded, _) => ("s", "loop"),
        (_, 1) => ("", "worker"),
        _ => ("s", "worker"),
    };
    if server.model.has_workers() {
        let _ = write!(text, ", {workers} {thing}{many}");
    }
    if server.model.has_run_queue() {
        match server.queue {
            QueueBound::Bounded(bound) => {
                let _ = write!(text, ", a queue of {}", bound.get());
            }
            QueueBound::Unbounded => text.push_str(", a queue without a bound"),
        }
        if server.on_full != OnFull::Reject {
            let _ = write!(text, ", {}", server.on_full.name());
        }
    }
    text
}

/// What one asks first: how slow, and how many were turned away.
#[expect(clippy::cast_precision_loss, reason = "counts of requests lie far below 2⁵³")]
fn figures(report: &RunReport) -> String {
    let times = &report.sojourn_time;
    let ms = |time: Option<f64>| time.map_or("–".to_owned(), |time| format!("{:.1}", 1e3 * time));
    let share = |n: u64| 100.0 * n as f64 / (report.arrived.max(1)) as f64;
    let mut text = format!(
        "p50 {} ms, p99 {} ms and {:.1} % of 503",
        ms(times.p50),
        ms(times.p99),
        share(report.rejected)
    );
    for (n, name) in [(report.failed, "500"), (report.dropped, "dropped"), (report.lost, "lost")] {
        if n > 0 {
            let _ = write!(text, ", {:.1} % {name}", share(n));
        }
    }
    text
}
