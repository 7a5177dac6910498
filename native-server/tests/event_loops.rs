//! A handler that sleeps under a loop is a timer: it holds nothing, and whatever may happen to its
//! connection meanwhile is taken well.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::net::Shutdown;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use native_server::options::Options;
use native_server::site::BookSite;
use scheduler_model::{EventKind, Model, Place, ShardId, Stimulus, World, replay};
use socket2::SockRef;
use support::served::Server;
use support::{Client, counted, options, place, read_trace, wait_until};

const LOOPS: [Model; 2] = [Model::Async, Model::Sharded];

fn serving(options: Options) -> Server {
    let site = BookSite::new(&options.scenario);
    Server::start(options, Arc::new(site)).unwrap()
}

fn end(server: Server) {
    server.handle().drain();
    server.wait().unwrap();
}

fn metric(server: &Server, series: &str) -> u64 {
    counted(&server.probe().metrics().unwrap(), series)
}

/// Waits until so many handlers have begun to sleep, and nobody waits for its loop.
fn wait_until_asleep(server: &Server, n_asleep: usize) {
    let is_asleep =
        |request: &scheduler_model::Request| matches!(request.place, Place::Asleep { .. });
    let probe = server.probe();
    wait_until(|| {
        let asleep = probe.ask(move |observer| {
            observer.world.requests().filter(|request| is_asleep(request)).count()
        });
        asleep == Some(n_asleep)
    });
}

#[test]
fn ten_sleeps_at_once_are_all_asleep_together_on_one_thread() {
    for model in LOOPS {
        let path = place(&format!("ten-sleeps-{}", model.name()));
        let options = Options { record: Some(path.clone()), observe: true, ..options(model, 2) };
        let server = serving(options);
        let mut clients: Vec<_> = (0..10).map(|_| Client::new(server.address())).collect();
        for client in &mut clients {
            client.send(b"GET /sleep?ms=1000 HTTP/1.1\r\nHost: test\r\n\r\n");
        }
        wait_until_asleep(&server, 10);
        // Whoever comes now need not wait for any of them.
        assert_eq!(Client::new(server.address()).get("/").unwrap().status, 200);
        wait_until_asleep(&server, 10);
        assert!(clients.iter_mut().all(|client| client.answer().unwrap().status == 200));
        end(server);
        let trace = read_trace(&path);
        assert!(replay(&trace).conforms);
        let slept = trace
            .events
            .iter()
            .filter(|event| matches!(event.kind, EventKind::Stimulus(Stimulus::TaskWoke { .. })));
        assert_eq!(slept.count(), 10);
        let mut world = World::new(&trace.header);
        for event in &trace.events {
            world.apply(event).unwrap();
        }
        assert_eq!(world.counts().answered, 11);
    }
}

#[test]
fn a_client_that_leaves_while_its_handler_sleeps_is_lost_and_its_connection_closed() {
    for model in LOOPS {
        let server = serving(Options { observe: true, ..options(model, 2) });
        let mut client = Client::new(server.address());
        client.send(b"GET /sleep?ms=60000 HTTP/1.1\r\nHost: test\r\n\r\n");
        wait_until_asleep(&server, 1);
        let stream = client.stream();
        SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
        drop((client, stream));
        let lost = "native_server_requests_total{outcome=\"lost\"}";
        wait_until(|| metric(&server, lost) == 1);
        assert_eq!(metric(&server, "native_server_connections_open"), 0);
        end(server);
    }
}

#[test]
fn what_comes_while_a_handler_sleeps_is_answered_after_it() {
    for model in LOOPS {
        let server = serving(Options { observe: true, ..options(model, 2) });
        let mut client = Client::new(server.address());
        client.send(b"GET /sleep?ms=300 HTTP/1.1\r\nHost: test\r\n\r\n");
        wait_until_asleep(&server, 1);
        client.send(b"GET /none HTTP/1.1\r\nHost: test\r\n\r\n");
        client.stream().shutdown(Shutdown::Write).unwrap();
        let (slept, next) = (client.answer().unwrap(), client.answer().unwrap());
        assert_eq!((slept.status, next.status), (200, 404));
        assert!(client.is_closed());
        end(server);
    }
}

#[test]
fn a_deadline_of_a_drain_is_an_answer_for_whoever_sleeps() {
    for model in LOOPS {
        let options = Options { drain: Duration::from_millis(200), ..options(model, 2) };
        let server = serving(Options { observe: true, ..options });
        let mut client = Client::new(server.address());
        client.send(b"GET /sleep?ms=60000 HTTP/1.1\r\nHost: test\r\n\r\n");
        wait_until_asleep(&server, 1);
        server.handle().drain();
        assert_eq!(client.answer().unwrap().status, 503);
        end(server);
    }
}

#[test]
fn loops_share_connections_out_and_their_recording_is_one_run() {
    let path = place("loops-share");
    let server = serving(Options { record: Some(path.clone()), ..options(Model::Sharded, 2) });
    let address = server.address();
    let clients: Vec<_> = (0..32)
        .map(|_| {
            thread::spawn(move || {
                let mut client = Client::new(address);
                for path in ["/", "/none", "/sleep?ms=1", "/spin?us=50"] {
                    client.get(path).unwrap();
                }
            })
        })
        .collect();
    for client in clients {
        client.join().unwrap();
    }
    end(server);
    let trace = read_trace(&path);
    let verdict = replay(&trace);
    assert!(verdict.conforms, "{:?}", verdict.first_difference);
    let arrivals = |shard| {
        let arrived = trace.events.iter().filter(move |event| {
            event.shard == ShardId(shard)
                && matches!(event.kind, EventKind::Stimulus(Stimulus::RequestArrived { .. }))
        });
        arrived.count()
    };
    // The kernel hashes addresses: that all 32 clients go to one of two is 1 in two thousand million.
    assert!(arrivals(0) > 0 && arrivals(1) > 0, "{} and {}", arrivals(0), arrivals(1));
}

#[test]
fn a_port_of_another_server_is_refused_although_loops_share_theirs() {
    let server = serving(options(Model::Sharded, 2));
    let other = Options { listen: server.address(), ..options(Model::Sharded, 2) };
    let site = BookSite::new(&other.scenario);
    let Err(error) = Server::start(other, Arc::new(site)) else { panic!("both listen") };
    assert!(format!("{error:#}").contains(&format!("--listen {}", server.address())), "{error:#}");
    end(server);
}
