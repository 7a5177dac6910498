//! When a client that was turned away should come again: the mean service time of late, and what
//! waits.
//!
//! Beside the scheduler and not in it: a decision depends on what happened, never on an estimate.

use std::time::Duration;

use scheduler_model::Span;

/// The mean service time, the latest counting most.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Estimate {
    /// In nanoseconds; none before the first.
    mean_ns: Option<u64>,
}

impl Estimate {
    /// Takes in the service time of a request.
    pub(super) fn served(&mut self, service_time: Span) {
        let service_ns = service_time.as_nanos();
        self.mean_ns = Some(match self.mean_ns {
            None => service_ns,
            Some(mean_ns) if mean_ns <= service_ns => mean_ns + (service_ns - mean_ns) / SHARE,
            Some(mean_ns) => mean_ns - (mean_ns - service_ns) / SHARE,
        });
    }

    /// The mean service time; of those that are not known yet, one that is worth another thread.
    pub(super) fn mean(&self) -> Duration {
        self.mean_ns.map_or(UNKNOWN, Duration::from_nanos)
    }

    /// Seconds until what waits will have been served by so many workers, from 1 to 3600.
    pub(super) fn retry_after(&self, backlog: usize, workers: usize) -> u64 {
        #[expect(clippy::cast_precision_loss, reason = "an estimate, in whole seconds")]
        let per_worker = backlog as f64 / workers.max(1) as f64;
        let mean_s = Duration::from_nanos(self.mean_ns.unwrap_or(0)).as_secs_f64();
        let seconds = (per_worker * mean_s).ceil();
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
/// One more request weighs the sixteenth part: the mean follows a change within some tens of requests.
const SHARE: u64 = 16;
/// Nobody waits longer than an hour on an estimate's word.
const RETRY_MAX: f64 = 3600.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_backlog_times_the_mean_by_the_workers_in_whole_seconds_up() {
        let mut estimate = Estimate::default();
        assert_eq!(estimate.retry_after(64, 4), 1, "nothing is known yet");
        estimate.served(Span::from_millis(500));
        assert_eq!(estimate.retry_after(64, 4), 8);
        assert_eq!(estimate.retry_after(65, 4), 9);
        assert_eq!(estimate.retry_after(0, 4), 1);
        assert_eq!(estimate.retry_after(1_000_000, 1), 3600);
    }

    #[test]
    fn the_mean_follows_what_changed() {
        let mut estimate = Estimate::default();
        estimate.served(Span::from_millis(10_000));
        for _ in 0..200 {
            estimate.served(Span::from_millis(1000));
        }
        assert_eq!(estimate.retry_after(100, 10), 11, "10 s, and a trace of what was before");
    }
}
