//! Dirac initialization of convolutions.

use core::fmt;

use super::kernel::{Axes, Kernel};
use super::{Constant, Gain, InitError, Initializer, Scalar, Seed, gained, seedable};
use crate::fan::Layout;

/// The kernel of a convolution, in one to three dimensions, that hands its channels on: as many as there are both inputs and outputs of.
///
/// ```text
/// W[o, i, tap] = gain if the tap is the centre and o mod (outputs of a group) = i, else 0
/// ```
///
/// The centre of a side k is tap k / 2, rounded down, as in PyTorch (that of [`DeltaOrthogonal`](super::DeltaOrthogonal) is (k - 1) / 2, as in JAX:
/// the two differ where k is even). With padding k / 2 and a gain of 1 the layer is the identity on its channels, the start of residual
/// networks without skip connections (Zagoruyko and Komodakis, ["DiracNets"](https://arxiv.org/abs/1706.00388), 2017).
/// Nothing is drawn: every seed gives the same weights. A shard costs a shard.
///
/// ```
/// use fanin::{Dirac, prelude::*};
///
/// let kernel: Vec<f32> = Dirac::from_shape(&[2, 2, 3], Layout::OutIn).to_vec(12);
/// assert_eq!(kernel, [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, /**/ 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias("dirac_", "delta"))]
pub struct Dirac {
    kernel: Kernel,
    groups: usize,
    gain: Gain,
}

impl Dirac {
    /// A kernel of this shape, with 1 to 3 sides, of one group, with gain 1. The channels in the shape are those of a group or of all groups as the
    /// table at [`Fan`](crate::Fan) says.
    #[must_use]
    pub fn from_shape(shape: &[usize], layout: Layout) -> Self {
        Self { kernel: Kernel::new(shape, layout), groups: 1, gain: Gain::ONE }
    }

    /// Groups, each with the identity on its own channels: they must divide the outputs, or the inputs of
    /// [`Layout::TransposedInOut`].
    #[must_use]
    pub fn groups(self, groups: usize) -> Self {
        Self { groups, ..self }
    }

    /// Says early what filling would refuse, whatever the scalar.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`](InitError::OutOfRange) where the shape has not 3 to 5 axes or one of them is 0,
    /// [`ShapeOverflow`](InitError::ShapeOverflow), [`UnevenGroups`](InitError::UnevenGroups); a gain that is
    /// [`NotFinite`](InitError::NotFinite) or [`Negative`](InitError::Negative).
    pub fn check(&self) -> Result<(), InitError> {
        self.plan()?;
        self.gain.check()
    }

    /// The axes, and the channels of a group on the axis that holds all groups.
    fn plan(&self) -> Result<(Axes, usize), InitError> {
        let axes = self.kernel.axes()?;
        // All groups stand on the outputs, but those of a transposed convolution on the inputs.
        let (side, channels) = if axes.taps_first || axes.outputs_first {
            ("output", axes.outputs)
        } else {
            ("input", axes.inputs)
        };
        if self.groups > 0 && channels.is_multiple_of(self.groups) {
            return Ok((axes, channels / self.groups));
        }
        Err(InitError::UnevenGroups { side, channels, groups: self.groups })
    }
}

gained!(Dirac);
seedable!(Dirac);

impl<T: Scalar> Initializer<T> for Dirac {
    fn fill_shard(&self, _: Seed, offset: u64, shard: &mut [T]) -> Result<(), InitError> {
        self.check()?;
        let (axes, channels) = self.plan()?;
        let gain = self.gain.value();
        Initializer::<T>::check(&Constant::new(gain))?;
        axes.fill_tap(axes.tap(|side| side / 2), offset, shard, |first, matrix| {
            // Of the channels of all groups and of one.
            let one_comes_first = axes.taps_first;
            let cols = if axes.outputs_first { axes.inputs } else { axes.outputs };
            for (weight, m) in matrix.iter_mut().zip(first..) {
                let (row, col) = (m / cols, m % cols);
                let (of_all, of_one) = if one_comes_first { (col, row) } else { (row, col) };
                let same = of_all % channels == of_one;
                *weight = if same { T::from_f64(gain) } else { T::zero() };
            }
            Ok(())
        })
    }

    fn tensor_len(&self) -> Option<u64> {
        self.kernel.axes().ok().map(|axes| axes.len as u64)
    }

    fn fixed_seed(&self) -> Option<Seed> {
        // It asks for no randomness, so that it needs no source of any.
        Some(0.into())
    }
}

/// `dirac [64, 32, 3, 3] OutIn, groups 1, gain 1`; what is wrong with it, if anything is.
impl fmt::Display for Dirac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.check() {
            Ok(()) => write!(f, "dirac {}, groups {}, gain {}", self.kernel, self.groups, self.gain.value()),
            Err(error) => error.fmt(f),
        }
    }
}
