//! Event loops: each holds up its own requests with their CPU time, and nothing with their sleep.
//!
//! A request goes to a loop that is chosen at random, each as likely as any other, so that Poisson
//! arrivals to all are Poisson arrivals to each. Times are in seconds.

use crate::Model;

use super::basis::{Basis, Reason};
use super::demand::Demand;
use super::expected::{Expected, always, mean_only};
use super::mg1::mg1_mean_waiting_time;
use super::station::Asked;

/// Mean values of a closed system of `clients` that are away for a mean time `away` (thinking, and
/// on timers), and then each ask one of `n_loops` for a mean exponential time `demand`: the
/// throughput, the mean time at a loop, and the share that finds it at work. `None` when nothing
/// takes any time.
///
/// Mean value analysis: who arrives sees the system with one client less (M. Reiser and S. S.
/// Lavenberg, "Mean-value analysis of closed multichain queuing networks" (1980)).
fn closed(clients: u32, away: f64, demand: f64, n_loops: u32) -> Option<(f64, f64, f64)> {
    if away + demand <= 0.0 {
        return None;
    }
    let loops = f64::from(n_loops);
    let (mut throughput, mut at_loop, mut found_busy, mut in_loop) = (0.0, 0.0, 0.0, 0.0);
    for n in 1..=clients {
        found_busy = throughput * demand / loops;
        at_loop = demand * (1.0 + in_loop);
        throughput = f64::from(n) / (away + at_loop);
        in_loop = throughput * at_loop / loops;
    }
    Some((throughput, at_loop, found_busy))
}

/// What is expected of loops in their steady state.
pub(super) fn solve(
    model: Model,
    n_loops: u32,
    cores: u32,
    asked: Asked,
    cpu: &Demand,
    sleep: &Demand,
) -> Result<(Basis, Expected), Reason> {
    if cores < n_loops && !cpu.is_zero() {
        return Err(Reason::CoresShared { workers: n_loops, cores });
    }
    let mut expected = Expected::of(model);
    expected.threads_peak = Some(n_loops.into());
    let (mean, delay) = (cpu.mean(), sleep.mean());
    let (throughput, waits, waited) = match asked {
        Asked::Open { rate } => {
            let of_one = rate / f64::from(n_loops);
            let utilisation = of_one * mean;
            let waits = mg1_mean_waiting_time(of_one, mean, cpu.squared_variation());
            (rate, waits.ok_or(Reason::Unstable { utilisation })?, utilisation)
        }
        Asked::Closed { clients, think } => {
            if cpu.exponential().is_none() && !cpu.is_zero() {
                return Err(Reason::ClosedGeneral);
            }
            let solved = closed(clients, think + delay, mean, n_loops).ok_or(Reason::NoTime)?;
            let (throughput, at_loop, found_busy) = solved;
            (throughput, at_loop - mean, found_busy)
        }
    };
    expected.utilisation = Some(throughput * mean / f64::from(n_loops));
    expected.waited = Some(waited);
    expected.waiting_time = if cpu.is_zero() { always(0.0) } else { mean_only(waits) };
    expected.sojourn_time =
        if cpu.is_zero() { sleep.times() } else { mean_only(waits + mean + delay) };
    let basis = match asked {
        Asked::Open { .. } => Basis::Loops { loops: n_loops },
        Asked::Closed { clients, .. } => Basis::ClosedLoops { clients, loops: n_loops },
    };
    Ok((basis, expected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::FiniteQueue;
    use std::num::NonZeroU32;

    #[test]
    fn one_closed_loop_is_the_machine_repairman_with_one_worker() {
        let one = NonZeroU32::MIN;
        for clients in 1..30 {
            let (throughput, at_loop, found_busy) = closed(clients, 9.0, 0.7, 1).unwrap();
            let clients = NonZeroU32::new(clients).unwrap();
            let queue = FiniteQueue::closed(clients, 9.0, 1.0 / 0.7, one).unwrap();
            assert!((throughput - queue.throughput()).abs() < 1e-12);
            assert!((at_loop - queue.mean_sojourn_time()).abs() < 1e-11);
            assert!((found_busy - queue.wait_probability()).abs() < 1e-12);
        }
    }

    #[test]
    fn clients_that_do_nothing_are_not_counted() {
        assert_eq!(closed(3, 0.0, 0.0, 2), None);
    }
}
