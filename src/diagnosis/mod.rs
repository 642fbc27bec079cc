//! Diagnosis: what is behind a gradient chain, and what to change.
//!
//! A [chain](crate::chain) is measured, [theory](crate::theory) predicts, and a [`Diagnosis`] judges: from a chain
//! alone, or from a chain beside a specification, the [`NetworkLaw`] that it should
//! follow, and the inputs that it was measured on. It names [causes](Cause), each with the layers concerned,
//! what speaks for it, and a remedy; and where it does not know the cause, it says that.
//!
//! Against a specification every layer is asked about its own part: given the layer below, are z and the
//! cosines between samples what these weights make of it; given z, are h and the gates what the activation makes of
//! it; given the delta above, is W^T delta what these weights make of it. So chance does not add up with the depth,
//! and what is wrong is found where it is. The declared rate at which a chain that follows its specification is accused
//! is 1e-4, all statistics together. `docs/diagnosis.md` counts false alarms, and how often each cause is named.
//!
//! Given the weights themselves, [`copies`] finds those that are copies of others, because one seed was used for
//! both: a chain hardly shows it.
//!
//! ```
//! use fanin::diagnosis::Cause;
//! use fanin::nn::{Loss, Network};
//! use fanin::theory::{Inputs, NetworkLaw};
//! use fanin::prelude::*;
//!
//! let batch: Vec<f32> = Normal::new(0.0, 1.0).seed(1).to_vec(32 * 100);
//! let labels: Vec<usize> = (0..32).map(|i| i % 10).collect();
//! let hidden = (0..20).fold(Network::new(100), |net, _| net.dense(100, Activation::Relu));
//! let network = hidden.dense(10, Activation::Identity).init(Xavier::normal, 1)?;
//! let chain = network.gradient_chain(&batch, &labels, Loss::SoftmaxCrossEntropy)?;
//! let inputs = Inputs::from_batch(&batch, 100)?;
//!
//! // The chain alone: its gradient vanishes.
//! println!("{}", chain.diagnosis());
//!
//! // Xavier was specified and Xavier came: it does not suit ReLU.
//! let law = NetworkLaw::from_network(&network, Xavier::normal)?;
//! let diagnosis = chain.diagnosis_against(&law, &inputs)?;
//! assert!(matches!(diagnosis.cause(), Some(Cause::UnsoundLaw { rate, .. }) if (rate - 0.5).abs() < 1e-9));
//!
//! // He was specified, and the weights that came are too small by sqrt 2.
//! let law = NetworkLaw::from_network(&network, He::normal)?;
//! let diagnosis = chain.diagnosis_against(&law, &inputs)?;
//! println!("{diagnosis}");
//! assert!(matches!(diagnosis.cause(), Some(Cause::WeightScale { ratio, .. }) if (ratio - 0.707).abs() < 0.02));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alone;
mod broken;
mod cause;
mod copied;
mod copies;
mod finding;
mod judge;
mod known_ratio;
mod other_activation;
mod report;
mod residual;
mod statistic;
mod unit;
mod unsound;
mod weights;

use alloc::string::String;
use alloc::vec::Vec;

pub use cause::Cause;
pub use copies::{CopiesError, LayerWeights, Order, Part, Place, Values, WeightCopy, copies};
pub use finding::{Evidence, Finding};
pub(crate) use known_ratio::ERRORS;
pub use known_ratio::KnownRatio;

use crate::chain::{COLLAPSED, GradientChain};
use crate::scalar::Scalar;
use crate::theory::{Inputs, NetworkLaw, Prediction, TheoryError};
use statistic::Statistic;

/// The largest mean-square z for which the table predicts cosines: the integrals of features of size 1 take longer the
/// wider the distribution is.
const LONGEST: f64 = 1e3;

/// What is behind a chain. Printed with `{}`, the table of the chain (against a specification, of measured beside
/// predicted numbers), the verdict, and a line for each finding and each remedy.
///
/// What is sound is what the chain's [default thresholds](crate::chain::Thresholds) let pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis<'a> {
    chain: &'a GradientChain,
    findings: Vec<Finding>,
    specified: Option<Specified>,
}

/// What is known beside a specification.
#[derive(Clone, Debug, PartialEq)]
struct Specified {
    prediction: Prediction,
    cosines: Vec<Option<f64>>,
    /// ln of |delta|^2, first over last hidden layer, given the way forward; `None` for a chain that carries
    /// nothing.
    total: Option<Statistic>,
}

impl GradientChain {
    /// What this chain tells of itself: what stops it, or over which layers its gradient vanishes or explodes.
    ///
    /// ```
    /// use fanin::chain::{GradientChain, Layer};
    /// use fanin::diagnosis::Cause;
    ///
    /// let layers = [1e-3, 0.01, 0.1, 1.0, 1.0].map(|delta| Layer::new("fc", 1, &[delta]));
    /// let chain = GradientChain::from_layers(layers)?;
    /// let diagnosis = chain.diagnosis();
    /// assert_eq!(diagnosis.findings()[0].layers, [0, 1, 2]);
    /// assert!(matches!(diagnosis.cause(), Some(Cause::Drift { rate, .. }) if (rate - 0.01).abs() < 1e-9));
    /// # Ok::<(), fanin::chain::ChainError>(())
    /// ```
    #[must_use]
    pub fn diagnosis(&self) -> Diagnosis<'_> {
        let mut findings: Vec<Finding> = broken::broken(self, None).into_iter().collect();
        if findings.is_empty() {
            findings = alone::drifts(self);
        }
        if findings.is_empty() {
            findings.extend(collapsed(self));
        }
        Diagnosis { chain: self, findings, specified: None }
    }

    /// What is behind this chain, measured on these inputs, of a network that should follow this
    /// specification.
    ///
    /// The more the layers were given (z, h, dL/dh, [alignment](crate::chain::Layer::with_alignment)), the more is
    /// judged. Without the alignment a loss whose gradient depends on the outputs may be taken for wrong
    /// weights.
    ///
    /// # Errors
    /// As [`predict`](NetworkLaw::predict); [`TheoryError::NotDense`] for a convolution, whose units share their
    /// weights; [`TheoryError::Mismatch`] for a chain of another network.
    pub fn diagnosis_against(&self, law: &NetworkLaw, inputs: &Inputs) -> Result<Diagnosis<'_>, TheoryError> {
        self.check_widths(law)?;
        let prediction = law.predict(inputs)?;
        // Where cosines cannot be predicted, or not in milliseconds, the table does without them; no judgement needs them.
        let short = prediction.layers().iter().all(|layer| layer.q() < LONGEST);
        let predicted = || law.cosines(inputs).unwrap_or_default();
        let cosines = if short && inputs.cosine().is_some() { predicted() } else { Vec::new() };
        let mut specified = Specified { prediction, cosines, total: None };
        if let Some(broken) = broken::broken(self, Some(inputs.mean_square())) {
            let findings = [broken].into();
            return Ok(Diagnosis { chain: self, findings, specified: Some(specified) });
        }
        let judgement = judge::judge(self, law, inputs);
        let mut findings = judgement.findings;
        specified.total = Some(judgement.total);
        if findings.is_empty() {
            findings = unsound::unsound(law, inputs, &specified.prediction)?;
        }
        if findings.is_empty() {
            findings.extend(unsound::chance(self, &specified.prediction, &judgement.total));
        }
        match inputs.cosine().filter(|&cosine| cosine >= COLLAPSED) {
            Some(cosine) => {
                let evidence = Evidence::certain("mean cosine of the inputs:", cosine);
                findings.push(Finding::new(Cause::InputsAlike { cosine }, [], evidence));
            }
            None if findings.is_empty() => findings.extend(collapsed(self)),
            None => {}
        }
        Ok(Diagnosis { chain: self, findings, specified: Some(specified) })
    }

    fn check_widths(&self, law: &NetworkLaw) -> Result<(), TheoryError> {
        let (expected, found) = (law.layers().len(), self.layers().len());
        if expected != found {
            return Err(TheoryError::Mismatch { what: "layers of the chain", expected, found });
        }
        for (layer, expected) in self.layers().iter().zip(law.widths()?) {
            let found = layer.width();
            if found != expected {
                return Err(TheoryError::Mismatch { what: "units of a layer of the chain", expected, found });
            }
        }
        Ok(())
    }
}

fn collapsed(chain: &GradientChain) -> Option<Finding> {
    let first = chain.collapse()?;
    let layers: Vec<usize> = (first..chain.hidden_layers().len()).collect();
    let cosine = chain.layers()[first].cosine().unwrap_or(f64::NAN);
    Some(Finding::new(Cause::Collapsed, layers, Evidence::certain("cosine", cosine)))
}

impl Diagnosis<'_> {
    /// The same diagnosis, which knows the weights themselves: those that are [copies] of others, and layers whose
    /// weights are all one value, are found first. One [`LayerWeights`] a layer, in the order of the chain: their places
    /// in the list are the layers that a finding names.
    ///
    /// # Errors
    /// As [`copies`].
    ///
    /// ```
    /// use fanin::chain::GradientChain;
    /// use fanin::diagnosis::{Cause, LayerWeights};
    /// use fanin::prelude::*;
    ///
    /// let one = He::normal(64).seed(1).to_vec(64 * 64);
    /// let other: Vec<f32> = He::normal(64).seed(2).to_vec(64 * 64);
    /// let model = [("fc1", &one), ("fc2", &other), ("fc3", &one)];
    /// let weights = model.map(|(name, weights)| LayerWeights::new(name, weights, &[64, 64]));
    /// # let chain = GradientChain::from_layers([1.0, 1.0, 1.0].map(|delta| fanin::chain::Layer::new("", 1, &[delta])))?;
    /// let diagnosis = chain.diagnosis().with_weights(&weights)?;
    /// assert_eq!(diagnosis.findings()[0].layers, [0, 2]);
    /// assert!(matches!(diagnosis.cause(), Some(Cause::Copy(_))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_weights<T: Scalar>(mut self, weights: &[LayerWeights<'_, T>]) -> Result<Self, CopiesError> {
        let mut findings = copied::copied(weights)?;
        findings.append(&mut self.findings);
        Ok(Self { findings, ..self })
    }

    /// Everything that was found, from the lowest layer up, [of the weights](Diagnosis::with_weights) first; nothing for a
    /// sound chain.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The cause that was found first.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        self.findings.first().map(|finding| &finding.cause)
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.findings.is_empty()
    }

    /// How far the gradient between the first and the last hidden layer is from what the specification makes of the
    /// way forward that was measured, in standard deviations of chance, brought to a normal scale. `None` without a
    /// specification, without two hidden layers, or if no gradient came through.
    #[must_use]
    pub fn z(&self) -> Option<f64> {
        self.specified.as_ref()?.total?.z()
    }

    /// What theory predicts for a network of infinite width; `None` without a specification.
    #[must_use]
    pub fn prediction(&self) -> Option<&Prediction> {
        self.specified.as_ref().map(|specified| &specified.prediction)
    }

    /// The first finding and its remedy in one line.
    pub(crate) fn advice(&self) -> Option<String> {
        let finding = self.findings.first()?;
        Some(match finding.remedy() {
            Some(remedy) => alloc::format!("{finding}: {remedy}"),
            None => alloc::format!("{finding}"),
        })
    }
}
