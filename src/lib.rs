//! Weight initialization for neural networks, and the gradient chain that must get back through them.
//!
//! ```
//! use fanin::prelude::*;
//!
//! let mut w = vec![0.0_f32; 256 * 784];
//! He::normal(784).fill(&mut w); // new weights each run
//! He::normal(784).seed(42).fill(&mut w); // these bits: every run, thread count, CPU, shard
//! ```
//!
//! # Where things are
//!
//! | module | what it holds |
//! | --- | --- |
//! | the root | initializers ([`He`], [`Xavier`], [`LeCun`], [`Normal`], ..), [`Initializer`] and [`InitializerExt`], [`Fan`], [`Seed`], [`Activation`], [`Law`]: the distribution of a weight |
//! | [`prelude`] | what a program that fills weights names, in one import |
//! | [`stream`] | how seeds become numbers, written down so that it can be written again |
//! | `recipe` (feature `recipe`) | a whole model from one readable file: patterns of parameter names, and an initializer for each |
//! | [`chain`] | the statistics of a gradient chain, measured from plain slices, with a verdict and a table |
//! | `nn` (feature `nn`) | a dense network with backprop that shows its gradient chain |
//! | [`lsuv`] | weights scaled until real data leave each layer with variance 1 |
//! | [`theory`] | what mean-field theory says of a network before it runs, and how far chance spreads it |
//! | [`diagnosis`] | what is wrong with a model: weights that are copies of others |
//! | [`testing`] | checks for the tests of your own models, each at a declared false-positive rate |
//! | `plot` (feature `plot`) | pictures as SVG and PNG |
//!
//! All initializers, with formulas, sources and their twins in other libraries, are listed at [`Initializer`].
//!
//! # Data flow
//!
//! Parameters are `f64` whatever the scalar and are rounded to it once. A seed names one tensor; [`Seed::child`] gives each
//! parameter of a model a stream of its own. Weights are row-major: the last index runs fastest.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![doc(test(attr(deny(warnings))))]

extern crate alloc;
#[cfg(all(test, not(feature = "std")))]
extern crate std; // for tests alone

mod activation;
pub mod chain;
pub mod diagnosis;
mod error;
mod fan;
mod hypergeometric;
mod init;
pub mod lsuv;
#[cfg(feature = "nn")]
pub mod nn;
mod normal_distribution;
#[cfg(feature = "plot")]
pub mod plot;
pub mod prelude;
mod quadrature;
#[cfg(feature = "recipe")]
pub mod recipe;
mod scalar;
mod seed;
mod significant;
mod simd;
pub mod stream;
pub mod testing;
pub mod theory;
mod weights;

pub use activation::{Activation, Custom, ParseActivationError};
pub use error::{InitError, OtherCause};
pub use fan::{Axes, Axis, Fan, Layout, ParseLayoutError};
#[cfg(feature = "complex")]
pub use init::ComplexScaling;
pub use init::{
    Composite, Constant, DeltaOrthogonal, DepthScaling, Dirac, FanMode, Gain, He, Icnr, Identity,
    Initializer, InitializerExt, KerasDefault, Law, LeCun, LoRA, LogUniform, Mamba, MambaALog, MuP,
    NeuralTangent, Normal, Optimizer, Orthogonal, PaddingRow, PriorBias, ScaledLaw, Seeded, Siren, SmallInit,
    Sparse, T5, TorchDefault, TruncatedNormal, Uniform, VarianceScaling, WangInit, Xavier,
};
#[cfg(feature = "nn")]
pub use nn::{Loss, Network};
pub use scalar::Scalar;
pub use seed::{ParseSeedError, Seed};
pub use weights::Weights;

/// The code of the README compiles as it stands there.
#[cfg(all(doctest, feature = "nn"))]
#[doc = include_str!("../README.md")]
struct Readme;
