//! Equal values: weights that come again, wherever they stand.

use alloc::vec::Vec;

use super::standard::{Standard, Units};
use super::tail;
use crate::scalar::Scalar;

/// Weights that are sorted at most: of more, only the largest in magnitude are looked at, about as many.
const ENOUGH: usize = 1 << 17;

/// How often values come again, beside how often they may.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct EqualValues {
    /// How many weights were compared with each other, and how many of them equal an earlier one.
    pub(super) compared: usize,
    pub(super) repeats: usize,
    /// How many repeats there are on average, at most.
    pub(super) expected: f64,
    /// The value that came most often, and how often.
    pub(super) commonest: (f64, usize),
    /// Whether w and -w count as equal.
    pub(super) both_signs: bool,
    pub(super) p_value: f64,
}

impl EqualValues {
    /// Of magnitudes, where the distribution is symmetric about 0, so that negated copies count as well.
    pub(super) fn of<T: Scalar>(weights: &[T], standard: &Standard, units: Units) -> Self {
        let both_signs = units.mean == 0.0 && standard.is_symmetric();
        let (values, from) = largest(weights, standard, units, both_signs);
        let n = weights.len() as f64;
        let atom = standard.largest_atom::<T>(units, from, both_signs);
        // A weight equals an earlier one with a chance of at most `atom` times the number of earlier ones.
        let pairs = if values.len() == weights.len() { 0.5 * n * (n - 1.0) } else { n * values.len() as f64 };
        let mut equal = Self {
            compared: values.len(),
            repeats: 0,
            expected: atom * pairs,
            commonest: (0.0, 0),
            both_signs,
            p_value: 1.0,
        };
        for run in values.chunk_by(|a, b| a == b) {
            equal.repeats += run.len() - 1;
            if run.len() > equal.commonest.1 {
                equal.commonest = (run[0], run.len());
            }
        }
        let repeats = tail::poisson(equal.expected, equal.repeats as f64);
        // Any value may be the commonest. The chance of `count` copies of one grows faster than its own
        // chance, so that all values together have at most 1 / atom times that of the likeliest.
        let count = equal.commonest.1 as f64;
        let commonest = if count > n * atom + 1.0 { tail::binomial(n, atom, count) / atom } else { 1.0 };
        equal.p_value = (2.0 * repeats.min(commonest)).min(1.0);
        equal
    }
}

/// Sorted magnitudes (or values), all or the largest, and the z from which they were taken.
fn largest<T: Scalar>(weights: &[T], standard: &Standard, units: Units, magnitudes: bool) -> (Vec<f64>, f64) {
    let value = |w: &T| {
        let value = Scalar::to_f64(*w);
        if magnitudes { value.abs() } else { value }
    };
    let mut from = if magnitudes { 0.0 } else { f64::NEG_INFINITY };
    let mut values: Vec<f64> = if weights.len() <= ENOUGH {
        weights.iter().map(value).collect()
    } else {
        let share = ENOUGH as f64 / weights.len() as f64;
        let share = if magnitudes { 0.5 * share } else { share };
        let (mut low, mut high) = if magnitudes { (0.0, standard.range().1) } else { standard.range() };
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if 1.0 - standard.cdf(middle) > share { low = middle } else { high = middle }
        }
        from = low;
        let limit = units.mean + units.std_dev * low;
        weights.iter().map(value).filter(|&value| value >= limit).take(ENOUGH).collect()
    };
    values.sort_unstable_by(f64::total_cmp);
    (values, from)
}
