//! Roots of a function of a length, simple and double.

use alloc::vec::Vec;
use core::f64::consts::LN_10;

use super::chebyshev::Chebyshev;

/// A function is sampled in search of roots at lengths from 1 to 1e12 and to 1e-12, so many a decade
/// and so many in either direction.
const PER_DECADE: f64 = 2.0;
const SAMPLES: i32 = 24;

/// The accuracy of ln q at a root.
const TOLERANCE: f64 = 1e-14;

/// A sample is a minimum of |f| if it is below its neighbours by more than this share: where f is flat, rounding makes
/// minima.
const MINIMUM: f64 = 1e-6;

/// What is said of a function by its roots.
pub(super) struct Roots {
    /// Where it is 0, ascending.
    pub(super) roots: Vec<Root>,
    /// The length up to which they were sought.
    pub(super) end: f64,
    /// Whether it is finite somewhere, and 0 wherever it is.
    pub(super) is_zero: bool,
}

/// One root, in a length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Root {
    pub(super) q: f64,
    /// Whether the function touches 0 there and turns back.
    pub(super) is_double: bool,
}

/// Roots of `f` between 1e-12 and 1e12, as far as it is finite from 1 on. Values up to `rounding` are 0, and say nothing of the sign; turning points up to
/// `touching` are double roots.
///
/// Between samples half a decade apart `f` is interpolated by Chebyshev polynomials wherever it changes its sign or
/// comes close to 0, and cut at its turning points: between those it has one root at most.
pub(super) fn roots(f: impl Fn(f64) -> f64, rounding: f64, touching: f64) -> Roots {
    let rounded = |x: f64| {
        let value = f(libm::exp(x));
        if value.abs() <= rounding { 0.0 } else { value }
    };
    let sample = |i: i32| {
        let x = LN_10 * f64::from(i) / PER_DECADE;
        Some((x, rounded(x))).filter(|sample| sample.1.is_finite())
    };
    let above: Vec<(f64, f64)> = (0..=SAMPLES).map_while(sample).collect();
    let end = libm::exp10((above.len() as f64 - 1.0) / PER_DECADE);
    let mut samples: Vec<(f64, f64)> = (1..=SAMPLES).map_while(|i| sample(-i)).collect();
    samples.reverse();
    samples.extend(above);
    let is_finite = !samples.is_empty();
    // Where f is rounding, its signs mean nothing.
    let nonzero: Vec<(f64, f64)> = samples.into_iter().filter(|sample| sample.1 != 0.0).collect();
    let mut roots: Vec<Root> = Vec::new();
    for i in (1..nonzero.len()).filter(|&i| is_of_interest(&nonzero, i)) {
        let (low, high) = (nonzero[i - 1], nonzero[i]);
        let near = Chebyshev::new(low.0, high.0, |x| f(libm::exp(x)));
        let mut cuts: Vec<(f64, f64)> = Vec::from([low]);
        cuts.extend(near.turning_points().into_iter().map(|x| (x, f(libm::exp(x)))));
        cuts.push(high);
        for j in 1..cuts.len() - 1 {
            // Not where f is flat: on both sides it must leave 0, and to the same one.
            let beside = [cuts[j - 1].1, cuts[j + 1].1];
            let leaves = beside[0] * beside[1] > 0.0 && beside.iter().all(|value| value.abs() > touching);
            if leaves && cuts[j].1.abs() <= touching {
                roots.push(Root { q: libm::exp(cuts[j].0), is_double: true });
                cuts[j].1 = 0.0;
            }
        }
        cuts.retain(|cut| cut.1.abs() > rounding);
        let simple = cuts.windows(2).filter_map(|pair| root(pair[0], pair[1], TOLERANCE, rounded));
        roots.extend(simple.map(|x| Root { q: libm::exp(x), is_double: false }));
    }
    roots.sort_by(|a, b| a.q.total_cmp(&b.q));
    Roots { roots, end, is_zero: is_finite && nonzero.is_empty() }
}

/// Whether there may be a root between sample i and the one before: the sign changes there or next to it, or one of them
/// is closest to 0.
fn is_of_interest(samples: &[(f64, f64)], i: usize) -> bool {
    let changes = |i: usize| i > 0 && i < samples.len() && samples[i - 1].1 * samples[i].1 < 0.0;
    let is_minimum = |i: usize| {
        let size = |i: usize| (1.0 - MINIMUM) * samples[i].1.abs();
        i > 0 && i + 1 < samples.len() && samples[i].1.abs() < size(i - 1).min(size(i + 1))
    };
    changes(i - 1) || changes(i) || changes(i + 1) || is_minimum(i - 1) || is_minimum(i)
}

/// Chandrupatla's method (1997): inverse quadratic interpolation where that is safe, bisection
/// where not. Ends after at most 200 evaluations; `None` if the function returns NaN or the signs
/// at the ends are the same.
///
/// `low` and `high` are (x, f(x)); the root is good to `tolerance` in x.
pub(super) fn root(low: (f64, f64), high: (f64, f64), tolerance: f64, f: impl Fn(f64) -> f64) -> Option<f64> {
    const MAX_EVALUATIONS: u32 = 200;
    let ((mut a, mut fa), (mut b, mut fb)) = (low, high);
    if fa == 0.0 {
        return Some(a);
    }
    if fb == 0.0 {
        return Some(b);
    }
    if fa.is_nan() || fb.is_nan() || (fa > 0.0) == (fb > 0.0) {
        return None;
    }
    let mut share = 0.5;
    for _ in 0..MAX_EVALUATIONS {
        let x = a + share * (b - a);
        let fx = f(x);
        if fx.is_nan() {
            return None;
        }
        let (c, fc) = if (fx > 0.0) == (fa > 0.0) {
            (a, fa)
        } else {
            let old = (b, fb);
            (b, fb) = (a, fa);
            old
        };
        (a, fa) = (x, fx);
        let smallest = tolerance / (b - a).abs();
        if fa == 0.0 || smallest > 0.5 {
            break;
        }
        let (xi, phi) = ((a - b) / (c - b), (fa - fb) / (fc - fb));
        share = if phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi {
            fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        } else {
            0.5
        };
        share = share.clamp(smallest, 1.0 - smallest);
    }
    Some(if fa.abs() <= fb.abs() { a } else { b })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_easy_and_hard_roots() {
        let find = |f: fn(f64) -> f64, low: f64, high: f64| root((low, f(low)), (high, f(high)), 1e-14, f);
        assert!((find(|x| x * x - 2.0, 0.0, 2.0).unwrap() - 2.0_f64.sqrt()).abs() < 1e-13);
        assert!(find(|x| x.powi(9), -1.0, 2.0).unwrap().abs() < 1e-9);
        assert!((find(|x| if x > 0.3 { 1.0 } else { -1.0 }, 0.0, 1.0).unwrap() - 0.3).abs() < 1e-13);
        assert_eq!(find(|x| x * x + 1.0, -1.0, 1.0), None);
        assert_eq!(find(|x| if x == 0.5 { f64::NAN } else { x - 0.2 }, 0.0, 1.0), None);
    }

    /// Roots that samples half a decade apart do not show: three within a thousandth of each other, one of them double.
    #[test]
    fn close_and_double_roots_are_told_apart() {
        let f = |q: f64| {
            let x = libm::log(q);
            let (a, b, c) = (x - 1.0, x - 1.01, x - 1.03);
            a * a * b * c
        };
        let found = roots(f, 1e-15, 1e-13);
        let expected = [(1.0, true), (1.01, false), (1.03, false)];
        assert_eq!(found.roots.len(), 3, "{:?}", found.roots);
        for (root, (x, is_double)) in found.roots.iter().zip(expected) {
            assert!((libm::log(root.q) - x).abs() < 1e-6 && root.is_double == is_double, "{root:?}");
        }
        assert!((found.end / 1e12 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn no_roots_where_there_are_none() {
        assert!(roots(|_| 0.0, 1e-12, 1e-9).is_zero);
        assert!(roots(|q| 1.0 + q, 1e-12, 1e-9).roots.is_empty());
        // Rounding around 0, then away from it.
        let noise = |q: f64| 1e-13 * libm::sin(1e3 * libm::log(q)) - q;
        assert!(roots(noise, 1e-12, 1e-9).roots.is_empty());
        assert!(roots(|_| f64::NAN, 1e-12, 1e-9).roots.is_empty());
    }
}
