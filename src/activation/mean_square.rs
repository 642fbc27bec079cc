//! E phi^2 and E phi'^2 over a normal pre-activation: what an activation does to a mean square, forward and back.

use core::f64::consts::{FRAC_2_PI, PI, TAU};

use super::Activation;
use crate::quadrature::{self, EXACT, SMALLEST_VARIANCE};
use crate::scalar::sqrt;

/// Error allowed in an integral over a numerical derivative, which is good to about 1e-10.
const NUMERICAL: f64 = 1e-9;

impl Activation {
    /// E phi(z)^2, z ~ N(0, q): the mean square of the activations where that of the
    /// pre-activations is `q`.
    ///
    /// In closed form for identity, (leaky) ReLU, GELU, erf ([Williams 1997](https://papers.nips.cc/paper/1197-computing-with-infinite-networks), eq. 11) and sin; else by quadrature
    /// that splits at the kinks, to 1e-12 for q up to 1e6. NaN where the integral is infinite or
    /// not a number, or q is negative or not finite.
    ///
    /// ```
    /// use fanin::Activation;
    ///
    /// assert_eq!(Activation::Relu.mean_square(3.0), 1.5);
    /// assert!((Activation::Tanh.mean_square(1.0) - 0.394294490398).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn mean_square(&self, q: f64) -> f64 {
        if !(q >= 0.0 && q.is_finite()) {
            return f64::NAN;
        }
        if let Some(slope) = self.negative_slope() {
            return 0.5 * (1.0 + slope * slope) * q;
        }
        match *self {
            Self::Gelu => {
                0.25 * q
                    + q / TAU * libm::asin(q / (1.0 + q))
                    + q * (q / (1.0 + q)) / (PI * sqrt(1.0 + 2.0 * q))
            }
            Self::Erf => FRAC_2_PI * libm::asin(2.0 * q / (1.0 + 2.0 * q)),
            Self::Sin => -0.5 * libm::expm1(-2.0 * q),
            _ => quadrature::expectation(q, self.kinks(), EXACT, |z| {
                let h = self.phi(z);
                h * h
            }),
        }
    }

    /// E phi'(z)^2, z ~ N(0, q): the factor on the mean square of the gradient that passes this
    /// activation, where the mean square of the pre-activations is `q`. At q = 0 the limit: 1/2 for
    /// the ReLU, as z comes from either side.
    ///
    /// In closed form for identity, (leaky) ReLU, hard tanh, GELU, erf and sin; else by quadrature
    /// as for [`mean_square`](Activation::mean_square).
    ///
    /// ```
    /// use fanin::Activation;
    ///
    /// assert_eq!(Activation::Relu.derivative_mean_square(3.0), 0.5);
    /// assert!((Activation::Selu.derivative_mean_square(1.0) - 1.071574992456).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn derivative_mean_square(&self, q: f64) -> f64 {
        if !(q >= 0.0 && q.is_finite()) {
            return f64::NAN;
        }
        if let Some(slope) = self.negative_slope() {
            return 0.5 * (1.0 + slope * slope);
        }
        let q = q.max(SMALLEST_VARIANCE);
        match *self {
            Self::HardTanh => libm::erf(1.0 / sqrt(2.0 * q)),
            Self::Gelu => {
                // E Phi^2, 2 E z Phi phi and E z^2 phi^2, phi the normal density.
                let square = 1.0 / (TAU * sqrt(1.0 + 2.0 * q));
                0.25 + libm::asin(q / (1.0 + q)) / TAU + square * (2.0 * q / (1.0 + q) + q / (1.0 + 2.0 * q))
            }
            Self::Erf => 4.0 / (PI * sqrt(1.0 + 4.0 * q)),
            Self::Sin => 0.5 * (1.0 + libm::exp(-2.0 * q)),
            _ => self.derivative_expectation(q, |slope| slope * slope),
        }
    }

    /// E phi'(z)^4, z ~ N(0, q), as [`derivative_mean_square`](Activation::derivative_mean_square).
    pub(crate) fn derivative_fourth_moment(&self, q: f64) -> f64 {
        if !(q >= 0.0 && q.is_finite()) {
            return f64::NAN;
        }
        if let Some(slope) = self.negative_slope() {
            return 0.5 * (1.0 + slope * slope * slope * slope);
        }
        match *self {
            // Gates that are 0 or 1.
            Self::HardTanh => self.derivative_mean_square(q),
            Self::Erf => 16.0 / (PI * PI * sqrt(1.0 + 8.0 * q)),
            Self::Sin => 0.375 + 0.5 * libm::exp(-2.0 * q) + 0.125 * libm::exp(-8.0 * q),
            _ => self.derivative_expectation(q.max(SMALLEST_VARIANCE), |slope| {
                let square = slope * slope;
                square * square
            }),
        }
    }

    /// E f(phi'(z)) by quadrature.
    fn derivative_expectation(&self, q: f64, f: impl Fn(f64) -> f64) -> f64 {
        let numerical = matches!(self, Self::Custom(custom) if custom.is_numerical());
        let tolerance = if numerical { NUMERICAL } else { EXACT };
        quadrature::expectation(q, self.kinks(), tolerance, |z| f(self.derivative(z)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normal_distribution::density;

    #[test]
    fn hard_tanh_in_closed_form() {
        // Integration by parts of z^2 over |z| < 1, and P(|z| > 1).
        for q in [0.01, 0.5, 1.0, 20.0] {
            let edge = 1.0 / sqrt(q);
            let inside = libm::erf(edge / core::f64::consts::SQRT_2);
            let expected = q * (inside - 2.0 * edge * density(edge)) + 1.0 - inside;
            let value = Activation::HardTanh.mean_square(q);
            assert!((value - expected).abs() <= 1e-12 * expected, "{value}, not {expected}");
        }
    }
}
