//! R10: what a run queue without a bound comes to, and what a bound is for.
//!
//! A million connections at once are more than a process may have descriptors for. So the queue is shown
//! in parts: as many connections as this system allows, a queue that is larger than the memory there is,
//! and a million entries of the pool for other programs, whose queue is the same scheduler's.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;

use native_server::{ThreadPool, WhenFull};
use scheduler_model::scenario::{QueueBound, Ranged};
use support::process::{Serving, limited, program};
use support::vitals::{Patient, Vitals, connect_from, send, show, status_at_end, under};
use support::{Client, n, wait_until};

/// The models that have a run queue of connections.
const QUEUEING: [&str; 2] = ["pool", "fork-join"];

#[test]
fn r10_a_queue_without_a_bound_is_warned_of() {
    let arguments = ["--listen", "127.0.0.1:0", "--inspect", "off", "--queue", "unbounded"];
    let mut command = program(&arguments);
    command.stderr(Stdio::piped());
    let mut serving = Serving::start_command(command);
    assert_eq!(serving.terminate(), Some(0));
    let said = serving.errors();
    assert!(said.contains("--queue unbounded"), "{said}");
}

/// What a queue without a bound comes to: connections bound it.
#[test]
fn r10_connections_bound_a_queue_that_nothing_else_bounds() {
    under(&QUEUEING, |model| {
        let (n_clients, max) = (n(600, 18_000), n(300, 15_000));
        let max_connections = max.to_string();
        let queue =
            ["--queue", "unbounded", "--workers", "1", "--max-connections", &max_connections];
        let patient = Patient::start(model, &queue);
        let before = patient.before;
        let mut held = Client::new(patient.address());
        let ms = n(3000, 20_000);
        held.send(format!("GET /sleep?ms={ms} HTTP/1.1\r\nHost: t\r\n\r\n").as_bytes());
        // Whoever is beyond the bound waits in the kernel, which counts no descriptor here.
        let many =
            crowd(&patient, n_clients, b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
        wait_until(|| patient.vitals().descriptors >= before.descriptors + max - 1);
        let now = patient.vitals();
        assert!(now.descriptors <= before.descriptors + max + 1, "{model}: {before:?}, {now:?}");
        let kib = now.resident_kib.saturating_sub(before.resident_kib);
        show(|| format!("{model}: {kib} KiB for {max} that wait"));
        assert!(kib <= 8 * max as u64, "{model}: {kib} KiB for {max} that wait");
        // None of them is turned away, and none is forgotten.
        assert_eq!(held.answer().unwrap().status, 200, "{model}");
        for stream in &many {
            assert_eq!(status_at_end(stream), Some(200), "{model}");
        }
        drop((held, many));
        patient.verdict()
    });
}

/// Clients who have sent this. An address has ports for some twenty thousand connections to another.
fn crowd(patient: &Patient, n_clients: usize, text: &[u8]) -> Vec<TcpStream> {
    let connect = |number| {
        let host = u8::try_from(2 + number / 10_000).expect("hosts enough");
        let stream = connect_from(host, patient.address());
        assert!(send(&stream, text));
        stream
    };
    (0..n_clients).map(connect).collect()
}

/// A queue that wants more memory than there is: without a bound the server is lost, with the usual one it
/// is not.
#[test]
fn r10_the_bound_keeps_a_queue_within_the_memory_that_there_is() {
    under(&QUEUEING, |model| {
        let start = |queue: &[&str]| {
            let arguments = [&["--model", model, "--workers", "1"], queue].concat();
            // What it takes to start, and 48 MiB.
            let whole = Serving::start(&arguments);
            let limit = Vitals::of(whole.pid()).virtual_kib + (48 << 10);
            let mut command = limited(&format!("-v {limit}"), &arguments);
            command.stderr(Stdio::piped());
            Patient::of(Serving::start_command(command), model)
        };
        // Pipelined, so that each entry is as large as it may be: 32 KiB that are read and wait.
        let text = b"GET / HTTP/1.1\r\nHost: test\r\nX: 0123456789\r\n\r\n".repeat(800);
        let besiege = |patient: &Patient, ms: u32| {
            let mut held = Client::new(patient.address());
            held.send(format!("GET /sleep?ms={ms} HTTP/1.1\r\nHost: t\r\n\r\n").as_bytes());
            let connect = |_| {
                let stream = TcpStream::connect(patient.address()).ok()?;
                send(&stream, &text).then_some(stream)
            };
            (held, (0..3000).map_while(connect).collect::<Vec<_>>())
        };
        let mut unbounded = start(&["--queue", "unbounded"]);
        let besieged = besiege(&unbounded, 60_000);
        let said = unbounded.serving.errors();
        let ended = unbounded.serving.status();
        assert_eq!(ended.signal(), Some(6), "{model}: {ended:?}");
        assert!(said.contains("--queue unbounded") && said.contains("memory allocation"), "{said}");
        drop(besieged);

        let bounded = start(&[]);
        let (mut held, many) = besiege(&bounded, 5000);
        assert_eq!(many.len(), 3000, "{model}: it takes them");
        assert_eq!(held.answer().unwrap().status, 200, "{model}");
        drop((held, many));
        bounded.verdict()
    });
}

/// The pool for other programs has the same queue, and no descriptors to bound it.
#[test]
fn r10_a_million_jobs_wait_and_are_run_and_a_bounded_pool_takes_none_beyond_its_bound() {
    let n_jobs = n(20_000, 1_000_000);
    let (release, released) = sync_channel::<()>(0);
    let done = Arc::new(AtomicUsize::new(0));
    let job = || {
        let done = Arc::clone(&done);
        move || _ = done.fetch_add(1, Ordering::Relaxed)
    };
    let pool = ThreadPool::new(1);
    pool.execute(move || released.recv().unwrap());
    let before = Vitals::of(std::process::id()).resident_kib;
    (0..n_jobs).for_each(|_| pool.execute(job()));
    let kib = Vitals::of(std::process::id()).resident_kib.saturating_sub(before);
    show(|| format!("{n_jobs} jobs wait in {kib} KiB"));
    release.send(()).unwrap();
    drop(pool);
    assert_eq!(done.load(Ordering::Relaxed), n_jobs);

    let bound = QueueBound::Bounded(Ranged::of::<64>());
    let pool = ThreadPool::builder().workers(1).queue(bound).when_full(WhenFull::Error);
    let pool = pool.build().unwrap();
    let (release, released) = sync_channel::<()>(0);
    let (runs, seen) = sync_channel(1);
    pool.execute(move || {
        runs.send(()).unwrap();
        released.recv().unwrap();
    });
    seen.recv().unwrap();
    let n_taken = (0..n_jobs).filter(|_| pool.try_execute(job()).is_ok()).count();
    assert_eq!(n_taken, 64);
    release.send(()).unwrap();
    drop(pool);
    assert_eq!(done.load(Ordering::Relaxed), n_jobs + 64);
}
