//! Check that gradients flow back through a model, for any seed.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::expected::Expected;
use super::false_positives::{FALSE_POSITIVES, declared};
use super::gradient_flow_error::GradientFlowError;
use super::gradient_flow_evidence::GradientFlowEvidence;
use crate::chain::{GradientChain, Verdict};
use crate::seed::Seed;

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
/// Every hidden layer below the last is judged, each beside the last hidden one: a chain that goes down and up
/// again in the middle shows nothing at its ends.
///
/// - Against [decades](Expected::Decades): the number of networks that leave the range in a layer or more. If at most one
///   network in ten does, the check fails with at most the declared rate: a binomial count, exact whatever the distribution
///   of the chains (they are near log-normal, and skewed where layers are narrow) and however their layers hang
///   together. At 1e-9, 9 of 9 networks are too many, 14 of 20, 22 of 50, 33 of 100. Fewer than 9 could prove nothing, and
///   are [refused](GradientFlowError::TooFewSeeds).
/// - Against [bands](Expected::Bands): the mean over seeds of the logarithm, of each layer at its share of the rate, by
///   its mean, spread and skewness, which theory knows, and Pearson's distribution of type III with these. A quarter of one
///   network's spread is forgiven before anything is judged, for what theory leaves out. One network is enough for what is
///   far off.
///
/// A chain with a value that is not finite, or whose gradient dies on the way, is a [`GradientFlowError`] at once, which the
/// rate does not count: layers so narrow that all their ReLU units may be closed by chance (2^-width each) do so now and then.
///
/// # Power
///
/// Against a range: the number of hidden layers from which on Xavier under ReLU, which halves the squared gradient at each, is
/// caught with a probability of 0.99 (simulated by the ignored test `kit_power_of_flow` in the crate's
/// `tests/it/gradient_flow.rs`):
///
/// | decades | seeds | width 64 | width 256 |
/// | --- | --- | --- | --- |
/// | 1 | 9 | 7 | 6 |
/// | 1 | 20 | 5 | 5 |
/// | 1 | 50 | 5 | 5 |
/// | 2 | 9 | 11 | 9 |
/// | 2 | 20 | 9 | 9 |
/// | 2 | 50 | 8 | 8 |
/// | 3 | 9 | 14 | 13 |
/// | 3 | 20 | 12 | 12 |
/// | 3 | 50 | 11 | 11 |
///
/// Where the chains end at the border of the range it takes many seeds: 12 layers of width 64 are caught at 2.5, 3 and 3.5 decades with
/// probabilities of 0.98, 0.44 and 0.0003 by 9 seeds, above 0.9999, of 0.999 and 0.006 by 20, and above 0.9999, above 0.9999 and of 0.32 by 50.
///
/// Against bands, a standard deviation of the weights that is off by a factor r in all layers moves the log by 2 ln
/// r a step. It is caught with a probability of 0.999 where that is more than 2.4 of one network's
/// standard deviations over all steps. For ReLU (a variance of 5 / width a step) and 20 seeds:
///
/// | hidden layers | width 64 | width 256 |
/// | --- | --- | --- |
/// | 5 | r = 1.19 | r = 1.09 |
/// | 20 | r = 1.082 | r = 1.04 |
/// | 50 | r = 1.05 | r = 1.025 |
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
/// let bands = NetworkLaw::from_network(&untrained, He::normal)?.bands(&Inputs::alike(1.0, 0.0)?)?;
/// let evidence = CheckGradientFlow::default().seeds(10).check(&model, bands).unwrap();
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
    /// How many networks are drawn. Against a range it takes 9 at the default rate to see anything: with fewer, the check is
    /// [refused](GradientFlowError::TooFewSeeds).
    #[must_use]
    pub const fn seeds(self, seeds: usize) -> Self {
        Self { seeds, ..self }
    }

    /// A check that refuses a model that is as expected, and no network of which is broken, with at most this probability.
    ///
    /// # Panics
    ///
    /// If the rate is not between 0 and 1.
    #[must_use]
    #[track_caller]
    pub fn at_rate(self, false_positives: f64) -> Self {
        Self { false_positives: declared(false_positives), ..self }
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
        if !expected.is_possible() {
            return Err(GradientFlowError::Expected(expected));
        }
        let Self { seeds, false_positives, .. } = *self;
        let needed = expected.fewest_seeds(|p| self.allows(p));
        if seeds < needed {
            return Err(GradientFlowError::TooFewSeeds { seeds, needed, false_positives });
        }
        let root = self.root.unwrap_or_else(new_root);
        let mut evidence = None;
        let mut shown: Option<(bool, GradientChain)> = None;
        for index in 0..seeds {
            let chain = model.gradient_chain(root.child(index));
            let decades = judged(&chain, &expected, root, index)?;
            let evidence =
                evidence.get_or_insert_with(|| GradientFlowEvidence::new(root, expected.clone(), &chain));
            if decades.len() != evidence.decades().len() {
                let [expected, found] = [evidence.decades().len() + 1, decades.len() + 1];
                return Err(GradientFlowError::Layers { root, index, found, expected });
            }
            let leaves = evidence.add(&decades);
            // One that shows the fault.
            if shown.as_ref().is_none_or(|&(left, _)| leaves && !left) {
                shown = Some((leaves, chain));
            }
        }
        let (Some(mut evidence), Some((_, chain))) = (evidence, shown) else {
            return Err(GradientFlowError::TooFewSeeds { seeds, needed, false_positives });
        };
        evidence.judge();
        if self.allows(evidence.p_value()) {
            return Ok(evidence);
        }
        Err(GradientFlowError::Differs {
            ratio: evidence.rate(),
            advice: chain.diagnosis().advice(),
            evidence: Box::new(evidence),
            allowed: false_positives,
        })
    }

    /// Whether what is as likely as this is let pass; equality but for rounding is an alarm.
    fn allows(&self, p_value: f64) -> bool {
        p_value > self.false_positives * (1.0 + 1e-9)
    }
}

/// The decades of a chain that can be judged.
fn judged(
    chain: &GradientChain,
    expected: &Expected,
    root: Seed,
    index: usize,
) -> Result<Vec<f64>, GradientFlowError> {
    let found = chain.hidden_layers().len();
    if found < 2 {
        return Err(GradientFlowError::NoSteps { layers: chain.layers().len() });
    }
    if let Expected::Bands(bands) = expected {
        let expected = bands.len();
        if found != expected {
            return Err(GradientFlowError::Layers { root, index, found, expected });
        }
    }
    let verdict = chain.verdict();
    let broken = matches!(verdict, Verdict::NonFinite { .. } | Verdict::Dead { .. });
    let decades = expected.measure(chain).filter(|decades| !broken && decades.iter().all(|d| d.is_finite()));
    decades.ok_or_else(|| {
        let advice = chain.diagnosis().advice();
        GradientFlowError::Broken { root, index, verdict, advice }
    })
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
