//! `Comparison`: the measured chain beside the predicted one.

use alloc::string::{String, ToString};
use core::fmt;

use super::prediction::fixed;
use super::{Prediction, TheoryError};
use crate::chain::{GradientChain, Layer, Moments, number};
use crate::scalar::sqrt;

/// A measured chain beside its prediction, layer by layer; printed with `{}`, a table.
///
/// ```
/// use fanin::nn::{Loss, Network};
/// use fanin::theory::{Comparison, Inputs, NetworkLaw};
/// use fanin::prelude::*;
///
/// let network = (0..10).fold(Network::<f64>::new(64), |net, _| net.dense(64, Activation::Relu));
/// let network = network.dense(4, Activation::Identity).init(He::normal, 1)?;
/// let mut batch = vec![0.0; 8 * 64];
/// Normal::new(0.0, 1.0).seed(2).fill(&mut batch);
/// let labels = [0, 1, 2, 3, 0, 1, 2, 3];
///
/// let measured = network.gradient_chain(&batch, &labels, Loss::SoftmaxCrossEntropy)?;
/// let inputs = Inputs::from_batch(&batch, 64)?;
/// let predicted = NetworkLaw::from_network(&network, He::normal)?.predict(&inputs)?;
/// println!("{}", Comparison::new(&measured, &predicted)?);
/// let weight = measured.factors()[0].ln_weight().unwrap();
/// assert!((weight - predicted.layers()[0].ln_weight().unwrap()).abs() < 0.7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison<'a> {
    measured: &'a GradientChain,
    predicted: &'a Prediction,
}

impl<'a> Comparison<'a> {
    /// These two, of the same network.
    ///
    /// # Errors
    /// [`TheoryError::Mismatch`] if they differ in the number of layers or the width of a dense one.
    pub fn new(measured: &'a GradientChain, predicted: &'a Prediction) -> Result<Self, TheoryError> {
        let (expected, found) = (predicted.layers().len(), measured.layers().len());
        if expected != found {
            return Err(TheoryError::Mismatch { what: "layers of the chain", expected, found });
        }
        for (layer, prediction) in measured.layers().iter().zip(predicted.layers()) {
            let found = layer.width();
            match prediction.width() {
                Some(expected) if expected != found => {
                    return Err(TheoryError::Mismatch {
                        what: "units of a layer of the chain",
                        expected,
                        found,
                    });
                }
                _ => {}
            }
        }
        Ok(Self { measured, predicted })
    }

    /// The measured ln of the weight factor of the step back to a layer, less the predicted one. `None`
    /// for the output layer or if no sample carries a gradient.
    #[must_use]
    pub fn ln_weight_excess(&self, layer: usize) -> Option<f64> {
        let measured = self.measured.factors().get(layer)?.ln_weight()?;
        Some(measured - self.predicted.layers().get(layer)?.ln_weight()?)
    }

    /// The same for the gate factor.
    #[must_use]
    pub fn ln_gate_excess(&self, layer: usize) -> Option<f64> {
        let measured = self.measured.factors().get(layer)?.ln_gate()?;
        Some(measured - self.predicted.layers().get(layer)?.ln_gate())
    }
}

/// Columns in pairs, measured and predicted: root mean squares of z, weight and gate factor of the step
/// back to the layer, and the log10 of the rms delta over the last hidden layer's.
///
/// ```text
///   #  width   rms z    pred  weight    pred   gate   pred  log10 delta    pred
///   1     64    1.41    1.41    1.92    2.00   0.51   0.50         0.11    0.00
/// ```
impl fmt::Display for Comparison<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>3} {:>6} {:>7} {:>7} {:>7} {:>7} {:>6} {:>6} {:>12} {:>7}",
            "#", "width", "rms z", "pred", "weight", "pred", "gate", "pred", "log10 delta", "pred"
        )?;
        let last = self.measured.layers().len().saturating_sub(2);
        let ln = |layer: &Layer| layer.delta().ln_mean_square();
        let reference = self.measured.layers().get(last).and_then(ln);
        for (i, (layer, predicted)) in self.measured.layers().iter().zip(self.predicted.layers()).enumerate()
        {
            let factor = self.measured.factors().get(i);
            let decades = |ln: f64| 0.5 * ln / core::f64::consts::LN_10;
            let delta = ln(layer).zip(reference).map(|(ln, reference)| decades(ln - reference));
            let predicted_delta = self.predicted.ln_delta(i).zip(self.predicted.ln_delta(last));
            write!(
                f,
                "\n{:>3} {:>6} {:>7} {:>7} {:>7} {:>7} {:>6} {:>6} {:>12} {:>7}",
                i + 1,
                layer.width(),
                given(layer.z().and_then(Moments::rms), number),
                number(sqrt(predicted.q())),
                given(factor.and_then(|factor| factor.weight()), number),
                given(predicted.weight(), number),
                given(factor.and_then(|factor| factor.gate()), number),
                given(factor.map(|_| predicted.gate()), number),
                given(delta, fixed),
                given(predicted_delta.map(|(ln, reference)| decades(ln - reference)), fixed),
            )?;
        }
        Ok(())
    }
}

fn given(value: Option<f64>, text: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| "·".to_string(), text)
}
