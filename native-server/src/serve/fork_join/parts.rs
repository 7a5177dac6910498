//! The parts of one request that can be stolen, those that are done, and who rests until something is.
//!
//! Deques need no lock, but to wait does: whoever looks in vain begins to wait before he lets go of it,
//! and whoever has pushed or is done takes it afterwards, to see whether anybody rests. That nobody
//! sleeps for ever is tried by `tests/loom.rs`, with this very file.

use scheduler_model::{NodeId, WorkerId};

use super::deque::{Deque, Stealer, oldest};
use super::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// What threads are at in one request.
#[derive(Debug)]
pub(super) struct Parts {
    begun: Mutex<Begun>,
    /// Rung when something is pushed or done while somebody rests.
    bell: Condvar,
}

#[derive(Debug)]
struct Begun {
    bases: Vec<Base>,
    /// Stolen parts that are done, and not yet joined.
    done: Vec<NodeId>,
    /// Threads that wait for a part, with nothing to do meanwhile.
    n_resting: usize,
}

/// What a thread has begun with.
#[derive(Debug)]
struct Base {
    node: NodeId,
    worker: WorkerId,
    parts: Stealer,
}

/// A part that was taken, and a deque for what its thief splits off.
#[derive(Debug)]
pub(super) struct Theft {
    pub(super) node: NodeId,
    pub(super) victim: WorkerId,
    pub(super) deque: Deque,
}

impl Parts {
    /// A worker begins with the whole request.
    pub(super) fn new(worker: WorkerId, deque: &Deque) -> Self {
        let root = Base { node: NodeId::ROOT, worker, parts: deque.stealer() };
        let begun = Begun { bases: vec![root], done: Vec::new(), n_resting: 0 };
        Self { begun: Mutex::new(begun), bell: Condvar::new() }
    }

    /// Takes a part, if there is one.
    pub(super) fn steal(&self, thief: WorkerId) -> Option<Theft> {
        self.begun().steal(thief, |_| true)
    }

    /// Waits until this part is done; a part of it that can be stolen ends the waiting first.
    pub(super) fn await_part(&self, node: NodeId, thief: WorkerId) -> Option<Theft> {
        let mut begun = self.begun();
        loop {
            if let Some(at) = begun.done.iter().position(|&done| done == node) {
                begun.done.swap_remove(at);
                return None;
            }
            if let Some(theft) = begun.steal(thief, |base| base.is_within(node)) {
                return Some(theft);
            }
            begun.n_resting += 1;
            begun = self.bell.wait(begun).unwrap_or_else(PoisonError::into_inner);
            begun.n_resting -= 1;
        }
    }

    /// A stolen part is done.
    pub(super) fn done(&self, node: NodeId) {
        let mut begun = self.begun();
        begun.bases.retain(|base| base.node != node);
        begun.done.push(node);
        self.ring(&begun);
    }

    /// Something was pushed: who waits for a part of which it is one may take it.
    pub(super) fn pushed(&self) {
        let begun = self.begun();
        self.ring(&begun);
    }

    fn ring(&self, begun: &Begun) {
        if begun.n_resting > 0 {
            self.bell.notify_all();
        }
    }

    fn begun(&self) -> MutexGuard<'_, Begun> {
        // Nothing under it panics halfway through a change.
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Begun {
    /// Takes the oldest part from a deque of those that are wanted, and begins with it.
    fn steal(&mut self, thief: WorkerId, wanted: impl Fn(NodeId) -> bool) -> Option<Theft> {
        let mut victims = self.bases.iter().filter(|base| wanted(base.node));
        let (node, victim) = victims.find_map(|base| Some((oldest(&base.parts)?, base.worker)))?;
        let deque = Deque::new_lifo();
        self.bases.push(Base { node, worker: thief, parts: deque.stealer() });
        Some(Theft { node, victim, deque })
    }
}
