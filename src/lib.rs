#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![doc(test(attr(deny(warnings))))]

extern crate alloc;

mod activation;
pub mod chain;
mod error;
mod fan;
mod init;
#[cfg(feature = "nn")]
pub mod nn;
mod normal_distribution;
#[cfg(feature = "plot")]
pub mod plot;
pub mod prelude;
mod quadrature;
mod scalar;
mod seed;
pub mod stream;
pub mod testing;
pub mod theory;
mod weights;

pub use activation::{Activation, Custom, ParseActivationError};
pub use error::{InitError, OtherCause};
pub use fan::{Fan, Layout};
pub use init::{
    Constant, FanMode, Gain, He, Initializer, InitializerExt, Law, LeCun, Normal, Seeded, TruncatedNormal,
    Uniform, VarianceScaling, Xavier,
};
#[cfg(feature = "nn")]
pub use nn::{Loss, Network};
pub use scalar::Scalar;
pub use seed::{ParseSeedError, Seed};
pub use weights::Weights;
