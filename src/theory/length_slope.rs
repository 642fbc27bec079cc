//! The slope of the length map, without a derivative of phi.

use core::f64::consts::PI;

use crate::activation::Activation;
use crate::quadrature::{EXACT, expectation};
use crate::scalar::sqrt;

/// The relative rounding of phi, a few units in the last place.
const PHI_ROUNDING: f64 = 1e-15;

/// d/dq E phi(z)^2, z ~ N(0, q): E (phi(z)^2 - phi(0)^2) (g^2 - 1) / (2 q), z = sqrt(q) g, by parts. So it
/// holds at kinks and jumps, too. phi(0)^2 adds nothing to the mean and would cancel for small q.
pub(super) fn mean_square_slope(activation: &Activation, q: f64) -> f64 {
    if activation.negative_slope().is_some() {
        return activation.derivative_mean_square(q);
    }
    match *activation {
        Activation::Erf => 4.0 / (PI * (1.0 + 2.0 * q) * sqrt(1.0 + 4.0 * q)),
        Activation::Sin => libm::exp(-2.0 * q),
        _ => {
            let at_zero = activation.phi(0.0);
            let deviation = sqrt(q);
            let change =
                (activation.phi(deviation) - at_zero).abs() + (activation.phi(-deviation) - at_zero).abs();
            // The difference to phi(0) is known no better than phi(0) is.
            let tolerance = EXACT.max(PHI_ROUNDING * at_zero.abs() / change);
            expectation(q, activation.kinks(), tolerance, |z| {
                let h = activation.phi(z);
                (h - at_zero) * (h + at_zero) * (z * z / q - 1.0)
            }) / (2.0 * q)
        }
    }
}
