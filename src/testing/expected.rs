//! Expectations of gradient chains: a range of decades, or the bands of theory.

use alloc::vec::Vec;
use core::f64::consts::LN_10;
use core::fmt;
use core::ops::RangeInclusive;

use super::tail;
use crate::chain::{GradientChain, width_free_decades};
use crate::theory::Band;

/// The share of the networks that may leave a range.
pub(super) const MAY_LEAVE: f64 = 0.1;

/// Where the chains of a model should lie, from the first hidden layer to the last but one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Expected {
    /// In at least nine networks of ten, no layer's gradient leaves the range: the decades that the mean-square delta
    /// changes by between the last hidden layer and this one (log10 of the ratio; of mean squares over units or of
    /// sums, whichever is nearer to no change, as for the [`Verdict`](crate::chain::Verdict)). The first layer's lie between
    /// these, those of the layers on the way there between these and 0. Made from a range.
    Decades {
        /// The least.
        low: f64,
        /// The most.
        high: f64,
    },
    /// The mean over seeds of ln(|delta_l|^2 / |delta_d|^2) is that of the layer's [`Band`], d the last hidden layer, for
    /// models whose distributions theory knows: see [`NetworkLaw::bands`](crate::theory::NetworkLaw::bands).
    Bands(Vec<Band>),
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

impl From<Vec<Band>> for Expected {
    fn from(bands: Vec<Band>) -> Self {
        Self::Bands(bands)
    }
}

impl Expected {
    /// False for what no chain can be.
    pub(super) fn is_possible(&self) -> bool {
        match self {
            Self::Decades { low, high } => low <= high,
            Self::Bands(bands) => bands.split_last().is_some_and(|(_, below)| {
                !below.is_empty() && below.iter().all(|band| band.mean.is_finite() && band.std_dev > 0.0)
            }),
        }
    }

    /// From how many networks on an alarm is possible at all: from as many as would together be rare enough.
    pub(super) fn fewest_seeds(&self, allowed: impl Fn(f64) -> bool) -> usize {
        match self {
            // It ends: a rate above 0 is at least 10^-308.
            Self::Decades { .. } => (1..).find(|&n| !allowed(all_leave(n))).unwrap_or(usize::MAX),
            Self::Bands(_) => 1,
        }
    }

    /// The decades of each hidden layer below the last, as this expectation counts them; `None` if no sample carries a
    /// gradient.
    pub(super) fn measure(&self, chain: &GradientChain) -> Option<Vec<f64>> {
        let (last, below) = chain.hidden_layers().split_last()?;
        match self {
            Self::Decades { .. } => Some(below.iter().map(|layer| width_free_decades(layer, last)).collect()),
            Self::Bands(_) => {
                let mut ln = 0.0;
                let mut decades = Vec::with_capacity(below.len());
                for factor in chain.hidden_factors().iter().rev() {
                    ln += factor.ln_norm()?;
                    decades.push(ln / LN_10);
                }
                decades.reverse();
                Some(decades)
            }
        }
    }

    /// Whether these decades of a layer are out of the range; nothing leaves a band by itself.
    pub(super) fn leaves(&self, layer: usize, decades: f64) -> bool {
        match *self {
            Self::Decades { low, high } if layer == 0 => !(low <= decades && decades <= high),
            Self::Decades { low, high } => !(low.min(0.0) <= decades && decades <= high.max(0.0)),
            Self::Bands(_) => false,
        }
    }
}

fn all_leave(n: usize) -> f64 {
    tail::binomial(n as f64, MAY_LEAVE, n as f64)
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decades { low, high } => write!(f, "between 10^{low} and 10^{high}"),
            Self::Bands(bands) => match bands.first() {
                Some(band) => write!(f, "{band}"),
                None => f.write_str("without bands"),
            },
        }
    }
}
