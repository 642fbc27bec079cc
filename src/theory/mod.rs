//! Mean-field theory: predictions of a network before it runs.
//!
//! In a wide layer the pre-activations of one input are normal with some mean square q, those of
//! two inputs have some correlation c, and a layer maps (q, c) to the next. Where these maps lead,
//! and how fast, says whether signals and gradients survive the depth ([Poole et al. 2016](https://arxiv.org/abs/1606.05340);
//! [Schoenholz et al. 2017](https://arxiv.org/abs/1611.01232); [Roberts, Yaida & Hanin 2022](https://arxiv.org/abs/2106.10165)).
//!
//! ```
//! use fanin::Activation;
//! use fanin::theory::{MeanField, critical};
//!
//! // PyTorch's gain for tanh, 5/3, and what it does to a deep net.
//! let point = MeanField::new(Activation::Tanh, 25.0 / 9.0, 0.0)?.fixed_point()?;
//! assert!((point.chi - 1.2098).abs() < 1e-4); // the gradient grows by 21 % a layer
//!
//! // What to use instead.
//! let best = critical(&Activation::Tanh)?;
//! assert!((best.weight_variance - 1.0).abs() < 1e-12 && best.bias_variance == 0.0);
//! # Ok::<(), fanin::theory::TheoryError>(())
//! ```
//!
//! - One layer, repeated: [`gain_for`], [`MeanField`], [`critical`] and its relatives.
//! - A network: [`NetworkLaw`] (fans, laws, activations) and [`Inputs`] give a [`Prediction`] of the
//!   chain, the [`Band`] that a finite width spreads it over, the cosines between hidden states, the
//!   [`Horizon`] of a precision. Beside a measured chain they make a [diagnosis](crate::diagnosis).
//! - Its Jacobian: [`jacobian_moments`].
//!
//! sigma_w^2 is n Var\[W\] for a layer of n inputs: gain^2.
//!
//! Every answer about one layer takes a few milliseconds (microseconds for ReLU-likes, erf and sin), and every search has
//! a bound on its steps. One expectation evaluates phi 2^17 times at most: of a custom activation that jumps or turns
//! too often for that it is an error ([`TheoryError::NoExpectation`]). A question takes below 0.1 s then, too (0.3 s for
//! sines of 30 z to 1,000 z), as long as phi itself takes some 10 ns and comes with its derivative; a numerical one
//! multiplies that by 15 to 170. A network's bands take longer, see [`NetworkLaw::bands`].

mod band;
mod chebyshev;
mod columns;
mod correlation_point;
mod cosine;
mod critical;
mod error;
mod fixed_point;
mod fluctuation;
mod gain_method;
mod horizon;
mod inputs;
mod jacobian_moments;
mod kernel;
mod length_slope;
mod mean_field;
mod network_law;
mod output_delta;
mod precision;
mod prediction;
mod quantiles;
mod root;
mod shared_chance;
mod simulation;
mod unit_moments;

pub use band::{Band, BandSource};
pub use correlation_point::CorrelationPoint;
pub use critical::{CriticalPoint, critical, critical_points};
pub use error::TheoryError;
pub use fixed_point::{FixedPoint, Stability};
pub use fluctuation::Fluctuation;
pub use gain_method::{GainMethod, gain_for};
pub use horizon::Horizon;
pub use inputs::Inputs;
pub use jacobian_moments::{Ensemble, GatedLayer, JacobianMoments, gate_moments, jacobian_moments};
pub use mean_field::MeanField;
pub use network_law::{LayerLaw, NetworkLaw};
pub use output_delta::OutputDelta;
pub use precision::{Magnitude, Precision};
pub use prediction::{PredictedLayer, Prediction};

#[cfg(test)]
mod tests;
