//! Fork/join: how long a tree of tasks takes on some workers, and how long two halves of a job take
//! to meet.
//!
//! Times have one unit throughout.

use std::num::NonZeroU32;

/// Bounds of the time that `workers` (P) take for tasks with `work` in all (T₁) of which `span`
/// (T∞) must be done one after the other: the least, max(T₁/P, T∞), and the most that a scheduler
/// takes which leaves no worker idle while a task is ready, T₁/P + T∞.
///
/// R. P. Brent, "The parallel evaluation of general arithmetic expressions" (1974); for work
/// stealing, R. Blumofe and C. Leiserson, "Scheduling multithreaded computations by work stealing"
/// (1999).
pub fn makespan_bounds(work: f64, span: f64, workers: NonZeroU32) -> (f64, f64) {
    let even = work / f64::from(workers.get());
    (even.max(span), even + span)
}

/// The least time that `workers` can take for a binary tree of joins whose 2^`depth` leaves take
/// `leaf_time` each and whose inner tasks take none: as many rounds of leaves as there must be.
///
/// It is what every scheduler takes that leaves no worker idle while a leaf is not begun. Stealing
/// with joins that stay in their subtree does so on one worker and on 2^`depth` or more; in
/// between, thieves may be unlucky. `None` for a depth above 63.
pub fn binary_tree_makespan(depth: u32, leaf_time: f64, workers: NonZeroU32) -> Option<f64> {
    let rounds = 1_u64.checked_shl(depth)?.div_ceil(workers.get().into());
    Some(super::finite::to_f64(rounds) * leaf_time)
}

/// Mean time until both halves of a job are done, when Poisson arrivals split into one task for
/// each of two M/M/1 stations of service rate μ: (12 − ρ)/8 · 1/(μ − λ). `None` when λ ≥ μ, or for
/// a rate that is not positive and finite.
///
/// L. Flatto and S. Hahn, "Two parallel queues created by arrivals with two demands I" (1984).
pub fn two_way_fork_join_sojourn_time(arrival_rate: f64, service_rate: f64) -> Option<f64> {
    let legal = |rate: f64| rate.is_finite() && rate > 0.0;
    let stable = legal(arrival_rate) && legal(service_rate) && arrival_rate < service_rate;
    let utilisation = arrival_rate / service_rate;
    stable.then(|| (12.0 - utilisation) / 8.0 / (service_rate - arrival_rate))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workers(n: u32) -> NonZeroU32 {
        NonZeroU32::new(n).unwrap()
    }

    #[test]
    fn eight_leaves_take_as_many_rounds_as_they_must() {
        for (n, rounds) in [(1, 8.0), (2, 4.0), (3, 3.0), (4, 2.0), (8, 1.0), (1024, 1.0)] {
            assert_eq!(binary_tree_makespan(3, 1.0, workers(n)), Some(rounds));
        }
        assert_eq!(binary_tree_makespan(64, 1.0, workers(1)), None);
    }

    #[test]
    fn the_least_time_lies_within_the_bounds() {
        for n in 1..20 {
            let (least, most) = makespan_bounds(8.0, 1.0, workers(n));
            let makespan = binary_tree_makespan(3, 1.0, workers(n)).unwrap();
            assert!(least <= makespan && makespan <= most, "{n}");
        }
    }

    #[test]
    fn two_halves_meet_later_than_one_of_them_is_done() {
        assert_eq!(two_way_fork_join_sojourn_time(0.5, 1.0), Some(2.875));
        assert_eq!(two_way_fork_join_sojourn_time(1.0, 1.0), None);
    }
}
