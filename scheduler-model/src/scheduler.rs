//! The front of the scheduler: one state machine, whatever the model.
//!
//! The law of its use: [`Scheduler::handle`] takes one stimulus, then [`Scheduler::poll`] hands
//! out decisions until there are none, then the next stimulus may come. It keeps no clock and
//! starts nothing; what it says is carried out by its driver. What the models have in common is
//! here (connections, drain); what tells them apart is in [`crate::models`].

use crate::lifecycle::{Context, Task};
use crate::models::{Pool, Spawn};
use crate::scenario::{Model, QueueBound, Server};
use crate::{ConnectionId, Decision, RejectReason, SimTime, Span, Stimulus, Timer};

#[cfg(feature = "mutants")]
pub use crate::models::Mutant;

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
    Pool(Pool),
    Spawn(Spawn),
}

/// How long to wait before accepting again, once the system has refused.
const ACCEPT_RETRY: Span = Span::from_millis(50);

impl Scheduler {
    /// A scheduler for this server; its workers, if the model has any from the start, are idle.
    ///
    /// # Panics
    ///
    /// For a model that is not in [`Model::SCHEDULED`].
    pub fn new(server: &Server) -> Self {
        let model = match server.model {
            Model::Single => Models::Pool(Pool::of_one()),
            Model::Spawn => Models::Spawn(Spawn::new(server.threads_max.get())),
            Model::Pool => {
                Models::Pool(Pool::new(server.workers.get(), server.queue, server.on_full))
            }
            other => panic!("{} has no scheduler in this version", other.name()),
        };
        Self { model, context: Context::new(), now: SimTime::ZERO }
    }

    /// A scheduler that is wrong on purpose: tests show that its faults are noticed.
    ///
    /// # Panics
    ///
    /// For a model without a run queue.
    #[cfg(feature = "mutants")]
    pub fn mutant(server: &Server, mutant: Mutant) -> Self {
        let mut scheduler = Self::new(server);
        let Models::Pool(pool) = &mut scheduler.model else { panic!("only a pool has mutants") };
        pool.set_mutant(mutant);
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
        match stimulus {
            Stimulus::ConnectionOpened { connection } => self.context.open(connection),
            Stimulus::RequestArrived { request, connection, seen_by, .. } => {
                let task = Task { request, connection };
                if self.context.begin(task) {
                    self.with_model(|model, context| match model {
                        Models::Pool(pool) => pool.arrived(task, seen_by, context),
                        Models::Spawn(spawn) => spawn.arrived(task, context),
                    });
                } else {
                    self.context.reject(task, RejectReason::Draining);
                }
            }
            Stimulus::TaskFinished { request, worker, ending, .. }
            | Stimulus::TaskPanicked { request, worker, ending } => {
                self.with_model(|model, context| match model {
                    Models::Pool(pool) => pool.finished(worker, request, ending, context),
                    Models::Spawn(spawn) => spawn.finished(worker, request, ending, context),
                });
            }
            Stimulus::TaskBlocked { .. }
            | Stimulus::TaskWoke { .. }
            | Stimulus::TimerDue { timer: Timer::AcceptRetry } => {}
            Stimulus::WorkerStarted { worker } => self.with_model(|model, context| match model {
                Models::Pool(pool) => pool.started(worker, context),
                Models::Spawn(spawn) => spawn.started(worker, context),
            }),
            Stimulus::WorkerDied { worker } => self.with_model(|model, context| match model {
                Models::Pool(pool) => pool.died(worker, context),
                Models::Spawn(spawn) => spawn.died(worker, context),
            }),
            Stimulus::SpawnFailed { worker } => self.with_model(|model, context| match model {
                Models::Pool(pool) => pool.spawn_failed(worker, now, context),
                Models::Spawn(spawn) => spawn.spawn_failed(worker, context),
            }),
            Stimulus::AcceptFailed => {
                let due = now + ACCEPT_RETRY;
                self.context.decide(Decision::ArmTimer { timer: Timer::AcceptRetry, due });
            }
            Stimulus::PeerClosed { connection } | Stimulus::ConnectionExpired { connection } => {
                let request = self.context.close(connection);
                self.with_model(|model, context| match model {
                    Models::Pool(pool) => {
                        if let Some(request) = request {
                            pool.abandoned(request);
                        }
                    }
                    Models::Spawn(spawn) => spawn.closed(connection, context),
                });
            }
            Stimulus::TimerDue { timer: Timer::DrainDeadline } => {
                self.with_model(|model, context| match model {
                    Models::Pool(pool) => pool.give_up(context),
                    Models::Spawn(spawn) => spawn.give_up(context),
                });
                self.context.give_up();
            }
            Stimulus::TimerDue { timer: Timer::SpawnRetry } => {
                self.with_model(|model, context| match model {
                    Models::Pool(pool) => pool.fill(context),
                    Models::Spawn(_) => {}
                });
            }
            Stimulus::Resize { workers } => self.with_model(|model, context| match model {
                Models::Pool(pool) => pool.resize(workers, context),
                Models::Spawn(_) => {}
            }),
            Stimulus::Drain { deadline } => {
                if self.context.drain(deadline) {
                    self.with_model(|model, context| match model {
                        Models::Pool(_) => {}
                        Models::Spawn(spawn) => spawn.retire_idle(context),
                    });
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

    /// How many requests wait in the run queue.
    pub fn backlog(&self) -> usize {
        match &self.model {
            Models::Pool(pool) => pool.backlog(),
            Models::Spawn(_) => 0,
        }
    }

    fn with_model(&mut self, act: impl FnOnce(&mut Models, &mut Context)) {
        act(&mut self.model, &mut self.context);
    }

    /// What follows from the state as a whole: whether to accept, and whether a drain is over.
    fn settle(&mut self) {
        let (tasks, full) = match &self.model {
            Models::Pool(pool) => (pool.n_tasks(), pool.makes_wait()),
            Models::Spawn(spawn) => (spawn.n_tasks(), false),
        };
        self.context.accept(!full);
        if self.context.may_end_drain(tasks) {
            self.with_model(|model, context| match model {
                Models::Pool(pool) => pool.retire_idle(context),
                Models::Spawn(spawn) => spawn.retire_idle(context),
            });
            self.context.end_drain();
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
