//! Log-uniform numbers, and their inverse softplus, computed in `f64` and rounded once: few weights of a model have these
//! distributions, and small numbers beside their logarithms need the digits.

use super::elementary::{Elementary, exp, expm1, ln};
use super::{Drawn, Kernel, Recipe, Row, clamp};
use crate::scalar::Scalar;

/// e^v, v uniform on [ln low, ln high]; both from 1e-300 to 1e300 and in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogUniform {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// ln(e^t - 1), t log-uniform on [low, high].
#[derive(Clone, Copy, Debug)]
pub(crate) struct InverseSoftplusLogUniform {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// v = middle + half_width * x, x uniform on [-1, 1).
struct Exponent {
    middle: f64,
    half_width: f64,
}

impl Exponent {
    fn new(low: f64, high: f64) -> Self {
        let (low, high) = (ln(low), ln(high));
        Self { middle: 0.5 * (low + high), half_width: 0.5 * (high - low) }
    }

    #[inline(always)]
    fn of<T: Elementary>(&self, word: T::Word) -> f64 {
        self.middle + self.half_width * T::uniform_f64(word)
    }
}

struct Exponential<T> {
    exponent: Exponent,
    low: T,
    high: T,
}

struct InverseSoftplus(Exponent);

impl Recipe for LogUniform {
    fn kernel<T: Drawn>(&self) -> impl Kernel<T::From> + Sync {
        let [low, high] = [self.low, self.high].map(T::nearest);
        Exponential { exponent: Exponent::new(self.low, self.high), low, high }
    }
}

impl Recipe for InverseSoftplusLogUniform {
    fn kernel<T: Drawn>(&self) -> impl Kernel<T::From> + Sync {
        InverseSoftplus(Exponent::new(self.low, self.high))
    }
}

impl<T: Elementary + Scalar> Kernel<T> for Exponential<T> {
    #[inline(always)]
    fn rows(&self, words: &[Row<T::Word>; 2], mut store: impl FnMut(usize, T)) {
        for (i, &word) in words.as_flattened().iter().enumerate() {
            // Rounding may carry the outermost values past the ends.
            store(i, clamp(T::from_f64(exp(self.exponent.of::<T>(word))), self.low, self.high));
        }
    }
}

impl<T: Elementary + Scalar> Kernel<T> for InverseSoftplus {
    #[inline(always)]
    fn rows(&self, words: &[Row<T::Word>; 2], mut store: impl FnMut(usize, T)) {
        for (i, &word) in words.as_flattened().iter().enumerate() {
            store(i, T::from_f64(inverse_softplus(self.0.of::<T>(word))));
        }
    }
}

/// ln(e^t - 1) of t = e^v, without a difference that cancels: v + ln((e^t - 1) / t) or t + ln(1 - e^-t).
#[inline(always)]
pub(crate) fn inverse_softplus(v: f64) -> f64 {
    let t = exp(v);
    let (base, argument) = if t < 1.0 {
        (v, expm1(t))
    } else {
        let minus = if -t < -40.0 { -40.0 } else { -t };
        (t, 1.0 - exp(minus))
    };
    base + ln(argument)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softplus_of_its_inverse() {
        for i in -2000..=800 {
            let v = f64::from(i) * 0.01;
            let (t, y) = (libm::exp(v), inverse_softplus(v));
            // In the logarithm where t is small, itself where it is large.
            let exact = if t < 30.0 { libm::log(libm::expm1(t)) } else { t + libm::log1p(-libm::exp(-t)) };
            assert!((y - exact).abs() < 1e-15 * (1.0 + v.abs() + t), "{v}: {y} {exact}");
        }
        let (v, wrong) = (-3.0, inverse_softplus(-3.0) + 1e-13);
        assert!((wrong - libm::log(libm::expm1(libm::exp(v)))).abs() > 1e-14, "a planted error is seen");
    }
}
