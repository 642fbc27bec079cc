//! Hypergeometric counts: the exact test of the independence of two marks, Fisher, "The logic of inductive inference"
//! (1935), <https://doi.org/10.2307/2342435>.

use crate::scalar::sqrt;

/// Both tails of a hypergeometric count: `both` of n items bear two marks that `first` and `second`
/// of them bear. Exact.
pub(crate) fn both_tails(n: f64, first: f64, second: f64, both: f64) -> f64 {
    let ln_choose =
        |n: f64, k: f64| libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
    let (least, most) = ((first + second - n).max(0.0), first.min(second));
    let at_both = ln_choose(first, both) + ln_choose(n - first, second - both) - ln_choose(n, second);
    // Terms from the one that was seen outwards, away from the expected count.
    let upwards = both * n >= first * second;
    let (mut sum, mut term, mut k) = (1.0, 1.0, both);
    while term > 1e-17 * sum && if upwards { k < most } else { k > least } {
        if upwards {
            term *= (first - k) * (second - k) / ((k + 1.0) * (n - first - second + k + 1.0));
            k += 1.0;
        } else {
            term *= k * (n - first - second + k) / ((first - k + 1.0) * (second - k + 1.0));
            k -= 1.0;
        }
        sum += term;
    }
    (2.0 * libm::exp(at_both) * sum).min(1.0)
}

/// The correlation of the two marks, between -1 and 1; 0 where all items, or none, bear one.
pub(crate) fn correlation(n: f64, first: f64, second: f64, both: f64) -> f64 {
    let spread = sqrt(first * (n - first) * second * (n - second));
    if spread == 0.0 { 0.0 } else { (n * both - first * second) / spread }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// n, first, second, both, twice the tail, computed with 60 digits by mpmath.
    const HYPERGEOMETRIC: [(f64, f64, f64, f64, f64); 4] = [
        (20.0, 10.0, 10.0, 10.0, 1.08250882245e-5),
        (40.0, 20.0, 20.0, 2.0, 5.2958896118e-7),
        (1000.0, 500.0, 400.0, 260.0, 1.10973945634e-14),
        (1000.0, 300.0, 300.0, 90.0, 1.0),
    ];

    #[test]
    fn tails_are_exact() {
        for (n, first, second, both, expected) in HYPERGEOMETRIC {
            let p = both_tails(n, first, second, both);
            assert!((p / expected - 1.0).abs() < 1e-6, "{n} {both}: {p:e} for {expected:e}");
        }
    }
}
