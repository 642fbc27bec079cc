//! Layers as they are handed in: a name, a slice, a shape.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::scalar::Scalar;

/// The weights of one parameter of a model: its name, its elements in row-major order, its shape.
///
/// A row is what one index of the first dimension holds, so that `[out, in, height, width]` has `out` rows of
/// `in * height * width` weights. A shape of one dimension, or of none, is one row.
///
/// ```
/// use fanin::diagnosis::LayerWeights;
///
/// let embedding = [0.25_f32, -0.5, 0.75, 1.0, -1.25, 1.5];
/// let tokens = LayerWeights::new("embed", &embedding, &[3, 2]);
/// let head = LayerWeights::new("head", &embedding, &[3, 2]).tied_to("embed");
/// # let _ = (tokens, head);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LayerWeights<'a, T> {
    pub(super) name: &'a str,
    pub(in crate::diagnosis) weights: &'a [T],
    pub(super) shape: &'a [usize],
    pub(super) tied_to: Option<&'a str>,
}

impl<'a, T> LayerWeights<'a, T> {
    /// The weights of the parameter `name`; [`copies`](super::copies) checks that they fill the shape.
    #[must_use]
    pub const fn new(name: &'a str, weights: &'a [T], shape: &'a [usize]) -> Self {
        Self { name, weights, shape, tied_to: None }
    }

    /// The same weights, declared to be shared on purpose with the parameter `name` (tied embeddings, a schedule that
    /// every layer holds): copies between the two are no fault. A parameter that is tied to itself may hold copies, such as
    /// one filter for every channel.
    #[must_use]
    pub const fn tied_to(mut self, name: &'a str) -> Self {
        self.tied_to = Some(name);
        self
    }

    /// The value of all weights of a matrix, if they are one. A vector of one value is a bias as it should be.
    pub(in crate::diagnosis) fn constant(&self) -> Option<f64>
    where
        T: Scalar,
    {
        let (&first, rest) = self.weights.split_first()?;
        let matrix = self.shape.iter().filter(|&&size| size > 1).count() > 1;
        (matrix && rest.iter().all(|&weight| weight == first)).then(|| first.to_f64())
    }

    pub(super) fn rows(&self) -> usize {
        if self.shape.len() < 2 { 1 } else { self.shape[0] }
    }

    pub(super) fn columns(&self) -> usize {
        if self.weights.is_empty() { 0 } else { self.weights.len() / self.rows() }
    }

    pub(super) fn check(&self) -> Result<(), CopiesError> {
        let filled = self.shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
        if filled == Some(self.weights.len()) {
            return Ok(());
        }
        let (name, length, shape) = (self.name.into(), self.weights.len(), self.shape.into());
        Err(CopiesError::Length { name, length, shape })
    }
}

/// Why weights cannot be searched for copies.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CopiesError {
    /// The weights do not fill the shape.
    Length {
        /// The parameter's name.
        name: String,
        /// How many weights there are.
        length: usize,
        /// The shape that they do not fill.
        shape: Vec<usize>,
    },
    /// A parameter is tied to one that is not there.
    UnknownTie {
        /// The parameter's name.
        name: String,
        /// The name that no parameter has.
        tied_to: String,
    },
}

impl fmt::Display for CopiesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { name, length, shape } => write!(
                f,
                "{name} has {length} weights and the shape {shape:?}: the product of the dimensions must be the number of weights"
            ),
            Self::UnknownTie { name, tied_to } => {
                write!(f, "{name} is tied to {tied_to}, which no parameter is called: give the name of one")
            }
        }
    }
}

impl core::error::Error for CopiesError {}
