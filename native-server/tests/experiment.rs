//! Experiments on real sockets: what is measured, what is refused, and what is kept when one breaks
//! off. Nothing here depends on how fast the computer is.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use scheduler_model::trace::{Arrivals, Source, Trace};
use scheduler_model::{EventKind, Machine, replay};
use serde_json::Value;
use support::process::program;
use support::{folder, read_trace};

/// Costs that need no calibration, and the scenario in a file of this test's own.
struct Bench {
    scenario: PathBuf,
    costs: PathBuf,
}

impl Bench {
    fn new(name: &str, scenario: &str) -> Self {
        let folder = folder(name);
        let bench =
            Self { scenario: folder.join("scenario.toml"), costs: folder.join("costs.toml") };
        fs::write(&bench.scenario, scenario).unwrap();
        fs::write(&bench.costs, "[machine]\nspawn_us = 50\ndispatch_us = 10\n").unwrap();
        bench
    }

    /// `experiment` of it, with these arguments besides.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(&["experiment"]);
        command.arg(&self.scenario).arg("--costs").arg(&self.costs).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The runs of `--json`, at this exit code.
    fn measure(&self, arguments: &[&str], code: i32) -> Vec<Value> {
        let output = self.command(arguments).arg("--json").output().unwrap();
        runs(&output, code)
    }

    /// Beside the scenario.
    fn place(&self, name: &str) -> PathBuf {
        self.scenario.with_file_name(name)
    }
}

fn runs(output: &Output, code: i32) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    printed["runs"].as_array().unwrap().clone()
}

/// The one line that says why nothing was done.
fn refusal(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

fn count(report: &Value, name: &str) -> u64 {
    report[name].as_u64().unwrap()
}

fn seconds(report: &Value, times: &str, name: &str) -> f64 {
    report[times][name].as_f64().unwrap()
}

/// A pool of one and two sleepers at once, with room for both.
const TWO_SLEEPERS: &str = "\
[server]\nmodel = 'pool'\nworkers = 1\nqueue = 4\n\
[[request]]\npath = '/nap'\nsleep_ms = 30\ncpu_us = 100\n\
[[arrive]]\npath = '/nap'\ncount = 2\n";

#[test]
fn every_model_is_predicted_simulated_and_measured() {
    let bench = Bench::new("experiment-models", TWO_SLEEPERS);
    let models = ["single", "spawn", "pool", "fork-join", "async", "sharded"];
    let arguments: Vec<_> = models.iter().flat_map(|model| ["--model", model]).collect();
    let runs = bench.measure(&arguments, 0);
    let names: Vec<_> = runs.iter().map(|run| run["model"].as_str().unwrap()).collect();
    assert_eq!(names, models);
    for run in &runs {
        let (simulated, measured) = (&run["simulated"], &run["measured"]);
        for report in [simulated, measured] {
            assert_eq!(count(report, "answered"), 2, "{run}");
            assert_eq!(count(report, "arrived"), 2);
            assert!(seconds(report, "sojourn_time_s", "max") >= 0.0301, "{run}");
        }
        let keys = |report: &Value| report.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(simulated), keys(measured));
        assert!(run["theory_note"].is_string());
        assert_eq!(run["requests"].as_array().unwrap().len(), 2);
    }
    let single = &runs[0];
    assert!(seconds(&single["theory"], "sojourn_time_s", "max") >= 0.0602, "{single}");
    assert!(seconds(&single["measured"], "sojourn_time_s", "max") >= 0.0602, "one after the other");
}

#[test]
fn the_recording_has_the_clients_times_and_conforms() {
    let bench = Bench::new("experiment-trace", TWO_SLEEPERS);
    let place = bench.place("run.jsonl");
    let runs = bench.measure(&["--trace", place.to_str().unwrap()], 0);
    let trace = read_trace(&place);
    assert_eq!(trace.header.source, Source::Recorded);
    assert_eq!(trace.header.arrivals, Arrivals::Client);
    let verdict = replay(&trace);
    assert!(verdict.conforms && verdict.complete, "{:?}", verdict.first_difference);
    let sent = |trace: &Trace| {
        let sent = |kind| matches!(kind, EventKind::Machine(Machine::Backlogged { .. }));
        trace.events.iter().filter(|event| sent(event.kind)).count()
    };
    assert_eq!(sent(&trace), 2, "each client tells when it meant to send");
    assert_eq!(trace.events[0].at.as_nanos(), 0, "which was at once");
    let measured = &runs[0]["measured"];
    assert_eq!(count(measured, "events"), trace.events.len() as u64);
    assert_eq!(measured["digest"], trace.digest().to_string());
    assert!(seconds(measured, "waiting_time_s", "max") >= 0.030, "the second waits for the first");
}

#[test]
fn clients_of_a_closed_load_ask_again_when_they_have_their_answer() {
    let bench = Bench::new(
        "experiment-closed",
        "server.model = 'async'\n[[request]]\npath = '/'\nsleep_ms = { exponential = 2 }\n\
         [[request]]\npath = '/other'\ncpu_us = { uniform = [10, 50] }\n\
         [load]\nkind = 'closed'\nclients = 3\nthink_ms = 1\nrequests = 40\n\
         mix = { '/' = 1, '/other' = 1 }\n",
    );
    let runs = bench.measure(&["--requests", "30"], 0);
    assert_eq!(count(&runs[0]["measured"], "answered"), 30);
    assert_eq!(count(&runs[0]["simulated"], "answered"), 30);
}

#[test]
fn who_finds_no_room_is_answered_503() {
    let full = "[[request]]\npath = '/'\nsleep_ms = 1500\n[[arrive]]\npath = '/'\ncount = 5\n";
    let pool = format!("[server]\nmodel = 'pool'\nworkers = 1\nqueue = 1\n{full}");
    let spawn = format!("[server]\nmodel = 'spawn'\nthreads_max = 2\n{full}");
    for (name, text) in [("experiment-full", pool), ("experiment-threads", spawn)] {
        let runs = Bench::new(name, &text).measure(&[], 0);
        for report in [&runs[0]["simulated"], &runs[0]["measured"]] {
            assert_eq!((count(report, "answered"), count(report, "rejected")), (2, 3), "{runs:?}");
        }
    }
}

#[test]
fn a_panic_is_real_and_costs_one_request() {
    let bench = Bench::new(
        "experiment-panic",
        "server.model = 'pool'\n[[request]]\npath = '/'\n[[fault]]\nkind = 'panic'\npath = '/'\n\
         [[arrive]]\nat_ms = 1500\npath = '/'\ncount = 3\n",
    );
    let output = bench.command(&["--json"]).output().unwrap();
    let runs = runs(&output, 0);
    for report in [&runs[0]["simulated"], &runs[0]["measured"]] {
        assert_eq!((count(report, "answered"), count(report, "failed")), (2, 1));
    }
    assert!(output.stderr.is_empty(), "a panic that was asked for is no news: {output:?}");
}

#[test]
fn clients_that_leave_are_lost() {
    let bench = Bench::new(
        "experiment-gone",
        "[server]\nmodel = 'pool'\nworkers = 1\n[[request]]\npath = '/'\nsleep_ms = 900\n\
         [[arrive]]\npath = '/'\n[[arrive]]\nat_ms = 50\npath = '/'\n\
         [load]\npatience_ms = 1200\n\
         [[fault]]\nat_ms = 100\nkind = 'client-gone'\nrequest = 1\n",
    );
    let place = bench.place("gone.jsonl");
    let runs = bench.measure(&["--trace", place.to_str().unwrap()], 0);
    for report in [&runs[0]["simulated"], &runs[0]["measured"]] {
        assert_eq!((count(report, "lost"), count(report, "answered")), (2, 0), "{runs:?}");
    }
    assert!(replay(&read_trace(&place)).conforms);
}

#[test]
fn a_drain_is_real_and_refuses_who_comes_later() {
    let bench = Bench::new(
        "experiment-drain",
        "[server]\nmodel = 'pool'\nworkers = 1\n[[request]]\npath = '/'\nsleep_ms = 400\n\
         [[arrive]]\npath = '/'\ncount = 2\n[[arrive]]\nat_ms = 2500\npath = '/'\n\
         [[fault]]\nat_ms = 200\nkind = 'drain'\ndeadline_ms = 60000\n",
    );
    let runs = bench.measure(&[], 0);
    for report in [&runs[0]["simulated"], &runs[0]["measured"]] {
        assert_eq!((count(report, "answered"), count(report, "dropped")), (2, 1), "{runs:?}");
    }
}

#[test]
fn a_run_ends_at_its_horizon() {
    let bench = Bench::new(
        "experiment-horizon",
        "horizon_ms = 200\n[server]\nmodel = 'async'\n\
         [[request]]\npath = '/'\nsleep_ms = 20000\n[[arrive]]\npath = '/'\ncount = 2\n",
    );
    let runs = bench.measure(&[], 0);
    for report in [&runs[0]["simulated"], &runs[0]["measured"]] {
        assert_eq!((count(report, "arrived"), count(report, "in_system")), (2, 2));
        assert_eq!(report["sojourn_time_s"]["mean"], Value::Null);
    }
}

#[test]
fn the_table_has_theory_simulation_and_measurement_beside_each_other() {
    let bench = Bench::new("experiment-table", TWO_SLEEPERS);
    let output = bench.run(&["--model", "single"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let row = text.lines().find(|line| line.contains("answered")).unwrap();
    let cells: Vec<_> = row.split_whitespace().collect();
    assert_eq!(cells, ["single", "answered", "2", "2", "2", "+0.0", "%"]);
    assert!(text.contains("single, request by request"), "{text}");
    assert!(text.contains("single: theory: listed arrivals with fixed demands"), "{text}");
}

#[test]
fn what_no_real_server_can_do_is_refused_by_its_name() {
    let with = |rest: &str| format!("server.model = 'pool'\n[[arrive]]\npath = '/'\n{rest}");
    let cases = [
        (
            "resize",
            with("[[fault]]\nkind = 'resize'\nworkers = 2\n"),
            "fault[0].kind: resize given",
        ),
        ("spawn", with("[[fault]]\nkind = 'spawn-fails'\n"), "fault[0].kind: spawn-fails given"),
        ("nobody", "server.model = 'pool'\n".to_owned(), "the load: nothing given"),
        ("bad", "server.model = 'pole'\n".to_owned(), "server.model: \"pole\" given"),
    ];
    for (name, scenario, expected) in cases {
        let bench = Bench::new(&format!("experiment-refused-{name}"), &scenario);
        let line = refusal(&bench.run(&[]));
        assert!(line.contains(expected) && line.contains("allowed"), "{line}");
        assert!(line.contains("scenario.toml"), "{line}");
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let bench = Bench::new("experiment-port", TWO_SLEEPERS);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let line = refusal(&bench.run(&["--listen", &address]));
    assert!(line.contains(&format!("--listen {address}")), "{line}");
    let line = refusal(&bench.run(&["--listen", "0.0.0.0:0"]));
    assert!(line.contains("--listen") && line.contains("loopback"), "{line}");
}

#[test]
fn a_generator_without_descriptors_says_what_it_kept() {
    let bench = Bench::new(
        "experiment-descriptors",
        "server.model = 'async'\n[[request]]\npath = '/'\nsleep_ms = 500\n\
         [[arrive]]\npath = '/'\ncount = 100\n",
    );
    let limited = bench.command(&["--json"]);
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 48; exec \"$@\"", "sh"]).arg(limited.get_program());
    let output = command.args(limited.get_args()).env_clear().output().unwrap();
    let runs = runs(&output, 1);
    let notes = runs[0]["notes"].to_string();
    assert!(notes.contains("could not be sent") && notes.contains("Kept: "), "{notes}");
    let measured = &runs[0]["measured"];
    let (arrived, answered) = (count(measured, "arrived"), count(measured, "answered"));
    assert!(0 < arrived && arrived < 100, "{measured}");
    assert!(0 < answered && answered <= arrived);
    assert!(String::from_utf8(output.stderr).unwrap().contains("broken off"));
}

/// The child of a process.
fn child_of(pid: u32) -> Option<Pid> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    let child = children.split_whitespace().next()?.parse().ok()?;
    Pid::from_raw(child)
}

/// Whether something has arrived at the server that records below this folder.
fn has_arrived(folder: &Path) -> bool {
    let recordings = fs::read_dir(folder).unwrap().filter_map(Result::ok);
    let texts = recordings.filter_map(|one| fs::read_to_string(one.path().join("run.jsonl")).ok());
    texts.into_iter().any(|text| text.contains("request_arrived"))
}

#[test]
fn a_server_that_is_killed_leaves_what_was_seen_until_then() {
    let bench = Bench::new(
        "experiment-killed",
        "server.model = 'async'\n[[request]]\npath = '/'\nsleep_ms = 1\n\
         [load]\nkind = 'open'\nrate_per_s = 100\nrequests = 100000\n",
    );
    let (place, temporary) = (bench.place("killed.jsonl"), bench.place("tmp"));
    fs::create_dir(&temporary).unwrap();
    let mut command = bench.command(&["--json", "--trace", place.to_str().unwrap()]);
    command.env("TMPDIR", &temporary).stdout(Stdio::piped()).stderr(Stdio::piped());
    let program = command.spawn().unwrap();
    while !has_arrived(&temporary) {
        std::thread::yield_now();
    }
    kill_process(child_of(program.id()).unwrap(), Signal::KILL).unwrap();
    let output = program.wait_with_output().unwrap();
    let runs = runs(&output, 1);
    let notes = runs[0]["notes"].to_string();
    assert!(notes.contains("the server was killed by signal 9"), "{notes}");
    assert!(notes.contains("Kept: "), "{notes}");
    assert!(runs[0]["measured"].is_object(), "{notes}");
    assert!(count(&runs[0]["measured"], "arrived") > 0);
    let trace = read_trace(&place);
    assert!(replay(&trace).conforms, "what was kept is the beginning of a run");
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn a_tree_is_split_by_fork_join_and_run_serially_by_others() {
    let bench = Bench::new(
        "experiment-fork",
        "server.model = 'fork-join'\n\
         [[request]]\npath = '/sum'\nfork = { depth = 3, leaf_cpu_us = 500 }\n\
         [[arrive]]\npath = '/sum'\n",
    );
    let place = bench.place("fork.jsonl");
    let split = bench.measure(&["--trace", place.to_str().unwrap()], 0);
    assert_eq!(count(&split[0]["measured"], "answered"), 1);
    let pushed = |event: &&scheduler_model::Event| {
        matches!(event.kind, EventKind::Machine(Machine::Pushed { .. }))
    };
    let trace: Trace = read_trace(&place);
    assert_eq!(trace.events.iter().filter(pushed).count(), 7, "one for each fork");
    let serial = bench.measure(&["--model", "pool"], 0);
    assert!(seconds(&serial[0]["measured"], "sojourn_time_s", "max") >= 0.004, "8 × 500 µs");
}

#[test]
fn calibrate_writes_a_file_of_costs_that_simulate_and_experiment_read() {
    let bench = Bench::new("experiment-calibrate", TWO_SLEEPERS);
    let output = program(&["calibrate"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    fs::write(&bench.costs, &output.stdout).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("# In the page: http://127.0.0.1:7879/?cores="), "{text}");
    let scenario = bench.scenario.to_str().unwrap();
    let simulate = |arguments: &[&str]| {
        let output = program(&["simulate", scenario, "--json"]).args(arguments).output().unwrap();
        runs(&output, 0)[0]["digest"].clone()
    };
    let costs = bench.costs.to_str().unwrap();
    assert_ne!(simulate(&["--costs", costs]), simulate(&[]), "other costs are another run");
    assert_eq!(count(&bench.measure(&[], 0)[0]["measured"], "answered"), 2);
    fs::write(&bench.costs, "[machine]\nspawn_us = -1\n").unwrap();
    let line = refusal(&bench.run(&[]));
    assert!(line.contains("costs.toml:2: machine.spawn_us: -1 given"), "{line}");
}

#[test]
fn calibrate_tells_each_cost_with_its_spread() {
    let output = program(&["calibrate", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    for name in ["spawn_us", "context_switch_us", "park_to_run_us", "dispatch_us", "accept_us"] {
        let of = |key: &str| printed["costs"][name][key].as_f64().unwrap();
        assert!(0.0 < of("p5") && of("p5") <= of("median") && of("median") <= of("p95"), "{name}");
        assert!(of("n") > 1.0);
    }
    let link = printed["link"].as_str().unwrap();
    for parameter in ["cores", "context-switch-us", "spawn-us", "dispatch-us", "accept-us"] {
        assert!(link.contains(&format!("{parameter}=")), "{link}");
    }
}

#[test]
fn the_kernel_holds_as_many_connections_as_the_scenario_says() {
    let bench = Bench::new(
        "experiment-backlog",
        "[server]\nmodel = 'single'\naccept_backlog = 3\n[[request]]\npath = '/'\nsleep_ms = 1200\n\
         [[arrive]]\npath = '/'\n[[arrive]]\nat_ms = 400\npath = '/'\ncount = 6\n",
    );
    let runs = bench.measure(&[], 0);
    for report in [&runs[0]["simulated"], &runs[0]["measured"]] {
        assert_eq!((count(report, "answered"), count(report, "dropped")), (4, 3), "{runs:?}");
    }
}
