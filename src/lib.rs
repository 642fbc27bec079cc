//! First weights of a neural network, and the gradient chain that must get back through it.
#![cfg_attr(not(feature = "std"), no_std)]
#![doc(test(attr(deny(warnings))))]

extern crate alloc;

pub mod chain;
mod error;
mod scalar;
mod seed;

pub use error::InitError;
pub use scalar::Scalar;
pub use seed::{ChildName, ParseSeedError, Seed};
