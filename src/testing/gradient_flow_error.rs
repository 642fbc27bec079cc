//! Errors of the check of gradient flow.

use core::fmt;

use alloc::boxed::Box;
use alloc::string::String;

use super::expected::Expected;
use super::gradient_flow_evidence::GradientFlowEvidence;
use crate::chain::Verdict;
use crate::scalar::sqrt;
use crate::seed::Seed;

/// Why gradients do not flow back through a model as expected.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum GradientFlowError {
    /// Nothing can lie there: a range whose ends are exchanged or NaN, a band without spread.
    Expected(Expected),
    /// The chain has fewer than two hidden layers: there is no step to judge.
    NoSteps,
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
        /// The least probability that is let pass.
        allowed: f64,
        /// By what each layer multiplies the squared gradient, over what it should.
        ratio: f64,
        /// What the first of the chains says should be changed.
        advice: Option<String>,
    },
}

impl fmt::Display for GradientFlowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let advice = match self {
            Self::Expected(expected) => return write!(f, "nothing can be expected {expected}"),
            Self::NoSteps => {
                return f.write_str("fewer than two hidden layers: there is no step to judge");
            }
            Self::Broken { root, index, verdict, advice } => {
                write!(f, "no gradient comes through: {verdict} (seed {root}, child {index})")?;
                advice
            }
            Self::Differs { evidence, allowed, ratio, advice } => {
                write!(
                    f,
                    "each layer multiplies the squared gradient by {ratio:.4} times what it should; p = {:.1e}, below the \
                     threshold {allowed:.1e}\n  seen: {evidence}\n  likely cause: {}",
                    evidence.p_value,
                    Likely(*ratio)
                )?;
                advice
            }
        };
        advice.as_ref().map_or(Ok(()), |advice| write!(f, "\n  advice: {advice}"))
    }
}

impl core::error::Error for GradientFlowError {}

/// What weights are known for that multiply the squared gradient by such a factor.
struct Likely(f64);

impl fmt::Display for Likely {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let near = |ratio: f64| (self.0 / ratio - 1.0).abs() < 0.08;
        if near(0.5) {
            f.write_str("a gain of sqrt 2 is missing, or fan_out used for fan_in?")
        } else if near(2.0) {
            f.write_str("a gain of sqrt 2 too much, or fan_out used for fan_in?")
        } else if near(1.0 / 3.0) {
            f.write_str("U(-1/sqrt n, 1/sqrt n), a half-width without the sqrt 3?")
        } else {
            let std_dev = sqrt(self.0);
            write!(
                f,
                "the std of the weights is {std_dev:.4} times what it should be: gain, fan or activation?"
            )
        }
    }
}
