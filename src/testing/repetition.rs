//! Weights that repeat themselves, row after row.

use super::standard::{Standard, Units};
use crate::scalar::Scalar;

/// Comparisons per weight after which the search for a period is given up: only weights that nearly
/// repeat themselves at many periods need so many.
const EFFORT: usize = 8;

/// The smallest number of weights after which all of them come again in the same order, at least twice.
pub(super) fn period<T: Scalar>(weights: &[T]) -> Option<usize> {
    let mut effort = EFFORT * weights.len();
    (1..=weights.len() / 2).find(|&period| {
        let equal = weights[period..].iter().zip(weights).take_while(|(a, b)| a == b).take(effort).count();
        effort -= equal;
        equal == weights.len() - period
    })
}

/// The probability, at most, that independent weights repeat themselves at any period as they do at this
/// one: each after the first period must fall into the rounding interval of the one before it. By Markov's
/// inequality for the likelihood ratio, times the number of periods looked at.
pub(super) fn probability<T: Scalar>(weights: &[T], period: usize, standard: &Standard, units: Units) -> f64 {
    let mut probability = (weights.len() / 2) as f64;
    for &weight in &weights[period..] {
        probability *= standard.atom::<T>(units, units.z(weight));
        if probability < 1e-300 {
            break;
        }
    }
    probability.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn periods_are_found() {
        let row = [1.0, 2.0, 1.0, 3.0_f32];
        assert_eq!(period(&[row, row, row].concat()), Some(4));
        assert_eq!(period(&[&row[..], &row[..], &row[..2]].concat()), Some(4));
        assert_eq!(period(&[&row[..], &row[..2]].concat()), None, "not even twice");
        assert_eq!(period(&[&row[..], &row[..], &[9.0]].concat()), None);
        assert_eq!(period(&[5.0_f32; 7]), Some(1));
        assert_eq!(period(&[5.0_f32]), None);
        assert_eq!(period::<f32>(&[]), None);
    }

    #[test]
    fn the_search_ends() {
        let mut zeros = vec![0.0_f32; 1 << 20];
        *zeros.last_mut().unwrap() = 1.0;
        assert_eq!(period(&zeros), None); // half an hour without an end to the effort
    }
}
