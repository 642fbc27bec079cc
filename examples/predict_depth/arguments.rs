//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Parser;
use fanin::{Activation, Fan, He, Law, LeCun, Normal, Xavier};

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
    #[arg(long, value_name = "LAW", default_value = "he")]
    pub(crate) init: Init,

    /// Standard deviation of the biases
    #[arg(long, value_name = "NUMBER", value_parser = not_negative, default_value_t = 0.0, allow_negative_numbers = true)]
    pub(crate) bias: f64,

    /// Seed of the network
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,

    /// Where the pictures go
    #[arg(long, value_name = "FOLDER", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/target"))]
    pub(crate) out: PathBuf,
}

/// Samples in the batch, and classes.
pub(crate) const SAMPLES: usize = 32;
pub(crate) const OUTPUTS: usize = 10;

/// Weights of all hidden layers at most: they are held three times, as f64.
const MOST_WEIGHTS: u64 = 1 << 26;

impl Arguments {
    /// Whether memory and patience suffice for the network.
    pub(crate) fn check(&self) -> Result<(), String> {
        let weights = u64::from(self.width) * u64::from(self.width) * u64::from(self.depth);
        if weights > MOST_WEIGHTS {
            return Err(format!(
                "{} layers of {} units have {weights} weights: at most {MOST_WEIGHTS} are allowed",
                self.depth, self.width
            ));
        }
        Ok(())
    }

    /// n Var[W] of the hidden layers.
    pub(crate) fn weight_variance(&self) -> f64 {
        let width = self.width as usize;
        width as f64 * self.init.law(Fan::dense(width, width)).variance()
    }
}

/// A law of normal weights.
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

    /// All of these are normal laws: by their variance.
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
            Self::Gain(gain) => format!("gain {gain}"),
        }
    }
}

impl FromStr for Init {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_lowercase().split_once(':') {
            Some(("gain", gain)) => not_negative(gain).and_then(|gain| {
                if gain > 0.0 { Ok(Self::Gain(gain)) } else { Err("a gain must be above 0".into()) }
            }),
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
        Ok(value) if value >= 0.0 && value.is_finite() => Ok(value),
        _ => Err("not a finite number of at least 0".into()),
    }
}
