//! Distributions in units of their own mean and standard deviation: what weights are compared in.

use crate::init::Law;
use crate::normal_distribution::{density, interval};
use crate::scalar::{Scalar, sqrt};

/// Location and spread of a distribution, computed without squares that overflow or vanish.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Units {
    pub(super) mean: f64,
    pub(super) std_dev: f64,
}

impl Units {
    pub(super) fn of(law: &Law) -> Self {
        match *law {
            Law::TruncatedNormal { mean, std_dev, low, high } if std_dev > 0.0 => {
                let parent = in_parent_units(mean, std_dev, low, high);
                Self { mean: mean + std_dev * parent.mean(), std_dev: std_dev * parent.std_dev() }
            }
            Law::Uniform { low, high } => {
                Self { mean: law.mean(), std_dev: (0.5 * high - 0.5 * low) / sqrt(3.0) }
            }
            Law::Normal { mean, std_dev } => Self { mean, std_dev },
            _ => Self { mean: law.mean(), std_dev: law.std_dev() },
        }
    }

    /// A weight as z = (w - mean) / std_dev.
    pub(super) fn z<T: Scalar>(&self, weight: T) -> f64 {
        (weight.to_f64() - self.mean) / self.std_dev
    }

    /// How far a weight may lie from the value that the distribution gave it: the scalar's rounding of the
    /// parameters and of a few operations on them, or of a value below the smallest normal number.
    pub(super) fn slack<T: Scalar>(&self, weight: f64) -> f64 {
        let size = weight.abs() + self.mean.abs() + self.std_dev + T::min_positive_value().to_f64();
        2.0 * T::epsilon().to_f64() * size
    }

    /// The same in units of the standard deviation: for a weight of at most this |z|, and for the root mean square
    /// of weights of this one.
    pub(super) fn slack_of_z<T: Scalar>(&self, z: f64) -> f64 {
        self.slack::<T>(self.mean.abs() + self.std_dev * z.abs()) / self.std_dev
    }
}

/// The distribution in units of its parent: a standard normal one between two bounds.
pub(super) fn in_parent_units(mean: f64, std_dev: f64, low: f64, high: f64) -> Law {
    let [low, high] = [low, high].map(|bound| (bound - mean) / std_dev);
    Law::TruncatedNormal { mean: 0.0, std_dev: 1.0, low, high }
}

/// Whether this is a distribution of one uniform logarithm: bounded, skewed, its density falling.
pub(super) fn is_logarithmic(law: &Law) -> bool {
    matches!(law, Law::LogUniform { .. } | Law::InverseSoftplusLogUniform { .. })
}

/// A distribution of mean 0 and variance 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Standard {
    /// Of mean 0 and variance 1 but for those of one logarithm, which have no such form.
    law: Law,
    /// Of the law: mean 0 and standard deviation 1, but for those of one logarithm.
    units: Units,
    /// Of the parent, between the bounds of a truncated distribution.
    mass: f64,
}

impl Standard {
    pub(super) fn of(law: &Law) -> Self {
        let units = Units { mean: 0.0, std_dev: 1.0 };
        match *law {
            _ if is_logarithmic(law) => Self { law: *law, units: Units::of(law), mass: 1.0 },
            Law::TruncatedNormal { mean, std_dev, low, high } => {
                let parent = in_parent_units(mean, std_dev, low, high);
                let (mean, std_dev) = (parent.mean(), parent.std_dev());
                let (low, high) = parent.support();
                let [from, to] = [low, high].map(|bound| (bound - mean) / std_dev);
                let law = Law::TruncatedNormal {
                    mean: -mean / std_dev,
                    std_dev: 1.0 / std_dev,
                    low: from,
                    high: to,
                };
                Self { law, units, mass: interval(low, high) }
            }
            Law::Uniform { .. } => {
                Self { law: Law::Uniform { low: -sqrt(3.0), high: sqrt(3.0) }, units, mass: 1.0 }
            }
            _ => Self { law: Law::Normal { mean: 0.0, std_dev: 1.0 }, units, mass: 1.0 },
        }
    }

    /// The least and the largest value.
    pub(super) fn support(&self) -> (f64, f64) {
        let (low, high) = self.law.support();
        (self.units.z(low), self.units.z(high))
    }

    pub(super) fn cdf(&self, z: f64) -> f64 {
        self.law.cdf(self.units.mean + self.units.std_dev * z)
    }

    pub(super) fn density(&self, z: f64) -> f64 {
        let (low, high) = self.support();
        if z < low || z > high {
            return 0.0;
        }
        let w = self.units.mean + self.units.std_dev * z;
        match self.law {
            Law::LogUniform { low, high } => self.units.std_dev / (w * libm::log(high / low)),
            // dt / dy = 1 - e^-t.
            Law::InverseSoftplusLogUniform { low, high } => {
                let t = if w > 30.0 { w } else { libm::log1p(libm::exp(w)) };
                self.units.std_dev * -libm::expm1(-t) / (t * libm::log(high / low))
            }
            Law::TruncatedNormal { mean, std_dev, .. } => {
                density((z - mean) / std_dev) / (std_dev * self.mass)
            }
            Law::Uniform { low, high } => 1.0 / (high - low),
            _ => density(z),
        }
    }

    /// Where nearly all values lie: the support, but no farther than 5 standard deviations.
    pub(super) fn range(&self) -> (f64, f64) {
        let (low, high) = self.support();
        (low.max(-5.0), high.min(5.0))
    }

    pub(super) fn is_symmetric(&self) -> bool {
        let (low, high) = self.support();
        !is_logarithmic(&self.law)
            && (low == high
                || low == f64::NEG_INFINITY && high == f64::INFINITY
                || (low + high).abs() < 1e-9 * high)
    }

    /// The standard deviation over that of a normal distribution whose generating function bounds this one's: 1 for
    /// those that are normal, uniform or truncated at the same distance on both sides (Barreto, Marchal and
    /// Arbel, "Optimal sub-Gaussian variance proxy for truncated Gaussian and exponential random variables",
    /// 2024, <https://arxiv.org/abs/2403.08628>); else by the parent's variance or Hoeffding's lemma.
    pub(super) fn sub_gaussian_scale(&self) -> f64 {
        match self.law {
            Law::TruncatedNormal { std_dev, low, high, .. } if !self.is_symmetric() => {
                1.0 / std_dev.min(0.5 * (high - low))
            }
            Law::LogUniform { .. } | Law::InverseSoftplusLogUniform { .. } => {
                let (low, high) = self.support();
                0.5 * (high - low)
            }
            _ => 1.0,
        }
    }

    /// The largest chance of a single value of the scalar, |z| at least `from` (or z, unless `both_signs`): what
    /// rounds to a value lies within the slack about it, and a generator may know only as many random bits as the
    /// scalar has digits, which it spreads evenly over the probabilities.
    pub(super) fn largest_atom<T: Scalar>(&self, units: Units, from: f64, both_signs: bool) -> f64 {
        const STEPS: u32 = 400;
        let (low, high) = self.support();
        let (low, high) = (low.max(-9.0).max(from), high.min(9.0));
        let at = |step| low + (high - low) * f64::from(step) / f64::from(STEPS);
        let atoms = (0..=STEPS).map(|step| self.atom::<T>(units, at(step)));
        let largest = atoms.fold(T::epsilon().to_f64(), f64::max);
        // The function is smooth: between two steps it grows by less than that.
        (1.05 * largest * if both_signs { 2.0 } else { 1.0 }).min(1.0)
    }

    /// The largest chance of a value of the scalar at z.
    pub(super) fn atom<T: Scalar>(&self, units: Units, z: f64) -> f64 {
        let slack = units.slack_of_z::<T>(z);
        let (from, to) = (z - slack, z + slack);
        let (low, high) = self.support();
        if to < low || from > high {
            return 0.0;
        }
        let nearest = match self.law {
            Law::TruncatedNormal { mean, .. } => mean,
            _ if is_logarithmic(&self.law) => low,
            _ => 0.0,
        };
        // Where the density is highest within the slack.
        let highest = nearest.clamp(from, to).clamp(low, high);
        (2.0 * slack * self.density(highest)).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_distributions_have_mean_0_and_variance_1() {
        let truncated = |low: f64, high: f64| Law::TruncatedNormal { mean: 3.0, std_dev: 0.5, low, high };
        for law in [
            Law::Normal { mean: 2.0, std_dev: 0.1 },
            Law::Uniform { low: 1.0, high: 4.0 },
            truncated(2.0, 4.0),
            truncated(3.0, f64::INFINITY),
            truncated(2.9, 3.4),
        ] {
            let (standard, units) = (Standard::of(&law), Units::of(&law));
            assert!(standard.law.mean().abs() < 1e-9 && (standard.law.variance() - 1.0).abs() < 1e-9);
            for z in [-1.5, -0.3, 0.0, 0.8] {
                let at = units.mean + units.std_dev * z;
                assert!((standard.cdf(z) - law.cdf(at)).abs() < 1e-12, "{law:?} {z}");
                let slope = (standard.cdf(z + 1e-5) - standard.cdf(z - 1e-5)) / 2e-5;
                assert!((standard.density(z) - slope).abs() < 1e-6, "{law:?} {z}");
            }
        }
        let skewed = Standard::of(&truncated(2.9, 3.4));
        let (low, high) = skewed.law.support();
        let units = Units { mean: 0.0, std_dev: 1.0 };
        // No value that the distribution may take is impossible: the chance of each is what the slack about it holds.
        for step in 0..=1000 {
            let z = low + (high - low) * f64::from(step) / 1000.0;
            let (slack, atom) = (units.slack_of_z::<f32>(z), skewed.atom::<f32>(units, z));
            let least = skewed.cdf((z + slack).min(high)) - skewed.cdf((z - slack).max(low));
            assert!(atom >= least * 0.999_999 && atom <= 2.0001 * least, "{z}: {atom} {least}");
        }
        assert_eq!(skewed.atom::<f32>(units, high + 0.01), 0.0);
        // Far out, the inverse distribution function of 23 random bits takes each value with a chance of 2^-23, and either
        // sign: 3 x 10^7 weights would have one value too often without that.
        let normal = Standard::of(&Law::Normal { mean: 0.0, std_dev: 1.0 });
        assert!(normal.largest_atom::<f32>(units, 2.8, true) >= 0.5_f64.powi(22));
        assert_eq!(Standard::of(&truncated(2.0, 4.0)).sub_gaussian_scale(), 1.0);
        assert!(Standard::of(&truncated(3.0, f64::INFINITY)).sub_gaussian_scale() < 0.7);
    }
}
