//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{CommandFactory, Parser};
use fanin::{Activation, Fan, He, Law, LeCun, Normal, Xavier};

use crate::common;

/// Predicts the gradient chain of a deep network, measures it, and says what to change.
#[derive(Debug, Parser)]
#[command(name = "predict_depth", version)]
pub(crate) struct Arguments {
    /// relu, leaky-relu:SLOPE, tanh, gelu, silu, selu, mish, sigmoid, softplus, erf, sin, ..
    #[arg(long, value_name = "NAME", default_value = "gelu")]
    pub(crate) activation: Activation,

    /// Units of each hidden layer, and inputs
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1024), default_value_t = 256)]
    pub(crate) width: u32,

    /// Hidden layers; a linear layer of 10 outputs comes on top
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1000), default_value_t = 60)]
    pub(crate) depth: u32,

    /// he, xavier, lecun, or gain:NUMBER for normal weights of variance gain^2 / inputs
    #[arg(long, value_name = "NAME", default_value = "he")]
    pub(crate) init: Init,

    /// Standard deviation of the biases
    #[arg(long, value_name = "NUMBER", value_parser = not_negative, default_value_t = 0.0, allow_negative_numbers = true)]
    pub(crate) bias: f64,

    /// Seed of the network
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,

    /// Where the pictures go [default: CARGO_TARGET_DIR, or else target]
    #[arg(long, value_name = "FOLDER", default_value_os_t = common::target_folder(), hide_default_value = true)]
    pub(crate) out: PathBuf,
}

/// Samples in the batch, and classes.
pub(crate) const SAMPLES: usize = 32;
pub(crate) const OUTPUTS: usize = 10;

/// Standard deviations and gains are squared, and a square must be a number as well.
const LARGEST: f64 = 1e150;

impl Arguments {
    /// The arguments, if memory suffices for the network.
    pub(crate) fn checked(self) -> Result<Self, clap::Error> {
        common::check_size(Self::command(), self.depth, self.width)?;
        Ok(self)
    }

    /// n Var[W] of the hidden layers.
    pub(crate) fn weight_variance(&self) -> f64 {
        let width = self.width as usize;
        width as f64 * self.init.law(Fan::dense(width, width)).variance()
    }
}

/// The distribution of the weights, normal in each case.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Init {
    He,
    Xavier,
    LeCun,
    Gain(f64),
}

impl Init {
    pub(crate) fn law(self, fan: Fan) -> Law {
        self.normal(fan).law()
    }

    /// By the variance: all of these are normal.
    pub(crate) fn normal(self, fan: Fan) -> Normal {
        let variance = match self {
            Self::He => He::normal(fan).law().variance(),
            Self::Xavier => Xavier::normal(fan).law().variance(),
            Self::LeCun => LeCun::normal(fan).law().variance(),
            Self::Gain(gain) => LeCun::normal(fan).gain(gain).law().variance(),
        };
        Normal::new(0.0, variance.sqrt())
    }

    pub(crate) fn name(self) -> String {
        match self {
            Self::He => "He".into(),
            Self::Xavier => "Xavier".into(),
            Self::LeCun => "LeCun".into(),
            Self::Gain(gain) if (1e-3..1e6).contains(&gain) => format!("gain {gain}"),
            Self::Gain(gain) => format!("gain {gain:e}"),
        }
    }
}

impl FromStr for Init {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_lowercase().split_once(':') {
            Some(("gain", gain)) => match gain.parse::<f64>() {
                Ok(gain) if (1.0 / LARGEST..=LARGEST).contains(&gain) => Ok(Self::Gain(gain)),
                _ => Err(format!("a gain must be a number from {:e} to {LARGEST:e}", 1.0 / LARGEST)),
            },
            _ => match text.to_lowercase().as_str() {
                "he" | "kaiming" => Ok(Self::He),
                "xavier" | "glorot" => Ok(Self::Xavier),
                "lecun" => Ok(Self::LeCun),
                _ => Err("known are he, xavier, lecun and gain:NUMBER".into()),
            },
        }
    }
}

fn not_negative(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=LARGEST).contains(&value) => Ok(value),
        _ => Err(format!("it must be a number from 0 to {LARGEST:e}")),
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
        for line in [
            "--foo",
            "more",
            "--activation nothing",
            "--width 1",
            "--width 1024 --depth 1000",
            "--init gain",
            "--init gain:0",
            "--init gain:nan",
            "--init gain:1e200",
            "--bias -1",
            "--bias inf",
        ] {
            assert_eq!(parsed(&format!("predict_depth {line}")).unwrap_err().exit_code(), 2, "{line}");
        }
        assert_eq!(parsed("predict_depth --help").unwrap_err().exit_code(), 0);
    }

    #[test]
    fn defaults() {
        let arguments = parsed("predict_depth --init gain:1e30").unwrap();
        assert_eq!(arguments.out, common::target_folder());
        assert!((arguments.weight_variance() / 1e60 - 1.0).abs() < 1e-12);
    }
}
