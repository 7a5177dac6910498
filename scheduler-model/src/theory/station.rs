//! A server in its steady state: which law describes it, and what that says.

use std::num::NonZeroU32;

use crate::Model;

use super::basis::{Basis, Reason};
use super::demand::Demand;
use super::expected::{Expected, always, mean_only, times};
use super::finite::{Asking, FiniteQueue};
use super::mg1::mg1_mean_waiting_time;
use super::mmc::{Mmc, share_beyond};
use super::sharing::Sharing;

/// A server, as far as a steady state depends on it. Under `spawn` its workers are all the threads
/// there can be.
#[derive(Clone, Debug)]
pub(super) struct Station {
    pub(super) model: Model,
    pub(super) workers: NonZeroU32,
    pub(super) cores: u32,
    /// Whether cores have a quantum; without one they are shared evenly.
    pub(super) takes_turns: bool,
    /// Room for so many requests, served or waiting.
    pub(super) capacity: Option<u64>,
    /// Whether it is the kernel that turns away what finds no room.
    pub(super) by_kernel: bool,
    pub(super) drops_oldest: bool,
    /// How many requests there are in the run.
    pub(super) requests: u64,
    pub(super) cpu: Demand,
    pub(super) sleep: Demand,
    pub(super) both: Demand,
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asked {
    /// Poisson arrivals, so many a second.
    Open { rate: f64 },
    /// Clients, and their mean thinking time in seconds.
    Closed { clients: u32, think: f64 },
}

/// The law, what it says, and the share of requests that are turned away.
type Solved = Result<(Basis, Expected, f64), Reason>;

impl Station {
    /// Finds the law.
    pub(super) fn solve(&self, asked: Asked) -> Solved {
        let all_inside = match asked {
            Asked::Open { .. } => self.capacity == Some(self.workers.get().into()),
            Asked::Closed { clients, .. } => clients <= self.workers.get(),
        };
        if all_inside {
            return self.nobody_waits_for_a_worker(asked);
        }
        match asked {
            // Rejected clients of a closed load ask again, so that a bound is a part of its law.
            Asked::Closed { .. } if self.model == Model::Spawn => {
                Err(Reason::ThreadsRunOut { threads: self.workers.get().into() })
            }
            Asked::Open { rate } if self.is_contended() => self.open_on_shared_cores(rate),
            Asked::Open { rate } => self.open(rate),
            Asked::Closed { clients, think } => self.closed(clients, think),
        }
    }

    /// Whoever is let in has a worker, and shares the cores if there are fewer of them.
    fn nobody_waits_for_a_worker(&self, asked: Asked) -> Solved {
        let (cpu, sleep) = (self.cpu.mean(), self.sleep.mean());
        if self.takes_turns && self.is_contended() && self.cpu.exponential().is_none() {
            return Err(Reason::Turns);
        }
        let workers = self.workers.get();
        let (basis, shared) = match asked {
            Asked::Open { rate } => {
                let cores = if cpu == 0.0 { workers } else { self.cores };
                self.check_filled(rate * cpu / f64::from(cores), rate)?;
                let basis = if self.is_contended() {
                    Basis::Sharing { cores }
                } else {
                    Basis::Loss { workers }
                };
                (basis, Sharing::open(rate, cpu, sleep, cores, workers))
            }
            Asked::Closed { clients, think } => (
                Basis::ClosedSharing { clients, cores: self.cores },
                Sharing::closed(clients, think, cpu, sleep, self.cores),
            ),
        };
        let shared = shared.ok_or(match asked {
            Asked::Open { .. } => Reason::StillFilling { capacity: workers.into() },
            Asked::Closed { .. } => Reason::NoTime,
        })?;
        let mut expected = self.expected();
        if self.model == Model::Spawn {
            expected.utilisation = Some(shared.utilisation);
            expected.waited = Some(if cpu == 0.0 { 0.0 } else { shared.finds_no_core });
        } else {
            expected.utilisation = Some(shared.mean_threads / f64::from(workers));
            expected.waited = Some(0.0);
        }
        let contended = self.is_contended()
            && !matches!(asked, Asked::Closed { clients, .. } if clients <= self.cores);
        if contended {
            expected.sojourn_time = mean_only(shared.mean_sojourn_time);
            if !self.takes_turns {
                expected.waiting_time = always(0.0);
            }
        } else {
            expected.sojourn_time = self.both.times();
            expected.waiting_time = always(0.0);
        }
        Ok((basis, expected, shared.loss))
    }

    /// Poisson arrivals to workers that have a core each whenever they need one.
    fn open(&self, rate: f64) -> Solved {
        let workers = self.workers.get();
        let mut expected = self.expected();
        let utilisation = rate * self.both.mean() / f64::from(workers);
        if let Some(mean) = self.both.exponential() {
            let Some(capacity) = self.capacity else {
                let queue = Mmc::new(rate, 1.0 / mean, self.workers);
                let queue = queue.ok_or(Reason::Unstable { utilisation })?;
                expected.utilisation = Some(queue.utilisation());
                expected.waited = Some(queue.wait_probability());
                expected.waiting_time =
                    times(queue.mean_waiting_time(), |q| queue.waiting_time_quantile(q));
                expected.sojourn_time =
                    times(queue.mean_sojourn_time(), |q| queue.sojourn_time_quantile(q));
                return Ok((Basis::Mmc { workers }, expected, 0.0));
            };
            self.check_filled(utilisation, rate)?;
            let queue = FiniteQueue::open(rate, 1.0 / mean, self.workers, capacity);
            let queue = queue.ok_or(Reason::NoRoom)?;
            self.read(&queue, &mut expected);
            return Ok((Basis::Mmck { workers, capacity }, expected, queue.loss()));
        }
        if workers > 1 {
            return Err(Reason::GeneralService { workers });
        }
        if let Some(capacity) = self.capacity {
            let fills = self.both.backlog_tail(rate, super::finite::to_f64(capacity));
            if fills > SELDOM {
                return Err(Reason::BoundedRoom { capacity });
            }
        }
        let (mean, variation) = (self.both.mean(), self.both.squared_variation());
        let waits = mg1_mean_waiting_time(rate, mean, variation);
        let waits = waits.ok_or(Reason::Unstable { utilisation })?;
        expected.utilisation = Some(utilisation);
        expected.waited = Some(utilisation);
        expected.waiting_time = mean_only(waits);
        expected.sojourn_time = mean_only(waits + mean);
        Ok((Basis::Mg1, expected, 0.0))
    }

    /// Poisson arrivals to workers that share fewer cores.
    fn open_on_shared_cores(&self, rate: f64) -> Solved {
        let mean = self.exponential_cpu()?;
        let workers = self.workers.get();
        let mut expected = self.expected();
        let utilisation = rate * mean / f64::from(self.cores);
        if let Some(capacity) = self.capacity {
            self.check_filled(utilisation, rate)?;
            let queue = FiniteQueue::new(
                Asking::Open(rate * mean),
                1.0 / mean,
                workers,
                self.cores,
                capacity,
            );
            let queue = queue.ok_or(Reason::NoRoom)?;
            self.read(&queue, &mut expected);
            let workers = self.cores;
            return Ok((Basis::Mmck { workers, capacity }, expected, queue.loss()));
        }
        let cores = NonZeroU32::new(self.cores).expect("its range begins at 1");
        let queue = Mmc::new(rate, 1.0 / mean, cores).ok_or(Reason::Unstable { utilisation })?;
        // Above as many requests as cores, one more is ρ times as likely.
        let spare_workers = f64::from(workers - self.cores);
        let waited = queue.wait_probability() * libm::pow(utilisation, spare_workers);
        let in_queue = waited * utilisation / (1.0 - utilisation);
        expected.waited = Some(waited);
        expected.sojourn_time = mean_only(queue.mean_sojourn_time());
        expected.utilisation = Some((queue.mean_in_system() - in_queue) / f64::from(workers));
        if !self.takes_turns {
            let drains = f64::from(self.cores) / mean * (1.0 - utilisation);
            expected.waiting_time = times(in_queue / rate, |quantile| {
                Some(libm::log(waited / share_beyond(quantile)?).max(0.0) / drains)
            });
        }
        Ok((Basis::Mmc { workers: self.cores }, expected, 0.0))
    }

    /// Clients of which some wait for a worker.
    fn closed(&self, clients: u32, think: f64) -> Solved {
        let workers = self.workers.get();
        let mean = if self.is_contended() {
            self.exponential_cpu()?
        } else {
            self.both.exponential().ok_or(Reason::ClosedGeneral)?
        };
        let cores = if self.is_contended() { self.cores } else { workers };
        let capacity = self.capacity.unwrap_or(u64::MAX);
        let asking = Asking::Closed { clients, think: think / mean };
        let queue = FiniteQueue::new(asking, 1.0 / mean, workers, cores, capacity);
        let queue = queue.ok_or(Reason::NoTime)?;
        let mut expected = self.expected();
        self.read(&queue, &mut expected);
        Ok((Basis::Closed { clients, workers }, expected, queue.loss()))
    }

    /// What a queue with a bound says.
    fn read(&self, queue: &FiniteQueue, expected: &mut Expected) {
        expected.utilisation = Some(queue.utilisation());
        if self.drops_oldest && queue.loss() > 0.0 {
            // Who is dropped has waited; of the times of the others only this is not known.
            return;
        }
        expected.waited = Some(queue.wait_probability());
        expected.sojourn_time =
            times(queue.mean_sojourn_time(), |q| queue.sojourn_time_quantile(q));
        if !(self.takes_turns && self.is_contended()) {
            expected.waiting_time =
                times(queue.mean_waiting_time(), |q| queue.waiting_time_quantile(q));
        }
    }

    /// Workers that share fewer cores have a law only for exponential CPU time and no sleep.
    fn exponential_cpu(&self) -> Result<f64, Reason> {
        let (workers, cores) = (self.workers.get(), self.cores);
        if !self.sleep.is_zero() {
            return Err(Reason::SleepHoldsWorker { workers, cores });
        }
        self.cpu.exponential().ok_or(Reason::CoresShared { workers, cores })
    }

    /// In an overload the room fills at the rate of what cannot be served; the run must be much
    /// longer than that.
    fn check_filled(&self, utilisation: f64, rate: f64) -> Result<(), Reason> {
        let Some(capacity) = self.capacity else { return Ok(()) };
        let surplus = rate * (1.0 - 1.0 / utilisation);
        let fills = super::finite::to_f64(capacity) / surplus;
        let lasts = super::finite::to_f64(self.requests) / rate;
        if surplus > 0.0 && fills > lasts * FILLING_MAX {
            return Err(Reason::StillFilling { capacity });
        }
        Ok(())
    }

    fn is_contended(&self) -> bool {
        self.cores < self.workers.get() && !self.cpu.is_zero()
    }

    fn expected(&self) -> Expected {
        let mut expected = Expected::of(self.model);
        if self.model != Model::Spawn {
            expected.threads_peak = Some(self.workers.get().into());
        }
        expected
    }
}

/// Room that so few arrivals find full is taken for room without a bound.
const SELDOM: f64 = 1e-9;

/// The part of a run that may pass until an overloaded room is full.
const FILLING_MAX: f64 = 0.05;
