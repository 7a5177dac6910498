//! One scenario under one model, three times: predicted, simulated, measured.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use scheduler_model::scenario::{FaultKind, Load, MachineConfig, Ranged};
use scheduler_model::theory::{self, Prediction, Reason};
use scheduler_model::trace::Trace;
use scheduler_model::{
    Clients, Model, Outcome, RunReport, Scenario, SimTime, Simulation, Span, World, replay,
};

use super::affinity::Shares;
use super::clock::cpu_time;
use super::counted;
use super::generator::{Generator, Observations, Seen};
use super::guest::{Ended, Guest};
use super::host::Order;
use super::measured;
use super::merge::{Merged, merge};
use super::others::Look;
use super::progress::Progress;
use crate::commands::read_trace;
use crate::warn::warn;

/// The CPU time that the server's process uses for a scenario, from its start to its end.
pub(super) fn server_cpu(scenario: &Scenario, conditions: &Conditions) -> anyhow::Result<Duration> {
    let shares = Shares::of_this_process(1);
    let folder = Folder::new()?;
    let Raw { ended, .. } = drive(scenario, conditions, &shares, &folder)?;
    match (ended.cpu, ended.fault) {
        (Some(cpu), None) => Ok(cpu),
        (_, fault) => bail!("the server {}", fault.unwrap_or_else(|| "did not tell".to_owned())),
    }
}

/// What is done under which circumstances.
#[derive(Clone, Debug)]
pub struct Conditions {
    /// Where the server listens; port 0 takes a free one.
    pub listen: std::net::SocketAddr,
    /// What this computer's costs are, for the simulation.
    pub costs: MachineConfig,
}

impl Default for Conditions {
    /// A free port, and a computer like that of a scenario which says nothing of it.
    fn default() -> Self {
        Self { listen: ([127, 0, 0, 1], 0).into(), costs: MachineConfig::default() }
    }
}

/// What an experiment with one model came to.
#[derive(Debug)]
pub struct Run {
    /// The model.
    pub model: Model,
    /// What theory expects, with every cost but the service at 0; or why it expects nothing.
    pub theory: Result<Prediction, Reason>,
    /// What the simulated computer did, with this computer's costs.
    pub simulated: RunReport,
    /// What the real server did; none when its recording makes no sense.
    pub measured: Option<RunReport>,
    /// Whether all of it was measured, and the recording is a path of the model.
    pub holds: bool,
    /// What the reader has to know about the figures.
    pub notes: Vec<String>,
    /// Cores that other programs kept busy meanwhile, on average.
    pub others: Option<f64>,
    /// The recording with the clients' times.
    pub trace: Trace,
    /// Request by request, where they are few: sojourn times of the answered ones.
    pub requests: Vec<OneRequest>,
}

/// The sojourn times of one request, where it was answered.
#[derive(Clone, Copy, Debug, Default)]
pub struct OneRequest {
    /// When it came.
    pub at: SimTime,
    /// By theory.
    pub theory: Option<Span>,
    /// In the simulation.
    pub simulated: Option<Span>,
    /// As its client saw it.
    pub measured: Option<Span>,
}

/// What an experiment cannot do for real.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// A fault that a real computer cannot be told to have.
    #[error(
        "fault[{index}].kind: {given} given, allowed in an experiment is client-gone, drain, panic: {why}"
    )]
    Fault {
        /// Which one, from 0.
        index: usize,
        /// Its kind.
        given: &'static str,
        /// Why not.
        why: &'static str,
    },
    /// Nobody asks.
    #[error(
        "the load: nothing given, allowed in an experiment is [load], [[arrive]] or [[replay]]"
    )]
    NoLoad,
}

/// Whether a scenario can be run for real.
///
/// # Errors
///
/// [`Refused`], with what is in the way.
pub fn check(scenario: &Scenario) -> Result<(), Refused> {
    if scenario.load == Load::None {
        return Err(Refused::NoLoad);
    }
    for (index, fault) in scenario.faults.iter().enumerate() {
        let (given, why) = match fault.kind {
            FaultKind::Resize(_) => ("resize", "the real server keeps the size it starts with"),
            FaultKind::SpawnFails(_) => {
                ("spawn-fails", "the real system starts a thread or does not")
            }
            FaultKind::ClientGone(_) | FaultKind::Drain { .. } | FaultKind::Panic(_) => continue,
        };
        return Err(Refused::Fault { index, given, why });
    }
    Ok(())
}

/// Predicts, measures and simulates a scenario under one model.
///
/// # Errors
///
/// When the server cannot be started or the generator not be run; what goes wrong after that is in
/// the notes, with what was kept.
pub fn run(scenario: &Scenario, model: Model, conditions: &Conditions) -> anyhow::Result<Run> {
    let shares = Shares::of_this_process(scenario.machine.cores.get());
    let scenario = on_this_computer(scenario, model, &shares);
    let mut notes = Vec::new();
    if shares.shared {
        notes.push("generator and server share one core: each is measured with the other".into());
    }
    let measuring = measure(&scenario, conditions, &shares, &mut notes)?;
    let costs = &conditions.costs;
    let mut simulated = scenario.clone();
    simulated.machine = MachineConfig {
        context_switch: costs.context_switch,
        spawn: costs.spawn,
        dispatch: costs.dispatch,
        accept: costs.accept,
        ..scenario.machine
    };
    let mut simulation = Simulation::new(&simulated);
    if model == Model::Sharded {
        // Which loop has which connection is the kernel's to draw: it drew for both.
        simulation = simulation.with_shards(measuring.merged.shards.clone());
    }
    let few = n_requests(&scenario) <= FEW_REQUESTS;
    if few {
        simulation = simulation.recording();
    }
    simulation.run();
    let report = simulation.report();
    let ideal = without_costs(&scenario);
    let theory = theory::of(&ideal);
    let mut requests = Vec::new();
    if few {
        requests = one_by_one(&ideal, theory.is_ok(), &simulation.into_trace(), &measuring.seen);
    }
    let Measuring { merged: Merged { trace, .. }, report: measured, holds, others, .. } = measuring;
    Ok(Run { model, theory, simulated: report, measured, holds, notes, others, trace, requests })
}

/// How many requests will be asked.
pub(super) fn n_requests(scenario: &Scenario) -> u64 {
    match &scenario.load {
        Load::None => 0,
        Load::Listed(listed) => listed.iter().map(|arrival| u64::from(arrival.count.get())).sum(),
        Load::Replayed(requests) => requests.len() as u64,
        Load::Open { requests, .. } | Load::Closed { requests, .. } => *requests,
    }
}

/// The scenario under this model, on as many cores as the server really has, with no more threads
/// than its memory has room for: a real system does not count stacks.
fn on_this_computer(scenario: &Scenario, model: Model, shares: &Shares) -> Scenario {
    let mut scenario = scenario.with_model(model);
    let machine = &mut scenario.machine;
    machine.cores = Ranged::clamped(machine.cores.get().min(shares.server.len()).into());
    let memory_kib = u64::from(machine.memory_mib.get()) * 1024;
    if let Some(threads) = memory_kib.checked_div(machine.stack_kib.get().into()) {
        let threads = threads.min(scenario.server.threads_max.get().into());
        scenario.server.threads_max = Ranged::clamped(threads);
    }
    scenario
}

/// The same, as theory has it: nothing but the service takes time.
fn without_costs(scenario: &Scenario) -> Scenario {
    let mut ideal = scenario.clone();
    for cost in [
        &mut ideal.machine.context_switch,
        &mut ideal.machine.spawn,
        &mut ideal.machine.dispatch,
        &mut ideal.machine.accept,
    ] {
        *cost = Span::ZERO;
    }
    ideal
}

/// What clients and server saw, each for itself.
struct Raw {
    seen: Observations,
    ended: Ended,
    /// Where the server's clock has its zero.
    zero: u64,
    /// Cores that other programs kept busy meanwhile.
    others: Option<f64>,
}

/// Puts a scenario's load on a server that records into this folder.
fn drive(
    scenario: &Scenario,
    conditions: &Conditions,
    shares: &Shares,
    folder: &Folder,
) -> anyhow::Result<Raw> {
    let order = Order {
        listen: conditions.listen,
        record: folder.recording(),
        cores: if shares.shared { Vec::new() } else { shares.server.numbers().to_vec() },
        drain_ms: drain_ms(scenario),
    };
    let generator = Generator::new(scenario, !shares.shared)?;
    let mut guest = Guest::start(&order, scenario, generator.on_server_gone())?;
    let ready = guest.ready;
    let (look, own) = (Look::now(), cpu_time());
    let mut progress = Progress::new(scenario.server.model, n_requests(scenario));
    // On a thread of its own: this one is to keep all the cores that it has.
    let seen = std::thread::scope(|scope| {
        let generate = || {
            if !shares.shared {
                shares.generator.bind();
            }
            generator.run(ready.address, |ask| guest.ask(ask), &mut progress)
        };
        scope.spawn(generate).join().expect("a panic of the generator is a bug")
    })?;
    let own = cpu_time() - own;
    let ended = guest.end();
    let busy = ended.cpu.map_or(0, |cpu| u64::try_from(cpu.as_nanos()).unwrap_or(u64::MAX));
    let others = look.others(own + busy);
    Ok(Raw { seen, ended, zero: ready.zero, others })
}

/// What was measured.
struct Measuring {
    merged: Merged,
    seen: Observations,
    report: Option<RunReport>,
    holds: bool,
    others: Option<f64>,
}

fn measure(
    scenario: &Scenario,
    conditions: &Conditions,
    shares: &Shares,
    notes: &mut Vec<String>,
) -> anyhow::Result<Measuring> {
    let folder = Folder::new()?;
    let Raw { seen, ended, zero, others } = drive(scenario, conditions, shares, &folder)?;
    if let Some(others) = others.filter(|&others| others > OTHERS_MAX) {
        notes.push(format!(
            "other programs kept {others:.1} cores busy meanwhile: times are those of a loaded computer"
        ));
    }
    let (p99, max) = measured::lateness(&seen);
    if p99 > LATE_MAX {
        let (p99, max) = (1e3 * p99.as_secs_f64(), 1e3 * max.as_secs_f64());
        notes.push(format!(
            "the generator was late itself: p99 {p99:.1} ms, at most {max:.1} ms, which is in the times"
        ));
    }
    let recorded = read_trace(&folder.recording()).context("the recording")?;
    let merged = merge(recorded, zero, &ended.clients, &seen);
    let mut holds = true;
    let n_over = seen.all.iter().filter(|observed| observed.ended.is_some()).count();
    let (n_sent, n_total) = (seen.all.len(), n_requests(scenario));
    let fault = ended.fault.filter(|_| scenario.horizon.is_none());
    let cut = [seen.cut_short.clone(), fault.map(|fault| format!("the server {fault}"))];
    if cut.iter().any(Option::is_some) {
        holds = false;
        let cut = cut.into_iter().flatten().collect::<Vec<_>>().join("; ");
        let n_events = merged.trace.events.len();
        let note = format!(
            "broken off: {cut}. Kept: {n_sent} of {n_total} requests sent, {n_over} with an outcome, \
             a recording of {n_events} events"
        );
        warn(format_args!("{}: {note}", scenario.server.model.name()));
        notes.push(note);
    }
    let verdict = replay(&merged.trace);
    if let Some(difference) = verdict.first_difference {
        holds = false;
        notes.push(format!(
            "the recording is no path of the model: at seq {} the model has {}, it has {}",
            difference.seq, difference.expected, difference.found
        ));
    }
    let odd = seen.all.iter().find_map(|observed| match observed.ended {
        Some((Seen::Status(status), _)) if !matches!(status, 200 | 500 | 503) => Some(status),
        _ => None,
    });
    if let Some(status) = odd {
        notes.push(format!("some answers had the status {status}; they count as failed"));
    }
    let cores = scenario.machine.cores.get();
    let report = match measured::report(&merged, &seen, ended.cpu.map(|cpu| (cpu, cores))) {
        Ok(report) => Some(report),
        Err(error) => {
            holds = false;
            notes.push(error.to_string());
            None
        }
    };
    Ok(Measuring { merged, seen, report, holds, others })
}

/// Each request's sojourn time, three times over.
fn one_by_one(
    ideal: &Scenario,
    has_theory: bool,
    simulated: &Trace,
    seen: &Observations,
) -> Vec<OneRequest> {
    let mut clients = Clients::new(ideal);
    let mut requests: Vec<_> = std::iter::from_fn(|| clients.ask())
        .map(|question| OneRequest { at: question.at, ..OneRequest::default() })
        .collect();
    if has_theory && let Some(counted) = counted::sojourn_times(ideal) {
        requests.iter_mut().zip(counted).for_each(|(one, span)| one.theory = span);
    }
    let spans = sojourns(simulated);
    requests.resize(requests.len().max(spans.len()), OneRequest::default());
    requests.iter_mut().zip(spans).for_each(|(one, span)| one.simulated = span);
    for (one, observed) in requests.iter_mut().zip(&seen.all) {
        one.at = observed.question.at;
        if let Some((Seen::Status(200), ended)) = observed.ended {
            one.measured = Some(ended.since(observed.question.at));
        }
    }
    requests
}

/// The sojourn times of a run's answered requests, by number.
fn sojourns(trace: &Trace) -> Vec<Option<Span>> {
    let mut world = World::new(&trace.header);
    let mut spans = Vec::new();
    for event in &trace.events {
        if let Ok(Some(departure)) = world.apply(event)
            && departure.outcome == Outcome::Answered
        {
            let request = departure.request;
            let index = usize::try_from(request.id.0).map_or(0, |number| number - 1);
            spans.resize(spans.len().max(index + 1), None);
            spans[index] = Some(departure.at.since(request.arrived));
        }
    }
    spans
}

/// How long the server may take to drain, at its end or as a fault of the scenario.
fn drain_ms(scenario: &Scenario) -> u64 {
    let drain = scenario.faults.iter().find_map(|fault| match fault.kind {
        FaultKind::Drain { deadline } => Some(deadline.as_nanos() / 1_000_000),
        _ => None,
    });
    // At a horizon the rest is given up at once.
    drain.unwrap_or(if scenario.horizon.is_some() { 100 } else { 10_000 })
}

/// A folder that goes with this value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> anyhow::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("native-server-experiment-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).with_context(|| path.display().to_string())?;
        Ok(Self(path))
    }
}

impl Folder {
    /// Where the server records.
    fn recording(&self) -> PathBuf {
        self.0.join("run.jsonl")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is the system's to sweep.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// So many requests are shown one by one.
const FEW_REQUESTS: u64 = 20;
/// More cores than this used by others are worth a word.
const OTHERS_MAX: f64 = 0.2;
/// A generator that is later than this is worth a word.
const LATE_MAX: Span = Span::from_millis(1);
