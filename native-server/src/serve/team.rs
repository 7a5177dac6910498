//! `pool`: threads that take turns at waiting for the kernel, and share what is assigned.
//!
//! A thread leads, runs, or rests. The one that leads waits for the kernel, tells the scheduler what
//! came, and then gives up the lead and runs what was assigned itself: no thread has to be woken for
//! it, and none is preempted by a poller. A worker is a place to run a request in, of which there are
//! as many as threads; a thread takes on the worker whose assignment is the oldest that nobody has
//! begun. So requests begin in the order in which they were assigned, and an assignment never lies
//! with a thread that sleeps while another one is free.
//!
//! ```text
//!            nothing is assigned                     something is, for whoever comes first
//!   ┌──────────────┴───────────────┐                ┌─────────┴─────────┐
//! nobody leads: lead      somebody does: rest      run ──ended──> look again
//!   └─ told the scheduler ─> look      └─ woken ─> look
//! ```
//!
//! Waking costs as much as many requests, so it has a rule: one more thread is woken when what waits
//! is worth it ([`WORTH_WAKING`]) and a core may be free for it, one at a time, and the woken one wakes
//! the next. A handler that says that it sleeps makes room at once. For one that holds its thread
//! unannounced there is the watcher, a thread of its own: it looks once in a while, and when something
//! assigned, or the kernel, has waited from one look to the next, it wakes somebody, or leads itself
//! if nobody rests. While nothing happens it rests as well, and whoever gives up the lead wakes it.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use scheduler_model::{SimTime, Span, WorkerId};

use super::sync::{QUIET_TICKS, Thread};

/// Who of a pool does what, under the scheduler's lock.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that threads tell each other")]
pub(super) struct Team<J> {
    /// Assigned and not begun, the oldest first.
    assigned: VecDeque<(WorkerId, J)>,
    /// Who rests, the latest last: its caches are the warmest.
    resting: Vec<Thread>,
    /// Whether somebody who was woken has not looked yet.
    waking: bool,
    /// Whether somebody leads.
    led: bool,
    n_led: u64,
    n_begun: u64,
    n_begun_since_lead: u64,
    /// When a thread took the lead, last.
    led_at: SimTime,
    /// Handlers that run and have not said that they sleep.
    n_computing: usize,
    /// Whether something has waited for too long: then the rule for waking does not count.
    is_late: bool,
    ended: Option<io::Result<()>>,
    watcher: Option<Thread>,
    watcher_rests: bool,
    n_cores: usize,
}

/// What a thread does next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<J> {
    /// Wait for the kernel.
    Lead,
    /// Sleep until it is woken.
    Rest,
    /// Do this, as this worker.
    Take(WorkerId, J),
}

/// What the watcher does next.
#[derive(Debug)]
pub(super) enum Watch {
    End(io::Result<()>),
    Lead,
    /// Until somebody gives up the lead.
    Rest,
    Tick,
    Wake(Thread),
}

/// What the watcher saw when it looked last.
#[derive(Debug, Default)]
pub(super) struct Seen {
    n_led: u64,
    n_begun: u64,
    had_assigned: bool,
    /// How often in a row nothing had happened.
    n_quiet: u32,
}

/// Who is to be woken once the lock is released.
#[derive(Debug, Default)]
pub(super) struct Woken {
    pub(super) follower: Option<Thread>,
    pub(super) watcher: Option<Thread>,
}

impl Woken {
    pub(super) fn wake(self) {
        for thread in self.follower.into_iter().chain(self.watcher) {
            thread.unpark();
        }
    }
}

impl<J> Team<J> {
    pub(super) const fn new(n_cores: usize) -> Self {
        Self {
            assigned: VecDeque::new(),
            resting: Vec::new(),
            waking: false,
            led: false,
            n_led: 0,
            n_begun: 0,
            n_begun_since_lead: 0,
            led_at: SimTime::ZERO,
            n_computing: 0,
            is_late: false,
            ended: None,
            watcher: None,
            watcher_rests: false,
            n_cores,
        }
    }

    /// A worker has something to do.
    pub(super) fn assign(&mut self, worker: WorkerId, job: J) {
        self.assigned.push_back((worker, job));
    }

    /// As [`Team::assign`], for what nobody shall wait for whatever it is worth.
    pub(super) fn assign_urgently(&mut self, worker: WorkerId, job: J) {
        self.is_late = true;
        self.assign(worker, job);
    }

    /// Who is to be told when nobody leads any more and it rests.
    pub(super) fn set_watcher(&mut self, watcher: Thread) {
        self.watcher = Some(watcher);
    }

    /// Whether something is assigned that nobody has begun.
    pub(super) fn has_assigned(&self) -> bool {
        !self.assigned.is_empty()
    }

    /// A handler that ran, or that slept and runs again, does so no longer.
    pub(super) fn computes_less(&mut self) {
        self.n_computing = self.n_computing.saturating_sub(1);
    }

    /// A handler's sleep is over.
    pub(super) fn computes_more(&mut self) {
        self.n_computing += 1;
    }

    /// What this thread does next, now.
    pub(super) fn look(&mut self, me: &Thread, now: SimTime) -> Next<J> {
        let is_long = self.n_begun_since_lead >= BEGUN_WITHOUT_LEAD_MAX
            || now.since(self.led_at) >= WITHOUT_LEAD_MAX;
        let kernel_waits = !self.led && is_long;
        if !kernel_waits && let Some((worker, job)) = self.assigned.pop_front() {
            self.n_begun += 1;
            self.n_begun_since_lead += 1;
            self.n_computing += 1;
            return Next::Take(worker, job);
        }
        if !self.has_assigned() {
            self.is_late = false;
        }
        if self.led {
            self.resting.push(me.clone());
            return Next::Rest;
        }
        self.take_lead();
        self.led_at = now;
        Next::Lead
    }

    /// Whoever led has asked the kernel; `ended` when that was for the last time.
    pub(super) fn give_up_lead(&mut self, ended: Option<io::Result<()>>) {
        self.led = false;
        if ended.is_some() {
            self.ended = ended;
        }
    }

    /// The watcher has led, and a thread that rests by now does it better.
    pub(super) fn pass_lead_on(&mut self, ended: Option<io::Result<()>>) -> Woken {
        self.give_up_lead(ended);
        self.is_late = true;
        Woken { follower: self.take_follower(), watcher: None }
    }

    fn take_lead(&mut self) {
        self.led = true;
        self.n_led += 1;
        self.n_begun_since_lead = 0;
    }

    /// A thread that rested is awake.
    pub(super) fn rise(&mut self, me: &Thread) {
        match self.resting.iter().position(|thread| thread.id() == me.id()) {
            // Nobody woke it: a thread may wake up by itself.
            Some(place) => drop(self.resting.remove(place)),
            None => self.waking = false,
        }
    }

    /// Who is to be woken by a thread that leaves this behind, with so many in the run queue and
    /// services that take so long in the mean.
    pub(super) fn whom_to_wake(&mut self, backlog: usize, mean_service: Duration) -> Woken {
        let n_waiting = u32::try_from(self.assigned.len() + backlog).unwrap_or(u32::MAX);
        let is_worth = mean_service.saturating_mul(n_waiting) >= WORTH_WAKING
            && (self.n_computing < self.n_cores || mean_service >= TICK_MAX);
        let follower = if self.has_assigned() && (self.is_late || is_worth) {
            self.take_follower()
        } else {
            None
        };
        let leaves_kernel = !self.led && std::mem::take(&mut self.watcher_rests);
        Woken { follower, watcher: self.watcher.clone().filter(|_| leaves_kernel) }
    }

    fn take_follower(&mut self) -> Option<Thread> {
        if self.waking {
            return None; // that one will see to it
        }
        let follower = self.resting.pop()?;
        self.waking = true;
        Some(follower)
    }

    /// A handler is about to sleep: others do what its thread would have done next.
    pub(super) fn blocks(&mut self) -> Woken {
        self.computes_less();
        if self.led && self.assigned.is_empty() {
            return Woken::default();
        }
        self.is_late = true;
        let follower = self.take_follower();
        let alone = follower.is_none() && !self.waking && !self.led;
        Woken { follower, watcher: self.watcher.clone().filter(|_| alone) }
    }

    /// What the watcher does, who looks at this moment.
    pub(super) fn watch(&mut self, seen: &mut Seen) -> Watch {
        if let Some(ended) = self.ended.take() {
            return Watch::End(ended);
        }
        let kernel_waits = !self.led && (self.is_late || self.n_led == seen.n_led);
        let work_waits = self.has_assigned() && seen.had_assigned && self.n_begun == seen.n_begun;
        let quiet = self.led && !self.has_assigned() && self.n_led == seen.n_led;
        let n_quiet = if quiet { seen.n_quiet + 1 } else { 0 };
        let (n_led, n_begun) = (self.n_led, self.n_begun);
        *seen = Seen { n_led, n_begun, had_assigned: self.has_assigned(), n_quiet };
        if kernel_waits || work_waits {
            self.is_late = true;
            if let Some(follower) = self.take_follower() {
                return Watch::Wake(follower);
            }
            if kernel_waits && !self.waking {
                self.take_lead();
                return Watch::Lead;
            }
        }
        if n_quiet >= QUIET_TICKS {
            self.watcher_rests = true;
            return Watch::Rest;
        }
        Watch::Tick
    }
}

/// What has to wait for it to be worth waking a thread: a wake-up and two changes of thread cost some
/// 5 to 50 µs, on this core and on another.
const WORTH_WAKING: Duration = Duration::from_micros(50);
/// Tasks that are begun before somebody asks the kernel, although there is always more to run.
pub(super) const BEGUN_WITHOUT_LEAD_MAX: u64 = 64;
/// The time after which somebody asks it all the same, when tasks are long. The watcher would see to it too,
/// but gets the core as rarely as any other of the threads when more of them compute than there are cores:
/// then clients that the queue has no room for would learn it seconds later.
pub(super) const WITHOUT_LEAD_MAX: Span = Span::from_millis(1);
/// How soon the watcher looks again when something has begun.
pub(super) const TICK_MIN: Duration = Duration::from_micros(200);
/// How soon it looks again when all is well.
pub(super) const TICK_MAX: Duration = Duration::from_millis(1);
