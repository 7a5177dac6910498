//! The threads of `pool`, and the one that watches them: what leading and running are to a
//! [`Team`] of a server.

use std::io;
use std::sync::Mutex;
use std::thread;

use scheduler_model::WorkerId;

use super::core::{Core, Job};
use super::poller::{Poller, Turn};
use super::shared::{Shared, trusted};
use super::team::{Next, Team};
use super::turns::{self, Duty, Looked};
use super::worker::{self, SCRATCH};

/// The life of one of a pool's threads.
pub(super) fn work(shared: &Shared, poller: &Mutex<Poller>) {
    turns::take_turns(&mut OfPool { shared, poller, scratch: vec![0; SCRATCH] });
}

/// Makes sure that nothing waits for a thread that is held by a handler, until a drain is over.
pub(super) fn watch(shared: &Shared, poller: &Mutex<Poller>) -> io::Result<()> {
    turns::watch(&OfPool { shared, poller, scratch: Vec::new() })
}

/// What a thread of a pool has.
struct OfPool<'s> {
    shared: &'s Shared,
    poller: &'s Mutex<Poller>,
    scratch: Vec<u8>,
}

impl Duty for OfPool<'_> {
    type Job = Job;

    fn with_team<T>(&self, act: impl FnOnce(&mut Team<Job>) -> T) -> T {
        act(self.shared.lock().team_mut())
    }

    fn look(&self, before: impl FnOnce(&mut Team<Job>)) -> Looked<Job> {
        let mut core = self.shared.lock();
        before(core.team_mut());
        look(&mut core)
    }

    fn lead(&self) -> Option<io::Result<()>> {
        match trusted(self.poller.lock()).turn() {
            Ok(Turn::Ended) => None,
            Ok(Turn::Last) => Some(Ok(())),
            Err(error) => Some(Err(error)),
        }
    }

    fn run(&mut self, worker: WorkerId, job: Job) -> Option<Looked<Job>> {
        match job {
            Job::Run(request, mut conn) => {
                let task = (request, worker);
                worker::read(&mut conn, &mut self.scratch);
                let ended = worker::answer(self.shared, task, &mut conn);
                Some(worker::hand_back(self.shared, task, conn, ended, look))
            }
            Job::Stop => None,
            Job::Steal => unreachable!("only under fork-join somebody steals"),
        }
    }
}

/// What the thread that has the lock does next, and whom it wakes once it has let go of it.
fn look(core: &mut Core) -> Looked<Job> {
    let now = core.last();
    let next = core.team_mut().look(&thread::current(), now);
    if let Next::Take(worker, Job::Run(request, _)) = next {
        core.begin((request, worker));
    }
    let (backlog, mean_service) = (core.scheduler.backlog(), core.mean_service());
    let woken = core.team_mut().whom_to_wake(backlog, mean_service);
    (next, woken)
}
