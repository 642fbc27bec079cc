//! Weights, a chain and theory where there is no operating system.

#![no_std]

use fanin::chain::{GradientChain, Layer, Verdict};
use fanin::theory::{MeanField, TheoryError};
use fanin::{Activation, He, InitError, InitializerExt, Seed};

/// Fills weights from a seed.
///
/// # Errors
/// Fans of 0.
pub fn start(weights: &mut [f32], fan_in: usize) -> Result<(), InitError> {
    He::normal(fan_in).seed(Seed::from(42).child("weight")).try_fill(weights)
}

/// What becomes of the gradient.
pub fn judge(deltas: [&[f32]; 3]) -> Option<Verdict> {
    let chain = GradientChain::from_layers(deltas.map(|delta| Layer::new("dense", delta.len(), delta)));
    Some(chain.ok()?.verdict())
}

/// What should become of it.
///
/// # Errors
/// Variances that are none.
pub fn foresee(weight_variance: f64) -> Result<f64, TheoryError> {
    Ok(MeanField::new(Activation::Tanh, weight_variance, 0.0)?.fixed_point()?.chi)
}
