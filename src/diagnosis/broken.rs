//! Chains that carry nothing: values that are not finite, layers that are all 0, no gradient.

use super::alone::MOSTLY;
use super::{Cause, Evidence, Finding};
use crate::chain::{GradientChain, Layer, Moments, Verdict};
use crate::scalar::sqrt;

/// What stops a chain, if something does. `inputs` is the mean square of the inputs, where known.
pub(super) fn broken(chain: &GradientChain, inputs: Option<f64>) -> Option<Finding> {
    if let Some((layer, tensor)) = chain.first_non_finite() {
        return Some(not_finite(chain, layer, tensor));
    }
    let layers = chain.layers();
    let silent = layers.iter().position(|layer| all_zero(layer.h()) || all_zero(layer.z()));
    if let Some(l) = silent {
        if let Some(layer) = layers[..l].iter().rposition(|layer| layer.underflow() == Some("z")) {
            return Some(fades(chain, layer, "z"));
        }
        let here = &layers[l];
        let zeros = Evidence::certain("share of zeros:", 1.0);
        return Some(if l == 0 && inputs == Some(0.0) {
            Finding::new(Cause::ZeroInputs, [], zeros)
        } else if all_zero(here.z()) && l > 0 && vanishes_when_squared(&layers[l - 1]) {
            fades(chain, l - 1, "z")
        } else if all_zero(here.z()) {
            Finding::new(Cause::ZeroWeights, [l], zeros)
        } else {
            Finding::new(Cause::ClosedGates, [l], zeros)
        });
    }
    if let Verdict::Dead { layer } = chain.verdict() {
        let zeros = Evidence::certain("share of zeros among delta:", 1.0);
        let cause = if layer + 1 == layers.len() {
            Cause::NoLossGradient
        } else if all_zero(layers[layer].dl_dh()) {
            Cause::NothingComesBack
        } else if layers[layer].h().is_some_and(|h| h.zeros() < h.count()) {
            Cause::Flat
        } else {
            Cause::ClosedGates
        };
        return Some(Finding::new(cause, [layer], zeros));
    }
    let (layer, tensor) = chain.underflow()?;
    let saturated = layers[layer..].iter().filter_map(Layer::saturated).fold(0.0, f64::max);
    (chain.verdict() == Verdict::Vanishing && (tensor == "z" || saturated < MOSTLY))
        .then(|| fades(chain, layer, tensor))
}

/// Whether z of the layer above may be 0 because h is too small for its scalar, whatever the weights.
fn vanishes_when_squared(layer: &Layer) -> bool {
    let (largest, _) = layer.scalar_limits();
    layer.h().and_then(Moments::rms).is_some_and(|rms| rms < 1.0 / sqrt(largest))
}

fn fades(chain: &GradientChain, layer: usize, tensor: &'static str) -> Finding {
    let here = &chain.layers()[layer];
    let moments = if tensor == "z" { here.z() } else { Some(here.delta()) };
    let rms = moments.and_then(Moments::rms).unwrap_or(0.0);
    Finding::new(Cause::Underflow { tensor }, [layer], Evidence::certain("rms", rms))
}

/// A tensor overflows if what it is computed from is so large that its square does.
fn not_finite(chain: &GradientChain, l: usize, tensor: &'static str) -> Finding {
    let layers = chain.layers();
    let here = &layers[l];
    let source = match tensor {
        "z" => l.checked_sub(1).and_then(|below| layers[below].h()),
        "h" => here.z(),
        "dL/dh" => layers.get(l + 1).map(Layer::delta),
        "delta" => here.dl_dh(),
        _ => Some(here.delta()),
    };
    let size = source.and_then(|moments| Some(moments.max()?.max(-moments.min()?)));
    let (largest, _) = here.scalar_limits();
    let overflows = size.is_some_and(|size| size > sqrt(largest));
    let cause = if overflows { Cause::Overflow { tensor } } else { Cause::NotFinite { tensor } };
    let measured = match tensor {
        "z" => here.z(),
        "h" => here.h(),
        "dL/dh" => here.dl_dh(),
        "delta" => Some(here.delta()),
        _ => here.d_weight(),
    };
    let count = measured.map_or(0.0, |moments| moments.non_finite() as f64);
    Finding::new(cause, [l], Evidence::certain("values that are not finite:", count))
}

fn all_zero(moments: Option<&Moments>) -> bool {
    moments.is_some_and(|moments| moments.count() > 0 && moments.zeros() == moments.count())
}
