//! The parts that both examples share: their statistic, where they write, how they end.

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Command, error::ErrorKind};
use fanin::chain::GradientChain;

/// Weights between the hidden layers of one network at most: they are held several times, as `f64`.
const MOST_WEIGHTS: u64 = 1 << 26;

/// Mean over samples of log10 of |delta_l|^2 / |delta_d|^2 for each hidden layer l, where d is the last
/// of them: the statistic that `theory`'s bands are of. `None` if no sample carries a gradient through
/// all layers.
pub(crate) fn log10_delta(chain: &GradientChain) -> Option<Vec<f64>> {
    let last = chain.hidden_layers().len().checked_sub(1)?;
    let mut by_layer = vec![0.0; last + 1];
    for l in (0..last).rev() {
        by_layer[l] = by_layer[l + 1] + chain.factors()[l].ln_norm()? / std::f64::consts::LN_10;
    }
    (chain.live_samples() > 0).then_some(by_layer)
}

/// The usage error of a network that memory has no room for.
pub(crate) fn check_size(mut command: Command, depth: u32, width: u32) -> Result<(), clap::Error> {
    let weights = u64::from(width) * u64::from(width) * u64::from(depth);
    if weights <= MOST_WEIGHTS {
        return Ok(());
    }
    let message =
        format!("{depth} layers of {width} units have {weights} weights: at most {MOST_WEIGHTS} are allowed");
    Err(command.error(ErrorKind::ValueValidation, message))
}

/// The folder that `CARGO_TARGET_DIR` names, else `target` in the current directory.
pub(crate) fn target_folder() -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty());
    named.map_or_else(|| PathBuf::from("target"), PathBuf::from)
}

/// Exit code 0, or 1 after a line on standard error that says what failed and why.
///
/// An [`io::Error`] that was not given a name is standard output's. A reader that closes the pipe (`| head`)
/// has seen enough: that ends an example early but is no failure.
pub(crate) fn end(name: &str, result: Result<(), Box<dyn Error>>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    let Some(message) = message(&*error) else { return ExitCode::SUCCESS };
    // Nobody is left to be told if standard error is closed as well.
    let _ = writeln!(io::stderr(), "{name}: {message}");
    ExitCode::FAILURE
}

/// The error and its causes in one line; `None` for a closed pipe.
fn message(error: &(dyn Error + 'static)) -> Option<String> {
    let mut message = error.to_string();
    if let Some(printing) = error.downcast_ref::<io::Error>() {
        if printing.kind() == io::ErrorKind::BrokenPipe {
            return None;
        }
        message.insert_str(0, "standard output: ");
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        message += &format!(": {error}");
        cause = error.source();
    }
    Some(message)
}

#[cfg(test)]
mod tests {
    use fanin::chain::Layer;

    use super::*;

    #[test]
    fn the_statistic_is_a_mean_of_logs() {
        // Two samples: |delta|^2 falls by 100 and by 1 in the first step back, by 10^4 and 1 in the second.
        let layers = [[0.001, 1.0], [0.1, 1.0], [1.0, 1.0], [1.0, 1.0]];
        let chain = |layers: &[[f64; 2]]| {
            GradientChain::from_layers(layers.iter().map(|delta| Layer::new("", 1, delta))).unwrap()
        };
        let found = log10_delta(&chain(&layers)).unwrap();
        for (found, expected) in found.iter().zip([-3.0, -1.0, 0.0]) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
        // The batch's mean square says another thing.
        assert!((chain(&layers).log10_ratio().unwrap() - 0.5_f64.log10()).abs() < 1e-5);
        // Without a gradient there is no number, with one hidden layer no step.
        assert_eq!(log10_delta(&chain(&[[0.0; 2], [1.0; 2], [1.0; 2]])), None);
        assert_eq!(log10_delta(&chain(&[[0.0; 2], [1.0; 2]])), None);
        assert_eq!(log10_delta(&chain(&[[3.0; 2], [1.0; 2]])), Some(vec![0.0]));
    }

    #[test]
    fn a_closed_pipe_is_no_failure_and_a_full_disk_one_line() {
        let broken: Box<dyn Error> = io::Error::from(io::ErrorKind::BrokenPipe).into();
        assert_eq!(message(&*broken), None);
        let full: Box<dyn Error> = io::Error::other("no space").into();
        assert_eq!(message(&*full).unwrap(), "standard output: no space");
        let named: Box<dyn Error> = "file: no space".into();
        assert_eq!(message(&*named).unwrap(), "file: no space");
    }

    #[test]
    fn networks_beyond_memory_are_usage_errors() {
        assert!(check_size(Command::new("a"), 1000, 256).is_ok());
        assert_eq!(check_size(Command::new("a"), 1000, 1024).unwrap_err().exit_code(), 2);
        assert!(check_size(Command::new("a"), u32::MAX, 1 << 15).is_err());
    }
}
