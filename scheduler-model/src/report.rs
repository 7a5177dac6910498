//! The figures of one run, as `simulate --json` prints them and the page shows them.

use serde::Serialize;

use crate::stats::Samples;
use crate::{Digest, Model, Span};

/// What came out of a run. A figure that is not known is `None`, which prints as `null`.
#[derive(Clone, Debug, Serialize)]
pub struct RunReport {
    /// The model that scheduled.
    pub model: Model,
    /// Requests that arrived.
    pub arrived: u64,
    /// Requests answered.
    pub answered: u64,
    /// Requests whose handler panicked (500).
    pub failed: u64,
    /// Requests rejected (503).
    pub rejected: u64,
    /// Requests dropped by the kernel.
    pub dropped: u64,
    /// Requests whose client left first.
    pub lost: u64,
    /// Requests without an outcome at the end.
    pub in_system: u64,
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
    /// How evenly the answered requests were treated, 0..=1: Jain's fairness index over the share
    /// of its time in the system in which each was served and did not wait. 1: all waited in
    /// proportion to their service, or none did; 1/n: one of n was served and the others waited.
    /// (R. Jain, D. Chiu and W. Hawe, "A quantitative measure of fairness and discrimination for
    /// resource allocation in shared computer systems" (1984).) It is not part of the JSON.
    #[serde(skip)]
    pub fairness: Option<f64>,
    /// The most threads that ran requests at once.
    pub threads_peak: u64,
    /// The most requests in the run queue at once.
    pub run_queue_peak: u64,
    /// Events of the run.
    pub events: u64,
    /// Digest over all events.
    pub digest: Digest,
}

/// Times of one kind, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Times {
    /// The mean, from the exact sum.
    pub mean: Option<f64>,
    /// Half of the width of its 99 % confidence interval; none for too few samples.
    pub half_width_99: Option<f64>,
    /// The median.
    pub p50: Option<f64>,
    /// The 95th percentile.
    pub p95: Option<f64>,
    /// The 99th percentile.
    pub p99: Option<f64>,
    /// The greatest.
    pub max: Option<f64>,
}

impl Times {
    /// The figures of these times, as reports have them: they come in the order in which they were
    /// seen, since successive ones are correlated.
    pub fn of(times: impl IntoIterator<Item = Span>) -> Self {
        let mut samples = Samples::new();
        times.into_iter().for_each(|time| samples.add(time));
        samples.times()
    }
}

impl Serialize for Digest {
    /// As 16 hex digits.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
