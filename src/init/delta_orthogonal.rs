//! Delta-orthogonal initialization of convolutions.

use core::fmt;

use super::kernel::{Axes, Kernel};
use super::{Gain, InitError, Initializer, Orthogonal, Scalar, Seed, gained, in_range, seedable};
use crate::fan::Layout;

/// The kernel of a convolution, in one to three dimensions, that is 0 but at its centre, where outputs and inputs form an
/// [orthogonal](Orthogonal) matrix, times a gain: the layer keeps the length of every signal, wherever it stands.
///
/// ```text
/// W[o, i, tap] = gain Q[o, i] if the tap is the centre, else 0,   Q^T Q = I,   inputs <= outputs
/// ```
///
/// Plain convolutional networks of 10,000 layers were trained from it (Xiao, Bahri, Sohl-Dickstein, Schoenholz and Pennington,
/// ["Dynamical isometry and a mean field theory of CNNs"](https://arxiv.org/abs/1806.05393), 2018, algorithm 2 of the appendix). Q is distributed as
/// Haar's measure says and has the bits of [`Orthogonal`], of the two channel axes as the layout stores them. The centre of a side k is tap (k - 1) / 2, rounded
/// down, as in JAX (that of [`Dirac`](super::Dirac) is k / 2, as in PyTorch: the two differ where k is even).
///
/// A shard costs what that part of the matrix does which lies in it: its share in [`Layout::InOut`] and [`Layout::TransposedInOut`], the whole matrix
/// in [`Layout::OutIn`], unless inputs and outputs are as many.
///
/// ```
/// use fanin::{DeltaOrthogonal, prelude::*};
///
/// let kernel: Vec<f64> = DeltaOrthogonal::from_shape(&[2, 2, 3], Layout::OutIn).seed(1).to_vec(12);
/// assert!(kernel.iter().enumerate().all(|(i, &w)| (w != 0.0) == (i % 3 == 1)));
/// assert!((kernel[1] * kernel[1] + kernel[7] * kernel[7] - 1.0).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias("delta_orthogonal", "dynamical isometry"))]
pub struct DeltaOrthogonal {
    kernel: Kernel,
    gain: Gain,
}

impl DeltaOrthogonal {
    /// A kernel of this shape, with 1 to 3 sides and no more inputs than outputs, with gain 1.
    #[must_use]
    pub fn from_shape(shape: &[usize], layout: Layout) -> Self {
        Self { kernel: Kernel::new(shape, layout), gain: Gain::ONE }
    }

    /// Says early what filling would refuse, whatever the scalar.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`](InitError::OutOfRange) where the shape has not 3 to 5 axes, one of them is 0, or there are more inputs than
    /// outputs, [`ShapeOverflow`](InitError::ShapeOverflow); a gain that is [`NotFinite`](InitError::NotFinite) or
    /// [`Negative`](InitError::Negative).
    pub fn check(&self) -> Result<(), InitError> {
        self.plan()?.1.check()
    }

    /// The axes, and the matrix at the centre.
    fn plan(&self) -> Result<(Axes, Orthogonal), InitError> {
        let axes = self.kernel.axes()?;
        let Axes { outputs, inputs, .. } = axes;
        in_range("inputs", inputs as f64, inputs <= outputs, "at most the outputs")?;
        let [rows, cols] = if axes.outputs_first { [outputs, inputs] } else { [inputs, outputs] };
        Ok((axes, Orthogonal::new(rows, cols).gain(self.gain)))
    }
}

gained!(DeltaOrthogonal);
seedable!(DeltaOrthogonal);

impl<T: Scalar> Initializer<T> for DeltaOrthogonal {
    fn fill_shard(&self, seed: Seed, offset: u64, shard: &mut [T]) -> Result<(), InitError> {
        let (axes, orthogonal) = self.plan()?;
        axes.fill_tap(axes.tap(|side| (side - 1) / 2), offset, shard, |first, matrix| {
            orthogonal.fill_shard(seed, first as u64, matrix)
        })
    }

    fn costs_whole_tensor(&self) -> bool {
        true
    }

    fn tensor_len(&self) -> Option<u64> {
        self.kernel.axes().ok().map(|axes| axes.len as u64)
    }
}

/// `delta-orthogonal [64, 32, 3, 3] OutIn, gain 1`; what is wrong with it, if anything is.
impl fmt::Display for DeltaOrthogonal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.check() {
            Ok(()) => write!(f, "delta-orthogonal {}, gain {}", self.kernel, self.gain.value()),
            Err(error) => error.fmt(f),
        }
    }
}
