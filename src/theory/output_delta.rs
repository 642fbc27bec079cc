//! `OutputDelta`: what the loss sends back into the output layer.

use alloc::vec;
use alloc::vec::Vec;

use super::TheoryError;
use super::columns::dot;
use crate::activation::Activation;
use crate::normal_distribution::cdf;
use crate::scalar::sqrt;

/// How the delta of the output layer depends on its outputs: what it shares with them comes back through the same
/// weights that made them, and moves the chain.
///
/// ```
/// use fanin::theory::{Inputs, NetworkLaw, OutputDelta};
/// use fanin::{Activation, He};
///
/// let law = NetworkLaw::dense(&[100; 12], &Activation::Relu, |fan| He::normal(fan).law())?;
/// let inputs = Inputs::alike(1.0, 0.0)?;
/// let apart = law.band(&inputs)?;
/// // Outputs less targets: the larger the outputs, the more they have in common with what comes back.
/// let squared = OutputDelta::MeanSquaredError { target_mean_square: 1.0 };
/// let together = law.output_delta(squared)?.band(&inputs)?;
/// assert!(together.mean > apart.mean + 0.5 * apart.std_dev);
/// # Ok::<(), fanin::theory::TheoryError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum OutputDelta {
    /// Not at all, as for cross-entropy on outputs that are small; what is taken where nothing is said.
    #[default]
    Independent,
    /// softmax(h) less one label's 1; labels are drawn at random, so that the network has not learnt them.
    SoftmaxCrossEntropy,
    /// h less targets that the network has not learnt.
    MeanSquaredError {
        /// The mean square of the targets, over samples and outputs: 1 / k for one-hot rows of k classes.
        target_mean_square: f64,
    },
}

impl OutputDelta {
    pub(super) fn check(self) -> Result<(), TheoryError> {
        match self {
            Self::MeanSquaredError { target_mean_square: value } if !(value >= 0.0 && value.is_finite()) => {
                Err(TheoryError::OutOfRange { parameter: "mean square of the targets", value })
            }
            _ => Ok(()),
        }
    }

    /// delta of outputs with these pre-activations, for as many independent `g`, N(0, 1).
    pub(super) fn delta(self, activation: &Activation, z: &[f64], g: &[f64]) -> Vec<f64> {
        let (mut h, mut gate) = (vec![0.0; z.len()], vec![0.0; z.len()]);
        activation.phi_slice(z, &mut h);
        activation.derivative_slice(z, &mut gate);
        match self {
            Self::Independent => return g.to_vec(),
            Self::SoftmaxCrossEntropy => {
                let largest = h.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                h.iter_mut().for_each(|h| *h = libm::exp(*h - largest));
                let sum: f64 = h.iter().sum();
                h.iter_mut().for_each(|h| *h /= sum);
                let label = (cdf(g[0]) * h.len() as f64) as usize;
                h[label.min(z.len() - 1)] -= 1.0;
            }
            Self::MeanSquaredError { target_mean_square } => {
                let scale = sqrt(target_mean_square * g.len() as f64 / dot(g, g));
                h.iter_mut().zip(g).for_each(|(h, g)| *h -= scale * g);
            }
        }
        h.iter().zip(&gate).map(|(dl_dh, gate)| dl_dh * gate).collect()
    }

    /// delta . z / |delta| of `outputs` outputs, of which these stand for all.
    pub(super) fn along(self, activation: &Activation, outputs: usize, z: &[f64], g: &[f64]) -> f64 {
        let delta = self.delta(activation, z, g);
        let mut along = dot(&delta, z);
        if matches!(self, Self::MeanSquaredError { .. }) && outputs > z.len() {
            // The outputs' own part adds up over all of them, chance parts only as a root.
            let more = sqrt(outputs as f64 / z.len() as f64) - 1.0;
            let own = z.iter().map(|&z| activation.phi(z) * activation.derivative(z) * z);
            along += more * own.sum::<f64>();
        }
        along / sqrt(dot(&delta, &delta))
    }
}
