//! Matrices of faer 0.24.

use faer::{Mat, MatMut, Stride};

use super::columns::for_each_tile;
use super::{Fill, InitError, Scalar, Weights};

/// An owned matrix. Element (i, j) gets the value that it gets in a row-major array of the same shape.
impl<T: Scalar> Weights<T> for Mat<T> {
    fn for_each_chunk(&mut self, fill: Fill<'_, T>) -> Result<(), InitError> {
        self.as_mut().for_each_chunk(fill)
    }

    fn count(&self) -> usize {
        self.nrows() * self.ncols()
    }
}

/// A mutable view, with any strides, negative ones too.
impl<T: Scalar, Rs: Stride, Cs: Stride> Weights<T> for MatMut<'_, T, usize, usize, Rs, Cs> {
    fn for_each_chunk(&mut self, fill: Fill<'_, T>) -> Result<(), InitError> {
        let shape = [self.nrows(), self.ncols()];
        for_each_tile(shape, fill, |col, row, values| {
            let column = self.as_mut().col_mut(col).subrows_mut(row, values.len());
            match column.try_as_col_major_mut() {
                Some(part) => part.as_slice_mut().copy_from_slice(values),
                None => {
                    for (i, &value) in values.iter().enumerate() {
                        self[(row + i, col)] = value;
                    }
                }
            }
        })
    }

    fn count(&self) -> usize {
        self.nrows() * self.ncols()
    }
}
