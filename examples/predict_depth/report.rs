//! The printed report.

use std::f64::consts::LN_10;
use std::io::{self, Write};

use fanin::chain::Moments;
use fanin::diagnosis::Diagnosis;
use fanin::theory::{Horizon, Stability};

use crate::arguments::Arguments;
use crate::forecast::Forecast;
use crate::measurement::Measurement;

/// Rows of the table at most.
const ROWS: usize = 12;

pub(crate) fn print(
    out: &mut impl Write,
    arguments: &Arguments,
    forecast: &Forecast,
    measurement: &Measurement,
    diagnosis: Option<&Diagnosis<'_>>,
) -> io::Result<()> {
    let Arguments { activation, width, depth, init, .. } = arguments;
    writeln!(
        out,
        "{depth} hidden layers of {width} {activation} units, {}: n Var[W] = {}, Var[b] = {}\n",
        init.name(),
        number(arguments.weight_variance(), 4),
        number(arguments.bias * arguments.bias, 4)
    )?;
    print_table(out, forecast, measurement)?;
    print_verdict(out, forecast, measurement, diagnosis)?;
    print_horizons(out, forecast, measurement)?;
    print_jacobian(out, forecast, measurement)?;
    print_advice(out, forecast)
}

fn print_table(out: &mut impl Write, forecast: &Forecast, measurement: &Measurement) -> io::Result<()> {
    writeln!(out, "{:>5} {:^21} {:^34} {:^16}", "", "rms z", "mean of log10 |delta|²", "cosine of h")?;
    writeln!(
        out,
        "{:>5} {:>10} {:>10} {:>10} {:>8} {:>14} {:>7} {:>8}",
        "layer", "theory", "measured", "theory", "measured", "95 % band", "theory", "measured"
    )?;
    let (predicted, measured) = (forecast.log10_delta(), measurement.log10_delta().unwrap_or_default());
    let bands = forecast.bands.as_deref().unwrap_or_default();
    let depth = measurement.chain.hidden_layers().len();
    let every = depth.div_ceil(ROWS);
    for l in (0..depth).filter(|l| l % every == 0 || l + 1 == depth) {
        let layer = &measurement.chain.layers()[l];
        let band = bands.get(l).map(|band| band.decades());
        let of = |values: &[f64]| fixed(values.get(l).copied(), 2);
        writeln!(
            out,
            "{:>5} {:>10} {:>10} {:>10} {:>8} {:>14} {:>7} {:>8}",
            l + 1,
            scientific(forecast.rms_z.get(l).copied()),
            layer.z().map_or_else(dot, rms),
            of(&predicted),
            of(&measured),
            band.map_or_else(dot, |(mean, std_dev)| {
                format!("{:.2} .. {:.2}", mean - 1.96 * std_dev, mean + 1.96 * std_dev)
            }),
            fixed(forecast.cosines.get(l).copied().flatten(), 3),
            fixed(layer.cosine(), 3),
        )?;
    }
    writeln!(
        out,
        "|delta|²: squared length of dL/dz over that of the last hidden layer, mean of logs over the samples;\n\
         theory: infinite width; band: where 95 of 100 networks of this width lie; cosine: between the hidden\n\
         states of different inputs; a dot: no number, as without a gradient\n"
    )
}

fn dot() -> String {
    "·".into()
}

/// With so many decimals, but no -0.00.
fn fixed(value: Option<f64>, decimals: usize) -> String {
    value.filter(|value| value.is_finite()).map_or_else(dot, |value| {
        let text = format!("{value:.decimals$}");
        if text.trim_start_matches(['-', '0', '.']).is_empty() { text.replace('-', "") } else { text }
    })
}

fn scientific(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or_else(dot, |value| format!("{value:.3e}"))
}

fn rms(moments: &Moments) -> String {
    if moments.non_finite() > 0 { "inf/NaN".into() } else { scientific(moments.rms()) }
}

/// Of any size, with so many decimals if they say something.
fn number(value: f64, decimals: usize) -> String {
    match value.abs() {
        0.0 => "0".into(),
        magnitude if (1e-3..1e6).contains(&magnitude) => fixed(Some(value), decimals),
        _ => scientific(Some(value)),
    }
}

fn print_verdict(
    out: &mut impl Write,
    forecast: &Forecast,
    measurement: &Measurement,
    diagnosis: Option<&Diagnosis<'_>>,
) -> io::Result<()> {
    match &forecast.prediction {
        Ok(prediction) => {
            let log10 = prediction.log10_ratio().unwrap_or(f64::NAN);
            writeln!(
                out,
                "prediction:  on its way back through the hidden layers |delta|² is multiplied by {}",
                power(log10 * LN_10)
            )?;
        }
        Err(error) => writeln!(out, "prediction:  none beyond layer {}: {error}", forecast.rms_z.len())?,
    }
    match &forecast.bands {
        Ok(bands) => {
            bands.first().map_or(Ok(()), |band| writeln!(out, "             at this width by {band}"))?
        }
        Err(_) if forecast.prediction.is_err() => {}
        Err(error) => writeln!(out, "             at this width unknown: {error}")?,
    }
    let chain = measurement.chain.verdict();
    let measured = measurement.log10_delta().and_then(|log10| log10.first().copied());
    match measured {
        Some(log10) => write!(out, "measurement: {}", power(log10 * LN_10))?,
        None => write!(out, "measurement: none, no sample carries a gradient: {chain}")?,
    }
    match diagnosis {
        Some(diagnosis) => {
            if let Some(z) = diagnosis.z().filter(|_| measured.is_some()) {
                write!(
                    out,
                    ", z = {z:+.1}: so many standard deviations from what theory makes of the measured z"
                )?;
            }
            writeln!(out, "\nverdict:     {chain}")?;
            for finding in diagnosis.findings() {
                writeln!(out, "finding:     {finding}")?;
                if let Some(remedy) = finding.remedy() {
                    writeln!(out, "remedy:      {remedy}")?;
                }
            }
        }
        None => writeln!(out, "\nverdict:     {chain}")?,
    }
    writeln!(out)
}

fn print_horizons(out: &mut impl Write, forecast: &Forecast, measurement: &Measurement) -> io::Result<()> {
    if forecast.horizons.is_empty() {
        return Ok(());
    }
    writeln!(out, "what each format would hold:")?;
    for predicted in &forecast.horizons {
        let measured = Horizon::from_chain(&measurement.chain, predicted.precision());
        if measured == *predicted {
            writeln!(out, "  {predicted}, as predicted")?;
        } else {
            writeln!(out, "  {predicted}, predicted\n  {measured}, measured")?;
        }
    }
    writeln!(out)
}

fn print_jacobian(out: &mut impl Write, forecast: &Forecast, measurement: &Measurement) -> io::Result<()> {
    write!(out, "Jacobian:    ")?;
    match &measurement.spectrum {
        Some(spectrum) => {
            let values = spectrum.ln_values();
            let not_zero = &values[..spectrum.rank()];
            write!(out, "{} singular values s", values.len())?;
            match (not_zero.first(), not_zero.last()) {
                (Some(most), Some(least)) => writeln!(
                    out,
                    ", {} of them 0, the others over {:.1} decades\n  measured:  {}",
                    values.len() - not_zero.len(),
                    (most - least) / LN_10,
                    squares(spectrum.ln_mean(), spectrum.relative_variance())
                ),
                _ => writeln!(out, "\n  measured:  all of them are 0, no gradient passes"),
            }?;
        }
        None => writeln!(out, "dh/dx\n  measured:  not finite in f64")?,
    }
    match &forecast.jacobian {
        Ok(Some(moments)) => {
            writeln!(out, "  predicted: {}\n", squares(moments.ln_mean(), moments.relative_variance()))
        }
        Ok(None) => writeln!(out, "  predicted: no gradient passes\n"),
        Err(_) if forecast.prediction.is_err() => writeln!(out, "  predicted: none, as above\n"),
        Err(error) => writeln!(out, "  predicted: none: {error}\n"),
    }
}

fn squares(ln_mean: f64, relative_variance: f64) -> String {
    format!("mean of s² = {}, variance / mean² = {}", power(ln_mean), number(relative_variance, 1))
}

fn print_advice(out: &mut impl Write, forecast: &Forecast) -> io::Result<()> {
    match &forecast.fixed_point {
        Ok(point) => writeln!(
            out,
            "fixed point: q* = {} ({}), chi_1 = {} a layer",
            number(point.q, 4),
            point.stability,
            number(point.chi, 4)
        )?,
        Err(error) => writeln!(out, "fixed point: none: {error}")?,
    }
    match &forecast.critical {
        Ok(point) => {
            let (gain, bias) = (point.weight_variance.sqrt(), point.bias_variance.sqrt());
            writeln!(out, "recommended: {point}")?;
            writeln!(
                out,
                "             LeCun::normal(fan_in).gain({gain:.6}), biases Normal::new(0.0, {bias:.6})"
            )?;
            if point.stability == Stability::Unstable {
                writeln!(
                    out,
                    "             unstable: z² leaves q* with depth, and the gradient goes with it"
                )?;
            }
            writeln!(out, "try it:      --init gain:{gain:.6} --bias {bias:.6}\n")?;
        }
        Err(error) => writeln!(out, "recommended: none: {error}\n")?,
    }
    writeln!(
        out,
        "q*:          the mean square of z that stays what it is from layer to layer; deep layers come to a stable one\n\
         chi_1:       what each layer at q* multiplies the mean-square gradient by: it vanishes below 1, explodes above\n\
         half-stable: from one side of q* the mean square of z comes back to it, on the other it runs away\n\
         {:13}(stable: it comes back from both; unstable: from neither; neutral: it stays where it is)\n",
        ""
    )
}

/// e^ln as a power of ten.
fn power(ln: f64) -> String {
    match ln / LN_10 {
        f64::NEG_INFINITY => "0".into(),
        f64::INFINITY => "infinity".into(),
        log if log.is_finite() => format!("10^{}", fixed(Some(log), 2)),
        _ => dot(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use fanin::theory::Inputs;

    use super::*;

    fn printed(line: &str) -> String {
        let arguments = Arguments::parse_from(["predict_depth"].into_iter().chain(line.split(' ')));
        let measurement = Measurement::of(&arguments).unwrap();
        let inputs = Inputs::from_batch(&measurement.batch, arguments.width as usize).unwrap();
        let forecast = Forecast::of(&arguments, &inputs, measurement.first()).unwrap();
        let diagnosis = measurement.chain.diagnosis_against(&forecast.law, &inputs).ok();
        let mut out = Vec::new();
        print(&mut out, &arguments, &forecast, &measurement, diagnosis.as_ref()).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// `inf/NaN` names a tensor; on its own neither is printed as a number.
    fn assert_numbers(report: &str) {
        let rest = report.replace("inf/NaN", "");
        assert!(!rest.contains("NaN") && !rest.contains("10^inf"), "{report}");
    }

    #[test]
    fn signs_are_explained() {
        let report = printed("--width 32 --depth 4");
        for line in ["q*: ", "chi_1: ", "half-stable: "] {
            assert_eq!(report.lines().filter(|found| found.starts_with(line)).count(), 1, "{line}");
        }
        assert_numbers(&report);
    }

    #[test]
    fn without_a_gradient_there_is_no_number() {
        let report = printed("--activation relu --width 2 --depth 60");
        assert!(
            report.contains("measurement: none, no sample carries a gradient: dead at layer"),
            "{report}"
        );
        assert_numbers(&report);
    }

    #[test]
    fn the_prediction_outlives_the_measurement() {
        // E phi'^2 of tanh is (4/3) / sqrt(2 pi q) for large q, and q is the weight variance, 1e20, but in the first
        // layer, where it is that times the inputs' mean square, 1 within 10 %.
        let report = printed("--activation tanh --init gain:1e10 --width 32 --depth 5");
        let expected = 4.0 * (10.0 + (4.0 / 3.0 / (2.0 * std::f64::consts::PI).sqrt()).log10());
        let (_, after) = report.split_once("is multiplied by 10^").unwrap();
        let predicted: f64 = after.lines().next().unwrap().parse().unwrap();
        assert!((predicted - expected).abs() < 0.5 * 1.1_f64.log10(), "{expected} {report}");
        assert_numbers(&report);
        // Here z itself leaves the range of f64: the layers before are still predicted.
        let report = printed("--activation relu --init gain:1e30 --width 32 --depth 12");
        assert!(report.contains("prediction:  none beyond layer 5"), "{report}");
        assert!(
            report.contains("measured:  not finite in f64") && report.contains("recommended: "),
            "{report}"
        );
        assert_numbers(&report);
    }
}
