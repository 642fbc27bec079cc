//! phi and phi' of each activation, one number at a time.
//!
//! Written so that no argument makes a NaN but NaN itself (and sin of an infinity): tails go by
//! exp(-|z|), which underflows to the limit, and products such as 0 * inf are never formed.
//! `libm` and our own exponential rather than the standard library: the same bits on every platform.
//! What needs no `libm` is written without branches and always inlined, for loops over it to be
//! vectorised.

use core::f64::consts::FRAC_2_SQRT_PI;

use num_traits::Float;

use super::exponential::{exp, exp_m1};
use crate::normal_distribution::{cdf, density};

/// Beyond this |z| a normal tail is less than the smallest `f64`.
const NORMAL_TAIL: f64 = 40.0;
/// Beyond this |z| so is exp(-|z|), even times z.
const EXPONENTIAL_TAIL: f64 = 800.0;

/// lambda of SELU ([Klambauer et al. 2017](https://arxiv.org/abs/1706.02515)): mean 0 and variance 1 are a fixed point.
pub(super) const SELU_SCALE: f64 = 1.050_700_987_355_480_5;
/// alpha of SELU.
pub(super) const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;

#[inline(always)]
pub(super) fn one<T: Float>(z: T) -> T {
    if z.is_nan() { z } else { T::one() }
}

#[inline(always)]
pub(super) fn relu<T: Float>(z: T) -> T {
    if z <= T::zero() { T::zero() } else { z }
}

#[inline(always)]
pub(super) fn relu_derivative<T: Float>(z: T) -> T {
    leaky_derivative(z, T::zero())
}

#[inline(always)]
pub(super) fn leaky(z: f64, slope: f64) -> f64 {
    if z <= 0.0 { times(slope, z) } else { z }
}

/// Generic, as the slope need be rounded only once for it.
#[inline(always)]
pub(super) fn leaky_derivative<T: Float>(z: T, slope: T) -> T {
    let positive = if z > T::zero() { T::one() } else { z };
    if z <= T::zero() { slope } else { positive }
}

#[inline(always)]
pub(super) fn hard_tanh<T: Float>(z: T) -> T {
    let above = if z < -T::one() { -T::one() } else { z };
    if above > T::one() { T::one() } else { above }
}

#[inline(always)]
pub(super) fn hard_tanh_derivative<T: Float>(z: T) -> T {
    let inside = if z.abs() < T::one() { T::one() } else { z };
    if z.abs() >= T::one() { T::zero() } else { inside }
}

/// -expm1(-2|z|) / (2 + expm1(-2|z|)): exact near 0 and in the tails.
#[inline(always)]
pub(super) fn tanh(z: f64) -> f64 {
    let e = exp_m1(-2.0 * z.abs());
    (-e / (2.0 + e)).copysign(z)
}

/// sech^2 from exp(-2|z|): 1 - tanh^2 would lose every digit beyond |z| = 19.
#[inline(always)]
pub(super) fn tanh_derivative(z: f64) -> f64 {
    4.0 * sigmoid_derivative(2.0 * z)
}

#[inline(always)]
pub(super) fn sigmoid(z: f64) -> f64 {
    let e = exp(-z.abs());
    (if z < 0.0 { e } else { 1.0 }) / (1.0 + e)
}

#[inline(always)]
pub(super) fn sigmoid_derivative(z: f64) -> f64 {
    let e = exp(-z.abs());
    e / ((1.0 + e) * (1.0 + e))
}

#[inline(always)]
pub(super) fn elu(z: f64, alpha: f64) -> f64 {
    let left = alpha * exp_m1(not_positive(z));
    if z <= 0.0 { left } else { z }
}

#[inline(always)]
pub(super) fn elu_derivative(z: f64, alpha: f64) -> f64 {
    let left = alpha * exp(not_positive(z));
    if z <= 0.0 { left } else { one(z) }
}

pub(super) fn gelu(z: f64) -> f64 {
    let z = at_least(z, -NORMAL_TAIL);
    z * cdf(z)
}

pub(super) fn gelu_derivative(z: f64) -> f64 {
    let z = within(z, NORMAL_TAIL);
    cdf(z) + z * density(z)
}

#[inline(always)]
pub(super) fn silu(z: f64) -> f64 {
    let z = at_least(z, -EXPONENTIAL_TAIL);
    z * sigmoid(z)
}

#[inline(always)]
pub(super) fn silu_derivative(z: f64) -> f64 {
    let z = within(z, EXPONENTIAL_TAIL);
    sigmoid(z) * (1.0 + z * sigmoid(-z))
}

#[inline(always)]
pub(super) fn softplus(z: f64) -> f64 {
    relu(z) + libm::log1p(exp(-z.abs()))
}

/// tanh(softplus(z)) = ((1 + e^z)^2 - 1) / ((1 + e^z)^2 + 1), in powers of exp(-|z|).
#[inline(always)]
fn mish_gate(z: f64) -> f64 {
    let e = exp(-z.abs());
    let numerator = if z < 0.0 { e * (e + 2.0) } else { 1.0 + 2.0 * e };
    numerator / mish_root(z, e)
}

/// The derivative of [`mish_gate`].
#[inline(always)]
fn mish_gate_derivative(z: f64) -> f64 {
    let e = exp(-z.abs());
    let root = mish_root(z, e);
    let numerator = (if z < 0.0 { e } else { e * e }) * (1.0 + e);
    4.0 * numerator / (root * root)
}

/// (1 + e^z)^2 + 1, divided by e^2z for z >= 0.
#[inline(always)]
fn mish_root(z: f64, e: f64) -> f64 {
    if z < 0.0 { e * (e + 2.0) + 2.0 } else { 1.0 + 2.0 * e * (1.0 + e) }
}

#[inline(always)]
pub(super) fn mish(z: f64) -> f64 {
    let z = at_least(z, -EXPONENTIAL_TAIL);
    z * mish_gate(z)
}

#[inline(always)]
pub(super) fn mish_derivative(z: f64) -> f64 {
    let z = within(z, EXPONENTIAL_TAIL);
    mish_gate(z) + z * mish_gate_derivative(z)
}

#[inline(always)]
pub(super) fn softsign(z: f64) -> f64 {
    if z.is_infinite() { z.signum() } else { z / (1.0 + z.abs()) }
}

#[inline(always)]
pub(super) fn softsign_derivative(z: f64) -> f64 {
    1.0 / ((1.0 + z.abs()) * (1.0 + z.abs()))
}

#[inline(always)]
pub(super) fn erf_derivative(z: f64) -> f64 {
    FRAC_2_SQRT_PI * libm::exp(-z * z)
}

/// min(z, 0), but NaN for NaN.
#[inline(always)]
fn not_positive(z: f64) -> f64 {
    if z > 0.0 { 0.0 } else { z }
}

/// max(z, low), but NaN for NaN: beyond the tails nothing changes, and 0 * inf does not come up.
#[inline(always)]
fn at_least(z: f64, low: f64) -> f64 {
    if z < low { low } else { z }
}

/// z between -high and high, but NaN for NaN.
#[inline(always)]
fn within(z: f64, high: f64) -> f64 {
    let z = at_least(z, -high);
    if z > high { high } else { z }
}

/// A slope of 0 is a flat line, to minus infinity.
#[inline(always)]
fn times(slope: f64, z: f64) -> f64 {
    if slope == 0.0 { 0.0 } else { slope * z }
}
