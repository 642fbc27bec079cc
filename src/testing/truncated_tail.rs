//! Tail probabilities of the mean and the variance of truncated normal weights.

use super::tail;
use crate::init::Law;
use crate::normal_distribution::interval;
use crate::scalar::sqrt;

/// A standard normal variable u between two bounds, and its standardised form w = (u - mean) / std_dev.
#[derive(Clone, Copy, Debug)]
pub(super) struct TruncatedTail {
    low: f64,
    high: f64,
    mean: f64,
    std_dev: f64,
    /// Variance of w^2.
    square_variance: f64,
}

/// Tilts beyond which the masses in the generating functions underflow; to look no farther only
/// makes the bounds wider.
const TILT: f64 = 20.0;

impl TruncatedTail {
    pub(super) fn new(law: &Law, square_variance: f64) -> Self {
        let (low, high) = law.support();
        Self { low, high, mean: law.mean(), std_dev: law.std_dev(), square_variance }
    }

    /// The two bounds, in units of w.
    fn bounds(&self) -> [f64; 2] {
        [self.low, self.high].map(|bound| (bound - self.mean) / self.std_dev)
    }

    fn ln_mass(low: f64, high: f64) -> f64 {
        libm::log(interval(low, high).max(f64::MIN_POSITIVE))
    }

    /// Both tails of the mean of n values of w.
    pub(super) fn mean_probability(&self, n: f64, deviation: f64) -> f64 {
        let [low, high] = self.bounds();
        let side = 1_f64.copysign(deviation);
        let bennett = tail::bennett(n, deviation.abs(), 1.0, if side > 0.0 { high } else { -low });
        let all = Self::ln_mass(self.low, self.high);
        // ln E exp(t u), t on the side of the deviation.
        let cumulant = |t: f64| {
            let t = side * t;
            0.5 * t * t + Self::ln_mass(self.low - t, self.high - t) - all
        };
        let chernoff = tail::chernoff(n, side * (self.mean + self.std_dev * deviation), TILT, cumulant);
        (2.0 * bennett.min(chernoff)).min(1.0)
    }

    /// Both tails of the mean of n values of w^2.
    pub(super) fn variance_probability(&self, n: f64, ratio: f64) -> f64 {
        let farthest = self.bounds().map(f64::abs).into_iter().fold(0.0, f64::max);
        let upper = ratio > 1.0;
        let bound = if upper { farthest * farthest - 1.0 } else { 1.0 };
        let bennett = tail::bennett(n, (ratio - 1.0).abs(), self.square_variance, bound);
        let (side, limit) = if upper { (1.0, 0.499) } else { (-1.0, 1e3) };
        let (all, mean) = (Self::ln_mass(self.low, self.high), self.mean);
        let variance = self.std_dev * self.std_dev;
        // ln E exp(t (u - mean)^2): under the tilt u is normal again, of another mean and variance.
        let cumulant = |t: f64| {
            let t = side * t;
            let shrink = 1.0 - 2.0 * t;
            let shift = 2.0 * t * mean / shrink;
            let [low, high] = [self.low, self.high].map(|bound| sqrt(shrink) * (bound + shift));
            t * mean * mean / shrink - 0.5 * libm::log1p(-2.0 * t) + Self::ln_mass(low, high) - all
        };
        let chernoff = tail::chernoff(n, side * ratio * variance, limit, cumulant);
        (2.0 * bennett.min(chernoff)).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normal_distribution::both_tails;

    /// Wide bounds change nothing: the exact distributions of the normal case are just below the bounds.
    #[test]
    fn wide_bounds_are_none() {
        let law = Law::TruncatedNormal { mean: 0.0, std_dev: 1.0, low: -9.0, high: f64::INFINITY };
        let wide = TruncatedTail::new(&law, 2.0);
        for n in [2.0, 100.0, 1e4, 1e8] {
            for z in [-7.0, -2.0, 0.5, 6.5] {
                let mean = z / sqrt(n);
                let (bound, exact) = (wide.mean_probability(n, mean), both_tails(z));
                assert!(exact <= bound * 1.000_001 && bound < 50.0 * exact, "{n} {z}: {bound:e} {exact:e}");
                let ratio = 1.0 + z * sqrt(2.0 / n);
                if ratio > 0.0 {
                    let (bound, exact) = (wide.variance_probability(n, ratio), tail::chi_square(n, ratio));
                    assert!(
                        exact <= bound * 1.000_001 && bound < 50.0 * exact,
                        "{n} {z}: {bound:e} {exact:e}"
                    );
                }
            }
        }
    }
}
