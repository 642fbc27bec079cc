//! Quadrature: expectations over one and two normal variables, and the rule for one panel.

use alloc::vec::Vec;

use crate::normal_distribution::density;

/// Error allowed in one panel, relative to E|f|, for functions that are evaluated to the last bits.
pub(crate) const EXACT: f64 = 1e-13;

/// A variance as good as 0, at which limits are taken: what is left of the next term in z is below 1e-12.
pub(crate) const SMALLEST_VARIANCE: f64 = 1e-24;

/// Standard deviations at which the integral ends. The density there is 1e-298, so that even
/// functions that grow like exp(20 g) have their whole mass inside.
const REACH: f64 = 37.0;

/// Edges of the first panels on either side, in standard deviations.
const EDGES: [f64; 6] = [2.0, 4.0, 6.0, 9.0, 16.0, REACH];

/// A panel is halved at most this often: a jump that no kink announces has then shrunk to 2^-50.
const MAX_DEPTH: u32 = 50;

/// No integral takes more panels than this; one that would is not a number.
const MAX_PANELS: u32 = 1 << 16;

/// Nodes and weights of the 16-point Gauss-Legendre rule on (-1, 1), the positive half.
const NODES: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_6),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_73),
    (0.755_404_408_355_003, 0.124_628_971_255_533_87),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_89),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_095),
];

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
    let deviation = libm::sqrt(q);
    let weighted = |g: f64| f(deviation * g) * density(g);

    let edges = edges(deviation, kinks);
    let mut scale = 0.0;
    let firsts: Vec<f64> = edges
        .windows(2)
        .map(|edge| {
            panel(edge[0], edge[1], |g| {
                let value = weighted(g);
                (value, value.abs())
            })
        })
        .map(|(value, magnitude)| {
            scale += magnitude;
            value
        })
        .collect();
    if scale == 0.0 {
        return 0.0;
    }
    let cut_off = weighted(-REACH).abs() + weighted(REACH).abs();
    // Negated, so that NaN is caught as well.
    if !(scale.is_finite() && cut_off <= EXACT * scale) {
        return f64::NAN;
    }

    let mut panels = 0;
    let mut sum = 0.0;
    for (edge, &whole) in edges.windows(2).zip(&firsts) {
        let mut waiting = Vec::from([(edge[0], edge[1], whole, MAX_DEPTH)]);
        while let Some((low, high, whole, depth)) = waiting.pop() {
            panels += 1;
            let middle = 0.5 * (low + high);
            let left = panel(low, middle, |g| (weighted(g), 0.0)).0;
            let right = panel(middle, high, |g| (weighted(g), 0.0)).0;
            let difference = (left + right - whole).abs();
            if difference <= tolerance * scale {
                sum += left + right;
            } else if depth == 0 || panels >= MAX_PANELS || difference.is_nan() {
                return f64::NAN;
            } else {
                waiting.push((middle, high, right, depth - 1));
                waiting.push((low, middle, left, depth - 1));
            }
        }
    }
    sum
}

/// Where the first panels end. A function with features of size 1 shows them at z = sqrt(q) g of
/// order 1: beside the edges in g there are some at z = +-1, 2, 4, 8, ..
fn edges(deviation: f64, kinks: &[f64]) -> Vec<f64> {
    let octaves =
        core::iter::successors(Some(1.0 / deviation), |edge| Some(2.0 * edge)).take_while(|&edge| edge < 1.0);
    let mut edges: Vec<f64> =
        EDGES.into_iter().chain(octaves).flat_map(|edge| [-edge, edge]).chain([0.0]).collect();
    edges.extend(kinks.iter().map(|kink| kink / deviation).filter(|kink| kink.abs() < REACH));
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    edges
}

/// E combine(f(z1), f(z2)), where z1 and z2 are normal with mean 0, variance `q`, correlation `c`.
///
/// Product of two composite rules: an outer one over z1 and, for each of its nodes, an inner one over
/// z2 given z1, each split at the kinks. Not adaptive: made for functions whose features are at z = 0
/// and of size 1 or at the kinks, to 1e-10. NaN where the tails do not die out.
pub(crate) fn bivariate(
    q: f64,
    c: f64,
    kinks: &[f64],
    f: impl Fn(f64) -> f64,
    combine: impl Fn(f64, f64) -> f64,
) -> f64 {
    let deviation = libm::sqrt(q);
    if c.abs() >= 1.0 {
        let folded: Vec<f64> = kinks.iter().flat_map(|&kink| [-kink, kink]).collect();
        return expectation(q, &folded, COARSE, |z| combine(f(z), f(c.signum() * z)));
    }
    let conditional = libm::sqrt((1.0 - c) * (1.0 + c));
    // The expectation over z2, given z1 = deviation g.
    let given = |g: f64| {
        let first = f(deviation * g);
        let (mean, spread) = (deviation * c * g, deviation * conditional);
        let weighted = |g: f64| combine(first, f(mean + spread * g)) * density(g);
        graded(kinks.iter().map(|kink| (kink - mean) / spread), &[(-mean / spread, 1.0 / spread)])
            .windows(2)
            .map(|edge| panel(edge[0], edge[1], |g| (weighted(g), 0.0)).0)
            .sum::<f64>()
    };
    // Averaged over z2 a kink is a bend as wide as the conditional deviation.
    let bends = kinks.iter().map(|kink| (kink / (deviation * c), conditional / c.abs()));
    let features: Vec<(f64, f64)> = bends.chain([(0.0, 1.0 / deviation)]).collect();
    let (mut sum, mut magnitude) = (0.0, 0.0);
    for edge in graded(kinks.iter().map(|kink| kink / deviation), &features).windows(2) {
        let (value, size) = panel(edge[0], edge[1], |g| {
            let value = given(g) * density(g);
            (value, value.abs())
        });
        sum += value;
        magnitude += size;
    }
    let cut_off: f64 = [-GRADED_REACH, GRADED_REACH].map(|g| (given(g) * density(g)).abs()).iter().sum();
    if cut_off <= COARSE * magnitude { sum } else { f64::NAN }
}

/// What [`bivariate`] may cut off.
const COARSE: f64 = 1e-11;

/// Standard deviations at which [`bivariate`] ends: the density there is 1e-18.
const GRADED_REACH: f64 = 9.0;

/// Panel edges over the normal distribution that hold all kinks and close in on features (position, size):
/// a panel is at most 3 sizes wide, and wider by its distance. tanh has its poles at a distance of
/// pi/2 from 0, so 16 points on a panel of half-width 1.5 err by (2.5)^-32 = 2e-13.
fn graded(kinks: impl Iterator<Item = f64>, features: &[(f64, f64)]) -> Vec<f64> {
    let mut fixed = Vec::from([-GRADED_REACH, -6.0, -3.0, 0.0, 3.0, 6.0, GRADED_REACH]);
    fixed.extend(kinks.filter(|kink| kink.abs() < GRADED_REACH));
    fixed.sort_by(f64::total_cmp);
    let widest = |low: f64, high: f64| {
        let room = |&(position, size): &(f64, f64)| {
            let distance = (low - position).max(position - high).max(0.0);
            3.0 * size + distance
        };
        features.iter().map(room).fold(3.0, f64::min)
    };
    let mut edges = Vec::from([-GRADED_REACH]);
    let mut low = -GRADED_REACH;
    for end in fixed {
        let mut ends = Vec::from([end]);
        while let Some(&high) = ends.last() {
            let middle = 0.5 * (low + high);
            if high - low > widest(low, high) && low < middle && middle < high {
                ends.push(middle);
            } else {
                edges.push(high);
                low = high;
                ends.pop();
            }
        }
    }
    edges.dedup();
    edges
}

/// The integral of two functions at once over one panel.
pub(crate) fn panel(low: f64, high: f64, f: impl Fn(f64) -> (f64, f64)) -> (f64, f64) {
    let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
    let (mut first, mut second) = (0.0, 0.0);
    for (node, weight) in NODES {
        let (a, b) = (f(middle - half * node), f(middle + half * node));
        first += weight * (a.0 + b.0);
        second += weight * (a.1 + b.1);
    }
    (half * first, half * second)
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
            close(expectation(q, &[], EXACT, f64::abs), libm::sqrt(2.0 * q / core::f64::consts::PI), 1e-13);
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
    }

    #[test]
    fn two_correlated_normals() {
        use core::f64::consts::{PI, TAU};
        for c in [-1.0, -0.9, 0.0, 0.3, 0.99, 1.0 - 1e-8, 1.0] {
            for q in [1e-3, 1.0, 50.0] {
                let value = |kinks: &[f64], f: fn(f64) -> f64| bivariate(q, c, kinks, f, |a, b| a * b);
                let tolerance = 1e-10;
                assert!((value(&[], |z| z) - q * c).abs() < tolerance * q);
                // Arc-cosine kernel of degree 1 (Cho & Saul 2009, eq. 6).
                let relu = q / TAU * (libm::sqrt(1.0 - c * c) + c * (PI - libm::acos(c)));
                assert!((value(&[0.0], |z| z.max(0.0)) - relu).abs() < tolerance * q, "relu {q} {c}");
                let step = (PI - libm::acos(c)) / TAU;
                assert!((value(&[0.0], |z| f64::from(z > 0.0)) - step).abs() < tolerance, "step {q} {c}");
                // Arcsine kernel (Williams 1997, eq. 11).
                let arcsine = core::f64::consts::FRAC_2_PI * libm::asin(2.0 * q * c / (1.0 + 2.0 * q));
                assert!((value(&[], libm::erf) - arcsine).abs() < tolerance, "erf {q} {c}");
            }
        }
        assert!(bivariate(40.0, 0.5, &[], libm::exp, |a, b| a * b).is_nan(), "its mass is beyond the reach");
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
