//! Expectations over two correlated normal variables.

use alloc::vec::Vec;

use super::panel;
use super::resolution::{REACH, Resolution};
use crate::normal_distribution::density;
use crate::scalar::sqrt;

/// What may be cut off at the reach.
const COARSE: f64 = 1e-11;

/// The widest panel over a normal variable, in standard deviations: 16 points integrate the density over it.
const WIDEST: f64 = 3.0;

/// Correlations above this leave features where they are, as far as their width goes: within 9 standard deviations
/// they are moved by less than the conditional deviation.
const CLOSE: f64 = 0.98;

/// E combine(f(z1), f(z2), g, w), where z1 = sqrt(q) g and z2 = sqrt(q) (c g + sqrt(1 - c^2) w) are normal with
/// variance q and correlation c, |c| < 1; g and w are independent and N(0, 1).
///
/// Product of two composite rules: an outer one over g and, for each of its nodes, an inner one over w, each on the
/// panels of the resolution of f. To 1e-10. NaN where the tails do not die out.
pub(crate) fn bivariate(
    c: f64,
    resolution: &Resolution,
    f: impl Fn(f64) -> f64,
    combine: impl Fn(f64, f64, f64, f64) -> f64,
) -> f64 {
    let Resolution { deviation, ref edges, ref kinks, .. } = *resolution;
    let conditional = sqrt((1.0 - c) * (1.0 + c));
    // The expectation over z2, given z1 = deviation g, of the function and of its magnitude.
    let given = |g: f64| {
        let (first, mean) = (f(deviation * g), c * g);
        let value = |w: f64| {
            let value = combine(first, f(deviation * (mean + conditional * w)), g, w) * density(w);
            (value, value.abs())
        };
        let panels = graded(edges.iter().map(|edge| (edge - mean) / conditional), &[]);
        let sums = panels.windows(2).map(|edge| panel(edge[0], edge[1], value));
        sums.fold((0.0, 0.0), |(sum, magnitude), (value, size)| (sum + value, magnitude + size))
    };
    // Averaged over z2 a kink is a bend as wide as the conditional deviation, and every feature appears where z2 has it
    // on average.
    let bends: Vec<(f64, f64)> = kinks.iter().map(|kink| (kink / c, conditional / c.abs())).collect();
    let moved = edges.iter().map(|edge| edge / c).filter(|_| c.abs() < CLOSE);
    let (mut sum, mut magnitude) = (0.0, 0.0);
    for edge in graded(edges.iter().copied().chain(moved), &bends).windows(2) {
        let (value, size) = panel(edge[0], edge[1], |g| {
            let (value, size) = given(g);
            (value * density(g), size * density(g))
        });
        sum += value;
        magnitude += size;
    }
    let cut_off: f64 = [-REACH, REACH].map(|g| given(g).1 * density(g)).iter().sum();
    if cut_off <= COARSE * magnitude { sum } else { f64::NAN }
}

/// Panel edges over the normal distribution that hold all of these and close in on bends (position, size): a panel is
/// at most 3 sizes wide, and wider by its distance.
fn graded(edges: impl Iterator<Item = f64>, bends: &[(f64, f64)]) -> Vec<f64> {
    let mut fixed = Vec::from([-6.0, -3.0, 0.0, 3.0, 6.0, REACH]);
    fixed.extend(edges.filter(|edge| edge.abs() < REACH));
    fixed.sort_by(f64::total_cmp);
    let widest = |low: f64, high: f64| {
        let room = |&(position, size): &(f64, f64)| {
            let distance = (low - position).max(position - high).max(0.0);
            WIDEST * size + distance
        };
        bends.iter().filter(|bend| bend.0.is_finite()).map(room).fold(WIDEST, f64::min)
    };
    let mut edges = Vec::from([-REACH]);
    let mut low = -REACH;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_correlated_normals() {
        use core::f64::consts::{FRAC_2_PI, PI, TAU};
        for c in [-0.9, 0.0, 0.3, 0.99, 1.0 - 1e-8] {
            for q in [1e-3, 1.0, 50.0] {
                // Told of its kinks or not.
                let value = |kinks: &[f64], f: fn(f64) -> f64| {
                    bivariate(c, &Resolution::new(q, kinks, f).unwrap(), f, |a, b, _, _| a * b)
                };
                let tolerance = 1e-10;
                assert!((value(&[], |z| z) - q * c).abs() < tolerance * q);
                // Arc-cosine kernel of degree 1 (Cho & Saul 2009, eq. 6), moved by a place that is no edge.
                let relu = q / TAU * (sqrt(1.0 - c * c) + c * (PI - libm::acos(c)));
                assert!((value(&[0.0], |z| z.max(0.0)) - relu).abs() < tolerance * q, "relu {q} {c}");
                let step = (PI - libm::acos(c)) / TAU;
                assert!((value(&[0.0], |z| f64::from(z > 0.0)) - step).abs() < tolerance, "step {q} {c}");
                let untold = value(&[], |z| f64::from(z > 0.0));
                assert!((untold - step).abs() < tolerance, "step {q} {c}: {untold} {step}");
                // Arcsine kernel (Williams 1997, eq. 11).
                let arcsine = FRAC_2_PI * libm::asin(2.0 * q * c / (1.0 + 2.0 * q));
                assert!((value(&[], libm::erf) - arcsine).abs() < tolerance, "erf {q} {c}");
                let steep = 1e4 * q;
                let arcsine = FRAC_2_PI * libm::asin(2.0 * steep * c / (1.0 + 2.0 * steep));
                let value = value(&[], |z| libm::erf(100.0 * z));
                assert!((value - arcsine).abs() < tolerance, "steep erf {q} {c} {value} {arcsine}");
            }
        }
        let exp = Resolution::new(40.0, &[], libm::exp).unwrap();
        assert!(bivariate(0.5, &exp, libm::exp, |a, b, _, _| a * b).is_nan(), "its mass is beyond the reach");
    }

    #[test]
    fn a_kink_that_nobody_told_of() {
        let f = |z: f64| (z - 0.7).abs();
        for c in [0.3, 0.99, 1.0 - 1e-8] {
            let value = |kinks: &[f64]| {
                bivariate(c, &Resolution::new(2.0, kinks, f).unwrap(), f, |a, b, _, _| {
                    0.5 * (a - b) * (a - b)
                })
            };
            assert!((value(&[0.7]) / value(&[]) - 1.0).abs() < 1e-7, "{c}: {} {}", value(&[0.7]), value(&[]));
        }
    }
}
