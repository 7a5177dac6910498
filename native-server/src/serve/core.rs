//! The scheduler, and what its decisions are about: who waits, who runs, who is parked.
//!
//! Everything here is under one lock; each loop of `sharded` has its own. A stimulus is stamped,
//! recorded and handled, and every decision on it is recorded and carried out on these tables, before
//! the lock is released; what
//! touches a socket or a thread is an [`Effect`], carried out after that. A thread obtains a
//! request only from its mailbox, and a request gets there only by a decision.

use std::net::Shutdown;
use std::sync::Arc;
use std::time::Duration;

use mio::net::TcpStream;
use scheduler_model::{
    ConnectionId, Decision, EventKind, Machine, NodeId, RejectReason, RequestId, RouteId,
    Scheduler, ShardId, SimTime, Span, Stimulus, Timer, WorkerId,
};

use super::conn::Conn;
use super::estimate::Estimate;
use super::ids::ById;
use super::journal::{Entry, Journal};
use super::mailbox::{Mailboxes, Seat};
use super::roomy::Roomy;
use super::team::{Team, Woken};

/// What is under the lock.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) scheduler: Scheduler,
    pub(super) journal: Arc<Journal>,
    shard: ShardId,
    /// On their way from the scheduler to the tables.
    decisions: Vec<Decision>,
    /// Open connections, by the token the poller knows them by.
    pub(super) slots: ById<usize, Slot>,
    /// Whether the poller waits for the kernel, or is about to: what it should know by itself, it has
    /// to be woken for.
    pub(super) polling: bool,
    /// Connections that get a last answer, on their way to the poller.
    #[expect(clippy::vec_box, reason = "they move on into a map, as they are")]
    pub(super) lingering: Vec<Box<Conn>>,
    tokens: ById<ConnectionId, usize>,
    /// The connection whose request the scheduler is being told of.
    arriving: Option<(RequestId, Box<Conn>)>,
    /// Connections that wait for a worker, by the request they are in the queue as.
    ready: ById<RequestId, Box<Conn>>,
    /// Connections whose handlers sleep on a timer of a loop.
    asleep: ById<RequestId, Box<Conn>>,
    /// Whose request each worker runs, by its number.
    running: Vec<Option<Running>>,
    pub(super) mailboxes: Mailboxes<Job>,
    /// Under `pool`, in place of mailboxes.
    team: Option<Team<Job>>,
    timers: Vec<(Timer, SimTime)>,
    /// When the last stimulus came.
    last: SimTime,
    /// While set, everything that is told happened now: the clock is read once for all of it.
    frozen: bool,
    estimate: Estimate,
    /// Whose handlers a drain's deadline came before.
    given_up: Vec<GivenUp>,
}

/// A request that a worker has.
#[derive(Clone, Copy, Debug)]
struct Running {
    request: RequestId,
    connection: ConnectionId,
    since: SimTime,
}

/// A request whose handler did not end in time.
#[derive(Clone, Copy, Debug)]
pub(super) struct GivenUp {
    pub(super) request: RequestId,
    pub(super) worker: WorkerId,
    pub(super) ran: Span,
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) connection: ConnectionId,
    pub(super) place: Place,
    /// It became readable since its task began: finishing must look again.
    pub(super) ready_again: bool,
    /// Its client will send no more: the kernel says so once.
    pub(super) ended: bool,
}

impl Slot {
    /// Its socket.
    pub(super) fn stream(&self) -> Arc<TcpStream> {
        Arc::clone(match &self.place {
            Place::Away(stream) => stream,
            Place::Parked(conn) => &conn.stream,
        })
    }
}

/// Where a connection is.
#[derive(Debug)]
pub(super) enum Place {
    /// In the run queue or with a worker; the socket, to be able to shut it down.
    Away(Arc<TcpStream>),
    /// With the poller.
    Parked(Box<Conn>),
}

/// What a worker has to do.
#[derive(Debug)]
pub(super) enum Job {
    Run(RequestId, Box<Conn>),
    /// Look for a part of somebody's request, under `fork-join`.
    Steal,
    Stop,
}

/// What is left to do once the lock is released.
#[derive(Debug)]
pub(super) enum Effect {
    Reject {
        conn: Box<Conn>,
        request: RequestId,
        reason: RejectReason,
        /// In how many seconds to come again.
        retry_after: u64,
    },
    Close(Box<Conn>),
    Spawn(Seat),
    WakePoller,
}

impl Core {
    pub(super) fn new(
        scheduler: Scheduler,
        shard: ShardId,
        journal: Arc<Journal>,
        team: Option<Team<Job>>,
    ) -> Self {
        Self {
            scheduler,
            journal,
            shard,
            decisions: Vec::new(),
            slots: ById::default(),
            polling: false,
            lingering: Vec::new(),
            tokens: ById::default(),
            arriving: None,
            ready: ById::default(),
            asleep: ById::default(),
            running: Vec::new(),
            mailboxes: Mailboxes::new(),
            team,
            timers: Vec::new(),
            last: SimTime::ZERO,
            frozen: false,
            estimate: Estimate::default(),
            given_up: Vec::new(),
        }
    }

    /// Reports what happened; decisions are carried out here, effects are left to the caller.
    pub(super) fn tell(&mut self, stimulus: Stimulus, effects: &mut Vec<Effect>) {
        self.decide(|_| stimulus);
        self.carry_out_all(effects);
    }

    /// Has the scheduler decide on a stimulus, and the journal keep both.
    fn decide(&mut self, stimulus: impl FnOnce(&mut Entry<'_>) -> Stimulus) {
        let mut entry = self.journal.open(self.last, self.frozen);
        let stimulus = stimulus(&mut entry);
        entry.record(self.shard, EventKind::Stimulus(stimulus));
        self.scheduler.handle(entry.now, stimulus);
        while let Some(decision) = self.scheduler.poll() {
            entry.record(self.shard, EventKind::Decision(decision));
            self.decisions.push(decision);
        }
        self.last = entry.now;
    }

    fn carry_out_all(&mut self, effects: &mut Vec<Effect>) {
        let mut decisions = std::mem::take(&mut self.decisions);
        for decision in decisions.drain(..) {
            self.carry_out(decision, effects);
        }
        self.decisions = decisions; // its memory is used again
    }

    /// A new connection. With `request` it is taken as having one: something has been read of it, or
    /// its thread is to wait for that. Otherwise the poller tells when there is something to read.
    pub(super) fn open(&mut self, mut conn: Box<Conn>, request: bool, effects: &mut Vec<Effect>) {
        let connection = self.scheduler.next_connection();
        conn.connection = connection;
        let (token, peer) = (conn.token, conn.peer);
        self.tokens.insert(connection, token);
        let away = Place::Away(Arc::clone(&conn.stream));
        self.slots
            .insert(token, Slot { connection, place: away, ready_again: false, ended: false });
        self.decide(|entries| {
            entries.note_client(peer);
            Stimulus::ConnectionOpened { connection }
        });
        self.carry_out_all(effects);
        if request {
            self.frozen = true; // it is in the same instant
            self.arrive(conn, None, effects);
            self.frozen = false;
        } else if let Some(slot) = self.slots.get_mut(&token) {
            slot.place = Place::Parked(conn);
        }
    }

    /// A connection of ours may have a request.
    pub(super) fn arrive(
        &mut self,
        mut conn: Box<Conn>,
        seen_by: Option<WorkerId>,
        effects: &mut Vec<Effect>,
    ) {
        let connection = Some(conn.connection);
        let mut number = RequestId(0);
        self.decide(|entry| {
            let request = entry.next_request();
            number = request;
            Stimulus::RequestArrived { request, connection, route: None, seen_by }
        });
        conn.arrived = self.last;
        // A worker that was idle has it at once; only what waits is looked up later.
        self.arriving = Some((number, conn));
        self.carry_out_all(effects);
        if let Some((number, conn)) = self.arriving.take() {
            self.ready.insert(number, conn);
        }
    }

    /// A task of this request ended, as `stimulus` says; its connection, if it stays, is parked or
    /// looked at again.
    pub(super) fn finished(
        &mut self,
        (request, worker): (RequestId, WorkerId),
        stimulus: Stimulus,
        conn: Option<Box<Conn>>,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(team) = &mut self.team {
            team.computes_less();
        }
        let running = self.take_running(request, worker);
        if conn.is_none()
            && let Some(running) = running
        {
            self.forget(running.connection);
        }
        self.tell(stimulus, effects);
        self.note_served(running, stimulus);
        let Some(mut conn) = conn else { return };
        let Some(slot) = self.slots.get_mut(&conn.token) else {
            effects.push(Effect::Close(conn)); // a drain closed it just now
            return;
        };
        let look_again = std::mem::take(&mut slot.ready_again);
        conn.note_phase(|| self.journal.instant(self.last));
        if look_again && !conn.is_sending() {
            // It follows in the same instant.
            self.frozen = true;
            self.arrive(conn, Some(worker), effects);
            self.frozen = false;
        } else {
            slot.ready_again = look_again;
            slot.place = Place::Parked(conn);
        }
    }

    /// As [`Core::finished`], for a connection that stays with its own thread.
    pub(super) fn finished_by_owner(
        &mut self,
        (request, worker): (RequestId, WorkerId),
        stimulus: Stimulus,
        effects: &mut Vec<Effect>,
    ) {
        let running = self.take_running(request, worker);
        self.tell(stimulus, effects);
        self.note_served(running, stimulus);
    }

    /// A worker splits its task. The part is pushed once that is recorded, so that nobody has taken it
    /// earlier, and before anybody is sent for it, so that he finds it.
    pub(super) fn forked(
        &mut self,
        (request, worker): (RequestId, WorkerId),
        node: NodeId,
        push: impl FnOnce(),
        effects: &mut Vec<Effect>,
    ) {
        let shard = self.shard;
        self.decide(|entry| {
            let pushed = Machine::Pushed { request, worker, node };
            entry.record(shard, EventKind::Machine(pushed));
            push();
            Stimulus::TaskForked { request, worker }
        });
        self.carry_out_all(effects);
    }

    /// A handler under a loop begins to sleep, and leaves the loop to others.
    pub(super) fn blocked(
        &mut self,
        (request, worker): (RequestId, WorkerId),
        route: Option<RouteId>,
        conn: Box<Conn>,
        effects: &mut Vec<Effect>,
    ) {
        if self.take_running(request, worker).is_some() {
            self.asleep.insert(request, conn);
        } else {
            effects.push(Effect::Close(conn)); // it has been given up
        }
        self.tell(Stimulus::TaskBlocked { request, worker, route }, effects);
    }

    /// The sleep of a handler under a loop is over; nothing follows if its client has left.
    pub(super) fn woke(&mut self, request: RequestId, worker: WorkerId, effects: &mut Vec<Effect>) {
        if let Some(conn) = self.asleep.remove(&request) {
            self.ready.insert(request, conn);
            self.tell(Stimulus::TaskWoke { request, worker }, effects);
        }
    }

    /// Takes a parked connection from the poller's table, before it is closed.
    pub(super) fn take_place(&mut self, token: usize) -> Option<Place> {
        let slot = self.slots.remove(&token)?;
        self.tokens.remove(&slot.connection);
        Some(slot.place)
    }

    /// A limit ran out on a connection that was taken from the table.
    pub(super) fn expired(&mut self, connection: ConnectionId, effects: &mut Vec<Effect>) {
        self.tell(Stimulus::ConnectionExpired { connection }, effects);
    }

    /// Gives back the room that a flood has left.
    pub(super) fn give_back(&mut self) {
        self.slots.give_back();
        self.tokens.give_back();
        self.lingering.give_back();
        self.ready.give_back();
        self.asleep.give_back();
        self.running.give_back();
        self.decisions.give_back();
        self.mailboxes.give_back();
    }

    /// Ends an open connection in which no request is in progress; false if it has ended already.
    pub(super) fn end(&mut self, token: usize, peer: bool, effects: &mut Vec<Effect>) -> bool {
        let Some(slot) = self.slots.remove(&token) else { return false };
        let connection = slot.connection;
        self.tokens.remove(&connection);
        let stimulus = if peer {
            Stimulus::PeerClosed { connection }
        } else {
            Stimulus::ConnectionExpired { connection }
        };
        self.tell(stimulus, effects);
        true
    }

    /// A request that waits, in the queue or for a timer, is given up if its client has left.
    pub(super) fn hang_up(&mut self, token: usize, effects: &mut Vec<Effect>) {
        let waiting = |conns: &mut ById<RequestId, Box<Conn>>| {
            conns.extract_if(|_, conn| conn.token == token).next().is_some()
        };
        if waiting(&mut self.ready) || waiting(&mut self.asleep) {
            self.end(token, true, effects);
        }
    }

    /// What lies in the mailbox of a thread that does not wait.
    pub(super) fn take_job(&mut self, seat: Seat) -> Option<Job> {
        self.mailboxes.take(seat)
    }

    /// The threads of a pool.
    ///
    /// # Panics
    ///
    /// Under another model.
    pub(super) fn team_mut(&mut self) -> &mut Team<Job> {
        self.team.as_mut().expect("only the threads of a pool ask")
    }

    /// Whether something is assigned that no thread of a pool has begun.
    pub(super) fn has_assigned(&self) -> bool {
        self.team.as_ref().is_some_and(Team::has_assigned)
    }

    /// A handler is about to sleep; who takes over what its thread would have done next.
    pub(super) fn holds_for_nothing(&mut self) -> Woken {
        self.team.as_mut().map(Team::blocks).unwrap_or_default()
    }

    /// A handler's sleep is over.
    pub(super) fn holds_no_longer(&mut self) {
        if let Some(team) = &mut self.team {
            team.computes_more();
        }
    }

    /// A thread has begun with what was assigned at some time before.
    pub(super) fn begin(&mut self, (request, worker): (RequestId, WorkerId)) {
        let (last, running) = (self.last, self.running.get_mut(worker.index()));
        if let Some(Some(running)) = running
            && running.request == request
        {
            running.since = last;
        }
    }

    /// How long a service takes in the mean, of late.
    pub(super) fn mean_service(&self) -> Duration {
        self.estimate.mean()
    }

    /// The timers that are due; they are armed no longer.
    pub(super) fn due_timers(&mut self) -> Vec<Timer> {
        if self.timers.is_empty() {
            return Vec::new();
        }
        let now = self.now();
        self.timers.extract_if(.., |&mut (_, at)| at <= now).map(|(timer, _)| timer).collect()
    }

    /// How long until the next timer is due.
    pub(super) fn next_timer(&self) -> Option<Duration> {
        let next = self.timers.iter().map(|&(_, at)| at).min()?;
        Some(Duration::from_nanos(next.since(self.now()).as_nanos()))
    }

    /// The requests whose handlers were given up.
    pub(super) fn given_up(&self) -> &[GivenUp] {
        &self.given_up
    }

    pub(super) fn has_timer(&self, timer: Timer) -> bool {
        self.timers.iter().any(|&(armed, _)| armed == timer)
    }

    /// Takes what is told from here on as happening in this one instant: the kernel tells of many
    /// connections in one go, and a clock costs as much as a decision.
    pub(super) fn freeze(&mut self) {
        self.last = self.now().max(self.last);
        self.frozen = true;
    }

    /// Lets time go on.
    pub(super) fn unfreeze(&mut self) {
        self.frozen = false;
    }

    /// When the last stimulus came.
    pub(super) fn last(&self) -> SimTime {
        self.last
    }

    /// This instant on the scheduler's clock.
    pub(super) fn now(&self) -> SimTime {
        self.journal.now()
    }

    fn note_served(&mut self, running: Option<Running>, stimulus: Stimulus) {
        let was_request = match stimulus {
            Stimulus::TaskFinished { ending, .. } => ending.was_request(),
            _ => true,
        };
        if let Some(running) = running.filter(|_| was_request) {
            let service_time = self.last.since(running.since);
            self.estimate.served(Duration::from_nanos(service_time.as_nanos()));
        }
    }

    // code: decisions
    fn carry_out(&mut self, decision: Decision, effects: &mut Vec<Effect>) {
        match decision {
            // mark: assign
            Decision::Assign { request, worker } => {
                let mut conn = self.take_waiting(request).expect("an assigned request is ready");
                if conn.planned.is_none() {
                    conn.waited = self.last.since(conn.arrived);
                    if let Some(slot) = self.slots.get_mut(&conn.token) {
                        slot.place = Place::Away(Arc::clone(&conn.stream));
                        if !conn.is_read {
                            slot.ready_again = false; // what came until now is read by this task
                        }
                        conn.ended = slot.ended;
                    }
                }
                let running = Running { request, connection: conn.connection, since: self.last };
                self.set_running(worker, running);
                self.deliver(worker, Job::Run(request, conn));
            }
            Decision::Retire { worker } => self.deliver(worker, Job::Stop),
            Decision::Steal { worker } => self.deliver(worker, Job::Steal),
            // mark: reject
            Decision::Reject { request, reason } => {
                let waiting = self.take_waiting(request).or_else(|| self.asleep.remove(&request));
                if let Some(conn) = waiting {
                    self.forget(conn.connection);
                    let backlog = self.scheduler.backlog();
                    let n_running = self.running.iter().flatten().count();
                    let retry_after = self.estimate.retry_after(backlog, n_running);
                    effects.push(Effect::Reject { conn, request, reason, retry_after });
                } else if let Some((worker, running)) = self.runs(request) {
                    self.running[worker.index()] = None;
                    let ran = self.last.since(running.since);
                    self.given_up.push(GivenUp { request, worker, ran });
                    self.forget(running.connection);
                }
            }
            Decision::Close { connection } => match self.forget(connection) {
                Some(Place::Parked(conn)) => effects.push(Effect::Close(conn)),
                Some(Place::Away(stream)) => {
                    // Its thread waits for the next request: it sees the end of the input.
                    let _ = stream.shutdown(Shutdown::Read);
                }
                None => {}
            },
            // mark: spawn
            Decision::Spawn { worker, .. } => {
                effects.push(Effect::Spawn(self.mailboxes.next_seat(worker)));
            }
            Decision::ArmTimer { timer, due } => {
                self.timers.retain(|&(armed, _)| armed != timer);
                self.timers.push((timer, due));
                self.wake_poller(effects);
            }
            Decision::ResumeAccepting | Decision::Drained => self.wake_poller(effects),
            Decision::StopAccepting
            // mark: queue
            | Decision::Queue { .. }
            | Decision::RunOnCaller { .. }
            | Decision::Park { .. } => {}
        }
    }

    /// Has the poller look again, if it does not do so anyway before it waits.
    fn wake_poller(&self, effects: &mut Vec<Effect>) {
        if self.polling {
            effects.push(Effect::WakePoller);
        }
    }

    /// The connection of a request that a worker is to have, or that is turned away.
    fn take_waiting(&mut self, request: RequestId) -> Option<Box<Conn>> {
        match self.arriving.take() {
            Some((arriving, conn)) if arriving == request => return Some(conn),
            another => self.arriving = another,
        }
        self.ready.remove(&request)
    }

    fn set_running(&mut self, worker: WorkerId, running: Running) {
        if worker.index() >= self.running.len() {
            self.running.resize(worker.index() + 1, None);
        }
        self.running[worker.index()] = Some(running);
    }

    /// What was known of a request while its worker had it; none if it has been given up.
    fn take_running(&mut self, request: RequestId, worker: WorkerId) -> Option<Running> {
        let running = self.running.get_mut(worker.index())?;
        running.take_if(|running| running.request == request)
    }

    /// Who runs this request.
    fn runs(&self, request: RequestId) -> Option<(WorkerId, Running)> {
        let mut all = self.running.iter().enumerate();
        all.find_map(|(index, running)| {
            let running = (*running).filter(|running| running.request == request)?;
            Some((WorkerId::from_index(index), running))
        })
    }

    fn deliver(&mut self, worker: WorkerId, job: Job) {
        match &mut self.team {
            // Nobody shall wait for a thread's end.
            Some(team) if matches!(job, Job::Stop) => team.assign_urgently(worker, job),
            Some(team) => team.assign(worker, job),
            None => self.mailboxes.deliver(worker, job),
        }
    }

    fn forget(&mut self, connection: ConnectionId) -> Option<Place> {
        let token = self.tokens.remove(&connection)?;
        self.slots.remove(&token).map(|slot| slot.place)
    }
}
