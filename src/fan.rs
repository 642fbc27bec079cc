//! How many inputs feed an output, and how many outputs an input feeds.

use crate::error::InitError;

/// The fans of a weight tensor: `fan_in` inputs feed one output unit, one input unit feeds
/// `fan_out` outputs.
///
/// For a convolution both count channels times receptive field (the product of the kernel's sides,
/// He et al. 2015, section 2.2, n = k^2 c), and only the channels of one group. A constructor never
/// fails; what is wrong is an [`InitError`] from [`check`](Fan::check) and from every law that is
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fan {
    /// Channels of one group, or of all where the count does not say how many groups there are.
    inputs: usize,
    outputs: usize,
    receptive_field: usize,
    grouped: Grouped,
    flaw: Option<InitError>,
}

/// Which channel counts `groups` still has to divide.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Grouped {
    Both,
    Inputs,
    Outputs,
}

/// The order of dimensions in a shape, see the table at [`Fan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Layout {
    /// `[out, in/groups, k..]`: PyTorch, tch, candle; burn's convolutions.
    OutIn,
    /// `[k.., in/groups, out]`: TensorFlow, Keras, JAX; burn's dense layers.
    InOut,
    /// `[in, out/groups, k..]`: the transposed convolutions of PyTorch, tch, candle and burn.
    TransposedInOut,
}

impl Fan {
    /// A dense layer from `inputs` units to `outputs` units.
    #[must_use]
    pub const fn dense(inputs: usize, outputs: usize) -> Self {
        Self { inputs, outputs, receptive_field: 1, grouped: Grouped::Both, flaw: None }
    }

    /// A convolution from `in_channels` to `out_channels`, all groups together, with a kernel of
    /// these sides. See [`groups`](Fan::groups).
    #[must_use]
    pub fn conv(in_channels: usize, out_channels: usize, kernel: impl AsRef<[usize]>) -> Self {
        let (receptive_field, flaw) = product("the receptive field", kernel.as_ref());
        Self { inputs: in_channels, outputs: out_channels, receptive_field, grouped: Grouped::Both, flaw }
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
    pub fn conv_transposed(in_channels: usize, out_channels: usize, kernel: impl AsRef<[usize]>) -> Self {
        Self::conv(in_channels, out_channels, kernel)
    }

    /// The fans of a tensor of this shape. A shape alone does not tell which dimension is the
    /// inputs', so the layout must be named; nor the number of [`groups`](Fan::groups), 1 unless told.
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
        let (inputs, outputs, kernel, grouped) = match (layout, shape) {
            (Layout::OutIn, &[outputs, inputs, ref kernel @ ..]) => {
                (inputs, outputs, kernel, Grouped::Outputs)
            }
            (Layout::InOut, &[ref kernel @ .., inputs, outputs]) => {
                (inputs, outputs, kernel, Grouped::Outputs)
            }
            (Layout::TransposedInOut, &[inputs, outputs, ref kernel @ ..]) => {
                (inputs, outputs, kernel, Grouped::Inputs)
            }
            _ => {
                let flaw = Some(InitError::ShapeTooShort { dimensions: shape.len() });
                return Self { flaw, ..Self::dense(0, 0) };
            }
        };
        Self { grouped, ..Self::conv(inputs, outputs, kernel) }
            .with_flaw(product("the number of elements", shape).1)
    }

    /// Splits the channels into `groups` groups, each with inputs and outputs of its own.
    /// Divides those channel counts that are counts of all groups together.
    #[must_use]
    pub fn groups(self, groups: usize) -> Self {
        let divide = |side, channels: usize| {
            if groups > 0 && channels.is_multiple_of(groups) {
                (channels / groups, None)
            } else {
                (0, Some(InitError::UnevenGroups { side, channels, groups }))
            }
        };
        let (inputs, in_flaw) =
            if self.grouped == Grouped::Outputs { (self.inputs, None) } else { divide("input", self.inputs) };
        let (outputs, out_flaw) = if self.grouped == Grouped::Inputs {
            (self.outputs, None)
        } else {
            divide("output", self.outputs)
        };
        Self { inputs, outputs, ..self }.with_flaw(in_flaw.or(out_flaw))
    }

    /// Inputs that feed one output unit; 0, which every law refuses, if it cannot be computed.
    #[must_use]
    pub fn fan_in(&self) -> usize {
        FanIn::from(*self).value()
    }

    /// Outputs that one input unit feeds; 0, which every law refuses, if it cannot be computed.
    #[must_use]
    pub fn fan_out(&self) -> usize {
        FanOut::from(*self).value()
    }

    /// # Errors
    ///
    /// [`ZeroFan`](InitError::ZeroFan), [`ShapeOverflow`](InitError::ShapeOverflow),
    /// [`ShapeTooShort`](InitError::ShapeTooShort), [`UnevenGroups`](InitError::UnevenGroups).
    pub fn check(&self) -> Result<(), InitError> {
        FanIn::from(*self).check()?;
        FanOut::from(*self).check()
    }

    fn with_flaw(self, flaw: Option<InitError>) -> Self {
        Self { flaw: self.flaw.or(flaw), ..self }
    }

    fn side(&self, what: &'static str, channels: usize) -> Result<usize, InitError> {
        match (self.flaw, channels.checked_mul(self.receptive_field)) {
            (Some(flaw), _) => Err(flaw),
            (None, Some(fan)) => Ok(fan),
            (None, None) => {
                Err(InitError::ShapeOverflow { what, product: channels, dimension: self.receptive_field })
            }
        }
    }
}

/// The product of the dimensions, or 0 and where it overflows.
fn product(what: &'static str, dimensions: &[usize]) -> (usize, Option<InitError>) {
    if dimensions.contains(&0) {
        return (0, None);
    }
    let product = dimensions.iter().try_fold(1_usize, |product, &dimension| {
        product.checked_mul(dimension).ok_or(InitError::ShapeOverflow { what, product, dimension })
    });
    product.map_or_else(|flaw| (0, Some(flaw)), |product| (product, None))
}

macro_rules! side {
    ($(#[$doc:meta])* $Side:ident, $name:literal, $field:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $Side(Result<usize, InitError>);

        impl $Side {
            pub(crate) fn value(self) -> usize {
                self.0.unwrap_or(0)
            }

            pub(crate) fn check(self) -> Result<(), InitError> {
                if self.0? == 0 { Err(InitError::ZeroFan { side: $name }) } else { Ok(()) }
            }
        }

        impl From<usize> for $Side {
            fn from(fan: usize) -> Self {
                Self(Ok(fan))
            }
        }

        /// The fan of this side.
        impl From<Fan> for $Side {
            fn from(fan: Fan) -> Self {
                Self(fan.side($name, fan.$field))
            }
        }
    };
}

side! {
    /// A `fan_in` argument: a number, or a [`Fan`], of which it takes the `fan_in`.
    FanIn, "fan_in", inputs
}

side! {
    /// A `fan_out` argument: a number, or a [`Fan`], of which it takes the `fan_out`.
    FanOut, "fan_out", outputs
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
