//! What becomes of a scheduler's decisions on the simulated computer.

use super::Simulation;
use super::agenda::{Class, Due};
use crate::{Decision, Model, Span};

impl Simulation {
    pub(super) fn carry_out(&mut self, decision: Decision) {
        match decision {
            Decision::Assign { worker, .. } => {
                let dispatch = match self.header.scenario.server.model {
                    Model::Pool | Model::ForkJoin => self.header.scenario.machine.dispatch,
                    _ => Span::ZERO, // the thread that accepted it, or was started for it
                };
                if dispatch.is_zero() {
                    self.begin(worker);
                } else {
                    let due = Due::Dispatched(worker);
                    self.agenda.add(self.now + dispatch, Class::Ready, worker.get().into(), due);
                }
            }
            Decision::Spawn { worker, .. } => {
                let memory_kib = u64::from(self.header.scenario.machine.memory_mib.get()) * 1024;
                let fails = if self.spawns_to_fail > 0 {
                    self.spawns_to_fail -= 1;
                    true
                } else {
                    self.world.stack_kib() > memory_kib
                };
                let due = if fails { Due::SpawnFailed(worker) } else { Due::Spawned(worker) };
                let at = self.now + self.header.scenario.machine.spawn;
                self.agenda.add(at, Class::Ready, worker.get().into(), due);
            }
            Decision::Steal { worker } => {
                let at = self.now + self.header.scenario.machine.dispatch;
                self.agenda.add(at, Class::Ready, worker.get().into(), Due::Look(worker));
            }
            Decision::ArmTimer { timer, due } => {
                let due_timer = Due::Timer(self.shard, timer);
                self.agenda.add(due, Class::Deadline, timer as u64, due_timer);
            }
            Decision::StopAccepting
            | Decision::ResumeAccepting
            | Decision::Queue { .. }
            | Decision::Reject { .. }
            | Decision::RunOnCaller { .. }
            | Decision::Park { .. }
            | Decision::Retire { .. }
            | Decision::Close { .. }
            | Decision::Drained => {}
        }
    }
}
