//! A server that lives through whatever may happen to it, as bytes say: every stimulus that a
//! [`World`] finds possible, in any order.
//!
//! What must hold: no order makes the scheduler panic, each of its decisions keeps the laws of the
//! world, and a server that is told to stop does, once what it runs has ended. Nothing is said of
//! time: it moves on when the bytes say so.

use scheduler_model::scenario::{OnFull, QueueBound, Ranged, Scenario, Server};
use scheduler_model::{
    ConnectionId, Ending, Event, EventKind, Machine, Model, NodeId, RequestId, Scheduler, ShardId,
    SimTime, Span, Stimulus, Timer, TraceHeader, WorkerId, World,
};

/// Lives through what `input` says, and then through a drain.
pub(crate) fn live(input: &[u8]) {
    let mut bytes = input.iter().copied();
    let mut life = Life::new(&mut bytes);
    while let Some(what) = bytes.next() {
        let (a, b) = (bytes.next().unwrap_or(0), bytes.next().unwrap_or(0));
        life.try_any(what, usize::from(a), b);
    }
    life.end();
}

struct Life {
    server: Server,
    schedulers: Vec<Scheduler>,
    world: World,
    now: SimTime,
    /// Everything so far, for whoever reads a failure.
    story: Vec<EventKind>,
}

impl Life {
    fn new(bytes: &mut impl Iterator<Item = u8>) -> Self {
        let mut next = || bytes.next().unwrap_or(0);
        let mut server = Server::new(MODELS[usize::from(next()) % MODELS.len()]);
        server.workers = Ranged::clamped(u64::from(next() % 4) + 1);
        server.threads_max = Ranged::clamped(u64::from(next() % 4) + 1);
        server.queue = match next() % 5 {
            4 => QueueBound::Unbounded,
            places => QueueBound::Bounded(Ranged::clamped(u64::from(places))),
        };
        server.on_full = POLICIES[usize::from(next()) % POLICIES.len()];
        let header = TraceHeader::recorded(Scenario::new("any", server));
        Self {
            server,
            schedulers: Scheduler::all(&server),
            world: World::new(&header),
            now: SimTime::ZERO,
            story: Vec::new(),
        }
    }

    /// Something happens, if it can.
    fn try_any(&mut self, what: u8, a: usize, b: u8) {
        let shard = ShardId::from_index(usize::from(b) % self.schedulers.len());
        let worker = WorkerId::from_index(a % 6);
        let other = WorkerId::from_index(usize::from(b) % 6);
        let connection = ConnectionId::from_index(a);
        let request = self.nth_request(a);
        let ending = ENDINGS[usize::from(b) % ENDINGS.len()];
        let stimulus = match what % 24 {
            0 => {
                self.now += Span::from_millis(u64::from(b));
                return;
            }
            1 => {
                let connection = self.world.shard(shard).next_connection();
                Stimulus::ConnectionOpened { connection }
            }
            2..=4 => Stimulus::RequestArrived {
                request: self.world.next_request(),
                connection: (b < 250).then_some(connection),
                route: None,
                seen_by: (b.is_multiple_of(3)).then_some(other),
            },
            5 => Stimulus::TaskFinished { request, worker: other, route: None, ending },
            6 | 7 => {
                let Some(worker) = self.runs(request) else { return };
                Stimulus::TaskFinished { request, worker, route: None, ending }
            }
            8 => {
                let Some(worker) = self.runs(request) else { return };
                Stimulus::TaskPanicked { request, worker, ending }
            }
            9 => {
                let Some(worker) = self.runs(request) else { return };
                Stimulus::TaskBlocked { request, worker, route: None }
            }
            10 => Stimulus::TaskWoke { request, worker: other },
            11 => {
                let Some(worker) = self.runs(request) else { return };
                let split = |node| Machine::Pushed { request, worker, node };
                if !self.happens_to_a_part(split) {
                    return;
                }
                Stimulus::TaskForked { request, worker }
            }
            12 if b >= 128 => {
                // Whoever can wait for a thief waits; who does may find that the part is done.
                let begins = |node| Machine::JoinBegun { request, worker, node };
                if !self.happens_to_a_part(begins) {
                    self.happens_to_a_part(|node| Machine::JoinEnded { request, worker, node });
                }
                return;
            }
            12 => Stimulus::TaskJoined { request, worker: other },
            13 => Stimulus::StealFailed { worker },
            14 => Stimulus::WorkerStarted { worker },
            15 => Stimulus::WorkerDied { worker },
            16 => Stimulus::SpawnFailed { worker },
            17 => Stimulus::AcceptFailed,
            18 => Stimulus::PeerClosed { connection },
            19 => Stimulus::ConnectionExpired { connection },
            20 | 21 => {
                let taken = self.takes(what % 24 == 20, worker, other);
                if let Some(taken) = taken {
                    self.happens(shard, EventKind::Machine(taken));
                }
                return;
            }
            22 => Stimulus::TimerDue { timer: TIMERS[usize::from(b) % TIMERS.len()] },
            _ if b < 32 => Stimulus::Drain { deadline: self.now + Span::from_millis(a as u64) },
            _ => Stimulus::Resize { workers: u32::from(b) % 4 + 1 },
        };
        let shard = self.shard_of(stimulus).unwrap_or(shard);
        self.happens(shard, EventKind::Stimulus(stimulus));
    }

    /// An event, if it may follow; whether it did.
    fn happens(&mut self, shard: ShardId, kind: EventKind) -> bool {
        let event = Event { at: self.now, shard, kind };
        let mut next = self.world.clone();
        if next.apply(&event).is_err() {
            return false;
        }
        self.world = next;
        self.story.push(kind);
        let EventKind::Stimulus(stimulus) = kind else { return true };
        let scheduler = &mut self.schedulers[usize::from(shard.0)];
        scheduler.handle(self.now, stimulus);
        while let Some(decision) = scheduler.poll() {
            let event = Event { at: self.now, shard, kind: EventKind::Decision(decision) };
            self.story.push(event.kind);
            if let Err(violation) = self.world.apply(&event) {
                panic!("{decision:?} breaks a law: {violation}");
            }
        }
        assert_eq!(scheduler.is_drained(), self.world.shard(shard).is_drained());
        assert_eq!(scheduler.is_accepting(), self.world.shard(shard).is_accepting());
        true
    }

    /// Something happens to a right half, of the first part to which it can.
    fn happens_to_a_part(&mut self, what: impl Fn(NodeId) -> Machine) -> bool {
        let mut right_halves = (3..32).step_by(2).map(NodeId);
        right_halves.any(|node| self.happens(ShardId(0), EventKind::Machine(what(node))))
    }

    /// A worker takes its own newest part, or the oldest one of another.
    fn takes(&self, own: bool, worker: WorkerId, victim: WorkerId) -> Option<Machine> {
        if own {
            let (request, node) = self.world.deque(worker).last()?;
            return Some(Machine::Popped { request, worker, node });
        }
        let (request, node) = self.world.deque(victim).next()?;
        Some(Machine::Stolen { request, worker, victim, node })
    }

    /// Everybody is told to stop, what runs ends, and what is due comes due.
    fn end(&mut self) {
        for index in 0..self.schedulers.len() {
            let deadline = self.now + Span::from_millis(1);
            let drain = Stimulus::Drain { deadline };
            self.happens(ShardId::from_index(index), EventKind::Stimulus(drain));
        }
        self.now += Span::from_millis(1000);
        let mut moved = true;
        while moved && !self.world.is_drained() {
            moved = false;
            for stimulus in self.what_ends() {
                for index in 0..self.schedulers.len() {
                    moved |=
                        self.happens(ShardId::from_index(index), EventKind::Stimulus(stimulus));
                }
            }
        }
        assert!(self.world.is_drained(), "the server does not stop");
        assert_eq!(self.world.counts().in_system, 0);
    }

    /// What brings a server to its end.
    fn what_ends(&self) -> Vec<Stimulus> {
        let mut all = Vec::new();
        for worker in self.world.workers() {
            let id = worker.id;
            all.push(Stimulus::WorkerStarted { worker: id });
            for request in self.world.requests() {
                let (request, ending) = (request.id, Ending::Close);
                all.push(Stimulus::TaskJoined { request, worker: id });
                all.push(Stimulus::TaskFinished { request, worker: id, route: None, ending });
            }
            all.push(Stimulus::StealFailed { worker: id });
        }
        all.extend(TIMERS.map(|timer| Stimulus::TimerDue { timer }));
        let open = self.world.connections().map(|connection| connection.id);
        all.extend(open.map(|connection| Stimulus::PeerClosed { connection }));
        all
    }

    fn nth_request(&self, nth: usize) -> RequestId {
        let n_requests = self.world.requests().count();
        let found = self.world.requests().nth(nth % n_requests.max(1));
        found.map_or(RequestId(nth as u64), |request| request.id)
    }

    /// Who has this request.
    fn runs(&self, request: RequestId) -> Option<WorkerId> {
        self.world.workers().find(|worker| worker.request == Some(request)).map(|worker| worker.id)
    }

    /// The loop that this is about, where that follows.
    fn shard_of(&self, stimulus: Stimulus) -> Option<ShardId> {
        if self.server.model != Model::Sharded {
            return Some(ShardId(0));
        }
        match stimulus {
            Stimulus::RequestArrived { connection: Some(connection), .. }
            | Stimulus::PeerClosed { connection }
            | Stimulus::ConnectionExpired { connection } => Some(self.world.shard_of(connection)),
            Stimulus::TaskFinished { worker, .. } | Stimulus::TaskWoke { worker, .. } => {
                Some(ShardId::from_index(worker.index() % self.schedulers.len()))
            }
            _ => None,
        }
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{:?}, to which happened", self.server);
            for kind in &self.story {
                eprintln!("    {kind:?}");
            }
        }
    }
}

const MODELS: [Model; 6] =
    [Model::Single, Model::Spawn, Model::Pool, Model::ForkJoin, Model::Async, Model::Sharded];
const POLICIES: [OnFull; 3] = [OnFull::Reject, OnFull::Wait, OnFull::DropOldest];
const ENDINGS: [Ending; 5] =
    [Ending::KeepAlive, Ending::Close, Ending::Empty, Ending::Incomplete, Ending::Gone];
const TIMERS: [Timer; 3] = [Timer::DrainDeadline, Timer::AcceptRetry, Timer::SpawnRetry];
