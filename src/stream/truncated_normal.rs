//! Truncated normal numbers by inverting the cumulative distribution function.

use super::elementary::{Elementary, PROBIT_NEAR};
use super::{Drawn, Kernel, Recipe, Row, clamp};
use crate::scalar::Scalar;

/// A parent distribution (mean finite, standard deviation finite and positive) and the bounds on its values,
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
    fn kernel<T: Drawn>(&self) -> impl Kernel<T::From> + Sync {
        let &Self { mean, std_dev, low, high } = self;
        // The bounds of nearly everyone lie at 2 standard deviations, which a division may miss.
        let sigmas = |bound: f64, default: f64| {
            if bound == mean + default * std_dev { default } else { (bound - mean) / std_dev }
        };
        let (from, to) = (erf(sigmas(low, -2.0)), erf(sigmas(high, 2.0)));
        let (middle, half_width) = (0.5 * (from + to), 0.5 * (to - from));
        let [low, high] = [low, high].map(T::nearest);
        let [mean, std_dev] = [mean, std_dev].map(T::From::from_f64);
        if from < -PROBIT_NEAR || to > PROBIT_NEAR {
            NearOrFar::Far(Inverse { mean, std_dev, low, high, middle, half_width })
        } else {
            let [middle, half_width] = [middle, half_width].map(T::From::from_f64);
            NearOrFar::Near(Inverse { mean, std_dev, low, high, middle, half_width })
        }
    }
}

/// erf(x / sqrt 2), of two series of positive terms: x + x^3/3 + x^5/15 + .. times sqrt(2 / pi), divided by that of
/// exp(x^2 / 2). Within 3e-15, as the tests show; no library's function, which a library may change.
fn erf(x: f64) -> f64 {
    /// At 2: the value of nearly everyone, correctly rounded.
    const AT_2: f64 = 0.954_499_736_103_641_6;
    /// At 8. What lies beyond has a probability of 1e-15, less than a word tells.
    const AT_8: f64 = 0.999_999_999_999_998_8;
    const SQRT_2_PI: f64 = 0.797_884_560_802_865_4;

    let square = x * x;
    if square >= 64.0 {
        return AT_8.copysign(x);
    }
    if square == 4.0 {
        return AT_2.copysign(x);
    }
    let (mut odd, mut even, mut numerator, mut denominator) = (1.0, 1.0, 1.0, 1.0);
    let mut k = 2.0;
    loop {
        even *= square / k;
        odd *= square / (k + 1.0);
        k += 2.0;
        let sums = (numerator + odd, denominator + even);
        if sums == (numerator, denominator) {
            break;
        }
        (numerator, denominator) = sums;
    }
    (SQRT_2_PI * x * (numerator / denominator)).clamp(-AT_8, AT_8)
}

impl<T: Elementary, Y, const TAILS: bool> Inverse<T, Y, TAILS> {
    /// Rounding may carry the outermost values past the bounds.
    #[inline(always)]
    fn value(&self, z: T) -> T {
        clamp(self.mean + self.std_dev * z, self.low, self.high)
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

#[cfg(test)]
mod tests {
    use super::*;
    use core::f64::consts::SQRT_2;

    #[test]
    fn erf_is_the_error_function() {
        let worst = |erf: fn(f64) -> f64| {
            let error = |x: f64| (erf(x) - libm::erf(x / SQRT_2)).abs();
            (0..=80_000).map(|i| error(f64::from(i) * 1e-4)).fold(0.0, f64::max)
        };
        assert!(worst(erf) < 3e-15, "{}", worst(erf));
        assert!(worst(|x| erf(x + 1e-14)) > 3e-15, "a planted error is seen");
        for x in [0.0, 5e-324, 1e-200, 1e-8, 2.0, 8.0, 9.0, 1e200, f64::INFINITY] {
            assert!((erf(x) - libm::erf(x / SQRT_2)).abs() <= 3e-15, "{x}");
            assert_eq!(erf(-x), -erf(x));
            assert!(erf(x) < 1.0);
        }
    }
}
