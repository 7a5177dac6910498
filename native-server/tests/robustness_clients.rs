//! Clients that attack, against the program as a process of its own, under every model: afterwards a
//! good client is served, and descriptors, threads and memory are what they were.
//!
//! `single` and `spawn` need not serve during an attack that holds all their threads: that is what
//! they teach. The numbers are small here and large with `cargo xtask test --long`.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs::File;
use std::io::Read;
use std::net::{Shutdown, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use scheduler_model::{Event, EventKind, Stimulus, replay};
use support::process::{Serving, limited};
use support::vitals::{
    Patient, Unwell, connect_from, reset, send, status_at_end, under, until_well,
};
use support::{KEEPING, NAMES, POLLED, folder, is_long, n, narrow, read_trace, wait_until};

/// Runs a test under each model at once: most of them wait for a deadline.
fn under_every_model(test: impl Fn(&'static str) -> Result<(), Unwell> + Sync) {
    under(&NAMES, test);
}

#[test]
fn r1_clients_that_connect_and_say_nothing() {
    under_every_model(|model| {
        let patient = Patient::start(model, &[]);
        for times in [4, 64, 1000] {
            let silent: Vec<_> = (0..times).map(|_| patient.connect()).collect();
            drop(silent);
            patient.is_serving();
        }
        patient.verdict()
    });
}

#[test]
fn r2_idle_connections_cost_little_and_are_cut() {
    let n_idle = n(500, 9000);
    // This process may have twenty thousand descriptors: not all models at once.
    for models in POLLED.chunks(if is_long() { 1 } else { POLLED.len() }) {
        under(models, |model| idle_connections(model, n_idle));
    }
}

fn idle_connections(model: &'static str, n_idle: usize) -> Result<(), Unwell> {
    let seconds = n(8, 60).to_string();
    let patient = Patient::start(model, &["--idle-seconds", &seconds]);
    let before = patient.before;
    let idle: Vec<_> = (0..n_idle).map(|_| patient.connect()).collect();
    // Of those before, up to sixteen may not have been closed when they were counted.
    wait_until(|| patient.vitals().descriptors + 16 >= before.descriptors + n_idle);
    patient.serves_within(Duration::from_millis(50))?;
    let kib = patient.vitals().resident_kib.saturating_sub(before.resident_kib);
    assert!(kib <= 8 * n_idle as u64, "{model}: {kib} KiB for {n_idle} connections");
    support::vitals::show(|| format!("{model}: {kib} KiB for {n_idle} idle connections"));
    for mut stream in idle {
        stream.set_read_timeout(Some(Duration::from_secs(100))).unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap(), 0, "it is closed, without a word");
    }
    patient.verdict()
}

#[test]
fn r3_as_many_idle_connections_as_workers_hold_nobody_up() {
    under(&["pool", "fork-join"], |model| {
        let patient = Patient::start(model, &["--workers", "4"]);
        let idle: Vec<_> = (0..4).map(|_| patient.connect()).collect();
        for stream in &idle {
            send(stream, b"GET / HT");
        }
        for _ in 0..20 {
            patient.is_serving();
        }
        drop(idle);
        patient.verdict()
    });
}

#[test]
fn r4_slow_heads_are_cut_at_the_deadline_of_the_whole_head() {
    under_every_model(|model| {
        let n_slow = if model == "single" { 3 } else { n(100, 1000) };
        let patient = Patient::start(model, &["--head-seconds", "1", "--idle-seconds", "1"]);
        let mut slow: Vec<_> = (0..n_slow).map(|_| patient.connect()).collect();
        let began = Instant::now();
        // A byte now and then, as long as one of them is open: each read would be in time.
        while !slow.is_empty() {
            assert!(began.elapsed() < Duration::from_secs(30), "{model}: {} open", slow.len());
            slow.retain(|stream| {
                let mut byte = [0];
                stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
                let open = match (&*stream).read(&mut byte) {
                    Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
                    Ok(_) => false, // 408, or the end
                };
                open && send(stream, b"x")
            });
            if POLLED.contains(&model) {
                patient.is_serving();
            }
        }
        patient.verdict()
    });
}

#[test]
fn r5_slow_bodies_are_cut_by_their_rate() {
    under_every_model(|model| {
        let n_slow = if model == "single" { 1 } else { n(20, 200) };
        let patient = Patient::start(model, &["--body-rate", "100000", "--queue", "1024"]);
        let slow: Vec<_> = (0..n_slow).map(|_| patient.connect()).collect();
        for stream in &slow {
            send(stream, b"POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 100000\r\n\r\nabc");
        }
        if POLLED.contains(&model) {
            patient.is_serving();
        }
        for stream in &slow {
            assert_eq!(status_at_end(stream), Some(408), "{model}");
        }
        patient.verdict()
    });
}

#[test]
fn r6_slow_readers_hold_no_worker_and_are_cut() {
    let root = folder("robustness-readers");
    File::create(root.join("f.bin")).unwrap().set_len(8 << 20).unwrap();
    under_every_model(|model| {
        let n_slow = if model == "single" { 2 } else { n(40, 400) };
        let root = root.to_str().unwrap();
        let patient = Patient::start(
            model,
            &["--root", root, "--write-stall-seconds", "1", "--workers", "4"],
        );
        let slow: Vec<_> = (0..n_slow).map(|_| narrow(patient.address())).collect();
        for stream in &slow {
            send(stream, b"GET /f.bin HTTP/1.1\r\nHost: t\r\n\r\n");
        }
        // Under `single` the second is served once the first has been given up.
        for mut stream in &slow {
            stream.read_exact(&mut [0; 12]).unwrap();
        }
        if POLLED.contains(&model) {
            patient.is_serving();
        }
        // Nobody reads on: the server gives each of them up by itself.
        patient.wait_until_descriptors_beyond_baseline_are(0);
        for mut stream in slow {
            let mut bytes = Vec::new();
            let _ = stream.read_to_end(&mut bytes);
            assert!(bytes.len() < 8 << 20, "{model}: it was cut");
        }
        patient.verdict()
    });
}

#[test]
fn r7_what_is_too_large_is_refused_and_not_kept() {
    under_every_model(|model| {
        let patient = Patient::start(model, &[]);
        let before = patient.vitals().resident_kib;
        let stream = patient.connect();
        send(&stream, b"GET / HTTP/1.1\r\nHost: t\r\nX: ");
        let piece = vec![b'x'; 1 << 20];
        let mut n_sent = 0;
        while n_sent < 300 && send(&stream, &piece) {
            n_sent += 1;
        }
        let kib = patient.vitals().resident_kib.saturating_sub(before);
        assert!(kib < 8 << 10, "{model}: {kib} KiB more after {n_sent} MiB of a line");
        let many = "A: b\r\n".repeat(10_000);
        let long = "x".repeat(70_000);
        for (text, status) in [
            (format!("GET / HTTP/1.1\r\nHost: t\r\nX: {}\r\n\r\n", "x".repeat(20_000)), 431),
            (format!("GET / HTTP/1.1\r\nHost: t\r\n{many}\r\n"), 431),
            (format!("GET /{long} HTTP/1.1\r\nHost: t\r\n\r\n"), 414),
        ] {
            let stream = patient.connect();
            send(&stream, text.as_bytes());
            assert_eq!(status_at_end(&stream), Some(status), "{model}");
        }
        patient.verdict()
    });
}

#[test]
fn r8_a_server_without_descriptors_rests_and_serves_on_when_there_are_some() {
    under_every_model(|model| {
        // With its own bound, and with one that lets it meet the system's.
        for max in [&[][..], &["--max-connections", "1000"]] {
            let recording = support::place(&format!("descriptors-{model}"));
            let record = ["--model", model, "--record", recording.to_str().unwrap()];
            let arguments = [&record[..], max].concat();
            let patient = Patient::of(Serving::start_command(limited("-n 64", &arguments)), model);
            let many: Vec<_> = (0..200).map(|_| patient.connect()).collect();
            let before = patient.vitals();
            // Only time shows that it does not spin: some ticks of a hundred a second.
            thread::sleep(Duration::from_millis(500));
            let ticks = patient.vitals().cpu_ticks - before.cpu_ticks;
            assert!(ticks < 25, "{model} {max:?}: {ticks} ticks in half a second");
            drop(many);
            patient.verdict()?;
            let trace = read_trace(&recording);
            assert!(replay(&trace).conforms, "{model}");
            let refused =
                |event: &&Event| event.kind == EventKind::Stimulus(Stimulus::AcceptFailed);
            let n_refused = trace.events.iter().filter(refused).count();
            // To rest between two tries is not to try often; `single` may not come that far.
            let n_tries = match (max, model) {
                ([], _) => 0..=0,
                (_, "single") => 0..=100,
                _ => 1..=100,
            };
            assert!(n_tries.contains(&n_refused), "{model} {max:?}: {n_refused}");
        }
        Ok(())
    });
}

#[test]
fn r9_a_thread_that_is_not_to_be_had_is_a_503() {
    until_well(|| {
        let n_clients = n(600, 2000);
        // Address space for some hundred stacks of 64 MiB: it runs out at a stack, not at what is small.
        let arguments = ["--model", "spawn", "--threads-max", "5000"];
        let limit = "-v 12000000; export RUST_MIN_STACK=67108864";
        let serving = Serving::start_command(limited(limit, &arguments));
        let patient = Patient::of(serving, "spawn");
        let many: Vec<_> = (0..n_clients).map(|_| patient.connect()).collect();
        for stream in &many {
            send(stream, b"GET / HTTP/1.1\r\nHost: t\r\n\r\n");
        }
        let mut statuses = [0, 0];
        for mut stream in &many {
            let mut head = [0; 12];
            stream.read_exact(&mut head).unwrap();
            match &head[9..] {
                b"200" => statuses[0] += 1,
                b"503" => statuses[1] += 1,
                other => panic!("{}", String::from_utf8_lossy(other)),
            }
        }
        assert!(statuses[0] > 0 && statuses[1] > 0, "{statuses:?}");
        drop(many);
        patient.verdict()
    });
}

#[test]
fn r11_resets_at_every_stage() {
    let root = folder("robustness-resets");
    File::create(root.join("f.bin")).unwrap().set_len(1 << 20).unwrap();
    under_every_model(|model| {
        let patient = Patient::start(model, &["--root", root.to_str().unwrap()]);
        let stages: [&[u8]; 6] = [
            b"",
            b"GET / HT",
            b"POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nabc",
            b"GET / HTTP/1.1\r\nHost: t\r\n\r\n",
            b"GET /f.bin HTTP/1.1\r\nHost: t\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: t\r\n\r\nGET /f.bin HTTP/1.1\r\nHost: t\r\n\r\nGET / HT",
        ];
        for time in 0..n(1200, 20_000) {
            let stream = patient.connect();
            let stage = time % stages.len();
            send(&stream, stages[stage]);
            // In the middle of an answer, in half of the cases where there is one.
            if stage >= 3 && time % 4 == 3 {
                let _ = (&stream).read(&mut [0; 100]);
            }
            reset(stream);
        }
        patient.verdict()
    });
}

#[test]
fn r12_a_client_that_has_closed_its_half_gets_the_whole_answer() {
    let root = folder("robustness-halves");
    File::create(root.join("f.bin")).unwrap().set_len(4 << 20).unwrap();
    under_every_model(|model| {
        let patient = Patient::start(model, &["--root", root.to_str().unwrap()]);
        for _ in 0..5 {
            let mut stream = patient.connect();
            send(&stream, b"GET /f.bin HTTP/1.1\r\nHost: t\r\n\r\n");
            stream.shutdown(Shutdown::Write).unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).unwrap();
            assert!(answer.len() > 4 << 20, "{model}: {} bytes", answer.len());
        }
        patient.verdict()
    });
}

#[test]
fn r15_a_burst_on_a_backlog_of_one() {
    under_every_model(|model| {
        let patient = Patient::start(model, &["--accept-backlog", "1"]);
        let address = patient.address();
        let n_answered: usize = thread::scope(|scope| {
            let ask = || {
                // The kernel drops what finds no place, and the client's kernel tries again.
                let wait = Duration::from_millis(2500);
                let Ok(stream) = TcpStream::connect_timeout(&address, wait) else { return 0 };
                stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
                send(&stream, b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
                usize::from(status_at_end(&stream) == Some(200))
            };
            let clients: Vec<_> = (0..n(100, 1000)).map(|_| scope.spawn(ask)).collect();
            clients.into_iter().map(|client| client.join().unwrap()).sum()
        });
        assert!(n_answered > 0, "{model}");
        patient.verdict()
    });
}

#[test]
fn r16_many_connections_in_a_row() {
    under_every_model(|model| {
        let patient = Patient::start(model, &[]);
        for _ in 0..n(1500, 50_000) {
            let stream = patient.connect();
            send(&stream, b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
            assert_eq!(status_at_end(&stream), Some(200), "{model}");
        }
        patient.verdict()
    });
}

#[test]
fn r17_one_address_cannot_take_the_places_of_others() {
    under(&KEEPING, |model| {
        let arguments = ["--per-address", "100", "--max-connections", "250"];
        let patient = Patient::start(model, &arguments);
        let greedy: Vec<_> = (0..500).map(|_| connect_from(200, patient.address())).collect();
        for host in 2..52 {
            let stream = connect_from(host, patient.address());
            send(&stream, b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
            assert_eq!(status_at_end(&stream), Some(200), "{model} {host}");
        }
        drop(greedy);
        patient.verdict()
    });
}

/// F12, as an attack: what is no file of the folder, and files that nobody waits for.
#[test]
fn f12_hostile_paths_and_files_left_half_way_leave_nothing_open() {
    let root = folder("robustness-paths");
    File::create(root.join("f.bin")).unwrap().set_len(4 << 20).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", root.join("out")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", root.join("zero")).unwrap();
    let (mode, kind) = (rustix::fs::Mode::RUSR, rustix::fs::FileType::Fifo);
    rustix::fs::mknodat(rustix::fs::CWD, root.join("pipe"), kind, mode, 0).unwrap();
    let targets =
        ["/../etc/passwd", "/%2e%2e/etc/passwd", "/%2e%2e%5cetc", "/out", "/zero", "/pipe", "/%00"];
    under_every_model(|model| {
        let patient = Patient::start(model, &["--root", root.to_str().unwrap()]);
        for _ in 0..n(20, 500) {
            for target in targets {
                let stream = patient.connect();
                let head = format!("GET {target} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
                send(&stream, head.as_bytes());
                let status = status_at_end(&stream);
                assert!(matches!(status, Some(400 | 404)), "{model} {target}: {status:?}");
            }
            let left = narrow(patient.address());
            send(&left, b"GET /f.bin HTTP/1.1\r\nHost: t\r\n\r\n");
            (&left).read_exact(&mut [0; 12]).unwrap();
            reset(left);
        }
        patient.verdict()
    });
}

/// A tool of others, with its own idea of slowness: heads, bodies, readers.
#[test]
fn slowhttptest_closes_no_polled_server() {
    if !is_long() {
        return;
    }
    let root = folder("robustness-slowhttptest");
    File::create(root.join("f.bin")).unwrap().set_len(1 << 20).unwrap();
    let attacks: [&[&str]; 3] = [
        &["-H", "-i", "1", "-x", "24"],
        &["-B", "-i", "1", "-s", "100000", "-x", "16"],
        &["-X", "-w", "512", "-y", "1024", "-n", "1", "-z", "32", "-k", "1"],
    ];
    for attack in attacks {
        under(&POLLED, |model| {
            let flags = ["--root", root.to_str().unwrap(), "--head-seconds", "3"];
            let patient = Patient::start(model, &[&flags[..], &SLOW_LIMITS].concat());
            let url = format!("http://{}/f.bin", patient.address());
            // A thousand connections within five seconds, and at most a minute.
            let common = ["-c", "1000", "-r", "200", "-l", "60", "-p", "3", "-v", "1", "-u"];
            let mut attacker = Command::new("slowhttptest")
                .args(attack)
                .args(common)
                .arg(url)
                .stdout(Stdio::piped())
                .spawn()
                .expect("`cargo xtask test --long` installs it");
            while attacker.try_wait().unwrap().is_none() {
                patient.is_serving();
            }
            let output = attacker.wait_with_output().unwrap();
            let told = String::from_utf8_lossy(&output.stdout);
            assert!(!told.contains("service available:   NO"), "{model} {attack:?}: {told}");
            patient.verdict()
        });
    }
}

/// Limits that are reached within a minute. All attackers send at the same instant, and each piece of
/// a head is a turn without a request: with a shorter queue a good client would be told to come again.
const SLOW_LIMITS: [&str; 6] =
    ["--write-stall-seconds", "3", "--idle-seconds", "3", "--queue", "2048"];

/// Everything at once, for a while; with `--long` only.
#[test]
fn r18_a_soak() {
    if !is_long() {
        return;
    }
    let root = folder("robustness-soak");
    File::create(root.join("f.bin")).unwrap().set_len(1 << 20).unwrap();
    under_every_model(|model| {
        let flags = ["--root", root.to_str().unwrap(), "--max-connections", "4096"];
        let patient = Patient::start(model, &flags);
        let until = Instant::now() + Duration::from_mins(1);
        thread::scope(|scope| {
            for kind in 0..8 {
                let patient = &patient;
                scope.spawn(move || {
                    while Instant::now() < until {
                        let stream = patient.connect();
                        match kind {
                            0 => send(&stream, b"GET / HT"),
                            1 => send(&stream, b"GET /f.bin HTTP/1.1\r\nHost: t\r\n\r\n"),
                            2 => send(&stream, b"\x16\x03\x01\x02\x00\x01\x00"),
                            _ => {
                                send(
                                    &stream,
                                    b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
                                );
                                status_at_end(&stream).is_some()
                            }
                        };
                        if kind < 2 { reset(stream) } else { drop(stream) }
                    }
                });
            }
        });
        patient.verdict()
    });
}
