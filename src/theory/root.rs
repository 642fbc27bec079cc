//! Roots of a function of one variable.

use alloc::vec::Vec;

/// The lengths at which a function is sampled in search of roots: 1e-12 to 1e12, two a decade.
fn grid() -> impl Iterator<Item = f64> {
    (-24..=24).map(|i| libm::exp10(f64::from(i) / 2.0))
}

/// (q, f(q)) on the grid, from the first to the last that is finite without a gap.
pub(super) fn finite_samples(f: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    grid()
        .map(|q| (q, f(q)))
        .skip_while(|(_, value)| !value.is_finite())
        .take_while(|(_, value)| value.is_finite())
        .collect()
}

/// The roots of `f` between successive samples (q, f(q)) of opposite sign. Samples that are 0
/// are passed over: where f is rounding, its signs mean nothing.
pub(super) fn sign_changes(samples: &[(f64, f64)], f: impl Fn(f64) -> f64) -> Vec<f64> {
    let nonzero: Vec<(f64, f64)> = samples.iter().copied().filter(|sample| sample.1 != 0.0).collect();
    nonzero
        .windows(2)
        .filter(|pair| (pair[0].1 > 0.0) != (pair[1].1 > 0.0))
        .filter_map(|pair| {
            let end = |sample: (f64, f64)| (libm::log(sample.0), sample.1);
            root(end(pair[0]), end(pair[1]), 1e-14, |x| f(libm::exp(x)))
        })
        .map(libm::exp)
        .collect()
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
}
