//! What is counted of a running server, as `OpenMetrics` text.
//!
//! Nearly everything is folded from events, by the thread that observes them and never by one that
//! serves. What has no event (a line of the log that was dropped) is counted where it happens.

mod times;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use scheduler_model::{
    Decision, Departure, Event, EventKind, Machine, Outcome, RejectReason, Stimulus, WorkerState,
    World,
};

use self::times::Times;

/// Counters of what has no event; clones count together.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    /// Lines of the access log that were dropped.
    pub log_lines_dropped: Counter,
    /// Connections closed at once, since their address had as many as it may.
    pub per_address: Counter,
    refused: Family<Refused, Counter>,
}

impl Counters {
    /// Counts input that was refused with this status before any handler saw it.
    pub fn refused(&self, status: u16) {
        self.refused.get_or_create(&Refused { status }).inc();
    }
}

/// All metrics of a server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Ended, Counter>,
    /// Those of `requests`, in the order of [`OUTCOMES`]: looking one up by its name takes longer than
    /// all the rest.
    ended: [Counter; OUTCOMES.len()],
    rejections: Family<Rejected, Counter>,
    turns_without_request: Counter,
    connections_opened: Counter,
    accept_errors: Counter,
    steals: Counter,
    connections_open: Gauge,
    in_system: Gauge,
    run_queue: Gauge,
    workers: Family<InState, Gauge>,
    longest_service: Gauge<f64, std::sync::atomic::AtomicU64>,
    waiting_time: Times,
    service_time: Times,
}

impl Metrics {
    /// Metrics of a server that has done nothing yet.
    pub fn new(counters: &Counters) -> Self {
        let mut registry = Registry::with_prefix("native_server");
        let requests = Family::<Ended, Counter>::default();
        let metrics = Self {
            // A series that is there from the start is 0, and not unknown.
            ended: OUTCOMES
                .map(|outcome| requests.get_or_create(&Ended { outcome: name(outcome) }).clone()),
            requests,
            rejections: Family::default(),
            turns_without_request: Counter::default(),
            connections_opened: Counter::default(),
            accept_errors: Counter::default(),
            steals: Counter::default(),
            connections_open: Gauge::default(),
            in_system: Gauge::default(),
            run_queue: Gauge::default(),
            workers: Family::default(),
            longest_service: Gauge::default(),
            waiting_time: Times::default(),
            service_time: Times::default(),
            registry: Registry::default(),
        };
        for reason in REASONS {
            let _ = metrics.rejections.get_or_create(&Rejected { reason: reason.to_string() });
        }
        let r = &mut registry;
        r.register("requests", "Requests that ended, by outcome", metrics.requests.clone());
        r.register("rejections", "Requests answered 503, by reason", metrics.rejections.clone());
        r.register(
            "turns_without_request",
            "Turns of a worker that found no complete request",
            metrics.turns_without_request.clone(),
        );
        r.register(
            "requests_refused",
            "Input refused before any handler saw it, by status",
            counters.refused.clone(),
        );
        r.register(
            "connections_opened",
            "Connections accepted",
            metrics.connections_opened.clone(),
        );
        r.register(
            "connections_over_address_limit",
            "Connections closed at once, since their address had as many as it may",
            counters.per_address.clone(),
        );
        r.register(
            "accept_errors",
            "Times the system refused to accept",
            metrics.accept_errors.clone(),
        );
        r.register(
            "log_lines_dropped",
            "Lines of the access log that were dropped",
            counters.log_lines_dropped.clone(),
        );
        r.register(
            "steals",
            "Parts of requests that another worker took from their deque",
            metrics.steals.clone(),
        );
        r.register("connections_open", "Connections open", metrics.connections_open.clone());
        r.register("requests_in_system", "Requests in the system", metrics.in_system.clone());
        r.register("run_queue_depth", "Requests in the run queue", metrics.run_queue.clone());
        r.register("workers", "Threads that run requests, by state", metrics.workers.clone());
        r.register_with_unit(
            "longest_service",
            "How long the request that is served longest has been with its worker",
            Unit::Seconds,
            metrics.longest_service.clone(),
        );
        r.register_with_unit(
            "waiting_time",
            "From the arrival of a request to the start of its service",
            Unit::Seconds,
            metrics.waiting_time.clone(),
        );
        r.register_with_unit(
            "service_time",
            "From the start of a request's service to its end",
            Unit::Seconds,
            metrics.service_time.clone(),
        );
        Self { registry, ..metrics }
    }

    /// Takes in an event and what left the system by it.
    pub fn apply(&mut self, event: &Event, departure: Option<&Departure>) {
        match event.kind {
            EventKind::Stimulus(Stimulus::ConnectionOpened { .. }) => {
                self.connections_opened.inc();
            }
            EventKind::Stimulus(Stimulus::AcceptFailed) => {
                self.accept_errors.inc();
            }
            EventKind::Stimulus(Stimulus::TaskFinished { ending, .. }) if !ending.was_request() => {
                self.turns_without_request.inc();
            }
            EventKind::Decision(Decision::Reject { reason, .. }) => {
                self.rejections.get_or_create(&Rejected { reason: reason.to_string() }).inc();
            }
            EventKind::Machine(Machine::Stolen { .. }) => _ = self.steals.inc(),
            _ => {}
        }
        let Some(Departure { request, at, outcome }) = departure else { return };
        match OUTCOMES.iter().position(|known| known == outcome) {
            Some(place) => self.ended[place].inc(),
            None => self.requests.get_or_create(&Ended { outcome: name(*outcome) }).inc(),
        };
        if let Some(started) = request.started {
            self.waiting_time.observe(started.since(request.arrived));
            self.service_time.observe(at.since(started));
        }
    }

    /// All of it, as text; what is true of this moment is read from `world`, now `age_s` old.
    pub fn text(&mut self, world: &World, age_s: f64) -> String {
        let gauge = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        self.connections_open.set(gauge(world.n_connections()));
        self.in_system.set(i64::try_from(world.counts().in_system).unwrap_or(i64::MAX));
        self.run_queue.set(gauge(world.n_queued()));
        let mut longest = 0.0_f64;
        for state in STATES {
            let of_state = world.workers().filter(|worker| worker.state == state);
            self.workers
                .get_or_create(&InState { state: state.to_string() })
                .set(gauge(of_state.count()));
        }
        for request in world.requests() {
            if let Some(started) = request.started {
                longest = longest.max(world.now().since(started).as_secs_f64() + age_s);
            }
        }
        self.longest_service.set(longest);
        let mut text = String::new();
        // A String takes everything.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// What [`Metrics::text`] is.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Rejected {
    reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InState {
    state: String,
}

pub(crate) fn name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Answered => "answered",
        Outcome::Failed => "failed",
        Outcome::Rejected => "rejected",
        Outcome::Dropped => "dropped",
        Outcome::Lost => "lost",
    }
}

/// Those that a server knows of: what the kernel drops it never hears of.
const OUTCOMES: [Outcome; 4] =
    [Outcome::Answered, Outcome::Failed, Outcome::Rejected, Outcome::Lost];

const REASONS: [RejectReason; 5] = [
    RejectReason::QueueFull,
    RejectReason::DroppedOldest,
    RejectReason::SpawnFailed,
    RejectReason::Draining,
    RejectReason::DrainDeadline,
];

const STATES: [WorkerState; 6] = [
    WorkerState::Blocked,
    WorkerState::Busy,
    WorkerState::Idle,
    WorkerState::Joining,
    WorkerState::Scheduled,
    WorkerState::Starting,
];
