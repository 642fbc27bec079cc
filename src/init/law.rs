//! `Law`: the distribution of a single weight, its moments and distribution function, without a generator.

use super::log_uniform::{checked_end, inverse_softplus, ln_softplus, moments};
use super::truncated_moments::truncated_moments;
use super::{InitError, Initializer, Scalar, Seed, finite, non_negative};
use crate::normal_distribution::{cdf, interval};
use crate::scalar::sqrt;

/// The least probability that truncation bounds must hold: a thinner slice has fewer than 17 of the 2^24
/// values that a uniform `f32` takes.
const LEAST_MASS: f64 = 1e-6;

/// The distribution of a single weight: what an initializer promises, and what a test checks against.
///
/// Numbers are exact for the real-valued distribution; a filled weight is a value of it rounded to the scalar.
///
/// ```
/// use fanin::{He, Law};
///
/// let law = He::normal(50).law();
/// assert_eq!(law, Law::Normal { mean: 0.0, std_dev: 0.2 });
/// assert!((law.variance() - 0.04).abs() < 1e-15);
/// assert_eq!(law.support(), (f64::NEG_INFINITY, f64::INFINITY));
/// assert_eq!(law.kurtosis(), 3.0);
/// assert_eq!(law.cdf(0.0), 0.5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "super::serialized::Law", into = "super::serialized::Law")
)]
#[non_exhaustive]
pub enum Law {
    /// Always the same value.
    Constant {
        /// The value, finite.
        value: f64,
    },
    /// Uniform on [low, high].
    Uniform {
        /// Lower end, finite.
        low: f64,
        /// Upper end, finite, at least `low`.
        high: f64,
    },
    /// Normal.
    Normal {
        /// Mean, finite.
        mean: f64,
        /// Standard deviation, finite, at least 0.
        std_dev: f64,
    },
    /// Normal, given that it lies between two bounds.
    TruncatedNormal {
        /// Mean of the parent, the distribution before truncation; finite.
        mean: f64,
        /// Standard deviation of the parent; finite, at least 0.
        std_dev: f64,
        /// Lower bound; may be infinite.
        low: f64,
        /// Upper bound, at least `low`; may be infinite.
        high: f64,
    },
    /// Uniform in the logarithm.
    LogUniform {
        /// Lower end, at least 1e-300.
        low: f64,
        /// Upper end, at least `low`, at most 1e300.
        high: f64,
    },
    /// ln(e^t - 1), the inverse softplus, of a log-uniform t: the bias of a [`Mamba`](super::Mamba) time step.
    InverseSoftplusLogUniform {
        /// Lower end of t, at least 1e-300.
        low: f64,
        /// Upper end of t, at least `low`, at most 1e300.
        high: f64,
    },
}

impl Law {
    /// Mean, variance and kurtosis of the laws of one uniform logarithm, of which they are integrals.
    fn log_moments(&self) -> [f64; 3] {
        match *self {
            Self::LogUniform { low, high } => moments(low, high, libm::exp),
            Self::InverseSoftplusLogUniform { low, high } => {
                moments(low, high, crate::stream::inverse_softplus)
            }
            _ => [f64::NAN; 3],
        }
    }

    /// The expected value.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Constant { value } => value,
            Self::Uniform { low, high } => 0.5 * low + 0.5 * high,
            Self::Normal { mean, .. } => mean,
            Self::TruncatedNormal { mean, std_dev, low, high } => {
                mean + std_dev * truncated_moments(mean, std_dev, low, high)[0]
            }
            Self::LogUniform { .. } | Self::InverseSoftplusLogUniform { .. } => self.log_moments()[0],
        }
    }

    /// The expected squared distance from the mean.
    #[must_use]
    pub fn variance(&self) -> f64 {
        match *self {
            Self::Constant { .. } => 0.0,
            Self::Uniform { low, high } => (high - low) * (high - low) / 12.0,
            Self::Normal { std_dev, .. } => std_dev * std_dev,
            Self::TruncatedNormal { mean, std_dev, low, high } => {
                std_dev * std_dev * truncated_moments(mean, std_dev, low, high)[1]
            }
            Self::LogUniform { .. } | Self::InverseSoftplusLogUniform { .. } => self.log_moments()[1],
        }
    }

    /// The square root of the [variance](Law::variance).
    #[must_use]
    pub fn std_dev(&self) -> f64 {
        sqrt(self.variance())
    }

    /// The least and the largest value, infinite where there is none.
    #[must_use]
    pub fn support(&self) -> (f64, f64) {
        match *self {
            Self::Constant { value } => (value, value),
            Self::Uniform { low, high } => (low, high),
            Self::Normal { mean, std_dev: 0.0 } => (mean, mean),
            Self::Normal { .. } => (f64::NEG_INFINITY, f64::INFINITY),
            Self::TruncatedNormal { mean, std_dev: 0.0, .. } => (mean, mean),
            Self::TruncatedNormal { low, high, .. } | Self::LogUniform { low, high } => (low, high),
            Self::InverseSoftplusLogUniform { low, high } => (inverse_softplus(low), inverse_softplus(high)),
        }
    }

    /// The fourth central moment over the squared variance: 3 for a normal distribution, 9/5 for a uniform
    /// one; NaN where the variance is 0. It sets how far a sample's variance strays.
    #[must_use]
    pub fn kurtosis(&self) -> f64 {
        match *self {
            _ if self.variance() == 0.0 => f64::NAN,
            Self::Constant { .. } => f64::NAN,
            Self::Uniform { .. } => 1.8,
            Self::Normal { .. } => 3.0,
            Self::TruncatedNormal { mean, std_dev, low, high } => {
                truncated_moments(mean, std_dev, low, high)[2]
            }
            Self::LogUniform { .. } | Self::InverseSoftplusLogUniform { .. } => self.log_moments()[2],
        }
    }

    /// The probability of a value of at most `x`; NaN for NaN.
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        if x.is_nan() {
            return f64::NAN;
        }
        let (least, largest) = self.support();
        if x < least {
            return 0.0;
        }
        if x >= largest {
            return 1.0;
        }
        match *self {
            Self::Constant { .. } => 1.0,
            Self::Uniform { low, high } => (x - low) / (high - low),
            Self::Normal { mean, std_dev } => cdf((x - mean) / std_dev),
            Self::TruncatedNormal { mean, std_dev, low, high } => {
                let at = |bound: f64| (bound - mean) / std_dev;
                (interval(at(low), at(x)) / interval(at(low), at(high))).min(1.0)
            }
            Self::LogUniform { low, high } => libm::log(x / low) / libm::log(high / low),
            Self::InverseSoftplusLogUniform { low, high } => {
                let (least, largest) = (libm::log(low), libm::log(high));
                ((ln_softplus(x) - least) / (largest - least)).clamp(0.0, 1.0)
            }
        }
    }

    /// Whether the parameters make a distribution.
    ///
    /// # Errors
    ///
    /// [`NotFinite`](InitError::NotFinite), [`Negative`](InitError::Negative), [`OutOfRange`](InitError::OutOfRange),
    /// [`EmptyRange`](InitError::EmptyRange), and [`NegligibleMass`](InitError::NegligibleMass) where
    /// truncation bounds hold less than 1e-6 of the parent.
    pub fn check(&self) -> Result<(), InitError> {
        match *self {
            Self::Constant { value } => finite("value", value),
            Self::Uniform { low, high } => {
                finite("low", low)?;
                finite("high", high)?;
                ordered(low, high)?;
                finite("high - low", high - low)
            }
            Self::Normal { mean, std_dev } => {
                finite("mean", mean)?;
                non_negative("std_dev", std_dev)
            }
            Self::TruncatedNormal { mean, std_dev, low, high } => {
                finite("mean", mean)?;
                non_negative("std_dev", std_dev)?;
                if low.is_nan() || high.is_nan() {
                    let (parameter, value) = if low.is_nan() { ("low", low) } else { ("high", high) };
                    return Err(InitError::NotFinite { parameter, value });
                }
                ordered(low, high)?;
                let mass = if std_dev > 0.0 {
                    interval((low - mean) / std_dev, (high - mean) / std_dev)
                } else {
                    f64::from(u8::from(low <= mean && mean <= high))
                };
                if mass < LEAST_MASS { Err(InitError::NegligibleMass { low, high, mass }) } else { Ok(()) }
            }
            Self::LogUniform { low, high } | Self::InverseSoftplusLogUniform { low, high } => {
                checked_end("low", low)?;
                checked_end("high", high)?;
                ordered(low, high)
            }
        }
    }
}

/// A `Law` fills as well: what a test knows of weights is enough to draw others like them.
impl<T: Scalar> Initializer<T> for Law {
    fn fill_shard(&self, seed: Seed, offset: u64, shard: &mut [T]) -> Result<(), InitError> {
        self.fill_shard(seed, offset, shard)
    }

    fn law(&self) -> Option<Law> {
        Some(*self)
    }

    fn fixed_seed(&self) -> Option<Seed> {
        // A constant asks for no randomness, so that it needs no source of any.
        matches!(self, Self::Constant { .. }).then(|| 0.into())
    }
}

fn ordered(low: f64, high: f64) -> Result<(), InitError> {
    if low <= high { Ok(()) } else { Err(InitError::EmptyRange { low, high }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bounds of a standard normal distribution; mean, variance and kurtosis by scipy.
    const TRUNCATED: [([f64; 2], [f64; 3]); 4] = [
        ([-2.0, 2.0], [0.0, 0.7737413035499232, 2.3655367171296495]),
        ([0.0, 8.0], [0.7978845608028563, 0.36338022763235234, 3.8691773035802965]),
        ([-1.0, 3.0], [0.2827861107271541, 0.6161417353578291, 2.794179348647254]),
        ([0.5, 0.9], [0.6907283380286962, 0.013211041352301223, 1.8183188306641396]),
    ];

    #[test]
    fn moments_of_every_law() {
        for ([low, high], [mean, variance, kurtosis]) in TRUNCATED {
            let law = Law::TruncatedNormal { mean: 0.0, std_dev: 1.0, low, high };
            for (found, expected) in
                [law.mean(), law.variance(), law.kurtosis()].iter().zip([mean, variance, kurtosis])
            {
                assert!((found - expected).abs() < 1e-9, "{law:?}: {found} {expected}");
            }
            let scaled = Law::TruncatedNormal {
                mean: 5.0,
                std_dev: 3.0,
                low: 5.0 + 3.0 * low,
                high: 5.0 + 3.0 * high,
            };
            assert!((scaled.mean() - (5.0 + 3.0 * mean)).abs() < 1e-8);
            assert!((scaled.variance() - 9.0 * variance).abs() < 1e-8);
            assert!((scaled.kurtosis() - kurtosis).abs() < 1e-8);
        }
        let uniform = Law::Uniform { low: -1.0, high: 5.0 };
        assert_eq!((uniform.mean(), uniform.variance(), uniform.kurtosis()), (2.0, 3.0, 1.8));
        let normal = Law::Normal { mean: 4.0, std_dev: 3.0 };
        assert_eq!((normal.mean(), normal.variance(), normal.kurtosis()), (4.0, 9.0, 3.0));
        let constant = Law::Constant { value: 4.0 };
        assert_eq!((constant.mean(), constant.variance()), (4.0, 0.0));
        for still in [constant, Law::Normal { mean: 4.0, std_dev: 0.0 }, Law::Uniform { low: 4.0, high: 4.0 }]
        {
            assert!(still.kurtosis().is_nan(), "{still:?}");
        }
    }

    #[test]
    fn distribution_functions() {
        let uniform = Law::Uniform { low: 1.0, high: 3.0 };
        assert_eq!([0.0, 1.0, 1.5, 3.0, 4.0].map(|x| uniform.cdf(x)), [0.0, 0.0, 0.25, 1.0, 1.0]);
        let truncated = Law::TruncatedNormal { mean: 1.0, std_dev: 2.0, low: -1.0, high: 3.0 };
        assert_eq!([-2.0, -1.0, 1.0, 3.0, 9.0].map(|x| truncated.cdf(x)), [0.0, 0.0, 0.5, 1.0, 1.0]);
        let normal = Law::Normal { mean: 1.0, std_dev: 2.0 };
        assert_eq!(normal.cdf(1.0), 0.5);
        assert!((normal.cdf(3.0) - 0.841_344_746_068_542_9).abs() < 1e-15);
        assert_eq!([0.9, 1.0, 1.1].map(|x| Law::Constant { value: 1.0 }.cdf(x)), [0.0, 1.0, 1.0]);
        assert!(normal.cdf(f64::NAN).is_nan());
    }

    #[test]
    fn truncation_must_leave_something() {
        let check = |mean: f64, std_dev: f64, low: f64, high: f64| {
            Law::TruncatedNormal { mean, std_dev, low, high }.check().is_ok()
        };
        assert!(check(10.0, 2.0, 9.0, 11.0) && check(10.0, 2.0, 2.0, 3.0) && check(10.0, 2.0, 10.0, 10.0001));
        assert!(!check(10.0, 2.0, -2.0, 0.3), "4.85 standard deviations away");
        assert!(!check(10.0, 2.0, 19.7, 30.0));
        assert!(check(10.0, 2.0, 19.0, 30.0), "4.5 standard deviations away");
        assert!(check(1.0, 0.0, 1.0, 2.0) && check(1.0, 0.0, 0.0, 1.0) && !check(1.0, 0.0, 1.5, 2.0));
    }
}
