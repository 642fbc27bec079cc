//! Lines: rows and columns that come again as rows or columns, short or scattered ones too.
//!
//! Each is known by the ratios of its first weights to the largest among them, and, from its other end, of its last.

use alloc::vec::Vec;

use super::evidence::{ENOUGH, Fit, significant};
use super::model::{Match, Model};
use super::runs::Covered;
use super::sketch::mix;
use super::weight_copy::{Order, Part};
use crate::scalar::Scalar;

/// Weights of a line that its hash is made of; a shorter line than `FEWEST` is not looked at.
const HASHED: usize = 16;
const FEWEST: usize = 8;

/// Bits of an `f64` that the hash forgets of a ratio: 11 of its mantissa are left, so that the rounding of `f32` alters
/// one ratio in 2,000.
const FORGOTTEN: u32 = 41;

/// Signs and precisions that are tried for each pair of lines.
const RELATIONS: f64 = 2.0 * 3.0;

/// A row or a column, from its front or its back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    hash: u64,
    layer: usize,
    column: bool,
    backwards: bool,
    index: usize,
}

pub(super) fn search<T: Scalar>(model: &mut Model<'_, T>, covered: &Covered) {
    let copied = model.copied();
    let mut lines = Vec::new();
    for layer in 0..model.layers.len() {
        if !model.explained[layer] && !model.sketches[layer].sorted {
            model.lines(layer, &mut lines);
        }
    }
    lines.sort_unstable();
    let count = lines.len() as f64;
    let mut first = 0;
    let mut last_copy = None;
    for place in 1..lines.len() {
        let line = lines[place];
        if line.hash != lines[first].hash {
            first = place;
            continue;
        }
        let of = &model.layers[line.layer];
        let known = if line.column {
            2 * copied[line.layer] > of.weights.len()
        } else {
            covered.contains(line.layer, line.index * of.columns() + of.columns() / 2)
        };
        if known || last_copy == Some((line.layer, line.column, line.index)) {
            continue;
        }
        let neighbours = [first, place - 1];
        let others = &neighbours[..if first == place - 1 { 1 } else { 2 }];
        if let Some(found) = others.iter().find_map(|&other| model.same_line(lines[other], line, count)) {
            last_copy = Some((line.layer, line.column, line.index));
            model.found.push(found);
        }
    }
}

impl<T: Scalar> Model<'_, T> {
    fn lines(&self, layer: usize, lines: &mut Vec<Line>) {
        let (rows, columns) = (self.layers[layer].rows(), self.layers[layer].columns());
        for (column, count) in [(false, rows), (true, if rows > 1 { columns } else { 0 })] {
            for index in 0..count {
                for backwards in [false, true] {
                    let mut line = Line { hash: 0, layer, column, backwards, index };
                    if let Some(hash) = self.hash(&line) {
                        line.hash = hash;
                        lines.push(line);
                    }
                }
            }
        }
    }

    fn length(&self, line: &Line) -> usize {
        if line.column { self.layers[line.layer].rows() } else { self.layers[line.layer].columns() }
    }

    fn element(&self, line: &Line, i: usize) -> f64 {
        let (columns, i) =
            (self.layers[line.layer].columns(), if line.backwards { self.length(line) - 1 - i } else { i });
        self.at(line.layer, if line.column { i * columns + line.index } else { line.index * columns + i })
    }

    fn hash(&self, line: &Line) -> Option<u64> {
        let length = self.length(line);
        if length < FEWEST {
            return None;
        }
        let mut head = [0.0; HASHED];
        let head = &mut head[..length.min(HASHED)];
        head.iter_mut().enumerate().for_each(|(i, value)| *value = self.element(line, i));
        let largest = head.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs()))?;
        if largest == 0.0 || !largest.is_finite() || head.iter().all(|&value| value == largest) {
            return None;
        }
        let (half, scale) = (1 << (FORGOTTEN - 1), 1.0 / largest);
        let hash = head.iter().fold(0, |hash, value| {
            // No -0.
            let ratio = (value * scale + 0.0).to_bits().wrapping_add(half) >> FORGOTTEN;
            mix(hash ^ ratio)
        });
        Some(hash)
    }

    fn same_line(&self, a: Line, b: Line, lines: f64) -> Option<Match> {
        let shorter = self.length(&a).min(self.length(&b));
        // Both from their backs: the same as both from their fronts, unless their lengths differ.
        let (same_way, lengths) = (a.backwards == b.backwards, [self.length(&a), self.length(&b)]);
        if self.tied(a.layer, b.layer)
            || (a.layer, a.column, a.index) == (b.layer, b.column, b.index)
            || (same_way && a.backwards && lengths[0] == lengths[1])
        {
            return None;
        }
        let (from, to) = (|i| self.element(&a, i), |i| self.element(&b, i));
        let largest = (0..shorter).max_by(|&i, &j| from(i).abs().total_cmp(&from(j).abs()))?;
        let magnitude = (to(largest) / from(largest)).abs();
        let fit = Fit::of(shorter, magnitude, self.resolution(), from, to)?;
        let pairs: Vec<_> = (0..shorter.min(ENOUGH)).map(|i| (from(i), to(i))).collect();
        let ln_p_value = significant(fit.ln_order(&pairs), lines * lines * RELATIONS)?;
        let order = match (a.column == b.column, same_way) {
            (false, _) => Order::Transposed,
            (true, false) => Order::Reversed,
            (true, true) if a.index == b.index => Order::Same,
            (true, true) if a.column => Order::ColumnsPermuted,
            (true, true) => Order::RowsPermuted,
        };
        let part = |line: &Line| if line.column { Part::Column(line.index) } else { Part::Row(line.index) };
        Some(Match {
            original: a.layer,
            copy: b.layer,
            parts: [part(&a), part(&b)],
            weights: shorter,
            values: fit.values(),
            order,
            ln_p_value,
        })
    }
}
