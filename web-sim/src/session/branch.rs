//! One future: a scenario, why it was opened, what was sent in it, and its runs.

use std::rc::Rc;

use scheduler_model::scenario::{Arrival, Load, Ranged};
use scheduler_model::{Model, Scenario};

use super::Setting;
use crate::run::Run;
use crate::url::{Changes, Sent};

/// A future that the reader made, or the one that was opened.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    scenario: Rc<Scenario>,
    cause: Cause,
    sent: Vec<Sent>,
    runs: Vec<(Model, Rc<Run>)>,
}

/// Why a branch was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// It is what was opened.
    Opened,
    /// Requests were sent.
    Sent(Sent),
    /// The server or the computer was changed.
    Set,
}

impl Branch {
    pub(super) fn new(scenario: Scenario, cause: Cause) -> Self {
        Self { scenario: Rc::new(scenario), cause, sent: Vec::new(), runs: Vec::new() }
    }

    /// The same with what the reader has sent so far.
    pub(super) fn having_sent(self, sent: Vec<Sent>) -> Self {
        Self { sent, ..self }
    }

    pub(super) fn with_run(scenario: Scenario, run: Rc<Run>) -> Self {
        let runs = vec![(run.model(), run)];
        Self { scenario: Rc::new(scenario), cause: Cause::Opened, sent: Vec::new(), runs }
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

    /// The run of this model, computed unless it is known.
    pub(crate) fn run(&self, model: Model) -> Rc<Run> {
        let known = self.runs.iter().find(|(known, _)| *known == model);
        known.map_or_else(|| Run::simulated(&self.scenario, model), |(_, run)| Rc::clone(run))
    }

    /// What is asked for.
    pub(crate) fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Why it was opened.
    pub(crate) const fn cause(&self) -> Cause {
        self.cause
    }

    /// What the reader has sent, in the order in which it was.
    pub(crate) fn sent(&self) -> &[Sent] {
        &self.sent
    }
}

impl PartialEq for Branch {
    /// Runs follow from the scenario.
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.scenario, &other.scenario)
    }
}

/// Whether arrivals can be added. In a closed load clients wait for answers before they ask again,
/// and a listed arrival would be nobody's; a run that is replayed is as it was.
pub(super) const fn takes_arrivals(scenario: &Scenario) -> bool {
    !matches!(scenario.load, Load::Closed { .. } | Load::Replayed(_))
}

/// The same arrivals and some more. Those of an open load are listed as they came in `run`: what a
/// request costs is drawn by its number, so that everything before `at` stays as it was.
pub(super) fn with_arrival(
    scenario: &Scenario,
    run: &Run,
    Sent { at, route, count }: Sent,
) -> Option<Scenario> {
    let mut listed = match &scenario.load {
        Load::None => Vec::new(),
        Load::Listed(listed) => listed.clone(),
        Load::Open { .. } => {
            let lives = run.history().requests().iter();
            let arrival = |at, route| Arrival { at, route, count: Ranged::<1, 1_000_000>::MIN };
            lives.filter_map(|life| Some(arrival(life.arrived, life.route?))).collect()
        }
        Load::Closed { .. } | Load::Replayed(_) => return None,
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
        Setting::Costs(costs) => changed.machine = costs.on(changed.machine),
        Setting::OnFull(policy) => changed.server.on_full = policy,
        Setting::Queue(bound) => changed.server.queue = bound,
        Setting::Workers(workers) => changed.server.workers = Ranged::clamped(workers.into()),
    }
    changed
}

/// What was sent, and this as well.
pub(super) fn with_sent(sent: &[Sent], more: Sent) -> Vec<Sent> {
    let mut all = sent.to_vec();
    match all.last_mut() {
        Some(last) if (last.at, last.route) == (more.at, more.route) => last.count += more.count,
        _ => all.push(more),
    }
    all
}

/// The same scenario with these changes.
pub(super) fn with_changes(scenario: &Scenario, changes: &Changes) -> Scenario {
    let settings = [
        changes.cores.map(Setting::Cores),
        changes.workers.map(Setting::Workers),
        changes.queue.map(Setting::Queue),
        changes.on_full.map(Setting::OnFull),
    ];
    let mut seeded = scenario.clone();
    seeded.seed = changes.seed.unwrap_or(seeded.seed);
    let machine = &mut seeded.machine;
    machine.context_switch = changes.context_switch.unwrap_or(machine.context_switch);
    machine.spawn = changes.spawn.unwrap_or(machine.spawn);
    machine.dispatch = changes.dispatch.unwrap_or(machine.dispatch);
    machine.accept = changes.accept.unwrap_or(machine.accept);
    settings.into_iter().flatten().fold(seeded, |scenario, one| with_setting(&scenario, one))
}

/// The changes that make `to` of `from`, as far as settings can; `known` are those made before.
pub(super) fn changes_between(from: &Scenario, to: &Scenario, known: Changes) -> Changes {
    fn change<T: PartialEq>(from: &T, to: T, known: Option<T>) -> Option<T> {
        if *from == to { known } else { Some(to) }
    }
    let (was, is) = (&from.machine, &to.machine);
    Changes {
        seed: change(&from.seed, to.seed, known.seed),
        cores: change(&from.machine.cores.get(), to.machine.cores.get(), known.cores),
        context_switch: change(&was.context_switch, is.context_switch, known.context_switch),
        spawn: change(&was.spawn, is.spawn, known.spawn),
        dispatch: change(&was.dispatch, is.dispatch, known.dispatch),
        accept: change(&was.accept, is.accept, known.accept),
        workers: change(&from.server.workers.get(), to.server.workers.get(), known.workers),
        queue: change(&from.server.queue, to.server.queue, known.queue),
        on_full: change(&from.server.on_full, to.server.on_full, known.on_full),
    }
}
