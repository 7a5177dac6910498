//! The narrowest places: a request that comes just as a drain begins, and answers that are taken a byte
//! at a time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use native_server::options::Options;
use native_server::serve::Server;
use native_server::site::{BookSite, Root};
use scheduler_model::scenario::{OnFull, QueueBound, Ranged};
use scheduler_model::{Model, Stats, replay};
use support::{Client, Gate, MODELS, folder, is_long, narrow, options, place, read_trace};

fn serving(options: Options) -> Server {
    let site = BookSite::new(&options.scenario);
    let site = match options.root.clone() {
        Some(root) => site.with_root(root),
        None => site,
    };
    Server::start(options, Arc::new(site)).unwrap()
}

/// Whether a client is answered who asks on a kept connection at the very moment of a drain. With or
/// without a whole answer, that is the end of the connection: no byte more, and no reset, which would
/// leave the client in doubt.
fn ask_at(mut client: Client, moment: &Barrier) -> bool {
    let mut stream = client.stream();
    moment.wait();
    // Refused only after the connection has been closed.
    let sent = stream.write_all(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    let answer = client.answer();
    match stream.read(&mut [0]) {
        Ok(n) => assert_eq!(n, 0),
        Err(error) => assert!(sent.is_err(), "not closed cleanly: {error}"),
    }
    answer.is_some_and(|answer| answer.status == 200)
}

/// F5. A connection of `single` is closed with its first answer.
#[test]
fn a_request_that_comes_as_a_drain_begins_is_answered_or_its_connection_closed_cleanly() {
    let n_times = if is_long() { 100 } else { 5 };
    for model in MODELS.into_iter().filter(|&model| model != Model::Single) {
        for time in 0..n_times {
            let path = place(&format!("edges-drain-{}", model.name()));
            let mut options = Options { record: Some(path.clone()), ..options(model, 2) };
            options.scenario.server.queue = QueueBound::Bounded(Ranged::of::<64>());
            let server = serving(options);
            let n_clients = 16;
            let moment = Barrier::new(n_clients + 1);
            let n_answered = thread::scope(|scope| {
                let clients: Vec<_> = (0..n_clients)
                    .map(|_| {
                        let mut client = Client::new(server.address());
                        assert_eq!(client.get("/").unwrap().status, 200);
                        scope.spawn(|| ask_at(client, &moment))
                    })
                    .collect();
                moment.wait();
                server.handle().drain();
                let answered = clients.into_iter().map(|client| client.join().unwrap());
                answered.filter(|&answered| answered).count()
            });
            server.wait().unwrap();
            let trace = read_trace(&path);
            assert!(replay(&trace).conforms, "{} {time}", model.name());
            let stats = Stats::of(&trace).unwrap();
            assert_eq!(stats.answered, (n_clients + n_answered) as u64, "{}", model.name());
            assert_eq!((stats.rejected, stats.failed, stats.lost), (0, 0, 0), "{}", model.name());
        }
    }
}

/// F10, for what goes out: a client with the smallest buffer there is, who takes a byte at a time.
#[test]
fn an_answer_that_is_taken_a_byte_at_a_time_is_the_same_bytes() {
    let root = folder("edges-bytes");
    let n_bytes = if is_long() { 1 << 20 } else { 1 << 17 };
    let file: Vec<u8> = (0..n_bytes).map(|n: u32| n.to_le_bytes()[n as usize % 3]).collect();
    fs::write(root.join("f.bin"), &file).unwrap();
    thread::scope(|scope| {
        for model in MODELS {
            let (root, file) = (&root, &file);
            scope.spawn(move || {
                let root = Some(Root::open(root).unwrap());
                let server = serving(Options { root, ..options(model, 2) });
                let mut client = narrow(server.address());
                let text =
                    "GET /f.bin HTTP/1.1\r\nHost: test\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\n\
                     Connection: close\r\n\r\n";
                for byte in text.as_bytes() {
                    // Under `single` the first answer is the last one, and nobody reads on.
                    if client.write_all(std::slice::from_ref(byte)).is_err() {
                        break;
                    }
                }
                let mut bytes = Vec::new();
                let mut byte = [0];
                loop {
                    match client.read(&mut byte) {
                        Ok(0) => break,
                        Ok(_) => bytes.push(byte[0]),
                        Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
                        Err(error) => panic!("{}: {error}", model.name()),
                    }
                }
                let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
                assert!(bytes[end..].starts_with(file), "{}", model.name());
                let rest = String::from_utf8_lossy(&bytes[end + file.len()..]).into_owned();
                if model == Model::Single {
                    assert_eq!(rest, "");
                } else {
                    assert!(rest.starts_with("HTTP/1.1 200 OK\r\n"), "{}: {rest}", model.name());
                    assert!(rest.ends_with("</html>\n"), "{}: {rest}", model.name());
                }
                drop(client);
                server.handle().drain();
                server.wait().unwrap();
            });
        }
    });
}

/// With `on_full = "wait"` what is parked stays parked, also when it has asked.
#[test]
fn whoever_has_asked_is_not_taken_for_idle_while_the_server_takes_nothing() {
    for model in [Model::Pool, Model::ForkJoin] {
        let mut options = Options { idle: Duration::from_secs(1), ..options(model, 1) };
        options.scenario.server.queue = QueueBound::Bounded(Ranged::of::<0>());
        options.scenario.server.on_full = OnFull::Wait;
        let (site, keeper) = Gate::new();
        let server = Server::start(options, site).unwrap();
        let [mut asking, mut idle, mut held] = [(); 3].map(|()| Client::new(server.address()));
        assert_eq!(asking.get("/").unwrap().status, 200);
        assert_eq!(idle.get("/").unwrap().status, 200);
        held.send(b"GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
        keeper.wait_until_one_holds();
        asking.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        // The other's time began earlier.
        assert!(idle.is_closed());
        keeper.let_one_go();
        assert_eq!(held.answer().unwrap().status, 200);
        assert_eq!(asking.answer().unwrap().status, 200, "{model:?}");
        server.handle().drain();
        server.wait().unwrap();
    }
}

/// What comes behind a body in one packet, and what is more than is read at once, has no edge of its own.
#[test]
fn what_there_was_no_room_for_is_read_without_waiting_for_more() {
    for model in MODELS {
        let server = serving(options(model, 2));
        // Once it is told to go on, its head has been read and nothing else.
        let told_to_go_on = |framing: &str| {
            let mut client = Client::new(server.address());
            let head = format!(
                "POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\n{framing}\r\n\r\n"
            );
            client.send(head.as_bytes());
            assert_eq!(client.answer_head().unwrap().status, 100);
            client
        };
        let mut client = told_to_go_on("Content-Length: 5");
        client.send(b"helloGET /none HTTP/1.1\r\nHost: test\r\n\r\n");
        assert_eq!(client.answer().unwrap().body, b"hello", "{model:?}");
        if model != Model::Single {
            assert_eq!(client.answer().unwrap().status, 404, "{model:?}");
        }
        let mut client = told_to_go_on("Transfer-Encoding: chunked");
        let mut body = format!("{:x}\r\n", 100_000).into_bytes();
        body.extend(std::iter::repeat_n(b'z', 100_000));
        body.extend(b"\r\n0\r\n\r\n");
        client.send(&body);
        assert_eq!(client.answer_head().unwrap().status, 200, "{model:?}");
        // Its end is something that comes, too.
        let mut client = told_to_go_on("Content-Length: 5");
        client.send(b"hello");
        client.stream().shutdown(Shutdown::Write).unwrap();
        assert_eq!(client.answer().unwrap().status, 200);
        assert!(client.is_closed());
        server.handle().drain();
        server.wait().unwrap();
    }
}
