//! Checks for the tests of models: are the weights what was promised, at a false-alarm rate that is
//! declared.
//!
//! A test that draws random weights and compares them by a guessed tolerance fails now and then on good
//! code, or never on bad code. Here every check declares how often it may be wrong (1e-9 unless told
//! otherwise), and is as sharp as that rate allows, so that tests may take a new seed at every run.
//!
//! ```
//! use fanin::testing::{assert_independent, assert_law, assert_model};
//! use fanin::prelude::*;
//!
//! // Your model's way to fill its layers; here each from a child seed.
//! let seed = Seed::random();
//! let (mut conv, mut dense) = (vec![0.0_f32; 64 * 32 * 9], vec![0.0_f32; 64 * 256]);
//! He::normal(Fan::conv(32, 64, [3, 3])).seed(seed.child("conv")).fill(&mut conv);
//! He::uniform(64).seed(seed.child("dense")).fill(&mut dense);
//!
//! assert_law!(conv, He::normal(32 * 9));
//! assert_law!(dense, He::uniform(64));
//! assert_independent!(conv, dense);
//! // All of that in one, at one rate, and copies in part besides.
//! assert_model!([("conv", conv, He::normal(32 * 9)), ("dense", dense, He::uniform(64))]);
//! ```
//!
//! - [`assert_law!`], [`check_law`], [`CheckLaw`]: mean, variance, extremes, distribution; zeros, copies, equal values,
//!   neighbours; given a shape, rows, columns, rank.
//! - [`assert_independent!`], [`check_independent`], [`CheckIndependent`]: no seed used twice.
//! - [`assert_model!`], [`check_model`], [`CheckModel`]: a whole model, each parameter's distribution, and no weights that are
//!   copies of others.
//! - With the feature `proptest`: `any_seed`, `any_fan`, `any_shape`, `any_initializer`, `any_activation`,
//!   `any_network`, and `Arbitrary` for the plain types.
//! - [`assert_gradient_flow!`], [`check_gradient_flow`], [`CheckGradientFlow`]: gradients survive, for
//!   any seed.
//!
//! # What happens to unusual input
//!
//! A test walks these tables; columns are values of x.
//!
#![doc = include_str!("bad_input.md")]

mod cause;
mod check_independent;
mod check_law;
mod check_model;
mod equal_values;
mod expected;
mod false_positives;
mod form;
mod gradient_flow;
mod gradient_flow_error;
mod gradient_flow_evidence;
mod law_error;
mod law_evidence;
mod lines;
mod macros;
mod model_error;
mod model_evidence;
mod neighbours;
mod rank;
mod read_weights;
mod repetition;
mod sample;
mod standard;
#[cfg(feature = "proptest")]
mod strategy;
mod tail;
mod truncated_tail;

pub use crate::{assert_gradient_flow, assert_independent, assert_law, assert_model};
pub use cause::Cause;
pub use check_independent::{CheckIndependent, Independence, IndependenceError, check_independent};
pub use check_law::{CheckLaw, check_law};
pub use check_model::{CheckModel, ModelLayer, check_model};
pub use expected::Expected;
pub use gradient_flow::{CheckGradientFlow, GradientFlow, check_gradient_flow};
pub use gradient_flow_error::GradientFlowError;
pub use gradient_flow_evidence::GradientFlowEvidence;
pub use law_error::LawError;
pub use law_evidence::{LawEvidence, Part};
pub use model_error::{ModelError, ModelFault};
pub use model_evidence::ModelEvidence;
pub use read_weights::ReadWeights;
#[cfg(feature = "proptest")]
pub use strategy::{
    AnyInitializer, FanStrategy, InitializerStrategy, ShapeStrategy, any_activation, any_fan,
    any_initializer, any_seed, any_shape,
};
#[cfg(all(feature = "proptest", feature = "nn"))]
pub use strategy::{AnyNetwork, NetworkStrategy, any_network};
