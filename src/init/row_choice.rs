//! A number of rows chosen in each column, all sets of rows as likely as each other, in O(1) for each element.
//!
//! A Feistel network on the pairs (left, right) with left < a, right < b and a b >= rows permutes them; walking on until a pair stands for a row makes
//! it a permutation of the rows (Black and Rogaway, ["Ciphers with arbitrary finite domains"](https://doi.org/10.1007/3-540-45760-7_9), 2002). a is near
//! the root of the rows and such that few pairs stand for none: seldom does an element have to walk. The rows whose places are below the number are the chosen ones.
//!
//! With random functions in the rounds the chance that two rows are chosen together is off by a factor of about 1 / a less with each round: an even number of
//! rounds makes it 2^-24 or less, and at least 6 are made. That the hash in them does as well is tested on all sets of few rows.

use core::array;

use super::Scalar;
use crate::scalar::sqrt;
use crate::seed::Seed;
use crate::simd::widest;

/// Columns side by side.
const LANES: usize = 64;

/// Columns whose keys are kept while rows go by.
const STRIP: usize = 256;

/// Sides that are tried for the one that leaves the least to walk.
const TRIES: u64 = 64;

/// What the keys of a column change by from round to round.
const STEPS: [u32; 2] = [0x9e37_79b9, 0x85eb_ca6b];

/// A number of one column each.
type Lane = [u32; LANES];

/// Which rows are chosen in each column.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowChoice {
    cols: usize,
    /// a and b.
    sides: [u32; 2],
    /// The pair of the first number that is no row.
    rows: [u32; 2],
    /// The pair of the first place that is not chosen.
    chosen: [u32; 2],
    rounds: usize,
    start: u64,
    step: u64,
}

impl RowChoice {
    /// `chosen`, at most `rows`, of at least 1 and at most 2^63 rows.
    pub(super) fn new(rows: usize, chosen: usize, cols: usize, seed: Seed) -> Self {
        let (rows, chosen) = (rows as u64, chosen as u64);
        let root = root(rows);
        // Of equals the first is taken.
        let tries = (0..TRIES.min(root.div_ceil(2))).map(|less| root - less);
        let a = tries.min_by_key(|a| rows.div_ceil(*a) * a - rows).unwrap_or(root);
        let b = rows.div_ceil(a);
        let pair = |n: u64| [(n / b) as u32, (n % b) as u32];
        let rounds = if a == 1 { 0 } else { 2 + 24_u32.div_ceil(a.ilog2()).next_multiple_of(2) };
        let bytes = seed.to_bytes();
        let (words, _) = bytes.as_chunks::<8>();
        Self {
            cols,
            sides: [a as u32, b as u32],
            rows: pair(rows),
            chosen: pair(chosen),
            rounds: rounds.max(6) as usize,
            start: u64::from_le_bytes(words[0]),
            step: u64::from_le_bytes(words[1]) | 1,
        }
    }

    /// Clears the chosen elements of a shard that begins at an element of the tensor.
    pub(super) fn clear<T: Scalar>(&self, offset: usize, shard: &mut [T]) {
        let (row, col) = (offset / self.cols, offset % self.cols);
        let (first, rest) = shard.split_at_mut(if col == 0 { 0 } else { shard.len().min(self.cols - col) });
        let row_of_rest = if col == 0 { row } else { row + 1 };
        let (whole, last) = rest.split_at_mut(rest.len() / self.cols * self.cols);
        let row_of_last = row_of_rest + whole.len() / self.cols;
        for (row, col, width, part) in [
            (row, col, first.len(), first),
            (row_of_rest, 0, self.cols, whole),
            (row_of_last, 0, last.len(), last),
        ] {
            if part.is_empty() {
                continue;
            }
            for start in (0..width).step_by(STRIP) {
                let strip = start..width.min(start + STRIP);
                clear_strip(self, row as u64, (col + start) as u64, part, width, strip);
            }
        }
    }

    /// The keys of a column: SplitMix64's output function (Steele, Lea and Flood 2014, variant 13 of Stafford's) of a sequence that the seed gives.
    #[inline(always)]
    fn keys(&self, col: u64) -> [u32; 2] {
        let z = self.start.wrapping_add(col.wrapping_mul(self.step));
        let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        let z = z ^ z >> 31;
        [z as u32, (z >> 32) as u32]
    }

    /// The pairs after a step of the network.
    #[inline(always)]
    fn permute<const N: usize>(&self, keys: &[[u32; N]; 2], left: &mut [u32; N], right: &mut [u32; N]) {
        let [mut first, mut second] = *keys;
        let [a, b] = self.sides;
        for _ in 0..self.rounds / 2 {
            round(&mut first, &mut second, right, left, a);
            round(&mut first, &mut second, left, right, b);
        }
    }

    /// Clears those of at most `LANES` elements whose rows, as pairs, are chosen.
    #[inline(always)]
    fn clear_lanes<T: Scalar>(&self, keys: &[Lane; 2], mut left: Lane, mut right: Lane, weights: &mut [T]) {
        self.permute(keys, &mut left, &mut right);
        let mut outside = 0;
        for n in 0..LANES {
            outside += u32::from(!below(left[n], right[n], self.rows));
        }
        if outside > 0 {
            self.walk(keys, &mut left, &mut right);
        }
        for (n, weight) in weights.iter_mut().enumerate() {
            *weight = if below(left[n], right[n], self.chosen) { T::zero() } else { *weight };
        }
    }

    /// Walks on until every pair stands for a row: seldom more than a few of them have to.
    #[inline(never)]
    fn walk(&self, keys: &[Lane; 2], left: &mut Lane, right: &mut Lane) {
        for n in 0..LANES {
            while !below(left[n], right[n], self.rows) {
                let keys = [[keys[0][n]], [keys[1][n]]];
                self.permute(&keys, array::from_mut(&mut left[n]), array::from_mut(&mut right[n]));
            }
        }
    }
}

/// A round of the network: adds a function of one of the numbers of a pair to the other, modulo its side.
#[inline(always)]
fn round<const N: usize>(
    first: &mut [u32; N],
    second: &mut [u32; N],
    by: &[u32; N],
    changed: &mut [u32; N],
    side: u32,
) {
    for n in 0..N {
        let x = (by[n] ^ first[n]).wrapping_mul(0x7feb_352d);
        let x = ((x ^ x >> 15) ^ second[n]).wrapping_mul(0x846c_a68b);
        let shift = ((u64::from(x) * u64::from(side)) >> 32) as u32;
        // The sum modulo the side, which may be above 2^31.
        let room = side - shift;
        let sum = changed[n].wrapping_add(shift);
        changed[n] = if changed[n] < room { sum } else { sum.wrapping_sub(side) };
        first[n] = first[n].wrapping_add(STEPS[0]);
        second[n] = second[n].wrapping_add(STEPS[1]);
    }
}

/// Whether a pair stands for a number below that of `end`.
#[inline(always)]
fn below(left: u32, right: u32, [end_left, end_right]: [u32; 2]) -> bool {
    (left < end_left) | ((left == end_left) & (right < end_right))
}

/// The whole part of the square root.
fn root(n: u64) -> u64 {
    let near = sqrt(n as f64) as u64;
    if u128::from(near) * u128::from(near) > u128::from(n) { near - 1 } else { near }
}

widest! {
    /// Clears the chosen elements of some columns, `strip` of those of `part`, whose rows have `width` elements; its first element is in this row, the
    /// strip's first in this column.
    fn clear_strip<T: Scalar>(
        choice: &RowChoice,
        row: u64,
        col: u64,
        part: &mut [T],
        width: usize,
        strip: core::ops::Range<usize>,
    ) {
        let mut keys = [[[0; LANES]; 2]; STRIP / LANES];
        // Of narrow rows some side by side.
        let at_once = (LANES / width).max(1);
        for n in 0..if at_once > 1 { at_once * width } else { strip.len() } {
            let [first, second] = choice.keys(col + (n % width) as u64);
            keys[n / LANES][0][n % LANES] = first;
            keys[n / LANES][1][n % LANES] = second;
        }
        let b = u64::from(choice.sides[1]);
        let pair = |row: u64| ((row / b) as u32, (row % b) as u32);
        for (group, weights) in part.chunks_mut(at_once * width).enumerate() {
            let row = row + (group * at_once) as u64;
            if at_once == 1 {
                let (left, right) = pair(row);
                for (weights, keys) in weights[strip.clone()].chunks_mut(LANES).zip(&keys) {
                    choice.clear_lanes(keys, [left; LANES], [right; LANES], weights);
                }
            } else {
                let (mut left, mut right) = ([0; LANES], [0; LANES]);
                for (n, first) in (0..weights.len()).step_by(width).enumerate() {
                    let (row_left, row_right) = pair(row + n as u64);
                    left[first..first + width].fill(row_left);
                    right[first..first + width].fill(row_right);
                }
                choice.clear_lanes(&keys[0], left, right, weights);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_exact() {
        for n in (1..2000).chain([1 << 62, 1 << 63, (1 << 62) - 1, 3_037_000_499 * 3_037_000_499 - 1]) {
            let root = u128::from(root(n));
            assert!(root * root <= n.into() && (root + 1) * (root + 1) > n.into(), "{n}");
        }
    }
}
