//! Drawing: the recipe of the stream for a distribution, and what a scalar can hold.

use rand::Rng;

use super::shape::check_end;
use super::{InitError, Law, Scalar, Seed};
use crate::stream;

impl Law {
    /// The largest magnitude that the stream may draw, which must be finite in `T`.
    fn check_scalar<T: Scalar>(&self) -> Result<(), InitError> {
        let rounded = |magnitude| (magnitude, T::from_f64(magnitude));
        let computed = |mean: f64, std_dev: f64| {
            let magnitude = mean.abs() + stream::NORMAL_REACH * std_dev;
            (magnitude, T::from_f64(T::parameter(magnitude)))
        };
        let (magnitude, largest) = match *self {
            Self::Constant { value } => rounded(value.abs()),
            Self::Uniform { .. } | Self::LogUniform { .. } | Self::InverseSoftplusLogUniform { .. } => {
                let (low, high) = self.support();
                rounded(low.abs().max(high.abs()))
            }
            Self::Normal { mean, std_dev } => computed(mean, std_dev),
            Self::TruncatedNormal { mean, std_dev, low, high } => {
                let (reach, bound) = (computed(mean, std_dev), rounded(low.abs().max(high.abs())));
                if reach.0 < bound.0 { reach } else { bound }
            }
        };
        if largest.is_finite() {
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
        check_end(offset, shard.len())?;
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
            Self::LogUniform { low, high } | Self::InverseSoftplusLogUniform { low, high } if low == high => {
                draw.constant(self.support().0);
            }
            Self::LogUniform { low, high } => draw.recipe(&stream::LogUniform { low, high }),
            Self::InverseSoftplusLogUniform { low, high } => {
                draw.recipe(&stream::InverseSoftplusLogUniform { low, high });
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

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
