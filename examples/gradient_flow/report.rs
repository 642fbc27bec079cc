//! What is printed, and the same as JSON.

use std::fs::File;
use std::path::Path;

use fanin::chain::{GradientChain, Moments, Verdict};
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::digits::Digits;
use crate::experiment::{BATCH, LEARNING_RATE, MEASURED, Outcome, TRAINED};
use crate::starts::Start;

/// A mean over seeds and its standard error, if there are at least two.
#[derive(Clone, Copy)]
pub(crate) struct Estimate {
    pub(crate) mean: f64,
    pub(crate) error: Option<f64>,
    pub(crate) count: usize,
}

/// The mean of what is there; `None` if nothing is.
pub(crate) fn estimate(values: impl IntoIterator<Item = Option<f64>>) -> Option<Estimate> {
    let moments: Moments = values.into_iter().flatten().collect();
    let count = moments.count() as usize;
    let error = moments.std_dev().filter(|_| count > 1).map(|std_dev| std_dev / (count as f64).sqrt());
    Some(Estimate { mean: moments.mean()?, error, count })
}

fn show(estimate: Option<Estimate>, scale: f64, digits: usize) -> String {
    match estimate {
        None => "·".into(),
        Some(Estimate { mean, error: None, .. }) => format!("{:.digits$}", scale * mean),
        Some(Estimate { mean, error: Some(error), .. }) => {
            format!("{:.digits$} ± {:.digits$}", scale * mean, scale * error)
        }
    }
}

/// log10 of mean-square dW, first over last hidden layer.
fn log10_weight_gradient(chain: &GradientChain) -> Option<f64> {
    let of = |layer: &fanin::chain::Layer| layer.d_weight()?.ln_mean_square();
    let layers = chain.hidden_layers();
    Some((of(layers.first()?)? - of(layers.last()?)?) / std::f64::consts::LN_10)
}

/// Mean cosine between the states of the last hidden layer.
fn cosine(chain: &GradientChain) -> Option<f64> {
    chain.hidden_layers().last()?.cosine()
}

/// The measured numbers of a kind: delta, its rate, dW, the cosine, accuracy.
fn estimates(outcome: &Outcome) -> [(&'static str, Option<Estimate>); 5] {
    let of = |number: fn(&GradientChain) -> Option<f64>| estimate(outcome.chains.iter().map(number));
    [
        ("log10_delta", of(GradientChain::log10_ratio)),
        ("log10_rate", of(|chain| chain.rate().map(f64::log10))),
        ("log10_weight_gradient", of(log10_weight_gradient)),
        ("cosine", of(cosine)),
        ("test_accuracy", estimate(outcome.accuracies.iter().map(|&accuracy| Some(accuracy)))),
    ]
}

fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Healthy => "healthy",
        Verdict::Vanishing => "vanishing",
        Verdict::Exploding => "exploding",
        Verdict::NonFinite { .. } => "non-finite",
        Verdict::Dead { .. } => "dead",
        _ => "unknown",
    }
}

pub(crate) fn print_introduction(arguments: &Arguments, digits: &Digits) {
    println!(
        "{} digits to train on, {} to test; hidden layers of width {}; {} seed(s) from {}\n",
        digits.train.labels.len(),
        digits.test.labels.len(),
        arguments.width,
        arguments.seeds,
        arguments.seed,
    );
}

/// One chain in full: the first kind that deserves a look, Xavier under ReLU.
pub(crate) fn print_chain(results: &[Outcome]) -> Result<(), String> {
    let telling = results.iter().find(|outcome| {
        outcome.kind.start == Start::Xavier && outcome.kind.activation == fanin::Activation::Relu
    });
    let outcome = telling.ok_or("no Xavier under ReLU among the results")?;
    println!("one network in full: {} hidden ReLU layers, Xavier\n", outcome.kind.depth);
    println!("{}\n", outcome.chains[0]);
    Ok(())
}

pub(crate) fn print_table(nets: &[Outcome]) {
    let (activation, depth) = nets[0].shape();
    println!("{activation}, {depth} hidden layers");
    println!(
        "  {:<12} {:^46}  {:^12}  {:^13}  {:>7} {:<10} {:>12}",
        "", "log10 δ², first over last hidden layer", "log10 dW²", "cosine of h", "", "", ""
    );
    println!(
        "  {:<12} {:>14} {:>8} {:>15} {:>6}  {:>12}  {:>6} {:>6}  {:>7} {:<10} {:>12}",
        "start",
        "measured",
        "theory",
        "at this width",
        "z",
        "measured",
        "theory",
        "met",
        "a layer",
        "verdict",
        "accuracy %"
    );
    for outcome in nets {
        let [delta, rate, weight, cosine, accuracy] = estimates(outcome).map(|(_, estimate)| estimate);
        let (mean, std_dev) = outcome.expected.band.decades();
        println!(
            "  {:<12} {:>14} {:>8.2} {:>15} {:>6}  {:>12}  {:>6} {:>6}  {:>7} {:<10} {:>12}",
            outcome.kind.start.name(),
            show(delta, 1.0, 2),
            outcome.expected.decades,
            format!("{mean:.2} ± {std_dev:.2}"),
            format!("{:+.1}", outcome.z()),
            show(weight, 1.0, 2),
            outcome.expected.cosine.map_or("·".into(), |cosine| format!("{cosine:.3}")),
            cosine.map_or("·".into(), |cosine| format!("{:.3}", cosine.mean)),
            rate.map_or("·".into(), |rate| format!("x {:.3}", 10_f64.powf(rate.mean))),
            verdict_name(outcome.verdict()),
            show(accuracy, 100.0, 1),
        );
    }
    println!();
}

pub(crate) fn print_legend(arguments: &Arguments) {
    println!(
        "δ², dW²: mean squares of dL/dz and dL/dW over {MEASURED} images at the start, in f64; mean over seeds ± standard\n\
         error. Theory: mean field, infinite width; at this width: mean ± standard deviation of one network's chain\n\
         (exact for ReLU, 400 simulated chains for tanh); z: how far the mean over seeds is from it, in its standard errors.\n\
         Cosine: between the states of the last hidden layer for different images; near 1 all images have become one.\n\
         Accuracy on the test images after training {} of {} seeds, {} steps of SGD, batch {BATCH}, learning rate\n\
         {LEARNING_RATE}, f32; chance is 10 %, · where the loss overflowed.\n",
        TRAINED.min(arguments.seeds),
        arguments.seeds,
        arguments.steps,
    );
}

/// A file to write to, with its name for error messages.
pub(crate) struct Output {
    file: File,
    name: String,
}

pub(crate) fn create(path: &Path) -> Result<Output, String> {
    let name = path.display().to_string();
    let file = File::create(path).map_err(|error| format!("{name}: {error}"))?;
    Ok(Output { file, name })
}

pub(crate) fn write_json(to: Output, arguments: &Arguments, results: &[Outcome]) -> Result<(), String> {
    let networks: Vec<Value> = results
        .iter()
        .map(|outcome| {
            let mut network = json!({
                "activation": outcome.kind.activation.to_string(),
                "hidden_layers": outcome.kind.depth,
                "width": outcome.kind.width,
                "start": outcome.kind.start.name(),
                "verdict": verdict_name(outcome.verdict()),
                "log10_delta_theory": outcome.expected.decades,
                "log10_delta_at_this_width": outcome.expected.band.decades().0,
                "log10_delta_standard_deviation": outcome.expected.band.decades().1,
                "z": outcome.z(),
                "cosine_theory": outcome.expected.cosine,
                "log10_mean_square_delta_by_layer": layers(outcome),
            });
            for (name, estimate) in estimates(outcome) {
                network[name] = estimate.map_or(Value::Null, |Estimate { mean, error, count }| {
                    json!({ "mean": mean, "standard_error": error, "seeds": count })
                });
            }
            network
        })
        .collect();
    let document = json!({
        "seed": arguments.seed,
        "seeds": arguments.seeds,
        "steps": arguments.steps,
        "batch": BATCH,
        "learning_rate": LEARNING_RATE,
        "networks": networks,
    });
    serde_json::to_writer_pretty(&to.file, &document).map_err(|error| format!("{}: {error}", to.name))?;
    println!("numbers: {}", to.name);
    Ok(())
}

/// log10 of mean-square delta of each hidden layer, first to last: mean over seeds.
pub(crate) fn layers(outcome: &Outcome) -> Vec<Option<f64>> {
    let log10 = |chain: &GradientChain, l: usize| {
        Some(chain.hidden_layers()[l].delta().ln_mean_square()? / std::f64::consts::LN_10)
    };
    (0..outcome.kind.depth)
        .map(|l| Some(estimate(outcome.chains.iter().map(|chain| log10(chain, l)))?.mean))
        .collect()
}
