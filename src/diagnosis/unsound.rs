//! Specifications that are unsound themselves, whatever is drawn from them.

use alloc::string::String;
use alloc::vec::Vec;
use core::f64::consts::LN_10;

use super::statistic::Statistic;
use super::{Cause, Evidence, Finding};
use crate::chain::{GradientChain, Thresholds, nearest_to_no_change};
use crate::scalar::sqrt;
use crate::theory::{Inputs, LayerLaw, NetworkLaw, Prediction, TheoryError, critical};

/// Variances that differ by less than this share are the same.
const SAME: f64 = 1e-6;

/// What the specification itself does, if a layer's gradient leaves the sound range on its way.
pub(super) fn unsound(
    law: &NetworkLaw,
    inputs: &Inputs,
    prediction: &Prediction,
) -> Result<Vec<Finding>, TheoryError> {
    if !drifts(prediction) {
        return Ok(Vec::new());
    }
    let cosine = inputs.cosine().unwrap_or(0.0);
    let mean_square = inputs.mean_square();
    if (mean_square - 1.0).abs() > 0.5 && !drifts(&law.predict(&Inputs::alike(1.0, cosine)?)?) {
        let rms = sqrt(mean_square);
        let decades = prediction.log10_ratio().unwrap_or(f64::NAN);
        let evidence = Evidence::certain("predicted decades of the mean-square delta:", decades);
        return Ok([Finding::new(Cause::InputScale { rms }, [], evidence)].into());
    }
    let mut findings: Vec<Finding> = Vec::new();
    let hidden = law.hidden_layers().len();
    let mut first = 0;
    // The steps back to each layer belong to its gates and the weights above.
    while first + 1 < hidden {
        let alike = |l: usize| {
            is_same(&law.layers()[l], &law.layers()[first])
                && is_same(&law.layers()[l + 1], &law.layers()[first + 1])
        };
        let end = (first..hidden - 1).take_while(|&l| alike(l)).last().unwrap_or(first) + 1;
        let ln = change(prediction, first, end);
        if !Thresholds::default().allow(ln / LN_10, end - first) {
            let rate = libm::exp(ln / (end - first) as f64);
            let evidence = Evidence::certain("predicted decades of the mean-square delta:", ln / LN_10);
            let cause =
                Cause::UnsoundLaw { rate, remedy: remedy(&law.layers()[first + 1], &law.layers()[first]) };
            findings.push(Finding::new(cause, (first..end).collect::<Vec<_>>(), evidence));
        }
        first = end;
    }
    if findings.is_empty() {
        let ln = change(prediction, 0, hidden - 1);
        let rate = libm::exp(ln / (hidden - 1) as f64);
        let evidence = Evidence::certain("predicted decades of the mean-square delta:", ln / LN_10);
        let cause = Cause::UnsoundLaw { rate, remedy: None };
        findings.push(Finding::new(cause, (0..hidden - 1).collect::<Vec<_>>(), evidence));
    }
    Ok(findings)
}

/// ln of the mean-square delta of `lower` over that of `upper`, of the mean or of the sum, whichever is nearer
/// to no change.
fn change(prediction: &Prediction, lower: usize, upper: usize) -> f64 {
    let mean = prediction.ln_delta_between(lower, upper).unwrap_or(f64::NAN);
    let steps = &prediction.layers()[lower..upper];
    let sum: f64 = steps.iter().map(|layer| layer.ln_weight().unwrap_or(f64::NAN) + layer.ln_gate()).sum();
    if mean.is_nan() || sum.is_nan() { f64::NAN } else { nearest_to_no_change(mean, sum) }
}

fn drifts(prediction: &Prediction) -> bool {
    let Some(last) = prediction.layers().len().checked_sub(2) else { return false };
    (0..last).any(|l| !Thresholds::default().allow(change(prediction, l, last) / LN_10, last - l))
}

fn is_same(a: &LayerLaw, b: &LayerLaw) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= SAME * a.abs().max(b.abs());
    a.activation() == b.activation()
        && near(a.weight_factor(), b.weight_factor())
        && near(a.bias_variance(), b.bias_variance())
}

/// The critical point of these gates, unless it is in use.
fn remedy(weights: &LayerLaw, gates: &LayerLaw) -> Option<String> {
    let activation = gates.activation();
    let point = match critical(activation) {
        Ok(point) => point,
        Err(error) => return Some(alloc::format!("use another activation: {error}")),
    };
    let near = |a: f64, b: f64| (a - b).abs() <= SAME * b.abs().max(SAME);
    let in_use = near(weights.weight_factor(), point.weight_variance)
        && near(weights.bias_variance(), point.bias_variance);
    (!in_use).then(|| alloc::format!("for {activation} use {}", point))
}

/// Of a sound specification: too deep for its widths, or chance.
pub(super) fn chance(chain: &GradientChain, prediction: &Prediction, total: &Statistic) -> Option<Finding> {
    let hidden = chain.hidden_layers();
    let (_, below) = hidden.split_last()?;
    let ln = change(prediction, 0, below.len()) + total.mean;
    let (mean, std_dev) = (ln / LN_10, total.std_dev() / LN_10);
    let evidence = Evidence {
        statistic: "decades of the mean-square delta:",
        measured: chain.log10_ratio().unwrap_or(f64::NAN),
        expected: Some(mean),
        z: total.z(),
    };
    if !Thresholds::default().allow(mean.abs() + std_dev, below.len()) {
        let inverse_widths = below.iter().map(|layer| 1.0 / layer.width() as f64).sum();
        return Some(Finding::new(Cause::TooDeep { inverse_widths }, [], evidence));
    }
    (!chain.verdict().is_healthy()).then(|| Finding::new(Cause::Chance, [], evidence))
}
