//! Rows and columns: lines of a matrix that are shifted, larger or smaller.

use alloc::vec;
use alloc::vec::Vec;

use super::law_evidence::{mean_probability, variance_probability};
use super::standard::Units;
use crate::init::Law;
use crate::scalar::{Scalar, sqrt};

/// Something about a row, or a column, that is as rare as that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Lines {
    pub(super) oddity: Oddity,
    pub(super) p_value: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Oddity {
    None,
    /// The mean of a line, in standard deviations of a weight.
    Mean {
        line: usize,
        mean: f64,
    },
    /// The root mean square of a line, in the same unit.
    RootMeanSquare {
        line: usize,
        root_mean_square: f64,
    },
}

/// Sums over each line.
struct Sums {
    z: Vec<f64>,
    squares: Vec<f64>,
}

impl Lines {
    /// Rows and columns of `rows` rows.
    pub(super) fn of<T: Scalar>(weights: &[T], rows: usize, law: &Law, units: Units) -> [Self; 2] {
        let columns = weights.len() / rows;
        let new = |lines: usize| Sums { z: vec![0.0; lines], squares: vec![0.0; lines] };
        let [mut of_rows, mut of_columns] = [new(rows), new(columns)];
        for (row, line) in weights.chunks_exact(columns).enumerate() {
            for (column, &weight) in line.iter().enumerate() {
                let z = units.z(weight);
                of_rows.add(row, z);
                of_columns.add(column, z);
            }
        }
        [of_rows.judge::<T>(columns, law, units), of_columns.judge::<T>(rows, law, units)]
    }
}

impl Sums {
    #[inline(always)]
    fn add(&mut self, line: usize, z: f64) {
        self.z[line] += z;
        self.squares[line] += z * z;
    }

    /// The rarest mean or root mean square.
    fn judge<T: Scalar>(&self, length: usize, law: &Law, units: Units) -> Lines {
        let (n, lines) = (length as f64, self.z.len());
        let mut rarest = Lines { oddity: Oddity::None, p_value: 1.0 };
        let mut consider = |oddity: Oddity, p_value: f64| {
            // Any line may be odd, in two ways.
            let p_value = (2.0 * lines as f64 * p_value).min(1.0);
            if p_value < rarest.p_value {
                rarest = Lines { oddity, p_value };
            }
        };
        let mean = |line: usize| self.z[line] / n;
        let root_mean_square = |line: usize| sqrt(self.squares[line] / n);
        let ends = |of: &dyn Fn(usize) -> f64| {
            let least = (0..lines).min_by(|&a, &b| of(a).total_cmp(&of(b)));
            let most = (0..lines).max_by(|&a, &b| of(a).total_cmp(&of(b)));
            [least, most].into_iter().flatten()
        };
        for line in ends(&mean) {
            let slack = units.slack_of_z::<T>(root_mean_square(line));
            let (line, mean) = (line, mean(line));
            consider(Oddity::Mean { line, mean }, mean_probability(law, n, mean, slack));
        }
        for line in ends(&root_mean_square) {
            let root_mean_square = root_mean_square(line);
            let slack = units.slack_of_z::<T>(root_mean_square);
            let p_value = variance_probability(law, n, root_mean_square, slack);
            consider(Oddity::RootMeanSquare { line, root_mean_square }, p_value);
        }
        rarest
    }
}
