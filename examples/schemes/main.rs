//! Every scheme beside the others: what it promises, what is measured of its weights, and what becomes of a gradient in a
//! deep network that starts with it, under its own activation. The picture goes to `target/`.

mod arguments;
#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "shared with examples that use the rest")]
mod common;
mod measurement;
mod picture;
mod report;
mod schemes;

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;
use measurement::Measurement;

fn main() -> ExitCode {
    let arguments = Arguments::parse().checked().unwrap_or_else(|error| error.exit());
    common::end("schemes", run(&arguments))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let schemes = schemes::all();
    let measurements =
        schemes.iter().map(|scheme| Measurement::of(scheme, arguments)).collect::<Result<Vec<_>, _>>()?;
    let mut out = std::io::stdout();
    report::print(&mut out, arguments, &schemes, &measurements)?;
    let path = picture::draw(arguments, &schemes, &measurements)?;
    writeln!(out, "picture: {}", path.display())?;
    Ok(out.flush()?)
}
