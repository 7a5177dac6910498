//! `fork-join`: how a worker runs a request in parts, and how others come to help.
//!
//! Whole requests are the scheduler's: they wait in its injector, and a worker has one only because it
//! was assigned. So is who goes to look for parts. What lies in which deque is not: a worker pushes
//! and pops as it goes, thieves take what they find, and each of them reports it.
//!
//! ```text
//! owner:  report the part ─> push it ─> tell that it split ─> left half ─> pop the right half ─> …
//!                              │                                             └ gone: join
//! thief:        told to steal ─> take the oldest ─> report it ─> run it ─> tell that it is through
//! ```
//!
//! A part is reported before it is in the deque, and a theft before the thief does anything with the
//! part. So a recording has each part pushed before it is taken, and taken before anything becomes of
//! it, although deques have no clock. Between a theft and its report its victim may already have
//! missed the part: that much of a recording is an interval.

mod deque;
mod forest;
mod parts;

use scheduler_model::{Machine, NodeId, RequestId, Stimulus, WorkerId};

use super::answering::{Task, unless_it_panics};
use super::shared::Shared;
use super::sync;
use crate::site::Tree;

use deque::Deque;
pub(super) use forest::Forest;
use forest::Sharing;
use parts::Theft;

/// Runs a request's tree, with whoever helps; false when a part of it panicked.
pub(super) fn run(shared: &Shared, forest: &Forest, (request, worker): Task, tree: Tree) -> bool {
    let deque = Deque::new_lifo();
    let sharing = forest.plant(request, tree, (worker, &deque));
    Hand { shared, forest, sharing: &sharing, worker, deque: &deque }.run(NodeId::ROOT);
    forest.fell(&sharing);
    !sharing.has_panicked()
}

/// Looks for a part of somebody else's request, and runs it.
pub(super) fn steal(shared: &Shared, forest: &Forest, worker: WorkerId) {
    let Some((sharing, theft)) = forest.steal(worker) else {
        shared.tell(Stimulus::StealFailed { worker });
        return;
    };
    let request = sharing.request;
    help(shared, forest, &sharing, worker, &theft);
    // First this, so that nobody helps a request that has ended.
    shared.tell(Stimulus::TaskJoined { request, worker });
    sharing.parts.done(theft.node);
}

/// Runs a stolen part, whole.
fn help(shared: &Shared, forest: &Forest, sharing: &Sharing, worker: WorkerId, theft: &Theft) {
    let Theft { node, victim, ref deque } = *theft;
    let request = sharing.request;
    forest.report(Machine::Stolen { request, worker, victim, node });
    Hand { shared, forest, sharing, worker, deque }.run(node);
}

/// A thread's part of a request: the one that it was assigned, or one that it stole.
struct Hand<'s> {
    shared: &'s Shared,
    forest: &'s Forest,
    sharing: &'s Sharing,
    worker: WorkerId,
    /// Of this part alone: see [`Forest`].
    deque: &'s Deque,
}

impl Hand<'_> {
    // code: parts
    /// Runs a part to its end. Once a leaf has panicked, what is left is taken and not run.
    fn run(&self, node: NodeId) {
        if self.sharing.has_panicked() {
            return;
        }
        let depth = self.sharing.tree.depth();
        if node.depth() == depth {
            let leaf = node.0 - (1 << depth);
            // mark: runs
            if unless_it_panics(|| self.sharing.tree.run_leaf(leaf)).is_none() {
                self.sharing.note_panic();
            }
            return;
        }
        self.split(node.right());
        self.run(node.left());
        match self.deque.pop() {
            Some(newest) => {
                assert_eq!(newest, node.right(), "what was pushed later has been taken before");
                let (request, worker) = self.task();
                self.forest.report(Machine::Popped { request, worker, node: newest });
                self.run(newest);
            }
            None => self.join(node.right()),
        }
    }

    fn split(&self, part: NodeId) {
        let task = self.task();
        self.shared
            .with_core(|core, effects| core.forked(task, part, || self.deque.push(part), effects));
        self.sharing.parts.pushed();
    }

    // code: join
    /// A thief has this part: helps with what it splits off, and otherwise waits.
    fn join(&self, node: NodeId) {
        let (request, worker) = self.task();
        loop {
            self.forest.report(Machine::JoinBegun { request, worker, node });
            // mark: joins
            let Some(theft) = self.sharing.parts.await_part(node, worker) else { break };
            help(self.shared, self.forest, self.sharing, worker, &theft);
            self.sharing.parts.done(theft.node);
        }
        self.forest.report(Machine::JoinEnded { request, worker, node });
    }

    const fn task(&self) -> (RequestId, WorkerId) {
        (self.sharing.request, self.worker)
    }
}
