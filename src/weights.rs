//! Anything that can be filled.

use alloc::vec::Vec;

use crate::error::InitError;
use crate::scalar::Scalar;

/// What [`Weights::visit`] calls with the contiguous runs of a tensor, in order.
pub type Visitor<'a, T> = dyn FnMut(&mut [T]) -> Result<(), InitError> + 'a;

/// Anything that holds scalars: a scalar, slices, arrays and `Vec`s of what holds scalars, nested as
/// deep as you like, and by feature the arrays of `ndarray`.
///
/// Elements stand in row-major order (the last index runs fastest), whatever the memory order: the
/// order decides which element gets which value of the stream.
///
/// ```
/// use fanin::{He, Initializer};
///
/// let mut nested = [[0.0_f64; 3]; 2];
/// He::normal(3).seed(1).fill(&mut nested);
/// let mut flat = vec![0.0_f64; 6];
/// He::normal(3).seed(1).fill(&mut flat);
/// assert_eq!(nested.as_flattened(), flat);
/// ```
pub trait Weights<T: Scalar> {
    /// Calls `visitor` with all elements in row-major order, in runs as long as they come.
    ///
    /// # Errors
    ///
    /// The visitor's first, after which it is not called again.
    fn visit(&mut self, visitor: &mut Visitor<'_, T>) -> Result<(), InitError>;

    /// The same for the elements of all `items`, one after the other.
    ///
    /// # Errors
    ///
    /// The visitor's first, after which it is not called again.
    fn visit_all(items: &mut [Self], visitor: &mut Visitor<'_, T>) -> Result<(), InitError>
    where
        Self: Sized,
    {
        items.iter_mut().try_for_each(|item| item.visit(visitor))
    }
}

impl<T: Scalar> Weights<T> for T {
    fn visit(&mut self, visitor: &mut Visitor<'_, T>) -> Result<(), InitError> {
        visitor(core::slice::from_mut(self))
    }

    fn visit_all(items: &mut [T], visitor: &mut Visitor<'_, T>) -> Result<(), InitError> {
        visitor(items)
    }
}

impl<T: Scalar, W: Weights<T>> Weights<T> for [W] {
    fn visit(&mut self, visitor: &mut Visitor<'_, T>) -> Result<(), InitError> {
        W::visit_all(self, visitor)
    }
}

impl<T: Scalar, W: Weights<T>, const N: usize> Weights<T> for [W; N] {
    fn visit(&mut self, visitor: &mut Visitor<'_, T>) -> Result<(), InitError> {
        W::visit_all(self, visitor)
    }

    fn visit_all(items: &mut [Self], visitor: &mut Visitor<'_, T>) -> Result<(), InitError> {
        W::visit_all(items.as_flattened_mut(), visitor)
    }
}

impl<T: Scalar, W: Weights<T>> Weights<T> for Vec<W> {
    fn visit(&mut self, visitor: &mut Visitor<'_, T>) -> Result<(), InitError> {
        W::visit_all(self, visitor)
    }
}

#[cfg(feature = "ndarray-017")]
mod ndarray_017 {
    use ndarray::{ArrayRef, Dimension, OwnedRepr, ViewRepr};

    use super::{InitError, Scalar, Vec, Visitor, Weights};

    /// Elements of a scattered view that are filled at once: a block of the stream.
    const SCRATCH: usize = 4096;

    impl<T: Scalar, D: Dimension> Weights<T> for ArrayRef<T, D> {
        fn visit(&mut self, visitor: &mut Visitor<'_, T>) -> Result<(), InitError> {
            if let Some(slice) = self.as_slice_mut() {
                return visitor(slice);
            }
            let mut scratch: Vec<T> = alloc::vec![T::zero(); SCRATCH.min(self.len())];
            let mut left = self.len();
            let mut elements = self.iter_mut();
            while left > 0 {
                let run = &mut scratch[..left.min(SCRATCH)];
                visitor(run)?;
                left -= run.len();
                // The shorter one first: `zip` takes an element of the first before it finds the second empty.
                run.iter().zip(elements.by_ref()).for_each(|(&value, element)| *element = value);
            }
            Ok(())
        }
    }

    /// An owned array in any memory order.
    impl<T: Scalar, D: Dimension> Weights<T> for ndarray::ArrayBase<OwnedRepr<T>, D> {
        fn visit(&mut self, visitor: &mut Visitor<'_, T>) -> Result<(), InitError> {
            (**self).visit(visitor)
        }
    }

    /// A mutable view with any strides.
    impl<T: Scalar, D: Dimension> Weights<T> for ndarray::ArrayBase<ViewRepr<&mut T>, D> {
        fn visit(&mut self, visitor: &mut Visitor<'_, T>) -> Result<(), InitError> {
            (**self).visit(visitor)
        }
    }
}
