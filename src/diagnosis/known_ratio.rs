//! The known ways to miss a variance, and by what factor each misses it.

use alloc::vec::Vec;
use core::fmt;

use crate::fan::Fan;
use crate::init::Law;
use crate::scalar::sqrt;

/// The distribution of which truncation leaves 0.7737 of the variance.
const TRUNCATED: Law = Law::TruncatedNormal { mean: 0.0, std_dev: 1.0, low: -2.0, high: 2.0 };

/// A factor is a known one if it is within so many of its own standard errors: one in 16,000 strays farther.
pub(crate) const ERRORS: f64 = 4.0;

/// Errors beyond this, of ln variance, tell too little: most known factors would be within reach.
const LARGEST_ERROR: f64 = 0.12;

/// A known mistake that multiplies the variance of weights by a known factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KnownRatio {
    /// fan_out for fan_in, or the other way round.
    FansExchanged,
    /// 2 / (fan_in + fan_out), Xavier's, for 1 / fan_in.
    MeanOfFans,
    /// A gain of sqrt 2 is missing.
    ReluGainMissing,
    /// A gain of sqrt 2 too much.
    ReluGainTwice,
    /// A gain of 5/3 is missing.
    TanhGainMissing,
    /// A gain of 5/3 too much.
    TanhGainTwice,
    /// U(-1/sqrt n, 1/sqrt n): the half-width of a uniform distribution without its sqrt 3.
    HalfWidthAsStdDev,
    /// A half-width with a sqrt 3 too much.
    StdDevAsHalfWidth,
    /// Truncation at 2 standard deviations is not compensated.
    TruncationNotCompensated,
    /// A truncation is compensated that did not take place.
    TruncationCompensatedInVain,
    /// A scale of 2, on the variance, is used as a gain, on the standard deviation.
    ScaleAsGain,
    /// A gain of 2 is missing.
    GainOfTwoMissing,
    /// PyTorch's default for dense layers, U(-1/sqrt(fan_in), 1/sqrt(fan_in)), whatever was specified.
    TorchDefault,
    /// Xavier's variance, 2 / (fan_in + fan_out), whatever was specified.
    Xavier,
    /// The variance was passed where a standard deviation is expected.
    VarianceAsStdDev,
    /// The standard deviation was passed where a variance is expected.
    StdDevAsVariance,
}

impl fmt::Display for KnownRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FansExchanged => "fan_in and fan_out are exchanged",
            Self::MeanOfFans => "the mean of fan_in and fan_out stands in place of fan_in",
            Self::ReluGainMissing => "a gain of sqrt 2 is missing",
            Self::ReluGainTwice => "there is a gain of sqrt 2 too much",
            Self::TanhGainMissing => "a gain of 5/3 is missing",
            Self::TanhGainTwice => "there is a gain of 5/3 too much",
            Self::HalfWidthAsStdDev => "the half-width of a uniform distribution lacks its sqrt 3",
            Self::StdDevAsHalfWidth => "there is a factor sqrt 3 too much",
            Self::TruncationNotCompensated => "truncation at 2 standard deviations is not compensated",
            Self::TruncationCompensatedInVain => "a truncation is compensated that did not take place",
            Self::ScaleAsGain => "a scale of 2, meant for the variance, is used as a gain",
            Self::GainOfTwoMissing => "a gain of 2 is missing",
            Self::TorchDefault => "they are PyTorch's default, U(-1/sqrt(fan_in), 1/sqrt(fan_in))",
            Self::Xavier => "they are Xavier's, of variance 2 / (fan_in + fan_out)",
            Self::VarianceAsStdDev => "the variance was passed where a standard deviation is expected",
            Self::StdDevAsVariance => "the standard deviation was passed where a variance is expected",
        })
    }
}

impl KnownRatio {
    /// By what each of the mistakes that any distribution may suffer multiplies its variance.
    pub(crate) fn common() -> Vec<(f64, Self)> {
        let truncated = TRUNCATED.variance();
        [
            (0.5, Self::ReluGainMissing),
            (2.0, Self::ReluGainTwice),
            (9.0 / 25.0, Self::TanhGainMissing),
            (25.0 / 9.0, Self::TanhGainTwice),
            (1.0 / 3.0, Self::HalfWidthAsStdDev),
            (3.0, Self::StdDevAsHalfWidth),
            (truncated, Self::TruncationNotCompensated),
            (1.0 / truncated, Self::TruncationCompensatedInVain),
            (4.0, Self::ScaleAsGain),
            (0.25, Self::GainOfTwoMissing),
        ]
        .into()
    }

    /// The same of this distribution, with these fans.
    pub(crate) fn table(law: &Law, fan: Option<Fan>) -> Vec<(f64, Self)> {
        let variance = law.variance();
        let mut table = Self::common();
        table.extend([(variance, Self::VarianceAsStdDev), (1.0 / sqrt(variance), Self::StdDevAsVariance)]);
        if let Some(fan) = fan {
            let (fan_in, fan_out) = (fan.fan_in() as f64, fan.fan_out() as f64);
            table.insert(0, (fan_in / fan_out, Self::FansExchanged));
            table.push((2.0 * fan_in / (fan_in + fan_out), Self::MeanOfFans));
            // Distributions of their own, where no mistake above gives the same.
            for (own, known) in
                [(1.0 / (3.0 * fan_in), Self::TorchDefault), (2.0 / (fan_in + fan_out), Self::Xavier)]
            {
                let ratio = own / variance;
                if table.iter().all(|(other, _)| libm::log(ratio / other).abs() > 1e-3) {
                    table.push((ratio, known));
                }
            }
        }
        table.retain(|(ratio, _)| ratio.is_finite() && *ratio > 0.0 && libm::log(*ratio).abs() > 1e-3);
        table
    }

    /// Those of a table that explain a measured ratio, the nearest first: within 4 standard errors of its
    /// logarithm. None where no deviation is as near, or the error is too large to tell them apart.
    pub(crate) fn explain(ln_ratio: f64, error: f64, table: &[(f64, Self)]) -> Vec<Self> {
        let off = |ratio: f64| (ln_ratio - libm::log(ratio)).abs();
        if error.is_nan() || error >= LARGEST_ERROR || ln_ratio.abs() < ERRORS * error {
            return Vec::new();
        }
        let mut near: Vec<_> = table.iter().filter(|(ratio, _)| off(*ratio) < ERRORS * error).collect();
        near.sort_by(|a, b| off(a.0).total_cmp(&off(b.0)));
        near.iter().map(|(_, known)| *known).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::He;

    #[test]
    fn factors_within_their_errors_are_named() {
        let fan = Fan::dense(100, 400);
        let table = KnownRatio::table(&He::normal(100).law(), Some(fan));
        let explain = |ratio: f64, error: f64| KnownRatio::explain(libm::log(ratio), error, &table);
        assert_eq!(explain(0.25, 0.02), [KnownRatio::FansExchanged, KnownRatio::GainOfTwoMissing]);
        assert_eq!(explain(0.51, 0.02), [KnownRatio::ReluGainMissing]);
        assert_eq!(explain(0.35, 0.02), [KnownRatio::TanhGainMissing, KnownRatio::HalfWidthAsStdDev]);
        assert_eq!(explain(0.6, 0.02), []);
        assert_eq!(explain(1.01, 0.02), []);
        assert_eq!(explain(0.5, 0.3), [], "too rough to tell");
        assert_eq!(explain(0.7737, 0.02), [KnownRatio::TruncationNotCompensated]);
    }
}
