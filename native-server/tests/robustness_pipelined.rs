//! R14: a client who sends ten thousand requests in one go has its answers in order, and nobody else has to
//! wait for them.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use support::vitals::{Patient, Unwell, show, until_well};
use support::{Client, KEEPING, is_long};

/// One model after the other, before all other programs where that is allowed: on a busy computer a wake-up
/// takes longer than what is measured.
#[test]
fn r14_pipelined_requests_are_answered_in_order_while_others_are_served() {
    let goes_first = std::env::var_os(GOES_FIRST).is_some();
    if !goes_first && first().arg("true").status().is_ok_and(|status| status.success()) {
        let mut again = first();
        again.arg(std::env::current_exe().unwrap()).args(["--nocapture", "r14_"]);
        again.stderr(Stdio::inherit());
        assert!(again.env(GOES_FIRST, "1").status().unwrap().success());
        return;
    }
    let is_judged = goes_first || is_long();
    for model in KEEPING {
        until_well(|| others_beside_pipelined_requests(model, is_judged));
    }
}

/// A command with real-time priority.
fn first() -> Command {
    let mut command = Command::new("chrt");
    command.args(["--rr", "1"]).stderr(Stdio::null());
    command
}

/// Set for the test that has that priority.
const GOES_FIRST: &str = "PIPELINED_GOES_FIRST";

fn others_beside_pipelined_requests(model: &'static str, is_judged: bool) -> Result<(), Unwell> {
    let flags = ["--requests-per-connection", "20000", "--workers", "2"];
    let patient = Patient::start(model, &flags);
    let address = patient.address();
    let alone = p99_of_others(address, || 1);
    let pipelined = Pipelined::new();
    // Odd while answers come.
    let moment = AtomicUsize::new(0);
    let beside = thread::scope(|scope| {
        let others = scope.spawn(|| p99_of_others(address, || moment.load(Ordering::SeqCst)));
        while !others.is_finished() {
            pipelined.ask(address, &moment);
        }
        others.join().unwrap()
    });
    show(|| format!("{model}: others' p99 alone {alone:?}, beside {beside:?}"));
    if is_judged && beside > 2 * alone {
        let what = format!("others' p99 is {beside:?}, and {alone:?} without");
        return Err(Unwell::new(model, what));
    }
    patient.verdict()
}

/// Ten thousand requests, and what is to come back.
struct Pipelined {
    text: String,
    bodies: Vec<String>,
}

impl Pipelined {
    fn new() -> Self {
        let bodies: Vec<_> = (0..10_000).map(|number| format!("{number:05}")).collect();
        let mut text = String::new();
        for body in &bodies {
            let is_last = Some(body) == bodies.last();
            let close = if is_last { "Connection: close\r\n" } else { "" };
            let head =
                format!("POST /echo HTTP/1.1\r\nHost: t\r\n{close}Content-Length: 5\r\n\r\n");
            write!(text, "{head}{body}").unwrap();
        }
        Self { text, bodies }
    }

    /// Sends them without waiting, and judges the answers when all have come: what a client does between
    /// two answers would be a load of its own.
    fn ask(&self, address: SocketAddr, moment: &AtomicUsize) {
        let mut stream = Client::new(address).stream();
        let mut sender = stream.try_clone().unwrap();
        let mut answers = vec![0];
        thread::scope(|scope| {
            scope.spawn(move || sender.write_all(self.text.as_bytes()).unwrap());
            stream.read_exact(&mut answers).unwrap();
            moment.fetch_add(1, Ordering::SeqCst);
            stream.read_to_end(&mut answers).unwrap();
            moment.fetch_add(1, Ordering::SeqCst);
        });
        let text = String::from_utf8(answers).unwrap();
        let bodies: Vec<_> = text.split("\r\n\r\n").skip(1).map(|rest| &rest[..5]).collect();
        assert_eq!(bodies, self.bodies);
    }
}

/// How long good clients wait for their answers, but for the slowest of a hundred: the least of some such
/// hundreds, during which the moment was one and the same odd one. The others may have met a busy computer.
fn p99_of_others(address: SocketAddr, moment: impl Fn() -> usize) -> Duration {
    let mut hundreds = Vec::new();
    while hundreds.len() < N_HUNDREDS {
        let before = moment();
        let ask = |_| {
            let began = Instant::now();
            assert_eq!(Client::new(address).get("/").unwrap().status, 200);
            began.elapsed()
        };
        let mut times: Vec<_> = (0..100).map(ask).collect();
        if before % 2 == 1 && moment() == before {
            times.sort();
            hundreds.push(times[98]);
        }
    }
    hundreds.into_iter().min().unwrap_or_default()
}

const N_HUNDREDS: usize = 20;
