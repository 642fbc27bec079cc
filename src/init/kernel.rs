//! Kernels of convolutions: where in memory the weights of a tap, an input and an output lie.

use core::fmt;

use super::shape::{checked_len, checked_start};
use super::{InitError, in_range};
use crate::fan::Layout;
use crate::scalar::Scalar;

/// Outputs, inputs and at most three sides.
const MOST: usize = 5;

/// The shape of a kernel, as it was given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Kernel {
    /// Beyond `dimensions` 1; a shape of too many is cut off, which its number of dimensions tells.
    shape: [usize; MOST],
    dimensions: usize,
    layout: Layout,
}

/// What the axes of a kernel are, once nothing is wrong with them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axes {
    pub(super) outputs: usize,
    pub(super) inputs: usize,
    /// Sides of the kernel, row-major; beyond `dimensions` 1.
    sides: [usize; MOST - 2],
    pub(super) dimensions: usize,
    /// The product of the sides.
    pub(super) taps: usize,
    /// Of the whole tensor.
    pub(super) len: usize,
    /// Whether the taps run slowest, else they run fastest.
    pub(super) taps_first: bool,
    /// Whether the outputs come before the inputs.
    pub(super) outputs_first: bool,
}

impl Kernel {
    pub(super) fn new(shape: &[usize], layout: Layout) -> Self {
        let mut kept = [1; MOST];
        kept.iter_mut().zip(shape).for_each(|(kept, &dimension)| *kept = dimension);
        Self { shape: kept, dimensions: shape.len(), layout: layout.of_convolution(shape.len()) }
    }

    /// The axes by their roles.
    pub(super) fn axes(&self) -> Result<Axes, InitError> {
        let wrong = self.dimensions as f64;
        let fits = (3..=MOST).contains(&self.dimensions);
        in_range(
            "the number of axes",
            wrong,
            fits,
            "from 3 to 5: outputs, inputs and 1 to 3 sides of the kernel",
        )?;
        let shape = &self.shape[..self.dimensions];
        let (outputs, inputs, kernel, taps_first, outputs_first) = match (self.layout, shape) {
            (Layout::OutIn, &[outputs, inputs, ref kernel @ ..]) => (outputs, inputs, kernel, false, true),
            (Layout::TransposedInOut, &[inputs, outputs, ref kernel @ ..]) => {
                (outputs, inputs, kernel, false, false)
            }
            (Layout::InOut, &[ref kernel @ .., inputs, outputs]) => (outputs, inputs, kernel, true, false),
            _ => return Err(InitError::NoKernel),
        };
        for (parameter, value) in [("outputs", outputs), ("inputs", inputs)]
            .into_iter()
            .chain(kernel.iter().map(|&side| ("a side of the kernel", side)))
        {
            in_range(parameter, value as f64, value > 0, "at least 1")?;
        }
        let len = checked_len(shape)?;
        let mut sides = [1; MOST - 2];
        sides[..kernel.len()].copy_from_slice(kernel);
        let taps = kernel.iter().product();
        Ok(Axes { outputs, inputs, sides, dimensions: kernel.len(), taps, len, taps_first, outputs_first })
    }
}

impl Axes {
    /// The number of the tap that stands at `centre(side)` along each side.
    pub(super) fn tap(&self, centre: impl Fn(usize) -> usize) -> usize {
        self.sides.iter().fold(0, |tap, &side| tap * side + centre(side))
    }

    /// Fills a shard with zeros but for one tap. Its matrix, inputs by outputs or the other way round as they are
    /// stored, is given by `fill`, from an element on.
    pub(super) fn fill_tap<T: Scalar>(
        &self,
        tap: usize,
        offset: u64,
        shard: &mut [T],
        fill: impl FnOnce(usize, &mut [T]) -> Result<(), InitError>,
    ) -> Result<(), InitError> {
        let offset = checked_start(offset, shard.len(), self.len)?;
        let matrix = self.outputs * self.inputs;
        let (first, step) = if self.taps_first { (tap * matrix, 1) } else { (tap, self.taps) };
        // Elements first + step * m: those before the shard, and those before its end.
        let before = |end: usize| end.saturating_sub(first).div_ceil(step).min(matrix);
        let (start, end) = (before(offset), before(offset + shard.len()));
        // The matrix is drawn at the front of the shard, where there is always room, and moved from its last element on, each
        // to a place that is not before its own.
        fill(start, &mut shard[..end - start])?;
        let mut behind = shard.len();
        for m in (start..end).rev() {
            let (value, to) = (shard[m - start], first + step * m - offset);
            shard[to + 1..behind].fill(T::zero());
            shard[to] = value;
            behind = to;
        }
        shard[..behind].fill(T::zero());
        Ok(())
    }
}

/// `[64, 32, 3, 3] OutIn`.
impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?}", &self.shape[..self.dimensions.min(MOST)], self.layout)
    }
}
