//! The requests that are being run in parts, and the parts of them that can be stolen.
//!
//! A worker has a deque for each thing it begins with: a whole request, or a part that it stole. What
//! lies in a deque is therefore always a part of one known thing. So a thread that waits for a part can
//! steal within that part and nowhere else, and never sleeps in another request, although nobody can
//! look into a deque before he takes from it. Of the deques of one worker only the newest can hold
//! anything: it waits in the others, which it does once they are empty.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crossbeam_deque::{Steal, Stealer};
use scheduler_model::{EventKind, Machine, NodeId, RequestId, ShardId, SimTime, WorkerId};

use crate::serve::journal::Journal;
use crate::site::Tree;

/// The parts that somebody pushed and has not popped; others steal the oldest.
pub(super) type Deque = crossbeam_deque::Worker<NodeId>;

/// All requests that are being run in parts.
#[derive(Debug)]
pub(in crate::serve) struct Forest {
    journal: Arc<Journal>,
    growing: Mutex<Vec<Arc<Sharing>>>,
}

/// A request that several threads may run at once.
#[derive(Debug)]
pub(super) struct Sharing {
    request: RequestId,
    tree: Tree,
    has_panicked: AtomicBool,
    begun: Mutex<Begun>,
    /// Rung when something is pushed or done while somebody rests.
    bell: Condvar,
}

/// What threads are at.
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
    parts: Stealer<NodeId>,
}

/// A part that was taken, and a deque for what its thief splits off.
#[derive(Debug)]
pub(super) struct Theft {
    pub(super) node: NodeId,
    pub(super) victim: WorkerId,
    pub(super) deque: Deque,
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
        let root = Base { node: NodeId::ROOT, worker, parts: deque.stealer() };
        let sharing = Arc::new(Sharing {
            request,
            tree,
            has_panicked: AtomicBool::new(false),
            begun: Mutex::new(Begun { bases: vec![root], done: Vec::new(), n_resting: 0 }),
            bell: Condvar::new(),
        });
        self.growing().push(Arc::clone(&sharing));
        sharing
    }

    /// A request's tree has been run.
    pub(super) fn fell(&self, sharing: &Arc<Sharing>) {
        self.growing().retain(|one| !Arc::ptr_eq(one, sharing));
    }

    /// Takes a part of some request, of the oldest first.
    pub(super) fn steal(&self, thief: WorkerId) -> Option<(Arc<Sharing>, Theft)> {
        self.growing().iter().find_map(|sharing| {
            let theft = sharing.begun().steal(thief, |_| true)?;
            Some((Arc::clone(sharing), theft))
        })
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

    /// Something was pushed: who waits for a part of which it is one may take it. It was pushed without
    /// the lock, but whoever looked in vain has begun to wait before he let go of the lock.
    pub(super) fn call_who_rests(&self) {
        let begun = self.begun();
        self.ring(&begun);
    }

    pub(super) fn note_panic(&self) {
        self.has_panicked.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_panicked(&self) -> bool {
        self.has_panicked.load(Ordering::Relaxed)
    }

    pub(super) const fn request(&self) -> RequestId {
        self.request
    }

    pub(super) const fn tree(&self) -> &Tree {
        &self.tree
    }

    fn ring(&self, begun: &Begun) {
        if begun.n_resting > 0 {
            self.bell.notify_all();
        }
    }

    fn begun(&self) -> MutexGuard<'_, Begun> {
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

/// The oldest part in a deque, if there is one.
fn oldest(parts: &Stealer<NodeId>) -> Option<NodeId> {
    loop {
        match parts.steal() {
            Steal::Empty => return None,
            // Another one took it first, and may have left more.
            Steal::Retry => {}
            Steal::Success(node) => return Some(node),
        }
    }
}
