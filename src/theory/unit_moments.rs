//! `UnitMoments`: the moments of one unit that sums over a layer of many units are made of.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::activation::Activation;
use crate::quadrature::Resolution;
use crate::scalar::sqrt;

/// The distance of nodes in ln v, between which moments are interpolated to a few parts in a million.
const STEP: f64 = 0.125;

/// ln v of the first node; below it, moments are those of this one.
const FIRST: f64 = -60.0;

/// The number of nodes, up to ln v = 100, a little more than [`LARGEST`].
const NODES: usize = 1_280;

/// The largest v: beyond it, activations have long become what they tend to, and the sixth power of z^2 is still a
/// number.
pub(super) const LARGEST: f64 = 1e40;

/// E phi^2, phi^4, phi^6, phi'^2, phi'^4, phi'^6, phi^2 phi'^2, phi^4 phi'^2, phi^2 phi'^4, phi phi' z, phi^3 phi' z,
/// phi phi'^3 z, phi'^2 z^2.
const COUNT: usize = 13;

/// The moments of one unit, z ~ N(0, v), as a function of v.
pub(super) struct UnitMoments<'a> {
    activation: &'a Activation,
    nodes: Vec<Option<Box<[f64; COUNT]>>>,
}

/// The distribution of the sums over n units that a layer passes on; g ~ N(0, 1) is independent of z.
#[derive(Clone, Copy, Debug)]
pub(super) struct SumsLaw {
    /// E phi^2, E phi'^2, E phi^2 phi'^2, E phi phi' z.
    pub(super) forward: f64,
    pub(super) backward: f64,
    product: f64,
    pull: f64,
    /// Standard deviation and skewness of phi^2 and of phi'^2 g^2, one unit each, and their correlation.
    forward_spread: (f64, f64),
    backward_spread: (f64, f64),
    correlation: f64,
    /// By how much phi^2 phi'^2 and phi phi' z are expected to be larger where phi^2 and phi'^2 g^2 are.
    of_product: (f64, f64),
    of_pull: (f64, f64),
    /// The lower triangle of the root of the covariance of phi g, phi'^2 phi g and phi' z g.
    odd: [f64; 6],
}

impl<'a> UnitMoments<'a> {
    pub(super) fn new(activation: &'a Activation) -> Self {
        Self { activation, nodes: (0..NODES).map(|_| None).collect() }
    }

    pub(super) const fn activation(&self) -> &'a Activation {
        self.activation
    }

    /// Interpolated by the cubic through four nodes. NaN where a moment is not finite or the activation cannot be
    /// resolved.
    pub(super) fn at(&mut self, v: f64) -> SumsLaw {
        if v.is_nan() {
            return SumsLaw::new([f64::NAN; COUNT]);
        }
        let place = ((libm::log(v.min(LARGEST)) - FIRST) / STEP).clamp(1.0, (NODES - 3) as f64);
        let (index, t) = (place as usize, place - libm::floor(place));
        let weights = [
            -t * (t - 1.0) * (t - 2.0) / 6.0,
            (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0,
            -(t + 1.0) * t * (t - 2.0) / 2.0,
            (t + 1.0) * t * (t - 1.0) / 6.0,
        ];
        let mut moments = [0.0; COUNT];
        for (i, weight) in weights.into_iter().enumerate() {
            let node = self.node(index + i - 1);
            if node.iter().any(|moment| !moment.is_finite()) {
                return SumsLaw::new([f64::NAN; COUNT]);
            }
            moments.iter_mut().zip(node).for_each(|(moment, node)| *moment += weight * node);
        }
        SumsLaw::new(moments)
    }

    fn node(&mut self, index: usize) -> &[f64; COUNT] {
        let activation = self.activation;
        self.nodes[index].get_or_insert_with(|| {
            let v = libm::exp(FIRST + STEP * index as f64);
            let resolution = Resolution::new(v, activation.kinks(), |z| activation.phi(z));
            let moments = resolution.map(|resolution| {
                resolution.expectations(|z| {
                    let (phi, slope) = (activation.phi(z), activation.derivative(z));
                    let (a, b, c) = (phi * phi, slope * slope, phi * slope * z);
                    [
                        a,
                        a * a,
                        a * a * a,
                        b,
                        b * b,
                        b * b * b,
                        a * b,
                        a * a * b,
                        a * b * b,
                        c,
                        a * c,
                        b * c,
                        b * z * z,
                    ]
                })
            });
            Box::new(moments.unwrap_or([f64::NAN; COUNT]))
        })
    }
}

/// One draw of the sums over n units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sums {
    /// phi'^2 g^2.
    pub(super) across: f64,
    /// phi^2 phi'^2.
    pub(super) along: f64,
    /// phi phi'^2 g.
    pub(super) mixed: f64,
    /// phi g.
    pub(super) h_dot_g: f64,
    /// phi' z g and phi phi' z.
    pub(super) pull_across: f64,
    pub(super) pull_along: f64,
}

impl SumsLaw {
    fn new([a, a2, a3, b, b2, b3, ab, aab, abb, c, ac, bc, bzz]: [f64; COUNT]) -> Self {
        // Of a unit's x = phi^2 and y = phi'^2 g^2, with E g^4 = 3 and E g^6 = 15.
        let spread = |first: f64, second: f64, third: f64| {
            let variance = (second - first * first).max(0.0);
            let cube = third - 3.0 * first * second + 2.0 * first * first * first;
            let std_dev = sqrt(variance);
            (std_dev, if variance > 0.0 { cube / (variance * std_dev) } else { 0.0 })
        };
        let over = |value: f64, by: f64| if by > 0.0 { value / by } else { 0.0 };
        let (forward_spread, backward_spread) = (spread(a, a2, a3), spread(b, 3.0 * b2, 15.0 * b3));
        let (x, y) = (forward_spread.0, backward_spread.0);
        let correlation = over(ab - a * b, x * y).clamp(-1.0, 1.0);
        // Regression of a unit's w on x and y by its covariances with them.
        let regression = |with_x: f64, with_y: f64| {
            let (by_x, by_y) = (over(with_x, x), over(with_y, y));
            let rest = 1.0 - correlation * correlation;
            (over(over(by_x - correlation * by_y, rest), x), over(over(by_y - correlation * by_x, rest), y))
        };
        let root = |square: f64| sqrt(square.max(0.0));
        let first = root(a);
        let (second, third) = (over(ab, first), over(c, first));
        let rest = root(abb - second * second);
        let mixed = over(bc - second * third, rest);
        let last = root(bzz - third * third - mixed * mixed);
        Self {
            forward: a,
            backward: b,
            product: ab,
            pull: c,
            forward_spread,
            backward_spread,
            correlation,
            of_product: regression(aab - a * ab, abb - b * ab),
            of_pull: regression(ac - a * c, bc - b * c),
            odd: [first, second, rest, third, mixed, last],
        }
    }

    /// The variance of the mean of n units over its squared expectation, the larger one of phi^2 and phi'^2 g^2.
    pub(super) fn relative_variance(&self, n: f64) -> f64 {
        let relative = |(std_dev, _): (f64, f64), mean: f64| (std_dev / mean) * (std_dev / mean) / n;
        relative(self.forward_spread, self.forward).max(relative(self.backward_spread, self.backward))
    }

    /// A draw of the sum of phi^2 over n units, by a standard normal variable.
    pub(super) fn draw_forward(&self, n: f64, g: f64) -> f64 {
        n * skewed(self.forward, self.forward_spread, n, g)
    }

    /// A draw of the others, given that of phi^2 and the variable that it was drawn by.
    pub(super) fn draw_backward(&self, n: f64, square: f64, of_square: f64, g: &[f64]) -> Sums {
        let x = square - n * self.forward;
        // The part of phi'^2 g^2 that lies along phi has a square of its own.
        let along_h = if self.forward > 0.0 { self.product / self.forward } else { 0.0 };
        let (std_dev, skewness) = self.backward_spread;
        let left = std_dev * std_dev - 2.0 * along_h * along_h / n;
        let spread = (sqrt(left.max(0.0)), skewness);
        let rest = sqrt((1.0 - self.correlation) * (1.0 + self.correlation));
        let by = self.correlation * of_square + rest * g[0];
        let across = (n * skewed(self.backward, spread, n, by) + along_h * (g[1] * g[1] - 1.0))
            .max(LEAST * n * self.backward);
        let y = across - n * self.backward;
        let expected = |mean: f64, (by_x, by_y): (f64, f64)| n * mean + by_x * x + by_y * y;
        let [a, b, c, d, e, f] = self.odd;
        // Given z, phi g has the variance of this draw's phi^2.
        let root = sqrt(if self.forward > 0.0 { square / self.forward } else { 0.0 });
        Sums {
            across,
            along: expected(self.product, self.of_product).max(0.0),
            h_dot_g: root * a * g[1],
            mixed: root * (b * g[1] + c * g[2]),
            pull_across: root * (d * g[1] + e * g[2] + f * g[3]),
            pull_along: expected(self.pull, self.of_pull),
        }
    }
}

/// The mean of n values of this mean, standard deviation and skewness, as a cubed normal variable (Wilson & Hilferty
/// 1931), moved and scaled: of the right three moments, and exact for chi-square values.
fn skewed(mean: f64, (std_dev, skewness): (f64, f64), n: f64, g: f64) -> f64 {
    let root = sqrt(n);
    let skewness = skewness / root;
    let value = if skewness.abs() < SYMMETRIC {
        g
    } else {
        let sixth = skewness / 6.0;
        let cube = 1.0 - sixth * sixth + sixth * g;
        (cube * cube * cube - 1.0) * 2.0 / skewness
    };
    (mean + std_dev * value / root).max(LEAST * mean)
}

/// A smaller skewness makes no difference.
const SYMMETRIC: f64 = 1e-6;

/// Sums of squares stay positive: at least this share of their mean.
const LEAST: f64 = 1e-3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::{Initializer, Normal};
    use crate::seed::Seed;

    /// chi^2_n / n with n = 50: mean, variance and skewness, and of ln the exact first two moments.
    #[test]
    fn skewed_values_have_their_moments() {
        let mut g = alloc::vec![0.0_f64; 100_000];
        Normal::new(0.0, 1.0).fill_shard(Seed::from(1), 0, &mut g).unwrap();
        let n = 50.0;
        let skewness = sqrt(8.0);
        let log = |g: &f64| libm::log(skewed(1.0, (sqrt(2.0), skewness), n, *g));
        let values: Vec<f64> = g.iter().map(log).collect();
        let mean = values.iter().sum::<f64>() / 1e5;
        let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / 1e5;
        let exact = super::super::Fluctuation::linear(50).unwrap();
        // Five standard errors.
        assert!((mean - exact.mean).abs() < 5.0 * sqrt(exact.variance / 1e5), "{mean}");
        assert!((variance / exact.variance - 1.0).abs() < 5.0 * sqrt(2.0 / 1e5), "{variance}");
    }

    #[test]
    fn moments_of_a_relu_unit() {
        let mut moments = UnitMoments::new(&Activation::Relu);
        for v in [1e-6, 0.3, 1.0, 40.0] {
            let sums = moments.at(v);
            let close = |value: f64, expected: f64| {
                assert!((value / expected - 1.0).abs() < 1e-5, "{value} {expected}");
            };
            close(sums.forward, 0.5 * v);
            close(sums.backward, 0.5);
            close(sums.product, 0.5 * v);
            // E z^4 / 2 - v^2 / 4 = 5 v^2 / 4; of phi'^2 g^2 alike.
            // Interpolated to fewer digits, as they grow like v^2.
            let close = |value: f64, expected: f64| {
                assert!((value / expected - 1.0).abs() < 1e-3, "{value} {expected}");
            };
            close(sums.forward_spread.0, sqrt(1.25) * v);
            close(sums.backward_spread.0, sqrt(1.25));
            close(sums.forward_spread.1, sums.backward_spread.1);
            close(sums.relative_variance(10.0), 0.5);
        }
    }
}
