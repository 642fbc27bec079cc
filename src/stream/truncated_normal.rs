//! Truncated normal numbers by inverting the cumulative distribution function.

use core::f64::consts::SQRT_2;

use super::elementary::{Elementary, PROBIT_NEAR};
use super::{Kernel, Recipe, Row};
use crate::scalar::Scalar;

/// A parent law (mean finite, standard deviation finite and positive) and the bounds on its values,
/// which hold a good part of its mass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TruncatedNormal {
    pub(crate) mean: f64,
    pub(crate) std_dev: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// mean + std_dev * sqrt(2) erfinv(y) between low and high, y = middle + half_width * x, x uniform on [-1, 1].
struct Inverse<T, Y, const TAILS: bool> {
    mean: T,
    std_dev: T,
    low: T,
    high: T,
    middle: Y,
    half_width: Y,
}

/// One of two kernels: where the bounds are near, the tails need not be computed.
enum NearOrFar<T> {
    Near(Inverse<T, T, false>),
    Far(Inverse<T, f64, true>),
}

impl Recipe for TruncatedNormal {
    fn kernel<T: Scalar + Elementary>(&self) -> impl Kernel<T> + Sync {
        let &Self { mean, std_dev, low, high } = self;
        let [from, to] = [low, high].map(|bound| erf_at((bound - mean) / std_dev));
        let [mean, std_dev, low, high] = [mean, std_dev, low, high].map(T::from_f64);
        let (middle, half_width) = (0.5 * (from + to), 0.5 * (to - from));
        if from < -PROBIT_NEAR || to > PROBIT_NEAR {
            NearOrFar::Far(Inverse { mean, std_dev, low, high, middle, half_width })
        } else {
            let (middle, half_width) = (T::from_f64(middle), T::from_f64(half_width));
            NearOrFar::Near(Inverse { mean, std_dev, low, high, middle, half_width })
        }
    }
}

/// erf(x / sqrt 2), x within +-8: what lies beyond has a probability of 1e-15, less than a word tells.
/// At +-2, the bounds of nearly everyone, the value is written down: no library's `erf` is in the stream.
fn erf_at(x: f64) -> f64 {
    const ERF_SQRT_2: f64 = 0.954_499_736_103_641_6;
    let x = x.clamp(-8.0, 8.0);
    if x.abs() == 2.0 { ERF_SQRT_2.copysign(x) } else { libm::erf(x / SQRT_2) }
}

impl<T: Elementary, Y, const TAILS: bool> Inverse<T, Y, TAILS> {
    /// Rounding may carry the outermost values past the bounds.
    #[inline(always)]
    fn value(&self, z: T) -> T {
        let value = self.mean + self.std_dev * z;
        let value = if value < self.low { self.low } else { value };
        if value > self.high { self.high } else { value }
    }
}

impl<T: Elementary> Kernel<T> for NearOrFar<T> {
    #[inline(always)]
    fn rows(&self, words: &[Row<T::Word>; 2], mut store: impl FnMut(usize, T)) {
        let words = words.as_flattened();
        match self {
            Self::Near(near) => {
                for (i, &word) in words.iter().enumerate() {
                    store(i, near.value(T::probit_near(near.middle + near.half_width * T::uniform(word))));
                }
            }
            Self::Far(far) => {
                for (i, &word) in words.iter().enumerate() {
                    store(i, far.value(T::probit(far.middle + far.half_width * T::uniform_f64(word))));
                }
            }
        }
    }
}
