//! Weights: what can be filled.

#[cfg(any(feature = "nalgebra-035", feature = "faer-024"))]
mod columns;
#[cfg(feature = "complex")]
mod complex;
#[cfg(feature = "faer-024")]
mod faer_024;
#[cfg(feature = "nalgebra-035")]
mod nalgebra_035;
#[cfg(feature = "ndarray-017")]
mod ndarray_017;

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::error::InitError;
use crate::scalar::Scalar;

/// Anything that holds scalars: a scalar; slices, arrays, `Vec`s, boxed and borrowed slices, and tuples of what holds
/// scalars, nested as deep as you like; and by feature the arrays of `ndarray`.
///
/// Elements stand in row-major order (the last index runs fastest), whatever the memory order: the
/// order decides which element gets which value of the stream.
///
/// ```
/// use fanin::prelude::*;
///
/// let mut nested = [[0.0_f64; 3]; 2];
/// He::normal(3).seed(1).fill(&mut nested);
/// let mut flat = vec![0.0_f64; 6];
/// He::normal(3).seed(1).fill(&mut flat);
/// assert_eq!(nested.as_flattened(), flat);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be filled with weights",
    label = "this cannot be filled",
    note = "what can be filled: f32 and f64 (f16 and bf16 with the feature `half`); slices, arrays, `Vec`s, `Box<[_]>`, `&mut [_]` and tuples of what can be filled; arrays of ndarray with the feature `ndarray`"
)]
pub trait Weights<T: Scalar> {
    /// Calls `fill` with all elements in row-major order, in contiguous chunks as long as they come.
    ///
    /// # Errors
    ///
    /// The first that `fill` returns, after which it is not called again.
    fn for_each_chunk(&mut self, fill: Fill<'_, T>) -> Result<(), InitError>;

    /// The number of elements.
    fn count(&self) -> usize;

    /// The same for the elements of all `items`, one after the other.
    #[doc(hidden)]
    fn for_each_chunk_of(items: &mut [Self], fill: Fill<'_, T>) -> Result<(), InitError>
    where
        Self: Sized,
    {
        items.iter_mut().try_for_each(|item| item.for_each_chunk(fill))
    }
}

/// What takes the chunks.
type Fill<'a, T> = &'a mut dyn FnMut(&mut [T]) -> Result<(), InitError>;

impl<T: Scalar> Weights<T> for T {
    fn for_each_chunk(&mut self, fill: Fill<'_, T>) -> Result<(), InitError> {
        fill(core::slice::from_mut(self))
    }

    fn count(&self) -> usize {
        1
    }

    fn for_each_chunk_of(items: &mut [T], fill: Fill<'_, T>) -> Result<(), InitError> {
        fill(items)
    }
}

impl<T: Scalar, W: Weights<T>> Weights<T> for [W] {
    fn for_each_chunk(&mut self, fill: Fill<'_, T>) -> Result<(), InitError> {
        W::for_each_chunk_of(self, fill)
    }

    fn count(&self) -> usize {
        self.iter().map(W::count).sum()
    }
}

impl<T: Scalar, W: Weights<T>, const N: usize> Weights<T> for [W; N] {
    fn for_each_chunk(&mut self, fill: Fill<'_, T>) -> Result<(), InitError> {
        W::for_each_chunk_of(self, fill)
    }

    fn count(&self) -> usize {
        self.as_slice().count()
    }

    fn for_each_chunk_of(items: &mut [Self], fill: Fill<'_, T>) -> Result<(), InitError> {
        W::for_each_chunk_of(items.as_flattened_mut(), fill)
    }
}

macro_rules! slices {
    ($($Slice:ty),*) => {$(
        impl<T: Scalar, W: Weights<T>> Weights<T> for $Slice {
            fn for_each_chunk(&mut self, fill: Fill<'_, T>) -> Result<(), InitError> {
                W::for_each_chunk_of(self, fill)
            }

            fn count(&self) -> usize {
                (**self).count()
            }
        }
    )*};
}

slices!(Vec<W>, Box<[W]>, &mut [W]);

macro_rules! tuples {
    ($(($($W:ident $field:tt),*))*) => {$(
        /// The elements of each part, one after the other.
        impl<T: Scalar, $($W: Weights<T>),*> Weights<T> for ($($W,)*) {
            fn for_each_chunk(&mut self, fill: Fill<'_, T>) -> Result<(), InitError> {
                $(self.$field.for_each_chunk(fill)?;)*
                Ok(())
            }

            fn count(&self) -> usize {
                0 $(+ self.$field.count())*
            }
        }
    )*};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
}
