//! Two small models without any framework, to be tested with `fanin`'s kit.

mod convolution;
mod perceptron;

pub use convolution::{Convolution, Start};
pub use perceptron::Perceptron;
