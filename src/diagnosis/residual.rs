//! The residuals of a chain: what is left of each layer's statistics when the layer below it, or above it, and
//! the specification are taken into account.
//!
//! Each residual asks one question of one layer, given what was measured next to it: given |h| of the layer
//! below, |z|^2 is Var[z] chi^2_n; given |z|, |h|^2 and the gates are sums over n units; given delta above,
//! what W^T brings back across h is Var[W] |delta|^2 chi^2_{n-1}, and along h it is what z says (measured as
//! the alignment). So chance does not add up over the layers, no loss has to be known, and the cost does not
//! grow with the width. Means and variances hold to first order in 1 / n.

use alloc::vec::Vec;

use super::statistic::{Correlated, Statistic};
use super::unit::Unit;
use crate::activation::Activation;
use crate::chain::{GradientChain, Layer, Likeness, Rows};
use crate::scalar::sqrt;
use crate::theory::{Inputs, LayerLaw, NetworkLaw};

/// The residuals of one layer. `None` where a tensor was not given or has no length.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Residuals {
    /// ln of |z|^2 over what the weights should make of the layer below.
    pub(super) forward: Option<Statistic>,
    /// ln of |W^T delta|^2 over what the weights should make of the layer's delta.
    pub(super) backward: Option<Statistic>,
    /// The squared sum of z over units, and of W^T delta, over their mean.
    pub(super) tilt: Option<Statistic>,
    pub(super) back_tilt: Option<Statistic>,
    /// ln of |h|^2 and of the gate factor over what the activation should make of |z|.
    pub(super) hidden: Option<Statistic>,
    pub(super) gate: Option<Statistic>,
    /// The mean cosine between the h of two samples.
    pub(super) cosine: Option<Statistic>,
    /// The mean sum of z over units in units of its standard deviation, over samples.
    pub(super) mean_tilt: f64,
    /// E z^2.
    pub(super) q: f64,
    /// The share of Var z that the weights make, the biases the rest.
    pub(super) weight_share: f64,
    pub(super) width: f64,
    /// What the activation makes of z is not judged: the layer is too narrow, or z is not normal.
    pub(super) is_unknown: bool,
}

/// Means and variances hold to first order in 1 / n: in layers narrower than the first, chance is allowed more, in those narrower
/// than the second they are not judged.
const NARROW: f64 = 64.0;
const TOO_NARROW: f64 = 16.0;

/// How far the kurtosis of z may be from the normal one: uniform weights on few inputs make it uniform.
const NEARLY_NORMAL: f64 = 0.1;

/// The residuals of every layer under a specification whose layers may be replaced.
pub(super) fn residuals(chain: &GradientChain, law: &NetworkLaw, inputs: &Inputs) -> Vec<Residuals> {
    (0..chain.layers().len()).map(|l| of_layer(chain, &law.layers()[l], inputs, l)).collect()
}

/// The residuals of one layer if it followed this law.
pub(super) fn of_layer(chain: &GradientChain, law: &LayerLaw, inputs: &Inputs, l: usize) -> Residuals {
    let layers = chain.layers();
    let here = &layers[l];
    let below = l.checked_sub(1).map(|below| &layers[below]);
    let mut residuals = backward(law, here, below);
    let Some(z) = here.z_rows() else { return residuals };
    let n = here.width() as f64;
    let Some(feeds) = Feeds::new(law, inputs, below, z) else { return residuals };
    let batch = feeds.batch;
    (residuals.weight_share, residuals.width) = (feeds.weight_share, n);
    let few = if l == 0 { inputs.participation() } else { 0.0 };
    let excess = (law.weight().kurtosis() - 3.0) * few;
    residuals.is_unknown = n < TOO_NARROW || excess.abs() > NEARLY_NORMAL;
    residuals.q = libm::exp(mean(z.ln_norms.iter().copied()) - libm::log(n));
    residuals.forward = finite(batch.ln_chi_squared(feeds.ln_excess - libm::log(n), n));
    let tilts = z.tilts.iter().map(|tilt| tilt * sqrt(n));
    residuals.mean_tilt = mean(tilts.clone());
    residuals.tilt = finite(batch.chi_squared(mean(tilts.map(|tilt| tilt * tilt))));
    activation(law.activation(), chain, l, &batch, &mut residuals);
    residuals
}

impl Statistic {
    /// The standard deviation of a narrow layer, as far as the first order in 1 / n may fall short.
    fn of_narrow(self, n: f64) -> Self {
        let factor = (NARROW / n).max(1.0);
        Self {
            variance: self.variance * factor * factor,
            third: self.third * factor * factor * factor,
            ..self
        }
    }
}

/// What the activation of layer l makes of its z.
pub(super) fn activation(
    activation: &Activation,
    chain: &GradientChain,
    l: usize,
    batch: &Correlated,
    residuals: &mut Residuals,
) {
    let here = &chain.layers()[l];
    let (Some(z), Some(h)) = (here.z_rows(), here.h_rows()) else { return };
    if activation.negative_slope() == Some(1.0) {
        return;
    }
    let n = here.width() as f64;
    let ln_q: Vec<f64> = z.ln_norms.iter().map(|ln| ln - libm::log(n)).collect();
    let deltas = chain.layers().get(l + 1).map(Layer::delta_likeness).unwrap_or_default();
    let Some(range) = Range::new(&ln_q) else { return };
    let aligned = here.alignments();
    let along = aligned.map_or(0.0, |aligned| live_mean(aligned.iter().map(|a| a * a)).0);
    let squares = Means::new(range, |q| activation.mean_square(q));
    let passes = Means::new(range, |q| activation.derivative_mean_square(q));
    let groups: Vec<(f64, f64, Unit)> = range
        .groups(&ln_q)
        .into_iter()
        .map(|(middle, share)| {
            (middle, share, Unit::new(activation, libm::exp(middle), batch, deltas, along))
        })
        .collect();
    let over_groups = |of: &dyn Fn(f64, &Unit) -> f64| -> f64 {
        groups.iter().map(|(middle, share, unit)| share * of(*middle, unit)).sum()
    };
    let values = h.ln_norms.iter().zip(&ln_q).map(|(h, q)| h - libm::log(n) - squares.at(*q));
    if !groups.iter().all(|(middle, _, unit)| unit.resolves(libm::exp(squares.at(*middle)))) {
        return;
    }
    let parts = groups.iter().map(|(q, share, unit)| (*share, unit.hidden(squares.slopes(*q), n, batch)));
    residuals.hidden = finite(Statistic::mixed(mean(values), parts).of_narrow(n));
    // Where lengths differ much, angles go with them.
    if let ([(_, _, unit)], true) = (&groups[..], batch.samples > 1.0) {
        residuals.cosine =
            here.cosine().and_then(|measured| finite(unit.cosine(measured, n, batch).of_narrow(n)));
    }
    let Some(dl_dh) = here.dl_dh_rows() else { return };
    let aligned_gate = over_groups(&|_, unit| unit.aligned_gate);
    let gates = here.ln_delta_norms().iter().zip(&dl_dh.ln_norms).zip(&ln_q).enumerate();
    let values = gates.map(|(sample, ((delta, dl_dh), q))| {
        let along = aligned.map_or(0.0, |aligned| aligned[sample] * aligned[sample]);
        let across = (n - aligned_gate) / (n - 1.0);
        let expected = passes.at(*q) + libm::log(along * aligned_gate + (1.0 - along) * across);
        delta - dl_dh - expected
    });
    let (value, live) = live_mean(values);
    let batch = Correlated { samples: live, ..*batch };
    if groups.iter().all(|(middle, _, unit)| unit.resolves_gates(libm::exp(passes.at(*middle)))) {
        let parts = groups.iter().map(|(q, share, unit)| (*share, unit.gate(passes.slopes(*q), n, &batch)));
        residuals.gate = finite(Statistic::mixed(value, parts).of_narrow(n));
    }
}

/// What W^T brings back to the layer below.
fn backward(law: &LayerLaw, here: &Layer, below: Option<&Layer>) -> Residuals {
    let mut residuals = Residuals::default();
    let Some((below, dl_dh)) = below.and_then(|below| Some((below, below.dl_dh_rows()?))) else {
        return residuals;
    };
    let n = below.width() as f64;
    let batch = Correlated::new(here.samples(), here.delta_likeness().mean, here.delta_likeness());
    let ln_variance = libm::log(law.weight().variance());
    // One direction is told by z: what is left has n - 1.
    let (aligned, n_across) = (below.alignments(), n - 1.0);
    let across = |sample: usize| aligned.map_or(1.0 / n, |aligned| aligned[sample] * aligned[sample]);
    let norms = dl_dh.ln_norms.iter().zip(here.ln_delta_norms()).enumerate();
    let values = norms.map(|(sample, (dl_dh, delta))| {
        dl_dh + libm::log1p(-across(sample)) - delta - ln_variance - libm::log(n_across)
    });
    let (value, live) = live_mean(values);
    let batch = Correlated { samples: live, ..batch };
    residuals.backward = finite(batch.ln_chi_squared(value, n_across));
    let h_tilts = below.h_rows().map(|h| &h.tilts);
    let tilts = dl_dh.tilts.iter().enumerate().map(|(sample, tilt)| {
        let h = h_tilts.map_or(0.0, |tilts| tilts[sample]);
        let along = aligned.map_or(0.0, |aligned| aligned[sample]);
        let spread = sqrt((1.0 - along * along) * (1.0 - h * h));
        let across = sqrt(n) * (tilt - along * h) / spread;
        across * across
    });
    residuals.back_tilt = finite(batch.chi_squared(live_mean(tilts).0));
    residuals
}

/// What feeds a layer: how z compares with it, and how z of different samples are correlated.
struct Feeds {
    /// Mean over samples of ln(|z|^2 / Var z).
    ln_excess: f64,
    weight_share: f64,
    batch: Correlated,
}

impl Feeds {
    fn new(law: &LayerLaw, inputs: &Inputs, below: Option<&Layer>, z: &Rows) -> Option<Self> {
        let (ln_weight, ln_bias) = (libm::log(law.weight().variance()), libm::log(law.bias_variance()));
        let ln_variance = |ln_square: f64| ln_sum(ln_weight + ln_square, ln_bias);
        let samples = z.ln_norms.len();
        let (ln_variance_mean, share, cosine, likeness) = match below {
            Some(below) => {
                let h = below.h_rows()?;
                let variances = h.ln_norms.iter().map(|&ln| ln_variance(ln));
                let weights = h.ln_norms.iter().map(|&ln| libm::exp(ln_weight + ln - ln_variance(ln)));
                (mean(variances), mean(weights), below.cosine(), below.h_likeness())
            }
            None => {
                let fan_in = libm::log(law.fan().fan_in() as f64);
                let of = |f: &dyn Fn(f64) -> f64| inputs.mean_over_logarithms(|ln| f(ln + fan_in));
                let share = of(&|ln| libm::exp(ln_weight + ln - ln_variance(ln)));
                (of(&ln_variance), share, inputs.cosine(), inputs.likeness())
            }
        };
        // Biases are the same for all samples: rho = share cos + 1 - share.
        let (cosine, bias) = (cosine.unwrap_or(0.0), 1.0 - share);
        let likeness = Likeness {
            mean: share * likeness.mean + bias,
            square: share * (share * likeness.square + 2.0 * bias * cosine) + bias * bias,
            triple: share * share * (share * likeness.triple + 3.0 * bias * likeness.square)
                + bias * bias * (3.0 * share * cosine + bias),
        };
        let batch = Correlated::new(samples, share * cosine + bias, likeness);
        let ln_excess = mean(z.ln_norms.iter().copied()) - ln_variance_mean;
        Some(Self { ln_excess, weight_share: share, batch })
    }
}

/// The range of ln q over samples.
#[derive(Clone, Copy, Debug)]
struct Range {
    low: f64,
    high: f64,
}

impl Range {
    /// `None` where a length is not one, or leaves what f64 can square.
    fn new(ln_q: &[f64]) -> Option<Self> {
        let low = ln_q.iter().copied().fold(f64::INFINITY, f64::min);
        let high = ln_q.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let all = ln_q.iter().all(|ln| ln.is_finite());
        (all && low > -600.0 && high < 600.0).then_some(Self { low, high })
    }

    /// The mean ln q, and the share, of groups of samples that are alike in length to a factor of e or so.
    fn groups(self, ln_q: &[f64]) -> Vec<(f64, f64)> {
        const MOST: f64 = 8.0;
        let count = libm::ceil((self.high - self.low) / 2.0).clamp(1.0, MOST);
        let width = (self.high - self.low) / count;
        let mut groups = alloc::vec![(0.0, 0.0); count as usize];
        for &ln in ln_q {
            let place = if width > 0.0 { (ln - self.low) / width } else { 0.0 };
            let (sum, members) = &mut groups[(place as usize).min(count as usize - 1)];
            *sum += ln;
            *members += 1.0;
        }
        groups.retain(|(_, members)| *members > 0.0);
        let all = ln_q.len() as f64;
        groups.into_iter().map(|(sum, members)| (sum / members, members / all)).collect()
    }
}

/// ln of an expectation over the activation, as a function of ln q in a range: three parabolas' nodes at
/// least, a quarter apart where the range is wide.
struct Means {
    low: f64,
    step: f64,
    values: Vec<f64>,
}

impl Means {
    fn new(range: Range, expectation: impl Fn(f64) -> f64) -> Self {
        const MARGIN: f64 = 0.05;
        const MOST: f64 = 40.0;
        let (low, span) = (range.low - MARGIN, range.high - range.low + 2.0 * MARGIN);
        let steps = (libm::ceil(span / 0.25)).clamp(2.0, MOST);
        let step = span / steps;
        let value = |i: usize| libm::log(expectation(libm::exp(low + step * i as f64)));
        Self { low, step, values: (0..=steps as usize).map(value).collect() }
    }

    /// The nearest node with two neighbours, and the place relative to it.
    fn node(&self, ln_q: f64) -> (usize, f64) {
        let place = (ln_q - self.low) / self.step;
        let node = (libm::round(place) as usize).clamp(1, self.values.len() - 2);
        (node, place - node as f64)
    }

    fn differences(&self, node: usize) -> (f64, f64) {
        let [left, middle, right] = [node - 1, node, node + 1].map(|i| self.values[i]);
        (0.5 * (right - left), right - 2.0 * middle + left)
    }

    fn at(&self, ln_q: f64) -> f64 {
        let (node, t) = self.node(ln_q);
        let (first, second) = self.differences(node);
        self.values[node] + t * (first + 0.5 * t * second)
    }

    /// First and second derivative by ln q.
    fn slopes(&self, ln_q: f64) -> [f64; 2] {
        let (node, t) = self.node(ln_q);
        let (first, second) = self.differences(node);
        let first = first + t * second;
        [first / self.step, second / (self.step * self.step)]
    }
}

/// ln(e^a + e^b).
fn ln_sum(a: f64, b: f64) -> f64 {
    let (larger, smaller) = if a > b { (a, b) } else { (b, a) };
    if smaller == f64::NEG_INFINITY { larger } else { larger + libm::log1p(libm::exp(smaller - larger)) }
}

/// The mean, NaN as soon as one value is.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

/// The mean of the values that are finite and how many they are: a sample that the loss sends nothing back for
/// has none. NaN if they are fewer than half.
fn live_mean(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut sum, mut count, mut all) = (0.0, 0.0, 0.0);
    for value in values {
        all += 1.0;
        if value.is_finite() {
            sum += value;
            count += 1.0;
        }
    }
    (if 2.0 * count >= all { sum / count } else { f64::NAN }, count)
}

fn finite(statistic: Statistic) -> Option<Statistic> {
    (statistic.value.is_finite() && statistic.mean.is_finite() && statistic.variance > 0.0)
        .then_some(statistic)
}
