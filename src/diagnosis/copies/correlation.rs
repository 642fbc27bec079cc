//! Correlation: parameters whose first weights depend on each other without being multiples, such as a uniform and a normal
//! fill from one seed.
//!
//! Pairs that may correlate are found among many parameters by hashing a few of their signs at a time, many times over
//! (Indyk and Motwani, "Approximate nearest neighbors", 1998, <https://doi.org/10.1145/276698.276876>). Each is then
//! judged by Fisher's exact test.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use super::evidence::{informative, significant};
use super::model::{Match, Model};
use super::sketch::mix;
use super::weight_copy::{Order, Part, Values};
use crate::hypergeometric;
use crate::scalar::Scalar;

/// Weights that are compared at most, and those that the hashed signs are taken from; parameters with fewer are
/// not compared.
const COMPARED: usize = 1 << 14;
const HASHED: usize = 256;

/// The share of signs that agree, of a uniform fill beside a normal one 3/4, with some taken off for chance; and how many
/// common hashes two such parameters should have on average.
const AGREEING: f64 = 0.70;
const MEETINGS: f64 = 8.0;

/// Parameters with the same hash that one is compared with.
const NEIGHBOURS: usize = 4;

pub(super) fn search<T: Scalar>(model: &mut Model<'_, T>) {
    let candidates: Vec<usize> = (0..model.layers.len())
        .filter(|&l| {
            !model.explained[l] && !model.sketches[l].sorted && model.layers[l].weights.len() >= HASHED
        })
        .collect();
    let mut known: BTreeSet<(usize, usize)> =
        model.found.iter().map(|found| (found.original, found.copy)).collect();
    let signs: Vec<Vec<u64>> = candidates.iter().map(|&l| model.signs(l)).collect();
    let bits = (candidates.len().max(2).ilog2() + 1).clamp(4, 24);
    let bands = libm::ceil(MEETINGS / libm::pow(AGREEING, f64::from(bits))) as u64;
    for band in 0..bands {
        let places: Vec<usize> = (0..bits)
            .map(|bit| mix(mix(band + 1) ^ u64::from(bit)) as usize >> 8 & (HASHED - 1))
            .collect();
        let mut hashes: Vec<(u32, usize)> = (0..candidates.len())
            .map(|i| {
                let sign = |place: usize| (signs[i][place / 64] >> (place % 64) & 1) as u32;
                let hash = places.iter().fold(0, |hash, &place| hash << 1 | sign(place));
                (if hash & 1 == 1 { hash ^ u32::MAX >> (32 - bits) } else { hash }, i)
            })
            .collect();
        hashes.sort_unstable();
        for place in 1..hashes.len() {
            for &(hash, i) in hashes[place.saturating_sub(NEIGHBOURS)..place].iter().rev() {
                let (original, copy) = (candidates[i], candidates[hashes[place].1]);
                if hash != hashes[place].0 {
                    break;
                }
                if model.tied(original, copy) || known.contains(&(original, copy)) {
                    continue;
                }
                if let Some(found) = model.dependent([original, copy], [&signs[i], &signs[hashes[place].1]]) {
                    known.insert((original, copy));
                    model.found.push(found);
                }
            }
        }
    }
}

impl<T: Scalar> Model<'_, T> {
    /// Which of the first weights are above the middle, one a bit.
    fn signs(&self, layer: usize) -> Vec<u64> {
        let weights = &self.layers[layer].weights;
        let weights = &weights[..weights.len().min(COMPARED)];
        let middle = T::from_f64(self.sketches[layer].middle);
        let mut signs = vec![0; weights.len().div_ceil(64)];
        for (word, weights) in signs.iter_mut().zip(weights.chunks(64)) {
            *word = weights.iter().enumerate().fold(0, |word, (i, &w)| word | u64::from(w > middle) << i);
        }
        signs
    }

    fn dependent(&self, [original, copy]: [usize; 2], [a, b]: [&[u64]; 2]) -> Option<Match> {
        let lengths = [original, copy].map(|layer| self.layers[layer].weights.len());
        let length = lengths[0].min(lengths[1]).min(COMPARED);
        let last = u64::MAX >> (63 - (length - 1) % 64);
        let words = length.div_ceil(64);
        let count = |bits: &dyn Fn(usize) -> u64| -> f64 {
            (0..words)
                .map(|word| bits(word) & if word + 1 == words { last } else { u64::MAX })
                .map(|bits| f64::from(bits.count_ones()))
                .sum()
        };
        let n = length as f64;
        let marks = [count(&|word| a[word]), count(&|word| b[word]), count(&|word| a[word] & b[word])];
        let correlation = hypergeometric::correlation(n, marks[0], marks[1], marks[2]);
        // Far from significant: 4 standard errors.
        if correlation * correlation * n < 16.0 {
            return None;
        }
        let ln_p = self.ln_dependent([original, copy], length);
        let ln_p_value = significant(ln_p, self.parameter_pairs())?;
        let part = |layer: usize| {
            if self.layers[layer].weights.len() == length { Part::Whole } else { Part::Range(0..length) }
        };
        Some(Match {
            original,
            copy,
            parts: [part(original), part(copy)],
            weights: length,
            values: Values::Dependent { correlation },
            order: Order::Same,
            ln_p_value,
        })
    }

    /// ln p of Fisher's test of the signs, without the weights whose order says nothing.
    fn ln_dependent(&self, [original, copy]: [usize; 2], length: usize) -> f64 {
        let pairs: Vec<_> = (0..length).map(|i| (self.at(original, i), self.at(copy, i))).collect();
        let turned = |pairs: Vec<(f64, f64)>| pairs.iter().map(|&(a, b)| (b, a)).collect::<Vec<_>>();
        let pairs = turned(informative(&turned(informative(&pairs))));
        let [a, b] = [original, copy].map(|layer| self.sketches[layer].middle);
        let count = |marked: &dyn Fn(&(f64, f64)) -> bool| {
            pairs.iter().filter(|pair| marked(pair)).count() as f64
        };
        let [first, second] = [count(&|pair| pair.0 > a), count(&|pair| pair.1 > b)];
        let both = count(&|pair| pair.0 > a && pair.1 > b);
        let p = hypergeometric::both_tails(pairs.len() as f64, first, second, both);
        libm::log(p.max(f64::MIN_POSITIVE))
    }
}
