//! Orthogonal initialization.

mod householder;

use core::fmt;

use super::shape::{checked_len, checked_start};
use super::{Gain, InitError, Initializer, Law, Scalar, Seed, gained, seedable};
use crate::fan::{Flaw, Layout};
use crate::scalar::ScalarSliceMut;

/// A matrix with orthonormal rows or columns, whichever are fewer, times a gain: of all such matrices each is as likely as any
/// other (the distribution of Haar).
///
/// ```text
/// W = gain Q,   Q^T Q = I if rows >= cols,   Q Q^T = I if rows <= cols
/// ```
///
/// A square one keeps the length of every signal and of every gradient exactly: of linear layers any number, and of tanh layers
/// thousands, can be trained (Saxe, McClelland and Ganguli, ["Exact solutions to the nonlinear dynamics of
/// learning in deep linear neural networks"](https://arxiv.org/abs/1312.6120), 2014, section 3; Pennington, Schoenholz and
/// Ganguli, ["Resurrecting the sigmoid"](https://arxiv.org/abs/1711.04735), 2017). A single weight has mean 0 and variance
/// gain^2 / max(rows, cols).
///
/// Q is a product of Householder reflections of Gaussian vectors (Stewart, ["The efficient generation of random orthogonal
/// matrices"](https://doi.org/10.1137/0717034), 1980, section 3), in blocks and in a fixed order: the same bits on every machine, as
/// [`stream`](crate::stream) defines them. Halves are computed in `f32` and rounded once. At 1024 x 1024 the
/// Frobenius norm of Q^T Q - I is 2e-5 in `f32`, 5e-14 in `f64`.
///
/// A shard of a wide matrix (rows <= cols) costs about its share of the rows, one of a tall matrix as much as the whole. Memory of the
/// size of the matrix is used besides; where there is not enough, that is an error.
///
/// ```
/// use fanin::{Orthogonal, prelude::*};
///
/// let w: Vec<f64> = Orthogonal::new(2, 3).seed(1).to_vec(6);
/// let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
/// let (first, second) = w.split_at(3);
/// assert!((dot(first, first) - 1.0).abs() < 1e-14 && dot(first, second).abs() < 1e-14);
///
/// // A recurrent matrix, and a kernel as PyTorch stores it: its 64 filters are orthogonal.
/// let recurrent = Orthogonal::new(128, 128).gain(0.9);
/// let filters = Orthogonal::from_shape(&[64, 32, 3, 3], Layout::OutIn).gain(Activation::Relu);
/// # let _: [Vec<f32>; 2] = [recurrent.to_vec(128 * 128), filters.to_vec(64 * 32 * 9)];
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias("orthogonal_", "haar", "semi-orthogonal"))]
pub struct Orthogonal {
    rows: usize,
    cols: usize,
    gain: Gain,
    flaw: Option<Flaw>,
}

impl Orthogonal {
    /// A matrix of these rows and columns, in row-major order, with gain 1.
    #[must_use]
    pub const fn new(rows: usize, cols: usize) -> Self {
        Self { rows, cols, gain: Gain::ONE, flaw: None }
    }

    /// The matrix that a tensor of this shape is when all axes but the outputs' are made one: `[first, rest]` in
    /// [`Layout::OutIn`] and [`Layout::TransposedInOut`], as PyTorch flattens it, `[rest, last]` in [`Layout::InOut`], as Keras and
    /// JAX do. Of [named axes](Layout::axes) the outputs' must be the first or the last, and none a batch's:
    /// [`Composite::stacked`](super::Composite::stacked) fills stacked matrices.
    ///
    /// ```
    /// use fanin::{Layout, Orthogonal};
    ///
    /// assert_eq!(Orthogonal::from_shape(&[64, 32, 3, 3], Layout::OutIn), Orthogonal::new(64, 288));
    /// assert_eq!(Orthogonal::from_shape(&[3, 3, 32, 64], Layout::InOut), Orthogonal::new(288, 64));
    /// ```
    #[must_use]
    pub fn from_shape(shape: &[usize], layout: Layout) -> Self {
        match layout.matrix(shape) {
            Ok([rows, cols]) => Self::new(rows, cols),
            Err(flaw) => Self { flaw: Some(flaw), ..Self::new(0, 0) },
        }
    }

    /// Says early what filling would refuse, whatever the scalar.
    ///
    /// # Errors
    ///
    /// [`ShapeOverflow`](InitError::ShapeOverflow), [`ShapeTooShort`](InitError::ShapeTooShort); of named axes
    /// [`UnnamedAxes`](InitError::UnnamedAxes), [`MissingFan`](InitError::MissingFan) where none is an input or an output,
    /// [`NoMatrix`](InitError::NoMatrix); a gain that is [`NotFinite`](InitError::NotFinite) or
    /// [`Negative`](InitError::Negative).
    pub fn check(&self) -> Result<(), InitError> {
        self.checked_len()?;
        self.gain.check()
    }

    fn checked_len(&self) -> Result<usize, InitError> {
        if let Some(flaw) = self.flaw {
            return Err(flaw.into());
        }
        checked_len(&[self.rows, self.cols])
    }

    /// The gain in the scalar that is computed with.
    fn checked_gain<T: Scalar>(&self) -> Result<f64, InitError> {
        /// How far rounding may take an entry of Q beyond 1.
        const ROUNDING: f64 = 1.001;
        let (gain, magnitude) = (T::parameter(self.gain.value()), ROUNDING * self.gain.value());
        if T::from_f64(magnitude).is_finite() {
            return Ok(gain);
        }
        Err(InitError::Overflow { magnitude, scalar: T::NAME, max: Scalar::to_f64(T::max_value()) })
    }
}

gained!(Orthogonal);
seedable!(Orthogonal);

impl<T: Scalar> Initializer<T> for Orthogonal {
    fn fill_shard(&self, seed: Seed, offset: u64, shard: &mut [T]) -> Result<(), InitError> {
        self.check()?;
        let (len, gain) = (self.checked_len()?, self.checked_gain::<T>()?);
        let offset = checked_start(offset, shard.len(), len)?;
        let matrix = householder::Matrix { rows: self.rows, cols: self.cols, seed };
        match T::slice_mut(shard) {
            ScalarSliceMut::F32(shard) => matrix.fill::<_, 16>(gain as f32, offset, shard),
            ScalarSliceMut::F64(shard) => matrix.fill::<_, 8>(gain, offset, shard),
            #[cfg(feature = "half")]
            ScalarSliceMut::F16(shard) => matrix.fill_rounded(gain as f32, offset, shard),
            #[cfg(feature = "half")]
            ScalarSliceMut::Bf16(shard) => matrix.fill_rounded(gain as f32, offset, shard),
        }
    }

    fn check(&self) -> Result<(), InitError> {
        self.check()?;
        self.checked_gain::<T>().map(drop)
    }

    fn law(&self) -> Option<Law> {
        None
    }

    fn costs_whole_tensor(&self) -> bool {
        true
    }

    fn tensor_len(&self) -> Option<u64> {
        self.checked_len().ok().map(|len| len as u64)
    }
}

/// `orthogonal 64 x 288, gain 1.5`; what is wrong with it, if anything is.
impl fmt::Display for Orthogonal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.check() {
            Ok(()) => write!(f, "orthogonal {} x {}, gain {}", self.rows, self.cols, self.gain.value()),
            Err(error) => error.fmt(f),
        }
    }
}
