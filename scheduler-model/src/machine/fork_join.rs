//! How workers of `fork-join` run a tree of joins: deques, thefts, and waiting for a stolen part.
//!
//! A worker splits what it runs down to a leaf: each right part goes to the back of its deque, the
//! left one is what it goes on with. Done with a left part, it takes the right one back from its
//! deque, or waits for the thief; while it waits it steals only within the part that it waits for,
//! so that it never sleeps in somebody else's request (leapfrogging, D. Wagner and B. Calder,
//! *Leapfrogging: a portable technique for implementing efficient futures* (1993)).
//!
//! A thief takes the oldest part of a deque; among deques, one whose oldest part is the largest,
//! and among those the seed decides. Splitting, joining and stealing cost no time of their own.

use std::collections::VecDeque;

use super::agenda::{Class, Due};
use super::cores::Burst;
use super::sample::{Purpose, Stream};
use super::{Cost, Simulation};
use crate::scenario::Fork;
use crate::{EventKind, Machine, NodeId, RequestId, Span, Stimulus, WorkerId, WorkerState};

/// What the workers have in hand.
#[derive(Clone, Debug)]
pub(super) struct Hands {
    of_workers: Vec<Hand>,
    /// Stolen parts that are done, and not yet joined: few, in no order.
    done: Vec<(RequestId, NodeId)>,
    thefts: Stream,
}

/// One worker's.
#[derive(Clone, Debug, Default)]
struct Hand {
    deque: VecDeque<(RequestId, NodeId)>,
    stack: Vec<Frame>,
    /// It waits for a stolen part and found nothing to do meanwhile.
    rests: bool,
}

/// A part that a worker has begun and not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    /// The one it began with: a whole request, or what it stole.
    Base(NodeId),
    /// It split, and its left part runs.
    Left(NodeId),
    /// Its left part is done, and a thief has the right one.
    Stolen(NodeId),
    /// Its left part is done, and the right one runs here.
    Right(NodeId),
}

impl Hands {
    pub(super) fn new(seed: u64) -> Self {
        let thefts = Stream::new(seed, Purpose::Thefts, 0);
        Self { of_workers: Vec::new(), done: Vec::new(), thefts }
    }

    /// Whether this worker is inside a tree.
    pub(super) fn is_at_work(&self, worker: WorkerId) -> bool {
        self.of_workers.get(worker.index()).is_some_and(|hand| !hand.stack.is_empty())
    }

    fn of(&mut self, worker: WorkerId) -> &mut Hand {
        if worker.index() >= self.of_workers.len() {
            self.of_workers.resize_with(worker.index() + 1, Hand::default);
        }
        &mut self.of_workers[worker.index()]
    }

    fn top(&mut self, worker: WorkerId) -> &mut Frame {
        self.of(worker).stack.last_mut().expect("a worker inside a tree has a frame")
    }

    /// The deque to steal from among those whose oldest part is wanted.
    fn victim(&mut self, wanted: impl Fn(RequestId, NodeId) -> bool) -> Option<WorkerId> {
        let oldest = |hand: &Hand| {
            let &(request, node) = hand.deque.front()?;
            wanted(request, node).then(|| node.depth())
        };
        let largest = self.of_workers.iter().filter_map(oldest).min()?;
        let found = |hand: &Hand| oldest(hand) == Some(largest);
        let n = self.of_workers.iter().filter(|hand| found(hand)).count();
        let pick = if n == 1 { 0 } else { self.thefts.below(n) };
        let mut found = self.of_workers.iter().enumerate().filter(|(_, hand)| found(hand));
        found.nth(pick).map(|(index, _)| WorkerId::from_index(index))
    }

    /// Who rests until this part is done, or until something of it can be stolen. Parts of different
    /// requests have the same numbers.
    fn resting(&self, wanted: impl Fn(WorkerId, NodeId) -> bool) -> Option<WorkerId> {
        let waits = |(worker, hand): &(WorkerId, &Hand)| {
            let Some(Frame::Stolen(parent)) = hand.stack.last() else { return false };
            hand.rests && wanted(*worker, parent.right())
        };
        let mut hands = (0..).map(WorkerId::from_index).zip(&self.of_workers);
        hands.find(waits).map(|(worker, _)| worker)
    }
}

impl Simulation {
    /// A worker begins with a request's tree.
    pub(super) fn begin_tree(&mut self, worker: WorkerId) {
        self.hands.of(worker).stack.push(Frame::Base(NodeId::ROOT));
        self.split(worker, NodeId::ROOT);
    }

    /// A leaf is done.
    pub(super) fn leaf_done(&mut self, worker: WorkerId) {
        self.go_on(worker);
    }

    /// A worker that was told to steal looks for something.
    pub(super) fn look(&mut self, worker: WorkerId) {
        let Some(victim) = self.hands.victim(|_, _| true) else {
            self.tell(self.shard, Stimulus::StealFailed { worker });
            return;
        };
        self.steal(worker, victim);
    }

    /// A worker that rests is told that there may be something for it.
    pub(super) fn resume(&mut self, worker: WorkerId) {
        if std::mem::take(&mut self.hands.of(worker).rests) {
            self.await_stolen(worker);
        }
    }

    fn steal(&mut self, worker: WorkerId, victim: WorkerId) {
        let stolen = self.hands.of(victim).deque.pop_front();
        let (request, node) = stolen.expect("a victim has something to steal");
        self.emit(EventKind::Machine(Machine::Stolen { request, worker, victim, node }));
        self.hands.of(worker).stack.push(Frame::Base(node));
        self.split(worker, node);
    }

    /// Splits a part down to its leftmost leaf, and runs that.
    fn split(&mut self, worker: WorkerId, mut node: NodeId) {
        let request = self.held_by(worker);
        let Fork { depth, leaf_cpu } = self.fork_of(request);
        while node.depth() < depth.get() {
            self.hands.of(worker).stack.push(Frame::Left(node));
            let right = node.right();
            self.hands.of(worker).deque.push_back((request, right));
            self.emit(EventKind::Machine(Machine::Pushed { request, worker, node: right }));
            self.tell(self.shard, Stimulus::TaskForked { request, worker });
            if let Some(resting) = self.resting_for(request, |awaited| right.is_within(awaited)) {
                self.call(resting);
            }
            node = node.left();
        }
        if leaf_cpu == Span::ZERO {
            self.agenda.add(self.now, Class::Completion, request.0, Due::NoCpu(worker));
        } else {
            let burst = Burst { worker, request, left: leaf_cpu };
            self.cores.add(burst, self.now, &mut self.agenda, &mut self.seen);
            self.flush();
        }
    }

    /// The part that this worker ran last is done: what encloses it goes on.
    fn go_on(&mut self, worker: WorkerId) {
        let request = self.held_by(worker);
        loop {
            match *self.hands.top(worker) {
                Frame::Left(parent) => {
                    let node = parent.right();
                    let hand = self.hands.of(worker);
                    if hand.deque.back() == Some(&(request, node)) {
                        hand.deque.pop_back();
                        *self.hands.top(worker) = Frame::Right(parent);
                        self.emit(EventKind::Machine(Machine::Popped { request, worker, node }));
                        self.split(worker, node);
                    } else {
                        *self.hands.top(worker) = Frame::Stolen(parent);
                        self.await_stolen(worker);
                    }
                    return;
                }
                Frame::Right(_) => {
                    self.hands.of(worker).stack.pop();
                }
                Frame::Base(node) => {
                    self.hands.of(worker).stack.pop();
                    self.base_done(worker, request, node);
                    return;
                }
                Frame::Stolen(_) => unreachable!("a worker that waits for a thief runs nothing"),
            }
        }
    }

    /// A worker is through with what it began with.
    fn base_done(&mut self, worker: WorkerId, request: RequestId, node: NodeId) {
        if node == NodeId::ROOT {
            self.after_cpu(worker);
            return;
        }
        self.hands.done.push((request, node));
        if let Some(resting) = self.resting_for(request, |awaited| awaited == node) {
            self.call(resting);
        }
        if self.hands.is_at_work(worker) {
            self.await_stolen(worker);
        } else {
            self.tell(self.shard, Stimulus::TaskJoined { request, worker });
        }
    }

    /// A worker cannot go on without a part that was stolen from it, unless that is done.
    fn await_stolen(&mut self, worker: WorkerId) {
        let Frame::Stolen(parent) = *self.hands.top(worker) else {
            unreachable!("only a worker that waits for a thief gets here")
        };
        let (request, node) = (self.held_by(worker), parent.right());
        let joins =
            self.world.worker(worker).map(|found| found.state) == Some(WorkerState::Joining);
        if let Some(place) = self.hands.done.iter().position(|&part| part == (request, node)) {
            self.hands.done.swap_remove(place);
            if joins {
                self.emit(EventKind::Machine(Machine::JoinEnded { request, worker, node }));
            }
            self.hands.of(worker).stack.pop();
            self.go_on(worker);
            return;
        }
        if !joins {
            self.emit(EventKind::Machine(Machine::JoinBegun { request, worker, node }));
        }
        let within = |of: RequestId, part: NodeId| of == request && part.is_within(node);
        match self.hands.victim(within) {
            Some(victim) => self.steal(worker, victim),
            None => self.hands.of(worker).rests = true,
        }
    }

    fn resting_for(&self, request: RequestId, wanted: impl Fn(NodeId) -> bool) -> Option<WorkerId> {
        self.hands.resting(|worker, node| self.held_by(worker) == request && wanted(node))
    }

    /// Lets a resting worker look again, once this step is over.
    fn call(&mut self, worker: WorkerId) {
        self.agenda.add(self.now, Class::Ready, worker.get().into(), Due::Resume(worker));
    }

    fn fork_of(&self, request: RequestId) -> Fork {
        let Cost { fork, .. } =
            self.costs.get(request).expect("costs are kept until the task ends");
        fork.expect("only a request with a tree is split")
    }
}
