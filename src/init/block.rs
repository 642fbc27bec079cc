//! Boxes of tensors: the runs of neighbouring elements that a box is made of.

use alloc::vec::Vec;
use core::ops::Range;

use super::shape::checked_len;
use super::{InitError, Initializer, Scalar, Seed};
use crate::stream;
use crate::weights::Weights;

/// Elements between two runs that are drawn along and thrown away: to begin a run costs about as much.
const GAP: usize = 512;

/// Elements that are drawn at once where runs are short.
const SCRATCH: usize = 16 * 1024;

/// A box of a tensor as runs of neighbouring elements, all of one length.
pub(super) struct Block {
    /// Elements of the tensor.
    tensor: usize,
    /// Elements of the box.
    len: usize,
    /// Where its first element is.
    first: usize,
    /// Elements of a run.
    run: usize,
    /// The dimensions in front of the run, the last first: how many indices the box has there, and how far apart they are.
    outer: Vec<(usize, usize)>,
}

impl Block {
    /// The box of these ranges in a tensor of this shape.
    pub(super) fn new(shape: &[usize], ranges: &[Range<usize>]) -> Result<Self, InitError> {
        if shape.len() != ranges.len() {
            return Err(InitError::BlockDimensions { ranges: ranges.len(), dimensions: shape.len() });
        }
        let tensor = checked_len(shape)?;
        if tensor as u64 > stream::MAX_LEN {
            return Err(InitError::TensorTooLong { offset: 0, length: tensor as u64 });
        }
        for (axis, (&dimension, range)) in shape.iter().zip(ranges).enumerate() {
            let Range { start, end } = *range;
            if start > end || end > dimension {
                return Err(InitError::BlockOutOfTensor { axis, start, end, dimension });
            }
        }
        let mut block = Self { tensor, len: 1, first: 0, run: 1, outer: Vec::new() };
        let (mut stride, mut inside) = (1, true);
        for (&dimension, range) in shape.iter().zip(ranges).rev() {
            block.first = block.first.saturating_add(range.start.saturating_mul(stride)); // saturates only in an empty box
            // At most the tensor's, or 0: what saturates is an empty box.
            block.len = block.len.saturating_mul(range.len());
            if inside {
                block.run = block.run.saturating_mul(range.len());
                inside = range.len() == dimension;
            } else if range.len() != 1 {
                block.outer.push((range.len(), stride));
            }
            stride = stride.saturating_mul(dimension);
        }
        Ok(block)
    }

    /// Fills `weights`, the elements of the box, as `seed` determines the tensor.
    pub(super) fn fill<T, I, W>(&self, initializer: &I, seed: Seed, weights: &mut W) -> Result<(), InitError>
    where
        T: Scalar,
        I: Initializer<T> + ?Sized,
        W: Weights<T> + ?Sized,
    {
        let found = weights.count();
        if found != self.len {
            return Err(InitError::BlockLength { found: found as u64, expected: self.len as u64 });
        }
        if let Some(expected) = initializer.tensor_len().filter(|&expected| expected != self.tensor as u64) {
            return Err(InitError::TensorLength { found: self.tensor as u64, expected });
        }
        if self.len == 0 {
            return Ok(());
        }
        // What is drawn ahead of time lies here: elements of the tensor from `drawn.start` on.
        let (mut scratch, mut drawn) = (Vec::new(), 0..0);
        let mut runs = Runs::new(self);
        weights.for_each_chunk(&mut |mut chunk| {
            while !chunk.is_empty() {
                let Range { start, end } = runs.next(chunk.len());
                let (part, rest) = core::mem::take(&mut chunk).split_at_mut(end - start);
                chunk = rest;
                if !drawn.contains(&start) {
                    let ahead =
                        if initializer.costs_whole_tensor() { runs.last_end() } else { runs.ahead(end) };
                    if ahead == end {
                        initializer.fill_shard(seed, start as u64, part)?;
                        continue;
                    }
                    resize(&mut scratch, ahead - start)?;
                    initializer.fill_shard(seed, start as u64, &mut scratch)?;
                    drawn = start..ahead;
                }
                part.copy_from_slice(&scratch[start - drawn.start..end - drawn.start]);
            }
            Ok(())
        })
    }
}

/// Makes room for `len` elements, or says that there is none.
fn resize<T: Scalar>(scratch: &mut Vec<T>, len: usize) -> Result<(), InitError> {
    let missing = len.saturating_sub(scratch.len());
    let no_room = |_| InitError::OutOfMemory { bytes: (len as u64).saturating_mul(size_of::<T>() as u64) };
    scratch.try_reserve_exact(missing).map_err(no_room)?;
    scratch.resize(len, T::zero());
    Ok(())
}

/// A walk along the runs of a box that has elements.
#[derive(Clone)]
struct Runs<'a> {
    block: &'a Block,
    /// The indices of the run in the outer dimensions, the last first.
    indices: Vec<usize>,
    /// What is left of it.
    left: Range<usize>,
}

impl<'a> Runs<'a> {
    fn new(block: &'a Block) -> Self {
        let indices = alloc::vec![0; block.outer.len()];
        Self { block, indices, left: block.first..block.first + block.run }
    }

    /// The next `most` elements of the tensor, fewer where the run ends before.
    fn next(&mut self, most: usize) -> Range<usize> {
        if self.left.is_empty() {
            self.advance();
        }
        let start = self.left.start;
        self.left.start += most.min(self.left.len());
        start..self.left.start
    }

    /// On to the next run; after the last, to the first again.
    fn advance(&mut self) {
        let mut start = self.left.end - self.block.run;
        for (index, &(count, stride)) in self.indices.iter_mut().zip(&self.block.outer) {
            *index += 1;
            start += stride;
            if *index < count {
                break;
            }
            start -= count * stride;
            *index = 0;
        }
        self.left = start..start + self.block.run;
    }

    /// Where the last run ends.
    fn last_end(&self) -> usize {
        let last: usize = self.block.outer.iter().map(|&(count, stride)| (count - 1) * stride).sum();
        self.block.first + last + self.block.run
    }

    /// Where to stop drawing, from a part that ends at `end`: behind the runs that follow closely; at `end` if none does.
    fn ahead(&self, end: usize) -> usize {
        if !self.left.is_empty()
            || self.block.outer.first().is_none_or(|&(_, stride)| stride > self.block.run + GAP)
        {
            return end;
        }
        let mut runs = self.clone();
        let mut ahead = end;
        loop {
            runs.advance();
            let close = runs.left.start >= ahead && runs.left.start - ahead <= GAP;
            if !close || runs.left.end - end > SCRATCH {
                return ahead;
            }
            ahead = runs.left.end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::{Constant, InitializerExt, Normal, Orthogonal};
    use alloc::vec;

    #[test]
    fn trailing_axes_merge() {
        for (ranges, run, outer) in [
            ([0..4, 0..5, 0..6], 120, vec![]),
            ([1..3, 0..5, 0..6], 60, vec![]),
            ([1..3, 2..4, 0..6], 12, vec![(2, 30)]),
            ([1..3, 2..3, 1..2], 1, vec![(2, 30)]),
            ([1..3, 0..5, 1..2], 1, vec![(5, 6), (2, 30)]),
        ] {
            let block = Block::new(&[4, 5, 6], &ranges).unwrap();
            assert_eq!((block.run, &block.outer), (run, &outer), "{ranges:?}");
        }
    }

    #[test]
    fn empty_boxes_of_any_size_are_filled() {
        let max = usize::MAX;
        let mut none = Vec::<f32>::new();
        for shape in [[0, max, max], [max, 0, max], [max, max, 0]] {
            let ranges = shape.map(|side| 0..side);
            assert_eq!(Normal::new(0.0, 1.0).seed(1).try_fill_block(&shape, &ranges, &mut none), Ok(()));
        }
    }

    #[test]
    fn boxes_have_the_bits_of_the_tensor() {
        let shape = [3, 40, 50];
        let normal = Normal::new(0.0, 1.0).seed(1);
        let orthogonal = Orthogonal::new(60, 100).seed(1);
        let each: [&dyn Initializer<f32>; 3] = [&normal, &orthogonal, &Constant::new(1.0).seed(1)];
        for init in each {
            let whole = init.to_vec(6000);
            for ranges in [
                [0..3, 0..40, 0..50],
                [1..2, 3..9, 7..8],
                [0..3, 39..40, 0..50],
                [0..3, 1..39, 49..50],
                [2..2, 0..1, 0..1],
            ] {
                let mut expected = vec![];
                for i in ranges[0].clone() {
                    for j in ranges[1].clone() {
                        expected.extend(ranges[2].clone().map(|k| whole[(i * 40 + j) * 50 + k]));
                    }
                }
                let mut found = vec![0.0; expected.len()];
                init.fill_block(&shape, &ranges, &mut found);
                assert_eq!(found, expected, "{ranges:?}");
                // In chunks of 1, 2 and the rest.
                let mut chunks = (0.0_f32, [0.0_f32; 2], vec![0.0; expected.len().saturating_sub(3)]);
                if expected.len() > 3 {
                    init.fill_block(&shape, &ranges, &mut chunks);
                    let chunks = [&[chunks.0], &chunks.1[..], &chunks.2].concat();
                    assert_eq!(chunks, expected, "{ranges:?}");
                }
            }
        }
    }
}
