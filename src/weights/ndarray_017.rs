//! Arrays of ndarray 0.17.

use ndarray::{ArrayRef, Dimension, OwnedRepr, ViewRepr};

use super::{Fill, InitError, Scalar, Vec, Weights};

/// Elements of a scattered view that are filled at once: a block of the stream.
const SCRATCH: usize = 4096;

impl<T: Scalar, D: Dimension> Weights<T> for ArrayRef<T, D> {
    fn for_each_chunk(&mut self, fill: Fill<'_, T>) -> Result<(), InitError> {
        if let Some(slice) = self.as_slice_mut() {
            return fill(slice);
        }
        let mut scratch: Vec<T> = alloc::vec![T::zero(); SCRATCH.min(self.len())];
        let mut left = self.len();
        let mut elements = self.iter_mut();
        while left > 0 {
            let run = &mut scratch[..left.min(SCRATCH)];
            fill(run)?;
            left -= run.len();
            // The shorter one first: `zip` takes an element of the first before it finds the second empty.
            run.iter().zip(elements.by_ref()).for_each(|(&value, element)| *element = value);
        }
        Ok(())
    }

    fn count(&self) -> usize {
        self.len()
    }
}

/// An owned array in any memory order.
impl<T: Scalar, D: Dimension> Weights<T> for ndarray::ArrayBase<OwnedRepr<T>, D> {
    fn for_each_chunk(&mut self, fill: Fill<'_, T>) -> Result<(), InitError> {
        (**self).for_each_chunk(fill)
    }

    fn count(&self) -> usize {
        (**self).len()
    }
}

/// A mutable view with any strides.
impl<T: Scalar, D: Dimension> Weights<T> for ndarray::ArrayBase<ViewRepr<&mut T>, D> {
    fn for_each_chunk(&mut self, fill: Fill<'_, T>) -> Result<(), InitError> {
        (**self).for_each_chunk(fill)
    }

    fn count(&self) -> usize {
        (**self).len()
    }
}
