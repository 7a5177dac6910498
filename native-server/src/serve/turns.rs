//! What each thread of a [`Team`] does, turn by turn, and what the one does that watches them.
//!
//! What leading and running are is their [`Duty`]: the server's own is in [`pool`](super::pool), and
//! tests put a small one in its place, to try every order of a few threads' steps.

use std::io;

use scheduler_model::WorkerId;

use super::sync::{current, park, park_timeout};
use super::team::{Next, Seen, TICK_MAX, TICK_MIN, Team, Watch, Woken};

/// What threads do, as their team tells them.
pub(super) trait Duty {
    /// What is assigned.
    type Job;

    /// Acts under the lock.
    fn with_team<T>(&self, act: impl FnOnce(&mut Team<Self::Job>) -> T) -> T;

    /// Under the lock: `before`, then what this thread does next, and whom it wakes once it has let go
    /// of the lock.
    fn look(&self, before: impl FnOnce(&mut Team<Self::Job>)) -> Looked<Self::Job>;

    /// Waits for the kernel, and tells the scheduler what came; how that ended, if it was for the last
    /// time.
    fn lead(&self) -> Option<io::Result<()>>;

    /// Does a job as this worker. In the step under the lock in which it is reported the thread looks
    /// at what comes next; nothing does when it is told to end.
    fn run(&mut self, worker: WorkerId, job: Self::Job) -> Option<Looked<Self::Job>>;
}

/// What a thread does next, and whom it wakes before.
pub(super) type Looked<J> = (Next<J>, Woken);

// code: team
/// The life of one of a team's threads.
pub(super) fn take_turns(duty: &mut impl Duty) {
    let (mut next, mut woken) = duty.look(|_| ());
    loop {
        woken.wake();
        (next, woken) = match next {
            Next::Lead => {
                let ended = duty.lead();
                duty.look(|team| team.give_up_lead(ended))
            }
            Next::Rest => {
                // mark: waits
                park();
                duty.look(|team| team.rise(&current()))
            }
            Next::Take(worker, job) => match duty.run(worker, job) {
                Some(looked) => looked,
                None => return,
            },
        };
    }
}

/// Makes sure that nothing waits for a thread that is held by a handler, until polling is over.
pub(super) fn watch(duty: &impl Duty) -> io::Result<()> {
    duty.with_team(|team| team.set_watcher(current()));
    let mut seen = Seen::default();
    let mut tick = TICK_MIN;
    loop {
        let step = duty.with_team(|team| team.watch(&mut seen));
        match step {
            Watch::End(ended) => return ended,
            Watch::Lead => {
                let ended = duty.lead();
                duty.with_team(|team| team.pass_lead_on(ended)).wake();
                tick = TICK_MIN;
            }
            Watch::Rest => {
                park();
                tick = TICK_MIN;
            }
            Watch::Tick => {
                park_timeout(tick);
                tick = (tick * 2).min(TICK_MAX);
            }
            Watch::Wake(follower) => {
                follower.unpark();
                park_timeout(TICK_MIN);
                tick = TICK_MIN;
            }
        }
    }
}
