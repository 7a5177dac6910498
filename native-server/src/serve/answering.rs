//! One request's way through its handler, in two steps between which that may sleep: what its client
//! will get, and giving it.
//!
//! How a handler sleeps is not here: a worker's thread is held meanwhile, a loop sets a timer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use scheduler_model::{Ending, RequestId, RouteId, Span, Stimulus, WorkerId};

use super::conn::Conn;
use super::fork_join;
use super::shared::{Shared, line};
use crate::access_log::LogLine;
use crate::http::{Request, Response, Status, Step};
use crate::site::Answer;

/// What a task came to when its connection's input was looked at.
#[derive(Debug)]
pub(super) enum Plan {
    /// Its handler has run.
    Answer(Planned),
    /// There was no request for a handler.
    Over(Ended),
}

/// An answer that is to be given, maybe after a sleep.
#[derive(Debug)]
pub(super) struct Planned {
    /// How long the handler sleeps first.
    pub(super) sleep: Duration,
    pub(super) route: Option<RouteId>,
    response: Response,
    panicked: bool,
    told: Option<Box<Told>>,
}

/// How a task ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) stimulus: Stimulus,
    /// Whether its connection stays.
    pub(super) stays: bool,
}

impl Ended {
    /// Whether a whole request was read and answered: its client has no more to say.
    pub(super) fn was_answered(&self) -> bool {
        match self.stimulus {
            Stimulus::TaskFinished { ending, .. } => ending.was_request(),
            _ => true,
        }
    }
}

/// Runs the handler of the request that is there, if one is.
pub(super) fn plan(shared: &Shared, (request, worker): Task, conn: &mut Conn) -> Plan {
    let over = |ending: Ending| {
        let stimulus = Stimulus::TaskFinished { request, worker, route: None, ending };
        Plan::Over(Ended { stimulus, stays: ending.stays() })
    };
    let had_bytes = !conn.http.is_idle();
    match conn.http.poll_with(|| shared.date()) {
        Step::Request(asked) => {
            let route = shared.site.route(&asked.path());
            let asks = asked.field("x-request-id");
            let told = (shared.logs || asks.is_some()).then(|| Told::new(&asked, asks, request));
            let answered = unless_it_panics(|| shared.site.answer(&asked))
                .and_then(|answer| run_tree(shared, (request, worker), answer));
            let panicked = answered.is_none();
            let Answer { sleep, response, .. } = answered.unwrap_or_else(|| {
                Response::new(Status::INTERNAL_SERVER_ERROR)
                    .with_content_type("text/plain; charset=utf-8")
                    .with_body("500 Internal Server Error: the handler panicked\n")
                    .into()
            });
            Plan::Answer(Planned { sleep, route, response, panicked, told: told.map(Box::new) })
        }
        Step::NeedMore => over(match (conn.flush(), had_bytes) {
            (false, _) => Ending::Gone,
            (true, false) => Ending::Empty,
            (true, true) => Ending::Incomplete,
        }),
        Step::Failed(refusal) => {
            shared.note_refusal(conn, refusal);
            conn.flush();
            over(Ending::Gone)
        }
        Step::Closed | Step::SendBody => {
            conn.flush();
            over(Ending::Gone)
        }
    }
}

/// Runs what an answer wants done before it is given; none when that panicked.
fn run_tree(shared: &Shared, task: Task, mut answer: Answer) -> Option<Answer> {
    let Some(tree) = answer.tree.take() else { return Some(answer) };
    let is_done = match &shared.forest {
        Some(forest) => fork_join::run(shared, forest, task, tree),
        None => unless_it_panics(|| tree.run()).is_some(),
    };
    is_done.then_some(answer)
}

/// What somebody else's code comes to; none when it panics, of which this thread does not die.
pub(super) fn unless_it_panics<T>(run: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(value) => Some(value),
        Err(payload) => {
            // A payload may panic when it is dropped.
            if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(again);
            }
            None
        }
    }
}

/// Gives a client its answer, as far as it takes it now.
pub(super) fn give(
    shared: &Shared,
    (request, worker): Task,
    conn: &mut Conn,
    planned: Planned,
) -> Ended {
    let date = shared.date();
    let Planned { route, response, panicked, mut told, .. } = planned;
    let response = match &mut told {
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
            ..told.line(line(conn, response.status()))
        });
    }
    let written = conn.flush();
    if panicked {
        let stimulus = Stimulus::TaskPanicked { request, worker, ending: Ending::Close };
        return Ended { stimulus, stays: false };
    }
    let stays = written && !conn.http.closes_after_output() && !conn.has_stalled();
    let ending = if stays { Ending::KeepAlive } else { Ending::Close };
    Ended { stimulus: Stimulus::TaskFinished { request, worker, route, ending }, stays }
}

/// Which request, and which worker has it.
pub(super) type Task = (RequestId, WorkerId);

/// What is told about a request beside its answer: in its head, to whoever asks there with
/// `X-Request-Id`, and in the log.
#[derive(Debug)]
struct Told {
    /// What goes into the head; none when the client did not ask.
    id: Option<String>,
    request: RequestId,
    method: String,
    target: String,
    began: Instant,
    /// How long it took; known when its answer is made.
    run: Duration,
}

impl Told {
    fn new(asked: &Request<'_>, asks: Option<&[u8]>, request: RequestId) -> Self {
        // A client's own id comes back to it; one that has none is given the server's number.
        let is_id =
            |id: &&[u8]| (1..=ID_MAX).contains(&id.len()) && id.iter().all(u8::is_ascii_graphic);
        let own = |id: &[u8]| String::from_utf8_lossy(id).into_owned();
        let id = asks.map(|id| Some(id).filter(is_id).map_or_else(|| request.to_string(), own));
        let (method, target) = (asked.method().to_owned(), asked.target().to_owned());
        Self { id, request, method, target, began: Instant::now(), run: Duration::ZERO }
    }

    /// The answer with the fields that were asked for (W3C Server Timing, in ms).
    fn on(&mut self, response: Response, waited: Span) -> Response {
        self.run = self.began.elapsed();
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
