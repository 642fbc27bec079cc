//! Frameworks: how each stores its tensors, and how it fills them unless told.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use super::error::RecipeCause;
use super::nearest::nearest;
use super::place::Place;
use crate::fan::{Axis, Fan, Layout};
use crate::init::{Constant, He, KerasDefault, Law, LeCun, TorchDefault};

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
/// The defaults are those of dense layers and of convolutions; where the kind of a layer begins with `Embed`, N(0, 1), of Keras
/// U(-0.05, 0.05), of Flax N(0, 1 / features). The fan_in of a bias is that of its layer, which the shape of the bias does
/// not tell: a rule gives it. Every vector counts as a bias: the scale of a normalization, 1 in all of them, has a rule of its own. Of a transposed convolution PyTorch, candle and burn take the outputs for the inputs, weight and bias alike, and
/// candle draws the weight as the bias: U(-l, l), l = 1 / sqrt(outputs * kernel); so does this. The bias of any other convolution has in candle
/// the channels alone for its fan_in, without the kernel.
///
/// Read in PyTorch 2.15, candle-nn 0.11.1, burn-nn 0.22.1, Keras 3.15, Flax 0.12.8 (`linen`).
///
/// ```
/// use fanin::recipe::{Framework, Recipe, Rule, Scheme};
///
/// let recipe = Recipe::new()
///     .framework("torch".parse()?)
///     .rule("*.bias", Rule::from(Scheme::AsFramework).fan(16))
///     .rule("*", Scheme::AsFramework);
/// let plan = recipe.plan([("fc.weight", &[4, 16][..]), ("fc.bias", &[4])])?;
/// assert_eq!(plan.rows()[0].law(), Some(fanin::TorchDefault::linear(16).law()));
/// assert_eq!(plan.rows()[1].law(), plan.rows()[0].law());
/// assert_eq!(Framework::PyTorch.to_string(), "pytorch");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    pub(super) fn default_law(self, place: &Place<'_>) -> Result<Law, RecipeCause> {
        /// The distribution, if nothing is wrong with it.
        macro_rules! law {
            ($initializer:expr) => {{
                let initializer = $initializer;
                initializer.check().map(|()| initializer.law()).map_err(RecipeCause::Init)
            }};
        }
        let bias = place.shape.len() < 2;
        let transposed = !bias && place.fan.is_none() && place.layout == Some(Layout::TransposedInOut);
        let embedding = place.kind.is_some_and(|kind| kind.to_lowercase().starts_with("embed"));
        match self {
            Self::PyTorch | Self::Candle | Self::Burn if embedding => law!(TorchDefault::embedding()),
            // Read as if the layout were that of a convolution: the fan_in is of the second axis, which is the outputs'.
            Self::PyTorch | Self::Candle | Self::Burn if transposed => {
                let outputs = Fan::from_shape(place.shape, Layout::OutIn).fan_in();
                // candle counts the outputs of all groups.
                let groups = place.groups.filter(|_| self == Self::Candle).unwrap_or(1);
                law!(TorchDefault::conv(outputs.saturating_mul(groups)))
            }
            Self::Keras if embedding => law!(KerasDefault::embedding()),
            Self::Jax if embedding => law!(LeCun::normal(place.shape.last().copied().unwrap_or(0))),
            Self::Keras | Self::Jax if bias => law!(Constant::new(0.0)),
            // Keras counts the outputs of all groups.
            Self::Keras => law!(KerasDefault::dense(Place { groups: None, ..*place }.fan()?)),
            Self::Jax => law!(LeCun::truncated_normal(place.fan()?)),
            Self::Candle if !bias => law!(He::normal(place.fan()?)),
            _ => law!(TorchDefault::linear(place.fan()?)),
        }
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
