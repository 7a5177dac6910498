//! A loop's own part of `async` and `sharded`: the thread that polls runs the requests as well, and
//! a handler that sleeps is an entry among its timers.
//!
//! Who runs next, and what waits in the ready list, is the scheduler's. CPU time of a handler holds
//! up everybody else: that is the model.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use scheduler_model::{RequestId, SimTime, Span, WorkerId};

use super::answering::{self, Plan, Planned, Task};
use super::conn::Conn;
use super::core::{Core, Job};
use super::shared::Shared;
use super::worker::{SCRATCH, hand_back, read};

/// What the thread of a loop keeps beside its poller.
#[derive(Debug)]
pub(super) struct EventLoop {
    worker: WorkerId,
    /// When which handler's sleep is over.
    sleeps: BinaryHeap<Reverse<(Instant, RequestId)>>,
    /// Requests that this turn may run yet, and when it began.
    n_left: usize,
    began: SimTime,
    /// Whether the last turn ended with something left to run.
    has_more: bool,
    /// Connections with a part of an answer that is still to be written.
    unsent: Vec<usize>,
    scratch: Vec<u8>,
}

impl EventLoop {
    pub(super) fn new(worker: WorkerId) -> Self {
        Self {
            worker,
            sleeps: BinaryHeap::new(),
            n_left: 0,
            began: SimTime::ZERO,
            has_more: false,
            unsent: Vec::new(),
            scratch: vec![0; SCRATCH],
        }
    }

    /// How long its thread may wait for the kernel; `None` for as long as it likes.
    pub(super) fn timeout(&self, now: Instant) -> Option<Duration> {
        if self.has_more {
            return Some(Duration::ZERO);
        }
        self.sleeps.peek().map(|Reverse((at, _))| at.saturating_duration_since(now))
    }

    /// Whether any handler sleeps.
    pub(super) fn has_sleeps(&self) -> bool {
        !self.sleeps.is_empty()
    }

    /// Reports the sleeps that are over: each needs a turn again, to give its answer.
    pub(super) fn wake(&mut self, shared: &Shared, now: Instant) {
        while let Some(&Reverse((at, request))) = self.sleeps.peek()
            && at <= now
        {
            self.sleeps.pop();
            shared.with_core(|core, effects| core.woke(request, self.worker, effects));
        }
    }

    // code: turn
    /// Runs what the scheduler assigns, one request after the other: as many as were ready when the turn
    /// began, or for so long that nobody waits for long to be noticed. Who has sent a thousand requests at
    /// once is ready again and again, and others must be noticed in between. Gives the connections to go
    /// on writing to.
    pub(super) fn turn(&mut self, shared: &Shared) -> impl Iterator<Item = usize> {
        let mut next = {
            let mut core = shared.lock();
            self.n_left = (1 + core.scheduler.backlog()).min(TASKS_MAX);
            self.began = core.last();
            self.next(&mut core)
        };
        while let Some((request, conn)) = next {
            // mark: runs
            next = self.run(shared, (request, self.worker), conn);
        }
        self.unsent.drain(..)
    }

    /// What runs next, unless the kernel is to be asked first.
    fn next(&mut self, core: &mut Core) -> Option<Next> {
        // The time of the last stimulus, which was that the task before has ended.
        let is_late = core.last().since(self.began) >= TURN_MAX;
        self.has_more = (self.n_left == 0 || is_late) && core.has_job();
        if self.has_more {
            return None;
        }
        self.n_left = self.n_left.saturating_sub(1);
        match core.take_job()? {
            Job::Run(request, conn) => Some((request, conn)),
            Job::Steal | Job::Stop => None,
        }
    }

    /// Runs one request, and says which one is next: that is known in the same step under the lock in
    /// which the end of this one is told.
    fn run(&mut self, shared: &Shared, task: Task, mut conn: Box<Conn>) -> Option<Next> {
        let plan = if let Some(planned) = conn.planned.take() {
            Plan::Answer(planned)
        } else {
            read(&mut conn, &mut self.scratch);
            answering::plan(shared, task, &mut conn)
        };
        let ended = match plan {
            Plan::Answer(planned) if !planned.sleep.is_zero() => {
                return self.suspend(shared, task, conn, planned);
            }
            Plan::Answer(planned) => answering::give(shared, task, &mut conn, planned),
            Plan::Over(ended) => ended,
        };
        if ended.stays && conn.is_sending() {
            self.unsent.push(conn.token);
        }
        hand_back(shared, task, conn, ended, |core| self.next(core))
    }

    // code: suspend
    /// A handler sleeps: its loop is for others until that is over.
    fn suspend(
        &mut self,
        shared: &Shared,
        task: Task,
        mut conn: Box<Conn>,
        mut planned: Planned,
    ) -> Option<Next> {
        let sleep = std::mem::take(&mut planned.sleep);
        let (request, _) = task;
        // mark: sleeps
        self.sleeps.push(Reverse((Instant::now() + sleep, request)));
        let route = planned.route;
        conn.planned = Some(planned);
        shared.with_core(|core, effects| {
            core.blocked(task, route, conn, effects);
            self.next(core)
        })
    }
}

/// What the scheduler has assigned.
type Next = (RequestId, Box<Conn>);

/// Requests that are run before the kernel is asked again, at most.
const TASKS_MAX: usize = 64;
/// After so long the kernel is asked again: a request is noticed at most a handler later.
const TURN_MAX: Span = Span::from_millis(1);
