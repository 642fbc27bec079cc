//! Causes: what may have gone wrong, told from what the weights look like. Where no cause is known, none is named.

use core::fmt;

use alloc::vec::Vec;

use super::form::Form;
use super::law_evidence::{LawEvidence, Part, copied, excess_square_variance, variance_probability};
use crate::chain::Moments;
use crate::diagnosis::{ERRORS, KnownRatio, WeightCopy};
use crate::init::Law;
use crate::normal_distribution::both_tails;
use crate::scalar::{Scalar, sqrt};

/// A fault that weights like these are known for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// Every weight is the same.
    AllEqual,
    /// The weights come again after this many.
    OneSeedTwice {
        /// After how many.
        period: usize,
    },
    /// Some of the weights are a copy of others.
    Copied(WeightCopy),
    /// Weights that are 0, of a distribution that is hardly ever 0.
    NotFilled {
        /// How many.
        zeros: usize,
    },
    /// Every weight of a `f64` tensor is an `f32`.
    DrawnAsF32,
    /// The weights stand in order.
    Sorted,
    /// One weight is far out, and the others are as promised.
    Outlier {
        /// Which.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// The rows are mixed of few directions.
    LowRank {
        /// Of about how many.
        rank: f64,
    },
    /// All weights are of one sign, of a distribution that has both.
    OneSign,
    /// The weights have the promised form, and another variance.
    VarianceRatio {
        /// Measured over promised variance.
        ratio: f64,
        /// Mistakes that are known for such a ratio, the nearest first.
        known: Vec<KnownRatio>,
    },
    /// The mean lies elsewhere.
    MeanShift {
        /// By how many standard deviations of the promised distribution.
        std_devs: f64,
    },
    /// Some weights lie outside the bounds: they are not truncated, or at another place.
    OtherBounds,
    /// The distribution is that of a uniform distribution.
    LooksUniform,
    /// The distribution is that of a normal distribution.
    LooksNormal,
    /// The distribution is that of a normal distribution truncated at 2 standard deviations.
    LooksTruncatedNormal,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AllEqual => "all values equal: never filled, or filled by a constant",
            Self::OneSeedTwice { period } => {
                return write!(f, "all rows of {period} equal: one seed used for each row");
            }
            Self::Copied(copy) => return copy.fmt(f),
            Self::NotFilled { zeros } => {
                return write!(f, "{zeros} weights are 0: a part that was never filled, or pruned?");
            }
            Self::DrawnAsF32 => "every weight is an `f32`: drawn as such, and to be checked as such",
            Self::Sorted => "the weights are sorted",
            Self::Outlier { index, value } => {
                return write!(f, "weight {index} alone, {value:e}: without it the variance is as promised");
            }
            Self::LowRank { rank } => {
                return write!(f, "the rows are mixed of about {rank:.0} directions: a product of thinner matrices?");
            }
            Self::OneSign => "all weights are of one sign: absolute values taken?",
            Self::VarianceRatio { ratio, known } if known.is_empty() => {
                return write!(
                    f,
                    "standard deviation is {:.4} of the promised: a gain off by that, or a fan {:.4} times as large?",
                    sqrt(*ratio),
                    1.0 / ratio
                );
            }
            Self::VarianceRatio { ratio, known } => {
                write!(f, "variance is {ratio:.4} of the promised: ")?;
                for known in known {
                    write!(f, "{known}, or ")?;
                }
                return write!(f, "a fan {:.4} times as large?", 1.0 / ratio);
            }
            Self::MeanShift { std_devs } => {
                return write!(f, "mean is off by {std_devs:+.3} standard deviations: an offset?");
            }
            Self::OtherBounds => "some weights lie outside the bounds: not truncated, or at other bounds?",
            Self::LooksUniform => "looks uniform",
            Self::LooksNormal => "looks normal",
            Self::LooksTruncatedNormal => "looks like a normal distribution truncated at 2 standard deviations",
        })
    }
}

/// Of more candidates than that, none is named.
const CANDIDATES: usize = 2;

/// The likeliest causes first; `allowed` is the chance below which a part counts as contradicted.
pub(super) fn causes<T: Scalar>(
    weights: &[T],
    shape: &[usize],
    evidence: &LawEvidence,
    part: Part,
    allowed: &dyn Fn(Part) -> f64,
) -> Vec<Cause> {
    let sample = &evidence.sample;
    if sample.is_constant() && weights.len() > 1 {
        return [Cause::AllEqual].into();
    }
    if let (Part::Repetition, Some(period)) = (part, evidence.period) {
        return [Cause::OneSeedTwice { period }].into();
    }
    let contradicted = |part: Part| evidence.part(part) < allowed(part);
    if contradicted(Part::Zeros) {
        return [Cause::NotFilled { zeros: sample.zeros as usize }].into();
    }
    if is_sorted(weights) && contradicted(Part::Neighbours) {
        return [Cause::Sorted].into();
    }
    let rank = evidence.rank.filter(|_| contradicted(Part::Rank)).and_then(|rank| rank.estimate(ERRORS));
    // Of a single direction all rows are multiples of each other, which is less of an explanation.
    if contradicted(Part::Copies) && rank.is_none_or(|rank| rank > 1.5) {
        return copied(weights, shape).into_iter().take(CANDIDATES).map(Cause::Copied).collect();
    }
    if contradicted(Part::EqualValues) && T::NAME == "f64" && weights.iter().all(|&w| is_f32(w.to_f64())) {
        return [Cause::DrawnAsF32].into();
    }
    if let Some(outlier) = outlier(weights, evidence, allowed) {
        return [outlier].into();
    }
    if let Some(rank) = rank {
        return [Cause::LowRank { rank }].into();
    }
    of_distribution(weights, evidence, part)
}

/// Causes that lie in the distribution of single weights.
fn of_distribution<T: Scalar>(weights: &[T], evidence: &LawEvidence, part: Part) -> Vec<Cause> {
    let sample = &evidence.sample;
    let promised = Form::of(&evidence.law());
    let form = Form::seen(weights, evidence);
    let mut causes = Vec::new();
    if part == Part::Extremes && promised == Form::TruncatedNormal {
        causes.push(Cause::OtherBounds);
    }
    let [least, largest] = sample.ends;
    // Of 31 weights about 0 one in 2^30 times.
    if evidence.units.mean == 0.0 && (least >= 0.0 || largest <= 0.0) && sample.n > 30.0 {
        return [Cause::OneSign].into();
    }
    if sample.mean.abs() > ERRORS * sqrt(sample.variance() / sample.n) + sample.slack {
        causes.push(Cause::MeanShift { std_devs: sample.mean });
    }
    let Some((form, law)) = form else { return causes };
    let error = sqrt(excess_square_variance(&law) / sample.n);
    causes.extend(of_ratio(sample.variance(), error + 2.0 * sample.slack / ERRORS, &evidence.law(), form));
    if form != promised {
        causes.push(match form {
            Form::Uniform => Cause::LooksUniform,
            Form::Normal => Cause::LooksNormal,
            Form::TruncatedNormal => Cause::LooksTruncatedNormal,
            // Seen only where it was promised.
            Form::Logarithmic => return causes,
        });
    }
    causes
}

/// The cause of such a ratio of variances, given its relative standard error; none where the promised variance is itself
/// within reach.
fn of_ratio(ratio: f64, error: f64, law: &Law, form: Form) -> Option<Cause> {
    if (ratio - 1.0).abs() < ERRORS * error {
        return None;
    }
    let mut known = KnownRatio::explain(libm::log(ratio), error, &KnownRatio::table(law, None));
    let of_half_widths = [KnownRatio::HalfWidthAsStdDev, KnownRatio::StdDevAsHalfWidth];
    known.retain(|known| form == Form::Uniform || !of_half_widths.contains(known));
    if known.len() > CANDIDATES {
        known.clear();
    }
    Some(Cause::VarianceRatio { ratio, known })
}

fn is_sorted<T: Scalar>(weights: &[T]) -> bool {
    weights.is_sorted() || weights.iter().rev().is_sorted()
}

fn is_f32(value: f64) -> bool {
    f64::from(value as f32) == value
}

/// The one weight without which the variance is as promised.
fn outlier<T: Scalar>(weights: &[T], evidence: &LawEvidence, allowed: &dyn Fn(Part) -> f64) -> Option<Cause> {
    let units = evidence.units;
    let index = (0..weights.len()).max_by(|&a, &b| {
        let distance = |index: usize| units.z(weights[index]).abs();
        distance(a).total_cmp(&distance(b))
    })?;
    let (before, rest) = weights.split_at(index);
    let (&value, after) = rest.split_first()?;
    let value = value.to_f64();
    let (low, high) = evidence.law().support();
    let slack = units.slack::<T>(value);
    let outside = value < low - slack || value > high + slack;
    if !outside && evidence.part(Part::Extremes) >= allowed(Part::Extremes) {
        return None;
    }
    let mut others = Moments::from_slice(before);
    others.merge(&Moments::from_slice(after));
    let n = others.count() as f64;
    let mean = (others.mean()? - units.mean) / units.std_dev;
    let root_mean_square = libm::hypot(mean, others.std_dev()? / units.std_dev);
    let within = [others.min()?, others.max()?].map(|end| {
        let slack = units.slack::<T>(end);
        let z = (end - units.mean) / units.std_dev;
        let possible = match evidence.law() {
            Law::Normal { .. } => n * both_tails(z) >= allowed(Part::Extremes),
            _ => true,
        };
        possible && low - slack <= end && end <= high + slack
    });
    let slack = units.slack_of_z::<T>(root_mean_square);
    let probability = variance_probability(&evidence.law(), n, root_mean_square, slack);
    (probability >= allowed(Part::Variance) && within == [true; 2]).then_some(Cause::Outlier { index, value })
}
