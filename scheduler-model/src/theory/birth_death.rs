//! The steady state of a chain of births and deaths, for every queue that is one.

/// Shares of time that a population of 0..=`capacity` spends at each size.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BirthDeath {
    /// The least size with a share worth keeping.
    first: u64,
    shares: Vec<f64>,
}

impl BirthDeath {
    /// Shares below this part of the greatest are left out: they are below what `f64` can hold.
    const SHARE_MIN: f64 = 1e-300;

    /// Solves the chain by detailed balance, π(n)·birth(n) = π(n + 1)·death(n + 1), outwards from
    /// the greatest share, so that nothing overflows or cancels.
    ///
    /// Births must not increase with `n` and deaths must not decrease, so that there is one
    /// greatest share; deaths of n ≥ 1 must be positive. (L. Kleinrock, *Queueing Systems,
    /// Volume 1* (1975), §3.1.)
    pub(super) fn solve(
        capacity: u64,
        birth: impl Fn(u64) -> f64,
        death: impl Fn(u64) -> f64,
    ) -> Self {
        let mode = mode(capacity, &birth, &death);
        let mut below = Vec::new();
        let mut share = 1.0;
        for n in (0..mode).rev() {
            share *= death(n + 1) / birth(n);
            if share < Self::SHARE_MIN {
                break;
            }
            below.push(share);
        }
        let first = mode - below.len() as u64;
        let mut shares: Vec<f64> = below.into_iter().rev().chain([1.0]).collect();
        share = 1.0;
        for n in mode..capacity {
            share *= birth(n) / death(n + 1);
            if share < Self::SHARE_MIN {
                break;
            }
            shares.push(share);
        }
        let total: f64 = shares.iter().sum();
        for share in &mut shares {
            *share /= total;
        }
        Self { first, shares }
    }

    /// A population that is always `size`.
    pub(super) fn always(size: u64) -> Self {
        Self { first: size, shares: vec![1.0] }
    }

    /// Share of time with `n` there.
    pub(super) fn share(&self, n: u64) -> f64 {
        let index = n.checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        index.and_then(|index| self.shares.get(index)).copied().unwrap_or(0.0)
    }

    /// Sizes and their shares, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, f64)> {
        (self.first..).zip(self.shares.iter().copied())
    }

    /// The mean over time of a quantity that depends on the size.
    pub(super) fn mean(&self, of: impl Fn(u64) -> f64) -> f64 {
        self.iter().map(|(n, share)| share * of(n)).sum()
    }
}

/// The first size from which the population shrinks rather than grows.
fn mode(capacity: u64, birth: &impl Fn(u64) -> f64, death: &impl Fn(u64) -> f64) -> u64 {
    let (mut low, mut high) = (0, capacity);
    while low < high {
        let middle = low + (high - low) / 2;
        if birth(middle) > death(middle + 1) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_births_and_deaths_give_every_size_the_same_share() {
        let chain = BirthDeath::solve(10, |_| 3.0, |_| 3.0);
        assert!((0..=10).all(|n| (chain.share(n) - 1.0 / 11.0).abs() < 1e-15));
        assert!((chain.share(11), chain.share(u64::MAX)) == (0.0, 0.0));
    }

    #[test]
    fn a_million_places_at_any_load_overflow_nothing() {
        for load in [1e-200, 0.5, 1.0, 2.0, 1e200] {
            let chain = BirthDeath::solve(1_000_000, |_| load, |_| 1.0);
            let total: f64 = chain.iter().map(|(_, share)| share).sum();
            assert!((total - 1.0).abs() < 1e-9, "{load}: {total}");
        }
    }
}
