//! A run as others see it while it goes on: the trace of the last minutes, and the feed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::io::Read;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use native_server::inspect::{self, Inspect, Source};
use native_server::site::BookSite;
use scheduler_model::trace::Trace;
use scheduler_model::{Decision, Event, EventKind, Model, World, replay};
use support::feed::{Chunked, Feed, sections};
use support::served::Server;
use support::{Client, MODELS, options, place, read_trace, wait_until};

/// A server that is recorded and can be watched.
struct Watched {
    server: Server,
    inspect: Inspect,
    path: PathBuf,
}

impl Watched {
    fn start(model: Model, name: &str) -> Self {
        let path = place(&format!("live-{name}-{}", model.name()));
        let mut options = options(model, 2);
        options.record = Some(path.clone());
        options.observe = true;
        options.requests_per_connection = 1_000_000;
        let site = Arc::new(BookSite::new(&options.scenario));
        let server = Server::start(options, site).unwrap();
        let source = Source { probe: Some(server.probe()), token: None };
        let any = "127.0.0.1:0".parse().unwrap();
        let inspect = inspect::bind(any, true).unwrap().unwrap().serve(source).unwrap();
        Self { server, inspect, path }
    }

    fn page(&self) -> SocketAddr {
        self.inspect.address()
    }

    /// Requests on one connection, or on one each where the model keeps none; each has its answer.
    fn ask(&self, n: usize) {
        let mut client = Client::new(self.server.address());
        for _ in 0..n {
            let answer = client.get("/").unwrap();
            assert_eq!(answer.status, 200);
            if answer.field("Connection") == Some("close") {
                client = Client::new(self.server.address());
            }
        }
    }

    fn trace(&self, query: &str) -> Trace {
        let mut text = String::new();
        let path = format!("/-/trace{query}");
        Chunked::get(self.page(), &path).read_to_string(&mut text).unwrap();
        Trace::read_str("trace", &text).unwrap()
    }

    /// Drains; what was recorded.
    fn end(self) -> Trace {
        self.server.handle().drain();
        self.server.wait().unwrap();
        self.inspect.wait_for_watchers(Duration::from_secs(20));
        read_trace(&self.path)
    }
}

/// A part of a run is what the recording has there, and can be followed from its snapshot.
fn assert_is_part(part: &Trace, whole: &Trace) {
    let first = usize::try_from(part.header.first_seq() - 1).unwrap();
    assert!(part.events == whole.events[first..][..part.events.len()], "from event {first} on");
    let verdict = replay(part);
    assert!(verdict.conforms && verdict.complete, "{verdict:?}");
    let mut before = World::new(&whole.header);
    whole.events[..first].iter().for_each(|event| _ = before.apply(event).unwrap());
    let seen = scheduler_model::Snapshot::new(before).unwrap();
    assert!(part.header.snapshot.as_ref() == Some(&seen));
}

fn ends_drained(events: &[Event]) -> bool {
    let drained = EventKind::Decision(Decision::Drained);
    events.iter().rev().take(40).any(|event| event.kind == drained)
}

#[test]
fn the_trace_of_the_last_minutes_is_a_part_of_the_run_under_every_model() {
    for model in MODELS {
        let watched = Watched::start(model, "trace");
        let before = watched.trace("");
        assert!(before.events.is_empty() && replay(&before).conforms);
        watched.ask(40);
        let trace = watched.trace("");
        assert!(trace.events.len() >= 80, "{model:?}: {}", trace.events.len());
        let whole = watched.end();
        assert_is_part(&before, &whole);
        assert_is_part(&trace, &whole);
    }
}

#[test]
fn a_trace_that_does_not_reach_back_to_the_beginning_opens_with_the_state_then() {
    let watched = Watched::start(Model::Pool, "long");
    let idle = Client::new(watched.server.address());
    while watched.server.probe().ask(|observer| observer.world.counts().events).unwrap() < 40_000 {
        watched.ask(500);
    }
    let trace = watched.trace("?seconds=0");
    assert!(trace.header.first_seq() > 30_000, "{}", trace.header.first_seq());
    let begins = World::new(&trace.header);
    assert!(begins.n_connections() >= 1, "one has been open from the start");
    drop(idle);
    let whole = watched.end();
    assert_is_part(&trace, &whole);
}

#[test]
fn a_watcher_sees_the_run_to_its_end_under_every_model() {
    for model in MODELS {
        let watched = Watched::start(model, "feed");
        let mut feeds = [Feed::follow(watched.page()), Feed::follow(watched.page())];
        let opened: Vec<_> = feeds.iter_mut().map(|feed| feed.until("section")).collect();
        watched.ask(20);
        let seen: Vec<_> = feeds.iter_mut().map(|feed| feed.until("events")).collect();
        assert!(seen.iter().all(|seen| !seen.is_empty()));
        watched.server.handle().drain();
        let ends = feeds.iter_mut().map(|feed| {
            let messages = feed.until("end");
            assert!(feed.next().is_none());
            messages
        });
        std::thread::scope(|scope| {
            let (server, inspect, path) = (watched.server, watched.inspect, watched.path);
            let ended = scope.spawn(move || {
                server.wait().unwrap();
                inspect.wait_for_watchers(Duration::from_secs(20));
            });
            let ends: Vec<_> = ends.collect();
            ended.join().unwrap();
            let whole = read_trace(&path);
            for ((opened, seen), end) in opened.iter().zip(&seen).zip(&ends) {
                let sections = sections(&[&opened[..], seen, end].concat());
                for section in &sections {
                    assert_is_part(section, &whole);
                }
                let last = sections.last().unwrap();
                assert!(ends_drained(&last.events), "{model:?}");
                let n_seen = last.header.first_seq() - 1 + last.events.len() as u64;
                assert_eq!(n_seen, whole.events.len() as u64, "{model:?}");
            }
        });
    }
}

#[test]
fn a_watcher_that_does_not_read_loses_detail_and_holds_nobody_up() {
    let watched = Watched::start(Model::Pool, "slow");
    let stream = support::narrow(watched.page());
    let answer = Chunked::ask(stream, watched.page(), "/-/live");
    for _ in 0..20 {
        watched.ask(500);
    }
    let mut feed = Feed::of(answer);
    let mut messages = feed.until("gap");
    messages.extend(feed.until("section"));
    watched.ask(1);
    messages.extend(feed.until("events"));
    let sections = sections(&messages);
    assert!(sections.len() >= 2);
    drop(feed);
    let whole = watched.end();
    for section in &sections {
        assert_is_part(section, &whole);
    }
    let (first, second) = (&sections[0], &sections[1]);
    let told = first.header.first_seq() + first.events.len() as u64;
    let gap = messages.iter().find(|(name, _)| name == "gap").unwrap();
    let expected = format!("{{\"from\":{told},\"to\":{}}}\n", second.header.first_seq() - 1);
    assert_eq!(gap.1, expected);
}

#[test]
fn watchers_that_leave_make_room_for_others() {
    let watched = Watched::start(Model::Async, "leave");
    for _ in 0..3 {
        let feeds: Vec<_> = (0..8).map(|_| Feed::follow(watched.page())).collect();
        let mut ninth = Client::new(watched.page());
        let request = format!("GET /-/live HTTP/1.1\r\nHost: {}\r\n\r\n", watched.page());
        assert_eq!(ninth.send(request.as_bytes()).answer().unwrap().status, 503);
        // Others are answered all the same.
        assert!(watched.trace("").complete);
        drop(feeds);
        watched.inspect.wait_for_watchers(Duration::from_secs(20));
    }
    let page = watched.page();
    let mut feed = Feed::follow(page);
    feed.until("section");
    drop(watched.inspect); // which waits for the threads of all clients
    wait_until(|| std::net::TcpStream::connect(page).is_err());
    watched.server.handle().drain();
    watched.server.wait().unwrap();
}

#[test]
fn a_trace_of_no_number_of_seconds_is_refused() {
    let watched = Watched::start(Model::Single, "seconds");
    for query in ["x", "-1", "1.5", "4294967296", ""] {
        let mut client = Client::new(watched.page());
        let page = watched.page();
        let request = format!("GET /-/trace?seconds={query} HTTP/1.1\r\nHost: {page}\r\n\r\n");
        assert_eq!(client.send(request.as_bytes()).answer().unwrap().status, 400, "{query}");
    }
    watched.end();
}
