//! A dense network with backpropagation: small, but right, and it shows its gradient chain.
//!
//! [`Network`] is built layer by layer, initialised by any [`Initializer`](crate::Initializer) that
//! is made from a layer's fans, run and trained on batches. What a batch leaves behind is a
//! [`Tape`]: every z, h, dL/dh and delta, and the gradients of the parameters.
//! [`Network::gradient_chain`] reads a tape into the statistics of [`chain`](crate::chain); the
//! network itself does not know that it is observed.
//!
//! Batches are `[samples, inputs]`, weights `[out, in]` row-major, all in `f32` or all in `f64`.

mod backprop;
mod error;
#[cfg(feature = "spectrum")]
mod jacobian;
mod loss;
mod network;
mod tape;

pub use error::NnError;
#[cfg(feature = "spectrum")]
pub use jacobian::Spectrum;
pub use loss::{Loss, Target};
pub use network::Network;
pub use tape::{LayerTape, Tape};
