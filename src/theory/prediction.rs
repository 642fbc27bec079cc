//! `Prediction`: the chain that a network should have, worked out from its specification.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::f64::consts::LN_10;
use core::fmt;

use super::{Inputs, LayerLaw, NetworkLaw, TheoryError};
use crate::chain::{Column, Table, given, number};
use crate::scalar::sqrt;

/// What mean-field theory predicts for every layer of a network on its way forward and back.
///
/// ```text
/// q_l = fan_in_l Var[W_l] E phi_{l-1}(sqrt(q_{l-1}) g)^2 + Var[b_l]         forward, E z^2
/// E delta_l^2 = fan_out_{l+1} Var[W_{l+1}] E phi_l'(sqrt(q_l) g)^2 E delta_{l+1}^2     back
/// ```
///
/// with g ~ N(0, 1) ([He et al. 2015](https://arxiv.org/abs/1502.01852), eq. 7 and 13; [Poole et al. 2016](https://arxiv.org/abs/1606.05340), eq. 3; [Schoenholz et al. 2017](https://arxiv.org/abs/1611.01232),
/// eq. 18). It is the limit of wide layers; what a finite width adds is the
/// [`Band`](super::Band)'s affair.
///
/// Each sample starts at its own mean square, and what is averaged over samples are the logs of the
/// factors: where the length map is unstable (GELU at its forward gain), samples that start above
/// and below part, and their mean length is no one's.
///
/// Printed with `{}` it is a table.
///
/// ```
/// use fanin::theory::{Inputs, NetworkLaw};
/// use fanin::{Activation, Xavier};
///
/// // Xavier under ReLU: half of the gradient's mean square is lost in each layer.
/// let widths = [100; 32];
/// let law = NetworkLaw::dense(&widths, &Activation::Relu, |fan| Xavier::normal(fan).law())?;
/// let chain = law.predict(&Inputs::alike(1.0, 0.0)?)?;
/// assert!((chain.layers()[0].weight().unwrap() - 1.0).abs() < 1e-12);
/// assert!((chain.layers()[0].gate() - 0.5).abs() < 1e-12);
/// assert!((chain.log10_ratio().unwrap() + 29.0 * 2.0_f64.log10()).abs() < 1e-12);
/// # Ok::<(), fanin::theory::TheoryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    layers: Vec<PredictedLayer>,
}

/// One layer of a [`Prediction`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PredictedLayer {
    width: Option<usize>,
    q: f64,
    mean_square: f64,
    ln_gate: f64,
    /// phi'(0)^2: what the gates let through where z is rounded to 0.
    gate_at_zero: f64,
    above: Option<Above>,
}

/// What the weights of the next layer do to what comes back.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Above {
    /// ln fan_in Var\[W\]: to the sum of squares.
    ln_weight: f64,
    /// ln fan_out Var\[W\]: to the mean square.
    ln_mean_square: f64,
}

impl NetworkLaw {
    /// The chain that a network of this specification should have on these inputs.
    ///
    /// # Errors
    /// [`TheoryError::NoExpectation`] where an activation's integral is not a finite number, as that of an
    /// activation that returns NaN. An E z^2 that leaves the range of `f64` is infinite, and no error: what the gates do
    /// is known there, too.
    pub fn predict(&self, inputs: &Inputs) -> Result<Prediction, TheoryError> {
        let mut layers: Vec<PredictedLayer> = (0..self.layers().len())
            .map(|l| PredictedLayer {
                width: self.layers()[l].width(),
                q: 0.0,
                mean_square: 0.0,
                ln_gate: 0.0,
                gate_at_zero: libm::pow(self.layers()[l].activation().derivative(0.0), 2.0),
                above: self.layers().get(l + 1).map(Above::from_law),
            })
            .collect();
        for &(input, share) in &inputs.lengths {
            let mut mean_square = input;
            for (law, layer) in self.layers().iter().zip(&mut layers) {
                let q = law.length(mean_square);
                mean_square = law.known_or_infinite(q)?;
                let at = q.min(LARGEST);
                let gate = law.known(law.activation().derivative_mean_square(at), "E phi'^2", q)?;
                layer.q += share * q;
                layer.mean_square += share * mean_square;
                layer.ln_gate += share * libm::log(gate);
            }
        }
        Ok(Prediction { layers })
    }
}

/// E z^2 beyond which an activation is what it tends to: expectations are taken here.
const LARGEST: f64 = 1e300;

impl LayerLaw {
    /// E phi^2: infinite where E z^2 is beyond the range of `f64` and phi grows with z.
    pub(super) fn known_or_infinite(&self, q: f64) -> Result<f64, TheoryError> {
        let at = |q: f64| self.known(self.activation().mean_square(q), "E phi^2", q);
        if q <= LARGEST || q.is_nan() {
            return at(q);
        }
        let (mean_square, nearer) = (at(LARGEST)?, at(0.1 * LARGEST)?);
        Ok(if mean_square > 2.0 * nearer { f64::INFINITY } else { mean_square })
    }
}

impl Above {
    fn from_law(law: &LayerLaw) -> Self {
        Self {
            ln_weight: libm::log(law.weight_factor()),
            ln_mean_square: libm::log(law.backward_weight_factor()),
        }
    }
}

impl Prediction {
    /// The layers in forward order, the output layer last.
    #[must_use]
    pub fn layers(&self) -> &[PredictedLayer] {
        &self.layers
    }

    /// ln of the mean-square delta of a layer over that of the output layer, which the loss sets.
    /// Layers count from 0; `None` if there is no such layer.
    #[must_use]
    pub fn ln_delta(&self, layer: usize) -> Option<f64> {
        self.ln_delta_between(layer, self.layers.len() - 1)
    }

    /// log10 of the mean-square delta of the first over that of the last hidden layer, as
    /// [`GradientChain::log10_ratio`](crate::chain::GradientChain::log10_ratio) measures it. `None` without hidden
    /// layers.
    #[must_use]
    pub fn log10_ratio(&self) -> Option<f64> {
        let last = self.layers.len().checked_sub(2)?;
        Some(self.ln_delta_between(0, last)? / LN_10)
    }

    /// What one layer does to the mean-square delta, in the geometric mean over the steps between
    /// hidden layers. `None` with fewer than two hidden layers.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        let steps = self.layers.len().checked_sub(2).filter(|&steps| steps > 0)?;
        Some(libm::exp(self.log10_ratio()? * LN_10 / steps as f64))
    }

    /// ln of the mean-square delta of one layer over that of another above it.
    pub(crate) fn ln_delta_between(&self, lower: usize, upper: usize) -> Option<f64> {
        let steps = self.layers.get(lower..upper)?;
        steps.iter().map(|layer| Some(layer.above?.ln_mean_square + layer.ln_gate)).sum()
    }
}

/// With two decimals, and no -0.00.
pub(super) fn fixed(value: f64) -> String {
    alloc::format!("{:.2}", libm::round(100.0 * value) / 100.0 + 0.0)
}

impl PredictedLayer {
    /// The number of units of a dense layer.
    #[must_use]
    pub const fn width(&self) -> Option<usize> {
        self.width
    }

    /// E z^2, the mean over the samples.
    #[must_use]
    pub const fn q(&self) -> f64 {
        self.q
    }

    /// E h^2, the mean over the samples.
    #[must_use]
    pub const fn mean_square(&self) -> f64 {
        self.mean_square
    }

    /// fan_in Var\[W\] of the next layer: what its weights multiply the sum of squares of delta by, the
    /// [`weight`](crate::chain::BackwardFactor::weight) factor of the step back to this layer. `None`
    /// for the output layer.
    #[must_use]
    pub fn weight(&self) -> Option<f64> {
        self.ln_weight().map(libm::exp)
    }

    /// Natural logarithm of [`weight`](PredictedLayer::weight).
    #[must_use]
    pub fn ln_weight(&self) -> Option<f64> {
        self.above.map(|above| above.ln_weight)
    }

    /// E phi'(z)^2, the geometric mean over the samples: what the
    /// [`gate`](crate::chain::BackwardFactor::gate) factor of the step back to this layer should be.
    #[must_use]
    pub fn gate(&self) -> f64 {
        libm::exp(self.ln_gate)
    }

    /// phi'(0)^2.
    pub(super) const fn gate_at_zero(&self) -> f64 {
        self.gate_at_zero
    }

    /// Natural logarithm of [`gate`](PredictedLayer::gate).
    #[must_use]
    pub const fn ln_gate(&self) -> f64 {
        self.ln_gate
    }
}

/// One row per layer: root mean squares of z and h, the weight and the gate factor of the step back
/// to it, and log10 of rms delta over the output layer's.
impl fmt::Display for Prediction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(
            [
                Column::right("#", 3),
                Column::right("width", 5),
                Column::right("rms z", 7),
                Column::right("rms h", 7),
                Column::right("weight", 6),
                Column::right("gate", 6),
                Column::right("log10 delta", 11),
            ]
            .into(),
        );
        for (i, layer) in self.layers.iter().enumerate() {
            table.row([
                (i + 1).to_string(),
                given(layer.width, |width| width.to_string()),
                number(sqrt(layer.q)),
                number(sqrt(layer.mean_square)),
                given(layer.weight(), number),
                given(layer.above, |_| number(layer.gate())),
                fixed(0.5 * self.ln_delta(i).unwrap_or(f64::NAN) / LN_10),
            ]);
        }
        write!(f, "{table}")?;
        let (Some(decades), Some(rate)) = (self.log10_ratio(), self.rate()) else { return Ok(()) };
        f.write_str("\nmean-square delta, first over last hidden layer: ")?;
        if decades == f64::NEG_INFINITY {
            return f.write_str("0, nothing comes back");
        }
        write!(f, "10^{}, {} a layer", fixed(decades), number(rate))
    }
}
