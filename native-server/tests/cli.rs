//! The program as its users have it: what it prints, what it refuses, and with which exit code.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Output;

use flate2::Compression;
use flate2::write::GzEncoder;
use scheduler_model::{Decision, EventKind, Trace};
use serde_json::Value;
use support::process::{Serving, program};
use support::{Client, NAMES, read_trace};

fn run(arguments: &[&str]) -> Output {
    program(arguments).output().unwrap()
}

/// What it prints with exit code `code`, as JSON.
fn run_json(arguments: &[&str], code: i32) -> Value {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The one line on standard error of a run that is refused.
fn refusal(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    let line = text.strip_suffix('\n').unwrap();
    assert_eq!(line.lines().count(), 1, "{text}");
    line.to_owned()
}

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn write_trace(path: &Path, trace: &Trace) {
    let mut bytes = Vec::new();
    trace.write(&mut bytes).unwrap();
    fs::write(path, bytes).unwrap();
}

/// The trace of the book's experiment as the program writes it.
fn book_trace(folder: &Path) -> PathBuf {
    let path = folder.join("book.jsonl");
    run_json(&["simulate", BOOK, "--json", "--trace", text(&path)], 0);
    path
}

const BOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/book.toml");

#[test]
fn simulate_prints_every_figure_under_its_key() {
    let printed =
        run_json(&["simulate", BOOK, "--json", "--model", "single", "--model", "pool"], 0);
    assert_eq!(printed["scenario"], "book");
    let runs = printed["runs"].as_array().unwrap();
    let models: Vec<_> = runs.iter().map(|run| run["model"].as_str().unwrap()).collect();
    assert_eq!(models, ["single", "pool"]);
    for run in runs {
        assert_eq!(
            keys(run),
            [
                "answered",
                "arrived",
                "digest",
                "dropped",
                "events",
                "failed",
                "in_system",
                "lost",
                "model",
                "rejected",
                "run_queue_peak",
                "sojourn_time_s",
                "threads_peak",
                "utilisation",
                "waited",
                "waiting_time_s",
            ]
        );
        for times in ["sojourn_time_s", "waiting_time_s"] {
            assert_eq!(keys(&run[times]), ["half_width_99", "max", "mean", "p50", "p95", "p99"]);
        }
        assert_eq!((&run["arrived"], &run["answered"]), (&3.into(), &3.into()));
        // Three requests are too few for an interval: not known is null.
        assert_eq!(run["sojourn_time_s"]["half_width_99"], Value::Null);
    }
}

#[test]
fn simulate_stops_at_the_precision_that_is_asked_for() {
    let mm4 = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/mm4.toml");
    let printed = run_json(&["simulate", mm4, "--json", "--precision", "0.05"], 0);
    let stopped = &printed["runs"][0];
    let times = &stopped["sojourn_time_s"];
    let (mean, half) = (times["mean"].as_f64().unwrap(), times["half_width_99"].as_f64().unwrap());
    assert!(half <= 0.05 * mean, "{printed}");
    assert!(stopped["arrived"].as_u64().unwrap() < 200_000, "{printed}");
    let refused = run(&["simulate", mm4, "--precision", "0"]);
    assert_eq!(refused.status.code(), Some(2));
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(message.contains("--precision") && message.contains("between 0 and 1"), "{message}");
}

fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn the_digest_that_is_printed_is_that_of_the_trace_that_is_written() {
    let path = folder("digest").join("book.jsonl");
    let printed = run_json(&["simulate", BOOK, "--json", "--trace", text(&path)], 0);
    let trace = read_trace(&path);
    assert_eq!(printed["runs"][0]["digest"], trace.digest().to_string());
    assert_eq!(printed["runs"][0]["events"], trace.events.len());
    let verdict = run_json(&["conform", text(&path), "--json"], 0);
    assert_eq!(verdict["conforms"], true);
    assert_eq!(verdict["complete"], true);
    assert_eq!(verdict["events"], trace.events.len());
    assert_eq!(verdict["first_difference"], Value::Null);
}

#[test]
fn conform_finds_each_decision_that_is_removed_or_changed_at_its_place() {
    let folder = folder("tampered");
    let trace = read_trace(&book_trace(&folder));
    let path = folder.join("tampered.jsonl");
    for index in 0..trace.events.len() {
        let EventKind::Decision(decision) = trace.events[index].kind else { continue };
        let mut removed = trace.clone();
        removed.events.remove(index);
        let mut changed = trace.clone();
        changed.events[index].kind = EventKind::Decision(Decision::ResumeAccepting);
        for tampered in [removed, changed] {
            write_trace(&path, &tampered); // numbers the events anew
            let verdict = run_json(&["conform", text(&path), "--json"], 1);
            assert_eq!(verdict["conforms"], false);
            assert_eq!(verdict["first_difference"]["seq"], index + 1, "{decision:?}");
        }
    }
    let said = String::from_utf8(run(&["conform", text(&path)]).stdout).unwrap();
    assert!(said.contains(": differs at seq "), "{said}");
}

#[test]
fn a_last_line_that_is_cut_short_costs_that_line_only() {
    let folder = folder("cut");
    let path = book_trace(&folder);
    let n_events = read_trace(&path).events.len();
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
    let verdict = run_json(&["conform", text(&path), "--json"], 0);
    assert_eq!(verdict["complete"], false);
    assert_eq!(verdict["conforms"], true);
    assert_eq!(verdict["events"], n_events - 1);
}

#[test]
fn a_gap_in_the_numbers_is_a_bad_file_and_not_a_difference() {
    let path = book_trace(&folder("gap"));
    let lines = fs::read_to_string(&path).unwrap();
    // The header is line 1, so the event that is missing was on line 6.
    let without: String =
        lines.split_inclusive('\n').enumerate().filter(|&(n, _)| n != 5).map(|(_, l)| l).collect();
    fs::write(&path, without).unwrap();
    let line = refusal(&["conform", text(&path), "--json"]);
    let place = format!("{}:6: seq: 6 given, allowed is 5", path.display());
    assert!(line.contains(&place), "{line}");
}

#[test]
fn a_packed_trace_is_read_as_it_is() {
    let folder = folder("packed");
    let plain = book_trace(&folder);
    let packed = folder.join("book.jsonl.gz");
    let mut encoder = GzEncoder::new(File::create(&packed).unwrap(), Compression::default());
    encoder.write_all(&fs::read(&plain).unwrap()).unwrap();
    encoder.finish().unwrap();
    let of_plain = run_json(&["conform", text(&plain), "--json"], 0);
    assert_eq!(run_json(&["conform", text(&packed), "--json"], 0), of_plain);
    // A packed file that was cut short has lost its end, like any other.
    let bytes = fs::read(&packed).unwrap();
    fs::write(&packed, &bytes[..bytes.len() - 20]).unwrap();
    let verdict = run_json(&["conform", text(&packed), "--json"], 0);
    assert_eq!((&verdict["complete"], &verdict["conforms"]), (&false.into(), &true.into()));
}

#[test]
fn a_bad_scenario_is_refused_in_one_line_and_leaves_nothing_behind() {
    let folder = folder("bad");
    let scenario = folder.join("bad.toml");
    let trace = folder.join("bad.jsonl");
    let cases = [
        ("[server]\nmodel = \"pool\"\nworkers = 0\n", "3: server.workers: 0 given, allowed is "),
        ("[server]\nmodel = \"pond\"\n", "2: server.model: "),
        ("[server]\nmodel = \"pool\"\nwrokers = 4\n", "3: server.wrokers: "),
        ("[server\n", "1: "),
    ];
    for (toml, place) in cases {
        fs::write(&scenario, toml).unwrap();
        let place = format!("{}:{place}", scenario.display());
        let recording = text(&trace);
        for arguments in [
            &["simulate", text(&scenario), "--json", "--trace", recording][..],
            &["--inspect", "off", "--scenario", text(&scenario), "--record", recording],
        ] {
            let line = refusal(arguments);
            assert!(line.contains(&place), "{line}");
        }
        let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
        assert_eq!(left, std::slice::from_ref(&scenario));
    }
}

#[test]
fn a_bad_flag_is_refused_in_one_line_that_names_it_with_what_was_given_and_what_is_allowed() {
    for (arguments, parts) in [
        (&["--workers", "0"][..], ["--workers", "'0'", "1..=1024"]),
        (&["serve", "--workers", "many"], ["--workers", "'many'", "1..=1024"]),
        (&["--listen", "x"], ["--listen", "'x'", "ADDRESS:PORT"]),
        (&["--inspect", "on"], ["--inspect", "'on'", "off"]),
        (&["serve", "--queue", "-1"], ["--queue", "'-1'", "unbounded"]),
        (
            &["--model", "fork"],
            ["--model", "'fork'", "single, spawn, pool, fork-join, async, sharded"],
        ),
        (&["--queue", "-1"], ["--queue", "'-1'", "unbounded"]),
        (&["--root", "no-such-folder"], ["--root", "'no-such-folder'", "allowed is a folder"]),
        (&["--root", BOOK], ["--root", BOOK, "allowed is a folder"]),
        (&["--access-log", ""], ["--access-log", "''", "off, stdout, stderr or a file"]),
        (&["--inspect-token", "short"], ["--inspect-token", "'short'", "16 or more"]),
        (&["--inspect", "0.0.0.0:0"], ["--inspect", "0.0.0.0:0", "--inspect-token"]),
        (&["--per-address", "0"], ["--per-address", "'0'", "1..=10000000"]),
        (
            &["simulate", BOOK, "--model", "x"],
            ["--model", "'x'", "pool, fork-join, async, sharded"],
        ),
    ] {
        let line = refusal(arguments);
        assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    }
    let trace = ["simulate", BOOK, "--model", "pool", "--model", "single", "--trace", "t.jsonl"];
    let line = refusal(&trace);
    assert!(line.contains("--trace with 2 models given, allowed is one model"), "{line}");
}

#[test]
fn a_variable_of_the_environment_stands_for_its_flag() {
    for (name, value, flag) in [
        ("NATIVE_SERVER_WORKERS", "0", "--workers"),
        ("NATIVE_SERVER_ROOT", "no-such-folder", "--root"),
        ("NATIVE_SERVER_PER_ADDRESS", "many", "--per-address"),
    ] {
        let output = program(&[]).env(name, value).output().unwrap();
        let line = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(line.contains(flag) && line.contains(value), "{line}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn where_nobody_can_be_told_the_exit_code_still_says_it() {
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let refused = program(&["--workers", "0"]).stderr(full()).status().unwrap();
    assert_eq!(refused.code(), Some(2));
    let noted = folder("noted").join("noted.toml");
    fs::write(&noted, "[server]\nmodel = 'single'\nworkers = 2\n").unwrap();
    let simulated = program(&["simulate", text(&noted)]).stderr(full()).output().unwrap();
    assert_eq!(simulated.status.code(), Some(0), "{simulated:?}");
}

#[test]
fn files_of_the_root_are_served() {
    let root = folder("root");
    fs::write(root.join("f.txt"), "text").unwrap();
    let mut serving = Serving::start(&["--root", text(&root), "--per-address", "1"]);
    let mut client = Client::new(serving.address);
    assert_eq!(client.get("/f.txt").unwrap().body, b"text");
    // The address has its one connection.
    assert!(Client::new(serving.address).is_closed());
    assert_eq!(client.get("/f.txt").unwrap().body, b"text");
    assert_eq!(serving.terminate(), Some(0));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    for command in ["simulate", "conform"] {
        let line = refusal(&[command, "no-such-file"]);
        assert!(line.contains("no-such-file"), "{line}");
    }
}

#[test]
fn sigterm_ends_a_server_well_and_its_recording_conforms() {
    for model in NAMES {
        let path = folder(&format!("signal-{model}")).join("recording.jsonl");
        let mut serving = Serving::start(&["--model", model, "--record", text(&path)]);
        for (asked, status) in [("/", 200), ("/nowhere", 404), ("/sleep?ms=1", 200)] {
            assert_eq!(Client::new(serving.address).get(asked).unwrap().status, status);
        }
        assert_eq!(serving.terminate(), Some(0));
        let verdict = run_json(&["conform", text(&path), "--json"], 0);
        assert_eq!((&verdict["complete"], &verdict["conforms"]), (&true.into(), &true.into()));
        let trace = read_trace(&path);
        let last = trace.events.last().map(|event| event.kind);
        assert_eq!(last, Some(EventKind::Decision(Decision::Drained)));
        assert_eq!(scheduler_model::Stats::of(&trace).unwrap().answered, 3);
    }
}

#[test]
fn a_server_that_says_it_listens_can_be_asked_to_stop_at_once() {
    for _ in 0..8 {
        assert_eq!(Serving::start(&[]).terminate(), Some(0));
    }
}

#[test]
fn no_thread_beyond_threads_max_is_started() {
    let mut serving = Serving::start(&["--model", "spawn", "--threads-max", "2"]);
    // A connection that is kept keeps its thread.
    let mut kept: Vec<_> = (0..2).map(|_| Client::new(serving.address)).collect();
    for client in &mut kept {
        assert_eq!(client.get("/").unwrap().status, 200);
    }
    assert_eq!(Client::new(serving.address).get("/").unwrap().status, 503);
    for client in &mut kept {
        assert_eq!(client.get("/").unwrap().status, 200);
    }
    assert_eq!(serving.terminate(), Some(0));
}

#[test]
fn a_small_server_is_checked_and_a_large_one_refused() {
    let folder = folder("check");
    let scenario = folder.join("small.toml");
    let text_of = |count| {
        format!(
            "[server]\nmodel = \"pool\"\nworkers = 2\nqueue = 1\n[[arrive]]\npath = \"/\"\n\
             count = {count}\n[[fault]]\nkind = \"drain\"\ndeadline_ms = 10\n"
        )
    };
    fs::write(&scenario, text_of(3)).unwrap();
    let counterexample = folder.join("run.jsonl");
    let output =
        run(&["check", text(&scenario), "--json", "--counterexample", text(&counterexample)]);
    assert_eq!(output.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["complete"], true);
    assert!(report["states"].as_u64() < report["transitions"].as_u64());
    let properties = report["properties"].as_array().unwrap();
    let holds = |name: &str| {
        let found = properties.iter().find(|property| property["name"] == name).unwrap();
        assert_eq!(found["counterexample"], Value::Null);
        found["holds"].clone()
    };
    assert_eq!(holds("a-drain-ends"), true);
    assert_eq!(holds("a-panic-costs-one-request"), Value::Null, "there was none");
    assert!(!counterexample.exists());
    fs::write(&scenario, text_of(9)).unwrap();
    let line = refusal(&["check", text(&scenario)]);
    assert!(line.contains("small.toml: arrivals: 9 given, allowed is 1..=8"), "{line}");
}

#[test]
fn of_a_scenario_that_is_too_long_no_more_is_read_than_shows_that() {
    let path = folder("long").join("long.toml");
    File::create(&path).unwrap().set_len(64 << 20).unwrap();
    let line = refusal(&["simulate", text(&path)]);
    let wanted = "long.toml:1: the file: more than 1048576 bytes given, allowed is 0..=1048576";
    assert!(line.ends_with(wanted), "{line}");
    assert_eq!(refusal(&["simulate", BOOK, "--costs", text(&path)]), line);
    fs::write(&path, b"[server]\nmodel = \"p\xf6ol\"\n").unwrap();
    let line = refusal(&["simulate", text(&path)]);
    assert!(line.contains("long.toml:2: ") && line.contains("UTF-8"), "{line}");
}
