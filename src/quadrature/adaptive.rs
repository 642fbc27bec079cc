//! Adaptive quadrature: panels halved until they agree with their halves, jumps found by bisection.

use alloc::vec::Vec;

use super::panel;

/// A panel is halved at most this often: what remains unresolved has then shrunk to 2^-50.
const MAX_DEPTH: u32 = 50;

/// No integral takes more panels than this, or 2^17 evaluations: one that would is not a number. Enough for some 1,000
/// oscillations or 300 jumps.
const MAX_PANELS: usize = 1 << 12;

/// Halvings between two searches for a jump: what is smooth has mostly settled by then.
const SEARCH_EVERY: u32 = 6;

/// Halvings in a search for a jump: it is then known to 2^-60 of the panel.
const SEARCH_STEPS: u32 = 60;

/// A panel that 16 points integrate.
pub(super) struct Resolved {
    pub(super) low: f64,
    pub(super) high: f64,
    /// How often a first panel was halved for it.
    pub(super) depth: u32,
    /// The integrals of both functions.
    pub(super) integrals: (f64, f64),
}

/// Resolves two functions at once between these edges, to an error of `allowed` in a panel; the panels come to
/// `accept` in ascending order. Returns the jumps that it found, `None` if it has not come to an end.
pub(super) fn refine(
    edges: &[f64],
    allowed: (f64, f64),
    f: impl Fn(f64) -> (f64, f64),
    mut accept: impl FnMut(Resolved),
) -> Option<Vec<f64>> {
    let mut jumps = Vec::new();
    let mut panels = 0;
    for edge in edges.windows(2) {
        let mut waiting = Vec::from([(edge[0], edge[1], panel(edge[0], edge[1], &f), 0)]);
        while let Some((low, high, whole, depth)) = waiting.pop() {
            panels += 1;
            let middle = 0.5 * (low + high);
            let (left, right) = (panel(low, middle, &f), panel(middle, high, &f));
            let integrals = (left.0 + right.0, left.1 + right.1);
            let (first, second) = ((integrals.0 - whole.0).abs(), (integrals.1 - whole.1).abs());
            if first <= allowed.0 && second <= allowed.1 {
                accept(Resolved { low, high, depth, integrals });
            } else if depth == MAX_DEPTH || panels >= MAX_PANELS || !(first + second).is_finite() {
                return None;
            } else if depth % SEARCH_EVERY == SEARCH_EVERY - 1
                && let Some((below, above)) = jump(low, high, &f)
            {
                jumps.push(0.5 * (below + above));
                waiting.push((above, high, panel(above, high, &f), depth + 1));
                waiting.push((low, below, panel(low, below, &f), depth + 1));
            } else {
                waiting.push((middle, high, right, depth + 1));
                waiting.push((low, middle, left, depth + 1));
            }
        }
    }
    Some(jumps)
}

/// Two places next to each other between which most of the change over a panel happens.
fn jump(mut low: f64, mut high: f64, f: impl Fn(f64) -> (f64, f64)) -> Option<(f64, f64)> {
    let change = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).abs() + (a.1 - b.1).abs();
    let (mut at_low, mut at_high) = (f(low), f(high));
    let whole = change(at_low, at_high);
    for _ in 0..SEARCH_STEPS {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        let at_middle = f(middle);
        if change(at_low, at_middle) >= change(at_middle, at_high) {
            (high, at_high) = (middle, at_middle);
        } else {
            (low, at_low) = (middle, at_middle);
        }
    }
    let is_jump = whole > 0.0 && whole.is_finite() && change(at_low, at_high) >= 0.5 * whole;
    is_jump.then_some((low, high))
}
