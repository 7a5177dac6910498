//! Faults in programs of their own, over sockets: handlers that panic, clients that leave the queue.
//!
//! What is recorded of the same faults in a server of the test's own process is in
//! `robustness_handlers.rs`.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::process::Stdio;
use std::thread;

use support::process::{Serving, example, program};
use support::vitals::{Patient, reset, send, under};
use support::{Client, NAMES, wait_until};

const FAILED: &str = "native_server_requests_total{outcome=\"failed\"}";
const LOST: &str = "native_server_requests_total{outcome=\"lost\"}";
const QUEUED: &str = "native_server_run_queue_depth";

/// Where a server listens, and where it is inspected.
const PLACES: [&str; 4] = ["--listen", "127.0.0.1:0", "--inspect", "127.0.0.1:0"];

/// F1 and F2: once, a thousand times, and always.
#[test]
fn handlers_that_panic_cost_their_requests_and_no_thread() {
    under(&NAMES, |model| {
        let mut command = example("panics", &PLACES);
        // Each panic says so there.
        command.args(["--model", model, "--workers", "4"]).stderr(Stdio::null());
        let (serving, page) = Serving::start_inspected(command);
        let address = serving.address;
        let ask = |path| Client::new(address).get(path).unwrap().status;
        // What unwinding reads of the program it reads once.
        assert_eq!((ask("/panic"), ask("/bomb"), ask("/")), (500, 500, 200), "{model}");
        let patient = Patient::of(serving, model);
        for _ in 0..999 {
            assert_eq!(ask("/panic"), 500, "{model}");
        }
        assert_eq!(ask("/"), 200, "{model}");
        for _ in 0..99 {
            assert_eq!(ask("/bomb"), 500, "{model}");
        }
        // Every handler of everybody, while everybody asks.
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..50).for_each(|_| assert_eq!(ask("/panic"), 500)));
            }
        });
        wait_until(|| page.counted(FAILED) == 1500);
        patient.verdict()
    });
}

/// R13, under the models that have a queue.
#[test]
fn clients_that_leave_the_queue_cost_no_worker() {
    let leave = |model| {
        let mut command = program(&PLACES);
        command.args(["--model", model, "--workers", "1"]);
        let (serving, page) = Serving::start_inspected(command);
        let patient = Patient::of(serving, model);
        // The end of an earlier client would be a turn in the queue.
        patient.wait_until_descriptors_beyond_baseline_are(0);
        let mut held = Client::new(patient.address());
        held.send(b"GET /sleep?ms=5000 HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        wait_until(|| page.counted("native_server_workers{state=\"blocked\"}") == 1);
        let gone: Vec<_> = (0..8).map(|_| patient.connect()).collect();
        for stream in &gone {
            send(stream, b"GET /sleep?ms=60000 HTTP/1.1\r\nHost: t\r\n\r\n");
        }
        wait_until(|| page.counted(QUEUED) == 8);
        gone.into_iter().for_each(reset);
        // A worker that got to see one of them would be gone for a minute.
        wait_until(|| page.counted(QUEUED) == 0);
        assert_eq!(page.counted(LOST), 8, "{model}");
        assert_eq!(held.answer().unwrap().status, 200, "{model}");
        patient.verdict()
    };
    under(&["pool", "fork-join"], leave);
}
