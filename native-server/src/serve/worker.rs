//! What a worker's thread does: take a request from its mailbox, run it, report, again.
//!
//! A worker of a pool never waits for a client: what is not there yet, or not taken yet, goes back
//! to the poller. A thread of its own connection (`spawn`), and the only thread of `single`, wait.

use std::io::{self, ErrorKind};
use std::thread;
use std::time::{Duration, Instant};

use scheduler_model::Stimulus;

use super::answering::{self, Ended, Plan, Planned, Task};
use super::conn::{Conn, Found, Pace};
use super::core::{Core, Effect, Job};
use super::fork_join;
use super::mailbox::Seat;
use super::shared::Shared;
use crate::http::{Phase, Refusal, Step};

// code: worker
/// The loop of a pool's worker, until it is retired.
pub(super) fn work(shared: &Shared, seat: Seat) {
    let mut scratch = vec![0; SCRATCH];
    loop {
        // mark: waits
        match shared.next_job(seat) {
            Job::Run(request, conn) => run(shared, (request, seat.worker), conn, &mut scratch),
            Job::Steal => {
                let forest = shared.forest.as_ref();
                let forest = forest.expect("only fork-join decides that somebody steals");
                fork_join::steal(shared, forest, seat.worker);
            }
            Job::Stop => return,
        }
    }
}

// code: own-thread
/// The thread of one connection, from its start to the connection's end.
pub(super) fn work_for_one_connection(shared: &Shared, seat: Seat) {
    let worker = seat.worker;
    let mut scratch = [0; SCRATCH_OF_ONE];
    shared.tell(Stimulus::WorkerStarted { worker });
    // mark: waits
    while let Job::Run(request, mut conn) = shared.next_job(seat) {
        conn.wait_for_client(Pace::new(&shared.options));
        wait_for_request(shared, &mut conn, &mut scratch);
        let task = (request, worker);
        let ended = answer(shared, task, &mut conn);
        if !ended.stays {
            let _acting = shared.acting();
            shared.finished(task, ended.stimulus, None);
            shared.linger(conn, ended.was_answered());
            continue;
        }
        let token = conn.token;
        // The connection is this thread's own: it is not given back to anybody meanwhile.
        shared.finished_and_kept(task, ended.stimulus);
        wait_for_request(shared, &mut conn, &mut scratch);
        let mut effects = Vec::new();
        let _acting = shared.acting();
        let mut core = shared.lock();
        if !core.tables.slots.contains_key(&token) {
            drop(core);
            shared.linger(conn, true); // a drain closed it, and has retired this thread
            continue;
        }
        if conn.http.request().is_some() {
            core.arrive(conn, Some(worker), &mut effects);
        } else {
            core.end(token, conn.http.is_idle(), &mut effects);
            effects.push(Effect::Close(conn));
        }
        drop(core);
        shared.carry_out(effects);
    }
}

// code: only-thread
/// The only thread of `single`: what it was assigned, answered and closed.
pub(super) fn run_waiting(shared: &Shared, task: Task, mut conn: Box<Conn>) {
    conn.wait_for_client(Pace::new(&shared.options));
    // A kept connection would hold the only thread.
    conn.http.close_after_this();
    wait_for_request(shared, &mut conn, &mut [0; SCRATCH_OF_ONE]);
    let ended = answer(shared, task, &mut conn);
    let _acting = shared.acting();
    shared.finished(task, ended.stimulus, None);
    shared.linger(conn, ended.was_answered());
}

/// A turn of a pool's worker: at most one request of this connection.
fn run(shared: &Shared, task: Task, mut conn: Box<Conn>, scratch: &mut [u8]) {
    read(&mut conn, scratch);
    let ended = answer(shared, task, &mut conn);
    hand_back(shared, task, conn, ended, |_| ());
}

/// What a new client has done already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// It has sent something, which has been read.
    Asked,
    /// It has left without a word.
    Left,
    Silent,
}

/// Reads what a new client has sent already.
pub(super) fn look_first(conn: &mut Conn, scratch: &mut [u8]) -> First {
    let found = conn.fill(scratch);
    if !conn.http.is_idle() {
        if found == Found::Broken {
            conn.http.abort();
        }
        conn.is_read = true;
        return First::Asked;
    }
    if found == Found::Drained { First::Silent } else { First::Left }
}

/// Reads what is there of a request, without waiting.
pub(super) fn read(conn: &mut Conn, scratch: &mut [u8]) {
    if std::mem::take(&mut conn.is_read) {
        return;
    }
    if conn.fill(scratch) == Found::Broken {
        conn.http.abort();
    }
}

/// A task has ended, and its thread waits for nobody: the connection goes back to the poller, or to
/// the end of the queue. In the same step under the lock the thread may look at what comes next.
pub(super) fn hand_back<T>(
    shared: &Shared,
    task: Task,
    mut conn: Box<Conn>,
    ended: Ended,
    look: impl FnOnce(&mut Core) -> T,
) -> T {
    if !ended.stays {
        let _acting = shared.acting();
        let next = shared.with_core(|core, effects| {
            core.finished(task, ended.stimulus, None, effects);
            look(core)
        });
        shared.linger(conn, ended.was_answered());
        return next;
    }
    // A pipelined request is there already, the end of the input is, or something that there was no room
    // for: no edge will tell of it.
    let there = !conn.http.is_waiting() && look_again(shared, &mut conn) || conn.has_rest();
    shared.with_core(|core, effects| {
        if there && let Some(slot) = core.tables.slots.get_mut(&conn.token) {
            slot.ready_again = true;
        }
        core.finished(task, ended.stimulus, Some(conn), effects);
        look(core)
    })
}

/// Whether what a connection has read already is worth another turn.
fn look_again(shared: &Shared, conn: &mut Conn) -> bool {
    let there = match conn.http.poll_with(|| shared.date()) {
        Step::Request(_) | Step::Closed => true,
        Step::Failed(refusal) => {
            shared.note_refusal(conn, refusal);
            true
        }
        Step::NeedMore | Step::SendBody => conn.http.has_ended(),
    };
    conn.flush(); // a refusal, or `100 Continue`
    there
}

// code: answer
/// Answers the request that is there, if one is. While its handler sleeps, this thread does.
pub(super) fn answer(shared: &Shared, task: Task, conn: &mut Conn) -> Ended {
    // mark: runs
    match answering::plan(shared, task, conn) {
        Plan::Answer(planned) => {
            sleep(shared, task, &planned);
            answering::give(shared, task, conn, planned)
        }
        Plan::Over(ended) => ended,
    }
}

// code: sleep
/// A handler sleeps: the scheduler is told, since its thread is held for nothing.
fn sleep(shared: &Shared, (request, worker): Task, planned: &Planned) {
    if planned.sleep.is_zero() {
        return;
    }
    let woken = shared.with_core(|core, effects| {
        core.tell(Stimulus::TaskBlocked { request, worker, route: planned.route }, effects);
        core.holds_for_nothing()
    });
    woken.wake();
    // mark: sleeps
    thread::sleep(planned.sleep);
    shared.with_core(|core, effects| {
        core.tell(Stimulus::TaskWoke { request, worker }, effects);
        core.holds_no_longer();
    });
}

/// Reads until a whole request is there, or it is clear that none will be. A deadline covers the
/// whole head, not each read; what misses it is answered 408.
fn wait_for_request(shared: &Shared, conn: &mut Conn, scratch: &mut [u8]) {
    let mut large = Vec::new();
    loop {
        match conn.http.poll_with(|| shared.date()) {
            Step::NeedMore => {}
            Step::Failed(refusal) => return shared.note_refusal(conn, refusal),
            _ => return,
        }
        if !conn.flush() {
            conn.http.abort();
            return;
        }
        conn.note_phase(Instant::now);
        let deadline: Instant = conn.deadline(&shared.options);
        let scratch = match conn.http.phase() {
            Phase::Body => {
                large.resize(SCRATCH_OF_BODY, 0);
                &mut large[..]
            }
            _ => &mut scratch[..],
        };
        match wait_and_fill(shared, conn, scratch, deadline) {
            Ok(Found::Drained) => {}
            Ok(Found::End) => {
                if let Step::Failed(refusal) = conn.http.poll_with(|| shared.date()) {
                    shared.note_refusal(conn, refusal);
                }
                return;
            }
            Ok(Found::Broken) => return conn.http.abort(),
            Err(_) => return time_out(conn, shared),
        }
    }
}

/// Reads once, waiting until `deadline` at most. Nothing wakes the thread of a client that has not asked
/// yet: it looks whether a drain has begun, and then waits for as long as that does.
fn wait_and_fill(
    shared: &Shared,
    conn: &mut Conn,
    scratch: &mut [u8],
    deadline: Instant,
) -> io::Result<Found> {
    if !conn.http.is_idle() || conn.http.requests_served() > 0 {
        return conn.wait_and_fill(scratch, deadline);
    }
    let look = (shared.grace() / 2).max(LOOK_MIN);
    let mut is_stopping = false;
    loop {
        let until = deadline.min(Instant::now() + look);
        match conn.wait_and_fill(scratch, until) {
            Err(error)
                if error.kind() == ErrorKind::TimedOut && until < deadline && !is_stopping =>
            {
                is_stopping = shared.is_stopping();
            }
            found => return found,
        }
    }
}

/// A deadline has passed: 408 in the middle of a request, silence before one.
pub(super) fn time_out(conn: &mut Conn, shared: &Shared) {
    let refusal = match conn.http.phase() {
        Phase::Head => Refusal::HeadTimeout,
        Phase::Body => Refusal::BodyTimeout,
        _ => return conn.http.abort(),
    };
    conn.http.fail(refusal, &shared.date());
    shared.note_refusal(conn, refusal);
    conn.flush();
}

/// However short a drain may be: nobody looks all the time.
const LOOK_MIN: Duration = Duration::from_millis(10);
/// What one read may bring; the thread's own, for all its connections.
pub(super) const SCRATCH: usize = 64 << 10;
/// The same, of a thread with one connection. It lies on the stack, which goes back to the system when
/// the thread ends: a thousand on the heap were still 60 MB when all their threads had ended. Each page
/// of it that is touched is a fault of its own, and most heads fit into half of one.
const SCRATCH_OF_ONE: usize = 2 << 10;
/// What such a thread reads of a body at once, only while it does.
const SCRATCH_OF_BODY: usize = 16 << 10;
