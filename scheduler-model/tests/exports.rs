//! Runs in the formats of other tools hold together, however the run went and wherever it was cut.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/trace_events.rs"]
mod trace_events;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use scheduler_model::{
    Event, EventKind, ExportError, ExportFormat, Machine, Model, RunReport, Scenario, SimTime,
    Simulation, Stats, Stimulus, Trace, WorkerId, export, simulate,
};
use trace_events::Held;

#[test]
fn every_shipped_scenario_under_every_model_makes_a_time_line_that_holds_together() {
    for (name, trace, report) in shipped_runs() {
        let held = trace_events::check(&written(&trace, ExportFormat::Perfetto));
        assert_eq!(held.outcomes, outcomes(&report), "{name}");
        assert_eq!(held.requests as u64, report.arrived, "{name}");
    }
}

#[test]
fn every_shipped_scenario_under_every_model_makes_a_table_with_a_row_a_request() {
    for (name, trace, report) in shipped_runs() {
        let rows = rows(&trace);
        let mut found = BTreeMap::new();
        for row in &rows {
            *found.entry(row["outcome"].clone()).or_default() += 1;
        }
        assert_eq!(found, outcomes(&report), "{name}");
        let answered: Vec<_> = rows.iter().filter(|row| row["outcome"] == "answered").collect();
        if trace.header.scenario.warmup_requests == 0 && !answered.is_empty() {
            for (column, times) in
                [("waiting_s", report.waiting_time), ("sojourn_s", report.sojourn_time)]
            {
                let sum: u128 = answered.iter().map(|row| nanos(&row[column])).sum();
                #[expect(clippy::cast_precision_loss, reason = "as the report computes it")]
                let mean = sum as f64 / answered.len() as f64 / 1e9;
                assert_eq!(Some(mean), times.mean, "{name} {column}");
            }
        }
        for row in &answered {
            let (arrived, started) = (nanos(&row["arrived_s"]), nanos(&row["started_s"]));
            assert_eq!(nanos(&row["waiting_s"]), started - arrived, "{name} {row:?}");
            assert_eq!(nanos(&row["sojourn_s"]), nanos(&row["ended_s"]) - arrived, "{name}");
            assert!(!row["worker"].is_empty() && row["path"].starts_with('/'), "{name} {row:?}");
        }
    }
}

#[test]
fn a_run_that_is_cut_anywhere_is_closed_at_the_cut() {
    for name in ["book", "drain", "panic", "resize"] {
        for &model in &Model::ALL {
            let mut trace = simulate(&shipped(name).with_model(model));
            while trace.events.pop().is_some() {
                let held = trace_events::check(&written(&trace, ExportFormat::Perfetto));
                let report = Stats::of(&trace).unwrap();
                assert_eq!(held.outcomes, outcomes(&report), "{name}, {} left", trace.events.len());
                assert_eq!(rows(&trace).len() as u64, report.arrived);
            }
        }
    }
}

#[test]
fn whoever_is_queued_has_an_arrow_to_whoever_takes_it_up() {
    let trace = simulate(&shipped("ten-sleeps"));
    let Held { flows, requests, .. } =
        trace_events::check(&written(&trace, ExportFormat::Perfetto));
    assert_eq!((requests, flows), (10, 6), "four are taken up at once");
}

#[test]
fn whoever_steals_has_an_arrow_from_whom_it_stole() {
    let text = "[server]\nmodel = 'fork-join'\n[[request]]\npath = '/'\n\
                fork = { depth = 3, leaf_cpu_us = 500 }\n[[arrive]]\npath = '/'\n";
    let trace = simulate(&Scenario::from_toml("fork", text).unwrap().0);
    let is_theft =
        |event: &&Event| matches!(event.kind, EventKind::Machine(Machine::Stolen { .. }));
    let n_thefts = trace.events.iter().filter(is_theft).count();
    let text = written(&trace, ExportFormat::Perfetto);
    assert_eq!(trace_events::check(&text).flows, n_thefts);
    assert_eq!(text.matches("a part of request 1").count(), n_thefts);
    assert!(n_thefts > 0);
}

#[test]
fn a_time_line_says_what_it_says_and_nothing_else() {
    let mut scenario = shipped("panic");
    scenario.name = "a \"name\" </script>".to_owned();
    insta::assert_snapshot!(written(&simulate(&scenario), ExportFormat::Perfetto));
}

#[test]
fn a_table_says_what_it_says_and_nothing_else() {
    insta::assert_snapshot!(written(&simulate(&shipped("panic")), ExportFormat::Csv));
}

#[test]
fn formats_have_different_names() {
    assert_eq!(ExportFormat::ALL.map(ExportFormat::name), ["csv", "perfetto"]);
}

#[test]
fn events_that_are_no_run_are_refused_at_their_place() {
    let mut trace = simulate(&shipped("book"));
    let stimulus = Stimulus::WorkerDied { worker: WorkerId::from_index(900) };
    let kind = scheduler_model::EventKind::Stimulus(stimulus);
    trace.events.insert(3, Event::new(SimTime::ZERO, kind));
    for format in ExportFormat::ALL {
        let refused = export(&trace.header, &trace.events, format, &mut Vec::new()).unwrap_err();
        assert!(matches!(refused, ExportError::NoRun { seq: 4, .. }), "{refused}");
    }
}

#[test]
fn a_writer_that_fails_is_an_error() {
    let trace = simulate(&shipped("book"));
    for format in ExportFormat::ALL {
        let whole = written(&trace, format).len();
        for room in [0, 10, whole / 2, whole - 1] {
            let mut buffer = vec![0; room];
            let refused =
                export(&trace.header, &trace.events, format, &mut &mut buffer[..]).unwrap_err();
            assert!(matches!(refused, ExportError::Write(_)), "{refused}");
        }
    }
}

/// Every shipped scenario of a bearable length, under every model.
fn shipped_runs() -> impl Iterator<Item = (String, Trace, RunReport)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert!(names.len() >= 8, "{names:?}");
    names.into_iter().flat_map(|name| {
        Model::ALL.iter().map(move |&model| {
            let mut scenario = shipped(&name).with_model(model);
            scenario.horizon = scenario.horizon.or(Some(SimTime::from_nanos(4_000_000_000)));
            let mut simulation = Simulation::new(&scenario).recording();
            simulation.run();
            let report = simulation.report();
            (format!("{name} under {}", model.name()), simulation.into_trace(), report)
        })
    })
}

fn shipped(name: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../scenarios/{name}.toml"));
    Scenario::from_toml(name, &fs::read_to_string(path).unwrap()).unwrap().0
}

fn written(trace: &Trace, format: ExportFormat) -> String {
    let mut text = Vec::new();
    export(&trace.header, &trace.events, format, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// The table's rows, by column.
fn rows(trace: &Trace) -> Vec<BTreeMap<String, String>> {
    let text = written(trace, ExportFormat::Csv);
    let mut lines = text.strip_suffix("\r\n").unwrap().split("\r\n");
    let columns: Vec<_> = lines.next().unwrap().split(',').map(str::to_owned).collect();
    lines
        .map(|line| {
            let cells: Vec<_> = line.split(',').map(str::to_owned).collect();
            assert_eq!(cells.len(), columns.len(), "{line}");
            columns.iter().cloned().zip(cells).collect()
        })
        .collect()
}

fn nanos(seconds: &str) -> u128 {
    let (whole, rest) = seconds.split_once('.').unwrap();
    assert_eq!(rest.len(), 9, "{seconds}");
    whole.parse::<u128>().unwrap() * 1_000_000_000 + rest.parse::<u128>().unwrap()
}

/// How many requests ended in which way, as both formats name it.
fn outcomes(report: &RunReport) -> BTreeMap<String, usize> {
    let counts = [
        ("answered", report.answered),
        ("failed", report.failed),
        ("rejected", report.rejected),
        ("dropped", report.dropped),
        ("lost", report.lost),
        ("in-system", report.in_system),
    ];
    counts
        .into_iter()
        .filter(|&(_, count)| count > 0)
        .map(|(name, count)| (name.to_owned(), usize::try_from(count).unwrap()))
        .collect()
}
