//! What the threads of a pool share: the scheduler, the jobs it has not assigned, the workers' seats.
//!
//! Everything happens in two steps: under one lock the scheduler is told what happened and says
//! what follows; after the lock is given back that is carried out. A worker gets a job only because
//! the scheduler assigned it, and finds it in its own seat.

use std::collections::BTreeMap;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use scheduler_model::scenario::Server;
use scheduler_model::{Decision, Ending, RequestId, Scheduler, SimTime, Stimulus, Timer, WorkerId};

/// A job, on the heap: closures have as many sizes as there are of them.
type Job = Box<dyn FnOnce() + Send + 'static>;

/// A job that the scheduler rejected.
pub(super) struct Refused<F>(pub(super) F);

/// What the threads of a pool share.
pub(super) struct Shared {
    core: Mutex<Core>,
    /// Told when there may be room again, for callers who wait.
    room: Condvar,
    started: Instant,
}

struct Core {
    scheduler: Scheduler,
    /// Accepted and not assigned.
    jobs: BTreeMap<RequestId, Job>,
    /// By the index of the worker.
    seats: Vec<Arc<Seat>>,
    threads: Vec<JoinHandle<()>>,
    n_arrived: u64,
    now: SimTime,
}

/// Where one worker finds what it shall do.
#[derive(Default)]
struct Seat {
    command: Mutex<Option<Command>>,
    filled: Condvar,
}

enum Command {
    Retire,
    Run(RequestId, Job),
}

/// What is left to do once the lock is given back.
enum Effect {
    Deliver(Arc<Seat>, Command),
    Spawn(WorkerId, Arc<Seat>),
    WakeCallers,
    /// Report this timer after that long.
    Later(Timer, Duration),
}

impl Shared {
    pub(super) fn new(server: &Server) -> Arc<Self> {
        let seats = (0..server.workers.get()).map(|_| Arc::default()).collect();
        let core = Core {
            scheduler: Scheduler::new(server),
            jobs: BTreeMap::new(),
            seats,
            threads: Vec::new(),
            n_arrived: 0,
            now: SimTime::ZERO,
        };
        Arc::new(Self { core: Mutex::new(core), room: Condvar::new(), started: Instant::now() })
    }

    /// Starts the threads that the scheduler takes for granted.
    pub(super) fn start_all(self: &Arc<Self>) -> io::Result<()> {
        let mut core = self.lock();
        for index in 0..core.seats.len() {
            let seat = Arc::clone(&core.seats[index]);
            let thread = self.start(WorkerId::from_index(index), seat, false)?;
            core.threads.push(thread);
        }
        Ok(())
    }

    /// Offers a job to the scheduler, when that takes any.
    pub(super) fn offer<F>(self: &Arc<Self>, job: F) -> Result<(), Refused<F>>
    where
        F: FnOnce() + Send + 'static,
    {
        let core = self.lock();
        let waited = self.room.wait_while(core, |core| !core.scheduler.is_accepting());
        let mut core = waited.expect(NO_PANIC);
        core.n_arrived += 1;
        let request = RequestId(core.n_arrived);
        let arrival =
            Stimulus::RequestArrived { request, connection: None, route: None, seen_by: None };
        let decisions = self.decide(&mut core, arrival);
        let mut rejected = decisions.iter().filter(|d| matches!(d, Decision::Reject { .. }));
        if rejected.next().is_some() {
            return Err(Refused(job));
        }
        core.jobs.insert(request, Box::new(job));
        let effects = core.effects(&decisions);
        drop(core);
        self.carry_out(effects);
        Ok(())
    }

    /// Finishes what was accepted and ends the threads.
    pub(super) fn shut_down(self: &Arc<Self>) {
        self.report(Stimulus::Drain { deadline: SimTime::MAX });
        let me = thread::current().id();
        if self.lock().threads.iter().any(|thread| thread.thread().id() == me) {
            return;
        }
        // A thread that dies starts its successor before it ends, so none is missed.
        loop {
            let Some(thread) = self.lock().threads.pop() else { return };
            // An error is the panic of a thread that died and was replaced; dropping its payload
            // may panic once more.
            if let Err(payload) = thread.join() {
                std::mem::forget(payload);
            }
        }
    }

    fn report(self: &Arc<Self>, stimulus: Stimulus) {
        let mut core = self.lock();
        let decisions = self.decide(&mut core, stimulus);
        let effects = core.effects(&decisions);
        drop(core);
        self.carry_out(effects);
    }

    fn decide(&self, core: &mut Core, stimulus: Stimulus) -> Vec<Decision> {
        let elapsed = u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        core.now = core.now.max(SimTime::from_nanos(elapsed));
        core.scheduler.handle(core.now, stimulus);
        std::iter::from_fn(|| core.scheduler.poll()).collect()
    }

    fn carry_out(self: &Arc<Self>, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Deliver(seat, command) => seat.fill(command),
                Effect::Spawn(worker, seat) => match self.start(worker, seat, true) {
                    Ok(thread) => {
                        let threads = &mut self.lock().threads;
                        threads.retain(|thread| !thread.is_finished());
                        threads.push(thread);
                    }
                    Err(_) => self.report(Stimulus::SpawnFailed { worker }),
                },
                Effect::WakeCallers => self.room.notify_all(),
                // Only a thread that dies asks for a spawn, and it has nothing else to do.
                Effect::Later(timer, after) => {
                    thread::sleep(after);
                    self.report(Stimulus::TimerDue { timer });
                }
            }
        }
    }

    fn start(
        self: &Arc<Self>,
        worker: WorkerId,
        seat: Arc<Seat>,
        is_successor: bool,
    ) -> io::Result<JoinHandle<()>> {
        let shared = Arc::clone(self);
        thread::Builder::new().name(format!("pool-{worker}")).spawn(move || {
            let guard = Replaced { shared: &shared, worker };
            if is_successor {
                shared.report(Stimulus::WorkerStarted { worker });
            }
            shared.work(worker, &seat);
            std::mem::forget(guard);
        })
    }

    /// The life of a worker.
    fn work(self: &Arc<Self>, worker: WorkerId, seat: &Seat) {
        while let Command::Run(request, job) = seat.take() {
            let ending = Ending::Close;
            // Whatever the job shared with others is theirs to judge, as after a panic of any
            // thread.
            let ended = match panic::catch_unwind(AssertUnwindSafe(job)) {
                Ok(()) => Stimulus::TaskFinished { request, worker, route: None, ending },
                Err(payload) => {
                    // May panic: then this thread ends, and `Replaced` reports it.
                    drop(payload);
                    Stimulus::TaskPanicked { request, worker, ending }
                }
            };
            self.report(ended);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().expect(NO_PANIC)
    }
}

impl Core {
    fn effects(&mut self, decisions: &[Decision]) -> Vec<Effect> {
        decisions.iter().filter_map(|&decision| self.effect(decision)).collect()
    }

    fn effect(&mut self, decision: Decision) -> Option<Effect> {
        match decision {
            Decision::Assign { request, worker } => {
                let job = self.jobs.remove(&request).expect("an accepted job is assigned once");
                let seat = Arc::clone(&self.seats[worker.index()]);
                Some(Effect::Deliver(seat, Command::Run(request, job)))
            }
            Decision::Spawn { worker, .. } => {
                let seat = Arc::default();
                self.seats[worker.index()] = Arc::clone(&seat);
                Some(Effect::Spawn(worker, seat))
            }
            Decision::Retire { worker } => {
                Some(Effect::Deliver(Arc::clone(&self.seats[worker.index()]), Command::Retire))
            }
            Decision::ResumeAccepting => Some(Effect::WakeCallers),
            Decision::ArmTimer { timer: timer @ Timer::SpawnRetry, due } => {
                Some(Effect::Later(timer, due.since(self.now).into()))
            }
            // A pool that is dropped waits as long as it takes, and its workers sleep by themselves
            // when their seat is empty.
            Decision::ArmTimer { .. }
            | Decision::Close { .. }
            | Decision::Drained
            | Decision::Park { .. }
            | Decision::Queue { .. }
            | Decision::Reject { .. }
            | Decision::RunOnCaller { .. }
            | Decision::Steal { .. }
            | Decision::StopAccepting => None,
        }
    }
}

impl Seat {
    fn fill(&self, command: Command) {
        *self.command.lock().expect(NO_PANIC) = Some(command);
        self.filled.notify_one();
    }

    fn take(&self) -> Command {
        let command = self.command.lock().expect(NO_PANIC);
        let filled = self.filled.wait_while(command, |command| command.is_none());
        filled.expect(NO_PANIC).take().expect("it was waited for")
    }
}

/// Reports the death of the worker whose thread drops it.
struct Replaced<'a> {
    shared: &'a Arc<Shared>,
    worker: WorkerId,
}

impl Drop for Replaced<'_> {
    fn drop(&mut self) {
        self.shared.report(Stimulus::WorkerDied { worker: self.worker });
    }
}

/// Jobs run while no lock is held, so no lock is poisoned but by a bug of ours.
const NO_PANIC: &str = "nothing of a stranger's runs under the pool's locks";
