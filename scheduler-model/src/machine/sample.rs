//! Random draws: named streams of one seed, and times drawn from distributions.
//!
//! Each request has a stream of its own, so that its demand is the same under every model and in
//! whatever order requests arrive. The generator is xoshiro256++ seeded through `SplitMix64` (D.
//! Blackman and S. Vigna, 2019); logarithms come from `libm`, since the system's differ from wasm's.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use crate::scenario::{Distribution, Mix};
use crate::{RouteId, Span};

/// What a stream of random numbers is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// Times between arrivals.
    Arrivals = 1,
    /// What a request costs, by request.
    Demand = 2,
    /// What a request asks for, by request.
    Mix = 3,
    /// How long a client thinks, by client.
    Think = 4,
    /// Which loop of `sharded` the kernel gives a connection to, by request.
    Shard = 5,
    /// Which of two equal victims a thief takes.
    Thefts = 6,
    /// Whose demand a request has that was never served in the run it is from, by request.
    Unserved = 7,
}

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub(crate) struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// The stream of this purpose and index under a scenario's seed.
    pub(crate) fn new(seed: u64, purpose: Purpose, index: u64) -> Self {
        // Odd multipliers keep distinct (seed, purpose, index) distinct; seeding mixes them.
        let key = seed
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .wrapping_add(purpose as u64)
            .wrapping_mul(0xd1b5_4a32_d192_ed03)
            .wrapping_add(index);
        Self(Xoshiro256PlusPlus::seed_from_u64(key))
    }

    /// Evenly in [0, 1).
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Evenly among 0..n.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        // Lemire's multiplication, without his rejection: n is far below 2^32.
        let wide = u128::from(self.0.next_u64()) * n as u128;
        usize::try_from(wide >> 64).expect("it is below n")
    }

    /// Exponential with this mean, in whatever unit the mean has.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -libm::log(1.0 - self.unit()) * mean
    }

    pub(crate) fn span(&mut self, distribution: &Distribution) -> Span {
        match distribution {
            Distribution::Constant(span) => *span,
            Distribution::Exponential(mean) => to_span(self.exponential(to_f64(*mean))),
            Distribution::Uniform(low, high) => {
                let (low, high) = (to_f64(*low), to_f64(*high));
                to_span(low + self.unit() * (high - low))
            }
            Distribution::Hyperexponential(phases) => {
                let mut point = self.unit();
                let (last, _) = *phases.last().expect("a mixture has a phase");
                let chosen = phases.iter().find(|(_, weight)| {
                    point -= weight;
                    point < 0.0
                });
                to_span(self.exponential(to_f64(chosen.map_or(last, |&(mean, _)| mean))))
            }
        }
    }

    pub(crate) fn route(&mut self, mix: &Mix) -> RouteId {
        let mut point = self.unit();
        let (last, _) = *mix.last().expect("a mix has a route");
        let chosen = mix.iter().find(|(_, weight)| {
            point -= weight;
            point < 0.0
        });
        chosen.map_or(last, |&(route, _)| route)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a mean of over 104 days may lose nanoseconds")]
fn to_f64(span: Span) -> f64 {
    span.as_nanos() as f64
}

/// Rounds to the nanosecond.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
pub(crate) fn to_span(ns: f64) -> Span {
    Span::from_nanos(libm::round(ns) as u64)
}
