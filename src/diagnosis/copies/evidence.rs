//! Evidence: the probability that independent weights agree by chance, whatever their distribution.
//!
//! Nothing is assumed but that independent weights are exchangeable. Given which values a place holds, every order
//! of them is as likely as any other, and given the values of two places together, every way to deal them out
//! (permutation tests, Fisher 1935). Constants, quantised weights and tensors of three weights thus prove as little as they
//! should: n equal values have one order, n different ones n!.

use alloc::vec::Vec;

/// Weights that are looked at to judge a place: already 20 different ones are enough.
pub(super) const ENOUGH: usize = 4096;

/// The rate of false alarms of a whole model, and the share of each of the searches.
const FALSE_POSITIVES: f64 = 1e-9;
const SEARCHES: f64 = 4.0;

/// The factor from original to copy, and how far each value may be from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fit {
    pub(super) factor: f64,
    pub(super) precision: Precision,
    relative: f64,
    absolute: f64,
}

/// The finest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Precision {
    Exact,
    Scalar,
    Half,
}

/// Relative distance between neighbours of a scalar and the smallest normal number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolution {
    pub(super) epsilon: f64,
    pub(super) smallest: f64,
}

/// Neighbours in `bf16`, and the least number of an `f16`.
const BF16_EPSILON: f64 = 1.0 / 128.0;
const F16_SMALLEST: f64 = 6e-8;

impl Fit {
    /// The closest fit of n values, or none; `magnitude` is |copy / original|, as the largest of both say.
    pub(super) fn of(
        n: usize,
        magnitude: f64,
        resolution: Resolution,
        original: impl Fn(usize) -> f64,
        copy: impl Fn(usize) -> f64,
    ) -> Option<Self> {
        if !(magnitude > 0.0 && magnitude.is_finite()) {
            return None;
        }
        let first = (0..n).find(|&i| original(i) != 0.0)?;
        let factor = if (original(first) < 0.0) == (copy(first) < 0.0) { magnitude } else { -magnitude };
        let fits = |fit: &Self| (0..n).all(|i| fit.admits(original(i), copy(i)));
        let Resolution { epsilon, smallest } = resolution;
        // Both values and the factor, of two values, are rounded by half an epsilon: two epsilons, and the slack.
        let scalar = Self { factor, precision: Precision::Scalar, relative: 2.1 * epsilon, absolute: smallest };
        let exact = Self { precision: Precision::Exact, relative: 0.0, absolute: 0.0, ..scalar };
        let half = Self {
            precision: Precision::Half,
            relative: 2.1 * BF16_EPSILON,
            absolute: F16_SMALLEST * magnitude.max(1.0),
            ..scalar
        };
        if magnitude == 1.0 && fits(&exact) {
            Some(exact)
        } else if fits(&scalar) {
            Some(scalar)
        } else {
            (epsilon < BF16_EPSILON && fits(&half)).then_some(half)
        }
    }

    pub(super) fn admits(&self, original: f64, copy: f64) -> bool {
        let expected = self.factor * original;
        (copy - expected).abs() <= self.slack(expected)
    }

    fn slack(&self, expected: f64) -> f64 {
        self.relative * expected.abs() + self.absolute
    }

    /// ln of the probability, at most, that these values in an order by chance all fit: by Bregman's bound on the number of
    /// orders that do ("Some properties of nonnegative matrices and their permanents", 1973), where r_i of the n values fit place i:
    ///
    /// ```text
    /// product of (r_i!)^(1 / r_i) / n!
    /// ```
    pub(super) fn ln_order(&self, pairs: &[(f64, f64)]) -> f64 {
        let pairs = informative(pairs);
        let mut copies: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
        copies.sort_unstable_by(f64::total_cmp);
        let n = copies.len() as f64;
        let orders: f64 = pairs
            .iter()
            .map(|&(original, _)| {
                let expected = self.factor * original;
                let slack = self.slack(expected);
                let low = copies.partition_point(|&copy| copy < expected - slack);
                let high = copies.partition_point(|&copy| copy <= expected + slack);
                let fitting = (high - low) as f64;
                libm::lgamma(fitting + 1.0) / fitting.max(1.0)
            })
            .sum();
        // The factor was read from one of n pairs.
        let choices = if self.precision == Precision::Exact { 2.0 } else { 2.0 * n };
        at_most_one(orders - libm::lgamma(n + 1.0) + libm::log(choices.max(1.0)))
    }

    /// ln of the probability, at most, that two places of n values hold the same values in any order: values that fit each
    /// other make up a cluster, of which each place has as many as the other. None if not.
    ///
    /// ```text
    /// product of C(2 c, c) over the clusters / C(2 n, n)
    /// ```
    ///
    /// Both are sorted, the originals times the factor.
    pub(super) fn ln_values(&self, originals: &[f64], copies: &[f64]) -> Option<f64> {
        let ln_middle = |c: f64| libm::lgamma(2.0 * c + 1.0) - 2.0 * libm::lgamma(c + 1.0);
        let (mut i, mut j, mut ways) = (0, 0, 0.0);
        while i < originals.len() && j < copies.len() {
            let start = (i, j);
            let mut last = originals[i].min(copies[j]);
            loop {
                let reach = last + self.slack(last);
                let before = (i, j);
                while i < originals.len() && originals[i] <= reach {
                    last = last.max(originals[i]);
                    i += 1;
                }
                while j < copies.len() && copies[j] <= reach {
                    last = last.max(copies[j]);
                    j += 1;
                }
                if (i, j) == before {
                    break;
                }
            }
            if i == start.0 || i - start.0 != j - start.1 {
                return None;
            }
            ways += ln_middle((i - start.0) as f64);
        }
        let n = originals.len() as f64;
        (i == originals.len() && j == copies.len())
            .then(|| at_most_one(ways - ln_middle(n) + libm::log(2.0 * n)))
    }
}

/// ln of the probability, at most, that the values of two places always agree, or never, in which side of the middle
/// they are on; `above` of n are above.
pub(super) fn ln_signs(n: usize, above: usize) -> f64 {
    let ln_factorial = |k: usize| libm::lgamma(k as f64 + 1.0);
    at_most_one(ln_factorial(above) + ln_factorial(n - above) - ln_factorial(n) + core::f64::consts::LN_2)
}

/// The pairs whose order says something: without the commonest value of a copy that mostly consists of it (the zeros of a
/// sparse tensor stand where its maker put them), and none of a copy that is sorted (a schedule, not a draw).
pub(super) fn informative(pairs: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut copies: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
    if copies.is_sorted() || copies.is_sorted_by(|a, b| a >= b) {
        return Vec::new();
    }
    copies.sort_unstable_by(f64::total_cmp);
    let middle = copies[copies.len() / 2];
    let common = copies.iter().filter(|&&copy| copy == middle).count();
    let kept = pairs.iter().filter(|pair| 8 * common <= 5 * pairs.len() || pair.1 != middle);
    kept.copied().collect()
}

fn at_most_one(ln_p: f64) -> f64 {
    if ln_p < 0.0 { ln_p } else { 0.0 }
}

/// ln p of as many comparisons as were made, if it is small enough to call the places copies.
pub(super) fn significant(ln_p: f64, comparisons: f64) -> Option<f64> {
    let ln_p = ln_p + libm::log(SEARCHES * comparisons.max(1.0));
    (ln_p < libm::log(FALSE_POSITIVES)).then_some(ln_p)
}
