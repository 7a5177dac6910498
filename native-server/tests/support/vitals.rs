//! A server as a process under attack, and whether it is well afterwards.

use std::fmt::Display;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, SockRef, Socket, Type};

use super::process::Serving;
use super::{Client, is_long, wait_until};

/// A server, and how it was before anybody attacked it.
pub(crate) struct Patient {
    pub(crate) serving: Serving,
    pub(crate) model: &'static str,
    /// At the least, for what ends a moment later.
    pub(crate) before: Vitals,
}

/// What the system knows of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vitals {
    pub(crate) descriptors: usize,
    pub(crate) threads: u64,
    pub(crate) resident_kib: u64,
    /// What of it is the process's own, and no page of a file.
    pub(crate) anonymous_kib: u64,
    pub(crate) virtual_kib: u64,
    /// CPU time, in the clock's ticks.
    pub(crate) cpu_ticks: u64,
}

impl Patient {
    /// A server that has served a little.
    pub(crate) fn start(model: &'static str, arguments: &[&str]) -> Self {
        let arguments = [&["--model", model], arguments].concat();
        Self::of(Serving::start(&arguments), model)
    }

    pub(crate) fn of(serving: Serving, model: &'static str) -> Self {
        // This process holds the other ends.
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
        let raised = rustix::process::Rlimit { current: limit.maximum, ..limit };
        rustix::process::setrlimit(rustix::process::Resource::Nofile, raised).unwrap();
        // Nobody has connected: what a client leaves open for a moment is not counted.
        let descriptors = Vitals::of(serving.pid()).descriptors;
        for _ in 0..16 {
            assert_eq!(Client::new(serving.address).get("/").unwrap().status, 200);
        }
        Self { before: Vitals { descriptors, ..Vitals::of(serving.pid()) }, serving, model }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.serving.address
    }

    pub(crate) fn vitals(&self) -> Vitals {
        Vitals::of(self.serving.pid())
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// A good client on a connection of its own has its answer; how long it took.
    pub(crate) fn is_serving(&self) -> Duration {
        let began = Instant::now();
        assert_eq!(Client::new(self.address()).get("/").unwrap().status, 200, "{}", self.model);
        began.elapsed()
    }

    /// How long good clients are told to come again.
    fn turns_away_for(&self) -> Duration {
        let began = Instant::now();
        loop {
            let before = began.elapsed();
            match Client::new(self.address()).get("/").unwrap().status {
                503 if before < Duration::from_secs(20) => {}
                status => {
                    assert_eq!(status, 200, "{}", self.model);
                    return before;
                }
            }
        }
    }

    /// One of ten good clients is served within this time: the others may have met a busy computer.
    pub(crate) fn serves_within(&self, time: Duration) -> Result<(), Unwell> {
        let served = (0..10).map(|_| self.is_serving()).min().unwrap_or_default();
        if served <= time {
            return Ok(());
        }
        let model = self.model;
        Err(Unwell(format!("{model}: a good client was served in {served:?}, allowed is {time:?}")))
    }

    /// Waits until it has at most so many descriptors more than before; how long that took.
    pub(crate) fn wait_until_descriptors_beyond_baseline_are(&self, max: usize) -> Duration {
        let began = Instant::now();
        while self.vitals().descriptors > self.before.descriptors + max {
            let (now, before) = (self.vitals(), self.before);
            let waits = began.elapsed() < Duration::from_secs(30);
            assert!(waits, "{}: {before:?}, now {now:?}", self.model);
            thread::sleep(Duration::from_millis(5)); // nothing tells of a close
        }
        began.elapsed()
    }

    /// How it is once its memory is back to this, or after two seconds.
    fn vitals_once_within(&self, resident_kib: u64) -> Vitals {
        let began = Instant::now();
        loop {
            let now = self.vitals();
            if now.resident_kib <= resident_kib || began.elapsed() > Duration::from_secs(2) {
                return now;
            }
            thread::sleep(Duration::from_millis(5)); // nothing tells of a page that is given back
        }
    }

    /// The attack is over, and the server well: within 250 ms a good client is served, within 2 s
    /// descriptors are back to what they were and two more, no thread is gone or left, memory is back to
    /// what it was and a fifth; and it ends well. What of this takes too long may be the computer's doing:
    /// that is an error, and [`until_well`] attacks again. The rest is certain, and panics.
    pub(crate) fn verdict(mut self) -> Result<(), Unwell> {
        let (before, model) = (self.before, self.model);
        // Under `spawn` threads have to end first.
        let away = self.turns_away_for();
        let served = away + (0..10).map(|_| self.is_serving()).min().unwrap_or_default();
        let closed = self.wait_until_descriptors_beyond_baseline_are(2);
        wait_until(|| self.vitals().threads <= before.threads + 1);
        let allowed = before.resident_kib * 6 / 5;
        let now = self.vitals_once_within(allowed);
        let lost = before.threads.saturating_sub(now.threads);
        assert!(lost == 0 || model == "spawn", "{model}: {before:?}, now {now:?}");
        show(|| {
            let kib = |of: Vitals| format!("{} ({})", of.resident_kib, of.anonymous_kib);
            let (was, is) = (kib(before), kib(now));
            let share = 100 * now.resident_kib / before.resident_kib;
            format!("{model}: closed in {closed:.1?}, {was} KiB before, {is} KiB after, {share} %")
        });
        assert_eq!(self.serving.terminate(), Some(0), "{model}");
        let unwell = |what: String| Err(Unwell(format!("{model}: {what}")));
        if served > Duration::from_millis(250) {
            return unwell(format!("a good client was served in {served:?}, allowed is 250 ms"));
        }
        if closed > Duration::from_secs(2) {
            return unwell(format!("descriptors were back after {closed:?}, allowed is 2 s"));
        }
        if now.resident_kib > allowed {
            return unwell(format!("{before:?}, now {now:?}, allowed are {allowed} KiB"));
        }
        Ok(())
    }
}

/// What was not as it should be after an attack, and may be so because the computer is busy.
#[derive(Debug)]
pub(crate) struct Unwell(String);

impl Unwell {
    pub(crate) fn new(model: &str, what: impl Display) -> Self {
        Self(format!("{model}: {what}"))
    }
}

/// Says what was measured, to whoever asks with `SHOW_VITALS` and `--nocapture`.
pub(crate) fn show(what: impl FnOnce() -> String) {
    if std::env::var_os("SHOW_VITALS").is_some() {
        eprintln!("{}", what());
    }
}

/// Attacks, again if need be: three times in a row a computer is not that busy. With the numbers that
/// robustness is stated for only one attack goes on at a time: what another one takes of the processors
/// and of this process's descriptors is no part of it.
pub(crate) fn until_well(attack: impl Fn() -> Result<(), Unwell>) {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = is_long().then(|| ALONE.lock().unwrap_or_else(PoisonError::into_inner));
    let mut unwell = Vec::new();
    while unwell.len() < 3 {
        match attack() {
            Ok(()) => return,
            Err(what) => unwell.push(what),
        }
    }
    panic!("{unwell:?}");
}

/// Attacks under some models at once: most attacks wait for a deadline.
pub(crate) fn under(
    models: &[&'static str],
    attack: impl Fn(&'static str) -> Result<(), Unwell> + Sync,
) {
    thread::scope(|scope| {
        for &model in models {
            let attack = &attack;
            scope.spawn(move || until_well(|| attack(model)));
        }
    });
}

impl Vitals {
    pub(crate) fn of(pid: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().next().unwrap().parse().unwrap()
        };
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        // After the name, which is in parentheses: utime and stime are the 12th and 13th field.
        let fields: Vec<_> = stat[stat.rfind(')').unwrap() + 2..].split(' ').collect();
        Self {
            descriptors: fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count(),
            threads: number("Threads:"),
            resident_kib: number("VmRSS:"),
            anonymous_kib: number("RssAnon:"),
            virtual_kib: number("VmSize:"),
            cpu_ticks: fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap(),
        }
    }
}

/// Closes with a reset.
pub(crate) fn reset(stream: TcpStream) {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
}

/// A connection from another address of this computer, which takes little at a time.
pub(crate) fn connect_from(host: u8, to: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((Ipv4Addr::new(127, 0, 0, host), 0)).into()).unwrap();
    socket.connect(&to.into()).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// Writes as much as is taken; the server may have closed.
pub(crate) fn send(mut stream: &TcpStream, bytes: &[u8]) -> bool {
    stream.write_all(bytes).is_ok()
}

/// The rest of what comes until the server closes; its status.
pub(crate) fn status_at_end(mut stream: &TcpStream) -> Option<u16> {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()
}
