//! A dense network with backpropagation: small, but right, and it shows its gradient chain.
//!
//! [`Network`] is built layer by layer, initialised by any [`Initializer`](crate::Initializer) that
//! is made from a layer's fans, run and trained on batches. The recording of a batch is a [`Tape`]:
//! every z, h, dL/dh and delta, and the gradients of the parameters. [`Network::gradient_chain`]
//! reads a tape into the statistics of [`chain`](crate::chain).
//!
//! All tensors are plain slices, row-major: a batch is `[samples, inputs]`, in anything that is a
//! [`Batch`], weights are `[out, in]`. [`Targets`] are class labels or values. A network computes in
//! its scalar; halves are multiplied with sums in `f32`.

mod backprop;
mod batch;
mod error;
mod gradient_chain;
#[cfg(feature = "spectrum")]
mod jacobian;
mod loss;
mod lsuv;
mod matrix;
mod network;
mod sgd;
mod tape;
mod targets;

pub use batch::Batch;
pub use error::NnError;
#[cfg(feature = "spectrum")]
pub use jacobian::Spectrum;
pub use loss::Loss;
pub use network::Network;
pub use tape::{LayerTape, Tape};
pub use targets::Targets;
