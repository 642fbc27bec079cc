//! Properties and end-to-end tests, one file per theme.

mod chain;
#[cfg(feature = "nn")]
mod nn;
mod reference;
mod stream;
