//! Weights that can be read: what the checks take.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::scalar::Scalar;

/// Anything that holds scalars and can be read: slices, arrays, `Vec`s, boxed and borrowed slices, nested as deep as you
/// like; and by feature the arrays and views of `ndarray`. The twin of [`Weights`](crate::Weights), which is for filling.
///
/// ```
/// use fanin::testing::ReadWeights;
///
/// let nested = [[1.0_f32, 2.0, 3.0], [4.0, 5.0, 6.0]];
/// assert_eq!(nested.read_weights()[..], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
/// assert_eq!(nested.shape(), [2, 3]);
/// ```
#[diagnostic::on_unimplemented(
    message = "the weights of `{Self}` cannot be read",
    label = "these weights cannot be read",
    note = "what can be read: slices, arrays, `Vec`s and `Box<[_]>` of f32 and f64 (f16 and bf16 with the feature `half`); arrays of ndarray with the feature `ndarray`; of a type of your own, hand in its slice"
)]
pub trait ReadWeights {
    /// The scalar of each element.
    type Scalar: Scalar;

    /// All elements in row-major order (the last index runs fastest), whatever the memory order; copied only where they do
    /// not lie that way.
    fn read_weights(&self) -> Cow<'_, [Self::Scalar]>;

    /// The size of each dimension, the outermost first; empty for a scalar. The inner sizes are those of the first item.
    fn shape(&self) -> Vec<usize>;

    /// What the macros call, to find these weights behind references.
    #[doc(hidden)]
    fn as_weights(&self) -> &Self {
        self
    }

    /// The elements of all `items`, one after the other.
    #[doc(hidden)]
    fn slice_of(items: &[Self]) -> Cow<'_, [Self::Scalar]>
    where
        Self: Sized,
    {
        Cow::Owned(items.iter().flat_map(|item| item.read_weights().into_owned()).collect())
    }
}

impl<T: Scalar> ReadWeights for T {
    type Scalar = T;

    fn read_weights(&self) -> Cow<'_, [T]> {
        Cow::Borrowed(core::slice::from_ref(self))
    }

    fn shape(&self) -> Vec<usize> {
        Vec::new()
    }

    fn slice_of(items: &[T]) -> Cow<'_, [T]> {
        Cow::Borrowed(items)
    }
}

impl<W: ReadWeights> ReadWeights for [W] {
    type Scalar = W::Scalar;

    fn read_weights(&self) -> Cow<'_, [W::Scalar]> {
        W::slice_of(self)
    }

    fn shape(&self) -> Vec<usize> {
        let inner = self.first().map(ReadWeights::shape).unwrap_or_default();
        [self.len()].into_iter().chain(inner).collect()
    }
}

impl<W: ReadWeights, const N: usize> ReadWeights for [W; N] {
    type Scalar = W::Scalar;

    fn read_weights(&self) -> Cow<'_, [W::Scalar]> {
        W::slice_of(self)
    }

    fn shape(&self) -> Vec<usize> {
        self[..].shape()
    }

    fn slice_of(items: &[Self]) -> Cow<'_, [W::Scalar]> {
        W::slice_of(items.as_flattened())
    }
}

macro_rules! slices {
    ($($Slice:ty),*) => {$(
        impl<W: ReadWeights> ReadWeights for $Slice {
            type Scalar = W::Scalar;

            fn read_weights(&self) -> Cow<'_, [W::Scalar]> {
                W::slice_of(self)
            }

            fn shape(&self) -> Vec<usize> {
                self[..].shape()
            }
        }
    )*};
}

slices!(Vec<W>, Box<[W]>, &[W], &mut [W]);

#[cfg(feature = "ndarray-017")]
mod ndarray_017 {
    use ndarray::{ArrayBase, Data, Dimension};

    use super::{Cow, ReadWeights, Scalar, Vec};

    /// Owned, shared and borrowed arrays in any memory order.
    impl<T: Scalar, S: Data<Elem = T>, D: Dimension> ReadWeights for ArrayBase<S, D> {
        type Scalar = T;

        fn read_weights(&self) -> Cow<'_, [T]> {
            self.as_slice().map_or_else(|| Cow::Owned(self.iter().copied().collect()), Cow::Borrowed)
        }

        fn shape(&self) -> Vec<usize> {
            (**self).shape().to_vec()
        }
    }
}
