//! Samples: the sums of one pass over the weights.

use alloc::vec;
use alloc::vec::Vec;

use crate::init::Law;
use crate::scalar::Scalar;
use crate::scalar::sqrt;

/// Bins of the distribution function per square root of n: they blur the distance by a hundredth
/// of what is allowed, and need no sorted copy of the weights.
const BINS_PER_ROOT: f64 = 32.0;

/// Weights in units of their distribution: z = (w - mean) / std_dev, both as promised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) n: f64,
    /// Mean of z, and how much rounding of the weights may have moved it.
    pub(super) mean: f64,
    pub(super) mean_slack: f64,
    /// Root of the mean of z^2, and how much rounding may have moved it.
    pub(super) root_mean_square: f64,
    pub(super) root_mean_square_slack: f64,
    /// The largest |z|, less what rounding may have added.
    pub(super) farthest: f64,
    /// The largest distance between the empirical and the promised distribution function.
    pub(super) distance: f64,
    pub(super) all_equal: bool,
}

/// Location and spread of a distribution, computed without squares that overflow or vanish.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Units {
    pub(super) mean: f64,
    pub(super) std_dev: f64,
}

impl Units {
    pub(super) fn of(law: &Law) -> Self {
        match *law {
            Law::TruncatedNormal { mean, std_dev, low, high } if std_dev > 0.0 => {
                let parent = in_parent_units(mean, std_dev, low, high);
                Self { mean: mean + std_dev * parent.mean(), std_dev: std_dev * parent.std_dev() }
            }
            Law::Uniform { low, high } => {
                Self { mean: law.mean(), std_dev: (0.5 * high - 0.5 * low) / sqrt(3.0) }
            }
            Law::Normal { mean, std_dev } => Self { mean, std_dev },
            _ => Self { mean: law.mean(), std_dev: law.std_dev() },
        }
    }

    /// How far a weight may lie from the value that the distribution gave it: the scalar's rounding of the
    /// parameters and of a few operations on them, or of a value below the smallest normal number.
    pub(super) fn slack<T: Scalar>(&self, weight: f64) -> f64 {
        let size = weight.abs() + self.mean.abs() + self.std_dev + T::min_positive_value().to_f64();
        2.0 * T::epsilon().to_f64() * size
    }
}

/// The distribution in units of its parent: a standard normal one between two bounds.
pub(super) fn in_parent_units(mean: f64, std_dev: f64, low: f64, high: f64) -> Law {
    let [low, high] = [low, high].map(|bound| (bound - mean) / std_dev);
    Law::TruncatedNormal { mean: 0.0, std_dev: 1.0, low, high }
}

impl Sample {
    /// The weights are finite and at least one.
    pub(super) fn of<T: Scalar>(weights: &[T], law: &Law, units: Units) -> Self {
        let n = weights.len() as f64;
        let mut distribution = Distribution::new(n);
        let [mut sum, mut squares, mut slacks, mut slack_squares, mut farthest] = [0.0_f64; 5];
        for &weight in weights {
            let weight = weight.to_f64();
            let slack = units.slack::<T>(weight);
            let (z, slack_z) = ((weight - units.mean) / units.std_dev, slack / units.std_dev);
            sum += z;
            squares += z * z;
            slacks += slack_z;
            slack_squares += slack_z * slack_z;
            farthest = farthest.max(z.abs() - slack_z);
            distribution.add(law.cdf(weight - slack), law.cdf(weight + slack));
        }
        Self {
            n,
            mean: sum / n,
            mean_slack: slacks / n,
            root_mean_square: sqrt(squares / n),
            root_mean_square_slack: sqrt(slack_squares / n),
            farthest,
            distance: distribution.distance(),
            all_equal: weights.iter().all(|&weight| weight == weights[0]),
        }
    }

    /// Of a constant distribution that was met.
    pub(super) fn all_equal(n: f64) -> Self {
        let [mean, mean_slack, root_mean_square, root_mean_square_slack, farthest, distance] = [0.0; 6];
        Self {
            n,
            mean,
            mean_slack,
            root_mean_square,
            root_mean_square_slack,
            farthest,
            distance,
            all_equal: true,
        }
    }

    /// Variance about the sample's own mean, as a multiple of the promised variance.
    pub(super) fn variance(&self) -> f64 {
        (self.root_mean_square * self.root_mean_square - self.mean * self.mean).max(0.0)
    }
}

/// Counts of weights by the promised distribution function at their place, once as low and once as
/// high as rounding leaves open. A true distance is at least the one found.
struct Distribution {
    n: f64,
    low: Vec<u64>,
    high: Vec<u64>,
}

impl Distribution {
    fn new(n: f64) -> Self {
        let bins = (BINS_PER_ROOT * sqrt(n)) as usize;
        Self { n, low: vec![0; bins + 1], high: vec![0; bins + 1] }
    }

    fn add(&mut self, low: f64, high: f64) {
        let bins = (self.low.len() - 1) as f64;
        self.low[libm::floor(low * bins) as usize] += 1;
        self.high[libm::ceil(high * bins) as usize] += 1;
    }

    fn distance(&self) -> f64 {
        let bins = (self.low.len() - 1) as f64;
        let (mut below, mut up_to, mut distance) = (0, 0, 0.0_f64);
        for (k, (low, high)) in self.low.iter().zip(&self.high).enumerate() {
            up_to += high;
            let expected = k as f64 / bins;
            distance = distance.max(up_to as f64 / self.n - expected).max(expected - below as f64 / self.n);
            below += low;
        }
        distance
    }
}
