//! The forecast: theory alone, before anything is drawn.

use fanin::theory::{
    Band, CriticalPoint, FixedPoint, GatedLayer, Horizon, Inputs, JacobianMoments, MeanField, NetworkLaw,
    OutputDelta, Precision, Prediction, TheoryError, critical, gate_moments, jacobian_moments,
};
use fanin::{Activation, Normal};

use crate::arguments::{Arguments, OUTPUTS, SAMPLES};

/// Formats whose horizon is looked at.
pub(crate) const PRECISIONS: [Precision; 3] = [Precision::F32, Precision::BF16, Precision::F16];

/// Each part on its own: where one has no answer the others still do.
pub(crate) struct Forecast {
    pub(crate) law: NetworkLaw,
    pub(crate) prediction: Result<Prediction, TheoryError>,
    /// Root mean squares of z, layer by layer, as far as they stay in the range of `f64`.
    pub(crate) rms_z: Vec<f64>,
    /// For each hidden layer, what the width makes of the prediction.
    pub(crate) bands: Result<Vec<Band>, TheoryError>,
    pub(crate) cosines: Vec<Option<f64>>,
    pub(crate) horizons: Vec<Horizon>,
    /// Of the Jacobian from the inputs to the last hidden layer, for one sample; `None` if no gradient passes.
    pub(crate) jacobian: Result<Option<JacobianMoments>, TheoryError>,
    pub(crate) fixed_point: Result<FixedPoint, TheoryError>,
    pub(crate) critical: Result<CriticalPoint, TheoryError>,
}

impl Forecast {
    /// For these inputs, of which the first has this mean square.
    pub(crate) fn of(arguments: &Arguments, inputs: &Inputs, first: f64) -> Result<Self, TheoryError> {
        let (width, depth) = (arguments.width as usize, arguments.depth as usize);
        let activation = &arguments.activation;
        let mut widths = vec![width; depth + 1];
        widths.push(OUTPUTS);
        let bias = Normal::new(0.0, arguments.bias).law();
        let law_of = |layers: usize| {
            NetworkLaw::dense(&widths[..=layers], activation, |fan| arguments.init.law(fan))?.biases(|_| bias)
        };
        let law = law_of(depth + 1)?;
        let prediction = law.predict(inputs);
        let horizon = |precision| {
            // Softmax over outputs that are almost equal: p - y is 1/k k - 1 times, 1/k - 1 once.
            let k = OUTPUTS as f64;
            let output_delta = ((k - 1.0) / (k * k)).sqrt() / SAMPLES as f64;
            let prediction = prediction.as_ref().ok()?;
            Some(Horizon::from_prediction(prediction, inputs, precision, output_delta, SAMPLES))
        };
        let reach = (1..=depth + 1).rev().find_map(|layers| law_of(layers).ok()?.predict(inputs).ok());
        let layers = reach.iter().flat_map(Prediction::layers);
        Ok(Self {
            horizons: PRECISIONS.into_iter().filter_map(horizon).collect(),
            rms_z: layers.map(|layer| layer.q().sqrt()).collect(),
            bands: law
                .clone()
                .output_delta(OutputDelta::SoftmaxCrossEntropy)
                .and_then(|law| law.bands(inputs)),
            cosines: law.cosines(inputs).unwrap_or_default(),
            jacobian: jacobian(&law, activation, width, first),
            fixed_point: fixed_point(arguments, inputs),
            critical: critical(activation),
            prediction,
            law,
        })
    }

    /// log10 of the mean-square delta over that of the last hidden layer, at infinite width; empty without a
    /// prediction, NaN where no gradient is left.
    pub(crate) fn log10_delta(&self) -> Vec<f64> {
        let Ok(prediction) = &self.prediction else { return Vec::new() };
        let hidden = prediction.layers().len() - 1;
        let ln = |l: usize| prediction.ln_delta(l).unwrap_or(f64::NAN);
        (0..hidden).map(|l| (ln(l) - ln(hidden - 1)) / std::f64::consts::LN_10).collect()
    }
}

fn jacobian(
    law: &NetworkLaw,
    activation: &Activation,
    width: usize,
    first: f64,
) -> Result<Option<JacobianMoments>, TheoryError> {
    let of_first = law.predict(&Inputs::alike(first, 0.0)?)?;
    let hidden = law.layers().len() - 1;
    let layers = of_first.layers()[..hidden].iter().zip(law.layers()).map(|(layer, law)| {
        let variance = law.weight().variance();
        Ok(GatedLayer { width, variance, gates: gate_moments(activation, layer.q())? })
    });
    Ok(jacobian_moments(width, &layers.collect::<Result<Vec<_>, TheoryError>>()?))
}

fn fixed_point(arguments: &Arguments, inputs: &Inputs) -> Result<FixedPoint, TheoryError> {
    let (weight_variance, bias_variance) = (arguments.weight_variance(), arguments.bias * arguments.bias);
    let field = MeanField::new(arguments.activation.clone(), weight_variance, bias_variance)?;
    field.fixed_point_from(weight_variance * inputs.mean_square() + bias_variance)
}
