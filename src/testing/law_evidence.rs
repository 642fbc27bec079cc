//! Evidence on a distribution: what weights look like beside the one that was promised.

use core::fmt;

use alloc::vec::Vec;

use super::equal_values::EqualValues;
use super::lines::Lines;
use super::neighbours::Neighbours;
use super::rank::Rank;
use super::repetition;
use super::sample::Sample;
use super::standard::{Standard, Units, in_parent_units, is_logarithmic};
use super::tail;
use super::truncated_tail::TruncatedTail;
use crate::diagnosis::{LayerWeights, WeightCopy, copies};
use crate::init::Law;
use crate::normal_distribution::both_tails;
use crate::scalar::{Scalar, sqrt};

/// What a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// All weights come again in the same order.
    Repetition,
    /// Weights that are exactly 0.
    Zeros,
    /// Ranges that are copies of others, negatives or multiples of them: see [`copies`]; given a shape, rows and columns
    /// as well.
    Copies,
    /// Weights that equal others, wherever they stand; of a distribution about 0, or are the negatives of others.
    EqualValues,
    /// The mean of the squared distance from the promised mean.
    Variance,
    /// The mean.
    Mean,
    /// The weight farthest from the mean.
    Extremes,
    /// The distribution function.
    Distribution,
    /// The rank of the matrix, given a shape.
    Rank,
    /// The correlation of neighbours: along every axis, given a shape.
    Neighbours,
    /// Means and norms of rows, given a shape.
    Rows,
    /// Means and norms of columns, given a shape.
    Columns,
}

/// Parts that look at single weights: a fifth of the rate each. Those that look for relations between weights share
/// the last fifth, because what they are there to find lies far below any threshold.
const SINGLE: [Part; 4] = [Part::Variance, Part::Mean, Part::Extremes, Part::Distribution];

/// Parts that need a shape of two dimensions or more.
const OF_SHAPE: usize = 3;

impl Part {
    /// The order in which they are reported: what explains the most comes first.
    pub(super) const ALL: [Self; 12] = [
        Self::Repetition,
        Self::Zeros,
        Self::Copies,
        Self::EqualValues,
        Self::Variance,
        Self::Mean,
        Self::Extremes,
        Self::Distribution,
        Self::Rank,
        Self::Neighbours,
        Self::Rows,
        Self::Columns,
    ];
}

/// What weights that were checked look like beside their distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LawEvidence {
    pub(super) law: Law,
    scalar: &'static str,
    pub(super) len: usize,
    pub(super) units: Units,
    pub(super) sample: Sample,
    pub(super) period: Option<usize>,
    pub(super) equal: Option<EqualValues>,
    pub(super) neighbours: Option<Neighbours>,
    pub(super) lines: Option<[Lines; 2]>,
    pub(super) rank: Option<Rank>,
    p_values: [f64; 12],
}

impl LawEvidence {
    /// A shape of at least two dimensions has rows, one for each index of the first.
    pub(super) fn of<T: Scalar>(weights: &[T], shape: &[usize], law: Law) -> Self {
        let (units, standard) = (Units::of(&law), Standard::of(&law));
        let sample = Sample::of(weights, &law);
        let period = repetition::period(weights);
        let copied = copied(weights, shape);
        let equal = EqualValues::of(weights, &standard, units);
        let neighbours = Neighbours::of(weights, shape, &standard, units, &sample);
        let rows = if shape.len() < 2 { None } else { Some(shape[0]) };
        let lines = rows.map(|rows| Lines::of(weights, rows, &law, units));
        let rank = rows.map(|rows| Rank::of(weights, rows, &standard, units, sample.slack));
        let p_values = Part::ALL.map(|part| match part {
            Part::Repetition => {
                period.map_or(1.0, |period| repetition::probability(weights, period, &standard, units))
            }
            Part::Zeros => {
                tail::binomial(sample.n, standard.atom::<T>(units, units.z(T::zero())), sample.zeros)
            }
            Part::Copies => copied.iter().map(WeightCopy::p_value).fold(1.0, f64::min),
            Part::EqualValues => equal.p_value,
            Part::Variance => variance_probability(&law, sample.n, sample.root_mean_square, sample.slack),
            Part::Mean => mean_probability(&law, sample.n, sample.mean, sample.slack),
            Part::Extremes => match law {
                Law::Normal { .. } => (sample.n * both_tails(sample.farthest.max(0.0))).min(1.0),
                _ => 1.0,
            },
            Part::Distribution => tail::kolmogorov_smirnov(sample.n, sample.distance.max(0.0)),
            Part::Rank => rank.map_or(1.0, |rank| rank.p_value),
            Part::Neighbours => neighbours.p_value,
            Part::Rows => lines.map_or(1.0, |lines| lines[0].p_value),
            Part::Columns => lines.map_or(1.0, |lines| lines[1].p_value),
        });
        let (equal, neighbours) = (Some(equal), Some(neighbours));
        Self {
            law,
            scalar: T::NAME,
            len: weights.len(),
            units,
            sample,
            period,
            equal,
            neighbours,
            lines,
            rank,
            p_values,
        }
    }

    pub(super) fn constant(law: Law, len: usize, scalar: &'static str) -> Self {
        Self {
            law,
            scalar,
            len,
            units: Units { mean: law.mean(), std_dev: 0.0 },
            sample: Sample::all_equal(len as f64, law.mean()),
            period: None,
            equal: None,
            neighbours: None,
            lines: None,
            rank: None,
            p_values: [1.0; 12],
        }
    }

    /// The share of the rate that a part may spend.
    pub(super) fn share(&self, part: Part) -> f64 {
        let fifth = 1.0 / (SINGLE.len() + 1) as f64;
        if SINGLE.contains(&part) {
            return fifth;
        }
        let relations = Part::ALL.len() - SINGLE.len();
        fifth / (if self.lines.is_some() { relations } else { relations - OF_SHAPE }) as f64
    }

    /// The distribution that was promised.
    #[must_use]
    pub const fn law(&self) -> Law {
        self.law
    }

    /// How many weights there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "empty weights give no evidence")]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// The mean of the weights.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.units.mean + self.units.std_dev * self.sample.mean
    }

    /// The mean of the squared distance from the promised mean.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let root = self.units.std_dev * self.sample.root_mean_square;
        root * root
    }

    /// How far the mean lies from the promised one, in standard errors.
    #[must_use]
    pub fn mean_sigmas(&self) -> f64 {
        self.sample.mean * sqrt(self.sample.n)
    }

    /// How far the variance lies from the promised one, in standard errors, which the kurtosis of the distribution sets.
    #[must_use]
    pub fn variance_sigmas(&self) -> f64 {
        let square = self.sample.root_mean_square * self.sample.root_mean_square;
        (square - 1.0) * sqrt(self.sample.n / excess_square_variance(&self.law))
    }

    /// The largest distance between the distribution function of the weights and the promised one,
    /// Kolmogorov and Smirnov's statistic, less what rounding may have added.
    #[must_use]
    pub fn distance(&self) -> f64 {
        self.sample.distance
    }

    /// The probability, at most, that weights of this distribution look as unlikely as these in this respect.
    #[must_use]
    pub fn part(&self, part: Part) -> f64 {
        let index = Part::ALL.iter().position(|&each| each == part);
        index.map_or(1.0, |index| self.p_values[index])
    }

    /// The probability, at most, that weights of this distribution look as unlikely as these in any respect:
    /// the least of the [parts](LawEvidence::part), each divided by its share of the rate.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        let parts = Part::ALL.into_iter().map(|part| self.part(part) / self.share(part));
        parts.fold(1.0, f64::min)
    }
}

impl fmt::Display for LawEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { len, scalar, .. } = self;
        if self.units.std_dev == 0.0 {
            return write!(f, "{len} {scalar} weights, all {}", self.law.mean());
        }
        write!(
            f,
            "{len} {scalar} weights of {}: mean {:.4e} ({:+.1} sigmas), variance {:.4e} of {:.4e} ({:+.1} sigmas), \
             distribution {:.2e} away; p = {:.1e}",
            self.law,
            self.mean(),
            self.mean_sigmas(),
            self.variance(),
            self.law.variance(),
            self.variance_sigmas(),
            self.distance(),
            self.p_value(),
        )
    }
}

/// Copies within the weights.
pub(super) fn copied<T: Scalar>(weights: &[T], shape: &[usize]) -> Vec<WeightCopy> {
    let flat = [weights.len()];
    let shape = if shape.is_empty() { &flat } else { shape };
    // The shape was compared with the number of weights before.
    copies(&[LayerWeights::new("w", weights, shape)]).unwrap_or_default()
}

/// Variance of the squared distance from the mean, in units of the squared variance: kurtosis - 1.
pub(super) fn excess_square_variance(law: &Law) -> f64 {
    match *law {
        Law::TruncatedNormal { mean, std_dev, low, high } => {
            let parent = in_parent_units(mean, std_dev, low, high);
            let (low, high) = parent.support();
            // Between close bounds the fourth moment cancels out; a law there is uniform.
            if high - low < 0.05 { 0.8 } else { parent.kurtosis() - 1.0 }
        }
        _ => law.kurtosis() - 1.0,
    }
}

/// What of a deviation is left once rounding has been allowed for, keeping its sign.
fn beyond(deviation: f64, slack: f64) -> f64 {
    (deviation.abs() - slack).max(0.0).copysign(deviation)
}

/// Both tails of the mean of n values of z.
pub(super) fn mean_probability(law: &Law, n: f64, mean: f64, slack: f64) -> f64 {
    let deviation = beyond(mean, slack);
    if deviation == 0.0 {
        return 1.0;
    }
    let z = deviation * sqrt(n);
    match *law {
        Law::Normal { .. } => both_tails(z),
        Law::TruncatedNormal { mean, std_dev, low, high } => {
            truncated(mean, std_dev, low, high).mean_probability(n, deviation)
        }
        // Hoeffding's bound, or Bennett's, whichever says more.
        _ if is_logarithmic(law) => {
            let standard = Standard::of(law);
            let (low, high) = standard.support();
            let bound = if deviation > 0.0 { high } else { -low };
            let bennett = 2.0 * tail::bennett(n, deviation.abs(), 1.0, bound);
            tail::sub_gaussian(z / standard.sub_gaussian_scale()).min(bennett)
        }
        // log(sinh t / t) <= t^2 / 6: the uniform distribution is sub-Gaussian with its own variance.
        _ => tail::sub_gaussian(z),
    }
}

/// Both tails of the root mean square of n values of z.
pub(super) fn variance_probability(law: &Law, n: f64, root_mean_square: f64, slack: f64) -> f64 {
    let root = 1.0 + beyond(root_mean_square - 1.0, slack);
    let ratio = root * root;
    if ratio == 1.0 {
        return 1.0;
    }
    match *law {
        Law::Normal { .. } => tail::chi_square(n, ratio),
        Law::TruncatedNormal { mean, std_dev, low, high } => {
            truncated(mean, std_dev, low, high).variance_probability(n, ratio)
        }
        _ if is_logarithmic(law) => {
            let (low, high) = Standard::of(law).support();
            let largest = (low * low).max(high * high) - 1.0;
            let bound = if ratio > 1.0 { largest } else { 1.0 };
            (2.0 * tail::bennett(n, (ratio - 1.0).abs(), excess_square_variance(law), bound)).min(1.0)
        }
        // Squares lie between 0 and 3 variances.
        _ => {
            let bound = if ratio > 1.0 { 2.0 } else { 1.0 };
            (2.0 * tail::bennett(n, (ratio - 1.0).abs(), 0.8, bound)).min(1.0)
        }
    }
}

fn truncated(mean: f64, std_dev: f64, low: f64, high: f64) -> TruncatedTail {
    let parent = in_parent_units(mean, std_dev, low, high);
    TruncatedTail::new(&parent, excess_square_variance(&parent))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand, of 4 weights of N(2, 1/4): z is 2 on average, and z^2 is 4.5.
    #[test]
    fn evidence_is_told_with_its_sign() {
        let law = Law::Normal { mean: 2.0, std_dev: 0.5 };
        let close =
            |value: f64, expected: f64| assert!((value - expected).abs() < 1e-9, "{value} {expected}");
        let above = LawEvidence::of(&[2.5, 3.5, 3.25, 2.75], &[], law);
        close(above.mean(), 3.0);
        close(above.mean_sigmas(), 4.0);
        close(above.variance(), 1.15625);
        close(above.variance_sigmas(), 3.625 * sqrt(2.0));
        let below = LawEvidence::of(&[1.875, 2.0, 1.625, 2.0], &[], law);
        close(below.mean(), 1.875);
        close(below.mean_sigmas(), -0.5);
        close(below.variance(), 0.0390625);
        close(below.variance_sigmas(), -0.84375 * sqrt(2.0));
        assert_eq!(above.len(), 4);
    }
}
