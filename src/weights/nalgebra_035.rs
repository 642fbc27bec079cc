//! Matrices of nalgebra 0.35.

use nalgebra::{Dim, Matrix, RawStorageMut};

use super::columns::for_each_tile;
use super::{Fill, InitError, Scalar, Weights};

/// An owned matrix, a vector or a mutable view, with any strides. Element (i, j) gets the value that it gets in a row-major
/// array of the same shape.
impl<T: Scalar, R: Dim, C: Dim, S: RawStorageMut<T, R, C>> Weights<T> for Matrix<T, R, C, S> {
    fn for_each_chunk(&mut self, fill: Fill<'_, T>) -> Result<(), InitError> {
        let (rows, cols) = self.shape();
        for_each_tile([rows, cols], fill, |col, row, values| {
            let mut column = self.column_mut(col);
            let mut part = column.rows_mut(row, values.len());
            part.iter_mut().zip(values).for_each(|(weight, &value)| *weight = value);
        })
    }

    fn count(&self) -> usize {
        self.len()
    }
}
