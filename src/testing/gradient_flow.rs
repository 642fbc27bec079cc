//! Whether gradients flow back through a model, for any seed.

use core::f64::consts::LN_10;
use core::fmt;
use core::ops::RangeInclusive;

use alloc::boxed::Box;
use alloc::string::String;

use super::tail;
use crate::Seed;
use crate::chain::{GradientChain, Moments, Verdict};
use crate::theory::{Band, BandSource};

/// The probability that a whole check raises a false alarm, unless told otherwise.
const FALSE_POSITIVES: f64 = 1e-9;

/// Networks that are drawn, unless told otherwise.
const SEEDS: usize = 20;

/// By how much of one network's spread theory itself may be off: for what the outputs do to the delta that
/// the loss sends back, see [`Band`].
const ALLOWANCE: f64 = 0.25;

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

/// Where the chains of a model should lie.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Expected {
    /// The mean over seeds of [`GradientChain::log10`], the decades that the mean-square delta changes by
    /// between the last and the first hidden layer, lies between these. Made from a range.
    Decades {
        /// The least.
        low: f64,
        /// The most.
        high: f64,
    },
    /// The mean over seeds of ln(|delta_1|^2 / |delta_d|^2) is that of a [`Band`], for models whose law
    /// theory knows: see [`NetworkLaw::band`](crate::theory::NetworkLaw::band).
    Band(Band),
}

/// Within 3 decades, as the default [`Thresholds`](crate::chain::Thresholds) have it.
impl Default for Expected {
    fn default() -> Self {
        Self::Decades { low: -3.0, high: 3.0 }
    }
}

impl From<RangeInclusive<f64>> for Expected {
    fn from(decades: RangeInclusive<f64>) -> Self {
        Self::Decades { low: *decades.start(), high: *decades.end() }
    }
}

impl From<Band> for Expected {
    fn from(band: Band) -> Self {
        Self::Band(band)
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decades { low, high } => write!(f, "between 10^{low} and 10^{high}"),
            Self::Band(band) => write!(f, "{band}"),
        }
    }
}

/// Whether gradients flow back through a model as expected, over 20 seeds, at a false-positive rate of
/// 1e-9: see [`CheckGradientFlow`], of which this is the default.
///
/// # Errors
///
/// A [`Blockage`], whose text says what was expected, what was seen, and what to change.
pub fn check_gradient_flow(
    model: &impl GradientFlow,
    expected: impl Into<Expected>,
) -> Result<FlowEvidence, Blockage> {
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
///   Pearson's law of type III with these. A quarter of one network's spread is forgiven before
///   anything is judged, for what theory leaves out.
///
/// A chain with a value that is not finite, or whose gradient dies on the way, is a [`Blockage`] at once.
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
/// use ndarray::Array2;
///
/// let untrained = (0..8).fold(Network::<f32>::new(64), |net, _| net.dense(64, Activation::Relu));
/// let untrained = untrained.dense(10, Activation::Identity);
/// let model = |seed: Seed| {
///     let mut batch = Array2::zeros((8, 64));
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
    /// A [`Blockage`].
    pub fn check(
        &self,
        model: &impl GradientFlow,
        expected: impl Into<Expected>,
    ) -> Result<FlowEvidence, Blockage> {
        let expected = expected.into();
        let possible = match expected {
            Expected::Decades { low, high } => low <= high,
            Expected::Band(band) => band.mean.is_finite() && band.std_dev > 0.0,
        };
        if !possible {
            return Err(Blockage::Expected(expected));
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
                _ if chain.hidden_layers().len() < 2 => return Err(Blockage::NoSteps),
                _ => return Err(Blockage::Broken { root, index, verdict, advice: chain.advice(verdict) }),
            }
            first.get_or_insert(chain);
        }
        let evidence = FlowEvidence::of(root, decades, expected);
        match first {
            Some(chain) if evidence.p_value < self.false_positives => {
                let steps = chain.hidden_layers().len() - 1;
                Err(Blockage::Differs {
                    ratio: libm::exp(evidence.excess() * LN_10 / steps as f64),
                    advice: chain.advice(chain.verdict()),
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
        Expected::Decades { .. } => chain.log10(),
        Expected::Band(_) => {
            let ln: Option<f64> = chain.hidden_factors().iter().map(|factor| factor.ln_norm()).sum();
            Some(ln? / LN_10)
        }
    }
}

/// What the chains of a model that was checked look like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlowEvidence {
    root: Seed,
    decades: Moments,
    expected: Expected,
    p_value: f64,
}

impl FlowEvidence {
    fn of(root: Seed, decades: Moments, expected: Expected) -> Self {
        let mut evidence = Self { root, decades, expected, p_value: 1.0 };
        let count = decades.count() as f64;
        evidence.p_value = match expected {
            Expected::Decades { .. } => {
                // The unbiased estimate.
                let variance = decades.variance().unwrap_or(f64::NAN) * count / (count - 1.0);
                let t = evidence.excess() / libm::sqrt(variance / count);
                if evidence.excess() == 0.0 { 1.0 } else { tail::student_t(count - 1.0, t) }
            }
            Expected::Band(band) => {
                let (_, spread) = band.decades();
                let beyond = (evidence.excess().abs() - ALLOWANCE * spread).max(0.0);
                let beyond = beyond.copysign(evidence.excess()) / spread;
                band_probability(&band, beyond, count)
            }
        };
        evidence
    }

    /// The seed whose children 0, 1, 2, .. started the networks.
    #[must_use]
    pub const fn root(&self) -> Seed {
        self.root
    }

    /// The decades of the chains, one value a seed: log10 of the mean-square delta, first over last hidden
    /// layer; against a band, of its sum of squares.
    #[must_use]
    pub const fn decades(&self) -> &Moments {
        &self.decades
    }

    /// What was expected.
    #[must_use]
    pub const fn expected(&self) -> Expected {
        self.expected
    }

    /// The probability, at most, that a model that is as expected looks as unlikely as this.
    #[must_use]
    pub const fn p_value(&self) -> f64 {
        self.p_value
    }

    /// By how many decades the mean differs from the expected one, or leaves the range.
    #[must_use]
    pub fn excess(&self) -> f64 {
        let mean = self.decades.mean().unwrap_or(f64::NAN);
        match self.expected {
            Expected::Decades { low, high } => mean - mean.clamp(low, high),
            Expected::Band(band) => mean - band.decades().0,
        }
    }
}

/// `20 networks from seed 7: 10^-0.41 +- 0.15, expected 10^-0.54 +- 0.69 (exact); p = 1.0e0`.
impl fmt::Display for FlowEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.decades.count();
        let spread = self.decades.std_dev().unwrap_or(f64::NAN);
        write!(
            f,
            "{count} networks from seed {}: 10^{:.2} +- {:.2}, expected {}; p = {:.1e}",
            self.root,
            self.decades.mean().unwrap_or(f64::NAN),
            spread / libm::sqrt(count as f64 - 1.0),
            self.expected,
            self.p_value
        )
    }
}

/// Why gradients do not flow back through a model as expected.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Blockage {
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
        evidence: Box<FlowEvidence>,
        /// The least probability that is let pass.
        allowed: f64,
        /// By what each layer multiplies the squared gradient, over what it should.
        ratio: f64,
        /// What the first of the chains says should be changed.
        advice: Option<String>,
    },
}

impl fmt::Display for Blockage {
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
                    "each layer multiplies the squared gradient by {ratio:.4} times what it should; such happens with \
                     probability {:.1e}, {allowed:.1e} is let pass\n  seen: {evidence}\n  likely cause: {}",
                    evidence.p_value,
                    Likely(*ratio)
                )?;
                advice
            }
        };
        advice.as_ref().map_or(Ok(()), |advice| write!(f, "\n  advice: {advice}"))
    }
}

impl core::error::Error for Blockage {}

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
            let std_dev = libm::sqrt(self.0);
            write!(
                f,
                "the std of the weights is {std_dev:.4} times what it should be: gain, fan or activation?"
            )
        }
    }
}

/// Both tails of the mean of `count` logs, `beyond` standard deviations of one from the mean of its band.
fn band_probability(band: &Band, beyond: f64, count: f64) -> f64 {
    let (mut z, mut skewness) = (beyond * libm::sqrt(count), band.skewness);
    if let BandSource::MonteCarlo { draws } = band.source {
        // The band is an estimate itself: of its mean and spread by Student's t, brought to a normal
        // value by Wallace (1959); of its skewness two standard errors, to either side.
        let draws = draws as f64;
        let t = beyond / libm::sqrt(1.0 / count + 1.0 / draws);
        z = libm::sqrt((draws - 1.0) * libm::log1p(t * t / (draws - 1.0))).copysign(t);
        skewness = (skewness.abs() + 2.0 * libm::sqrt(6.0 / draws)).copysign(z);
    }
    tail::pearson(z, skewness / libm::sqrt(count))
}
