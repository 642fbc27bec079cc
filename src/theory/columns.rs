//! `Columns`: a few vectors side by side, their angles and an orthonormal basis of them.

use alloc::vec;
use alloc::vec::Vec;

use crate::scalar::sqrt;

/// A column whose part across those before it is a smaller share of it lies among them.
const WITHIN: f64 = 1e-7;

/// Longer columns are made of their basis at this length: z that they make have squares that are numbers.
pub(super) const LONGEST: f64 = 1e100;

/// A few columns of numbers, one after the other.
#[derive(Clone)]
pub(super) struct Columns {
    pub(super) rows: usize,
    pub(super) values: Vec<f64>,
}

impl Columns {
    pub(super) fn column(&self, j: usize) -> &[f64] {
        &self.values[j * self.rows..(j + 1) * self.rows]
    }

    pub(super) fn column_mut(&mut self, j: usize) -> &mut [f64] {
        &mut self.values[j * self.rows..(j + 1) * self.rows]
    }

    fn count(&self) -> usize {
        self.values.len() / self.rows
    }

    /// The product with an upper triangle.
    pub(super) fn times(&self, triangle: &Self) -> Self {
        let mut product = Self { rows: self.rows, values: vec![0.0; self.values.len()] };
        for j in 0..self.count() {
            for (k, &by) in triangle.column(j)[..=j].iter().enumerate() {
                let column = product.column_mut(j).iter_mut();
                column.zip(self.column(k)).for_each(|(sum, value)| *sum += by * value);
            }
        }
        product
    }

    pub(super) fn gram(&self) -> Self {
        let count = self.count();
        let values = (0..count * count).map(|at| dot(self.column(at / count), self.column(at % count)));
        Self { rows: count, values: values.collect() }
    }

    /// Scales a column to length 1 and returns its square.
    pub(super) fn normalise(&mut self, j: usize) -> f64 {
        let square = dot(self.column(j), self.column(j));
        let norm = sqrt(square);
        self.column_mut(j).iter_mut().for_each(|value| *value /= norm);
        square
    }

    /// With every column times `by_weights`, and a last row of the biases' standard deviation.
    pub(super) fn fed(&self, by_weights: f64, bias: f64) -> Self {
        let mut values = Vec::with_capacity(self.values.len() + self.count());
        for j in 0..self.count() {
            values.extend(self.column(j).iter().map(|value| by_weights * value));
            values.push(bias);
        }
        Self { rows: self.rows + 1, values }
    }

    /// An orthonormal basis of the columns, and the upper triangle that makes them of it. Columns that lie among those
    /// before them have none of their own.
    pub(super) fn orthonormal(mut self) -> (Self, Self) {
        let count = self.count();
        let mut triangle = Self { rows: count, values: vec![0.0; count * count] };
        let largest = self.values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        if largest > 0.0 {
            self.values.iter_mut().for_each(|value| *value /= largest);
        }
        for j in 0..count {
            let whole = sqrt(dot(self.column(j), self.column(j)));
            for k in 0..j {
                let part = dot(self.column(k), self.column(j));
                let (before, here) = self.values.split_at_mut(j * self.rows);
                let basis = &before[k * self.rows..(k + 1) * self.rows];
                here[..self.rows].iter_mut().zip(basis).for_each(|(value, basis)| *value -= part * basis);
                triangle.column_mut(j)[k] = part;
            }
            let across = sqrt(dot(self.column(j), self.column(j)));
            if across > WITHIN * whole {
                self.column_mut(j).iter_mut().for_each(|value| *value /= across);
                triangle.column_mut(j)[j] = across;
            } else {
                self.column_mut(j).fill(0.0);
            }
        }
        triangle.values.iter_mut().for_each(|value| *value *= largest.min(LONGEST));
        (self, triangle)
    }
}

/// The upper triangle whose Gram matrix this is; rows of no length are 0.
pub(super) fn cholesky(gram: &Columns) -> Columns {
    let count = gram.rows;
    let mut root = Columns { rows: count, values: vec![0.0; count * count] };
    for j in 0..count {
        for i in 0..=j {
            let left = gram.column(j)[i] - dot(&root.column(i)[..i], &root.column(j)[..i]);
            root.column_mut(j)[i] = if i == j {
                let within = WITHIN * WITHIN * gram.column(j)[j];
                if left > within { sqrt(left) } else { 0.0 }
            } else {
                let pivot = root.column(i)[i];
                if pivot > 0.0 { left / pivot } else { 0.0 }
            };
        }
    }
    root
}

/// With more sums than one, which need not wait for each other.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let mut sums = [0.0; LANES];
    let (lanes, rest) = (a.chunks_exact(LANES).zip(b.chunks_exact(LANES)), a.len() / LANES * LANES);
    for (a, b) in lanes {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
    }
    let rest = a[rest..].iter().zip(&b[rest..]).map(|(a, b)| a * b);
    sums.iter().sum::<f64>() + rest.sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::{Initializer, Normal};
    use crate::seed::Seed;

    #[test]
    fn triangles_make_their_gram_matrices() {
        let mut columns = Columns { rows: 5, values: vec![0.0; 15] };
        Normal::new(0.0, 1.0).fill_shard(Seed::from(2), 0, &mut columns.values).unwrap();
        // The third column is the sum of the others.
        for i in 0..5 {
            columns.values[10 + i] = columns.values[i] + columns.values[5 + i];
        }
        let gram = columns.gram();
        let root = cholesky(&gram);
        let (basis, triangle) = columns.clone().orthonormal();
        for (whole, parts) in
            [(gram.values, root.gram().values), (columns.values, basis.times(&triangle).values)]
        {
            assert!(
                whole.iter().zip(&parts).all(|(whole, parts)| (whole - parts).abs() < 1e-12),
                "{parts:?}"
            );
        }
        assert!(basis.column(2).iter().all(|&value| value == 0.0));
    }
}
