//! Expectations of gradient chains: a range of decades, or the band of theory.

use core::fmt;
use core::ops::RangeInclusive;

use crate::theory::Band;

/// Where the chains of a model should lie.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Expected {
    /// The mean over seeds of [`GradientChain::log10_ratio`](crate::chain::GradientChain::log10_ratio), the decades that the mean-square delta changes by
    /// between the last and the first hidden layer, lies between these. Made from a range.
    Decades {
        /// The least.
        low: f64,
        /// The most.
        high: f64,
    },
    /// The mean over seeds of ln(|delta_1|^2 / |delta_d|^2) is that of a [`Band`], for models whose distributions
    /// theory knows: see [`NetworkLaw::band`](crate::theory::NetworkLaw::band).
    Band(Band),
}

/// Within 3 decades, as the default [`Thresholds`](crate::chain::Thresholds) have it.
impl Default for Expected {
    fn default() -> Self {
        Self::Decades { low: -3.0, high: 3.0 }
    }
}

impl From<RangeInclusive<f64>> for Expected {
    fn from(decades: RangeInclusive<f64>) -> Self {
        Self::Decades { low: *decades.start(), high: *decades.end() }
    }
}

impl From<Band> for Expected {
    fn from(band: Band) -> Self {
        Self::Band(band)
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decades { low, high } => write!(f, "between 10^{low} and 10^{high}"),
            Self::Band(band) => write!(f, "{band}"),
        }
    }
}
