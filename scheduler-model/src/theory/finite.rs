//! Exponential service with a bound on how many are there: M/M/c/K, and a closed number of clients.
//!
//! Waiting is first come, first served. Without a bound the station is an
//! [`Mmc`](super::Mmc).

use std::num::NonZeroU32;

use super::birth_death::BirthDeath;
use super::mmc::share_beyond;
use super::search::first_below;

/// A station with `c` workers, room for `K` jobs, and exponential service. An arrival that finds it
/// full is turned away; a client that is turned away thinks again.
///
/// Rates are per second, times in seconds; any other unit will do, if it is the same throughout.
///
/// ```
/// use std::num::NonZeroU32;
/// use scheduler_model::theory::FiniteQueue;
///
/// let workers = |c| NonZeroU32::new(c).expect("not zero");
/// // Two workers and three places to wait: a queue of n places is M/M/c/(c + n).
/// let station = FiniteQueue::open(3.0, 2.0, workers(2), 5).expect("legal rates");
/// assert!((station.loss() - 0.085_114).abs() < 1e-6);
/// assert!((station.mean_waiting_time() - 0.230_858).abs() < 1e-6);
///
/// // Sixteen clients that think for 9 s and ask for 1 s of four workers.
/// let station = FiniteQueue::closed(workers(16), 9.0, 1.0, workers(4)).expect("legal times");
/// assert!((station.throughput() - 1.596_630).abs() < 1e-6);
/// assert!((station.mean_sojourn_time() - 1.021_105).abs() < 1e-6);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct FiniteQueue {
    service_rate: f64,
    workers: u32,
    cores: u32,
    /// Share of attempts that are turned away.
    loss: f64,
    chain: BirthDeath,
}

/// Who asks, seen from a station that serves at rate 1 per worker.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asking {
    /// Arrivals at a rate that does not depend on how many are there.
    Open(f64),
    /// Clients that think for this long.
    Closed { clients: u32, think: f64 },
}

impl FiniteQueue {
    /// The largest room that is solved: its states are held in memory.
    pub const CAPACITY_MAX: u64 = 1 << 24;

    /// M/M/c/K with arrival rate λ, service rate μ of each worker, c workers, and room for
    /// `capacity` jobs (K), those in service among them. Of workers beyond the capacity there is no
    /// use. `None` when a rate is not positive and finite, for no room at all, and for more than
    /// [`FiniteQueue::CAPACITY_MAX`].
    ///
    /// L. Kleinrock, *Queueing Systems, Volume 1* (1975), §3.4–3.6.
    pub fn open(
        arrival_rate: f64,
        service_rate: f64,
        workers: NonZeroU32,
        capacity: u64,
    ) -> Option<Self> {
        let load = arrival_rate / service_rate;
        let legal = is_positive(arrival_rate) && is_positive(service_rate);
        let workers = workers.get();
        legal.then(|| Self::new(Asking::Open(load), service_rate, workers, workers, capacity))?
    }

    /// A closed system: `clients` that each think for a time of mean `think_time`, ask, and wait
    /// for the answer, which takes an exponential time of rate `service_rate` on one of `workers`.
    /// There is room for all of them. `None` when a time is negative, the rate not positive, one of
    /// them not finite, or for more than [`FiniteQueue::CAPACITY_MAX`] clients.
    ///
    /// The machine-repairman model; only the mean of the thinking time matters. L. Kleinrock,
    /// *Queueing Systems, Volume 1* (1975), §3.8.
    pub fn closed(
        clients: NonZeroU32,
        think_time: f64,
        service_rate: f64,
        workers: NonZeroU32,
    ) -> Option<Self> {
        let legal = think_time.is_finite() && think_time >= 0.0 && is_positive(service_rate);
        let (clients, workers) = (clients.get(), workers.get());
        let asking = Asking::Closed { clients, think: think_time * service_rate };
        legal.then(|| Self::new(asking, service_rate, workers, workers, clients.into()))?
    }

    /// The general station: of its workers only as many as there are `cores` make progress at full
    /// speed, and all share them evenly. `None` when there is no room, or when clients that do not
    /// think would be turned away for ever.
    pub(super) fn new(
        asking: Asking,
        service_rate: f64,
        workers: u32,
        cores: u32,
        capacity: u64,
    ) -> Option<Self> {
        let death = |n: u64| to_f64(n.min(cores.min(workers).into()));
        let (capacity, birth): (u64, Box<dyn Fn(u64) -> f64>) = match asking {
            Asking::Open(load) => (capacity, Box::new(move |_| load)),
            Asking::Closed { clients, think } => (
                capacity.min(clients.into()),
                Box::new(move |n| to_f64(u64::from(clients).saturating_sub(n)) / think),
            ),
        };
        if capacity == 0 || capacity > Self::CAPACITY_MAX {
            return None;
        }
        let chain = match asking {
            Asking::Closed { clients, think: 0.0 } => {
                let always = u64::from(clients) == capacity;
                always.then(|| BirthDeath::always(capacity))?
            }
            _ => BirthDeath::solve(capacity, &birth, death),
        };
        let refused = match asking {
            // Everybody is inside, and what remains of the births is 0/0.
            Asking::Closed { clients, .. } if u64::from(clients) <= capacity => 0.0,
            _ => chain.share(capacity) * birth(capacity),
        };
        let served = chain.mean(death);
        let workers = u32::try_from(capacity).unwrap_or(u32::MAX).min(workers);
        Some(Self { service_rate, workers, cores, loss: refused / (refused + served), chain })
    }

    /// Share of time with `n` jobs there, waiting or served.
    pub fn probability(&self, n: u64) -> f64 {
        self.chain.share(n)
    }

    /// Share of attempts that are turned away, 0..=1.
    pub const fn loss(&self) -> f64 {
        self.loss
    }

    /// Jobs that are served per unit of time (X).
    pub fn throughput(&self) -> f64 {
        self.chain.mean(|n| self.death(n)) * self.service_rate
    }

    /// Share of worker time with a job, 0..=1.
    pub fn utilisation(&self) -> f64 {
        self.chain.mean(|n| to_f64(n.min(self.workers.into()))) / f64::from(self.workers)
    }

    /// Mean number of jobs that wait or are served (L).
    pub fn mean_in_system(&self) -> f64 {
        self.chain.mean(to_f64)
    }

    /// Mean number of jobs that wait (Lq).
    pub fn mean_in_queue(&self) -> f64 {
        self.chain.mean(|n| to_f64(n.saturating_sub(self.workers.into())))
    }

    /// Mean waiting time of the jobs that were let in (Wq), by Little's law.
    pub fn mean_waiting_time(&self) -> f64 {
        self.mean_in_queue() / self.throughput()
    }

    /// Mean sojourn time of the jobs that were let in (W), by Little's law.
    pub fn mean_sojourn_time(&self) -> f64 {
        self.mean_in_system() / self.throughput()
    }

    /// Share of the jobs that were let in which had to wait, 0..=1.
    pub fn wait_probability(&self) -> f64 {
        self.found_at_least(self.workers.into())
    }

    /// The waiting time that the share `quantile` of the jobs let in does not exceed. `None` unless
    /// 0 ≤ `quantile` < 1.
    pub fn waiting_time_quantile(&self, quantile: f64) -> Option<f64> {
        let beyond = share_beyond(quantile)?;
        let ahead = self.ahead();
        let tail = |ticks| poisson_mean(ticks, |n| ahead.beyond(n));
        Some(first_below(beyond, tail) / self.ticks_per_time())
    }

    /// The sojourn time that the share `quantile` of the jobs let in does not exceed. `None` unless
    /// 0 ≤ `quantile` < 1, and where workers share fewer cores, for there it is not known.
    pub fn sojourn_time_quantile(&self, quantile: f64) -> Option<f64> {
        let beyond = share_beyond(quantile)?;
        if self.cores < self.workers {
            return None;
        }
        let ahead = self.ahead();
        let tail = |ticks| poisson_mean(ticks, |n| ahead.beyond(n) + ahead.in_service(n));
        Some(first_below(beyond, tail) / self.ticks_per_time())
    }

    /// Share of the jobs that were let in which found `size` or more there.
    pub(super) fn found_at_least(&self, size: u64) -> f64 {
        self.found().filter(|&(n, _)| n >= size).map(|(_, share)| share).sum()
    }

    /// Ends of service with `n` there, in the unit of a worker's rate.
    fn death(&self, n: u64) -> f64 {
        to_f64(n.min(self.cores.min(self.workers).into()))
    }

    /// What a job that is let in finds: sizes and their shares. Those who go from n to n + 1 are as
    /// many as those who go back.
    fn found(&self) -> impl Iterator<Item = (u64, f64)> {
        let served = self.chain.mean(|n| self.death(n));
        let down = self.chain.iter().filter(|&(n, _)| n > 0);
        down.map(move |(n, share)| (n - 1, share * self.death(n) / served))
    }

    /// While all workers are busy, services end as the ticks of a Poisson process of this rate: a
    /// time is found by counting ticks (uniformisation; A. Jensen (1953)).
    fn ticks_per_time(&self) -> f64 {
        f64::from(self.cores.min(self.workers)) * self.service_rate
    }

    fn ahead(&self) -> Ahead {
        let mut shares = vec![0.0];
        for (n, share) in self.found() {
            match n.checked_sub(u64::from(self.workers) - 1) {
                None | Some(0) => shares[0] += share,
                Some(ends) => {
                    shares.resize(usize::try_from(ends).expect("it was in memory"), 0.0);
                    shares.push(share);
                }
            }
        }
        let mut beyond: Vec<f64> = shares
            .iter()
            .rev()
            .scan(0.0, |sum, share| {
                let beyond = *sum;
                *sum += share;
                Some(beyond)
            })
            .collect();
        beyond.reverse();
        let stays = 1.0 - 1.0 / f64::from(self.workers);
        let in_service = shares
            .iter()
            .scan(0.0, |inside, share| {
                *inside = stays * *inside + share;
                Some(*inside)
            })
            .collect();
        Ahead { beyond, in_service, stays }
    }
}

/// How many services must end before that of a job that is let in begins; ends are counted in
/// ticks.
struct Ahead {
    /// Share of jobs that have not begun after n ticks.
    beyond: Vec<f64>,
    /// Share of jobs that have begun after n ticks and have not ended: one of the ticks that follow
    /// is a job's own with probability 1/c.
    in_service: Vec<f64>,
    stays: f64,
}

impl Ahead {
    fn beyond(&self, ticks: u64) -> f64 {
        usize::try_from(ticks).ok().and_then(|n| self.beyond.get(n)).copied().unwrap_or(0.0)
    }

    fn in_service(&self, ticks: u64) -> f64 {
        let last = self.in_service.len() - 1;
        let n = usize::try_from(ticks).unwrap_or(usize::MAX);
        let inside = self.in_service[n.min(last)];
        if n <= last { inside } else { inside * libm::pow(self.stays, to_f64((n - last) as u64)) }
    }
}

/// The mean of `of` over a Poisson count with this mean, from the terms that matter.
fn poisson_mean(mean: f64, of: impl Fn(u64) -> f64) -> f64 {
    // Ten standard deviations leave out less than 10⁻²²; small means need room to the right.
    let reach = 10.0 * libm::sqrt(mean) + 40.0;
    let mode = floor(mean);
    let (mut weights, mut sum) = (1.0, of(mode));
    let mut weight = 1.0;
    for n in (floor((mean - reach).max(0.0))..mode).rev() {
        weight *= to_f64(n + 1) / mean;
        (weights, sum) = (weights + weight, sum + weight * of(n));
    }
    weight = 1.0;
    for n in mode + 1..=floor(mean + reach) {
        weight *= mean / to_f64(n);
        (weights, sum) = (weights + weight, sum + weight * of(n));
    }
    sum / weights
}

fn is_positive(rate: f64) -> bool {
    rate.is_finite() && rate > 0.0
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative")]
fn floor(x: f64) -> u64 {
    x as u64
}

#[expect(clippy::cast_precision_loss, reason = "counts of jobs lie far below 2⁵³")]
pub(super) fn to_f64(n: u64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workers(c: u32) -> NonZeroU32 {
        NonZeroU32::new(c).unwrap()
    }

    #[test]
    fn clients_that_do_not_think_keep_every_worker_busy() {
        let station = FiniteQueue::closed(workers(6), 0.0, 2.0, workers(4)).unwrap();
        assert!((station.throughput() - 8.0).abs() < 1e-12);
        assert!((station.mean_sojourn_time() - 0.75).abs() < 1e-12);
        assert!((station.wait_probability() - 1.0).abs() < 1e-12);
        // Refused for ever, without end at one instant.
        let asking = Asking::Closed { clients: 6, think: 0.0 };
        assert_eq!(FiniteQueue::new(asking, 2.0, 4, 4, 5), None);
    }

    #[test]
    fn one_client_never_waits() {
        let station = FiniteQueue::closed(workers(1), 9.0, 1.0, workers(4)).unwrap();
        assert!((station.throughput() - 0.1).abs() < 1e-15);
        assert!((station.mean_sojourn_time() - 1.0).abs() < 1e-15);
        assert!(station.loss() == 0.0);
        let p99 = station.sojourn_time_quantile(0.99).unwrap();
        assert!((p99 - libm::log(100.0)).abs() < 1e-12, "{p99}");
    }

    #[test]
    fn a_station_without_room_and_illegal_rates_have_no_answer() {
        assert_eq!(FiniteQueue::open(1.0, 1.0, workers(1), 0), None);
        assert_eq!(FiniteQueue::open(2.0, 1.0, workers(1), u64::MAX), None);
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(FiniteQueue::open(rate, 1.0, workers(1), 1), None);
            assert_eq!(FiniteQueue::open(1.0, rate, workers(1), 1), None);
        }
        assert_eq!(FiniteQueue::closed(workers(1), -1.0, 1.0, workers(1)), None);
    }

    #[test]
    fn a_large_room_has_the_quantiles_of_a_queue_without_a_bound() {
        let finite = FiniteQueue::open(3.2, 1.0, workers(4), 1_000).unwrap();
        let endless = super::super::Mmc::new(3.2, 1.0, workers(4)).unwrap();
        for quantile in [0.5, 0.95, 0.99] {
            let pairs = [
                (finite.waiting_time_quantile(quantile), endless.waiting_time_quantile(quantile)),
                (finite.sojourn_time_quantile(quantile), endless.sojourn_time_quantile(quantile)),
            ];
            for (ours, formula) in pairs {
                assert!((ours.unwrap() - formula.unwrap()).abs() < 1e-10, "{ours:?} {formula:?}");
            }
        }
    }

    #[test]
    fn workers_beyond_the_capacity_are_of_no_use() {
        let wide = FiniteQueue::open(3.0, 1.0, workers(1024), 2).unwrap();
        let narrow = FiniteQueue::open(3.0, 1.0, workers(2), 2).unwrap();
        assert!((wide.loss() - narrow.loss()).abs() < 1e-15);
        assert!((wide.utilisation() - narrow.utilisation()).abs() < 1e-15);
    }
}
