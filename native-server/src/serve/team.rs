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

use scheduler_model::WorkerId;

use super::sync::Thread;

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
    follower: Option<Thread>,
    watcher: Option<Thread>,
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

    /// What this thread does next.
    pub(super) fn look(&mut self, me: &Thread) -> Next<J> {
        let kernel_waits = !self.led && self.n_begun_since_lead >= BEGUN_WITHOUT_LEAD_MAX;
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
const BEGUN_WITHOUT_LEAD_MAX: u64 = 64;
/// How soon the watcher looks again when something has begun.
pub(super) const TICK_MIN: Duration = Duration::from_micros(200);
/// How soon it looks again when all is well.
pub(super) const TICK_MAX: Duration = Duration::from_millis(1);
/// So often it finds nothing before it rests.
const QUIET_TICKS: u32 = 10;

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// A thread that sleeps until it is asked to end.
    fn threads<const N: usize>() -> [Thread; N] {
        // Only who they are matters: they may have ended.
        std::array::from_fn(|_| thread::spawn(|| ()).thread().clone())
    }

    fn team(n_assigned: u32) -> Team<u32> {
        let mut team = Team::new(2);
        assign(&mut team, 0..n_assigned);
        team
    }

    fn assign(team: &mut Team<u32>, jobs: std::ops::Range<u32>) {
        for job in jobs {
            team.assign(WorkerId::from_index(job as usize), job);
        }
    }

    fn taken(next: &Next<u32>) -> Option<u32> {
        match next {
            Next::Take(_, job) => Some(*job),
            Next::Lead | Next::Rest => None,
        }
    }

    #[test]
    fn whoever_finds_nothing_leads_and_the_next_one_rests() {
        let [a, b] = threads();
        let mut team = team(0);
        assert_eq!(team.look(&a), Next::Lead);
        assert_eq!(team.look(&b), Next::Rest);
        team.give_up_lead(None);
        assert_eq!(team.look(&a), Next::Lead);
    }

    #[test]
    fn assignments_are_begun_in_their_order_by_whoever_comes() {
        let [a, b] = threads();
        let mut team = team(2);
        let order = [&a, &b].map(|thread| taken(&team.look(thread)));
        assert_eq!(order, [Some(0), Some(1)]);
        assign(&mut team, 2..4);
        let order = [&b, &b].map(|thread| taken(&team.look(thread)));
        assert_eq!(order, [Some(2), Some(3)], "a thread has no worker of its own");
    }

    #[test]
    fn one_more_is_woken_when_what_waits_is_worth_it_and_one_at_a_time() {
        let [a, b, c] = threads();
        let mut team = team(0);
        assert_eq!(
            [team.look(&a), team.look(&b), team.look(&c)],
            [Next::Lead, Next::Rest, Next::Rest]
        );
        team.give_up_lead(None);
        assign(&mut team, 0..3);
        let [short, long] = [5, 30].map(Duration::from_micros);
        assert_eq!(taken(&team.look(&a)), Some(0));
        assert!(team.whom_to_wake(0, short).follower.is_none(), "two times 5 µs");
        assert!(team.whom_to_wake(8, short).follower.is_some(), "ten times 5 µs");
        assert!(team.whom_to_wake(8, long).follower.is_none(), "that one has not looked yet");
        team.rise(&c);
        assert_eq!(taken(&team.look(&c)), Some(1));
        assert!(team.whom_to_wake(8, long).follower.is_none(), "two cores, and two that compute");
        assert!(team.whom_to_wake(0, TICK_MAX).follower.is_some(), "such services probably sleep");
    }

    #[test]
    fn a_thread_that_wakes_up_by_itself_does_not_stand_for_the_one_that_was_woken() {
        let [a, b, c] = threads();
        let mut team = team(0);
        for thread in [&a, &b, &c] {
            team.look(thread);
        }
        assign(&mut team, 0..2);
        let woken = team.whom_to_wake(0, TICK_MAX).follower.expect("it is worth it");
        assert_eq!(woken.id(), c.id(), "the latest to rest");
        team.rise(&b);
        assert!(team.waking, "the other one is still on its way");
        team.rise(&c);
        assert!(!team.waking);
    }

    #[test]
    fn a_handler_that_sleeps_has_the_lead_taken_over() {
        let [a, b, watcher] = threads();
        let mut team = team(0);
        team.set_watcher(watcher);
        assert_eq!([team.look(&a), team.look(&b)], [Next::Lead, Next::Rest]);
        assign(&mut team, 0..1);
        team.give_up_lead(None);
        assert_eq!(taken(&team.look(&a)), Some(0));
        assert_eq!(team.blocks().follower.map(|thread| thread.id()), Some(b.id()));
        team.rise(&b);
        assert_eq!(team.look(&b), Next::Lead);
        assert!(team.blocks().follower.is_none(), "somebody leads, and nothing is assigned");
    }

    #[test]
    fn when_every_handler_sleeps_the_watcher_leads_at_once() {
        let [a, watcher] = threads();
        let mut team = team(1);
        team.set_watcher(watcher);
        assert_eq!(taken(&team.look(&a)), Some(0));
        assert!(team.blocks().watcher.is_some());
        assert!(matches!(team.watch(&mut Seen::default()), Watch::Lead));
        assert_eq!(team.look(&a), Next::Rest, "who comes back meanwhile");
        assign(&mut team, 1..2);
        assert!(team.pass_lead_on(None).follower.is_some(), "and does it from here on");
    }

    #[test]
    fn the_watcher_finds_what_waited_from_one_look_to_the_next() {
        let [a, b] = threads();
        let mut team = team(0);
        let mut seen = Seen::default();
        assert_eq!([team.look(&a), team.look(&b)], [Next::Lead, Next::Rest]);
        assign(&mut team, 0..2);
        team.give_up_lead(None);
        assert_eq!(taken(&team.look(&a)), Some(0));
        assert!(matches!(team.watch(&mut seen), Watch::Tick), "it has begun just now");
        assert!(matches!(team.watch(&mut seen), Watch::Wake(thread) if thread.id() == b.id()));
        team.rise(&b);
        assert_eq!(taken(&team.look(&b)), Some(1));
        assert!(matches!(team.watch(&mut seen), Watch::Lead), "nobody rests, and nobody leads");
    }

    #[test]
    fn the_watcher_rests_while_nothing_happens_until_the_lead_is_given_up() {
        let [a, watcher] = threads();
        let mut team = team(0);
        team.set_watcher(watcher);
        team.look(&a);
        let mut seen = Seen::default();
        while !matches!(team.watch(&mut seen), Watch::Rest) {}
        assert!(team.whom_to_wake(0, TICK_MAX).watcher.is_none(), "somebody leads");
        team.give_up_lead(None);
        assign(&mut team, 0..1);
        assert_eq!(taken(&team.look(&a)), Some(0));
        assert!(team.whom_to_wake(0, TICK_MAX).watcher.is_some());
        assert!(team.whom_to_wake(0, TICK_MAX).watcher.is_none(), "once is enough");
    }

    #[test]
    fn the_kernel_is_asked_now_and_then_however_much_is_assigned() {
        let [a] = threads();
        let mut team = team(200);
        let n_begun = std::iter::from_fn(|| taken(&team.look(&a))).count();
        assert_eq!(n_begun as u64, BEGUN_WITHOUT_LEAD_MAX);
        assert!(team.led && team.has_assigned());
    }
}
