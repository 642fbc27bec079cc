//! Findings of a chain alone, without a specification.

use alloc::vec::Vec;
use core::f64::consts::LN_10;

use super::{Cause, Evidence, Finding};
use crate::chain::{BackwardFactor, GradientChain, Layer, Moments, Thresholds, Verdict};
use crate::scalar::sqrt;

/// At least this share of zeros among the activations marks units that switch off, as ReLU's do.
const SWITCHING: f64 = 0.25;

/// A stretch of layers is blamed if it changes the mean-square delta by so many decades.
const DECADES: f64 = 1.0;

/// The share of saturated units from which on they are what is wrong.
pub(super) const MOSTLY: f64 = 0.5;

/// How far He's weight factor of 2 may be off, and how many standard deviations a narrow chain, for it to be
/// called chance.
const NEAR_HE: f64 = 0.15;
const CHANCE: f64 = 2.0;

/// What is behind an unhealthy chain whose values are all finite and not 0.
pub(super) fn drifts(chain: &GradientChain) -> Vec<Finding> {
    if !matches!(chain.verdict(), Verdict::Vanishing | Verdict::Exploding) {
        return Vec::new();
    }
    if let Some(narrow) = too_narrow(chain) {
        return [narrow].into();
    }
    stretches(chain).into_iter().map(|(low, high, ln)| stretch(chain, low, high, ln)).collect()
}

/// Stretches of hidden layers over which the gradient drifts one way, as (first, last, ln of the mean-square
/// delta of the first over that of the one above the last), lowest first.
fn stretches(chain: &GradientChain) -> Vec<(usize, usize, f64)> {
    let hidden = chain.hidden_layers();
    let path: Vec<f64> =
        hidden.iter().map(|layer| layer.delta().ln_mean_square().unwrap_or(f64::NAN)).collect();
    let Some(last) = path.len().checked_sub(1) else { return Vec::new() };
    let extreme =
        |sign: f64| (0..=last).max_by(|&a, &b| (sign * path[a]).total_cmp(&(sign * path[b]))).unwrap_or(0);
    let mut turns = [0, extreme(1.0), extreme(-1.0), last];
    turns.sort_unstable();
    let pairs = turns.windows(2).filter(|pair| pair[0] < pair[1]);
    pairs
        .map(|pair| (pair[0], pair[1] - 1, path[pair[0]] - path[pair[1]]))
        .filter(|(first, last, ln)| {
            let steps = last + 1 - first;
            ln.abs() > DECADES * LN_10 || !Thresholds::default().allow(ln / LN_10, steps)
        })
        .collect()
}

fn stretch(chain: &GradientChain, first: usize, last: usize, ln: f64) -> Finding {
    let steps = &chain.factors()[first..=last];
    let layers: Vec<usize> = (first..=last).collect();
    let mean = |of: &dyn Fn(&BackwardFactor) -> Option<f64>| {
        let sum: Option<f64> = steps.iter().map(of).sum();
        sum.map(|sum| libm::exp(sum / steps.len() as f64))
    };
    let rate = libm::exp(ln / steps.len() as f64);
    let shares = chain.layers()[first..=last].iter().map(Layer::saturated).sum::<Option<f64>>();
    let share = shares.map(|sum| sum / steps.len() as f64);
    if let Some(share) = share.filter(|&share| share > MOSTLY && rate < 1.0) {
        let z = chain.layers()[first].z().and_then(Moments::rms).unwrap_or(f64::NAN);
        return Finding::new(Cause::Saturated { share }, layers, Evidence::certain("rms z", z));
    }
    let split = mean(&BackwardFactor::ln_weight).zip(mean(&BackwardFactor::ln_gate));
    let evidence = Evidence::certain("decades of the mean-square delta:", ln / LN_10);
    let cause = Cause::Drift { rate, split, switching: switches(&chain.layers()[first..=last]) };
    Finding::new(cause, layers, evidence)
}

/// Chains of units that switch and weights as He draws them: ln of the chain has mean -sum 5 / (2 n) and variance
/// sum 5 / n (Hanin and Nica 2018, to first order in 1 / n).
fn too_narrow(chain: &GradientChain) -> Option<Finding> {
    let (_, below) = chain.hidden_layers().split_last()?;
    let inverse_widths: f64 = below.iter().map(|layer| 1.0 / layer.width() as f64).sum();
    let (mean, spread) = (-2.5 * inverse_widths, sqrt(5.0 * inverse_widths));
    let steps = chain.hidden_factors();
    let ln_weight: Option<f64> = steps.iter().map(BackwardFactor::ln_weight).sum();
    let weight = libm::exp(ln_weight? / steps.len() as f64);
    let ln = chain.log10_ratio()? * LN_10;
    let is_he = switches(below) && (weight / 2.0 - 1.0).abs() < NEAR_HE;
    let z = (ln - mean) / spread;
    // What goes up and down again is no chance.
    let one_way = stretches(chain).len() <= 1;
    (is_he && one_way && z.abs() <= CHANCE && ln.abs() > LN_10).then(|| {
        let evidence = Evidence {
            statistic: "decades of the mean-square delta:",
            measured: ln / LN_10,
            expected: Some(mean / LN_10),
            z: Some(z),
        };
        Finding::new(Cause::TooDeep { inverse_widths }, [], evidence)
    })
}

/// Whether units are off as ReLU's are: h is 0, and never below, as GELU's and SiLU's is.
fn switches(layers: &[Layer]) -> bool {
    let sum: Option<f64> = layers.iter().map(Layer::zeros).sum();
    let is_cut = |layer: &Layer| layer.h().and_then(Moments::min).is_some_and(|min| min == 0.0);
    layers.iter().all(is_cut) && sum.is_some_and(|sum| sum >= SWITCHING * layers.len() as f64)
}
