//! What a scheduler is told, and what it decides, carried out: mail for threads, outcomes for
//! requests. What a decision may not be is noted as broken.

use super::{Driver, Out, Phase};
use crate::check::property::Property;
use crate::check::threads::{At, Mail, Nth, Thread};
use crate::{Decision, EventKind, Model, RejectReason, ShardId, SimTime, Stimulus, WorkerId};

impl Driver {
    /// Tells a scheduler, and carries out what it decides.
    pub(in crate::check) fn tell(&mut self, shard: ShardId, stimulus: Stimulus, out: &mut Out<'_>) {
        out((shard, EventKind::Stimulus(stimulus)));
        let index = usize::from(shard.0);
        self.schedulers[index].handle(SimTime::ZERO, stimulus);
        while let Some(decision) = self.schedulers[index].poll() {
            out((shard, EventKind::Decision(decision)));
            self.carry_out(shard, decision);
        }
        if !self.shards[index].queue.is_empty() {
            self.reached.add(Property::NobodyIdlesBesideAQueue);
            let idle = |thread: &Thread| {
                thread.current && thread.is_idle() && self.shard_of(thread.worker) == shard
            };
            if self.threads.iter().any(idle) {
                self.broken.add(Property::NobodyIdlesBesideAQueue);
            }
        }
    }

    fn carry_out(&mut self, shard: ShardId, decision: Decision) {
        match decision {
            Decision::Assign { request, worker } => {
                let nth = self.nth(request);
                self.leave_queue(shard, nth, true);
                let phase = &mut self.requests[usize::from(nth)].phase;
                if std::mem::replace(phase, Phase::Held) != Phase::Waiting {
                    self.broken.add(Property::EveryRequestEndsOnce);
                }
                self.deliver(worker, Mail::Run(nth));
            }
            Decision::Steal { worker } => self.deliver(worker, Mail::Steal),
            Decision::Retire { worker } => {
                self.deliver(worker, Mail::Stop);
                if let Some(thread) = self.current(worker) {
                    thread.current = false;
                }
            }
            Decision::Spawn { worker, .. } => {
                self.threads.push(Thread::new(worker, At::Starting));
                // Who was there first ends on its own: the order of threads says nothing.
                if self.n_current_threads() > self.plan.threads_max
                    && self.plan.model == Model::Spawn
                {
                    self.broken.add(Property::BoundsHold);
                }
            }
            Decision::Queue { request } => {
                let nth = self.nth(request);
                let queue = &mut self.shards[usize::from(shard.0)].queue;
                queue.push(nth);
                let n_queued = queue.len();
                self.reached.add(Property::BoundsHold);
                let bounded = !self.plan.model.is_loop();
                if bounded && self.plan.backlog_max.is_some_and(|max| n_queued > max) {
                    self.broken.add(Property::BoundsHold);
                }
            }
            Decision::Reject { request, reason } => {
                let nth = self.nth(request);
                self.leave_queue(shard, nth, reason == RejectReason::DroppedOldest);
                let of = &self.shards[usize::from(shard.0)];
                let too_early = match reason {
                    RejectReason::DrainDeadline => !of.deadline_passed,
                    RejectReason::Draining => !of.draining,
                    _ => false,
                };
                if too_early {
                    self.broken.add(Property::ADrainLosesNothing);
                }
                let entry = &mut self.requests[usize::from(nth)];
                if entry.phase == Phase::Over {
                    self.broken.add(Property::EveryRequestEndsOnce);
                }
                (entry.phase, entry.connection) = (Phase::Over, None);
            }
            Decision::Close { connection } => {
                let closed = Some(connection);
                for request in self.requests.iter_mut().filter(|of| of.connection == closed) {
                    (request.phase, request.connection) = (Phase::Over, None);
                }
            }
            Decision::ArmTimer { timer, .. } => {
                self.shards[usize::from(shard.0)].armed[timer as usize] = true;
            }
            Decision::Drained => self.shards[usize::from(shard.0)].drained = true,
            Decision::Park { .. }
            | Decision::ResumeAccepting
            | Decision::RunOnCaller { .. }
            | Decision::StopAccepting => {}
        }
    }

    /// A request leaves the queue it may be in; `first` when it had to be the first.
    fn leave_queue(&mut self, shard: ShardId, nth: Nth, first: bool) {
        let queue = &mut self.shards[usize::from(shard.0)].queue;
        let Some(place) = queue.iter().position(|&queued| queued == nth) else { return };
        queue.remove(place);
        self.reached.add(Property::FirstComeFirstServed);
        if first && place > 0 {
            self.broken.add(Property::FirstComeFirstServed);
        }
    }

    /// The scheduler has something for a worker, which must be free.
    fn deliver(&mut self, worker: WorkerId, mail: Mail) {
        match self.current(worker) {
            Some(thread) if thread.is_idle() => thread.deliver(mail),
            _ => self.broken.add(Property::EveryRequestEndsOnce),
        }
    }

    fn current(&mut self, worker: WorkerId) -> Option<&mut Thread> {
        self.threads.iter_mut().find(|thread| thread.current && thread.worker == worker)
    }

    /// Somebody is idle, parts lie in a deque, and nobody is on the way to take or to tell of them.
    pub(super) fn look_for_idlers(&mut self) {
        if self.threads.iter().all(|thread| thread.tree.deque.is_empty()) {
            return;
        }
        self.reached.add(Property::NobodyIdlesBesideAQueue);
        let on_the_way = |thread: &Thread| {
            thread.mail.is_some()
                || matches!(
                    thread.at,
                    At::Splitting(_) | At::Searching | At::FoundNothing | At::Helped(_)
                )
        };
        let idle = |thread: &Thread| thread.current && thread.is_idle();
        if self.threads.iter().any(idle) && !self.threads.iter().any(on_the_way) {
            self.broken.add(Property::NobodyIdlesBesideAQueue);
        }
    }
}
