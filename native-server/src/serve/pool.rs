//! The threads of `pool`: what each of them does, as [`Team`] tells it, and the one that watches.

use std::io;
use std::sync::Mutex;
use std::thread;

use super::core::{Core, Job};
use super::poller::{Poller, Turn};
use super::shared::{Shared, trusted};
use super::team::{Next, Seen, TICK_MAX, TICK_MIN, Watch, Woken};
use super::worker::{self, SCRATCH};

// code: team
/// The life of one of a pool's threads.
pub(super) fn work(shared: &Shared, poller: &Mutex<Poller>) {
    let mut scratch = vec![0; SCRATCH];
    let (mut next, mut woken) = shared.with_core(|core, _| look(core));
    loop {
        woken.wake();
        (next, woken) = match next {
            Next::Lead => {
                let turn = trusted(poller.lock()).turn();
                shared.with_core(|core, _| {
                    core.team_mut().give_up_lead(ended(turn));
                    look(core)
                })
            }
            Next::Rest => {
                // mark: waits
                thread::park();
                shared.with_core(|core, _| {
                    core.team_mut().rise(&thread::current());
                    look(core)
                })
            }
            Next::Take(worker, Job::Run(request, mut conn)) => {
                let task = (request, worker);
                worker::read(&mut conn, &mut scratch);
                let ended = worker::answer(shared, task, &mut conn);
                worker::hand_back(shared, task, conn, ended, look)
            }
            Next::Take(_, Job::Stop) => return,
            Next::Take(_, Job::Steal) => unreachable!("only under fork-join somebody steals"),
        };
    }
}

/// What the thread that has the lock does next, and whom it wakes once it has let go of it.
fn look(core: &mut Core) -> (Next<Job>, Woken) {
    let next = core.team_mut().look(&thread::current());
    if let Next::Take(worker, Job::Run(request, _)) = next {
        core.begin((request, worker));
    }
    let (backlog, mean_service) = (core.scheduler.backlog(), core.mean_service());
    let woken = core.team_mut().whom_to_wake(backlog, mean_service);
    (next, woken)
}

/// Makes sure that nothing waits for a thread that is held by a handler, until a drain is over.
pub(super) fn watch(shared: &Shared, poller: &Mutex<Poller>) -> io::Result<()> {
    shared.lock().team_mut().set_watcher(thread::current());
    let mut seen = Seen::default();
    let mut tick = TICK_MIN;
    loop {
        let step = shared.lock().team_mut().watch(&mut seen);
        match step {
            Watch::End(ended) => return ended,
            Watch::Lead => {
                let turn = trusted(poller.lock()).turn();
                let woken = shared.with_core(|core, _| core.team_mut().pass_lead_on(ended(turn)));
                woken.wake();
                tick = TICK_MIN;
            }
            Watch::Rest => {
                thread::park();
                tick = TICK_MIN;
            }
            Watch::Tick => {
                thread::park_timeout(tick);
                tick = (tick * 2).min(TICK_MAX);
            }
            Watch::Wake(follower) => {
                follower.unpark();
                thread::park_timeout(TICK_MIN);
                tick = TICK_MIN;
            }
        }
    }
}

/// How polling came to its end, if it has.
fn ended(turn: io::Result<Turn>) -> Option<io::Result<()>> {
    match turn {
        Ok(Turn::Ended) => None,
        Ok(Turn::Last) => Some(Ok(())),
        Err(error) => Some(Err(error)),
    }
}
