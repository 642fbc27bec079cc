//! Rank: rows that are mixed of fewer directions than there are columns.

use alloc::vec::Vec;

use super::standard::{Standard, Units};
use crate::scalar::{Scalar, sqrt};

/// Rows of each of two halves, and columns, that are looked at, at most.
const ROWS: usize = 64;
const COLUMNS: usize = 4096;

/// The inner products of the rows of one half with those of the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rank {
    /// The mean square of the cosine between two rows, times their length: about 1 for independent weights, and
    /// 1 + columns / k for products of matrices of rank k.
    pub(super) ratio: f64,
    /// How many pairs of rows were compared, and columns.
    size: [f64; 2],
    pub(super) p_value: f64,
}

impl Rank {
    /// Half of the rows, B, given the other, A: |B A^T|^2 is a quadratic form, whose matrix is A^T A for each row of B.
    /// The bound is that of Hsu, Kakade and Zhang, "A tail inequality for quadratic forms of subgaussian random
    /// vectors" (2012), <https://arxiv.org/abs/1110.2842>.
    pub(super) fn of<T: Scalar>(
        weights: &[T],
        rows: usize,
        standard: &Standard,
        units: Units,
        slack: f64,
    ) -> Self {
        let unknown = Self { ratio: 1.0, size: [0.0; 2], p_value: 1.0 };
        let columns = weights.len() / rows;
        // Rounding that is coarser than that moves inner products by more than chance does.
        if rows < 4 || columns < 4 || slack > 0.1 {
            return unknown;
        }
        let half = (rows / 2).min(ROWS);
        let scale = standard.sub_gaussian_scale() / (1.0 + slack);
        let row = |index: usize| -> Vec<f64> {
            let start = index * rows / (2 * half) * columns;
            weights[start..start + columns.min(COLUMNS)].iter().map(|&w| scale * units.z(w)).collect()
        };
        let first: Vec<Vec<f64>> = (0..half).map(|i| row(2 * i)).collect();
        let second: Vec<Vec<f64>> = (0..half).map(|i| row(2 * i + 1)).collect();
        let trace: f64 = first.iter().map(|row| dot(row, row)).sum();
        let trace_beside: f64 = second.iter().map(|row| dot(row, row)).sum();
        let (mut square_trace, mut norm) = (0.0, 0.0_f64);
        for a in &first {
            let products = first.iter().map(|b| dot(a, b));
            let (squares, magnitudes) =
                products.fold((0.0, 0.0), |(squares, sum), p: f64| (squares + p * p, sum + p.abs()));
            square_trace += squares;
            norm = norm.max(magnitudes); // Gershgorin
        }
        let norm = norm.min(sqrt(square_trace));
        let form: f64 = second.iter().flat_map(|b| first.iter().map(move |a| dot(a, b))).map(|p| p * p).sum();
        // form >= half trace + 2 sqrt(half square_trace x) + 2 norm x with a chance of at most exp(-x).
        let excess = form - half as f64 * trace;
        let size = [(half * half) as f64, first[0].len() as f64];
        let ratio = form * size[1] / (trace * trace_beside);
        if excess.is_nan() || excess <= 0.0 {
            return Self { ratio, size, p_value: 1.0 };
        }
        let root = sqrt(half as f64 * square_trace);
        let x = (sqrt(root * root + 2.0 * norm * excess) - root) / (2.0 * norm);
        Self { ratio, size, p_value: libm::exp(-x * x) }
    }

    /// The number of directions that the rows are mixed of; `None` where they are not more parallel than by chance, by
    /// so many standard errors.
    pub(super) fn estimate(self, tolerance: f64) -> Option<f64> {
        let [pairs, columns] = self.size;
        // Each squared cosine, times the length, has a variance of at most 2.
        let significant = self.ratio - 1.0 > tolerance * sqrt(2.0 / pairs);
        significant.then(|| columns / (self.ratio - 1.0))
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let ((a, rest_a), (b, rest_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for i in 0..LANES {
            sums[i] += a[i] * b[i];
        }
    }
    sums.iter().sum::<f64>() + rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum::<f64>()
}
