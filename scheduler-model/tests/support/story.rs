//! A story: what happens to a server, one stimulus after the other, and what it decides on each.

use std::fmt::Write as _;

use scheduler_model::scenario::{Scenario, Server};
use scheduler_model::{
    ConnectionId, Ending, Machine, NodeId, RequestId, Scheduler, SimTime, Span, Stats, Stimulus,
    Timer, Trace, TraceHeader, WorkerId, replay,
};

/// A server to which things happen.
pub(crate) struct Story {
    scheduler: Scheduler,
    trace: String,
    n_events: u64,
    told: String,
    now: SimTime,
}

impl Story {
    pub(crate) fn new(server: Server) -> Self {
        let header = TraceHeader::recorded(Scenario::new("story", server));
        let mut trace = Vec::new();
        scheduler_model::trace::write_header(&mut trace, &header).expect("a vector takes it");
        Self {
            scheduler: Scheduler::new(&server),
            trace: String::from_utf8(trace).expect("JSON is UTF-8"),
            n_events: 0,
            told: String::new(),
            now: SimTime::ZERO,
        }
    }

    /// Time passes.
    pub(crate) fn ms(&mut self, ms: u64) -> &mut Self {
        self.now += Span::from_millis(ms);
        writeln!(self.told, "{ms} ms pass").expect("a string takes it");
        self
    }

    pub(crate) fn tell(&mut self, stimulus: Stimulus) -> &mut Self {
        let json = serde_json::to_string(&stimulus).expect("it is data");
        self.event("stimulus", &json);
        writeln!(self.told, "{}", bare(&json)).expect("a string takes it");
        self.scheduler.handle(self.now, stimulus);
        while let Some(decision) = self.scheduler.poll() {
            let json = serde_json::to_string(&decision).expect("it is data");
            self.event("decision", &json);
            writeln!(self.told, "    {}", bare(&json)).expect("a string takes it");
        }
        self
    }

    pub(crate) fn opened(&mut self, connection: usize) -> &mut Self {
        self.tell(Stimulus::ConnectionOpened { connection: connection_id(connection) })
    }

    /// A request on a connection, noticed by the poller.
    pub(crate) fn arrived(&mut self, request: u64, connection: usize) -> &mut Self {
        self.tell(Stimulus::RequestArrived {
            request: RequestId(request),
            connection: Some(connection_id(connection)),
            route: None,
            seen_by: None,
        })
    }

    /// A request on a connection, noticed by a worker.
    pub(crate) fn seen(&mut self, request: u64, connection: usize, worker: usize) -> &mut Self {
        self.tell(Stimulus::RequestArrived {
            request: RequestId(request),
            connection: Some(connection_id(connection)),
            route: None,
            seen_by: Some(worker_id(worker)),
        })
    }

    /// A job of a program, which has no connection.
    pub(crate) fn job(&mut self, request: u64) -> &mut Self {
        self.tell(Stimulus::RequestArrived {
            request: RequestId(request),
            connection: None,
            route: None,
            seen_by: None,
        })
    }

    pub(crate) fn finished(&mut self, request: u64, worker: usize, ending: Ending) -> &mut Self {
        self.tell(Stimulus::TaskFinished {
            request: RequestId(request),
            worker: worker_id(worker),
            route: None,
            ending,
        })
    }

    /// A handler began to sleep.
    pub(crate) fn blocked(&mut self, request: u64, worker: usize) -> &mut Self {
        let (request, worker) = (RequestId(request), worker_id(worker));
        self.tell(Stimulus::TaskBlocked { request, worker, route: None })
    }

    pub(crate) fn woke(&mut self, request: u64, worker: usize) -> &mut Self {
        self.tell(Stimulus::TaskWoke { request: RequestId(request), worker: worker_id(worker) })
    }

    /// A worker splits its task: the part lies in its deque.
    pub(crate) fn forked(&mut self, request: u64, worker: usize, node: u32) -> &mut Self {
        let (request, worker) = (RequestId(request), worker_id(worker));
        self.seen_of_deque(Machine::Pushed { request, worker, node: NodeId(node) });
        self.tell(Stimulus::TaskForked { request, worker })
    }

    pub(crate) fn stolen(
        &mut self,
        request: u64,
        worker: usize,
        from: usize,
        node: u32,
    ) -> &mut Self {
        let (request, node) = (RequestId(request), NodeId(node));
        let (worker, victim) = (worker_id(worker), worker_id(from));
        self.seen_of_deque(Machine::Stolen { request, worker, victim, node })
    }

    pub(crate) fn joined(&mut self, request: u64, worker: usize) -> &mut Self {
        self.tell(Stimulus::TaskJoined { request: RequestId(request), worker: worker_id(worker) })
    }

    pub(crate) fn steal_failed(&mut self, worker: usize) -> &mut Self {
        self.tell(Stimulus::StealFailed { worker: worker_id(worker) })
    }

    /// What a deque knows and the scheduler does not.
    fn seen_of_deque(&mut self, machine: Machine) -> &mut Self {
        let json = serde_json::to_string(&machine).expect("it is data");
        self.event("machine", &json);
        writeln!(self.told, "({})", bare(&json)).expect("a string takes it");
        self
    }

    pub(crate) fn started(&mut self, worker: usize) -> &mut Self {
        self.tell(Stimulus::WorkerStarted { worker: worker_id(worker) })
    }

    pub(crate) fn spawn_failed(&mut self, worker: usize) -> &mut Self {
        self.tell(Stimulus::SpawnFailed { worker: worker_id(worker) })
    }

    pub(crate) fn died(&mut self, worker: usize) -> &mut Self {
        self.tell(Stimulus::WorkerDied { worker: worker_id(worker) })
    }

    pub(crate) fn peer_closed(&mut self, connection: usize) -> &mut Self {
        self.tell(Stimulus::PeerClosed { connection: connection_id(connection) })
    }

    pub(crate) fn expired(&mut self, connection: usize) -> &mut Self {
        self.tell(Stimulus::ConnectionExpired { connection: connection_id(connection) })
    }

    pub(crate) fn due(&mut self, timer: Timer) -> &mut Self {
        self.tell(Stimulus::TimerDue { timer })
    }

    pub(crate) fn resized(&mut self, workers: u32) -> &mut Self {
        self.tell(Stimulus::Resize { workers })
    }

    /// A drain with this long to go.
    pub(crate) fn drain(&mut self, ms: u64) -> &mut Self {
        let deadline = self.now + Span::from_millis(ms);
        self.tell(Stimulus::Drain { deadline })
    }

    pub(crate) fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }

    /// The story as it was told. The world accepts each of its events, and the replayer the whole.
    pub(crate) fn told(&self) -> &str {
        let trace = Trace::read_str("story.jsonl", &self.trace).expect("events that were written");
        let report = Stats::of(&trace).unwrap_or_else(|(seq, violation)| {
            panic!("event {seq} of\n{}{violation}", self.told);
        });
        assert_eq!(report.events, self.n_events);
        assert!(replay(&trace).conforms, "{}", self.told);
        &self.told
    }

    fn event(&mut self, kind: &str, json: &str) {
        self.n_events += 1;
        let (seq, at) = (self.n_events, self.now.as_nanos());
        writeln!(self.trace, r#"{{"seq":{seq},"at_ns":{at},"{kind}":{json}}}"#)
            .expect("a string takes it");
    }
}

pub(crate) fn connection_id(number: usize) -> ConnectionId {
    ConnectionId::from_index(number - 1)
}

pub(crate) fn worker_id(number: usize) -> WorkerId {
    WorkerId::from_index(number - 1)
}

/// JSON without what makes it hard to read.
fn bare(json: &str) -> String {
    json.replace(['{', '}', '"'], "").replace(':', " ").replace(',', ", ")
}
