//! Tail probabilities that hold for any number of samples, not in a limit.
//!
//! Each function bounds, or gives exactly, the probability under the distribution that a mean of n independent
//! values strays as far as was seen. Where a bound is not exact it is never too small.

use core::f64::consts::PI;

use crate::normal_distribution::both_tails;
use crate::scalar::sqrt;

/// Both tails of the mean of n values of a distribution whose cumulant generating function is at most that of
/// the normal distribution of its variance, z of its standard errors from the expected.
pub(super) fn sub_gaussian(z: f64) -> f64 {
    (2.0 * libm::exp(-0.5 * z * z)).min(1.0)
}

/// The distance between the empirical and the true distribution function, with the constant of
/// Massart, "The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality" (1990).
pub(super) fn kolmogorov_smirnov(n: f64, distance: f64) -> f64 {
    (2.0 * libm::exp(-2.0 * n * distance * distance)).min(1.0)
}

/// One tail: the mean of n values exceeds its expectation by `excess` > 0, each value exceeding it by
/// at most `bound`. Bennett, "Probability inequalities for the sum of independent random variables" (1962).
pub(super) fn bennett(n: f64, excess: f64, variance: f64, bound: f64) -> f64 {
    if !bound.is_finite() {
        return 1.0;
    }
    if excess > bound {
        return 0.0;
    }
    let u = bound * excess / variance;
    libm::exp(-n * variance / (bound * bound) * ((1.0 + u) * libm::log1p(u) - u))
}

/// One tail: the mean of n values is `mean` or farther out, given their cumulant generating function,
/// which is looked at between 0 and `limit`. Chernoff (1952).
pub(super) fn chernoff(n: f64, mean: f64, limit: f64, cumulant: impl Fn(f64) -> f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let rate = |theta: f64| theta * mean - cumulant(theta);
    // The rate is concave: a golden-section search finds its maximum.
    let (mut low, mut high) = (0.0, limit);
    let mut best = 0.0_f64;
    for _ in 0..100 {
        let (left, right) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
        let (at_left, at_right) = (rate(left), rate(right));
        best = best.max(at_left).max(at_right);
        if at_left < at_right {
            low = left;
        } else {
            high = right;
        }
    }
    libm::exp(-n * best)
}

/// One tail: a count of at least this, made of chances that add up to at most `expected`, whatever each of them
/// depends on. The bound of Chernoff (1952) for Poisson counts.
pub(super) fn poisson(expected: f64, count: f64) -> f64 {
    if count <= expected {
        return 1.0;
    }
    libm::exp(count - expected - count * libm::log(count / expected))
}

/// Both tails of a chi-square value with n degrees of freedom, given as a multiple of n. Exact: the
/// incomplete gamma function by its series below the mean and its continued fraction above, Abramowitz
/// and Stegun 6.5.29 and 6.5.31.
pub(super) fn chi_square(n: f64, ratio: f64) -> f64 {
    let (a, x) = (0.5 * n, 0.5 * n * ratio);
    if x == 0.0 {
        return 0.0;
    }
    if ratio == f64::INFINITY {
        return 0.0;
    }
    let density = libm::exp(ln_poisson(a, x, ratio));
    let tail = if x < a { density * gamma_series(a, x) } else { density * a * gamma_fraction(a, x) };
    (2.0 * tail.min(1.0 - tail)).max(0.0)
}

/// Both tails of a value of mean 0, variance 1 and this skewness, by Pearson's distribution of type III: a
/// chi-square value, moved and scaled. On the side of the shorter tail, where that one ends, the normal
/// one.
pub(super) fn pearson(z: f64, skewness: f64) -> f64 {
    let outwards = z * skewness.signum();
    if outwards <= 0.0 || skewness.abs() < 1e-6 {
        return both_tails(z);
    }
    let freedom = 8.0 / (skewness * skewness);
    chi_square(freedom, 1.0 + outwards * sqrt(2.0 / freedom))
}

/// One tail: at least `count` of n with this chance each. Exact, for counts above n times the chance: the sum of the
/// terms, each a fraction of the one before.
pub(super) fn binomial(n: f64, chance: f64, count: f64) -> f64 {
    if count <= n * chance {
        return 1.0;
    }
    let ln_ways = libm::lgamma(n + 1.0) - libm::lgamma(count + 1.0) - libm::lgamma(n - count + 1.0);
    let rest = if count < n { (n - count) * libm::log1p(-chance) } else { 0.0 };
    let first = libm::exp(ln_ways + count * libm::log(chance) + rest);
    let (mut sum, mut term, mut k) = (1.0, 1.0, count);
    while k < n && term > 1e-17 * sum {
        term *= (n - k) / (k + 1.0) * chance / (1.0 - chance);
        sum += term;
        k += 1.0;
    }
    first * sum
}

/// ln(x^a e^-x / gamma(a + 1)), x = `ratio` a, without the cancellation of large terms.
fn ln_poisson(a: f64, x: f64, ratio: f64) -> f64 {
    if a < 10.0 {
        return a * libm::log(x) - x - libm::lgamma(a + 1.0);
    }
    let away = ratio - 1.0;
    let ln_ratio = if away.abs() < 0.5 { libm::log1p(away) } else { libm::log(ratio) };
    let stirling = 1.0 / (12.0 * a) - 1.0 / (360.0 * a * a * a) + 1.0 / (1260.0 * libm::pow(a, 5.0));
    a * (ln_ratio - away) - 0.5 * libm::log(2.0 * PI * a) - stirling
}

/// The lower incomplete gamma function over x^a e^-x / a, for x < a.
fn gamma_series(a: f64, x: f64) -> f64 {
    let (mut sum, mut term, mut k) = (1.0, 1.0, a);
    while term > 1e-17 * sum {
        k += 1.0;
        term *= x / k;
        sum += term;
    }
    sum
}

/// The upper incomplete gamma function over x^a e^-x, for x >= a; evaluated by the method of Lentz.
fn gamma_fraction(a: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let nonzero = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1.0 / TINY, 1.0 / nonzero(b));
    let mut fraction = d;
    // Near the mean about sqrt(a) steps are needed.
    for i in 1..1_000_000 {
        let i = f64::from(i);
        let numerator = -i * (i - a);
        b += 2.0;
        d = 1.0 / nonzero(numerator * d + b);
        c = nonzero(b + numerator / c);
        let factor = d * c;
        fraction *= factor;
        if (factor - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    /// n, ratio, 2 min(P, Q), computed with 60 digits by mpmath.
    const CHI_SQUARE: [(f64, f64, f64); 10] = [
        (1.0, 1e-20, 1.59576912161e-10),
        (1.0, 40.0, 5.07925717894e-10),
        (7.0, 8.5, 3.79905197182e-10),
        (30.0, 0.05, 1.01278557356e-14),
        (100.0, 2.2, 1.05549371697e-10),
        (10000.0, 1.095, 7.00580479437e-11),
        (10000.0, 0.913, 2.37151489333e-10),
        (1000000.0, 0.991, 1.74013000211e-10),
        (1000000.0, 1.0092, 8.81393328241e-11),
        (1000000.0, 1.0001, 0.943254720095),
    ];

    #[test]
    fn chi_square_is_exact_far_out() {
        for (n, ratio, expected) in CHI_SQUARE {
            let p = chi_square(n, ratio);
            assert!((p / expected - 1.0).abs() < 1e-6, "{n} {ratio}: {p:e} for {expected:e}");
        }
    }

    /// n, chance, count, P(at least as many), computed with exact fractions by Python.
    const BINOMIAL: [(f64, f64, f64, f64); 6] = [
        (9.0, 0.1, 9.0, 1e-9),
        (20.0, 0.1, 14.0, 2.1546783532e-10),
        (20.0, 0.1, 3.0, 0.32307319481053),
        (1000.0, 0.1, 160.0, 2.613061290501e-9),
        (100000.0, 0.1, 10600.0, 1.852697256937e-10),
        (50.0, 0.5, 50.0, 8.881784197001e-16),
    ];

    #[test]
    fn binomial_is_exact_far_out() {
        for (n, chance, count, expected) in BINOMIAL {
            let p = binomial(n, chance, count);
            assert!((p / expected - 1.0).abs() < 1e-9, "{n} {chance} {count}: {p:e} for {expected:e}");
        }
        assert_eq!(binomial(20.0, 0.1, 2.0), 1.0, "as many as are expected");
    }

    /// z, skewness, twice the tail, computed by scipy.
    const PEARSON: [(f64, f64, f64); 4] = [
        (6.0, 0.3, 1.3163310659747184e-6),
        (6.0, 0.05, 9.92386757269057e-9),
        (3.0, 1.0, 0.020672101351851453),
        (-5.0, -0.2, 1.1849080670967832e-5),
    ];

    #[test]
    fn pearson_leans_to_the_longer_tail() {
        for (z, skewness, expected) in PEARSON {
            let p = pearson(z, skewness);
            assert!((p / expected - 1.0).abs() < 1e-9, "{z} {skewness}: {p:e} for {expected:e}");
            assert_eq!(pearson(-z, skewness), both_tails(z), "the shorter one");
        }
        assert_eq!(pearson(2.0, 0.0), both_tails(2.0));
        assert!((pearson(6.0, 1e-4) / both_tails(6.0) - 1.0).abs() < 0.01);
    }

    /// What is a bound is one: of chi-square values, by the exact distribution.
    #[test]
    fn bounds_bound() {
        for n in [1.0, 10.0, 1e3, 1e6] {
            for z in [-3.0, -1.0, 1.0, 5.0, 7.0] {
                let ratio = 1.0 + z * sqrt(2.0 / n);
                if ratio <= 0.0 {
                    continue;
                }
                let exact = chi_square(n, ratio) / 2.0;
                let cumulant = |t: f64| -0.5 * libm::log1p(-2.0 * t * z.signum());
                let bound =
                    chernoff(n, ratio * z.signum(), if z > 0.0 { 0.499_999 } else { 100.0 }, cumulant);
                assert!(exact <= bound && bound < 40.0 * exact + 1e-300, "{n} {z}: {exact:e} {bound:e}");
            }
        }
    }

    /// Counts: no bound is below the exact tail, and none is far above it where it matters.
    #[test]
    fn bounds_of_counts_bound() {
        for (n, chance) in [(20, 0.01), (20, 0.3), (300, 1e-4), (1000, 0.02)] {
            let expected = f64::from(n) * chance;
            let ln_factorial = |k: i32| libm::lgamma(f64::from(k) + 1.0);
            let (mut above, mut above_poisson) = (0.0, 0.0);
            for count in (1..=n).rev() {
                let k = f64::from(count);
                let choices = ln_factorial(n) - ln_factorial(count) - ln_factorial(n - count);
                above +=
                    libm::exp(choices + k * libm::log(chance) + f64::from(n - count) * libm::log1p(-chance));
                above_poisson += libm::exp(k * libm::log(expected) - expected - ln_factorial(count));
                let bound = binomial(f64::from(n), chance, k);
                assert!(above <= bound * 1.000_001, "{n} {chance} {count}: {above:e} {bound:e}");
                assert!(
                    count == n || bound < 100.0 * above + 1e-300,
                    "{n} {chance} {count}: {above:e} {bound:e}"
                );
                let bound = poisson(expected, k);
                assert!(
                    above_poisson <= bound * 1.000_001,
                    "{expected} {count}: {above_poisson:e} {bound:e}"
                );
            }
        }
    }
}
