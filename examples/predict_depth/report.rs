//! What is printed.

use std::f64::consts::LN_10;

use fanin::chain::Moments;
use fanin::theory::{Diagnosis, Horizon, Stability};

use crate::arguments::Arguments;
use crate::forecast::Forecast;
use crate::measurement::Measurement;

/// Rows of the table at most.
const ROWS: usize = 12;

pub(crate) fn print(
    arguments: &Arguments,
    forecast: &Forecast,
    measurement: &Measurement,
    diagnosis: &Diagnosis,
) {
    let Arguments { activation, width, depth, init, .. } = arguments;
    println!(
        "{depth} hidden layers of {width} {activation} units, {}: n Var[W] = {:.4}, Var[b] = {:.4}\n",
        init.name(),
        arguments.weight_variance(),
        arguments.bias * arguments.bias
    );
    print_table(forecast, measurement);
    print_verdict(forecast, diagnosis);
    print_horizons(forecast, measurement);
    print_jacobian(forecast, measurement);
    print_advice(forecast);
}

fn print_table(forecast: &Forecast, measurement: &Measurement) {
    println!("{:>5} {:^21} {:^34} {:^15}", "", "rms z", "log10 delta²", "cosine of h");
    println!(
        "{:>5} {:>10} {:>10} {:>10} {:>8} {:>14} {:>7} {:>7}",
        "layer", "theory", "met", "theory", "met", "95 % band", "theory", "met"
    );
    let (predicted, met) = (forecast.decades(), measurement.decades());
    let depth = met.len();
    let every = depth.div_ceil(ROWS);
    let cosine = |value: Option<f64>| value.map_or("·".into(), |value| format!("{:.3}", positive(value)));
    for l in (0..depth).filter(|l| l % every == 0 || l + 1 == depth) {
        let (mean, std_dev) = forecast.bands[l].decades();
        let layer = &measurement.chain.layers()[l];
        println!(
            "{:>5} {:>10.3e} {:>10.3e} {:>10.2} {:>8.2} {:>14} {:>7} {:>7}",
            l + 1,
            forecast.prediction.layers()[l].q().sqrt(),
            layer.z().and_then(Moments::rms).unwrap_or(f64::NAN),
            positive(predicted[l]),
            positive(met[l]),
            format!("{:.2} .. {:.2}", mean - 1.96 * std_dev, mean + 1.96 * std_dev),
            cosine(forecast.cosines[l]),
            cosine(layer.cosine()),
        );
    }
    println!(
        "delta²: |dL/dz|² over that of the last hidden layer; theory: infinite width; band: what this width makes of it;\n\
         cosine: between the hidden states of different inputs\n"
    );
}

/// No -0.00.
fn positive(value: f64) -> f64 {
    if value.abs() < 5e-4 { 0.0 } else { value }
}

fn print_verdict(forecast: &Forecast, diagnosis: &Diagnosis) {
    let band = diagnosis.band();
    println!(
        "prediction:  {} is what the mean-square gradient is multiplied by on its way back; at this width {band}",
        power(forecast.prediction.log10_ratio().unwrap_or(f64::NAN) * LN_10),
    );
    println!("measurement: {}, z = {:+.1}", power(band.mean + diagnosis.z() * band.std_dev), diagnosis.z());
    println!("verdict:     {}", diagnosis.finding());
    if let Some(advice) = diagnosis.advice() {
        println!("advice:      {advice}");
    }
    println!();
}

fn print_horizons(forecast: &Forecast, measurement: &Measurement) {
    println!("what each format would hold:");
    for predicted in &forecast.horizons {
        let measured = Horizon::from_chain(&measurement.chain, predicted.precision());
        if measured == *predicted {
            println!("  {predicted}, as predicted");
        } else {
            println!("  {predicted}, predicted\n  {measured}, measured");
        }
    }
    println!();
}

fn print_jacobian(forecast: &Forecast, measurement: &Measurement) {
    let spectrum = &measurement.spectrum;
    let not_zero = &spectrum.ln_values()[..spectrum.rank()];
    let span = not_zero.first().zip(not_zero.last()).map_or(0.0, |(most, least)| most - least);
    println!(
        "Jacobian:    {} singular values s, {} of them 0, the others over {:.1} decades",
        spectrum.ln_values().len(),
        spectrum.ln_values().len() - not_zero.len(),
        span / LN_10
    );
    println!(
        "  measured:  mean of s² = {}, variance / mean² = {:.1}",
        power(spectrum.ln_mean()),
        spectrum.relative_variance()
    );
    match &forecast.jacobian {
        Some(moments) => println!(
            "  predicted: mean of s² = {}, variance / mean² = {:.1}\n",
            power(moments.ln_mean()),
            moments.relative_variance()
        ),
        None => println!("  predicted: no gradient passes\n"),
    }
}

fn print_advice(forecast: &Forecast) {
    match &forecast.fixed_point {
        Ok(point) => println!(
            "where the lengths go: q* = {:.4} ({}), chi_1 = {:.4} a layer",
            point.q, point.stability, point.chi
        ),
        Err(error) => println!("where the lengths go: {error}"),
    }
    match &forecast.critical {
        Ok(point) => {
            let (gain, bias) = (point.weight_variance.sqrt(), point.bias_variance.sqrt());
            println!("recommended: {point}");
            println!(
                "             LeCun::normal(fan_in).gain({gain:.6}), biases Normal::new(0.0, {bias:.6})"
            );
            if point.stability == Stability::Unstable {
                println!(
                    "             unstable: lengths leave q* with depth, and the gradient goes with them"
                );
            }
            println!("try it:      --init gain:{gain:.6} --bias {bias:.6}\n");
        }
        Err(error) => println!("recommended: none: {error}\n"),
    }
}

/// e^ln as a power of ten.
fn power(ln: f64) -> String {
    match ln / LN_10 {
        f64::NEG_INFINITY => "0".into(),
        log if log.is_finite() => format!("10^{:.2}", if log.abs() < 0.005 { 0.0 } else { log }),
        _ => "not a number".into(),
    }
}
