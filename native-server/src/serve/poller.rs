//! Waiting for the kernel, and what it tells: new connections, readiness, deadlines, a drain that was
//! asked for.
//!
//! It is a thread of its own, or the loop's, or under `pool` whoever leads. No handler runs in a turn of it,
//! but for `single`, whose only thread this is, and for a loop. Connections are registered once,
//! edge-triggered; what happens to one that is with a worker is noted and looked at when its task ends.
//! While the scheduler does not accept, neither connections nor readiness are taken.
//!
//! Here is a turn of it: the wait, and what became ready. How connections are taken in, end and are
//! drained is each in a file of its own.

mod accepting;
mod deadlines;
mod drain;
mod goodbye;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::io::{self, ErrorKind};
use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};
use scheduler_model::{Model, Stimulus, Timer};

use super::conn::{Sent, TURN};
use super::core::{Core, Effect};
use super::event_loop::EventLoop;
use super::roomy::Roomy;
use super::shared::Shared;
use crate::alarm::Alarm;
use crate::http::Phase;
use crate::record::SEND_EVERY;
use crate::system::sockets::watch;

use drain::Drain;
use goodbye::{LINGER_LOOK, Lingering};

pub(super) const LISTENER: Token = Token(0);
pub(super) const WAKER: Token = Token(1);
const ALARM: Token = Token(2);
const FIRST_CONNECTION: usize = 3;

/// What is taken from the kernel at once, at least and at most.
const BATCH_MIN: u32 = 16;
const BATCH_MAX: u32 = 1024;
/// About how long connections are taken in, or taken leave of, before others have their turn. A thread of
/// a pool that led for longer could lose its core in the middle, and where more threads compute than there are
/// cores nobody would lead until it has it back.
const TURN_MAX: Duration = Duration::from_micros(250);

/// What the kernel is asked to tell of a connection.
const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

pub(super) struct Poller {
    shared: Arc<Shared>,
    poll: Poll,
    /// When the last wait for the kernel ended: a clock costs as much as a decision.
    now: Instant,
    /// What the kernel told last; none while that is being looked at.
    events: Option<Events>,
    listener: Option<TcpListener>,
    /// Whether the kernel may have a connection for us.
    listener_ready: bool,
    /// Readiness not taken yet.
    pending: VecDeque<Ready>,
    /// When each connection is looked at next; some of them have ended meanwhile.
    deadlines: BinaryHeap<Reverse<(Instant, usize)>>,
    /// With so many those that have ended are taken out.
    deadlines_max: usize,
    look_every: Duration,
    lingering: HashMap<usize, Lingering>,
    /// Those of `lingering` to go on with now.
    goodbyes: Vec<usize>,
    linger_look: Instant,
    /// Whether there are more of them under the lock.
    has_goodbyes: bool,
    drain: Option<Drain>,
    /// Of a loop, what this thread does beside polling.
    event_loop: Option<EventLoop>,
    /// What wakes a loop when a sleep is over; none where the system has none.
    alarm: Option<Alarm>,
    /// How much is taken from the kernel before anybody runs it: what finds no place in the run queue
    /// now may find one a moment later.
    batch_max: usize,
    /// How many connections may be open here: under `sharded` its share.
    connections_max: Option<usize>,
    next_token: usize,
    /// Connections that nobody watches yet, and since when they are open: most of those that ask one
    /// thing end before the kernel, or a deadline, would have to.
    fresh: Vec<(usize, Instant)>,
    scratch: Vec<u8>,
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Ended,
    /// A drain is over: there is nothing to poll for any more.
    Last,
}

/// What the kernel said of a connection.
struct Ready {
    token: usize,
    readable: bool,
    /// The client will send no more.
    ended: bool,
}

impl Poller {
    pub(super) fn new(shared: Arc<Shared>, poll: Poll, listener: TcpListener) -> Self {
        let (is_loop, worker) = (shared.options.model().is_loop(), shared.shard.worker());
        let connections_max = shared
            .options
            .max_connections
            .map(|max| (max / shared.options.scenario.server.n_shards()).max(1));
        let server = &shared.options.scenario.server;
        let batch_max = match (server.model, server.queue.max()) {
            (Model::Pool | Model::ForkJoin, Some(backlog_max)) => {
                let n_taken = backlog_max.saturating_add(server.workers.get());
                n_taken.clamp(BATCH_MIN, BATCH_MAX) as usize
            }
            _ => BATCH_MAX as usize,
        };
        let look_every = deadlines::look_every(&shared.options);
        Self {
            shared,
            alarm: is_loop.then(|| Alarm::new(&poll, ALARM).ok()).flatten(),
            poll,
            now: Instant::now(),
            events: Some(Events::with_capacity(batch_max)),
            batch_max,
            listener: Some(listener),
            listener_ready: true,
            pending: VecDeque::new(),
            deadlines: BinaryHeap::new(),
            deadlines_max: deadlines::CLEARED_FROM,
            look_every,
            lingering: HashMap::new(),
            goodbyes: Vec::new(),
            linger_look: Instant::now(),
            has_goodbyes: false,
            drain: None,
            event_loop: is_loop.then(|| EventLoop::new(worker)),
            connections_max,
            next_token: FIRST_CONNECTION,
            fresh: Vec::new(),
            scratch: vec![0; 64 << 10],
        }
    }

    /// Serves until a drain is over.
    pub(super) fn run(mut self) -> io::Result<()> {
        while self.turn()? == Turn::Ended {}
        Ok(())
    }

    // code: poll
    /// Asks the kernel once what happened, waiting for it if there is nothing else to do, and does
    /// what follows from it.
    pub(super) fn turn(&mut self) -> io::Result<Turn> {
        self.watch_fresh();
        let mut events = self.events.take().expect("turns do not overlap");
        let timeout = self.timeout();
        // mark: waits
        let polled = self.wait(&mut events, timeout);
        self.now = Instant::now();
        if let Err(error) = polled
            && error.kind() != ErrorKind::Interrupted
        {
            return Err(error);
        }
        for event in &events {
            match event.token() {
                LISTENER => self.listener_ready = true,
                WAKER | ALARM => {}
                Token(token) if self.lingering.contains_key(&token) => {
                    self.goodbyes.push(token);
                }
                Token(token) => {
                    if event.is_error() || event.is_write_closed() {
                        self.shared.with_core(|core, effects| core.hang_up(token, effects));
                    }
                    let (readable, ended) = (event.is_readable(), event.is_read_closed());
                    self.pending.push_back(Ready { token, readable, ended });
                }
            }
        }
        self.events = Some(events);
        if self.shared.drain_asked.load(Ordering::Relaxed) {
            self.begin_drain();
        }
        if let Some(event_loop) = &mut self.event_loop {
            event_loop.wake(&self.shared, self.now);
        }
        self.take_pending();
        self.accept();
        if let Some(event_loop) = &mut self.event_loop {
            let unsent = event_loop.turn(&self.shared);
            let goes_on = |token| Ready { token, readable: false, ended: false };
            self.pending.extend(unsent.map(goes_on));
        }
        self.end_grace();
        self.expire();
        self.forget_deadlines();
        self.linger();
        Ok(if self.is_over() { Turn::Last } else { Turn::Ended })
    }

    /// Has the kernel, and the deadlines, watch the connections that they do not watch yet, before
    /// anybody waits for them.
    fn watch_fresh(&mut self) {
        if self.fresh.is_empty() {
            return;
        }
        let core = self.shared.lock();
        let slots = &core.tables.slots;
        let open = self.fresh.drain(..).filter_map(|(token, since)| {
            let stream = Arc::clone(&slots.get(&token)?.stream);
            Some((token, since, stream))
        });
        let open: Vec<_> = open.collect();
        drop(core);
        for (token, since, stream) in open {
            self.deadlines.push(Reverse((since + self.look_every, token)));
            if watch(&self.poll, &stream, Token(token), BOTH).is_err() {
                // Nothing would tell of it any more: who has it sees its end, or its deadline comes.
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
    }

    /// Waits for the kernel; where a handler's sleep ends first, to the microsecond.
    fn wait(&mut self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        if let (Some(alarm), Some(event_loop), Some(within)) =
            (&self.alarm, &self.event_loop, timeout)
            && !within.is_zero()
            && event_loop.has_sleeps()
            && let Some(sleep) = event_loop.timeout(Instant::now())
            && sleep <= within
        {
            return alarm.poll(&mut self.poll, events, Some(sleep));
        }
        self.poll.poll(events, timeout)
    }

    /// How long the kernel may be waited for. Whoever changes that from here on has to wake us.
    fn timeout(&mut self) -> Option<Duration> {
        let mut core = self.shared.lock();
        core.tables.polling = true;
        // The last that is known of the time: nothing has taken any since.
        let now = self.now.max(core.journal.instant(core.last()));
        let accepting = core.scheduler.is_accepting();
        let has_room = self.has_room(&core);
        let accept_paused = core.has_timer(Timer::AcceptRetry);
        let work_waits = !self.pending.is_empty()
            || self.listener_ready && has_room && !accept_paused && self.listener.is_some();
        self.has_goodbyes = !core.tables.lingering.is_empty();
        let speaks = self.has_goodbyes || !self.goodbyes.is_empty();
        if accepting && work_waits || speaks || core.has_assigned() {
            return Some(Duration::ZERO);
        }
        let next = core.next_timer();
        let deadline =
            self.deadlines.peek().map(|Reverse((at, _))| at.saturating_duration_since(now));
        let lingering = (!self.lingering.is_empty()).then_some(LINGER_LOOK);
        let records = self.shared.options.record.is_some();
        let record = records.then_some(SEND_EVERY.into());
        let grace =
            self.drain.as_ref().filter(|_| !core.scheduler.is_draining()).map(|drain| drain.grace);
        let grace = grace.map(|at| at.saturating_duration_since(now));
        let event_loop = self.event_loop.as_ref().and_then(|event_loop| event_loop.timeout(now));
        let all = [next, deadline, lingering, record, grace, event_loop];
        all.into_iter().flatten().min()
    }

    fn has_room(&self, core: &Core) -> bool {
        let open = core.tables.slots.len() + core.tables.lingering.len() + self.lingering.len();
        self.connections_max.is_none_or(|max| open < max)
    }

    fn timers(&self, core: &mut Core, effects: &mut Vec<Effect>) {
        for timer in core.due_timers() {
            if !core.scheduler.is_drained() {
                core.tell(Stimulus::TimerDue { timer }, effects);
            }
        }
        if self.shared.options.record.is_some()
            && let Some(mut entries) = core.journal.entries()
            && let Some(recorder) = &mut entries.recorder
        {
            recorder.send_if_due(core.now());
        }
    }

    /// Gives back the room that a flood has left.
    fn give_back(&mut self) {
        self.deadlines.give_back();
        self.fresh.give_back();
        self.goodbyes.give_back();
        self.lingering.give_back();
        self.pending.give_back();
        self.shared.lock().tables.give_back();
    }

    /// Timers that are due, and connections that became ready, as long as the scheduler takes them.
    fn take_pending(&mut self) {
        let mut effects = Vec::new();
        let mut yielded = Vec::new();
        let mut core = self.shared.lock();
        core.tables.polling = false;
        self.timers(&mut core, &mut effects);
        // The kernel told of all of them in one go.
        core.freeze(self.now);
        while let Some(ready) = self.pending.pop_front() {
            let token = ready.token;
            let accepting = core.scheduler.is_accepting() || core.scheduler.is_draining();
            if !accepting {
                self.pending.push_front(ready);
                break;
            }
            let Some(slot) = core.tables.slots.get_mut(&token) else { continue };
            slot.ended |= ready.ended;
            let something = ready.readable || ready.ended;
            let Some(mut conn) = slot.parked.take() else {
                slot.ready_again |= something;
                continue;
            };
            let was_sending = conn.is_sending();
            let mut sent = Sent::All;
            if was_sending {
                // Files are read here: not under the lock.
                core.unfreeze();
                drop(core);
                sent = conn.send(TURN);
                core = self.shared.lock();
                core.freeze(self.now);
            }
            let Some(slot) = core.tables.slots.get_mut(&token) else {
                effects.push(Effect::Close(conn)); // a drain closed it meanwhile
                continue;
            };
            // What its client asked for while it took the last answer has no edge of its own.
            let there = something
                || slot.ready_again
                || was_sending && !matches!(conn.http.phase(), Phase::Idle | Phase::Answering);
            match sent {
                Sent::Broken => {
                    core.end(token, true, &mut effects);
                }
                Sent::Blocked | Sent::Yielded => {
                    slot.ready_again |= something; // its reader is slow still
                    slot.parked = Some(conn);
                    if sent == Sent::Yielded {
                        yielded.push(Ready { token, readable: false, ended: false });
                    }
                }
                Sent::All if ready.ended && conn.has_ended() => {
                    core.end(token, true, &mut effects);
                }
                Sent::All if !there => slot.parked = Some(conn), // it is just writable
                Sent::All => {
                    slot.ready_again = false;
                    core.arrive(conn, None, &mut effects);
                }
            }
        }
        core.unfreeze();
        drop(core);
        self.pending.extend(yielded);
        self.shared.carry_out(effects);
    }
}
