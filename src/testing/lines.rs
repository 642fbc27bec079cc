//! Rows and columns: lines of a matrix that are larger, smaller, or the same as another.

use alloc::vec;
use alloc::vec::Vec;

use super::law_evidence::{mean_probability, variance_probability};
use super::standard::{Standard, Units};
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
    /// Two lines are the same, or one is the negative of the other.
    Twins {
        lines: [usize; 2],
    },
}

/// Sums over each line.
struct Sums {
    z: Vec<f64>,
    squares: Vec<f64>,
    /// Of the magnitudes, and of the signs relative to the first element's.
    hashes: Vec<u64>,
    negative_first: Vec<bool>,
}

impl Lines {
    /// Rows and columns of `rows` rows.
    pub(super) fn of<T: Scalar>(weights: &[T], rows: usize, law: &Law, units: Units) -> [Self; 2] {
        let columns = weights.len() / rows;
        let new = |lines: usize| Sums {
            z: vec![0.0; lines],
            squares: vec![0.0; lines],
            hashes: vec![0; lines],
            negative_first: vec![false; lines],
        };
        let mut sums = [new(rows), new(columns)];
        for (row, line) in weights.chunks_exact(columns).enumerate() {
            for (column, &weight) in line.iter().enumerate() {
                let z = units.z(weight);
                sums[0].add(row, z, weight, column == 0);
                sums[1].add(column, z, weight, row == 0);
            }
        }
        let at = [
            &(|row: usize, i: usize| weights[row * columns + i]) as &dyn Fn(usize, usize) -> T,
            &|column: usize, i: usize| weights[i * columns + column],
        ];
        [sums[0].judge(columns, at[0], law, units), sums[1].judge(rows, at[1], law, units)]
    }
}

impl Sums {
    #[inline(always)]
    fn add<T: Scalar>(&mut self, line: usize, z: f64, weight: T, first: bool) {
        self.z[line] += z;
        self.squares[line] += z * z;
        if first {
            self.negative_first[line] = weight.is_sign_negative();
        }
        let sign = u64::from(weight.is_sign_negative() != self.negative_first[line]);
        let bits = weight.to_f64().abs().to_bits() ^ sign;
        self.hashes[line] = (self.hashes[line].rotate_left(5) ^ bits).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    /// The rarest of three: a mean, a root mean square, two lines that are the same.
    fn judge<T: Scalar>(
        &self,
        length: usize,
        at: &dyn Fn(usize, usize) -> T,
        law: &Law,
        units: Units,
    ) -> Lines {
        let (n, lines) = (length as f64, self.z.len());
        let mut rarest = Lines { oddity: Oddity::None, p_value: 1.0 };
        let mut consider = |oddity: Oddity, p_value: f64| {
            // Any line may be odd, in three ways.
            let p_value = (3.0 * lines as f64 * p_value).min(1.0);
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
        let mut order: Vec<usize> = (0..lines).collect();
        order.sort_unstable_by_key(|&line| (self.hashes[line], line));
        let standard = Standard::of(law);
        for pair in order.windows(2).filter(|pair| self.hashes[pair[0]] == self.hashes[pair[1]]) {
            let (a, b) = (pair[0], pair[1]);
            let sign = if self.negative_first[a] == self.negative_first[b] { T::one() } else { -T::one() };
            if (0..length).all(|i| at(a, i) == sign * at(b, i)) {
                // Given the first, each of the second must fall into the rounding of it; either sign.
                let p_value = (0..length)
                    .fold(lines as f64, |product, i| product * standard.atom::<T>(units, units.z(at(b, i))));
                consider(Oddity::Twins { lines: [a, b] }, p_value);
                break;
            }
        }
        rarest
    }
}
