//! Properties and promises of the public crate.

mod reference;
mod stream;
