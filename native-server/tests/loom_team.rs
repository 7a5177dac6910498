//! Every order in which the threads of a pool can take their steps: who leads, who runs, who rests, and
//! the one that watches them.
//!
//! What is tried is the server's own code: what a team tells its threads, and what they do then, are
//! compiled here once more. The kernel is a list, a handler a few lines; a thread's park and unpark
//! are a flag and a bell of the model checker's. Somebody who is not woken, or an arrival that nobody
//! asks the kernel for, leaves threads that wait for ever: a deadlock, which fails.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "loom_team/sync.rs"]
mod sync;
#[path = "../src/serve/team.rs"]
#[allow(dead_code, reason = "the server uses all of it")]
mod team;
#[path = "../src/serve/turns.rs"]
mod turns;

use std::io;
use std::time::Duration;

use loom::sync::{Arc, Condvar, Mutex, MutexGuard};
use loom::thread;
use scheduler_model::{SimTime, WorkerId};
use team::{Next, TICK_MAX, Team};
use turns::{Duty, Looked};

/// What comes from the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrival {
    Request(Handler),
    /// Everybody is to end.
    Drain,
}

/// What a request's handler does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handler {
    Returns,
    /// Holds its thread, and does not say so, until this has happened.
    HoldsUntil(Happened),
    /// Says that it sleeps, until this has happened.
    SleepsUntil(Happened),
}

/// What a handler waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Happened {
    /// So many arrivals were taken from the kernel.
    Taken(usize),
    /// So many requests were answered.
    Answered(usize),
}

/// What is assigned: a request by its number, or to end.
#[derive(Debug, PartialEq, Eq)]
enum Job {
    Request(usize, Handler),
    Stop,
}

/// What is under the scheduler's lock in the server; and what threads wait for outside it, so that there
/// are fewer steps.
struct Core {
    team: Team<Job>,
    /// What the kernel holds.
    arrivals: Vec<Arrival>,
    is_polled: bool,
    n_taken: usize,
    n_requests: usize,
    /// Numbers of requests, as they were begun.
    begun: Vec<usize>,
    n_answered: usize,
    drained: bool,
}

struct Pool {
    core: Mutex<Core>,
    /// Rings when something has happened that a thread may wait for.
    bell: Condvar,
    n_threads: usize,
    /// What a service is said to take: whether it is worth waking somebody.
    mean_service: Duration,
}

impl Pool {
    fn new(n_threads: usize, mean_service: Duration) -> Arc<Self> {
        let core = Core {
            team: Team::new(n_threads),
            arrivals: Vec::new(),
            is_polled: false,
            n_taken: 0,
            n_requests: 0,
            begun: Vec::new(),
            n_answered: 0,
            drained: false,
        };
        Arc::new(Self { core: Mutex::new(core), bell: Condvar::new(), n_threads, mean_service })
    }

    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap()
    }

    fn send(&self, arrivals: &[Arrival]) {
        self.lock().arrivals.extend(arrivals);
        self.bell.notify_all();
    }

    fn wait_until(&self, happened: impl Fn(&Core) -> bool) -> MutexGuard<'_, Core> {
        let mut core = self.lock();
        while !happened(&core) {
            core = self.bell.wait(core).unwrap();
        }
        core
    }

    fn wait_for(&self, happened: Happened) {
        drop(self.wait_until(|core| match happened {
            Happened::Taken(n) => core.n_taken >= n,
            Happened::Answered(n) => core.n_answered >= n,
        }));
    }

    fn look_at(&self, core: &mut Core) -> Looked<Job> {
        let next = core.team.look(&sync::current(), SimTime::ZERO);
        if let Next::Take(_, Job::Request(number, _)) = next {
            core.begun.push(number);
        }
        (next, core.team.whom_to_wake(0, self.mean_service))
    }
}

impl Duty for Arc<Pool> {
    type Job = Job;

    fn with_team<T>(&self, act: impl FnOnce(&mut Team<Job>) -> T) -> T {
        act(&mut self.lock().team)
    }

    fn look(&self, before: impl FnOnce(&mut Team<Job>)) -> Looked<Job> {
        let mut core = self.lock();
        before(&mut core.team);
        self.look_at(&mut core)
    }

    fn lead(&self) -> Option<io::Result<()>> {
        let mut core = self.lock();
        assert!(!std::mem::replace(&mut core.is_polled, true), "two lead");
        if core.team.has_assigned() || core.drained {
            // Who asks and does not wait lets others go on: no order is endless.
            drop(core);
            thread::yield_now();
            core = self.lock();
        } else {
            drop(core);
            self.bell.notify_all();
            core = self.wait_until(|core| !core.arrivals.is_empty());
        }
        let (arrivals, ended) = (std::mem::take(&mut core.arrivals), core.drained);
        core.n_taken += arrivals.len();
        drop(core);
        self.bell.notify_all();
        let mut core = self.lock();
        core.is_polled = false;
        for arrival in arrivals {
            match arrival {
                Arrival::Request(handler) => {
                    let job = Job::Request(core.n_requests, handler);
                    core.n_requests += 1;
                    core.team.assign(WorkerId::from_index(0), job);
                }
                Arrival::Drain => {
                    for worker in 0..self.n_threads {
                        core.team.assign_urgently(WorkerId::from_index(worker), Job::Stop);
                    }
                    core.drained = true;
                }
            }
        }
        ended.then_some(Ok(()))
    }

    fn run(&mut self, _: WorkerId, job: Job) -> Option<Looked<Job>> {
        let Job::Request(_, handler) = job else { return None };
        match handler {
            Handler::Returns => {}
            Handler::HoldsUntil(happened) => self.wait_for(happened),
            Handler::SleepsUntil(happened) => {
                self.with_team(Team::blocks).wake();
                self.wait_for(happened);
                self.with_team(Team::computes_more);
            }
        }
        let mut core = self.lock();
        core.n_answered += 1;
        core.team.computes_less();
        let looked = self.look_at(&mut core);
        drop(core);
        self.bell.notify_all();
        Some(looked)
    }
}

/// When requests come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// At any time, all of them and the end in one go or one after the other.
    AtAnyTime,
    /// When nothing has happened for so long that the watcher rests.
    Quiet,
}

/// Tries every order in which so many threads and their watcher serve these requests and end.
fn serves(n_threads: usize, mean_service: Duration, when: When, requests: &'static [Handler]) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(PREEMPTIONS_MAX);
    model.max_branches = 10_000;
    model.check(move || {
        let pool = Pool::new(n_threads, mean_service);
        let start = |number| {
            let mut pool = Arc::clone(&pool);
            sync::spawn(number, move || turns::take_turns(&mut pool)).1
        };
        let threads: Vec<_> = (0..n_threads).map(start).collect();
        let theirs = Arc::clone(&pool);
        let (watcher, watching) = sync::spawn(n_threads, move || {
            if when == When::Quiet {
                // It would take the first lead otherwise, and rest in the kernel.
                drop(theirs.wait_until(|core| core.is_polled));
            }
            turns::watch(&theirs)
        });
        if when == When::Quiet {
            watcher.wait_until_parked();
        }
        let requests: Vec<_> = requests.iter().copied().map(Arrival::Request).collect();
        pool.send(&requests);
        pool.send(&[Arrival::Drain]);
        for thread in threads {
            thread.join().unwrap();
        }
        watching.join().unwrap().unwrap();
        let core = pool.lock();
        assert!(core.begun.iter().copied().eq(0..requests.len()), "{:?}", core.begun);
        assert_eq!(core.n_answered, requests.len());
    });
}

/// How often a thread is interrupted where it could go on: orders that need more are not tried.
const PREEMPTIONS_MAX: usize = 2;

#[test]
fn what_comes_is_begun_in_order_and_a_drain_ends_every_thread() {
    serves(2, Duration::ZERO, When::AtAnyTime, &[Handler::Returns, Handler::Returns]);
}

#[test]
fn so_it_is_when_each_wakes_the_next() {
    serves(2, TICK_MAX, When::AtAnyTime, &[Handler::Returns, Handler::Returns]);
}

#[test]
fn a_request_behind_a_handler_that_holds_its_thread_is_run_by_another() {
    let requests = &[Handler::HoldsUntil(Happened::Answered(1)), Handler::Returns];
    serves(2, Duration::ZERO, When::Quiet, requests);
}

#[test]
fn a_request_behind_a_handler_that_sleeps_is_run_by_another() {
    let requests = &[Handler::SleepsUntil(Happened::Answered(1)), Handler::Returns];
    serves(2, Duration::ZERO, When::Quiet, requests);
}

#[test]
fn somebody_asks_the_kernel_while_every_thread_is_held() {
    serves(1, Duration::ZERO, When::Quiet, &[Handler::HoldsUntil(Happened::Taken(2))]);
}

#[test]
fn somebody_asks_the_kernel_while_every_handler_sleeps() {
    serves(1, Duration::ZERO, When::Quiet, &[Handler::SleepsUntil(Happened::Taken(2))]);
}
