//! When a client that was turned away should come again: the mean service time of late, and what
//! waits.
//!
//! Beside the scheduler and not in it: a decision depends on what happened, never on an estimate.

use std::time::Duration;

/// The mean service time, the latest counting most.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Estimate {
    /// None before the first.
    mean_s: Option<f64>,
}

impl Estimate {
    /// Takes in the service time of a request.
    pub(super) fn served(&mut self, service_time: Duration) {
        let service_s = service_time.as_secs_f64();
        self.mean_s = Some(match self.mean_s {
            None => service_s,
            Some(mean_s) => mean_s + WEIGHT * (service_s - mean_s),
        });
    }

    /// The mean service time; of those that are not known yet, one that is worth another thread.
    pub(super) fn mean(&self) -> Duration {
        self.mean_s.map_or(UNKNOWN, Duration::from_secs_f64)
    }

    /// Seconds until what waits will have been served by so many workers, from 1 to 3600.
    pub(super) fn retry_after(&self, backlog: usize, workers: usize) -> u64 {
        #[expect(clippy::cast_precision_loss, reason = "an estimate, in whole seconds")]
        let per_worker = backlog as f64 / workers.max(1) as f64;
        let seconds = (per_worker * self.mean_s.unwrap_or(0.0)).ceil();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to what fits"
        )]
        let seconds = seconds.clamp(1.0, RETRY_MAX) as u64;
        seconds
    }
}

/// Before anything is known.
const UNKNOWN: Duration = Duration::from_millis(1);
/// What one more request weighs: the mean follows a change within some tens of requests.
const WEIGHT: f64 = 1.0 / 16.0;
/// Nobody waits longer than an hour on an estimate's word.
const RETRY_MAX: f64 = 3600.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_backlog_times_the_mean_by_the_workers_in_whole_seconds_up() {
        let mut estimate = Estimate::default();
        assert_eq!(estimate.retry_after(64, 4), 1, "nothing is known yet");
        estimate.served(Duration::from_millis(500));
        assert_eq!(estimate.retry_after(64, 4), 8);
        assert_eq!(estimate.retry_after(65, 4), 9);
        assert_eq!(estimate.retry_after(0, 4), 1);
        assert_eq!(estimate.retry_after(1_000_000, 1), 3600);
    }

    #[test]
    fn the_mean_follows_what_changed() {
        let mut estimate = Estimate::default();
        estimate.served(Duration::from_secs(10));
        for _ in 0..200 {
            estimate.served(Duration::from_secs(1));
        }
        assert_eq!(estimate.retry_after(100, 10), 11, "10 s, and a trace of what was before");
    }
}
