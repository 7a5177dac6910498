//! What theory expects of a run, in the shape of the run's own report.

use serde::Serialize;

use crate::Model;
use crate::report::Times;

/// The figures of [`RunReport`](crate::RunReport), as far as theory knows them; what it does not
/// know is `None`, which prints as `null`. Counts are means, and need not be whole.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Expected {
    /// The model that schedules.
    pub model: Model,
    /// Requests that arrive.
    pub arrived: Option<f64>,
    /// Requests answered.
    pub answered: Option<f64>,
    /// Requests whose handler panics.
    pub failed: Option<f64>,
    /// Requests rejected (503).
    pub rejected: Option<f64>,
    /// Requests dropped by the kernel.
    pub dropped: Option<f64>,
    /// Requests whose client leaves first.
    pub lost: Option<f64>,
    /// Requests without an outcome at the end.
    pub in_system: Option<f64>,
    /// Share of the started requests that had to wait, 0..=1.
    pub waited: Option<f64>,
    /// From arrival to the start of service, of answered requests.
    #[serde(rename = "waiting_time_s")]
    pub waiting_time: Times,
    /// From arrival to answer.
    #[serde(rename = "sojourn_time_s")]
    pub sojourn_time: Times,
    /// Share of the model's resource in use, 0..=1.
    pub utilisation: Option<f64>,
    /// The most threads that run requests at once.
    pub threads_peak: Option<u64>,
    /// The most requests in the run queue at once.
    pub run_queue_peak: Option<u64>,
    /// Never known.
    pub events: Option<u64>,
    /// Never known.
    pub digest: Option<u64>,
}

impl Expected {
    /// Nothing is known yet.
    pub(super) fn of(model: Model) -> Self {
        Self {
            model,
            arrived: None,
            answered: None,
            failed: None,
            rejected: None,
            dropped: None,
            lost: None,
            in_system: None,
            waited: None,
            waiting_time: Times::default(),
            sojourn_time: Times::default(),
            utilisation: None,
            threads_peak: None,
            run_queue_peak: None,
            events: None,
            digest: None,
        }
    }

    /// Counts of a run to its end in which `arrived` requests are asked and this share of them is
    /// turned away, by the kernel or by the server.
    pub(super) fn count(&mut self, arrived: f64, loss: f64, by_kernel: bool) {
        let turned_away = arrived * loss;
        self.arrived = Some(arrived);
        self.answered = Some(arrived - turned_away);
        let (dropped, rejected) = if by_kernel { (turned_away, 0.0) } else { (0.0, turned_away) };
        (self.dropped, self.rejected) = (Some(dropped), Some(rejected));
        (self.failed, self.lost, self.in_system) = (Some(0.0), Some(0.0), Some(0.0));
    }
}

/// Times of which the mean and the quantiles are given by functions.
pub(super) fn times(mean: f64, quantile: impl Fn(f64) -> Option<f64>) -> Times {
    Times {
        mean: Some(mean),
        p50: quantile(0.5),
        p95: quantile(0.95),
        p99: quantile(0.99),
        ..Times::default()
    }
}

/// Times of which only the mean is known.
pub(super) fn mean_only(mean: f64) -> Times {
    Times { mean: Some(mean), ..Times::default() }
}

/// Times that are all the same.
pub(super) fn always(time: f64) -> Times {
    Times { max: Some(time), ..times(time, |_| Some(time)) }
}
