//! Frameworks: how each stores its tensors, and how it fills them unless told.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use super::error::RecipeCause;
use super::nearest::nearest;
use super::place::within_root_of_fan_in;
use crate::fan::{Axis, Fan, Layout};
use crate::init::{He, Law, LeCun, Xavier};

/// The library that holds the parameters: it says which axis of a matrix is the inputs', and what
/// [`Scheme::AsFramework`](super::Scheme::AsFramework) is.
///
/// | framework | as text | matrix | default weight | default bias |
/// | --- | --- | --- | --- | --- |
/// | PyTorch 2 | `pytorch`, `torch`, `tch` | `[out, in]` | U(-l, l), l = 1 / sqrt(fan_in) | the same |
/// | candle 0.11 | `candle` | `[out, in]` | N(0, 2 / fan_in) | U(-l, l), l = 1 / sqrt(fan_in) |
/// | burn 0.22 | `burn` | `[in, out]` | U(-l, l), l = 1 / sqrt(fan_in) | the same |
/// | Keras 3 | `keras`, `tensorflow` | `[in, out]` | U(-l, l), l = sqrt(6 / (fan_in + fan_out)) | 0 |
/// | Flax | `jax`, `flax` | `[in, out]` | truncated normal of variance 1 / fan_in | 0 |
///
/// The defaults are those of dense layers and of convolutions. The fan_in of a bias is that of its layer, which the shape of the bias does
/// not tell: a rule gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Framework {
    /// PyTorch and tch.
    PyTorch,
    /// candle.
    Candle,
    /// burn.
    Burn,
    /// Keras and TensorFlow.
    Keras,
    /// JAX with Flax.
    Jax,
}

/// Names; of each framework the first is written.
const NAMES: [(&str, Framework); 9] = [
    ("pytorch", Framework::PyTorch),
    ("torch", Framework::PyTorch),
    ("tch", Framework::PyTorch),
    ("candle", Framework::Candle),
    ("burn", Framework::Burn),
    ("keras", Framework::Keras),
    ("tensorflow", Framework::Keras),
    ("jax", Framework::Jax),
    ("flax", Framework::Jax),
];

impl Framework {
    /// The layout of a tensor of so many dimensions in a layer of this kind; `None` where that is not known.
    pub(super) fn layout(self, kind: Option<&str>, dimensions: usize) -> Option<Layout> {
        let conv = kind.is_some_and(|kind| kind.to_lowercase().starts_with("conv"));
        let transposed = kind.is_some_and(|kind| kind.to_lowercase().contains("transpose"));
        let out_first = matches!(self, Self::PyTorch | Self::Candle);
        match (conv, dimensions) {
            (true, 3..) if out_first || self == Self::Burn => {
                Some(if transposed { Layout::TransposedInOut } else { Layout::OutIn })
            }
            (true, 3..=8) if transposed && self == Self::Keras => {
                let kernel = core::iter::repeat_n(Axis::Kernel, dimensions - 2);
                Some(Layout::axes(&kernel.chain([Axis::Out, Axis::In]).collect::<Vec<_>>()))
            }
            (true, 3..) => Some(Layout::InOut),
            (_, 2) => Some(if out_first { Layout::OutIn } else { Layout::InOut }),
            _ => None,
        }
    }

    /// The distribution of a parameter unless told.
    pub(super) fn default_law(
        self,
        dimensions: usize,
        fan: impl Fn() -> Result<Fan, RecipeCause>,
    ) -> Result<Law, RecipeCause> {
        let checked = || fan().and_then(|fan| fan.check().map(|()| fan).map_err(RecipeCause::Init));
        let law = match self {
            Self::Keras | Self::Jax if dimensions < 2 => Law::Constant { value: 0.0 },
            Self::Keras => {
                let xavier = Xavier::uniform(checked()?);
                xavier.check().map_err(RecipeCause::Init)?;
                xavier.law()
            }
            Self::Jax => LeCun::truncated_normal(checked()?).law(),
            Self::Candle if dimensions >= 2 => He::normal(checked()?).law(),
            _ => within_root_of_fan_in(checked()?),
        };
        Ok(law)
    }
}

/// The first of the names in the table.
impl fmt::Display for Framework {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAMES.iter().find(|(_, framework)| framework == self).map_or("", |(name, _)| name))
    }
}

/// A text that names no [`Framework`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseFrameworkError {
    text: String,
}

impl fmt::Display for ParseFrameworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no framework is called {:?}: ", self.text)?;
        if let Some(nearest) = nearest(NAMES.iter().map(|(name, _)| *name), &self.text) {
            write!(f, "did you mean {nearest}? ")?;
        }
        f.write_str("Known are pytorch, candle, burn, keras and jax")
    }
}

impl core::error::Error for ParseFrameworkError {}

/// The names of the table, in any case.
impl FromStr for Framework {
    type Err = ParseFrameworkError;

    fn from_str(text: &str) -> Result<Self, ParseFrameworkError> {
        let known = NAMES.iter().find(|(name, _)| *name == text.trim().to_lowercase());
        known.map(|&(_, framework)| framework).ok_or_else(|| ParseFrameworkError { text: text.to_owned() })
    }
}
