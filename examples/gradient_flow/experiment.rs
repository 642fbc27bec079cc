//! The experiment: networks of every kind, measured and trained.

use std::f64::consts::LN_10;
use std::sync::Mutex;
use std::thread;

use fanin::chain::{GradientChain, Layer, Verdict};
use fanin::nn::{NnError, Tape};
use fanin::theory::{Band, BandSource, Inputs, NetworkLaw, OutputDelta, TheoryError};
use fanin::{Activation, Loss, Network, Scalar, Seed};
use indicatif::{ProgressBar, ProgressStyle};

use crate::arguments::Arguments;
use crate::common;
use crate::digits::{CLASSES, Digits, PIXELS};
use crate::starts::Start;

/// Networks of each kind that are trained, too.
pub(crate) const TRAINED: u32 = 3;
/// Images whose gradients are measured.
pub(crate) const MEASURED: usize = 256;
/// Images of one step of gradient descent.
pub(crate) const BATCH: usize = 32;
pub(crate) const LEARNING_RATE: f64 = 0.005;

/// Networks that differ in nothing but their seed.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    pub(crate) activation: Activation,
    pub(crate) depth: usize,
    pub(crate) width: usize,
    pub(crate) start: Start,
}

/// The networks of one kind, over their seeds.
pub(crate) struct Outcome {
    pub(crate) kind: Kind,
    /// One for each seed, in `f64`.
    pub(crate) networks: Vec<Measured>,
    /// Test accuracies of the trained ones whose loss stayed finite, from 0 to 1.
    pub(crate) accuracies: Vec<f64>,
    pub(crate) expected: Expected,
}

/// The numbers of one network before training.
pub(crate) struct Measured {
    /// [`common::log10_delta`] of each hidden layer; `None` if no gradient came through.
    pub(crate) log10_delta: Option<Vec<f64>>,
    /// log10 of mean-square dW, first over last hidden layer.
    pub(crate) log10_weight_gradient: Option<f64>,
    /// Mean cosine between the states of the last hidden layer.
    pub(crate) cosine: Option<f64>,
    pub(crate) verdict: Verdict,
}

/// The numbers that theory gives for a kind of network, before any is drawn.
pub(crate) struct Expected {
    /// The first layer's [`common::log10_delta`] at infinite width.
    pub(crate) log10_delta: Option<f64>,
    /// The same for these images in one network of this width.
    pub(crate) band: Band,
    /// Cosine between the states of the last hidden layer.
    pub(crate) cosine: Option<f64>,
}

impl Measured {
    fn of(chain: &GradientChain) -> Self {
        let layers = chain.hidden_layers();
        let ln_weight_gradient = |layer: Option<&Layer>| layer?.d_weight()?.ln_mean_square();
        let ends = ln_weight_gradient(layers.first()).zip(ln_weight_gradient(layers.last()));
        Self {
            log10_delta: common::log10_delta(chain),
            log10_weight_gradient: ends
                .map(|(first, last)| (first - last) / LN_10)
                .filter(|log| log.is_finite()),
            cosine: layers.last().and_then(Layer::cosine),
            verdict: chain.verdict(),
        }
    }
}

impl Outcome {
    /// The key of a table: activation and depth.
    pub(crate) fn shape(&self) -> (String, usize) {
        (self.kind.activation.to_string(), self.kind.depth)
    }

    /// The first layer's [`common::log10_delta`] of each network that a gradient came through.
    pub(crate) fn log10_delta(&self) -> Vec<f64> {
        self.networks.iter().filter_map(|network| network.log10_delta.as_ref()?.first().copied()).collect()
    }

    /// How far the mean of [`log10_delta`](Outcome::log10_delta) is from that of the band, in standard
    /// errors; `None` where no gradient came through or there is no step to judge.
    pub(crate) fn z(&self) -> Option<f64> {
        let found = self.log10_delta();
        let (mean, std_dev) = self.expected.band.decades();
        let drawn = match self.expected.band.source {
            // Its mean is that of so many draws, and as uncertain.
            BandSource::MonteCarlo { draws } => 1.0 / draws as f64,
            _ => 0.0,
        };
        let count = found.len() as f64;
        let z = (found.iter().sum::<f64>() / count - mean) / (std_dev * (1.0 / count + drawn).sqrt());
        Some(z).filter(|z| z.is_finite())
    }

    /// The verdict that most of the networks get.
    pub(crate) fn verdict(&self) -> Verdict {
        let verdicts = || self.networks.iter().map(|network| network.verdict);
        let count = |verdict: &Verdict| verdicts().filter(|other| other == verdict).count();
        verdicts().max_by_key(count).expect("at least one seed")
    }
}

impl Kind {
    fn network<T: Scalar>(&self, seed: Seed) -> Result<Network<T>, NnError> {
        let hidden = (0..self.depth)
            .fold(Network::new(PIXELS), |net, _| net.dense(self.width, self.activation.clone()));
        let net = hidden.dense(CLASSES, Activation::Identity);
        net.init(|fan| self.start.initializer::<T>(fan), seed)
    }

    pub(crate) fn chain(&self, digits: &Digits, seed: Seed) -> Result<GradientChain, NnError> {
        let batch = digits.measured();
        self.network(seed)?.gradient_chain(&batch.images, &batch.labels, Loss::SoftmaxCrossEntropy)
    }

    /// Test accuracy after training; `None` if the loss overflowed on the way. Batches go through the training set in order, the same for all.
    fn train(
        &self,
        digits: &Digits,
        seed: Seed,
        steps: u32,
        bar: &ProgressBar,
    ) -> Result<Option<f64>, NnError> {
        let mut net = self.network::<f32>(seed)?;
        let mut tape = Tape::new();
        for step in 0..steps as usize {
            let batch = digits.train.rows::<f32>(step * BATCH..(step + 1) * BATCH);
            let (images, labels) = (&batch.images, &batch.labels);
            let loss = net.train_step(images, labels, Loss::SoftmaxCrossEntropy, LEARNING_RATE, &mut tape)?;
            bar.inc(1);
            if !loss.is_finite() {
                bar.inc(u64::from(steps) - step as u64 - 1);
                return Ok(None);
            }
        }
        let test = digits.test.rows::<f32>(0..digits.test.labels.len());
        net.accuracy(&test.images, &test.labels).map(Some)
    }

    fn expected(&self, digits: &Digits) -> Result<Expected, TheoryError> {
        let mut widths = vec![self.width; self.depth + 2];
        (widths[0], widths[self.depth + 1]) = (PIXELS, CLASSES);
        let law = NetworkLaw::dense(&widths, &self.activation, |fan| self.start.law(fan))?;
        let inputs = Inputs::from_batch(&digits.measured().images, PIXELS)?;
        Ok(Expected {
            log10_delta: law.predict(&inputs)?.log10_ratio().filter(|log| log.is_finite()),
            cosine: law.cosines(&inputs)?[self.depth - 1],
            band: law.output_delta(OutputDelta::SoftmaxCrossEntropy)?.band(&inputs)?,
        })
    }
}

/// Every kind of network, on all cores, under a progress bar.
pub(crate) fn run_all(arguments: &Arguments, digits: &Digits) -> Result<Vec<Outcome>, String> {
    let mut outcomes = Vec::new();
    for activation in [Activation::Tanh, Activation::Relu] {
        for &depth in &arguments.depth {
            for start in Start::ALL {
                let (depth, width) = (depth as usize, arguments.width as usize);
                let kind = Kind { activation: activation.clone(), depth, width, start };
                let expected = kind.expected(digits).map_err(|error| error.to_string())?;
                outcomes.push(Outcome { kind, networks: Vec::new(), accuracies: Vec::new(), expected });
            }
        }
    }
    let trained = TRAINED.min(arguments.seeds);
    let steps = outcomes.len() as u64 * u64::from(trained) * u64::from(arguments.steps);
    let style =
        ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} steps, {eta} left").expect("a template");
    let bar = ProgressBar::new(steps).with_style(style).with_message("training");
    // The deepest first, so that no core waits long for the last one.
    let mut jobs: Vec<(usize, Seed, u32)> = (0..outcomes.len())
        .flat_map(|kind| {
            (0..arguments.seeds).map(move |k| (kind, Seed::from(arguments.seed.wrapping_add(k.into())), k))
        })
        .collect();
    jobs.sort_by_key(|&(kind, _, k)| (k < trained, outcomes[kind].kind.depth));
    let jobs = Mutex::new(jobs);
    let kinds: Vec<Kind> = outcomes.iter().map(|outcome| outcome.kind.clone()).collect();
    let work = || {
        let mut done = Vec::new();
        loop {
            let Some((kind, seed, k)) = jobs.lock().expect("no thread panicked").pop() else {
                return Ok(done);
            };
            let measured = Measured::of(&kinds[kind].chain(digits, seed)?);
            let accuracy =
                if k < trained { kinds[kind].train(digits, seed, arguments.steps, &bar)? } else { None };
            done.push((k, kind, measured, accuracy));
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let done: Result<Vec<_>, NnError> = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    bar.finish_and_clear();
    let mut done: Vec<_> = done.map_err(|error| error.to_string())?.into_iter().flatten().collect();
    done.sort_by_key(|&(k, kind, ..)| (kind, k));
    for (_, kind, measured, accuracy) in done {
        outcomes[kind].networks.push(measured);
        outcomes[kind].accuracies.extend(accuracy);
    }
    Ok(outcomes)
}
