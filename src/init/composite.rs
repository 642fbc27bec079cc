//! Composite: one tensor, cut along an axis into blocks that are initialized apart.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use super::shape::{checked_len, checked_start, filled};
use super::{InitError, Initializer, Law, Scalar, Seed, seedable};

/// Elements of a scattered block that are drawn at once: 16 blocks of the stream, which stay in cache.
const PIECE: usize = 16 * 4096;

/// One tensor, cut along an axis into blocks, each with an initializer and fans of its own: queries, keys and values in one matrix, the
/// gates of an LSTM, the two halves of a gated linear unit.
///
/// Block i, counted from 0, has the bits that its initializer gives a tensor of its own from [`seed.child(i)`](Seed::child): a fused
/// matrix equals the three that it is made of, filled apart. The lengths of the blocks must add up to the axis. A shard costs a shard,
/// but of a block that has a shape (an [`Orthogonal`](super::Orthogonal) one) what a shard of that costs.
/// A block that is not contiguous is drawn through a buffer of 65,536 elements, or of the size of its part of the shard if it has a shape.
///
/// ```
/// use fanin::{Composite, prelude::*};
///
/// // Queries, keys and values as GPT-2 stores them, [in, 3 x out]: Xavier by the fans of each, not by those of the whole.
/// let xavier = Xavier::normal((64, 64));
/// let qkv = Composite::new(&[64, 192], 1).block(64, xavier).block(64, xavier).block(64, xavier);
/// let fused: Vec<f32> = qkv.seed(1).to_vec(64 * 192);
/// let keys: Vec<f32> = xavier.seed(Seed::from(1).child(1)).to_vec(64 * 64);
/// assert_eq!(fused[64..128], keys[..64]);
///
/// // The recurrent weights and biases of an LSTM, as PyTorch orders its gates: input, forget, cell, output.
/// let recurrent = Composite::new(&[4 * 32, 32], 0).blocks(4, 32, Orthogonal::new(32, 32));
/// let biases = Composite::new(&[4 * 32], 0)
///     .block(32, Constant::new(0.0))
///     .block(32, Constant::new(1.0)) // remembers, to begin with: Jozefowicz et al. 2015
///     .blocks(2, 32, Constant::new(0.0));
/// # let _: [Vec<f32>; 2] = [recurrent.to_vec(128 * 32), biases.to_vec(128)];
/// ```
#[doc(alias("fused", "qkv", "lstm", "forget_bias", "stacked"))]
pub struct Composite<T> {
    /// Elements before the axis, on it, and after it, each a product.
    outer: usize,
    axis: usize,
    inner: usize,
    flaw: Option<InitError>,
    blocks: Vec<Blocks<T>>,
}

/// Blocks of one length and one initializer, side by side.
struct Blocks<T> {
    count: usize,
    length: usize,
    initializer: Arc<dyn Initializer<T> + Send + Sync>,
}

impl<T: Scalar> Composite<T> {
    /// A tensor of this shape that is cut along an axis, counted from 0; it has no blocks yet.
    #[must_use]
    pub fn new(shape: &[usize], axis: usize) -> Self {
        let flawed = |error| Self { outer: 0, axis: 0, inner: 0, flaw: Some(error), blocks: Vec::new() };
        if let Err(error) = checked_len(shape) {
            return flawed(error);
        }
        let Some(&length) = shape.get(axis) else {
            return flawed(InitError::NoAxis { axis, dimensions: shape.len() });
        };
        // No product of a part overflows where that of the whole does not, but if a dimension is 0.
        let product =
            |part: &[usize]| part.iter().fold(1_usize, |product, &side| product.saturating_mul(side));
        let (outer, inner) = (product(&shape[..axis]), product(&shape[axis + 1..]));
        Self { outer, axis: length, inner, flaw: None, blocks: Vec::new() }
    }

    /// A stack along the first axis, each of its members from the same initializer and a seed of its own: experts `[experts, in, out]`.
    ///
    /// ```
    /// use fanin::{Composite, prelude::*};
    ///
    /// let experts = Composite::stacked(&[8, 16, 64], Orthogonal::new(16, 64));
    /// let w: Vec<f32> = experts.seed(1).to_vec(8 * 16 * 64);
    /// assert_ne!(w[..16 * 64], w[16 * 64..2 * 16 * 64]);
    /// ```
    #[must_use]
    pub fn stacked(shape: &[usize], initializer: impl Initializer<T> + Send + Sync + 'static) -> Self {
        Self::new(shape, 0).blocks(shape.first().copied().unwrap_or(0), 1, initializer)
    }

    /// The next block, so long on the axis.
    #[must_use]
    pub fn block(self, length: usize, initializer: impl Initializer<T> + Send + Sync + 'static) -> Self {
        self.blocks(1, length, initializer)
    }

    /// The next `count` blocks, each so long on the axis and with a seed of its own.
    #[must_use]
    pub fn blocks(
        mut self,
        count: usize,
        length: usize,
        initializer: impl Initializer<T> + Send + Sync + 'static,
    ) -> Self {
        self.blocks.push(Blocks { count, length, initializer: Arc::new(initializer) });
        self
    }

    /// Says early what filling would refuse.
    ///
    /// # Errors
    ///
    /// [`ShapeOverflow`](InitError::ShapeOverflow), [`NoAxis`](InitError::NoAxis); [`BlockLengths`](InitError::BlockLengths) where the blocks
    /// are not as long as the axis; [`TensorLength`](InitError::TensorLength) where a block's initializer has a shape of another size; what a
    /// block's initializer refuses.
    pub fn check(&self) -> Result<(), InitError> {
        if let Some(error) = &self.flaw {
            return Err(error.clone());
        }
        let add = |sum: usize, blocks: &Blocks<T>| sum.checked_add(blocks.count.checked_mul(blocks.length)?);
        let found = self.blocks.iter().try_fold(0, add).unwrap_or(usize::MAX);
        if found != self.axis {
            return Err(InitError::BlockLengths { found, axis: self.axis });
        }
        for Blocks { length, initializer, .. } in &self.blocks {
            initializer.check()?;
            let found = self.outer.saturating_mul(self.inner).saturating_mul(*length) as u64;
            if let Some(expected) = initializer.tensor_len().filter(|&len| len != found) {
                return Err(InitError::TensorLength { found, expected });
            }
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.outer.saturating_mul(self.axis).saturating_mul(self.inner)
    }

    /// The blocks with their places on the axis, those alone that elements `start..end` of the tensor meet, each once.
    fn met(&self, start: usize, end: usize) -> impl Iterator<Item = (Block<'_, T>, u64)> {
        // A shard meets a range of the axis; where it goes on in the next row, the beginning of the axis and its end; else all.
        let row = self.axis * self.inner;
        let (from, to) = (start % row / self.inner, (end - 1) % row / self.inner + 1);
        let [near, far] = match (end - 1) / row - start / row {
            0 => [from..to, 0..0],
            1 if to <= from => [0..to, from..self.axis],
            _ => [0..self.axis, 0..0],
        };
        let mut place = (0, 0_u64);
        self.blocks.iter().flat_map(move |&Blocks { count, length, ref initializer }| {
            let (first, index) = place;
            // Only empty blocks can be so many that their number wraps.
            place = (first + count * length, index.wrapping_add(count as u64));
            let meets = |along: &Range<usize>| {
                let from = along.start.saturating_sub(first).checked_div(length).unwrap_or(0);
                let to =
                    if length == 0 { 0 } else { along.end.saturating_sub(first).div_ceil(length).min(count) };
                from.min(to)..to
            };
            let (near, far) = (meets(&near), meets(&far));
            near.clone().chain(near.end.max(far.start)..far.end).map(move |i| {
                (
                    Block { first: first + i * length, length, initializer: &**initializer },
                    index.wrapping_add(i as u64),
                )
            })
        })
    }
}

/// A block: where it starts on the axis, and how long it is there.
struct Block<'a, T> {
    first: usize,
    length: usize,
    initializer: &'a (dyn Initializer<T> + Send + Sync),
}

impl<T: Scalar> Block<'_, T> {
    /// How many of its elements stand before element `place` of the tensor.
    fn before(&self, place: usize, composite: &Composite<T>) -> usize {
        let Composite { axis, inner, .. } = composite;
        let (row, rest) = (place / (axis * inner), place % (axis * inner));
        let width = self.length * inner;
        row * width + rest.saturating_sub(self.first * inner).min(width)
    }

    /// Where its element `local` stands in the tensor.
    fn place(&self, local: usize, composite: &Composite<T>) -> usize {
        let Composite { axis, inner, .. } = composite;
        let width = self.length * inner;
        local / width * axis * inner + self.first * inner + local % width
    }

    /// Fills its part of the elements `start..` of the tensor.
    fn fill(
        &self,
        composite: &Composite<T>,
        seed: Seed,
        start: usize,
        shard: &mut [T],
    ) -> Result<(), InitError> {
        let (mut local, end) = (self.before(start, composite), self.before(start + shard.len(), composite));
        if local == end {
            return Ok(());
        }
        let (first, last) = (self.place(local, composite), self.place(end - 1, composite));
        if last - first == end - 1 - local {
            return self.initializer.fill_shard(seed, local as u64, &mut shard[first - start..=last - start]);
        }
        let width = self.length * composite.inner;
        let longest = if self.initializer.costs_whole_tensor() { usize::MAX } else { PIECE };
        let mut buffer = filled(T::zero(), longest.min(end - local))?;
        while local < end {
            // Pieces end where blocks of the stream do, so that none is drawn twice.
            let piece = (longest - local % longest).min(end - local);
            let piece = &mut buffer[..piece];
            self.initializer.fill_shard(seed, local as u64, piece)?;
            let mut rest: &[T] = piece;
            while !rest.is_empty() {
                let (run, after) = rest.split_at((width - local % width).min(rest.len()));
                let place = self.place(local, composite) - start;
                shard[place..place + run.len()].copy_from_slice(run);
                (rest, local) = (after, local + run.len());
            }
        }
        Ok(())
    }
}

seedable!(Composite<T>);

impl<T: Scalar> Initializer<T> for Composite<T> {
    fn fill_shard(&self, seed: Seed, offset: u64, shard: &mut [T]) -> Result<(), InitError> {
        self.check()?;
        let start = checked_start(offset, shard.len(), self.len())?;
        if shard.is_empty() {
            return Ok(());
        }
        self.met(start, start + shard.len())
            .try_for_each(|(block, index)| block.fill(self, seed.child(index), start, shard))
    }

    fn check(&self) -> Result<(), InitError> {
        self.check()
    }

    /// The blocks' distribution, if they all have the same.
    fn law(&self) -> Option<Law> {
        let mut laws = self.blocks.iter().map(|blocks| blocks.initializer.law());
        let first = laws.next()??;
        laws.all(|law| law == Some(first)).then_some(first)
    }

    fn costs_whole_tensor(&self) -> bool {
        self.blocks.iter().any(|blocks| blocks.initializer.costs_whole_tensor())
    }

    fn tensor_len(&self) -> Option<u64> {
        self.flaw.is_none().then(|| self.len() as u64)
    }
}

impl<T> Clone for Blocks<T> {
    fn clone(&self) -> Self {
        Self { initializer: Arc::clone(&self.initializer), ..*self }
    }
}

impl<T> Clone for Composite<T> {
    fn clone(&self) -> Self {
        Self { flaw: self.flaw.clone(), blocks: self.blocks.clone(), ..*self }
    }
}

impl<T> fmt::Debug for Composite<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lengths: Vec<_> = self.blocks.iter().map(|blocks| (blocks.count, blocks.length)).collect();
        f.debug_struct("Composite")
            .field("outer", &self.outer)
            .field("axis", &self.axis)
            .field("inner", &self.inner)
            .field("flaw", &self.flaw)
            .field("blocks", &lengths)
            .finish()
    }
}
