//! What may happen next in a state.

use super::{Action, Driver, Phase};
use crate::check::threads::{At, Thread};
use crate::{Model, ShardId, Timer};

impl Driver {
    /// All that may happen next.
    pub(in crate::check) fn actions(&self, actions: &mut Vec<Action>) {
        if usize::from(self.opened) < self.requests.len() {
            let open = |shard: &ShardId| self.scheduler(*shard).is_accepting();
            if self.plan.model == Model::Sharded {
                let shards = (0..self.shards.len()).map(ShardId::from_index);
                actions.extend(shards.filter(open).map(Action::OpenAt));
            } else if open(&ShardId(0)) {
                actions.push(Action::Open);
            }
        }
        let connected = (0..)
            .zip(&self.requests)
            .find(|(_, request)| !matches!(request.phase, Phase::Over) && request.id.is_none());
        if let Some((nth, request)) = connected
            && request.phase == Phase::Connected
            && self.scheduler(request.shard).is_accepting()
        {
            actions.push(Action::Arrive(nth));
        }
        for (index, thread) in (0..).zip(&self.threads) {
            self.thread_actions(index, thread, actions);
        }
        let asleep = (0..).zip(&self.requests).filter(|(_, of)| of.phase == Phase::Asleep);
        actions.extend(asleep.map(|(nth, _)| Action::WakeUp(nth)));
        for (id, shard) in (0..).map(ShardId::from_index).zip(&self.shards) {
            let timers = [Timer::DrainDeadline, Timer::AcceptRetry, Timer::SpawnRetry];
            let due = timers.into_iter().filter(|&timer| shard.armed[timer as usize]);
            actions.extend(due.filter(|_| !shard.drained).map(|timer| Action::Timer(id, timer)));
        }
        let left = (0..8).filter(|index| self.faults & 1 << index != 0);
        actions.extend(left.map(Action::Fault));
    }

    fn thread_actions(&self, index: u8, thread: &Thread, actions: &mut Vec<Action>) {
        match thread.at {
            At::Starting => {
                actions.push(Action::Start(index));
                if self.spawn_failures > 0 {
                    actions.push(Action::StartFails(index));
                }
            }
            At::Asleep { woken: false } => {}
            At::Running(nth) => {
                let route = usize::from(self.plan.routes[usize::from(nth)]);
                let whole = thread.tree.frames.is_empty();
                if whole && self.panics[route] > 0 {
                    actions.push(Action::Panic(index));
                }
                let slept = self.requests[usize::from(nth)].slept;
                if self.plan.model.is_loop() && self.plan.sleeps[route] && !slept {
                    actions.push(Action::Sleep(index));
                } else {
                    actions.push(Action::Step(index));
                }
            }
            At::Searching => {
                let before = actions.len();
                self.victims(index, |_| true, actions);
                if actions.len() == before {
                    actions.push(Action::Step(index));
                }
            }
            At::Joining(_) => {
                if self.is_joinable(thread) {
                    actions.push(Action::Step(index));
                } else {
                    let awaited = thread.awaited();
                    self.victims(
                        index,
                        |part| part.1.is_within(awaited.1) && part.0 == awaited.0,
                        actions,
                    );
                }
            }
            _ => actions.push(Action::Step(index)),
        }
    }
}
