//! What is printed.

use std::f64::consts::LN_10;

use fanin::theory::Stability;

use crate::arguments::Arguments;
use crate::forecast::Forecast;
use crate::measurement::Measurement;

/// Rows of the table at most.
const ROWS: usize = 12;

/// Standard deviations beyond which a difference is not luck.
const LUCK: f64 = 3.0;

/// Decades of the mean-square gradient that are no trouble.
const DECADES: f64 = 2.0;

pub(crate) fn print(arguments: &Arguments, forecast: &Forecast, measurement: &Measurement) {
    let Arguments { activation, width, depth, init, .. } = arguments;
    println!(
        "{depth} hidden layers of {width} {activation} units, {}: n Var[W] = {:.4}, Var[b] = {:.4}\n",
        init.name(),
        arguments.weight_variance(),
        arguments.bias * arguments.bias
    );
    print_table(forecast, measurement);
    print_gradient(forecast, measurement);
    print_jacobian(forecast, measurement);
    print_advice(forecast);
}

fn print_table(forecast: &Forecast, measurement: &Measurement) {
    println!(
        "{:>6} {:>11} {:>11} {:>18} {:>11} {:>17}",
        "layer", "z² theory", "measured", "log10 δ² theory", "measured", "band (95 %)"
    );
    let depth = measurement.q.len();
    let every = depth.div_ceil(ROWS);
    for l in (0..depth).filter(|l| l % every == 0 || l + 1 == depth) {
        println!(
            "{:>6} {:>11.3e} {:>11.3e} {:>18.2} {:>11.2} {:>17}",
            l + 1,
            forecast.q[l],
            measurement.q[l],
            forecast.ln_delta[l] / LN_10,
            measurement.ln_delta[l] / LN_10,
            format!("{:.2} .. {:.2}", forecast.luck[l].low / LN_10, forecast.luck[l].high / LN_10),
        );
    }
    println!(
        "one sample; z², δ²: mean squares of z and of dL/dz, the latter over that of the last hidden layer;\n\
         theory: infinite width; band: what width {} makes of it\n",
        measurement.spectrum.ln_values().len()
    );
}

fn print_gradient(forecast: &Forecast, measurement: &Measurement) {
    let (predicted, luck, measured) = (forecast.ln_delta[0], forecast.luck[0], measurement.ln_delta[0]);
    println!(
        "prediction:  {} is what the mean-square gradient is multiplied by on its way back; at this width {}",
        power(predicted),
        match luck.std_dev / LN_10 {
            spread if spread.is_finite() => format!("{} ± {spread:.2}", power(luck.mean)),
            _ => "some networks have none".into(),
        }
    );
    println!("measurement: {}; the chain is {}", power(measured), measurement.verdict);
    let z = (measured - luck.mean) / luck.std_dev;
    let reading = if !z.is_finite() {
        "no gradient to compare: it is 0 or not finite"
    } else if z.abs() > LUCK {
        "not luck: something besides law, width and depth is at work"
    } else if luck.mean.abs() / LN_10 > DECADES && luck.mean.abs() > LUCK * luck.std_dev {
        "as predicted: the law is the cause, not luck"
    } else if luck.std_dev / LN_10 > DECADES / 2.0 {
        "luck, and much of it: this depth is beyond what the width carries"
    } else {
        "as predicted: sound, within the luck of this width and depth"
    };
    if z.is_finite() {
        println!("verdict:     z = {z:+.1}: {reading}\n");
    } else {
        println!("verdict:     {reading}\n");
    }
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
