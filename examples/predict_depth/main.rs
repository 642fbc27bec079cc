//! What theory says of a deep network before it runs, what is measured when it does, whether the difference is
//! luck, and how to start it better. Pictures go to `target/`.

mod arguments;
mod forecast;
mod measurement;
mod pictures;
mod report;

use std::process::ExitCode;

use clap::Parser;
use fanin::theory::Inputs;

use arguments::Arguments;
use forecast::Forecast;
use measurement::Measurement;

fn main() -> ExitCode {
    // clap ends with 2 on bad usage; here every failure is 1.
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(message) => {
            let asked_for = !message.use_stderr();
            if asked_for {
                print!("{message}");
                return ExitCode::SUCCESS;
            }
            let text = message.to_string();
            let line = text.lines().next().unwrap_or_default();
            eprintln!("predict_depth: {} (see --help)", line.trim_start_matches("error: "));
            return ExitCode::FAILURE;
        }
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("predict_depth: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    arguments.check()?;
    let measurement = Measurement::of(arguments)?;
    let batch = measurement.batch.as_slice().unwrap_or_default();
    let inputs = Inputs::from_batch(batch, arguments.width as usize)?;
    let forecast = Forecast::of(arguments, &inputs, measurement.first())?;
    let diagnosis = forecast.law.diagnose(&measurement.chain, &inputs)?;
    report::print(arguments, &forecast, &measurement, &diagnosis);
    for path in pictures::draw(arguments, &forecast, &measurement)? {
        println!("picture: {}", path.display());
    }
    Ok(())
}
