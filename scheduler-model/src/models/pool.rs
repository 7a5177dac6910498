//! `pool`: a fixed number of workers behind a run queue; also `single`, a pool of one.
//!
//! First come, first served: an arrival goes to an idle worker, else into the queue, else the
//! rejection policy says what happens. A worker that ends a task takes the front of the queue
//! before anything newer may enter it, so that the bound holds.

use std::collections::VecDeque;

use super::SPAWN_RETRY;
use crate::index_set::IndexSet;
use crate::lifecycle::{Context, Task};
use crate::mutant::Mutant;
use crate::scenario::{OnFull, QueueBound};
use crate::slots::Slots;
use crate::{
    Decision, Ending, RejectReason, RequestId, SimTime, Timer, Worker, WorkerId, WorkerState, World,
};

/// The state of a pool.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    workers: Slots<Work>,
    /// Which workers are idle.
    idle: IndexSet,
    run_queue: VecDeque<Task>,
    backlog_max: Option<usize>,
    on_full: OnFull,
    /// How many workers there shall be.
    target: usize,
    resizable: bool,
    n_running: usize,
}

#[derive(Clone, Copy, Debug)]
enum Work {
    Starting,
    Idle,
    Running(Task),
    /// It was sent to steal, or runs what it stole.
    Away,
    /// It runs a request that has been given up.
    GivenUp(RequestId),
}

impl Work {
    fn of(worker: &Worker, world: &World) -> Self {
        match (worker.state, worker.request) {
            (WorkerState::Starting, _) => Self::Starting,
            (WorkerState::Idle, _) => Self::Idle,
            (_, Some(request)) if !worker.helps => {
                Task::of(request, world).map_or(Self::GivenUp(request), Self::Running)
            }
            _ => Self::Away,
        }
    }
}

impl Pool {
    pub(crate) fn new(workers: u32, queue: QueueBound, on_full: OnFull) -> Self {
        let mut pool = Self {
            workers: Slots::new(),
            idle: IndexSet::new(),
            run_queue: VecDeque::new(),
            backlog_max: queue.max().map(|max| max as usize),
            on_full,
            target: workers as usize,
            resizable: true,
            n_running: 0,
        };
        for _ in 0..workers {
            pool.idle.insert(pool.workers.insert(Work::Idle));
        }
        pool
    }

    /// The same pool, which no resize changes.
    pub(crate) fn fixed(self) -> Self {
        Self { resizable: false, ..self }
    }

    /// The same pool as it is in the middle of a run.
    pub(crate) fn resumed(mut self, world: &World) -> Self {
        if self.resizable {
            self.target = world.workers_wanted as usize;
        }
        self.run_queue =
            world.run_queue().iter().filter_map(|&request| Task::of(request, world)).collect();
        self.workers = Slots::of(world.workers().map(|it| (it.id.index(), Work::of(it, world))));
        self.idle = IndexSet::new();
        self.n_running = 0;
        for (index, work) in self.workers.iter() {
            match work {
                Work::Idle => self.idle.insert(index),
                Work::Running(_) => self.n_running += 1,
                Work::Starting | Work::Away | Work::GivenUp(_) => {}
            }
        }
        self
    }

    pub(crate) fn arrived(&mut self, task: Task, seen_by: Option<WorkerId>, context: &mut Context) {
        if context.flaw.is(Mutant::AcceptorCountsIdle)
            && let Some(index) = self.idle.first()
        {
            self.assign(task, WorkerId::from_index(index), context); // and leaves it among the idle ones
            return;
        }
        let awake = seen_by.filter(|worker| self.idle.take(worker.index()));
        if let Some(worker) = awake.or_else(|| self.take_first_idle()) {
            self.assign(task, worker, context);
            return;
        }
        if self.is_full() {
            let oldest = match self.on_full {
                OnFull::DropOldest => self.run_queue.pop_front(),
                OnFull::Reject | OnFull::Wait => None,
            };
            let Some(oldest) = oldest else {
                context.reject(task, RejectReason::QueueFull);
                return;
            };
            context.reject(oldest, RejectReason::DroppedOldest);
        }
        self.run_queue.push_back(task);
        context.decide(Decision::Queue { request: task.request });
    }

    pub(crate) fn finished(
        &mut self,
        worker: WorkerId,
        request: RequestId,
        ending: Ending,
        context: &mut Context,
    ) {
        self.release(worker, request, ending, context);
        self.next(worker, context);
    }

    /// A worker is through with its request. What it does next is still to be said.
    pub(super) fn release(
        &mut self,
        worker: WorkerId,
        request: RequestId,
        ending: Ending,
        context: &mut Context,
    ) {
        if context.flaw.is(Mutant::AcceptorCountsIdle) {
            self.idle.take(worker.index()); // only now it is heard of
        }
        match self.replace(worker, Work::Idle) {
            Work::Running(task) if task.request == request => {
                self.n_running -= 1;
                context.end(task, ending);
            }
            Work::GivenUp(held) if held == request => {}
            other => panic!("worker {worker} does not run request {request}: {other:?}"),
        }
    }

    /// Takes an idle worker out of the pool's sight.
    pub(super) fn send_away(&mut self) -> Option<WorkerId> {
        let worker = self.take_first_idle()?;
        self.replace(worker, Work::Away);
        Some(worker)
    }

    /// A worker whose handler panicked is free for what comes next.
    pub(crate) fn panicked(
        &mut self,
        worker: WorkerId,
        request: RequestId,
        ending: Ending,
        context: &mut Context,
    ) {
        if context.flaw.is(Mutant::JobLostOnPanic) {
            self.run_queue.pop_front();
        }
        self.finished(worker, request, ending, context);
    }

    /// A worker that became free is not to be idle.
    pub(super) fn stay_away(&mut self, worker: WorkerId) {
        self.replace(worker, Work::Away);
    }

    /// A worker that was away has nothing to do. What it does next is still to be said.
    pub(super) fn come_back(&mut self, worker: WorkerId) {
        let before = self.replace(worker, Work::Idle);
        assert!(matches!(before, Work::Away), "worker {worker} was not sent to steal: {before:?}");
    }

    pub(crate) fn started(&mut self, worker: WorkerId, context: &mut Context) {
        let before = self.replace(worker, Work::Idle);
        assert!(matches!(before, Work::Starting), "worker {worker} was not being started");
        self.next(worker, context);
    }

    pub(crate) fn died(&mut self, worker: WorkerId, context: &mut Context) {
        self.idle.take(worker.index());
        if let Some(Work::Running(task)) = self.workers.remove(worker.index()) {
            self.n_running -= 1;
            context.end(task, Ending::Close);
        }
        self.fill(context);
    }

    pub(crate) fn spawn_failed(&mut self, worker: WorkerId, now: SimTime, context: &mut Context) {
        self.workers.remove(worker.index());
        context.decide(Decision::ArmTimer { timer: Timer::SpawnRetry, due: now + SPAWN_RETRY });
    }

    /// The client of this request has left: it need not wait any longer, and if it runs, it runs
    /// for nobody.
    pub(crate) fn abandoned(&mut self, request: RequestId) {
        if let Some(place) = self.run_queue.iter().position(|task| task.request == request) {
            self.run_queue.remove(place);
        } else {
            let mut works = self.workers.iter_mut();
            let held =
                works.find(|work| matches!(work, Work::Running(task) if task.request == request));
            *held.expect("a request that is not queued runs") = Work::GivenUp(request);
            self.n_running -= 1;
        }
    }

    pub(crate) fn resize(&mut self, workers: u32, context: &mut Context) {
        if !self.resizable {
            return;
        }
        self.target = workers as usize;
        while self.workers.len() > self.target
            && let Some(index) = self.idle.take_last()
        {
            self.workers.remove(index);
            context.decide(Decision::Retire { worker: WorkerId::from_index(index) });
        }
        self.fill(context);
    }

    /// Starts workers until there are as many as there shall be.
    pub(crate) fn fill(&mut self, context: &mut Context) {
        while self.workers.len() < self.target && !context.drained {
            let worker = WorkerId::from_index(self.workers.insert(Work::Starting));
            context.decide(Decision::Spawn { worker, request: None });
        }
    }

    /// The deadline of a drain: nothing that waits or runs will be answered.
    pub(crate) fn give_up(&mut self, context: &mut Context) {
        while let Some(task) = self.run_queue.pop_front() {
            context.reject(task, RejectReason::DrainDeadline);
        }
        for work in self.workers.iter_mut() {
            if let Work::Running(task) = *work {
                *work = Work::GivenUp(task.request);
                self.n_running -= 1;
                context.reject(task, RejectReason::DrainDeadline);
            }
        }
    }

    pub(crate) fn retire_idle(&mut self, context: &mut Context) {
        while let Some(worker) = self.take_first_idle() {
            self.workers.remove(worker.index());
            context.decide(Decision::Retire { worker });
        }
    }

    /// Requests that wait or run.
    pub(crate) fn n_tasks(&self) -> usize {
        self.run_queue.len() + self.n_running
    }

    pub(crate) fn backlog(&self) -> usize {
        self.run_queue.len()
    }

    /// Whether the server must not take the next arrival now.
    pub(crate) fn makes_wait(&self) -> bool {
        self.on_full == OnFull::Wait && self.idle.is_empty() && self.is_full()
    }

    /// Whether a worker that is free may steal: no request waits for it, and it is not to end.
    pub(super) fn may_steal(&self, context: &Context) -> bool {
        self.run_queue.is_empty() && self.workers.len() <= self.target && !context.drained
    }

    /// Whether this worker holds a request of its own.
    pub(super) fn has_request(&self, worker: WorkerId) -> bool {
        matches!(self.workers.get(worker.index()), Some(Work::Running(_) | Work::GivenUp(_)))
    }

    pub(crate) fn is_full(&self) -> bool {
        self.backlog_max.is_some_and(|max| self.run_queue.len() >= max)
    }

    pub(crate) fn write_key(&self, key: &mut Vec<u8>, name: &impl Fn(RequestId) -> u8) {
        key.extend([self.target.to_le_bytes()[0], self.n_running.to_le_bytes()[0]]);
        for (index, work) in self.workers.iter() {
            let (kind, request) = match work {
                Work::Starting => (0, 0),
                Work::Idle => (1, 0),
                Work::Running(task) => (2, name(task.request)),
                Work::Away => (3, 0),
                Work::GivenUp(request) => (4, name(*request)),
            };
            let idle = u8::from(self.idle.contains(index));
            key.extend([index.to_le_bytes()[0], kind << 5 | idle << 4 | request]);
        }
        key.push(u8::MAX);
        key.extend(self.run_queue.iter().map(|task| name(task.request)));
        key.push(u8::MAX);
    }

    /// What a worker does that has just become free.
    pub(super) fn next(&mut self, worker: WorkerId, context: &mut Context) {
        if let Some(task) = self.pop(context) {
            self.assign(task, worker, context);
        } else if self.workers.len() > self.target || context.drained {
            self.workers.remove(worker.index());
            context.decide(Decision::Retire { worker });
        } else {
            self.idle.insert(worker.index());
            context.decide(Decision::Park { worker });
        }
    }

    fn take_first_idle(&mut self) -> Option<WorkerId> {
        self.idle.take_first().map(WorkerId::from_index)
    }

    fn pop(&mut self, context: &Context) -> Option<Task> {
        if context.flaw.is(Mutant::ReversedQueue) {
            return self.run_queue.pop_back();
        }
        self.run_queue.pop_front()
    }

    fn assign(&mut self, task: Task, worker: WorkerId, context: &mut Context) {
        self.replace(worker, Work::Running(task));
        self.n_running += 1;
        context.decide(Decision::Assign { request: task.request, worker });
    }

    fn replace(&mut self, worker: WorkerId, with: Work) -> Work {
        let slot = self.workers.get_mut(worker.index());
        std::mem::replace(slot.unwrap_or_else(|| panic!("there is no worker {worker}")), with)
    }
}
