//! `Resolution`: the panels on which a function over a normal variable is smooth, and the kinks between them.

use alloc::vec::Vec;

use super::adaptive::{Resolved, refine};
use super::expectation::edges;
use super::{NODES, panel};
use crate::normal_distribution::density;
use crate::scalar::sqrt;

/// Standard deviations at which it ends: the density there is 1e-18.
pub(super) const REACH: f64 = 9.0;

/// Edges of the first panels on either side, in standard deviations.
const EDGES: [f64; 3] = [3.0, 6.0, REACH];

/// Error allowed in a panel, relative to E|f| and E f^2.
const TOLERANCE: f64 = 1e-12;

/// A panel that was halved this often closes in on a kink: steepness takes less.
const KINK_DEPTH: u32 = 11;

/// Kinks are sought on panels moved by this share: at their ends they do not show, and many are at 0 or +-1.
const MOVED: f64 = 0.0371;

/// Halvings by which a kink is closed in on further, as far as rounding allows.
const CLOSER: u32 = 24;

/// A function that takes so many panels more than the first ones is not resolved: a product rule over two variables would
/// take their square.
const MAX_MORE_PANELS: usize = 32;

/// Beside a kink, by this much of its size or of 1, a function that does not jump has changed by more than twice
/// what it has changed by in a hundredth of that.
const BESIDE: f64 = 1e-7;

/// A smaller jump, beside the function's values, is none: the place of a kink is not known to the last digit.
const SMALLEST_JUMP: f64 = 1e-6;

/// A function over N(0, q) cut into panels that 16 points integrate.
pub(crate) struct Resolution {
    /// The square root of q.
    pub(super) deviation: f64,
    /// The ends of the panels, ascending, kinks among them; in standard deviations, as are the kinks.
    pub(super) edges: Vec<f64>,
    /// Those that were told of, and those that were found.
    pub(super) kinks: Vec<f64>,
    has_jump: bool,
}

impl Resolution {
    /// For q > 0 and kinks that the function is known to have; `None` for one that is not finite, or changes faster
    /// than a few dozen panels can follow.
    pub(crate) fn new(q: f64, kinks: &[f64], f: impl Fn(f64) -> f64) -> Option<Self> {
        let deviation = sqrt(q);
        let reach = |edge: f64| edge.abs() < REACH;
        let first = edges(deviation, &[], &EDGES);
        let most = first.len() + MAX_MORE_PANELS;
        let moved = |edge: f64| (1.0 - MOVED) * edge - MOVED / deviation.max(1.0);
        let moved = first.into_iter().map(|edge| if reach(edge) { moved(edge) } else { edge });
        let told = kinks.iter().map(|kink| kink / deviation).filter(|&kink| reach(kink));
        let mut first: Vec<f64> = moved.chain(told).collect();
        first.sort_by(f64::total_cmp);
        let (found, _) = resolve(deviation, &first, &f)?;
        // The second pass starts from what the first one found.
        let mut kinks = kinks.to_vec();
        kinks.extend(found);
        let (_, edges) = resolve(deviation, &edges(deviation, &kinks, &EDGES), &f)?;
        let has_jump = kinks.iter().any(|&kink| jumps(&f, kink));
        let kinks = kinks.into_iter().map(|kink| kink / deviation).collect();
        (edges.len() <= most).then_some(Self { deviation, edges, kinks, has_jump })
    }

    /// E f(z) of several functions at once that are smooth where this one is.
    pub(crate) fn expectations<const N: usize>(&self, f: impl Fn(f64) -> [f64; N]) -> [f64; N] {
        let mut sums = [0.0; N];
        for edge in self.edges.windows(2) {
            let (middle, half) = (0.5 * (edge[0] + edge[1]), 0.5 * (edge[1] - edge[0]));
            for (node, weight) in
                NODES.into_iter().flat_map(|(node, weight)| [(-node, weight), (node, weight)])
            {
                let g = middle + half * node;
                let weight = half * weight * density(g);
                sums.iter_mut().zip(f(self.deviation * g)).for_each(|(sum, value)| *sum += weight * value);
            }
        }
        sums
    }

    /// Whether the function jumps: it has no derivative then to take expectations of.
    pub(crate) const fn has_jump(&self) -> bool {
        self.has_jump
    }
}

/// Kinks and jumps found (in units of the argument), and the edges of the panels.
fn resolve(deviation: f64, first: &[f64], f: impl Fn(f64) -> f64) -> Option<(Vec<f64>, Vec<f64>)> {
    let weighted = |g: f64| {
        let (value, weight) = (f(deviation * g), density(g));
        (value * weight, value * value * weight)
    };
    let scale = first.windows(2).fold((0.0, 0.0), |(sum, squares), edge| {
        let (value, square) = panel(edge[0], edge[1], |g| {
            let (value, square) = weighted(g);
            (value.abs(), square)
        });
        (sum + value, squares + square)
    });
    let mut edges = Vec::from([-REACH]);
    let (mut found, mut deepest): (Vec<f64>, Option<Resolved>) = (Vec::new(), None);
    let jumps = refine(first, (TOLERANCE * scale.0, TOLERANCE * scale.1), weighted, |panel| {
        edges.push(panel.high);
        match &mut deepest {
            Some(deepest) if panel.depth == deepest.depth => deepest.high = panel.high,
            Some(deepest) if panel.depth > deepest.depth => *deepest = panel,
            Some(_) if panel.depth >= KINK_DEPTH => {}
            _ if panel.depth >= KINK_DEPTH => deepest = Some(panel),
            _ => found.extend(deepest.take().map(|deepest| deviation * kink(deepest, weighted))),
        }
    })?;
    found.extend(jumps.into_iter().map(|jump| deviation * jump));
    Some((found, edges))
}

/// The place in panels of equal depth that 16 points integrate worst.
fn kink(panel: Resolved, f: impl Fn(f64) -> (f64, f64)) -> f64 {
    let (mut low, mut high) = (panel.low, panel.high);
    let whole = |low: f64, high: f64| super::panel(low, high, &f);
    for _ in 0..CLOSER {
        let quarters: [f64; 5] = core::array::from_fn(|i| low + 0.25 * i as f64 * (high - low));
        let [a, b, c, d] = core::array::from_fn(|i| whole(quarters[i], quarters[i + 1]));
        let (left, right) = (whole(low, quarters[2]), whole(quarters[2], high));
        let off = |whole: (f64, f64), a: (f64, f64), b: (f64, f64)| {
            (a.0 + b.0 - whole.0).abs() + (a.1 + b.1 - whole.1).abs()
        };
        let (off_left, off_right) = (off(left, a, b), off(right, c, d));
        let rounding = 16.0 * f64::EPSILON * (left.0.abs() + right.0.abs() + left.1 + right.1);
        if off_left.max(off_right) <= rounding {
            break;
        }
        if off_left >= off_right { high = quarters[2] } else { low = quarters[2] }
    }
    0.5 * (low + high)
}

fn jumps(f: impl Fn(f64) -> f64, kink: f64) -> bool {
    let size = kink.abs().max(1.0);
    let change = |distance: f64| (f(kink + distance) - f(kink - distance)).abs();
    let (far, near) = (change(BESIDE * size), change(0.01 * BESIDE * size));
    near > 0.5 * far && near > SMALLEST_JUMP * (f(kink - size).abs() + f(kink + size).abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinks_and_jumps_are_found() {
        let kinks = |f: fn(f64) -> f64| {
            let resolution = Resolution::new(4.0, &[], f).unwrap();
            (resolution.kinks, resolution.has_jump, resolution.edges.len())
        };
        let (found, has_jump, panels) = kinks(|z| (z - 0.7).abs());
        assert!(
            found.len() == 1 && (2.0 * found[0] - 0.7).abs() < 1e-5 && !has_jump && panels < 30,
            "{found:?} {has_jump} {panels}"
        );
        let (found, has_jump, _) = kinks(|z| f64::from(z > 0.7));
        assert!(found.len() == 1 && (2.0 * found[0] - 0.7).abs() < 1e-14 && has_jump, "{found:?}");
        for smooth in [libm::tanh, libm::erf, |z: f64| z, libm::sin] {
            let (found, has_jump, panels) = kinks(smooth);
            assert!(found.is_empty() && !has_jump && panels < 20, "{found:?} {panels}");
        }
        // Where a first panel ends as well.
        let (found, has_jump, _) = kinks(|z| z.max(0.0));
        assert!(found.len() == 1 && found[0].abs() < 1e-8 && !has_jump, "{found:?}");
        let (found, has_jump, _) = kinks(|z| libm::tanh(300.0 * z));
        assert!(!has_jump, "steep is no jump: {found:?}");
        assert!(Resolution::new(1.0, &[0.0], |z: f64| z.signum()).unwrap().has_jump());
        assert!(Resolution::new(1.0, &[], |z| libm::sin(300.0 * z)).is_none());
        assert!(Resolution::new(1.0, &[], |_| f64::NAN).is_none());
    }
}
