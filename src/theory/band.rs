//! `Band`: where the chain of one draw of the weights should lie.

use alloc::vec;
use alloc::vec::Vec;
use core::f64::consts::LN_10;
use core::fmt;

use super::{Fluctuation, Inputs, LayerLaw, NetworkLaw, TheoryError};
use crate::init::{Initializer, Law, Normal};
use crate::scalar::sqrt;
use crate::seed::Seed;

/// Draws of the Monte Carlo band. Its standard deviation is then known to 1 / sqrt(2 x 400) = 3.5 %, its
/// mean to a twentieth of that deviation.
const REPLICATES: usize = 400;

/// Mean and standard deviation, over draws of the weights, of ln(|delta_1|^2 / |delta_d|^2): the sum over
/// the steps between hidden layers of [`ln_norm`](crate::chain::BackwardFactor::ln_norm), for one sample.
///
/// The samples of a batch share the weights, and deep down the chain they share most of their chance variation. So
/// the band for the mean over a batch is this one: exact where the samples have become one, wider than
/// need be where they have not.
///
/// The output layer's delta is taken to be independent of the outputs, as a cross-entropy's is on labels
/// that the network has not learnt, as long as the outputs are small; with outputs of size 1 the mean
/// shifts by about a sixth of the standard deviation (He-started ReLU, 8 layers of 30).
///
/// ```
/// use fanin::theory::{BandSource, Inputs, NetworkLaw};
/// use fanin::{Activation, He};
///
/// let law = NetworkLaw::dense(&[100; 52], &Activation::Relu, |fan| He::normal(fan).law())?;
/// let band = law.band(&Inputs::alike(1.0, 0.0)?)?;
/// assert_eq!(band.source, BandSource::Exact);
/// // He keeps the mean square, yet a typical draw loses half a decade, give or take 0.7.
/// assert!((band.decades().0 + 0.54).abs() < 0.01 && (band.decades().1 - 0.69).abs() < 0.01);
/// # Ok::<(), fanin::theory::TheoryError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Band {
    /// The mean of the natural logarithm.
    pub mean: f64,
    /// Its standard deviation; 0 where there is no step between hidden layers.
    pub std_dev: f64,
    /// Its skewness: negative where the left tail is the longer one.
    pub skewness: f64,
    /// How they were found.
    pub source: BandSource,
}

/// How a [`Band`] was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BandSource {
    /// The distribution of (leaky) ReLU and linear layers with normal weights, exact at every width: sums of
    /// [`Fluctuation`].
    Exact,
    /// The same for weights that are not normal: their kurtosis changes it in the second order of
    /// 1 / width.
    NormalWeights,
    /// This many draws of the chain of one sample, with normal weights, whatever the activation: the
    /// pre-activations given what feeds them are drawn in place of the weights, which is the same in
    /// distribution and costs only widths. The seed is fixed.
    MonteCarlo {
        /// How many draws carried a gradient through every layer: those that count.
        draws: usize,
    },
}

/// In words, as part of a sentence.
impl fmt::Display for BandSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact => f.write_str("exact"),
            Self::NormalWeights => f.write_str("exact for normal weights"),
            Self::MonteCarlo { draws } => write!(f, "from {draws} simulated chains"),
        }
    }
}

/// `10^-0.54 +- 0.69 (exact)`.
impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mean, std_dev) = self.decades();
        write!(f, "10^{mean:.2} +- {std_dev:.2} ({})", self.source)
    }
}

impl Band {
    /// Mean and standard deviation of log10.
    #[must_use]
    pub fn decades(&self) -> (f64, f64) {
        (self.mean / LN_10, self.std_dev / LN_10)
    }

    /// (ln - mean) / standard deviation; NaN for NaN, and where there is no step to judge.
    #[must_use]
    pub fn z(&self, ln: f64) -> f64 {
        if self.std_dev > 0.0 { (ln - self.mean) / self.std_dev } else { f64::NAN }
    }
}

impl NetworkLaw {
    /// Where the chain of one draw of the weights should lie: that of the first hidden layer, of the
    /// [bands](NetworkLaw::bands).
    ///
    /// # Errors
    /// As [`bands`](NetworkLaw::bands).
    pub fn band(&self, inputs: &Inputs) -> Result<Band, TheoryError> {
        let nothing = Band { mean: 0.0, std_dev: 0.0, skewness: 0.0, source: BandSource::Exact };
        Ok(self.bands(inputs)?.first().copied().unwrap_or(nothing))
    }

    /// Where ln(|delta_l|^2 / |delta_d|^2) of one draw of the weights should lie for each hidden layer
    /// l; d is the last of them.
    ///
    /// Exact where every gate below the last hidden layer is that of a linear or (leaky) ReLU layer;
    /// else simulated, each draw with another one of the inputs.
    ///
    /// # Errors
    /// As [`predict`](NetworkLaw::predict); [`TheoryError::NotDense`] for a convolution, whose units
    /// share their weights; [`TheoryError::NoExpectation`] also where not one simulated gradient in two
    /// is finite and above 0.
    pub fn bands(&self, inputs: &Inputs) -> Result<Vec<Band>, TheoryError> {
        self.predict(inputs)?;
        let widths = self.widths()?;
        let Some((_, gated)) = self.hidden_layers().split_last() else { return Ok(Vec::new()) };
        let slopes: Option<Vec<f64>> =
            gated.iter().map(|layer| layer.activation().negative_slope()).collect();
        let Some(slopes) = slopes else { return self.simulated(inputs, &widths) };
        let above = &self.layers()[1..=gated.len()];
        let normal = above.iter().all(|layer| matches!(layer.weight(), Law::Normal { .. }));
        let source = if normal { BandSource::Exact } else { BandSource::NormalWeights };
        let (mut mean, mut variance, mut third) = (0.0, 0.0, 0.0);
        let mut bands = vec![Band { mean, std_dev: 0.0, skewness: 0.0, source }];
        for ((&slope, &width), above) in slopes.iter().zip(&widths).zip(above).rev() {
            let chance = Fluctuation::leaky_relu(width, slope)?;
            mean += libm::log(0.5 * (1.0 + slope * slope) * above.weight_factor()) + chance.mean;
            variance += chance.variance;
            third += chance.third;
            let std_dev = sqrt(variance);
            bands.push(Band { mean, std_dev, skewness: third / (variance * std_dev), source });
        }
        bands.reverse();
        Ok(bands)
    }

    fn simulated(&self, inputs: &Inputs, widths: &[usize]) -> Result<Vec<Band>, TheoryError> {
        let seed = Seed::from(0).child("fanin::theory::Band");
        let lengths = &inputs.lengths;
        let mut draws: Vec<Vec<f64>> = Vec::with_capacity(REPLICATES);
        for replicate in 0..REPLICATES {
            let (input, _) = lengths[replicate % lengths.len()];
            let chain = self.simulated_chain(input, widths, seed.child(replicate))?;
            draws.extend(chain.iter().all(|ln| ln.is_finite()).then_some(chain));
        }
        if 2 * draws.len() < REPLICATES {
            let first = &self.layers()[0];
            let q = first.length(inputs.mean_square());
            first.known(f64::NAN, "ln |delta|^2", q)?;
        }
        let count = draws.len() as f64;
        let source = BandSource::MonteCarlo { draws: draws.len() };
        Ok((0..self.hidden_layers().len())
            .map(|l| {
                let mean = draws.iter().map(|chain| chain[l]).sum::<f64>() / count;
                let power = |n| draws.iter().map(|chain| libm::pow(chain[l] - mean, n)).sum::<f64>();
                let std_dev = sqrt(power(2.0) / (count - 1.0));
                let third = power(3.0) / count;
                let skewness = if std_dev > 0.0 { third / (std_dev * std_dev * std_dev) } else { 0.0 };
                Band { mean, std_dev, skewness, source }
            })
            .collect())
    }

    /// ln(|delta_l|^2 / |delta_d|^2) of the hidden layers of one draw.
    fn simulated_chain(&self, input: f64, widths: &[usize], seed: Seed) -> Result<Vec<f64>, TheoryError> {
        let normal = |name: &str, layer: usize| {
            let mut g = vec![0.0_f64; widths[layer]];
            let filled = Normal::new(0.0, 1.0).fill_shard(seed.child(name).child(layer), 0, &mut g);
            filled.map_err(|error| TheoryError::Layer { layer, error }).map(|()| g)
        };
        let outputs = widths.len() - 1;
        let mut forward: Vec<Forward> = Vec::with_capacity(outputs + 1);
        let mut square = input * self.layers()[0].fan().fan_in() as f64;
        for (l, layer) in self.layers().iter().enumerate() {
            let variance = layer.weight().variance() * square + layer.bias_variance();
            let mut z = normal("z", l)?;
            z.iter_mut().for_each(|z| *z *= sqrt(variance));
            let mut h = vec![0.0; z.len()];
            layer.activation().phi_slice(&z, &mut h);
            square = dot(&h, &h);
            forward.push(Forward { z, h, square, variance });
        }
        let mut delta = normal("delta", outputs)?;
        let (mut ln, mut chain) = (0.0, vec![0.0; outputs]);
        for l in (0..outputs).rev() {
            let (layer, above) = (&self.layers()[l], &self.layers()[l + 1]);
            delta = back(layer, above, &forward[l], &forward[l + 1], &delta, normal("dl_dh", l)?);
            // Only ratios count, and these neither underflow nor overflow.
            let square = dot(&delta, &delta);
            let norm = sqrt(square);
            delta.iter_mut().for_each(|delta| *delta /= norm);
            if l + 1 < outputs {
                ln += libm::log(square);
                chain[l] = ln;
            }
        }
        Ok(chain)
    }
}

/// What the way forward leaves of one layer.
struct Forward {
    z: Vec<f64>,
    h: Vec<f64>,
    /// |h|^2.
    square: f64,
    /// Var z given the layer below.
    variance: f64,
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// delta of a layer from what comes back to it from the layer `above`, for weights given that
/// W h + b = z: along h, W^T delta is what z says, across it is normal, of standard deviation
/// |delta| std(W).
fn back(
    layer: &LayerLaw,
    above: &LayerLaw,
    here: &Forward,
    next: &Forward,
    delta: &[f64],
    g: Vec<f64>,
) -> Vec<f64> {
    let weight = above.weight().variance();
    // With biases, z tells less than all of W along h.
    let told = if next.variance > 0.0 { weight * here.square / next.variance } else { 0.0 };
    let (pinned, withheld) = if here.square > 0.0 {
        let withheld = 1.0 - sqrt((1.0 - told).max(0.0));
        (told * dot(delta, &next.z) / here.square, withheld * dot(&g, &here.h) / here.square)
    } else {
        (0.0, 0.0)
    };
    let scale = sqrt(weight * dot(delta, delta));
    let mut gate = vec![0.0; g.len()];
    layer.activation().derivative_slice(&here.z, &mut gate);
    let dl_dh = here.h.iter().zip(g).map(|(h, g)| pinned * h + scale * (g - withheld * h));
    dl_dh.zip(gate).map(|(dl_dh, gate)| dl_dh * gate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::Activation;

    /// Where the distribution is known, simulation finds it: mean and spread within 5 of their standard errors.
    #[test]
    fn simulated_is_exact_where_exact_is_known() {
        let inputs = Inputs::alike(1.0, 0.0).unwrap();
        for (activation, gain, bias) in [
            (Activation::Relu, 2.0, 0.0),
            (Activation::Relu, 0.5, 0.3),
            (Activation::LeakyRelu { negative_slope: 0.4 }, 1.7, 0.0),
            (Activation::Identity, 1.0, 1.0),
        ] {
            let normal = |variance: f64| Normal::new(0.0, sqrt(variance)).law();
            let law = NetworkLaw::dense(&[20; 8], &activation, |_| normal(gain / 20.0)).unwrap();
            let law = law.biases(|_| normal(bias)).unwrap();
            let exact = law.bands(&inputs).unwrap();
            let simulated = law.simulated(&inputs, &law.widths().unwrap()).unwrap();
            for (exact, simulated) in exact.iter().zip(&simulated).take(5) {
                let error = exact.std_dev / sqrt(REPLICATES as f64);
                assert!(
                    (simulated.mean - exact.mean).abs() < 5.0 * error,
                    "{activation}: {exact} {simulated}"
                );
                let spread = simulated.std_dev / exact.std_dev - 1.0;
                assert!(spread.abs() < 5.0 / sqrt(2.0 * REPLICATES as f64), "{exact} {simulated}");
            }
            // The planted fault: a gain that is off by a tenth.
            let wrong = NetworkLaw::dense(&[20; 8], &activation, |_| normal(0.8 * gain / 20.0)).unwrap();
            let wrong = wrong.simulated(&inputs, &law.widths().unwrap()).unwrap();
            let error = exact[0].std_dev / sqrt(REPLICATES as f64);
            assert!((wrong[0].mean - exact[0].mean).abs() > 5.0 * error);
        }
    }
}
