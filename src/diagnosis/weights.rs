//! Faults of weights and biases, told from what they do on both ways.

use alloc::vec;
use alloc::vec::Vec;

use super::judge::{Limits, evidence};
use super::residual::Residuals;
use super::statistic::{Statistic, is_rare, of_chi_squared};
use super::unit::cosine_of_h;
use super::{Cause, Evidence, Finding, KnownRatio};
use crate::chain::GradientChain;
use crate::scalar::sqrt;
use crate::theory::{Inputs, NetworkLaw};

/// Two measurements agree if they differ by no more than so many standard deviations.
const AGREE: f64 = 4.0;

/// Both ways of all layers together differ if they do by so many.
const APART: f64 = 3.0;

/// Several ratios are one if their squared deviations are not rarer than this.
const ONE_RATIO: f64 = 1e-3;

/// Of layers that are off together, those that are off by so many standard deviations are named.
const SHOWS: f64 = 2.0;

/// A difference of cosines that tells two explanations apart.
const TELLING: f64 = 0.03;

/// Inputs whose mean cosine is below this have no mean in common.
const NO_COMMON_MEAN: f64 = 0.1;

/// What is wrong with the weights and biases of the layers.
pub(super) fn weights(
    chain: &GradientChain,
    law: &NetworkLaw,
    inputs: &Inputs,
    limits: &Limits,
    residuals: &[Residuals],
) -> Vec<Finding> {
    let (mut findings, offset) = offsets(chain, inputs, limits, residuals);
    let rest: Vec<usize> = (0..residuals.len()).filter(|l| !offset.contains(l)).collect();
    let (missing, rest): (Vec<usize>, Vec<usize>) =
        rest.into_iter().partition(|&l| lacks_biases(law, limits, residuals, l));
    findings.extend(without_biases(law, &missing, residuals));
    let (mut biased, mut rest): (Vec<usize>, Vec<usize>) = rest.into_iter().partition(|&l| {
        forward_only(limits, &residuals[l])
            || l == 0 && first_is_biased(chain, law, inputs, limits, &residuals[0])
    });
    // What each of several layers shows too little of, they may show together.
    let z = |statistic: Option<Statistic>| statistic.and_then(|s| s.z());
    let of = |f: fn(&Residuals) -> Option<Statistic>| -> Vec<f64> {
        rest.iter().skip_while(|&&l| l == 0).filter_map(|&l| z(f(&residuals[l]))).collect()
    };
    let (forward, backward) = (of(|r| r.forward), of(|r| r.backward));
    let rises = forward.iter().sum::<f64>() > 0.0;
    // Weights that are too large show on the way back as well.
    let apart = (mean(&forward) - mean(&backward)) * sqrt(0.5 * forward.len().min(backward.len()) as f64);
    if rises && apart > APART && limits.flags_together(&forward) && !limits.flags_together(&backward) {
        let shows = |l: &usize| {
            let (forward, backward) = (residuals[*l].forward, residuals[*l].backward);
            z(forward).is_some_and(|z| z > SHOWS) && z(backward).is_some_and(|z| z.abs() < AGREE)
        };
        biased.extend(rest.iter().copied().filter(shows));
        rest.retain(|l| !biased.contains(l));
        biased.sort_unstable();
    }
    if findings.iter().any(is_offset) {
        // What makes z of other layers too large, and not what comes back, does it here.
        let alike = |l: &usize| {
            let Residuals { forward, backward, .. } = residuals[*l];
            let too_large = limits.flags(forward) && forward.is_some_and(|forward| forward.excess() > 0.0);
            too_large && !limits.flags(backward) && *l > 0
        };
        biased.extend(rest.iter().copied().filter(alike));
        rest.retain(|l| !biased.contains(l));
        biased.sort_unstable();
    }
    if !biased.is_empty() {
        // The cause of the layers whose units share an offset is theirs, too.
        match findings.iter_mut().find(|finding| is_offset(finding)) {
            Some(finding) => {
                finding.layers.append(&mut biased);
                finding.layers.sort_unstable();
            }
            None => findings.extend(bias(&biased, residuals)),
        }
    }
    findings.extend(scales(law, limits, residuals, &rest));
    findings
}

/// Whether it is one of what moves z of all samples alike.
pub(super) fn is_offset(finding: &Finding) -> bool {
    matches!(finding.cause, Cause::WeightMean { .. } | Cause::Bias { .. } | Cause::WeightMeanOrBias)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Layers whose units share an offset, and what they are.
fn offsets(
    chain: &GradientChain,
    inputs: &Inputs,
    limits: &Limits,
    residuals: &[Residuals],
) -> (Vec<Finding>, Vec<usize>) {
    let (mut means, mut biases, mut either) = (vec![], vec![], vec![]);
    for (l, layer) in residuals.iter().enumerate() {
        let (forward, back) = (limits.flags_offset(layer.tilt), limits.flags_offset(layer.back_tilt));
        if back {
            means.push(l);
        } else if forward {
            // A bias is the same for all samples; what a mean of the weights makes goes with the sum of h.
            let shared = layer.mean_tilt * layer.mean_tilt
                / layer.tilt.map_or(f64::NAN, |tilt| tilt.value - 1.0).max(1.0);
            if l == 0 && inputs.cosine().is_none_or(|cosine| cosine < NO_COMMON_MEAN) {
                if shared > 0.5 { biases.push(l) } else { means.push(l) }
            } else {
                either.push(l);
            }
        }
    }
    // What other layers have, these have, too.
    if means.is_empty() != biases.is_empty() {
        let known = if means.is_empty() { &mut biases } else { &mut means };
        known.append(&mut either);
        known.sort_unstable();
    }
    let mut all: Vec<usize> = [&means[..], &biases, &either].concat();
    all.sort_unstable();
    let mut findings = Vec::new();
    if !means.is_empty() {
        let estimates: Vec<f64> =
            means.iter().filter_map(|&l| weight_mean(chain, l)).filter(|mean| mean.is_finite()).collect();
        let mean = estimates.iter().sum::<f64>() / estimates.len() as f64;
        let cause = if estimates.is_empty() { Cause::WeightMeanOrBias } else { Cause::WeightMean { mean } };
        findings.push(Finding::new(cause, means.clone(), offset_evidence(&means, residuals)));
    }
    if !biases.is_empty() {
        let evidence = offset_evidence(&biases, residuals);
        let bias = bias(&biases, residuals);
        let cause = bias.map_or(Cause::WeightMeanOrBias, |bias| bias.cause);
        findings.push(Finding::new(cause, biases, evidence));
    }
    if !either.is_empty() {
        let evidence = offset_evidence(&either, residuals);
        findings.push(Finding::new(Cause::WeightMeanOrBias, either, evidence));
    }
    (findings, all)
}

fn offset_evidence(layers: &[usize], residuals: &[Residuals]) -> Evidence {
    let tilts = layers
        .iter()
        .flat_map(|&l| [("offset of z", residuals[l].tilt), ("offset of dL/dh", residuals[l].back_tilt)]);
    let statistics = tilts.filter_map(|(name, tilt)| Some((name, tilt?)));
    super::judge::farthest(statistics).unwrap_or(Evidence::certain("offset", f64::NAN))
}

/// A mean of the weights of layer l, from the offset of z: mean z = mean W times the sum of h below.
fn weight_mean(chain: &GradientChain, l: usize) -> Option<f64> {
    let here = &chain.layers()[l];
    let below = &chain.layers()[l.checked_sub(1)?];
    let (z, h) = (here.z_rows()?, below.h_rows()?);
    let (n, fan_in) = (here.width() as f64, below.width() as f64);
    let (mut product, mut square) = (0.0, 0.0);
    for sample in 0..z.tilts.len() {
        let of = |tilt: f64, ln_norm: f64, width: f64| tilt * libm::exp(0.5 * (ln_norm - libm::log(width)));
        let mean_z = of(z.tilts[sample], z.ln_norms[sample], n);
        let sum_h = fan_in * of(h.tilts[sample], h.ln_norms[sample], fan_in);
        product += mean_z * sum_h;
        square += sum_h * sum_h;
    }
    Some(product / square)
}

/// z larger than what feeds it says, and not by an offset that all units share, while the same weights bring back what they
/// should.
pub(super) fn forward_only(limits: &Limits, layer: &Residuals) -> bool {
    let (Some(forward), Some(backward)) = (layer.forward, layer.backward) else { return false };
    let shared = layer.tilt.map_or(0.0, |tilt| (tilt.excess() / layer.width).clamp(0.0, 0.999));
    let excess = forward.excess() + libm::log1p(-shared);
    let apart = (excess - backward.excess()) / sqrt(forward.variance + backward.variance);
    limits.flags(Some(forward)) && !limits.flags(Some(backward)) && excess > 0.0 && apart > AGREE
}

/// z smaller than weights and biases should make it, while the same weights bring back what they should; of the first layer,
/// which brings back nothing, as small as without the biases.
fn lacks_biases(law: &NetworkLaw, limits: &Limits, residuals: &[Residuals], l: usize) -> bool {
    let layer = &residuals[l];
    let Some(forward) = layer.forward.filter(|forward| forward.excess() < 0.0) else { return false };
    if law.layers()[l].bias_variance() == 0.0 || !limits.flags(Some(forward)) {
        return false;
    }
    match layer.backward {
        Some(backward) => {
            let apart = (forward.excess() - backward.excess()) / sqrt(forward.variance + backward.variance);
            !limits.flags(Some(backward)) && apart < -AGREE
        }
        None => (forward.excess() - libm::log(layer.weight_share)).abs() < AGREE * forward.std_dev(),
    }
}

fn without_biases(law: &NetworkLaw, layers: &[usize], residuals: &[Residuals]) -> Option<Finding> {
    let &first = layers.first()?;
    let specified = sqrt(law.layers()[first].bias_variance());
    let forward = layers.iter().filter_map(|&l| Some(("relative mean-square z", residuals[l].forward?)));
    let evidence = super::judge::farthest(forward)?;
    Some(Finding::new(Cause::BiasMissing { specified }, layers, evidence))
}

/// Of the first layer, which brings nothing back: whether samples that have nothing in common have it after the layer, as biases
/// would give it to them, and larger weights would not.
fn first_is_biased(
    chain: &GradientChain,
    law: &NetworkLaw,
    inputs: &Inputs,
    limits: &Limits,
    residuals: &Residuals,
) -> bool {
    let told = || {
        let forward = residuals.forward.filter(|forward| forward.excess() > 0.0)?;
        let (before, after) = (inputs.cosine()?, chain.layers()[0].cosine()?);
        let share = -libm::expm1(-forward.excess());
        let [alone, biased] = [before, before + share * (1.0 - before)]
            .map(|rho| cosine_of_h(law.layers()[0].activation(), residuals.q, rho));
        Some(
            limits.flags(Some(forward)) && after - alone > 0.5 * (biased - alone) && biased - alone > TELLING,
        )
    };
    told().unwrap_or(false)
}

/// Biases of the size that explains how large z is, if it is too large.
fn bias(layers: &[usize], residuals: &[Residuals]) -> Option<Finding> {
    let of = |l: usize| {
        let layer = &residuals[l];
        let excess = layer.forward.map_or(0.0, |forward| forward.excess()).max(0.0);
        layer.q * -libm::expm1(-excess)
    };
    // The larger z is, the rougher the estimate.
    let weight = |l: usize| 1.0 / (residuals[l].q * residuals[l].q);
    let weights: f64 = layers.iter().map(|&l| weight(l)).sum();
    let mean = layers.iter().map(|&l| weight(l) * of(l)).sum::<f64>() / weights;
    let forward = layers.iter().filter_map(|&l| Some(("relative mean-square z", residuals[l].forward?)));
    let evidence = super::judge::farthest(forward)?;
    (mean > 0.0).then(|| Finding::new(Cause::Bias { rms: sqrt(mean) }, layers, evidence))
}

/// The scale of a layer's weights, from both ways.
struct Scale {
    layer: usize,
    /// ln of measured over specified variance, as a statistic.
    ln_ratio: Statistic,
    name: &'static str,
    /// Both ways agree.
    agrees: bool,
}

impl Scale {
    fn new(layer: usize, residuals: &Residuals) -> Option<Self> {
        let (forward, backward) = (residuals.forward, residuals.backward);
        let Some((a, b)) = forward.zip(backward) else {
            let (ln_ratio, name) = match (forward, backward) {
                (Some(forward), _) => (forward, "relative mean-square z"),
                (_, backward) => (backward?, "relative weight factor"),
            };
            return Some(Self { layer, ln_ratio, name, agrees: true });
        };
        let share = b.variance / (a.variance + b.variance);
        let both = |of: fn(&Statistic) -> f64| share * of(&a) + (1.0 - share) * of(&b);
        let cube = |share: f64| share * share * share;
        let ln_ratio = Statistic {
            value: both(|s| s.value),
            mean: both(|s| s.mean),
            variance: share * share * a.variance + (1.0 - share) * (1.0 - share) * b.variance,
            third: cube(share) * a.third + cube(1.0 - share) * b.third,
        };
        let apart = (a.excess() - b.excess()) / sqrt(a.variance + b.variance);
        Some(Self { layer, ln_ratio, name: "relative weight factor", agrees: apart.abs() < AGREE })
    }

    fn z(&self) -> f64 {
        self.ln_ratio.z().unwrap_or(0.0)
    }
}

/// Weights of another scale than specified: those that are it each by itself, and the others if they are it
/// together. Layers with one ratio are one finding.
fn scales(law: &NetworkLaw, limits: &Limits, residuals: &[Residuals], layers: &[usize]) -> Vec<Finding> {
    let all: Vec<Scale> = layers.iter().filter_map(|&l| Scale::new(l, &residuals[l])).collect();
    let zs: Vec<f64> = all.iter().map(Scale::z).collect();
    let off = |scale: &Scale| {
        limits.flags(Some(scale.ln_ratio))
            || limits.flags(residuals[scale.layer].forward)
            || limits.flags(residuals[scale.layer].backward)
    };
    let together = limits.flags_together(&zs);
    let everything: Vec<&Scale> = all.iter().collect();
    if together && is_one(&everything) && is_off(&everything) {
        return [finding(law, &everything)].into();
    }
    let (single, rest): (Vec<&Scale>, Vec<&Scale>) = all.iter().partition(|scale| off(scale));
    let mut findings: Vec<Finding> = Vec::new();
    let mut groups: Vec<Vec<&Scale>> = Vec::new();
    for scale in single {
        let known = groups.iter_mut().find(|group| {
            let mut with: Vec<&Scale> = group.to_vec();
            with.push(scale);
            scale.agrees && group.iter().all(|other| other.agrees) && is_one(&with)
        });
        match known {
            Some(group) => group.push(scale),
            None => groups.push([scale].into()),
        }
    }
    let rest_zs: Vec<f64> = rest.iter().map(|scale| scale.z()).collect();
    if limits.flags_together(&rest_zs) {
        if is_one(&rest) && is_off(&rest) {
            groups.push(rest);
        } else {
            // Some of these are off, and it does not show which.
            let layers: Vec<usize> = rest.iter().map(|scale| scale.layer).collect();
            let statistics = rest.iter().map(|scale| (scale.name, scale.ln_ratio));
            findings.extend(
                super::judge::farthest(statistics)
                    .map(|evidence| Finding::new(Cause::Unknown, layers, evidence)),
            );
        }
    }
    for group in groups {
        if group.iter().all(|scale| scale.agrees) && is_off(&group) {
            findings.push(finding(law, &group));
        } else {
            let layers: Vec<usize> = group.iter().map(|scale| scale.layer).collect();
            let evidence = super::judge::farthest(layers.iter().flat_map(|&l| {
                let both = [
                    ("relative mean-square z", residuals[l].forward),
                    ("relative weight factor", residuals[l].backward),
                ];
                both.into_iter().filter_map(|(name, statistic)| Some((name, statistic?)))
            }));
            let evidence = evidence.unwrap_or(Evidence::certain("relative weight factor", f64::NAN));
            findings.push(Finding::new(Cause::Unknown, layers, evidence));
        }
    }
    findings
}

/// ln of the ratio that these layers have in common, and its variance.
fn pooled(scales: &[&Scale]) -> (f64, f64) {
    let precision: f64 = scales.iter().map(|scale| 1.0 / scale.ln_ratio.variance).sum();
    let sum: f64 = scales.iter().map(|scale| scale.ln_ratio.excess() / scale.ln_ratio.variance).sum();
    (sum / precision, 1.0 / precision)
}

/// Whether the ratio that these layers have in common is not 1.
fn is_off(scales: &[&Scale]) -> bool {
    let (mean, variance) = pooled(scales);
    mean.abs() > AGREE * sqrt(variance)
}

fn is_one(scales: &[&Scale]) -> bool {
    let (mean, _) = pooled(scales);
    let squares = scales.iter().map(|scale| {
        let off = scale.ln_ratio.excess() - mean;
        off * off / scale.ln_ratio.variance
    });
    let z = of_chi_squared(squares.sum(), scales.len().max(2) - 1);
    scales.len() < 2 || !(z > 0.0 && is_rare(z, ONE_RATIO))
}

fn finding(law: &NetworkLaw, scales: &[&Scale]) -> Finding {
    let (ln_ratio, variance) = pooled(scales);
    let error = sqrt(variance);
    let tables = scales.iter().map(|scale| {
        let layer = &law.layers()[scale.layer];
        KnownRatio::explain(ln_ratio, error, &KnownRatio::table(&layer.weight(), Some(layer.fan())))
    });
    // Known for each of the layers.
    let known = tables.reduce(|a, b| a.into_iter().filter(|known| b.contains(known)).collect());
    let cause = Cause::WeightScale { ratio: libm::exp(0.5 * ln_ratio), known: known.unwrap_or_default() };
    let evidence = match scales {
        [scale] => evidence(scale.name, &scale.ln_ratio, scale.z()),
        _ => {
            let all = Statistic { value: ln_ratio, mean: 0.0, variance, third: 0.0 };
            let first = scales.first().map_or("relative weight factor", |scale| scale.name);
            let name =
                if scales.iter().all(|scale| scale.name == first) { first } else { "relative weight factor" };
            evidence(name, &all, all.z().unwrap_or(f64::NAN))
        }
    };
    Finding::new(cause, scales.iter().map(|scale| scale.layer).collect::<Vec<_>>(), evidence)
}
