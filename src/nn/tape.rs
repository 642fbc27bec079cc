//! What a pass through the network leaves behind.

use ndarray::{Array1, Array2};

use super::network::Network;
use crate::Scalar;

/// The tensors of a batch's way through a network and back, and the gradients of its parameters.
///
/// Written by [`Network::backward`]. A tape that is used again for a batch of the same size
/// allocates nothing.
///
/// ```
/// use fanin::Activation;
/// use fanin::nn::{Loss, Network, Tape};
/// use ndarray::array;
///
/// let mut network = Network::<f64>::new(2).dense(1, Activation::Identity);
/// network.weight_mut(0).assign(&array![[2.0, 3.0]]);
/// let mut tape = Tape::new();
/// let loss = network.backward(&array![[1.0, 1.0]], &array![[4.0]], Loss::MeanSquaredError, &mut tape)?;
/// assert_eq!(loss, 1.0); // (5 - 4)^2
/// let layer = &tape.layers()[0];
/// assert_eq!(layer.z(), array![[5.0]]);
/// assert_eq!(layer.delta(), array![[2.0]]);
/// assert_eq!(layer.d_weight(), array![[2.0, 2.0]]);
/// # Ok::<(), fanin::nn::NnError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Tape<T> {
    pub(super) layers: Vec<LayerTape<T>>,
}

/// One layer of a [`Tape`].
#[derive(Clone, Debug, PartialEq)]
pub struct LayerTape<T> {
    pub(super) z: Array2<T>,
    pub(super) h: Array2<T>,
    pub(super) signal: Array2<T>,
    pub(super) delta: Array2<T>,
    pub(super) d_weight: Array2<T>,
    pub(super) d_bias: Array1<T>,
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
        let shapes = network.layers().iter().map(|layer| layer.weight.dim());
        self.layers.iter().map(|layer| layer.d_weight.dim()).eq(shapes)
    }
}

impl<T: Scalar> Tape<T> {
    /// Makes room for `samples` samples of `network`, unless there is.
    pub(super) fn fit(&mut self, network: &Network<T>, samples: usize) {
        let has_room = self.layers.iter().all(|layer| layer.z.nrows() == samples);
        if has_room && self.fits(network) {
            return;
        }
        self.layers.clear();
        self.layers.extend(network.layers().iter().map(|layer| {
            let (width, inputs) = layer.weight.dim();
            let batch = || Array2::zeros((samples, width));
            LayerTape {
                z: batch(),
                h: batch(),
                signal: batch(),
                delta: batch(),
                d_weight: Array2::zeros((width, inputs)),
                d_bias: Array1::zeros(width),
            }
        }));
    }
}

impl<T> Default for Tape<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> LayerTape<T> {
    /// Pre-activations z = h_prev W^T + b, `[samples, units]`.
    #[must_use]
    pub const fn z(&self) -> &Array2<T> {
        &self.z
    }

    /// Activations h = phi(z), `[samples, units]`.
    #[must_use]
    pub const fn h(&self) -> &Array2<T> {
        &self.h
    }

    /// dL/dh, `[samples, units]`: W^T delta of the next layer, or what the loss sends to the last.
    #[must_use]
    pub const fn signal(&self) -> &Array2<T> {
        &self.signal
    }

    /// delta = dL/dz = phi'(z) * dL/dh, `[samples, units]`.
    #[must_use]
    pub const fn delta(&self) -> &Array2<T> {
        &self.delta
    }

    /// dL/dW, `[out, in]`, summed over the batch (whose mean is taken in the loss).
    #[must_use]
    pub const fn d_weight(&self) -> &Array2<T> {
        &self.d_weight
    }

    /// dL/db, one per unit, summed over the batch.
    #[must_use]
    pub const fn d_bias(&self) -> &Array1<T> {
        &self.d_bias
    }
}
