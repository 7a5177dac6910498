//! Listed arrivals with fixed demands: what every request meets, counted job by job.

use std::num::NonZeroU32;

use crate::report::Times;
use crate::scenario::{Arrival, Distribution, Fork, Mix, Model, OnFull, Scenario};
use crate::{RouteId, SimTime, Span};

use super::basis::{Basis, Reason};
use super::expected::{Expected, always};
use super::fork_join::binary_tree_makespan;
use super::listed::{Job, Served, first_come_first_served, processor_sharing};
use super::predict::{Prediction, check_overheads, forks, n_loops, threads_max};

/// More than this many are not counted.
const LISTED_MAX: u64 = 100_000;

/// A listed request.
#[derive(Clone, Copy, Debug)]
struct Request {
    at: SimTime,
    cpu: Span,
    sleep: Span,
}

/// What is expected of listed arrivals.
pub(super) fn of(scenario: &Scenario, arrivals: &[Arrival]) -> Result<Prediction, Reason> {
    let n_requests = arrivals.iter().map(|arrival| u64::from(arrival.count.get())).sum();
    if n_requests > LISTED_MAX {
        return Err(Reason::ManyListed { requests: n_requests, max: LISTED_MAX });
    }
    if n_requests == 0 {
        return Err(Reason::NoLoad);
    }
    let asked: Mix = arrivals.iter().map(|arrival| (arrival.route, 1.0)).collect();
    check_overheads(scenario, &asked, false)?;
    let requests = requests(scenario, arrivals)?;
    let mut expected = match scenario.server.model {
        Model::ForkJoin if forks(scenario, &asked) => one_tree(scenario, arrivals)?,
        Model::Single | Model::Pool | Model::ForkJoin => on_workers(scenario, &requests)?,
        Model::Spawn => on_threads(scenario, &requests)?,
        Model::Async | Model::Sharded => on_a_loop(scenario, &requests)?,
    };
    (expected.failed, expected.lost, expected.in_system) = (Some(0.0), Some(0.0), Some(0.0));
    Ok(Prediction { basis: Basis::Counted, expected })
}

/// Every request by itself, in the order of arrival.
fn requests(scenario: &Scenario, arrivals: &[Arrival]) -> Result<Vec<Request>, Reason> {
    let mut requests = Vec::new();
    for arrival in arrivals {
        let RouteId(route) = arrival.route;
        let kind = &scenario.requests[usize::from(route)];
        let cpu = constant(&kind.cpu)? + kind.fork.map_or(Span::ZERO, Fork::work);
        let request = Request { at: arrival.at, cpu, sleep: constant(&kind.sleep)? };
        requests.extend((0..arrival.count.get()).map(|_| request));
    }
    requests.sort_by_key(|request| request.at); // stable: file order at one instant
    Ok(requests)
}

/// `single` and `pool`: the whole of a request holds its worker.
fn on_workers(scenario: &Scenario, requests: &[Request]) -> Result<Expected, Reason> {
    let server = &scenario.server;
    let single = server.model == Model::Single;
    let workers = if single { 1 } else { server.workers.get() };
    let cores = scenario.machine.cores.get();
    if cores < workers && requests.iter().any(|request| !request.cpu.is_zero()) {
        return Err(Reason::CoresShared { workers, cores });
    }
    let backlog = u64::from(server.accept_backlog.get());
    let by_kernel = single || server.on_full == OnFull::Wait;
    let room = match server.queue.max().map(u64::from) {
        _ if single => Some(backlog),
        Some(places) if by_kernel => Some(places + backlog),
        places => places,
    };
    let jobs: Vec<_> = requests
        .iter()
        .map(|request| Job { at: request.at, service_time: request.cpu + request.sleep })
        .collect();
    let workers = NonZeroU32::new(workers).expect("its range begins at 1");
    let times = first_come_first_served(&jobs, workers, room);
    let answered = times.iter().flatten().count() as u64;
    let turned_away = requests.len() as u64 - answered;
    let places_for_oldest = room != Some(0);
    if turned_away > 0 && server.on_full == OnFull::DropOldest && !single && places_for_oldest {
        return Err(Reason::DropsOldest);
    }
    let ends = times.iter().flatten().map(|served| served.ended);
    let last = ends.chain(requests.iter().map(|request| request.at)).max();
    let last = check_horizon(scenario, last)?;

    let mut expected = Expected::of(server.model);
    let held: f64 = jobs
        .iter()
        .zip(&times)
        .filter(|(_, served)| served.is_some())
        .map(|(job, _)| job.service_time.as_secs_f64())
        .sum();
    expected.utilisation = share(held, f64::from(workers.get()) * last.as_secs_f64());
    expected.threads_peak = Some(workers.get().into());
    (expected.arrived, expected.answered) =
        (Some(f64_of(requests.len() as u64)), Some(f64_of(answered)));
    (expected.dropped, expected.rejected) = if by_kernel {
        (Some(f64_of(turned_away)), Some(0.0))
    } else {
        (Some(0.0), Some(f64_of(turned_away)))
    };
    let waiting =
        |(job, served): (&Job, &Option<Served>)| Some(served.as_ref()?.started.since(job.at));
    let waits: Vec<_> = jobs.iter().zip(&times).map(waiting).collect();
    let waited = waits.iter().flatten().filter(|wait| !wait.is_zero()).count() as u64;
    expected.waited = share(f64_of(waited), f64_of(answered));
    expected.waiting_time = after_warmup(scenario, waits);
    let sojourn =
        |(job, served): (&Job, &Option<Served>)| Some(served.as_ref()?.ended.since(job.at));
    expected.sojourn_time = after_warmup(scenario, jobs.iter().zip(&times).map(sojourn));
    Ok(expected)
}

/// `spawn`: threads share the cores, then each sleeps by itself.
fn on_threads(scenario: &Scenario, requests: &[Request]) -> Result<Expected, Reason> {
    let cores = NonZeroU32::new(scenario.machine.cores.get()).expect("its range begins at 1");
    let jobs: Vec<_> =
        requests.iter().map(|request| Job { at: request.at, service_time: request.cpu }).collect();
    let at_cores = processor_sharing(&jobs, cores);
    let runs: Vec<_> = jobs.iter().zip(&at_cores).map(|(job, &end)| (job.at, end)).collect();
    let found = found_there(&runs);
    let no_core = |found: u64| found >= u64::from(cores.get());
    if !scenario.machine.quantum.is_zero() && found.iter().any(|&found| no_core(found)) {
        return Err(Reason::Turns);
    }
    let ends: Vec<_> =
        requests.iter().zip(&at_cores).map(|(request, &end)| end + request.sleep).collect();
    let lives: Vec<_> =
        requests.iter().zip(&ends).map(|(request, &end)| (request.at, end)).collect();
    let threads = threads_max(scenario);
    if found_there(&lives).iter().any(|&found| found >= threads) {
        return Err(Reason::ThreadsRunOut { threads });
    }
    let last = check_horizon(scenario, ends.iter().copied().max())?;

    let n_requests = requests.len() as u64;
    let mut expected = Expected::of(Model::Spawn);
    let busy: f64 = requests.iter().map(|request| request.cpu.as_secs_f64()).sum();
    expected.utilisation = share(busy, f64::from(cores.get()) * last.as_secs_f64());
    (expected.arrived, expected.answered) = (Some(f64_of(n_requests)), Some(f64_of(n_requests)));
    (expected.dropped, expected.rejected) = (Some(0.0), Some(0.0));
    let waited = found.into_iter().filter(|&found| no_core(found)).count() as u64;
    expected.waited = share(f64_of(waited), f64_of(n_requests));
    if scenario.warmup_requests < n_requests {
        expected.waiting_time = always(0.0);
    }
    let sojourns = lives.iter().map(|&(at, end)| Some(end.since(at)));
    expected.sojourn_time = after_warmup(scenario, sojourns);
    Ok(expected)
}

/// `async`: each holds the loop for its CPU time, and sleeps on a timer.
fn on_a_loop(scenario: &Scenario, requests: &[Request]) -> Result<Expected, Reason> {
    let loops = n_loops(&scenario.server);
    if loops > 1 {
        return Err(Reason::RandomLoop { loops });
    }
    let jobs: Vec<_> =
        requests.iter().map(|request| Job { at: request.at, service_time: request.cpu }).collect();
    let turns: Vec<Served> =
        first_come_first_served(&jobs, NonZeroU32::MIN, None).into_iter().flatten().collect();
    let ends: Vec<_> =
        requests.iter().zip(&turns).map(|(request, turn)| turn.ended + request.sleep).collect();
    let last = check_horizon(scenario, ends.iter().copied().max())?;

    let n_requests = f64_of(requests.len() as u64);
    let mut expected = Expected::of(scenario.server.model);
    let busy: f64 = requests.iter().map(|request| request.cpu.as_secs_f64()).sum();
    expected.utilisation = share(busy, last.as_secs_f64());
    expected.threads_peak = Some(1);
    (expected.arrived, expected.answered) = (Some(n_requests), Some(n_requests));
    (expected.dropped, expected.rejected) = (Some(0.0), Some(0.0));
    let waits: Vec<_> =
        requests.iter().zip(&turns).map(|(request, turn)| turn.started.since(request.at)).collect();
    let waited = waits.iter().filter(|wait| !wait.is_zero()).count() as u64;
    expected.waited = share(f64_of(waited), n_requests);
    expected.waiting_time = after_warmup(scenario, waits.into_iter().map(Some));
    let sojourns = requests.iter().zip(&ends).map(|(request, end)| Some(end.since(request.at)));
    expected.sojourn_time = after_warmup(scenario, sojourns);
    Ok(expected)
}

/// `fork-join`: one request that splits, where its parts can only be shared out evenly.
fn one_tree(scenario: &Scenario, arrivals: &[Arrival]) -> Result<Expected, Reason> {
    let workers = scenario.server.workers.get();
    let reason = Reason::Forks { workers };
    let [arrival] = arrivals else { return Err(reason) };
    let kind = &scenario.requests[usize::from(arrival.route.0)];
    let fork = kind.fork.expect("it is the only kind that is asked for");
    let (depth, leaves) = (fork.depth.get(), 1_u32 << fork.depth.get());
    let cores = scenario.machine.cores.get();
    // A thief takes the largest part there is: workers that are a power of two get equal ones.
    let evenly = workers.is_power_of_two() || workers >= leaves;
    if arrival.count.get() > 1 || !evenly || cores < workers.min(leaves) {
        return Err(reason);
    }
    let count = NonZeroU32::new(workers).expect("its range begins at 1");
    let tree = binary_tree_makespan(depth, fork.leaf_cpu.as_secs_f64(), count);
    let tree = tree.expect("its depth is at most 16");
    let whole = constant(&kind.cpu)?.as_secs_f64() + tree + constant(&kind.sleep)?.as_secs_f64();
    let end = arrival.at.as_secs_f64() + whole;
    if scenario.horizon.is_some_and(|horizon| horizon.as_secs_f64() < end) {
        return Err(Reason::Horizon);
    }
    let mut expected = Expected::of(Model::ForkJoin);
    expected.threads_peak = Some(workers.into());
    (expected.arrived, expected.answered) = (Some(1.0), Some(1.0));
    (expected.dropped, expected.rejected) = (Some(0.0), Some(0.0));
    expected.waited = Some(0.0);
    if scenario.warmup_requests == 0 {
        (expected.waiting_time, expected.sojourn_time) = (always(0.0), always(whole));
    }
    Ok(expected)
}

/// How many others each of these stays, in the order of their beginnings, finds when it begins.
/// What ends then is gone.
fn found_there(stays: &[(SimTime, SimTime)]) -> Vec<u64> {
    let mut there = std::collections::BinaryHeap::new();
    let find = |&(begins, ends): &(SimTime, SimTime)| {
        while let Some(&std::cmp::Reverse(earliest)) = there.peek()
            && earliest <= begins
        {
            there.pop();
        }
        let found = there.len() as u64;
        there.push(std::cmp::Reverse(ends));
        found
    };
    stays.iter().map(find).collect()
}

/// The end of the run, if nothing cuts it short.
fn check_horizon(scenario: &Scenario, last: Option<SimTime>) -> Result<SimTime, Reason> {
    let last = last.expect("there is a request");
    let cut = scenario.horizon.is_some_and(|horizon| horizon < last);
    if cut { Err(Reason::Horizon) } else { Ok(last) }
}

/// Figures of the requests after the warm-up that have a time.
fn after_warmup(scenario: &Scenario, times: impl IntoIterator<Item = Option<Span>>) -> Times {
    let warmup = usize::try_from(scenario.warmup_requests).unwrap_or(usize::MAX);
    let mut ns: Vec<u64> = times.into_iter().skip(warmup).flatten().map(Span::as_nanos).collect();
    ns.sort_unstable();
    let n = ns.len() as u64;
    let seconds = |ns: u64| Span::from_nanos(ns).as_secs_f64();
    let rank = |per_cent: u64| {
        let rank = usize::try_from((n * per_cent).div_ceil(100).max(1) - 1).ok()?;
        ns.get(rank).map(|&ns| seconds(ns))
    };
    let sum: u128 = ns.iter().map(|&ns| u128::from(ns)).sum();
    #[expect(clippy::cast_precision_loss, reason = "a mean for showing")]
    let mean = |n: u64| sum as f64 / n as f64 / 1e9;
    Times {
        mean: (n > 0).then(|| mean(n)),
        half_width_99: None,
        p50: rank(50),
        p95: rank(95),
        p99: rank(99),
        max: ns.last().map(|&ns| seconds(ns)),
    }
}

fn constant(distribution: &Distribution) -> Result<Span, Reason> {
    match distribution {
        Distribution::Constant(span) => Ok(*span),
        Distribution::Uniform(low, high) if low == high => Ok(*low),
        Distribution::Exponential(mean) if mean.is_zero() => Ok(Span::ZERO),
        _ => Err(Reason::RandomDemand),
    }
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

fn f64_of(n: u64) -> f64 {
    super::finite::to_f64(n)
}
