//! Neighbours: weights that know of those beside, above, or half a tensor before them.

use alloc::vec::Vec;

use super::sample::Sample;
use super::standard::{Standard, Units};
use super::tail;
use crate::scalar::{Scalar, sqrt};

/// The largest correlation of weights that stand a fixed distance apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Neighbours {
    /// The distance, in elements.
    pub(super) lag: usize,
    pub(super) correlation: f64,
    pub(super) p_value: f64,
}

impl Neighbours {
    /// At distance 1, at half of the length (halves of a tensor), and along every axis of the shape.
    pub(super) fn of<T: Scalar>(
        weights: &[T],
        shape: &[usize],
        standard: &Standard,
        units: Units,
        sample: &Sample,
    ) -> Self {
        let strides = (1..shape.len()).map(|axis| shape[axis..].iter().product());
        let mut lags: Vec<usize> = strides.chain([1, weights.len() / 2]).collect();
        lags.retain(|&lag| lag > 0 && lag < weights.len());
        lags.sort_unstable();
        lags.dedup();
        let unrelated = Self { lag: 1, correlation: 0.0, p_value: 1.0 };
        let tests = lags.len() as f64;
        let mut found = lags.into_iter().map(|lag| {
            let sum = sum_of_products(weights, lag, units);
            let mean_square = sample.root_mean_square * sample.root_mean_square;
            let correlation = sum / (weights.len() - lag) as f64 / mean_square;
            let p_value = (tests * probability(sum, standard, sample)).min(1.0);
            Self { lag, correlation, p_value }
        });
        let first = found.next().unwrap_or(unrelated);
        found.fold(first, |a, b| if b.p_value < a.p_value { b } else { a })
    }
}

/// Sum of z_i z_(i + lag).
fn sum_of_products<T: Scalar>(weights: &[T], lag: usize, units: Units) -> f64 {
    const LANES: usize = 16;
    let (one, other) = (&weights[..weights.len() - lag], &weights[lag..]);
    let (chunks, rest) = one.as_chunks::<LANES>();
    let (chunks_beside, rest_beside) = other.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (chunk, beside) in chunks.iter().zip(chunks_beside) {
        for i in 0..LANES {
            sums[i] += units.z(chunk[i]) * units.z(beside[i]);
        }
    }
    let rest: f64 = rest.iter().zip(rest_beside).map(|(&a, &b)| units.z(a) * units.z(b)).sum();
    sums.iter().sum::<f64>() + rest
}

/// The chance, at most, of a sum of products of neighbours as large as this, of either sign.
///
/// Each weight stands in at most two products, as on a path. Of normal weights E exp(t sum) is det(1 - t A)^(-1/2), A the
/// adjacency of the path, which is at most ((1 + sqrt(1 - 4 t^2)) / 2)^(-n/2). A path has two colours, and given one of them
/// the sum is linear in the other: hence the same bound for whatever is sub-Gaussian.
fn probability(sum: f64, standard: &Standard, sample: &Sample) -> f64 {
    let (n, scale) = (sample.n, standard.sub_gaussian_scale());
    // By Cauchy and Schwarz.
    let slack = n * sample.slack * (2.0 * sample.root_mean_square + sample.slack);
    let sum = scale * scale * (sum.abs() - slack);
    if sum.is_nan() || sum <= 0.0 {
        return 1.0;
    }
    let cumulant = |t: f64| -0.5 * libm::log(0.5 + 0.5 * sqrt(1.0 - 4.0 * t * t));
    (2.0 * tail::chernoff(n, sum / n, 0.499_999, cumulant)).min(1.0)
}
