//! The main job: do gradients survive the way back through a deep network, and does it learn?
//!
//! Tanh and ReLU networks on real handwritten digits, started in five ways: the gradient chain as
//! tables with a verdict, the test accuracy after training, and a picture in `target/`.

mod arguments;
#[path = "../common/mod.rs"]
mod common;
mod digits;
mod experiment;
mod picture;
mod report;
mod starts;

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::parse().checked().unwrap_or_else(|error| error.exit());
    common::end("gradient_flow", run(&arguments))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let digits = digits::Digits::load(&arguments.data)?;
    // Found out now rather than after a minute's work.
    let json = arguments.json.as_deref().map(report::create).transpose()?;
    let mut out = std::io::stdout();
    report::print_introduction(&mut out, arguments, &digits)?;
    report::print_chain(&mut out, arguments, &digits)?;
    let results = experiment::run_all(arguments, &digits)?;
    for nets in results.chunk_by(|a, b| a.shape() == b.shape()) {
        report::print_table(&mut out, nets)?;
    }
    report::print_legend(&mut out, arguments)?;
    if let Some(file) = json {
        let name = report::write_json(file, arguments, &results)?;
        writeln!(out, "numbers: {name}")?;
    }
    let path = picture::draw(arguments, &results)?;
    writeln!(out, "picture: {}", path.display())?;
    Ok(out.flush()?)
}
