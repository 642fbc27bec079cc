//! phi and phi' of each activation, one number at a time.
//!
//! Written so that no argument makes a NaN but NaN itself (and sin of an infinity): tails go by
//! exp(-|z|), which underflows to the limit, and products such as 0 * inf are never formed.
//! `libm` rather than the standard library: the same bits on every platform.

use core::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use num_traits::Float;

use crate::gaussian::density;

/// Beyond this |z| a normal tail is less than the smallest `f64`.
const NORMAL_TAIL: f64 = 40.0;
/// Beyond this |z| so is exp(-|z|), even times z.
const EXPONENTIAL_TAIL: f64 = 800.0;

/// lambda of SELU (Klambauer et al. 2017, eq. 14): mean 0 and variance 1 are a fixed point.
pub(super) const SELU_SCALE: f64 = 1.050_700_987_355_480_5;
/// alpha of SELU.
pub(super) const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;

pub(super) fn one<T: Float>(z: T) -> T {
    if z.is_nan() { z } else { T::one() }
}

pub(super) fn relu<T: Float>(z: T) -> T {
    if z <= T::zero() { T::zero() } else { z }
}

pub(super) fn relu_derivative<T: Float>(z: T) -> T {
    leaky_derivative(z, T::zero())
}

pub(super) fn leaky(z: f64, slope: f64) -> f64 {
    if z <= 0.0 { times(slope, z) } else { z }
}

/// Generic, as the slope need be rounded only once for it.
pub(super) fn leaky_derivative<T: Float>(z: T, slope: T) -> T {
    let positive = if z > T::zero() { T::one() } else { z };
    if z <= T::zero() { slope } else { positive }
}

pub(super) fn hard_tanh<T: Float>(z: T) -> T {
    let above = if z < -T::one() { -T::one() } else { z };
    if above > T::one() { T::one() } else { above }
}

pub(super) fn hard_tanh_derivative<T: Float>(z: T) -> T {
    let inside = if z.abs() < T::one() { T::one() } else { z };
    if z.abs() >= T::one() { T::zero() } else { inside }
}

/// sech^2 from exp(-2|z|): 1 - tanh^2 would lose every digit beyond |z| = 19.
pub(super) fn tanh_derivative(z: f64) -> f64 {
    4.0 * sigmoid_derivative(2.0 * z)
}

pub(super) fn sigmoid(z: f64) -> f64 {
    let e = libm::exp(-z.abs());
    if z < 0.0 { e / (1.0 + e) } else { 1.0 / (1.0 + e) }
}

pub(super) fn sigmoid_derivative(z: f64) -> f64 {
    let e = libm::exp(-z.abs());
    e / ((1.0 + e) * (1.0 + e))
}

pub(super) fn elu(z: f64, alpha: f64) -> f64 {
    if z <= 0.0 { alpha * libm::expm1(z) } else { z }
}

pub(super) fn elu_derivative(z: f64, alpha: f64) -> f64 {
    if z <= 0.0 { alpha * libm::exp(z) } else { one(z) }
}

/// Phi, the normal distribution function, from erfc: 1 + erf would cancel on the left.
fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

pub(super) fn gelu(z: f64) -> f64 {
    if z < -NORMAL_TAIL { -0.0 } else { z * normal_cdf(z) }
}

pub(super) fn gelu_derivative(z: f64) -> f64 {
    if z.abs() > NORMAL_TAIL { step(z) } else { normal_cdf(z) + z * density(z) }
}

pub(super) fn silu(z: f64) -> f64 {
    if z < -EXPONENTIAL_TAIL { -0.0 } else { z * sigmoid(z) }
}

pub(super) fn silu_derivative(z: f64) -> f64 {
    if z.abs() > EXPONENTIAL_TAIL { step(z) } else { sigmoid(z) * (1.0 + z * sigmoid(-z)) }
}

pub(super) fn softplus(z: f64) -> f64 {
    relu(z) + libm::log1p(libm::exp(-z.abs()))
}

/// tanh(softplus(z)) = ((1 + e^z)^2 - 1) / ((1 + e^z)^2 + 1), in powers of exp(-|z|).
fn mish_gate(z: f64) -> f64 {
    let e = libm::exp(-z.abs());
    if z < 0.0 {
        e * (e + 2.0) / (e * (e + 2.0) + 2.0)
    } else {
        (1.0 + 2.0 * e) / (1.0 + 2.0 * e * (1.0 + e))
    }
}

/// The derivative of [`mish_gate`].
fn mish_gate_derivative(z: f64) -> f64 {
    let e = libm::exp(-z.abs());
    let (numerator, root) = if z < 0.0 {
        (e * (e + 1.0), e * (e + 2.0) + 2.0)
    } else {
        (e * e * (1.0 + e), 1.0 + 2.0 * e * (1.0 + e))
    };
    4.0 * numerator / (root * root)
}

pub(super) fn mish(z: f64) -> f64 {
    if z < -EXPONENTIAL_TAIL { -0.0 } else { z * mish_gate(z) }
}

pub(super) fn mish_derivative(z: f64) -> f64 {
    if z.abs() > EXPONENTIAL_TAIL { step(z) } else { mish_gate(z) + z * mish_gate_derivative(z) }
}

pub(super) fn softsign(z: f64) -> f64 {
    if z.is_infinite() { z.signum() } else { z / (1.0 + z.abs()) }
}

pub(super) fn softsign_derivative(z: f64) -> f64 {
    1.0 / ((1.0 + z.abs()) * (1.0 + z.abs()))
}

pub(super) fn erf_derivative(z: f64) -> f64 {
    FRAC_2_SQRT_PI * libm::exp(-z * z)
}

/// The limit of phi' for those that approach the ReLU.
fn step(z: f64) -> f64 {
    if z < 0.0 { 0.0 } else { 1.0 }
}

/// A slope of 0 is a flat line, to minus infinity.
fn times(slope: f64, z: f64) -> f64 {
    if slope == 0.0 { 0.0 } else { slope * z }
}
