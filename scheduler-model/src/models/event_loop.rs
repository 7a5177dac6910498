//! `async`, and each loop of `sharded`: one thread that never waits for a handler's sleep.
//!
//! What could run stands in the ready list, first come, first served, and has the loop until it
//! ends or sleeps. A sleep is a timer: its task waits outside, and comes back to the end of the
//! list when it is due. The list has no bound; nothing is rejected but by a drain.

use std::collections::VecDeque;

use super::SPAWN_RETRY;
use crate::lifecycle::{Context, Task};
use crate::ordered::Ordered;
use crate::{
    Decision, Ending, Place, RejectReason, Request, RequestId, Shard, SimTime, Timer, Worker,
    WorkerId, WorkerState, World,
};

/// The state of a loop.
#[derive(Clone, Debug)]
pub(crate) struct EventLoop {
    worker: WorkerId,
    turn: Turn,
    ready: VecDeque<Task>,
    /// Tasks whose timers run.
    asleep: Ordered<Task>,
}

/// What the loop's thread does.
#[derive(Clone, Copy, Debug)]
enum Turn {
    /// It ended without being asked to, and is being started anew.
    Starting,
    /// It could not be started anew.
    Missing,
    Idle,
    Running(Task),
    /// It runs a request that has been given up.
    GivenUp(RequestId),
    /// The server is drained, and the thread ended.
    Over,
}

impl EventLoop {
    pub(crate) const fn new(worker: WorkerId) -> Self {
        Self { worker, turn: Turn::Idle, ready: VecDeque::new(), asleep: Ordered::new() }
    }

    /// The same loop as it is in the middle of a run.
    pub(crate) fn resumed(self, world: &World, shard: &Shard) -> Self {
        let task = |&request: &RequestId| Task::of(request, world);
        let sleeps = |entry: &&Request| matches!(entry.place, Place::Asleep { worker, .. } if worker == self.worker);
        let asleep = world.requests().filter(sleeps).map(|entry| entry.id);
        let turn = match world.worker(self.worker) {
            None if shard.is_drained() => Turn::Over,
            None => Turn::Missing,
            Some(Worker { state: WorkerState::Starting, .. }) => Turn::Starting,
            Some(Worker { request: None, .. }) => Turn::Idle,
            Some(Worker { request: Some(request), .. }) => {
                task(request).map_or(Turn::GivenUp(*request), Turn::Running)
            }
        };
        Self {
            worker: self.worker,
            turn,
            ready: shard.run_queue().iter().filter_map(task).collect(),
            asleep: asleep.filter_map(|request| Some((request, task(&request)?))).collect(),
        }
    }

    /// A request is there, or a sleep is over: the task runs now or gets in line.
    pub(crate) fn arrived(&mut self, task: Task, context: &mut Context) {
        if matches!(self.turn, Turn::Idle) {
            self.assign(task, context);
        } else {
            self.ready.push_back(task);
            context.decide(Decision::Queue { request: task.request });
        }
    }

    /// The task that runs begins to sleep, and leaves the loop to others.
    pub(crate) fn blocked(&mut self, request: RequestId, context: &mut Context) {
        match self.turn {
            Turn::Running(task) if task.request == request => {
                self.asleep.insert(request, task);
            }
            Turn::GivenUp(held) if held == request => {}
            other => panic!("the loop does not run request {request}: {other:?}"),
        }
        self.next(context);
    }

    /// A sleep is over, and the task needs another turn.
    pub(crate) fn woke(&mut self, request: RequestId, context: &mut Context) {
        let task = self.asleep.remove(request);
        self.arrived(task.unwrap_or_else(|| panic!("request {request} is not asleep")), context);
    }

    /// A task ended: the one that runs, or one that had nothing left to do after its sleep.
    pub(crate) fn finished(&mut self, request: RequestId, ending: Ending, context: &mut Context) {
        if let Some(task) = self.asleep.remove(request) {
            context.end(task, ending);
            return;
        }
        match self.turn {
            Turn::Running(task) if task.request == request => {
                context.end(task, ending);
            }
            Turn::GivenUp(held) if held == request => {}
            other => panic!("the loop does not run request {request}: {other:?}"),
        }
        self.next(context);
    }

    /// The thread ended without being asked to: what it ran is lost, what waits is not.
    pub(crate) fn died(&mut self, context: &mut Context) {
        if let Turn::Running(task) = self.turn {
            context.end(task, Ending::Close);
        }
        self.start(context);
    }

    /// The thread could not be had: that is tried again later.
    pub(crate) fn spawn_failed(&mut self, now: SimTime, context: &mut Context) {
        self.turn = Turn::Missing;
        context.decide(Decision::ArmTimer { timer: Timer::SpawnRetry, due: now + SPAWN_RETRY });
    }

    /// It is time to try again.
    pub(crate) fn retry(&mut self, context: &mut Context) {
        if matches!(self.turn, Turn::Missing) && !context.drained {
            self.start(context);
        }
    }

    pub(crate) fn started(&mut self, context: &mut Context) {
        assert!(matches!(self.turn, Turn::Starting), "the loop was not being started");
        self.next(context);
    }

    /// The client of this request has left: nothing is done for it any more, but for the turn it
    /// has.
    pub(crate) fn abandoned(&mut self, request: RequestId) {
        if self.asleep.remove(request).is_some() {
            return;
        }
        if let Some(place) = self.ready.iter().position(|task| task.request == request) {
            self.ready.remove(place);
            return;
        }
        assert!(
            matches!(self.turn, Turn::Running(task) if task.request == request),
            "a request that neither sleeps nor waits runs"
        );
        self.turn = Turn::GivenUp(request);
    }

    /// The deadline of a drain: nothing that is left will be answered.
    pub(crate) fn give_up(&mut self, context: &mut Context) {
        let ready = std::mem::take(&mut self.ready);
        let asleep = std::mem::replace(&mut self.asleep, Ordered::new());
        for task in ready.into_iter().chain(asleep.iter().map(|(_, &task)| task)) {
            context.reject(task, RejectReason::DrainDeadline);
        }
        if let Turn::Running(task) = self.turn {
            self.turn = Turn::GivenUp(task.request);
            context.reject(task, RejectReason::DrainDeadline);
        }
    }

    pub(crate) fn retire_idle(&mut self, context: &mut Context) {
        match self.turn {
            Turn::Idle => self.retire(context),
            Turn::Missing => self.turn = Turn::Over,
            Turn::Starting | Turn::Running(_) | Turn::GivenUp(_) | Turn::Over => {}
        }
    }

    /// Requests that wait, sleep or run.
    pub(crate) fn n_tasks(&self) -> usize {
        self.ready.len() + self.asleep.len() + usize::from(matches!(self.turn, Turn::Running(_)))
    }

    pub(crate) fn backlog(&self) -> usize {
        self.ready.len()
    }

    pub(crate) fn write_key(&self, key: &mut Vec<u8>, name: &impl Fn(RequestId) -> u8) {
        key.extend(match self.turn {
            Turn::Starting => [0, 0],
            Turn::Idle => [1, 0],
            Turn::Running(task) => [2, name(task.request)],
            Turn::GivenUp(request) => [3, name(request)],
            Turn::Over => [4, 0],
            Turn::Missing => [5, 0],
        });
        key.extend(self.ready.iter().map(|task| name(task.request)));
        key.push(u8::MAX);
        key.extend(self.asleep.iter().map(|(request, _)| name(request)));
    }

    fn next(&mut self, context: &mut Context) {
        if let Some(task) = self.ready.pop_front() {
            if self.ready.is_empty() && self.ready.capacity() > ROOM_KEPT {
                self.ready = VecDeque::new(); // what a flood needed is not needed for good
            }
            self.assign(task, context);
        } else if context.drained {
            self.retire(context);
        } else {
            self.turn = Turn::Idle;
            context.decide(Decision::Park { worker: self.worker });
        }
    }

    fn assign(&mut self, task: Task, context: &mut Context) {
        self.turn = Turn::Running(task);
        context.decide(Decision::Assign { request: task.request, worker: self.worker });
    }

    fn start(&mut self, context: &mut Context) {
        self.turn = Turn::Starting;
        context.decide(Decision::Spawn { worker: self.worker, request: None });
    }

    fn retire(&mut self, context: &mut Context) {
        self.turn = Turn::Over;
        context.decide(Decision::Retire { worker: self.worker });
    }
}

/// Room that an empty ready list keeps.
const ROOM_KEPT: usize = 256;
