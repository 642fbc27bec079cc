//! Values for property tests: the ends of each range come often, a failure shrinks to its border, or to what a person would call the
//! simplest, and is printed as the expression that makes it.

mod activation;
mod fan;
mod initializer;
mod law;
#[cfg(feature = "nn")]
mod network;
mod number;
mod seed;
mod shape;

pub use activation::any_activation;
pub use fan::{FanStrategy, any_fan};
pub use initializer::{AnyInitializer, InitializerStrategy, any_initializer};
#[cfg(feature = "nn")]
pub use network::{AnyNetwork, NetworkStrategy, any_network};
pub use seed::any_seed;
pub use shape::{ShapeStrategy, any_shape};
