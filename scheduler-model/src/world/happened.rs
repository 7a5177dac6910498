//! Stimuli: what happened, folded into the world.

use super::{
    Connection, Departure, Outcome, Place, Request, Violation, Worker, WorkerState, World,
};
use crate::{ConnectionId, Ending, RequestId, RouteId, Stimulus, Timer, WorkerId};

impl World {
    pub(super) fn stimulus(&mut self, stimulus: Stimulus) -> Result<(), Violation> {
        match stimulus {
            Stimulus::ConnectionOpened { connection } => self.open(connection)?,
            Stimulus::RequestArrived { request, connection, route, seen_by } => {
                if let Some(worker) = seen_by {
                    self.existing_worker(worker)?;
                }
                self.arrive(request, connection, route)?;
            }
            Stimulus::TaskFinished { request, worker, route, ending } => {
                self.check_route(route)?;
                return self.end_task(request, worker, route, Outcome::Answered, ending);
            }
            Stimulus::TaskPanicked { request, worker, ending } => {
                return self.end_task(request, worker, None, Outcome::Failed, ending);
            }
            Stimulus::TaskBlocked { request, worker, route } => {
                self.check_route(route)?;
                self.holding(worker, request)?;
                self.start_service(request, route);
                if self.server.model.is_loop() {
                    self.sleep_on_timer(request, worker)?;
                } else {
                    self.set_state(worker, WorkerState::Blocked);
                }
            }
            Stimulus::TaskWoke { request, worker } if self.server.model.is_loop() => {
                self.asleep(request, worker)?;
                self.request_mut(request).expect("it sleeps").place = Place::Door;
                self.counts.at_door += 1;
            }
            Stimulus::TaskWoke { request, worker } => {
                let state = self.holding(worker, request)?.state;
                if state != WorkerState::Blocked {
                    return Err(wrong("worker", worker.get(), state, "blocked"));
                }
                let awake = if self.simulated { WorkerState::Scheduled } else { WorkerState::Busy };
                self.set_state(worker, awake);
            }
            Stimulus::WorkerStarted { worker } => {
                self.starting(worker)?;
                self.counts.starting -= 1;
                let started = self.workers.len() as u64 - self.counts.starting;
                self.counts.threads_peak = self.counts.threads_peak.max(started);
                self.set_state(worker, WorkerState::Idle);
            }
            Stimulus::SpawnFailed { worker } => {
                self.starting(worker)?;
                self.remove_worker(worker);
            }
            Stimulus::TaskForked { request, worker } => self.forked(request, worker)?,
            Stimulus::TaskJoined { request, worker } => {
                let found = self.holding(worker, request)?;
                Self::off_every_core(&found)?;
                if !found.helps {
                    return Err(wrong("worker", worker.get(), "the request's own", "a thief"));
                }
                self.through_with_parts(&found)?;
                self.let_go(worker);
                self.set_state(worker, WorkerState::Idle);
            }
            Stimulus::StealFailed { worker } => {
                self.looking(worker)?;
                self.set_state(worker, WorkerState::Idle);
            }
            Stimulus::WorkerDied { worker } => return self.worker_died(worker),
            Stimulus::AcceptFailed => self.counts.accept_failures += 1,
            Stimulus::PeerClosed { connection } => {
                let gone = self.close(connection)?;
                if let Some(request) = gone.request {
                    self.leave(request, Outcome::Lost);
                }
            }
            Stimulus::ConnectionExpired { connection } => {
                let gone = self.close(connection)?;
                if let Some(request) = gone.request {
                    return Err(wrong(
                        "connection",
                        connection.get(),
                        format_args!("in request {request}"),
                        "parked",
                    ));
                }
            }
            Stimulus::TimerDue { timer } => self.timer_due(timer)?,
            Stimulus::Resize { workers } => {
                if workers == 0 || workers > 1024 {
                    return Err(wrong("resize to", workers, "out of range", "1..=1024"));
                }
                self.workers_wanted = workers;
            }
            Stimulus::Drain { deadline } => {
                if self.own().drain.is_some() {
                    return Err(Violation::Server { found: "draining already" });
                }
                self.own().drain = Some(deadline);
            }
        }
        Ok(())
    }

    fn open(&mut self, connection: ConnectionId) -> Result<(), Violation> {
        let next = self.own().next_connection();
        if connection != next {
            let (given, next) = (u64::from(connection.get()), u64::from(next.get()));
            return Err(Violation::OutOfOrder { what: "connection", given, next });
        }
        let opened = self.now;
        self.own().connections.insert(Connection {
            id: connection,
            opened,
            request: None,
            begun: false,
            thread: None,
        });
        Ok(())
    }

    fn arrive(
        &mut self,
        request: RequestId,
        connection: Option<ConnectionId>,
        route: Option<RouteId>,
    ) -> Result<(), Violation> {
        self.check_route(route)?;
        if let Some(connection) = connection {
            let slot = self
                .own()
                .connection_mut(connection)
                .ok_or_else(|| unknown("connection", connection.get()))?;
            if let Some(busy) = slot.request {
                return Err(wrong(
                    "connection",
                    connection.get(),
                    format_args!("in request {busy}"),
                    "parked",
                ));
            }
            slot.request = Some(request);
            slot.begun = false;
        }
        let entry = if self.request(request).is_some() {
            if self.accept_backlog.front() == Some(&request) {
                self.accept_backlog.pop_front();
            } else if self.simulated {
                return Err(wrong(
                    "request",
                    request.0,
                    "not the first in the accept backlog",
                    "the first",
                ));
            } else {
                // Real requests overtake each other on their way.
                self.leave_backlog(request)?;
            }
            self.request_mut(request).expect("it was found above")
        } else {
            self.enter(request, Place::Door)?
        };
        entry.place = Place::Door;
        entry.connection = connection;
        entry.route = entry.route.or(route);
        self.counts.at_door += 1;
        Ok(())
    }

    /// A new request: its number must be the next one.
    pub(super) fn enter(
        &mut self,
        request: RequestId,
        place: Place,
    ) -> Result<&mut Request, Violation> {
        let next = self.requests.next();
        if request != next {
            return Err(Violation::OutOfOrder { what: "request", given: request.0, next: next.0 });
        }
        self.counts.arrived += 1;
        self.counts.in_system += 1;
        self.requests.push(Request::arriving(request, self.now, place));
        Ok(self.requests.get_mut(request).expect("it was just put there"))
    }

    fn end_task(
        &mut self,
        request: RequestId,
        worker: WorkerId,
        route: Option<RouteId>,
        outcome: Outcome,
        ending: Ending,
    ) -> Result<(), Violation> {
        if matches!(self.request(request).map(|entry| entry.place), Some(Place::Asleep { .. })) {
            self.asleep(request, worker)?; // nothing was left to do: that needs no turn of the loop
        } else {
            let holder = self.holding(worker, request)?;
            Self::off_every_core(&holder)?;
            if holder.helps {
                return Err(wrong("worker", worker.get(), "a thief", "the request's own"));
            }
            self.through_with_parts(&holder)?;
            self.start_service(request, route);
            self.let_go(worker);
            self.parts.unite(worker);
            self.set_state(worker, WorkerState::Idle);
        }
        let Some(connection) = self.request(request).map(|entry| entry.connection) else {
            return Ok(()); // its client left earlier: it had its outcome then
        };
        if let Some(connection) = connection {
            if !ending.stays() {
                self.remove_connection(connection);
            } else if let Some(slot) = self.own().connection_mut(connection) {
                slot.request = None;
                slot.begun = ending == Ending::Incomplete;
            }
        }
        if !ending.was_request() && outcome == Outcome::Answered {
            self.remove_request(request);
            self.counts.arrived -= 1;
            self.counts.turns_without_request += 1;
            return Ok(());
        }
        self.leave(request, outcome);
        Ok(())
    }

    fn worker_died(&mut self, worker: WorkerId) -> Result<(), Violation> {
        let found = *self.existing_worker(worker)?;
        if found.state == WorkerState::Starting {
            return Err(wrong("worker", worker.get(), found.state, "started"));
        }
        if let Some(core) = found.core {
            self.release(core, worker)?;
        }
        self.let_go(worker);
        self.parts.unite(worker);
        self.remove_worker(worker);
        let Some(entry) = found.request.and_then(|request| self.request(request).copied()) else {
            return Ok(());
        };
        if found.helps {
            return Ok(()); // a thief died: the request is its owner's
        }
        if let Some(connection) = entry.connection {
            self.remove_connection(connection);
        }
        self.leave(entry.id, Outcome::Failed);
        Ok(())
    }

    fn timer_due(&mut self, timer: Timer) -> Result<(), Violation> {
        let now = self.now;
        let slot = &mut self.own().armed[timer as usize];
        match *slot {
            Some(due) if due <= now => *slot = None,
            Some(due) => {
                return Err(wrong("timer", timer as u32, format_args!("due at {due}"), "due"));
            }
            None => return Err(unknown("timer", timer as u32)),
        }
        Ok(())
    }

    /// Service starts when a thread first runs the request; what is known of its route is kept.
    pub(super) fn start_service(&mut self, request: RequestId, route: Option<RouteId>) {
        let now = self.now;
        if let Some(entry) = self.request_mut(request) {
            entry.started.get_or_insert(now);
            entry.route = entry.route.or(route);
        }
    }

    fn close(&mut self, connection: ConnectionId) -> Result<Connection, Violation> {
        let gone = self
            .remove_connection(connection)
            .ok_or_else(|| unknown("connection", connection.get()))?;
        if let Some(entry) = gone.request.and_then(|request| self.request_mut(request)) {
            entry.connection = None;
        }
        Ok(gone)
    }

    /// A handler under a loop begins to sleep: the loop is free.
    fn sleep_on_timer(&mut self, request: RequestId, worker: WorkerId) -> Result<(), Violation> {
        let holder = self.holding(worker, request)?;
        Self::off_every_core(&holder)?;
        self.let_go(worker);
        self.set_state(worker, WorkerState::Idle);
        let since = self.now;
        if let Some(entry) = self.request_mut(request) {
            entry.place = Place::Asleep { worker, since };
        }
        Ok(())
    }

    /// A request sleeps on a timer of this worker's loop.
    fn asleep(&self, request: RequestId, worker: WorkerId) -> Result<(), Violation> {
        self.of_this_shard(worker)?;
        match self.request(request).map(|entry| entry.place) {
            Some(Place::Asleep { worker: owner, .. }) if worker == owner => Ok(()),
            Some(found) => Err(wrong("request", request.0, format_args!("{found:?}"), "asleep")),
            None => Err(unknown("request", request.0)),
        }
    }

    fn off_every_core(worker: &Worker) -> Result<(), Violation> {
        match worker.core {
            Some(core) => Err(wrong(
                "worker",
                worker.id.get(),
                format_args!("on core {core}"),
                "off every core",
            )),
            None => Ok(()),
        }
    }

    fn starting(&self, worker: WorkerId) -> Result<(), Violation> {
        let state = self.existing_worker(worker)?.state;
        if state == WorkerState::Starting {
            Ok(())
        } else {
            Err(wrong("worker", worker.get(), state, "starting"))
        }
    }

    pub(super) fn existing_worker(&self, worker: WorkerId) -> Result<&Worker, Violation> {
        if self.shards.len() > 1 {
            self.of_this_shard(worker)?;
        }
        self.workers.get(worker.index()).ok_or_else(|| unknown("worker", worker.get()))
    }

    /// A loop's worker is its own.
    fn of_this_shard(&self, worker: WorkerId) -> Result<(), Violation> {
        if worker == self.current.worker() {
            Ok(())
        } else {
            Err(wrong("worker", worker.get(), "another shard's", "the loop of its shard"))
        }
    }

    #[inline]
    pub(super) fn holding(
        &self,
        worker: WorkerId,
        request: RequestId,
    ) -> Result<Worker, Violation> {
        let found = self.existing_worker(worker)?;
        if found.request == Some(request) { Ok(*found) } else { Err(Self::holding_another(found)) }
    }

    #[cold]
    fn holding_another(found: &Worker) -> Violation {
        let holds = found.request.map_or("none".to_owned(), |held| held.to_string());
        let (worker, found) = (found.id.get(), format_args!("holding {holds}"));
        wrong("worker", worker, found, "holding that request")
    }

    pub(super) fn request_mut(&mut self, id: RequestId) -> Option<&mut Request> {
        self.requests.get_mut(id)
    }

    pub(super) fn set_state(&mut self, worker: WorkerId, state: WorkerState) {
        let now = self.now;
        if let Some(worker) = self.workers.get_mut(worker.index()) {
            self.counts.idle -= u64::from(worker.state == WorkerState::Idle);
            self.counts.idle += u64::from(state == WorkerState::Idle);
            worker.state = state;
            worker.since = now;
        }
    }

    fn let_go(&mut self, worker: WorkerId) {
        if let Some(worker) = self.workers.get_mut(worker.index())
            && worker.request.take().is_some()
        {
            worker.helps = false;
            self.counts.held -= 1;
        }
    }

    pub(super) fn remove_worker(&mut self, worker: WorkerId) {
        if let Some(gone) = self.workers.remove(worker.index()) {
            if let Some(served) = gone.connection
                && let Some(slot) = self.own().connection_mut(served)
            {
                slot.thread = None;
            }
            self.counts.idle -= u64::from(gone.state == WorkerState::Idle);
            self.counts.starting -= u64::from(gone.state == WorkerState::Starting);
            self.parts.forget(worker);
        }
    }

    /// A connection ends, if it is there, and with it what binds a thread to it.
    pub(super) fn remove_connection(&mut self, connection: ConnectionId) -> Option<Connection> {
        let gone = self.own().remove_connection(connection)?;
        if let Some(thread) = gone.thread.and_then(|thread| self.workers.get_mut(thread.index())) {
            thread.connection = None;
        }
        Some(gone)
    }

    /// A request leaves the system, if it is there.
    pub(super) fn leave(&mut self, request: RequestId, outcome: Outcome) {
        if let Some(request) = self.remove_request(request) {
            self.counts.leave(outcome);
            self.departure = Some(Departure { request, at: self.now, outcome });
        }
    }

    fn remove_request(&mut self, request: RequestId) -> Option<Request> {
        let gone = self.requests.remove(request)?;
        match gone.place {
            Place::Door => self.counts.at_door -= 1,
            Place::RunQueue => self.unqueue(request),
            Place::AcceptBacklog
            | Place::AwaitsThread(_)
            | Place::Asleep { .. }
            | Place::Assigned(_) => {}
        }
        self.counts.in_system -= 1;
        Some(gone)
    }
}

impl World {
    pub(super) fn unqueue(&mut self, request: RequestId) {
        let queue = &mut self.own().run_queue;
        if queue.front() == Some(&request) {
            queue.pop_front();
        } else if let Some(place) = queue.iter().position(|&queued| queued == request) {
            queue.remove(place);
        }
    }
}

#[cold]
pub(super) fn unknown(what: &'static str, id: impl Into<u64>) -> Violation {
    Violation::Unknown { what, id: id.into() }
}

#[cold]
pub(super) fn wrong(
    what: &'static str,
    id: impl Into<u64>,
    found: impl std::fmt::Display,
    allowed: &'static str,
) -> Violation {
    Violation::State { what, id: id.into(), found: found.to_string(), allowed }
}
