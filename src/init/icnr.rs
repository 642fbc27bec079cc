//! Initialization of sub-pixel convolutions.

use core::fmt;

use super::kernel::Kernel;
use super::shape::{checked_start, filled};
use super::{InitError, Initializer, Law, Scalar, Seed, in_range, seedable};
use crate::fan::{Flaw, Layout};

/// The kernel of a sub-pixel convolution that starts as an upsampling of nearest neighbours: all sub-pixels of a channel have the
/// same filter, so that the checkerboard of a random start does not appear.
///
/// ```text
/// outputs = channels * r,   r = upscale^(sides of the kernel)
/// filter of output o = filter (o / r) of the initializer's kernel of `channels` outputs    OutIn, TransposedInOut (PyTorch's pixel_shuffle)
/// filter of output o = filter (o mod channels) of it                                       InOut (Keras' and TensorFlow's depth_to_space)
/// ```
///
/// Aitken, Ledig, Theis, Caballero, Wang and Shi, ["Checkerboard artifact free sub-pixel convolution"](https://arxiv.org/abs/1707.02937), 2017.
/// The initializer fills the kernel whose shape is this one but for its outputs, which are
/// `channels`; its elements have the bits that they have there. A single weight is distributed as in that kernel. A shard costs
/// no more than it does for the initializer; one that owns its shape, as [`Orthogonal`](super::Orthogonal) does, is drawn once for a shard.
///
/// ```
/// use fanin::{Icnr, prelude::*};
///
/// // 3 channels, upscaled by 2 in both directions.
/// let shape = [12, 64, 3, 3];
/// let init = Icnr::new(He::normal(64 * 9), &shape, Layout::OutIn, 2).seed(1);
/// let kernel: Vec<f32> = init.to_vec(shape.iter().product());
/// let filters: Vec<&[f32]> = kernel.chunks(64 * 9).collect();
/// assert!(filters[0] == filters[3] && filters[3] != filters[4] && filters[4] == filters[7]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias("ICNR", "pixel_shuffle", "sub-pixel", "depth_to_space"))]
pub struct Icnr<I> {
    initializer: I,
    kernel: Kernel,
    upscale: usize,
}

/// The tensor is the one of the initializer with each block of elements repeated: its filters, a tap's outputs, whatever runs faster
/// than what is repeated.
#[derive(Clone, Copy, Debug)]
struct Blocks {
    block: usize,
    repeats: usize,
    /// Of the whole tensor.
    len: usize,
}

impl<I> Icnr<I> {
    /// A kernel of this shape, with 1 to 3 sides, of all outputs; `upscale` is how many sub-pixels there are along each side.
    pub fn new(initializer: I, shape: &[usize], layout: Layout, upscale: usize) -> Self {
        Self { initializer, kernel: Kernel::new(shape, layout), upscale }
    }

    fn blocks(&self) -> Result<Blocks, InitError> {
        let axes = self.kernel.axes()?;
        let power = (0..axes.dimensions).try_fold(1_usize, |power, _| power.checked_mul(self.upscale));
        let expected = "at least 1, and its power of the sides at most the outputs";
        let repeats = power.filter(|&repeats| repeats > 0);
        in_range("upscale", self.upscale as f64, repeats.is_some(), expected)?;
        let (repeats, channels) = (repeats.unwrap_or(1), axes.outputs);
        if !channels.is_multiple_of(repeats) {
            return Err(Flaw::UnevenGroups { side: "output", channels, groups: repeats }.into());
        }
        let block = match (axes.taps_first, axes.outputs_first) {
            (true, _) => channels / repeats,
            (false, true) => axes.inputs * axes.taps,
            (false, false) => axes.taps,
        };
        Ok(Blocks { block, repeats, len: axes.len })
    }
}

impl Blocks {
    /// Fills all repeats of some blocks: draws the blocks at the front, and moves them from the last on, each to places that are not before its
    /// own.
    fn whole<T: Scalar>(
        &self,
        shard: &mut [T],
        draw: impl FnOnce(&mut [T]) -> Result<(), InitError>,
    ) -> Result<(), InitError> {
        let drawn = shard.len() / self.repeats;
        draw(&mut shard[..drawn])?;
        let places = shard.len() / self.block;
        for place in (1..places).rev() {
            let from = place / self.repeats * self.block;
            shard.copy_within(from..from + self.block, place * self.block);
        }
        Ok(())
    }

    /// Fills a part of the repeats of one block, from place `start` among their elements on: what is drawn is at most a block, in two
    /// pieces where the shard begins within it, and the rest is copied.
    fn part<T: Scalar>(
        &self,
        start: usize,
        shard: &mut [T],
        mut draw: impl FnMut(usize, &mut [T]) -> Result<(), InitError>,
    ) -> Result<(), InitError> {
        let within = start % self.block;
        let first = shard.len().min(self.block - within);
        draw(within, &mut shard[..first])?;
        let second = shard.len().min(self.block);
        if second > first {
            draw(0, &mut shard[first..second])?;
        }
        let mut done = second;
        while done < shard.len() {
            let run = self.block.min(shard.len() - done);
            shard.copy_within(done - self.block..done - self.block + run, done);
            done += run;
        }
        Ok(())
    }

    /// Fills a shard from what `draw` gives of the initializer's tensor from an element on.
    fn fill<T: Scalar>(
        &self,
        start: usize,
        shard: &mut [T],
        mut draw: impl FnMut(usize, &mut [T]) -> Result<(), InitError>,
    ) -> Result<(), InitError> {
        let run = self.block * self.repeats;
        let before = if start.is_multiple_of(run) { 0 } else { shard.len().min(run - start % run) };
        let (first, rest) = shard.split_at_mut(before);
        let (whole, last) = rest.split_at_mut(rest.len() / run * run);
        if !first.is_empty() {
            self.part(start % run, first, |within, piece| draw(start / run * self.block + within, piece))?;
        }
        let mut block = (start + before) / run;
        if !whole.is_empty() {
            self.whole(whole, |piece| draw(block * self.block, piece))?;
            block += whole.len() / run;
        }
        if !last.is_empty() {
            self.part(0, last, |within, piece| draw(block * self.block + within, piece))?;
        }
        Ok(())
    }

    /// The elements of the initializer's tensor that a shard takes its weights from, and perhaps some between them.
    fn drawn(&self, start: usize, length: usize) -> core::ops::Range<usize> {
        let run = self.block * self.repeats;
        let end = (start + length).div_ceil(run) * self.block;
        if length == 0 { 0..0 } else { start / run * self.block..end }
    }
}

seedable!(Icnr<I>);

impl<T: Scalar, I: Initializer<T>> Initializer<T> for Icnr<I> {
    fn fill_shard(&self, seed: Seed, offset: u64, shard: &mut [T]) -> Result<(), InitError> {
        self.check()?;
        let blocks = self.blocks()?;
        let start = checked_start(offset, shard.len(), blocks.len)?;
        if !self.initializer.costs_whole_tensor() {
            return blocks
                .fill(start, shard, |at, piece| self.initializer.fill_shard(seed, at as u64, piece));
        }
        let drawn = blocks.drawn(start, shard.len());
        let mut once = filled(T::zero(), drawn.len())?;
        self.initializer.fill_shard(seed, drawn.start as u64, &mut once)?;
        blocks.fill(start, shard, |at, piece| {
            let at = at - drawn.start;
            piece.copy_from_slice(&once[at..at + piece.len()]);
            Ok(())
        })
    }

    /// What is wrong with the shape or the factor, or with the initializer; one of another length than that of the kernel which it fills is
    /// [`TensorLength`](InitError::TensorLength).
    fn check(&self) -> Result<(), InitError> {
        let blocks = self.blocks()?;
        self.initializer.check()?;
        let found = (blocks.len / blocks.repeats) as u64;
        match self.initializer.tensor_len() {
            Some(expected) if expected != found => Err(InitError::TensorLength { found, expected }),
            _ => Ok(()),
        }
    }

    /// That of the initializer, which a single weight follows; weights of one filter are equal.
    fn law(&self) -> Option<Law> {
        self.initializer.law()
    }

    fn costs_whole_tensor(&self) -> bool {
        self.initializer.costs_whole_tensor()
    }

    fn tensor_len(&self) -> Option<u64> {
        self.blocks().ok().map(|blocks| blocks.len as u64)
    }

    fn fixed_seed(&self) -> Option<Seed> {
        self.initializer.fixed_seed()
    }
}

/// `N(0, 0.05^2), ICNR upscale 2 of [12, 64, 3, 3] OutIn`; what is wrong with the shape, if anything is.
impl<I: fmt::Display> fmt::Display for Icnr<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.blocks() {
            Ok(_) => write!(f, "{}, ICNR upscale {} of {}", self.initializer, self.upscale, self.kernel),
            Err(error) => error.fmt(f),
        }
    }
}
