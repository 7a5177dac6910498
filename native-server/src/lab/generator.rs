//! Puts a scenario's load on a real server: every question on its schedule, whatever becomes of the
//! others, and its time counted from when it was meant to be asked (no coordinated omission).
//!
//! One thread and one poller, so that no client waits for another. What a question costs, and when
//! it is due, is drawn by the model's own [`Clients`].

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use mio::{Events, Interest, Poll, Token, Waker};
use scheduler_model::scenario::FaultKind;
use scheduler_model::{Clients, Question, RequestId, Scenario, SimTime, Span};
use slab::Slab;

use super::client::{Client, Found};
use super::clock::monotonic;
use super::host::Ask;
use super::progress::Progress;
use crate::alarm::Alarm;

const ALARM: Token = Token(0);
const GONE: Token = Token(1);
const FIRST: usize = 2;

/// What a client saw of its question.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observed {
    /// What it asked, and when it meant to.
    pub(super) question: Question,
    /// When it did.
    pub(super) sent: SimTime,
    /// From which port.
    pub(super) port: Option<u16>,
    /// How and when it ended, if it did.
    pub(super) ended: Option<(Seen, SimTime)>,
}

/// How a question ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// With an answer of this status.
    Status(u16),
    /// Without an answer: the connection was refused or broken off.
    Broken,
    /// The client left.
    Left,
}

/// Everything that the clients saw.
#[derive(Debug)]
pub(super) struct Observations {
    /// By number, from the first.
    pub(super) all: Vec<Observed>,
    /// Where the run's zero is on the monotonic clock.
    pub(super) zero: u64,
    /// When it ended.
    pub(super) end: SimTime,
    /// Why nobody asked any more before the end.
    pub(super) cut_short: Option<String>,
}

/// The clients of a run, and their connections.
pub(super) struct Generator<'s> {
    scenario: &'s Scenario,
    clients: Clients,
    poll: Poll,
    alarm: Alarm,
    /// Whether nobody else needs its core.
    has_own_core: bool,
    server_gone: Arc<AtomicBool>,
    waker: Arc<Waker>,
    open: Slab<(Client, usize)>,
    /// Which connection a question is on, by its place in `seen`.
    places: Vec<Option<usize>>,
    seen: Vec<Observed>,
    deadlines: BinaryHeap<Reverse<(SimTime, Deadline)>>,
    n_faults: usize,
    zero: u64,
    cut_short: Option<String>,
    scratch: Vec<u8>,
}

/// What is due at some instant. At one instant faults come before clients that give up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deadline {
    /// A fault, by its index.
    Fault(usize),
    /// The client of this question has waited long enough.
    Patience(usize),
    /// The connection of this question should have been taken by now.
    Connected(usize),
    Horizon,
}

impl<'s> Generator<'s> {
    /// The clients of this scenario, before they ask. With a core of its own it is awake shortly before
    /// each question: to be woken takes a thread some 25 µs, which would be in every answer's time.
    ///
    /// # Errors
    ///
    /// When the system has no poller or timer.
    pub(super) fn new(scenario: &'s Scenario, has_own_core: bool) -> anyhow::Result<Self> {
        let poll = Poll::new().context("the generator's poller")?;
        let alarm = Alarm::new(&poll, ALARM).context("the generator's timer")?;
        let waker = Waker::new(poll.registry(), GONE).context("the generator's poller")?;
        let mut deadlines = BinaryHeap::new();
        for (index, fault) in scenario.faults.iter().enumerate() {
            deadlines.push(Reverse((fault.at, Deadline::Fault(index))));
        }
        if let Some(horizon) = scenario.horizon {
            deadlines.push(Reverse((horizon, Deadline::Horizon)));
        }
        Ok(Self {
            scenario,
            clients: Clients::new(scenario),
            poll,
            alarm,
            has_own_core,
            server_gone: Arc::default(),
            waker: Arc::new(waker),
            open: Slab::new(),
            places: Vec::new(),
            seen: Vec::new(),
            deadlines,
            n_faults: scenario.faults.len(),
            zero: 0,
            cut_short: None,
            scratch: vec![0; 64 << 10],
        })
    }

    /// What to call when the server has ended.
    pub(super) fn on_server_gone(&self) -> impl FnOnce() + Send + 'static {
        let (gone, waker) = (Arc::clone(&self.server_gone), Arc::clone(&self.waker));
        move || {
            gone.store(true, Ordering::Release);
            // Fails only when the generator is gone as well.
            let _ = waker.wake();
        }
    }

    /// Asks everything there is to ask, and waits until every question has its outcome; or until
    /// the horizon, or until nobody can go on.
    ///
    /// # Errors
    ///
    /// When the poller fails.
    pub(super) fn run(
        mut self,
        server: SocketAddr,
        mut ask: impl FnMut(Ask),
        progress: &mut Progress,
    ) -> anyhow::Result<Observations> {
        let mut events = Events::with_capacity(1024);
        self.zero = monotonic();
        loop {
            self.ask_due(server);
            if self.pass_deadlines(&mut ask) || self.is_over() {
                break;
            }
            let now = self.now();
            let awake = if self.has_own_core { AWAKE } else { Duration::ZERO };
            let within =
                self.next_instant().map(|at| Duration::from(at.since(now)).saturating_sub(awake));
            match self.alarm.poll(&mut self.poll, &mut events, within) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                    return Err(error).context("the generator's poller");
                }
                _ => {}
            }
            for event in &events {
                match event.token() {
                    ALARM => {}
                    GONE => self.note_server_gone(),
                    Token(token) => self.go_on(token - FIRST),
                }
            }
            progress.tell(self.now(), self.seen.len(), self.seen.len() - self.open.len());
        }
        let end = self.now();
        Ok(Observations { all: self.seen, zero: self.zero, end, cut_short: self.cut_short })
    }

    fn now(&self) -> SimTime {
        SimTime::from_nanos(monotonic().saturating_sub(self.zero))
    }

    /// Whether nothing more will happen.
    fn is_over(&self) -> bool {
        let nobody_asks = self.clients.are_done() || self.cut_short.is_some();
        let server_gone = self.server_gone.load(Ordering::Acquire);
        // A server that drained is gone as it should be.
        nobody_asks && self.open.is_empty() && (self.n_faults == 0 || server_gone)
    }

    fn next_instant(&self) -> Option<SimTime> {
        let deadline = self.deadlines.peek().map(|&Reverse((at, _))| at);
        let question = self.clients.due().filter(|_| self.cut_short.is_none());
        deadline.into_iter().chain(question).min()
    }

    fn ask_due(&mut self, server: SocketAddr) {
        while self.cut_short.is_none() && self.clients.due().is_some_and(|due| due <= self.now()) {
            let Some(question) = self.clients.ask() else { return };
            let (index, sent) = (self.seen.len(), self.now());
            self.seen.push(Observed { question, sent, port: None, ended: None });
            self.places.push(None);
            if let Err(error) = self.connect(server, index) {
                self.seen.pop();
                self.places.pop();
                let open = self.open.len();
                self.cut_short = Some(format!(
                    "request {} could not be sent, with {open} connections open: {error}",
                    question.number
                ));
            }
        }
    }

    fn connect(&mut self, server: SocketAddr, index: usize) -> io::Result<()> {
        let question = self.seen[index].question;
        let mut client = Client::connect(server, self.scenario, &question)?;
        self.seen[index].port = client.port;
        let entry = self.open.vacant_entry();
        let place = entry.key();
        let both = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut client.stream, Token(FIRST + place), both)?;
        entry.insert((client, index));
        self.places[index] = Some(place);
        let sent = self.seen[index].sent;
        self.deadlines.push(Reverse((sent + CONNECT_MAX, Deadline::Connected(index))));
        if let Some(patience) = self.scenario.patience {
            let at = question.at + patience;
            self.deadlines.push(Reverse((at, Deadline::Patience(index))));
        }
        self.go_on(place); // on one computer it is mostly connected by now
        Ok(())
    }

    /// A connection may have something.
    fn go_on(&mut self, place: usize) {
        let Some((client, index)) = self.open.get_mut(place) else { return };
        let index = *index;
        match client.go_on(&mut self.scratch) {
            Found::Nothing => {}
            Found::Answer(status) => self.end(index, Seen::Status(status)),
            Found::Broken => self.end(index, Seen::Broken),
        }
    }

    /// A question has its outcome.
    fn end(&mut self, index: usize, seen: Seen) {
        let Some(place) = self.places[index].take() else { return };
        let (mut client, _) = self.open.remove(place);
        let _ = self.poll.registry().deregister(&mut client.stream);
        if seen == Seen::Left {
            client.leave();
        }
        let now = self.now();
        self.seen[index].ended = Some((seen, now));
        if let Some(client) = self.seen[index].question.client {
            self.clients.answered(client, now);
        }
    }

    /// Does what is due; true at the horizon.
    fn pass_deadlines(&mut self, ask: &mut impl FnMut(Ask)) -> bool {
        let now = self.now();
        while let Some(&Reverse((at, deadline))) = self.deadlines.peek()
            && at <= now
        {
            self.deadlines.pop();
            match deadline {
                Deadline::Horizon => return true,
                Deadline::Patience(index) => self.end(index, Seen::Left),
                Deadline::Connected(index) => {
                    let place = self.places[index].and_then(|place| self.open.get(place));
                    if place.is_some_and(|(client, _)| !client.connected) {
                        self.end(index, Seen::Broken);
                    }
                }
                Deadline::Fault(index) => {
                    self.n_faults -= 1;
                    self.fault(index, ask);
                }
            }
        }
        false
    }

    fn fault(&mut self, index: usize, ask: &mut impl FnMut(Ask)) {
        match self.scenario.faults[index].kind {
            FaultKind::ClientGone(RequestId(number)) => {
                let index = number.checked_sub(1).and_then(|index| usize::try_from(index).ok());
                if let Some(index) = index.filter(|&index| index < self.seen.len()) {
                    self.end(index, Seen::Left);
                }
            }
            FaultKind::Drain { .. } => ask(Ask::Drain),
            FaultKind::Panic(route) => ask(Ask::Panic(route.0)),
            FaultKind::Resize(_) | FaultKind::SpawnFails(_) => {
                unreachable!("such a scenario was refused")
            }
        }
    }

    /// The server's process has ended: who still waits will wait for ever, unless it was to drain.
    fn note_server_gone(&mut self) {
        let drains = |fault: &scheduler_model::scenario::Fault| {
            matches!(fault.kind, FaultKind::Drain { .. }) && fault.at <= self.now()
        };
        if self.scenario.faults.iter().any(drains) {
            return; // questions that come now are refused, as they should be
        }
        let left = self.open.len();
        self.cut_short.get_or_insert_with(|| {
            format!("the server's process ended while {left} requests had no answer")
        });
        self.open.clear();
        // Connections that broke just before broke for this reason: they have no outcome.
        let since = self.now().since(SimTime::ZERO + LAST_WORDS);
        for seen in self.seen.iter_mut().rev().take(LAST_WORDS_MAX) {
            let broke = |&(seen, at): &(Seen, SimTime)| {
                seen == Seen::Broken && at.since(SimTime::ZERO) >= since
            };
            if seen.ended.as_ref().is_some_and(broke) {
                seen.ended = None;
            }
        }
    }
}

/// How long before a question its client is awake.
const AWAKE: Duration = Duration::from_micros(100);
/// After so long without the kernel's answer a connection counts as dropped: a first attempt that
/// finds the backlog full is answered by nothing, and the next would come a second later (RFC 6298
/// §2). A client of an experiment does not come again, like one of the simulation.
const CONNECT_MAX: Span = Span::from_millis(900);
/// How long before the news of its end a server's connections may have broken.
const LAST_WORDS: Span = Span::from_millis(500);
/// How many questions back that is looked for.
const LAST_WORDS_MAX: usize = 10_000;
