//! Runs: ranges of weights that come again at any other place, in the same order or back to front.
//!
//! The signs of neighbouring weights are a fingerprint that no factor, no rounding and no change of a symmetric
//! distribution alters. Of all windows of neighbours, those that their own bits choose are sorted by their signs; where two
//! have the same, the weights themselves are compared, and the range grows to both sides as far as they agree.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

use super::evidence::{ENOUGH, Fit, informative, ln_signs, significant};
use super::model::{Match, Model};
use super::weight_copy::{Order, Part, Values};
use crate::scalar::Scalar;

/// Weights of a window: few enough for short rows; in a model of more weights than `MANY` enough to keep chance meetings rare.
const SHORT: u32 = 32;
const LONG: u32 = 48;
const MANY: usize = 1 << 22;

/// A window is chosen with a probability of 2^-k, k at most this and 0 in a model of less than 2^20 weights.
const THINNEST: u32 = 4;

/// Directions, signs and precisions that are tried at each pair of places.
const RELATIONS: f64 = 2.0 * 4.0;

/// A window that was chosen: its signs, its layer, its first element.
type Window = (u64, usize, usize);

/// Ranges of the model, by the layer and the start.
#[derive(Default)]
pub(super) struct Covered(BTreeMap<(usize, usize), usize>);

impl Covered {
    pub(super) fn contains(&self, layer: usize, element: usize) -> bool {
        let before = self.0.range(..=(layer, element)).next_back();
        before.is_some_and(|(&(at, _), &end)| at == layer && element < end)
    }

    fn add(&mut self, layer: usize, range: &Range<usize>) {
        let end = self.0.entry((layer, range.start)).or_default();
        *end = (*end).max(range.end);
    }
}

/// Pairs of elements that belong to each other, on the way forwards or backwards from two that do.
#[derive(Clone, Copy)]
struct Diagonal {
    original: usize,
    copy: usize,
    /// Elements of both that belong to each other.
    pins: [usize; 2],
    backwards: bool,
}

impl Diagonal {
    /// The element of the original that belongs to the one that is `offset` from the pin of the copy.
    fn original_at(&self, offset: isize) -> Option<usize> {
        self.pins[0].checked_add_signed(if self.backwards { -offset } else { offset })
    }

    /// The same pairs, with other pins.
    fn moved(self, offset: isize) -> Option<Self> {
        Some(Self { pins: [self.original_at(offset)?, self.pins[1].checked_add_signed(offset)?], ..self })
    }
}

pub(super) fn search<T: Scalar>(model: &mut Model<'_, T>) -> Covered {
    let bits = if model.weights() < MANY { SHORT } else { LONG };
    let mut windows = windows(model, bits);
    windows.sort_unstable();
    let (mut seen, mut copied) = (Covered::default(), Covered::default());
    let mut first = 0;
    for place in 1..windows.len() {
        if windows[place].0 != windows[first].0 {
            first = place;
            continue;
        }
        for other in [first, place - 1] {
            let (_, layer, element) = windows[place];
            // A window that begins a few weights early may have their signs right by chance.
            if seen.contains(layer, element + bits as usize / 2) {
                break;
            }
            if let Some((range, found)) = model.run(bits, windows[other], windows[place]) {
                let known = seen.contains(layer, range.start + range.len() / 2);
                seen.add(layer, &range);
                if let Some(found) = found.filter(|_| !known) {
                    copied.add(layer, &range);
                    model.found.push(found);
                }
            }
            if first == place - 1 {
                break;
            }
        }
    }
    copied
}

/// The chosen windows of all parameters that are not known to be copies.
fn windows<T: Scalar>(model: &Model<'_, T>, bits: u32) -> Vec<Window> {
    let thin = model.weights().max(1).ilog2().saturating_sub(20).min(THINNEST);
    let mask = u64::MAX >> (64 - bits);
    // As many changes of sign as random ones have: zeros, ones and stripes are no fingerprint.
    let changes = bits / 6..=bits - bits / 6;
    let mut windows = Vec::new();
    for (index, layer) in model.layers.iter().enumerate() {
        if model.explained[index] || model.sketches[index].sorted {
            continue;
        }
        let middle = T::from_f64(model.sketches[index].middle);
        let [mut forwards, mut backwards] = [0_u64; 2];
        for (element, &weight) in layer.weights.iter().enumerate() {
            let sign = u64::from(weight > middle);
            forwards = (forwards << 1 | sign) & mask;
            backwards = backwards >> 1 | sign << (bits - 1);
            let signs = forwards.min(forwards ^ mask).min(backwards.min(backwards ^ mask));
            let chosen = thin == 0 || signs.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - thin) == 0;
            if chosen
                && element + 1 >= bits as usize
                && changes.contains(&((signs ^ signs >> 1) & mask >> 1).count_ones())
            {
                windows.push((signs, index, element + 1 - bits as usize));
            }
        }
    }
    windows
}

impl<T: Scalar> Model<'_, T> {
    /// The longest range of the second about two windows in which the weights agree, and the match, if chance does not
    /// make such.
    fn run(&self, bits: u32, a: Window, b: Window) -> Option<(Range<usize>, Option<Match>)> {
        let (a, b) = ((a.1, a.2), (b.1, b.2));
        if self.tied(a.0, b.0) {
            return None;
        }
        let length = bits as usize;
        [false, true].into_iter().find_map(|backwards| {
            let pin = if backwards { a.1 + length - 1 } else { a.1 };
            self.along(Diagonal { original: a.0, copy: b.0, pins: [pin, b.1], backwards }, length)
        })
    }

    /// The same on one diagonal, if the first `length` weights from the pins have the same signs, or all other ones.
    fn along(&self, diagonal: Diagonal, length: usize) -> Option<(Range<usize>, Option<Match>)> {
        let [a, b] = [diagonal.original, diagonal.copy].map(|layer| self.sketches[layer].middle);
        let agree = |original: f64, copy: f64| (original > a) == (copy > b);
        let first = self.pair(diagonal, 0)?;
        let same = agree(first.0, first.1);
        let alike = |original, copy| agree(original, copy) == same;
        if !(0..length as isize).all(|i| self.pair(diagonal, i).is_some_and(|(a, b)| alike(a, b))) {
            return None;
        }
        let signs = self.grow(diagonal, length, alike);
        // A window that began outside of the copy, and had its signs right by chance, hides what the others are.
        let apart = signs.len() - length;
        let farther = [apart / 2, apart / 4, apart - apart / 4].map(|i| signs.start + i as isize);
        let fits = core::iter::once(0).chain(farther).filter_map(|start| {
            let diagonal = diagonal.moved(start)?;
            Some((diagonal, self.fit_of_window(diagonal, length)?))
        });
        if let Some((diagonal, fit)) = fits.min_by_key(|(_, fit)| fit.precision) {
            let offsets = self.grow(diagonal, length, |original, copy| fit.admits(original, copy));
            let ln_p = fit.ln_order(&self.pairs(diagonal, &offsets));
            return self.found(diagonal, offsets, fit.values(), ln_p);
        }
        let pairs = informative(&self.pairs(diagonal, &signs));
        let above = pairs.iter().filter(|pair| pair.1 > b).count();
        let correlation = if same { 1.0 } else { -1.0 };
        self.found(diagonal, signs, Values::Dependent { correlation }, ln_signs(pairs.len(), above))
    }

    /// The value of the original and of the copy at an offset from the pins.
    fn pair(&self, diagonal: Diagonal, offset: isize) -> Option<(f64, f64)> {
        let original = self.layers[diagonal.original].weights.get(diagonal.original_at(offset)?)?;
        let copy = diagonal.pins[1].checked_add_signed(offset)?;
        let copy = self.layers[diagonal.copy].weights.get(copy)?;
        Some((Scalar::to_f64(*original), Scalar::to_f64(*copy)))
    }

    /// As many pairs as are enough.
    fn pairs(&self, diagonal: Diagonal, offsets: &Range<isize>) -> Vec<(f64, f64)> {
        offsets.clone().take(ENOUGH).filter_map(|offset| self.pair(diagonal, offset)).collect()
    }

    fn fit_of_window(&self, diagonal: Diagonal, length: usize) -> Option<Fit> {
        let pair = |i: usize| self.pair(diagonal, i as isize).unwrap_or((f64::NAN, f64::NAN));
        let largest = (0..length).max_by(|&i, &j| pair(i).0.abs().total_cmp(&pair(j).0.abs()))?;
        let magnitude = (pair(largest).1 / pair(largest).0).abs();
        Fit::of(length, magnitude, self.resolution(), |i| pair(i).0, |i| pair(i).1)
    }

    /// The offsets from the pins, to both sides of the first `length`, at which the weights agree.
    fn grow(&self, diagonal: Diagonal, length: usize, agree: impl Fn(f64, f64) -> bool) -> Range<isize> {
        let agrees = |&offset: &isize| {
            self.pair(diagonal, offset).is_some_and(|(original, copy)| agree(original, copy))
        };
        let after = (length as isize..).take_while(agrees).count();
        let before = (1..).map(|i: isize| -i).take_while(agrees).count();
        -(before as isize)..(length + after) as isize
    }

    fn found(
        &self,
        diagonal: Diagonal,
        offsets: Range<isize>,
        values: Values,
        ln_p: f64,
    ) -> Option<(Range<usize>, Option<Match>)> {
        let weights = self.weights() as f64;
        let significant = significant(ln_p, weights * weights * RELATIONS);
        let Diagonal { original, copy, pins, backwards } = diagonal;
        let ends = [diagonal.original_at(offsets.start)?, diagonal.original_at(offsets.end - 1)?];
        let first = ends[0].min(ends[1]);
        let range = pins[1].checked_add_signed(offsets.start)?..pins[1].checked_add_signed(offsets.end)?;
        let Some(ln_p_value) = significant else { return Some((range, None)) };
        let is_row = |layer: usize, start: usize| {
            let columns = self.layers[layer].columns();
            range.len() == columns && start.is_multiple_of(columns)
        };
        let rows = is_row(original, first) && is_row(copy, range.start);
        let part = |layer: usize, range: Range<usize>| match self.layers[layer].weights.len() {
            length if length == range.len() => Part::Whole,
            _ if rows => Part::Row(range.start / range.len()),
            _ => Part::Range(range),
        };
        let by = range.start as isize - first as isize;
        let order = match by {
            _ if backwards => Order::Reversed,
            0 if original != copy => Order::Same,
            _ if rows => Order::RowsPermuted,
            by => Order::Shifted { by },
        };
        let parts = [part(original, first..first + range.len()), part(copy, range.clone())];
        let found = Match { original, copy, parts, weights: range.len(), values, order, ln_p_value };
        Some((range, Some(found)))
    }
}
