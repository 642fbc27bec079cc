//! The layers of a network in a row, and what one backward step multiplies the gradient by.

use alloc::vec::Vec;

use super::{ChainError, Layer, Thresholds, Verdict};

/// The gradient chain of a network: the deltas of its layers from the loss back to the input,
/// measured on one batch.
///
/// Layers stand in forward order; the last one is the output layer, all others are hidden.
/// [`log10_ratio`](GradientChain::log10_ratio) and [`rate`](GradientChain::rate) speak of the hidden layers alone, since the output layer's delta
/// is set by the loss; [`factors`](GradientChain::factors) holds every step. Printed with `{}` it
/// is a table with a verdict.
///
/// A sample is *live* if its squared norms of delta (and of dL/dh, where given) are finite and
/// above 0 in every layer. Only live samples enter the split of the factors, the same ones in each
/// layer, so that the logs add up; [`live_samples`](GradientChain::live_samples) tells how many.
/// The mean squares take every sample in.
///
/// ```
/// use fanin::chain::{GradientChain, Layer, Verdict};
///
/// // Three layers of two units, one sample: each step back halves the gradient.
/// let chain = GradientChain::from_layers([
///     Layer::new("fc1", 2, &[0.25_f32, -0.25]),
///     Layer::new("fc2", 2, &[0.5_f32, 0.5]),
///     Layer::new("out", 2, &[1.0_f32, -1.0]),
/// ])?;
/// assert_eq!(chain.factors()[0].mean_square(), 0.25); // delta 1/2, its square 1/4
/// assert!((chain.log10_ratio().unwrap() - 0.25_f64.log10()).abs() < 1e-15); // fc1 over fc2
/// assert_eq!(chain.verdict(), Verdict::Healthy);
/// # Ok::<(), fanin::chain::ChainError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GradientChain {
    layers: Vec<Layer>,
    factors: Vec<BackwardFactor>,
    live_samples: usize,
}

impl GradientChain {
    /// The chain of these layers, given in forward order, the output layer last.
    ///
    /// # Errors
    /// No layers, a width of 0, an empty batch, lengths or numbers of samples that do not fit
    /// together.
    pub fn from_layers(layers: impl IntoIterator<Item = Layer>) -> Result<Self, ChainError> {
        let layers: Vec<Layer> = layers.into_iter().collect();
        let expected = layers.first().ok_or(ChainError::NoLayers)?.samples();
        for (i, layer) in layers.iter().enumerate() {
            layer.check(i)?;
            let samples = layer.samples();
            if samples != expected {
                return Err(ChainError::Samples { layer: i, samples, expected });
            }
        }
        let live: Vec<usize> = (0..expected).filter(|&sample| is_live(&layers, sample)).collect();
        let factors =
            layers.windows(2).map(|pair| BackwardFactor::between(&pair[0], &pair[1], &live)).collect();
        Ok(Self { layers, factors, live_samples: live.len() })
    }

    /// The layers, in forward order.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// All layers but the last.
    #[must_use]
    pub fn hidden_layers(&self) -> &[Layer] {
        &self.layers[..self.layers.len() - 1]
    }

    /// The steps back: `factors()[l]` leads from layer `l + 1` to layer `l`. One fewer than layers.
    #[must_use]
    pub fn factors(&self) -> &[BackwardFactor] {
        &self.factors
    }

    /// The steps between hidden layers.
    pub(crate) fn hidden_factors(&self) -> &[BackwardFactor] {
        &self.factors[..self.factors.len().saturating_sub(1)]
    }

    /// How many samples the batch has.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.layers[0].samples()
    }

    /// How many samples carry a finite gradient above 0 through every layer.
    #[must_use]
    pub const fn live_samples(&self) -> usize {
        self.live_samples
    }

    /// log10 of the mean-square delta of the first over that of the last hidden layer, which is the product of
    /// the backward factors between hidden layers: the decades that the gradient changes by. NaN if a delta is not
    /// finite, `None` without hidden layers. Compare means of this over seeds, never of the ratio itself, which is
    /// log-normal.
    #[must_use]
    pub fn log10_ratio(&self) -> Option<f64> {
        Some(self.ln_product()? / core::f64::consts::LN_10)
    }

    /// The geometric mean of the backward factors between hidden layers: what one layer does.
    /// `None` with fewer than two hidden layers.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        let steps = self.hidden_factors().len();
        if steps == 0 {
            return None;
        }
        Some(libm::exp(self.ln_product()? / steps as f64))
    }

    fn ln_product(&self) -> Option<f64> {
        let hidden = self.hidden_layers();
        Some(ln_mean_square_ratio(hidden.first()?, hidden.last()?))
    }

    /// What the chain does to the gradient, by the default [`Thresholds`].
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict_by(&Thresholds::default())
    }
}

/// What one step back, from layer l + 1 to layer l, multiplies the gradient by.
///
/// ```
/// use fanin::chain::{GradientChain, Layer};
///
/// // W^T delta doubles the gradient of each sample, ReLU's gate closes one unit of two.
/// let chain = GradientChain::from_layers([
///     Layer::new("fc1", 2, &[2.0, 0.0]).with_dl_dh(&[2.0, 2.0]),
///     Layer::new("out", 2, &[1.0, 1.0]),
/// ])?;
/// let factor = &chain.factors()[0];
/// let near = |value: f64, expected: f64| (value / expected - 1.0).abs() < 1e-14;
/// assert!(near(factor.mean_square(), 2.0));
/// assert!(near(factor.weight().unwrap(), 4.0));
/// assert!(near(factor.gate().unwrap(), 0.5));
/// # Ok::<(), fanin::chain::ChainError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BackwardFactor {
    ln_mean_square: f64,
    ln_norm: Option<f64>,
    split: Option<(f64, f64)>,
}

impl BackwardFactor {
    fn between(lower: &Layer, upper: &Layer, live: &[usize]) -> Self {
        let mean_ln_ratio = |over: &[f64], under: &[f64]| {
            let sum: f64 = live.iter().map(|&sample| over[sample] - under[sample]).sum();
            sum / live.len() as f64
        };
        let (delta, above) = (lower.ln_delta_norms(), upper.ln_delta_norms());
        let some_live = !live.is_empty();
        let dl_dh = lower.ln_dl_dh_norms().filter(|_| some_live);
        Self {
            ln_mean_square: ln_mean_square_ratio(lower, upper),
            ln_norm: some_live.then(|| mean_ln_ratio(delta, above)),
            split: dl_dh.map(|dl_dh| (mean_ln_ratio(dl_dh, above), mean_ln_ratio(delta, dl_dh))),
        }
    }

    /// Mean-square delta of layer l over that of layer l + 1, all samples together. NaN where a
    /// delta is not finite or both mean squares are 0.
    #[must_use]
    pub fn mean_square(&self) -> f64 {
        libm::exp(self.ln_mean_square)
    }

    /// Natural logarithm of [`mean_square`](BackwardFactor::mean_square).
    #[must_use]
    pub const fn ln_mean_square(&self) -> f64 {
        self.ln_mean_square
    }

    /// Mean over live samples of ln(|delta_l|^2 / |delta_{l+1}|^2): sums over units, so a change of
    /// width counts. `None` if no sample is live.
    #[must_use]
    pub const fn ln_norm(&self) -> Option<f64> {
        self.ln_norm
    }

    /// Mean over live samples of ln w, w = |W^T delta_{l+1}|^2 / |delta_{l+1}|^2: what the weights
    /// do. For independent weights w is n_l Var\[W\] on average, n_l the width of layer l: 2 under
    /// He, 1 under LeCun. `None` if dL/dh was not given or no sample is live.
    #[must_use]
    pub fn ln_weight(&self) -> Option<f64> {
        self.split.map(|(weight, _)| weight)
    }

    /// Mean over live samples of ln g, g = |phi'(z) * W^T delta_{l+1}|^2 / |W^T delta_{l+1}|^2:
    /// what the gates let through. 1 for the identity, about 1/2 for ReLU. Exactly
    /// `ln_weight + ln_gate = ln_norm`, but for rounding.
    #[must_use]
    pub fn ln_gate(&self) -> Option<f64> {
        self.split.map(|(_, gate)| gate)
    }

    /// Geometric mean of the weight factor w over live samples.
    #[must_use]
    pub fn weight(&self) -> Option<f64> {
        self.ln_weight().map(libm::exp)
    }

    /// Geometric mean of the gate factor g over live samples.
    #[must_use]
    pub fn gate(&self) -> Option<f64> {
        self.ln_gate().map(libm::exp)
    }
}

fn is_live(layers: &[Layer], sample: usize) -> bool {
    layers.iter().all(|layer| {
        layer.ln_delta_norms()[sample].is_finite()
            && layer.ln_dl_dh_norms().is_none_or(|norms| norms[sample].is_finite())
    })
}

/// ln of the ratio of mean-square deltas; NaN as soon as a delta is not finite.
pub(crate) fn ln_mean_square_ratio(over: &Layer, under: &Layer) -> f64 {
    let ln = |layer: &Layer| match layer.delta() {
        delta if delta.non_finite() > 0 => f64::NAN,
        delta => delta.ln_mean_square().unwrap_or(f64::NAN),
    };
    ln(over) - ln(under)
}
