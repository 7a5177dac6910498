//! Theory, simulation and measurement beside each other, as text and as JSON.

use std::fmt::Write as _;

use scheduler_model::theory::Expected;
use scheduler_model::{RunReport, Times};
use serde_json::{Value, json};

use super::experiment::{OneRequest, Run};

/// The run as `experiment --json` has it.
pub(crate) fn to_json(run: &Run) -> Value {
    let seconds =
        |span: Option<scheduler_model::Span>| span.map(scheduler_model::Span::as_secs_f64);
    let one = |(number, one): (u64, &OneRequest)| {
        json!({
            "request": number, "at_s": one.at.as_secs_f64(), "theory_s": seconds(one.theory),
            "simulated_s": seconds(one.simulated), "measured_s": seconds(one.measured),
        })
    };
    json!({
        "model": run.model,
        "theory": run.theory.as_ref().ok().map(|prediction| prediction.expected),
        "theory_note": theory_note(run),
        "simulated": run.simulated,
        "measured": run.measured,
        "notes": run.notes,
        "others": run.others,
        "requests": (1..).zip(&run.requests).map(one).collect::<Vec<_>>(),
    })
}

/// All runs as one table, and what has to be known about them.
pub(crate) fn print(runs: &[Run]) -> String {
    let mut text = String::new();
    let head = ["model", "figure", "theory", "simulated", "measured", "error"];
    line(&mut text, &head.map(str::to_owned));
    for run in runs {
        let mut model = run.model.name().to_owned();
        for row in rows(run) {
            if let Some(cells) = row.cells() {
                let [figure, theory, simulated, measured, error] = cells;
                let model = std::mem::take(&mut model);
                line(&mut text, &[model, figure, theory, simulated, measured, error]);
            }
        }
    }
    for run in runs.iter().filter(|run| !run.requests.is_empty()) {
        let _ = writeln!(text, "\n{}, request by request: sojourn time in ms", run.model.name());
        let head = ["", "request at ms", "theory", "simulated", "measured", "error"];
        line(&mut text, &head.map(str::to_owned));
        for (number, one) in (1_u64..).zip(&run.requests) {
            let at = format!("{number} at {:.0}", 1e3 * one.at.as_secs_f64());
            let ms =
                |span: Option<scheduler_model::Span>| span.map(|span| 1e3 * span.as_secs_f64());
            let (simulated, measured) = (ms(one.simulated), ms(one.measured));
            let cells = [
                String::new(),
                at,
                shown(ms(one.theory)),
                shown(simulated),
                shown(measured),
                error(simulated, measured),
            ];
            line(&mut text, &cells);
        }
    }
    text.push('\n');
    for run in runs {
        let name = run.model.name();
        let _ = writeln!(text, "{name}: theory: {}", theory_note(run));
        for note in &run.notes {
            let _ = writeln!(text, "{name}: {note}");
        }
    }
    text
}

/// One figure, three times.
struct Row {
    figure: &'static str,
    theory: Option<f64>,
    simulated: Option<f64>,
    measured: Option<f64>,
    /// Whether it is shown although it is 0 everywhere.
    always: bool,
}

impl Row {
    /// The cells, unless there is nothing to show.
    fn cells(&self) -> Option<[String; 5]> {
        let Self { theory, simulated, measured, .. } = *self;
        let is_something = |value: Option<f64>| value.is_some_and(|value| value != 0.0);
        let something = [theory, simulated, measured].into_iter().any(is_something);
        (self.always || something).then(|| {
            let error = error(simulated, measured);
            [self.figure.to_owned(), shown(theory), shown(simulated), shown(measured), error]
        })
    }
}

fn rows(run: &Run) -> Vec<Row> {
    let theory = run.theory.as_ref().ok().map(|prediction| &prediction.expected);
    let (simulated, measured) = (&run.simulated, run.measured.as_ref());
    let count = |figure, of_theory: fn(&Expected) -> Option<f64>, of: fn(&RunReport) -> u64| Row {
        figure,
        theory: theory.and_then(of_theory),
        simulated: Some(to_f64(of(simulated))),
        measured: measured.map(|report| to_f64(of(report))),
        always: figure == "answered",
    };
    let share =
        |figure, of_theory: fn(&Expected) -> Option<f64>, of: fn(&RunReport) -> Option<f64>| {
            let percent = |share: Option<f64>| share.map(|share| 100.0 * share);
            Row {
                figure,
                theory: percent(theory.and_then(of_theory)),
                simulated: percent(of(simulated)),
                measured: percent(measured.and_then(of)),
                always: false,
            }
        };
    let mut rows = vec![
        count("answered", |of| of.answered, |of| of.answered),
        count("failed (500)", |of| of.failed, |of| of.failed),
        count("rejected (503)", |of| of.rejected, |of| of.rejected),
        count("dropped", |of| of.dropped, |of| of.dropped),
        count("lost", |of| of.lost, |of| of.lost),
        count("in system", |of| of.in_system, |of| of.in_system),
        share("utilisation %", |of| of.utilisation, |of| of.utilisation),
        share("waited %", |of| of.waited, |of| of.waited),
    ];
    let waits = times(|of| of.waiting_time, |of| of.waiting_time, run);
    let stays = times(|of| of.sojourn_time, |of| of.sojourn_time, run);
    let waiting = ["waiting mean ms", "waiting p50 ms", "waiting p95 ms", "waiting p99 ms"];
    let sojourn = ["sojourn mean ms", "sojourn p50 ms", "sojourn p95 ms", "sojourn p99 ms"];
    for (names, values, always) in [(waiting, waits, false), (sojourn, stays, true)] {
        for (figure, [theory, simulated, measured]) in names.into_iter().zip(values) {
            rows.push(Row { figure, theory, simulated, measured, always });
        }
    }
    rows
}

/// Mean, p50, p95 and p99 in ms: by theory, simulated, measured.
fn times(
    of_theory: fn(&Expected) -> Times,
    of: fn(&RunReport) -> Times,
    run: &Run,
) -> [[Option<f64>; 3]; 4] {
    let figures = |times: Times| {
        [times.mean, times.p50, times.p95, times.p99].map(|time| time.map(|time| 1e3 * time))
    };
    let theory = run.theory.as_ref().ok().map(|prediction| of_theory(&prediction.expected));
    let theory = theory.map_or([None; 4], figures);
    let simulated = figures(of(&run.simulated));
    let measured = run.measured.as_ref().map_or([None; 4], |report| figures(of(report)));
    std::array::from_fn(|index| [theory[index], simulated[index], measured[index]])
}

/// How far the measurement is from the simulation.
fn error(simulated: Option<f64>, measured: Option<f64>) -> String {
    match (simulated, measured) {
        (Some(simulated), Some(measured)) if simulated.abs() > 1e-9 => {
            format!("{:+.1} %", 100.0 * (measured / simulated - 1.0))
        }
        _ => String::new(),
    }
}

fn theory_note(run: &Run) -> String {
    match &run.theory {
        Ok(prediction) => format!("{}; costs beside the service taken as 0", prediction.basis),
        Err(reason) => reason.to_string(),
    }
}

fn shown(value: Option<f64>) -> String {
    value.map_or_else(
        || "–".to_owned(),
        |value| {
            if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.3}") }
        },
    )
}

fn line(text: &mut String, cells: &[String; 6]) {
    let [model, figure, theory, simulated, measured, error] = cells;
    let row =
        format!("{model:<10} {figure:<16} {theory:>11} {simulated:>11} {measured:>11} {error:>9}");
    let _ = writeln!(text, "{}", row.trim_end());
}

#[expect(clippy::cast_precision_loss, reason = "counts of requests lie far below 2⁵³")]
fn to_f64(count: u64) -> f64 {
    count as f64
}
