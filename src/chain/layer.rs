//! The statistics of one layer's tensors.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::cosine::{Likeness, alignments, mean_cosine};
use super::rows::Rows;
use super::{ChainError, Moments};
use crate::scalar::Scalar;

/// The statistics of one layer, z = W h_prev + b and h = phi(z), on the way forward and back.
///
/// Built from plain slices, so that a model of any framework can feed it. Each tensor is read when
/// it is given and not kept: hand it over while the framework still holds it, in any order. The
/// deltas are required, everything else is optional. Activations are `[samples, units]`, row after
/// row; for a convolution a unit is one channel at one position. Wrong lengths are reported by
/// [`GradientChain::from_layers`](super::GradientChain::from_layers).
///
/// ```
/// use fanin::chain::Layer;
///
/// // ReLU, two samples of three units; dL/dh is what W^T delta of the next layer brings.
/// let z = [1.0, -1.0, -2.0, 3.0, 0.5, -0.1];
/// let h = z.map(|z: f64| z.max(0.0));
/// let dl_dh = [0.1, 0.2, 0.3, -0.4, 0.5, 0.6];
/// let delta = [0.1, 0.0, 0.0, -0.4, 0.5, 0.0];
/// let layer = Layer::new("fc1", 3, &delta)
///     .with_z(&z)
///     .with_h(&h)
///     .with_dl_dh(&dl_dh)
///     .with_saturated(&z, |z| z < 0.0);
/// assert_eq!(layer.delta().max(), Some(0.5));
/// assert_eq!(layer.dead_units(), Some(1)); // the third
/// assert_eq!(layer.saturated(), Some(0.5));
/// assert_eq!(layer.d_weight(), None); // was not given
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    name: String,
    width: usize,
    length: usize,
    z: Option<Rows>,
    h: Option<Rows>,
    dl_dh: Option<Rows>,
    delta: Rows,
    d_weight: Option<Moments>,
    dead_units: Option<usize>,
    saturated: Option<usize>,
    cosine: Option<f64>,
    h_likeness: Likeness,
    delta_likeness: Likeness,
    /// The cosine between h and dL/dh of each sample.
    alignments: Option<Vec<f64>>,
    /// Below this a scalar of the deltas' type loses digits, and soon is 0.
    smallest_normal: f64,
    /// Beyond this it is infinite.
    largest: f64,
    epsilon: f64,
    /// The first tensor with another length than the deltas.
    misfit: Option<(&'static str, usize)>,
}

impl Layer {
    /// A layer of `width` units and its delta = dL/dz, `[samples, width]`.
    ///
    /// If the loss is a mean over the batch, every delta carries a factor 1/samples; no verdict and
    /// no factor depends on it.
    #[must_use]
    pub fn new<T: Scalar>(name: impl Into<String>, width: usize, delta: &[T]) -> Self {
        Self {
            name: name.into(),
            width,
            length: delta.len(),
            z: None,
            h: None,
            dl_dh: None,
            delta: Rows::from_slice(delta, width),
            d_weight: None,
            dead_units: None,
            saturated: None,
            cosine: None,
            h_likeness: Likeness::default(),
            delta_likeness: Likeness::from_rows(delta, width),
            alignments: None,
            smallest_normal: T::min_positive_value().to_f64(),
            largest: T::max_value().to_f64(),
            epsilon: T::epsilon().to_f64(),
            misfit: None,
        }
    }

    /// Adds the pre-activations z, `[samples, width]`.
    #[must_use]
    pub fn with_z<T: Scalar>(mut self, z: &[T]) -> Self {
        self.measure("z", z.len());
        self.z = Some(Rows::from_slice(z, self.width));
        self
    }

    /// Adds the activations h = phi(z), `[samples, width]`.
    #[must_use]
    pub fn with_h<T: Scalar>(mut self, h: &[T]) -> Self {
        self.measure("h", h.len());
        self.h = Some(Rows::from_slice(h, self.width));
        self.dead_units = Some(dead_units(h, self.width));
        self.cosine = mean_cosine(h, self.width);
        self.h_likeness = Likeness::from_rows(h, self.width);
        self
    }

    /// Adds dL/dh, `[samples, width]`: what arrives at the activation from above, W^T delta of the
    /// next layer. It splits the backward factor into what the weights do and what the gates phi'
    /// do.
    #[must_use]
    pub fn with_dl_dh<T: Scalar>(mut self, dl_dh: &[T]) -> Self {
        self.measure("dL/dh", dl_dh.len());
        self.dl_dh = Some(Rows::from_slice(dl_dh, self.width));
        self
    }

    /// Adds the cosine between h and dL/dh of each sample, both `[samples, width]`.
    ///
    /// h dL/dh is z delta of the next layer. Where the loss's gradient depends on the outputs, as that of a
    /// mean-squared error does, the two are aligned, and what W^T brings back is more than independent
    /// weights would. A [diagnosis](crate::diagnosis) that knows the alignment needs not know the loss.
    #[must_use]
    pub fn with_alignment<T: Scalar>(mut self, h: &[T], dl_dh: &[T]) -> Self {
        self.measure("h", h.len());
        self.measure("dL/dh", dl_dh.len());
        self.alignments = Some(alignments(h, dl_dh, self.width));
        self
    }

    /// Adds the weight gradient dL/dW, in any shape and layout.
    #[must_use]
    pub fn with_d_weight<T: Scalar>(mut self, d_weight: &[T]) -> Self {
        self.d_weight = Some(Moments::from_slice(d_weight));
        self
    }

    /// Counts the saturated among `values`, `[samples, width]`: z, h or phi'(z), whichever the
    /// predicate `is_saturated` judges.
    #[must_use]
    pub fn with_saturated<T: Scalar>(mut self, values: &[T], is_saturated: impl Fn(T) -> bool) -> Self {
        self.measure("saturation", values.len());
        self.saturated = Some(values.iter().filter(|&&value| is_saturated(value)).count());
        self
    }

    /// The layer's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many units.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// How many samples.
    #[must_use]
    pub const fn samples(&self) -> usize {
        self.delta.ln_norms.len()
    }

    /// Moments of the pre-activations z.
    #[must_use]
    pub fn z(&self) -> Option<&Moments> {
        self.z.as_ref().map(|z| &z.moments)
    }

    /// Moments of the activations h.
    #[must_use]
    pub fn h(&self) -> Option<&Moments> {
        self.h.as_ref().map(|h| &h.moments)
    }

    /// Moments of dL/dh.
    #[must_use]
    pub fn dl_dh(&self) -> Option<&Moments> {
        self.dl_dh.as_ref().map(|dl_dh| &dl_dh.moments)
    }

    /// Moments of delta = dL/dz.
    #[must_use]
    pub const fn delta(&self) -> &Moments {
        &self.delta.moments
    }

    /// Moments of the weight gradient dL/dW.
    #[must_use]
    pub const fn d_weight(&self) -> Option<&Moments> {
        self.d_weight.as_ref()
    }

    /// The share of activations h that are exactly 0, from 0 to 1. `None` also if no h is finite.
    #[must_use]
    pub fn zeros(&self) -> Option<f64> {
        self.h().filter(|h| h.count() > 0).map(|h| h.zeros() as f64 / h.count() as f64)
    }

    /// How many units are dead: their h is exactly 0 for every sample of the batch. Such a unit
    /// feeds nothing forward, and under ReLU it passes nothing back either. NaN is not dead.
    #[must_use]
    pub const fn dead_units(&self) -> Option<usize> {
        self.dead_units
    }

    /// The mean cosine of the angle between the hidden states h of different samples, from -1 to 1: 1
    /// where all inputs have become one. Samples whose h is 0 everywhere do not count; `None` with fewer
    /// than two that do, or with an h that is not finite.
    #[must_use]
    pub const fn cosine(&self) -> Option<f64> {
        self.cosine
    }

    /// The share of saturated elements, from 0 to 1.
    #[must_use]
    pub fn saturated(&self) -> Option<f64> {
        self.saturated.map(|saturated| saturated as f64 / self.length as f64)
    }

    /// ln |delta|^2 of each sample (a sum over the units, not a mean): negative infinity where
    /// every delta of the sample is 0, NaN where one is not finite.
    #[must_use]
    pub fn ln_delta_norms(&self) -> &[f64] {
        &self.delta.ln_norms
    }

    /// ln |dL/dh|^2 of each sample, in the same way.
    #[must_use]
    pub fn ln_dl_dh_norms(&self) -> Option<&[f64]> {
        self.dl_dh.as_ref().map(|dl_dh| dl_dh.ln_norms.as_slice())
    }

    pub(crate) const fn z_rows(&self) -> Option<&Rows> {
        self.z.as_ref()
    }

    pub(crate) const fn h_rows(&self) -> Option<&Rows> {
        self.h.as_ref()
    }

    pub(crate) const fn dl_dh_rows(&self) -> Option<&Rows> {
        self.dl_dh.as_ref()
    }

    /// How alike the h of different samples are; zero if not given.
    pub(crate) const fn h_likeness(&self) -> Likeness {
        self.h_likeness
    }

    /// The same of their deltas.
    pub(crate) const fn delta_likeness(&self) -> Likeness {
        self.delta_likeness
    }

    /// The cosine between h and dL/dh of each sample; NaN where one of them has no direction.
    pub(crate) fn alignments(&self) -> Option<&[f64]> {
        self.alignments.as_deref()
    }

    /// The largest number and the spacing at 1 of the scalar.
    pub(crate) const fn scalar_limits(&self) -> (f64, f64) {
        (self.largest, self.epsilon)
    }

    /// The tensor, `"z"` or `"delta"`, that has left the range in which the deltas' scalar keeps
    /// all its digits, but has not reached 0.
    pub(crate) fn underflow(&self) -> Option<&'static str> {
        let fades = |moments: Option<&Moments>| {
            moments.and_then(Moments::rms).is_some_and(|rms| 0.0 < rms && rms < self.smallest_normal)
        };
        if fades(self.z()) {
            Some("z")
        } else if fades(Some(self.delta())) {
            Some("delta")
        } else {
            None
        }
    }

    pub(super) fn check(&self, layer: usize) -> Result<(), ChainError> {
        let (width, length) = (self.width, self.length);
        if width == 0 {
            return Err(ChainError::ZeroWidth { layer });
        }
        if length == 0 {
            return Err(ChainError::NoSamples { layer });
        }
        if length % width != 0 {
            return Err(ChainError::NotRows { layer, length, width });
        }
        if let Some((tensor, found)) = self.misfit {
            return Err(ChainError::Length { layer, tensor, length: found, expected: length });
        }
        if self.d_weight.is_some_and(|d_weight| d_weight == Moments::new()) {
            return Err(ChainError::NoWeights { layer });
        }
        Ok(())
    }

    fn measure(&mut self, tensor: &'static str, length: usize) {
        if length != self.length && self.misfit.is_none() {
            self.misfit = Some((tensor, length));
        }
    }
}

/// Units whose column of `h` holds only zeros: a sum of magnitudes is 0 only if each of them is.
fn dead_units<T: Scalar>(h: &[T], width: usize) -> usize {
    let mut columns = vec![T::zero(); width];
    for row in h.chunks_exact(width.max(1)) {
        for (column, value) in columns.iter_mut().zip(row) {
            *column = *column + value.abs();
        }
    }
    columns.iter().filter(|column| **column == T::zero()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn norms_neither_overflow_nor_underflow() {
        for magnitude in [1e-300, 1e-200, 1e-30, 1.0, 1e30, 1e200, 1e300] {
            let layer = Layer::new("l", 2, &[3.0 * magnitude, -4.0 * magnitude]);
            let expected = libm::log(25.0) + 2.0 * libm::log(magnitude);
            assert_relative_eq!(layer.ln_delta_norms()[0], expected, epsilon = 0.0, max_relative = 1e-14);
        }
    }

    #[test]
    fn a_sample_without_gradient_and_one_without_sense() {
        let layer = Layer::new("l", 2, &[0.0, -0.0, f64::NAN, 1.0, 1.0, f64::INFINITY]);
        let norms = layer.ln_delta_norms();
        assert_eq!(norms[0], f64::NEG_INFINITY);
        assert!(norms[1].is_nan() && norms[2].is_nan());
        assert_eq!(layer.delta().non_finite(), 2);
    }

    #[test]
    fn dead_means_zero_for_every_sample() {
        let dead = |h: &[f32]| Layer::new("l", 3, &[0.0_f32; 6]).with_h(h).dead_units();
        assert_eq!(dead(&[0.0, 0.0, 1.0, 0.0, -1.0, 0.0]), Some(1));
        assert_eq!(dead(&[0.0, f32::NAN, 1.0, 0.0, 0.0, 0.0]), Some(1));
        assert_eq!(dead(&[1e-45, -1e-45, 1.0, 0.0, 1e-45, 0.0]), Some(0));
        assert_eq!(dead(&[0.0; 6]), Some(3));
    }
}
