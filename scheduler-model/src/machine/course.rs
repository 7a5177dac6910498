//! A request's course on the computer, once a worker has it: CPU time, then sleep, then the answer.
//!
//! A tree of joins comes between the two: see [`super::fork_join`].

use super::Simulation;
use super::agenda::{Class, Due};
use super::cores::Burst;
use crate::{Ending, RequestId, Stimulus, WorkerId};

impl Simulation {
    /// The worker's thread is ready to run the request it was assigned.
    pub(super) fn begin(&mut self, worker: WorkerId) {
        let request = self.held_by(worker);
        let cost = self.costs.get_mut(request).expect("costs are kept until the task ends");
        let panics = &mut self.panics[usize::from(cost.route.0)];
        if *panics > 0 {
            *panics -= 1;
            cost.panics = true;
        }
        let left = cost.cpu;
        if left.is_zero() {
            self.agenda.add(self.now, Class::Completion, request.0, Due::NoCpu(worker));
        } else {
            let burst = Burst { worker, request, left };
            self.cores.add(burst, self.now, &mut self.agenda, &mut self.seen);
            self.flush();
        }
    }

    pub(super) fn cpu_done(&mut self, worker: WorkerId) {
        self.flush();
        if self.hands.is_at_work(worker) {
            self.leaf_done(worker);
            return;
        }
        let request = self.held_by(worker);
        let cost = self.costs.get(request).expect("costs are kept until the task ends");
        if cost.panics {
            let panicked = Stimulus::TaskPanicked { request, worker, ending: Ending::Close };
            self.tell(self.shard_of(worker), panicked);
            self.costs.remove(request);
        } else if cost.fork.is_some() {
            self.begin_tree(worker);
        } else {
            self.after_cpu(worker);
        }
    }

    /// A request has used its CPU time: it sleeps, or is answered.
    pub(super) fn after_cpu(&mut self, worker: WorkerId) {
        let request = self.held_by(worker);
        let sleep = self.costs.get(request).expect("costs are kept until the task ends").sleep;
        if sleep.is_zero() {
            self.finish(worker, request);
            return;
        }
        let blocked = Stimulus::TaskBlocked { request, worker, route: None };
        self.tell(self.shard_of(worker), blocked);
        let due = if self.header.scenario.server.model.is_loop() {
            Due::TimerOver(request)
        } else {
            Due::Awake(worker)
        };
        self.agenda.add(self.now + sleep, Class::Completion, request.0, due);
    }

    /// A request that slept on a timer has nothing left to do: it is answered at once, unless
    /// nobody waits for it any more.
    pub(super) fn timer_over(&mut self, request: RequestId) {
        let Some(entry) = self.world.request(request) else {
            self.costs.remove(request);
            return;
        };
        let connection = entry.connection.expect("a request that runs has a connection");
        let shard = self.world.shard_of(connection);
        self.tell(shard, finished(request, shard.worker()));
        self.costs.remove(request);
    }

    pub(super) fn finish(&mut self, worker: WorkerId, request: RequestId) {
        self.tell(self.shard_of(worker), finished(request, worker));
        self.costs.remove(request);
    }
}

fn finished(request: RequestId, worker: WorkerId) -> Stimulus {
    Stimulus::TaskFinished { request, worker, route: None, ending: Ending::Close }
}
