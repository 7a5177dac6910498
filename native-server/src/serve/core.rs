//! The scheduler, and what it is told.
//!
//! Everything here is under one lock; each loop of `sharded` has its own. A stimulus is stamped,
//! recorded and handled, and every decision on it is recorded and carried out on the [`Tables`], before
//! the lock is released; what touches a socket or a thread is an [`Effect`], carried out after that. A
//! thread obtains a request only from what was delivered ([`Hands`]), and nothing is but by a decision.

mod decisions;
mod tables;
mod waiting;

use std::sync::Arc;
use std::time::{Duration, Instant};

use scheduler_model::{
    EventKind, Machine, NodeId, RequestId, RouteId, Scheduler, ShardId, SimTime, Stimulus, Timer,
    WorkerId,
};

use super::conn::Conn;
use super::journal::{Entry, Journal};
use super::team::{Team, Woken};

pub(super) use decisions::Effect;
use tables::Running;
pub(super) use tables::{GivenUp, Hands, Job, Tables};

/// What is under the lock.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) scheduler: Scheduler,
    pub(super) journal: Arc<Journal>,
    pub(super) tables: Tables,
    shard: ShardId,
    /// While set, everything that is told happened now: the clock is read once for all of it.
    frozen: bool,
}

impl Core {
    pub(super) fn new(
        scheduler: Scheduler,
        shard: ShardId,
        journal: Arc<Journal>,
        hands: Hands,
    ) -> Self {
        Self { scheduler, journal, tables: Tables::new(hands), shard, frozen: false }
    }

    /// Reports what happened; decisions are carried out here, effects are left to the caller.
    pub(super) fn tell(&mut self, stimulus: Stimulus, effects: &mut Vec<Effect>) {
        self.decide(effects, |_, _| stimulus);
    }

    /// Has the scheduler decide on a stimulus and the journal keep both, and carries the decisions out.
    fn decide(
        &mut self,
        effects: &mut Vec<Effect>,
        stimulus: impl FnOnce(&mut Entry<'_>, &mut Tables) -> Stimulus,
    ) {
        let Self { scheduler, journal, tables, shard, frozen } = self;
        let mut entry = journal.open(tables.last, *frozen);
        tables.last = entry.now;
        let stimulus = stimulus(&mut entry, tables);
        entry.record(*shard, EventKind::Stimulus(stimulus));
        scheduler.handle(entry.now, stimulus);
        while let Some(decision) = scheduler.poll() {
            entry.record(*shard, EventKind::Decision(decision));
            tables.carry_out(decision, scheduler, effects);
        }
    }

    /// A new connection. With `request` it is taken as having one: something has been read of it, or
    /// its thread is to wait for that. Otherwise the poller tells when there is something to read.
    pub(super) fn open(&mut self, mut conn: Box<Conn>, request: bool, effects: &mut Vec<Effect>) {
        let connection = self.scheduler.next_connection();
        conn.connection = connection;
        let (token, peer) = (conn.token, conn.peer);
        self.tables.open(connection, &conn);
        self.decide(effects, |entry, _| {
            entry.note_client(peer);
            Stimulus::ConnectionOpened { connection }
        });
        if request {
            self.frozen = true; // it is in the same instant
            self.arrive(conn, None, effects);
            self.frozen = false;
        } else if let Some(slot) = self.tables.slots.get_mut(&token) {
            slot.parked = Some(conn);
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
        self.decide(effects, |entry, tables| {
            let request = entry.next_request();
            conn.arrived = entry.now;
            // A worker that was idle has it at once; only what waits is looked up later.
            tables.arriving = Some((request, conn));
            Stimulus::RequestArrived { request, connection, route: None, seen_by }
        });
        if let Some((request, conn)) = self.tables.arriving.take() {
            self.tables.ready.insert(request, conn);
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
        if let Some(team) = self.tables.team() {
            team.computes_less();
        }
        let running = self.tables.take_running(request, worker);
        if conn.is_none()
            && let Some(running) = running
        {
            self.tables.forget(running.connection);
        }
        self.tell(stimulus, effects);
        self.note_served(running, stimulus);
        let Some(mut conn) = conn else { return };
        let Some(slot) = self.tables.slots.get_mut(&conn.token) else {
            effects.push(Effect::Close(conn)); // a drain closed it just now
            return;
        };
        let (journal, last) = (&self.journal, self.tables.last);
        conn.note_phase(|| journal.instant(last));
        if slot.ready_again && !conn.is_sending() {
            slot.ready_again = false;
            // It follows in the same instant.
            self.frozen = true;
            self.arrive(conn, Some(worker), effects);
            self.frozen = false;
        } else {
            slot.parked = Some(conn);
        }
    }

    /// As [`Core::finished`], for a connection that stays with its own thread.
    pub(super) fn finished_by_owner(
        &mut self,
        (request, worker): (RequestId, WorkerId),
        stimulus: Stimulus,
        effects: &mut Vec<Effect>,
    ) {
        let running = self.tables.take_running(request, worker);
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
        self.decide(effects, |entry, _| {
            let pushed = Machine::Pushed { request, worker, node };
            entry.record(shard, EventKind::Machine(pushed));
            push();
            Stimulus::TaskForked { request, worker }
        });
    }

    /// A handler under a loop begins to sleep, and leaves the loop to others.
    pub(super) fn blocked(
        &mut self,
        (request, worker): (RequestId, WorkerId),
        route: Option<RouteId>,
        conn: Box<Conn>,
        effects: &mut Vec<Effect>,
    ) {
        if self.tables.take_running(request, worker).is_some() {
            self.tables.asleep.insert(request, conn);
        } else {
            effects.push(Effect::Close(conn)); // it has been given up
        }
        self.tell(Stimulus::TaskBlocked { request, worker, route }, effects);
    }

    /// The sleep of a handler under a loop is over; nothing follows if its client has left.
    pub(super) fn woke(&mut self, request: RequestId, worker: WorkerId, effects: &mut Vec<Effect>) {
        if let Some(conn) = self.tables.asleep.remove(&request) {
            self.tables.ready.insert(request, conn);
            self.tell(Stimulus::TaskWoke { request, worker }, effects);
        }
    }

    /// A limit ran out on a parked connection, which is taken from the tables.
    pub(super) fn expire(&mut self, token: usize, effects: &mut Vec<Effect>) -> Option<Box<Conn>> {
        let parked = self.tables.take(token)?.parked?;
        let connection = parked.connection;
        self.tell(Stimulus::ConnectionExpired { connection }, effects);
        Some(parked)
    }

    /// Ends an open connection in which no request is in progress; false if it has ended already.
    pub(super) fn end(&mut self, token: usize, peer: bool, effects: &mut Vec<Effect>) -> bool {
        let Some(slot) = self.tables.take(token) else { return false };
        let connection = slot.connection;
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
        let mut sleeping = self.tables.asleep.extract_if(|_, conn| conn.token == token);
        let slept = sleeping.next().is_some();
        drop(sleeping);
        if slept || self.tables.ready.drop_token(token) {
            self.end(token, true, effects);
        }
    }

    /// What the poller's own thread has to do, where it is the worker.
    pub(super) fn take_job(&mut self) -> Option<Job> {
        self.tables.own_jobs()?.pop_front()
    }

    /// Whether that is something.
    pub(super) fn has_job(&mut self) -> bool {
        self.tables.own_jobs().is_some_and(|jobs| !jobs.is_empty())
    }

    /// The threads of a pool.
    ///
    /// # Panics
    ///
    /// Under another model.
    pub(super) fn team_mut(&mut self) -> &mut Team<Job> {
        self.tables.team().expect("only the threads of a pool ask")
    }

    /// Whether something is assigned that no thread of a pool has begun.
    pub(super) fn has_assigned(&mut self) -> bool {
        self.tables.team().is_some_and(|team| team.has_assigned())
    }

    /// A handler is about to sleep; who takes over what its thread would have done next.
    pub(super) fn holds_for_nothing(&mut self) -> Woken {
        self.tables.team().map(Team::blocks).unwrap_or_default()
    }

    /// A handler's sleep is over.
    pub(super) fn holds_no_longer(&mut self) {
        if let Some(team) = self.tables.team() {
            team.computes_more();
        }
    }

    /// A thread has begun with what was assigned at some time before.
    pub(super) fn begin(&mut self, (request, worker): (RequestId, WorkerId)) {
        self.tables.begin(request, worker);
    }

    /// How long a service takes in the mean, of late.
    pub(super) fn mean_service(&self) -> Duration {
        self.tables.estimate.mean()
    }

    /// The timers that are due; they are armed no longer.
    pub(super) fn due_timers(&mut self) -> Vec<Timer> {
        if self.tables.timers.is_empty() {
            return Vec::new();
        }
        let now = self.now();
        let due = self.tables.timers.extract_if(.., |&mut (_, at)| at <= now);
        due.map(|(timer, _)| timer).collect()
    }

    /// How long until the next timer is due.
    pub(super) fn next_timer(&self) -> Option<Duration> {
        let next = self.tables.timers.iter().map(|&(_, at)| at).min()?;
        Some(next.since(self.now()).into())
    }

    /// The requests whose handlers were given up.
    pub(super) fn given_up(&self) -> &[GivenUp] {
        &self.tables.given_up
    }

    pub(super) fn has_timer(&self, timer: Timer) -> bool {
        self.tables.timers.iter().any(|&(armed, _)| armed == timer)
    }

    /// Takes what is told from here on as happening in this one instant: the kernel tells of many
    /// connections in one go, and a clock costs as much as a decision.
    pub(super) fn freeze(&mut self, now: Instant) {
        self.tables.last = self.journal.at(now).max(self.tables.last);
        self.frozen = true;
    }

    /// Lets time go on.
    pub(super) fn unfreeze(&mut self) {
        self.frozen = false;
    }

    /// When the last stimulus came.
    pub(super) fn last(&self) -> SimTime {
        self.tables.last
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
            let service_time = self.tables.last.since(running.since);
            self.tables.estimate.served(service_time);
        }
    }
}
