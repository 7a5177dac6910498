//! M/M/c: Poisson arrivals, exponential service, `c` workers, a queue without a bound.
//!
//! Waiting is first come, first served. With a bounded queue or a finite number of clients the
//! station is a [`FiniteQueue`](super::FiniteQueue).

use std::num::NonZeroU32;

use super::erlang::erlang_c;
use super::search::first_below;

/// A stable M/M/c station. Rates are per second, times in seconds; any other unit will do, if it is
/// the same throughout.
///
/// L. Kleinrock, *Queueing Systems, Volume 1* (1975), §3.5.
///
/// ```
/// use std::num::NonZeroU32;
/// use scheduler_model::theory::Mmc;
///
/// let four = NonZeroU32::new(4).expect("not zero");
/// let station = Mmc::new(320.0, 100.0, four).expect("80 % of what four can do");
/// assert!((station.wait_probability() - 0.596_432).abs() < 1e-6);
/// assert!((station.mean_waiting_time() - 0.007_455).abs() < 1e-6);
/// assert!(Mmc::new(400.0, 100.0, four).is_none(), "the queue grows without bound");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mmc {
    arrival_rate: f64,
    service_rate: f64,
    workers: NonZeroU32,
    wait_probability: f64,
}

impl Mmc {
    /// The station with this arrival rate (λ), service rate of each worker (μ) and number of
    /// workers (c). `None` when λ ≥ cμ, or when a rate is not positive and finite.
    pub fn new(arrival_rate: f64, service_rate: f64, workers: NonZeroU32) -> Option<Self> {
        let legal = |rate: f64| rate.is_finite() && rate > 0.0;
        if !legal(arrival_rate) || !legal(service_rate) {
            return None;
        }
        let wait_probability = erlang_c(arrival_rate / service_rate, workers)?;
        Some(Self { arrival_rate, service_rate, workers, wait_probability })
    }

    /// Share of worker time in use (ρ), 0..1.
    pub fn utilisation(&self) -> f64 {
        self.offered_load() / f64::from(self.workers.get())
    }

    /// Share of arrivals that wait, 0..=1: Erlang C.
    pub const fn wait_probability(&self) -> f64 {
        self.wait_probability
    }

    /// Mean waiting time (Wq), of all arrivals.
    pub fn mean_waiting_time(&self) -> f64 {
        self.wait_probability / self.spare_workers() / self.service_rate
    }

    /// Mean sojourn time (W).
    pub fn mean_sojourn_time(&self) -> f64 {
        self.mean_waiting_time() + 1.0 / self.service_rate
    }

    /// Mean number of jobs that wait (Lq).
    pub fn mean_in_queue(&self) -> f64 {
        self.arrival_rate * self.mean_waiting_time()
    }

    /// Mean number of jobs that wait or are served (L).
    pub fn mean_in_system(&self) -> f64 {
        self.mean_in_queue() + self.offered_load()
    }

    /// The waiting time that the share `quantile` of all arrivals does not exceed; zero for those
    /// that need not wait. `None` unless 0 ≤ `quantile` < 1.
    pub fn waiting_time_quantile(&self, quantile: f64) -> Option<f64> {
        let beyond = share_beyond(quantile)?;
        let waits = libm::log(self.wait_probability / beyond).max(0.0);
        Some(waits / self.spare_workers() / self.service_rate)
    }

    /// The sojourn time that the share `quantile` of all jobs does not exceed. `None` unless
    /// 0 ≤ `quantile` < 1.
    pub fn sojourn_time_quantile(&self, quantile: f64) -> Option<f64> {
        let beyond = share_beyond(quantile)?;
        Some(first_below(beyond, |services| self.sojourn_tail(services)) / self.service_rate)
    }

    /// Share of jobs whose sojourn is longer than this many mean service times.
    fn sojourn_tail(&self, services: f64) -> f64 {
        // Service ends at rate 1, waiting at rate 1 + d; the two may be equal.
        let d = self.spare_workers() - 1.0;
        let both = if d == 0.0 {
            services * libm::exp(-services)
        } else if d > 0.0 {
            -libm::exp(-services) * libm::expm1(-services * d) / d
        } else {
            libm::exp(-services * (1.0 + d)) * libm::expm1(services * d) / d
        };
        libm::exp(-services) + self.wait_probability * both
    }

    /// a = λ/μ.
    fn offered_load(&self) -> f64 {
        self.arrival_rate / self.service_rate
    }

    /// c − a, above 0.
    fn spare_workers(&self) -> f64 {
        f64::from(self.workers.get()) - self.offered_load()
    }
}

/// The share beyond a quantile, above 0; `None` for no quantile.
pub(super) fn share_beyond(quantile: f64) -> Option<f64> {
    (0.0..1.0).contains(&quantile).then_some(1.0 - quantile)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sojourn_of_one_worker_is_exponential() {
        let station = Mmc::new(0.5, 1.0, NonZeroU32::MIN).unwrap();
        let p99 = station.sojourn_time_quantile(0.99).unwrap();
        assert!((p99 - libm::log(100.0) / 0.5).abs() < 1e-9, "{p99}");
    }

    #[test]
    fn equal_rates_of_waiting_and_service_are_no_division_by_zero() {
        let at = |load: f64| {
            let station = Mmc::new(load, 1.0, NonZeroU32::new(2).unwrap()).unwrap();
            station.sojourn_time_quantile(0.9).unwrap()
        };
        assert!((at(1.0) - at(1.0 + 1e-9)).abs() < 1e-6);
        assert!((at(1.0) - at(1.0 - 1e-9)).abs() < 1e-6);
    }

    #[test]
    fn no_unit_is_too_small_or_too_large() {
        for unit in [1e-300, 1.0, 1e300] {
            let station = Mmc::new(3.6 * unit, unit, NonZeroU32::new(4).unwrap()).unwrap();
            assert!((station.mean_waiting_time() * unit - 1.969_383).abs() < 1e-6);
            assert!((station.waiting_time_quantile(0.99).unwrap() * unit - 10.916_5).abs() < 1e-4);
            assert!(station.sojourn_time_quantile(0.99).unwrap() * unit > 10.9);
        }
    }

    #[test]
    fn rates_that_are_none_make_no_station() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Mmc::new(rate, 1.0, NonZeroU32::MIN), None);
            assert_eq!(Mmc::new(1.0, rate, NonZeroU32::MIN), None);
        }
    }

    #[test]
    fn a_quantile_lies_below_one() {
        let station = Mmc::new(0.5, 1.0, NonZeroU32::MIN).unwrap();
        assert_eq!(station.waiting_time_quantile(0.5), Some(0.0), "half of them need not wait");
        for quantile in [-0.1, 1.0, f64::NAN] {
            assert_eq!(station.sojourn_time_quantile(quantile), None);
        }
    }
}
