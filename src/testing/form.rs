//! Forms of distributions: which of the known ones weights have, about their own mean and standard deviation.

use super::law_evidence::LawEvidence;
use super::sample::Sample;
use super::standard::{Units, is_logarithmic};
use super::tail;
use crate::init::Law;
use crate::scalar::{Scalar, sqrt};

/// Forms are compared on at most this many weights: enough to tell them apart.
const ENOUGH: usize = 1 << 16;

/// A distribution but for its mean and standard deviation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    Uniform,
    Normal,
    TruncatedNormal,
    /// Of one uniform logarithm: no form for other means and standard deviations.
    Logarithmic,
}

impl Form {
    pub(super) fn of(law: &Law) -> Self {
        match law {
            Law::Uniform { .. } => Self::Uniform,
            Law::Normal { .. } => Self::Normal,
            _ if is_logarithmic(law) => Self::Logarithmic,
            _ => Self::TruncatedNormal,
        }
    }

    /// Of this mean and standard deviation; truncated at 2.
    fn law(self, mean: f64, std_dev: f64) -> Law {
        /// What truncation at 2 standard deviations leaves of the standard deviation.
        const TRUNCATED: f64 = 0.879_625_661_034_239_8;
        match self {
            Self::Uniform => {
                let limit = sqrt(3.0) * std_dev;
                Law::Uniform { low: mean - limit, high: mean + limit }
            }
            Self::Normal | Self::Logarithmic => Law::Normal { mean, std_dev },
            Self::TruncatedNormal => {
                let parent = std_dev / TRUNCATED;
                let (low, high) = (mean - 2.0 * parent, mean + 2.0 * parent);
                Law::TruncatedNormal { mean, std_dev: parent, low, high }
            }
        }
    }

    /// The form that the weights have about their own mean and standard deviation, and the distribution of that form: the
    /// promised one if it is possible, else the likeliest, if any is.
    pub(super) fn seen<T: Scalar>(weights: &[T], evidence: &LawEvidence) -> Option<(Self, Law)> {
        /// A form that is right is hardly ever less likely, because the mean and the variance fit in any case.
        const POSSIBLE: f64 = 1e-3;
        let units = evidence.units;
        let mean = units.mean + units.std_dev * evidence.sample.mean;
        let std_dev = units.std_dev * sqrt(evidence.sample.variance());
        let fits = |law: &Law| {
            let sample = Sample::of(&weights[..weights.len().min(ENOUGH)], law);
            tail::kolmogorov_smirnov(sample.n, sample.distance.max(0.0))
        };
        let promised = moved(&evidence.law(), units, mean, std_dev);
        if fits(&promised) >= POSSIBLE {
            return Some((Self::of(&promised), promised));
        }
        let forms = [Self::Uniform, Self::Normal, Self::TruncatedNormal].map(|form| {
            let law = form.law(mean, std_dev);
            (fits(&law), form, law)
        });
        let (best, form, law) = forms.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
        (best >= POSSIBLE).then_some((form, law))
    }
}

/// The promised distribution with another mean and standard deviation.
fn moved(law: &Law, units: Units, mean: f64, std_dev: f64) -> Law {
    let scale = std_dev / units.std_dev;
    let to = |value: f64| mean + scale * (value - units.mean);
    match *law {
        Law::Uniform { low, high } => Law::Uniform { low: to(low), high: to(high) },
        Law::TruncatedNormal { mean, std_dev, low, high } => {
            Law::TruncatedNormal { mean: to(mean), std_dev: scale * std_dev, low: to(low), high: to(high) }
        }
        _ if is_logarithmic(law) => *law,
        _ => Law::Normal { mean, std_dev },
    }
}
