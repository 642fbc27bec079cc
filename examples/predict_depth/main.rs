//! The prediction of theory for a deep network before it runs, the measurement when it does, whether chance
//! explains the difference, and how to start the network better. Pictures go to `target/`.

mod arguments;
#[path = "../common/mod.rs"]
mod common;
mod forecast;
mod measurement;
mod pictures;
mod report;

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use fanin::theory::Inputs;

use arguments::Arguments;
use forecast::Forecast;
use measurement::Measurement;

fn main() -> ExitCode {
    let arguments = Arguments::parse().checked().unwrap_or_else(|error| error.exit());
    common::end("predict_depth", run(&arguments))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let measurement = Measurement::of(arguments)?;
    let inputs = Inputs::from_batch(&measurement.batch, arguments.width as usize)?;
    let forecast = Forecast::of(arguments, &inputs, measurement.first())?;
    // None where there is no prediction to judge by: the report says why.
    let diagnosis = measurement.chain.diagnosis_against(&forecast.law, &inputs).ok();
    let mut out = std::io::stdout();
    report::print(&mut out, arguments, &forecast, &measurement, diagnosis.as_ref())?;
    for path in pictures::draw(arguments, &forecast, &measurement)? {
        writeln!(out, "picture: {}", path.display())?;
    }
    Ok(out.flush()?)
}
