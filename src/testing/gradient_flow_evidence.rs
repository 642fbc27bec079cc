//! LawEvidence on gradient flow: what the chains of a model look like beside what was expected.

use core::fmt;

use super::expected::Expected;
use super::tail;
use crate::chain::Moments;
use crate::scalar::sqrt;
use crate::seed::Seed;
use crate::theory::{Band, BandSource};

/// By how much of one network's spread theory itself may be off: for what the outputs do to the delta that
/// the loss sends back, see [`Band`].
const ALLOWANCE: f64 = 0.25;

/// What the chains of a model that was checked look like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradientFlowEvidence {
    root: Seed,
    decades: Moments,
    expected: Expected,
    pub(super) p_value: f64,
}

impl GradientFlowEvidence {
    pub(super) fn of(root: Seed, decades: Moments, expected: Expected) -> Self {
        let mut evidence = Self { root, decades, expected, p_value: 1.0 };
        let count = decades.count() as f64;
        evidence.p_value = match expected {
            Expected::Decades { .. } => {
                // The unbiased estimate.
                let variance = decades.variance().unwrap_or(f64::NAN) * count / (count - 1.0);
                let t = evidence.excess() / sqrt(variance / count);
                if evidence.excess() == 0.0 { 1.0 } else { tail::student_t(count - 1.0, t) }
            }
            Expected::Band(band) => {
                let (_, spread) = band.decades();
                let beyond = (evidence.excess().abs() - ALLOWANCE * spread).max(0.0);
                let beyond = beyond.copysign(evidence.excess()) / spread;
                band_probability(&band, beyond, count)
            }
        };
        evidence
    }

    /// The seed whose children 0, 1, 2, .. started the networks.
    #[must_use]
    pub const fn root(&self) -> Seed {
        self.root
    }

    /// The decades of the chains, one value a seed: log10 of the mean-square delta, first over last hidden
    /// layer; against a band, of its sum of squares.
    #[must_use]
    pub const fn decades(&self) -> &Moments {
        &self.decades
    }

    /// What was expected.
    #[must_use]
    pub const fn expected(&self) -> Expected {
        self.expected
    }

    /// The probability, at most, that a model that is as expected looks as unlikely as this.
    #[must_use]
    pub const fn p_value(&self) -> f64 {
        self.p_value
    }

    /// By how many decades the mean differs from the expected one, or leaves the range.
    #[must_use]
    pub fn excess(&self) -> f64 {
        let mean = self.decades.mean().unwrap_or(f64::NAN);
        match self.expected {
            Expected::Decades { low, high } => mean - mean.clamp(low, high),
            Expected::Band(band) => mean - band.decades().0,
        }
    }
}

/// `20 networks from seed 7: 10^-0.41 +- 0.15, expected 10^-0.54 +- 0.69 (exact); p = 1.0e0`.
impl fmt::Display for GradientFlowEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.decades.count();
        let spread = self.decades.std_dev().unwrap_or(f64::NAN);
        write!(
            f,
            "{count} networks from seed {}: 10^{:.2} +- {:.2}, expected {}; p = {:.1e}",
            self.root,
            self.decades.mean().unwrap_or(f64::NAN),
            spread / sqrt(count as f64 - 1.0),
            self.expected,
            self.p_value
        )
    }
}

/// Both tails of the mean of `count` logs, `beyond` standard deviations of one from the mean of its band.
fn band_probability(band: &Band, beyond: f64, count: f64) -> f64 {
    let (mut z, mut skewness) = (beyond * sqrt(count), band.skewness);
    if let BandSource::MonteCarlo { draws } = band.source {
        // The band is an estimate itself: of its mean and spread by Student's t, brought to a normal
        // value by Wallace (1959); of its skewness two standard errors, to either side.
        let draws = draws as f64;
        let t = beyond / sqrt(1.0 / count + 1.0 / draws);
        z = sqrt((draws - 1.0) * libm::log1p(t * t / (draws - 1.0))).copysign(t);
        skewness = (skewness.abs() + 2.0 * sqrt(6.0 / draws)).copysign(z);
    }
    tail::pearson(z, skewness / sqrt(count))
}
