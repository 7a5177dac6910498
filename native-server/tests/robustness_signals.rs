//! Stopping and restarting under load: SIGTERM again and again, a socket that outlives its server, a
//! handler that never ends, a log that nobody can write.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use scheduler_model::{Stats, Trace, replay};
use support::process::{Serving, program};
use support::{Client, NAMES, folder, is_long, read_trace};

/// What a request on a connection of its own came to.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    /// A whole answer, with this status.
    Answered(u16),
    /// A part of an answer.
    Cut,
    /// The connection was refused, or closed without a byte.
    Refused,
}

fn ask_once(address: SocketAddr) -> Came {
    let Ok(mut stream) = TcpStream::connect(address) else { return Came::Refused };
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let request = b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    if stream.write_all(request).is_err() {
        return Came::Refused;
    }
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let whole = answer.ends_with(b"</html>\n") || answer.ends_with(b"</html>");
    match read {
        _ if whole => Came::Answered(String::from_utf8_lossy(&answer[9..12]).parse().unwrap()),
        Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("no answer in 20 s"),
        _ if answer.is_empty() => Came::Refused,
        _ => Came::Cut,
    }
}

/// Kept connections, until the server closes them; the number of answers, none of which is cut.
fn ask_until_closed(address: SocketAddr, answered: &AtomicU64) {
    let Ok(stream) = TcpStream::connect(address) else { return };
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut last = false;
    while !last {
        if (&stream).write_all(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n").is_err() {
            return;
        }
        let mut answer = Vec::new();
        let mut bytes = [0; 4096];
        while !answer.ends_with(b"</html>\n") {
            match (&stream).read(&mut bytes) {
                Ok(0) | Err(_) => {
                    // Closed between two requests: the client may ask again elsewhere.
                    assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
                    return;
                }
                Ok(n) => answer.extend_from_slice(&bytes[..n]),
            }
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 "));
        answered.fetch_add(1, Ordering::Relaxed);
        last = String::from_utf8_lossy(&answer).contains("Connection: close");
    }
}

/// F4, F5: SIGTERM under 64 connections of load.
#[test]
fn a_server_that_is_stopped_under_load_answers_what_it_has_taken_and_ends_well() {
    let folder = folder("signals-load");
    let times = if is_long() { 100 } else { 3 };
    for model in NAMES {
        for time in 0..times {
            let path = folder.join(format!("{model}-{time}.jsonl"));
            let recording = path.to_str().unwrap();
            let mut serving =
                Serving::start(&["--model", model, "--queue", "256", "--record", recording]);
            let address = serving.address;
            let answered = AtomicU64::new(0);
            let began = thread::scope(|scope| {
                for _ in 0..64 {
                    scope.spawn(|| ask_until_closed(address, &answered));
                }
                support::wait_until(|| answered.load(Ordering::Relaxed) >= 32);
                serving.ask_to_stop();
                Instant::now()
            });
            assert_eq!(serving.exit_code(), Some(0), "{model} {time}");
            assert!(began.elapsed() < Duration::from_secs(10), "the drain's deadline");
            let trace = read_trace(&path);
            assert!(replay(&trace).conforms);
            let stats = Stats::of(&trace).unwrap();
            let lost = (stats.failed, stats.rejected, stats.in_system, stats.lost);
            assert_eq!(lost, (0, 0, 0, 0), "{model}: {stats:?}");
            assert_eq!(stats.answered, answered.load(Ordering::Relaxed), "{model} {time}");
            fs::remove_file(&path).unwrap();
        }
    }
}

/// A server that finds this socket as its descriptor 3, as a service manager hands it over.
fn inheriting(listener: &TcpListener, model: &str) -> Serving {
    let program = program(&["--inspect", "off", "--model", model, "--queue", "1024"]);
    let mut command = Command::new("sh");
    command.args(["-c", "exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" \"$@\""]);
    command.arg(program.get_program()).args(program.get_args());
    command.stdin(Stdio::from(OwnedFd::from(listener.try_clone().unwrap())));
    Serving::start_command(command)
}

/// F6: restarts under load with the listening descriptor inherited.
#[test]
fn nobody_is_refused_while_servers_take_turns_at_one_socket() {
    let times = if is_long() { 20 } else { 3 };
    for model in NAMES {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut serving = inheriting(&listener, model);
        assert_eq!(serving.address, address);
        let over = Arc::new(AtomicBool::new(false));
        let clients: Vec<_> = (0..4)
            .map(|_| {
                let over = Arc::clone(&over);
                thread::spawn(move || {
                    let mut n_answered = 0_u64;
                    while !over.load(Ordering::Relaxed) {
                        assert_eq!(ask_once(address), Came::Answered(200));
                        n_answered += 1;
                    }
                    n_answered
                })
            })
            .collect();
        for _ in 0..times {
            let mut next = inheriting(&listener, model);
            assert_eq!(serving.terminate(), Some(0));
            std::mem::swap(&mut serving, &mut next);
        }
        over.store(true, Ordering::Relaxed);
        for client in clients {
            assert!(client.join().unwrap() > 0);
        }
        assert_eq!(serving.terminate(), Some(0));
    }
}

#[test]
fn a_descriptor_that_is_no_listening_socket_is_refused_by_name() {
    let program = program(&["--inspect", "off"]);
    let mut command = Command::new("sh");
    command.args(["-c", "exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" \"$@\""]);
    command
        .arg(program.get_program())
        .args(program.get_args())
        .stdin(File::open("/dev/null").unwrap());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("LISTEN_FDS"));
}

/// F3: a handler that does not return.
#[test]
fn a_handler_that_never_ends_does_not_hold_the_end_of_its_server() {
    for model in NAMES {
        let program = program(&["--listen", "127.0.0.1:0", "--inspect", "off", "--model", model]);
        let mut command = program;
        command.args(["--drain-seconds", "1"]).stderr(Stdio::piped());
        let mut serving = Serving::start_command(command);
        let mut held = Client::new(serving.address);
        held.send(b"GET /sleep?ms=60000 HTTP/1.1\r\nHost: test\r\n\r\n");
        let mut idle = Client::new(serving.address);
        if model != "single" {
            assert_eq!(idle.get("/").unwrap().status, 200);
        }
        let began = Instant::now();
        assert_eq!(serving.terminate(), Some(0), "{model}");
        assert!(began.elapsed() < Duration::from_secs(10), "{model}");
        let said = serving.errors();
        match model {
            "single" => assert!(said.contains("a handler has not ended"), "{said}"),
            // A timer holds nothing: the client is told.
            "async" | "sharded" => assert_eq!(held.answer().unwrap().status, 503),
            _ => assert!(said.contains("was given up"), "{model}: {said}"),
        }
    }
}

/// F4: a connection that was accepted and on which nothing was asked.
#[test]
fn a_client_that_says_nothing_does_not_hold_the_end_of_a_server() {
    thread::scope(|scope| {
        for model in NAMES {
            scope.spawn(move || {
                let mut command = program(&["--listen", "127.0.0.1:0", "--inspect", "127.0.0.1:0"]);
                command.args(["--model", model]).stderr(Stdio::piped());
                let (mut serving, page) = Serving::start_inspected(command);
                let mut silent = Client::new(serving.address);
                support::wait_until(|| page.counted("native_server_connections_opened_total") == 1);
                let began = Instant::now();
                assert_eq!(serving.terminate(), Some(0), "{model}");
                assert!(
                    began.elapsed() < Duration::from_secs(5),
                    "{model}: long before the deadline"
                );
                assert_eq!(serving.errors(), "", "{model}: nothing was given up");
                assert!(silent.is_closed());
            });
        }
    });
}

/// A recording whose reader takes nothing for so long that the drain's deadline passes.
#[test]
fn a_recording_that_is_behind_at_the_end_of_a_drain_is_written_to_its_end() {
    let folder = folder("signals-behind");
    thread::scope(|scope| {
        for model in NAMES {
            let path = folder.join(model);
            scope.spawn(move || {
                let (mode, kind) =
                    (rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR, rustix::fs::FileType::Fifo);
                rustix::fs::mknodat(rustix::fs::CWD, &path, kind, mode, 0).unwrap();
                // Otherwise the server would wait for a reader before it listens.
                let mut recording = File::options().read(true).write(true).open(&path).unwrap();
                let mut command = program(&["--listen", "127.0.0.1:0", "--inspect", "off"]);
                command.args(["--model", model, "--drain-seconds", "1", "--queue", "256"]);
                command.args(["--requests-per-connection", "10000"]);
                command.arg("--record").arg(&path).stderr(Stdio::piped());
                let mut serving = Serving::start_command(command);
                // Much more than a pipe holds.
                let mut kept = None;
                for _ in 0..1000 {
                    let mut client = kept.take().unwrap_or_else(|| Client::new(serving.address));
                    let answer = client.get("/").unwrap();
                    assert_eq!(answer.status, 200);
                    kept = Some(client).filter(|_| answer.field("Connection") != Some("close"));
                }
                serving.ask_to_stop();
                let said = serving.first_error();
                assert!(said.contains("recording is being written"), "{model}: {said}");
                // Its last line is the last of the file.
                let mut text = Vec::new();
                while !text.ends_with(b"drained\"}\n") {
                    let mut bytes = [0; 4096];
                    let n = recording.read(&mut bytes).unwrap();
                    text.extend_from_slice(&bytes[..n]);
                }
                assert_eq!(serving.exit_code(), Some(0), "{model}");
                let trace = Trace::read_str(model, str::from_utf8(&text).unwrap()).unwrap();
                let verdict = replay(&trace);
                assert!(verdict.conforms && verdict.complete, "{model}: {verdict:?}");
                assert_eq!(Stats::of(&trace).unwrap().answered, 1000, "{model}");
            });
        }
    });
}

#[test]
fn a_second_signal_stops_at_once() {
    let mut serving = Serving::start(&["--model", "pool"]);
    let mut held = Client::new(serving.address);
    held.send(b"GET /sleep?ms=60000 HTTP/1.1\r\nHost: test\r\n\r\n");
    let mut other = Client::new(serving.address);
    assert_eq!(other.get("/").unwrap().status, 200);
    serving.ask_to_stop();
    // Closed by the drain: the first signal has come.
    assert!(other.is_closed());
    let began = Instant::now();
    assert_eq!(serving.terminate(), Some(1));
    assert!(began.elapsed() < Duration::from_secs(5));
}

/// F7: nowhere to write to.
#[test]
fn a_server_serves_although_nobody_can_read_what_it_says() {
    for model in NAMES {
        for log in ["/dev/full", "stderr", "stdout"] {
            let program =
                program(&["--listen", "127.0.0.1:0", "--inspect", "off", "--model", model]);
            let mut command = program;
            command.args(["--access-log", log]).stderr(File::create("/dev/full").unwrap());
            // Standard output is a pipe that is closed once the address has been read.
            let mut serving = Serving::start_command(command);
            for _ in 0..50 {
                assert_eq!(Client::new(serving.address).get("/").unwrap().status, 200);
            }
            assert_eq!(serving.terminate(), Some(0), "{model} {log}");
        }
    }
}

/// F7: a log whose reader takes nothing, and a warning that would go the same way.
#[test]
fn a_log_that_nobody_reads_holds_neither_a_server_nor_its_end() {
    for model in ["spawn", "pool", "async"] {
        let mut command = program(&["--listen", "127.0.0.1:0", "--inspect", "off"]);
        command.args(["--model", model, "--access-log", "stderr"]).stderr(Stdio::piped());
        let mut serving = Serving::start_command(command);
        let mut client = Client::new(serving.address);
        // More than a pipe holds.
        for _ in 0..900 {
            assert_eq!(client.get("/").unwrap().status, 200);
        }
        serving.ask_to_stop();
        let deadline = Instant::now() + Duration::from_secs(20);
        while serving.is_running() {
            assert!(Instant::now() < deadline, "{model}: it waits for somebody to read");
            thread::yield_now();
        }
        assert_eq!(serving.exit_code(), Some(0), "{model}");
    }
}

/// F7: a recording that can be written no further, here a pipe whose reader has left.
#[test]
fn a_server_that_can_record_no_further_says_so_at_once_and_is_observed_all_the_same() {
    let path = folder("signals-full").join("recording");
    let (mode, kind) =
        (rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR, rustix::fs::FileType::Fifo);
    rustix::fs::mknodat(rustix::fs::CWD, &path, kind, mode, 0).unwrap();
    let reader = File::options().read(true).write(true).open(&path).unwrap();
    let mut command = program(&["--listen", "127.0.0.1:0", "--inspect", "127.0.0.1:0"]);
    command.arg("--record").arg(&path).stderr(Stdio::piped());
    let (mut serving, page) = Serving::start_inspected(command);
    drop(reader);
    assert_eq!(Client::new(serving.address).get("/").unwrap().status, 200);
    let said = serving.first_error();
    assert!(said.contains("--record ") && said.contains("is not recorded"), "{said}");
    assert_eq!(Client::new(serving.address).get("/").unwrap().status, 200);
    support::wait_until(|| page.counted("native_server_requests_total{outcome=\"answered\"}") == 2);
    assert_eq!(serving.terminate(), Some(2));
}
