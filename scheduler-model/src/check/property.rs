//! What must hold on every path, and where it was found not to.

use super::driver::{Action, Driver};
use crate::Model;
use crate::scenario::{FaultKind, Scenario};
use crate::trace::Trace;

/// Something that must hold, whatever the order of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Property {
    /// A request that arrived has one outcome, and never a second one.
    EveryRequestEndsOnce,
    /// The run queue holds no more than its bound.
    BoundsHold,
    /// Nobody is idle while a request, or a part of one, that he may take is queued.
    NobodyIdlesBesideAQueue,
    /// Who is queued first is started first.
    FirstComeFirstServed,
    /// A thread for which there is something to do does not sleep for ever.
    NoWakeUpIsLost,
    /// After a panic its request has failed, every other one is served, and there are as many
    /// workers as before.
    APanicCostsOneRequest,
    /// A request whose thread cannot be had is answered all the same, and a pool comes back to its
    /// size.
    AFailedSpawnIsAnAnswer,
    /// A drain comes to its end without its deadline: no connection is open then, and no thread left.
    ADrainEnds,
    /// Before its deadline a drain rejects nothing that was accepted.
    ADrainLosesNothing,
}

/// A property, and what was found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What must hold.
    pub property: Property,
    /// Whether it does; `None` when nothing happened that could have broken it, or when not every
    /// state was seen, as behind a fault that another property names.
    pub holds: Option<bool>,
    /// A shortest run that breaks it.
    pub counterexample: Option<Trace>,
}

/// What has been found so far.
#[derive(Clone, Debug)]
pub(super) struct Found {
    target: Option<usize>,
    reached: Set,
    /// By property: the first state in which it did not hold.
    broken: [Option<u32>; Property::ALL.len()],
    /// Whether some path was not followed to its end, since it had broken something.
    is_cut: bool,
}

/// A set of properties.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Set(u16);

impl Property {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::EveryRequestEndsOnce,
        Self::BoundsHold,
        Self::NobodyIdlesBesideAQueue,
        Self::FirstComeFirstServed,
        Self::NoWakeUpIsLost,
        Self::APanicCostsOneRequest,
        Self::AFailedSpawnIsAnAnswer,
        Self::ADrainEnds,
        Self::ADrainLosesNothing,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EveryRequestEndsOnce => "every-request-ends-once",
            Self::BoundsHold => "bounds-hold",
            Self::NobodyIdlesBesideAQueue => "nobody-idles-beside-a-queue",
            Self::FirstComeFirstServed => "first-come-first-served",
            Self::NoWakeUpIsLost => "no-wake-up-is-lost",
            Self::APanicCostsOneRequest => "a-panic-costs-one-request",
            Self::AFailedSpawnIsAnAnswer => "a-failed-spawn-is-an-answer",
            Self::ADrainEnds => "a-drain-ends",
            Self::ADrainLosesNothing => "a-drain-loses-nothing",
        }
    }
}

impl Set {
    pub(super) const fn add(&mut self, property: Property) {
        self.0 |= 1 << property as u16;
    }

    const fn has(self, property: Property) -> bool {
        self.0 & 1 << property as u16 != 0
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Found {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let fixed = matches!(scenario.server.model, Model::ForkJoin | Model::Pool);
        let resized =
            scenario.faults.iter().any(|fault| matches!(fault.kind, FaultKind::Resize(_)));
        let target = (fixed && !resized).then_some(scenario.server.workers.get() as usize);
        Self { target, reached: Set::default(), broken: [None; Property::ALL.len()], is_cut: false }
    }

    /// A step led to this state, which may be known already.
    pub(super) fn reach(&mut self, state: &Driver) {
        self.reached.0 |= state.reached.0;
    }

    /// The step that led to this state broke something, and the path ends there.
    pub(super) fn cut(&mut self, broken: Set, number: u32) {
        self.is_cut = true;
        self.note(broken, number);
    }

    fn note(&mut self, broken: Set, number: u32) {
        self.reached.0 |= broken.0;
        for property in Property::ALL.into_iter().filter(|&property| broken.has(property)) {
            self.broken[property as usize].get_or_insert(number);
        }
    }

    /// Nothing goes on in this state but what comes from outside: whatever was begun has ended.
    pub(super) fn rest(&mut self, state: &Driver, actions: &[Action], number: u32) {
        if !actions.iter().all(|&action| Driver::is_from_outside(action)) {
            return;
        }
        let mut broken = Set::default();
        let unfinished = state.has_unfinished();
        if unfinished {
            broken.add(Property::EveryRequestEndsOnce);
        }
        if state.has_unread_mail() {
            broken.add(Property::NoWakeUpIsLost);
        }
        let has_size = state.is_draining()
            || self.target.is_none_or(|target| state.n_current_threads() == target);
        if state.has_panicked() && (unfinished || !has_size) {
            broken.add(Property::APanicCostsOneRequest);
        }
        if state.has_failed_to_spawn() && (unfinished || !has_size) {
            broken.add(Property::AFailedSpawnIsAnAnswer);
        }
        if state.is_draining() && !state.is_over() {
            broken.add(Property::ADrainEnds);
        }
        self.note(broken, number);
    }

    pub(super) fn findings(&self, complete: bool, path_to: impl Fn(u32) -> Trace) -> Vec<Finding> {
        let finding = |property: Property| {
            let broken = self.broken[property as usize];
            let holds = match broken {
                Some(_) => Some(false),
                None => (complete && !self.is_cut && self.reached.has(property)).then_some(true),
            };
            Finding { property, holds, counterexample: broken.map(&path_to) }
        };
        Property::ALL.map(finding).into()
    }
}
