//! From residuals to causes: a chain beside its specification.

use alloc::vec::Vec;

use super::other_activation::{fits_range, likely, misfit};
use super::residual::{self, Residuals, residuals};
use super::statistic::{Statistic, is_rare, of_chi_squared};
use super::weights::{forward_only, weights};
use super::{Cause, Evidence, Finding};
use crate::chain::{GradientChain, Layer};
use crate::scalar::sqrt;
use crate::theory::{Inputs, NetworkLaw};

/// How often a chain that follows its specification is said not to. Half of it is shared by the statistics of
/// single layers, half by what they say together.
const FALSE_ALARMS: f64 = 1e-4;

/// How far the mean and the standard deviation of a statistic may be from those of a standard normal one, because they are known to
/// first order in 1 / n only: measured at width 64.
const SHIFTED: f64 = 0.1;
const SPREAD: f64 = 1.1;

/// What fits as well as this, as a standard normal value, cannot be told from what fits better.
const GOOD_FIT: f64 = 2.0;

/// One of the statistics of a layer.
type Of = fn(&Residuals) -> Option<Statistic>;

/// The statistics of a layer that are judged, with their names.
const STATISTICS: [(&str, Of); 7] = [
    ("relative mean-square z", |r| r.forward),
    ("relative weight factor", |r| r.backward),
    ("offset of z", |r| r.tilt),
    ("offset of dL/dh", |r| r.back_tilt),
    ("relative mean-square h", |r| r.hidden.filter(|_| !r.is_unknown)),
    ("relative gate factor", |r| r.gate.filter(|_| !r.is_unknown)),
    ("cosine", |r| r.cosine.filter(|_| !r.is_unknown)),
];

/// How small a probability must be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) single: f64,
    pub(super) family: f64,
}

impl Limits {
    fn new(residuals: &[Residuals]) -> Self {
        let count: usize =
            residuals.iter().map(|r| STATISTICS.iter().filter(|(_, of)| of(r).is_some()).count()).sum();
        // Means and squares of each kind, and the chain as a whole.
        let families = 2 * STATISTICS.len() + 3;
        Self {
            single: 0.5 * FALSE_ALARMS / count.max(1) as f64,
            family: 0.5 * FALSE_ALARMS / families as f64,
        }
    }

    /// Whether a statistic is rare; offsets are squares, of which only large ones are.
    pub(super) fn flags(&self, statistic: Option<Statistic>) -> bool {
        statistic.and_then(|s| s.z()).is_some_and(|z| is_rare(z, self.single))
    }

    pub(super) fn flags_offset(&self, offset: Option<Statistic>) -> bool {
        offset.is_some_and(|s| s.excess() > 0.0) && self.flags(offset)
    }

    /// Whether many standard normal values are rare together, by their mean or by their squares, beyond what the first order
    /// in 1 / n may be wrong in each of them.
    pub(super) fn flags_together(&self, zs: &[f64]) -> bool {
        let n = zs.len() as f64;
        let sum = zs.iter().sum::<f64>();
        let mean = (sum.abs() - SHIFTED * n).max(0.0) / sqrt(n);
        let squares = zs.iter().map(|z| z * z).sum::<f64>() / (SPREAD * SPREAD);
        let squares = of_chi_squared(squares, zs.len());
        !zs.is_empty() && (is_rare(mean, self.family) || squares > 0.0 && is_rare(squares, self.family))
    }
}

/// What a chain does otherwise than specified.
pub(super) struct Judgement {
    pub(super) findings: Vec<Finding>,
    /// The gradient between hidden layers as a whole, given the way forward.
    pub(super) total: Statistic,
}

pub(super) fn judge(chain: &GradientChain, law: &NetworkLaw, inputs: &Inputs) -> Judgement {
    let mut residuals = residuals(chain, law, inputs);
    let zero_units = zero_units(chain);
    // What is left of such a layer is no draw of the specification.
    zero_units.iter().flat_map(|finding| &finding.layers).for_each(|&l| residuals[l] = Residuals::default());
    let limits = Limits::new(&residuals);
    let offsets: Vec<usize> = (0..residuals.len())
        .filter(|&l| {
            let layer = &residuals[l];
            limits.flags_offset(layer.tilt)
                || limits.flags_offset(layer.back_tilt)
                || forward_only(&limits, layer)
        })
        .collect();
    let of_weights = weights(chain, law, inputs, &limits, &residuals);
    let mut findings = activations(chain, law, &limits, &offsets, &mut residuals, inputs);
    // Offsets too small to be seen by themselves are what is left of the others.
    let explains = |finding: &Finding| {
        matches!(finding.cause, Cause::Bias { .. } | Cause::WeightMean { .. } | Cause::WeightMeanOrBias)
    };
    if of_weights.iter().any(explains) {
        findings.retain(|finding| finding.cause != Cause::Unknown);
    }
    findings.extend(of_weights);
    findings.extend(zero_units);
    let total = total(&residuals);
    if findings.is_empty() {
        findings.extend(unexplained(&residuals, &limits, &total));
    }
    findings.sort_by_key(|finding| finding.layers.first().copied());
    Judgement { findings, total }
}

/// Layers some of whose units have z = 0 in every sample, which no draw of continuous weights gives.
fn zero_units(chain: &GradientChain) -> Vec<Finding> {
    let of_layer = |(l, layer): (usize, &Layer)| {
        let z = layer.z_rows()?;
        let (zeros, samples) = (z.moments.zeros() as usize, z.ln_norms.len());
        // A sample without z has none in any unit.
        let live = z.ln_norms.iter().all(|ln| ln.is_finite());
        let whole = zeros > 0 && zeros.is_multiple_of(samples) && live;
        let units = whole.then_some(zeros / samples)?;
        let evidence = Evidence::certain("units:", units as f64);
        Some(Finding::new(Cause::ZeroUnits { share: units as f64 / layer.width() as f64 }, [l], evidence))
    };
    chain.layers().iter().enumerate().filter_map(of_layer).collect()
}

/// The sum over the steps between hidden layers of what weights and gates do.
fn total(residuals: &[Residuals]) -> Statistic {
    let hidden = residuals.len().saturating_sub(1);
    let backward = residuals.iter().take(hidden).skip(1).filter_map(|r| r.backward.as_ref());
    let gates = residuals.iter().take(hidden.saturating_sub(1)).filter_map(|r| r.gate.as_ref());
    Statistic::sum(backward.chain(gates))
}

/// Layers whose h is not what the specified activation makes of z. Their residuals are replaced by those of the
/// activation that is likely.
fn activations(
    chain: &GradientChain,
    law: &NetworkLaw,
    limits: &Limits,
    offsets: &[usize],
    residuals: &mut [Residuals],
    inputs: &Inputs,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut left: Vec<usize> = (0..law.layers().len()).collect();
    while let Some(&first) = left.first() {
        let expected = law.layers()[first].activation();
        let (group, others): (Vec<usize>, Vec<usize>) =
            left.into_iter().partition(|&l| law.layers()[l].activation() == expected);
        left = others;
        // With an offset z is not what the statistics take it for; the range still is.
        let clean: Vec<usize> = group.iter().copied().filter(|l| !offsets.contains(l)).collect();
        let out_of_range: Vec<usize> =
            group.iter().copied().filter(|&l| !fits_range(expected, &chain.layers()[l])).collect();
        let of = |f: Of| -> Vec<f64> {
            clean.iter().filter_map(|&l| f(&residuals[l])).filter_map(|s| s.z()).collect()
        };
        let rare = STATISTICS[4..6].iter().any(|&(_, f)| {
            clean.iter().any(|&l| limits.flags(f(&residuals[l]))) || limits.flags_together(&of(f))
        });
        if out_of_range.is_empty() && !rare {
            continue;
        }
        let mut blamed = if out_of_range.is_empty() { clean } else { out_of_range.clone() };
        let likely = likely(chain, &blamed, expected);
        if let Some(likely) = &likely {
            // Layers whose range tells nothing go with the others, unless they look more like what is specified.
            let rest: Vec<usize> = group.into_iter().filter(|l| !blamed.contains(l)).collect();
            let (as_likely, as_expected) = (misfit(likely, chain, &rest), misfit(expected, chain, &rest));
            if as_likely <= as_expected.max(GOOD_FIT) {
                blamed.extend(rest);
                blamed.sort_unstable();
            }
        }
        if likely.is_none() && out_of_range.is_empty() {
            // Neither the specified one nor any other: it need not be the activation at all.
            let shows = |l: &usize| STATISTICS[4..6].iter().any(|&(_, f)| limits.flags(f(&residuals[*l])));
            let shown: Vec<usize> = blamed.iter().copied().filter(shows).collect();
            let layers = if shown.is_empty() { blamed } else { shown };
            let evidence = worst(&layers, residuals);
            findings.push(Finding::new(Cause::Unknown, layers, evidence));
            continue;
        }
        let evidence = if out_of_range.is_empty() {
            worst(&blamed, residuals)
        } else {
            Evidence::certain("layers with h out of the range of phi:", out_of_range.len() as f64)
        };
        if let Some(likely) = &likely {
            for &l in &blamed {
                let other = law.layers()[l].with_activation(likely.clone());
                residuals[l] = residual::of_layer(chain, &other, inputs, l);
            }
        }
        let cause = Cause::OtherActivation { expected: expected.clone(), likely };
        findings.push(Finding::new(cause, blamed, evidence));
    }
    findings
}

/// The statistic of the activation that is the farthest off.
fn worst(layers: &[usize], residuals: &[Residuals]) -> Evidence {
    let statistics = layers.iter().flat_map(|&l| {
        STATISTICS[4..6].iter().filter_map(move |(name, of)| Some((*name, of(&residuals[l])?)))
    });
    farthest(statistics).unwrap_or(Evidence::certain("layers:", layers.len() as f64))
}

/// What deviates though no cause was found.
fn unexplained(residuals: &[Residuals], limits: &Limits, total: &Statistic) -> Option<Finding> {
    let mut layers = Vec::new();
    let mut statistics = Vec::new();
    for (name, of) in STATISTICS {
        let offset = name.starts_with("offset");
        for (l, statistic) in residuals.iter().enumerate().filter_map(|(l, r)| Some((l, of(r)?))) {
            let rare =
                if offset { limits.flags_offset(Some(statistic)) } else { limits.flags(Some(statistic)) };
            if rare {
                layers.push(l);
                statistics.push((name, statistic));
            }
        }
        let all: Vec<Statistic> = residuals.iter().filter_map(of).collect();
        let zs: Vec<f64> = all.iter().filter_map(Statistic::z).collect();
        if !offset && limits.flags_together(&zs) {
            statistics.extend(all.into_iter().map(|statistic| (name, statistic)));
        }
    }
    if total.z().is_some_and(|z| is_rare(z, limits.family)) {
        statistics.push(("gradient, first over last hidden layer,", *total));
    }
    let evidence = farthest(statistics.into_iter())?;
    layers.sort_unstable();
    layers.dedup();
    Some(Finding::new(Cause::Unknown, layers, evidence))
}

pub(super) fn farthest(statistics: impl Iterator<Item = (&'static str, Statistic)>) -> Option<Evidence> {
    let all = statistics.filter_map(|(name, statistic)| Some((name, statistic, statistic.z()?)));
    let (name, statistic, z) = all.max_by(|a, b| a.2.abs().total_cmp(&b.2.abs()))?;
    Some(evidence(name, &statistic, z))
}

/// Logs are shown as ratios; cosines and offsets are none.
pub(super) fn evidence(name: &'static str, statistic: &Statistic, z: f64) -> Evidence {
    let is_log = !(name == "cosine" || name.starts_with("offset"));
    let (measured, expected) =
        if is_log { (libm::exp(statistic.excess()), 1.0) } else { (statistic.value, statistic.mean) };
    Evidence { statistic: name, measured, expected: Some(expected), z: Some(z) }
}
