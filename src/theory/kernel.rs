//! `Kernel`: expectations over two correlated pre-activations that the correlation map is made of.

use core::f64::consts::{FRAC_2_PI, PI};

use crate::activation::Activation;
use crate::quadrature::{EXACT, Resolution, bivariate, expectation};
use crate::scalar::sqrt;

/// The longest length of which correlations are known: beyond it their integrals, over features of
/// size 1 in a distribution that wide, take too long.
pub(super) const LARGEST: f64 = 1e12;

/// An activation over two normal pre-activations of variance q.
///
/// Nothing here takes a derivative of phi but the slope at correlations of +-1, so that it holds at kinks and jumps, too.
pub(super) struct Kernel<'a> {
    activation: &'a Activation,
    q: f64,
    /// For quadrature; `None` where there is a closed form, or phi changes too fast.
    resolution: Option<Resolution>,
}

impl<'a> Kernel<'a> {
    /// For q > 0.
    pub(super) fn new(activation: &'a Activation, q: f64) -> Self {
        let is_closed =
            activation.negative_slope().is_some() || matches!(activation, Activation::Erf | Activation::Sin);
        let resolve = || Resolution::new(q, activation.kinks(), |z| activation.phi(z));
        Self { activation, q, resolution: if is_closed { None } else { resolve() } }
    }

    /// Half of E (phi(z1) - phi(z2))^2 = E phi^2 - E phi(z1) phi(z2), for correlation c. As a difference of squares it
    /// keeps its digits where c is near 1.
    pub(super) fn half_square_difference(&self, c: f64) -> f64 {
        let (activation, q) = (self.activation, self.q);
        if let Some(a) = activation.negative_slope() {
            // phi(z) = a z + (1 - a) relu(z).
            let even = 0.5 * (1.0 - a);
            return q * (a * (1.0 - c) + even * even * rectified(c));
        }
        match *activation {
            Activation::Erf => {
                // asin of 1 and of c times s = 2q / (1 + 2q).
                let s = 2.0 * q / (1.0 + 2.0 * q);
                FRAC_2_PI * (libm::asin(s) - libm::asin(c * s))
            }
            Activation::Sin => {
                // E sin z1 sin z2 = exp(-q) sinh(q c).
                -0.5 * (libm::expm1(-q * (1.0 - c)) + libm::exp(-2.0 * q) * -libm::expm1(q * (1.0 - c)))
            }
            _ if c == 1.0 => 0.0,
            _ if c == -1.0 => {
                let difference = |z: f64| activation.phi(z) - activation.phi(-z);
                self.expectation(|z| 0.5 * difference(z) * difference(z))
            }
            // Independent: the variance of phi.
            _ if c == 0.0 => {
                let mean = self.expectation(|z| activation.phi(z));
                self.expectation(|z| (activation.phi(z) - mean) * (activation.phi(z) - mean))
            }
            _ => self.bivariate(c, |a, b, _, _| 0.5 * (a - b) * (a - b)),
        }
    }

    /// d/dc of E phi(z1) phi(z2), over q: E phi'(z1) phi'(z2) ([Price 1958](https://doi.org/10.1109/TIT.1958.1057444)) where phi does not jump; infinite at c = 1
    /// where it does.
    pub(super) fn slope(&self, c: f64) -> f64 {
        let (activation, q) = (self.activation, self.q);
        if let Some(a) = activation.negative_slope() {
            let (odd, even) = (0.5 * (1.0 + a), 0.5 * (1.0 - a));
            return odd * odd + even * even * FRAC_2_PI * libm::asin(c);
        }
        match *activation {
            Activation::Erf => {
                let (diagonal, off) = (1.0 + 2.0 * q, 2.0 * q * c);
                4.0 / (PI * sqrt((diagonal - off) * (diagonal + off)))
            }
            Activation::Sin => 0.5 * (libm::exp(-q * (1.0 - c)) + libm::exp(-q * (1.0 + c))),
            _ if c.abs() == 1.0 => match self.resolution.as_ref().map(Resolution::has_jump) {
                None => f64::NAN,
                Some(true) => {
                    if c == 1.0 {
                        f64::INFINITY
                    } else {
                        f64::NAN
                    }
                }
                Some(false) if c == 1.0 => activation.derivative_mean_square(q),
                Some(false) => self.expectation(|z| activation.derivative(z) * activation.derivative(-z)),
            },
            // By parts: E phi' = E phi g / sqrt(q).
            _ if c == 0.0 => {
                let mean = self.expectation(|z| activation.phi(z) * z) / q;
                mean * mean
            }
            // By the logarithmic derivative of the density by c, (c (1 - w^2) + s g w) / s^2, s^2 = 1 - c^2.
            _ => {
                let square = (1.0 - c) * (1.0 + c);
                let s = sqrt(square);
                self.bivariate(c, |a, b, g, w| {
                    0.5 * (a - b) * (a - b) * (c * (w * w - 1.0) - s * g * w) / (square * q)
                })
            }
        }
    }

    fn bivariate(&self, c: f64, combine: impl Fn(f64, f64, f64, f64) -> f64) -> f64 {
        let phi = |z| self.activation.phi(z);
        self.resolution.as_ref().map_or(f64::NAN, |resolution| bivariate(c, resolution, phi, combine))
    }

    /// Over one pre-activation and its negative.
    fn expectation(&self, f: impl Fn(f64) -> f64) -> f64 {
        let kinks = self.activation.kinks().iter().flat_map(|&kink| [-kink, kink]);
        expectation(self.q, &kinks.collect::<alloc::vec::Vec<_>>(), EXACT, f)
    }
}

/// E (relu(z1) - relu(z2))^2 / (q / 2) for q = 1, from the arc-cosine kernel of degree 1 (Cho & Saul
/// 2009, eq. 6).
fn rectified(c: f64) -> f64 {
    let angle = libm::acos(c);
    2.0 - FRAC_2_PI * (sqrt((1.0 - c) * (1.0 + c)) + c * (PI - angle))
}
