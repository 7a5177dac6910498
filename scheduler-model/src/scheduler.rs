//! The front of the scheduler: one state machine, whatever the model.
//!
//! The law of its use: [`Scheduler::handle`] takes one stimulus, then [`Scheduler::poll`] hands
//! out decisions until there are none, then the next stimulus may come. It keeps no clock and
//! starts nothing; what it says is carried out by its driver. What the models have in common is
//! here (connections, drain); what tells them apart is in [`crate::models`].

use crate::lifecycle::{Context, Task};
use crate::models::{EventLoop, ForkJoin, Pool, Spawn};
#[cfg(feature = "mutants")]
use crate::mutant::Flaw;
use crate::mutant::Mutant;
use crate::numbering::Numbering;
use crate::scenario::{Model, QueueBound, Server};
use crate::{
    ConnectionId, Decision, Ending, RejectReason, RequestId, ShardId, SimTime, Span, Stimulus,
    Timer, WorkerId, World,
};

/// Decides who runs what, and when.
///
/// ```
/// use scheduler_model::{Decision, Ending, RequestId, Scheduler, SimTime, Stimulus};
/// use scheduler_model::scenario::{Model, Server};
///
/// let mut scheduler = Scheduler::new(&Server::new(Model::Pool));
/// let request = RequestId(1);
/// let arrived = Stimulus::RequestArrived { request, connection: None, route: None, seen_by: None };
/// scheduler.handle(SimTime::ZERO, arrived);
/// let Some(Decision::Assign { worker, .. }) = scheduler.poll() else { panic!("four are free") };
/// assert_eq!(worker.get(), 1);
/// assert_eq!(scheduler.poll(), None);
/// ```
#[derive(Clone, Debug)]
pub struct Scheduler {
    model: Models,
    context: Context,
    now: SimTime,
}

#[derive(Clone, Debug)]
enum Models {
    EventLoop(EventLoop),
    ForkJoin(ForkJoin),
    Pool(Pool),
    Spawn(Spawn),
}

/// How long to wait before accepting again, once the system has refused.
const ACCEPT_RETRY: Span = Span::from_millis(50);

impl Scheduler {
    /// A scheduler for this server; its workers, if the model has any from the start, are idle.
    ///
    /// Under `sharded`, that of the first loop.
    pub fn new(server: &Server) -> Self {
        Self::of_shard(server, ShardId(0))
    }

    /// The scheduler of one loop of `sharded`; under every other model, of the whole server.
    ///
    /// # Panics
    ///
    /// When the server has no such shard.
    pub fn of_shard(server: &Server, shard: ShardId) -> Self {
        let pool = || Pool::new(server.workers.get(), server.queue, server.on_full);
        let model = match server.model {
            Model::Single => Models::Pool(Pool::of_one()),
            Model::Spawn => Models::Spawn(Spawn::new(server.threads_max.get())),
            Model::Pool => Models::Pool(pool()),
            Model::ForkJoin => Models::ForkJoin(ForkJoin::new(pool())),
            Model::Async | Model::Sharded => Models::EventLoop(EventLoop::new(shard.worker())),
        };
        let numbering = Numbering::new(shard, server.n_shards());
        Self { model, context: Context::new(numbering), now: SimTime::ZERO }
    }

    /// The schedulers of this server: one, or one for each loop of `sharded`.
    pub fn all(server: &Server) -> Vec<Self> {
        server.shards().map(|shard| Self::of_shard(server, shard)).collect()
    }

    /// The schedulers of a run at this moment of it, for what comes next.
    ///
    /// Whatever a scheduler knows was seen: it follows from the [`World`], provided that every
    /// decision on the last stimulus is in it.
    pub fn resumed(world: &World) -> Vec<Self> {
        let resumed = |shard: &crate::Shard| {
            let Self { model, context, .. } = Self::of_shard(world.server(), shard.id());
            let model = match model {
                Models::EventLoop(event_loop) => {
                    Models::EventLoop(event_loop.resumed(world, shard))
                }
                Models::ForkJoin(fork_join) => Models::ForkJoin(fork_join.resumed(world)),
                Models::Pool(pool) => Models::Pool(pool.resumed(world)),
                Models::Spawn(spawn) => Models::Spawn(spawn.resumed(world)),
            };
            Self { model, context: context.resumed(shard), now: world.now() }
        };
        world.shards().iter().map(resumed).collect()
    }

    /// A scheduler that is wrong on purpose: tests show that its flaw is noticed.
    #[cfg(feature = "mutants")]
    pub fn mutant(server: &Server, mutant: Mutant) -> Self {
        let mut scheduler = Self::new(server);
        scheduler.context.flaw = Flaw::of(mutant);
        scheduler
    }

    /// Takes in what happened at `now`.
    ///
    /// # Panics
    ///
    /// When time goes back, when decisions on the last stimulus were not taken, or when the
    /// stimulus cannot be (a worker that does not exist): a bug in the driver. A driver that is
    /// fed by strangers asks [`crate::World`] first.
    pub fn handle(&mut self, now: SimTime, stimulus: Stimulus) {
        assert!(self.now <= now, "time goes back from {} to {now}", self.now);
        assert!(self.context.decisions.is_empty(), "decisions on the last stimulus were not taken");
        self.now = now;
        let Self { model, context, .. } = self;
        match stimulus {
            Stimulus::ConnectionOpened { connection } => context.open(connection),
            Stimulus::RequestArrived { request, connection, seen_by, .. } => {
                let task = Task { request, connection };
                if context.begin(task) {
                    model.arrived(task, seen_by, context);
                } else {
                    context.reject(task, RejectReason::Draining);
                }
            }
            Stimulus::TaskFinished { request, worker, ending, .. } => {
                model.finished(worker, request, ending, context);
            }
            Stimulus::TaskPanicked { request, worker, ending } => match model {
                Models::Pool(pool) => pool.panicked(worker, request, ending, context),
                _ => model.finished(worker, request, ending, context),
            },
            Stimulus::TaskBlocked { request, .. } => {
                if let Models::EventLoop(event_loop) = model {
                    event_loop.blocked(request, context);
                }
            }
            Stimulus::TaskWoke { request, .. } => {
                if let Models::EventLoop(event_loop) = model {
                    event_loop.woke(request, context);
                }
            }
            Stimulus::TaskForked { worker, .. } => {
                if let Models::ForkJoin(fork_join) = model {
                    fork_join.forked(worker, context);
                }
            }
            Stimulus::TaskJoined { worker, .. } => model.stealing().joined(worker, context),
            Stimulus::StealFailed { worker } => model.stealing().found_nothing(worker, context),
            Stimulus::WorkerStarted { worker } => model.started(worker, context),
            Stimulus::WorkerDied { worker } => model.died(worker, context),
            Stimulus::SpawnFailed { worker } => model.spawn_failed(worker, now, context),
            Stimulus::AcceptFailed => {
                let due = now + ACCEPT_RETRY;
                context.decide(Decision::ArmTimer { timer: Timer::AcceptRetry, due });
            }
            Stimulus::PeerClosed { connection } | Stimulus::ConnectionExpired { connection } => {
                let request = context.close(connection);
                model.closed(connection, request, context);
            }
            Stimulus::TimerDue { timer: Timer::AcceptRetry } => {}
            Stimulus::TimerDue { timer: Timer::DrainDeadline } => {
                model.give_up(context);
                context.give_up();
            }
            Stimulus::TimerDue { timer: Timer::SpawnRetry } => match model {
                Models::EventLoop(event_loop) => event_loop.retry(context),
                Models::ForkJoin(fork_join) => fork_join.pool_mut().fill(context),
                Models::Pool(pool) => pool.fill(context),
                Models::Spawn(_) => {}
            },
            Stimulus::Resize { workers } => {
                if let Some(pool) = model.pool_mut() {
                    pool.resize(workers, context);
                }
            }
            Stimulus::Drain { .. }
                if context.flaw.is(Mutant::DrainNeedsRoom)
                    && model.pool_mut().is_some_and(|pool| pool.is_full()) => {}
            Stimulus::Drain { deadline } => {
                if context.drain(deadline)
                    && let Models::Spawn(spawn) = model
                {
                    spawn.retire_idle(context);
                }
            }
        }
        self.settle();
    }

    /// The next decision, or `None` when the next stimulus may come.
    pub fn poll(&mut self) -> Option<Decision> {
        self.context.decisions.pop_front()
    }

    /// The number the next connection will have.
    pub fn next_connection(&self) -> ConnectionId {
        self.context.next_connection()
    }

    /// Whether the server takes what arrives.
    pub const fn is_accepting(&self) -> bool {
        self.context.accepting
    }

    /// Whether a drain has begun.
    pub const fn is_draining(&self) -> bool {
        self.context.draining
    }

    /// Whether a drain is over.
    pub const fn is_drained(&self) -> bool {
        self.context.drained
    }

    /// How many requests wait in the run queue, or in the loop's ready list.
    pub fn backlog(&self) -> usize {
        match &self.model {
            Models::EventLoop(event_loop) => event_loop.backlog(),
            Models::ForkJoin(fork_join) => fork_join.pool().backlog(),
            Models::Pool(pool) => pool.backlog(),
            Models::Spawn(_) => 0,
        }
    }

    /// Writes what tells this state from others, time apart; `name` is what a request is called.
    pub(crate) fn write_key(&self, key: &mut Vec<u8>, name: &impl Fn(RequestId) -> u8) {
        self.context.write_key(key, name);
        match &self.model {
            Models::EventLoop(event_loop) => event_loop.write_key(key, name),
            Models::ForkJoin(fork_join) => fork_join.write_key(key, name),
            Models::Pool(pool) => pool.write_key(key, name),
            Models::Spawn(spawn) => spawn.write_key(key, name),
        }
    }

    /// What follows from the state as a whole: whether to accept, and whether a drain is over.
    fn settle(&mut self) {
        let Self { model, context, .. } = self;
        context.accept(!model.pool_mut().is_some_and(|pool| pool.makes_wait()));
        if context.may_end_drain() && model.n_tasks() == 0 {
            match model {
                Models::EventLoop(event_loop) => event_loop.retire_idle(context),
                Models::ForkJoin(fork_join) => fork_join.pool_mut().retire_idle(context),
                Models::Pool(pool) => pool.retire_idle(context),
                Models::Spawn(spawn) => spawn.retire_idle(context),
            }
            context.end_drain();
        }
    }
}

impl Models {
    fn arrived(&mut self, task: Task, seen_by: Option<WorkerId>, context: &mut Context) {
        match self {
            Self::EventLoop(event_loop) => event_loop.arrived(task, context),
            Self::ForkJoin(fork_join) => fork_join.pool_mut().arrived(task, seen_by, context),
            Self::Pool(pool) => pool.arrived(task, seen_by, context),
            Self::Spawn(spawn) => spawn.arrived(task, context),
        }
    }

    fn finished(
        &mut self,
        worker: WorkerId,
        request: RequestId,
        ending: Ending,
        context: &mut Context,
    ) {
        match self {
            Self::EventLoop(event_loop) => event_loop.finished(request, ending, context),
            Self::ForkJoin(fork_join) => fork_join.finished(worker, request, ending, context),
            Self::Pool(pool) => pool.finished(worker, request, ending, context),
            Self::Spawn(spawn) => spawn.finished(worker, request, ending, context),
        }
    }

    fn started(&mut self, worker: WorkerId, context: &mut Context) {
        match self {
            Self::EventLoop(event_loop) => event_loop.started(context),
            Self::ForkJoin(fork_join) => fork_join.pool_mut().started(worker, context),
            Self::Pool(pool) => pool.started(worker, context),
            Self::Spawn(spawn) => spawn.started(worker, context),
        }
    }

    fn died(&mut self, worker: WorkerId, context: &mut Context) {
        match self {
            Self::EventLoop(event_loop) => event_loop.died(context),
            Self::ForkJoin(fork_join) => fork_join.died(worker, context),
            Self::Pool(pool) => pool.died(worker, context),
            Self::Spawn(spawn) => spawn.died(worker, context),
        }
    }

    fn spawn_failed(&mut self, worker: WorkerId, now: SimTime, context: &mut Context) {
        match self {
            Self::EventLoop(event_loop) => event_loop.spawn_failed(now, context),
            Self::ForkJoin(fork_join) => fork_join.pool_mut().spawn_failed(worker, now, context),
            Self::Pool(pool) => pool.spawn_failed(worker, now, context),
            Self::Spawn(spawn) => spawn.spawn_failed(worker, context),
        }
    }

    /// A connection ended, and with it the request that was in progress on it.
    fn closed(
        &mut self,
        connection: ConnectionId,
        request: Option<RequestId>,
        context: &mut Context,
    ) {
        match (self, request) {
            (Self::Spawn(spawn), _) => spawn.closed(connection, context),
            (_, None) => {}
            (Self::EventLoop(event_loop), Some(request)) => event_loop.abandoned(request),
            (Self::ForkJoin(fork_join), Some(request)) => fork_join.pool_mut().abandoned(request),
            (Self::Pool(pool), Some(request)) => pool.abandoned(request),
        }
    }

    fn give_up(&mut self, context: &mut Context) {
        match self {
            Self::EventLoop(event_loop) => event_loop.give_up(context),
            Self::ForkJoin(fork_join) => fork_join.pool_mut().give_up(context),
            Self::Pool(pool) => pool.give_up(context),
            Self::Spawn(spawn) => spawn.give_up(context),
        }
    }

    /// Requests that wait or run.
    fn n_tasks(&self) -> usize {
        match self {
            Self::EventLoop(event_loop) => event_loop.n_tasks(),
            Self::ForkJoin(fork_join) => fork_join.pool().n_tasks(),
            Self::Pool(pool) => pool.n_tasks(),
            Self::Spawn(spawn) => spawn.n_tasks(),
        }
    }

    /// The workers behind a run queue, if the model has such.
    const fn pool_mut(&mut self) -> Option<&mut Pool> {
        match self {
            Self::ForkJoin(fork_join) => Some(fork_join.pool_mut()),
            Self::Pool(pool) => Some(pool),
            Self::EventLoop(_) | Self::Spawn(_) => None,
        }
    }

    /// The model in which workers steal.
    fn stealing(&mut self) -> &mut ForkJoin {
        match self {
            Self::ForkJoin(fork_join) => fork_join,
            _ => panic!("nobody steals but under fork-join"),
        }
    }
}

impl Pool {
    /// `single` is a pool of one worker without a queue, which takes nothing while it works.
    fn of_one() -> Self {
        let none = QueueBound::Bounded(crate::scenario::Ranged::MIN);
        Self::new(1, none, crate::scenario::OnFull::Wait).fixed()
    }
}
