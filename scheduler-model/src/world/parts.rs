//! Parts of requests in the workers' deques: pushed once, and taken once, by their owner or a
//! thief.
//!
//! A worker goes down its tree from one part to the next, and pushes only the right half of the part
//! it has come to: so nothing is pushed twice. In the simulation a thief takes the oldest part, and
//! the event is the theft. On a real computer a thief reports what it has taken a moment later, and
//! its victim may have missed the part by then: a theft is an interval, which ends with the report.
//! Certain are the order of the owner's own operations, and that whatever was older than a part that
//! was stolen, or that its owner waits for, is on its way to a report as well.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::happened::{unknown, wrong};
use super::{Violation, Worker, WorkerState, World};
use crate::{Model, NodeId, RequestId, WorkerId, wire};

/// What each worker has in hand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    hands: Vec<Hand>,
    /// Splits so far.
    pub(crate) splits: u64,
}

/// One worker's deque, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hand {
    pub(super) deque: VecDeque<(RequestId, NodeId)>,
    /// How many of the oldest are with thieves that have not reported yet; none in a simulation.
    pub(super) n_on_their_way: usize,
    /// The part that it has come to, or waits for.
    pub(super) at: NodeId,
    course: Course,
    /// Whether the request that it holds has split.
    pub(crate) has_split: bool,
    /// How many splits there had been when it was last told to steal.
    pub(crate) splits_seen: u64,
}

/// What a worker may do next with the part that it has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Course {
    /// Waited for a thief; that part is not its own to split.
    Joins,
    /// Split it.
    Runs,
    /// Report that it has split.
    Splits,
}

wire!(struct Parts { hands, splits });
wire!(struct Hand { deque, n_on_their_way, at, course, has_split, splits_seen });
wire!(enum Course { 0 Joins, 1 Runs, 2 Splits });

impl Parts {
    /// A worker split its task, which is its own unless it helps.
    pub(super) fn split(&mut self, worker: WorkerId, helps: bool) {
        self.splits += 1;
        if !helps {
            self.hand(worker).has_split = true;
        }
    }

    /// A worker's own request is whole again, or gone.
    pub(super) fn unite(&mut self, worker: WorkerId) {
        if let Some(hand) = self.hands.get_mut(worker.index()) {
            hand.has_split = false;
        }
    }

    /// A worker is told to steal.
    pub(super) fn sent(&mut self, worker: WorkerId) {
        let splits = self.splits;
        self.hand(worker).splits_seen = splits;
    }

    /// Puts back what a worker had in hand.
    pub(super) fn put_back(&mut self, worker: WorkerId, hand: Hand) {
        *self.hand(worker) = hand;
    }

    /// What a worker has in hand.
    pub(super) fn of_worker(&self, worker: WorkerId) -> Hand {
        self.hands.get(worker.index()).cloned().unwrap_or_default()
    }

    /// What all workers have in hand, by their numbers.
    pub(crate) fn hands(&self) -> &[Hand] {
        &self.hands
    }

    pub(super) fn of(&self, worker: WorkerId) -> impl Iterator<Item = (RequestId, NodeId)> {
        self.hands.get(worker.index()).into_iter().flat_map(|hand| &hand.deque).copied()
    }

    /// A worker was given a whole request.
    #[inline]
    pub(super) fn begin(&mut self, worker: WorkerId) {
        if let Some(hand) = self.hands.get_mut(worker.index()) {
            hand.come_to(NodeId::ROOT);
        }
    }

    pub(super) fn forget(&mut self, worker: WorkerId) {
        if let Some(hand) = self.hands.get_mut(worker.index()) {
            *hand = Hand::new();
        }
    }

    /// Whether a worker may be through with what it has: nothing of it lies in its deque, and each
    /// split was reported.
    #[inline]
    pub(super) fn is_whole(&self, worker: WorkerId) -> bool {
        let hand = self.hands.get(worker.index());
        hand.is_none_or(|hand| hand.deque.is_empty() && hand.course != Course::Splits)
    }

    fn hand(&mut self, worker: WorkerId) -> &mut Hand {
        if worker.index() >= self.hands.len() {
            self.hands.resize_with(worker.index() + 1, Hand::new);
        }
        &mut self.hands[worker.index()]
    }
}

impl Hand {
    const fn new() -> Self {
        Self {
            deque: VecDeque::new(),
            n_on_their_way: 0,
            at: NodeId::ROOT,
            course: Course::Runs,
            has_split: false,
            splits_seen: 0,
        }
    }

    const fn come_to(&mut self, node: NodeId) {
        self.at = node;
        self.course = Course::Runs;
    }
}

impl Default for Hand {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    pub(super) fn pushed(
        &mut self,
        request: RequestId,
        worker: WorkerId,
        node: NodeId,
    ) -> Result<(), Violation> {
        Self::running(&self.holding(worker, request)?)?;
        let hand = self.parts.hand(worker);
        if hand.course != Course::Runs || node != hand.at.right() {
            let at = hand.at;
            return Err(wrong(
                "part",
                node.0,
                format_args!("pushed by a worker that is at part {}", at.0),
                "the right half of what its worker runs",
            ));
        }
        hand.deque.push_back((request, node));
        hand.at = hand.at.left();
        hand.course = Course::Splits;
        Ok(())
    }

    /// A worker reports that it has split its task.
    pub(super) fn forked(&mut self, request: RequestId, worker: WorkerId) -> Result<(), Violation> {
        let helps = self.holding(worker, request)?.helps;
        let hand = self.parts.hand(worker);
        if hand.course != Course::Splits {
            return Err(wrong("worker", worker.get(), "without a new part", "one that pushed"));
        }
        hand.course = Course::Runs;
        if self.server.model == Model::ForkJoin {
            self.parts.split(worker, helps);
        }
        Ok(())
    }

    pub(super) fn popped(
        &mut self,
        request: RequestId,
        worker: WorkerId,
        node: NodeId,
    ) -> Result<(), Violation> {
        Self::running(&self.holding(worker, request)?)?;
        let hand = self.parts.hand(worker);
        if hand.deque.back() != Some(&(request, node)) {
            return Err(wrong("part", node.0, "not the newest in the deque", "the newest"));
        }
        if hand.deque.len() == hand.n_on_their_way {
            return Err(wrong("part", node.0, "with a thief", "in its owner's deque"));
        }
        if hand.course == Course::Splits {
            return Err(wrong("worker", worker.get(), "about to report a split", "running"));
        }
        hand.deque.pop_back();
        hand.come_to(node);
        self.runnable(worker);
        Ok(())
    }

    pub(super) fn stolen(
        &mut self,
        request: RequestId,
        worker: WorkerId,
        victim: WorkerId,
        node: NodeId,
    ) -> Result<(), Violation> {
        if worker == victim {
            return Err(wrong("worker", worker.get(), "the deque's owner", "another one"));
        }
        match self.existing_worker(worker)?.request {
            Some(_) => {
                let awaited = self.joining(request, worker)?;
                if !node.is_within(awaited) {
                    let found = format_args!("no part of {}, which its thief waits for", awaited.0);
                    return Err(wrong("part", node.0, found, "within that"));
                }
            }
            None => self.looking(worker)?,
        }
        let simulated = self.simulated;
        let hand = self.parts.hand(victim);
        let place = hand.deque.iter().position(|&part| part == (request, node));
        match place {
            Some(place) if place == 0 || !simulated => {
                hand.deque.remove(place);
                let taken = hand.n_on_their_way;
                // Thieves take the oldest: what was older still is gone as well.
                hand.n_on_their_way = if place < taken { taken - 1 } else { place };
            }
            Some(_) => {
                return Err(wrong("part", node.0, "not the oldest in the deque", "the oldest"));
            }
            None => return Err(unknown("part in the victim's deque", node.0)),
        }
        self.parts.hand(worker).come_to(node);
        let thief = self.workers.get_mut(worker.index()).expect("it was found above");
        if thief.request.replace(request).is_none() {
            thief.helps = true;
            self.counts.held += 1;
        }
        self.counts.steals += 1;
        self.runnable(worker);
        Ok(())
    }

    pub(super) fn join_begun(
        &mut self,
        request: RequestId,
        worker: WorkerId,
        node: NodeId,
    ) -> Result<(), Violation> {
        let found = self.holding(worker, request)?;
        Self::running(&found)?;
        if let Some(core) = found.core {
            return Err(wrong("worker", worker.get(), format_args!("on core {core}"), "off it"));
        }
        let simulated = self.simulated;
        let hand = self.parts.hand(worker);
        let is_there = match hand.deque.back() {
            None => false,
            Some(&newest) if simulated || newest.0 != request => true,
            // A thief has it, and will say so; and so it is with all that were older.
            Some(&newest) => newest.1 != node && hand.deque.contains(&(request, node)),
        };
        if is_there {
            return Err(wrong("part", node.0, "in its owner's deque", "with a thief"));
        }
        let is_right_half = node.0 % 2 == 1 && node != NodeId::ROOT;
        if !is_right_half || !hand.at.is_within(NodeId(node.0 / 2)) {
            let found = format_args!("no part of what its worker, at part {}, runs", hand.at.0);
            return Err(wrong("part", node.0, found, "the right half of such a part"));
        }
        hand.n_on_their_way = hand.deque.len();
        hand.at = node;
        hand.course = Course::Joins;
        self.set_state(worker, WorkerState::Joining);
        Ok(())
    }

    pub(super) fn join_ended(
        &mut self,
        request: RequestId,
        worker: WorkerId,
        node: NodeId,
    ) -> Result<(), Violation> {
        let awaited = self.joining(request, worker)?;
        if node != awaited {
            let found = format_args!("waiting for part {}", awaited.0);
            return Err(wrong("worker", worker.get(), found, "waiting for the part that is done"));
        }
        if self.parts.hand(worker).deque.contains(&(request, node)) {
            return Err(wrong("part", node.0, "not taken by anybody", "done"));
        }
        self.runnable(worker);
        Ok(())
    }

    /// The part that this worker waits for.
    fn joining(&mut self, request: RequestId, worker: WorkerId) -> Result<NodeId, Violation> {
        let state = self.holding(worker, request)?.state;
        if state != WorkerState::Joining {
            return Err(wrong("worker", worker.get(), state, "joining"));
        }
        Ok(self.parts.hand(worker).at)
    }

    /// A worker is through with a request, or with a part that it stole.
    #[inline]
    pub(super) fn through_with_parts(&self, worker: &Worker) -> Result<(), Violation> {
        if matches!(worker.state, WorkerState::Blocked | WorkerState::Joining) {
            return Err(wrong("worker", worker.id.get(), worker.state, "busy or scheduled"));
        }
        if !self.parts.is_whole(worker.id) {
            return Err(wrong("worker", worker.id.get(), "in the middle of parts", "through"));
        }
        Ok(())
    }

    /// A worker was told to steal, and has nothing yet.
    pub(super) fn looking(&self, worker: WorkerId) -> Result<(), Violation> {
        let found = self.existing_worker(worker)?;
        if found.state == WorkerState::Scheduled && found.request.is_none() {
            Ok(())
        } else {
            Err(wrong("worker", worker.get(), found.state, "one that was told to steal"))
        }
    }

    /// Who waits for a thief, or sleeps, touches no deque.
    fn running(worker: &Worker) -> Result<(), Violation> {
        match worker.state {
            WorkerState::Blocked | WorkerState::Joining => {
                Err(wrong("worker", worker.id.get(), worker.state, "busy or scheduled"))
            }
            _ => Ok(()),
        }
    }

    /// What a worker is that can go on.
    fn runnable(&mut self, worker: WorkerId) {
        let state = if self.simulated { WorkerState::Scheduled } else { WorkerState::Busy };
        self.set_state(worker, state);
    }
}
