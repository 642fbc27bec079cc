//! What was promised of a single weight, worked out without a generator.

use core::f64::consts::SQRT_2;

use rand::Rng;

use super::{InitError, Initializer, Scalar, Seed, finite, non_negative};
use crate::{gaussian, stream};

/// The least mass of the normal law that truncation bounds must hold.
const LEAST_MASS: f64 = 1e-6;

/// The distribution of a single weight: what an initializer promises, and what a test checks against.
///
/// Numbers are exact for the real-valued law; a filled weight is a value of it rounded to the scalar.
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
    /// Uniform on [low, high).
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
        /// Mean of the parent, the law before truncation; finite.
        mean: f64,
        /// Standard deviation of the parent; finite, at least 0.
        std_dev: f64,
        /// Lower bound; may be infinite.
        low: f64,
        /// Upper bound, at least `low`; may be infinite.
        high: f64,
    },
}

impl Law {
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
        }
    }

    /// The square root of the [variance](Law::variance).
    #[must_use]
    pub fn std_dev(&self) -> f64 {
        libm::sqrt(self.variance())
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
            Self::TruncatedNormal { low, high, .. } => (low, high),
        }
    }

    /// The fourth central moment over the squared variance: 3 for a normal law, 9/5 for a uniform
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
            Self::Normal { mean, std_dev } => below((x - mean) / std_dev),
            Self::TruncatedNormal { mean, std_dev, low, high } => {
                let at = |bound: f64| (bound - mean) / std_dev;
                (mass(at(low), at(x)) / mass(at(low), at(high))).min(1.0)
            }
        }
    }

    /// Whether the parameters make a law.
    ///
    /// # Errors
    ///
    /// [`NotFinite`](InitError::NotFinite), [`Negative`](InitError::Negative),
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
                    mass((low - mean) / std_dev, (high - mean) / std_dev)
                } else {
                    f64::from(u8::from(low <= mean && mean <= high))
                };
                if mass < LEAST_MASS { Err(InitError::NegligibleMass { low, high, mass }) } else { Ok(()) }
            }
        }
    }

    /// The largest magnitude that the stream may draw, which must be finite in `T`.
    fn check_scalar<T: Scalar>(&self) -> Result<(), InitError> {
        let magnitude = match *self {
            Self::Constant { value } => value.abs(),
            Self::Normal { mean, std_dev } => mean.abs() + stream::NORMAL_REACH * std_dev,
            Self::Uniform { low, high } => low.abs().max(high.abs()),
            Self::TruncatedNormal { mean, std_dev, low, high } => {
                let reach = mean.abs() + stream::NORMAL_REACH * std_dev;
                reach.min(low.abs().max(high.abs()))
            }
        };
        if T::from_f64(magnitude).is_finite() {
            return Ok(());
        }
        Err(InitError::Overflow { magnitude, scalar: T::NAME, max: T::max_value().to_f64() })
    }

    /// See [`Initializer::fill_shard`](super::Initializer::fill_shard).
    pub(super) fn fill_shard<T: Scalar>(
        &self,
        seed: Seed,
        offset: u64,
        shard: &mut [T],
    ) -> Result<(), InitError> {
        self.check()?;
        self.check_scalar::<T>()?;
        let length = shard.len() as u64;
        if offset.checked_add(length).is_none_or(|end| end > stream::MAX_LEN) {
            return Err(InitError::TensorTooLong { offset, length });
        }
        self.draw(Fill { seed, offset, shard });
        Ok(())
    }

    /// A single value from words of `rng`.
    pub(super) fn sample<T: Scalar, R: Rng + ?Sized>(&self, rng: &mut R) -> Result<T, InitError> {
        self.check_scalar::<T>()?;
        let mut value = T::zero();
        self.draw(Sample { rng, value: &mut value });
        Ok(value)
    }

    fn draw(&self, draw: impl Draw) {
        match *self {
            Self::Constant { value } => draw.constant(value),
            Self::Uniform { low, high } => draw.recipe(&stream::Uniform { low, high }),
            Self::Normal { mean, std_dev } | Self::TruncatedNormal { mean, std_dev, .. }
                if std_dev == 0.0 =>
            {
                draw.constant(mean);
            }
            Self::Normal { mean, std_dev } => draw.recipe(&stream::Normal { mean, std_dev }),
            Self::TruncatedNormal { mean, std_dev, low, high } => {
                draw.recipe(&stream::TruncatedNormal { mean, std_dev, low, high });
            }
        }
    }
}

/// A law fills as well: what a test knows of weights is enough to draw others like them.
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

/// Where drawn values go.
trait Draw {
    fn constant(self, value: f64);
    fn recipe(self, recipe: &impl stream::Recipe);
}

struct Fill<'a, T> {
    seed: Seed,
    offset: u64,
    shard: &'a mut [T],
}

impl<T: Scalar> Draw for Fill<'_, T> {
    fn constant(self, value: f64) {
        self.shard.fill(T::from_f64(value));
    }

    fn recipe(self, recipe: &impl stream::Recipe) {
        stream::fill(recipe, self.seed, self.offset, T::slice_mut(self.shard));
    }
}

struct Sample<'a, R: ?Sized, T> {
    rng: &'a mut R,
    value: &'a mut T,
}

impl<R: Rng + ?Sized, T: Scalar> Draw for Sample<'_, R, T> {
    fn constant(self, value: f64) {
        *self.value = T::from_f64(value);
    }

    fn recipe(self, recipe: &impl stream::Recipe) {
        stream::sample(recipe, self.rng, T::slice_mut(core::slice::from_mut(self.value)));
    }
}

fn ordered(low: f64, high: f64) -> Result<(), InitError> {
    if low <= high { Ok(()) } else { Err(InitError::EmptyRange { low, high }) }
}

/// The standard normal cumulative distribution function.
fn below(x: f64) -> f64 {
    0.5 * libm::erfc(-x / SQRT_2)
}

/// The standard normal mass between two bounds, precise in both tails.
pub(crate) fn mass(low: f64, high: f64) -> f64 {
    if low > 0.0 { below(-low) - below(-high) } else { below(high) - below(low) }
}

/// Mean, variance and kurtosis of a standard normal variable between the bounds; by
/// the recursion m_k = (k - 1) m_(k-2) - (b^(k-1) phi(b) - a^(k-1) phi(a)) / mass.
fn truncated_moments(mean: f64, std_dev: f64, low: f64, high: f64) -> [f64; 3] {
    if std_dev == 0.0 {
        return [0.0; 3];
    }
    let (a, b) = ((low - mean) / std_dev, (high - mean) / std_dev);
    let width = high / std_dev - low / std_dev;
    if width < NARROW {
        return narrow_moments(0.5 * a + 0.5 * b, width);
    }
    let mass = mass(a, b);
    let density = |x: f64| libm::exp(-0.5 * x * x) / libm::sqrt(2.0 * core::f64::consts::PI);
    // x^k phi(x), 0 at infinite bounds.
    let edge = |x: f64, k: i32| {
        let density = density(x);
        if density == 0.0 { 0.0 } else { (0..k).fold(density, |product, _| product * x) }
    };
    let mut moments = [1.0, 0.0, 0.0, 0.0, 0.0];
    for k in 1..=4 {
        let before = if k >= 2 { (k - 1) as f64 * moments[k - 2] } else { 0.0 };
        moments[k] = before - (edge(b, k as i32 - 1) - edge(a, k as i32 - 1)) / mass;
    }
    let [_, m1, m2, m3, m4] = moments;
    let variance = m2 - m1 * m1;
    let fourth = m4 - 4.0 * m1 * m3 + 6.0 * m1 * m1 * m2 - 3.0 * m1 * m1 * m1 * m1;
    [m1, variance, fourth / (variance * variance)]
}

/// Between bounds closer than this, in standard deviations, differences of the moments would cancel.
const NARROW: f64 = 1.0;

/// The same by quadrature, about the centre between the bounds.
fn narrow_moments(centre: f64, width: f64) -> [f64; 3] {
    if width <= 0.0 {
        return [centre, 0.0, 0.0];
    }
    // In units of half the width, whose fourth power may vanish.
    let half = 0.5 * width;
    let density = |u: f64| libm::exp(-half * u * (centre + 0.5 * half * u));
    let (mass, first) = gaussian::panel(-1.0, 1.0, |u| (density(u), u * density(u)));
    let mean = first / mass;
    let (second, fourth) = gaussian::panel(-1.0, 1.0, |u| {
        let square = (u - mean) * (u - mean);
        (square * density(u), square * square * density(u))
    });
    [centre + half * mean, half * half * second / mass, fourth * mass / (second * second)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On both sides of the border between the two ways to the moments; and where only one of them is left.
    #[test]
    fn close_bounds_keep_their_moments() {
        for centre in [0.0, 0.7, -3.0, 4.0] {
            let law = |width: f64| truncated_moments(0.0, 1.0, centre - 0.5 * width, centre + 0.5 * width);
            let (below, above) = (law(NARROW - 1e-9), law(NARROW + 1e-9));
            for (below, above) in below.iter().zip(above) {
                assert!((below - above).abs() < 1e-8, "{centre}: {below} {above}");
            }
            for width in [1e-3, 1e-9, 1e-200] {
                let [mean, variance, kurtosis] = narrow_moments(centre, width);
                assert!((mean - centre).abs() <= width, "{mean}");
                assert!((variance / (width * width / 12.0) - 1.0).abs() < 1e-5 || width < 1e-150);
                assert!((kurtosis - 1.8).abs() < 1e-5, "{kurtosis}");
            }
        }
        // Found by fuzzing: a negative variance.
        let (low, high) = (6.74930022430326e-67, 6.749323239342285e-67);
        let law =
            Law::TruncatedNormal { mean: 6.749301620596236e-67, std_dev: 6.749300603590266e-67, low, high };
        let uniform = Law::Uniform { low, high };
        assert!((law.variance() / uniform.variance() - 1.0).abs() < 1e-6, "{}", law.variance());
        assert!((law.kurtosis() - 1.8).abs() < 1e-6);
    }

    /// Bounds of a standard normal law; mean, variance and kurtosis by scipy.
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

    #[test]
    fn what_a_scalar_cannot_hold_is_refused() {
        let refused = |law: Law| {
            matches!(law.fill_shard(Seed::from(1), 0, &mut [0.0_f32]), Err(InitError::Overflow { .. }))
        };
        let limit = f64::from(f32::MAX);
        let normal = |mean: f64, std_dev: f64| Law::Normal { mean, std_dev };
        assert!(!refused(normal(0.0, limit / 8.8)) && refused(normal(0.0, limit / 8.6)));
        assert!(
            !refused(normal(-0.4 * limit, 0.5 * limit / 8.7))
                && refused(normal(-0.6 * limit, 0.5 * limit / 8.7))
        );
        let truncated = |mean: f64, std_dev: f64, bound: f64| Law::TruncatedNormal {
            mean,
            std_dev,
            low: -bound,
            high: bound,
        };
        assert!(
            !refused(truncated(0.0, limit / 8.8, 2.0 * limit)) && refused(truncated(0.0, limit, 2.0 * limit))
        );
        assert!(!refused(truncated(0.0, limit, 0.9 * limit)), "the bounds are what counts");
        assert!(refused(truncated(0.5 * limit, limit / 8.6, 2.0 * limit)));
        assert!(
            !refused(Law::Uniform { low: -limit, high: 0.0 })
                && refused(Law::Uniform { low: -1.1 * limit, high: 0.0 })
        );
    }

    #[test]
    fn tensors_end_at_2_to_the_63() {
        let law = Law::Normal { mean: 0.0, std_dev: 1.0 };
        let fills = |offset: u64| law.fill_shard(Seed::from(1), offset, &mut [0.0_f32; 3]).is_ok();
        assert!(fills((1 << 63) - 3) && !fills((1 << 63) - 2) && !fills(1 << 63) && !fills(u64::MAX - 1));
    }
}
