//! Statistics whose first three cumulants are known, brought to standard normal values.

use crate::chain::Likeness;
use crate::normal_distribution::both_tails;
use crate::scalar::sqrt;

/// A statistic beside the mean, variance and third cumulant that it has where nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Statistic {
    pub(super) value: f64,
    pub(super) mean: f64,
    pub(super) variance: f64,
    pub(super) third: f64,
}

impl Statistic {
    /// The value less its mean.
    pub(super) fn excess(&self) -> f64 {
        self.value - self.mean
    }

    pub(super) fn std_dev(&self) -> f64 {
        sqrt(self.variance)
    }

    /// The standard normal value that is as rare, by a gamma distribution of these cumulants and the cube root
    /// of Wilson & Hilferty (1931). `None` where there is nothing to judge.
    pub(super) fn z(&self) -> Option<f64> {
        let x = self.excess() / self.std_dev();
        if !x.is_finite() {
            return None;
        }
        let skewness = self.third / (self.variance * self.std_dev());
        if skewness.abs() < 1e-4 {
            return Some(x);
        }
        let root = libm::cbrt(1.0 + 0.5 * skewness * x);
        Some(6.0 / skewness * (root - 1.0) + skewness / 6.0)
    }

    /// The mean over samples of different kinds, given the shares of the kinds and the statistic of each.
    pub(super) fn mixed(value: f64, parts: impl Iterator<Item = (f64, Self)>) -> Self {
        let nothing = Self { value, mean: 0.0, variance: 0.0, third: 0.0 };
        parts.fold(nothing, |sum, (share, part)| Self {
            value,
            mean: sum.mean + share * part.mean,
            variance: sum.variance + share * part.variance,
            third: sum.third + share * part.third,
        })
    }

    /// The sum of independent statistics.
    pub(super) fn sum<'a>(statistics: impl Iterator<Item = &'a Self>) -> Self {
        let zero = Self { value: 0.0, mean: 0.0, variance: 0.0, third: 0.0 };
        statistics.fold(zero, |sum, next| Self {
            value: sum.value + next.value,
            mean: sum.mean + next.mean,
            variance: sum.variance + next.variance,
            third: sum.third + next.third,
        })
    }
}

/// A batch of samples whose units are correlated: how many there are, the mean correlation between two, that of
/// its square, and that of the product of three around.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Correlated {
    pub(super) samples: f64,
    pub(super) mean: f64,
    pub(super) square: f64,
    pub(super) triple: f64,
}

impl Correlated {
    pub(super) fn new(samples: usize, mean: f64, likeness: Likeness) -> Self {
        let mean = mean.clamp(-1.0, 1.0);
        // The spread is that of the rows that were looked at.
        let spread = (likeness.square - likeness.mean * likeness.mean).max(0.0);
        let square = (mean * mean + spread).min(1.0);
        let triple = likeness.triple.clamp(-1.0, square);
        Self { samples: samples as f64, mean, square, triple }
    }

    /// All pairs alike.
    #[cfg(test)]
    pub(super) fn alike(samples: usize, rho: f64) -> Self {
        Self::new(samples, rho, Likeness { mean: rho, square: rho * rho, triple: rho * rho * rho })
    }

    /// Correlations, with their shares, that have the mean and the square, and the third and fourth moment as
    /// if they were normal.
    pub(super) fn spread(&self) -> [(f64, f64); 3] {
        let reach = sqrt(3.0 * (self.square - self.mean * self.mean).max(0.0));
        let at = |rho: f64| rho.clamp(-1.0, 1.0);
        [(at(self.mean - reach), 1.0 / 6.0), (self.mean, 2.0 / 3.0), (at(self.mean + reach), 1.0 / 6.0)]
    }

    /// The share of pairs, of all pairs of samples with themselves and each other, that are of one sample.
    pub(super) fn own(&self) -> f64 {
        1.0 / self.samples
    }

    /// E (mean over samples)^2 from that of one sample and that of two.
    pub(super) fn second(&self, one: f64, two: f64) -> f64 {
        self.own() * one + (1.0 - self.own()) * two
    }

    /// The same of the third power, from (s, s, s), (s, s, t) and (s, t, u).
    pub(super) fn third(&self, one: f64, two: f64, three: f64) -> f64 {
        let own = self.own();
        let (twice, distinct) = (3.0 * own * (1.0 - own), (1.0 - own) * (1.0 - 2.0 * own).max(0.0));
        own * own * one + twice * two + distinct * three
    }

    /// The mean over samples of ln(chi^2_n / n), `value` being measured: the squared length of n independent
    /// normal units, over its mean.
    pub(super) fn ln_chi_squared(&self, value: f64, n: f64) -> Statistic {
        let variance = self.second(2.0, 2.0 * self.square) / n;
        let third =
            self.third(8.0, 8.0 * self.square, 8.0 * self.triple) / (n * n) - 3.0 * variance * variance;
        Statistic { value, mean: -1.0 / n - 1.0 / (3.0 * n * n), variance: variance * (1.0 + 1.0 / n), third }
    }

    /// The mean over samples of the square of one normal value each.
    pub(super) fn chi_squared(&self, value: f64) -> Statistic {
        Statistic {
            value,
            mean: 1.0,
            variance: self.second(2.0, 2.0 * self.square),
            third: self.third(8.0, 8.0 * self.square, 8.0 * self.triple),
        }
    }
}

/// Whether a standard normal value is this far out less often than `allowed`. NaN is not rare: there is
/// nothing to judge.
pub(super) fn is_rare(z: f64, allowed: f64) -> bool {
    both_tails(z) < allowed
}

/// The standard normal value as rare as this chi^2 with so many degrees of freedom.
pub(super) fn of_chi_squared(sum: f64, n: usize) -> f64 {
    let variance = 2.0 / (9.0 * n as f64);
    (libm::cbrt(sum / n as f64) - (1.0 - variance)) / sqrt(variance)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// chi^2_n: mean n, variance 2 n, third cumulant 8 n; quantiles by mpmath.
    #[test]
    fn gamma_tails_become_normal_ones() {
        for (n, quantile) in [(10.0, 55.0_f64), (100.0, 187.0)] {
            let statistic = Statistic { value: quantile, mean: n, variance: 2.0 * n, third: 8.0 * n };
            let z = statistic.z().unwrap();
            let direct = of_chi_squared(quantile, n as usize);
            assert!((z - direct).abs() < 0.03, "{z} {direct}");
        }
        let flat = Statistic { value: 3.0, mean: 1.0, variance: 4.0, third: 0.0 };
        assert_eq!(flat.z(), Some(1.0));
        let nothing = Statistic { value: 0.0, mean: 0.0, variance: 0.0, third: 0.0 };
        assert_eq!(nothing.z(), None);
        assert!(!is_rare(f64::NAN, 0.1) && is_rare(5.0, 1e-5));
    }

    #[test]
    fn one_sample_and_alike_ones_have_the_same_cumulants() {
        let one = Correlated::alike(1, 0.0).ln_chi_squared(0.0, 50.0);
        let alike = Correlated::alike(1000, 1.0).ln_chi_squared(0.0, 50.0);
        assert!((one.variance - alike.variance).abs() < 1e-15 && (one.third - alike.third).abs() < 1e-9);
        // psi''(n / 2) is about -4 / n^2.
        assert!((one.third + 4.0 / 2500.0).abs() < 1e-4, "{}", one.third);
    }
}
