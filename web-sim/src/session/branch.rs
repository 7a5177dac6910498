//! One future: a scenario, why it was opened, and its runs.

use std::rc::Rc;

use scheduler_model::scenario::{Arrival, Load, Ranged};
use scheduler_model::{Model, RouteId, Scenario, SimTime};

use super::Setting;
use crate::run::Run;

/// A future that the reader made, or the one that was opened.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    scenario: Rc<Scenario>,
    cause: Cause,
    runs: Vec<(Model, Rc<Run>)>,
}

/// Why a branch was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// It is what was opened.
    Opened,
    /// Requests were sent.
    Sent { route: RouteId, count: u32, at: SimTime },
    /// The server or the computer was changed.
    Set,
}

impl Branch {
    pub(super) fn new(scenario: Scenario, cause: Cause) -> Self {
        Self { scenario: Rc::new(scenario), cause, runs: Vec::new() }
    }

    pub(super) fn with_run(scenario: Scenario, run: Rc<Run>) -> Self {
        let runs = vec![(run.model(), run)];
        Self { scenario: Rc::new(scenario), cause: Cause::Opened, runs }
    }

    /// The runs of these models, each computed once.
    pub(super) fn runs(&mut self, models: &[Model]) -> Vec<Rc<Run>> {
        for &model in models {
            if !self.runs.iter().any(|(known, _)| *known == model) {
                self.runs.push((model, Run::simulated(&self.scenario, model)));
            }
        }
        let run = |model| self.runs.iter().find(|(known, _)| *known == model);
        models.iter().filter_map(|&model| run(model)).map(|(_, run)| Rc::clone(run)).collect()
    }

    /// What is asked for.
    pub(crate) fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Why it was opened.
    pub(crate) const fn cause(&self) -> Cause {
        self.cause
    }
}

impl PartialEq for Branch {
    /// Runs follow from the scenario.
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.scenario, &other.scenario)
    }
}

/// Whether arrivals can be added. In a closed load clients wait for answers before they ask again,
/// and a listed arrival would be nobody's.
pub(super) const fn takes_arrivals(scenario: &Scenario) -> bool {
    !matches!(scenario.load, Load::Closed { .. })
}

/// The same arrivals and some more. Those of an open load are listed as they came in `run`: what a
/// request costs is drawn by its number, so that everything before `at` stays as it was.
pub(super) fn with_arrival(
    scenario: &Scenario,
    run: &Run,
    at: SimTime,
    route: RouteId,
    count: u32,
) -> Option<Scenario> {
    let mut listed = match &scenario.load {
        Load::None => Vec::new(),
        Load::Listed(listed) => listed.clone(),
        Load::Open { .. } => {
            let lives = run.history().requests().iter();
            let arrival = |at, route| Arrival { at, route, count: Ranged::<1, 1_000_000>::MIN };
            lives.filter_map(|life| Some(arrival(life.arrived, life.route?))).collect()
        }
        Load::Closed { .. } => return None,
    };
    scenario.path(route)?;
    listed.push(Arrival { at, route, count: Ranged::clamped(count.into()) });
    Some(Scenario { load: Load::Listed(listed), ..scenario.clone() })
}

/// The same scenario with another server or computer.
pub(super) fn with_setting(scenario: &Scenario, setting: Setting) -> Scenario {
    let mut changed = scenario.clone();
    match setting {
        Setting::Cores(cores) => changed.machine.cores = Ranged::clamped(cores.into()),
        Setting::OnFull(policy) => changed.server.on_full = policy,
        Setting::Queue(bound) => changed.server.queue = bound,
        Setting::Workers(workers) => changed.server.workers = Ranged::clamped(workers.into()),
    }
    changed
}
