//! Scenario files: what is read, what is refused and how that is said.
#![cfg(not(target_arch = "wasm32"))]

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use scheduler_model::scenario::{
    Arrival, Distribution, Fault, FaultKind, Fork, Load, MachineConfig, Mix, Model, Note, OnFull,
    QueueBound, Ranged, Replayed, RequestKind, Scenario, ScenarioError, Server,
};
use scheduler_model::{RequestId, RouteId, SimTime, Span};

#[test]
fn a_file_with_nothing_but_a_model_is_the_default_scenario() {
    let (scenario, notes) = read("[server]\nmodel = 'pool'").unwrap();
    assert_eq!(scenario, Scenario::new("file", Server::new(Model::Pool)));
    assert_eq!(notes, []);
}

#[test]
fn every_key_has_its_place() {
    let (scenario, notes) = read(EVERY_KEY).unwrap();
    insta::assert_debug_snapshot!(scenario);
    assert_eq!(notes, []);
}

#[test]
fn toml_and_json_say_the_same() {
    let (scenario, _) = read(EVERY_KEY).unwrap();
    let json = scenario.to_json();
    insta::assert_snapshot!(json);
    assert_eq!(Scenario::from_json("file.json", &json).unwrap().0, scenario);
}

#[test]
fn the_name_is_the_files_stem_where_there_is_no_other() {
    let name = |file| Scenario::from_toml(file, "server.model = 'pool'").unwrap().0.name;
    assert_eq!(name("scenarios/ten-sleeps.toml"), "ten-sleeps");
    assert_eq!(name(r"C:\scenarios\book.toml"), "book");
    assert_eq!(name("book"), "book");
    assert_eq!(name(".toml"), "scenario");
    assert_eq!(name("a\nb.toml"), "scenario");
}

#[test]
fn times_are_rounded_to_the_nanosecond() {
    let cpu = |number: &str| {
        let text =
            format!("server.model = 'pool'\nrequest = [{{ path = '/', cpu_us = {number} }}]");
        read(&text).unwrap().0.requests[0].cpu.clone()
    };
    let nanos = |ns| Distribution::Constant(Span::from_nanos(ns));
    assert_eq!(cpu("0.1"), nanos(100));
    assert_eq!(cpu("1.0004"), nanos(1_000));
    assert_eq!(cpu("1.0006"), nanos(1_001));
    assert_eq!(cpu("1e3"), nanos(1_000_000));
    assert_eq!(cpu("1_000"), nanos(1_000_000));
    assert_eq!(cpu("0x10"), nanos(16_000));
    assert_eq!(cpu("-0.0"), nanos(0));
    assert_eq!(cpu("999_999_999_999.999"), nanos(999_999_999_999_999));
}

#[test]
fn a_mix_keeps_its_order_and_its_weights_sum_to_1() {
    let text = r#"
        server.model = "pool"
        request = [{ path = "/a" }, { path = "/b" }, { path = "/c" }]
        [load]
        kind = "open"
        rate_per_s = 1
        requests = 1
        mix = { "/c" = 3, "/a" = 1 }
    "#;
    let Load::Open { mix, .. } = read(text).unwrap().0.load else { panic!("an open load") };
    assert_eq!(mix, [(RouteId(2), 0.75), (RouteId(0), 0.25)]);
}

#[test]
fn patience_goes_with_every_load() {
    let head = "server.model = 'pool'\nload.patience_ms = 20\n";
    let (scenario, _) = read(&format!("{head}[[arrive]]\npath = '/'")).unwrap();
    assert_eq!(scenario.patience, Some(Span::from_millis(20)));
    assert!(matches!(scenario.load, Load::Listed(_)));
    assert_eq!(read(head).unwrap().0.load, Load::None);
}

#[test]
fn keys_that_a_model_does_not_use_are_noted_once() {
    let text = r#"
        [server]
        model = "spawn"
        workers = 8
        queue = 3
        [machine]
        dispatch_us = 3
        spawn_us = 3
        [[request]]
        path = "/"
        cpu_us = 5
        fork = { depth = 3, leaf_cpu_us = 10 }
        [[fault]]
        kind = "resize"
        workers = 3
    "#;
    let (_, notes) = read(text).unwrap();
    let [note] = notes.as_slice() else { panic!("one note: {notes:?}") };
    assert!(matches!(note, Note::UnusedKeys { model: Model::Spawn, .. }));
    assert_eq!(
        note.to_string(),
        "spawn does not use server.workers, server.queue, machine.dispatch_us, fault[0]: \
         ignored"
    );
}

#[test]
fn bad_files_are_refused_with_their_place() {
    let mut report = String::new();
    for (index, text) in BAD_FILES.iter().enumerate() {
        let text = text.trim_start_matches('\n');
        let error = match read(text) {
            Ok(_) => panic!("this is refused:\n{text}"),
            Err(error) => error.to_string(),
        };
        assert!(names_its_place(&error), "{error}");
        writeln!(report, "--- {} ---\n{}\n=> {error}\n", index + 1, text.trim_end()).unwrap();
    }
    insta::assert_snapshot!(report);
}

#[test]
fn texts_that_are_not_toml_are_refused_with_their_line() {
    let mut report = String::new();
    for text in NO_TOML {
        let error = read(text).unwrap_err();
        assert!(matches!(error, ScenarioError::Syntax { .. }), "{error}");
        let error = error.to_string();
        assert!(error.starts_with("file.toml:") && !error.contains('\n'), "{error}");
        writeln!(report, "{text:?}\n=> {error}\n").unwrap();
    }
    insta::assert_snapshot!(report);
}

#[test]
fn texts_that_are_not_json_are_refused_with_their_line() {
    let mut report = String::new();
    for text in NO_JSON {
        let error = Scenario::from_json("file.json", text).unwrap_err();
        let error = error.to_string();
        assert!(error.starts_with("file.json:") && !error.contains('\n'), "{error}");
        writeln!(report, "{text:?}\n=> {error}\n").unwrap();
    }
    insta::assert_snapshot!(report);
}

#[test]
fn json_is_refused_with_its_line_too() {
    let text = "{\n  \"server\": {\n    \"model\": \"pool\",\n    \"workers\": 0\n  }\n}";
    assert_eq!(
        Scenario::from_json("file.json", text).unwrap_err().to_string(),
        "file.json:4: server.workers: 0 given, allowed is 1..=1024"
    );
}

#[test]
fn hostile_texts_end_in_an_error_and_in_no_time() {
    let deep = |open: &str, n| open.repeat(n);
    let many_arrivals = "[[arrive]]\npath = '/'\ncount = 1000000\n".repeat(11);
    let many_keys: String =
        (0..50_000).flat_map(|n| ["k".to_owned(), n.to_string(), " = 1\n".to_owned()]).collect();
    for text in [
        "a".repeat(2 << 20),
        format!("name = '{}'", "x".repeat(1 << 19)),
        format!("name = {}", deep("[", 100_000)),
        format!("name = {}", deep("{a=", 100_000)),
        format!("{} = 1", deep("a.", 100_000) + "a"),
        format!("server.model = 'pool'\n{many_arrivals}"),
        many_keys,
        format!("seed = {}", "9".repeat(100_000)),
        format!("horizon_ms = 0.{}1", "0".repeat(100_000)),
        "\0\u{1b}[2J\u{202e}".to_owned(),
    ] {
        let error = read(&text).unwrap_err().to_string();
        assert!(error.len() < 500 && !error.chars().any(char::is_control), "{error}");
    }
    for text in [deep("[", 500_000), deep("{\"a\":", 100_000), "{\"a\":1,".repeat(50_000)] {
        let error = Scenario::from_json("file.json", &text).unwrap_err().to_string();
        assert!(error.len() < 500, "{error}");
    }
}

#[test]
fn the_shipped_scenarios_are_legal_and_open_with_a_comment() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let mut n_files = 0;
    let folders = [directory.join("experiment"), directory.join("validation"), directory];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    for path in entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        let text = fs::read_to_string(&path).unwrap();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(text.starts_with("# "), "{stem} opens with what it shows");
        let (scenario, _) = Scenario::from_toml(path.to_str().unwrap(), &text).unwrap();
        assert_eq!(scenario.name, stem);
        assert_ne!(scenario.load, Load::None, "{stem} has a load");
        n_files += 1;
    }
    assert!(n_files >= 8, "{n_files} scenarios");
}

proptest! {
    #[test]
    fn what_is_written_is_read_again_to_the_last_bit(scenario in scenarios()) {
        let (from_json, _) = Scenario::from_json("f", &scenario.to_json()).unwrap();
        prop_assert_eq!(&from_json, &scenario);
        let (from_toml, _) = Scenario::from_toml("f", &scenario.to_toml()).unwrap();
        prop_assert_eq!(&from_toml, &scenario);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[ -~\n]{0,80}") {
        let _ = Scenario::from_toml("f", &text);
        let _ = Scenario::from_json("f", &text);
    }

    #[test]
    fn no_damage_makes_the_reader_panic(at in 0..EVERY_KEY.len(), byte in 0_u8..128) {
        let mut bytes = EVERY_KEY.as_bytes().to_vec();
        bytes[at] = byte;
        if let Ok(text) = String::from_utf8(bytes) {
            let _ = read(&text);
        }
    }
}

fn read(text: &str) -> Result<(Scenario, Vec<Note>), ScenarioError> {
    Scenario::from_toml("file.toml", text)
}

/// Whether an error is one line with the file, its line, a key and what is allowed.
fn names_its_place(error: &str) -> bool {
    let mut parts = error.splitn(4, ':');
    parts.next() == Some("file.toml")
        && parts.next().is_some_and(|line| line.parse::<usize>().is_ok_and(|line| line > 0))
        && parts.next().is_some_and(|key| key.len() > 2)
        && parts.next().is_some_and(|rest| rest.contains("allowed is "))
        && !error.contains('\n')
}

fn scenarios() -> impl Strategy<Value = Scenario> {
    let requests = (1_usize..5).prop_flat_map(|n| (0..n).map(request_kind).collect::<Vec<_>>());
    requests
        .prop_flat_map(|requests| {
            let n_routes = requests.len();
            (
                ("[a-zA-Z0-9 .\"\\\\é_-]{1,20}", 0..=i64::MAX as u64, prop::option::of(span())),
                (server(), machine(), Just(requests), load(n_routes)),
                prop::option::of((1_u64..1_000_000_000_000_000).prop_map(Span::from_nanos)),
                prop::collection::vec(fault(n_routes), 0..4),
                0_u64..=10_000_000,
            )
        })
        .prop_map(
            |(
                (name, seed, horizon),
                (server, machine, requests, load),
                patience,
                faults,
                warmup_requests,
            )| {
                let horizon = horizon.map(|span| SimTime::ZERO + span);
                Scenario {
                    name,
                    seed,
                    horizon,
                    server,
                    machine,
                    requests,
                    load,
                    patience,
                    faults,
                    warmup_requests,
                }
            },
        )
}

fn server() -> impl Strategy<Value = Server> {
    let queue = prop_oneof![Just(QueueBound::Unbounded), ranged().prop_map(QueueBound::Bounded),];
    let model = prop::sample::select(&Model::ALL[..]);
    let on_full = prop::sample::select(&OnFull::ALL[..]);
    (model, ranged(), queue, on_full, ranged(), ranged()).prop_map(
        |(model, workers, queue, on_full, threads_max, accept_backlog)| Server {
            model,
            workers,
            queue,
            on_full,
            threads_max,
            accept_backlog,
        },
    )
}

fn machine() -> impl Strategy<Value = MachineConfig> {
    (ranged(), span(), span(), span(), (span(), span()), ranged(), ranged()).prop_map(
        |(cores, quantum, context_switch, spawn, (dispatch, accept), stack_kib, memory_mib)| {
            MachineConfig {
                cores,
                quantum,
                context_switch,
                spawn,
                dispatch,
                accept,
                stack_kib,
                memory_mib,
            }
        },
    )
}

fn request_kind(index: usize) -> impl Strategy<Value = RequestKind> {
    let fork = (ranged(), span()).prop_map(|(depth, leaf_cpu)| Fork { depth, leaf_cpu });
    ("[!-~]{0,9}", distribution(), distribution(), prop::option::of(fork)).prop_map(
        move |(path, cpu, sleep, fork)| RequestKind {
            path: format!("/{index}{path}"),
            cpu,
            sleep,
            fork,
        },
    )
}

fn distribution() -> impl Strategy<Value = Distribution> {
    prop_oneof![
        span().prop_map(Distribution::Constant),
        span().prop_map(Distribution::Exponential),
        (span(), span()).prop_map(|(a, b)| Distribution::Uniform(a.min(b), a.max(b))),
        prop::collection::vec((span(), 0.001..1e6), 1..6).prop_map(|phases| {
            let weights = normalised(phases.iter().map(|(_, weight)| *weight).collect());
            let means = phases.iter().map(|(mean, _)| *mean);
            Distribution::Hyperexponential(means.zip(weights).collect())
        }),
    ]
}

fn load(n_routes: usize) -> impl Strategy<Value = Load> {
    let arrival = (span(), route(n_routes), 1_u32..=1_000_000).prop_map(|(at, route, count)| {
        Arrival { at: SimTime::ZERO + at, route, count: Ranged::new(count).expect("in range") }
    });
    let replayed = (span(), route(n_routes), span(), span())
        .prop_map(|(at, route, cpu, sleep)| Replayed { at: SimTime::ZERO + at, route, cpu, sleep });
    let n_requests = 1_u64..=10_000_000;
    prop_oneof![
        Just(Load::None),
        prop::collection::vec(replayed, 0..6).prop_map(Load::Replayed),
        prop::collection::vec(arrival, 0..6).prop_map(Load::Listed),
        (1e-6..1e9_f64, n_requests.clone(), mix(n_routes))
            .prop_map(|(rate_per_s, requests, mix)| Load::Open { rate_per_s, requests, mix }),
        (ranged(), distribution(), n_requests, mix(n_routes)).prop_map(
            |(clients, think, requests, mix)| Load::Closed { clients, think, requests, mix }
        ),
    ]
}

fn mix(n_routes: usize) -> impl Strategy<Value = Mix> {
    let order = Just((0..n_routes).collect::<Vec<_>>()).prop_shuffle();
    (order, prop::collection::vec(0.001..1e6, n_routes), 1..=n_routes).prop_map(
        |(routes, weights, n)| {
            let weights = normalised(weights[..n].to_vec());
            let routes = routes
                .into_iter()
                .map(|index| RouteId(u16::try_from(index).expect("a few routes")));
            routes.zip(weights).collect()
        },
    )
}

fn fault(n_routes: usize) -> impl Strategy<Value = Fault> {
    let kind = prop_oneof![
        (1_u64..=10_000_000).prop_map(|id| FaultKind::ClientGone(RequestId(id))),
        span().prop_map(|deadline| FaultKind::Drain { deadline }),
        route(n_routes).prop_map(FaultKind::Panic),
        ranged().prop_map(FaultKind::Resize),
        ranged().prop_map(FaultKind::SpawnFails),
    ];
    (span(), kind).prop_map(|(at, kind)| Fault { at: SimTime::ZERO + at, kind })
}

fn route(n_routes: usize) -> impl Strategy<Value = RouteId> {
    (0..n_routes).prop_map(|index| RouteId(u16::try_from(index).expect("a few routes")))
}

fn ranged<const MIN: u32, const MAX: u32>() -> impl Strategy<Value = Ranged<MIN, MAX>> {
    (MIN..=MAX).prop_map(|value| Ranged::new(value).expect("in range"))
}

fn span() -> impl Strategy<Value = Span> {
    let nanos = prop_oneof![
        0_u64..=Scenario::TIME_MAX.as_nanos(),
        0_u64..10_000,
        (0_u64..1_000).prop_map(|ms| ms * 1_000_000),
        (0_u64..1_000).prop_map(|below| Scenario::TIME_MAX.as_nanos() - below),
    ];
    nanos.prop_map(Span::from_nanos)
}

fn normalised(mut weights: Vec<f64>) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    for weight in &mut weights {
        *weight /= sum;
    }
    weights
}

const EVERY_KEY: &str = r#"
name = "every key"
seed = 7
horizon_ms = 60000

[server]
model = "fork-join"
workers = 3
queue = "unbounded"
on_full = "drop-oldest"
accept_backlog = 16

[machine]
cores = 4
quantum_us = 0
context_switch_us = 1.5
spawn_us = 20
dispatch_us = 0.001
stack_kib = 32
memory_mib = 256

[[request]]
path = "/"
cpu_us = { uniform = [100, 300] }

[[request]]
path = "/sleep"
cpu_us = { constant = 200 }
sleep_ms = { exponential = 12.5 }

[[request]]
path = "/mixed"
sleep_ms = { hyperexponential = { means = [1, 100], weights = [9, 1] } }

[[request]]
path = "/fork"
fork = { depth = 5, leaf_cpu_us = 40 }

[load]
kind = "closed"
clients = 12
think_ms = { exponential = 100 }
requests = 500
mix = { "/fork" = 1, "/" = 3 }
patience_ms = 2500

[[fault]]
at_ms = 10
kind = "panic"
path = "/sleep"

[[fault]]
at_ms = 20
kind = "spawn-fails"
count = 2

[[fault]]
at_ms = 30
kind = "resize"
workers = 5

[[fault]]
at_ms = 40
kind = "client-gone"
request = 4

[[fault]]
at_ms = 50.5
kind = "drain"
deadline_ms = 100

[measure]
warmup_requests = 50
"#;

const BAD_FILES: [&str; 62] = [
    "",
    "seed = 1\n[server]\nworkers = 4",
    "[server]\nmodel = 'tool'",
    "[server]\nmodel = 4",
    "server = 'pool'",
    "[server]\nmodel = 'pool'\nworkers = 0",
    "[server]\nmodel = 'pool'\nworkers = 1025",
    "[server]\nmodel = 'pool'\nworkers = 4.0",
    "[server]\nmodel = 'pool'\nworkers = '4'",
    "[server]\nmodel = 'pool'\nworkers = 99999999999999999999",
    "[server]\nmodel = 'pool'\nworker = 4",
    "[server]\nmodel = 'pool'\nqueue = -1",
    "[server]\nmodel = 'pool'\nqueue = 'unlimited'",
    "[server]\nmodel = 'pool'\non_full = 'block'",
    "[server]\nmodel = 'spawn'\nthreads_max = 0",
    "[server]\nmodel = 'pool'\naccept_backlog = true",
    "server.model = 'pool'\nname = ''",
    "server.model = 'pool'\nname = \"two\\nlines\"",
    "server.model = 'pool'\nseed = -1",
    "server.model = 'pool'\nseed = 1979-05-27",
    "server.model = 'pool'\nhorizon_ms = nan",
    "server.model = 'pool'\nhorizon_ms = inf",
    "server.model = 'pool'\nhorizon_ms = 1e300",
    "server.model = 'pool'\nhorizon_ms = -0.5",
    "server.model = 'pool'\nhorizon_ms = 1000000000.000001",
    "server.model = 'pool'\n[machine]\ncores = 257",
    "server.model = 'pool'\n[machine]\nquantum_us = -3",
    "server.model = 'pool'\n[machine]\nmemory_mib = 0",
    "server.model = 'pool'\n[machine]\nstack_mib = 1",
    "server.model = 'pool'\nrequest = []",
    "server.model = 'pool'\nrequest = '/'",
    "server.model = 'pool'\n[[request]]\ncpu_us = 5",
    "server.model = 'pool'\n[[request]]\npath = 'sleep'",
    "server.model = 'pool'\n[[request]]\npath = '/two words'",
    "server.model = 'pool'\n[[request]]\npath = '/'\n[[request]]\npath = '/'",
    "server.model = 'pool'\n[[request]]\npath = '/'\ncpu_us = 'much'",
    "server.model = 'pool'\n[[request]]\npath = '/'\ncpu_us = { normal = 5 }",
    "server.model = 'pool'\n[[request]]\npath = '/'\ncpu_us = { constant = 5, exponential = 5 }",
    "server.model = 'pool'\n[[request]]\npath = '/'\nsleep_ms = { exponential = -5 }",
    "server.model = 'pool'\n[[request]]\npath = '/'\nsleep_ms = { uniform = [5, 1] }",
    "server.model = 'pool'\n[[request]]\npath = '/'\nsleep_ms = { uniform = [5] }",
    "server.model = 'pool'\n[[request]]\npath = '/'\n[request.sleep_ms.hyperexponential]\nmeans = [1, 2]\nweights = [1]",
    "server.model = 'pool'\n[[request]]\npath = '/'\n[request.sleep_ms.hyperexponential]\nmeans = [1, 2]\nweights = [0, 0]",
    "server.model = 'pool'\n[[request]]\npath = '/'\nfork = { depth = 17, leaf_cpu_us = 1 }",
    "server.model = 'pool'\n[[request]]\npath = '/'\nfork = { depth = 4 }",
    "server.model = 'pool'\n[[arrive]]\npath = '/nowhere'",
    "server.model = 'pool'\n[[arrive]]\nat_ms = 5",
    "server.model = 'pool'\n[[arrive]]\npath = '/'\ncount = 0",
    "server.model = 'pool'\n[[arrive]]\npath = '/'\n[load]\nkind = 'open'\nrate_per_s = 1\nrequests = 1",
    "server.model = 'pool'\n[load]\nrate_per_s = 1\nrequests = 1",
    "server.model = 'pool'\n[load]\nkind = 'open'\nrequests = 1",
    "server.model = 'pool'\n[load]\nkind = 'open'\nrate_per_s = 0\nrequests = 1",
    "server.model = 'pool'\n[load]\nkind = 'open'\nrate_per_s = 1\nrequests = 10000001",
    "server.model = 'pool'\n[load]\nkind = 'open'\nrate_per_s = 1\nrequests = 1\nclients = 3",
    "server.model = 'pool'\n[load]\nkind = 'closed'\nclients = 0\nrequests = 1",
    "server.model = 'pool'\n[load]\nkind = 'closed'\nclients = 1\nrequests = 1\nmix = { '/nowhere' = 1 }",
    "server.model = 'pool'\n[load]\nkind = 'closed'\nclients = 1\nrequests = 1\nmix = { '/' = -1 }",
    "server.model = 'pool'\n[load]\nkind = 'closed'\nclients = 1\nrequests = 1\nmix = {}",
    "server.model = 'pool'\n[load]\npatience_ms = 0",
    "server.model = 'pool'\n[[fault]]\nat_ms = 5",
    "server.model = 'pool'\n[[fault]]\nkind = 'drain'\nworkers = 3",
    "server.model = 'pool'\n[measure]\nwarmup_requests = 0.5",
];

const NO_TOML: [&str; 9] = [
    "[server]\nmodel = pool",
    "[server]\nmodel = 'pool",
    "[server\nmodel = 'pool'",
    "[server]\nmodel 'pool'",
    "[server]\nmodel = 'pool'\nmodel = 'spawn'",
    "[server]\nworkers = 4 5",
    "[server]\nworkers = = 4",
    "[server]\nmodel = 'pool'\n[server]",
    "{\"server\": {\"model\": \"pool\"}}",
];

const NO_JSON: [&str; 14] = [
    "",
    "nil",
    "{",
    "{\"server\": {\n\"model\": \"pool\",\n}}",
    "{\"server\": {\n\"model\": \"pool\"\n\"workers\": 4}}",
    "{\"seed\": 01}",
    "{\"seed\": 1.}",
    "{\"seed\": NaN}",
    "{\"seed\": 1, \"seed\": 2}",
    "{\"name\": \"a\nb\"}",
    "{\"name\": \"\\x\"}",
    "{\"name\": \"\\ud800\"}",
    "{\"seed\": 1} {}",
    "[server]\nmodel = 'pool'",
];
