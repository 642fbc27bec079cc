//! `Cause`: what is behind a chain.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::{KnownRatio, WeightCopy};
use crate::activation::Activation;
use crate::chain::number;
use crate::scalar::sqrt;

/// How far from 1/2, relative to it, the gates of ReLU may be.
const NEAR_RELU: f64 = 0.15;

/// What is behind a chain that is not as it should be.
///
/// Printed with `{}` it is a clause without its layers, which the [`Finding`](super::Finding) names.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// A tensor is NaN or infinite, though what it is computed from is finite and of sound size: a weight or
    /// a bias of the layer is, or for the first layer an input.
    NotFinite {
        /// Which tensor: `"z"`, `"h"`, `"dL/dh"`, `"delta"` or `"dW"`.
        tensor: &'static str,
    },
    /// A tensor has grown beyond the range of its scalar.
    Overflow {
        /// Which tensor.
        tensor: &'static str,
    },
    /// A tensor has shrunk to where its scalar loses digits.
    Underflow {
        /// `"z"` or `"delta"`.
        tensor: &'static str,
    },
    /// Every input is 0.
    ZeroInputs,
    /// Every z is 0, though what feeds the layer is not: its weights are 0, or for the first layer the inputs.
    ZeroWeights,
    /// Every h is 0, though not every z: all gates are closed, so that nothing passes.
    ClosedGates,
    /// Every phi' is 0, though h is not: the activation is flat where z lies.
    Flat,
    /// In all samples z of some units is 0: their weights are.
    ZeroUnits {
        /// Their share of the layer.
        share: f64,
    },
    /// No gradient leaves the loss.
    NoLossGradient,
    /// Every dL/dh is 0, though the delta above is not: the weights above are 0.
    NothingComesBack,
    /// All samples are alike already as inputs.
    InputsAlike {
        /// Their mean cosine.
        cosine: f64,
    },
    /// Inputs of such a size take the specification out of its sound range; of mean square 1 they would not.
    InputScale {
        /// Their root mean square.
        rms: f64,
    },
    /// h is not what the activation of the specification makes of z.
    OtherActivation {
        /// The specification's.
        expected: Activation,
        /// One that fits, if any that is known does.
        likely: Option<Activation>,
    },
    /// The standard deviation of the weights is not the specification's.
    WeightScale {
        /// Measured over specified standard deviation.
        ratio: f64,
        /// Mistakes that are known for such a ratio, the likeliest first.
        known: Vec<KnownRatio>,
    },
    /// The weights do not have mean 0.
    WeightMean {
        /// About their mean.
        mean: f64,
    },
    /// The biases are larger than the specification's.
    Bias {
        /// About the root mean square of biases that would explain it.
        rms: f64,
    },
    /// z is as small as if the biases of the specification were missing, or smaller than specified.
    BiasMissing {
        /// The root mean square of the specified ones.
        specified: f64,
    },
    /// z has a mean over units: the weights or the biases do not have mean 0, and the chain does not tell which.
    WeightMeanOrBias,
    /// The specification itself makes the gradient vanish or explode.
    UnsoundLaw {
        /// What a layer does to the mean-square delta, in the geometric mean over these layers.
        rate: f64,
        /// What to use for this activation, if anything is known to be better than what is there.
        remedy: Option<String>,
    },
    /// The specification is sound, but a typical draw at these widths is not.
    TooDeep {
        /// The sum over hidden layers of 1 / width.
        inverse_widths: f64,
    },
    /// Specification and typical draw are sound, this draw is not.
    Chance,
    /// The gradient is sound, but all inputs have become one on the way.
    Collapsed,
    /// Of a chain alone: what weights and gates together do to the gradient.
    Drift {
        /// What a layer does to the mean-square delta.
        rate: f64,
        /// What its weights do to the sum of squares, and what its gates let through, where known.
        split: Option<(f64, f64)>,
        /// Whether units switch off as ReLU's do: their gates do not answer to the scale of the weights.
        switching: bool,
    },
    /// Of a chain alone: most units are saturated.
    Saturated {
        /// Their share.
        share: f64,
    },
    /// Of the weights themselves: some are a copy of others.
    Copy(WeightCopy),
    /// Of the weights themselves: all of a layer have one value, as if they had never been filled.
    Unfilled {
        /// The value of all.
        value: f64,
    },
    /// Something is not as specified, and what is behind it is not known.
    Unknown,
}

impl Cause {
    /// What to change; `None` where nothing is known to help.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        let text = match self {
            Self::NotFinite { tensor: "z" } => "look for NaN and infinity among these weights and biases",
            Self::NotFinite { tensor: "h" } => "look at what the activation makes of these z",
            Self::NotFinite { .. } => "look for NaN and infinity in the loss, its targets and these weights",
            Self::Overflow { .. } => "start with smaller weights or inputs, or a lower learning rate",
            Self::Underflow { .. } => "start with larger weights, or compute in a wider scalar",
            Self::ZeroInputs => "look at how the batch is filled",
            Self::ZeroWeights => "draw these weights at random",
            Self::ClosedGates => "look at the biases of these units, and at their number",
            Self::Flat => "use smaller weights or inputs, or an activation that is nowhere flat",
            Self::ZeroUnits { .. } => "draw the weights of all units at random",
            Self::NoLossGradient => "look at targets and loss, or training is done",
            Self::NothingComesBack => "draw the weights of the layer above at random",
            Self::InputsAlike { .. } => "use inputs that differ, and subtract their mean",
            Self::InputScale { .. } => "scale the inputs to mean 0 and variance 1",
            Self::OtherActivation { .. } => {
                "use the activation of the specification, or specify the one in use"
            }
            Self::WeightScale { ratio, .. } => {
                return Some(alloc::format!(
                    "look at the fan and the gain of these weights: their std should be {} times what it is",
                    number(1.0 / ratio)
                ));
            }
            Self::WeightMean { .. } => "draw the weights with mean 0",
            Self::Bias { .. } => "start with biases of 0, or specify them",
            Self::BiasMissing { .. } => "fill the biases as specified, or specify 0",
            Self::WeightMeanOrBias => "look at the mean of weights and biases",
            Self::UnsoundLaw { remedy, .. } => return remedy.clone(),
            Self::TooDeep { .. } => "use wider layers or fewer, or skip connections",
            Self::Chance => "draw another seed",
            Self::Collapsed => "use fewer layers or skip connections",
            Self::Drift { rate, split, switching } => {
                // Gates that answer to the scale of the weights do not follow a factor.
                if !switching && split.is_some_and(|(_, gate)| gate < 0.9)
                    || !(*rate > 0.0 && rate.is_finite())
                {
                    return None;
                }
                let of_relu = |gate: f64| (gate / 0.5 - 1.0).abs() < NEAR_RELU;
                let he =
                    if *switching && split.is_some_and(|(_, gate)| of_relu(gate)) { "use He: " } else { "" };
                return Some(alloc::format!(
                    "{he}the std of the weights above these layers should be {} times what it is",
                    number(1.0 / sqrt(*rate))
                ));
            }
            Self::Saturated { .. } => "use smaller weights or inputs: of mean 0 and variance 1",
            Self::Copy(copy) => copy.remedy(),
            Self::Unfilled { .. } => "draw these weights at random",
            Self::Unknown => return None,
        };
        Some(text.into())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite { tensor } => {
                write!(f, "{tensor} is not finite, though what it is computed from is: ")?;
                f.write_str(match *tensor {
                    "z" => "a weight, a bias or an input is NaN, infinite, or so large that z overflows",
                    "h" => "the activation returns NaN or infinity",
                    _ => "the loss, a target or a weight is NaN or infinite",
                })
            }
            Self::Overflow { tensor } => write!(f, "{tensor} overflows"),
            Self::Underflow { tensor } => write!(f, "{tensor} underflows: it is too small for its scalar"),
            Self::ZeroInputs => f.write_str("all inputs are 0"),
            Self::ZeroWeights => f.write_str("every z is 0: the weights are 0, or what feeds them is"),
            Self::ClosedGates => f.write_str("all gates are closed: every h is 0"),
            Self::Flat => f.write_str("every phi' is 0, though h is not: the activation is flat at these z"),
            Self::ZeroUnits { share } => {
                write!(f, "z is 0 in all samples for {:.0}% of the units: their weights are 0", 100.0 * share)
            }
            Self::NoLossGradient => f.write_str("no gradient leaves the loss"),
            Self::NothingComesBack => f.write_str("every dL/dh is 0: the weights of the layer above are 0"),
            Self::InputsAlike { cosine } => {
                write!(f, "the inputs are alike, before any layer: their mean cosine is {cosine:.3}")
            }
            Self::InputScale { rms } => {
                write!(f, "the inputs are not of unit scale: their rms is {}", number(*rms))
            }
            Self::OtherActivation { expected, likely: Some(likely) } => {
                write!(f, "the activation is not {expected}: it looks like {likely}")
            }
            Self::OtherActivation { expected, likely: None } => {
                write!(f, "the activation is not {expected}, and none that is known")
            }
            Self::WeightScale { ratio, known } => {
                write!(f, "the weights act as if their std were {} times the specified one", number(*ratio))?;
                for (i, known) in known.iter().take(2).enumerate() {
                    write!(f, "{} {known}", if i == 0 { ", as they do where" } else { " or" })?;
                }
                Ok(())
            }
            Self::WeightMean { mean } => {
                write!(f, "the weights do not have mean 0, but about {}", number(*mean))
            }
            Self::Bias { rms } => {
                write!(f, "there are biases that were not specified, of rms {} or so", number(*rms))
            }
            Self::BiasMissing { specified } => write!(
                f,
                "z is as small as if the biases were smaller than the specified ones of rms {}, or missing",
                number(*specified)
            ),
            Self::WeightMeanOrBias => {
                f.write_str("the units of a layer share an offset: weights or biases do not have mean 0")
            }
            Self::UnsoundLaw { rate, .. } => write!(
                f,
                "the specification makes the gradient {}: its mean square is multiplied by {} a layer",
                if *rate < 1.0 { "vanish" } else { "explode" },
                number(*rate)
            ),
            Self::TooDeep { inverse_widths } => write!(
                f,
                "too deep for its width: the sum of 1 / width is {}, a typical draw leaves the sound range",
                number(*inverse_widths)
            ),
            Self::Chance => f.write_str("chance: within what specification, width and depth explain"),
            Self::Collapsed => f.write_str("collapsed: the gradient is sound, but all inputs look alike"),
            Self::Drift { rate, split, .. } => {
                let what = if *rate < 1.0 { "vanishes" } else { "explodes" };
                write!(f, "the gradient {what}")?;
                if *rate > 0.0 && rate.is_finite() {
                    write!(f, ", by {} a layer", number(*rate))?;
                }
                match split {
                    Some((weight, gate)) => {
                        write!(f, " (weights {} x gates {})", number(*weight), number(*gate))
                    }
                    None => Ok(()),
                }
            }
            Self::Saturated { share } => write!(f, "{:.0}% of the units are saturated", 100.0 * share),
            Self::Copy(copy) => copy.sentence(f),
            Self::Unfilled { value } => write!(f, "all weights are {}", number(*value)),
            Self::Unknown => f.write_str("not as specified, for a reason that the chain does not tell"),
        }
    }
}
