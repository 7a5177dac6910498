//! Decisions, folded into the world.

use super::happened::{unknown, wrong};
use super::{Outcome, Place, Violation, Worker, WorkerState, World};
use crate::scenario::Model;
use crate::{ConnectionId, Decision, RequestId, WorkerId};

impl World {
    pub(super) fn decision(&mut self, decision: Decision) -> Result<(), Violation> {
        match decision {
            Decision::StopAccepting | Decision::ResumeAccepting => {
                let accepting = decision == Decision::ResumeAccepting;
                if self.own().accepting == accepting {
                    let found =
                        if accepting { "accepting already" } else { "not accepting already" };
                    return Err(Violation::Server { found });
                }
                self.own().accepting = accepting;
            }
            Decision::Spawn { worker, request } => self.spawn(worker, request)?,
            Decision::Assign { request, worker } => self.assign(request, worker)?,
            Decision::Queue { request } => self.queue(request)?,
            Decision::Reject { request, .. } => {
                let gone =
                    self.request(request).copied().ok_or_else(|| unknown("request", request.0))?;
                if let Some(connection) = gone.connection {
                    self.remove_connection(connection);
                }
                self.leave(request, Outcome::Rejected);
            }
            Decision::RunOnCaller { request } => {
                self.at_door(request)?;
                self.leave(request, Outcome::Rejected);
            }
            Decision::Park { worker } => {
                self.idle(worker)?;
            }
            Decision::Steal { worker } => {
                self.idle(worker)?;
                self.parts.sent(worker);
                self.set_state(worker, WorkerState::Scheduled);
            }
            Decision::Retire { worker } => {
                self.idle(worker)?;
                self.remove_worker(worker);
            }
            Decision::Close { connection } => self.close_parked(connection)?,
            Decision::ArmTimer { timer, due } => self.own().armed[timer as usize] = Some(due),
            Decision::Drained => {
                let shard = self.own();
                if shard.drain.is_none() || shard.drained {
                    return Err(Violation::Server { found: "not draining" });
                }
                shard.drained = true;
            }
        }
        Ok(())
    }

    fn spawn(&mut self, worker: WorkerId, request: Option<RequestId>) -> Result<(), Violation> {
        // A loop's worker is always its own; elsewhere the lowest free number is used again.
        let next = if self.server.model.is_loop() {
            self.current.worker()
        } else {
            WorkerId::from_index(self.workers.vacant())
        };
        if let Some(found) = self.workers.get(next.index()) {
            return Err(wrong("worker", worker.get(), found.state, "none"));
        }
        if worker != next {
            let (given, next) = (u64::from(worker.get()), u64::from(next.get()));
            return Err(Violation::OutOfOrder { what: "worker", given, next });
        }
        let mut served = None;
        if let Some(request) = request {
            self.at_door(request)?;
            let no_core = self.simulated && self.counts.cores_busy == self.cores.len() as u64;
            let simulated = self.simulated;
            let entry = self.request_mut(request).expect("it is at the door");
            entry.place = Place::AwaitsThread(worker);
            entry.waited = simulated.then_some(no_core);
            let connection = entry.connection;
            self.counts.at_door -= 1;
            if let Some(slot) = connection.and_then(|id| self.own().connection_mut(id)) {
                slot.thread = Some(worker);
            }
            served = connection;
        }
        let started = Worker {
            since: self.now,
            connection: served,
            ..Worker::new(worker, WorkerState::Starting)
        };
        self.workers.insert_at(worker.index(), started);
        self.counts.starting += 1;
        Ok(())
    }

    fn assign(&mut self, request: RequestId, worker: WorkerId) -> Result<(), Violation> {
        self.idle(worker)?;
        let simulated = self.simulated;
        let now = self.now;
        let entry = self.request_mut(request).ok_or_else(|| unknown("request", request.0))?;
        let from = entry.place;
        match from {
            Place::Door | Place::RunQueue => {}
            Place::AwaitsThread(thread) if thread == worker => {}
            found => {
                return Err(wrong(
                    "request",
                    request.0,
                    format_args!("{found:?}"),
                    "waiting for a worker",
                ));
            }
        }
        entry.place = Place::Assigned(worker);
        entry.waited = entry.waited.or_else(|| (from == Place::Door).then_some(false));
        if !simulated {
            entry.started.get_or_insert(now);
        }
        match from {
            Place::Door => self.counts.at_door -= 1,
            Place::RunQueue => {
                self.unqueue(request);
            }
            _ => {}
        }
        self.set_state(worker, if simulated { WorkerState::Scheduled } else { WorkerState::Busy });
        self.workers.get_mut(worker.index()).expect("it is idle").request = Some(request);
        self.counts.held += 1;
        self.parts.begin(worker);
        Ok(())
    }

    fn queue(&mut self, request: RequestId) -> Result<(), Violation> {
        self.at_door(request)?;
        let queued = self.own().run_queue.len();
        match self.server.model {
            Model::Async | Model::Sharded => {}
            Model::ForkJoin | Model::Pool => {
                if let Some(max) = self.server.queue.max()
                    && queued >= max as usize
                {
                    return Err(Violation::Full { what: "run queue", max: u64::from(max) });
                }
            }
            Model::Single | Model::Spawn => {
                return Err(Violation::Server { found: "one without a run queue" });
            }
        }
        let entry = self.request_mut(request).expect("it is at the door");
        entry.place = Place::RunQueue;
        entry.waited.get_or_insert(true);
        self.own().run_queue.push_back(request);
        self.counts.at_door -= 1;
        self.counts.run_queue_peak = self.counts.run_queue_peak.max(queued as u64 + 1);
        Ok(())
    }

    fn close_parked(&mut self, connection: ConnectionId) -> Result<(), Violation> {
        let gone = self.remove_connection(connection);
        match gone.ok_or_else(|| unknown("connection", connection.get()))?.request {
            Some(request) => Err(wrong(
                "connection",
                connection.get(),
                format_args!("in request {request}"),
                "parked",
            )),
            None => Ok(()),
        }
    }

    fn at_door(&self, request: RequestId) -> Result<(), Violation> {
        match self.request(request).map(|entry| entry.place) {
            Some(Place::Door) => Ok(()),
            Some(found) => {
                Err(wrong("request", request.0, format_args!("{found:?}"), "at the door"))
            }
            None => Err(unknown("request", request.0)),
        }
    }

    fn idle(&self, worker: WorkerId) -> Result<(), Violation> {
        match self.worker(worker).map(|worker| worker.state) {
            Some(WorkerState::Idle) => Ok(()),
            Some(found) => Err(wrong("worker", worker.get(), found, "idle")),
            None => Err(unknown("worker", worker.get())),
        }
    }
}
