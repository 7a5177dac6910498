//! Machine events: what only the computer knows, folded into the world.

use super::happened::{unknown, wrong};
use super::{Core, Outcome, Place, Violation, WorkerState, World};
use crate::scenario::Model;
use crate::{CoreId, Machine, RequestId, WorkerId};

impl World {
    pub(super) fn machine_event(&mut self, event: Machine) -> Result<(), Violation> {
        let of_deque = matches!(
            event,
            Machine::Pushed { .. }
                | Machine::Popped { .. }
                | Machine::Stolen { .. }
                | Machine::JoinBegun { .. }
                | Machine::JoinEnded { .. }
        );
        // A recording that the clients' times were merged into knows what they sent, and no more.
        let of_client = matches!(
            event,
            Machine::Backlogged { .. } | Machine::Dropped { .. } | Machine::Abandoned { .. }
        );
        if !(self.simulated || of_deque || of_client && self.by_clients) {
            return Err(Violation::Server {
                found: "a real one, whose cores and kernel are unseen",
            });
        }
        match event {
            Machine::Backlogged { request, route } => {
                let max = self.server.accept_backlog.get();
                // A real backlog holds connections that wait; here requests on their way count too.
                if self.simulated && self.accept_backlog.len() >= max as usize {
                    return Err(Violation::Full { what: "accept backlog", max: u64::from(max) });
                }
                self.check_route(Some(route))?;
                let waits = self.simulated || self.finds_nobody_free();
                let entry = self.enter(request, Place::AcceptBacklog)?;
                entry.route = Some(route);
                entry.waited = waits.then_some(true);
                self.accept_backlog.push_back(request);
            }
            Machine::Dropped { request, route } => {
                self.check_route(Some(route))?;
                if self.request(request).is_some() {
                    self.leave_backlog(request)?;
                } else {
                    self.enter(request, Place::AcceptBacklog)?.route = Some(route);
                }
                self.leave(request, Outcome::Dropped);
            }
            Machine::Abandoned { request } => {
                self.leave_backlog(request)?;
                self.leave(request, Outcome::Lost);
            }
            Machine::Switched { worker, core } => {
                self.existing_worker(worker)?;
                self.occupy(core, worker, Core::Switching(worker))?;
            }
            Machine::CoreGiven { worker, core } => {
                self.existing_worker(worker)?;
                self.occupy(core, worker, Core::Running(worker))?;
                self.run_on(worker, Some(core));
            }
            Machine::Preempted { worker, core } => {
                self.release(core, worker)?;
                self.set_state(worker, WorkerState::Scheduled);
            }
            Machine::CoreReleased { worker, core } => self.release(core, worker)?,
            Machine::Pushed { request, worker, node } => self.pushed(request, worker, node)?,
            Machine::Popped { request, worker, node } => self.popped(request, worker, node)?,
            Machine::Stolen { request, worker, victim, node } => {
                self.stolen(request, worker, victim, node)?;
            }
            Machine::JoinBegun { request, worker, node } => {
                self.join_begun(request, worker, node)?;
            }
            Machine::JoinEnded { request, worker, node } => {
                self.join_ended(request, worker, node)?;
            }
            Machine::SharingBegun { worker } => {
                self.existing_worker(worker)?;
                self.counts.sharing += 1;
                self.share_cores();
                self.run_on(worker, None);
            }
            Machine::SharingEnded { worker } => {
                self.existing_worker(worker)?;
                let Some(sharing) = self.counts.sharing.checked_sub(1) else {
                    return Err(wrong("worker", worker.get(), "without a share", "sharing"));
                };
                self.counts.sharing = sharing;
                self.share_cores();
            }
        }
        Ok(())
    }

    /// Whether a request that a client of a real server sends now has to wait. What it waits for
    /// under `spawn` is unseen, and which loop of `sharded` will have it is not known yet.
    fn finds_nobody_free(&self) -> bool {
        match self.server.model {
            Model::Spawn | Model::Sharded => false,
            Model::Single | Model::Pool | Model::ForkJoin | Model::Async => {
                self.counts.idle == 0 || !self.is_accepting()
            }
        }
    }

    pub(super) fn leave_backlog(&mut self, request: RequestId) -> Result<(), Violation> {
        let place = self.accept_backlog.iter().position(|&waiting| waiting == request);
        let place = place.ok_or_else(|| unknown("backlogged request", request.0))?;
        self.accept_backlog.remove(place);
        Ok(())
    }

    fn occupy(&mut self, core: CoreId, worker: WorkerId, with: Core) -> Result<(), Violation> {
        let slot =
            self.cores.get_mut(usize::from(core.0)).ok_or_else(|| unknown("core", core.0))?;
        match *slot {
            Core::Free => self.counts.cores_busy += 1,
            Core::Switching(to) if to == worker && matches!(with, Core::Running(_)) => {}
            found => return Err(wrong("core", core.0, format_args!("{found:?}"), "free")),
        }
        *slot = with;
        Ok(())
    }

    pub(super) fn release(&mut self, core: CoreId, worker: WorkerId) -> Result<(), Violation> {
        let slot =
            self.cores.get_mut(usize::from(core.0)).ok_or_else(|| unknown("core", core.0))?;
        if *slot != Core::Running(worker) {
            return Err(wrong("core", core.0, format_args!("{slot:?}"), "running that worker"));
        }
        *slot = Core::Free;
        self.counts.cores_busy -= 1;
        if let Some(worker) = self.workers.get_mut(worker.index()) {
            worker.core = None;
        }
        Ok(())
    }

    fn run_on(&mut self, worker: WorkerId, core: Option<CoreId>) {
        self.set_state(worker, WorkerState::Busy);
        let request = self.workers.get_mut(worker.index()).and_then(|worker| {
            worker.core = core;
            worker.request
        });
        if let Some(request) = request {
            self.start_service(request, None);
        }
    }

    /// Ideal processor sharing: as many cores are at work as there are threads for them.
    fn share_cores(&mut self) {
        self.counts.cores_busy = self.counts.sharing.min(self.cores.len() as u64);
        for (index, core) in self.cores.iter_mut().enumerate() {
            *core = if (index as u64) < self.counts.cores_busy { Core::Shared } else { Core::Free };
        }
    }
}
