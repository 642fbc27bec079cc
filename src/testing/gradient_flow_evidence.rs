//! Evidence on gradient flow: what the chains of a model look like beside what was expected.

use core::fmt;

use alloc::string::String;
use alloc::vec::Vec;

use super::expected::{Expected, MAY_LEAVE};
use super::tail;
use crate::chain::{GradientChain, Moments};
use crate::scalar::sqrt;
use crate::seed::Seed;
use crate::theory::{Band, BandSource};

/// By how much of one network's spread theory itself may be off: for what the outputs do to the delta that
/// the loss sends back, see [`Band`].
const ALLOWANCE: f64 = 0.25;

/// What the chains of a model that was checked look like.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientFlowEvidence {
    root: Seed,
    expected: Expected,
    seeds: usize,
    outside: usize,
    layers: Vec<LayerFlow>,
    worst: usize,
    p_value: f64,
}

/// One layer of all networks.
#[derive(Clone, Debug, PartialEq)]
struct LayerFlow {
    name: String,
    decades: Moments,
    outside: usize,
}

impl GradientFlowEvidence {
    /// Of no network yet, of a model whose chains are like this one.
    pub(super) fn new(root: Seed, expected: Expected, chain: &GradientChain) -> Self {
        let hidden = chain.hidden_layers();
        let below = hidden.split_last().map_or(hidden, |(_, below)| below);
        let layer = |name: &str| LayerFlow { name: name.into(), decades: Moments::new(), outside: 0 };
        let layers = below.iter().map(|below| layer(below.name())).collect();
        Self { root, expected, seeds: 0, outside: 0, layers, worst: 0, p_value: 1.0 }
    }

    /// Takes one more network in; says whether it leaves the range.
    pub(super) fn add(&mut self, decades: &[f64]) -> bool {
        let mut leaves = false;
        for (l, (layer, &decades)) in self.layers.iter_mut().zip(decades).enumerate() {
            layer.decades.extend_from_slice(&[decades]);
            if self.expected.leaves(l, decades) {
                layer.outside += 1;
                leaves = true;
            }
        }
        self.seeds += 1;
        self.outside += usize::from(leaves);
        leaves
    }

    /// Judges the networks that were taken in.
    pub(super) fn judge(&mut self) {
        let count = self.seeds as f64;
        // The least likely layer; the farthest of several, the first of those.
        let rank = |l: usize| match &self.expected {
            Expected::Decades { .. } => (-(self.layers[l].outside as f64), -self.excess_of(l).abs()),
            Expected::Bands(bands) => {
                let spread = bands[l].decades().1;
                let excess = self.excess_of(l);
                let beyond = (excess.abs() - ALLOWANCE * spread).max(0.0).copysign(excess) / spread;
                (band_probability(&bands[l], beyond, count), -beyond.abs())
            }
        };
        let worse = |a: (f64, f64), b: (f64, f64)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1));
        let ranks = (0..self.layers.len()).map(|l| (l, rank(l)));
        let (worst, least) = ranks.min_by(|a, b| worse(a.1, b.1)).unwrap_or((0, (1.0, 0.0)));
        self.worst = worst;
        self.p_value = match self.expected {
            Expected::Decades { .. } => tail::binomial(count, MAY_LEAVE, self.outside as f64),
            Expected::Bands(_) => (least.0 * self.layers.len() as f64).min(1.0),
        };
    }

    /// The seed whose children 0, 1, 2, .. started the networks.
    #[must_use]
    pub const fn root(&self) -> Seed {
        self.root
    }

    /// How many networks were drawn.
    #[must_use]
    pub const fn seeds(&self) -> usize {
        self.seeds
    }

    /// How many of them leave the range in a layer or more; 0 against bands.
    #[must_use]
    pub const fn outside(&self) -> usize {
        self.outside
    }

    /// The decades of the hidden layers below the last, from the first layer up, one value a network: log10 of
    /// the mean-square delta, the layer's over the last hidden one's, as [`Expected`] counts it.
    pub fn decades(&self) -> impl ExactSizeIterator<Item = &Moments> {
        self.layers.iter().map(|layer| &layer.decades)
    }

    /// What was expected.
    #[must_use]
    pub const fn expected(&self) -> &Expected {
        &self.expected
    }

    /// The layer, from 0, that is farthest from what was expected.
    #[must_use]
    pub const fn worst_layer(&self) -> usize {
        self.worst
    }

    /// The probability, at most, that a model that is as expected looks as unlikely as this.
    #[must_use]
    pub const fn p_value(&self) -> f64 {
        self.p_value
    }

    /// By how many decades the mean of the worst layer differs from the expected one, or leaves the range.
    #[must_use]
    pub fn excess(&self) -> f64 {
        self.excess_of(self.worst)
    }

    fn excess_of(&self, layer: usize) -> f64 {
        let mean = self.mean(layer);
        match self.expected {
            Expected::Decades { low, high } if layer == 0 => mean - mean.clamp(low, high),
            Expected::Decades { low, high } => mean - mean.clamp(low.min(0.0), high.max(0.0)),
            Expected::Bands(ref bands) => mean - bands[layer].decades().0,
        }
    }

    fn mean(&self, layer: usize) -> f64 {
        self.layers.get(layer).and_then(|layer| layer.decades.mean()).unwrap_or(f64::NAN)
    }

    /// The standard error of the logarithm of the [rate](Self::rate), against bands; NaN for a range.
    pub(super) fn rate_error(&self) -> f64 {
        let Expected::Bands(bands) = &self.expected else { return f64::NAN };
        let steps = (self.layers.len() - self.worst) as f64;
        bands[self.worst].std_dev * (1.0 / sqrt(self.seeds() as f64) + ALLOWANCE) / steps
    }

    /// By what each layer from the last hidden one down to the worst multiplies the squared gradient, over
    /// what it should where that is known.
    pub(super) fn rate(&self) -> f64 {
        let steps = (self.layers.len() - self.worst) as f64;
        let decades = match self.expected {
            Expected::Decades { .. } => self.mean(self.worst),
            Expected::Bands(_) => self.excess(),
        };
        libm::pow(10.0, decades / steps)
    }
}

/// `20 networks from seed 7, 0 of which leave the range between 10^-3 and 10^3; layer 1 (dense1): 10^-0.41 +- 0.65; p = 1.0e0`.
impl fmt::Display for GradientFlowEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { root, seeds, outside, worst, .. } = self;
        let networks = if *seeds == 1 { "network" } else { "networks" };
        write!(f, "{seeds} {networks} from seed {root}")?;
        if matches!(self.expected, Expected::Decades { .. }) {
            write!(f, ", {outside} of which leave the range {}", self.expected)?;
        }
        let layer = self.layers.get(*worst);
        let name = layer.map_or("", |layer| &layer.name);
        let spread = layer.and_then(|layer| layer.decades.std_dev()).unwrap_or(f64::NAN);
        write!(f, "; layer {} ({name}): 10^{:.2} +- {spread:.2}", worst + 1, self.mean(*worst))?;
        if let Expected::Bands(bands) = &self.expected {
            write!(f, ", expected {}", bands[*worst])?;
        }
        write!(f, "; p = {:.1e}", self.p_value)
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
