//! A recorded run's own requests, on other servers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use support::folder;
use support::process::program;

/// Six sleepers at once, recorded from a real pool of one with room for three.
fn recorded(name: &str) -> PathBuf {
    let folder = folder(name);
    let (scenario, costs) = (folder.join("scenario.toml"), folder.join("costs.toml"));
    fs::write(
        &scenario,
        "[server]\nmodel = 'pool'\nworkers = 1\nqueue = 3\n[[request]]\npath = '/nap'\n\
         sleep_ms = 200\n[[arrive]]\npath = '/nap'\ncount = 6\n",
    )
    .unwrap();
    fs::write(&costs, "machine.dispatch_us = 0\n").unwrap();
    let trace = folder.join("run.jsonl");
    let mut command = program(&["experiment"]);
    command.arg(&scenario).arg("--costs").arg(&costs).arg("--trace").arg(&trace);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    trace
}

fn simulate(trace: &PathBuf, arguments: &[&str]) -> String {
    let mut command = program(&["simulate", "--from-trace"]);
    let output = command.arg(trace).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn another_size_is_simulated_with_the_recorded_requests() {
    let trace = recorded("what-if-sizes");
    let text = simulate(&trace, &["--workers", "1", "--workers", "6", "--queue", "3", "--json"]);
    let printed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&printed["requests"], &printed["guessed"]), (&6.into(), &2.into()));
    assert_eq!(printed["recorded"]["rejected"], 2);
    let runs = printed["runs"].as_array().unwrap();
    let of = |run: &Value| (run["server"]["workers"].clone(), run["rejected"].clone());
    let expected = [(1.into(), 2.into()), (6.into(), 0.into())];
    assert_eq!(runs.iter().map(of).collect::<Vec<_>>(), expected);
    let slowest = |run: &Value| run["sojourn_time_s"]["max"].as_f64().unwrap();
    assert!(slowest(&runs[0]) >= 0.8, "four sleeps, one after the other");
    assert!(0.2 <= slowest(&runs[1]) && slowest(&runs[1]) < slowest(&runs[0]));
}

#[test]
fn every_combination_is_a_line_and_what_a_model_does_not_know_is_asked_once() {
    let trace = recorded("what-if-lines");
    let models = ["--model", "pool", "--model", "async", "--model", "spawn"];
    let sizes = ["--workers", "2", "--workers", "8", "--queue", "0", "--queue", "unbounded"];
    let text = simulate(&trace, &[&models[..], &sizes].concat());
    let lines: Vec<_> = text.lines().filter(|line| line.contains("would have had")).collect();
    assert_eq!(lines.len(), 2 * 2 + 1 + 1, "{text}");
    assert!(lines[0].starts_with("  pool, 2 workers, a queue of 0 would have had p50 "), "{text}");
    assert!(lines[0].ends_with("and 66.7 % of 503"), "{text}");
    assert!(lines[4].starts_with("  async would have had"), "{text}");
    assert!(text.contains("pool, 1 worker, a queue of 3 had p50"), "{text}");
    assert!(text.contains("2 of them were not served"), "{text}");
}

#[test]
fn a_run_that_cannot_be_run_again_is_refused() {
    let folder = folder("what-if-refused");
    let empty = folder.join("empty.toml");
    fs::write(&empty, "server.model = 'pool'\n").unwrap();
    let trace = folder.join("empty.jsonl");
    let simulated = program(&["simulate", empty.to_str().unwrap(), "--trace"]).arg(&trace).output();
    assert!(simulated.unwrap().status.success());
    let refusal = |arguments: &[&str]| {
        let output = program(&["simulate"]).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let line = refusal(&["--from-trace", trace.to_str().unwrap()]);
    assert!(line.contains("empty.jsonl: no request in it"), "{line}");
    let line = refusal(&[empty.to_str().unwrap(), "--workers", "2"]);
    assert!(line.contains("--from-trace"), "{line}");
    let line = refusal(&["--from-trace", "nowhere.jsonl"]);
    assert!(line.contains("nowhere.jsonl"), "{line}");
}
