//! Evidence: the probability that independent weights agree by chance, whatever their distribution.
//!
//! Nothing is assumed but that independent weights are exchangeable. Given which values a place holds, every order
//! of them is as likely as any other, and given the values of two places together, every way to deal them out
//! (permutation tests, Fisher 1935). Constants, quantised weights and tensors of three weights thus prove as little as they
//! should: n equal values have one order, n different ones n!.

use alloc::vec::Vec;

/// Weights that are looked at to judge a place, and those of them that the evidence is worked out from: already 20
/// different ones are enough.
pub(super) const ENOUGH: usize = 4096;
const PROOF: usize = 512;

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
        let scalar =
            Self { factor, precision: Precision::Scalar, relative: 2.1 * epsilon, absolute: smallest };
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

    #[inline]
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
        let mut pairs = informative(pairs);
        pairs.truncate(PROOF);
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
    let half = copies.len() / 2;
    let middle = *copies.select_nth_unstable_by(half, f64::total_cmp).1;
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

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    const F32: Resolution = Resolution { epsilon: 1.2e-7, smallest: 1.2e-38 };

    fn fit(pairs: &[(f64, f64)]) -> Fit {
        Fit::of(pairs.len(), 1.0, F32, |i| pairs[i].0, |i| pairs[i].1).unwrap()
    }

    /// Every order of the values.
    fn orders(values: &[f64]) -> Vec<Vec<f64>> {
        let Some((&last, others)) = values.split_last() else { return vec![vec![]] };
        let mut all = Vec::new();
        for order in orders(others) {
            for place in 0..=order.len() {
                let mut order = order.clone();
                order.insert(place, last);
                all.push(order);
            }
        }
        all
    }

    /// The share of all orders that fit is at most what the evidence says, and exactly that of values that are apart.
    #[test]
    fn orders_are_counted() {
        let samples: [&[f64]; 4] = [
            &[3.0, 1.0, 2.0, 5.0, 4.0, 7.0, 6.0],
            &[3.0, 1.0, 1.0, 5.0, 3.0, 3.0, 6.0],
            &[1.0, -1.0, -1.0, 1.0, 1.0, -1.0, 1.0],
            &[1.0, 2.0, 1.0 + 1e-7, 2.0 + 3e-7, 1.0, 3.0, 0.5],
        ];
        for (place, sample) in samples.into_iter().enumerate() {
            let pairs: Vec<_> = sample.iter().map(|&value| (value, value)).collect();
            let precise = fit(&pairs);
            for precision in [Precision::Exact, Precision::Scalar] {
                let fit = match precision {
                    Precision::Exact => precise,
                    _ => Fit { precision, relative: 2.1 * F32.epsilon, ..precise },
                };
                let all = orders(sample);
                let fitting = all.iter().filter(|order| {
                    order.iter().zip(sample).all(|(&copy, &original)| fit.admits(original, copy))
                });
                let share = fitting.count() as f64 / all.len() as f64;
                // The choice of a sign, or of a factor, is paid for.
                let choices = if precision == Precision::Exact { 2.0 } else { 2.0 * sample.len() as f64 };
                let p = libm::exp(fit.ln_order(&pairs)) / choices;
                assert!(share <= p * (1.0 + 1e-9), "{sample:?} {precision:?}: {share} {p}");
                assert!(place == 3 || p <= share * (1.0 + 1e-9), "{sample:?} {precision:?}: {share} {p}");
            }
        }
    }

    /// Of all ways to deal out the values of two places, as many give both the same.
    #[test]
    fn values_are_counted() {
        for sample in [vec![1.0, 2.0, 3.0, 4.0, 5.0], vec![1.0, 1.0, 2.0, 2.0, 2.0], vec![4.0; 5]] {
            let pooled = [&sample[..], &sample[..]].concat();
            let deals = (0_u32..1 << 10).filter(|deal| deal.count_ones() == 5);
            let alike = deals.clone().filter(|deal| {
                let mut halves = [Vec::new(), Vec::new()];
                (0..10).for_each(|i| halves[(deal >> i & 1) as usize].push(pooled[i]));
                halves.iter_mut().for_each(|half| half.sort_by(f64::total_cmp));
                halves[0] == halves[1]
            });
            let share = alike.count() as f64 / deals.count() as f64;
            let pairs: Vec<_> = sample.iter().map(|&value| (value, value)).collect();
            let p = libm::exp(fit(&pairs).ln_values(&sample, &sample).unwrap());
            assert!((p - (10.0 * share).min(1.0)).abs() < 1e-9, "{sample:?}: {share} {p}");
            let mut other = sample.clone();
            other[0] = -1.0;
            assert_eq!(fit(&pairs).ln_values(&sample, &other), None);
        }
    }

    #[test]
    fn what_was_not_drawn_proves_nothing() {
        let pairs = |copy: fn(usize) -> f64| (0..1000).map(|i| (copy(i), copy(i))).collect::<Vec<_>>();
        for copy in [(|_| 1.0) as fn(usize) -> f64, |i| i as f64, |i| -(i as f64), |i| f64::from(i % 31 == 0)]
        {
            let pairs = pairs(copy);
            assert_eq!(fit(&pairs[1..]).ln_order(&pairs), 0.0, "{:?}", &pairs[..5]);
        }
        let drawn = pairs(|i| f64::from((i * i) as u32 % 997));
        assert!(fit(&drawn).ln_order(&drawn) < -1000.0);
    }

    #[test]
    fn fits_are_as_close_as_the_rounding() {
        let original = [0.3, -0.2, 0.7, 0.01];
        let fit = |factor: f64, off: f64| {
            let copy = original.map(|value| factor * value * (1.0 + off));
            Fit::of(4, factor.abs(), F32, |i| original[i], |i| copy[i]).map(|fit| (fit.factor, fit.precision))
        };
        assert_eq!(fit(1.0, 0.0), Some((1.0, Precision::Exact)));
        assert_eq!(fit(-1.0, 0.0), Some((-1.0, Precision::Exact)));
        assert_eq!(fit(-3.0, 1e-7), Some((-3.0, Precision::Scalar)));
        assert_eq!(fit(2.0, 4e-3), Some((2.0, Precision::Half)));
        assert_eq!(fit(2.0, 4e-2), None);
        assert_eq!(Fit::of(2, f64::NAN, F32, |_| 1.0, |_| 1.0), None);
        assert_eq!(Fit::of(2, 1.0, F32, |_| 0.0, |_| 1.0), None);
    }
}
