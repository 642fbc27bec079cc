//! The recording of a batch's way through a network and back.

use core::fmt;

use super::network::Network;
use crate::scalar::Scalar;

/// The tensors of a batch's way through a network and back, and the gradients of its parameters.
///
/// Written by [`Network::backward`] and [`Network::train_step`]. A tape that is used again for a
/// batch no larger than any before allocates nothing.
///
/// ```
/// use fanin::Activation;
/// use fanin::nn::{Loss, Network, Tape};
///
/// let mut network = Network::<f64>::new(2).dense(1, Activation::Identity);
/// network.weight_mut(0).copy_from_slice(&[2.0, 3.0]);
/// let mut tape = Tape::new();
/// let loss = network.backward(&[1.0, 1.0], &[4.0], Loss::MeanSquaredError, &mut tape)?;
/// assert_eq!(loss, 1.0); // (5 - 4)^2
/// let layer = &tape.layers()[0];
/// assert_eq!(layer.z(), [5.0]);
/// assert_eq!(layer.delta(), [2.0]);
/// assert_eq!(layer.d_weight(), [2.0, 2.0]);
/// # Ok::<(), fanin::nn::NnError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Tape<T> {
    pub(super) layers: Vec<LayerTape<T>>,
}

/// One layer of a [`Tape`]. Tensors are row-major.
#[derive(Clone, PartialEq)]
pub struct LayerTape<T> {
    pub(super) z: Vec<T>,
    pub(super) h: Vec<T>,
    pub(super) dl_dh: Vec<T>,
    pub(super) delta: Vec<T>,
    pub(super) d_weight: Vec<T>,
    pub(super) d_bias: Vec<T>,
}

impl<T> Tape<T> {
    /// A tape without a recording.
    #[must_use]
    pub const fn new() -> Self {
        Self { layers: Vec::new() }
    }

    /// The layers, in forward order; none before the first recording.
    #[must_use]
    pub fn layers(&self) -> &[LayerTape<T>] {
        &self.layers
    }

    /// Whether the parameters of `network` have the shapes of these gradients.
    pub(super) fn fits(&self, network: &Network<T>) -> bool {
        let shapes = network.layers().iter().map(|layer| (layer.width, layer.weight.len()));
        self.layers.iter().map(|layer| (layer.width(), layer.d_weight.len())).eq(shapes)
    }
}

impl<T: Scalar> Tape<T> {
    /// Gives every tensor the length that it has for `samples` samples of `network`.
    pub(super) fn fit(&mut self, network: &Network<T>, samples: usize) {
        self.layers.resize_with(network.depth(), LayerTape::new);
        for (tape, layer) in self.layers.iter_mut().zip(network.layers()) {
            for tensor in [&mut tape.z, &mut tape.h, &mut tape.dl_dh, &mut tape.delta] {
                tensor.resize(samples * layer.width, T::zero());
            }
            tape.d_weight.resize(layer.weight.len(), T::zero());
            tape.d_bias.resize(layer.width, T::zero());
        }
    }
}

impl<T> Default for Tape<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> LayerTape<T> {
    const fn new() -> Self {
        Self {
            z: Vec::new(),
            h: Vec::new(),
            dl_dh: Vec::new(),
            delta: Vec::new(),
            d_weight: Vec::new(),
            d_bias: Vec::new(),
        }
    }

    /// How many units.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.d_bias.len()
    }

    /// Pre-activations z = h_prev W^T + b, `[samples, units]`.
    #[must_use]
    pub fn z(&self) -> &[T] {
        &self.z
    }

    /// Activations h = phi(z), `[samples, units]`.
    #[must_use]
    pub fn h(&self) -> &[T] {
        &self.h
    }

    /// dL/dh, `[samples, units]`: W^T delta of the next layer, or what the loss sends to the last.
    #[must_use]
    pub fn dl_dh(&self) -> &[T] {
        &self.dl_dh
    }

    /// delta = dL/dz = phi'(z) * dL/dh, `[samples, units]`.
    #[must_use]
    pub fn delta(&self) -> &[T] {
        &self.delta
    }

    /// dL/dW, `[out, in]`, summed over the batch (whose mean is taken in the loss).
    #[must_use]
    pub fn d_weight(&self) -> &[T] {
        &self.d_weight
    }

    /// dL/db, one per unit, summed over the batch.
    #[must_use]
    pub fn d_bias(&self) -> &[T] {
        &self.d_bias
    }
}

/// Sizes alone: a tape holds millions of numbers.
impl<T> fmt::Debug for LayerTape<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let samples = self.z.len().checked_div(self.width());
        let mut debug = f.debug_struct("LayerTape");
        debug.field("width", &self.width()).field("samples", &samples.unwrap_or(0)).finish_non_exhaustive()
    }
}
