//! Samples in rows: everything that a network takes as a batch.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::scalar::Scalar;

/// Samples of equal length in row-major order, `[samples, inputs]`.
///
/// A `Vec` or slice of scalars holds its samples end to end; how many there are follows from the
/// network's inputs. A `Vec`, slice or array of arrays `[T; N]` holds a sample in each, and so do,
/// with the feature `ndarray`, the rows of an `Array2` or of a view, in any memory order. (Of a
/// `Vec<Vec<T>>`, whose rows may differ, `.concat()` makes a batch.)
///
/// ```
/// use fanin::{Activation, Network};
///
/// let net = Network::<f32>::new(2).dense(1, Activation::Identity);
/// assert_eq!(net.forward(&vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?.len(), 3);
/// assert_eq!(net.forward(&[[1.0, 2.0], [3.0, 4.0]])?.len(), 2);
/// let error = net.forward(&[1.0, 2.0, 3.0]).unwrap_err();
/// assert_eq!(error.to_string(), "3 values in the batch are not whole samples of 2");
/// # Ok::<(), fanin::nn::NnError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a batch of samples",
    label = "not rows of a `Scalar`",
    note = "batches are slices, `Vec`s and arrays of scalars or of arrays `[T; N]`, and, with the feature `ndarray`, \
            arrays and views of `ndarray`"
)]
pub trait Batch {
    /// The scalar that it holds.
    type Element: Scalar;

    /// The length of a sample; `None` where samples stand end to end and nothing tells it.
    fn columns(&self) -> Option<usize>;

    /// All samples, one after the other: borrowed if they lie in memory so, else a copy.
    fn row_major(&self) -> Cow<'_, [Self::Element]>;
}

impl<T: Scalar> Batch for [T] {
    type Element = T;

    fn columns(&self) -> Option<usize> {
        None
    }

    fn row_major(&self) -> Cow<'_, [T]> {
        self.into()
    }
}

impl<T: Scalar, const N: usize> Batch for [[T; N]] {
    type Element = T;

    fn columns(&self) -> Option<usize> {
        Some(N)
    }

    fn row_major(&self) -> Cow<'_, [T]> {
        self.as_flattened().into()
    }
}

/// What leads to a batch is one.
macro_rules! batch {
    ($([$($generics:tt)*] $Container:ty, $Inner:ty;)*) => {$(
        impl<$($generics)*> Batch for $Container
        where
            $Inner: Batch,
        {
            type Element = <$Inner as Batch>::Element;

            fn columns(&self) -> Option<usize> {
                <$Inner as Batch>::columns(self)
            }

            fn row_major(&self) -> Cow<'_, [Self::Element]> {
                <$Inner as Batch>::row_major(self)
            }
        }
    )*};
}

batch! {
    [E, const N: usize] [E; N], [E];
    [E] Vec<E>, [E];
    [B: ?Sized] Box<B>, B;
    [B: ?Sized] &B, B;
}

#[cfg(feature = "ndarray-017")]
mod ndarray_017 {
    use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, ArrayView1, ArrayView2};

    use super::{Batch, Cow, Scalar};

    impl<T: Scalar> Batch for ArrayRef1<T> {
        type Element = T;

        fn columns(&self) -> Option<usize> {
            None
        }

        fn row_major(&self) -> Cow<'_, [T]> {
            self.as_slice().map_or_else(|| self.iter().copied().collect(), Cow::from)
        }
    }

    impl<T: Scalar> Batch for ArrayRef2<T> {
        type Element = T;

        fn columns(&self) -> Option<usize> {
            Some(self.ncols())
        }

        fn row_major(&self) -> Cow<'_, [T]> {
            self.as_slice().map_or_else(|| self.iter().copied().collect(), Cow::from)
        }
    }

    batch! {
        [T: Scalar] Array1<T>, ArrayRef1<T>;
        [T: Scalar] Array2<T>, ArrayRef2<T>;
        [T: Scalar] ArrayView1<'_, T>, ArrayRef1<T>;
        [T: Scalar] ArrayView2<'_, T>, ArrayRef2<T>;
    }
}
