//! Expectations over one normal variable.

use alloc::vec::Vec;

use super::adaptive::refine;
use super::{EXACT, panel};
use crate::normal_distribution::density;
use crate::scalar::sqrt;

/// Standard deviations at which the integral ends. The density there is 1e-298, so that even
/// functions that grow like exp(20 g) have their whole mass inside.
const REACH: f64 = 37.0;

/// Edges of the first panels on either side, in standard deviations.
const EDGES: [f64; 6] = [2.0, 4.0, 6.0, 9.0, 16.0, REACH];

/// E f(sqrt(q) g), g ~ N(0, 1), or NaN where it is not finite, f returns NaN, or the tolerance
/// cannot be met.
///
/// Panels end at the kinks (places, in units of f's argument, where f or a derivative jumps) and
/// are halved until 16 points and twice 16 points agree, so that a kink nobody told of costs time
/// and not accuracy. `tolerance` is relative to E|f|.
pub(crate) fn expectation(q: f64, kinks: &[f64], tolerance: f64, f: impl Fn(f64) -> f64) -> f64 {
    if q == 0.0 {
        return f(0.0);
    }
    if !(q > 0.0 && q.is_finite()) {
        return f64::NAN;
    }
    let deviation = sqrt(q);
    let weighted = |g: f64| f(deviation * g) * density(g);
    let edges = edges(deviation, kinks, &EDGES);
    let magnitude = |edge: &[f64]| panel(edge[0], edge[1], |g| (weighted(g).abs(), 0.0)).0;
    let scale: f64 = edges.windows(2).map(magnitude).sum();
    if scale == 0.0 {
        return 0.0;
    }
    let cut_off = weighted(-REACH).abs() + weighted(REACH).abs();
    // Negated, so that NaN is caught as well.
    if !(scale.is_finite() && cut_off <= EXACT * scale) {
        return f64::NAN;
    }
    let mut sum = 0.0;
    let refined =
        refine(&edges, (tolerance * scale, 0.0), |g| (weighted(g), 0.0), |panel| sum += panel.integrals.0);
    if refined.is_some() { sum } else { f64::NAN }
}

/// Where the first panels end, in standard deviations: at these `ends` on either side and at the kinks. A function
/// with features of size 1 shows them at z = sqrt(q) g of order 1: there are edges at z = +-1, 2, 4, 8, .., too.
pub(super) fn edges(deviation: f64, kinks: &[f64], ends: &[f64]) -> Vec<f64> {
    let reach = ends.iter().copied().fold(0.0, f64::max);
    let octaves =
        core::iter::successors(Some(1.0 / deviation), |edge| Some(2.0 * edge)).take_while(|&edge| edge < 1.0);
    let mut edges: Vec<f64> =
        ends.iter().copied().chain(octaves).flat_map(|edge| [-edge, edge]).chain([0.0]).collect();
    edges.extend(kinks.iter().map(|kink| kink / deviation).filter(|kink| kink.abs() < reach));
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64, relative: f64) {
        assert!((value - expected).abs() <= relative * expected.abs(), "{value} is not {expected}");
    }

    #[test]
    fn moments_of_the_normal_distribution() {
        for q in [1e-12, 1e-3, 1.0, 30.0, 1e6] {
            close(expectation(q, &[], EXACT, |_| 1.0), 1.0, 1e-13);
            close(expectation(q, &[], EXACT, |z| z * z), q, 1e-13);
            close(expectation(q, &[0.0], EXACT, |z| z.max(0.0).powi(2)), q / 2.0, 1e-13);
            close(expectation(q, &[], EXACT, |z| z.powi(4)), 3.0 * q * q, 1e-13);
            close(expectation(q, &[], EXACT, f64::abs), sqrt(2.0 * q / core::f64::consts::PI), 1e-13);
            // Both sides of E erf^2 are smooth on the scale of z, not of g.
            let arcsine = core::f64::consts::FRAC_2_PI * libm::asin(2.0 * q / (1.0 + 2.0 * q));
            close(expectation(q, &[], EXACT, |z| libm::erf(z).powi(2)), arcsine, 1e-12);
            close(expectation(q, &[], EXACT, |z| libm::sin(z).powi(2)), -0.5 * libm::expm1(-2.0 * q), 1e-12);
        }
        close(expectation(25.0, &[], EXACT, |z| libm::exp(2.0 * z)), libm::exp(50.0), 1e-12);
    }

    #[test]
    fn a_jump_is_found_whether_told_of_or_not() {
        // P(g > 0.3) from an independent table of the normal distribution.
        let above = 0.382_088_577_811_047_3;
        let step = |z: f64| f64::from(z > 0.3);
        close(expectation(1.0, &[0.3], EXACT, step), above, 1e-13);
        close(expectation(1.0, &[], EXACT, step), above, 1e-12);
        // Many of them: E floor(z)^2 = E z^2 - E z^2 mod 1 .. = q + 1/3 for all but small q (Poisson summation).
        close(expectation(100.0, &[], EXACT, |z| z.floor().powi(2)), 100.0 + 1.0 / 3.0, 1e-12);
    }

    #[test]
    fn what_is_no_number_says_so() {
        assert!(expectation(1.0, &[], EXACT, |_| f64::NAN).is_nan());
        assert!(expectation(1.0, &[], EXACT, |z| libm::exp(z * z)).is_nan(), "diverges");
        assert!(expectation(1.0, &[], EXACT, |z| libm::exp(0.5 * z * z)).is_nan(), "diverges slowly");
        assert!(expectation(1.0, &[], EXACT, |z| 1.0 / z.abs()).is_nan(), "a pole at 0");
        assert!(expectation(1.0, &[], EXACT, |z| libm::sin(1e9 * z)).is_nan(), "cannot be resolved");
        for q in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(expectation(q, &[], EXACT, |z| z).is_nan());
        }
        assert_eq!(expectation(1.0, &[], EXACT, |_| 0.0), 0.0);
        assert_eq!(expectation(0.0, &[], EXACT, |z| z + 2.0), 2.0);
    }
}
