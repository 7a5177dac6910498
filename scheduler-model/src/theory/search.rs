//! Turning a tail into its quantile: bisection on a function that does not increase.

/// Where `tail`, which does not increase from 0 on and comes down to nothing, first is `share` or
/// less, to the last bits of the result. The unit of its argument should be of the order of what is
/// sought.
pub(super) fn first_below(share: f64, tail: impl Fn(f64) -> f64) -> f64 {
    if tail(0.0) <= share {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    while tail(high) > share && high < f64::MAX / 2.0 {
        (low, high) = (high, high * 2.0);
    }
    // Halving 64 times leaves nothing between two numbers of 53 bits, unless they are next to 0.
    for _ in 0..64 {
        let middle = f64::midpoint(low, high);
        if tail(middle) > share {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_exponential_is_ln_2() {
        let median = first_below(0.5, |x| libm::exp(-x));
        assert!((median - libm::log(2.0)).abs() < 1e-15);
    }

    #[test]
    fn a_step_is_found_and_nothing_is_at_0() {
        let step = first_below(0.5, |x| if x < 40.0 { 1.0 } else { 0.0 });
        assert!((step - 40.0).abs() < 1e-12 && first_below(0.5, |_| 0.2) <= 0.0);
    }
}
