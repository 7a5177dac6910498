//! From a scenario to the law that describes it: what is expected of the run, or why nothing is.
//!
//! Values are exact or there are none. Overheads must be zero where the model charges them; random
//! loads are judged by their steady state.

use std::num::NonZeroU32;

use crate::RouteId;
use crate::scenario::{Distribution, Load, Mix, Model, OnFull, Scenario, Server};

use super::basis::{Basis, Reason};
use super::counted;
use super::demand::Demand;
use super::expected::Expected;
use super::loops;
use super::station::{Asked, Station};

/// What theory expects of a scenario's run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// The law it comes from.
    pub basis: Basis,
    /// The values.
    pub expected: Expected,
}

/// What theory expects of a run of this scenario, in the long run or, for listed arrivals, exactly.
///
/// # Errors
///
/// [`Reason`] when no law is exact for it; its text is a sentence for the reader.
///
/// ```
/// use scheduler_model::scenario::{Load, Scenario, Server};
/// use scheduler_model::{Model, theory};
///
/// let scenario = Scenario::new("idle", Server::new(Model::Pool));
/// let reason = theory::of(&scenario).unwrap_err();
/// assert_eq!(reason, theory::Reason::NoLoad);
/// assert_eq!(reason.to_string(), "nobody asks: there is no load");
/// ```
pub fn of(scenario: &Scenario) -> Result<Prediction, Reason> {
    if !scenario.faults.is_empty() {
        return Err(Reason::Faults);
    }
    if scenario.patience.is_some() {
        return Err(Reason::Patience);
    }
    let (asked, mix, requests) = match &scenario.load {
        Load::None => return Err(Reason::NoLoad),
        Load::Listed(arrivals) => return counted::of(scenario, arrivals),
        Load::Replayed(_) => return Err(Reason::Replayed),
        Load::Open { rate_per_s, requests, mix } => {
            (Asked::Open { rate: *rate_per_s }, mix, *requests)
        }
        Load::Closed { clients, think, requests, mix } => {
            let think = mean_of(think);
            (Asked::Closed { clients: clients.get(), think }, mix, *requests)
        }
    };
    check_overheads(scenario, mix, true)?;
    let server = &scenario.server;
    let (basis, mut expected, loss, by_kernel) = match server.model {
        Model::Async | Model::Sharded => {
            let cpu = Demand::cpu(&scenario.requests, mix);
            let sleep = Demand::sleep(&scenario.requests, mix);
            let (cores, loops) = (scenario.machine.cores.get(), n_loops(server));
            let (basis, expected) = loops::solve(server.model, loops, cores, asked, &cpu, &sleep)?;
            (basis, expected, 0.0, false)
        }
        Model::Single | Model::Spawn | Model::Pool | Model::ForkJoin => {
            let station = station(scenario, mix, requests)?;
            let (basis, expected, loss) = station.solve(asked)?;
            (basis, expected, loss, station.by_kernel)
        }
    };
    if scenario.horizon.is_none() {
        expected.count(super::finite::to_f64(requests), loss, by_kernel);
    }
    Ok(Prediction { basis, expected })
}

/// Refuses a cost that the run would have and a textbook does not.
pub(super) fn check_overheads(
    scenario: &Scenario,
    mix: &Mix,
    in_the_long_run: bool,
) -> Result<(), Reason> {
    let model = scenario.server.model;
    let machine = &scenario.machine;
    let refuse = |key| Err(Reason::Overhead { key });
    if !machine.accept.is_zero() {
        return refuse("machine.accept_us");
    }
    if model == Model::Spawn && !machine.spawn.is_zero() {
        return refuse("machine.spawn_us");
    }
    if matches!(model, Model::Pool | Model::ForkJoin) && !machine.dispatch.is_zero() {
        return refuse("machine.dispatch_us");
    }
    // One thread is switched to once in a run and stays: in the long run that is nothing.
    let once = in_the_long_run && matches!(model, Model::Single | Model::Async);
    let runs = !machine.quantum.is_zero() && !Demand::cpu(&scenario.requests, mix).is_zero();
    if runs && !once && !machine.context_switch.is_zero() {
        return refuse("machine.context_switch_us");
    }
    Ok(())
}

/// How many loops there are.
pub(super) fn n_loops(server: &Server) -> u32 {
    if server.model == Model::Sharded { server.workers.get() } else { 1 }
}

/// Whether a request that somebody may ask for splits into parts.
pub(super) fn forks(scenario: &Scenario, mix: &Mix) -> bool {
    let splits = |route: RouteId| scenario.requests[usize::from(route.0)].fork.is_some();
    let mut asked = mix.iter().filter(|&&(_, weight)| weight > 0.0);
    scenario.server.model == Model::ForkJoin && asked.any(|&(route, _)| splits(route))
}

/// The station that the server is for its load.
fn station(scenario: &Scenario, mix: &Mix, requests: u64) -> Result<Station, Reason> {
    let server = &scenario.server;
    let backlog = u64::from(server.accept_backlog.get());
    let one = Station {
        model: server.model,
        workers: NonZeroU32::MIN,
        cores: scenario.machine.cores.get(),
        takes_turns: !scenario.machine.quantum.is_zero(),
        capacity: None,
        by_kernel: false,
        drops_oldest: false,
        requests,
        cpu: Demand::cpu(&scenario.requests, mix),
        sleep: Demand::sleep(&scenario.requests, mix),
        both: Demand::both(&scenario.requests, mix),
    };
    match server.model {
        Model::ForkJoin if forks(scenario, mix) => {
            Err(Reason::Forks { workers: server.workers.get() })
        }
        Model::Single => Ok(Station { capacity: Some(1 + backlog), by_kernel: true, ..one }),
        Model::Pool | Model::ForkJoin => {
            let workers = NonZeroU32::new(server.workers.get()).expect("its range begins at 1");
            let places = server.queue.max().map(u64::from);
            let waits = server.on_full == OnFull::Wait;
            let outside = if waits { backlog } else { 0 };
            Ok(Station {
                workers,
                capacity: places.map(|places| u64::from(workers.get()) + places + outside),
                by_kernel: waits,
                drops_oldest: server.on_full == OnFull::DropOldest && places != Some(0),
                ..one
            })
        }
        Model::Spawn => {
            let threads = threads_max(scenario);
            let workers = u32::try_from(threads).ok().and_then(NonZeroU32::new);
            let workers = workers.ok_or(Reason::NoRoom)?;
            Ok(Station { workers, capacity: Some(threads), ..one })
        }
        Model::Async | Model::Sharded => unreachable!("loops are not stations"),
    }
}

/// How many threads there can be under `spawn`: by their number, or by their memory.
pub(super) fn threads_max(scenario: &Scenario) -> u64 {
    let machine = &scenario.machine;
    let memory_kib = u64::from(machine.memory_mib.get()) * 1024;
    let by_memory = memory_kib.checked_div(machine.stack_kib.get().into());
    let by_number = u64::from(scenario.server.threads_max.get());
    by_memory.map_or(by_number, |by_memory| by_memory.min(by_number))
}

fn mean_of(distribution: &Distribution) -> f64 {
    match distribution {
        Distribution::Constant(span) | Distribution::Exponential(span) => span.as_secs_f64(),
        Distribution::Uniform(low, high) => f64::midpoint(low.as_secs_f64(), high.as_secs_f64()),
        Distribution::Hyperexponential(phases) => {
            phases.iter().map(|(mean, weight)| mean.as_secs_f64() * weight).sum()
        }
    }
}
