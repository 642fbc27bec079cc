//! What can be wrong with a network or what it is given.

use core::fmt;

use crate::InitError;
use crate::chain::ChainError;

/// Why a network cannot be initialised, run or trained. Fields count layers and samples from 0;
/// messages count layers from 1, as the layers' names do. After an error the network is as it was.
///
/// ```
/// use fanin::nn::{Network, NnError};
/// use fanin::Activation;
/// use ndarray::Array2;
///
/// let network = Network::<f32>::new(3).dense(2, Activation::Identity);
/// let error = network.forward(&Array2::zeros((1, 4))).unwrap_err();
/// assert_eq!(error, NnError::Inputs { expected: 3, found: 4 });
/// assert_eq!(error.to_string(), "the batch has 4 columns, the network takes 3 inputs");
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
    /// A layer has more weights than an array can hold.
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
    /// The batch has another number of columns than the network has inputs.
    Inputs {
        /// The network's inputs.
        expected: usize,
        /// The batch's columns.
        found: usize,
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
        label: usize,
        /// How many classes there are.
        classes: usize,
    },
    /// The learning rate is NaN or infinite.
    LearningRate {
        /// Its value.
        value: f64,
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
                write!(f, "layer {}: {width} x {inputs} weights are more than memory can address", layer + 1)
            }
            Self::Init(error) => error.fmt(f),
            Self::EmptyBatch => f.write_str("the batch has no samples"),
            Self::Inputs { expected, found } => {
                write!(f, "the batch has {found} columns, the network takes {expected} inputs")
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
                    "label {label} of sample {sample}: with {classes} outputs labels end at {}",
                    classes - 1
                )
            }
            Self::LearningRate { value } => write!(f, "the learning rate is {value}: it must be finite"),
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
