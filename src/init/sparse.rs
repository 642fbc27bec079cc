//! Sparse initialization.

use core::fmt;

use super::row_choice::RowChoice;
use super::shape::{checked_len, checked_start};
use super::{InitError, Initializer, Law, Scalar, Seed, in_range, seedable};
use crate::stream;

/// A matrix with a fixed number of zeros in each column, the other elements normal.
///
/// ```text
/// zeros of a column = ceil(sparsity * rows),   each set of rows as likely as any other
/// W_ij = 0 where row i is one of them, else N(0, std_dev^2)
/// ```
///
/// Units that see few inputs differ from each other and do not saturate (Martens, ["Deep learning via Hessian-free
/// optimization"](https://www.cs.toronto.edu/~jmartens/docs/Deep_HessianFree.pdf), 2010, which gives each unit 15 connections). As PyTorch's `sparse_`: columns are those
/// of the tensor `[rows, cols]`, which in PyTorch holds a unit's outgoing weights in a column. A normal element has the bits that
/// [`Normal`](super::Normal) of mean 0 has there. Its variance over all elements is about (1 - sparsity) std_dev^2.
///
/// The rows are chosen by a permutation that the seed gives each column, worked out for an element by itself: a shard costs a
/// shard.
///
/// ```
/// use fanin::{Sparse, prelude::*};
///
/// let w: Vec<f64> = Sparse::new(10, 4, 0.25, 0.01).seed(1).to_vec(40);
/// for column in 0..4 {
///     let zeros = w.iter().skip(column).step_by(4).filter(|&&w| w == 0.0).count();
///     assert_eq!(zeros, 3);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "super::serialized::Sparse", into = "super::serialized::Sparse")
)]
#[doc(alias("sparse_", "sparse_init"))]
pub struct Sparse {
    pub(super) rows: usize,
    pub(super) cols: usize,
    pub(super) sparsity: f64,
    pub(super) std_dev: f64,
}

impl Sparse {
    /// A matrix of these rows and columns, in row-major order, with this share of zeros in each column (from 0 to 1) and this standard deviation
    /// (finite, at least 0; PyTorch's is 0.01 unless given) of the others.
    #[must_use]
    pub const fn new(rows: usize, cols: usize, sparsity: f64, std_dev: f64) -> Self {
        Self { rows, cols, sparsity, std_dev }
    }

    /// Says early what filling would refuse, whatever the scalar.
    ///
    /// # Errors
    ///
    /// [`ShapeOverflow`](InitError::ShapeOverflow), [`TensorTooLong`](InitError::TensorTooLong) above 2^63 elements; a sparsity that is
    /// [`OutOfRange`](InitError::OutOfRange), a parameter that is [`NotFinite`](InitError::NotFinite), a standard
    /// deviation that is [`Negative`](InitError::Negative).
    pub fn check(&self) -> Result<(), InitError> {
        let length = checked_len(&[self.rows, self.cols])? as u64;
        if length > stream::MAX_LEN {
            return Err(InitError::TensorTooLong { offset: 0, length });
        }
        in_range("sparsity", self.sparsity, (0.0..=1.0).contains(&self.sparsity), "from 0 to 1")?;
        self.normal().check()
    }

    const fn normal(&self) -> Law {
        Law::Normal { mean: 0.0, std_dev: self.std_dev }
    }

    /// How many zeros a column has.
    fn zeros(&self) -> usize {
        (libm::ceil(self.sparsity * self.rows as f64) as usize).min(self.rows)
    }
}

seedable!(Sparse);

impl<T: Scalar> Initializer<T> for Sparse {
    fn fill_shard(&self, seed: Seed, offset: u64, shard: &mut [T]) -> Result<(), InitError> {
        /// Elements that are cleared at a time: of many rows, unless rows are long, while they are in a cache.
        const TASK: usize = 1 << 16;
        self.check()?;
        let start = checked_start(offset, shard.len(), checked_len(&[self.rows, self.cols])?)?;
        self.normal().fill_shard(seed, offset, shard)?;
        let zeros = self.zeros();
        if zeros == 0 || shard.is_empty() {
            return Ok(());
        }
        let choice = RowChoice::new(self.rows, zeros, self.cols, seed.child("sparse"));
        let clear = |(task, part): (usize, &mut [T])| choice.clear(start + task * TASK, part);
        #[cfg(not(feature = "rayon"))]
        shard.chunks_mut(TASK).enumerate().for_each(clear);
        #[cfg(feature = "rayon")]
        {
            use rayon::prelude::*;
            shard.par_chunks_mut(TASK).enumerate().for_each(clear);
        }
        Ok(())
    }

    fn tensor_len(&self) -> Option<u64> {
        checked_len(&[self.rows, self.cols]).ok().map(|len| len as u64)
    }
}

/// `sparse 784 x 256, sparsity 0.9, N(0, 0.01^2)`; what is wrong with it, if anything is.
impl fmt::Display for Sparse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.check() {
            Ok(()) => {
                write!(
                    f,
                    "sparse {} x {}, sparsity {}, {}",
                    self.rows,
                    self.cols,
                    self.sparsity,
                    self.normal()
                )
            }
            Err(error) => error.fmt(f),
        }
    }
}
