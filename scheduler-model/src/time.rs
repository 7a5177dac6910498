//! Time as the model sees it: whole nanoseconds since the start of a run.
//!
//! Nothing here reads a clock. A driver turns its own clock into [`SimTime`] and hands it in.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// An instant: nanoseconds since the run began.
///
/// Aligned like its neighbours in an event, so that an event stays within 40 bytes.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(from = "u64", into = "u64")]
#[repr(Rust, packed(4))]
pub struct SimTime(u64);

impl SimTime {
    /// The instant at which a run begins.
    pub const ZERO: Self = Self(0);
    /// Later than every event: five centuries.
    pub const MAX: Self = Self(u64::MAX);

    /// The instant `ns` nanoseconds after the beginning.
    pub const fn from_nanos(ns: u64) -> Self {
        Self(ns)
    }

    /// Nanoseconds since the beginning.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the beginning, for showing and for statistics.
    #[expect(clippy::cast_precision_loss, reason = "exact up to 104 days, and shown only")]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Time passed since `earlier`; zero when `earlier` is later.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl From<u64> for SimTime {
    fn from(ns: u64) -> Self {
        Self(ns)
    }
}

impl From<SimTime> for u64 {
    fn from(time: SimTime) -> Self {
        time.0
    }
}

impl Add<Span> for SimTime {
    type Output = Self;

    /// Saturates: a run never wraps around.
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for SimTime {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Span(self.0).fmt(f)
    }
}

/// A length of time, in nanoseconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Span(u64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of `ns` nanoseconds.
    pub const fn from_nanos(ns: u64) -> Self {
        Self(ns)
    }

    /// A span of `us` microseconds; saturates.
    pub const fn from_micros(us: u64) -> Self {
        Self(us.saturating_mul(1_000))
    }

    /// A span of `ms` milliseconds; saturates.
    pub const fn from_millis(ms: u64) -> Self {
        Self(ms.saturating_mul(1_000_000))
    }

    /// The length in nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The length in seconds, for showing and for statistics.
    #[expect(clippy::cast_precision_loss, reason = "exact up to 104 days, and shown only")]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Whether this is no time at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add for Span {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl From<Span> for Duration {
    /// For drivers that let real time pass.
    fn from(span: Span) -> Self {
        Self::from_nanos(span.0)
    }
}

impl Sub for Span {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Span {
    /// Writes seconds with as many decimals as it takes (`5.0002 s`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, nanos) = (self.0 / 1_000_000_000, self.0 % 1_000_000_000);
        let decimals = format!("{nanos:09}");
        let decimals = decimals.trim_end_matches('0');
        if decimals.is_empty() { write!(f, "{whole} s") } else { write!(f, "{whole}.{decimals} s") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_saturates_at_both_ends() {
        assert_eq!(SimTime::MAX + Span::from_nanos(1), SimTime::MAX);
        assert_eq!(SimTime::ZERO.since(SimTime::from_nanos(5)), Span::ZERO);
    }

    #[test]
    fn a_span_shows_seconds_without_trailing_zeros() {
        assert_eq!(Span::from_millis(5_000).to_string(), "5 s");
        assert_eq!(Span::from_nanos(5_000_200_000).to_string(), "5.0002 s");
    }
}
