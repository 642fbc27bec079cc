//! Samples: what one pass over the weights tells.

use alloc::vec;
use alloc::vec::Vec;

use super::standard::{Standard, Units};
use crate::chain::Moments;
use crate::init::Law;
use crate::scalar::{Scalar, sqrt};

/// Bins of the distribution function per standard deviation and square root of n: they blur the distance by a
/// hundredth of what is allowed, and need no sorted copy of the weights.
const BINS_PER_ROOT: f64 = 16.0;

/// Weights in units of their distribution: z = (w - mean) / std_dev, both as promised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) n: f64,
    /// Mean of z.
    pub(super) mean: f64,
    /// Root of the mean of z^2.
    pub(super) root_mean_square: f64,
    /// How much rounding may have moved either.
    pub(super) slack: f64,
    /// The largest |z|, less what rounding may have added.
    pub(super) farthest: f64,
    /// The least and the largest weight.
    pub(super) ends: [f64; 2],
    /// How many weights are exactly 0.
    pub(super) zeros: f64,
    /// The largest distance between the empirical and the promised distribution function.
    pub(super) distance: f64,
}

impl Sample {
    /// The weights are finite and at least one.
    pub(super) fn of<T: Scalar>(weights: &[T], law: &Law) -> Self {
        let (units, moments) = (Units::of(law), Moments::from_slice(weights));
        let of = |statistic: Option<f64>| statistic.unwrap_or(f64::NAN);
        let (mean, std_dev) = (of(moments.mean()), of(moments.std_dev()));
        let mean = (mean - units.mean) / units.std_dev;
        let about_mean = std_dev / units.std_dev;
        let ends = [of(moments.min()), of(moments.max())];
        let farthest = ends.map(|end| {
            let z = ((end - units.mean) / units.std_dev).abs();
            z - units.slack::<T>(end) / units.std_dev
        });
        Self {
            n: weights.len() as f64,
            mean,
            root_mean_square: libm::hypot(mean, about_mean),
            // Of the root mean square of slacks, which is at least their mean.
            slack: units.slack::<T>(of(moments.rms())) / units.std_dev,
            farthest: farthest[0].max(farthest[1]),
            ends,
            zeros: moments.zeros() as f64,
            distance: Histogram::of(weights, &Standard::of(law), units).distance::<T>(),
        }
    }

    /// Of a constant distribution that was met.
    pub(super) fn all_equal(n: f64, value: f64) -> Self {
        let [mean, root_mean_square, slack, farthest, zeros, distance] = [0.0; 6];
        Self { n, mean, root_mean_square, slack, farthest, ends: [value; 2], zeros, distance }
    }

    /// Variance about the sample's own mean, as a multiple of the promised variance.
    pub(super) fn variance(&self) -> f64 {
        (self.root_mean_square * self.root_mean_square - self.mean * self.mean).max(0.0)
    }

    pub(super) fn is_constant(&self) -> bool {
        self.ends[0] == self.ends[1]
    }
}

/// Counts of weights in equal bins of z; those beyond the range are counted in the outermost.
struct Histogram<'a> {
    standard: &'a Standard,
    units: Units,
    n: f64,
    low: f64,
    width: f64,
    counts: Vec<u32>,
}

impl<'a> Histogram<'a> {
    fn of<T: Scalar>(weights: &[T], standard: &'a Standard, units: Units) -> Self {
        let n = weights.len() as f64;
        let (low, high) = standard.range();
        let bins = libm::ceil(BINS_PER_ROOT * sqrt(n) * (high - low)).max(2.0);
        let width = (high - low) / bins;
        let mut counts = vec![0_u32; bins as usize];
        let (last, per_z) = (counts.len() - 1, 1.0 / width);
        for &weight in weights {
            // A conversion saturates.
            let bin = ((units.z(weight) - low) * per_z) as usize;
            let count = &mut counts[bin.min(last)];
            *count = count.saturating_add(1);
        }
        Self { standard, units, n, low, width, counts }
    }

    /// The largest distance at any edge between two bins, less what rounding may have added: a weight counts as
    /// low, and as high, as it leaves open.
    fn distance<T: Scalar>(&self) -> f64 {
        let bins = self.counts.len();
        let below: Vec<u64> = core::iter::once(0)
            .chain(self.counts.iter().scan(0, |sum, &count| {
                *sum += u64::from(count);
                Some(*sum)
            }))
            .collect();
        let mut distance = 0.0_f64;
        for edge in 1..bins {
            let z = self.low + edge as f64 * self.width;
            let slack = libm::ceil(1.01 * self.units.slack_of_z::<T>(z) / self.width) as usize;
            let least = if slack < edge { below[edge - slack] } else { 0 };
            let most = if slack < bins - edge { below[edge + slack] } else { below[bins] };
            let expected = self.standard.cdf(z);
            distance = distance.max(least as f64 / self.n - expected).max(expected - most as f64 / self.n);
        }
        distance
    }
}
