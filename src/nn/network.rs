//! Dense layers in a row.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayViewMut1, ArrayViewMut2};

use super::{NnError, Tape};
use crate::{Activation, Fan, Initializer, Scalar, Seed};

/// A feed-forward network of dense layers: h_l = phi_l(h_{l-1} W_l^T + b_l), the batch h_0 as rows.
///
/// Weights are `[out, in]` row-major, as PyTorch keeps them; biases have one element per unit. A
/// network starts with zeros everywhere; [`init`](Network::init) draws the weights. Shapes are
/// checked when the network is first used, so that building needs no error handling.
///
/// ```
/// use fanin::nn::{Loss, Network};
/// use fanin::{Activation, He, Xavier};
/// use ndarray::Array2;
///
/// let mut network = Network::<f32>::new(4)
///     .dense(16, Activation::Relu)
///     .dense(3, Activation::Identity)
///     .init(He::normal, 42)?;
/// let batch = Array2::from_shape_fn((6, 4), |(i, j)| ((i * 5 + j * 3) % 7) as f32 - 3.0);
/// let labels = [0, 1, 2, 0, 1, 2];
/// assert_eq!(network.forward(&batch)?.dim(), (6, 3));
///
/// let chain = network.gradient_chain(&batch, &labels, Loss::SoftmaxCrossEntropy)?;
/// assert!(chain.verdict().is_healthy());
///
/// let before = network.loss(&batch, &labels, Loss::SoftmaxCrossEntropy)?;
/// for _ in 0..100 {
///     network.train_step(&batch, &labels, Loss::SoftmaxCrossEntropy, 0.1)?;
/// }
/// assert!(network.loss(&batch, &labels, Loss::SoftmaxCrossEntropy)? < before);
///
/// // A law with both fans takes a closure.
/// let tanh = Network::<f64>::new(4).dense(8, Activation::Tanh);
/// let tanh = tanh.init(Xavier::uniform, 42)?;
/// assert_eq!(tanh.weight(0).dim(), (8, 4));
/// # Ok::<(), fanin::nn::NnError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Network<T> {
    inputs: usize,
    layers: Vec<Dense<T>>,
    /// Buffers of `train_step`, kept from step to step.
    pub(super) tape: Tape<T>,
}

#[derive(Clone, Debug)]
pub(super) struct Dense<T> {
    pub(super) inputs: usize,
    pub(super) width: usize,
    /// Empty where `width x inputs` weights are more than memory can address.
    pub(super) weight: Array2<T>,
    pub(super) bias: Array1<T>,
    pub(super) activation: Activation,
}

impl<T> Network<T> {
    /// A network of `inputs` inputs and no layers.
    #[must_use]
    pub const fn new(inputs: usize) -> Self {
        Self { inputs, layers: Vec::new(), tape: Tape::new() }
    }

    /// How many inputs.
    #[must_use]
    pub const fn inputs(&self) -> usize {
        self.inputs
    }

    /// How many outputs: the width of the last layer, or the inputs if there is none.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.layers.last().map_or(self.inputs, |layer| layer.width)
    }

    /// How many layers, the output layer included.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.layers.len()
    }

    /// The weights of a layer, `[out, in]`. Layers are counted from 0.
    ///
    /// # Panics
    /// If there is no such layer.
    #[must_use]
    #[track_caller]
    pub fn weight(&self, layer: usize) -> ArrayView2<'_, T> {
        self.layers[layer].weight.view()
    }

    /// The same, to change.
    ///
    /// # Panics
    /// If there is no such layer.
    #[track_caller]
    pub fn weight_mut(&mut self, layer: usize) -> ArrayViewMut2<'_, T> {
        self.layers[layer].weight.view_mut()
    }

    /// The biases of a layer, one per unit. Layers are counted from 0.
    ///
    /// # Panics
    /// If there is no such layer.
    #[must_use]
    #[track_caller]
    pub fn bias(&self, layer: usize) -> ArrayView1<'_, T> {
        self.layers[layer].bias.view()
    }

    /// The same, to change.
    ///
    /// # Panics
    /// If there is no such layer.
    #[track_caller]
    pub fn bias_mut(&mut self, layer: usize) -> ArrayViewMut1<'_, T> {
        self.layers[layer].bias.view_mut()
    }

    /// The activation of a layer. Layers are counted from 0.
    ///
    /// # Panics
    /// If there is no such layer.
    #[must_use]
    #[track_caller]
    pub fn activation(&self, layer: usize) -> &Activation {
        &self.layers[layer].activation
    }

    pub(super) fn layers(&self) -> &[Dense<T>] {
        &self.layers
    }

    pub(super) fn layers_mut(&mut self) -> &mut [Dense<T>] {
        &mut self.layers
    }

    /// Whether the shapes make a network.
    pub(super) fn check(&self) -> Result<(), NnError> {
        if self.inputs == 0 {
            return Err(NnError::NoInputs);
        }
        if self.layers.is_empty() {
            return Err(NnError::NoLayers);
        }
        for (i, layer) in self.layers.iter().enumerate() {
            let (inputs, width) = (layer.inputs, layer.width);
            if width == 0 {
                return Err(NnError::ZeroWidth { layer: i });
            }
            if layer.weight.dim() != (width, inputs) {
                return Err(NnError::TooLarge { layer: i, inputs, width });
            }
        }
        Ok(())
    }
}

impl<T: Scalar> Network<T> {
    /// Adds a layer of `width` units on top, with weights and biases 0.
    #[must_use]
    pub fn dense(mut self, width: usize, activation: Activation) -> Self {
        let inputs = self.outputs();
        let bytes = width.checked_mul(inputs).and_then(|count| count.checked_mul(size_of::<T>()));
        let exists = bytes.is_some_and(|bytes| isize::try_from(bytes).is_ok());
        let (rows, columns) = if exists { (width, inputs) } else { (0, 0) };
        let (weight, bias) = (Array2::zeros((rows, columns)), Array1::zeros(rows));
        self.layers.push(Dense { inputs, width, weight, bias, activation });
        self
    }

    /// Draws the weights of every layer by `rule`, which gets the layer's fans, and leaves the
    /// biases as they are (0 in a new network).
    ///
    /// The weights of layer l, counted from 1, are the stream `seed.child("layer{l}.weight")`:
    /// layers added later leave the earlier ones as they are. A seed bound by the rule
    /// (`He::normal(fan).seed(7)`) is outranked.
    ///
    /// # Errors
    /// A network without inputs or layers, a width of 0, a law that refuses.
    pub fn init<I: Initializer<T>>(
        self,
        rule: impl Fn(Fan) -> I,
        seed: impl Into<Seed>,
    ) -> Result<Self, NnError> {
        self.draw(rule, seed.into(), "weight", |layer| layer.weight.as_slice_mut())
    }

    /// Draws the biases of every layer by `rule`, which gets the fans of the layer's weights. The
    /// biases of layer l are the stream `seed.child("layer{l}.bias")`.
    ///
    /// # Errors
    /// As [`init`](Network::init).
    pub fn init_bias<I: Initializer<T>>(
        self,
        rule: impl Fn(Fan) -> I,
        seed: impl Into<Seed>,
    ) -> Result<Self, NnError> {
        self.draw(rule, seed.into(), "bias", |layer| layer.bias.as_slice_mut())
    }

    fn draw<I: Initializer<T>>(
        mut self,
        rule: impl Fn(Fan) -> I,
        seed: Seed,
        parameter: &str,
        tensor: impl Fn(&mut Dense<T>) -> Option<&mut [T]>,
    ) -> Result<Self, NnError> {
        self.check()?;
        for (i, layer) in self.layers.iter_mut().enumerate() {
            let law = rule(Fan::dense(layer.inputs, layer.width));
            let stream = seed.child(&format!("layer{}.{parameter}", i + 1));
            law.fill_shard(stream, 0, tensor(layer).unwrap_or_default())?;
        }
        Ok(self)
    }
}
