//! Activations as text: how they are printed, and how a command line names them.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use super::Activation;
use crate::significant::exact;

/// The field's name in lower case, with the parameter if there is one: `relu`, `leaky relu(0.01)`,
/// `hard tanh`. [`FromStr`] reads it back.
impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Identity => "identity",
            Self::Relu => "relu",
            Self::LeakyRelu { negative_slope } => return write!(f, "leaky relu({})", exact(*negative_slope)),
            Self::Prelu { slope } => return write!(f, "prelu({})", exact(*slope)),
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
            Self::Selu => "selu",
            Self::Elu { alpha } => return write!(f, "elu({})", exact(*alpha)),
            Self::Gelu => "gelu",
            Self::Silu => "silu",
            Self::Softplus => "softplus",
            Self::Mish => "mish",
            Self::Softsign => "softsign",
            Self::HardTanh => "hard tanh",
            Self::Erf => "erf",
            Self::Sin => "sin",
            Self::Custom(custom) => custom.name(),
        };
        f.pad(name)
    }
}

/// No activation goes by this name, or its parameter is not a finite number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseActivationError {
    text: String,
}

impl fmt::Display for ParseActivationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no activation is called {:?}: known are identity, relu, leaky-relu:SLOPE, prelu:SLOPE, tanh, \
             sigmoid, selu, elu:ALPHA, gelu, silu, softplus, mish, softsign, hard-tanh, erf and sin",
            self.text
        )
    }
}

impl core::error::Error for ParseActivationError {}

/// Reads `relu`, `leaky-relu:0.2`, `leaky relu(0.2)`; case, spaces, `-` and `_` do not matter.
/// Left out, a parameter is PyTorch's default: leaky ReLU 0.01, PReLU 0.25, ELU 1. `linear` is the
/// identity, `swish` is SiLU.
impl FromStr for Activation {
    type Err = ParseActivationError;

    fn from_str(text: &str) -> Result<Self, ParseActivationError> {
        let error = || ParseActivationError { text: text.to_owned() };
        let (name, parameter) = match text.split_once('(') {
            Some((name, rest)) => (name, Some(rest.strip_suffix(')').ok_or_else(error)?)),
            None => text.split_once(':').map_or((text, None), |(name, rest)| (name, Some(rest))),
        };
        let parameter = parameter.map(|text| text.trim().parse::<f64>().map_err(|_| error())).transpose()?;
        if parameter.is_some_and(|value| !value.is_finite()) {
            return Err(error());
        }
        let name: String =
            name.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).collect::<String>().to_lowercase();
        let activation = match name.as_str() {
            "leakyrelu" => return Ok(Self::LeakyRelu { negative_slope: parameter.unwrap_or(0.01) }),
            "prelu" => return Ok(Self::Prelu { slope: parameter.unwrap_or(0.25) }),
            "elu" => return Ok(Self::Elu { alpha: parameter.unwrap_or(1.0) }),
            "identity" | "linear" => Self::Identity,
            "relu" => Self::Relu,
            "tanh" => Self::Tanh,
            "sigmoid" => Self::Sigmoid,
            "selu" => Self::Selu,
            "gelu" => Self::Gelu,
            "silu" | "swish" => Self::Silu,
            "softplus" => Self::Softplus,
            "mish" => Self::Mish,
            "softsign" => Self::Softsign,
            "hardtanh" => Self::HardTanh,
            "erf" => Self::Erf,
            "sin" => Self::Sin,
            _ => return Err(error()),
        };
        if parameter.is_some() { Err(error()) } else { Ok(activation) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::BUILT_IN;
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn text_round_trips() {
        let extremes = [1e300, 5e-324, -0.1 - 0.2].map(|alpha| Activation::Elu { alpha });
        for activation in BUILT_IN.into_iter().chain(extremes) {
            let text = activation.to_string();
            assert!(text.len() < 40, "{text}");
            assert_eq!(text.parse(), Ok(activation));
        }
    }

    #[test]
    fn command_line_names() {
        let leaky = |negative_slope| Activation::LeakyRelu { negative_slope };
        for (text, activation) in [
            ("relu", Activation::Relu),
            ("ReLU", Activation::Relu),
            ("leaky-relu:0.2", leaky(0.2)),
            ("leaky_relu", leaky(0.01)),
            ("LeakyReLU(0.3)", leaky(0.3)),
            ("prelu", Activation::Prelu { slope: 0.25 }),
            ("elu:-1e-1", Activation::Elu { alpha: -0.1 }),
            ("swish", Activation::Silu),
            ("Hard Tanh", Activation::HardTanh),
        ] {
            assert_eq!(text.parse(), Ok(activation), "{text}");
        }
        let unclosed = ["leaky relu(0.1", "leaky-relu:0.1)", "elu(1))", "relu)", "elu()"];
        let unknown =
            ["", ":", "relu:1", "leaky-relu:", "leaky-relu:nan", "elu(inf)", "elu((1)", "step", "é"];
        for wrong in unknown.into_iter().chain(unclosed) {
            let error = wrong.parse::<Activation>().unwrap_err();
            assert!(error.to_string().contains("known are"), "{wrong}");
        }
    }
}
