//! Shared chance: how much of what chance does to one sample it does to the whole batch, which has its weights in common.
//!
//! A few samples are drawn together. Given what feeds a layer, all that its weights say of it is their product with an
//! orthonormal basis of what feeds it, and that is normal; of W^T delta the part within this basis is then known, the
//! part across it normal.

use alloc::vec;
use alloc::vec::Vec;

use super::columns::{Columns, LONGEST, cholesky, dot};
use super::{Inputs, LayerLaw, NetworkLaw, TheoryError};
use crate::init::{Initializer, Normal};
use crate::scalar::sqrt;
use crate::seed::Seed;

/// Samples that are drawn together, at most, and no fewer than two.
const SAMPLES: usize = 8;

/// Units that are drawn of a layer, at most: to first order in 1 / width, what samples share and what they do not both
/// go by 1 / width, and only their ratio is asked for.
const UNITS: usize = 64;

/// Outputs that are drawn, at most.
const OUTPUTS: usize = 256;

/// Draws of a batch. A variance is then known to sqrt(2 / 1000) = 4 %.
const REPLICATES: usize = 1000;

/// And at least, where all draws together would take more than this many normal variables, of fewer samples then: 14 %.
const FEWEST: usize = 100;
const EFFORT: usize = 8_000_000;

/// The skewness of a batch is of this size: one that is not known as well counts for less.
const SKEWNESS: f64 = 0.2;

/// Of ln(|delta_l|^2 / |delta_d|^2) of the samples of a batch, over draws of the weights.
#[derive(Clone, Copy, Debug)]
pub(super) struct SharedChance {
    /// The standard deviation of one sample's, of layers as narrow as they are drawn.
    std_dev: f64,
    /// The correlation of two samples.
    correlation: f64,
    /// Third cumulants, in units of `std_dev`: of one sample, of one with itself and another, of three.
    third: [f64; 3],
    /// Draws, and samples in each.
    draws: f64,
    samples: f64,
}

/// For each hidden layer.
pub(super) fn shared_chance(law: &NetworkLaw, inputs: &Inputs) -> Result<Vec<SharedChance>, TheoryError> {
    let hidden = law.hidden_layers().len();
    let simulation = BatchSimulation::new(law, inputs.samples)?;
    let samples = simulation.samples;
    let mut g = vec![0.0; simulation.cost()];
    let replicates = (EFFORT / g.len().max(1)).clamp(FEWEST, REPLICATES);
    let seed = Seed::from(0).child("fanin::theory::shared_chance");
    // By the group of the input's length: (how often, sums over draws layer by layer).
    let mut groups = vec![(0.0, vec![0.0; hidden]); inputs.lengths.len()];
    let group = |replicate: usize, sample: usize| (replicate * samples + sample) % inputs.lengths.len();
    let mut draws: Vec<(usize, Vec<f64>)> = Vec::with_capacity(replicates);
    for replicate in 0..replicates {
        let filled = Normal::new(0.0, 1.0).fill_shard(seed.child(replicate), 0, &mut g);
        filled.map_err(|error| TheoryError::Layer { layer: 0, error })?;
        let lengths: Vec<f64> = (0..samples).map(|j| inputs.lengths[group(replicate, j)].0).collect();
        let (cosine, _) =
            inputs.cosines.get(replicate % inputs.cosines.len().max(1)).copied().unwrap_or((0.0, 1.0));
        let chains = simulation.draw(&lengths, cosine, &g);
        if chains[..samples].iter().all(|ln| ln.is_finite()) {
            for j in 0..samples {
                let (count, sums) = &mut groups[group(replicate, j)];
                *count += 1.0;
                sums.iter_mut().enumerate().for_each(|(l, sum)| *sum += chains[l * samples + j]);
            }
            draws.push((replicate, chains));
        }
    }
    let of_layer = |l: usize| {
        let mut sums = PowerSums::default();
        for (replicate, chains) in &draws {
            sums.add((0..samples).map(|j| {
                let (count, sum) = &groups[group(*replicate, j)];
                chains[l * samples + j] - sum[l] / count
            }));
        }
        sums.shared_chance(draws.len() as f64, samples as f64)
    };
    Ok((0..hidden).map(of_layer).collect())
}

/// Sums over draws of the powers of the samples' values and of their sum.
#[derive(Default)]
struct PowerSums {
    squares: f64,
    cubes: f64,
    sum_squared: f64,
    squares_by_sum: f64,
    sum_cubed: f64,
}

impl PowerSums {
    fn add(&mut self, values: impl Iterator<Item = f64>) {
        let (mut sum, mut square, mut cube) = (0.0, 0.0, 0.0);
        for value in values {
            sum += value;
            square += value * value;
            cube += value * value * value;
        }
        self.squares += square;
        self.cubes += cube;
        self.sum_squared += sum * sum;
        self.squares_by_sum += square * sum;
        self.sum_cubed += sum * sum * sum;
    }

    fn shared_chance(&self, draws: f64, samples: f64) -> SharedChance {
        let std_dev = sqrt(self.squares / (draws * samples));
        if std_dev.is_nan() || std_dev <= 0.0 {
            return SharedChance { std_dev: 1.0, correlation: 1.0, third: [0.0; 3], draws, samples };
        }
        let correlation = ((self.sum_squared / self.squares - 1.0) / (samples - 1.0)).clamp(0.0, 1.0);
        let over = |sum: f64, terms: f64| {
            if terms > 0.0 { sum / (draws * terms * std_dev * std_dev * std_dev) } else { 0.0 }
        };
        let pairs = samples * (samples - 1.0);
        let third = [
            over(self.cubes, samples),
            over(self.squares_by_sum - self.cubes, pairs),
            over(self.sum_cubed - 3.0 * self.squares_by_sum + 2.0 * self.cubes, pairs * (samples - 2.0)),
        ];
        SharedChance { std_dev, correlation, third, draws, samples }
    }
}

impl SharedChance {
    /// Standard deviation and skewness of the mean over so many samples, of which one has this standard deviation.
    pub(super) fn of_mean(&self, samples: usize, std_dev: f64) -> (f64, f64) {
        let samples = samples as f64;
        let each = 1.0 / samples;
        let [one, two, three] = self.third;
        let third =
            each * each * one + 3.0 * each * (1.0 - each) * two + (1.0 - each) * (1.0 - 2.0 * each) * three;
        let cubed = |variance: f64| variance * sqrt(variance);
        let variance = self.variance(samples);
        // Of n normal values it is known to sqrt(6 / n); this is that of the mean over the samples that were drawn.
        let error = sqrt(6.0 / self.draws) * cubed(self.variance(self.samples) / variance);
        let known = SKEWNESS * SKEWNESS / (SKEWNESS * SKEWNESS + error * error);
        // Sums over fewer units are as much more skewed as they spread more.
        let by_width = std_dev / self.std_dev;
        (std_dev * sqrt(variance), known * by_width * third / cubed(variance))
    }

    /// Of the mean over so many samples, over that of one.
    fn variance(&self, samples: f64) -> f64 {
        (1.0 + (samples - 1.0) * self.correlation) / samples
    }
}

/// Chains of a few samples with the same weights.
struct BatchSimulation<'a> {
    law: &'a NetworkLaw,
    samples: usize,
    widths: Vec<usize>,
    /// The number of units that are drawn of each layer.
    units: Vec<usize>,
}

/// What the way forward leaves of one layer, sample by sample.
struct Forward {
    gate: Columns,
    /// An orthonormal basis of what feeds the next layer, a last row for its biases included.
    basis: Columns,
}

impl<'a> BatchSimulation<'a> {
    fn new(law: &'a NetworkLaw, samples: usize) -> Result<Self, TheoryError> {
        let widths = law.widths()?;
        let last = widths.len() - 1;
        let units =
            widths.iter().enumerate().map(|(l, &width)| width.min(if l == last { OUTPUTS } else { UNITS }));
        let units: Vec<usize> = units.collect();
        let affordable = EFFORT / FEWEST / units.iter().map(|units| 2 * units + 1).sum::<usize>();
        Ok(Self { law, samples: samples.min(affordable.clamp(2, SAMPLES)), widths, units })
    }

    /// Normal variables that one draw takes.
    fn cost(&self) -> usize {
        self.units.iter().map(|units| (2 * units + 1) * self.samples).sum()
    }

    /// ln(|delta_l|^2 / |delta_d|^2), hidden layer by hidden layer, but for what is the same in every draw; inputs have
    /// these mean squares, and this cosine pair by pair.
    fn draw(&self, lengths: &[f64], cosine: f64, g: &[f64]) -> Vec<f64> {
        let (layers, samples) = (self.law.layers(), self.samples);
        let mut rest = g;
        let mut take = |rows: usize| {
            let (taken, left) = rest.split_at(rows * samples);
            rest = left;
            Columns { rows, values: taken.to_vec() }
        };
        let hidden = layers.len() - 1;
        let mut root = root_of_inputs(&layers[0], lengths, cosine);
        let mut forward: Vec<Forward> = Vec::with_capacity(hidden);
        let mut products: Vec<Columns> = Vec::with_capacity(hidden + 1);
        for (l, layer) in self.law.hidden_layers().iter().enumerate() {
            let product = take(self.units[l]);
            let z = product.times(&root);
            products.push(product);
            let (mut h, mut gate) = (z.clone(), z.clone());
            layer.activation().phi_slice(&z.values, &mut h.values);
            layer.activation().derivative_slice(&z.values, &mut gate.values);
            let by_weights =
                sqrt(layers[l + 1].weight().variance()) * sqrt(self.widths[l] as f64 / self.units[l] as f64);
            let (basis, next) = h.fed(by_weights, sqrt(layers[l + 1].bias_variance())).orthonormal();
            root = next;
            forward.push(Forward { gate, basis });
        }
        let product = take(self.units[hidden]);
        let (z, targets) = (product.times(&root), take(self.units[hidden]));
        products.push(product);
        let mut delta = z.clone();
        for j in 0..samples {
            let of_sample =
                self.law.loss_delta().delta(layers[hidden].activation(), z.column(j), targets.column(j));
            delta.column_mut(j).copy_from_slice(&of_sample);
            delta.normalise(j);
        }
        let (mut ln, mut chains) = (vec![0.0; samples], vec![0.0; hidden * samples]);
        for l in (0..hidden).rev() {
            let Forward { gate, basis } = &forward[l];
            // Across the basis: as samples' deltas go together, so does what is drawn.
            let mut back = take(basis.rows).times(&cholesky(&delta.gram()));
            let mut next = gate.clone();
            for j in 0..samples {
                for k in 0..samples {
                    let within = dot(products[l + 1].column(k), delta.column(j));
                    let by = within - dot(basis.column(k), back.column(j));
                    let column = back.column_mut(j).iter_mut();
                    column.zip(basis.column(k)).for_each(|(back, basis)| *back += by * basis);
                }
                next.column_mut(j).iter_mut().zip(back.column(j)).for_each(|(gate, back)| *gate *= back);
                let square = next.normalise(j);
                if l + 1 < hidden {
                    ln[j] += libm::log(square);
                    chains[l * samples + j] = ln[j];
                }
            }
            delta = next;
        }
        chains
    }
}

/// The root of the Gram matrix of what feeds the first layer.
fn root_of_inputs(first: &LayerLaw, lengths: &[f64], cosine: f64) -> Columns {
    let by_weights = sqrt(first.weight().variance()) * sqrt(first.fan().fan_in() as f64);
    let bias = sqrt(first.bias_variance());
    let feeds: Vec<f64> = lengths.iter().map(|&length| by_weights * sqrt(length)).collect();
    let largest = feeds.iter().copied().fold(bias, f64::max);
    let samples = feeds.len();
    // No more than so many vectors can be so far apart from each other.
    let cosine = if samples > 1 { cosine.max(-1.0 / (samples as f64 - 1.0)) } else { cosine };
    let mut gram = Columns { rows: samples, values: Vec::with_capacity(samples * samples) };
    for i in 0..samples {
        for j in 0..samples {
            let cosine = if i == j { 1.0 } else { cosine };
            let over = |value: f64| if largest > 0.0 { value / largest } else { 0.0 };
            gram.values.push(over(feeds[i]) * over(feeds[j]) * cosine + over(bias) * over(bias));
        }
    }
    let mut root = cholesky(&gram);
    root.values.iter_mut().for_each(|value| *value *= largest.min(LONGEST));
    root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::Activation;
    use crate::init::Law;
    use crate::theory::OutputDelta;

    fn law(activation: &Activation, depth: usize, bias: f64) -> NetworkLaw {
        let widths = [&vec![50; depth + 1][..], &[10]].concat();
        let normal = |variance: f64| Law::Normal { mean: 0.0, std_dev: sqrt(variance) };
        let law = NetworkLaw::dense(&widths, activation, |_| normal(2.0 / 50.0)).unwrap();
        law.biases(|_| normal(bias)).unwrap()
    }

    fn alike(cosine: f64, samples: usize) -> Inputs {
        Inputs::alike(1.0, cosine).unwrap().samples(samples).unwrap()
    }

    /// That the samples are drawn together is nothing to one of them.
    #[test]
    fn one_of_the_samples_varies_as_it_does_alone() {
        for (bias, samples) in [(0.0, 2), (0.0, 8), (0.5, 100)] {
            let law = law(&Activation::Relu, 6, bias);
            let inputs = alike(0.3, samples);
            let alone = law.bands(&alike(0.3, 1)).unwrap();
            for (alone, shared) in alone.iter().zip(shared_chance(&law, &inputs).unwrap()).take(5) {
                // Five standard errors if each of the samples were the same.
                let off = (shared.std_dev / alone.std_dev - 1.0) * sqrt(2.0 * shared.draws);
                assert!(off.abs() < 5.0, "{off}");
            }
        }
    }

    #[test]
    fn samples_that_are_one_share_all() {
        let squared = OutputDelta::MeanSquaredError { target_mean_square: 0.0 };
        let law = law(&Activation::Tanh, 5, 0.2).output_delta(squared).unwrap();
        for shared in &shared_chance(&law, &alike(1.0, 30)).unwrap()[..4] {
            assert!(shared.correlation > 1.0 - 1e-9, "{shared:?}");
            assert!((shared.of_mean(1000, 2.0).0 - 2.0).abs() < 1e-6);
        }
        // Their deltas apart, they still share what the gates do.
        let apart = law.output_delta(OutputDelta::Independent).unwrap();
        let shared = shared_chance(&apart, &alike(1.0, 30)).unwrap()[0];
        assert!((0.05..0.95).contains(&shared.correlation), "{shared:?}");
    }

    /// One step between linear layers: |W^T delta|^2 of two samples go together by the square of the cosine between
    /// their deltas, which is 1/10 on average for 10 outputs, and 1/50 more across them for 50 units.
    #[test]
    fn linear_samples_share_the_square_of_a_cosine() {
        let shared = shared_chance(&law(&Activation::Identity, 2, 0.0), &alike(0.0, 8)).unwrap()[0];
        let expected = 0.1 + 0.9 / 50.0;
        // The variance of the mean of 8 is known to sqrt(2 / 1000).
        let error = sqrt(2.0 / shared.draws) * (1.0 + 7.0 * expected) / 7.0;
        assert!((shared.correlation - expected).abs() < 5.0 * error, "{shared:?}");
        assert!((shared.of_mean(1, 0.3).0 - 0.3).abs() < 1e-12);
    }
}
