//! First weights of a neural network, and the gradient chain that must get back through it.
#![cfg_attr(not(feature = "std"), no_std)]
#![doc(test(attr(deny(warnings))))]

extern crate alloc;

mod activation;
mod error;
mod gaussian;
mod scalar;
mod seed;
pub mod theory;

pub use activation::{Activation, Custom, ParseActivationError};
pub use error::InitError;
pub use scalar::Scalar;
pub use seed::{ChildName, ParseSeedError, Seed};
