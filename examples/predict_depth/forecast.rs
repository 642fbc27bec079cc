//! What mean-field theory says, layer by layer, before anything is drawn.

use fanin::chain::Moments;
use fanin::theory::{
    CriticalPoint, FixedPoint, GatedLayer, JacobianMoments, MeanField, TheoryError, critical, gate_moments,
    jacobian_moments,
};

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::{Distribution, StandardNormal};

use crate::arguments::Arguments;

/// Networks imagined for the band.
const TRIALS: usize = 400;

/// Share of them beyond each end of the band.
const TAIL: f64 = 0.025;

/// Numbers of the hidden layers, first to last.
pub(crate) struct Forecast {
    /// Mean square of the pre-activations, at infinite width.
    pub(crate) q: Vec<f64>,
    /// ln of the mean-square delta over that of the last hidden layer, at infinite width.
    pub(crate) ln_delta: Vec<f64>,
    /// The same at this width: mean, standard deviation, and the ends of the band.
    pub(crate) luck: Vec<Luck>,
    /// Of the Jacobian from the inputs to the last hidden layer.
    pub(crate) jacobian: Option<JacobianMoments>,
    pub(crate) fixed_point: Result<FixedPoint, TheoryError>,
    pub(crate) critical: Result<CriticalPoint, TheoryError>,
}

/// How a number differs from network to network.
#[derive(Clone, Copy)]
pub(crate) struct Luck {
    pub(crate) mean: f64,
    pub(crate) std_dev: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Forecast {
    /// For inputs of this mean square.
    pub(crate) fn of(arguments: &Arguments, input: f64) -> Result<Self, TheoryError> {
        let (width, depth) = (arguments.width as usize, arguments.depth as usize);
        let weight_variance = arguments.weight_variance();
        let bias_variance = arguments.bias * arguments.bias;
        let field = MeanField::new(arguments.activation.clone(), weight_variance, bias_variance)?;

        let first = weight_variance * input + bias_variance;
        let q: Vec<f64> =
            std::iter::successors(Some(first), |&q| Some(field.length_map(q))).take(depth).collect();
        let gates =
            q.iter().map(|&q| gate_moments(&arguments.activation, q)).collect::<Result<Vec<_>, _>>()?;
        let mut ln_delta = vec![0.0; depth];
        for l in (0..depth - 1).rev() {
            ln_delta[l] = ln_delta[l + 1] + (weight_variance * gates[l][0]).ln();
        }
        let layers: Vec<GatedLayer> = gates
            .iter()
            .map(|&gates| GatedLayer { width, variance: weight_variance / width as f64, gates })
            .collect();
        Ok(Self {
            q,
            ln_delta,
            luck: imagine(&field, first, width, depth),
            jacobian: jacobian_moments(width, &layers),
            fixed_point: field.fixed_point_from(first),
            critical: critical(&arguments.activation),
        })
    }

    /// The ends of the band.
    pub(crate) fn band(&self) -> (Vec<f64>, Vec<f64>) {
        self.luck.iter().map(|luck| (luck.low, luck.high)).unzip()
    }
}

/// The chain of one input in many imagined networks, without their weights: given the layer below, the n
/// pre-activations of a layer are independent N(0, q), and so are the components of W^T delta. For
/// ReLU that is the exact law (Hanin & Nica 2020); for others gates and the weights above them are
/// taken for independent, as mean field does.
fn imagine(field: &MeanField, first: f64, width: usize, depth: usize) -> Vec<Luck> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(0);
    let mut draw = || -> f64 { StandardNormal.sample(&mut rng) };
    let activation = field.activation();
    let mut trials = vec![Vec::with_capacity(TRIALS); depth];
    let (mut z, mut values) = (vec![0.0; width], vec![0.0; width]);
    for _ in 0..TRIALS {
        let mut q = first;
        let mut ln_steps = vec![0.0; depth];
        for step in &mut ln_steps {
            z.fill_with(|| q.sqrt() * draw());
            activation.derivative_slice(&z, &mut values);
            let passed: f64 = values.iter().map(|slope| (slope * draw()).powi(2)).sum();
            *step = (field.weight_variance() * passed / width as f64).ln();
            activation.phi_slice(&z, &mut values);
            let square = values.iter().map(|h| h * h).sum::<f64>() / width as f64;
            q = field.weight_variance() * square + field.bias_variance();
        }
        let mut ln = 0.0;
        trials[depth - 1].push(ln);
        for l in (0..depth - 1).rev() {
            ln += ln_steps[l];
            trials[l].push(ln);
        }
    }
    trials.into_iter().map(Luck::of).collect()
}

impl Luck {
    fn of(mut values: Vec<f64>) -> Self {
        let moments: Moments = values.iter().copied().collect();
        values.sort_by(f64::total_cmp);
        let at = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
        Self {
            mean: moments.mean().unwrap_or(f64::NAN),
            std_dev: moments.std_dev().unwrap_or(f64::NAN),
            low: at(TAIL),
            high: at(1.0 - TAIL),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ReLU, He: each step is ln S_n, S_n = (2/n) chi^2_K, K ~ Bin(n, 1/2), of mean -5/(2n) - 49/(12 n^2) and
    /// variance 5/n + 37/(2 n^2) (Hanin 2018).
    #[test]
    fn imagined_relu_networks_have_the_exact_law() {
        let (n, steps) = (50_usize, 20);
        let field = MeanField::new(fanin::Activation::Relu, 2.0, 0.0).unwrap();
        let luck = imagine(&field, 2.0, n, steps + 1)[0];
        let (n, steps, trials) = (n as f64, steps as f64, TRIALS as f64);
        let mean = -steps * (2.5 / n + 49.0 / (12.0 * n * n));
        let variance = steps * (5.0 / n + 18.5 / (n * n));
        let z = (luck.mean - mean) / (variance / trials).sqrt();
        assert!(z.abs() < 4.0, "{z}");
        let z = (luck.std_dev / variance.sqrt() - 1.0) * (2.0 * trials).sqrt();
        assert!(z.abs() < 4.0, "{z}");
        // A control: the limit of infinite width would not pass.
        assert!(luck.mean.abs() > 4.0 * (variance / trials).sqrt());
    }

    #[test]
    fn ends_of_the_band() {
        let luck = Luck::of((0..=1000).map(f64::from).collect());
        assert_eq!((luck.low, luck.mean, luck.high), (25.0, 500.0, 975.0));
    }
}
