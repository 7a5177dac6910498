//! Statistics of a run, as a fold over its events in bounded memory.
//!
//! Times are of answered requests; means and extremes come from exact sums. Percentiles are exact
//! order statistics up to 100,000 samples, from a histogram with three significant digits
//! beyond. The half-width is of a 99 % confidence interval by batch means (A. Law and W. Kelton,
//! *Simulation Modeling and Analysis* (2000), §9.5.3), since successive times are correlated.
//!
//! Little's law, taken over the whole run, is an identity of whole numbers; it is asserted in every
//! report.

use hdrhistogram::Histogram;

use crate::report::{RunReport, Times};
use crate::scenario::Model;
use crate::trace::{Source, TraceHeader};
use crate::world::Counts;
use crate::{Departure, Digest, Event, Outcome, RequestId, SimTime, Span, Trace, Violation, World};

/// Up to this many samples percentiles are exact.
pub(crate) const EXACT_MAX: usize = 100_000;

/// The figures of a run, gathered event by event.
#[derive(Clone, Debug)]
pub struct Stats {
    model: Model,
    cores: Option<u64>,
    warmup: RequestId,
    digest: Digest,
    began: SimTime,
    at: SimTime,
    /// Integrals over time, in ns: of workers that hold a request, of workers, of cores at work.
    held: u128,
    workers: u128,
    cores_busy: u128,
    /// Of requests in the system.
    in_system: u128,
    /// What requests that have left spent in the system, in ns.
    stayed: u128,
    started: u64,
    waited: u64,
    waited_known: bool,
    waiting_time: Samples,
    sojourn_time: Samples,
    /// Sums over answered requests of the share of their time in which they were served, and of
    /// its square.
    speeds: (f64, f64),
}

impl Stats {
    /// Nothing gathered yet, of the run this header opens. Of the rest of a run, times are gathered
    /// from its first event on, and counts are those of the whole run.
    pub fn new(header: &TraceHeader) -> Self {
        let scenario = &header.scenario;
        let start = header.snapshot.as_ref().map(crate::Snapshot::world);
        let began = start.map_or(SimTime::ZERO, World::now);
        // What is there already has spent time there: Little's law counts it on both sides.
        let stay = |request: &crate::Request| u128::from(began.since(request.arrived).as_nanos());
        let in_system = start.map_or(0, |world| world.requests().map(stay).sum());
        Self {
            model: scenario.server.model,
            cores: (header.source == Source::Simulated)
                .then(|| scenario.machine.cores.get().into()),
            warmup: RequestId(scenario.warmup_requests),
            digest: Digest::new(),
            began,
            at: began,
            held: 0,
            workers: 0,
            cores_busy: 0,
            in_system,
            stayed: 0,
            started: 0,
            waited: 0,
            waited_known: true,
            waiting_time: Samples::new(),
            sojourn_time: Samples::new(),
            speeds: (0.0, 0.0),
        }
    }

    /// Folds a whole trace.
    ///
    /// # Errors
    ///
    /// The `seq` of the first event that cannot follow, and why.
    pub fn of(trace: &Trace) -> Result<RunReport, (u64, Violation)> {
        let mut world = World::new(&trace.header);
        let mut stats = Self::new(&trace.header);
        for (event, seq) in trace.events.iter().zip(trace.header.first_seq()..) {
            stats.advance(world.counts(), world.n_workers(), event.at);
            let departure = world.apply(event).map_err(|violation| (seq, violation))?;
            stats.record(event, departure.as_ref());
        }
        Ok(stats.report(&world))
    }

    /// Time passes in the state these counts describe.
    pub fn advance(&mut self, counts: &Counts, n_workers: usize, now: SimTime) {
        let passed = now.since(self.at).as_nanos();
        if passed > 0 {
            self.held += u128::from(passed) * u128::from(counts.held);
            self.workers += u128::from(passed) * n_workers as u128;
            self.cores_busy += u128::from(passed) * u128::from(counts.cores_busy);
            self.in_system += u128::from(passed) * u128::from(counts.in_system);
            self.at = now;
        }
    }

    /// An event, and the departure it caused.
    pub fn record(&mut self, event: &Event, departure: Option<&Departure>) {
        self.digest.update(event);
        let Some(departure) = departure else { return };
        let request = &departure.request;
        self.stayed += u128::from(departure.at.since(request.arrived).as_nanos());
        if let Some(started) = request.started {
            self.started += 1;
            self.waited += u64::from(request.waited == Some(true));
            self.waited_known &= request.waited.is_some();
            if departure.outcome == Outcome::Answered && request.id > self.warmup {
                let sojourn = departure.at.since(request.arrived);
                self.waiting_time.add(started.since(request.arrived));
                self.sojourn_time.add(sojourn);
                let served = departure.at.since(started);
                let speed = if sojourn.is_zero() {
                    1.0
                } else {
                    served.as_secs_f64() / sojourn.as_secs_f64()
                };
                self.speeds.0 += speed;
                self.speeds.1 += speed * speed;
            }
        }
    }

    /// Whether the mean sojourn time is known to this part of itself: its 99 % confidence interval
    /// reaches no further to either side.
    pub fn is_precise(&self, relative_half_width: f64) -> bool {
        let times = &self.sojourn_time;
        let half_width = times.batches.half_width_99();
        times.n > 0
            && half_width.is_some_and(|half| half <= relative_half_width * secs(times.sum, times.n))
    }

    /// How many times have been gathered: answered requests after the warm-up.
    pub const fn n_samples(&self) -> u64 {
        self.sojourn_time.n
    }

    /// The figures, with the state at the end of the run.
    ///
    /// # Panics
    ///
    /// When Little's law does not hold: requests in the system, integrated over time, are the times
    /// that requests spent there (J. D. C. Little, "A proof for the queuing formula L = λW" (1961)).
    pub fn report(&self, world: &World) -> RunReport {
        self.assert_littles_law(world);
        let counts = world.counts();
        let (mut started, mut waited) = (self.started, self.waited);
        for request in world.requests().filter(|request| request.started.is_some()) {
            started += 1;
            waited += u64::from(request.waited == Some(true));
        }
        let utilisation = match (self.model, self.cores) {
            (Model::Spawn, Some(cores)) => ratio(
                self.cores_busy,
                u128::from(cores) * u128::from(self.at.since(self.began).as_nanos()),
            ),
            (Model::Async | Model::Sharded, Some(_)) => ratio(self.cores_busy, self.workers),
            (Model::Spawn, None) => None,
            _ => ratio(self.held, self.workers),
        };
        RunReport {
            model: self.model,
            arrived: counts.arrived,
            answered: counts.answered,
            failed: counts.failed,
            rejected: counts.rejected,
            dropped: counts.dropped,
            lost: counts.lost,
            in_system: counts.in_system,
            waited: self.waited_known.then(|| ratio(waited.into(), started.into())).flatten(),
            waiting_time: self.waiting_time.times(),
            sojourn_time: self.sojourn_time.times(),
            utilisation,
            fairness: self.fairness(),
            threads_peak: counts.threads_peak,
            run_queue_peak: counts.run_queue_peak,
            events: counts.events,
            digest: self.digest.clone(),
        }
    }

    /// In nanoseconds, and exact. Turns without a request leave no time behind, so that with them
    /// there is nothing to compare.
    fn assert_littles_law(&self, world: &World) {
        if world.counts().turns_without_request > 0 {
            return;
        }
        let stays = world.requests().map(|request| self.at.since(request.arrived).as_nanos());
        let stayed = self.stayed + stays.map(u128::from).sum::<u128>();
        assert_eq!(self.in_system, stayed, "Little's law, in ns of requests in the system");
    }

    /// Jain's index (Σx)² / nΣx² over the speeds of requests.
    #[expect(clippy::cast_precision_loss, reason = "counts of requests lie far below 2⁵³")]
    fn fairness(&self) -> Option<f64> {
        let (sum, of_squares) = self.speeds;
        (of_squares > 0.0).then(|| sum * sum / (self.sojourn_time.n as f64 * of_squares))
    }
}

/// Times of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Samples {
    n: u64,
    sum: u128,
    max: Span,
    exact: Vec<u64>,
    beyond: Option<Histogram<u64>>,
    batches: Batches,
}

impl Samples {
    pub(crate) fn new() -> Self {
        Self {
            n: 0,
            sum: 0,
            max: Span::ZERO,
            exact: Vec::new(),
            beyond: None,
            batches: Batches::new(),
        }
    }

    pub(crate) fn add(&mut self, span: Span) {
        let ns = span.as_nanos();
        self.n += 1;
        self.sum += u128::from(ns);
        self.max = self.max.max(span);
        self.batches.add(ns);
        if let Some(histogram) = &mut self.beyond {
            histogram.record(ns).expect("it grows with its values");
        } else if self.exact.len() < EXACT_MAX {
            self.exact.push(ns);
        } else {
            let mut histogram = Histogram::new(3).expect("three digits are allowed");
            self.exact.drain(..).chain([ns]).for_each(|ns| histogram.record(ns).expect("it grows"));
            self.beyond = Some(histogram);
        }
    }

    pub(crate) fn times(&self) -> Times {
        let mut sorted = self.exact.clone();
        sorted.sort_unstable();
        let quantile = |per_cent: u64| {
            if let Some(histogram) = &self.beyond {
                #[expect(clippy::cast_precision_loss, reason = "50, 95 or 99")]
                return Some(secs(
                    u128::from(histogram.value_at_quantile(per_cent as f64 / 100.0)),
                    1,
                ));
            }
            let rank = (sorted.len() as u64 * per_cent).div_ceil(100).max(1) - 1;
            let ns = *sorted.get(usize::try_from(rank).ok()?)?;
            Some(secs(ns.into(), 1))
        };
        Times {
            mean: (self.n > 0).then(|| secs(self.sum, self.n)),
            half_width_99: self.batches.half_width_99(),
            p50: quantile(50),
            p95: quantile(95),
            p99: quantile(99),
            max: (self.n > 0).then(|| self.max.as_secs_f64()),
        }
    }
}

/// Sums of consecutive samples. When there are [`Batches::MAX`], neighbours are joined and batches
/// become twice as long: memory stays the same however long the run.
#[derive(Clone, Debug)]
struct Batches {
    sums: Vec<u128>,
    length: u64,
    current: u128,
    of_current: u64,
}

impl Batches {
    const MAX: usize = 64;
    /// Shorter batches are too correlated for their spread to mean anything.
    const LENGTH_MIN: u64 = 16;

    const fn new() -> Self {
        Self { sums: Vec::new(), length: 1, current: 0, of_current: 0 }
    }

    fn add(&mut self, ns: u64) {
        self.current += u128::from(ns);
        self.of_current += 1;
        if self.of_current < self.length {
            return;
        }
        self.sums.push(self.current);
        (self.current, self.of_current) = (0, 0);
        if self.sums.len() == Self::MAX {
            for index in 0..Self::MAX / 2 {
                self.sums[index] = self.sums[2 * index] + self.sums[2 * index + 1];
            }
            self.sums.truncate(Self::MAX / 2);
            self.length *= 2;
        }
    }

    /// Half of the width of the 99 % confidence interval of the mean, in seconds.
    #[expect(clippy::cast_precision_loss, reason = "at most 64 batches")]
    fn half_width_99(&self) -> Option<f64> {
        if self.length < Self::LENGTH_MIN {
            return None;
        }
        let n = self.sums.len() as f64;
        let means = self.sums.iter().map(|&sum| secs(sum, self.length));
        let mean = means.clone().sum::<f64>() / n;
        let variance = means.map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
        Some(student_995(n - 1.0) * libm::sqrt(variance / n))
    }
}

/// The 99.5 % point of Student's t for 31 degrees of freedom or more: the first terms of its
/// expansion around the normal point (Abramowitz and Stegun (1964), 26.7.5), good to 10⁻³ there.
fn student_995(degrees: f64) -> f64 {
    const Z: f64 = 2.575_829_303_548_901;
    let (z3, z5) = (Z * Z * Z, Z * Z * Z * Z * Z);
    Z + (z3 + Z) / (4.0 * degrees) + (5.0 * z5 + 16.0 * z3 + 3.0 * Z) / (96.0 * degrees * degrees)
}

#[expect(clippy::cast_precision_loss, reason = "a ratio for showing")]
fn ratio(part: u128, whole: u128) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A mean of `n` times in ns whose sum is given, in seconds.
#[expect(clippy::cast_precision_loss, reason = "a mean for showing")]
fn secs(sum: u128, n: u64) -> f64 {
    sum as f64 / n as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Scenario, Server};

    #[test]
    fn percentiles_are_order_statistics() {
        let mut samples = Samples::new();
        for ms in (1..=200).rev() {
            samples.add(Span::from_millis(ms));
        }
        let times = samples.times();
        assert_eq!(times.p50, Some(0.1));
        assert_eq!(times.p99, Some(0.198));
        assert_eq!(times.max, Some(0.2));
        assert_eq!(times.mean, Some(0.1005));
    }

    #[test]
    fn beyond_the_exact_samples_percentiles_are_good_to_three_digits() {
        let mut samples = Samples::new();
        for us in 1..=200_000 {
            samples.add(Span::from_micros(us));
        }
        let times = samples.times();
        let p99 = times.p99.unwrap();
        assert!((p99 / 0.198 - 1.0).abs() < 2e-3, "{p99}");
        assert_eq!(times.mean, Some(0.100_000_5));
    }

    #[test]
    fn student_is_the_tables_value() {
        for (degrees, table) in [(31.0, 2.7440), (40.0, 2.7045), (63.0, 2.6561)] {
            assert!((student_995(degrees) - table).abs() < 1e-3);
        }
    }

    #[test]
    #[should_panic(expected = "Little's law")]
    fn time_that_nobody_spent_breaks_littles_law() {
        let scenario = Scenario::new("test", Server::new(Model::Pool));
        let header = TraceHeader::simulated(scenario);
        let mut stats = Stats::new(&header);
        let counts = Counts { in_system: 1, ..Counts::default() };
        stats.advance(&counts, 4, SimTime::from_nanos(1));
        stats.report(&World::new(&header));
    }

    #[test]
    fn nothing_measured_is_no_number() {
        let times = Samples::new().times();
        assert_eq!((times.mean, times.p50, times.half_width_99), (None, None, None));
    }
}
