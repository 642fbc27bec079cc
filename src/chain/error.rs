//! Errors of the tensors that a chain is made of.

use core::fmt;

/// Why layers do not make a chain. Fields count layers from 0 in the order they were given;
/// messages count from 1, as tables and layer names do.
///
/// ```
/// use fanin::chain::{ChainError, GradientChain, Layer};
///
/// let layer = Layer::new("fc1", 3, &[0.1, 0.2, 0.3, 0.4]);
/// let error = GradientChain::from_layers([layer]).unwrap_err();
/// assert_eq!(error, ChainError::NotRows { layer: 0, length: 4, width: 3 });
/// assert_eq!(error.to_string(), "layer 1: 4 deltas are not whole samples of width 3");
/// ```
///
/// # What happens to unusual input
///
/// A test walks these tables; columns are values of x.
///
#[doc = include_str!("bad_input.md")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChainError {
    /// There are no layers.
    NoLayers,
    /// A layer has no units.
    ZeroWidth {
        /// Which layer.
        layer: usize,
    },
    /// A layer was given no deltas: the batch is empty.
    NoSamples {
        /// Which layer.
        layer: usize,
    },
    /// The number of deltas is no multiple of the layer's width.
    NotRows {
        /// Which layer.
        layer: usize,
        /// How many deltas.
        length: usize,
        /// The layer's width.
        width: usize,
    },
    /// A tensor of a layer differs in length from its deltas.
    Length {
        /// Which layer.
        layer: usize,
        /// `"z"`, `"h"`, `"dL/dh"` or `"saturation"`.
        tensor: &'static str,
        /// How many elements it has.
        length: usize,
        /// How many deltas there are.
        expected: usize,
    },
    /// A weight gradient is empty.
    NoWeights {
        /// Which layer.
        layer: usize,
    },
    /// A layer holds another number of samples than the first.
    Samples {
        /// Which layer.
        layer: usize,
        /// How many samples it holds.
        samples: usize,
        /// How many the first layer holds.
        expected: usize,
    },
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NoLayers => f.write_str("a chain needs at least one layer"),
            Self::ZeroWidth { layer } => {
                write!(f, "layer {}: the width is 0, a layer needs units", layer + 1)
            }
            Self::NoSamples { layer } => write!(f, "layer {}: no deltas, the batch is empty", layer + 1),
            Self::NotRows { layer, length, width } => {
                write!(f, "layer {}: {length} deltas are not whole samples of width {width}", layer + 1)
            }
            Self::Length { layer, tensor, length, expected } => {
                write!(f, "layer {}: {length} {tensor} values beside {expected} deltas", layer + 1)
            }
            Self::NoWeights { layer } => write!(f, "layer {}: the weight gradient is empty", layer + 1),
            Self::Samples { layer, samples, expected } => {
                write!(f, "layer {}: {samples} samples where the first layer has {expected}", layer + 1)
            }
        }
    }
}

impl core::error::Error for ChainError {}
