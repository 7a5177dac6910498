//! The checker: every order in which things can happen, for small numbers.
//!
//! It drives the real [`crate::Scheduler`] beside a small model of the server's threads (see
//! [`driver`]), breadth first, so that the first path to a fault is a shortest one. There is no
//! clock: a sleep ends at any moment after it began, and a timer may be due as soon as it is set.
//! Requests arrive in the file's order, and faults at any moment, whatever their `at_ms` says.
//!
//! States are told apart by a key in which connections carry their request's number. Workers keep
//! theirs: the scheduler takes the lowest idle one, so states that differ in numbers alone go on
//! differently. The search can be done in slices, for a page that must not freeze.

mod driver;
mod property;
mod threads;
mod trees;

use std::collections::VecDeque;

use crate::scenario::{FaultKind, Load, Scenario};
use crate::trace::{Trace, TraceHeader};

use driver::{Action, Driver};
pub use property::{Finding, Property};

/// Whether a scenario's server holds what it promises, whatever the order of events.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Whether every state was seen; otherwise a bound on their number came first.
    pub complete: bool,
    /// States seen.
    pub states: u64,
    /// Steps between them.
    pub transitions: u64,
    /// Steps from the beginning to the farthest state.
    pub depth: u64,
    /// Each property, with what was found.
    pub properties: Vec<Finding>,
}

/// Why a scenario cannot be checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// A load that is not a list.
    #[error("load: {given} given, allowed is listed arrivals ([[arrive]])")]
    Load {
        /// What kind of load.
        given: &'static str,
    },
    /// Too many of something: the number of orders explodes.
    #[error("{key}: {given} given, allowed is {min}..={max}")]
    TooMany {
        /// Of what.
        key: &'static str,
        /// How many there are.
        given: u64,
        /// The fewest.
        min: u64,
        /// The most.
        max: u64,
    },
}

/// A search, in slices.
#[derive(Debug)]
pub struct Checker {
    header: TraceHeader,
    start: Driver,
    seen: Seen,
    /// How each state was first reached: from which, and by what.
    reached: Vec<(u32, Action)>,
    /// States whose successors are not known yet, with their number and depth.
    frontier: VecDeque<(u32, u32, Driver)>,
    found: property::Found,
    transitions: u64,
    depth: u32,
    states_max: usize,
}

/// Keys of states. Two states share one by chance less often than the computer miscounts: with ten
/// million states, once in 10²⁴ searches.
#[expect(clippy::disallowed_types, reason = "it is asked what it holds, and never iterated")]
type Seen = std::collections::HashSet<u128>;

/// Searches all orders of events of a scenario.
///
/// # Errors
///
/// [`CheckError`] for a scenario that is too large.
///
/// ```
/// use scheduler_model::{Scenario, check};
///
/// let text = "[server]\nmodel = 'pool'\nworkers = 2\n[[arrive]]\npath = '/'\ncount = 3\n";
/// let checked = check(&Scenario::from_toml("three.toml", text)?.0)?;
/// assert!(checked.complete && checked.properties.iter().all(|found| found.holds != Some(false)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check(scenario: &Scenario) -> Result<Checked, CheckError> {
    let mut checker = Checker::new(scenario)?;
    while checker.advance(1 << 16) {}
    Ok(checker.report())
}

impl Checker {
    /// The most requests of a scenario to be checked.
    pub const REQUESTS_MAX: u64 = 8;
    /// The most workers, or threads under `spawn`.
    pub const WORKERS_MAX: u64 = 4;
    /// The deepest tree of joins.
    pub const FORK_DEPTH_MAX: u64 = 3;
    /// States after which a search gives up.
    const STATES_MAX: usize = 10_000_000;

    /// A search at its beginning.
    ///
    /// # Errors
    ///
    /// [`CheckError`] for a scenario that is too large.
    pub fn new(scenario: &Scenario) -> Result<Self, CheckError> {
        within(scenario)?;
        Ok(Self::of(scenario, Driver::new(scenario)))
    }

    /// A search through a server that is wrong on purpose: tests show that it is found out.
    ///
    /// # Errors
    ///
    /// [`CheckError`] for a scenario that is too large.
    ///
    /// # Panics
    ///
    /// For a fault of a run queue in a model without one.
    #[cfg(feature = "mutants")]
    pub fn mutant(scenario: &Scenario, mutant: crate::Mutant) -> Result<Self, CheckError> {
        within(scenario)?;
        Ok(Self::of(scenario, Driver::mutant(scenario, mutant)))
    }

    fn of(scenario: &Scenario, start: Driver) -> Self {
        let mut seen = Seen::default();
        seen.insert(start.key(&mut Vec::new()));
        Self {
            header: TraceHeader::recorded(scenario.clone()),
            frontier: VecDeque::from([(0, 0, start.clone())]),
            start,
            seen,
            reached: vec![(0, Action::Open)],
            found: property::Found::new(scenario),
            transitions: 0,
            depth: 0,
            states_max: Self::STATES_MAX,
        }
    }

    /// The same search, which gives up after so many states.
    #[must_use]
    pub fn with_states_max(self, states_max: usize) -> Self {
        Self { states_max, ..self }
    }

    /// Looks at the successors of up to `states` states; whether there is more to do.
    ///
    /// # Panics
    ///
    /// When the scheduler does, for then it broke a law on a path of its own.
    pub fn advance(&mut self, states: usize) -> bool {
        let (mut actions, mut key) = (Vec::new(), Vec::new());
        for _ in 0..states {
            if self.seen.len() >= self.states_max {
                return false;
            }
            let Some((number, depth, state)) = self.frontier.pop_front() else { return false };
            actions.clear();
            state.actions(&mut actions);
            self.found.rest(&state, &actions, number);
            let mut state = Some(state);
            for (index, &action) in actions.iter().enumerate() {
                let last = index + 1 == actions.len();
                let next = if last { state.take() } else { state.clone() };
                let mut next = next.expect("it is taken by the last action only");
                next.step(action, &mut |_| {});
                self.transitions += 1;
                self.found.reach(&next);
                // What broke a law is not followed further, wherever it led.
                if next.broken.is_empty() && !self.seen.insert(next.key(&mut key)) {
                    continue;
                }
                let reached = u32::try_from(self.reached.len()).expect("states are bounded");
                self.reached.push((number, action));
                self.depth = self.depth.max(depth + 1);
                if next.broken.is_empty() {
                    self.frontier.push_back((reached, depth + 1, next));
                } else {
                    self.found.cut(next.broken, reached);
                }
            }
        }
        !self.frontier.is_empty()
    }

    /// States seen so far.
    pub fn states(&self) -> u64 {
        self.reached.len() as u64
    }

    /// Steps from the beginning to the farthest of them.
    pub fn depth(&self) -> u64 {
        self.depth.into()
    }

    /// What is known so far.
    pub fn report(&self) -> Checked {
        let complete = self.frontier.is_empty();
        Checked {
            complete,
            states: self.states(),
            transitions: self.transitions,
            depth: self.depth(),
            properties: self.found.findings(complete, |state| self.path_to(state)),
        }
    }

    /// The run that leads to a state, as a recording that the page and `conform` read.
    fn path_to(&self, state: u32) -> Trace {
        let mut actions = Vec::new();
        let mut at = state;
        while at != 0 {
            let (from, action) = self.reached[at as usize];
            actions.push(action);
            at = from;
        }
        let mut events = Vec::new();
        let mut driver = self.start.clone();
        for (step, action) in (1..).zip(actions.into_iter().rev()) {
            // Steps are a millisecond apart, for the eye.
            let at = crate::SimTime::from_nanos(step * 1_000_000);
            driver.step(action, &mut |(shard, kind)| events.push(crate::Event { at, shard, kind }));
        }
        Trace::new(self.header.clone(), events)
    }
}

/// Whether a scenario is small enough.
fn within(scenario: &Scenario) -> Result<(), CheckError> {
    let requests = match &scenario.load {
        Load::None => 0,
        Load::Listed(listed) => listed.iter().map(|arrival| u64::from(arrival.count.get())).sum(),
        Load::Replayed(_) => return Err(CheckError::Load { given: "replayed" }),
        Load::Open { .. } => return Err(CheckError::Load { given: "open" }),
        Load::Closed { .. } => return Err(CheckError::Load { given: "closed" }),
    };
    let at_most = |key, given, min, max| {
        if (min..=max).contains(&given) {
            Ok(())
        } else {
            Err(CheckError::TooMany { key, given, min, max })
        }
    };
    at_most("arrivals", requests, 1, Checker::REQUESTS_MAX)?;
    let workers = |given: u32| at_most("workers", u64::from(given), 1, Checker::WORKERS_MAX);
    match scenario.server.model {
        crate::Model::Single | crate::Model::Spawn | crate::Model::Async => {}
        crate::Model::ForkJoin | crate::Model::Pool | crate::Model::Sharded => {
            workers(scenario.server.workers.get())?;
        }
    }
    for fault in &scenario.faults {
        if let FaultKind::Resize(given) = fault.kind {
            workers(given.get())?;
        }
    }
    at_most("faults", scenario.faults.len() as u64, 0, 8)?;
    for fork in scenario.requests.iter().filter_map(|request| request.fork) {
        let given = u64::from(fork.depth.get());
        at_most("fork.depth", given, 0, Checker::FORK_DEPTH_MAX)?;
    }
    Ok(())
}
