//! `Band`: where the chain of one draw of the weights should lie.

use alloc::vec;
use alloc::vec::Vec;
use core::f64::consts::LN_10;
use core::fmt;

use super::quantiles::Quantiles;
use super::shared_chance::{SharedChance, shared_chance};
use super::simulation::Simulation;
use super::{Fluctuation, Inputs, NetworkLaw, OutputDelta, PredictedLayer, Prediction, TheoryError};
use crate::init::{Initializer, Law, Normal};
use crate::scalar::sqrt;
use crate::seed::Seed;

/// A sixth of a skewness below this makes no difference.
const SYMMETRIC: f64 = 1e-6;

/// Draws of the Monte Carlo band. Its standard deviation is then known to 1 / sqrt(2 x 8000) = 0.8 %, its
/// mean to a 90th of that deviation.
const REPLICATES: usize = 8000;

/// And at least, where all draws together would take more than this many normal variables: 3.5 % and a twentieth.
const FEWEST: usize = 400;
const EFFORT: usize = 8_000_000;

/// Mean and standard deviation, over draws of the weights, of ln(|delta_1|^2 / |delta_d|^2): the sum over
/// the steps between hidden layers of [`ln_norm`](crate::chain::BackwardFactor::ln_norm), which is a mean over samples.
///
/// The samples of a batch share the weights and with them a part of their chance: the band is that of the mean over as
/// many samples as the [`Inputs`] have, of these lengths and angles. What the loss sends back is that of
/// [`output_delta`](NetworkLaw::output_delta); where nothing is said it is independent of the outputs, as a
/// cross-entropy's is as long as these are small.
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
///
#[doc = include_str!("calibration.md")]
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Band {
    /// The mean of the natural logarithm; minus infinity where weights or gates of 0 let nothing come back.
    pub mean: f64,
    /// Its standard deviation; 0 where there is no step between hidden layers, or nothing comes back.
    pub std_dev: f64,
    /// Its skewness: negative where the left tail is the longer one.
    pub skewness: f64,
    /// How they were found.
    pub source: BandSource,
    /// Of (ln - mean) / standard deviation, where it was simulated.
    quantiles: Option<Quantiles>,
}

/// How a [`Band`] was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BandSource {
    /// The distribution of (leaky) ReLU and linear layers with normal weights, for one sample exact at every width: sums
    /// of [`Fluctuation`], whose first order in 1 / width is used from 2^20 units on.
    Exact,
    /// The same for weights that are not normal: their kurtosis changes it in the second order of
    /// 1 / width.
    NormalWeights,
    /// This many draws of the chain of one sample, with normal weights, whatever the activation: the
    /// pre-activations given what feeds them are drawn in place of the weights, which is the same in
    /// distribution. Of layers of 48 units on it is their sums over units that are drawn, by the limit of many units with
    /// its skewness; where a few units dominate a layer, of layers above 1,024 only. The seed is fixed.
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

/// `10^-0.54 +- 0.69 (exact)`; `0, nothing comes back`.
impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mean == f64::NEG_INFINITY {
            return f.write_str("0, nothing comes back");
        }
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

    /// How far out this logarithm is: the standard normal value that is as rare. NaN for NaN, and where there is no step
    /// to judge.
    ///
    /// Of one sample and 1,000 simulated chains or more by the quantiles of the draws at +-0.5, +-1.5 and +-2.5, straight
    /// lines between and beyond them; else by the cube root that brings a chi-square value to a normal one (Wilson &
    /// Hilferty 1931), for one of this mean, standard deviation and skewness.
    #[must_use]
    pub fn z(&self, ln: f64) -> f64 {
        if self.std_dev <= 0.0 {
            return f64::NAN;
        }
        let (away, sixth) = ((ln - self.mean) / self.std_dev, self.skewness / 6.0);
        if let Some(quantiles) = self.quantiles {
            return quantiles.z(away);
        }
        if sixth.abs() < SYMMETRIC {
            return away;
        }
        // Where the shorter tail is no more, the distribution's end.
        let cube = 1.0 + 3.0 * sixth * away;
        let root = if cube < 0.0 { 0.0 } else { libm::cbrt(cube) };
        (root - 1.0) / sixth + sixth
    }

    /// From that of one sample, that of the mean over so many.
    fn of_batch(self, samples: usize, shared: SharedChance) -> Self {
        let (std_dev, skewness) = shared.of_mean(samples, self.std_dev);
        Self { std_dev, skewness, quantiles: None, ..self }
    }
}

impl NetworkLaw {
    /// Where the chain of one draw of the weights should lie: that of the first hidden layer, of the
    /// [bands](NetworkLaw::bands).
    ///
    /// # Errors
    /// As [`bands`](NetworkLaw::bands).
    pub fn band(&self, inputs: &Inputs) -> Result<Band, TheoryError> {
        let nothing =
            Band { mean: 0.0, std_dev: 0.0, skewness: 0.0, source: BandSource::Exact, quantiles: None };
        Ok(self.bands(inputs)?.first().copied().unwrap_or(nothing))
    }

    /// Where ln(|delta_l|^2 / |delta_d|^2) of one draw of the weights should lie for each hidden layer
    /// l; d is the last of them.
    ///
    /// Exact where every gate below the last hidden layer is that of a linear or (leaky) ReLU layer and
    /// what comes back does not depend on the outputs; else simulated, each draw with another one of the inputs. Of
    /// several samples, how much chance they share is found by drawing 8 of them together, with 64 units of each layer
    /// at most, some 1,000 times: their standard deviation is known to 2 to 7 %, and errs to the wide side where layers
    /// are wider, which share less (see the [calibration](Band#calibration)).
    ///
    /// No cost grows with the width beyond that of 1,024 units. One sample of 1,000 layers takes about half a second,
    /// several of them one.
    ///
    /// # Errors
    /// As [`predict`](NetworkLaw::predict); [`TheoryError::NotDense`] for a convolution, whose units
    /// share their weights; [`TheoryError::NoExpectation`] also where not one simulated gradient in two
    /// is finite and above 0.
    pub fn bands(&self, inputs: &Inputs) -> Result<Vec<Band>, TheoryError> {
        let prediction = self.predict(inputs)?;
        let widths = self.widths()?;
        let Some((_, gated)) = self.hidden_layers().split_last() else { return Ok(Vec::new()) };
        let slopes: Option<Vec<f64>> =
            gated.iter().map(|layer| layer.activation().negative_slope()).collect();
        let mut bands = match slopes.filter(|_| self.loss_delta() == OutputDelta::Independent) {
            Some(slopes) => self.exact(&slopes, &widths)?,
            None => self.simulated(inputs, &prediction)?,
        };
        if inputs.samples > 1 {
            let shared = shared_chance(self, inputs)?;
            let bands = bands.iter_mut().zip(shared);
            bands.for_each(|(band, shared)| *band = band.of_batch(inputs.samples, shared));
        }
        for band in &mut bands[..reached(&prediction)] {
            *band = Band {
                mean: f64::NEG_INFINITY,
                std_dev: 0.0,
                skewness: 0.0,
                source: BandSource::Exact,
                quantiles: None,
            };
        }
        Ok(bands)
    }

    /// Of (leaky) ReLU layers with these slopes.
    fn exact(&self, slopes: &[f64], widths: &[usize]) -> Result<Vec<Band>, TheoryError> {
        let above = &self.layers()[1..=slopes.len()];
        let normal = above.iter().all(|layer| matches!(layer.weight(), Law::Normal { .. }));
        let source = if normal { BandSource::Exact } else { BandSource::NormalWeights };
        let (mut mean, mut variance, mut third) = (0.0, 0.0, 0.0);
        let mut bands = vec![Band { mean, std_dev: 0.0, skewness: 0.0, source, quantiles: None }];
        for ((&slope, &width), above) in slopes.iter().zip(widths).zip(above).rev() {
            let chance = Fluctuation::leaky_relu(width, slope)?;
            mean += libm::log(0.5 * (1.0 + slope * slope) * above.weight_factor()) + chance.mean;
            variance += chance.variance;
            third += chance.third;
            let std_dev: f64 = sqrt(variance);
            bands.push(Band {
                mean,
                std_dev,
                skewness: third / (variance * std_dev),
                source,
                quantiles: None,
            });
        }
        bands.reverse();
        Ok(bands)
    }

    fn simulated(&self, inputs: &Inputs, prediction: &Prediction) -> Result<Vec<Band>, TheoryError> {
        let lengths: Vec<f64> = prediction.layers().iter().map(PredictedLayer::q).collect();
        let mut simulation = Simulation::new(self, &lengths)?;
        let mut g = vec![0.0; simulation.cost()];
        let replicates = (EFFORT / g.len().max(1)).clamp(FEWEST, REPLICATES);
        let seed = Seed::from(0).child("fanin::theory::Band");
        // Over chains without chance: what theory predicts is known better than the moments that wide layers are drawn by.
        let typical: Vec<Vec<f64>> =
            inputs.lengths.iter().map(|&(input, _)| simulation.typical(input)).collect();
        let reached = reached(prediction);
        let mut draws: Vec<Vec<f64>> = Vec::with_capacity(replicates);
        for replicate in 0..replicates {
            // Each draw once more with all signs changed: chance that turns with them is none of the mean's.
            if replicate % 2 == 0 {
                let filled = Normal::new(0.0, 1.0).fill_shard(seed.child(replicate), 0, &mut g);
                filled.map_err(|error| TheoryError::Layer { layer: 0, error })?;
            } else {
                g.iter_mut().for_each(|g| *g = -*g);
            }
            let group = replicate / 2 % inputs.lengths.len();
            let mut chain = simulation.draw(inputs.lengths[group].0, &g);
            chain.iter_mut().zip(&typical[group]).for_each(|(ln, typical)| *ln -= typical);
            draws.extend(chain[reached..].iter().all(|ln| ln.is_finite()).then_some(chain));
        }
        if 2 * draws.len() < replicates {
            let first = &self.layers()[0];
            first.known(f64::NAN, "ln |delta|^2", lengths[0])?;
        }
        let count = draws.len() as f64;
        let source = BandSource::MonteCarlo { draws: draws.len() };
        let mut limit = 0.0;
        let mut bands: Vec<Band> = Vec::new();
        for l in (0..self.hidden_layers().len()).rev() {
            if l + 1 < self.hidden_layers().len() {
                let layer = &prediction.layers()[l];
                limit += layer.ln_weight().unwrap_or(f64::NAN) + layer.ln_gate();
            }
            let mut values: Vec<f64> = draws.iter().map(|chain| chain[l]).collect();
            let mean = values.iter().sum::<f64>() / count;
            let mut cumulants = [0.0; 2];
            for value in &mut values {
                *value -= mean;
                let square = *value * *value;
                cumulants[0] += square;
                cumulants[1] += square * *value;
            }
            let std_dev = sqrt(cumulants[0] / (count - 1.0));
            let third = cumulants[1] / count;
            let skewness = if std_dev > 0.0 { third / (std_dev * std_dev * std_dev) } else { 0.0 };
            values.sort_unstable_by(f64::total_cmp);
            values.iter_mut().for_each(|value| *value /= std_dev);
            bands.push(Band {
                mean: limit + mean,
                std_dev,
                skewness,
                source,
                quantiles: Quantiles::new(&values),
            });
        }
        bands.reverse();
        Ok(bands)
    }
}

/// The first hidden layer that something comes back to, on average.
fn reached(prediction: &Prediction) -> usize {
    let last = prediction.layers().len() - 2;
    let dead =
        |layer: &PredictedLayer| layer.ln_weight().unwrap_or(0.0) + layer.ln_gate() == f64::NEG_INFINITY;
    prediction.layers()[..last].iter().rposition(dead).map_or(0, |layer| layer + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::Activation;

    /// Where the distribution is known, simulation finds it, of narrow and of wide layers: mean and spread within 5 of their
    /// standard errors. That of the spread is wider for the longer left tail of narrow layers.
    #[test]
    fn simulated_is_exact_where_exact_is_known() {
        let inputs = Inputs::alike(1.0, 0.0).unwrap();
        for (activation, gain, bias) in [
            (Activation::Relu, 2.0, 0.0),
            (Activation::Relu, 0.5, 0.3),
            (Activation::LeakyRelu { negative_slope: 0.4 }, 1.7, 0.0),
            (Activation::Identity, 1.0, 1.0),
        ] {
            for width in [20, 48, 100, 1 << 20, 1 << 40] {
                let normal = |variance: f64| Normal::new(0.0, sqrt(variance)).law();
                let of_gain = |gain: f64| {
                    let law = NetworkLaw::dense(&[width; 12], &activation, |_| normal(gain / width as f64))
                        .unwrap();
                    law.biases(|_| normal(bias)).unwrap()
                };
                let simulated =
                    |law: &NetworkLaw| law.simulated(&inputs, &law.predict(&inputs).unwrap()).unwrap();
                let law = of_gain(gain);
                let exact = law.bands(&inputs).unwrap();
                for (exact, simulated) in exact.iter().zip(simulated(&law)).take(9) {
                    println!(
                        "{activation} {width} mean {} {} sd {} {} skewness {} {}",
                        exact.mean,
                        simulated.mean,
                        exact.std_dev,
                        simulated.std_dev,
                        exact.skewness,
                        simulated.skewness
                    );
                    let error = exact.std_dev / sqrt(REPLICATES as f64);
                    let off = (simulated.mean - exact.mean) / error;
                    assert!(off.abs() < 5.0, "{activation} {width}: {off} standard errors");
                    let tails = 1.0 + 2.0 * exact.skewness * exact.skewness;
                    let off =
                        (simulated.std_dev / exact.std_dev - 1.0) * sqrt(2.0 * REPLICATES as f64 / tails);
                    assert!(off.abs() < 5.0, "{activation} {width}: spread {off} standard errors");
                }
                // The planted fault: a gain that is off by half a standard deviation.
                let planted = libm::exp(0.05 * exact[0].std_dev);
                let error = exact[0].std_dev / sqrt(REPLICATES as f64);
                assert!((simulated(&of_gain(planted * gain))[0].mean - exact[0].mean).abs() > 5.0 * error);
            }
        }
    }
}
