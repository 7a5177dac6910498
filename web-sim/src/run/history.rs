//! What became of every request, and what every thread did when: a fold over one run.

use scheduler_model::{
    Decision, Departure, Event, EventKind, Machine, Outcome, Place, RequestId, RouteId, SimTime,
    Stimulus, WorkerId, WorkerState, World,
};

/// What is known of a run as a whole.
#[derive(Debug, Default)]
pub(crate) struct History {
    requests: Vec<Life>,
    workers: Vec<Vec<Stretch>>,
    /// Requests that wait for their service to start, after each event.
    waiting: Vec<u32>,
    n_waiting: u32,
    /// Who left, in order, and by which event.
    departures: Vec<(usize, RequestId)>,
}

/// A request, from its arrival to its end. Places in the run are indices of events.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) id: RequestId,
    pub(crate) route: Option<RouteId>,
    pub(crate) arrived: SimTime,
    /// When a thread first ran it.
    pub(crate) started: Option<SimTime>,
    /// Whether it had to wait, once that was decided.
    pub(crate) waited: Option<bool>,
    /// Where it was, in order; each stay lasts until the next one or the end.
    pub(crate) stays: Vec<Stay>,
    /// The event by which it left, when, and how; no outcome for a turn without a request.
    pub(crate) end: Option<(usize, SimTime, Option<Outcome>)>,
}

/// A request comes somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stay {
    /// The event by which it came there.
    pub(crate) from: usize,
    pub(crate) at: SimTime,
    pub(crate) phase: Phase,
}

/// Where a request is, as far as its waiting goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It waits for its service to start.
    Waiting,
    /// A thread runs it.
    Running,
    /// Its service has begun, and its thread waits for a core.
    Preempted,
    /// It sleeps, and holds its thread.
    Blocked,
}

/// What a thread does for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) from: SimTime,
    pub(crate) to: SimTime,
    pub(crate) duty: Duty,
    pub(crate) request: Option<RequestId>,
}

/// What a thread does; a thread that does not exist has no stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    Blocked,
    Busy,
    Idle,
    Scheduled,
}

impl History {
    /// Before the first event.
    pub(super) fn new(world: &World) -> Self {
        let mut history = Self::default();
        for worker in world.workers() {
            history.note_worker(worker.id, world);
        }
        for request in world.requests() {
            history.note(0, world.now(), request.id, world);
        }
        history
    }

    /// Takes in an event, with the world after it and the departure it caused.
    pub(super) fn record(
        &mut self,
        index: usize,
        event: &Event,
        world: &World,
        departure: Option<&Departure>,
    ) {
        let (worker, request) = touched(&event.kind);
        let of_worker = worker.and_then(|id| world.worker(id)).and_then(|worker| worker.request);
        if let Some(worker) = worker {
            self.note_worker(worker, world);
        }
        for request in [request, of_worker].into_iter().flatten() {
            self.note_request(index, event, request, world);
        }
        if let Some(departure) = departure {
            self.depart(index, departure);
        }
        self.waiting.push(self.n_waiting);
    }

    /// Every request, in order of arrival.
    pub(crate) fn requests(&self) -> &[Life] {
        &self.requests
    }

    /// One request.
    pub(crate) fn request(&self, id: RequestId) -> Option<&Life> {
        self.requests.get(self.place(id).ok()?)
    }

    /// Where a request is among all, or would be. They come in order of their numbers; those of a run
    /// that is known from its middle on begin anywhere.
    fn place(&self, id: RequestId) -> Result<usize, usize> {
        if self.requests.last().is_none_or(|last| last.id < id) {
            return Err(self.requests.len());
        }
        self.requests.binary_search_by_key(&id, |life| life.id)
    }

    /// What each thread did, by its number.
    pub(crate) fn workers(&self) -> &[Vec<Stretch>] {
        &self.workers
    }

    /// What this thread does at an instant.
    pub(crate) fn stretch(&self, worker: WorkerId, at: SimTime) -> Option<&Stretch> {
        let stretches = self.workers.get(worker.index())?;
        let after = stretches.partition_point(|stretch| stretch.from <= at);
        stretches[..after].last()
    }

    /// How many requests wait after each event.
    pub(crate) fn waiting(&self) -> &[u32] {
        &self.waiting
    }

    /// Who left, in order, and by which event.
    pub(super) fn departures(&self) -> &[(usize, RequestId)] {
        &self.departures
    }

    /// The requests that left by the first `done` events, in order.
    pub(crate) fn departures_before(
        &self,
        done: usize,
    ) -> impl DoubleEndedIterator<Item = RequestId> {
        let end = self.departures.partition_point(|&(by, _)| by < done);
        self.departures[..end].iter().map(|&(_, id)| id)
    }

    fn note_worker(&mut self, id: WorkerId, world: &World) {
        let index = id.index();
        if self.workers.len() <= index {
            self.workers.resize_with(index + 1, Vec::new);
        }
        let now = world.now();
        let stretches = &mut self.workers[index];
        let found = world.worker(id);
        let doing = found.map(|worker| (duty(worker.state), worker.request));
        if let Some(last) = stretches.last_mut() {
            if last.to == SimTime::MAX && Some((last.duty, last.request)) == doing {
                return;
            }
            if last.to == SimTime::MAX {
                last.to = now;
            }
            if last.from == last.to {
                stretches.pop(); // nothing was seen of it
            }
        }
        if let Some((duty, request)) = doing {
            stretches.push(Stretch { from: now, to: SimTime::MAX, duty, request });
        }
    }

    fn note_request(&mut self, index: usize, event: &Event, id: RequestId, world: &World) {
        if world.request(id).is_some() {
            self.note(index, event.at, id, world);
        } else if let Ok(place) = self.place(id) {
            self.turn_without_request(index, event, place);
        }
    }

    fn note(&mut self, index: usize, at: SimTime, id: RequestId, world: &World) {
        let Some(request) = world.request(id) else { return };
        let place = self.place(id).unwrap_or_else(|place| place);
        if place == self.requests.len() {
            self.n_waiting += 1;
            self.requests.push(Life {
                id,
                route: None,
                arrived: request.arrived,
                started: None,
                waited: None,
                stays: vec![Stay { from: index, at, phase: Phase::Waiting }],
                end: None,
            });
        }
        let Some(life) = self.requests.get_mut(place) else { return };
        life.route = request.route;
        life.waited = request.waited;
        if life.started.is_none() && request.started.is_some() {
            self.n_waiting -= 1;
        }
        life.started = request.started;
        let phase = match request.place {
            _ if request.started.is_none() => Phase::Waiting,
            Place::Asleep { .. } => Phase::Blocked,
            Place::Assigned(worker) => match world.worker(worker).map(|worker| worker.state) {
                Some(WorkerState::Blocked | WorkerState::Joining) => Phase::Blocked,
                Some(WorkerState::Scheduled) => Phase::Preempted,
                _ => Phase::Running,
            },
            _ => Phase::Waiting,
        };
        if life.stays.last().is_none_or(|stay| stay.phase != phase) {
            life.stays.push(Stay { from: index, at, phase });
        }
    }

    /// In a recording, a turn may find that no request was there.
    fn turn_without_request(&mut self, index: usize, event: &Event, place: usize) {
        if let Some(life) = self.requests.get_mut(place)
            && life.end.is_none()
        {
            self.n_waiting -= u32::from(life.started.is_none());
            life.end = Some((index, event.at, None));
        }
    }

    fn depart(&mut self, index: usize, departure: &Departure) {
        let request = &departure.request;
        let place = self.place(request.id).unwrap_or_else(|place| place);
        if place == self.requests.len() {
            // It was dropped at its arrival: it came and left by one event.
            self.n_waiting += 1;
            self.requests.push(Life {
                id: request.id,
                route: request.route,
                arrived: request.arrived,
                started: None,
                waited: None,
                stays: Vec::new(),
                end: None,
            });
        }
        let Some(life) = self.requests.get_mut(place) else { return };
        let open = life.end.is_none_or(|(by, ..)| by == index);
        if !open {
            return;
        }
        if life.end.is_none() {
            let counted = life.started.is_none();
            self.n_waiting -= u32::from(counted);
        }
        life.route = request.route.or(life.route);
        life.started = request.started;
        life.waited = request.waited;
        life.end = Some((index, departure.at, Some(departure.outcome)));
        self.departures.push((index, request.id));
    }
}

impl Life {
    /// How long it waited for its service to start, or has waited until `now`.
    pub(crate) fn waiting_until(&self, now: SimTime) -> scheduler_model::Span {
        let end = self.end.map_or(SimTime::MAX, |(_, at, _)| at);
        self.started.unwrap_or(SimTime::MAX).min(end).min(now).since(self.arrived)
    }

    /// The next event after `done` that changes something for this request.
    pub(crate) fn next_moment(&self, done: usize) -> Option<usize> {
        let stays = self.stays.iter().map(|stay| stay.from);
        stays.chain(self.end.map(|(by, ..)| by)).find(|&from| from >= done)
    }
}

/// The worker and the request that an event is about.
fn touched(kind: &EventKind) -> (Option<WorkerId>, Option<RequestId>) {
    match *kind {
        EventKind::Stimulus(stimulus) => match stimulus {
            Stimulus::RequestArrived { request, .. } => (None, Some(request)),
            Stimulus::TaskFinished { request, worker, .. }
            | Stimulus::TaskPanicked { request, worker, .. }
            | Stimulus::TaskBlocked { request, worker, .. }
            | Stimulus::TaskWoke { request, worker }
            | Stimulus::TaskForked { request, worker }
            | Stimulus::TaskJoined { request, worker } => (Some(worker), Some(request)),
            Stimulus::WorkerStarted { worker }
            | Stimulus::WorkerDied { worker }
            | Stimulus::SpawnFailed { worker }
            | Stimulus::StealFailed { worker } => (Some(worker), None),
            Stimulus::ConnectionOpened { .. }
            | Stimulus::AcceptFailed
            | Stimulus::PeerClosed { .. }
            | Stimulus::ConnectionExpired { .. }
            | Stimulus::TimerDue { .. }
            | Stimulus::Resize { .. }
            | Stimulus::Drain { .. } => (None, None),
        },
        EventKind::Decision(decision) => match decision {
            Decision::Spawn { worker, request } => (Some(worker), request),
            Decision::Assign { request, worker } => (Some(worker), Some(request)),
            Decision::Queue { request }
            | Decision::Reject { request, .. }
            | Decision::RunOnCaller { request } => (None, Some(request)),
            Decision::Park { worker }
            | Decision::Retire { worker }
            | Decision::Steal { worker } => (Some(worker), None),
            Decision::StopAccepting
            | Decision::ResumeAccepting
            | Decision::Close { .. }
            | Decision::ArmTimer { .. }
            | Decision::Drained => (None, None),
        },
        EventKind::Machine(machine) => match machine {
            Machine::Backlogged { request, .. }
            | Machine::Dropped { request, .. }
            | Machine::Abandoned { request } => (None, Some(request)),
            Machine::Switched { worker, .. }
            | Machine::CoreGiven { worker, .. }
            | Machine::Preempted { worker, .. }
            | Machine::CoreReleased { worker, .. }
            | Machine::Pushed { worker, .. }
            | Machine::Popped { worker, .. }
            | Machine::Stolen { worker, .. }
            | Machine::JoinBegun { worker, .. }
            | Machine::JoinEnded { worker, .. }
            | Machine::SharingBegun { worker }
            | Machine::SharingEnded { worker } => (Some(worker), None),
        },
    }
}

const fn duty(state: WorkerState) -> Duty {
    match state {
        WorkerState::Starting | WorkerState::Scheduled => Duty::Scheduled,
        WorkerState::Idle => Duty::Idle,
        WorkerState::Busy => Duty::Busy,
        WorkerState::Blocked | WorkerState::Joining => Duty::Blocked,
    }
}
