//! One unit of a wide layer, over chance: what its activation adds to the statistics of the layer.
//!
//! Given what feeds a layer, its n units are independent, and each sees the samples of a batch as normal values
//! with some correlation rho. A mean over units and samples is then 1/n times the moments of one unit, which
//! are integrals over what the samples share (u) and what each has of its own (e):
//!
//! ```text
//! z = sqrt(q) (sqrt(rho) u + sqrt(1 - rho) e),   u, e ~ N(0, 1)
//! ```

use alloc::vec::Vec;
use core::f64::consts::PI;

use super::statistic::{Correlated, Statistic};
use crate::activation::Activation;
use crate::chain::Likeness;
use crate::scalar::sqrt;

/// Nodes of the integrals over u and e, half a step off 0, where most kinks are.
const NODES: usize = 48;
const STEP: f64 = 0.25;

/// How far a mean over the nodes may be off.
const RESOLVED: f64 = 0.05;

/// What may happen between the nodes, in the logarithm of a mean.
const BETWEEN_NODES: f64 = 2e-3;

/// Cosines of `f32` are not known better.
const ROUNDING: f64 = 1e-5;

/// What the expected cosine may be off, relative to 1 - cosine^2, where lengths and angles differ between samples.
const LEFT_OUT: f64 = 0.1;

/// Terms of the series in Hermite polynomials.
const TERMS: usize = 25;

/// The moments of one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Unit {
    /// Of phi^2 / E phi^2 - 1, less its part in z^2: E f^2, E f f', and E f^3, E f^2 f', E f f' f''.
    hidden: [f64; 5],
    /// Of what the gates let through, in the same way.
    gate: [f64; 5],
    /// n times the mean of ln of that.
    gate_shift: f64,
    /// E phi'^2 phi^2 / (E phi'^2 E phi^2): gates along h over gates across.
    pub(super) aligned_gate: f64,
    /// What the product of h and what lies across it adds to the variance of one sample, and to the covariance of two.
    mixed_gate: [f64; 2],
    /// Of the cosine between samples: mean shift, variance for many samples, for few, for two, third cumulant.
    cosine: [f64; 6],
    kernel: Kernel,
    /// E phi^2 and E phi'^2, as the nodes see them.
    means: [f64; 2],
}

impl Unit {
    /// For pre-activations of mean square q whose samples have the correlation of `batch`, and deltas above
    /// that are so alike. `along` is the mean squared cosine between h and what comes back to it.
    pub(super) fn new(
        activation: &Activation,
        q: f64,
        batch: &Correlated,
        deltas: Likeness,
        along: f64,
    ) -> Self {
        let rho = batch.mean.clamp(0.0, 1.0);
        let (shared, own) = (sqrt(rho), sqrt(1.0 - rho));
        let (nodes, weights) = nodes();
        let mut x = Vec::with_capacity(NODES * NODES);
        for &u in &nodes {
            // At a correlation of 1/2 a diagonal of nodes falls on 0, where a kink may be: half of it goes to each side.
            let beside_zero = f64::MIN_POSITIVE.copysign(u);
            let values = nodes.iter().map(|&e| shared * u + own * e);
            x.extend(values.map(|x| if x == 0.0 { beside_zero } else { x }));
        }
        let deviation = sqrt(q);
        let z: Vec<f64> = x.iter().map(|x| deviation * x).collect();
        let (mut phi, mut slope) = (alloc::vec![0.0; z.len()], alloc::vec![0.0; z.len()]);
        activation.phi_slice(&z, &mut phi);
        activation.derivative_slice(&z, &mut slope);
        let grid = Grid { weights };
        let mean_square = grid.over(|k| phi[k] * phi[k]);
        let passes = grid.over(|k| slope[k] * slope[k]);
        let in_square = |f: &dyn Fn(usize) -> f64| {
            0.5 * grid.over(|k| f(k) * (x[k] * x[k] - 1.0))
                / grid.over(|k| 0.5 * (x[k] * x[k] - 1.0) * (x[k] * x[k] - 1.0))
        };
        let relative: Vec<f64> = phi.iter().map(|phi| phi * phi / mean_square - 1.0).collect();
        let aligned_gate = grid.over(|k| slope[k] * slope[k] * phi[k] * phi[k]) / (passes * mean_square);
        // Through the gates go a share `along` that is h itself, and the rest across it.
        let across = 1.0 - along;
        let through = along * aligned_gate + across;
        let of_gate = |phi: f64, slope: f64| {
            let (gate, share) = (slope * slope / passes, phi * phi / mean_square);
            [gate - 1.0, share * (gate - aligned_gate)]
        };
        let both: Vec<[f64; 2]> = phi.iter().zip(&slope).map(|(&phi, &slope)| of_gate(phi, slope)).collect();
        let sum = |[gate, aligned]: [f64; 2]| (along * aligned + across * gate) / through;
        let gates: Vec<f64> = both.iter().map(|&both| sum(both)).collect();
        let (eta, gate_eta) = (in_square(&|k| relative[k]), in_square(&|k| gates[k]));
        let without_square = |values: &[f64], eta: f64| -> Vec<f64> {
            values.iter().zip(&x).map(|(value, x)| value - eta * (x * x - 1.0)).collect()
        };
        let f = without_square(&relative, eta);
        let r = without_square(&gates, gate_eta);
        let p: Vec<f64> = both.iter().map(|[gate, _]| across * gate / through).collect();
        // The same as functions of one normal value.
        let x_first = nodes;
        let (mut phi_x, mut slope_x) = ([0.0; NODES], [0.0; NODES]);
        activation.phi_slice(&nodes.map(|x| deviation * x), &mut phi_x);
        activation.derivative_slice(&nodes.map(|x| deviation * x), &mut slope_x);
        let square_part = |i: usize, eta: f64| eta * (nodes[i] * nodes[i] - 1.0);
        let one = |f: &dyn Fn(usize) -> f64| -> Vec<f64> { (0..NODES).map(f).collect() };
        let first_f = one(&|i| phi_x[i] * phi_x[i] / mean_square - 1.0 - square_part(i, eta));
        let first_p = one(&|i| across * of_gate(phi_x[i], slope_x[i])[0] / through);
        let first_r = one(&|i| sum(of_gate(phi_x[i], slope_x[i])) - square_part(i, gate_eta));
        let (f_u, f2_u) = (grid.per_u(|k| f[k]), grid.per_u(|k| f[k] * f[k]));
        // Of two samples at the mean correlation, and what the spread of correlations adds to it.
        let two = |f: &[f64], f_u: &[f64], scale: f64| -> f64 {
            let series = series(f, &x_first, &weights);
            let spread = batch.spread().map(|(rho, share)| share * power_sum(&series, rho));
            let at_mean = grid.outer(|i| f_u[i] * f_u[i]);
            scale * (at_mean + spread.iter().sum::<f64>() - power_sum(&series, rho)).max(0.0)
        };
        let hidden = [
            grid.outer(|i| f2_u[i]),
            two(&first_f, &f_u, 1.0),
            grid.over(|k| f[k] * f[k] * f[k]),
            grid.outer(|i| f2_u[i] * f_u[i]),
            grid.outer(|i| f_u[i] * f_u[i] * f_u[i]),
        ];
        // The gate's part is p (d^2 - 1) + r with d normal: E (d^2 - 1)^2 = 2, E (d^2 - 1)^3 = 8.
        let (square, cube) = (deltas.square, deltas.triple);
        let (p_u, r_u) = (grid.per_u(|k| p[k]), grid.per_u(|k| r[k]));
        let (p2_u, pr_u, r2_u) =
            (grid.per_u(|k| p[k] * p[k]), grid.per_u(|k| p[k] * r[k]), grid.per_u(|k| r[k] * r[k]));
        let gate = [
            grid.outer(|i| 2.0 * p2_u[i] + r2_u[i]),
            two(&first_p, &p_u, 2.0 * square) + two(&first_r, &r_u, 1.0),
            grid.over(|k| 8.0 * p[k] * p[k] * p[k] + 6.0 * p[k] * p[k] * r[k] + r[k] * r[k] * r[k]),
            grid.outer(|i| {
                (8.0 * p2_u[i] + 4.0 * pr_u[i]) * square * p_u[i] + (2.0 * p2_u[i] + r2_u[i]) * r_u[i]
            }),
            grid.outer(|i| {
                let (p, r) = (p_u[i], r_u[i]);
                8.0 * cube * p * p * p + 6.0 * square * p * p * r + r * r * r
            }),
        ];
        let fourth = grid.over(|k| libm::pow(slope[k], 4.0) * phi[k] * phi[k]);
        let mixed = fourth / (passes * passes * mean_square) - aligned_gate * aligned_gate;
        let product = 4.0 * along * across / (through * through);
        // What is across h has no part in it: the product counts as far as gates make it differ from h.
        let first_m =
            one(&|i| phi_x[i] * (slope_x[i] * slope_x[i] / passes - aligned_gate) / sqrt(mean_square));
        let terms = series(&first_m, &x_first, &weights);
        let pairs: f64 = batch.spread().iter().map(|(rho, share)| share * power_sum(&terms, *rho)).sum();
        let mixed_gate = [product * mixed, product * pairs * sqrt(square)];
        // Half the variance of one sample, and the mean of a ratio of sums.
        let of_lengths = grid.over(|k| both[k][1] * phi[k] * phi[k]) / mean_square;
        let gate_shift = -0.5 * (grid.over(|k| 2.0 * p[k] * p[k] + gates[k] * gates[k]) + mixed_gate[0])
            - along * of_lengths / through;
        const CHANGE: f64 = 0.1;
        let kernel = Kernel::new(activation, q);
        let [below, here, above] =
            [-CHANGE, 0.0, CHANGE].map(|change| Kernel::new(activation, q * libm::exp(change)).cosine(rho));
        let slopes = [0.5 * (above - below) / CHANGE, (above - 2.0 * here + below) / (CHANGE * CHANGE)];
        Self {
            hidden,
            gate,
            gate_shift,
            aligned_gate,
            mixed_gate,
            cosine: cosine(&phi, &x, mean_square, slopes, &grid),
            kernel,
            means: [mean_square, passes],
        }
    }

    /// Whether the nodes are dense enough for phi, and for phi': for the jump of a saturated tanh they are not.
    pub(super) fn resolves(&self, mean_square: f64) -> bool {
        (self.means[0] / mean_square - 1.0).abs() < RESOLVED
    }

    pub(super) fn resolves_gates(&self, passes: f64) -> bool {
        (self.means[1] / passes - 1.0).abs() < RESOLVED
    }

    /// The mean over samples of ln(|h|^2 / n E phi^2), E phi^2 taken at the measured mean square of z. `slopes`
    /// are the first and second derivative of ln E phi^2 by ln q.
    pub(super) fn hidden(&self, slopes: [f64; 2], n: f64, batch: &Correlated) -> Statistic {
        let [first, second] = slopes;
        let mean = -(0.5 * self.hidden[0] + first * first - first + second) / n;
        statistic(&self.hidden, mean, n, batch)
    }

    /// The mean over samples of ln(gate factor / its expectation), in the same way.
    pub(super) fn gate(&self, slopes: [f64; 2], n: f64, batch: &Correlated) -> Statistic {
        let [first, second] = slopes;
        let mean = (self.gate_shift - (second - first)) / n;
        let mut statistic = statistic(&self.gate, mean, n, batch);
        let [one, two] = self.mixed_gate;
        statistic.variance += batch.second(one, two) / n;
        statistic
    }

    /// The mean cosine between the h of different samples, at the measured mean of ln q.
    pub(super) fn cosine(&self, value: f64, n: f64, batch: &Correlated) -> Statistic {
        let expected = batch.spread().map(|(rho, share)| share * self.kernel.cosine(rho));
        let [shift, curved, many, few, two, third] = self.cosine;
        let (own, others) = (batch.own(), batch.samples - 1.0);
        // Lengths and angles of a batch spread in more ways than are counted here.
        let c = self.kernel.cosine(batch.mean);
        let left_out = libm::pow(LEFT_OUT * (1.0 - c * c) + ROUNDING, 2.0);
        let variance = (many + 4.0 * own * few + 2.0 * own / others * two) / n + left_out;
        let shift = shift - curved * batch.second(1.0, batch.square);
        Statistic { value, mean: expected.iter().sum::<f64>() + shift / n, variance, third: third / (n * n) }
    }
}

fn statistic(moments: &[f64; 5], mean: f64, n: f64, batch: &Correlated) -> Statistic {
    let [one, two, cube, pair, triple] = *moments;
    let variance = batch.second(one, two) / n + BETWEEN_NODES * BETWEEN_NODES;
    let third = batch.third(cube, pair, triple) / (n * n) - 3.0 * variance * variance;
    Statistic { value: mean, mean, variance, third }
}

/// The integrals over u and e, of functions of the node of u times NODES plus that of e.
struct Grid {
    weights: [f64; NODES],
}

impl Grid {
    /// Over e, for each u.
    fn per_u(&self, f: impl Fn(usize) -> f64) -> Vec<f64> {
        let over_e = |i: usize| self.outer(|j| f(i * NODES + j));
        (0..NODES).map(over_e).collect()
    }

    /// Of a function of the node of u.
    fn outer(&self, f: impl Fn(usize) -> f64) -> f64 {
        self.weights.iter().enumerate().map(|(i, weight)| weight * f(i)).sum()
    }

    /// Over both.
    fn over(&self, f: impl Fn(usize) -> f64) -> f64 {
        self.outer(|i| self.outer(|j| f(i * NODES + j)))
    }
}

/// The cosine between the h of two samples whose z, of mean square q, have the correlation rho.
pub(super) fn cosine_of_h(activation: &Activation, q: f64, rho: f64) -> f64 {
    Kernel::new(activation, q).cosine(rho)
}

/// The cosine between the h of two samples, as a function of the correlation of their z.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Kernel {
    /// Squared Hermite coefficients of phi, over E phi^2; the last one stands for all that are left.
    series: [f64; TERMS],
    negative_slope: Option<f64>,
}

impl Kernel {
    fn new(activation: &Activation, q: f64) -> Self {
        let (nodes, weights) = nodes();
        let deviation = sqrt(q);
        let mut phi = [0.0; NODES];
        activation.phi_slice(&nodes.map(|x| deviation * x), &mut phi);
        let mean_square: f64 = phi.iter().zip(&weights).map(|(phi, weight)| weight * phi * phi).sum();
        let series = series(&phi, &nodes, &weights).map(|term| term / mean_square);
        Self { series, negative_slope: activation.negative_slope() }
    }

    /// The sum of a_k^2 rho^k; for (leaky) ReLU, where it converges slowly, the arc-cosine kernel of degree 1
    /// (Cho & Saul 2009, eq. 6).
    fn cosine(&self, rho: f64) -> f64 {
        let rho = rho.clamp(-1.0, 1.0);
        match self.negative_slope {
            Some(slope) => {
                let rectified = sqrt((1.0 - rho) * (1.0 + rho)) + rho * (PI - libm::acos(rho));
                let even = (1.0 - slope) * (1.0 - slope);
                (slope * rho + even * rectified / (2.0 * PI)) / (0.5 * (1.0 + slope * slope))
            }
            None => power_sum(&self.series, rho),
        }
    }
}

/// Cosines between samples are, to first order in what chance does to each unit,
/// c = E phi phi' + the mean over units of phi phi' - psi - psi', psi = c phi^2 / 2 + dc/d(ln q) (x^2 - 1) / 2, in
/// units of E phi^2 = 1: the first part of psi is the lengths of h, the second that q is measured.
///
/// The mean shift, less what goes with the square of the mean ln q; the variance for many samples, for few, for two;
/// the third cumulant.
fn cosine(phi: &[f64], x: &[f64], mean_square: f64, slopes: [f64; 2], grid: &Grid) -> [f64; 6] {
    let unit = sqrt(mean_square);
    let power = |n: i32| grid.per_u(|k| libm::pow(phi[k] / unit, f64::from(n)));
    let [one, two, three, four] = [power(1), power(2), power(3), power(4)];
    let c = grid.outer(|i| one[i] * one[i]);
    let psi: Vec<f64> = phi
        .iter()
        .zip(x)
        .map(|(phi, x)| 0.5 * c * phi * phi / mean_square + 0.5 * slopes[0] * (x * x - 1.0))
        .collect();
    let psi_u = grid.per_u(|k| psi[k]);
    let (psi_phi, psi_square) = (grid.per_u(|k| psi[k] * phi[k] / unit), grid.per_u(|k| psi[k] * psi[k]));
    let shared = |i: usize| one[i] * one[i] - 2.0 * psi_u[i];
    let projected = |i: usize| {
        let (square, mixed) = (two[i] - one[i] * one[i], psi_phi[i] - one[i] * psi_u[i]);
        one[i] * one[i] * square - 2.0 * one[i] * mixed + psi_square[i] - psi_u[i] * psi_u[i]
    };
    let left = |i: usize| libm::pow(two[i] - one[i] * one[i], 2.0);
    let centre = grid.outer(shared);
    // Second order: relative covariances of S12, S11 and S22 in S12 / sqrt(S11 S22).
    let with_square = grid.outer(|i| one[i] * three[i]) - c;
    let own_square = grid.outer(|i| four[i]) - 1.0;
    let across = grid.outer(|i| two[i] * two[i]) - 1.0;
    [
        -with_square + c * (0.75 * own_square + 0.25 * across) + slopes[0],
        slopes[1],
        grid.outer(|i| libm::pow(shared(i) - centre, 2.0)),
        grid.outer(projected),
        grid.outer(left),
        grid.outer(|i| libm::pow(shared(i) - centre, 3.0)),
    ]
}

/// Squared coefficients of a function, given at the nodes, in normalised Hermite polynomials
/// (sqrt(k + 1) he_(k+1) = x he_k - sqrt(k) he_(k-1)); what is left of its square is the last one.
fn series(f: &[f64], nodes: &[f64; NODES], weights: &[f64; NODES]) -> [f64; TERMS] {
    let (mut last, mut here) = ([0.0; NODES], [1.0; NODES]);
    let mut terms = [0.0; TERMS];
    let mut left: f64 = f.iter().zip(weights).map(|(f, weight)| weight * f * f).sum();
    for (k, term) in terms.iter_mut().enumerate() {
        let coefficient: f64 =
            f.iter().zip(weights).zip(&here).map(|((f, weight), he)| f * weight * he).sum();
        *term = coefficient * coefficient;
        left -= *term;
        let (root, next) = (sqrt(k as f64), sqrt(k as f64 + 1.0));
        for ((x, last), here) in nodes.iter().zip(&mut last).zip(&mut here) {
            (*last, *here) = (*here, (x * *here - root * *last) / next);
        }
    }
    terms[TERMS - 1] += left.max(0.0);
    terms
}

/// E f(z) f(z') of two normal values with correlation rho.
fn power_sum(series: &[f64; TERMS], rho: f64) -> f64 {
    series.iter().rev().fold(0.0, |sum, term| sum * rho + term)
}

/// Nodes of a normal variable, and weights that add up to 1.
fn nodes() -> ([f64; NODES], [f64; NODES]) {
    let mut nodes = [0.0; NODES];
    let mut weights = [0.0; NODES];
    for (i, node) in nodes.iter_mut().enumerate() {
        *node = STEP * (i as f64 - 0.5 * (NODES - 1) as f64);
    }
    let sum: f64 = nodes.iter().map(|x| libm::exp(-0.5 * x * x)).sum();
    weights.iter_mut().zip(&nodes).for_each(|(weight, x)| *weight = libm::exp(-0.5 * x * x) / sum);
    (nodes, weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(rho: f64) -> Likeness {
        Likeness { mean: rho, square: rho * rho, triple: rho * rho * rho }
    }

    /// ReLU by hand: phi^2 / E phi^2 is x^2 (1 + sign x), the gates 1 + sign x. The sums over units then have
    /// a variance of 3 / n and a mean of -3 / (2 n) in the log (Hanin & Nica 2020: 5 and -5/2 with the 2 and
    /// -1 of the weights).
    #[test]
    fn relu_by_hand() {
        for rho in [0.0, 0.5, 1.0] {
            let batch = Correlated::alike(1, rho);
            let unit = Unit::new(&Activation::Relu, 1.7, &batch, likeness(rho), 0.0);
            let n = 1000.0;
            let hidden = unit.hidden([1.0, 0.0], n, &batch);
            let gate = unit.gate([0.0, 0.0], n, &batch);
            for statistic in [hidden, gate] {
                assert!((statistic.variance * n - 3.0).abs() < 5e-3, "{rho}: {statistic:?}");
                assert!((statistic.mean * n + 1.5).abs() < 1e-3, "{rho}: {statistic:?}");
            }
            assert!((unit.aligned_gate - 2.0).abs() < 1e-3);
        }
    }

    #[test]
    fn a_linear_unit_adds_nothing() {
        let batch = Correlated::alike(9, 0.3);
        let unit = Unit::new(&Activation::Identity, 2.0, &batch, likeness(0.7), 0.0);
        assert!(unit.hidden([1.0, 0.0], 10.0, &batch).variance < 1e-5);
        assert!(unit.gate([0.0, 0.0], 10.0, &batch).variance < 1e-5);
        // Of normal values: (1 - c^2)^2 / n for two samples, a shift of -c (1 - c^2) / 2n.
        let two = Correlated::alike(2, 0.3);
        let unit = Unit::new(&Activation::Identity, 2.0, &two, likeness(0.7), 0.0);
        let cosine = unit.cosine(0.3, 10.0, &two);
        assert!((cosine.mean - (0.3 - 0.5 * 0.3 * 0.91 / 10.0)).abs() < 1e-3, "{cosine:?}");
        let allowed = LEFT_OUT * LEFT_OUT * 0.91 * 0.91;
        assert!(((cosine.variance - allowed) * 10.0 - 0.91 * 0.91).abs() < 1e-3, "{cosine:?}");
    }
}
