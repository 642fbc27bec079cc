//! Correlation: parameters whose first weights depend on each other without being multiples, such as a uniform and a normal
//! fill from one seed.
//!
//! Pairs that may correlate are found among many parameters by hashing a few of their signs at a time, many times over
//! (Indyk and Motwani, "Approximate nearest neighbors", 1998, <https://doi.org/10.1145/276698.276876>). Each is then
//! judged by Fisher's exact test.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use super::evidence::{informative, significant};
use super::model::{Match, Model, join, root};
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
const MEETINGS: f64 = 6.0;

/// Parameters with the same hash that one is compared with; about 8 to 16 others have the same.
const NEIGHBOURS: usize = 32;

/// Exact tests of a parameter that may find nothing: among independent ones not even one in ten needs one.
const PATIENCE: usize = 8;

/// The positive ones of the hashed signs; with less, hashes of unrelated parameters are alike.
const BALANCED: RangeInclusive<u32> = HASHED as u32 / 4..=HASHED as u32 * 3 / 4;

/// The signs that hashes are made of, one a bit.
type Signs = [u64; HASHED / 64];

pub(super) fn search<T: Scalar>(model: &mut Model<'_, T>) {
    let copied = model.copied();
    let (candidates, signs): (Vec<usize>, Vec<Signs>) = (0..model.layers.len())
        .filter(|&l| {
            let length = model.layers[l].weights.len();
            2 * copied[l] < length && !model.sketches[l].sorted && length >= HASHED
        })
        .map(|l| (l, model.signs(l)))
        .filter(|(_, signs)| BALANCED.contains(&count(signs)))
        .unzip();
    // Of parameters that all depend on each other, each is reported beside one other.
    let mut groups: Vec<usize> = (0..model.layers.len()).collect();
    for found in &model.found {
        join(&mut groups, found.original, found.copy);
    }
    let mut in_vain = alloc::vec![0; model.layers.len()];
    let bits = (candidates.len().max(1).ilog2()).saturating_sub(2).clamp(4, 24);
    let bands = libm::ceil(MEETINGS / libm::pow(AGREEING, f64::from(bits))) as u64;
    for band in 0..bands {
        let places: Vec<usize> =
            (0..bits).map(|bit| mix(mix(band + 1) ^ u64::from(bit)) as usize >> 8 & (HASHED - 1)).collect();
        let mut hashes: Vec<(u32, usize)> = signs
            .iter()
            .map(|signs| {
                let sign = |place: usize| (signs[place / 64] >> (place % 64) & 1) as u32;
                let hash = places.iter().fold(0, |hash, &place| hash << 1 | sign(place));
                if hash & 1 == 1 { hash ^ u32::MAX >> (32 - bits) } else { hash }
            })
            .zip(0..)
            .collect();
        hashes.sort_unstable();
        for place in 1..hashes.len() {
            let (hash, second) = hashes[place];
            let before = hashes[place.saturating_sub(NEIGHBOURS)..place].iter().rev();
            for &(_, first) in before.take_while(|other| other.0 == hash) {
                let (original, copy) = (candidates[first], candidates[second]);
                if !alike(&signs[first], &signs[second])
                    || model.tied(original, copy)
                    || root(&mut groups, original) == root(&mut groups, copy)
                    || in_vain[copy] >= PATIENCE
                {
                    continue;
                }
                if let Some(found) = model.dependent(original, copy) {
                    join(&mut groups, original, copy);
                    model.found.push(found);
                } else {
                    in_vain[copy] += 1;
                }
            }
        }
    }
}

fn count(signs: &Signs) -> u32 {
    signs.iter().map(|signs| signs.count_ones()).sum()
}

/// Whether the signs correlate as random ones do about once in 16,000 times: by 4 standard errors.
fn alike(a: &Signs, b: &Signs) -> bool {
    let both = a.iter().zip(b).map(|(a, b)| (a & b).count_ones()).sum();
    let [n, first, second, both] = [HASHED as u32, count(a), count(b), both].map(f64::from);
    let correlation = hypergeometric::correlation(n, first, second, both);
    correlation * correlation * n >= 16.0
}

impl<T: Scalar> Model<'_, T> {
    /// Which of the first weights are above the middle, one a bit.
    fn signs(&self, layer: usize) -> Signs {
        let middle = T::from_f64(self.sketches[layer].middle);
        let mut signs = [0; HASHED / 64];
        for (i, &weight) in self.layers[layer].weights.iter().take(HASHED).enumerate() {
            signs[i / 64] |= u64::from(weight > middle) << (i % 64);
        }
        signs
    }

    /// Fisher's test of the signs, without the weights whose order says nothing.
    fn dependent(&self, original: usize, copy: usize) -> Option<Match> {
        let lengths = [original, copy].map(|layer| self.layers[layer].weights.len());
        let length = lengths[0].min(lengths[1]).min(COMPARED);
        let pairs: Vec<_> = (0..length).map(|i| (self.at(original, i), self.at(copy, i))).collect();
        let turned = |pairs: Vec<(f64, f64)>| pairs.iter().map(|&(a, b)| (b, a)).collect::<Vec<_>>();
        let pairs = turned(informative(&turned(informative(&pairs))));
        let [a, b] = [original, copy].map(|layer| self.sketches[layer].middle);
        let count =
            |marked: &dyn Fn(&(f64, f64)) -> bool| pairs.iter().filter(|pair| marked(pair)).count() as f64;
        let (n, first, second) = (pairs.len() as f64, count(&|pair| pair.0 > a), count(&|pair| pair.1 > b));
        let both = count(&|pair| pair.0 > a && pair.1 > b);
        let p = hypergeometric::both_tails(n, first, second, both);
        let ln_p_value = significant(libm::log(p.max(f64::MIN_POSITIVE)), self.parameter_pairs())?;
        let correlation = hypergeometric::correlation(n, first, second, both);
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
}
