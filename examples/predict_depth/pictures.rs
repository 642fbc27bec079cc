//! The three pictures, as SVG and PNG.

use std::f64::consts::LN_10;
use std::path::PathBuf;

use fanin::plot::{EdgeOfChaos, Histogram, Layers, Picture, PlotError};

use crate::arguments::Arguments;
use crate::forecast::Forecast;
use crate::measurement::Measurement;

/// Draws all pictures and tells where they are.
pub(crate) fn draw(
    arguments: &Arguments,
    forecast: &Forecast,
    measurement: &Measurement,
) -> Result<Vec<PathBuf>, Box<dyn std::error::Error>> {
    std::fs::create_dir_all(&arguments.out)
        .map_err(|error| format!("{}: {error}", arguments.out.display()))?;
    let mut paths = save(arguments, "layers", &layers(arguments, forecast, measurement))?;
    paths.extend(save(arguments, "edge_of_chaos", &plane(arguments))?);
    if measurement.spectrum.rank() > 0 {
        paths.extend(save(arguments, "spectrum", &spectrum(arguments, forecast, measurement))?);
    }
    Ok(paths)
}

fn save(arguments: &Arguments, name: &str, picture: &impl Picture) -> Result<Vec<PathBuf>, PlotError> {
    let path = |ending: &str| arguments.out.join(format!("predict_depth_{name}.{ending}"));
    let paths = [path("svg"), path("png")];
    paths.iter().try_for_each(|path| picture.save(path))?;
    Ok(paths.into())
}

fn layers(arguments: &Arguments, forecast: &Forecast, measurement: &Measurement) -> Layers {
    let decades = |values: &[f64]| values.iter().map(|ln| ln / LN_10).collect::<Vec<_>>();
    let (low, high) = forecast.band();
    Layers::new(title("The gradient", arguments), "log10 of mean-square \u{3b4}, last layer = 0")
        .predicted(&decades(&forecast.ln_delta))
        .measured(&decades(&measurement.ln_delta))
        .band(&decades(&low), &decades(&high))
        .band_name("95 of 100 networks of this width")
}

fn plane(arguments: &Arguments) -> EdgeOfChaos {
    let name = arguments.init.name();
    EdgeOfChaos::new(arguments.activation.clone()).point(
        name,
        arguments.weight_variance(),
        arguments.bias * arguments.bias,
    )
}

fn spectrum(arguments: &Arguments, forecast: &Forecast, measurement: &Measurement) -> Histogram {
    let spectrum = &measurement.spectrum;
    let histogram = Histogram::new(title("The Jacobian", arguments), spectrum.ln_values());
    let measured = spectrum.relative_variance();
    match &forecast.jacobian {
        Some(moments) => histogram.predicted_ln_mean(moments.ln_mean()).note(format!(
            "variance / mean\u{b2} of s\u{b2}: {measured:.1} measured, {:.1} predicted",
            moments.relative_variance()
        )),
        None => histogram,
    }
}

fn title(what: &str, arguments: &Arguments) -> String {
    let Arguments { activation, width, depth, init, .. } = arguments;
    format!("{what}: {activation}, {depth} layers of {width}, {}", init.name())
}
