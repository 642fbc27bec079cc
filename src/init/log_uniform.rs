//! The log-uniform distribution, and what it and its inverse softplus have in common.

use super::{InitError, Law, elementwise, in_range};
use crate::quadrature;
use crate::stream;

/// Uniform in the logarithm: density 1 / (x ln(high / low)) on [low, high], mean (high - low) / ln(high / low).
///
/// For what is spread over orders of magnitude, such as time steps and rates of decay. The logarithm is drawn
/// from 32 (`f32`) or 53 (`f64`) random bits, and the weight rounded once from `f64`.
///
/// ```
/// use fanin::LogUniform;
/// use fanin::prelude::*;
///
/// let rates = LogUniform::new(1e-3, 0.1);
/// assert!((rates.law().cdf(1e-2) - 0.5).abs() < 1e-15);
/// let mut w = [0.0_f32; 100];
/// rates.seed(1).fill(&mut w);
/// assert!(w.iter().all(|w| (1e-3..=0.1).contains(w)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "super::serialized::LogUniform", into = "super::serialized::LogUniform")
)]
pub struct LogUniform {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl LogUniform {
    /// Log-uniform on [low, high], both from 1e-300 to 1e300 and in order; equal ends give a constant.
    #[must_use]
    pub const fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }

    /// [`Law::LogUniform`].
    #[must_use]
    pub const fn law(&self) -> Law {
        Law::LogUniform { low: self.low, high: self.high }
    }

    /// Says early what filling would refuse, whatever the scalar.
    ///
    /// # Errors
    ///
    /// [`NotFinite`](InitError::NotFinite), [`OutOfRange`](InitError::OutOfRange), [`EmptyRange`](InitError::EmptyRange).
    pub fn check(&self) -> Result<(), InitError> {
        self.law().check()
    }
}

elementwise!(LogUniform);

/// An end of a log-uniform distribution.
pub(super) fn checked_end(parameter: &'static str, value: f64) -> Result<(), InitError> {
    in_range(parameter, value, (1e-300..=1e300).contains(&value), "from 1e-300 to 1e300")
}

/// ln(e^t - 1), as the stream computes it.
pub(super) fn inverse_softplus(t: f64) -> f64 {
    stream::inverse_softplus(stream::ln(t))
}

/// The logarithm of softplus(y) = ln(1 + e^y).
pub(super) fn ln_softplus(y: f64) -> f64 {
    libm::log(if y > 30.0 { y } else { libm::log1p(libm::exp(y)) })
}

/// Mean, variance and kurtosis of f(v), v uniform on [ln low, ln high], f rising and smooth over steps of 1/2: by
/// quadrature, in units of the largest value, whose fourth power may overflow.
pub(super) fn moments(low: f64, high: f64, f: impl Fn(f64) -> f64) -> [f64; 3] {
    let (a, b) = (libm::log(low), libm::log(high));
    let largest = f(a).abs().max(f(b).abs());
    // Equal ends, or values that are all 0.
    if low >= high || largest == 0.0 {
        return [f(a), 0.0, f64::NAN];
    }
    let panels = libm::ceil(2.0 * (b - a)).max(1.0);
    let expected = |g: &dyn Fn(f64) -> (f64, f64)| {
        let edge = |i: f64| a + (b - a) * (i / panels);
        (0..panels as usize).fold((0.0, 0.0), |sum, i| {
            let i = i as f64;
            let part = quadrature::panel(edge(i), edge(i + 1.0), |v| g(f(v) / largest));
            (sum.0 + part.0 / (b - a), sum.1 + part.1 / (b - a))
        })
    };
    let (mean, _) = expected(&|x| (x, 0.0));
    let (second, fourth) = expected(&|x| {
        let square = (x - mean) * (x - mean);
        (square, square * square)
    });
    [largest * mean, largest * (largest * second), fourth / (second * second)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_the_closed_forms() {
        for (low, high) in [(1e-3, 0.1), (0.5, 0.6), (1e-200, 1e10), (2.0, 2.0 + 1e-6)] {
            let law = Law::LogUniform { low, high };
            let (l, square): (f64, f64) = (libm::log(high / low), 0.5 * (high * high - low * low));
            let (mean, second) = ((high - low) / l, square / l);
            assert!((law.mean() / mean - 1.0).abs() < 1e-9, "{low} {high}: {}", law.mean());
            if high > 1.1 * low {
                assert!((law.variance() / (second - mean * mean) - 1.0).abs() < 1e-9, "{low} {high}");
            } else {
                assert!((law.kurtosis() - 1.8).abs() < 1e-5, "as good as uniform: {}", law.kurtosis());
            }
        }
        // By Simpson's rule with 20,000 steps, in Python.
        for ((low, high), expected) in [
            ((1e-3, 0.1), [-4.594376164961114, 1.7966228264717736, 1.8050157046213637]),
            ((0.01, 20.0), [1.139668325559206, 29.023690879370083, 4.765606751268097]),
        ] {
            let law = Law::InverseSoftplusLogUniform { low, high };
            for (found, expected) in [law.mean(), law.variance(), law.kurtosis()].iter().zip(expected) {
                assert!((found / expected - 1.0).abs() < 1e-9, "{law}: {found} {expected}");
            }
        }
    }

    #[test]
    fn distribution_functions_are_those_of_the_time_step() {
        let law = Law::InverseSoftplusLogUniform { low: 1e-3, high: 10.0 };
        let (low, high) = law.support();
        assert!((low - libm::log(libm::expm1(1e-3))).abs() < 1e-14);
        assert!((high - libm::log(libm::expm1(10.0))).abs() < 1e-14);
        for (t, probability) in [(1e-2, 0.25), (0.1, 0.5), (1.0, 0.75)] {
            assert!((law.cdf(libm::log(libm::expm1(t))) - probability).abs() < 1e-14, "{t}");
        }
        assert_eq!((law.cdf(low - 1e-9), law.cdf(high)), (0.0, 1.0));
    }

    #[test]
    fn ends_are_checked() {
        for (low, high) in [(0.0, 1.0), (-1.0, 1.0), (1e-301, 1.0)] {
            let error = LogUniform::new(low, high).check().unwrap_err();
            assert!(matches!(error, InitError::OutOfRange { parameter: "low", .. }), "{error}");
        }
        let error = LogUniform::new(1.0, 1e301).check().unwrap_err();
        assert!(matches!(error, InitError::OutOfRange { parameter: "high", .. }), "{error}");
        assert_eq!(LogUniform::new(2.0, 1.0).check(), Err(InitError::EmptyRange { low: 2.0, high: 1.0 }));
        assert_eq!(LogUniform::new(2.0, 2.0).check(), Ok(()), "a constant");
        assert!(matches!(LogUniform::new(f64::NAN, 1.0).check(), Err(InitError::NotFinite { .. })));
    }
}
