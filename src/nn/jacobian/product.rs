//! A long product of matrices, factored so that nothing in it leaves the range of `f64`.

use faer::Mat;

use super::Step;
use super::jacobi::Column;

/// Q diag(e^scales) T: Q has orthonormal columns, T is well-conditioned, and all that is large or
/// small is in the scales, in descending order.
pub(super) struct Graded {
    q: Mat<f64>,
    scales: Vec<f64>,
    t: Mat<f64>,
}

impl Graded {
    pub(super) fn identity(n: usize) -> Self {
        Self { q: Mat::identity(n, n), scales: vec![0.0; n], t: Mat::identity(n, n) }
    }

    /// Multiplies a layer of `width` units on from the left.
    pub(super) fn multiply(&mut self, width: usize, step: &Step) {
        let columns = &step.rows * &self.q;
        // Sorted by size, columns need no pivoting within the QR.
        let norms: Vec<f64> = columns.col_iter().map(|column| column.norm_l2()).collect();
        let sizes: Vec<f64> = norms.iter().zip(&self.scales).map(|(norm, scale)| norm.ln() + scale).collect();
        let mut order: Vec<usize> = (0..sizes.len()).collect();
        order.sort_by(|&a, &b| sizes[b].total_cmp(&sizes[a]));

        let qr = Mat::from_fn(columns.nrows(), order.len(), |i, j| columns[(i, order[j])]).qr();
        let (q, r) = (qr.compute_thin_Q(), qr.thin_R());
        // A diagonal element that is the rounding error of its column says nothing.
        let noise = columns.nrows().max(columns.ncols()) as f64 * f64::EPSILON;
        let kept: Vec<usize> =
            (0..r.nrows()).filter(|&i| r[(i, i)].abs() > noise * norms[order[i]]).collect();

        let scales: Vec<f64> = kept.iter().map(|&i| r[(i, i)].abs().ln() + self.scales[order[i]]).collect();
        let relative = Mat::from_fn(kept.len(), order.len(), |row, j| {
            let i = kept[row];
            // Unused: R is zero below the diagonal, whatever faer keeps there.
            if j < i {
                return 0.0;
            }
            let grade = (self.scales[order[j]] - self.scales[order[i]]).exp();
            r[(i, j)] / r[(i, i)].abs() * grade
        });
        let permuted = Mat::from_fn(order.len(), self.t.ncols(), |i, j| self.t[(order[i], j)]);
        self.t = relative * permuted;
        self.q = Mat::zeros(width, kept.len());
        for (row, &unit) in step.open.iter().enumerate() {
            for (column, &i) in kept.iter().enumerate() {
                self.q[(unit, column)] = q[(row, i)];
            }
        }
        self.scales = scales;
    }

    /// The columns of T^T diag(e^scales), whose singular values are those of the product.
    pub(super) fn into_columns(self) -> Vec<Column> {
        let columns = self.t.row_iter().zip(self.scales);
        columns.filter_map(|(row, scale)| Column::new(row.iter().copied().collect(), scale)).collect()
    }
}
