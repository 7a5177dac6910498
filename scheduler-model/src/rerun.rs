//! What if: the requests of a run that has been, as a scenario for any model, size and policy.
//!
//! Arrivals are the run's own. What a request cost is read from its events: from the moment a
//! thread had it until it slept is CPU time, from there until it woke is sleep. A recording cannot
//! tell CPU time from waiting for a core, so where more threads ran than there are cores its CPU
//! times are too long. A simulated run has the demands that its seed drew.
//!
//! Faults are left out: what is asked is how another server would have fared with the same clients.

use std::collections::BTreeMap;

use crate::machine::drawn;
use crate::machine::sample::{Purpose, Stream};
use crate::scenario::{Fork, Load, Model, Replayed, Scenario};
use crate::trace::Source;
use crate::{
    Decision, Event, EventKind, Machine, RequestId, RouteId, SimTime, Span, Stimulus, Trace,
};

/// A run's own requests, to be run again.
#[derive(Clone, Debug, PartialEq)]
pub struct Rerun {
    /// The scenario: the run's server and computer, and its requests as [`Load::Replayed`], the
    /// first at 0. Change what is asked about and simulate it.
    pub scenario: Scenario,
    /// Requests whose demand is known.
    pub n_known: u64,
    /// Requests that were never served to their end: each has the demand of a served one, drawn by
    /// the seed among those of its path.
    pub n_guessed: u64,
    /// When the first of them came.
    pub first_at: SimTime,
    /// The number of the first, when the others have the numbers that follow, in the order in which
    /// they came: a run of the scenario can be told in the run's own numbers then.
    pub numbered_from: Option<RequestId>,
}

impl Rerun {
    /// The scenario at the run's own time: its requests come when they came.
    pub fn in_place(&self) -> Scenario {
        let mut scenario = self.scenario.clone();
        if let Load::Replayed(requests) = &mut scenario.load {
            for request in requests {
                request.at = self.first_at + request.at.since(SimTime::ZERO);
            }
        }
        scenario
    }
}

/// Why a run cannot be run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RerunError {
    /// Nobody asked for anything.
    #[error("no request in it: there is nothing to run again")]
    NoRequest,
    /// Requests, and none that was served.
    #[error(
        "{requests} requests in it and none was served: what they would have cost is not known"
    )]
    NoneServed {
        /// How many there are.
        requests: u64,
    },
}

/// The requests of this run as a scenario.
///
/// ```
/// use scheduler_model::scenario::{Arrival, Load, Ranged, Server};
/// use scheduler_model::{Model, RouteId, Scenario, SimTime, Simulation, rerun, simulate};
///
/// // Two sleepers and a pool of one: what if there had been a worker for each?
/// let workers = Ranged::of::<1>();
/// let mut one = Scenario::new("one", Server { workers, ..Server::new(Model::Pool) });
/// let count = Ranged::of::<2>();
/// one.load = Load::Listed(vec![Arrival { at: SimTime::ZERO, route: RouteId(1), count }]);
/// let mut again = rerun(&simulate(&one))?.scenario;
/// again.server.workers = Ranged::of::<2>();
/// let mut simulation = Simulation::new(&again);
/// simulation.run();
/// assert_eq!(simulation.report().waited, Some(0.0));
/// # Ok::<(), scheduler_model::RerunError>(())
/// ```
///
/// # Errors
///
/// [`RerunError`] when there is no request, or none of a recording was served.
pub fn rerun(trace: &Trace) -> Result<Rerun, RerunError> {
    let scenario = &trace.header.scenario;
    let mut lives = Lives { is_loop: scenario.server.model.is_loop(), of: BTreeMap::new() };
    trace.events.iter().for_each(|event| lives.take_in(event));
    let first = lives.of.values().map(|life| life.at).min().ok_or(RerunError::NoRequest)?;
    let mut known = Vec::new();
    let mut unknown = Vec::new();
    for (&number, life) in &lives.of {
        let cost = match (trace.header.source, life.route) {
            (Source::Simulated, Some(route)) => Some(drawn(scenario, number, route)),
            (Source::Simulated, None) => None,
            (Source::Recorded, _) => life.served.then(|| life.cost(scenario)),
        };
        let at = SimTime::ZERO + life.at.since(first);
        match (cost, life.route) {
            (Some((cpu, sleep)), route) => {
                let route = route.unwrap_or(RouteId(0));
                known.push((number, Replayed { at, route, cpu, sleep }));
            }
            (None, route) => unknown.push((number, at, route)),
        }
    }
    if known.is_empty() {
        return Err(RerunError::NoneServed { requests: unknown.len() as u64 });
    }
    let (n_known, n_guessed) = (known.len() as u64, unknown.len() as u64);
    let guessed: Vec<_> = unknown
        .into_iter()
        .map(|(number, at, route)| {
            let costs = known.iter().map(|(_, one)| one);
            let alike: Vec<_> =
                costs.filter(|one| route.is_none_or(|route| one.route == route)).collect();
            let mut stream = Stream::new(scenario.seed, Purpose::Unserved, number.0);
            let like = match alike.len() {
                0 => &known[stream.below(known.len())].1,
                n => alike[stream.below(n)],
            };
            (number, Replayed { at, route: route.unwrap_or(like.route), ..*like })
        })
        .collect();
    let mut requests = known;
    requests.extend(guessed);
    requests.sort_by_key(|(number, request)| (request.at, *number));
    let numbered_from =
        requests.windows(2).all(|pair| pair[0].0.0 + 1 == pair[1].0.0).then_some(requests[0].0);
    let scenario = Scenario {
        load: Load::Replayed(requests.into_iter().map(|(_, request)| request).collect()),
        faults: Vec::new(),
        horizon: None,
        ..scenario.clone()
    };
    Ok(Rerun { scenario, n_known, n_guessed, first_at: first, numbered_from })
}

/// What is seen of the requests, by number.
struct Lives {
    is_loop: bool,
    of: BTreeMap<RequestId, Life>,
}

/// One request.
#[derive(Clone, Copy, Debug, Default)]
struct Life {
    at: SimTime,
    route: Option<RouteId>,
    cpu: Span,
    /// CPU time until it split.
    before_fork: Option<Span>,
    sleep: Span,
    /// What it does, since when; nothing while it waits.
    does: Option<(Does, SimTime)>,
    served: bool,
}

#[derive(Clone, Copy, Debug)]
enum Does {
    Run,
    Sleep,
}

impl Lives {
    fn take_in(&mut self, event: &Event) {
        let at = event.at;
        match event.kind {
            EventKind::Machine(
                Machine::Backlogged { request, route } | Machine::Dropped { request, route },
            ) => {
                self.arrive(request, at, Some(route));
            }
            EventKind::Stimulus(Stimulus::RequestArrived { request, route, .. }) => {
                self.arrive(request, at, route);
            }
            EventKind::Decision(Decision::Assign { request, .. }) => {
                self.change(request, at, Some(Does::Run));
            }
            EventKind::Stimulus(Stimulus::TaskForked { request, .. }) => {
                self.change(request, at, Some(Does::Run));
                if let Some(life) = self.of.get_mut(&request) {
                    life.before_fork.get_or_insert(life.cpu);
                }
            }
            EventKind::Stimulus(Stimulus::TaskBlocked { request, route, .. }) => {
                self.change(request, at, Some(Does::Sleep));
                self.learn(request, route);
            }
            EventKind::Stimulus(Stimulus::TaskWoke { request, .. }) => {
                let next = if self.is_loop { None } else { Some(Does::Run) };
                self.change(request, at, next);
            }
            EventKind::Stimulus(Stimulus::TaskFinished { request, route, ending, .. }) => {
                if !ending.was_request() {
                    self.of.remove(&request);
                    return;
                }
                self.learn(request, route);
                self.end(request, at);
            }
            EventKind::Stimulus(Stimulus::TaskPanicked { request, .. }) => self.end(request, at),
            _ => {}
        }
    }

    fn arrive(&mut self, request: RequestId, at: SimTime, route: Option<RouteId>) {
        self.of.entry(request).or_insert(Life { at, ..Life::default() });
        self.learn(request, route);
    }

    fn learn(&mut self, request: RequestId, route: Option<RouteId>) {
        if let Some(life) = self.of.get_mut(&request) {
            life.route = life.route.or(route);
        }
    }

    /// What it did until now is over.
    fn change(&mut self, request: RequestId, at: SimTime, next: Option<Does>) {
        let Some(life) = self.of.get_mut(&request) else { return };
        match life.does {
            Some((Does::Run, since)) => life.cpu += at.since(since),
            Some((Does::Sleep, since)) => life.sleep += at.since(since),
            None => {}
        }
        life.does = next.map(|next| (next, at));
    }

    fn end(&mut self, request: RequestId, at: SimTime) {
        self.change(request, at, None);
        if let Some(life) = self.of.get_mut(&request) {
            life.served = true;
        }
    }
}

impl Life {
    /// CPU time and sleep; the tree that its path splits into is the scenario's.
    fn cost(&self, scenario: &Scenario) -> (Span, Span) {
        let kind = self.route.and_then(|route| scenario.requests.get(usize::from(route.0)));
        let cpu = match (kind.and_then(|kind| kind.fork), scenario.server.model) {
            (None, _) => self.cpu,
            (Some(_), Model::ForkJoin) => self.before_fork.unwrap_or(Span::ZERO),
            (Some(fork), _) => without_tree(self.cpu, fork),
        };
        (cpu, self.sleep)
    }
}

/// A model that does not split ran the leaves one after the other.
fn without_tree(cpu: Span, fork: Fork) -> Span {
    Span::from_nanos(cpu.as_nanos().saturating_sub(fork.work().as_nanos()))
}
