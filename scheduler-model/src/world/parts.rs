//! Parts of requests in the workers' deques: pushed once, and taken once, by their owner or a
//! thief.
//!
//! In the simulation a thief takes the oldest part. In a recording thefts are seen when they are
//! reported, and each thread reports on its own: there it takes one that is there, and only the
//! owner's order is certain.

use std::collections::VecDeque;

use super::happened::{unknown, wrong};
use super::{Violation, WorkerState, World};
use crate::{NodeId, RequestId, WorkerId};

/// Deques by worker.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    deques: Vec<VecDeque<(RequestId, NodeId)>>,
}

impl Parts {
    pub(super) fn of(&self, worker: WorkerId) -> impl Iterator<Item = (RequestId, NodeId)> {
        self.deques.get(worker.index()).into_iter().flatten().copied()
    }

    pub(super) fn forget(&mut self, worker: WorkerId) {
        if let Some(deque) = self.deques.get_mut(worker.index()) {
            deque.clear();
        }
    }

    fn deque(&mut self, worker: WorkerId) -> &mut VecDeque<(RequestId, NodeId)> {
        if worker.index() >= self.deques.len() {
            self.deques.resize_with(worker.index() + 1, VecDeque::new);
        }
        &mut self.deques[worker.index()]
    }
}

impl World {
    pub(super) fn pushed(
        &mut self,
        request: RequestId,
        worker: WorkerId,
        node: NodeId,
    ) -> Result<(), Violation> {
        self.holding(worker, request)?;
        let deque = self.parts.deque(worker);
        if deque.contains(&(request, node)) {
            return Err(wrong("part", node.0, "in the deque already", "new"));
        }
        deque.push_back((request, node));
        Ok(())
    }

    pub(super) fn popped(
        &mut self,
        request: RequestId,
        worker: WorkerId,
        node: NodeId,
    ) -> Result<(), Violation> {
        self.holding(worker, request)?;
        let deque = self.parts.deque(worker);
        if deque.back() != Some(&(request, node)) {
            return Err(wrong("part", node.0, "not the newest in the deque", "the newest"));
        }
        deque.pop_back();
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
                let state = self.holding(worker, request)?.state;
                if state != WorkerState::Joining {
                    return Err(wrong("worker", worker.get(), state, "joining"));
                }
            }
            None => self.looking(worker)?,
        }
        let simulated = self.simulated;
        let deque = self.parts.deque(victim);
        let place = deque.iter().position(|&part| part == (request, node));
        match place {
            Some(place) if place == 0 || !simulated => {
                deque.remove(place);
            }
            Some(_) => {
                return Err(wrong("part", node.0, "not the oldest in the deque", "the oldest"));
            }
            None => return Err(unknown("part in the victim's deque", node.0)),
        }
        let thief = self.workers.get_mut(worker.index()).expect("it was found above");
        if thief.request.replace(request).is_none() {
            thief.helps = true;
            self.counts.held += 1;
        }
        self.counts.steals += 1;
        self.runnable(worker);
        Ok(())
    }

    pub(super) fn join_ended(
        &mut self,
        request: RequestId,
        worker: WorkerId,
    ) -> Result<(), Violation> {
        let state = self.holding(worker, request)?.state;
        if state != WorkerState::Joining {
            return Err(wrong("worker", worker.get(), state, "joining"));
        }
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
        if let Some(core) = found.core {
            return Err(wrong("worker", worker.get(), format_args!("on core {core}"), "off it"));
        }
        if self.parts.deque(worker).contains(&(request, node)) {
            return Err(wrong("part", node.0, "in its owner's deque", "with a thief"));
        }
        self.set_state(worker, WorkerState::Joining);
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

    /// What a worker is that can go on.
    fn runnable(&mut self, worker: WorkerId) {
        let state = if self.simulated { WorkerState::Scheduled } else { WorkerState::Busy };
        self.set_state(worker, state);
    }
}
