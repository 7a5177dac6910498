//! The hand-over of work to a thread: a mailbox and a bell for each worker's number.
//!
//! Mailboxes lie under the lock of whoever fills them, and a thread that waits lets go of that lock in
//! the step in which it begins to wait: whatever is delivered after its look rings the bell. That no
//! order of steps loses a job or a wake-up is tried by `tests/loom.rs`, which compiles this very file
//! with the types of the model checker in place of those of the standard library.

use std::collections::VecDeque;

use scheduler_model::WorkerId;

use super::sync::{Arc, Condvar, MutexGuard, PoisonError};

/// A worker's number, and which of the threads that have had it: a number is used again as soon as
/// its worker is retired, maybe before that thread has seen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seat {
    pub(super) worker: WorkerId,
    generation: u64,
}

impl Seat {
    /// The seat of a thread that was there from the start.
    pub(super) fn first(worker: WorkerId) -> Self {
        Self { worker, generation: 0 }
    }
}

/// All mailboxes, by worker.
#[derive(Debug)]
pub(super) struct Mailboxes<J> {
    boxes: Vec<Mailbox<J>>,
}

#[derive(Debug)]
struct Mailbox<J> {
    /// Each for the thread of its generation; at most one for each.
    jobs: VecDeque<(u64, J)>,
    generation: u64,
    bell: Arc<Condvar>,
    /// How many threads wait for the bell: ringing it for nobody is a system call all the same.
    n_waiting: usize,
}

impl<J> Mailboxes<J> {
    pub(super) const fn new() -> Self {
        Self { boxes: Vec::new() }
    }

    /// Puts a job in the mailbox of whoever has this number now.
    pub(super) fn deliver(&mut self, worker: WorkerId, job: J) {
        let mailbox = self.of(worker);
        mailbox.jobs.push_back((mailbox.generation, job));
        if mailbox.n_waiting > 0 {
            // The thread that had the number before may be about to look as well.
            mailbox.bell.notify_all();
        }
    }

    /// What lies there for this thread.
    pub(super) fn take(&mut self, seat: Seat) -> Option<J> {
        let jobs = &mut self.of(seat.worker).jobs;
        let at = jobs.iter().position(|&(generation, _)| generation == seat.generation)?;
        jobs.remove(at).map(|(_, job)| job)
    }

    /// Gives back the room that a flood has left.
    pub(super) fn give_back(&mut self) {
        for mailbox in self.boxes.iter_mut().filter(|mailbox| mailbox.jobs.capacity() > ROOM_KEPT) {
            mailbox.jobs.shrink_to(2 * mailbox.jobs.len());
        }
    }

    /// A thread is being started that will have this number.
    pub(super) fn next_seat(&mut self, worker: WorkerId) -> Seat {
        let mailbox = self.of(worker);
        mailbox.generation += 1;
        Seat { worker, generation: mailbox.generation }
    }

    fn of(&mut self, worker: WorkerId) -> &mut Mailbox<J> {
        if worker.index() >= self.boxes.len() {
            self.boxes.resize_with(worker.index() + 1, Mailbox::new);
        }
        &mut self.boxes[worker.index()]
    }
}

impl<J> Mailbox<J> {
    fn new() -> Self {
        let bell = Arc::new(Condvar::new());
        Self { jobs: VecDeque::new(), generation: 0, bell, n_waiting: 0 }
    }
}

/// Room for jobs that a mailbox keeps.
const ROOM_KEPT: usize = 256;

/// Waits until this thread has something to do; `within` finds the mailboxes under the lock.
pub(super) fn next_job<T, J>(
    mut locked: MutexGuard<'_, T>,
    within: impl Fn(&mut T) -> &mut Mailboxes<J>,
    seat: Seat,
) -> J {
    loop {
        let mailboxes = within(&mut locked);
        if let Some(job) = mailboxes.take(seat) {
            return job;
        }
        let mailbox = mailboxes.of(seat.worker);
        mailbox.n_waiting += 1;
        let bell = Arc::clone(&mailbox.bell);
        locked = bell.wait(locked).unwrap_or_else(PoisonError::into_inner);
        within(&mut locked).of(seat.worker).n_waiting -= 1;
    }
}
