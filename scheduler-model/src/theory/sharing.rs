//! Threads that share cores evenly and then sleep: processor sharing followed by a delay.
//!
//! The number of threads at the cores does not depend on the distribution of anything but on means,
//! for every number of cores (J. W. Cohen, "The multiple phase service network with generalized
//! processor sharing" (1979); F. Baskett, K. M. Chandy, R. R. Muntz and F. G. Palacios, "Open,
//! closed, and mixed networks of queues with different classes of customers" (1975)). Times are in
//! seconds.

use super::birth_death::BirthDeath;
use super::finite::{FiniteQueue, to_f64};

/// The steady state of threads on cores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sharing {
    /// Requests answered per second.
    pub(super) throughput: f64,
    /// Share of requests that find no thread, 0..=1.
    pub(super) loss: f64,
    /// Share of the others that find every core at work.
    pub(super) finds_no_core: f64,
    /// Mean sojourn time of the others.
    pub(super) mean_sojourn_time: f64,
    /// Share of core time in use, 0..=1.
    pub(super) utilisation: f64,
    /// Mean number of threads.
    pub(super) mean_threads: f64,
}

impl Sharing {
    /// Poisson arrivals, each with a thread of its own while there are fewer than `threads_max`.
    /// `None` when the answer is too far out for this arithmetic: an overload of very many threads
    /// that mostly sleep.
    pub(super) fn open(
        arrival_rate: f64,
        cpu: f64,
        sleep: f64,
        cores: u32,
        threads_max: u32,
    ) -> Option<Self> {
        let (load, delay) = (arrival_rate * cpu, arrival_rate * sleep);
        let max = u64::from(threads_max);
        let at_cores = BirthDeath::solve(max, |_| load, |n| to_f64(n.min(cores.into())));
        let asleep = BirthDeath::solve(max, |_| delay, to_f64);
        // Independent but for their sum, which has a bound.
        let within = |bound: u64| {
            let up_to = cumulated(&asleep, bound);
            move |n: u64| bound.checked_sub(n).map_or(0.0, &up_to)
        };
        let (sleepers, others) = (within(max), within(max - 1));
        let weight = at_cores.mean(&sleepers);
        let admitted = at_cores.mean(&others);
        if weight < 1e-250 || admitted < 1e-250 {
            return None;
        }
        let full = at_cores.mean(|n| max.checked_sub(n).map_or(0.0, |left| asleep.share(left)));
        let busy = at_cores.mean(|n| to_f64(n.min(cores.into())) * sleepers(n)) / weight;
        let crowded = at_cores.mean(|n| if n >= cores.into() { others(n) } else { 0.0 });
        let running = at_cores.mean(|n| to_f64(n) * sleepers(n)) / weight;
        let loss = full / weight;
        let throughput = arrival_rate * admitted / weight;
        // A thread's sleep lasts as long however many there are.
        let mean_threads = running + throughput * sleep;
        Some(Self {
            throughput,
            loss,
            finds_no_core: crowded / admitted,
            mean_sojourn_time: running / throughput + sleep,
            utilisation: busy / f64::from(cores),
            mean_threads,
        })
    }

    /// Clients that think, ask, and wait; there is a thread for each of them. `None` when nothing
    /// takes any time.
    pub(super) fn closed(
        clients: u32,
        think: f64,
        cpu: f64,
        sleep: f64,
        cores: u32,
    ) -> Option<Self> {
        let away = think + sleep;
        if cpu > 0.0 {
            let asking = super::finite::Asking::Closed { clients, think: away / cpu };
            // Every client at the cores has a worker there; they share the cores.
            let station = FiniteQueue::new(asking, 1.0 / cpu, clients, cores, clients.into())?;
            let throughput = station.throughput();
            let at_cores = station.mean_sojourn_time();
            return Some(Self {
                throughput,
                loss: 0.0,
                finds_no_core: station.found_at_least(cores.into()),
                mean_sojourn_time: at_cores + sleep,
                utilisation: throughput * cpu / f64::from(cores),
                mean_threads: throughput * (at_cores + sleep),
            });
        }
        let throughput = f64::from(clients) / away;
        (away > 0.0).then_some(Self {
            throughput,
            loss: 0.0,
            finds_no_core: 0.0,
            mean_sojourn_time: sleep,
            utilisation: 0.0,
            mean_threads: throughput * sleep,
        })
    }
}

/// Share of time with at most so many there, for up to `bound`.
fn cumulated(chain: &BirthDeath, bound: u64) -> impl Fn(u64) -> f64 + use<> {
    let mut sum = 0.0;
    let sums: Vec<(u64, f64)> = chain
        .iter()
        .take_while(|&(n, _)| n <= bound)
        .map(|(n, share)| {
            sum += share;
            (n, sum)
        })
        .collect();
    move |n| match sums.partition_point(|&(size, _)| size <= n) {
        0 => 0.0,
        after => sums[after - 1].1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::erlang_b;
    use std::num::NonZeroU32;

    fn close(ours: f64, other: f64) {
        assert!((ours - other).abs() < 1e-10 * other.abs().max(1.0), "{ours} {other}");
    }

    #[test]
    fn one_core_and_threads_enough_is_processor_sharing() {
        let shared = Sharing::open(0.8, 1.0, 3.0, 1, 1_000).unwrap();
        close(shared.mean_sojourn_time, 5.0 + 3.0);
        close(shared.finds_no_core, 0.8);
        close(shared.utilisation, 0.8);
        close(shared.mean_threads, 4.0 + 2.4);
    }

    #[test]
    fn threads_that_only_sleep_are_erlangs_lines() {
        let shared = Sharing::open(10.0, 0.0, 1.0, 2, 15).unwrap();
        close(shared.loss, erlang_b(10.0, NonZeroU32::new(15).unwrap()).unwrap());
        close(shared.mean_sojourn_time, 1.0);
    }

    #[test]
    fn cores_for_every_thread_are_erlangs_lines_as_well() {
        let shared = Sharing::open(10.0, 0.7, 0.3, 256, 15).unwrap();
        close(shared.loss, erlang_b(10.0, NonZeroU32::new(15).unwrap()).unwrap());
    }

    #[test]
    fn a_bound_on_threads_agrees_with_the_sum_over_all_states() {
        let (rate, cpu, sleep, cores, max) = (3.0, 0.5, 1.5, 2_u32, 7_u32);
        let (mut all, mut full, mut running, mut threads) = (0.0, 0.0, 0.0, 0.0);
        for n in 0..=max {
            for m in 0..=max - n {
                let at_cores: f64 = (1..=n).map(|k| rate * cpu / f64::from(k.min(cores))).product();
                let asleep: f64 = (1..=m).map(|k| rate * sleep / f64::from(k)).product();
                let weight = at_cores * asleep;
                all += weight;
                full += if n + m == max { weight } else { 0.0 };
                running += weight * f64::from(n);
                threads += weight * f64::from(n + m);
            }
        }
        let shared = Sharing::open(rate, cpu, sleep, cores, max).unwrap();
        close(shared.loss, full / all);
        close(shared.throughput, rate * (1.0 - full / all));
        close(shared.mean_threads, threads / all);
        close(shared.mean_sojourn_time, running / all / shared.throughput + sleep);
    }

    #[test]
    fn clients_are_conserved() {
        let shared = Sharing::closed(20, 0.04, 0.002, 0.02, 2).unwrap();
        close(shared.throughput * (shared.mean_sojourn_time + 0.04), 20.0);
        let asleep = Sharing::closed(20, 0.04, 0.0, 0.02, 2).unwrap();
        close(asleep.throughput * 0.06, 20.0);
        assert_eq!(Sharing::closed(20, 0.0, 0.0, 0.0, 2), None);
    }
}
