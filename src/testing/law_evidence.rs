//! LawEvidence on a distribution: what weights look like beside the one that was promised.

use core::fmt;

use super::repetition;
use super::sample::{Sample, Units, in_parent_units};
use super::tail;
use super::truncated_tail::TruncatedTail;
use crate::init::Law;
use crate::normal_distribution::both_tails;
use crate::scalar::{Scalar, sqrt};

/// What a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// All weights come again in the same order.
    Repetition,
    /// The mean of the squared distance from the promised mean.
    Variance,
    /// The mean.
    Mean,
    /// The weight farthest from the mean.
    Extremes,
    /// The distribution function.
    Distribution,
}

impl Part {
    /// The order in which they are reported: what explains the most comes first.
    pub(super) const ALL: [Self; 5] =
        [Self::Repetition, Self::Variance, Self::Mean, Self::Extremes, Self::Distribution];
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
    p_values: [f64; 5],
}

impl LawEvidence {
    pub(super) fn of<T: Scalar>(weights: &[T], law: Law, units: Units) -> Self {
        let sample = Sample::of(weights, &law, units);
        let period = repetition::period(weights);
        let p_values = Part::ALL.map(|part| match part {
            Part::Repetition => {
                period.map_or(1.0, |period| repetition::probability(weights, period, &law, units))
            }
            Part::Variance => variance_probability(&law, &sample),
            Part::Mean => mean_probability(&law, &sample),
            Part::Extremes => match law {
                Law::Normal { .. } => (sample.n * both_tails(sample.farthest.max(0.0))).min(1.0),
                _ => 1.0,
            },
            Part::Distribution => tail::kolmogorov_smirnov(sample.n, sample.distance.max(0.0)),
        });
        Self { law, scalar: T::NAME, len: weights.len(), units, sample, period, p_values }
    }

    pub(super) fn constant(law: Law, len: usize, scalar: &'static str) -> Self {
        Self {
            law,
            scalar,
            len,
            units: Units { mean: law.mean(), std_dev: 0.0 },
            sample: Sample::all_equal(len as f64),
            period: None,
            p_values: [1.0; 5],
        }
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
    /// the least of the [parts](LawEvidence::part), times their number.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        let least = self.p_values.into_iter().fold(1.0, f64::min);
        (least * self.p_values.len() as f64).min(1.0)
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

/// Variance of the squared distance from the mean, in units of the squared variance: kurtosis - 1.
fn excess_square_variance(law: &Law) -> f64 {
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

fn mean_probability(law: &Law, sample: &Sample) -> f64 {
    let deviation = beyond(sample.mean, sample.mean_slack);
    if deviation == 0.0 {
        return 1.0;
    }
    let z = deviation * sqrt(sample.n);
    match *law {
        Law::Normal { .. } => both_tails(z),
        Law::TruncatedNormal { mean, std_dev, low, high } => {
            truncated(mean, std_dev, low, high).mean_probability(sample.n, deviation)
        }
        // log(sinh t / t) <= t^2 / 6: the uniform distribution is sub-Gaussian with its own variance.
        _ => tail::sub_gaussian(z),
    }
}

fn variance_probability(law: &Law, sample: &Sample) -> f64 {
    let root = 1.0 + beyond(sample.root_mean_square - 1.0, sample.root_mean_square_slack);
    let ratio = root * root;
    if ratio == 1.0 {
        return 1.0;
    }
    match *law {
        Law::Normal { .. } => tail::chi_square(sample.n, ratio),
        Law::TruncatedNormal { mean, std_dev, low, high } => {
            truncated(mean, std_dev, low, high).variance_probability(sample.n, ratio)
        }
        // Squares lie between 0 and 3 variances.
        _ => {
            let bound = if ratio > 1.0 { 2.0 } else { 1.0 };
            (2.0 * tail::bennett(sample.n, (ratio - 1.0).abs(), 0.8, bound)).min(1.0)
        }
    }
}

fn truncated(mean: f64, std_dev: f64, low: f64, high: f64) -> TruncatedTail {
    let parent = in_parent_units(mean, std_dev, low, high);
    TruncatedTail::new(&parent, excess_square_variance(&parent))
}
