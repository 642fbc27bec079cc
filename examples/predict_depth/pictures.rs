//! The three pictures, as SVG and PNG.

use std::path::PathBuf;

use fanin::nn::Spectrum;
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
    let mut paths = match save(arguments, "layers", &layers(arguments, forecast, measurement)) {
        // Neither predicted nor measured.
        Err(PlotError::NothingToDraw) => Vec::new(),
        paths => paths?,
    };
    paths.extend(save(arguments, "edge_of_chaos", &plane(arguments))?);
    if let Some(spectrum) = measurement.spectrum.as_ref().filter(|spectrum| spectrum.rank() > 0) {
        paths.extend(save(arguments, "spectrum", &histogram(arguments, forecast, spectrum))?);
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
    let ends = |sign: f64| -> Vec<f64> {
        let end = |(mean, std_dev): (f64, f64)| mean + sign * 1.96 * std_dev;
        forecast.bands.iter().flatten().map(|band| end(band.decades())).collect()
    };
    Layers::new(title("The gradient", arguments), "log10 of |\u{3b4}|\u{b2}, last layer = 0")
        .predicted(&forecast.log10_delta())
        .measured(&measurement.log10_delta().unwrap_or_default())
        .band(&ends(-1.0), &ends(1.0))
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

fn histogram(arguments: &Arguments, forecast: &Forecast, spectrum: &Spectrum) -> Histogram {
    let histogram = Histogram::new(title("The Jacobian", arguments), spectrum.ln_values());
    let measured = spectrum.relative_variance();
    match &forecast.jacobian {
        Ok(Some(moments)) => histogram.predicted_ln_mean(moments.ln_mean()).note(format!(
            "variance / mean\u{b2} of s\u{b2}: {measured:.1} measured, {:.1} predicted",
            moments.relative_variance()
        )),
        _ => histogram,
    }
}

fn title(what: &str, arguments: &Arguments) -> String {
    let Arguments { activation, width, depth, init, .. } = arguments;
    format!("{what}: {activation}, {depth} layers of {width}, {}", init.name())
}
