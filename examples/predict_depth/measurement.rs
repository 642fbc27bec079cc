//! The measurement of one network.

use fanin::chain::GradientChain;
use fanin::nn::{NnError, Spectrum};
use fanin::{Activation, InitializerExt, Loss, Network, Normal, Seed};

use crate::arguments::{Arguments, OUTPUTS, SAMPLES};
use crate::common;

pub(crate) struct Measurement {
    pub(crate) batch: Vec<f64>,
    pub(crate) chain: GradientChain,
    /// Of the Jacobian from the inputs to the last hidden layer, at the first sample;
    /// `None` where it leaves the range of `f64`.
    pub(crate) spectrum: Option<Spectrum>,
}

impl Measurement {
    /// Of one network, in `f64`, so that nothing is lost; on noise and labels that have nothing to do with it.
    pub(crate) fn of(arguments: &Arguments) -> Result<Self, NnError> {
        let width = arguments.width as usize;
        let seed = Seed::from(arguments.seed);
        let mut batch = vec![0.0; SAMPLES * width];
        Normal::new(0.0, 1.0).seed(seed.child("batch")).fill(&mut batch);
        let labels: Vec<usize> = (0..SAMPLES).map(|sample| sample % OUTPUTS).collect();
        let hidden = (0..arguments.depth)
            .fold(Network::<f64>::new(width), |net, _| net.dense(width, arguments.activation.clone()));
        let draw = |network: Network<f64>| {
            let network = network.init(|fan| arguments.init.normal(fan), seed)?;
            network.init_bias(|_| Normal::new(0.0, arguments.bias), seed)
        };
        let whole = draw(hidden.clone().dense(OUTPUTS, Activation::Identity))?;
        let chain = whole.gradient_chain(&batch, &labels, Loss::SoftmaxCrossEntropy)?;
        // The same weights: a layer's stream does not depend on what comes after it.
        let spectrum = match draw(hidden)?.jacobian_spectrum(&batch[..width]) {
            Err(NnError::JacobianNotFinite { .. }) => None,
            spectrum => Some(spectrum?),
        };
        Ok(Self { batch, chain, spectrum })
    }

    /// Mean square of the first sample.
    pub(crate) fn first(&self) -> f64 {
        let row = &self.batch[..self.batch.len() / SAMPLES];
        row.iter().map(|x| x * x).sum::<f64>() / row.len() as f64
    }

    /// [`common::log10_delta`] of this network.
    pub(crate) fn log10_delta(&self) -> Option<Vec<f64>> {
        common::log10_delta(&self.chain)
    }
}
