//! Cosines: how alike the hidden states of different inputs are.

use alloc::vec;
use alloc::vec::Vec;

use super::GradientChain;
use crate::scalar::{Scalar, sqrt};

/// Hidden states whose mean cosine is at least this differ by at most a quarter of their length:
/// |h1 - h2| = sqrt(2 (1 - cosine)) |h|.
pub(crate) const COLLAPSED: f64 = 1.0 - 1.0 / 32.0;

impl GradientChain {
    /// The first layer from which on to the last hidden one the hidden states of different inputs have
    /// a mean [cosine](super::Layer::cosine) of at least 31/32: they differ by at most a quarter of their
    /// length, and what follows can hardly tell the inputs apart. Layers count from 0. `None` if there
    /// is no such layer, or activations were not given.
    ///
    /// Deep ReLU networks that He started pass every test of their gradients and collapse none the less:
    /// 1 - cosine falls with the square of the depth ([Poole et al. 2016](https://arxiv.org/abs/1606.05340); [Schoenholz et al. 2017](https://arxiv.org/abs/1611.01232)).
    ///
    /// ```
    /// use fanin::chain::{GradientChain, Layer};
    ///
    /// let layer = |h: &[f64]| Layer::new("", 2, &[0.1; 4]).with_h(h);
    /// let chain = GradientChain::from_layers([
    ///     layer(&[1.0, 0.0, 0.0, 1.0]), // orthogonal
    ///     layer(&[1.0, 0.9, 0.9, 1.0]), // the cosine is 0.994
    ///     layer(&[1.0, 2.0, 3.0, 4.0]), // the output layer
    /// ])?;
    /// assert_eq!(chain.collapse(), Some(1));
    /// # Ok::<(), fanin::chain::ChainError>(())
    /// ```
    #[must_use]
    pub fn collapse(&self) -> Option<usize> {
        let layers = self.hidden_layers().iter().rev();
        let collapsed = layers.take_while(|layer| layer.cosine().is_some_and(|cosine| cosine >= COLLAPSED));
        match collapsed.count() {
            0 => None,
            count => Some(self.hidden_layers().len() - count),
        }
    }
}

/// The mean cosine over all pairs of different rows, from their unit vectors u:
/// (|sum u|^2 - m) / (m (m - 1)). Rows of zeros have no direction and do not count. `None` with fewer
/// than two rows that do, or with a value that is not finite.
pub(crate) fn mean_cosine<T: Scalar>(rows: &[T], width: usize) -> Option<f64> {
    let mut sum = vec![0.0_f64; width];
    let mut count = 0.0;
    for row in rows.chunks_exact(width.max(1)) {
        let mut squares = sum_of_squares(row, 1.0);
        // What leaves the range of f64 is brought back to size 1 first.
        let mut size = 1.0;
        if !(SAFE..=1.0 / SAFE).contains(&squares) {
            size = largest(row);
            if size == 0.0 && row.iter().all(|value| !value.is_nan()) {
                continue;
            }
            squares = sum_of_squares(row, size);
            if !squares.is_finite() {
                return None;
            }
        }
        let scale = 1.0 / sqrt(squares);
        if size == 1.0 {
            sum.iter_mut().zip(row).for_each(|(sum, &value)| *sum += value.to_f64() * scale);
        } else {
            sum.iter_mut().zip(row).for_each(|(sum, &value)| *sum += value.to_f64() / size * scale);
        }
        count += 1.0;
    }
    let square: f64 = sum.iter().map(|sum| sum * sum).sum();
    (count >= 2.0).then(|| ((square - count) / (count * (count - 1.0))).clamp(-1.0, 1.0))
}

/// Rows whose cosines are taken pair by pair.
const ROWS: usize = 64;

/// How alike different rows are: means of products of the cosines between them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Likeness {
    /// Of cos(s, t), of the rows that the others are of.
    pub(crate) mean: f64,
    /// Of cos(s, t)^2.
    pub(crate) square: f64,
    /// Of cos(s, t) cos(t, u) cos(u, s).
    pub(crate) triple: f64,
}

impl Likeness {
    /// Of all rows, or of 64 spread over them without a period. Zero for rows without a direction, and for
    /// fewer than two or three.
    pub(crate) fn from_rows<T: Scalar>(rows: &[T], width: usize) -> Self {
        let count = rows.len().checked_div(width).unwrap_or(0);
        let taken = count.min(ROWS);
        let mut units: Vec<f64> = Vec::with_capacity(taken * width);
        for i in 0..taken {
            let row = &rows[place(i, taken, count) * width..][..width];
            let size = largest(row);
            let norm = sqrt(sum_of_squares(row, size));
            if size > 0.0 && norm.is_finite() {
                units.extend(row.iter().map(|&value| value.to_f64() / size / norm));
            }
        }
        let units: Vec<&[f64]> = units.chunks_exact(width.max(1)).collect();
        let n = units.len();
        // Without the diagonal, so that no row meets itself.
        let mut cosines = vec![0.0; n * n];
        for (i, a) in units.iter().enumerate() {
            for (j, b) in units[..i].iter().enumerate() {
                let cosine = dot(a, b);
                (cosines[i * n + j], cosines[j * n + i]) = (cosine, cosine);
            }
        }
        let (mut mean_sum, mut square, mut triple) = (0.0, 0.0, 0.0);
        for (i, a) in cosines.chunks_exact(n.max(1)).enumerate() {
            mean_sum += a.iter().sum::<f64>();
            square += dot(a, a);
            for (j, b) in cosines.chunks_exact(n).enumerate().take(i) {
                triple += 2.0 * cosines[i * n + j] * dot(a, b);
            }
        }
        let n = n as f64;
        let mean = |sum: f64, count: f64| if count > 0.0 { sum / count } else { 0.0 };
        Self {
            mean: mean(mean_sum, n * (n - 1.0)),
            square: mean(square, n * (n - 1.0)),
            triple: mean(triple, n * (n - 1.0) * (n - 2.0).max(0.0)),
        }
    }
}

/// The i-th of so many places, one in each of as many equal stretches, at a point that has no pattern.
fn place(i: usize, taken: usize, count: usize) -> usize {
    let (start, end) = (i * count / taken, (i + 1) * count / taken);
    let scattered = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    start + scattered as usize % (end - start)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (quads_a, rest_a) = a.as_chunks::<4>();
    let (quads_b, rest_b) = b.as_chunks::<4>();
    for (a, b) in quads_a.iter().zip(quads_b) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
    }
    sums.iter().sum::<f64>() + rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum::<f64>()
}

/// The cosine between each row of `a` and that of `b`; NaN where one of them has no direction.
pub(super) fn alignments<T: Scalar>(a: &[T], b: &[T], width: usize) -> Vec<f64> {
    let rows = a.chunks_exact(width.max(1)).zip(b.chunks_exact(width.max(1)));
    rows.map(|(a, b)| {
        let (largest_a, largest_b) = (largest(a), largest(b));
        let dot: f64 =
            a.iter().zip(b).map(|(&a, &b)| (a.to_f64() / largest_a) * (b.to_f64() / largest_b)).sum();
        dot / sqrt(sum_of_squares(a, largest_a) * sum_of_squares(b, largest_b))
    })
    .collect()
}

fn largest<T: Scalar>(row: &[T]) -> f64 {
    Scalar::to_f64(row.iter().fold(T::zero(), |largest, value| largest.max(value.abs())))
}

/// Sums of squares from here to its inverse have all their digits.
const SAFE: f64 = 1e-200;

/// In four sums side by side, which the machine adds at once.
fn sum_of_squares<T: Scalar>(row: &[T], size: f64) -> f64 {
    let square = |value: T| {
        let value = if size == 1.0 { value.to_f64() } else { value.to_f64() / size };
        value * value
    };
    let mut sums = [0.0; 4];
    let quads = row.chunks_exact(4);
    let rest: f64 = quads.remainder().iter().map(|&value| square(value)).sum();
    for quad in quads {
        sums.iter_mut().zip(quad).for_each(|(sum, &value)| *sum += square(value));
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        assert_eq!(mean_cosine(&[1.0, 0.0, 0.0, 2.0], 2), Some(0.0));
        assert_eq!(mean_cosine(&[1.0, 1.0, -3.0, -3.0], 2).map(|c| (c * 1e12).round()), Some(-1e12));
        // Pairs at 45, 45 and 90 degrees.
        let cosine = mean_cosine(&[1.0_f32, 0.0, 1.0, 1.0, 0.0, 1.0], 2).unwrap();
        assert!((cosine - 2.0 * 0.5_f64.sqrt() / 3.0).abs() < 1e-15);
    }

    #[test]
    fn of_every_size() {
        for size in [1e-300, 1e-160, 1e-30, 1e160, 1e300] {
            let cosine = mean_cosine(&[size, 0.0, size, size], 2).unwrap();
            assert!((cosine - 0.5_f64.sqrt()).abs() < 1e-15, "{size}: {cosine}");
        }
        assert!((mean_cosine(&[1e-45_f32, 0.0, 1e-45, 1e-45], 2).unwrap() - 0.5_f64.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn without_a_direction() {
        assert_eq!(mean_cosine::<f64>(&[], 2), None);
        assert_eq!(mean_cosine(&[1.0, 2.0], 2), None);
        assert_eq!(mean_cosine(&[0.0, 0.0, 1.0, 2.0], 2), None);
        let three = mean_cosine(&[0.0, 0.0, 1.0, 2.0, 2.0, 4.0], 2).unwrap();
        assert!((three - 1.0).abs() < 1e-15);
        for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(mean_cosine(&[wrong, wrong, 1.0, 2.0, 2.0, 4.0], 2), None);
            assert_eq!(mean_cosine(&[0.0, wrong, 1.0, 2.0, 2.0, 4.0], 2), None);
        }
    }
}
