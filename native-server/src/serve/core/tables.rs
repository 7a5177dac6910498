//! What decisions are about: who is parked, who waits, who runs, and what each thread is to do.
//!
//! Tables only: what goes into them and out of them is decided elsewhere.

use std::collections::VecDeque;
use std::sync::Arc;

use mio::net::TcpStream;
use scheduler_model::{ConnectionId, RequestId, SimTime, Span, Timer, WorkerId};

use super::waiting::Waiting;
use crate::serve::conn::Conn;
use crate::serve::estimate::Estimate;
use crate::serve::ids::ById;
use crate::serve::mailbox::Mailboxes;
use crate::serve::roomy::Roomy;
use crate::serve::team::Team;

/// The tables of a server, or of one loop.
#[derive(Debug)]
pub(in crate::serve) struct Tables {
    /// Open connections, by the token the poller knows them by.
    pub(in crate::serve) slots: ById<usize, Slot>,
    tokens: ById<ConnectionId, usize>,
    /// The connection whose request the scheduler is being told of.
    pub(super) arriving: Option<(RequestId, Box<Conn>)>,
    /// Connections that wait for a worker, by the request they are in the queue as.
    pub(super) ready: Waiting,
    /// Connections whose handlers sleep on a timer of a loop.
    pub(super) asleep: ById<RequestId, Box<Conn>>,
    /// Whose request each worker runs, by its number.
    running: Vec<Option<Running>>,
    /// Whose handlers a drain's deadline came before.
    pub(super) given_up: Vec<GivenUp>,
    pub(in crate::serve) mailboxes: Mailboxes<Job>,
    hands: Hands,
    pub(super) timers: Vec<(Timer, SimTime)>,
    /// Whether the poller waits for the kernel, or is about to: what it should know by itself, it has
    /// to be woken for.
    pub(in crate::serve) polling: bool,
    /// Connections that get a last answer, on their way to the poller.
    #[expect(clippy::vec_box, reason = "they move on into a map, as they are")]
    pub(in crate::serve) lingering: Vec<Box<Conn>>,
    /// When the last stimulus came.
    pub(super) last: SimTime,
    pub(super) estimate: Estimate,
}

/// An open connection.
#[derive(Debug)]
pub(in crate::serve) struct Slot {
    pub(in crate::serve) connection: ConnectionId,
    /// Its socket, to be able to shut it down wherever the connection is.
    pub(in crate::serve) stream: Arc<TcpStream>,
    /// The connection while it is with the poller; none while it is in the run queue or with a worker.
    pub(in crate::serve) parked: Option<Box<Conn>>,
    /// It became readable since its task began: finishing must look again.
    pub(in crate::serve) ready_again: bool,
    /// Its client will send no more: the kernel says so once.
    pub(in crate::serve) ended: bool,
}

/// How a thread learns what it has to do.
#[derive(Debug)]
pub(in crate::serve) enum Hands {
    /// Each waits for its mailbox.
    Mailboxes,
    /// The poller's own thread is the worker, and looks after each step: `single`, and each loop.
    Own(VecDeque<Job>),
    /// The threads of a pool take turns.
    Team(Team<Job>),
}

/// What a worker has to do.
#[derive(Debug)]
pub(in crate::serve) enum Job {
    Run(RequestId, Box<Conn>),
    /// Look for a part of somebody's request, under `fork-join`.
    Steal,
    Stop,
}

/// A request that a worker has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Running {
    pub(super) request: RequestId,
    pub(super) connection: ConnectionId,
    pub(super) since: SimTime,
}

/// A request whose handler did not end in time.
#[derive(Clone, Copy, Debug)]
pub(in crate::serve) struct GivenUp {
    pub(in crate::serve) request: RequestId,
    pub(in crate::serve) worker: WorkerId,
    pub(in crate::serve) ran: Span,
}

impl Tables {
    pub(super) fn new(hands: Hands) -> Self {
        Self {
            slots: ById::default(),
            tokens: ById::default(),
            arriving: None,
            ready: Waiting::default(),
            asleep: ById::default(),
            running: Vec::new(),
            given_up: Vec::new(),
            mailboxes: Mailboxes::new(),
            hands,
            timers: Vec::new(),
            polling: false,
            lingering: Vec::new(),
            last: SimTime::ZERO,
            estimate: Estimate::default(),
        }
    }

    /// A connection has been accepted; it is in nobody's hands yet.
    pub(super) fn open(&mut self, connection: ConnectionId, conn: &Conn) {
        self.tokens.insert(connection, conn.token);
        let stream = Arc::clone(&conn.stream);
        let slot = Slot { connection, stream, parked: None, ready_again: false, ended: false };
        self.slots.insert(conn.token, slot);
    }

    /// Takes an open connection out, by its token.
    pub(in crate::serve) fn take(&mut self, token: usize) -> Option<Slot> {
        let slot = self.slots.remove(&token)?;
        self.tokens.remove(&slot.connection);
        Some(slot)
    }

    /// Takes an open connection out, by its number.
    pub(super) fn forget(&mut self, connection: ConnectionId) -> Option<Slot> {
        let token = self.tokens.remove(&connection)?;
        self.slots.remove(&token)
    }

    /// The connection of a request that a worker is to have, or that is turned away.
    pub(super) fn take_waiting(&mut self, request: RequestId) -> Option<Box<Conn>> {
        if let Some((_, conn)) = self.arriving.take_if(|(arriving, _)| *arriving == request) {
            return Some(conn);
        }
        self.ready.take(request)
    }

    pub(super) fn set_running(&mut self, worker: WorkerId, running: Running) {
        if worker.index() >= self.running.len() {
            self.running.resize(worker.index() + 1, None);
        }
        self.running[worker.index()] = Some(running);
    }

    /// What was known of a request while its worker had it; none if it has been given up.
    pub(super) fn take_running(&mut self, request: RequestId, worker: WorkerId) -> Option<Running> {
        let running = self.running.get_mut(worker.index())?;
        running.take_if(|running| running.request == request)
    }

    /// A thread has begun with what was assigned at some time before.
    pub(super) fn begin(&mut self, request: RequestId, worker: WorkerId) {
        let (last, running) = (self.last, self.running.get_mut(worker.index()));
        if let Some(Some(running)) = running
            && running.request == request
        {
            running.since = last;
        }
    }

    /// Gives a request up whose handler has not ended; its connection is nobody's any more.
    pub(super) fn give_up(&mut self, request: RequestId) {
        let found = self.running.iter_mut().enumerate().find_map(|(index, running)| {
            let running = running.take_if(|running| running.request == request)?;
            Some((WorkerId::from_index(index), running))
        });
        let Some((worker, running)) = found else { return };
        let ran = self.last.since(running.since);
        self.given_up.push(GivenUp { request, worker, ran });
        self.forget(running.connection);
    }

    /// Gives back the room that a flood has left.
    pub(in crate::serve) fn give_back(&mut self) {
        self.slots.give_back();
        self.tokens.give_back();
        self.lingering.give_back();
        self.ready.give_back();
        self.asleep.give_back();
        self.running.give_back();
        self.mailboxes.give_back();
        if let Some(jobs) = self.own_jobs() {
            jobs.give_back();
        }
    }

    /// How many workers have something.
    pub(super) fn n_running(&self) -> usize {
        self.running.iter().flatten().count()
    }

    pub(super) fn deliver(&mut self, worker: WorkerId, job: Job) {
        match &mut self.hands {
            Hands::Mailboxes => self.mailboxes.deliver(worker, job),
            Hands::Own(jobs) => jobs.push_back(job),
            // Nobody shall wait for a thread's end.
            Hands::Team(team) if matches!(job, Job::Stop) => team.assign_urgently(worker, job),
            Hands::Team(team) => team.assign(worker, job),
        }
    }

    /// What the poller's own thread has to do, where it is the worker.
    pub(super) fn own_jobs(&mut self) -> Option<&mut VecDeque<Job>> {
        match &mut self.hands {
            Hands::Own(jobs) => Some(jobs),
            Hands::Mailboxes | Hands::Team(_) => None,
        }
    }

    /// The threads that take turns, if they do.
    pub(super) fn team(&mut self) -> Option<&mut Team<Job>> {
        match &mut self.hands {
            Hands::Team(team) => Some(team),
            Hands::Mailboxes | Hands::Own(_) => None,
        }
    }
}
