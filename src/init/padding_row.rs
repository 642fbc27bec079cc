//! The padding row of an embedding.

use core::fmt;

use super::shape::{checked_len, checked_start};
use super::{InitError, Initializer, Scalar, Seed, in_range, seedable};

/// An embedding whose padding token is 0: one row of zeros, every other weight that of another initializer.
///
/// ```text
/// W[row, ..] = 0,   the other elements those of the initializer for the whole matrix
/// ```
///
/// A padding token must not say anything: what resets the weights of an embedding and forgets its `padding_idx` gives it a voice
/// ([PyTorch issue 6495](https://github.com/pytorch/pytorch/issues/6495)). The other rows keep their bits, so that naming a padding row
/// changes nothing else. A shard costs what it does for the other initializer.
///
/// ```
/// use fanin::{PaddingRow, prelude::*};
///
/// let embedding = PaddingRow::new(Normal::new(0.0, 0.02), [1000, 64], 0).seed(1);
/// let w: Vec<f32> = embedding.to_vec(1000 * 64);
/// let plain: Vec<f32> = Normal::new(0.0, 0.02).seed(1).to_vec(1000 * 64);
/// assert!(w[..64].iter().all(|&w| w == 0.0) && w[64..] == plain[64..]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias("padding_idx", "pad_token_id"))]
pub struct PaddingRow<I> {
    initializer: I,
    rows: usize,
    cols: usize,
    row: usize,
}

impl<I> PaddingRow<I> {
    /// A matrix of these rows and columns, the embedding of a token in each row; `row` is the padding token's, counted from 0.
    pub const fn new(initializer: I, [rows, cols]: [usize; 2], row: usize) -> Self {
        Self { initializer, rows, cols, row }
    }

    fn checked_len(&self) -> Result<usize, InitError> {
        let len = checked_len(&[self.rows, self.cols])?;
        in_range("the padding row", self.row as f64, self.row < self.rows, "less than the number of rows")
            .map(|()| len)
    }
}

seedable!(PaddingRow<I>);

impl<T: Scalar, I: Initializer<T>> Initializer<T> for PaddingRow<I> {
    fn fill_shard(&self, seed: Seed, offset: u64, shard: &mut [T]) -> Result<(), InitError> {
        self.check()?;
        let start = checked_start(offset, shard.len(), self.checked_len()?)?;
        self.initializer.fill_shard(seed, offset, shard)?;
        let place = |element: usize| element.saturating_sub(start).min(shard.len());
        let (first, end) = (place(self.row * self.cols), place((self.row + 1) * self.cols));
        shard[first..end].fill(T::zero());
        Ok(())
    }

    /// What is wrong with the shape, or with the initializer of the other rows; one of another length than this matrix is
    /// [`TensorLength`](InitError::TensorLength).
    fn check(&self) -> Result<(), InitError> {
        let found = self.checked_len()? as u64;
        self.initializer.check()?;
        match self.initializer.tensor_len() {
            Some(expected) if expected != found => Err(InitError::TensorLength { found, expected }),
            _ => Ok(()),
        }
    }

    fn costs_whole_tensor(&self) -> bool {
        self.initializer.costs_whole_tensor()
    }

    fn tensor_len(&self) -> Option<u64> {
        self.checked_len().ok().map(|len| len as u64)
    }

    fn fixed_seed(&self) -> Option<Seed> {
        self.initializer.fixed_seed()
    }
}

/// `N(0, 0.02^2), row 0 of 1000 x 64 zero`; what is wrong with the shape, if anything is.
impl<I: fmt::Display> fmt::Display for PaddingRow<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.checked_len() {
            Ok(_) => {
                write!(f, "{}, row {} of {} x {} zero", self.initializer, self.row, self.rows, self.cols)
            }
            Err(error) => error.fmt(f),
        }
    }
}
