//! `TheoryError`: why theory has no number to give.

use alloc::string::String;
use core::fmt;

use crate::error::InitError;
use crate::significant::exact;

/// A question that mean-field theory has no answer to. Each variant carries the values; the
/// message is a plain statement of what is so.
///
/// ```
/// use fanin::Activation;
/// use fanin::theory::{MeanField, TheoryError};
///
/// let error = MeanField::new(Activation::Relu, 2.5, 0.0)?.fixed_point().unwrap_err();
/// assert!(matches!(error, TheoryError::Diverges { .. }));
/// assert!(error.to_string().contains("grows"));
/// # Ok::<(), TheoryError>(())
/// ```
///
/// # What happens to unusual input
///
/// A test walks these tables; columns are values of x.
///
#[doc = include_str!("bad_input.md")]
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TheoryError {
    /// A parameter is negative, NaN or infinite, or a correlation lies outside -1 to 1.
    OutOfRange {
        /// Which parameter.
        parameter: &'static str,
        /// Its value.
        value: f64,
    },
    /// The network has no layers.
    NoLayers,
    /// The batch has no samples.
    NoSamples,
    /// A layer's fans or distributions make no weights. Layers count from 0 here, from 1 in messages.
    Layer {
        /// Which layer.
        layer: usize,
        /// What is wrong.
        error: InitError,
    },
    /// Theory is about weights and biases of mean 0.
    NotCentred {
        /// Which layer.
        layer: usize,
        /// `"weight"` or `"bias"`.
        parameter: &'static str,
        /// Their mean.
        mean: f64,
    },
    /// The initializer does not promise a distribution for its weights.
    NoLaw {
        /// Which layer.
        layer: usize,
    },
    /// Chance at a finite width is known of dense layers only.
    NotDense {
        /// Which layer.
        layer: usize,
    },
    /// Two things that belong together differ in number.
    Mismatch {
        /// What is counted.
        what: &'static str,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// An expectation over the activation is infinite, not a number, or cannot be resolved.
    NoExpectation {
        /// The activation's name.
        activation: String,
        /// Which expectation, in the field's notation.
        what: &'static str,
        /// The variance of the pre-activations.
        q: f64,
    },
    /// The expectation that a gain makes up for is 0: no gain does.
    NoGain {
        /// The activation's name.
        activation: String,
        /// Which expectation.
        what: &'static str,
    },
    /// PyTorch's `calculate_gain` does not know the activation.
    NotInPyTorch {
        /// The activation's name.
        activation: String,
    },
    /// The length map leads away from where it started, past every fixed point.
    Diverges {
        /// The length it started from.
        from: f64,
        /// The length up to which there is no fixed point.
        beyond: f64,
        /// `"weight variance"`, or `"bias variance"` if that alone is as large as this.
        too_large: &'static str,
    },
    /// No weight variance makes the network critical at this bias variance.
    NoCriticalPoint {
        /// The activation's name.
        activation: String,
        /// sigma_b^2, or none if no bias variance is fit for it.
        bias_variance: Option<f64>,
    },
}

impl fmt::Display for TheoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange { parameter, value } => write!(
                f,
                "{parameter} is {}: variances must be finite and at least 0, correlations between -1 and 1",
                exact(*value)
            ),
            Self::NoLayers => f.write_str("the network has no layers: there is nothing to predict"),
            Self::NoSamples => f.write_str("the batch has no samples: theory starts from their mean squares"),
            Self::Layer { layer, error } => write!(f, "layer {}: {error}", layer + 1),
            Self::NotCentred { layer, parameter, mean } => write!(
                f,
                "layer {}: the {parameter} distribution has mean {}, theory is about distributions of mean 0",
                layer + 1,
                exact(*mean)
            ),
            Self::NoLaw { layer } => {
                write!(f, "layer {}: the initializer promises no distribution for its weights", layer + 1)
            }
            Self::NotDense { layer } => {
                write!(f, "layer {}: chance at a finite width is known of dense layers only", layer + 1)
            }
            Self::Mismatch { what, expected, found } => {
                write!(f, "{what}: there are {found}, there should be {expected}")
            }
            Self::NoExpectation { activation, what, q } => write!(
                f,
                "{what} over {activation} at q = {} is not a finite number that quadrature can resolve",
                exact(*q)
            ),
            Self::NoGain { activation, what } => {
                write!(f, "{what} over {activation} is 0: no gain makes up for it")
            }
            Self::NotInPyTorch { activation } => write!(
                f,
                "PyTorch's calculate_gain does not know {activation}: use the forward or backward gain"
            ),
            Self::Diverges { from, beyond, too_large } => write!(
                f,
                "the mean square of the pre-activations grows from {} beyond {beyond:e} without a fixed point: \
                 the {too_large} is too large",
                exact(*from)
            ),
            Self::NoCriticalPoint { activation, bias_variance: Some(bias_variance) } => {
                write!(
                    f,
                    "no weight variance makes {activation} critical with bias variance {}",
                    exact(*bias_variance)
                )
            }
            Self::NoCriticalPoint { activation, bias_variance: None } => {
                write!(f, "{activation} has no critical point")
            }
        }
    }
}

impl core::error::Error for TheoryError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            // Its text is part of this error's own.
            Self::Layer { error, .. } => core::error::Error::source(error),
            _ => None,
        }
    }
}
