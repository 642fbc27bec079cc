//! Errors of the check of gradient flow.

use core::fmt;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::expected::{Expected, MAY_LEAVE};
use super::gradient_flow_evidence::GradientFlowEvidence;
use crate::chain::Verdict;
use crate::diagnosis::KnownRatio;
use crate::scalar::sqrt;
use crate::seed::Seed;

/// Why gradients do not flow back through a model as expected.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum GradientFlowError {
    /// Nothing can lie there: a range whose ends are exchanged or NaN, bands without spread.
    Expected(Expected),
    /// So few networks prove nothing at the declared rate, whatever they look like.
    TooFewSeeds {
        /// How many were to be drawn.
        seeds: usize,
        /// From how many on something can be seen.
        needed: usize,
        /// The declared rate.
        false_positives: f64,
    },
    /// The chain has fewer than two hidden layers: there is no step to judge.
    NoSteps {
        /// How many layers it has, the output layer among them.
        layers: usize,
    },
    /// A network has another number of hidden layers than the bands, or than the networks before it.
    Layers {
        /// The seed whose children started the networks.
        root: Seed,
        /// Which child.
        index: usize,
        /// How many hidden layers it has.
        found: usize,
        /// How many it should have.
        expected: usize,
    },
    /// No gradient comes through one of the networks.
    Broken {
        /// The seed whose children started the networks.
        root: Seed,
        /// Which child.
        index: usize,
        /// What the chain says of itself.
        verdict: Verdict,
        /// What to change.
        advice: Option<String>,
    },
    /// Models that are as expected look like this less often than the declared rate.
    Differs {
        /// What the chains look like.
        evidence: Box<GradientFlowEvidence>,
        /// The declared rate.
        allowed: f64,
        /// By what each layer from the last hidden one down to the worst multiplies the squared gradient; against
        /// bands, over what it should.
        ratio: f64,
        /// What one of the chains, for a range one that leaves it, says should be changed.
        advice: Option<String>,
    },
}

impl fmt::Display for GradientFlowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let advice = match self {
            Self::Expected(expected) => return write!(f, "nothing can be expected {expected}"),
            Self::TooFewSeeds { seeds, needed, false_positives } => {
                return write!(
                    f,
                    "{seeds} seeds are too few for a false-positive rate of {false_positives:.1e}, at which even {seeds} networks that all \
                     fail prove nothing: take at least {needed}"
                );
            }
            Self::NoSteps { layers } => {
                let (s, hidden) = if *layers == 1 { ("", 0) } else { ("s", 1) };
                return write!(
                    f,
                    "{layers} layer{s}, the last of which counts as the output layer, so {hidden} hidden: there is no step \
                     between two hidden layers to judge; take a chain of 3 layers or more"
                );
            }
            Self::Layers { root, index, found, expected } => {
                return write!(
                    f,
                    "a network has {found} hidden layers (seed {root}, child {index}): expected {expected}, the last layer counting \
                     as output"
                );
            }
            Self::Broken { root, index, verdict, advice } => {
                f.write_str("no gradient comes through: ")?;
                match verdict {
                    Verdict::Healthy => f.write_str("no sample has one in every layer"),
                    verdict => write!(f, "{verdict}"),
                }?;
                write!(f, " (seed {root}, child {index})")?;
                advice
            }
            Self::Differs { evidence, allowed, ratio, advice } => {
                let [layer, last] = [evidence.worst_layer() + 1, evidence.decades().len() + 1];
                write!(
                    f,
                    "each layer multiplies the squared gradient by {ratio:.4} on the way from layer {last} to layer {layer}"
                )?;
                let p = evidence.p_value();
                if let Expected::Decades { .. } = evidence.expected() {
                    let (outside, seeds) = (evidence.outside(), evidence.seeds());
                    write!(
                        f,
                        "; {outside} networks of {seeds} leave the range, where one in {} may: p = {p:.1e}",
                        1.0 / MAY_LEAVE
                    )
                } else {
                    write!(f, ", over what it should: p = {p:.1e}")
                }?;
                write!(f, ", below the threshold {allowed:.1e}\n  seen: {evidence}")?;
                if let Expected::Bands(_) = evidence.expected() {
                    write!(f, "\n  likely cause: {}", likely(*ratio, evidence.rate_error()))?;
                }
                advice
            }
        };
        advice.as_ref().map_or(Ok(()), |advice| write!(f, "\n  advice: {advice}"))
    }
}

impl core::error::Error for GradientFlowError {}

/// Mistakes that are known to multiply the squared gradient by such a factor, given the standard error of its logarithm.
fn likely(ratio: f64, error: f64) -> String {
    let known = KnownRatio::explain(libm::log(ratio), error, &KnownRatio::common());
    match &known[..] {
        [] => {
            let std_dev = sqrt(ratio);
            format!(
                "the weights act as if their std were {std_dev:.4} times what it should be: gain, fan or activation?"
            )
        }
        known => known.iter().map(|known| format!("{known}?")).collect::<Vec<_>>().join(" "),
    }
}
