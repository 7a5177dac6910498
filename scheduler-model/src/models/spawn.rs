//! `spawn`: a thread for each connection, as in the book; for a job without a connection, one for
//! the job.
//!
//! A connection's thread is started with its first request and ends with the connection. Beyond
//! `threads_max` threads, and when the system has none to give, the answer is 503.

use crate::lifecycle::{Context, Task};
use crate::slots::Slots;
use crate::{
    ConnectionId, Decision, Ending, Place, RejectReason, Request, RequestId, Worker, WorkerId,
    WorkerState, World,
};

/// The state of the model.
#[derive(Clone, Debug)]
pub(crate) struct Spawn {
    threads: Slots<Thread>,
    /// The thread of each connection, by the connection's index.
    of_connection: Vec<Option<WorkerId>>,
    threads_max: usize,
    n_tasks: usize,
}

#[derive(Clone, Copy, Debug)]
struct Thread {
    connection: Option<ConnectionId>,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// It is being started for this task; none once the client has left.
    Starting(Option<Task>),
    /// It waits for the next request of its connection.
    Idle,
    Running(Task),
    /// It runs a request that has been given up.
    GivenUp(RequestId),
}

impl Spawn {
    pub(crate) fn new(threads_max: u32) -> Self {
        Self {
            threads: Slots::new(),
            of_connection: Vec::new(),
            threads_max: threads_max as usize,
            n_tasks: 0,
        }
    }

    /// The same as it is in the middle of a run.
    pub(crate) fn resumed(self, world: &World) -> Self {
        let awaits = |entry: &Request| match entry.place {
            Place::AwaitsThread(worker) => Some((worker.index(), entry.id)),
            _ => None,
        };
        let awaiting = Slots::of(world.requests().filter_map(awaits));
        let state = |worker: &Worker| match (worker.state, worker.request) {
            (WorkerState::Starting, _) => {
                let request = awaiting.get(worker.id.index());
                State::Starting(request.and_then(|&request| Task::of(request, world)))
            }
            (_, None) => State::Idle,
            (_, Some(request)) => {
                Task::of(request, world).map_or(State::GivenUp(request), State::Running)
            }
        };
        let thread =
            |worker: &Worker| Thread { connection: worker.connection, state: state(worker) };
        let threads = Slots::of(world.workers().map(|worker| (worker.id.index(), thread(worker))));
        let holds =
            |thread: &Thread| matches!(thread.state, State::Running(_) | State::Starting(Some(_)));
        let n_tasks = threads.iter().filter(|(_, thread)| holds(thread)).count();
        let mut spawn = Self { threads, n_tasks, ..self };
        for connection in world.connections().filter(|connection| connection.thread.is_some()) {
            spawn.bind(Some(connection.id), connection.thread);
        }
        spawn
    }

    pub(crate) fn arrived(&mut self, task: Task, context: &mut Context) {
        if let Some(worker) = self.thread_of(task.connection) {
            let thread = self.thread(worker);
            assert!(matches!(thread.state, State::Idle), "worker {worker} has a request");
            thread.state = State::Running(task);
            self.n_tasks += 1;
            context.decide(Decision::Assign { request: task.request, worker });
        } else if self.threads.len() >= self.threads_max {
            context.reject(task, RejectReason::SpawnFailed);
        } else {
            let thread = Thread { connection: task.connection, state: State::Starting(Some(task)) };
            let worker = WorkerId::from_index(self.threads.insert(thread));
            self.bind(task.connection, Some(worker));
            self.n_tasks += 1;
            context.decide(Decision::Spawn { worker, request: Some(task.request) });
        }
    }

    pub(crate) fn started(&mut self, worker: WorkerId, context: &mut Context) {
        let thread = self.thread(worker);
        match thread.state {
            State::Starting(Some(task)) => {
                thread.state = State::Running(task);
                context.decide(Decision::Assign { request: task.request, worker });
            }
            State::Starting(None) => self.retire(worker, context),
            other => panic!("worker {worker} was not being started: {other:?}"),
        }
    }

    pub(crate) fn finished(
        &mut self,
        worker: WorkerId,
        request: RequestId,
        ending: Ending,
        context: &mut Context,
    ) {
        let stays = match self.thread(worker).state {
            State::Running(task) if task.request == request => {
                self.n_tasks -= 1;
                context.end(task, ending)
            }
            State::GivenUp(held) if held == request => false,
            other => panic!("worker {worker} does not run request {request}: {other:?}"),
        };
        if stays {
            self.thread(worker).state = State::Idle;
            context.decide(Decision::Park { worker });
        } else {
            self.retire(worker, context);
        }
    }

    pub(crate) fn died(&mut self, worker: WorkerId, context: &mut Context) {
        let thread = *self.thread(worker);
        self.forget(worker);
        match thread.state {
            State::Running(task) | State::Starting(Some(task)) => {
                self.n_tasks -= 1;
                context.end(task, Ending::Close);
            }
            State::Idle => {
                if let Some(connection) = thread.connection {
                    context.decide(Decision::Close { connection });
                    context.close(connection);
                }
            }
            State::Starting(None) | State::GivenUp(_) => {}
        }
    }

    pub(crate) fn spawn_failed(&mut self, worker: WorkerId, context: &mut Context) {
        let State::Starting(task) = self.thread(worker).state else {
            panic!("worker {worker} was not being started")
        };
        self.forget(worker);
        if let Some(task) = task {
            self.n_tasks -= 1;
            context.reject(task, RejectReason::SpawnFailed);
        }
    }

    /// A connection ended: its thread ends with it, at once if it has nothing to do.
    pub(crate) fn closed(&mut self, connection: ConnectionId, context: &mut Context) {
        let Some(worker) = self.thread_of(Some(connection)) else { return };
        self.bind(Some(connection), None);
        let thread = self.thread(worker);
        thread.connection = None;
        match thread.state {
            State::Idle => self.retire(worker, context),
            State::Running(task) => {
                thread.state = State::GivenUp(task.request);
                self.n_tasks -= 1;
            }
            State::Starting(task) => {
                thread.state = State::Starting(None);
                self.n_tasks -= usize::from(task.is_some());
            }
            State::GivenUp(_) => {}
        }
    }

    /// The deadline of a drain: nothing that runs will be answered.
    pub(crate) fn give_up(&mut self, context: &mut Context) {
        let busy: Vec<_> =
            self.threads.iter().map(|(index, _)| WorkerId::from_index(index)).collect();
        for worker in busy {
            let thread = self.thread(worker);
            let task = match thread.state {
                State::Running(task) => {
                    thread.state = State::GivenUp(task.request);
                    task
                }
                State::Starting(Some(task)) => {
                    thread.state = State::Starting(None);
                    task
                }
                _ => continue,
            };
            thread.connection = None;
            self.n_tasks -= 1;
            self.bind(task.connection, None);
            context.reject(task, RejectReason::DrainDeadline);
        }
    }

    /// Ends the threads that wait for the next request of a connection.
    pub(crate) fn retire_idle(&mut self, context: &mut Context) {
        let idle = self.threads.iter().filter(|(_, thread)| matches!(thread.state, State::Idle));
        let idle: Vec<_> = idle.map(|(index, _)| WorkerId::from_index(index)).collect();
        for worker in idle {
            self.retire(worker, context);
        }
    }

    /// Requests that run or whose thread is being started.
    pub(crate) const fn n_tasks(&self) -> usize {
        self.n_tasks
    }

    pub(crate) fn write_key(&self, key: &mut Vec<u8>, name: &impl Fn(RequestId) -> u8) {
        for (index, thread) in self.threads.iter() {
            let bound = u8::from(thread.connection.is_some());
            let (kind, request) = match thread.state {
                State::Starting(None) => (0, 0),
                State::Starting(Some(task)) => (1, name(task.request)),
                State::Idle => (2, 0),
                State::Running(task) => (3, name(task.request)),
                State::GivenUp(request) => (4, name(request)),
            };
            key.extend([index.to_le_bytes()[0], kind << 5 | bound << 4 | request]);
        }
        key.push(u8::MAX);
    }

    fn retire(&mut self, worker: WorkerId, context: &mut Context) {
        self.forget(worker);
        context.decide(Decision::Retire { worker });
    }

    fn forget(&mut self, worker: WorkerId) {
        let thread = self.threads.remove(worker.index());
        self.bind(thread.and_then(|thread| thread.connection), None);
    }

    fn thread(&mut self, worker: WorkerId) -> &mut Thread {
        let slot = self.threads.get_mut(worker.index());
        slot.unwrap_or_else(|| panic!("there is no worker {worker}"))
    }

    fn thread_of(&self, connection: Option<ConnectionId>) -> Option<WorkerId> {
        *self.of_connection.get(connection?.index())?
    }

    fn bind(&mut self, connection: Option<ConnectionId>, worker: Option<WorkerId>) {
        let Some(connection) = connection else { return };
        if connection.index() >= self.of_connection.len() {
            self.of_connection.resize(connection.index() + 1, None);
        }
        self.of_connection[connection.index()] = worker;
    }
}
