//! Every order in which a few threads can take their steps: the hand-over of work to a worker, and the
//! waiting for a stolen part.
//!
//! What is tried is the server's own code: its files are compiled here once more, with the model
//! checker's locks and bells in place of the standard library's. A lost wake-up is a deadlock there,
//! and fails.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../src/serve/mailbox.rs"]
#[allow(dead_code, reason = "the server uses all of it")]
mod mailbox;
#[path = "../src/serve/fork_join/parts.rs"]
#[allow(dead_code, reason = "the server uses all of it")]
mod parts;

/// What `serve::sync` is in the server.
mod sync {
    pub(super) use std::sync::PoisonError;

    pub(super) use loom::sync::{Arc, Condvar, Mutex, MutexGuard};
}

/// What `serve::fork_join::deque` is in the server: a deque whose operations are single steps.
mod deque {
    use std::collections::VecDeque;

    use loom::sync::{Arc, Mutex};
    use scheduler_model::NodeId;

    #[derive(Debug)]
    pub(super) struct Deque(Stealer);

    #[derive(Debug)]
    pub(super) struct Stealer(Arc<Mutex<VecDeque<NodeId>>>);

    impl Deque {
        pub(super) fn new_lifo() -> Self {
            Self(Stealer(Arc::new(Mutex::new(VecDeque::new()))))
        }

        pub(super) fn stealer(&self) -> Stealer {
            Stealer(Arc::clone(&self.0.0))
        }

        pub(super) fn push(&self, node: NodeId) {
            self.0.0.lock().unwrap().push_back(node);
        }

        pub(super) fn pop(&self) -> Option<NodeId> {
            self.0.0.lock().unwrap().pop_back()
        }
    }

    pub(super) fn oldest(parts: &Stealer) -> Option<NodeId> {
        parts.0.lock().unwrap().pop_front()
    }
}

use deque::Deque;
use loom::sync::{Arc, Mutex};
use loom::thread;
use mailbox::{Mailboxes, Seat, next_job};
use parts::Parts;
use scheduler_model::{NodeId, WorkerId};

/// What is under the scheduler's lock in the server.
struct Core {
    mailboxes: Mailboxes<u32>,
}

fn core() -> Arc<Mutex<Core>> {
    Arc::new(Mutex::new(Core { mailboxes: Mailboxes::new() }))
}

fn job(core: &Mutex<Core>, seat: Seat) -> u32 {
    next_job(core.lock().unwrap(), |core| &mut core.mailboxes, seat)
}

fn deliver(core: &Mutex<Core>, worker: WorkerId, job: u32) {
    core.lock().unwrap().mailboxes.deliver(worker, job);
}

fn worker(index: usize) -> WorkerId {
    WorkerId::from_index(index)
}

#[test]
fn a_worker_gets_what_is_delivered_however_its_look_and_the_delivery_fall() {
    loom::model(|| {
        let core = core();
        let acceptor = Arc::clone(&core);
        let acceptor = thread::spawn(move || {
            deliver(&acceptor, worker(0), 1);
            deliver(&acceptor, worker(0), 2);
        });
        let seat = Seat::first(worker(0));
        assert_eq!([job(&core, seat), job(&core, seat)], [1, 2]);
        acceptor.join().unwrap();
    });
}

#[test]
fn two_workers_get_each_his_own() {
    loom::model(|| {
        let core = core();
        let workers = [0, 1].map(|index| {
            let core = Arc::clone(&core);
            thread::spawn(move || job(&core, Seat::first(worker(index))))
        });
        deliver(&core, worker(1), 11);
        deliver(&core, worker(0), 10);
        assert_eq!(workers.map(|worker| worker.join().unwrap()), [10, 11]);
    });
}

#[test]
fn a_thread_that_is_told_to_stop_and_its_successor_do_not_take_each_others_mail() {
    loom::model(|| {
        let core = core();
        let old = Arc::clone(&core);
        let old = thread::spawn(move || job(&old, Seat::first(worker(0))));
        // Retired, replaced, and assigned something, before the old thread may have looked.
        deliver(&core, worker(0), 0);
        let seat = core.lock().unwrap().mailboxes.next_seat(worker(0));
        deliver(&core, worker(0), 7);
        let new = Arc::clone(&core);
        let new = thread::spawn(move || job(&new, seat));
        assert_eq!((old.join().unwrap(), new.join().unwrap()), (0, 7));
    });
}

/// The leaves of a tree of depth 2: an owner that splits twice, and a thief that comes at any time.
#[test]
fn an_owner_that_waits_for_a_thief_is_woken_and_every_leaf_is_run_once() {
    loom::model(|| {
        let deque = Deque::new_lifo();
        let parts = Arc::new(Parts::new(worker(0), &deque));
        let thief = Arc::clone(&parts);
        let thief = thread::spawn(move || {
            let Some(theft) = thief.steal(worker(1)) else { return 0 };
            assert_eq!(theft.victim, worker(0));
            let n_leaves = run(&thief, theft.node, worker(1), &theft.deque);
            thief.done(theft.node);
            n_leaves
        });
        let n_leaves = run(&parts, NodeId::ROOT, worker(0), &deque);
        assert_eq!(n_leaves + thief.join().unwrap(), 4);
    });
}

/// Runs a part as a worker does; the number of leaves that this thread ran.
fn run(parts: &Parts, node: NodeId, worker: WorkerId, deque: &Deque) -> u32 {
    if node.depth() == 2 {
        return 1;
    }
    let right = node.right();
    deque.push(right);
    parts.pushed();
    let mut n_leaves = run(parts, node.left(), worker, deque);
    match deque.pop() {
        Some(newest) => {
            assert_eq!(newest, right);
            n_leaves += run(parts, right, worker, deque);
        }
        None => {
            while let Some(theft) = parts.await_part(right, worker) {
                assert!(theft.node.is_within(right), "it helps only within what it waits for");
                n_leaves += run(parts, theft.node, worker, &theft.deque);
                parts.done(theft.node);
            }
        }
    }
    n_leaves
}
