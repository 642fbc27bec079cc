//! The main job: do gradients survive the way back through a deep network, and does it learn?
//!
//! Tanh and ReLU networks on real handwritten digits, started in five ways: the gradient chain as
//! tables with a verdict, the test accuracy after training, and a picture in `target/`.

mod arguments;
mod digits;
mod experiment;
mod picture;
mod report;
mod starts;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match run(&arguments::Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gradient_flow: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &arguments::Arguments) -> Result<(), String> {
    let digits = digits::Digits::load(&arguments.data)?;
    // Found out now rather than after a minute's work.
    let json = arguments.json.as_deref().map(report::create).transpose()?;
    report::print_introduction(arguments, &digits);
    let results = experiment::run_all(arguments, &digits)?;
    report::print_chain(&results)?;
    for nets in results.chunk_by(|a, b| a.shape() == b.shape()) {
        report::print_table(nets);
    }
    report::print_legend(arguments);
    if let Some(file) = json {
        report::write_json(file, arguments, &results)?;
    }
    let path = picture::draw(arguments, &results)?;
    println!("picture: {}", path.display());
    Ok(())
}
