//! `Diagnosis`: why a chain is what it is: its law, the chance of its width, or other weights than promised.

use alloc::string::String;
use alloc::vec::Vec;
use core::f64::consts::LN_10;
use core::fmt;

use super::{Band, Comparison, Finding, Fluctuation, Inputs, NetworkLaw, Prediction, TheoryError, critical};
use crate::chain::{BackwardFactor, GradientChain, Thresholds, Verdict, nearest_to_no_change, number};
use crate::normal_distribution::both_tails;
use crate::scalar::sqrt;

/// How often a chain of the promised law is called another one. Three tests share it: of each layer's
/// weights, of all of them together, of the chain as a whole.
const FALSE_POSITIVES: f64 = 1e-4;
const OF_EACH_TEST: f64 = FALSE_POSITIVES / 3.0;

/// A measured chain, what theory predicts for it, and why they are what they are. Printed with `{}` it is
/// a table with the verdict and what to change.
///
/// z is (ln measured - mean) / standard deviation of the [`Band`]: ln of the squared norm of delta, first
/// over last hidden layer, the mean over the samples. And each layer's weights are judged by the weight
/// factor of their step back: |W^T delta|^2 / |delta|^2 = Var\[W\] chi^2_n (exact for normal weights, n the
/// width that W^T delta has), one by one by the cube root of [Wilson and Hilferty (1931)](https://doi.org/10.1073/pnas.17.12.684), and together by
/// the mean of the logs. A chain that follows its law
/// is called another one with a probability of 1e-4, as far as logs of such chains are normal: they are
/// where the widths are above about 20; below, their left tail is longer.
///
/// What is sound is what the chain's [default thresholds](Thresholds) let pass.
///
/// ```
/// use fanin::nn::{Loss, Network};
/// use fanin::theory::{Finding, Inputs, NetworkLaw};
/// use fanin::prelude::*;
///
/// let mut batch = vec![0.0_f32; 32 * 100];
/// Normal::new(0.0, 1.0).seed(1).fill(&mut batch);
/// let labels: Vec<usize> = (0..32).map(|i| i % 10).collect();
/// let hidden = (0..20).fold(Network::new(100), |net, _| net.dense(100, Activation::Relu));
/// let network = hidden.dense(10, Activation::Identity).init(Xavier::normal, 1)?;
/// let chain = network.gradient_chain(&batch, &labels, Loss::SoftmaxCrossEntropy)?;
/// let inputs = Inputs::from_batch(&batch, 100)?;
///
/// // Xavier was promised and Xavier came: it is the law that does not suit ReLU.
/// let law = NetworkLaw::from_network(&network, Xavier::normal)?;
/// let diagnosis = law.diagnose(&chain, &inputs)?;
/// assert!(matches!(diagnosis.finding(), Finding::WrongLaw { rate } if (rate - 0.5).abs() < 1e-9));
///
/// // He was promised, and the weights that came are too small by sqrt 2.
/// let diagnosis = NetworkLaw::from_network(&network, He::normal)?.diagnose(&chain, &inputs)?;
/// assert!(matches!(diagnosis.finding(), Finding::OtherWeights { ratio, .. } if ratio < 0.9));
/// println!("{diagnosis}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis<'a> {
    measured: &'a GradientChain,
    prediction: Prediction,
    band: Band,
    z: f64,
    cosines: Vec<Option<f64>>,
    finding: Finding,
    advice: Option<String>,
}

impl NetworkLaw {
    /// Why a chain, measured on these inputs, is what it is.
    ///
    /// # Errors
    /// As [`predict`](NetworkLaw::predict), [`bands`](NetworkLaw::bands) (dense layers only) and
    /// [`Comparison::new`] (a chain of another network).
    pub fn diagnose<'a>(
        &self,
        measured: &'a GradientChain,
        inputs: &Inputs,
    ) -> Result<Diagnosis<'a>, TheoryError> {
        let prediction = self.predict(inputs)?;
        Comparison::new(measured, &prediction)?;
        let band = self.band(inputs)?;
        let cosines = if inputs.cosine().is_some() { self.cosines(inputs)? } else { Vec::new() };
        let ln: Option<f64> = measured.hidden_factors().iter().map(|factor| factor.ln_norm()).sum();
        let z = band.z(ln.unwrap_or(f64::NAN));
        let finding = self.finding(measured, &prediction, &band, z);
        let advice = self.advice(finding, measured);
        Ok(Diagnosis { measured, prediction, band, z, cosines, finding, advice })
    }

    fn finding(&self, measured: &GradientChain, prediction: &Prediction, band: &Band, z: f64) -> Finding {
        if let Some(other) = self.other_weights(measured) {
            return other;
        }
        if let Some(rate) = self.drift(prediction) {
            return Finding::WrongLaw { rate };
        }
        let verdict = measured.verdict();
        if let Verdict::NonFinite { .. } = verdict {
            return Finding::Broken { verdict };
        }
        if is_rare(z, OF_EACH_TEST) {
            return Finding::OtherChain { z };
        }
        let steps = self.hidden_layers().len().saturating_sub(1);
        let (mean, std_dev) = band.decades();
        if !Thresholds::default().allow(mean.abs() + std_dev, steps) {
            let widths = measured.hidden_layers()[..steps].iter().map(|layer| layer.width());
            return Finding::TooDeep { inverse_widths: widths.map(|width| 1.0 / width as f64).sum() };
        }
        match verdict {
            Verdict::Healthy => {}
            // In narrow layers all units may be closed by chance; that was the case above.
            Verdict::Dead { .. } => return Finding::Broken { verdict },
            _ => return Finding::Chance { z },
        }
        match measured.collapse() {
            Some(layer) => Finding::Collapsed { layer },
            None => Finding::Healthy,
        }
    }

    /// Weights that are too unlikely under their law: those of all layers, even without the one that is the
    /// farthest from it; or those of that one. The first layer's send nothing back, and the last one's are
    /// not judged, because the loss may depend on them.
    fn other_weights(&self, measured: &GradientChain) -> Option<Finding> {
        let steps = measured.hidden_factors().iter().zip(&self.layers()[1..]).enumerate();
        let mut layers: Vec<Weights> = Vec::new();
        for (l, (step, above)) in steps {
            let width = measured.layers()[l].width();
            let ln_ratio = step.ln_weight()? - libm::log(above.weight_factor());
            let z = wilson_hilferty(width as f64, ln_ratio);
            layers.push(Weights { layer: l + 1, ln_ratio, z, chance: Fluctuation::linear(width).ok()? });
        }
        let count = layers.len() as f64;
        let farthest = layers.iter().max_by(|a, b| a.z.abs().total_cmp(&b.z.abs()))?;
        let others = layers.iter().filter(|other| other.layer != farthest.layer);
        let ratio = |ln: f64| libm::exp(0.5 * ln);
        if is_rare(together(others), OF_EACH_TEST) {
            let ln_ratio = layers.iter().map(|layer| layer.ln_ratio).sum::<f64>() / count;
            return Some(Finding::OtherWeights { ratio: ratio(ln_ratio), z: together(layers.iter()) });
        }
        let &Weights { layer, ln_ratio, z, .. } = farthest;
        is_rare(z, OF_EACH_TEST / count).then(|| Finding::OtherLayer { layer, ratio: ratio(ln_ratio), z })
    }

    /// What one layer does on average, if the prediction leaves the sound range on its way to some
    /// hidden layer.
    fn drift(&self, prediction: &Prediction) -> Option<f64> {
        let last = self.hidden_layers().len().checked_sub(1)?;
        let (mut mean, mut sum, mut drifts) = (0.0, 0.0, false);
        for (back, layer) in prediction.layers()[..last].iter().rev().enumerate() {
            let ln = layer.ln_weight().unwrap_or(f64::NAN) + layer.ln_gate();
            sum += ln / LN_10;
            mean = prediction.ln_delta_between(last - 1 - back, last).unwrap_or(f64::NAN) / LN_10;
            drifts |= !Thresholds::default().allow(nearest_to_no_change(mean, sum), back + 1);
        }
        drifts.then(|| libm::exp(mean * LN_10 / last as f64))
    }

    fn advice(&self, finding: Finding, measured: &GradientChain) -> Option<String> {
        let activation = self.layers()[0].activation();
        match finding {
            Finding::WrongLaw { .. } => Some(match critical(activation) {
                Ok(point) => alloc::format!("for {activation} use {point}"),
                Err(error) => alloc::format!("use another activation: {error}"),
            }),
            Finding::OtherWeights { ratio, .. } | Finding::OtherLayer { ratio, .. } => Some(alloc::format!(
                "look at the fan and the gain of these weights: their std should be {} times what it is",
                number(1.0 / ratio)
            )),
            Finding::Broken { verdict } => measured.advice(verdict),
            Finding::TooDeep { .. } => Some("use wider layers or fewer, or skip connections".into()),
            Finding::Collapsed { .. } => Some("use fewer layers, skip connections, or tanh at gain 1".into()),
            _ => None,
        }
    }
}

impl Diagnosis<'_> {
    /// What is behind the chain.
    #[must_use]
    pub const fn finding(&self) -> Finding {
        self.finding
    }

    /// What to change; `None` if there is nothing, or nothing is known.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// Where one draw of the weights should lie.
    #[must_use]
    pub const fn band(&self) -> Band {
        self.band
    }

    /// How far this draw is from the mean of the band, in its standard deviations; NaN without a step
    /// between hidden layers, or if no gradient came through.
    #[must_use]
    pub const fn z(&self) -> f64 {
        self.z
    }

    /// What theory predicts for a network of infinite width.
    #[must_use]
    pub const fn prediction(&self) -> &Prediction {
        &self.prediction
    }

    /// The predicted mean cosine between hidden states, layer by layer, beside
    /// [`Layer::cosine`](crate::chain::Layer::cosine); empty for a single input.
    #[must_use]
    pub fn cosines(&self) -> &[Option<f64>] {
        &self.cosines
    }
}

/// The [`Comparison`], the cosine of the last hidden layer, the chain in its band, the verdict and the
/// advice.
impl fmt::Display for Diagnosis<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comparison = Comparison::new(self.measured, &self.prediction).map_err(|_| fmt::Error)?;
        writeln!(f, "{comparison}")?;
        if let Some(last) = self.measured.hidden_layers().len().checked_sub(1)
            && let Some(measured) = self.measured.layers()[last].cosine()
        {
            write!(f, "cosine of hidden states, layer {}: {measured:.3}", last + 1)?;
            match self.cosines.get(last) {
                // No -0.000.
                Some(Some(predicted)) => {
                    writeln!(f, ", predicted {:.3}", libm::round(1e3 * predicted) / 1e3 + 0.0)
                }
                _ => writeln!(f),
            }?;
        }
        if self.z.is_finite() {
            let measured =
                self.measured.hidden_factors().iter().filter_map(BackwardFactor::ln_norm).sum::<f64>();
            writeln!(
                f,
                "|delta|^2, first over last hidden layer: 10^{:.2} measured, {} expected at these widths, z = {:+.1}",
                measured / LN_10,
                self.band,
                self.z
            )?;
        }
        write!(f, "verdict: {}", self.finding)?;
        self.advice().map_or(Ok(()), |advice| write!(f, "\nadvice: {advice}"))
    }
}

/// What the weights of a layer did to the gradient.
struct Weights {
    layer: usize,
    /// ln of the weight factor over the promised one.
    ln_ratio: f64,
    z: f64,
    chance: Fluctuation,
}

/// How far the weight factors of these layers, taken together, are from the promised ones, in standard
/// deviations.
fn together<'a>(layers: impl Iterator<Item = &'a Weights>) -> f64 {
    let (excess, variance) = layers.fold((0.0, 0.0), |(excess, variance), layer| {
        (excess + layer.ln_ratio - layer.chance.mean, variance + layer.chance.variance)
    });
    excess / sqrt(variance)
}

/// Whether a standard normal value is this far out less often than `allowed`. NaN is not rare: there is
/// nothing to judge.
fn is_rare(z: f64, allowed: f64) -> bool {
    both_tails(z) < allowed
}

/// The standard normal value that is as rare as chi^2_n / n = e^ln ([Wilson & Hilferty 1931](https://doi.org/10.1073/pnas.17.12.684)).
fn wilson_hilferty(n: f64, ln: f64) -> f64 {
    let variance = 2.0 / (9.0 * n);
    (libm::exp(ln / 3.0) - (1.0 - variance)) / sqrt(variance)
}
