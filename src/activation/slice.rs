//! phi and phi' over slices: the hot path of a network.

use super::{Activation, function};
use crate::scalar::Scalar;

impl Activation {
    /// phi of every element: `h[i] = phi(z[i])`.
    ///
    /// The activation is looked up once, not per element, and the piecewise linear ones run at
    /// the speed of memory. Computed in `f64` and rounded to the scalar once.
    pub(crate) fn phi_slice<T: Scalar>(&self, z: &[T], h: &mut [T]) {
        debug_assert_eq!(z.len(), h.len());
        match *self {
            Self::Identity => h.copy_from_slice(z),
            Self::Relu => map(z, h, function::relu),
            Self::LeakyRelu { negative_slope: slope } | Self::Prelu { slope } => {
                map_f64(z, h, |z| function::leaky(z, slope));
            }
            Self::Tanh => map_f64(z, h, function::tanh),
            Self::Sigmoid => map_f64(z, h, function::sigmoid),
            Self::Selu => map_f64(z, h, |z| function::SELU_SCALE * function::elu(z, function::SELU_ALPHA)),
            Self::Elu { alpha } => map_f64(z, h, |z| function::elu(z, alpha)),
            Self::Gelu => map_f64(z, h, function::gelu),
            Self::Silu => map_f64(z, h, function::silu),
            Self::Softplus => map_f64(z, h, function::softplus),
            Self::Mish => map_f64(z, h, function::mish),
            Self::Softsign => map_f64(z, h, function::softsign),
            Self::HardTanh => map(z, h, function::hard_tanh),
            Self::Erf => map_f64(z, h, libm::erf),
            Self::Sin => map_f64(z, h, libm::sin),
            Self::Custom(ref custom) => map_f64(z, h, |z| custom.phi(z)),
        }
    }

    /// phi' of every element: `slope[i] = phi'(z[i])`.
    pub(crate) fn derivative_slice<T: Scalar>(&self, z: &[T], slope: &mut [T]) {
        debug_assert_eq!(z.len(), slope.len());
        match *self {
            Self::Identity => map(z, slope, function::one),
            Self::Relu => map(z, slope, function::relu_derivative),
            Self::LeakyRelu { negative_slope: left } | Self::Prelu { slope: left } => {
                let left = T::from_f64(left);
                map(z, slope, |z| function::leaky_derivative(z, left));
            }
            Self::Tanh => map_f64(z, slope, function::tanh_derivative),
            Self::Sigmoid => map_f64(z, slope, function::sigmoid_derivative),
            Self::Selu => map_f64(z, slope, |z| {
                function::SELU_SCALE * function::elu_derivative(z, function::SELU_ALPHA)
            }),
            Self::Elu { alpha } => map_f64(z, slope, |z| function::elu_derivative(z, alpha)),
            Self::Gelu => map_f64(z, slope, function::gelu_derivative),
            Self::Silu => map_f64(z, slope, function::silu_derivative),
            Self::Softplus => map_f64(z, slope, function::sigmoid),
            Self::Mish => map_f64(z, slope, function::mish_derivative),
            Self::Softsign => map_f64(z, slope, function::softsign_derivative),
            Self::HardTanh => map(z, slope, function::hard_tanh_derivative),
            Self::Erf => map_f64(z, slope, function::erf_derivative),
            Self::Sin => map_f64(z, slope, libm::cos),
            Self::Custom(ref custom) => map_f64(z, slope, |z| custom.derivative(z)),
        }
    }
}

/// For functions that are exact in T.
#[inline(always)]
fn map<T: Scalar>(z: &[T], out: &mut [T], f: impl Fn(T) -> T) {
    for (out, &z) in out.iter_mut().zip(z) {
        *out = f(z);
    }
}

#[inline(always)]
fn map_f64<T: Scalar>(z: &[T], out: &mut [T], f: impl Fn(f64) -> f64) {
    map(z, out, |z| T::from_f64(f(z.to_f64())));
}
