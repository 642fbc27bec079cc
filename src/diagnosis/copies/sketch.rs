//! Sketches: what one pass over a layer's weights keeps of them.

use alloc::vec::Vec;

use crate::scalar::{Scalar, sqrt};

/// Weights that the middle of a lopsided layer is found from.
const SAMPLE: usize = 4096;

/// What is the same for every order of the weights, and where their signs are split.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sketch {
    /// A hash of the magnitudes, whatever their order.
    pub(super) hash: u64,
    /// Mean magnitude over root mean square, and (mean fourth power)^1/4 over it: whatever the order and the factor.
    pub(super) mean: f64,
    pub(super) tail: f64,
    /// The largest magnitude and where it stands first.
    pub(super) largest: f64,
    pub(super) at: usize,
    /// The middle: 0, or the median where most weights have one sign.
    pub(super) middle: f64,
    /// The weights stand in ascending or descending order, or are all equal: they were not drawn.
    pub(super) sorted: bool,
}

impl Sketch {
    pub(super) fn of<T: Scalar>(weights: &[T]) -> Self {
        let (mut hash, mut positive) = (0_u64, 0_usize);
        let [mut sum, mut squares, mut fourths] = [0.0_f64; 3];
        let (mut largest, mut at) = (0.0_f64, 0);
        for (index, chunk) in weights.chunks(SAMPLE).enumerate() {
            let mut largest_here = 0.0_f64;
            for &weight in chunk {
                let weight = Scalar::to_f64(weight);
                let magnitude = weight.abs();
                let square = weight * weight;
                hash = hash.wrapping_add(mix(magnitude.to_bits()));
                positive += usize::from(weight > 0.0);
                sum += magnitude;
                squares += square;
                fourths += square * square;
                largest_here = largest_here.max(magnitude);
            }
            if largest_here > largest {
                let place = chunk.iter().position(|&w| Scalar::to_f64(w).abs() == largest_here);
                (largest, at) = (largest_here, index * SAMPLE + place.unwrap_or(0));
            }
        }
        let n = weights.len() as f64;
        let root_mean_square = sqrt(squares / n);
        let balanced = (0.4 * n..=0.6 * n).contains(&(positive as f64));
        Self {
            hash,
            mean: sum / n / root_mean_square,
            tail: sqrt(sqrt(fourths / n)) / root_mean_square,
            largest,
            at,
            middle: if balanced { 0.0 } else { median(weights) },
            sorted: weights.is_sorted() || weights.is_sorted_by(|a, b| a >= b),
        }
    }
}

/// The median of evenly spaced weights.
fn median<T: Scalar>(weights: &[T]) -> f64 {
    let step = weights.len().div_ceil(SAMPLE).max(1);
    let mut sample: Vec<f64> = weights.iter().step_by(step).map(|&w| Scalar::to_f64(w)).collect();
    if sample.is_empty() {
        return 0.0;
    }
    let middle = (sample.len() - 1) / 2;
    *sample.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// Bits of which every one depends on every bit of the argument, but for the lowest; the finalizer of splitmix64 with one
/// multiplication less.
#[inline]
pub(super) fn mix(bits: u64) -> u64 {
    let bits = (bits ^ bits >> 32).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (bits ^ bits >> 29).wrapping_mul(0x94d0_49bb_1331_11eb)
}
