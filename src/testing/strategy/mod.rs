//! Values for property tests, each shrinking to what a person would call the simplest.

mod activation;
mod fan;
mod initializer;
mod law;
#[cfg(feature = "nn")]
mod network;
mod seed;
mod shape;

pub use activation::any_activation;
pub use fan::any_fan;
pub use initializer::{AnyInitializer, any_initializer};
#[cfg(feature = "nn")]
pub use network::{AnyNetwork, any_network};
pub use seed::any_seed;
pub use shape::any_shape;
