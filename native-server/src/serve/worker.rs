//! What a worker's thread does: take a request from its mailbox, run it, report, again.
//!
//! A worker of a pool never waits for a client: what is not there yet, or not taken yet, goes back
//! to the poller. A thread of its own connection (`spawn`), and the only thread of `single`, wait.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use scheduler_model::{Ending, RequestId, RouteId, Span, Stimulus, WorkerId};

use super::conn::{Conn, Found, Pace};
use super::core::{Effect, Job, Seat};
use super::shared::{Shared, line};
use crate::access_log::LogLine;
use crate::http::{Phase, Refusal, Request, Response, Status, Step};

/// The loop of a pool's worker, until it is retired.
pub(super) fn work(shared: &Shared, seat: Seat) {
    let mut scratch = vec![0; SCRATCH];
    while let Job::Run(request, conn) = shared.next_job(seat) {
        run(shared, seat.worker, request, conn, &mut scratch);
    }
}

/// The thread of one connection, from its start to the connection's end.
pub(super) fn work_for_one_connection(shared: &Shared, seat: Seat) {
    let worker = seat.worker;
    let mut scratch = vec![0; SCRATCH];
    shared.tell(Stimulus::WorkerStarted { worker });
    while let Job::Run(request, mut conn) = shared.next_job(seat) {
        if conn.set_blocking(Pace::new(&shared.options)).is_err() {
            conn.http.abort();
        }
        wait_for_request(shared, &mut conn, &mut scratch);
        let (stimulus, stays) = answer(shared, worker, request, &mut conn);
        if !stays {
            shared.finished((request, worker), stimulus, None);
            shared.linger(conn, was_answered(&stimulus));
            continue;
        }
        let token = conn.token;
        // The connection is this thread's own: it is not given back to anybody meanwhile.
        shared.finished_and_kept((request, worker), stimulus);
        wait_for_request(shared, &mut conn, &mut scratch);
        let mut effects = Vec::new();
        let mut core = shared.lock();
        if !core.slots.contains_key(&token) {
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

/// The only thread of `single`: whatever is in its mailbox, answered and closed.
pub(super) fn run_waiting(
    shared: &Shared,
    worker: WorkerId,
    request: RequestId,
    mut conn: Box<Conn>,
) {
    if conn.set_blocking(Pace::new(&shared.options)).is_err() {
        conn.http.abort();
    }
    // A kept connection would hold the only thread.
    conn.http.close_after_this();
    wait_for_request(shared, &mut conn, &mut vec![0; SCRATCH]);
    let (stimulus, _) = answer(shared, worker, request, &mut conn);
    shared.finished((request, worker), stimulus, None);
    shared.linger(conn, was_answered(&stimulus));
}

/// A turn of a pool's worker: at most one request of this connection.
fn run(
    shared: &Shared,
    worker: WorkerId,
    request: RequestId,
    mut conn: Box<Conn>,
    scratch: &mut [u8],
) {
    let found = conn.fill(scratch);
    if found == Found::Broken {
        conn.http.abort();
    }
    let (stimulus, stays) = answer(shared, worker, request, &mut conn);
    conn.note_phase();
    if !stays {
        shared.finished((request, worker), stimulus, None);
        shared.linger(conn, was_answered(&stimulus));
        return;
    }
    // A pipelined request is there already, or the end of the input is: no edge will tell of it.
    let date = shared.date();
    let there = match conn.http.poll(&date) {
        Step::Request(_) | Step::Closed => true,
        Step::Failed(refusal) => {
            shared.note_refusal(&conn, refusal);
            true
        }
        Step::NeedMore | Step::SendBody => false,
    };
    conn.flush(); // a refusal, or `100 Continue`
    shared.finished_and_parked((request, worker), stimulus, conn, there || found == Found::End);
}

/// Answers the request that is there, if one is; says how the task ended and whether the
/// connection stays.
fn answer(
    shared: &Shared,
    worker: WorkerId,
    request: RequestId,
    conn: &mut Conn,
) -> (Stimulus, bool) {
    let date = shared.date();
    let finished = |route, ending| Stimulus::TaskFinished { request, worker, route, ending };
    let had_bytes = !conn.http.is_idle();
    let (response, route, panicked, told) = match conn.http.poll(&date) {
        Step::Request(asked) => {
            let path = asked.path();
            let route = shared.site.route(&path);
            let asks = asked.field("x-request-id");
            let began = (shared.logs || asks.is_some()).then(Instant::now);
            let sleep = |length| asleep(shared, (worker, request, route), length);
            let answered = catch_unwind(AssertUnwindSafe(|| shared.site.answer(&asked, &sleep)));
            let panicked = answered.is_err();
            let response = answered.unwrap_or_else(|payload| {
                // A payload may panic when it is dropped; this worker shall not die of it.
                if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                    std::mem::forget(again);
                }
                Response::new(Status::INTERNAL_SERVER_ERROR)
                    .with_content_type("text/plain; charset=utf-8")
                    .with_body("500 Internal Server Error: the handler panicked\n")
            });
            let told = began.map(|began| Told::new(&asked, asks, request, began.elapsed()));
            (response, route, panicked, told)
        }
        Step::NeedMore => {
            if !conn.flush() {
                return (finished(None, Ending::Gone), false);
            }
            let ending = if had_bytes { Ending::Incomplete } else { Ending::Empty };
            return (finished(None, ending), true);
        }
        Step::Failed(refusal) => {
            shared.note_refusal(conn, refusal);
            conn.flush();
            return (finished(None, Ending::Gone), false);
        }
        Step::Closed | Step::SendBody => {
            conn.flush();
            return (finished(None, Ending::Gone), false);
        }
    };
    let response = match &told {
        Some(told) => told.on(response, conn.waited),
        None => response,
    };
    let last = conn.http.requests_served() + 1 >= shared.options.requests_per_connection;
    if panicked || last || shared.is_draining() {
        conn.http.close_after_this();
    }
    conn.respond(&response, &date);
    if let Some(told) = told {
        shared.log(|| LogLine {
            queue_us: Some(conn.waited_us()),
            body_bytes: response.body().len(),
            ..told.line(line(conn, response.status()))
        });
    }
    let written = conn.flush();
    let stays = written && !conn.http.closes_after_output() && !conn.has_stalled();
    if panicked {
        (Stimulus::TaskPanicked { request, worker, ending: Ending::Close }, false)
    } else {
        (finished(route, if stays { Ending::KeepAlive } else { Ending::Close }), stays)
    }
}

/// Whether a whole request was read and answered: its client has no more to say.
fn was_answered(stimulus: &Stimulus) -> bool {
    match stimulus {
        Stimulus::TaskFinished { ending, .. } => ending.was_request(),
        _ => true,
    }
}

/// What is told about a request beside its answer: in its head, to whoever asks there with
/// `X-Request-Id`, and in the log.
struct Told {
    /// What goes into the head; none when the client did not ask.
    id: Option<String>,
    request: RequestId,
    method: String,
    target: String,
    run: Duration,
}

impl Told {
    fn new(asked: &Request<'_>, asks: Option<&[u8]>, request: RequestId, run: Duration) -> Self {
        // A client's own id comes back to it; one that has none is given the server's number.
        let is_id =
            |id: &&[u8]| (1..=ID_MAX).contains(&id.len()) && id.iter().all(u8::is_ascii_graphic);
        let own = |id: &[u8]| String::from_utf8_lossy(id).into_owned();
        let id = asks.map(|id| Some(id).filter(is_id).map_or_else(|| request.to_string(), own));
        let (method, target) = (asked.method().to_owned(), asked.target().to_owned());
        Self { id, request, method, target, run }
    }

    /// The answer with the fields that were asked for (W3C Server Timing, in ms).
    fn on(&self, response: Response, waited: Span) -> Response {
        let Some(id) = &self.id else { return response };
        let (queue, run) = (waited.as_secs_f64() * 1e3, self.run.as_secs_f64() * 1e3);
        let timing = format_args!(
            "queue;dur={queue:.3}, run;dur={run:.3}, request;desc=\"{}\"",
            self.request
        );
        response.with_field("X-Request-Id", id).with_field("Server-Timing", timing)
    }

    fn line(self, line: LogLine) -> LogLine {
        LogLine {
            request: Some(self.request.0),
            method: Some(self.method),
            target: Some(self.target),
            run_us: Some(u64::try_from(self.run.as_micros()).unwrap_or(u64::MAX)),
            x_request_id: self.id,
            ..line
        }
    }
}

/// The longest `X-Request-Id` that is given back.
const ID_MAX: usize = 128;

/// A handler sleeps: the scheduler is told, since its thread is held for nothing.
fn asleep(shared: &Shared, task: (WorkerId, RequestId, Option<RouteId>), length: Duration) {
    let (worker, request, route) = task;
    if length.is_zero() {
        return;
    }
    shared.tell(Stimulus::TaskBlocked { request, worker, route });
    thread::sleep(length);
    shared.tell(Stimulus::TaskWoke { request, worker });
}

/// Reads until a whole request is there, or it is clear that none will be. A deadline covers the
/// whole head, not each read; what misses it is answered 408.
fn wait_for_request(shared: &Shared, conn: &mut Conn, scratch: &mut [u8]) {
    loop {
        let date = shared.date();
        match conn.http.poll(&date) {
            Step::NeedMore => {}
            Step::Failed(refusal) => return shared.note_refusal(conn, refusal),
            _ => return,
        }
        if !conn.flush() {
            conn.http.abort();
            return;
        }
        conn.note_phase();
        let deadline: Instant = conn.deadline(&shared.options);
        match conn.wait_and_fill(scratch, deadline) {
            Ok(Found::Drained) => {}
            Ok(Found::End) => {
                if let Step::Failed(refusal) = conn.http.poll(&date) {
                    shared.note_refusal(conn, refusal);
                }
                return;
            }
            Ok(Found::Broken) => return conn.http.abort(),
            Err(_) => return time_out(conn, shared),
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

/// What one read may bring; the thread's own, for all its connections.
const SCRATCH: usize = 64 << 10;
