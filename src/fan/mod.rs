//! Fans: the inputs that feed one output, and the outputs that one input feeds.

mod layout;

pub use layout::{Axes, Axis, Layout, ParseLayoutError};

use alloc::vec::Vec;
use core::fmt;

use crate::error::InitError;

/// The fans of a weight tensor: `fan_in` inputs feed one output unit, one input unit feeds
/// `fan_out` outputs.
///
/// For a convolution both count channels times receptive field (the product of the kernel's sides,
/// [He et al. 2015](https://arxiv.org/abs/1502.01852), section 2.2, n = k^2 c), and only the channels of one group. A constructor never
/// fails; what is wrong is an [`InitError`] from [`check`](Fan::check) and from every distribution that is
/// given the fan.
///
/// ```
/// use fanin::Fan;
///
/// let dense = Fan::dense(784, 256);
/// assert_eq!((dense.fan_in(), dense.fan_out()), (784, 256));
///
/// let conv = Fan::conv(64, 128, [3, 3]);
/// assert_eq!((conv.fan_in(), conv.fan_out()), (64 * 9, 128 * 9));
///
/// let depthwise = Fan::conv(64, 64, [3, 3]).groups(64);
/// assert_eq!((depthwise.fan_in(), depthwise.fan_out()), (9, 9));
/// ```
///
/// Whatever takes a fan takes `impl Into<Fan>`: a `Fan`, a pair `(fan_in, fan_out)`, or one number, the `fan_in`, where
/// the distribution needs no more.
///
/// ```
/// use fanin::{Fan, He, InitError, Xavier};
///
/// assert_eq!(He::normal(784).law(), He::normal(Fan::dense(784, 256)).law());
/// assert_eq!(Xavier::normal((784, 256)), Xavier::normal(Fan::dense(784, 256)));
/// assert_eq!(Xavier::normal(784).check(), Err(InitError::MissingFan { side: "fan_out" }));
/// ```
///
/// # Which framework stores what
///
/// | framework | dense | convolution | transposed convolution |
/// | --- | --- | --- | --- |
/// | PyTorch, tch, candle | `[out, in]` | `[out, in/groups, k..]` | `[in, out/groups, k..]` |
/// | burn | `[in, out]` | `[out, in/groups, k..]` | `[in, out/groups, k..]` |
/// | TensorFlow, Keras, JAX | `[in, out]` | `[k.., in/groups, out]` | `[k.., out, in]` (Keras) |
///
/// With groups, `fan_out` here counts the outputs that one input really feeds; PyTorch's own
/// `_calculate_fan_in_and_fan_out` counts all of them. For a transposed convolution PyTorch swaps the
/// two; here `fan_in` is always what feeds one output. A stride s lets an input of a convolution feed,
/// and an output of a transposed one be fed by, only 1/s of the receptive field along its axis; as in
/// every framework it is not counted.
#[derive(Clone, Copy)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "serialized::Fan", try_from = "serialized::Fan"))]
pub struct Fan {
    /// Channels of one group, or of all where the count does not say how many groups there are.
    inputs: usize,
    /// `None` where only `fan_in` is known.
    outputs: Option<usize>,
    receptive_field: usize,
    grouped: Grouped,
    flaw: Option<Flaw>,
}

/// The expression that makes an equal one: `Fan::dense(784, 256)`, `Fan::conv(16, 32, 9)` with the receptive field of one group
/// in one number, `Fan::from(784)`.
impl fmt::Debug for Fan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { inputs, outputs, receptive_field, flaw, .. } = self;
        match (flaw, outputs, receptive_field) {
            (Some(flaw), ..) => write!(f, "Fan({flaw:?})"),
            (_, None, _) => write!(f, "Fan::from({inputs})"),
            (_, Some(outputs), 1) => write!(f, "Fan::dense({inputs}, {outputs})"),
            (_, Some(outputs), field) => write!(f, "Fan::conv({inputs}, {outputs}, {field})"),
        }
    }
}

/// Why fans cannot be computed, as the [`InitError`] of the same name says it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Flaw {
    ShapeOverflow { what: &'static str, product: usize, dimension: usize },
    ShapeTooShort { dimensions: usize },
    UnevenGroups { side: &'static str, channels: usize, groups: usize },
    UnnamedAxes { dimensions: usize, named: usize },
    MissingAxis { side: &'static str },
    NoMatrix,
}

impl From<Flaw> for InitError {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::ShapeOverflow { what, product, dimension } => {
                Self::ShapeOverflow { what, product, dimension }
            }
            Flaw::ShapeTooShort { dimensions } => Self::ShapeTooShort { dimensions },
            Flaw::UnevenGroups { side, channels, groups } => Self::UnevenGroups { side, channels, groups },
            Flaw::UnnamedAxes { dimensions, named } => Self::UnnamedAxes { dimensions, named },
            Flaw::MissingAxis { side } => Self::MissingFan { side },
            Flaw::NoMatrix => Self::NoMatrix,
        }
    }
}

/// Which channel counts `groups` still has to divide.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Grouped {
    Both,
    Inputs,
    Outputs,
}

impl Fan {
    /// A dense layer from `inputs` units to `outputs` units.
    #[must_use]
    pub const fn dense(inputs: usize, outputs: usize) -> Self {
        Self { inputs, outputs: Some(outputs), receptive_field: 1, grouped: Grouped::Both, flaw: None }
    }

    /// A convolution from `in_channels` to `out_channels`, all groups together, with a kernel of
    /// these sides: `3` in one dimension, `[3, 3]` in two, or a slice. See [`groups`](Fan::groups).
    ///
    /// ```
    /// use fanin::Fan;
    ///
    /// assert_eq!(Fan::conv(64, 128, 3), Fan::dense(64 * 3, 128 * 3));
    /// assert_eq!(Fan::conv(64, 128, [3, 3]), Fan::dense(64 * 9, 128 * 9));
    /// ```
    #[must_use]
    pub fn conv(in_channels: usize, out_channels: usize, kernel: impl KernelSides) -> Self {
        let (receptive_field, flaw) = product("the receptive field", kernel.sides());
        Self { receptive_field, flaw, ..Self::dense(in_channels, out_channels) }
    }

    /// A transposed convolution from `in_channels` to `out_channels`: an output gathers from
    /// `in_channels` times the receptive field, as in a convolution.
    ///
    /// ```
    /// use fanin::Fan;
    ///
    /// assert_eq!(Fan::conv_transposed(64, 32, [4, 4]).fan_in(), 64 * 16);
    /// ```
    #[must_use]
    pub fn conv_transposed(in_channels: usize, out_channels: usize, kernel: impl KernelSides) -> Self {
        Self::conv(in_channels, out_channels, kernel)
    }

    /// The fans of a tensor of this shape. A shape alone does not tell which dimension is the
    /// inputs', so the layout must be named; nor the number of [`groups`](Fan::groups), 1 unless told. What is neither a
    /// convolution nor a matrix (stacked experts, heads apart) needs its axes by name: [`Layout::axes`].
    ///
    /// ```
    /// use fanin::{Fan, Layout};
    ///
    /// let torch = Fan::from_shape(&[128, 16, 3, 3], Layout::OutIn).groups(4);
    /// assert_eq!((torch.fan_in(), torch.fan_out()), (16 * 9, 32 * 9));
    ///
    /// let keras = Fan::from_shape(&[3, 3, 64, 128], Layout::InOut);
    /// assert_eq!((keras.fan_in(), keras.fan_out()), (64 * 9, 128 * 9));
    /// ```
    #[must_use]
    pub fn from_shape(shape: &[usize], layout: Layout) -> Self {
        let transposed = layout.of_convolution(shape.len()) == Layout::TransposedInOut;
        let grouped = if transposed { Grouped::Inputs } else { Grouped::Outputs };
        match layout.split(shape) {
            Ok([inputs, outputs, receptive_field]) => {
                Self { receptive_field, grouped, ..Self::dense(inputs, outputs) }
            }
            Err(flaw) => Self { flaw: Some(flaw), ..Self::dense(0, 0) },
        }
    }

    /// Splits the channels into `groups` groups, each with inputs and outputs of its own.
    /// Divides those channel counts that are counts of all groups together.
    #[must_use]
    pub fn groups(self, groups: usize) -> Self {
        let divide = |side, channels: usize| {
            if groups > 0 && channels.is_multiple_of(groups) {
                (channels / groups, None)
            } else {
                (0, Some(Flaw::UnevenGroups { side, channels, groups }))
            }
        };
        let (inputs, in_flaw) = match self.grouped {
            Grouped::Outputs => (self.inputs, None),
            _ => divide("input", self.inputs),
        };
        let (outputs, out_flaw) = match (self.grouped, self.outputs) {
            (Grouped::Inputs, _) | (_, None) => (self.outputs, None),
            (_, Some(outputs)) => {
                let (outputs, flaw) = divide("output", outputs);
                (Some(outputs), flaw)
            }
        };
        Self { inputs, outputs, ..self }.with_flaw(in_flaw.or(out_flaw))
    }

    /// Inputs that feed one output unit; 0, which every distribution refuses, if it cannot be computed.
    #[must_use]
    pub fn fan_in(&self) -> usize {
        self.checked_fan_in().unwrap_or(0)
    }

    /// Outputs that one input unit feeds; 0, which every distribution refuses, if it cannot be computed or
    /// was not given.
    #[must_use]
    pub fn fan_out(&self) -> usize {
        self.checked_fan_out().unwrap_or(0)
    }

    /// Whether the fans can be computed and are above 0. A `fan_out` that was not given is missed only by the
    /// distributions that need it.
    ///
    /// # Errors
    ///
    /// [`ZeroFan`](InitError::ZeroFan), [`ShapeOverflow`](InitError::ShapeOverflow),
    /// [`ShapeTooShort`](InitError::ShapeTooShort), [`UnevenGroups`](InitError::UnevenGroups); of named axes
    /// [`UnnamedAxes`](InitError::UnnamedAxes), [`MissingFan`](InitError::MissingFan) where none is an input or an output.
    pub fn check(&self) -> Result<(), InitError> {
        self.checked_fan_in()?;
        match self.outputs {
            Some(_) => self.checked_fan_out().map(drop),
            None => Ok(()),
        }
    }

    /// The `fan_in`, at least 1.
    pub(crate) fn checked_fan_in(&self) -> Result<usize, InitError> {
        self.side("fan_in", Some(self.inputs))
    }

    /// The `fan_out`, at least 1.
    pub(crate) fn checked_fan_out(&self) -> Result<usize, InitError> {
        self.side("fan_out", self.outputs)
    }

    fn with_flaw(self, flaw: Option<Flaw>) -> Self {
        Self { flaw: self.flaw.or(flaw), ..self }
    }

    fn side(&self, side: &'static str, channels: Option<usize>) -> Result<usize, InitError> {
        if let Some(flaw) = self.flaw {
            return Err(flaw.into());
        }
        let channels = channels.ok_or(InitError::MissingFan { side })?;
        match channels.checked_mul(self.receptive_field) {
            Some(0) => Err(InitError::ZeroFan { side }),
            Some(fan) => Ok(fan),
            None => Err(InitError::ShapeOverflow {
                what: side,
                product: channels,
                dimension: self.receptive_field,
            }),
        }
    }
}

/// The product of the dimensions, or 0 and where it overflows.
pub(crate) fn product(what: &'static str, dimensions: &[usize]) -> (usize, Option<Flaw>) {
    product_of(what, dimensions.iter().copied())
        .map_or_else(|flaw| (0, Some(flaw)), |product| (product, None))
}

fn product_of(
    what: &'static str,
    mut dimensions: impl Iterator<Item = usize> + Clone,
) -> Result<usize, Flaw> {
    if dimensions.clone().any(|dimension| dimension == 0) {
        return Ok(0);
    }
    dimensions.try_fold(1_usize, |product, dimension| {
        product.checked_mul(dimension).ok_or(Flaw::ShapeOverflow { what, product, dimension })
    })
}

/// `fan_in` alone; a distribution that needs `fan_out` refuses it.
impl From<usize> for Fan {
    fn from(fan_in: usize) -> Self {
        Self { outputs: None, ..Self::dense(fan_in, 0) }
    }
}

/// `(fan_in, fan_out)`.
impl From<(usize, usize)> for Fan {
    fn from((fan_in, fan_out): (usize, usize)) -> Self {
        Self::dense(fan_in, fan_out)
    }
}

/// Equal if they say the same of both fans, wherever they come from: `Fan::conv(64, 128, [3, 3])` is `Fan::dense(576, 1152)`.
impl PartialEq for Fan {
    fn eq(&self, other: &Self) -> bool {
        self.checked_fan_in() == other.checked_fan_in() && self.checked_fan_out() == other.checked_fan_out()
    }
}

/// `fan_in 576, fan_out 1152`; what is wrong with it, if anything is.
impl fmt::Display for Fan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.check(), self.outputs) {
            (Err(error), _) => error.fmt(f),
            (Ok(()), None) => write!(f, "fan_in {}", self.fan_in()),
            (Ok(()), Some(_)) => write!(f, "fan_in {}, fan_out {}", self.fan_in(), self.fan_out()),
        }
    }
}

/// The sides of a kernel: one number for a kernel in one dimension, else an array or slice of them.
pub trait KernelSides {
    #[doc(hidden)]
    fn sides(&self) -> &[usize];
}

impl KernelSides for usize {
    fn sides(&self) -> &[usize] {
        core::slice::from_ref(self)
    }
}

impl KernelSides for [usize] {
    fn sides(&self) -> &[usize] {
        self
    }
}

impl<const N: usize> KernelSides for [usize; N] {
    fn sides(&self) -> &[usize] {
        self
    }
}

impl KernelSides for Vec<usize> {
    fn sides(&self) -> &[usize] {
        self
    }
}

impl<K: KernelSides + ?Sized> KernelSides for &K {
    fn sides(&self) -> &[usize] {
        (**self).sides()
    }
}

#[cfg(feature = "serde")]
mod serialized {
    use super::InitError;
    use serde::{Deserialize, Serialize};

    /// A fan as it is written: its numbers, without the shape that they come from.
    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Fan {
        fan_in: usize,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fan_out: Option<usize>,
    }

    impl From<super::Fan> for Fan {
        fn from(fan: super::Fan) -> Self {
            Self { fan_in: fan.fan_in(), fan_out: fan.outputs.map(|_| fan.fan_out()) }
        }
    }

    impl TryFrom<Fan> for super::Fan {
        type Error = InitError;

        fn try_from(Fan { fan_in, fan_out }: Fan) -> Result<Self, InitError> {
            let fan = fan_out.map_or_else(|| Self::from(fan_in), |fan_out| Self::dense(fan_in, fan_out));
            fan.check().map(|()| fan)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fans(fan: Fan) -> (usize, usize) {
        fan.check().unwrap();
        (fan.fan_in(), fan.fan_out())
    }

    #[test]
    fn every_layout_gives_the_fans_of_the_layer() {
        assert_eq!(fans(Fan::dense(3, 5)), (3, 5));
        assert_eq!(fans(Fan::from_shape(&[5, 3], Layout::OutIn)), (3, 5));
        assert_eq!(fans(Fan::from_shape(&[3, 5], Layout::InOut)), (3, 5));
        // The receptive field is a product (a 5 x 5 kernel has 25 taps, not 10) and is in both fans.
        assert_eq!(fans(Fan::conv(6, 4, [5, 5])), (150, 100));
        assert_eq!(fans(Fan::from_shape(&[4, 6, 5, 5], Layout::OutIn)), (150, 100));
        assert_eq!(fans(Fan::from_shape(&[5, 5, 6, 4], Layout::InOut)), (150, 100));
        assert_eq!(fans(Fan::from_shape(&[6, 4, 5, 5], Layout::TransposedInOut)), (150, 100));
        assert_eq!(fans(Fan::conv(6, 4, [])), (6, 4));
    }

    #[test]
    fn named_axes_multiply_and_batches_count_in_neither() {
        let fan = |shape: &[usize], layout: &str| Fan::from_shape(shape, layout.parse().unwrap());
        assert_eq!(fans(fan(&[8, 3, 5], "batch in out")), (3, 5));
        assert_eq!(fans(fan(&[8, 5, 3], "batch out in")), (3, 5));
        assert_eq!(fans(fan(&[6, 2, 4], "in out out")), (6, 8));
        assert_eq!(fans(fan(&[2, 4, 6], "in in out")), (8, 6));
        assert_eq!(fans(fan(&[9, 2, 3, 5, 5], "batch out in k k")), (75, 50));
        assert_eq!(fans(fan(&[4, 3, 5, 5], "out in k k").groups(2)), (75, 50));
        assert_eq!(fans(fan(&[6, 2, 5, 5], "in out k k").groups(2)), (75, 50), "a transposed convolution");
        for (shape, layout, expected) in [
            (&[8, 3, 5][..], "in out", InitError::UnnamedAxes { dimensions: 3, named: 2 }),
            (&[3], "in out", InitError::UnnamedAxes { dimensions: 1, named: 2 }),
            (&[8, 5], "batch out", InitError::MissingFan { side: "fan_in" }),
            (&[8, 5], "in k", InitError::MissingFan { side: "fan_out" }),
            (&[8, 0, 5], "batch in out", InitError::ZeroFan { side: "fan_in" }),
        ] {
            assert_eq!(fan(shape, layout).check(), Err(expected), "{shape:?} as {layout}");
        }
        let nine =
            [Axis::In, Axis::Out, Axis::Batch, Axis::In, Axis::In, Axis::In, Axis::In, Axis::In, Axis::In];
        assert_eq!(
            Fan::from_shape(&[1; 9], Layout::axes(&nine)).check(),
            Err(InitError::UnnamedAxes { dimensions: 9, named: 9 })
        );
    }

    #[test]
    fn groups_divide_what_is_not_yet_divided() {
        let expected = (3 * 25, 2 * 25);
        assert_eq!(fans(Fan::conv(6, 4, [5, 5]).groups(2)), expected);
        assert_eq!(fans(Fan::conv_transposed(6, 4, [5, 5]).groups(2)), expected);
        assert_eq!(fans(Fan::from_shape(&[4, 3, 5, 5], Layout::OutIn).groups(2)), expected);
        assert_eq!(fans(Fan::from_shape(&[5, 5, 3, 4], Layout::InOut).groups(2)), expected);
        assert_eq!(fans(Fan::from_shape(&[6, 2, 5, 5], Layout::TransposedInOut).groups(2)), expected);
    }

    #[test]
    fn what_is_wrong_is_named_and_counts_as_zero() {
        let uneven = Fan::conv(6, 4, [3]).groups(4);
        assert_eq!(uneven.check(), Err(InitError::UnevenGroups { side: "input", channels: 6, groups: 4 }));
        assert_eq!(uneven.fan_in(), 0);
        assert_eq!(
            Fan::conv(6, 4, [3]).groups(0).check(),
            Err(InitError::UnevenGroups { side: "input", channels: 6, groups: 0 })
        );
        assert_eq!(
            Fan::from_shape(&[64], Layout::OutIn).check(),
            Err(InitError::ShapeTooShort { dimensions: 1 })
        );
        let half = usize::MAX / 2 + 1;
        assert_eq!(
            Fan::conv(1, 1, [half, 2]).check(),
            Err(InitError::ShapeOverflow { what: "the receptive field", product: half, dimension: 2 })
        );
        assert_eq!(
            Fan::conv(half, 1, [2]).check(),
            Err(InitError::ShapeOverflow { what: "fan_in", product: half, dimension: 2 })
        );
        assert_eq!(Fan::conv(half, 1, [2]).fan_in(), 0);
        assert_eq!(
            Fan::from_shape(&[half, 2], Layout::OutIn).check(),
            Err(InitError::ShapeOverflow { what: "the number of elements", product: half, dimension: 2 })
        );
        assert_eq!(Fan::dense(0, 3).check(), Err(InitError::ZeroFan { side: "fan_in" }));
        assert_eq!(Fan::dense(3, 0).check(), Err(InitError::ZeroFan { side: "fan_out" }));
        assert_eq!(Fan::conv(3, 3, [0]).check(), Err(InitError::ZeroFan { side: "fan_in" }));
    }
}
