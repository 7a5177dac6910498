//! Handlers that fail, clients that leave at the wrong moment, and bytes that come one by one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::panic;
use std::sync::Arc;
use std::time::Duration;

use native_server::http::{Request, Response, Status};
use native_server::site::{Answer, BookSite, Site};
use scheduler_model::{Model, RouteId, World, replay};
use socket2::SockRef;
use support::served::Server;
use support::{Client, Gate, MODELS, counted, options, place, read_trace, wait_until};

fn end(server: Server) {
    server.handle().drain();
    server.wait().unwrap();
}

/// Panics without a word, so that a thousand of them are quick.
fn silence_panics() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let thread = std::thread::current();
        let of_server = thread
            .name()
            .is_some_and(|name| ["worker", "loop", "poller"].iter().any(|of| name.starts_with(of)));
        if !of_server {
            usual(info);
        }
    }));
}

/// F1: a handler that panics once, and a thousand times, costs its own request and nothing else.
#[test]
fn a_thousand_panics_cost_a_thousand_requests_and_no_thread() {
    silence_panics();
    for model in MODELS {
        let mut options = options(model, 4);
        options.observe = true;
        let path = place(&format!("panics-{}", model.name()));
        options.record = Some(path.clone());
        let (site, keeper) = Gate::new();
        let server = Server::start(options, site).unwrap();
        for _ in 0..1000 {
            assert_eq!(Client::new(server.address()).get("/panic").unwrap().status, 500);
        }
        assert_eq!(Client::new(server.address()).get("/").unwrap().status, 200);
        let probe = server.probe();
        let failed = "native_server_requests_total{outcome=\"failed\"}";
        wait_until(|| counted(&probe.metrics().unwrap(), failed) == 1000);
        if matches!(model, Model::Pool | Model::ForkJoin) {
            // All four hold at once: none of them is gone.
            let mut held: Vec<_> = (0..4).map(|_| Client::new(server.address())).collect();
            for client in &mut held {
                client.send(b"GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
                keeper.wait_until_one_holds();
            }
            for _ in &held {
                keeper.let_one_go();
            }
            assert!(held.iter_mut().all(|client| client.answer().unwrap().status == 200));
        }
        end(server);
        let trace = read_trace(&path);
        assert!(replay(&trace).conforms);
        let mut world = World::new(&trace.header);
        for event in &trace.events {
            world.apply(event).unwrap();
        }
        assert_eq!(world.counts().failed, 1000);
    }
}

/// Its panics carry what panics again when it is dropped.
struct Bombs;

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the payload panics too");
    }
}

impl Site for Bombs {
    fn route(&self, _path: &str) -> Option<RouteId> {
        None
    }

    fn answer(&self, request: &Request<'_>) -> Answer {
        if request.path() == "/bomb" {
            panic::panic_any(Bomb);
        }
        Response::new(Status::OK).into()
    }
}

/// F2.
#[test]
fn a_panic_whose_payload_panics_when_dropped_costs_its_request_only() {
    silence_panics();
    for model in MODELS {
        let server = Server::start(options(model, 1), Arc::new(Bombs)).unwrap();
        for _ in 0..20 {
            assert_eq!(Client::new(server.address()).get("/bomb").unwrap().status, 500);
        }
        assert_eq!(Client::new(server.address()).get("/").unwrap().status, 200);
        end(server);
    }
}

/// R13, under the models that have a queue.
#[test]
fn a_client_that_leaves_while_it_is_queued_costs_no_worker() {
    for model in [Model::Pool, Model::ForkJoin] {
        let mut options = options(model, 1);
        options.observe = true;
        let (site, keeper) = Gate::new();
        let server = Server::start(options, site).unwrap();
        let probe = server.probe();
        let mut held = Client::new(server.address());
        held.send(b"GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
        keeper.wait_until_one_holds();
        let gone: Vec<_> = (0..8)
            .map(|_| {
                let mut client = Client::new(server.address());
                client.send(b"GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
                client
            })
            .collect();
        server.wait_until_queued(8);
        for client in gone {
            let stream = client.stream();
            SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
            drop((client, stream));
        }
        // They leave the queue while the only worker is held: it never gets to see them.
        wait_until(|| counted(&probe.metrics().unwrap(), "native_server_run_queue_depth") == 0);
        let lost = "native_server_requests_total{outcome=\"lost\"}";
        assert_eq!(counted(&probe.metrics().unwrap(), lost), 8);
        keeper.let_one_go();
        assert_eq!(held.answer().unwrap().status, 200);
        end(server);
    }
}

/// F10, for what comes: one byte a read.
#[test]
fn requests_that_come_a_byte_at_a_time_are_answered_as_they_would_be() {
    let text = "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n\
                3\r\nabc\r\n0\r\n\r\nGET /none HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n";
    for model in MODELS {
        let options = options(model, 2);
        let site = BookSite::new(&options.scenario);
        let server = Server::start(options, Arc::new(site)).unwrap();
        let ask = |piece: usize| {
            let mut client = Client::new(server.address());
            client.stream().set_nodelay(true).unwrap();
            for bytes in text.as_bytes().chunks(piece) {
                // Under `single` the first answer is the last one.
                if std::io::Write::write_all(&mut client.stream(), bytes).is_err() {
                    break;
                }
            }
            let mut answers = Vec::new();
            while let Some(answer) = client.answer() {
                let head: Vec<_> =
                    answer.head.lines().filter(|line| !line.starts_with("Date")).collect();
                answers.push((head.join("\n"), answer.body));
            }
            answers
        };
        let whole = ask(text.len());
        assert_eq!(whole.len(), if model == Model::Single { 1 } else { 2 });
        assert_eq!(ask(1), whole, "{}", model.name());
        end(server);
    }
}

/// Under every model the same bytes, but for the fields that tell of time and order.
#[test]
fn answers_are_the_same_under_every_model() {
    let targets =
        ["/", "/none", "/sleep?ms=1", "/spin?us=1", "/fork?depth=1", "/sleep?ms=x", "/a\\b"];
    let answers = MODELS.map(|model| {
        let options = options(model, 2);
        let site = BookSite::new(&options.scenario);
        let server = Server::start(options, Arc::new(site)).unwrap();
        let server = server.with_answers_unread("answers are read as text");
        let common = "Host: t\r\nX-Request-Id: 1\r\nConnection: close\r\n";
        let chunks = "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
        let answers: Vec<_> = targets
            .iter()
            .flat_map(|target| ["GET", "HEAD", "OPTIONS", "DELETE"].map(|method| (method, target)))
            .map(|(method, target)| format!("{method} {target} HTTP/1.1\r\n{common}\r\n"))
            .chain([format!("POST /echo HTTP/1.1\r\n{common}{chunks}")])
            .map(|text| {
                let mut client = Client::new(server.address());
                client.send(text.as_bytes());
                let answer = client.read_all();
                let masked = ["Date: ", "Server-Timing: ", "X-Request-Id: "];
                let is_masked = |line: &&str| masked.iter().any(|name| line.starts_with(name));
                answer.lines().filter(|line| !is_masked(line)).collect::<Vec<_>>().join("\n")
            })
            .collect();
        end(server);
        let echo = answers.last().unwrap();
        assert!(
            echo.contains("\nTransfer-Encoding: chunked\n") && echo.ends_with("\n5\nhello\n0\n")
        );
        answers
    });
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
}
