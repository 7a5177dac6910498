//! One server and any service time: first come first served, shared evenly, and a loop with delays.
//!
//! Only the first two moments of the service time are needed, or the first alone. All times are in
//! seconds and rates per second, or in any other unit that is the same throughout.

/// Mean waiting time of M/G/1, first come first served (Pollaczek–Khinchine). `None` when the queue
/// grows without bound (λE\[S\] ≥ 1), or for a value that is negative or not finite.
///
/// `squared_variation` (c²) is the variance of the service time over the square of its mean: 1 for
/// exponential, 0 for constant service. Wq = ρE\[S\](1 + c²) / (2(1 − ρ)).
///
/// L. Kleinrock, *Queueing Systems, Volume 1* (1975), §5.6.
pub fn mg1_mean_waiting_time(
    arrival_rate: f64,
    mean_service_time: f64,
    squared_variation: f64,
) -> Option<f64> {
    let utilisation = stable(arrival_rate, mean_service_time)?;
    let legal = squared_variation.is_finite() && squared_variation >= 0.0;
    let waits = || {
        utilisation * mean_service_time * f64::midpoint(1.0, squared_variation)
            / (1.0 - utilisation)
    };
    legal.then(waits)
}

/// Mean sojourn time of a job that needs `service_time`, in M/G/1 with processor sharing:
/// E\[T|x\] = x / (1 − ρ), whatever the distribution of the others. With the mean service time for
/// `service_time` it is the mean over all jobs. `None` as for [`mg1_mean_waiting_time`].
///
/// L. Kleinrock, *Queueing Systems, Volume 2* (1976), §4.4.
pub fn processor_sharing_sojourn_time(
    arrival_rate: f64,
    mean_service_time: f64,
    service_time: f64,
) -> Option<f64> {
    let utilisation = stable(arrival_rate, mean_service_time)?;
    let legal = service_time.is_finite() && service_time >= 0.0;
    legal.then(|| service_time / (1.0 - utilisation))
}

/// Mean sojourn time of a request to one event loop: it waits for the loop, holds it for its CPU
/// demand (D), and then waits for a timer that holds nothing (Z). R = D + Wq + Z, with Wq of M/G/1;
/// for exponential demand R = D/(1 − λD) + Z. `None` as for [`mg1_mean_waiting_time`].
///
/// What leaves the loop does not come back to it, so that the delay changes no waiting time.
pub fn async_loop_sojourn_time(
    arrival_rate: f64,
    mean_cpu_time: f64,
    squared_variation: f64,
    mean_delay: f64,
) -> Option<f64> {
    let waits = mg1_mean_waiting_time(arrival_rate, mean_cpu_time, squared_variation)?;
    let legal = mean_delay.is_finite() && mean_delay >= 0.0;
    legal.then_some(waits + mean_cpu_time + mean_delay)
}

/// ρ, if it is below 1 and made of legal values.
fn stable(arrival_rate: f64, mean_service_time: f64) -> Option<f64> {
    let legal = |x: f64| x.is_finite() && x >= 0.0;
    let utilisation = arrival_rate * mean_service_time;
    (legal(arrival_rate) && legal(mean_service_time) && utilisation < 1.0).then_some(utilisation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variation_makes_waiting() {
        let waits = |c2: f64| mg1_mean_waiting_time(0.8, 1.0, c2).unwrap();
        for (c2, table) in [(1.0, 4.0), (0.0, 2.0), (4.0, 10.0)] {
            assert!((waits(c2) - table).abs() < 1e-12);
        }
    }

    #[test]
    fn sharing_is_fair_to_every_size() {
        let sojourn = |x: f64| processor_sharing_sojourn_time(0.5, 1.0, x).unwrap();
        assert!((sojourn(1.0) - 2.0).abs() < 1e-15 && (sojourn(10.0) - 20.0).abs() < 1e-15);
    }

    #[test]
    fn a_delay_only_adds_up() {
        let sojourn = async_loop_sojourn_time(0.5, 1.0, 1.0, 7.0).unwrap();
        assert!((sojourn - 9.0).abs() < 1e-15);
    }

    #[test]
    fn an_overload_and_illegal_values_have_no_answer() {
        assert_eq!(mg1_mean_waiting_time(1.0, 1.0, 1.0), None);
        assert_eq!(mg1_mean_waiting_time(0.5, 1.0, -1.0), None);
        assert_eq!(mg1_mean_waiting_time(f64::NAN, 1.0, 1.0), None);
        assert_eq!(processor_sharing_sojourn_time(2.0, 1.0, 1.0), None);
        assert_eq!(async_loop_sojourn_time(0.5, 1.0, 1.0, f64::INFINITY), None);
    }
}
