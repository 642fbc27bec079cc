//! The standard normal distribution: density, distribution function, and the probability of an interval and of
//! both tails.

use core::f64::consts::{SQRT_2, TAU};

use crate::scalar::sqrt;

/// The density at x.
pub(crate) fn density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x) / sqrt(TAU)
}

/// P(X <= x), from erfc: 1 + erf would cancel on the left.
pub(crate) fn cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / SQRT_2)
}

/// P(low < X <= high), precise in both tails.
pub(crate) fn interval(low: f64, high: f64) -> f64 {
    if low > 0.0 { cdf(-low) - cdf(-high) } else { cdf(high) - cdf(low) }
}

/// P(|X| >= |x|).
pub(crate) fn both_tails(x: f64) -> f64 {
    libm::erfc(x.abs() / SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64) {
        assert!((value - expected).abs() <= 1e-14 * expected, "{value:e}, not {expected:e}");
    }

    /// mpmath, 30 digits.
    #[test]
    fn tails_keep_their_digits() {
        close(density(0.0), 0.398_942_280_401_432_7);
        close(density(-10.0), 7.694_598_626_706_42e-23);
        close(cdf(1.0), 0.841_344_746_068_542_9);
        close(cdf(-10.0), 7.619_853_024_160_526e-24);
        close(both_tails(-10.0), 2.0 * 7.619_853_024_160_526e-24);
        close(interval(-1.0, 1.0), 0.682_689_492_137_085_9);
        assert_eq!(interval(9.0, f64::INFINITY), interval(f64::NEG_INFINITY, -9.0));
        close(interval(9.0, f64::INFINITY), 1.128_588_405_953_840_6e-19);
        for x in [f64::NEG_INFINITY, f64::INFINITY] {
            assert_eq!((density(x), cdf(x), both_tails(x)), (0.0, f64::from(x > 0.0), 0.0));
        }
    }
}
