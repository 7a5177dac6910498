//! Recordings of the real server in the formats of other tools, and what `export` promises.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;
#[path = "../../scheduler-model/tests/support/trace_events.rs"]
mod trace_events;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use flate2::Compression;
use flate2::write::GzEncoder;
use native_server::options::Options;
use scheduler_model::{ExportFormat, Model, Stats, Trace, export};
use support::served::Server;
use support::{Client, Gate, MODELS, folder, options, place, read_trace};

/// What a server recorded of answers, a panic, a part of a request, a client that left, a kept
/// connection, and a drain.
fn recording(model: Model) -> PathBuf {
    let path = place(&format!("export-{}", model.name()));
    let options = Options { record: Some(path.clone()), ..options(model, 2) };
    let (site, keeper) = Gate::new();
    let server = Server::start(options, site).unwrap();
    let server = server.with_answers_unread("a client leaves");
    let address = server.address();
    for asked in ["/a", "/panic", "/b"] {
        let mut client = Client::new(address);
        client.get(asked).unwrap();
        client.get(asked);
    }
    let mut slow = Client::new(address);
    slow.send(b"GET / HTTP/1.1\r\nHo");
    if model != Model::Single {
        Client::new(address).get("/c").unwrap();
    }
    slow.send(b"st: test\r\n\r\n").answer().unwrap();
    let mut leaving = Client::new(address);
    leaving.send(b"GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
    keeper.wait_until_one_holds();
    drop(leaving);
    keeper.let_one_go();
    server.handle().drain();
    server.wait().unwrap();
    path
}

fn written(trace: &Trace, format: ExportFormat) -> String {
    let mut text = Vec::new();
    export(&trace.header, &trace.events, format, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn a_recording_makes_a_time_line_and_a_table_wherever_it_is_cut() {
    for model in MODELS {
        let mut trace = read_trace(&recording(model));
        loop {
            let report = Stats::of(&trace).unwrap();
            let held = trace_events::check(&written(&trace, ExportFormat::Perfetto));
            let answered = held.outcomes.get("answered").copied().unwrap_or(0);
            assert_eq!(answered as u64, report.answered, "{model:?} {held:?}");
            let no_requests = held.outcomes.get("no request").copied().unwrap_or(0);
            assert_eq!((held.requests - no_requests) as u64, report.arrived, "{model:?}");
            let table = written(&trace, ExportFormat::Csv);
            assert_eq!(table.lines().count() as u64, 1 + report.arrived, "{model:?}");
            if trace.events.pop().is_none() {
                break;
            }
        }
    }
}

/// The program with these arguments.
fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_native-server")).args(arguments).env_clear().output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A trace in a folder of this test's own, and the folder.
fn trace(name: &str) -> (PathBuf, PathBuf) {
    let folder = folder(name);
    let path = folder.join("panic.jsonl");
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/panic.toml");
    assert!(run(&["simulate", scenario, "--trace", text(&path)]).status.success());
    (path, folder)
}

#[test]
fn the_file_and_standard_output_have_what_the_library_writes() {
    let (path, folder) = trace("export-same");
    let packed = folder.join("panic.jsonl.gz");
    let mut encoder = GzEncoder::new(fs::File::create(&packed).unwrap(), Compression::fast());
    encoder.write_all(&fs::read(&path).unwrap()).unwrap();
    encoder.finish().unwrap();
    let file = folder.join("out");
    for format in ExportFormat::ALL {
        let expected = written(&read_trace(&path), format);
        for from in [&path, &packed] {
            let arguments = ["export", text(from), "--to", format.name()];
            let output = run(&[&arguments[..], &[text(&file)]].concat());
            assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
            assert_eq!(fs::read_to_string(&file).unwrap(), expected);
            let output = run(&[&arguments[..], &["-"]].concat());
            assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
        }
    }
    assert!(run(&["export", text(&path), "--to", "csv", "/dev/null"]).status.success());
    assert!(!Path::new("/dev/null").is_file(), "a device is written to and not replaced");
}

#[test]
fn what_is_no_run_leaves_nothing_behind_and_an_older_file_as_it_is() {
    let (path, folder) = trace("export-refused");
    let damaged = folder.join("damaged.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&damaged, whole.replacen(r#""worker":2"#, r#""worker":1"#, 1)).unwrap();
    let file = folder.join("out");
    fs::write(&file, "older").unwrap();
    let line_of_damage = whole.lines().position(|line| line.contains(r#""worker":2"#)).unwrap() + 1;
    for out in [text(&file), "-"] {
        let output = run(&["export", text(&damaged), "--to", "perfetto", out]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(output.stdout.is_empty());
        let said = String::from_utf8(output.stderr).unwrap();
        let place = format!("native-server: {}:{line_of_damage}: ", damaged.display());
        assert!(said.starts_with(&place) && said.lines().count() == 1, "{said}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "older");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 3, "nothing half-written");
}

#[test]
fn a_bad_use_is_refused_in_one_line() {
    let (path, folder) = trace("export-use");
    let nowhere = folder.join("no/such/folder");
    for (arguments, named) in [
        (vec!["export", text(&path), "--to", "svg", "-"], "allowed is csv, perfetto"),
        (vec!["export", text(&path), "-"], "--to"),
        (vec!["export", text(&path), "--to", "csv"], "<FILE>"),
        (vec!["export", text(&path), "--to", "csv", text(&nowhere)], "no/such/folder"),
        (vec!["export", text(&nowhere), "--to", "csv", "-"], "no/such/folder"),
    ] {
        let output = run(&arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(named) && said.lines().count() == 1, "{said}");
    }
}
