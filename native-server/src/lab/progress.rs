//! Says on standard error how far a long run is.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use scheduler_model::{Model, SimTime};

use crate::warn::warn;

/// How far one run is.
#[derive(Debug)]
pub(super) struct Progress {
    model: Model,
    /// How many will ask, if that is known.
    total: u64,
    next: Instant,
}

impl Progress {
    /// Nothing is said yet.
    pub(super) fn new(model: Model, total: u64) -> Self {
        Self { model, total, next: Instant::now() + EVERY }
    }

    /// Says something, if that was long ago.
    pub(super) fn tell(&mut self, now: SimTime, n_asked: usize, n_ended: usize) {
        if Instant::now() < self.next {
            return;
        }
        self.next = Instant::now() + EVERY;
        let (name, total, seconds) = (self.model.name(), self.total, now.as_secs_f64());
        let mut line =
            format!("{name}: {seconds:.0} s, {n_asked} of {total} requests sent, {n_ended} over");
        if let Some(left) = left(self.total, n_asked, seconds) {
            let _ = write!(line, ", about {left:.0} s to go");
        }
        warn(format_args!("{line}"));
    }
}

/// How long it will take at the pace of before.
#[expect(clippy::cast_precision_loss, reason = "an estimate for showing")]
fn left(total: u64, n_asked: usize, seconds: f64) -> Option<f64> {
    (n_asked > 0).then(|| seconds * (total as f64 / n_asked as f64 - 1.0).max(0.0))
}

/// How often something is said; a run that is shorter says nothing.
const EVERY: Duration = Duration::from_secs(3);
