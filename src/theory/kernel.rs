//! Expectations over one and two normal pre-activations that the maps are made of.

use core::f64::consts::{FRAC_2_PI, PI};

use crate::activation::Activation;
use crate::quadrature::{self, EXACT};

/// The relative rounding of phi, a few units in the last place.
const PHI_ROUNDING: f64 = 1e-15;

/// d/dq E phi(z)^2, z ~ N(0, q), without a derivative of phi:
/// E (phi(z)^2 - phi(0)^2) (g^2 - 1) / (2 q), z = sqrt(q) g, by parts. So it holds at kinks and
/// jumps, too. phi(0)^2 adds nothing to the mean and would cancel for small q.
pub(super) fn mean_square_slope(activation: &Activation, q: f64) -> f64 {
    if activation.negative_slope().is_some() {
        return activation.derivative_mean_square(q);
    }
    match *activation {
        Activation::Erf => 4.0 / (PI * (1.0 + 2.0 * q) * libm::sqrt(1.0 + 4.0 * q)),
        Activation::Sin => libm::exp(-2.0 * q),
        _ => {
            let at_zero = activation.phi(0.0);
            let deviation = libm::sqrt(q);
            let change =
                (activation.phi(deviation) - at_zero).abs() + (activation.phi(-deviation) - at_zero).abs();
            // The difference to phi(0) is known no better than phi(0) is.
            let tolerance = EXACT.max(PHI_ROUNDING * at_zero.abs() / change);
            quadrature::expectation(q, activation.kinks(), tolerance, |z| {
                let h = activation.phi(z);
                (h - at_zero) * (h + at_zero) * (z * z / q - 1.0)
            }) / (2.0 * q)
        }
    }
}

/// Half of E (phi(z1) - phi(z2))^2 = E phi^2 - E phi(z1) phi(z2), for variance q and correlation
/// c. As a difference of squares it keeps its digits where c is near 1.
pub(super) fn half_square_difference(activation: &Activation, q: f64, c: f64) -> f64 {
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
        _ => quadrature::bivariate(
            q,
            c,
            activation.kinks(),
            |z| activation.phi(z),
            |a, b| 0.5 * (a - b) * (a - b),
        ),
    }
}

/// E phi'(z1) phi'(z2) for variance q and correlation c.
pub(super) fn derivative_product(activation: &Activation, q: f64, c: f64) -> f64 {
    if let Some(a) = activation.negative_slope() {
        let (odd, even) = (0.5 * (1.0 + a), 0.5 * (1.0 - a));
        return odd * odd + even * even * FRAC_2_PI * libm::asin(c);
    }
    match *activation {
        Activation::Erf => {
            let (diagonal, off) = (1.0 + 2.0 * q, 2.0 * q * c);
            4.0 / (PI * libm::sqrt((diagonal - off) * (diagonal + off)))
        }
        Activation::Sin => 0.5 * (libm::exp(-q * (1.0 - c)) + libm::exp(-q * (1.0 + c))),
        _ => quadrature::bivariate(q, c, activation.kinks(), |z| activation.derivative(z), |a, b| a * b),
    }
}

/// E (relu(z1) - relu(z2))^2 / (q / 2) for q = 1, from the arc-cosine kernel of degree 1 (Cho & Saul
/// 2009, eq. 6).
fn rectified(c: f64) -> f64 {
    let angle = libm::acos(c);
    2.0 - FRAC_2_PI * (libm::sqrt((1.0 - c) * (1.0 + c)) + c * (PI - angle))
}
