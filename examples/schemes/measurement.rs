//! What is measured of a scheme: its weights, and the gradient in a network that starts with it.

use std::error::Error;

use fanin::chain::{GradientChain, Moments, Verdict};
use fanin::nn::NnError;
use fanin::{Activation, Fan, Initializer, InitializerExt, LeCun, Loss, Network, Normal, Seed};

use crate::arguments::Arguments;
use crate::common;
use crate::schemes::Scheme;

const SAMPLES: usize = 32;
const OUTPUTS: usize = 10;
const NETWORKS: usize = 5;

/// What was measured of a scheme.
pub(crate) struct Measurement {
    /// The variance that is promised of a weight, by its distribution or, where it has none, by the formula of the whole tensor.
    pub(crate) promised: f64,
    /// The variance about the promised mean of all weights of one tensor.
    pub(crate) measured: f64,
    /// The factor on |delta|^2 of a sample on its way back through a layer: the geometric mean over hidden layers, samples and networks; `None` of
    /// what makes no dense layer, or lets no gradient through.
    pub(crate) rate: Option<f64>,
    /// What the chain of the first network says of itself.
    pub(crate) verdict: Option<Verdict>,
}

impl Measurement {
    pub(crate) fn of(scheme: &Scheme, arguments: &Arguments) -> Result<Self, Box<dyn Error>> {
        let seed = Seed::from(arguments.seed).child(scheme.name);
        let width = arguments.width as usize;
        let initializer = (scheme.initializer)(Fan::dense(width, width));
        let len = initializer.tensor_len().unwrap_or(1 << 20);
        let weights: Vec<f32> = (&*initializer).seed(seed).to_vec(usize::try_from(len)?);
        let law = initializer.law();
        let mean = law.map_or(0.0, |law| law.mean());
        let promised = law.map_or_else(|| (scheme.mean_square)(width as f64), |law| law.variance());
        let moments = Moments::from_slice(&weights);
        let about = |found: f64| (found - mean).powi(2);
        let measured = moments.variance().unwrap_or(f64::NAN) + moments.mean().map_or(f64::NAN, about);
        let (rate, verdict) = match &scheme.activation {
            None => (None, None),
            Some(activation) => {
                let chains = (0..NETWORKS)
                    .map(|i| chain(scheme, activation, arguments, seed.child(i)))
                    .collect::<Result<Vec<_>, _>>()?;
                let log10: Option<Vec<f64>> =
                    chains.iter().map(|chain| common::log10_delta(chain)?.first().copied()).collect();
                let steps = f64::from(arguments.depth - 1) * NETWORKS as f64;
                let rate = log10.map(|log10| 10_f64.powf(log10.iter().sum::<f64>() / steps));
                (rate, Some(chains[0].verdict()))
            }
        };
        Ok(Self { promised, measured, rate, verdict })
    }
}

/// The gradient chain of one network of the scheme.
fn chain(
    scheme: &Scheme,
    activation: &Activation,
    arguments: &Arguments,
    seed: Seed,
) -> Result<GradientChain, NnError> {
    let width = arguments.width as usize;
    let hidden =
        (0..arguments.depth).fold(Network::<f32>::new(width), |net, _| net.dense(width, activation.clone()));
    let mut net = hidden.init(&scheme.initializer, seed)?.dense(OUTPUTS, Activation::Identity);
    LeCun::normal(width).seed(seed.child("head")).fill(net.weight_mut(arguments.depth as usize));
    let batch: Vec<f32> = Normal::new(0.0, 1.0).seed(seed.child("batch")).to_vec(SAMPLES * width);
    let labels: Vec<usize> = (0..SAMPLES).map(|i| i % OUTPUTS).collect();
    net.gradient_chain(&batch, &labels, Loss::SoftmaxCrossEntropy)
}
