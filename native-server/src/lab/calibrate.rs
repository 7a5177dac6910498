//! What this computer's costs are: starting a thread, changing threads, waking one, handing it a
//! job, and taking and answering a connection.
//!
//! Each is measured often, on the cores that a server of an experiment has, and told with its
//! spread: the median is what the simulation takes, since others' work makes some samples long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{channel, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use scheduler_model::scenario::{Distribution, Load, MachineConfig, Ranged, RequestKind, Server};
use scheduler_model::{Model, RouteId, Scenario, Span};
use serde::Serialize;

use super::affinity::Shares;
use super::clock::{cpu_time, monotonic};
use super::experiment::{Conditions, server_cpu};
use super::others::Look;
use crate::thread_pool::ThreadPool;

/// A cost: what was seen, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Half of the samples are below.
    pub median: f64,
    /// One in twenty is below.
    pub p5: f64,
    /// One in twenty is above.
    pub p95: f64,
    /// How many samples.
    pub n: usize,
}

/// All costs of this computer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// From the call that starts a thread until the thread runs.
    pub spawn_us: Spread,
    /// A change from one thread to another on one core, each waking the other: half a round trip.
    pub context_switch_us: Spread,
    /// From waking a parked thread until it runs, on another core where there are two.
    pub park_to_run_us: Spread,
    /// From `ThreadPool::execute` on an idle pool until the job runs, on the caller's core.
    pub dispatch_us: Spread,
    /// CPU time of the server for a request that costs nothing itself: accepting its connection,
    /// reading, answering, closing, and recording all that.
    pub accept_us: Spread,
    /// Cores that other programs kept busy meanwhile, on average.
    pub others: Option<f64>,
}

impl Calibration {
    /// Measures this computer; that takes about two seconds.
    ///
    /// # Errors
    ///
    /// When a thread or the server cannot be started.
    pub fn measure() -> anyhow::Result<Self> {
        let shares = Shares::of_this_process(1);
        let (look, own) = (Look::now(), cpu_time());
        let bound = || -> anyhow::Result<_> {
            shares.server.bind();
            Ok((spawn()?, context_switch()?, dispatch()?))
        };
        let (spawn_us, context_switch_us, dispatch_us) = on_own_thread(bound)?;
        let park_to_run_us = on_own_thread(|| park_to_run(&shares))?;
        let others = look.others(cpu_time() - own);
        Ok(Self {
            spawn_us,
            context_switch_us,
            park_to_run_us,
            dispatch_us,
            accept_us: accept()?,
            others,
        })
    }

    /// A computer with these costs, and in all else like `machine`. A job that is handed to another
    /// thread waits for a change of threads as well; the model charges that by itself.
    #[must_use]
    pub fn on(&self, machine: MachineConfig) -> MachineConfig {
        let dispatch = (self.dispatch_us.median - self.context_switch_us.median).max(0.0);
        MachineConfig {
            context_switch: micros(self.context_switch_us.median),
            spawn: micros(self.spawn_us.median),
            dispatch: micros(dispatch),
            accept: micros(self.accept_us.median),
            ..machine
        }
    }
}

impl Spread {
    /// The spread of these samples in ns: at least one.
    #[expect(clippy::cast_precision_loss, reason = "a microsecond has three decimals")]
    fn of(mut samples: Vec<u64>) -> Self {
        samples.sort_unstable();
        let at = |percent: usize| {
            let rank = (samples.len() * percent).div_ceil(100).max(1) - 1;
            samples.get(rank).copied().unwrap_or(0) as f64 / 1e3
        };
        Self { median: at(50), p5: at(5), p95: at(95), n: samples.len() }
    }
}

fn micros(us: f64) -> Span {
    let duration = Duration::from_secs_f64(us.max(0.0) / 1e6);
    Span::from_nanos(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}

/// Runs on a thread that may be bound to a core and then ends.
fn on_own_thread<T: Send>(run: impl FnOnce() -> anyhow::Result<T> + Send) -> anyhow::Result<T> {
    thread::scope(|scope| {
        let started = thread::Builder::new().spawn_scoped(scope, run);
        started.context("a thread cannot be started")?.join().expect("a measurement does not panic")
    })
}

fn spawn() -> anyhow::Result<Spread> {
    let one = |_| {
        let began = monotonic();
        let thread =
            thread::Builder::new().spawn(monotonic).context("a thread cannot be started")?;
        let runs = thread.join().expect("it reads a clock");
        Ok(runs.saturating_sub(began))
    };
    (0..SAMPLES).map(one).collect::<anyhow::Result<_>>().map(Spread::of)
}

/// Two threads of one core that wake each other in turn.
fn context_switch() -> anyhow::Result<Spread> {
    let turns = Arc::new(AtomicU64::new(0));
    let caller = thread::current();
    let of_other = Arc::clone(&turns);
    let n_turns = BATCHES as u64 * BATCH;
    let other = move || {
        for turn in 0..n_turns {
            while of_other.load(Ordering::Acquire) != 2 * turn + 1 {
                thread::park();
            }
            of_other.store(2 * turn + 2, Ordering::Release);
            caller.unpark();
        }
    };
    let other = thread::Builder::new().spawn(other).context("a thread cannot be started")?;
    let mut samples = Vec::with_capacity(BATCHES);
    let mut turn = 0;
    for _ in 0..BATCHES {
        let began = monotonic();
        for _ in 0..BATCH {
            turns.store(2 * turn + 1, Ordering::Release);
            other.thread().unpark();
            turn += 1;
            while turns.load(Ordering::Acquire) != 2 * turn {
                thread::park();
            }
        }
        samples.push((monotonic() - began) / (2 * BATCH));
    }
    other.join().expect("it waits and wakes");
    Ok(Spread::of(samples))
}

/// A thread that parks is woken, and says when it runs.
fn park_to_run(shares: &Shares) -> anyhow::Result<Spread> {
    let woken = Arc::new(AtomicBool::new(false));
    let (ready, is_ready) = sync_channel(0);
    let (ran, at) = channel();
    let (of_other, server) = (Arc::clone(&woken), shares.server.clone());
    let other = move || {
        server.bind();
        for _ in 0..SAMPLES {
            if ready.send(()).is_err() {
                return;
            }
            while !of_other.swap(false, Ordering::AcqRel) {
                thread::park();
            }
            let _ = ran.send(monotonic());
        }
    };
    shares.generator.bind();
    let other = thread::Builder::new().spawn(other).context("a thread cannot be started")?;
    let mut samples = Vec::with_capacity(SAMPLES);
    while is_ready.recv().is_ok() {
        // Long enough for it to park, and for its core to become idle.
        thread::sleep(Duration::from_micros(200));
        let began = monotonic();
        woken.store(true, Ordering::Release);
        other.thread().unpark();
        samples.push(at.recv().context("a thread ended")?.saturating_sub(began));
    }
    Ok(Spread::of(samples))
}

/// A job for an idle worker of the pool, on one core.
fn dispatch() -> anyhow::Result<Spread> {
    let pool = ThreadPool::build(1).context("a pool cannot be started")?;
    let one = |_| {
        // Until its worker waits again.
        thread::sleep(Duration::from_micros(200));
        let (ran, at) = channel();
        let began = monotonic();
        pool.execute(move || {
            let _ = ran.send(monotonic());
        });
        Ok(at.recv().context("a job ended")?.saturating_sub(began))
    };
    (0..SAMPLES).map(one).collect::<anyhow::Result<_>>().map(Spread::of)
}

/// The server's CPU time for a request that costs nothing, over several short runs.
fn accept() -> anyhow::Result<Spread> {
    let mut scenario = Scenario::new("accept", Server::new(Model::Async));
    scenario.requests = vec![RequestKind {
        path: "/".to_owned(),
        cpu: Distribution::Constant(Span::ZERO),
        sleep: Distribution::Constant(Span::ZERO),
        fork: None,
    }];
    scenario.load = Load::Closed {
        clients: Ranged::MIN,
        think: Distribution::Constant(Span::ZERO),
        requests: ACCEPTED,
        mix: vec![(RouteId(0), 1.0)],
    };
    let conditions = Conditions::default();
    let one = |_| {
        let busy = server_cpu(&scenario, &conditions).context("the cost of accepting")?;
        let busy = u64::try_from(busy.as_nanos()).unwrap_or(u64::MAX);
        Ok(busy / ACCEPTED)
    };
    (0..ACCEPT_RUNS).map(one).collect::<anyhow::Result<_>>().map(Spread::of)
}

/// Samples of what takes microseconds.
const SAMPLES: usize = 400;
/// Samples of changes between threads, and round trips in each.
const BATCHES: usize = 40;
const BATCH: u64 = 100;
/// Runs of the server, and requests in each.
const ACCEPT_RUNS: usize = 7;
const ACCEPTED: u64 = 250;
