//! Erlang's two formulas: the share of calls lost, and the share that waits.
//!
//! They depend on the offered load alone. What follows from them for times is in
//! [`Mmc`](super::Mmc); finite queues are in [`FiniteQueue`](super::FiniteQueue).

use std::num::NonZeroU32;

/// Erlang's loss formula B: the share of arrivals that find all of `workers` busy and are turned
/// away, when nothing waits. `None` for an offered load that is negative or no number.
///
/// `offered_load` (a = λ/μ, in erlangs) is the arrival rate times the mean service time. It may
/// exceed the number of workers: what is lost is lost. The share is the same for every
/// distribution of service times with that mean. Computed from
/// `B(0) = 1` by `B(k) = aB(k − 1) / (k + aB(k − 1))`, in which nothing cancels or overflows.
///
/// A. K. Erlang (1917); L. Kleinrock, *Queueing Systems, Volume 1* (1975), §3.6.
pub fn erlang_b(offered_load: f64, workers: NonZeroU32) -> Option<f64> {
    if !is_load(offered_load) {
        return None;
    }
    let step = |blocked: f64, k: u32| {
        let lost = offered_load * blocked;
        lost / (f64::from(k) + lost)
    };
    Some((1..=workers.get()).fold(1.0, step))
}

/// Erlang's delay formula C: the share of arrivals that wait in M/M/c. `None` when the queue grows
/// without bound (`offered_load` of `workers` or more), or for no load at all.
///
/// `offered_load` (a = λ/μ, in erlangs) is the arrival rate times the mean service time. From
/// Erlang B by C = B/(1 − ρ(1 − B)) with ρ = a/c.
///
/// A. K. Erlang (1917); L. Kleinrock, *Queueing Systems, Volume 1* (1975), §3.5.
pub fn erlang_c(offered_load: f64, workers: NonZeroU32) -> Option<f64> {
    let utilisation = offered_load / f64::from(workers.get());
    let lost = erlang_b(offered_load, workers)?;
    (utilisation < 1.0).then(|| lost / (1.0 - utilisation * (1.0 - lost)))
}

fn is_load(offered_load: f64) -> bool {
    offered_load.is_finite() && offered_load >= 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workers(c: u32) -> NonZeroU32 {
        NonZeroU32::new(c).unwrap()
    }

    #[test]
    fn nothing_offered_loses_and_waits_nothing() {
        assert_eq!(erlang_b(0.0, workers(3)), Some(0.0));
        assert_eq!(erlang_c(0.0, workers(3)), Some(0.0));
    }

    #[test]
    fn an_overload_is_lost_but_cannot_wait() {
        assert!(erlang_b(1e12, workers(1024)).unwrap() > 0.999_999);
        assert_eq!(erlang_c(4.0, workers(4)), None);
        assert_eq!(erlang_c(f64::INFINITY, workers(4)), None);
    }

    #[test]
    fn what_is_no_load_has_no_answer() {
        for load in [-1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(erlang_b(load, workers(1)), None);
        }
    }
}
