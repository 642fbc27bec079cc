//! Properties and promises of the public crate.

#[cfg(feature = "half")]
mod half;
mod reference;
mod stream;
#[cfg(feature = "rayon")]
mod threads;
