//! Check that gradients flow back through a model, for any seed.

use core::f64::consts::LN_10;

use alloc::boxed::Box;

use super::expected::Expected;
use super::gradient_flow_error::GradientFlowError;
use super::gradient_flow_evidence::GradientFlowEvidence;
use crate::chain::{GradientChain, Moments, Verdict};
use crate::seed::Seed;

/// The probability that a whole check raises a false alarm, unless told otherwise.
const FALSE_POSITIVES: f64 = 1e-9;

/// Networks that are drawn, unless told otherwise.
const SEEDS: usize = 20;

/// A model that can be started from any seed and run once, forward and back.
///
/// A closure will do. Whoever writes the model decides what a seed determines; it should be the
/// weights, and it may be the inputs and the targets as well.
///
/// ```
/// use fanin::chain::{GradientChain, Layer};
/// use fanin::testing::GradientFlow;
/// use fanin::Seed;
///
/// // A model of any framework hands over its deltas, layer by layer.
/// let model = |_seed: Seed| {
///     let layers = [0.3_f32, 0.2, 0.4].map(|delta| Layer::new("fc", 2, &[delta, -delta]));
///     GradientChain::from_layers(layers).unwrap()
/// };
/// assert!(model.gradient_chain(Seed::from(1)).verdict().is_healthy());
/// ```
pub trait GradientFlow {
    /// The chain of the model that this seed starts.
    fn gradient_chain(&self, seed: Seed) -> GradientChain;
}

impl<F: Fn(Seed) -> GradientChain> GradientFlow for F {
    fn gradient_chain(&self, seed: Seed) -> GradientChain {
        self(seed)
    }
}

/// Whether gradients flow back through a model as expected, over 20 seeds, at a false-positive rate of
/// 1e-9: see [`CheckGradientFlow`], of which this is the default.
///
/// # Errors
///
/// A [`GradientFlowError`], whose text says what was expected, what was seen, and what to change.
pub fn check_gradient_flow(
    model: &impl GradientFlow,
    expected: impl Into<Expected>,
) -> Result<GradientFlowEvidence, GradientFlowError> {
    CheckGradientFlow::default().check(model, expected)
}

/// A check of the gradient chains of a model, started from many seeds.
///
/// What is judged is the mean over seeds of the logarithm of the chain. The chain itself is log-normal:
/// its mean is ruled by the rarest draws, and no tolerance holds it.
///
/// - Against [decades](Expected::Decades): by Student's t, whether the mean lies outside of the range,
///   as far as logs of chains are normal.
/// - Against a [band](Expected::Band): by its mean, spread and skewness, which theory knows, and
///   Pearson's distribution of type III with these. A quarter of one network's spread is forgiven before
///   anything is judged, for what theory leaves out.
///
/// A chain with a value that is not finite, or whose gradient dies on the way, is a [`GradientFlowError`] at once.
/// Layers so narrow that all their ReLU units may be closed by chance (2^-width each) do so now and
/// then.
///
/// # Power
///
/// Against a band, a standard deviation of the weights that is off by a factor r moves the log by 2 ln
/// r a step. It is caught with a probability of 0.999 where that is more than 2.3 of one network's
/// standard deviations over all steps. For ReLU (a variance of 5 / width a step) and 20 seeds:
///
/// | hidden layers | width 64 | width 256 |
/// | --- | --- | --- |
/// | 5 | r = 1.18 | r = 1.09 |
/// | 20 | r = 1.08 | r = 1.04 |
/// | 50 | r = 1.05 | r = 1.024 |
///
/// ```
/// use fanin::nn::{Loss, Network};
/// use fanin::testing::CheckGradientFlow;
/// use fanin::theory::{Inputs, NetworkLaw};
/// use fanin::prelude::*;
///
/// let untrained = (0..8).fold(Network::<f32>::new(64), |net, _| net.dense(64, Activation::Relu));
/// let untrained = untrained.dense(10, Activation::Identity);
/// let model = |seed: Seed| {
///     let mut batch = [[0.0; 64]; 8];
///     Normal::new(0.0, 1.0).seed(seed.child("batch")).fill(&mut batch);
///     let net = untrained.clone().init(He::normal, seed).unwrap();
///     net.gradient_chain(&batch, &[0, 1, 2, 3, 4, 5, 6, 7], Loss::SoftmaxCrossEntropy).unwrap()
/// };
/// let band = NetworkLaw::from_network(&untrained, He::normal)?.band(&Inputs::alike(1.0, 0.0)?)?;
/// let evidence = CheckGradientFlow::default().seeds(10).check(&model, band).unwrap();
/// println!("{evidence}");
/// assert!(CheckGradientFlow::default().check(&model, -3.0..=3.0).is_ok());
/// assert!(CheckGradientFlow::default().check(&model, 5.0..=6.0).is_err());
/// # Ok::<(), fanin::theory::TheoryError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckGradientFlow {
    seeds: usize,
    false_positives: f64,
    root: Option<Seed>,
}

/// 20 seeds, a false-positive rate of 1e-9, and without `std` the seeds that come from 0.
impl Default for CheckGradientFlow {
    fn default() -> Self {
        Self { seeds: SEEDS, false_positives: FALSE_POSITIVES, root: None }
    }
}

impl CheckGradientFlow {
    /// How many networks are drawn.
    ///
    /// # Panics
    ///
    /// If there are fewer than 2: one network has no spread.
    #[must_use]
    #[track_caller]
    pub const fn seeds(self, seeds: usize) -> Self {
        assert!(seeds >= 2, "a spread needs at least 2 seeds");
        Self { seeds, ..self }
    }

    /// A check that refuses a good model with at most this probability.
    ///
    /// # Panics
    ///
    /// If the rate is not between 0 and 1.
    #[must_use]
    #[track_caller]
    pub fn at_rate(self, false_positives: f64) -> Self {
        assert!(
            false_positives > 0.0 && false_positives < 1.0,
            "a false-positive rate of {false_positives}: it must lie between 0 and 1"
        );
        Self { false_positives, ..self }
    }

    /// Draws the seeds from this one, as a failure that is to be seen again asks for; else they are new
    /// each time.
    #[must_use]
    pub fn from_seed(self, root: impl Into<Seed>) -> Self {
        Self { root: Some(root.into()), ..self }
    }

    /// Runs the model from each seed and judges the chains.
    ///
    /// # Errors
    ///
    /// A [`GradientFlowError`].
    pub fn check(
        &self,
        model: &impl GradientFlow,
        expected: impl Into<Expected>,
    ) -> Result<GradientFlowEvidence, GradientFlowError> {
        let expected = expected.into();
        let possible = match expected {
            Expected::Decades { low, high } => low <= high,
            Expected::Band(band) => band.mean.is_finite() && band.std_dev > 0.0,
        };
        if !possible {
            return Err(GradientFlowError::Expected(expected));
        }
        let root = self.root.unwrap_or_else(new_root);
        let mut decades = Moments::new();
        let mut first = None;
        for index in 0..self.seeds {
            let chain = model.gradient_chain(root.child(index));
            let verdict = chain.verdict();
            let broken = matches!(verdict, Verdict::NonFinite { .. } | Verdict::Dead { .. });
            match measured(&chain, &expected) {
                Some(value) if value.is_finite() && !broken => decades.extend_from_slice(&[value]),
                _ if chain.hidden_layers().len() < 2 => return Err(GradientFlowError::NoSteps),
                _ => {
                    return Err(GradientFlowError::Broken {
                        root,
                        index,
                        verdict,
                        advice: chain.diagnosis().advice(),
                    });
                }
            }
            first.get_or_insert(chain);
        }
        let evidence = GradientFlowEvidence::of(root, decades, expected);
        match first {
            Some(chain) if evidence.p_value < self.false_positives => {
                let steps = chain.hidden_layers().len() - 1;
                Err(GradientFlowError::Differs {
                    ratio: libm::exp(evidence.excess() * LN_10 / steps as f64),
                    advice: chain.diagnosis().advice(),
                    evidence: Box::new(evidence),
                    allowed: self.false_positives,
                })
            }
            _ => Ok(evidence),
        }
    }
}

#[cfg(feature = "std")]
fn new_root() -> Seed {
    // Short enough to be copied from a message.
    Seed::from(rand::random::<u64>())
}

#[cfg(not(feature = "std"))]
fn new_root() -> Seed {
    Seed::from(0)
}

/// In decades.
fn measured(chain: &GradientChain, expected: &Expected) -> Option<f64> {
    if chain.hidden_layers().len() < 2 {
        return None;
    }
    match expected {
        Expected::Decades { .. } => chain.log10_ratio(),
        Expected::Band(_) => {
            let ln: Option<f64> = chain.hidden_factors().iter().map(|factor| factor.ln_norm()).sum();
            Some(ln? / LN_10)
        }
    }
}
