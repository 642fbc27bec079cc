//! Bands beside networks of the crate, which are filled and run forward and back: z is standard normal, whatever the
//! activation, the loss and the batch.

use std::fmt;

use fanin::nn::{Loss, Network};
use fanin::theory::{Band, GainMethod, Inputs, NetworkLaw, OutputDelta, gain_for};
use fanin::{Activation, Fan, InitializerExt, LeCun, Normal, Scalar, Seed, Uniform};

const DEPTH: usize = 8;
const OUTPUTS: usize = 10;

/// P(|z| > 6.11) < 1e-9.
const SIGMAS: f64 = 6.11;

/// The variance of a batch's mean comes from this many draws (`REPLICATES` in `theory/shared_chance.rs`).
const BATCH_DRAWS: f64 = 1000.0;

/// Networks of one kind and the batch that they are run on.
struct Case {
    activation: Activation,
    gain: f64,
    loss: Loss,
    width: usize,
    samples: usize,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let loss = if self.loss == Loss::MeanSquaredError { "squared error" } else { "cross-entropy" };
        let activation = self.activation.to_string();
        write!(f, "| {activation:<15} {:4.2} | {loss} | {:3} | {:2}", self.gain, self.width, self.samples)
    }
}

/// What chance makes of z over networks.
struct Counts {
    z: Vec<f64>,
}

impl Case {
    fn rule(&self) -> impl Fn(Fan) -> LeCun + Copy {
        let gain = self.gain;
        move |fan| LeCun::normal(fan).gain(gain)
    }

    fn network(&self) -> Network<f32> {
        let activation = &self.activation;
        let hidden =
            (0..DEPTH).fold(Network::new(self.width), |net, _| net.dense(self.width, activation.clone()));
        hidden.dense(OUTPUTS, Activation::Identity)
    }

    fn batch(&self) -> Vec<f32> {
        noise(Seed::from(9), self.samples * self.width)
    }

    fn law(&self) -> NetworkLaw {
        NetworkLaw::from_network(&self.network(), self.rule()).unwrap()
    }

    /// Of this very batch and loss.
    fn band(&self) -> Band {
        let delta = match self.loss {
            Loss::MeanSquaredError => OutputDelta::MeanSquaredError { target_mean_square: 1.0 },
            _ => OutputDelta::SoftmaxCrossEntropy,
        };
        let inputs = Inputs::from_batch(&self.batch(), self.width).unwrap();
        self.law().output_delta(delta).unwrap().band(&inputs).unwrap()
    }

    /// The sums over hidden layers of `ln_norm`, of networks that differ in their weights and targets.
    fn measured(&self, networks: usize) -> Vec<f64> {
        let (network, batch) = (self.network(), self.batch());
        let of_seed = |seed: usize| {
            let seed = Seed::from(1000).child(seed);
            let network = network.clone().init(self.rule(), seed.child("weights")).unwrap();
            let chain = if self.loss == Loss::MeanSquaredError {
                let targets: Vec<f32> = noise(seed.child("targets"), self.samples * OUTPUTS);
                network.gradient_chain(&batch, targets.as_slice(), self.loss)
            } else {
                let mut labels = vec![0.0_f64; self.samples];
                Uniform::new(0.0, OUTPUTS as f64).seed(seed.child("labels")).fill(&mut labels);
                let labels: Vec<usize> = labels.into_iter().map(|label| label as usize).collect();
                network.gradient_chain(&batch, &labels, self.loss)
            };
            let chain = chain.unwrap();
            chain.factors()[..DEPTH - 1].iter().map(|factor| factor.ln_norm().unwrap()).sum()
        };
        (0..networks).map(of_seed).collect()
    }
}

fn noise<T: Scalar>(seed: Seed, count: usize) -> Vec<T> {
    let mut values = vec![T::from_f64(0.0); count];
    Normal::new(0.0, 1.0).seed(seed).fill(&mut values);
    values
}

impl Counts {
    fn new(band: &Band, measured: &[f64]) -> Self {
        Self { z: measured.iter().map(|&ln| band.z(ln)).collect() }
    }

    fn mean(&self) -> f64 {
        self.z.iter().sum::<f64>() / self.z.len() as f64
    }

    fn std_dev(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.z.iter().map(|z| (z - mean) * (z - mean)).sum();
        (squares / (self.z.len() - 1) as f64).sqrt()
    }

    fn beyond_3(&self) -> usize {
        self.z.iter().filter(|z| z.abs() > 3.0).count()
    }

    /// Whether mean, standard deviation and tail are those of normal values, each missed by chance once in 10^9; the
    /// band itself is known from so many draws.
    fn are_normal(&self, draws: f64) -> bool {
        let relative = 1.0 / self.z.len() as f64 + 1.0 / draws;
        self.mean().abs() < SIGMAS * relative.sqrt()
            && (self.std_dev() - 1.0).abs() < SIGMAS * (0.5 * relative).sqrt()
            && self.beyond_3() < unlikely(0.005 * self.z.len() as f64)
    }
}

/// The least count that a Poisson distribution of this mean reaches with a probability below 1e-9.
fn unlikely(mean: f64) -> usize {
    let (mut term, mut left, mut count) = ((-mean).exp(), 1.0, 0);
    while left > 1e-9 {
        left -= term;
        count += 1;
        term *= mean / f64::from(count);
    }
    count as usize
}

fn case(activation: Activation, gain: f64, loss: Loss, width: usize, samples: usize) -> Case {
    Case { activation, gain, loss, width, samples }
}

#[test]
fn z_is_standard_normal() {
    const NETWORKS: usize = 300;
    let forward = gain_for(&Activation::Silu, GainMethod::Forward).unwrap();
    for case in [
        case(Activation::Relu, 2.0_f64.sqrt(), Loss::SoftmaxCrossEntropy, 64, 1),
        case(Activation::Relu, 2.0_f64.sqrt(), Loss::MeanSquaredError, 64, 1),
        case(Activation::Relu, 2.0_f64.sqrt(), Loss::MeanSquaredError, 64, 16),
        case(Activation::Silu, forward, Loss::MeanSquaredError, 64, 1),
        case(Activation::Silu, forward, Loss::SoftmaxCrossEntropy, 64, 16),
    ] {
        let measured = case.measured(NETWORKS);
        let counts = Counts::new(&case.band(), &measured);
        println!("{case} | {:+.2} | {:.2} | {}", counts.mean(), counts.std_dev(), counts.beyond_3());
        assert!(counts.are_normal(BATCH_DRAWS));
        // The planted faults: another loss, one sample for sixteen.
        let silent = case.law().output_delta(OutputDelta::Independent).unwrap();
        let inputs = Inputs::from_batch(&case.batch(), case.width).unwrap();
        if case.loss == Loss::MeanSquaredError {
            let band = silent.band(&inputs).unwrap();
            assert!(!Counts::new(&band, &measured).are_normal(BATCH_DRAWS), "the loss counts");
        }
        if case.samples > 1 {
            let band = silent.band(&inputs.samples(1).unwrap()).unwrap();
            assert!(!Counts::new(&band, &measured).are_normal(BATCH_DRAWS), "the batch counts");
        }
    }
}

/// The table in the documentation of `theory::Band`:
///
/// ```text
/// cargo test --all-features --test it counts_of_band -- --ignored --nocapture
/// ```
#[test]
#[ignore = "2,000 networks each of 88 kinds: half an hour"]
fn counts_of_band() {
    const NETWORKS: usize = 2000;
    let forward = |activation: &Activation| gain_for(activation, GainMethod::Forward).unwrap();
    let he = 2.0_f64.sqrt();
    let leaky = Activation::LeakyRelu { negative_slope: 0.1 };
    println!("| activation, gain | loss | width | batch | mean z | sd z | beyond 3 |");
    for (width, samples) in [(64, 1), (300, 1), (64, 16), (128, 16)] {
        for (activation, gain) in [
            (Activation::Relu, he),
            (leaky.clone(), he / 1.01_f64.sqrt()),
            (Activation::Tanh, 1.0),
            (Activation::Tanh, 5.0 / 3.0),
            (Activation::Gelu, he),
            (Activation::Gelu, forward(&Activation::Gelu)),
            (Activation::Silu, he),
            (Activation::Silu, forward(&Activation::Silu)),
            (Activation::Sin, 1.2),
            (Activation::Softplus, 1.0),
            (Activation::Selu, 1.0),
        ] {
            for loss in [Loss::SoftmaxCrossEntropy, Loss::MeanSquaredError] {
                let case = case(activation.clone(), gain, loss, width, samples);
                let counts = Counts::new(&case.band(), &case.measured(NETWORKS));
                let tail = 100.0 * counts.beyond_3() as f64 / NETWORKS as f64;
                println!("{case} | {:+.2} | {:.2} | {tail:.2} % |", counts.mean(), counts.std_dev());
            }
        }
    }
}
