//! The printed report, and the same as JSON.

use std::error::Error;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use fanin::chain::{Moments, Verdict};
use fanin::{Activation, Seed};
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::digits::Digits;
use crate::experiment::{BATCH, Kind, LEARNING_RATE, MEASURED, Measured, Outcome, TRAINED};
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

fn given<V>(value: Option<V>, text: impl Fn(V) -> String) -> String {
    value.map_or_else(|| "·".into(), text)
}

fn show(estimate: Option<Estimate>, scale: f64, digits: usize) -> String {
    given(estimate, |Estimate { mean, error, .. }| {
        let error = error.map_or_else(String::new, |error| format!(" ± {:.digits$}", scale * error));
        format!("{:.digits$}{error}", scale * mean)
    })
}

/// The measured numbers of a kind: delta, dW, the cosine, accuracy.
fn estimates(outcome: &Outcome) -> [(&'static str, Option<Estimate>); 4] {
    let of = |number: fn(&Measured) -> Option<f64>| estimate(outcome.networks.iter().map(number));
    [
        ("log10_delta", estimate(outcome.log10_delta().into_iter().map(Some))),
        ("log10_weight_gradient", of(|network| network.log10_weight_gradient)),
        ("cosine", of(|network| network.cosine)),
        ("test_accuracy", estimate(outcome.accuracies.iter().map(|&accuracy| Some(accuracy)))),
    ]
}

/// The factor that one layer multiplies |delta|^2 by, in the geometric mean.
fn rate(outcome: &Outcome, delta: Option<Estimate>) -> Option<f64> {
    let steps = outcome.kind.depth.checked_sub(1).filter(|&steps| steps > 0)?;
    Some(10_f64.powf(delta?.mean / steps as f64))
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

pub(crate) fn print_introduction(
    out: &mut impl Write,
    arguments: &Arguments,
    digits: &Digits,
) -> io::Result<()> {
    writeln!(
        out,
        "{} digits to train on, {} to test; hidden layers of width {}; {} seed(s) from {}\n",
        digits.train.labels.len(),
        digits.test.labels.len(),
        arguments.width,
        arguments.seeds,
        arguments.seed,
    )
}

/// One chain in full: the first kind that deserves a look, Xavier under ReLU.
pub(crate) fn print_chain(
    out: &mut impl Write,
    arguments: &Arguments,
    digits: &Digits,
) -> Result<(), Box<dyn Error>> {
    let (depth, width) = (arguments.depth[0] as usize, arguments.width as usize);
    let kind = Kind { activation: Activation::Relu, depth, width, start: Start::Xavier };
    let chain = kind.chain(digits, Seed::from(arguments.seed))?;
    let diagnosis = chain.diagnosis();
    writeln!(out, "one network in full: {depth} hidden ReLU layers, Xavier\n\n{diagnosis}\n")?;
    Ok(())
}

pub(crate) fn print_table(out: &mut impl Write, nets: &[Outcome]) -> io::Result<()> {
    let (activation, depth) = nets[0].shape();
    writeln!(out, "{activation}, {depth} hidden layers")?;
    writeln!(
        out,
        "  {:<12} {:^46}  {:^12}  {:^15}  {:>8} {:<10} {:>12}",
        "",
        format!("mean over images of log10 |δ1|²/|δ{depth}|²"),
        "log10 dW²",
        "cosine of h",
        "",
        "",
        ""
    )?;
    writeln!(
        out,
        "  {:<12} {:>14} {:>8} {:>15} {:>6}  {:>12}  {:>6} {:>8}  {:>8} {:<10} {:>12}",
        "start",
        "measured",
        "theory",
        "at this width",
        "z",
        "measured",
        "theory",
        "measured",
        "a layer",
        "verdict",
        "accuracy %"
    )?;
    for outcome in nets {
        let [delta, weight, cosine, accuracy] = estimates(outcome).map(|(_, estimate)| estimate);
        let (mean, std_dev) = outcome.expected.band.decades();
        writeln!(
            out,
            "  {:<12} {:>14} {:>8} {:>15} {:>6}  {:>12}  {:>6} {:>8}  {:>8} {:<10} {:>12}",
            outcome.kind.start.name(),
            show(delta, 1.0, 2),
            given(outcome.expected.log10_delta, |log10| format!("{log10:.2}")),
            format!("{mean:.2} ± {std_dev:.2}"),
            given(outcome.z(), |z| format!("{z:+.1}")),
            show(weight, 1.0, 2),
            given(outcome.expected.cosine, |cosine| format!("{cosine:.3}")),
            given(cosine, |cosine| format!("{:.3}", cosine.mean)),
            given(rate(outcome, delta), |rate| format!("x {rate:.3}")),
            verdict_name(outcome.verdict()),
            show(accuracy, 100.0, 1),
        )?;
    }
    for outcome in nets {
        let (all, with) = (outcome.networks.len(), outcome.log10_delta().len());
        if with < all {
            let name = outcome.kind.start.name();
            writeln!(
                out,
                "  {name}: no gradient came through {} of {all} networks; they are left out",
                all - with
            )?;
        }
    }
    writeln!(out)
}

pub(crate) fn print_legend(out: &mut impl Write, arguments: &Arguments) -> io::Result<()> {
    writeln!(
        out,
        "|δ1|²: squared length of dL/dz in the first hidden layer, divided by that of the last; from {MEASURED} images\n\
         at the start, in f64; measured: mean over seeds ± standard error. Theory: mean field, infinite width. At this\n\
         width: mean ± standard deviation over networks, for these images and this loss, by simulated chains.\n\
         z: measured mean less the mean at this width, over that standard deviation / √seeds: within ±2 in 95 of 100 runs.\n\
         dW²: mean square of dL/dW, first over last hidden layer. Cosine: between the states of the last hidden layer\n\
         for different images; near 1 all images have become one. A layer: the factor by which each layer multiplies\n\
         |δ|², from the measured mean. A dot: there is no number, as where no gradient arrives.\n\
         Accuracy on the test images after training {} of {} seeds, {} steps of SGD, batch {BATCH}, learning rate\n\
         {LEARNING_RATE}, f32; guessing gives 10 %; a dot: the loss overflowed.\n",
        TRAINED.min(arguments.seeds),
        arguments.seeds,
        arguments.steps,
    )
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

/// The name of what was written.
pub(crate) fn write_json(
    mut to: Output,
    arguments: &Arguments,
    results: &[Outcome],
) -> Result<String, String> {
    let failed = |error: &dyn Error| format!("{}: {error}", to.name);
    let text = serde_json::to_vec_pretty(&document(arguments, results)).map_err(|error| failed(&error))?;
    to.file.write_all(&text).map_err(|error| failed(&error))?;
    Ok(to.name)
}

fn document(arguments: &Arguments, results: &[Outcome]) -> Value {
    let networks: Vec<Value> = results
        .iter()
        .map(|outcome| {
            let mut network = json!({
                "activation": outcome.kind.activation.to_string(),
                "hidden_layers": outcome.kind.depth,
                "width": outcome.kind.width,
                "start": outcome.kind.start.name(),
                "verdict": verdict_name(outcome.verdict()),
                "log10_delta_theory": outcome.expected.log10_delta,
                "log10_delta_at_this_width": outcome.expected.band.decades().0,
                "log10_delta_standard_deviation": outcome.expected.band.decades().1,
                "z": outcome.z(),
                "cosine_theory": outcome.expected.cosine,
                "log10_delta_by_layer": layers(outcome),
            });
            for (name, estimate) in estimates(outcome) {
                network[name] = estimate.map_or(Value::Null, |Estimate { mean, error, count }| {
                    json!({ "mean": mean, "standard_error": error, "seeds": count })
                });
            }
            network["rate"] = json!(rate(outcome, estimate(outcome.log10_delta().into_iter().map(Some))));
            network
        })
        .collect();
    json!({
        "log10_delta": "mean over images of log10(|delta_1|^2 / |delta_d|^2), d the last hidden layer: measured, theory, at this width, z",
        "seed": arguments.seed,
        "seeds": arguments.seeds,
        "steps": arguments.steps,
        "batch": BATCH,
        "learning_rate": LEARNING_RATE,
        "networks": networks,
    })
}

/// log10 of |delta|^2 of each hidden layer over that of the last, mean over images and seeds.
pub(crate) fn layers(outcome: &Outcome) -> Vec<Option<f64>> {
    let of = |network: &Measured, l: usize| Some(network.log10_delta.as_ref()?[l]);
    (0..outcome.kind.depth)
        .map(|l| Some(estimate(outcome.networks.iter().map(|network| of(network, l)))?.mean))
        .collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::experiment::run_all;

    /// The table of every kind, and the same as JSON.
    fn printed(line: &str) -> (String, Value) {
        let arguments =
            Arguments::parse_from(["gradient_flow", "--steps", "0"].into_iter().chain(line.split(' ')));
        let results = run_all(&arguments, &Digits::load(&arguments.data).unwrap()).unwrap();
        let mut out = Vec::new();
        results.chunk_by(|a, b| a.shape() == b.shape()).for_each(|nets| print_table(&mut out, nets).unwrap());
        (String::from_utf8(out).unwrap(), document(&arguments, &results))
    }

    /// Of a row, the numbers of the columns from `measured` to `z`.
    fn numbers(row: &str) -> [f64; 6] {
        let words = row[row.find("  ").unwrap() + 2..].chars().skip(12).collect::<String>();
        let numbers = words.split_whitespace().filter(|word| *word != "±");
        let numbers: Vec<f64> = numbers.take(6).map(|word| word.parse().unwrap()).collect();
        numbers.try_into().unwrap()
    }

    /// N(0, 1) under tanh tells the mean of logs from the log of the mean by more than a decade.
    #[test]
    fn z_is_of_the_figures_beside_it() {
        let (table, json) = printed("--depth 15 --width 30 --seeds 4");
        let rows: Vec<&str> = table.lines().filter(|row| row.contains(" ± ")).collect();
        assert_eq!(rows.len(), 10);
        for (row, json) in rows.iter().zip(json["networks"].as_array().unwrap()) {
            let [measured, _, theory, mean, std_dev, z] = numbers(row);
            let number = |name: &str| json[name].as_f64().unwrap();
            let draws = if json["activation"] == "tanh" { 400.0 } else { f64::INFINITY };
            let z_of = |measured: f64, mean: f64, std_dev: f64| {
                (measured - mean) / (std_dev * (0.25 + 1.0 / draws).sqrt())
            };
            // Two decimals are printed of the figures, one of z.
            let rounding = 0.05 + (0.01 + 0.005 * z.abs()) / (0.5 * std_dev);
            assert!((z - z_of(measured, mean, std_dev)).abs() <= rounding, "{row}");

            let of_json = [
                json["log10_delta"]["mean"].as_f64().unwrap(),
                number("log10_delta_theory"),
                number("log10_delta_at_this_width"),
                number("log10_delta_standard_deviation"),
            ];
            for (printed, exact) in [measured, theory, mean, std_dev].into_iter().zip(of_json) {
                assert!((printed - exact).abs() <= 0.005 + 1e-9, "{row}: {exact}");
            }
            assert!((number("z") - z_of(of_json[0], of_json[2], of_json[3])).abs() < 1e-9, "{row}");
            assert_eq!(json["log10_delta_by_layer"][0], json["log10_delta"]["mean"]);
            assert!((14.0 * number("rate").log10() - of_json[0]).abs() < 1e-9, "{row}");
        }
    }

    #[test]
    fn without_a_gradient_there_is_no_number() {
        // One unit a layer: of 60 ReLUs one is closed for sure, but for a chance of 2^-60.
        let (table, json) = printed("--depth 60 --width 1 --seeds 2");
        assert!(!table.contains("NaN") && !table.contains("inf"), "{table}");
        assert!(table.contains("He: no gradient came through 2 of 2 networks; they are left out"), "{table}");
        let of_relu = &json["networks"][9];
        assert_eq!((&of_relu["start"], &of_relu["activation"]), (&json!("He"), &json!("relu")));
        for name in ["log10_delta", "z", "rate"] {
            assert_eq!(of_relu[name], Value::Null, "{name}");
        }
        // One hidden layer: no step, nothing to judge.
        let (table, json) = printed("--depth 1 --width 3 --seeds 2");
        assert!(!table.contains("NaN") && json["networks"][0]["z"].is_null(), "{table}");
    }
}
