//! Weights: what can be filled.

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

#[cfg(feature = "complex")]
mod complex {
    use num_complex::Complex;

    use super::{Fill, InitError, Scalar, Weights};

    /// Numbers that are filled at once: a block of the stream.
    const SCRATCH: usize = 4096 / 2;

    /// The real part, then the imaginary one, as [`ComplexScaling`](crate::ComplexScaling) draws them.
    impl<T: Scalar> Weights<T> for Complex<T> {
        fn for_each_chunk(&mut self, fill: Fill<'_, T>) -> Result<(), InitError> {
            Self::for_each_chunk_of(core::slice::from_mut(self), fill)
        }

        fn count(&self) -> usize {
            2
        }

        fn for_each_chunk_of(items: &mut [Self], fill: Fill<'_, T>) -> Result<(), InitError> {
            let mut scratch = alloc::vec![T::zero(); 2 * SCRATCH.min(items.len())];
            items.chunks_mut(SCRATCH).try_for_each(|chunk| {
                let parts = &mut scratch[..2 * chunk.len()];
                fill(parts)?;
                let parts = parts.as_chunks::<2>().0;
                chunk.iter_mut().zip(parts).for_each(|(number, &[re, im])| *number = Complex::new(re, im));
                Ok(())
            })
        }
    }
}

#[cfg(feature = "ndarray-017")]
mod ndarray_017 {
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
}
