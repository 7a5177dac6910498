//! What a request asks for as a random time: its moments, its tail, and whether it is memoryless.
//!
//! A time is a mixture over routes, and on each route a sum of independent parts. Times are in
//! seconds.

use crate::scenario::{Distribution, Mix, RequestKind};
use crate::{RouteId, Times};

use super::expected::times;
use super::mmc::share_beyond;
use super::search::first_below;

/// A random time.
#[derive(Clone, Debug)]
pub(super) struct Demand {
    routes: Vec<(f64, Vec<Part>)>,
}

/// A part of it, in seconds.
#[derive(Clone, Debug)]
enum Part {
    Constant(f64),
    Uniform(f64, f64),
    /// Means and weights; an exponential has one.
    Mixture(Vec<(f64, f64)>),
}

impl Demand {
    /// CPU time, that of a tree of tasks run one after the other included.
    pub(super) fn cpu(requests: &[RequestKind], mix: &Mix) -> Self {
        Self::of(requests, mix, |kind| vec![Part::of(&kind.cpu), Part::Constant(tree(kind))])
    }

    /// Time asleep.
    pub(super) fn sleep(requests: &[RequestKind], mix: &Mix) -> Self {
        Self::of(requests, mix, |kind| vec![Part::of(&kind.sleep)])
    }

    /// CPU time and time asleep together.
    pub(super) fn both(requests: &[RequestKind], mix: &Mix) -> Self {
        Self::of(requests, mix, |kind| {
            vec![Part::of(&kind.cpu), Part::Constant(tree(kind)), Part::of(&kind.sleep)]
        })
    }

    fn of(requests: &[RequestKind], mix: &Mix, parts: impl Fn(&RequestKind) -> Vec<Part>) -> Self {
        let asked = mix.iter().filter(|&&(_, weight)| weight > 0.0);
        let parts = |route: RouteId| {
            let mut parts = parts(&requests[usize::from(route.0)]);
            parts.retain(|part| !part.is_zero());
            parts
        };
        Self { routes: asked.map(|&(route, weight)| (weight, parts(route))).collect() }
    }

    /// E\[S\].
    pub(super) fn mean(&self) -> f64 {
        self.mixed(|parts| parts.iter().map(Part::mean).sum())
    }

    /// c² = Var\[S\]/E\[S\]²; 0 for a time that is always 0.
    pub(super) fn squared_variation(&self) -> f64 {
        let mean = self.mean();
        if mean == 0.0 {
            return 0.0;
        }
        // Around the mean, in units of it: differences of squares would cancel.
        self.mixed(|parts| {
            let off = parts.iter().map(Part::mean).sum::<f64>() / mean - 1.0;
            off * off + parts.iter().map(Part::variance).sum::<f64>() / mean / mean
        })
    }

    /// Whether it is always 0.
    pub(super) fn is_zero(&self) -> bool {
        self.routes.iter().all(|(_, parts)| parts.is_empty())
    }

    /// The mean, if the time is exponential.
    #[expect(clippy::float_cmp, reason = "the same number in the file, or another law")]
    pub(super) fn exponential(&self) -> Option<f64> {
        let mut mean = None;
        for (_, parts) in &self.routes {
            let [Part::Mixture(phases)] = parts.as_slice() else { return None };
            for &(phase, _) in phases {
                if *mean.get_or_insert(phase) != phase {
                    return None;
                }
            }
        }
        mean
    }

    /// Share of times above `x`; `None` where a route adds up several random parts.
    pub(super) fn tail(&self, x: f64) -> Option<f64> {
        let of_route = |parts: &[Part]| {
            let constant = |part: &&Part| matches!(part, Part::Constant(_));
            let fixed: f64 = parts.iter().filter(constant).map(Part::mean).sum();
            let mut random = parts.iter().filter(|part| !constant(part));
            match (random.next(), random.next()) {
                (None, _) => Some(Part::Constant(fixed).tail(x)),
                (Some(part), None) => Some(part.tail(x - fixed)),
                _ => None,
            }
        };
        self.routes
            .iter()
            .try_fold(0.0, |sum, (weight, parts)| Some(sum + weight * of_route(parts)?))
    }

    /// What is known of times that are just this.
    pub(super) fn times(&self) -> Times {
        let mean = self.mean();
        let quantile = |quantile| {
            self.tail(0.0)?;
            let tail = |means: f64| self.tail(means * mean).expect("it has one at 0");
            let beyond = share_beyond(quantile)?;
            Some(if mean > 0.0 { first_below(beyond, tail) * mean } else { 0.0 })
        };
        Times { max: self.max(), ..times(mean, quantile) }
    }

    /// The longest it can be, if there is a longest.
    pub(super) fn max(&self) -> Option<f64> {
        let of_route =
            |parts: &[Part]| parts.iter().map(Part::max).try_fold(0.0, |sum, max| Some(sum + max?));
        self.routes.iter().try_fold(0.0_f64, |max, (_, parts)| Some(max.max(of_route(parts)?)))
    }

    /// A bound on the share of arrivals that find `n` or more requests at one worker, which serves
    /// first come first served: 2·M(θ/2)·(1 + θ/2λ)^−n for any θ > 0 with λ(M(θ) − 1) ≤ θ, where M
    /// is the transform E\[e^θS\].
    ///
    /// Waiting is at most exponential of rate θ (J. F. C. Kingman, "Inequalities in the theory of
    /// queues" (1970)), and a request leaves as many behind as come during its sojourn. Returns 1
    /// for an overload.
    pub(super) fn backlog_tail(&self, arrival_rate: f64, n: f64) -> f64 {
        if arrival_rate * self.mean() >= 1.0 || self.is_zero() {
            return if self.is_zero() { 0.0 } else { 1.0 };
        }
        let holds = |theta: f64| arrival_rate * (self.transform(theta) - 1.0) <= theta;
        let (mut low, mut high) = (0.0, 1.0 / self.mean());
        while holds(high) {
            (low, high) = (high, 2.0 * high);
        }
        for _ in 0..64 {
            let middle = f64::midpoint(low, high);
            if holds(middle) { low = middle } else { high = middle }
        }
        let half = low / 2.0;
        let log = libm::log(2.0 * self.transform(half)) - n * libm::log1p(half / arrival_rate);
        libm::exp(log).min(1.0)
    }

    /// E\[e^θS\], infinite where it is not defined.
    fn transform(&self, theta: f64) -> f64 {
        self.mixed(|parts| parts.iter().map(|part| part.transform(theta)).product())
    }

    fn mixed(&self, of: impl Fn(&[Part]) -> f64) -> f64 {
        self.routes.iter().map(|(weight, parts)| weight * of(parts)).sum()
    }
}

impl Part {
    fn of(distribution: &Distribution) -> Self {
        match distribution {
            Distribution::Constant(span) => Self::Constant(span.as_secs_f64()),
            Distribution::Uniform(low, high) if low == high => Self::Constant(low.as_secs_f64()),
            Distribution::Uniform(low, high) => {
                Self::Uniform(low.as_secs_f64(), high.as_secs_f64())
            }
            Distribution::Exponential(mean) => Self::Mixture(vec![(mean.as_secs_f64(), 1.0)]),
            Distribution::Hyperexponential(phases) => {
                let used = phases.iter().filter(|&&(_, weight)| weight > 0.0);
                Self::Mixture(used.map(|&(mean, w)| (mean.as_secs_f64(), w)).collect())
            }
        }
    }

    fn is_zero(&self) -> bool {
        self.max() == Some(0.0)
    }

    fn mean(&self) -> f64 {
        match self {
            Self::Constant(x) => *x,
            Self::Uniform(low, high) => f64::midpoint(*low, *high),
            Self::Mixture(phases) => phases.iter().map(|&(mean, weight)| weight * mean).sum(),
        }
    }

    fn variance(&self) -> f64 {
        match self {
            Self::Constant(_) => 0.0,
            Self::Uniform(low, high) => (high - low) * (high - low) / 12.0,
            Self::Mixture(phases) => {
                let whole = self.mean();
                let off = |mean: f64| mean * mean + (mean - whole) * (mean - whole);
                phases.iter().map(|&(mean, weight)| weight * off(mean)).sum()
            }
        }
    }

    fn tail(&self, x: f64) -> f64 {
        match self {
            _ if x < 0.0 => 1.0,
            Self::Constant(value) => f64::from(u8::from(x < *value)),
            Self::Uniform(low, high) => ((high - x) / (high - low)).clamp(0.0, 1.0),
            Self::Mixture(phases) => {
                let beyond = |mean: f64| if mean > 0.0 { libm::exp(-x / mean) } else { 0.0 };
                phases.iter().map(|&(mean, weight)| weight * beyond(mean)).sum()
            }
        }
    }

    fn max(&self) -> Option<f64> {
        match self {
            Self::Constant(x) => Some(*x),
            Self::Uniform(_, high) => Some(*high),
            Self::Mixture(phases) => phases.iter().all(|&(mean, _)| mean == 0.0).then_some(0.0),
        }
    }

    fn transform(&self, theta: f64) -> f64 {
        match self {
            Self::Constant(x) => libm::exp(theta * x),
            Self::Uniform(low, high) => {
                let width = theta * (high - low);
                libm::exp(theta * low) * if width == 0.0 { 1.0 } else { libm::expm1(width) / width }
            }
            Self::Mixture(phases) => {
                let of = |mean: f64| {
                    if theta * mean < 1.0 { 1.0 / (1.0 - theta * mean) } else { f64::INFINITY }
                };
                phases.iter().map(|&(mean, weight)| weight * of(mean)).sum()
            }
        }
    }
}

/// The CPU time of a tree's leaves, in seconds.
fn tree(kind: &RequestKind) -> f64 {
    kind.fork.map_or(0.0, |fork| fork.work().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;

    fn sleeping(sleeps: &[(Distribution, f64)]) -> Demand {
        let kind = |(sleep, _): &(Distribution, f64)| RequestKind {
            path: "/".to_owned(),
            cpu: Distribution::Constant(Span::ZERO),
            sleep: sleep.clone(),
            fork: None,
        };
        let requests: Vec<_> = sleeps.iter().map(kind).collect();
        let mix = (0..).zip(sleeps).map(|(route, &(_, weight))| (RouteId(route), weight)).collect();
        Demand::both(&requests, &mix)
    }

    const SECOND: Span = Span::from_millis(1000);

    #[test]
    fn moments_are_those_of_the_tables() {
        let exponential = sleeping(&[(Distribution::Exponential(SECOND), 1.0)]);
        assert!((exponential.squared_variation() - 1.0).abs() < 1e-15);
        let uniform = sleeping(&[(Distribution::Uniform(Span::ZERO, SECOND), 1.0)]);
        assert!((uniform.squared_variation() - 1.0 / 3.0).abs() < 1e-15);
        let two =
            [(Distribution::Constant(Span::ZERO), 0.5), (Distribution::Constant(SECOND), 0.5)];
        assert!((sleeping(&two).squared_variation() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn only_equal_exponentials_mix_to_an_exponential() {
        let exponential = |ms| Distribution::Exponential(Span::from_millis(ms));
        let same = [(exponential(20), 0.3), (exponential(20), 0.7)];
        assert_eq!(sleeping(&same).exponential(), Some(0.02));
        let other = [(exponential(20), 0.3), (exponential(30), 0.7)];
        assert_eq!(sleeping(&other).exponential(), None);
        assert_eq!(sleeping(&[(Distribution::Constant(SECOND), 1.0)]).exponential(), None);
    }

    #[test]
    fn the_bound_on_the_backlog_lies_above_what_is_exact() {
        // M/M/1: an arrival finds n or more with probability ρⁿ.
        let service = sleeping(&[(Distribution::Exponential(SECOND), 1.0)]);
        for (load, n) in [(0.5, 10), (0.9, 100), (0.99, 1000)] {
            let bound = service.backlog_tail(load, f64::from(n));
            let exact = libm::pow(load, f64::from(n));
            assert!(bound >= exact && bound < libm::sqrt(exact) * 5.0, "{load}: {bound} {exact}");
        }
        assert!(service.backlog_tail(1.0, 1e6) >= 1.0);
        // One request in a million takes a thousand times as long, and a thousand come meanwhile.
        let rare = [
            (Distribution::Constant(Span::from_millis(100)), 0.999_999),
            (Distribution::Exponential(Span::from_millis(1_000_000)), 0.000_001),
        ];
        assert!(sleeping(&rare).backlog_tail(1.0, 4096.0) > 1e-9);
    }
}
