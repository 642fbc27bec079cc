//! Prelude: what a program that fills weights names, in one import.
//!
//! ```
//! use fanin::prelude::*;
//!
//! let mut w = vec![0.0_f32; 256 * 784];
//! He::normal(784).seed(42).fill(&mut w);
//! ```

pub use crate::activation::Activation;
pub use crate::error::InitError;
pub use crate::fan::{Fan, Layout};
pub use crate::init::{
    Constant, FanMode, He, Initializer, InitializerExt, LeCun, Normal, Orthogonal, Seeded, TruncatedNormal,
    Uniform, VarianceScaling, Xavier,
};
#[cfg(feature = "nn")]
pub use crate::nn::{Loss, Network};
pub use crate::seed::Seed;
