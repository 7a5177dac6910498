//! A histogram of times, counted by one thread.
//!
//! That of `prometheus-client` takes a lock and goes through its buckets for each time; two of them would
//! be half of what observing a request costs.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use scheduler_model::Span;

/// Times in buckets whose bounds double, from 10 µs to 84 s. Clones count into the same one.
#[derive(Clone, Debug, Default)]
pub(super) struct Times(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    /// How many were in each bucket and in none before it; the last ones in none.
    buckets: [AtomicU64; N_BUCKETS + 1],
    sum_ns: AtomicU64,
}

impl Times {
    /// Counts a time. Only one thread may: it adds without asking what another does.
    pub(super) fn observe(&self, time: Span) {
        let units = time.as_nanos().div_ceil(FIRST_NS);
        // The least n for which 2^n units are enough.
        let bucket = units.saturating_sub(1).checked_ilog2().map_or(0, |log| log as usize + 1);
        add(&self.0.buckets[bucket.min(N_BUCKETS)], 1);
        add(&self.0.sum_ns, time.as_nanos());
    }
}

impl EncodeMetric for Times {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), fmt::Error> {
        let counts = self.0.buckets.each_ref().map(|count| count.load(Ordering::Relaxed));
        let bounds = (0..).map(|n| FIRST_S * 2_f64.powi(n)).take(N_BUCKETS);
        let bounds = bounds.chain([f64::MAX]);
        let buckets: Vec<_> = bounds.zip(counts).collect();
        let sum = Span::from_nanos(self.0.sum_ns.load(Ordering::Relaxed)).as_secs_f64();
        encoder.encode_histogram::<NoLabelSet>(sum, counts.iter().sum(), &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

fn add(counter: &AtomicU64, more: u64) {
    counter.store(counter.load(Ordering::Relaxed) + more, Ordering::Relaxed);
}

const N_BUCKETS: usize = 24;
/// The bound of the first bucket.
const FIRST_NS: u64 = 10_000;
const FIRST_S: f64 = 1e-5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_in_the_first_bucket_that_it_does_not_pass() {
        for (ns, bucket) in [
            (0, 0),
            (1, 0),
            (10_000, 0),
            (10_001, 1),
            (20_000, 1),
            (20_001, 2),
            (40_000, 2),
            (10_000 << 23, 23),
            ((10_000 << 23) + 1, 24),
            (u64::MAX, 24),
        ] {
            let times = Times::default();
            times.observe(Span::from_nanos(ns));
            let counts = times.0.buckets.each_ref().map(|count| count.load(Ordering::Relaxed));
            assert_eq!(counts.iter().position(|&count| count == 1), Some(bucket), "{ns} ns");
        }
    }
}
