//! What one network shows.

use fanin::chain::Verdict;
use fanin::nn::{NnError, Spectrum, Tape};
use fanin::{Activation, Initializer, Loss, Network, Normal, Seed};
use ndarray::{Array2, ArrayView1};

use crate::arguments::Arguments;

/// Samples in the batch.
const SAMPLES: usize = 32;
const OUTPUTS: usize = 10;

/// All numbers but the verdict are those of the first sample: theory speaks of one input, and where
/// lengths are unstable samples part.
pub(crate) struct Measurement {
    pub(crate) verdict: Verdict,
    /// Mean square of the sample.
    pub(crate) input: f64,
    /// Mean square of the pre-activations of each hidden layer.
    pub(crate) q: Vec<f64>,
    /// ln of the mean-square delta over that of the last hidden layer; not finite where there is none.
    pub(crate) ln_delta: Vec<f64>,
    /// Of the Jacobian from the inputs to the last hidden layer.
    pub(crate) spectrum: Spectrum,
}

impl Measurement {
    pub(crate) fn of(arguments: &Arguments) -> Result<Self, NnError> {
        let width = arguments.width as usize;
        let seed = Seed::from(arguments.seed);
        let noise = |name: &str, columns: usize| {
            let mut noise = Array2::<f64>::zeros((SAMPLES, columns));
            Normal::new(0.0, 1.0).seed(seed.child(name)).fill(&mut noise);
            noise
        };
        let (batch, targets) = (noise("batch", width), noise("targets", OUTPUTS));
        let hidden = (0..arguments.depth)
            .fold(Network::<f64>::new(width), |net, _| net.dense(width, arguments.activation.clone()));
        let draw = |network: Network<f64>| {
            let network = network.init(|fan| arguments.init.normal(fan), seed)?;
            network.init_bias(|_| Normal::new(0.0, arguments.bias), seed)
        };
        let whole = draw(hidden.clone().dense(OUTPUTS, Activation::Identity))?;
        let mut tape = Tape::new();
        whole.backward(&batch, &targets, Loss::MeanSquaredError, &mut tape)?;
        let mean_square = |row: ArrayView1<'_, f64>| row.dot(&row) / row.len() as f64;
        let hidden_layers = &tape.layers()[..arguments.depth as usize];
        let q = hidden_layers.iter().map(|layer| mean_square(layer.z().row(0))).collect();
        let chain = whole.chain_of(&tape)?;
        let ln: Vec<f64> = chain.hidden_layers().iter().map(|layer| layer.ln_delta_norms()[0]).collect();
        let ln_delta = ln.iter().map(|ln_of_layer| ln_of_layer - ln[ln.len() - 1]).collect();
        // The same weights: a layer's stream does not depend on what comes after it.
        let spectrum = draw(hidden)?.jacobian_spectrum(&batch.row(0))?;
        let input = mean_square(batch.row(0));
        Ok(Self { verdict: chain.verdict(), input, q, ln_delta, spectrum })
    }
}
