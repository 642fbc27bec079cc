//! The gradient chain: whether a gradient survives the way back through a network, layer by layer.
//!
//! A layer computes z = W h_prev + b and h = phi(z). Backpropagation runs the other way: from delta
//! = dL/dz of layer l + 1 it makes dL/dh = W^T delta, and from that delta_l = phi'(z) * dL/dh. Each
//! layer so multiplies the gradient by what its weights do and by what its gates phi' let through.
//! A product of many factors below 1 vanishes, of many above 1 it explodes. This module measures
//! the factors:
//!
//! - [`Layer`] takes one layer's tensors as plain slices, from a model of any framework;
//! - [`GradientChain`] puts layers in a row: [backward factors](BackwardFactor), their product and
//!   rate, a [`Verdict`], and a table (`{}`);
//! - [`Moments`] are the statistics that all of it stands on.
//!
//! It knows no network, names no remedy (a [diagnosis](crate::diagnosis) does) and needs no `std`. Deltas are measured beside weight gradients because the
//! latter deceive: with Xavier under ReLU the deltas lose half of their mean square at each layer,
//! while the activations lose it on the way forward, so that |dW| = |delta| |h| is flat over all
//! layers.
//!
//! ```
//! use fanin::chain::{GradientChain, Layer, Verdict};
//!
//! // Ten ReLU layers whose deltas shrink tenfold at each step back: four units, one sample.
//! let layers = (0..10).map(|l| {
//!     let arrives = 10_f64.powi(l - 9);
//!     Layer::new(format!("fc{}", l + 1), 4, &[arrives, -arrives, 0.0, 0.0])
//!         .with_dl_dh(&[arrives, -arrives, arrives, -arrives])
//!         .with_h(&[1.0, 2.0, 0.0, 0.0])
//! });
//! let chain = GradientChain::from_layers(layers)?;
//! println!("{chain}");
//! assert_eq!(chain.verdict(), Verdict::Vanishing);
//! assert!((chain.log10_ratio().unwrap() - -16.0).abs() < 1e-12); // first over last of nine hidden layers
//! assert!((chain.factors()[0].gate().unwrap() - 0.5).abs() < 1e-12);
//! # Ok::<(), fanin::chain::ChainError>(())
//! ```

#[cfg(feature = "approx")]
mod approx;
mod cosine;
mod error;
mod gradient_chain;
mod layer;
mod moments;
mod report;
mod rows;
#[cfg(feature = "serde")]
mod serialize;
mod table;
mod verdict;

pub(crate) use cosine::{COLLAPSED, Likeness, mean_cosine};
pub use error::ChainError;
pub use gradient_chain::{BackwardFactor, GradientChain};
pub use layer::Layer;
pub use moments::Moments;
pub(crate) use rows::Rows;
pub(crate) use table::{Column, Table, given, number, rms};
pub use verdict::{Thresholds, Verdict};
pub(crate) use verdict::{nearest_to_no_change, width_free_decades};
