//! Causes: what may have gone wrong, told from what the weights look like.

use core::fmt;

use alloc::vec::Vec;

use super::law_evidence::{LawEvidence, Part};
use super::sample::{Sample, Units};
use super::tail;
use crate::init::Law;
use crate::scalar::Scalar;
use crate::scalar::sqrt;

/// A fault that weights like these are known for.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// Every weight is the same.
    AllEqual,
    /// The weights come again after this many.
    OneSeedTwice {
        /// After how many.
        period: usize,
    },
    /// The variance is a quarter of the one promised.
    QuarterVariance,
    /// The variance is 1/3 of the one promised, of a uniform distribution.
    ThirdOfVariance,
    /// The variance is 9/25 of the one promised.
    TanhGainMissing,
    /// The variance is half the one promised.
    HalfVariance,
    /// The variance is 0.774 of the one promised.
    TruncationNotCompensated,
    /// The variance is 1 / 0.774 of the one promised.
    TruncationCompensatedInVain,
    /// The variance is twice the one promised.
    DoubleVariance,
    /// The variance is four times the one promised.
    FourfoldVariance,
    /// The standard deviation is the variance that was promised.
    VarianceAsStdDev,
    /// The variance is the standard deviation that was promised.
    StdDevAsVariance,
    /// The variance is another multiple of the one promised.
    VarianceRatio {
        /// Which.
        ratio: f64,
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
        f.write_str(match *self {
            Self::AllEqual => "all values equal: never filled, or filled by a constant",
            Self::OneSeedTwice { period } => {
                return write!(f, "all rows of {period} equal: one seed used for each row");
            }
            Self::QuarterVariance => {
                "variance is a quarter: a gain of 2 is missing, or fan_out used for a fan_in a quarter as large?"
            }
            Self::ThirdOfVariance => "variance is 1/3: U(-1/sqrt n, 1/sqrt n), a half-width without the sqrt 3?",
            Self::TanhGainMissing => "variance is 9/25: the gain of 5/3 for tanh is missing?",
            Self::HalfVariance => "variance is half: a gain of sqrt 2 is missing, or fan_out used for fan_in?",
            Self::TruncationNotCompensated => {
                "variance is 0.774 of the promised: truncation at 2 standard deviations not compensated?"
            }
            Self::TruncationCompensatedInVain => {
                "variance is 1 / 0.774 of the promised: truncation compensated that did not take place?"
            }
            Self::DoubleVariance => "variance is twice: a gain of sqrt 2 too much, or fan_out used for fan_in?",
            Self::FourfoldVariance => {
                "variance is four times: the scale 2 used as a gain, or fan_out used for a fan_in four times as large?"
            }
            Self::VarianceAsStdDev => "the variance was passed where a standard deviation is expected?",
            Self::StdDevAsVariance => "the standard deviation was passed where a variance is expected?",
            Self::VarianceRatio { ratio } => {
                return write!(
                    f,
                    "standard deviation is {:.4} of the promised: a gain off by that, or a fan {:.4} times as large (fan_in and fan_out exchanged)?",
                    sqrt(ratio),
                    1.0 / ratio
                );
            }
            Self::MeanShift { std_devs } => {
                return write!(f, "mean is off by {std_devs:+.3} standard deviations: weights of one sign, or an offset?");
            }
            Self::OtherBounds => "some weights lie outside the bounds: not truncated, or at other bounds?",
            Self::LooksUniform => "looks uniform",
            Self::LooksNormal => "looks normal",
            Self::LooksTruncatedNormal => "looks like a normal distribution truncated at 2 standard deviations",
        })
    }
}

/// Shapes are compared on at most this many weights: enough to tell them apart.
const ENOUGH: usize = 1 << 16;

/// The likeliest causes first.
pub(super) fn causes<T: Scalar>(weights: &[T], evidence: &LawEvidence, part: Part) -> Vec<Cause> {
    let sample = &evidence.sample;
    if sample.all_equal && weights.len() > 1 {
        return [Cause::AllEqual].into();
    }
    if let (Part::Repetition, Some(period)) = (part, evidence.period) {
        return [Cause::OneSeedTwice { period }].into();
    }
    let shape = shape(&weights[..weights.len().min(ENOUGH)], evidence);
    let mut causes = Vec::new();
    if part == Part::Extremes && matches!(evidence.law(), Law::TruncatedNormal { .. }) {
        causes.push(Cause::OtherBounds);
    }
    let standard_error = 1.0 / sqrt(sample.n);
    if sample.mean.abs() > 6.0 * standard_error {
        causes.push(Cause::MeanShift { std_devs: sample.mean });
    }
    let uniform = shape == Some(Cause::LooksUniform)
        || shape.is_none() && matches!(evidence.law(), Law::Uniform { .. });
    causes.extend(spread(evidence, uniform));
    causes.extend(shape);
    causes
}

/// What makes for such a variance about the sample's own mean.
fn spread(evidence: &LawEvidence, uniform: bool) -> Option<Cause> {
    let ratio = evidence.sample.variance();
    // 2 bounds kurtosis - 1 of the laws that come into question.
    let error = sqrt(2.0 / evidence.sample.n);
    let promised = evidence.units.std_dev;
    let known = [
        (1.0 / 4.0, Cause::QuarterVariance),
        (1.0 / 3.0, Cause::ThirdOfVariance),
        (9.0 / 25.0, Cause::TanhGainMissing),
        (1.0 / 2.0, Cause::HalfVariance),
        (0.773_741_303_550_1, Cause::TruncationNotCompensated),
        (1.292_421_746_7, Cause::TruncationCompensatedInVain),
        (2.0, Cause::DoubleVariance),
        (4.0, Cause::FourfoldVariance),
        (promised * promised, Cause::VarianceAsStdDev),
        (1.0 / promised, Cause::StdDevAsVariance),
    ];
    let off = |expected: f64| (ratio / expected - 1.0).abs();
    // Where the promised variance is itself within reach there is nothing to explain.
    if off(1.0) < 4.0 * error {
        return None;
    }
    let reach = (4.0 * error).clamp(1e-3, 0.1);
    known
        .into_iter()
        .filter(|&(expected, cause)| off(expected) < reach && (uniform || cause != Cause::ThirdOfVariance))
        .min_by(|a, b| off(a.0).total_cmp(&off(b.0)))
        .map(|(_, cause)| cause)
        .or(Some(Cause::VarianceRatio { ratio }))
}

/// Another shape than the promised one that fits, where the promised one does not.
fn shape<T: Scalar>(weights: &[T], evidence: &LawEvidence) -> Option<Cause> {
    /// What truncation at 2 standard deviations leaves of the standard deviation.
    const TRUNCATED: f64 = 0.879_625_661_034_239_8;
    let units = evidence.units;
    let mean = units.mean + units.std_dev * evidence.sample.mean;
    let std_dev = units.std_dev * sqrt(evidence.sample.variance());
    let fits = |law: Law| {
        let sample = Sample::of(weights, &law, Units { mean, std_dev });
        tail::kolmogorov_smirnov(sample.n, sample.distance.max(0.0))
    };
    let limit = sqrt(3.0) * std_dev;
    let parent = std_dev / TRUNCATED;
    let shapes = [
        (Law::Uniform { low: mean - limit, high: mean + limit }, Cause::LooksUniform),
        (Law::Normal { mean, std_dev }, Cause::LooksNormal),
        (
            Law::TruncatedNormal {
                mean,
                std_dev: parent,
                low: mean - 2.0 * parent,
                high: mean + 2.0 * parent,
            },
            Cause::LooksTruncatedNormal,
        ),
    ];
    let (best, cause) =
        shapes.map(|(law, cause)| (fits(law), cause)).into_iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
    let promised = match evidence.law() {
        Law::Uniform { .. } => shapes[0],
        Law::Normal { .. } => shapes[1],
        _ => shapes[2],
    };
    (best > 1e-3 && cause != promised.1 && fits(promised.0) < 1e-4).then_some(cause)
}
