//! Dense layers in a row.

use core::fmt;

use super::NnError;
use crate::activation::Activation;
use crate::fan::Fan;
use crate::init::Initializer;
use crate::scalar::Scalar;
use crate::seed::Seed;

/// A feed-forward network of dense layers: h_l = phi_l(h_{l-1} W_l^T + b_l), the batch h_0 as rows.
///
/// Weights are `[out, in]` row-major, as PyTorch keeps them; biases have one element per unit. A
/// network starts with zeros everywhere; [`init`](Network::init) draws the weights. Shapes are
/// checked when the network is first used, so that building needs no error handling.
///
/// ```
/// use fanin::nn::Tape;
/// use fanin::prelude::*;
///
/// let mut network = Network::new(4)
///     .dense(16, Activation::Relu)
///     .dense(3, Activation::Identity)
///     .init(He::normal, 42)?;
/// assert_eq!(network.shape(0), [16, 4]);
///
/// let batch: Vec<f32> = Normal::new(0.0, 1.0).seed(1).to_vec(6 * 4);
/// let labels = [0, 1, 2, 0, 1, 2];
/// assert_eq!(network.forward(&batch)?.len(), 6 * 3);
///
/// let chain = network.gradient_chain(&batch, &labels, Loss::SoftmaxCrossEntropy)?;
/// assert!(chain.verdict().is_healthy());
///
/// let before = network.loss(&batch, &labels, Loss::SoftmaxCrossEntropy)?;
/// let mut tape = Tape::new();
/// for _ in 0..100 {
///     network.train_step(&batch, &labels, Loss::SoftmaxCrossEntropy, 0.1, &mut tape)?;
/// }
/// assert!(network.loss(&batch, &labels, Loss::SoftmaxCrossEntropy)? < before);
/// # Ok::<(), fanin::nn::NnError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Network<T> {
    inputs: usize,
    layers: Vec<Dense<T>>,
}

#[derive(Clone)]
pub(super) struct Dense<T> {
    pub(super) inputs: usize,
    pub(super) width: usize,
    /// `[width, inputs]`, or empty where memory has no room for them.
    pub(super) weight: Vec<T>,
    pub(super) bias: Vec<T>,
    pub(super) activation: Activation,
}

impl<T> Network<T> {
    /// A network of `inputs` inputs and no layers.
    #[must_use]
    pub const fn new(inputs: usize) -> Self {
        Self { inputs, layers: Vec::new() }
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

    /// The shape of a layer's weights, `[out, in]`: its units and what feeds them. Layers are counted
    /// from 0.
    ///
    /// # Panics
    /// If there is no such layer.
    #[must_use]
    #[track_caller]
    pub fn shape(&self, layer: usize) -> [usize; 2] {
        [self.layers[layer].width, self.layers[layer].inputs]
    }

    /// The weights of a layer, `[out, in]` row-major. Layers are counted from 0.
    ///
    /// # Panics
    /// If there is no such layer.
    #[must_use]
    #[track_caller]
    pub fn weight(&self, layer: usize) -> &[T] {
        &self.layers[layer].weight
    }

    /// The same, to change.
    ///
    /// # Panics
    /// If there is no such layer.
    #[track_caller]
    pub fn weight_mut(&mut self, layer: usize) -> &mut [T] {
        &mut self.layers[layer].weight
    }

    /// The biases of a layer, one per unit. Layers are counted from 0.
    ///
    /// # Panics
    /// If there is no such layer.
    #[must_use]
    #[track_caller]
    pub fn bias(&self, layer: usize) -> &[T] {
        &self.layers[layer].bias
    }

    /// The same, to change.
    ///
    /// # Panics
    /// If there is no such layer.
    #[track_caller]
    pub fn bias_mut(&mut self, layer: usize) -> &mut [T] {
        &mut self.layers[layer].bias
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
            if Some(layer.weight.len()) != width.checked_mul(inputs) {
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
        let (mut weight, mut bias) = (Vec::new(), Vec::new());
        if let Some(count) = width.checked_mul(inputs)
            && weight.try_reserve_exact(count).is_ok()
            && bias.try_reserve_exact(width).is_ok()
        {
            weight.resize(count, T::zero());
            bias.resize(width, T::zero());
        }
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
    /// A network without inputs or layers, a width of 0, a distribution that refuses.
    pub fn init<I: Initializer<T>>(
        self,
        rule: impl Fn(Fan) -> I,
        seed: impl Into<Seed>,
    ) -> Result<Self, NnError> {
        self.draw(rule, seed.into(), "weight", |layer| &mut layer.weight)
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
        self.draw(rule, seed.into(), "bias", |layer| &mut layer.bias)
    }

    fn draw<I: Initializer<T>>(
        mut self,
        rule: impl Fn(Fan) -> I,
        seed: Seed,
        parameter: &str,
        tensor: impl Fn(&mut Dense<T>) -> &mut [T],
    ) -> Result<Self, NnError> {
        self.check()?;
        for (i, layer) in self.layers.iter_mut().enumerate() {
            let law = rule(Fan::dense(layer.inputs, layer.width));
            let stream = seed.child(format!("layer{}.{parameter}", i + 1));
            law.fill_shard(stream, 0, tensor(layer))?;
        }
        Ok(self)
    }
}

/// Without the weights: a layer holds thousands.
impl<T> fmt::Debug for Dense<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Dense");
        let debug = debug.field("inputs", &self.inputs).field("width", &self.width);
        debug.field("activation", &self.activation).finish_non_exhaustive()
    }
}
