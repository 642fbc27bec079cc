//! Equal values: weights that come again, wherever they stand.

use alloc::vec::Vec;

use super::standard::{Standard, Units};
use super::tail;
use crate::scalar::Scalar;

/// Of more weights than that only the largest in magnitude are compared, at most as many.
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
        let n = weights.len() as f64;
        let both_signs = units.mean == 0.0 && standard.is_symmetric();
        let Selection { from, atom, expected } = Selection::of::<T>(n, standard, units, both_signs);
        let values = sorted(weights, units, from, both_signs);
        let mut equal = Self {
            compared: values.len(),
            repeats: 0,
            expected,
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

/// Which weights are compared.
struct Selection {
    /// Those that are at least this |z| (or z) from the mean.
    from: f64,
    /// The largest chance of one value among them.
    atom: f64,
    /// How many equal an earlier one on average, at most.
    expected: f64,
}

impl Selection {
    fn of<T: Scalar>(n: f64, standard: &Standard, units: Units, both_signs: bool) -> Self {
        let size = ENOUGH as f64;
        let mut from = if both_signs { 0.0 } else { f64::NEG_INFINITY };
        if n > size {
            let share = if both_signs { 0.5 * size / n } else { size / n };
            let (mut low, mut high) = standard.range();
            for _ in 0..60 {
                let middle = 0.5 * (low + high);
                if 1.0 - standard.cdf(middle) > share { low = middle } else { high = middle }
            }
            from = low;
        }
        let atom = standard.largest_atom::<T>(units, from, both_signs);
        // A weight equals an earlier one with a chance of at most `atom` times the number of earlier ones.
        let pairs = if n <= size { 0.5 * n * (n - 1.0) } else { size * (n - 0.5 * size) };
        Self { from, atom, expected: atom * pairs }
    }
}

/// The magnitudes (or values) that are at least that far out, in order.
fn sorted<T: Scalar>(weights: &[T], units: Units, from: f64, magnitudes: bool) -> Vec<f64> {
    let value = |w: &T| {
        let value = Scalar::to_f64(*w);
        if magnitudes { value.abs() } else { value }
    };
    let limit = units.mean + units.std_dev * from;
    let mut values: Vec<f64> =
        weights.iter().map(value).filter(|&value| value >= limit).take(ENOUGH).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}
