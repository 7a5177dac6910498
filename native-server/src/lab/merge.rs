//! The clients' times and the server's recording as one run, in which a request arrives when its
//! client meant to send it.
//!
//! Server and clients know each other by the client's port. A request that never came to the server
//! is in the run as well: dropped by the kernel, or abandoned by its client. What the scheduler was
//! told and decided is untouched but for the numbers of requests, so that the run still conforms.

use std::collections::{HashMap, HashSet, VecDeque};

use scheduler_model::scenario::{Fault, FaultKind};
use scheduler_model::trace::{Arrivals, Trace, TraceHeader};
use scheduler_model::{
    ConnectionId, Event, EventKind, Machine, RequestId, ShardId, SimTime, Span, Stimulus,
};

use super::generator::{Observations, Observed, Seen};
use super::renumber::{on_later_clock, request_of};

/// One run from both ends.
#[derive(Debug)]
pub(super) struct Merged {
    pub(super) trace: Trace,
    /// By question, from the first: its request's number in the trace.
    pub(super) numbers: Vec<Option<RequestId>>,
    /// By question: the loop that had its connection.
    pub(super) shards: Vec<Option<ShardId>>,
}

/// What the server knows of a connection.
struct Opened {
    at: SimTime,
    shard: ShardId,
    /// The requests on it, and turns in which there was none.
    requests: Vec<RequestId>,
}

/// Merges a recording whose clock began at `server_zero` with what the clients saw; `clients` are
/// the ports of its connections in their order.
pub(super) fn merge(
    recorded: Trace,
    server_zero: u64,
    clients: &[u16],
    seen: &Observations,
) -> Merged {
    let later = seen.zero.saturating_sub(server_zero);
    let TraceHeader { scenario, .. } = recorded.header;
    let header = TraceHeader { arrivals: Arrivals::Client, ..TraceHeader::recorded(scenario) };
    let mut events: Vec<_> =
        recorded.events.into_iter().map(|event| on_later_clock(event, later)).collect();
    let drains = |fault: &Fault| matches!(fault.kind, FaultKind::Drain { .. });
    if !header.scenario.faults.iter().any(drains) {
        // The end of an experiment is no part of it.
        let drain =
            |event: &Event| matches!(event.kind, EventKind::Stimulus(Stimulus::Drain { .. }));
        events.truncate(events.iter().position(drain).unwrap_or(events.len()));
    }
    if !recorded.complete {
        let len = len_of_whole_steps(&events);
        events.truncate(len);
    }
    let questions = Questions::of(&events, clients, &seen.all);
    let mut merging = Merging {
        out: Vec::with_capacity(events.len() + seen.all.len()),
        sent: vec![None; seen.all.len()],
        renumbered: HashMap::new(),
        next: 1,
        extra: extra(&seen.all, &questions),
    };
    for mut event in events {
        if !matches!(event.kind, EventKind::Decision(_)) {
            merging.pass_until(event.at, &seen.all);
        }
        let arrives = matches!(event.kind, EventKind::Stimulus(Stimulus::RequestArrived { .. }));
        if let Some(request) = request_of(&mut event.kind) {
            let question = questions.of_request.get(request).copied();
            if let Some(question) = question.filter(|_| arrives) {
                // The clocks of two processes agree to microseconds, and no better.
                merging.send(question, event.at, &seen.all);
            }
            let new = question.and_then(|question| merging.sent[question]);
            *request = new.unwrap_or_else(|| merging.number_of(*request));
        }
        merging.out.push(event);
    }
    merging.pass_until(SimTime::MAX, &seen.all);
    let trace = Trace { header, events: merging.out, complete: recorded.complete };
    Merged { trace, numbers: merging.sent, shards: questions.shards }
}

/// How many events of a recording that was cut off are sure to be whole steps: what was decided on the
/// last thing that happened may be missing, and what clients did afterwards cannot follow half a step.
fn len_of_whole_steps(events: &[Event]) -> usize {
    events.iter().rposition(|event| !matches!(event.kind, EventKind::Decision(_))).unwrap_or(0)
}

/// Which question is which request.
struct Questions {
    of_request: HashMap<RequestId, usize>,
    /// By question.
    shards: Vec<Option<ShardId>>,
}

impl Questions {
    fn of(events: &[Event], clients: &[u16], seen: &[Observed]) -> Self {
        let (opened, no_request) = connections(events);
        let mut by_port: HashMap<u16, VecDeque<usize>> = HashMap::new();
        for (index, observed) in seen.iter().enumerate() {
            if let Some(port) = observed.port {
                by_port.entry(port).or_default().push_back(index);
            }
        }
        let mut of_request = HashMap::new();
        let mut shards = vec![None; seen.len()];
        for (connection, port) in opened.iter().zip(clients) {
            let Some(asked) = by_port.get_mut(port) else { continue };
            // A port may be used again, after a connection that the server never saw.
            let is_over = |index: &usize| {
                let ended = seen[*index].ended.map(|(_, at)| at + CLOCKS_APART);
                ended.is_some_and(|ended| ended < connection.at)
            };
            while asked.len() > 1 && asked.front().is_some_and(is_over) {
                asked.pop_front();
            }
            let Some(question) = asked.pop_front() else { continue };
            shards[question] = Some(connection.shard);
            let requests = connection.requests.iter();
            if let Some(&request) = requests.rev().find(|request| !no_request.contains(request)) {
                of_request.insert(request, question);
            }
        }
        Self { of_request, shards }
    }
}

/// The connections of a recording in their order, and the turns without a request.
fn connections(events: &[Event]) -> (Vec<Opened>, HashSet<RequestId>) {
    let mut opened: Vec<Opened> = Vec::new();
    let mut current: HashMap<ConnectionId, usize> = HashMap::new();
    let mut no_request = HashSet::new();
    for event in events {
        match event.kind {
            EventKind::Stimulus(Stimulus::ConnectionOpened { connection }) => {
                current.insert(connection, opened.len());
                let requests = Vec::new();
                opened.push(Opened { at: event.at, shard: event.shard, requests });
            }
            EventKind::Stimulus(Stimulus::RequestArrived { request, connection, .. }) => {
                if let Some(index) = connection.and_then(|connection| current.get(&connection)) {
                    opened[*index].requests.push(request);
                }
            }
            EventKind::Stimulus(Stimulus::TaskFinished { request, ending, .. })
                if !ending.was_request() =>
            {
                no_request.insert(request);
            }
            _ => {}
        }
    }
    (opened, no_request)
}

/// Something that only a client knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum OfClient {
    Sent,
    /// It never came to the server.
    Dropped,
    Abandoned,
}

/// What the clients know, in the order of time.
fn extra(seen: &[Observed], questions: &Questions) -> VecDeque<(SimTime, usize, OfClient)> {
    let known: HashSet<usize> = questions.of_request.values().copied().collect();
    let mut extra = Vec::with_capacity(seen.len());
    for (index, observed) in seen.iter().enumerate() {
        extra.push((observed.question.at, index, OfClient::Sent));
        match observed.ended {
            Some((Seen::Broken, at)) if !known.contains(&index) => {
                extra.push((at, index, OfClient::Dropped));
            }
            Some((Seen::Left, at)) if !known.contains(&index) => {
                extra.push((at, index, OfClient::Abandoned));
            }
            _ => {}
        }
    }
    extra.sort_unstable();
    extra.into()
}

/// The merged run, as far as it is.
struct Merging {
    out: Vec<Event>,
    /// By question: its number in the merged run, once it is in there.
    sent: Vec<Option<RequestId>>,
    /// The same for what no client asked.
    renumbered: HashMap<RequestId, RequestId>,
    next: u64,
    extra: VecDeque<(SimTime, usize, OfClient)>,
}

impl Merging {
    /// What clients did until then goes in.
    fn pass_until(&mut self, until: SimTime, seen: &[Observed]) {
        while let Some(&(at, question, of_client)) = self.extra.front()
            && at <= until
        {
            self.extra.pop_front();
            match (of_client, self.sent[question]) {
                (OfClient::Sent, _) => self.send(question, at, seen),
                (OfClient::Dropped, Some(request)) => {
                    let route = seen[question].question.route;
                    self.push(at, Machine::Dropped { request, route });
                }
                (OfClient::Abandoned, Some(request)) => {
                    self.push(at, Machine::Abandoned { request });
                }
                (OfClient::Dropped | OfClient::Abandoned, None) => {}
            }
        }
    }

    /// A client sends its question, unless it has.
    fn send(&mut self, question: usize, at: SimTime, seen: &[Observed]) {
        if self.sent[question].is_some() {
            return;
        }
        let request = RequestId(self.next);
        self.next += 1;
        self.sent[question] = Some(request);
        let route = seen[question].question.route;
        self.push(at, Machine::Backlogged { request, route });
    }

    fn push(&mut self, at: SimTime, machine: Machine) {
        let last = self.out.last().map_or(SimTime::ZERO, |event| event.at);
        let (at, shard) = (at.max(last), ShardId(0));
        self.out.push(Event { at, shard, kind: EventKind::Machine(machine) });
    }

    /// The number of a request that is no question.
    fn number_of(&mut self, old: RequestId) -> RequestId {
        *self.renumbered.entry(old).or_insert_with(|| {
            let number = RequestId(self.next);
            self.next += 1;
            number
        })
    }
}

/// How far the clocks of two processes may differ.
const CLOCKS_APART: Span = Span::from_millis(5);

#[cfg(test)]
mod tests {
    use scheduler_model::{Clients, Decision, Scenario, Stats, WorkerId};

    use super::*;

    /// A recording of one request, cut off at some event, and two questions of which the second one was
    /// asked when the server was gone.
    fn cut_off_at(n_events: usize) -> Merged {
        let text = "server.model = 'async'\n[[request]]\npath = '/'\nsleep_ms = 1\n\
                    [load]\nkind = 'open'\nrate_per_s = 100\nrequests = 2\n";
        let (scenario, _) = Scenario::from_toml("a test", text).unwrap();
        let mut clients = Clients::new(&scenario);
        let asked = [Some(7), None].map(|port| {
            let question = clients.ask().unwrap();
            Observed { question, sent: question.at, port, ended: None }
        });
        let (connection, request) = (ConnectionId::from_index(0), RequestId(1));
        let arrived = Stimulus::RequestArrived {
            request,
            connection: Some(connection),
            route: None,
            seen_by: None,
        };
        let worker = WorkerId::from_index(0);
        let kinds = [
            EventKind::Stimulus(Stimulus::ConnectionOpened { connection }),
            EventKind::Stimulus(arrived),
            EventKind::Decision(Decision::Assign { request, worker }),
        ];
        let at = asked[0].question.at;
        let event = |kind| Event { at, shard: ShardId(0), kind };
        let events = kinds.into_iter().take(n_events).map(event).collect();
        let header = TraceHeader::recorded(scenario);
        let recorded = Trace { header, events, complete: false };
        let end = asked[1].question.at;
        let seen = Observations { all: asked.to_vec(), zero: 0, end, cut_short: None };
        merge(recorded, 0, &[7], &seen)
    }

    #[test]
    fn what_clients_did_follows_a_recording_wherever_it_was_cut_off() {
        for n_events in 0..=3 {
            let merged = cut_off_at(n_events);
            let report = Stats::of(&merged.trace);
            let report = report.unwrap_or_else(|(seq, why)| panic!("{n_events}: {seq}: {why}"));
            assert_eq!(report.arrived, 2, "{n_events}");
        }
    }
}
