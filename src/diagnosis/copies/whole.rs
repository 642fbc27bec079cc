//! Copies of whole parameters, in whatever order: the same magnitudes by their hash, multiples by their moments.

use alloc::vec::Vec;

use super::evidence::{ENOUGH, Fit, Precision, significant};
use super::model::{Match, Model};
use super::weight_copy::{Order, Part};
use crate::scalar::{Scalar, sqrt};

/// Parameters that one is compared with, of those that come next to it in a sorted list.
const NEIGHBOURS: usize = 3;

/// Parameters below this cannot prove anything.
const FEWEST: usize = 8;

/// How far moments of n weights may be moved by the rounding of each to `bf16`, times the root of n: 5 standard deviations.
const ROUNDED: f64 = 0.02;

/// Orders and factors that are tried for each pair.
const RELATIONS: f64 = 7.0 * 3.0;

/// The element of the original that an element of the copy was.
type From<'a> = &'a dyn Fn(usize) -> usize;

/// Marks every parameter that is a copy of an earlier one.
pub(super) fn search<T: Scalar>(model: &mut Model<'_, T>) {
    let mut order: Vec<usize> = (0..model.layers.len()).collect();
    order.retain(|&l| model.layers[l].weights.len() >= FEWEST && !model.sketches[l].sorted);
    let length = |l: usize| model.layers[l].weights.len();
    let sketches = model.sketches.clone();
    // Of those with one hash the first is the original: `sort_by_key` is stable.
    order.sort_by_key(|&l| (length(l), sketches[l].hash));
    let mut first = 0;
    for place in 1..order.len() {
        let (original, copy) = (order[first], order[place]);
        if (length(original), sketches[original].hash) == (length(copy), sketches[copy].hash) {
            model.compare(original, copy, true);
        } else {
            first = place;
        }
    }
    let epsilon = model.resolution().epsilon;
    order.retain(|&l| !model.explained[l]);
    order.sort_by(|&a, &b| length(a).cmp(&length(b)).then(sketches[a].mean.total_cmp(&sketches[b].mean)));
    for place in 1..order.len() {
        for &other in order[place.saturating_sub(NEIGHBOURS)..place].iter().rev() {
            let (original, copy) = (order[place].min(other), order[place].max(other));
            let [a, b] = [&sketches[original], &sketches[copy]];
            let apart = (a.mean - b.mean).abs().max((a.tail - b.tail).abs()) * sqrt(length(copy) as f64);
            if length(original) == length(copy) && apart <= ROUNDED {
                model.compare(original, copy, apart <= 2.0 * epsilon + 1e-9 && epsilon < 2e-3);
            }
        }
    }
}

impl<T: Scalar> Model<'_, T> {
    /// Notes the relation of two parameters of one length, if there is one; sorts them only if `permuted`.
    fn compare(&mut self, original: usize, copy: usize, permuted: bool) {
        if self.explained[copy] || self.tied(original, copy) {
            return;
        }
        if let Some(found) = self.relation(original, copy, permuted) {
            self.explained[copy] = true;
            self.found.push(found);
        }
    }

    fn relation(&self, original: usize, copy: usize, permuted: bool) -> Option<Match> {
        let n = self.layers[copy].weights.len();
        let [a, b] = [original, copy].map(|l| self.sketches[l]);
        let (rows, columns) = (self.layers[original].rows(), self.layers[original].columns());
        let turned = self.layers[copy].rows() == columns && rows > 1 && columns > 1;
        let shift = (b.at + n - a.at) % n;
        let arrangements: [(Order, bool, From<'_>); 4] = [
            (Order::Same, true, &|i| i),
            (Order::Reversed, true, &|i| n - 1 - i),
            (Order::Transposed, turned, &|i| i % rows * columns + i / rows),
            (Order::Shifted { by: shift as isize }, true, &|i| (i + n - shift) % n),
        ];
        let pairs = self.parameter_pairs();
        for (order, possible, place) in arrangements {
            let fit = if possible { self.fit(original, copy, place) } else { None };
            let Some(fit) = fit else { continue };
            let pairs_seen: Vec<_> =
                (0..n.min(ENOUGH)).map(|i| (self.at(original, place(i)), self.at(copy, i))).collect();
            let ln_p = significant(fit.ln_order(&pairs_seen), pairs * RELATIONS)?;
            return Some(self.whole(original, copy, &fit, order, ln_p));
        }
        if !permuted {
            return None;
        }
        let magnitude = b.largest / a.largest;
        [magnitude, -magnitude].into_iter().find_map(|factor| self.permutation(original, copy, factor))
    }

    /// The fit of all of the copy's weights to those of the original that `place` says.
    fn fit(&self, original: usize, copy: usize, place: From<'_>) -> Option<Fit> {
        let n = self.layers[copy].weights.len();
        let magnitude = self.sketches[copy].largest / self.sketches[original].largest;
        Fit::of(n, magnitude, self.resolution(), |i| self.at(original, place(i)), |i| self.at(copy, i))
    }

    /// The rows, the columns, or at last the elements in another order.
    fn permutation(&self, original: usize, copy: usize, factor: f64) -> Option<Match> {
        let [a, b] = [original, copy].map(|l| &self.layers[l]);
        let (rows, columns) = (a.rows(), a.columns());
        if rows > 1 && columns > 1 && (rows, columns) == (b.rows(), b.columns()) {
            for (order, lines, stride, step) in
                [(Order::RowsPermuted, rows, columns, 1), (Order::ColumnsPermuted, columns, 1, columns)]
            {
                let length = rows * columns / lines;
                let at = |layer, line: usize, i: usize| self.at(layer, line * stride + i * step);
                let sorted = |layer, factor: f64| {
                    let mut sorted: Vec<usize> = (0..lines).collect();
                    sorted.sort_by(|&x, &y| {
                        let pairs = (0..length).map(|i| (factor * at(layer, x, i), factor * at(layer, y, i)));
                        let mut unequal = pairs.map(|(x, y)| x.total_cmp(&y)).filter(|order| order.is_ne());
                        unequal.next().unwrap_or(core::cmp::Ordering::Equal)
                    });
                    sorted
                };
                let (from, to) = (sorted(original, factor), sorted(copy, 1.0));
                // Undone, the permutation gives the original's order back.
                let mut origin = alloc::vec![0; lines];
                to.iter().zip(&from).for_each(|(&to, &from)| origin[to] = from);
                let place = |i: usize| {
                    let (line, i) = if step == 1 { (i / length, i % length) } else { (i % lines, i / lines) };
                    origin[line] * stride + i * step
                };
                if let Some(fit) = self.fit(original, copy, &place) {
                    let seen = (ENOUGH / length).clamp(1, lines);
                    let pairs: Vec<_> = (0..seen)
                        .flat_map(|line| (0..length.min(ENOUGH)).map(move |i| (line, i)))
                        .map(|(line, i)| (at(original, origin[line], i), at(copy, line, i)))
                        .collect();
                    let choices = seen as f64 * libm::log(lines as f64);
                    let ln_p = fit.ln_order(&pairs) + choices;
                    let ln_p = significant(ln_p, self.parameter_pairs() * RELATIONS)?;
                    return Some(self.whole(original, copy, &fit, order, ln_p));
                }
            }
        }
        let sorted = |layer: usize, factor: f64| {
            let weights = self.layers[layer].weights.iter();
            let mut sorted: Vec<f64> = weights.map(|&w| factor * Scalar::to_f64(w)).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            sorted
        };
        let (from, to) = (sorted(original, factor), sorted(copy, 1.0));
        let mut fit = Fit::of(from.len(), 1.0, self.resolution(), |i| from[i], |i| to[i])?;
        if fit.precision == Precision::Half || fit.factor < 0.0 {
            return None;
        }
        let ln_p = significant(fit.ln_values(&from, &to)?, self.parameter_pairs() * RELATIONS)?;
        fit.factor = factor;
        Some(self.whole(original, copy, &fit, Order::Permuted, ln_p))
    }

    fn whole(&self, original: usize, copy: usize, fit: &Fit, order: Order, ln_p_value: f64) -> Match {
        let weights = self.layers[copy].weights.len();
        let values = fit.values();
        Match { original, copy, parts: [Part::Whole, Part::Whole], weights, values, order, ln_p_value }
    }
}
