//! What a server tells about itself: to a client that asks, to its log, and to its operator.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs;
use std::sync::Arc;

use native_server::access_log::LogTarget;
use native_server::inspect::{self, Inspect, Source};
use native_server::options::Options;
use native_server::site::BookSite;
use scheduler_model::Model;
use scheduler_model::scenario::{OnFull, QueueBound, Ranged};
use serde_json::Value;
use support::served::Server;
use support::{Client, Gate, MODELS, counted, folder, options, turns_away};

fn book(options: Options) -> Server {
    let site = BookSite::new(&options.scenario);
    Server::start(options, Arc::new(site)).unwrap()
}

fn end(server: Server) {
    server.handle().drain();
    server.wait().unwrap();
}

#[test]
fn a_client_that_sends_an_id_gets_it_back_with_the_times_of_its_request() {
    for model in MODELS {
        let server = book(options(model, 2));
        let ask = |fields: &str| {
            let mut client = Client::new(server.address());
            client.send(format!("GET / HTTP/1.1\r\nHost: test\r\n{fields}\r\n").as_bytes());
            client.answer().unwrap()
        };
        let silent = ask("");
        assert_eq!((silent.field("X-Request-Id"), silent.field("Server-Timing")), (None, None));
        let told = ask("X-Request-Id: abc-1\r\n");
        assert_eq!(told.field("X-Request-Id"), Some("abc-1"));
        let timing = told.field("Server-Timing").unwrap();
        assert!(timing.starts_with("queue;dur=") && timing.contains(", run;dur="), "{timing}");
        // One that is no id is not given back: the server has a number for the request.
        for bad in ["", "two words", &"x".repeat(129)] {
            let told = ask(&format!("X-Request-Id: {bad}\r\n"));
            assert!(told.field("X-Request-Id").unwrap().parse::<u64>().is_ok(), "{}", told.head);
        }
        end(server);
    }
}

#[test]
fn a_client_that_is_turned_away_is_told_when_to_come_again() {
    let mut options = options(Model::Pool, 1);
    options.scenario.server.queue = QueueBound::Bounded(Ranged::of::<1>());
    let (site, keeper) = Gate::new();
    let server = Server::start(options, site).unwrap();
    let mut held = Client::new(server.address());
    held.send(b"GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
    keeper.wait_until_one_holds();
    let mut queued = Client::new(server.address());
    queued.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    server.wait_until_queued(1);
    let answer = Client::new(server.address()).get("/").unwrap();
    assert_eq!(answer.status, 503);
    assert!(answer.field("Retry-After").unwrap().parse::<u64>().unwrap() >= 1);
    keeper.let_one_go();
    assert_eq!(held.answer().unwrap().status, 200);
    assert_eq!(queued.answer().unwrap().status, 200);
    end(server);
}

#[test]
fn a_head_that_is_turned_away_is_answered_without_a_body() {
    let mut options = options(Model::Pool, 1);
    options.scenario.server.queue = QueueBound::Bounded(Ranged::of::<0>());
    let (site, keeper) = Gate::new();
    let server = Server::start(options, site).unwrap();
    // Accepted before the other, and silent: what it asks then is turned away before anybody reads it.
    let mut parked = Client::new(server.address());
    let mut held = Client::new(server.address());
    held.send(b"GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
    keeper.wait_until_one_holds();
    parked.send(b"HEAD / HTTP/1.1\r\nHost: test\r\n\r\n");
    let answer = parked.answer_head().unwrap();
    assert_eq!(answer.status, 503);
    assert!(answer.length() > 0 && parked.is_closed(), "nothing follows");
    keeper.let_one_go();
    assert_eq!(held.answer().unwrap().status, 200);
    end(server);
}

#[test]
fn each_answer_is_a_line_of_the_log() {
    let folder = folder("told-log");
    for model in MODELS {
        let path = folder.join(format!("{}.jsonl", model.name()));
        let mut options = options(model, 2);
        options.access_log = Some(LogTarget::File(path.clone()));
        let server = book(options);
        let slept = Client::new(server.address()).get("/sleep?ms=2").unwrap();
        let refused = Client::new(server.address()).get("/n%20o?\"").unwrap();
        assert_eq!((slept.status, refused.status), (200, 400));
        let mut client = Client::new(server.address());
        client.send(b"HEAD / HTTP/1.1\r\nHost: test\r\n\r\n");
        assert_eq!(client.answer_head().unwrap().status, 200);
        drop(client);
        let mut client = Client::new(server.address());
        client.send(b"GET /none HTTP/1.1\r\nHost: test\r\nX-Request-Id: q\r\n\r\n");
        assert_eq!(client.answer().unwrap().status, 404);
        drop(client);
        end(server);
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let statuses: Vec<_> = lines.iter().map(|line| line["status"].as_u64().unwrap()).collect();
        assert_eq!(statuses, [200, 400, 200, 404], "{text}");
        let bytes: Vec<_> = lines.iter().map(|line| &line["body_bytes"]).take(3).collect();
        assert_eq!(bytes, [slept.body.len(), refused.body.len(), 0]);
        assert_eq!(lines[0]["target"], "/sleep?ms=2");
        assert!(lines[0]["run_us"].as_u64().unwrap() >= 2000);
        assert!(lines[1]["reason"].is_string() && lines[1]["method"].is_null());
        assert_eq!((&lines[3]["method"], &lines[3]["x_request_id"]), (&"GET".into(), &"q".into()));
        assert!(lines.iter().all(|line| line["client"].as_str().unwrap().starts_with("127.0.0.1")));
    }
}

#[test]
fn the_log_says_how_long_a_request_waited_until_it_was_turned_away() {
    let path = folder("told-turned-away").join("log.jsonl");
    let mut options = options(Model::Pool, 1);
    options.scenario.server.queue = QueueBound::Bounded(Ranged::of::<1>());
    options.scenario.server.on_full = OnFull::DropOldest;
    options.access_log = Some(LogTarget::File(path.clone()));
    let (site, keeper) = Gate::new();
    let server = Server::start(options, site).unwrap();
    let ask = |path: &str| {
        let mut client = Client::new(server.address());
        client.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n").as_bytes());
        client
    };
    let mut held = ask("/hold");
    keeper.wait_until_one_holds();
    let mut oldest = ask("/");
    server.wait_until_queued(1);
    let mut newest = ask("/");
    assert_eq!(oldest.answer().unwrap().status, 503);
    keeper.let_one_go();
    assert_eq!(held.answer().unwrap().status, 200);
    assert_eq!(newest.answer().unwrap().status, 200);
    end(server);
    let text = fs::read_to_string(&path).unwrap();
    let rejected = text.lines().find(|line| line.contains("dropped-oldest")).unwrap();
    let rejected: Value = serde_json::from_str(rejected).unwrap();
    assert!(rejected["queue_us"].as_u64().unwrap() > 0, "{text}");
}

#[test]
fn the_metrics_count_what_the_clients_saw() {
    for model in MODELS {
        let mut options = options(model, 1);
        options.observe = true;
        options.scenario.server.queue = QueueBound::Bounded(Ranged::of::<1>());
        options.scenario.server.threads_max = Ranged::of::<2>();
        let (site, keeper) = Gate::new();
        let server = Server::start(options, site).unwrap();
        let probe = server.probe();
        let ask = |path: &str| {
            let status = Client::new(server.address()).get(path).unwrap().status;
            // Whoever has left holds no thread any more.
            let open = || counted(&probe.metrics().unwrap(), "native_server_connections_open");
            let held = if path == "/full" { 2 } else { 0 };
            support::wait_until(|| open() == held);
            status
        };
        for _ in 0..5 {
            assert_eq!(ask("/"), 200);
        }
        assert_eq!(ask("/panic"), 500);
        assert_eq!(ask("/bad\\path"), 400);
        let mut rejected = 0;
        if turns_away(model) {
            // The server is full: one runs, one runs or waits, and the third is turned away.
            let mut full: Vec<_> = (0..2).map(|_| Client::new(server.address())).collect();
            full[0].send(b"GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
            keeper.wait_until_one_holds();
            full[1].send(b"GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
            if matches!(model, Model::Pool | Model::ForkJoin) {
                server.wait_until_queued(1);
                let text = probe.metrics().unwrap();
                assert_eq!(counted(&text, "native_server_run_queue_depth"), 1);
            } else {
                keeper.wait_until_one_holds();
            }
            assert_eq!(ask("/full"), 503);
            rejected = 1;
            keeper.let_one_go();
            keeper.let_one_go();
            assert!(full.iter_mut().all(|client| client.answer().unwrap().status == 200));
        }
        let of = |outcome: &str| {
            let series = format!("native_server_requests_total{{outcome=\"{outcome}\"}}");
            let probe = probe.clone();
            move || counted(&probe.metrics().unwrap(), &series)
        };
        // An answer is on its way before its end is reported.
        let answered = 5 + 2 * rejected;
        support::wait_until(|| of("answered")() == answered && of("failed")() == 1);
        assert_eq!(of("rejected")(), rejected);
        let text = probe.metrics().unwrap();
        assert_eq!(counted(&text, "native_server_requests_refused_total{status=\"400\"}"), 1);
        assert_eq!(counted(&text, "native_server_service_time_seconds_count"), answered + 1);
        assert_eq!(counted(&text, "native_server_steals_total"), 0);
        assert!(text.ends_with("# EOF\n"));
        end(server);
    }
}

/// The JSON that an inspect listener answers with.
fn inspected(inspect: &Inspect, path: &str) -> (u16, Value) {
    let mut client = Client::new(inspect.address());
    let host = inspect.address();
    client.send(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes());
    let answer = client.answer().unwrap();
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
}

#[test]
fn the_operator_is_told_why_a_request_waits_and_how_it_left() {
    let mut options = options(Model::Pool, 1);
    options.observe = true;
    let (site, keeper) = Gate::new();
    let server = Server::start(options, site).unwrap();
    let bound = inspect::bind(([127, 0, 0, 1], 0).into(), true).unwrap().unwrap();
    let source = Source { probe: Some(server.probe()), token: None };
    let inspect = bound.serve(source).unwrap();
    let mut held = Client::new(server.address());
    held.send(b"GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
    keeper.wait_until_one_holds();
    let mut queued = Client::new(server.address());
    queued.send(b"GET / HTTP/1.1\r\nHost: test\r\nX-Request-Id:\r\n\r\n");
    server.wait_until_queued(1);
    let (status, why) = inspected(&inspect, "/-/why/2");
    assert_eq!(status, 200, "{why}");
    assert_eq!((&why["waits"], &why["cause"]["kind"]), (&true.into(), &"waits_for_worker".into()));
    assert_eq!(why["cause"]["ahead"], 0);
    let holder = &why["cause"]["holders"][0];
    assert_eq!((&holder["worker"], &holder["request"]), (&1.into(), &1.into()));
    assert_eq!(inspected(&inspect, "/-/why/1").1["cause"]["kind"], "running");
    keeper.let_one_go();
    assert_eq!(held.answer().unwrap().status, 200);
    let answer = queued.answer().unwrap();
    assert_eq!(answer.field("X-Request-Id"), Some("2"), "the number to ask about");
    support::wait_until(|| inspected(&inspect, "/-/why/2").1["outcome"] == "answered");
    assert_eq!(inspected(&inspect, "/-/why/2").1["waited"], true);
    assert_eq!(inspected(&inspect, "/-/why/99").0, 404);
    assert_eq!(inspected(&inspect, "/-/why/x").0, 400);
    assert_eq!(inspected(&inspect, "/-/nothing").0, 404);
    end(server);
}
