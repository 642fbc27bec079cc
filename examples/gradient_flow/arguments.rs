//! The command line.

use std::path::PathBuf;

use clap::{CommandFactory, Parser};

use crate::common;

/// Starts deep tanh and ReLU networks in five ways, shows whether the gradient survives, and trains them.
#[derive(Debug, Parser)]
#[command(name = "gradient_flow", version)]
pub(crate) struct Arguments {
    /// Hidden layers; may be given several times [default: 20 and 50]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000), default_values_t = [20, 50], hide_default_value = true)]
    pub(crate) depth: Vec<u32>,

    /// Units of each hidden layer
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000), default_value_t = 100)]
    pub(crate) width: u32,

    /// The first seed; the others follow it
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,

    /// How many networks of each kind, each with a seed of its own
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=10_000), default_value_t = 10)]
    pub(crate) seeds: u32,

    /// Steps of gradient descent; the first three networks of each kind are trained
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(crate) steps: u32,

    /// The digits: 64 pixels from 0 to 16 and a label from 0 to 9 on each line
    #[arg(long, value_name = "FILE", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/digits.csv"))]
    pub(crate) data: PathBuf,

    /// Write every number that is printed, with its standard error over the seeds
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

impl Arguments {
    /// The arguments, if memory suffices for the deepest network.
    pub(crate) fn checked(self) -> Result<Self, clap::Error> {
        common::check_size(Self::command(), self.deepest(), self.width)?;
        Ok(self)
    }

    pub(crate) fn deepest(&self) -> u32 {
        self.depth.iter().copied().max().unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(line.split_whitespace()).and_then(Arguments::checked)
    }

    #[test]
    fn what_is_not_understood_exits_with_2() {
        for line in ["--foo", "--depth 0", "--seeds", "--seeds x", "--width 10000 --depth 2", "more"] {
            assert_eq!(parsed(&format!("gradient_flow {line}")).unwrap_err().exit_code(), 2, "{line}");
        }
        assert_eq!(parsed("gradient_flow --help").unwrap_err().exit_code(), 0);
    }

    #[test]
    fn defaults() {
        let arguments = parsed("gradient_flow").unwrap();
        assert_eq!((arguments.depth.as_slice(), arguments.deepest()), ([20, 50].as_slice(), 50));
        // Within the package, wherever it was unpacked.
        assert!(arguments.data.starts_with(env!("CARGO_MANIFEST_DIR")) && arguments.data.is_file());
    }
}
