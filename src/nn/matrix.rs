//! Matrix products of row-major slices: the one thing that `ndarray` does here.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2};

use crate::scalar::Scalar;

/// The matrix of so many columns, above 0, that these values are.
///
/// # Panics
/// If they are not whole rows.
pub(super) fn matrix<T>(values: &[T], columns: usize) -> ArrayView2<'_, T> {
    ArrayView2::from_shape((values.len() / columns, columns), values).expect("whole rows")
}

/// C = A B.
pub(super) fn multiply<T: Scalar>(a: ArrayView2<'_, T>, b: ArrayView2<'_, T>, c: &mut [T]) {
    general(a, b, T::zero(), c);
}

/// C = A B + C.
pub(super) fn multiply_add<T: Scalar>(a: ArrayView2<'_, T>, b: ArrayView2<'_, T>, c: &mut [T]) {
    general(a, b, T::one(), c);
}

/// C = A B + beta C.
fn general<T: Scalar>(a: ArrayView2<'_, T>, b: ArrayView2<'_, T>, beta: T, c: &mut [T]) {
    let shape = (a.nrows(), b.ncols());
    let mut c = ArrayViewMut2::from_shape(shape, c).expect("the product's shape");
    if size_of::<T>() >= size_of::<f32>() {
        general_mat_mul(T::one(), &a, &b, beta, &mut c);
        return;
    }
    // Halves as accelerators multiply them: summed in f32 and rounded once. A sum of halves would stop
    // growing at a few hundred terms.
    let wide = |half: &T| Scalar::to_f64(*half) as f32;
    let mut sum = if beta.is_zero() { Array2::zeros(shape) } else { c.map(wide) };
    general_mat_mul(1.0, &a.map(wide), &b.map(wide), wide(&beta), &mut sum);
    c.zip_mut_with(&sum, |half, &sum| *half = T::from_f64(f64::from(sum)));
}
