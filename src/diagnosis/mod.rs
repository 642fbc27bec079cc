//! Diagnosis: what is wrong with a model, on what evidence, and what to do about it.
//!
//! - [`copies`]: weights that are copies of other weights of the model, because one seed was used for both.

mod copies;

pub use copies::{CopiesError, LayerWeights, Order, Part, Place, Values, WeightCopy, copies};
