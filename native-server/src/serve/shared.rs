//! What the threads of a server share: the lock around the scheduler, the site, the options.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LockResult, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread;
use std::time::{Duration, SystemTime};

use mio::Waker;
use scheduler_model::{
    Model, RejectReason, RequestId, Scheduler, ShardId, SimTime, Span, Stimulus, WorkerId,
};

use super::addresses::Addresses;
use super::conn::Conn;
use super::core::{Core, Effect, Hands, Job};
use super::fork_join::Forest;
use super::journal::Journal;
use super::mailbox::{self, Seat};
use super::poller::Poller;
use super::team::Team;
use super::{date, pool, worker};
use crate::access_log::{AccessLog, LogLine};
use crate::http::{HttpDate, Refusal, Response, Status};
use crate::metrics::Counters;
use crate::options::Options;
use crate::record::Recorder;
use crate::site::Site;
use crate::warn::warn;

/// What every thread of a server holds; under `sharded` each loop has one of its own.
pub(super) struct Shared {
    pub(super) shard: ShardId,
    pub(super) options: Arc<Options>,
    pub(super) site: Arc<dyn Site>,
    core: Mutex<Core>,
    draining: AtomicBool,
    /// How many threads have something in hand that is in no table.
    n_acting: AtomicUsize,
    pub(super) drain_asked: AtomicBool,
    pub(super) waker: Waker,
    /// What the threads of a pool take turns at, for those that are started later.
    pub(super) team_poller: OnceLock<Weak<Mutex<Poller>>>,
    pub(super) counters: Counters,
    /// None where nobody asked for it.
    log: Arc<Mutex<Option<AccessLog>>>,
    pub(super) logs: bool,
    /// Who has how many connections, where that is bounded.
    pub(super) addresses: Option<Arc<Addresses>>,
    /// Requests that are run in parts; none under models without joins.
    pub(super) forest: Option<Forest>,
    /// Itself, for the threads it starts.
    myself: Weak<Self>,
}

/// What the loops of `sharded` have in common; under every other model, what its one [`Shared`] has.
#[derive(Clone)]
pub(super) struct Common {
    pub(super) options: Arc<Options>,
    pub(super) site: Arc<dyn Site>,
    pub(super) journal: Arc<Journal>,
    pub(super) counters: Counters,
    pub(super) log: Arc<Mutex<Option<AccessLog>>>,
    pub(super) logs: bool,
    pub(super) addresses: Option<Arc<Addresses>>,
}

impl Common {
    pub(super) fn new(
        options: Options,
        site: Arc<dyn Site>,
        recorder: Option<Recorder>,
        (counters, log): (Counters, Option<AccessLog>),
    ) -> Self {
        Self {
            journal: Journal::new(recorder, options.clients.clone()),
            site,
            counters,
            logs: log.is_some(),
            log: Arc::new(Mutex::new(log)),
            addresses: options.per_address.map(Addresses::new),
            options: Arc::new(options),
        }
    }
}

/// See [`Shared::acting`].
pub(super) struct Acting<'s>(&'s Shared);

impl Drop for Acting<'_> {
    fn drop(&mut self) {
        self.0.n_acting.fetch_sub(1, Ordering::Release);
        if self.0.is_draining() {
            // The poller may have waited for just this.
            let _ = self.0.waker.wake();
        }
    }
}

impl Shared {
    pub(super) fn new(
        common: Common,
        shard: ShardId,
        scheduler: Scheduler,
        waker: Waker,
    ) -> Arc<Self> {
        let Common { options, site, journal, counters, log, logs, addresses } = common;
        let has_joins = options.model() == Model::ForkJoin;
        let n_cores = thread::available_parallelism().map_or(1, usize::from);
        let hands = match options.model() {
            Model::Pool => Hands::Team(Team::new(n_cores)),
            Model::ForkJoin | Model::Spawn => Hands::Mailboxes,
            Model::Async | Model::Sharded | Model::Single => Hands::Own(VecDeque::new()),
        };
        Arc::new_cyclic(|myself| Self {
            shard,
            forest: has_joins.then(|| Forest::new(Arc::clone(&journal))),
            options,
            site,
            core: Mutex::new(Core::new(scheduler, shard, journal, hands)),
            team_poller: OnceLock::new(),
            draining: AtomicBool::new(false),
            n_acting: AtomicUsize::new(0),
            drain_asked: AtomicBool::new(false),
            waker,
            counters,
            logs,
            log,
            addresses,
            myself: myself.clone(),
        })
    }

    /// The lock.
    pub(super) fn lock(&self) -> MutexGuard<'_, Core> {
        trusted(self.core.lock())
    }

    pub(super) fn tell(&self, stimulus: Stimulus) {
        self.with_core(|core, effects| core.tell(stimulus, effects));
    }

    /// Acts under the lock, and carries out the effects after it.
    pub(super) fn with_core<T>(&self, act: impl FnOnce(&mut Core, &mut Vec<Effect>) -> T) -> T {
        let mut effects = Vec::new();
        let mut core = self.lock();
        let done = act(&mut core, &mut effects);
        if effects.is_empty() {
            return done;
        }
        let _acting = self.acting();
        drop(core);
        self.carry_out(effects);
        done
    }

    /// Says, until it is dropped, that this thread has something in hand that follows from what it tells
    /// or has just told the scheduler: a connection that is to get the rest of its answer, say. A drain is not
    /// over before. To be taken before others can see the scheduler drained.
    pub(super) fn acting(&self) -> Acting<'_> {
        self.n_acting.fetch_add(1, Ordering::Relaxed);
        Acting(self)
    }

    /// Whether some thread has something in hand; what it had is in the tables when it has not. To be
    /// asked under the lock.
    pub(super) fn is_acting(&self) -> bool {
        self.n_acting.load(Ordering::Acquire) > 0
    }

    pub(super) fn finished(
        &self,
        task: (RequestId, WorkerId),
        stimulus: Stimulus,
        conn: Option<Box<Conn>>,
    ) {
        self.with_core(|core, effects| core.finished(task, stimulus, conn, effects));
    }

    /// As [`Shared::finished`], for a connection that stays with its own thread.
    pub(super) fn finished_and_kept(&self, task: (RequestId, WorkerId), stimulus: Stimulus) {
        self.with_core(|core, effects| core.finished_by_owner(task, stimulus, effects));
    }

    /// Waits until this worker has something to do.
    pub(super) fn next_job(&self, seat: Seat) -> Job {
        mailbox::next_job(self.lock(), |core| &mut core.tables.mailboxes, seat)
    }

    pub(super) fn carry_out(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Reject { mut conn, request, reason, retry_after } => {
                    let answer = rejection(reason, retry_after);
                    conn.look_at_method();
                    conn.http.reject(&answer, &self.date());
                    conn.flush();
                    self.log(|| LogLine {
                        request: Some(request.0),
                        queue_us: Some(conn.waited_us()),
                        reason: Some(reason.to_string()),
                        ..line(&conn, answer.status())
                    });
                    self.linger(conn, false);
                }
                Effect::Close(conn) => self.linger(conn, true),
                Effect::Spawn(seat) => self.spawn(seat),
                Effect::WakePoller => {
                    // Fails only when the poller is gone, and then nobody needs to wake.
                    let _ = self.waker.wake();
                }
            }
        }
    }

    /// Says goodbye to a connection whose last answer is written or in its output: the poller reads
    /// on for a moment, so that a reset does not eat that answer. A client that has said all it had to
    /// say needs no such moment, unless something lies unread.
    pub(super) fn linger(&self, mut conn: Box<Conn>, has_said_all: bool) {
        conn.wait_no_longer();
        if has_said_all && conn.is_finished() {
            return; // dropping it closes it
        }
        if !conn.is_sending() {
            conn.half_close();
        }
        let mut core = self.lock();
        core.tables.lingering.push(conn);
        if core.tables.polling {
            drop(core);
            let _ = self.waker.wake();
        }
    }

    /// Counts and logs input that was refused before any handler saw it.
    pub(super) fn note_refusal(&self, conn: &Conn, refusal: Refusal) {
        let status = refusal.status();
        self.counters.refused(status.code());
        self.log(|| LogLine { reason: Some(refusal.to_string()), ..line(conn, status) });
    }

    /// Logs what `line` says, if there is a log; never waits for it to be written.
    pub(super) fn log(&self, line: impl FnOnce() -> LogLine) {
        if !self.logs {
            return;
        }
        let line = line();
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(log) = &*log {
            log.push(line);
        }
    }

    /// Ends the log.
    pub(super) fn close_log(&self) {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(log) = log {
            log.close();
        }
    }

    /// From now on each answer is the last of its connection.
    pub(super) fn answer_for_the_last_time(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Tells the scheduler to drain within so long.
    pub(super) fn drain(&self, within: Duration) {
        let within = u64::try_from(within.as_nanos()).unwrap_or(u64::MAX);
        self.with_core(|core, effects| {
            if !core.scheduler.is_draining() {
                let deadline: SimTime = core.now() + Span::from_nanos(within);
                core.tell(Stimulus::Drain { deadline }, effects);
            }
        });
    }

    pub(super) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Whether a drain has begun, or has been asked for and nobody has had time for it.
    pub(super) fn is_stopping(&self) -> bool {
        self.is_draining() || self.drain_asked.load(Ordering::Relaxed)
    }

    /// How long a drain waits for the first request of those that were accepted just before it.
    pub(super) fn grace(&self) -> Duration {
        GRACE.min(self.options.drain / 2)
    }

    /// The `Date` of this second.
    #[expect(clippy::unused_self, reason = "whoever answers has it at hand")]
    pub(super) fn date(&self) -> HttpDate {
        date::this_second()
    }

    fn spawn(&self, seat: Seat) {
        let worker = seat.worker;
        let shared = self.myself.upgrade().expect("it is borrowed here");
        let (model, poller) =
            (self.options.model(), self.team_poller.get().and_then(Weak::upgrade));
        let body = move || {
            if model == Model::Spawn {
                return worker::work_for_one_connection(&shared, seat);
            }
            shared.tell(Stimulus::WorkerStarted { worker });
            match poller {
                Some(poller) => pool::work(&shared, &poller),
                None => worker::work(&shared, seat),
            }
        };
        let thread = match model {
            // A name is one more system call, for a thread that is gone before anybody reads it.
            Model::Spawn => thread::Builder::new(),
            _ => thread::Builder::new().name(format!("worker {worker}")),
        };
        if thread.spawn(body).is_err() {
            self.tell(Stimulus::SpawnFailed { worker });
        }
    }
}

const GRACE: Duration = Duration::from_secs(1);

/// What a lock keeps. A poisoned one is a bug that has been reported by its panic; what is under it
/// may be half-changed, so nobody goes on with it.
pub(super) fn trusted<T>(locked: LockResult<MutexGuard<'_, T>>) -> MutexGuard<'_, T> {
    locked.unwrap_or_else(|_| {
        warn(format_args!("the scheduler's law was broken; stopping"));
        std::process::exit(1)
    })
}

/// What every line of the log says, once the answer is in the connection's output.
#[expect(clippy::disallowed_methods, reason = "a log says when")]
pub(super) fn line(conn: &Conn, status: Status) -> LogLine {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    LogLine {
        unix_ms: u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX),
        client: Some(conn.peer),
        status: status.code(),
        body_bytes: conn.http.body_len(),
        ..LogLine::default()
    }
}

/// The 503 of a request that is not taken.
fn rejection(reason: RejectReason, retry_after: u64) -> Response {
    Response::new(Status::SERVICE_UNAVAILABLE)
        .with_content_type("text/plain; charset=utf-8")
        .with_field("Retry-After", retry_after)
        .with_body(format!("503 Service Unavailable: {reason}\n"))
}
