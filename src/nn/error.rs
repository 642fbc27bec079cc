//! Errors of networks and of what they are given.

use core::fmt;

use crate::chain::ChainError;
use crate::error::InitError;

/// Why a network cannot be initialised, run or trained. Fields count layers and samples from 0;
/// messages count layers from 1, as the layers' names do. After an error the network is as it was.
///
/// ```
/// use fanin::nn::{Network, NnError};
/// use fanin::Activation;
///
/// let network = Network::<f32>::new(3).dense(2, Activation::Identity);
/// let error = network.forward(&[[0.0; 4]; 2]).unwrap_err();
/// assert_eq!(error, NnError::Inputs { expected: 3, found: 4 });
/// assert_eq!(error.to_string(), "samples of 4 values, the network takes 3 inputs");
/// ```
///
/// # What happens to unusual input
///
/// A test walks these tables; columns are values of x.
///
#[doc = include_str!("bad_input.md")]
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum NnError {
    /// The network has no layers.
    NoLayers,
    /// The network takes no inputs.
    NoInputs,
    /// A layer has no units.
    ZeroWidth {
        /// Which layer.
        layer: usize,
    },
    /// A layer has more weights than memory has room for.
    TooLarge {
        /// Which layer.
        layer: usize,
        /// Its inputs.
        inputs: usize,
        /// Its units.
        width: usize,
    },
    /// An initializer refuses.
    Init(InitError),
    /// The batch has no samples.
    EmptyBatch,
    /// A sample has another length than the network has inputs.
    Inputs {
        /// The network's inputs.
        expected: usize,
        /// The sample's length.
        found: usize,
    },
    /// The values of a batch, or of its targets, are not whole samples.
    NotRows {
        /// `"batch"` or `"targets"`.
        tensor: &'static str,
        /// How many values there are.
        length: usize,
        /// How many a sample needs.
        width: usize,
    },
    /// There are more or fewer targets than samples.
    Targets {
        /// The batch's samples.
        expected: usize,
        /// How many targets.
        found: usize,
    },
    /// The targets have another number of columns than the network has outputs.
    Outputs {
        /// The network's outputs.
        expected: usize,
        /// The targets' columns.
        found: usize,
    },
    /// A class label is no index of an output.
    Label {
        /// Which sample.
        sample: usize,
        /// Its label.
        label: i128,
        /// How many classes there are.
        classes: usize,
    },
    /// A target is NaN or infinite.
    TargetNotFinite {
        /// Of which sample.
        sample: usize,
        /// Of which output.
        output: usize,
        /// Its value.
        value: f64,
    },
    /// A target of cross-entropy, the probability of a class, is below 0.
    NegativeProbability {
        /// Of which sample.
        sample: usize,
        /// Of which class.
        output: usize,
        /// Its value.
        value: f64,
    },
    /// The learning rate is NaN or beyond the range of the network's scalar.
    LearningRate {
        /// Its value.
        value: f64,
        /// The scalar's name.
        scalar: &'static str,
    },
    /// A sample holds NaN or an infinity.
    SampleNotFinite {
        /// Where.
        index: usize,
    },
    /// A layer's part of the Jacobian, or the product up to it, is NaN or infinite.
    JacobianNotFinite {
        /// Which layer.
        layer: usize,
    },
    /// The tape was recorded on a network of another shape.
    ForeignTape,
    /// The recorded tensors do not make a chain.
    Chain(ChainError),
}

impl fmt::Display for NnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLayers => f.write_str("the network has no layers, add some with `.dense(..)`"),
            Self::NoInputs => f.write_str("the network has 0 inputs, it needs at least 1"),
            Self::ZeroWidth { layer } => {
                write!(f, "layer {}: the width is 0, a layer needs units", layer + 1)
            }
            Self::TooLarge { layer, inputs, width } => {
                write!(f, "layer {}: memory has no room for {width} x {inputs} weights", layer + 1)
            }
            Self::Init(error) => error.fmt(f),
            Self::EmptyBatch => f.write_str("the batch has no samples"),
            Self::Inputs { expected, found } => {
                write!(f, "samples of {found} values, the network takes {expected} inputs")
            }
            Self::NotRows { tensor, length, width } => {
                write!(f, "{length} values in the {tensor} are not whole samples of {width}")
            }
            Self::Targets { expected, found } => {
                write!(f, "{found} targets for {expected} samples")
            }
            Self::Outputs { expected, found } => {
                write!(f, "the targets have {found} columns, the network {expected} outputs")
            }
            Self::Label { sample, label, classes } => {
                write!(
                    f,
                    "label {label} of sample {sample}: with {classes} outputs labels go from 0 to {}",
                    classes - 1
                )
            }
            Self::TargetNotFinite { sample, output, value } => {
                write!(f, "the target of sample {sample}, output {output} is {value}: it must be finite")
            }
            Self::NegativeProbability { sample, output, value } => write!(
                f,
                "the target of sample {sample}, output {output} is {value}: \
                 cross-entropy takes probabilities, from 0 on"
            ),
            Self::LearningRate { value, scalar } => {
                write!(f, "the learning rate is {value}: it must be finite in {scalar}")
            }
            Self::SampleNotFinite { index } => {
                write!(f, "the sample's element {index} is not finite")
            }
            Self::JacobianNotFinite { layer } => {
                write!(f, "layer {}: the Jacobian is not finite", layer + 1)
            }
            Self::ForeignTape => f.write_str("the tape was recorded on a network of another shape"),
            Self::Chain(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for NnError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            // Their text is this error's own.
            Self::Init(error) => error.source(),
            Self::Chain(error) => error.source(),
            _ => None,
        }
    }
}

impl From<InitError> for NnError {
    fn from(error: InitError) -> Self {
        Self::Init(error)
    }
}

impl From<ChainError> for NnError {
    fn from(error: ChainError) -> Self {
        Self::Chain(error)
    }
}
