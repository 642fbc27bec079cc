//! Filling: what can be done with every initializer.

use alloc::vec::Vec;
use core::ops::Range;

use rand::Rng;

use super::block::Block;
use super::{InitError, Initializer, Scalar, Seed, Seeded};
use crate::weights::Weights;

/// The methods of every [`Initializer`], as rand's `RngExt` has those of every `Rng`.
///
/// They take `&self` and work on a distribution, on `&dyn Initializer<T>`, on a boxed field and on an initializer of
/// your own.
///
/// ```
/// use fanin::prelude::*;
///
/// let init: Box<dyn Initializer<f64>> = Box::new(He::normal(3));
/// let mut w = [[0.0; 3]; 2];
/// init.fill(&mut w); // new weights each run
/// let first = init.seed(42).to_vec(6);
/// assert_eq!(first[0], He::normal(3).seed(42).to_vec(1)[0]);
/// ```
pub trait InitializerExt<T: Scalar>: Initializer<T> {
    /// Fills the weights, from the fixed seed or else from fresh randomness.
    ///
    /// # Panics
    ///
    /// With the error's text, where [`try_fill`](InitializerExt::try_fill) returns an error.
    #[track_caller]
    fn fill<W: Weights<T> + ?Sized>(&self, weights: &mut W) {
        or_panic(self.try_fill(weights));
    }

    /// Fills the weights, from the fixed seed or else from fresh randomness.
    ///
    /// # Errors
    ///
    /// A fan of 0, one that cannot be computed or that is not given, a parameter that is NaN, infinite or negative
    /// where it must not be, an empty range, a distribution whose values overflow the scalar; without the
    /// feature `std`, a missing seed. On an error nothing has been written, if [`check`](Initializer::check) finds it, as it
    /// does for every initializer of this crate; of an initializer of your own that fails only when it fills, what it filled
    /// before stays filled. Empty weights are filled by doing nothing, once the parameters are checked.
    fn try_fill<W: Weights<T> + ?Sized>(&self, weights: &mut W) -> Result<(), InitError> {
        fill_from(self, checked_seed(self)?, weights)
    }

    /// Fills a box of a tensor: rows, columns, or whatever part of it a machine holds. `shape` is the whole tensor's,
    /// `ranges` says which indices of each dimension, and the weights are the elements of the box in row-major order: each has
    /// the bits that it has in the whole tensor. Fans are the initializer's, so they are those of the whole.
    ///
    /// The time is that of the box where its runs of neighbouring elements are long; a short run costs as much as about 700
    /// elements. One whose shard [costs the whole tensor](Initializer::costs_whole_tensor) is drawn once, from the first element of the box
    /// to the last, with as much memory.
    ///
    /// ```
    /// use fanin::prelude::*;
    ///
    /// let init = He::normal(6).seed(1);
    /// let whole: Vec<f32> = init.to_vec(4 * 6);
    /// let mut columns = [[0.0; 2]; 4];
    /// init.fill_block(&[4, 6], &[0..4, 3..5], &mut columns);
    /// assert_eq!(columns[2], whole[2 * 6 + 3..2 * 6 + 5]);
    /// ```
    ///
    /// # Panics
    ///
    /// With the error's text, where [`try_fill_block`](InitializerExt::try_fill_block) returns an error.
    #[track_caller]
    fn fill_block<W: Weights<T> + ?Sized>(&self, shape: &[usize], ranges: &[Range<usize>], weights: &mut W) {
        or_panic(self.try_fill_block(shape, ranges, weights));
    }

    /// Fills a box of a tensor, as [`fill_block`](InitializerExt::fill_block) does.
    ///
    /// # Errors
    ///
    /// What [`try_fill`](InitializerExt::try_fill) refuses; [`BlockDimensions`](InitError::BlockDimensions),
    /// [`BlockOutOfTensor`](InitError::BlockOutOfTensor), [`BlockLength`](InitError::BlockLength);
    /// [`TensorLength`](InitError::TensorLength) where the initializer owns another shape. On an error nothing has been
    /// written, as with [`try_fill`](InitializerExt::try_fill).
    fn try_fill_block<W: Weights<T> + ?Sized>(
        &self,
        shape: &[usize],
        ranges: &[Range<usize>],
        weights: &mut W,
    ) -> Result<(), InitError> {
        let seed = checked_seed(self)?;
        let block = Block::new(shape, ranges)?;
        block.fill(self, seed, weights)
    }

    /// Fills the weights from a seed that is read from `rng`, also if a seed is fixed. The generator
    /// advances by 32 bytes, however many weights there are.
    ///
    /// ```
    /// use fanin::prelude::*;
    /// use rand::{SeedableRng, rngs::Xoshiro256PlusPlus};
    ///
    /// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    /// let (mut a, mut b) = ([0.0_f32; 8], [0.0_f32; 8]);
    /// He::normal(8).fill_with(&mut rng, &mut a);
    /// He::normal(8).fill_with(&mut rng, &mut b);
    /// assert_ne!(a, b);
    /// ```
    ///
    /// # Panics
    ///
    /// With the error's text, where [`try_fill`](InitializerExt::try_fill) returns an error.
    #[track_caller]
    fn fill_with<R: Rng + ?Sized, W: Weights<T> + ?Sized>(&self, rng: &mut R, weights: &mut W) {
        or_panic(self.check().and_then(|()| fill_from(self, Seed::from_rng(rng), weights)));
    }

    /// A new vector of `len` weights.
    ///
    /// ```
    /// use fanin::prelude::*;
    ///
    /// let w: Vec<f32> = Xavier::uniform((784, 256)).seed(1).to_vec(256 * 784);
    /// assert_eq!(w.len(), 256 * 784);
    /// ```
    ///
    /// # Panics
    ///
    /// With the error's text, where [`try_fill`](InitializerExt::try_fill) returns an error; and as `vec![0.0; len]` does,
    /// where `len` is more than memory can hold.
    #[track_caller]
    fn to_vec(&self, len: usize) -> Vec<T> {
        let seed = or_panic(checked_seed(self));
        let mut weights = alloc::vec![T::zero(); len];
        or_panic(fill_from(self, seed, &mut weights));
        weights
    }

    /// A new array of this shape, with the feature `ndarray`.
    ///
    /// ```
    /// use fanin::prelude::*;
    /// use ndarray::Array2;
    ///
    /// let w: Array2<f32> = He::normal(784).seed(1).to_array((256, 784));
    /// assert_eq!(w.dim(), (256, 784));
    /// ```
    ///
    /// # Panics
    ///
    /// With the error's text, where [`try_fill`](InitializerExt::try_fill) returns an error; and as `Array::zeros` does,
    /// where the shape is more than memory can hold.
    #[cfg(feature = "ndarray-017")]
    #[track_caller]
    fn to_array<S: ndarray::ShapeBuilder>(&self, shape: S) -> ndarray::Array<T, S::Dim> {
        let seed = or_panic(checked_seed(self));
        let mut weights = ndarray::Array::zeros(shape);
        or_panic(fill_from(self, seed, &mut weights));
        weights
    }

    /// Fixes the seed: every fill then gives the same weights.
    ///
    /// Where an initializer of your own fills every scalar, so that the compiler cannot tell which one is meant,
    /// write [`Seeded::new`].
    #[must_use]
    fn seed(self, seed: impl Into<Seed>) -> Seeded<Self>
    where
        Self: Sized,
    {
        Seeded::new(self, seed)
    }
}

impl<T: Scalar, I: Initializer<T> + ?Sized> InitializerExt<T> for I {}

/// The seed to fill from, once nothing is wrong with the initializer.
fn checked_seed<T: Scalar>(initializer: &(impl Initializer<T> + ?Sized)) -> Result<Seed, InitError> {
    initializer.check()?;
    match initializer.fixed_seed() {
        Some(seed) => Ok(seed),
        #[cfg(feature = "std")]
        None => Ok(Seed::random()),
        #[cfg(not(feature = "std"))]
        None => Err(InitError::NoSeed),
    }
}

fn fill_from<T, I, W>(initializer: &I, seed: Seed, weights: &mut W) -> Result<(), InitError>
where
    T: Scalar,
    I: Initializer<T> + ?Sized,
    W: Weights<T> + ?Sized,
{
    let mut offset = 0;
    // Only where it is needed: to count deeply nested weights is a walk through them.
    let mut drawn_once = None;
    if let Some(expected) = initializer.tensor_len() {
        let found = weights.count();
        if found as u64 != expected {
            return Err(InitError::TensorLength { found: found as u64, expected });
        }
        drawn_once = initializer.costs_whole_tensor().then_some(found);
    }
    let Some(found) = drawn_once else {
        return weights.for_each_chunk(&mut |chunk| {
            initializer.fill_shard(seed, offset as u64, chunk)?;
            offset += chunk.len();
            Ok(())
        });
    };
    let mut whole = Vec::new();
    weights.for_each_chunk(&mut |chunk| {
        if chunk.len() == found {
            return initializer.fill_shard(seed, 0, chunk);
        }
        if whole.is_empty() {
            whole.resize(found, T::zero());
            initializer.fill_shard(seed, 0, &mut whole)?;
        }
        chunk.copy_from_slice(&whole[offset..offset + chunk.len()]);
        offset += chunk.len();
        Ok(())
    })
}

#[track_caller]
fn or_panic<V>(result: Result<V, InitError>) -> V {
    // No closure: the panic names the line of the caller.
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
