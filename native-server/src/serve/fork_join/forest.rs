//! The requests that are being run in parts, for thieves to look through.
//!
//! A worker has a deque for each thing it begins with: a whole request, or a part that it stole. What
//! lies in a deque is therefore always a part of one known thing. So a thread that waits for a part can
//! steal within that part and nowhere else, and never sleeps in another request, although nobody can
//! look into a deque before he takes from it. Of the deques of one worker only the newest can hold
//! anything: it waits in the others, which it does once they are empty.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use scheduler_model::{EventKind, Machine, RequestId, ShardId, SimTime, WorkerId};

use super::deque::Deque;
use super::parts::{Parts, Theft};
use crate::serve::journal::Journal;
use crate::site::Tree;

/// All requests that are being run in parts.
#[derive(Debug)]
pub(in crate::serve) struct Forest {
    journal: Arc<Journal>,
    growing: Mutex<Vec<Arc<Sharing>>>,
}

/// A request that several threads may run at once.
#[derive(Debug)]
pub(super) struct Sharing {
    pub(super) request: RequestId,
    pub(super) tree: Tree,
    pub(super) parts: Parts,
    has_panicked: AtomicBool,
}

impl Forest {
    pub(in crate::serve) fn new(journal: Arc<Journal>) -> Self {
        Self { journal, growing: Mutex::default() }
    }

    /// A worker begins with a request's tree; parts of it can be stolen from now on.
    pub(super) fn plant(
        &self,
        request: RequestId,
        tree: Tree,
        (worker, deque): (WorkerId, &Deque),
    ) -> Arc<Sharing> {
        let parts = Parts::new(worker, deque);
        let has_panicked = AtomicBool::new(false);
        let sharing = Arc::new(Sharing { request, tree, parts, has_panicked });
        self.growing().push(Arc::clone(&sharing));
        sharing
    }

    /// A request's tree has been run.
    pub(super) fn fell(&self, sharing: &Arc<Sharing>) {
        self.growing().retain(|one| !Arc::ptr_eq(one, sharing));
    }

    /// Takes a part of some request, of the oldest first.
    pub(super) fn steal(&self, thief: WorkerId) -> Option<(Arc<Sharing>, Theft)> {
        let growing = self.growing();
        growing.iter().find_map(|one| Some((Arc::clone(one), one.parts.steal(thief)?)))
    }

    /// Records what was seen of a deque, if anybody keeps it.
    pub(super) fn report(&self, seen: Machine) {
        if self.journal.is_kept() {
            let mut entry = self.journal.open(SimTime::ZERO, false);
            entry.record(ShardId(0), EventKind::Machine(seen));
        }
    }

    fn growing(&self) -> MutexGuard<'_, Vec<Arc<Sharing>>> {
        // Nothing under it panics halfway through a change.
        self.growing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sharing {
    pub(super) fn note_panic(&self) {
        self.has_panicked.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_panicked(&self) -> bool {
        self.has_panicked.load(Ordering::Relaxed)
    }
}
