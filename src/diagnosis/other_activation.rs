//! The activation that h and z show, beside the specified one.

use alloc::vec::Vec;

use super::residual::{self, Residuals};
use super::statistic::{Correlated, is_rare, of_chi_squared};
use crate::activation::{Activation, BUILT_IN};
use crate::chain::{GradientChain, Layer, Moments};
use crate::normal_distribution::interval;

/// How far the largest and the least h may be from phi of z, relative to the largest |h|: approximations of GELU
/// pass.
const CLOSE: f64 = 2e-3;

/// Points of the range of z at which phi is looked at.
const POINTS: usize = 256;

/// A plateau at 0 shows in so many z, or in none.
const MANY: u64 = 200;

/// How much of the least phi is met, if any of it is; and how many units are expected there for that to be
/// certain but for 1e-9.
const MET: f64 = 0.9;
const LN_BILLION: f64 = 20.7;

/// An activation fits if its statistics are not rarer than this.
const FITS: f64 = 1e-4;

/// Whether the range of h is that of phi over the range of z. Certain, but for z that chance keeps away from an
/// extremum of phi, which are let pass.
pub(super) fn fits_range(activation: &Activation, layer: &Layer) -> bool {
    let (Some(z), Some(h)) = (layer.z(), layer.h()) else { return true };
    let ends = |moments: &Moments| moments.min().zip(moments.max());
    let (Some((z_min, z_max)), Some((h_min, h_max))) = (ends(z), ends(h)) else { return true };
    let step = (z_max - z_min) / (POINTS - 1) as f64;
    let phi: Vec<f64> = (0..POINTS).map(|i| activation.phi(z_min + step * i as f64)).collect();
    let low = phi.iter().copied().fold(f64::INFINITY, f64::min);
    let high = phi.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (_, epsilon) = layer.scalar_limits();
    let size = h_max.abs().max(h_min.abs()).max(high.abs()).max(low.abs());
    let tolerance = (CLOSE + 8.0 * epsilon) * size;
    // phi over a grid may miss its extremum by a little.
    let inside = h_min >= low - 2.0 * tolerance && h_max <= high + 2.0 * tolerance;
    let ends = [activation.phi(z_min), activation.phi(z_max)];
    let reached = |measured: f64, extreme: f64| {
        let at_an_end = ends.iter().any(|end| (end - extreme).abs() <= 1e-12 * size);
        !at_an_end || (measured - extreme).abs() <= tolerance
    };
    // Where there is a plateau at 0, on the left, the least z is on it; where there is none, few h are 0.
    let plateau = activation.phi(-1.0) == 0.0 && activation.phi(-2.0) == 0.0;
    let closed = h.zeros() > 0;
    let open = h.zeros() < z.count() / 10
        || z.zeros() > z.count() / 20
        || (0..POINTS).any(|i| is_lost(layer, z_min + step * i as f64, phi[i]));
    let zeros = if plateau { closed || z_min > -1.0 } else { open || z.count() < MANY };
    // A minimum in between is met by many units, or by none.
    let least = ends[0].min(ends[1]);
    let met = low > least - tolerance || h_min <= MET * low || !meets(layer, &phi, MET * low);
    inside && reached(h_min, low) && reached(h_max, high) && zeros && met
}

/// Whether the scalar may make a 0 of this phi(z): a sum of 1 and of what is almost -1.
fn is_lost(layer: &Layer, z: f64, phi: f64) -> bool {
    let (_, epsilon) = layer.scalar_limits();
    z.abs() > 1.0 && phi.abs() <= 4.0 * epsilon * z.abs()
}

/// Whether some phi(z), phi given over the range of z, is below a bound but for a probability of 1e-9.
fn meets(layer: &Layer, phi: &[f64], bound: f64) -> bool {
    let range = || {
        let z = layer.z()?;
        let (low, high, rms) = (z.min()?, z.max()?, z.rms()?);
        let step = (high - low) / (POINTS - 1) as f64;
        let place = |i: usize| (low + step * i as f64) / rms;
        let below = (0..POINTS - 1).filter(|&i| phi[i].max(phi[i + 1]) < bound);
        let share: f64 = below.map(|i| interval(place(i), place(i + 1))).sum();
        // Samples that are alike are one.
        let samples = layer.samples() as f64;
        let others = 1.0 / (1.0 / samples + layer.h_likeness().square);
        Some(layer.width() as f64 * others * share)
    };
    range().is_some_and(|expected| expected > LN_BILLION)
}

/// The statistics of an activation over some layers, as a standard normal value; infinite where it does not fit
/// the range of one of them.
pub(super) fn misfit(activation: &Activation, chain: &GradientChain, layers: &[usize]) -> f64 {
    if !layers.iter().all(|&l| fits_range(activation, &chain.layers()[l])) {
        return f64::INFINITY;
    }
    let (mut sum, mut count) = (0.0, 0);
    for &l in layers {
        let mut residuals = Residuals::default();
        let layer = &chain.layers()[l];
        let below = l.checked_sub(1).map(|below| &chain.layers()[below]);
        let cosine = below.and_then(Layer::cosine).unwrap_or(0.0);
        let likeness = below.map(Layer::h_likeness).unwrap_or_default();
        let batch = Correlated::new(layer.samples(), cosine, likeness);
        residual::activation(activation, chain, l, &batch, &mut residuals);
        for z in [residuals.hidden, residuals.gate].into_iter().flatten().filter_map(|s| s.z()) {
            sum += z * z;
            count += 1;
        }
    }
    if count == 0 { 0.0 } else { of_chi_squared(sum, count) }
}

/// The known activation that fits these layers best, if it fits.
pub(super) fn likely(chain: &GradientChain, layers: &[usize], expected: &Activation) -> Option<Activation> {
    // Leaky ones by their own slopes.
    let is_leaky = |activation: &Activation| {
        matches!(activation, Activation::LeakyRelu { .. } | Activation::Prelu { .. })
    };
    let mut candidates: Vec<Activation> =
        BUILT_IN.into_iter().filter(|candidate| !is_leaky(candidate)).collect();
    candidates.extend(slope(chain, layers).map(|negative_slope| Activation::LeakyRelu { negative_slope }));
    candidates.retain(|candidate| candidate != expected);
    let fits = candidates.into_iter().map(|candidate| (misfit(&candidate, chain, layers), candidate));
    let (misfit, best) = fits.min_by(|a, b| a.0.total_cmp(&b.0))?;
    // One-sided: small sums of squares are no misfit.
    (misfit.is_finite() && (misfit <= 0.0 || !is_rare(misfit, FITS))).then_some(best)
}

/// The slope on the left of what looks like leaky ReLU: least h over least z, if it is between 0 and 1.
fn slope(chain: &GradientChain, layers: &[usize]) -> Option<f64> {
    let layer = &chain.layers()[*layers.first()?];
    let slope = layer.h()?.min()? / layer.z()?.min()?;
    let rounded = libm::round(slope * 1e4) / 1e4;
    (rounded > 1e-3 && rounded < 0.999).then_some(rounded)
}
