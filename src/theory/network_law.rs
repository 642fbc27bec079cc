//! `NetworkLaw`: the fans, distributions and activations that a network is drawn from.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::{OutputDelta, TheoryError};
use crate::activation::Activation;
use crate::fan::Fan;
#[cfg(feature = "nn")]
use crate::init::Initializer;
use crate::init::Law;
#[cfg(feature = "nn")]
use crate::nn::Network;
#[cfg(feature = "nn")]
use crate::scalar::Scalar;

/// One layer before its weights are drawn: z = W h_prev + b, h = phi(z).
///
/// Weights and biases are independent and centred; what counts of their distributions is the variance.
///
/// ```
/// use fanin::theory::LayerLaw;
/// use fanin::{Activation, Fan, He, Normal};
///
/// let dense = LayerLaw::dense(100, 50, He::normal(100).law(), Activation::Relu);
/// assert!((dense.weight_factor() - 2.0).abs() < 1e-15); // n Var[W]
///
/// let fan = Fan::conv(64, 128, [3, 3]);
/// let conv = LayerLaw::conv(fan, He::normal(fan).law(), Activation::Relu)
///     .bias(Normal::new(0.0, 0.1).law());
/// assert!((conv.weight_factor() - 2.0).abs() < 1e-15);
/// assert!((conv.bias_variance() - 0.01).abs() < 1e-15);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LayerLaw {
    fan: Fan,
    is_dense: bool,
    weight: Law,
    bias: Law,
    activation: Activation,
}

impl LayerLaw {
    /// A dense layer of `width` units on `inputs` units, without biases.
    #[must_use]
    pub const fn dense(inputs: usize, width: usize, weight: Law, activation: Activation) -> Self {
        let fan = Fan::dense(inputs, width);
        Self { fan, is_dense: true, weight, bias: Law::Constant { value: 0.0 }, activation }
    }

    /// A convolution, of stride 1 as far as [`fan_out`](Fan::fan_out) counts, without biases.
    #[must_use]
    pub const fn conv(fan: Fan, weight: Law, activation: Activation) -> Self {
        Self { fan, is_dense: false, weight, bias: Law::Constant { value: 0.0 }, activation }
    }

    /// Draws the biases from a distribution.
    #[must_use]
    pub const fn bias(mut self, bias: Law) -> Self {
        self.bias = bias;
        self
    }

    /// The same layer with another activation.
    pub(crate) fn with_activation(&self, activation: Activation) -> Self {
        Self { activation, ..self.clone() }
    }

    /// The fans.
    #[must_use]
    pub const fn fan(&self) -> Fan {
        self.fan
    }

    /// The distribution of one weight.
    #[must_use]
    pub const fn weight(&self) -> Law {
        self.weight
    }

    /// Var\[b\].
    #[must_use]
    pub fn bias_variance(&self) -> f64 {
        self.bias.variance()
    }

    /// The activation.
    #[must_use]
    pub const fn activation(&self) -> &Activation {
        &self.activation
    }

    /// fan_in Var\[W\]: by what W multiplies a mean square on the way forward, and W^T a sum of
    /// squares on the way back.
    #[must_use]
    pub fn weight_factor(&self) -> f64 {
        self.fan.fan_in() as f64 * self.weight.variance()
    }

    /// fan_out Var\[W\]: by what W^T multiplies a mean square on the way back.
    #[must_use]
    pub fn backward_weight_factor(&self) -> f64 {
        self.fan.fan_out() as f64 * self.weight.variance()
    }

    /// The number of units of a dense layer.
    pub(crate) fn width(&self) -> Option<usize> {
        self.is_dense.then(|| self.fan.fan_out())
    }

    /// E z^2 where E h_prev^2 is `mean_square`.
    pub(super) fn length(&self, mean_square: f64) -> f64 {
        // An infinite mean square is stopped by weights of 0 as well.
        let weight = self.weight_factor();
        (if weight == 0.0 { 0.0 } else { weight * mean_square }) + self.bias_variance()
    }

    /// The value of an expectation over the activation, if it has one.
    pub(super) fn known(&self, value: f64, what: &'static str, q: f64) -> Result<f64, TheoryError> {
        if value.is_finite() {
            return Ok(value);
        }
        Err(TheoryError::NoExpectation { activation: self.activation.to_string(), what, q })
    }

    fn check(&self, layer: usize) -> Result<(), TheoryError> {
        let laws = self.fan.check().and_then(|()| self.weight.check()).and_then(|()| self.bias.check());
        laws.map_err(|error| TheoryError::Layer { layer, error })?;
        for (parameter, law) in [("weight", self.weight), ("bias", self.bias)] {
            let mean = law.mean();
            if mean != 0.0 {
                return Err(TheoryError::NotCentred { layer, parameter, mean });
            }
        }
        Ok(())
    }
}

/// The layers of a network before their weights are drawn, the output layer last.
///
/// ```
/// use fanin::theory::NetworkLaw;
/// use fanin::{Activation, He, LeCun};
///
/// // 64 inputs, two hidden layers of 128 units, 10 outputs.
/// let law = NetworkLaw::dense(&[64, 128, 128, 10], &Activation::Relu, |fan| He::normal(fan).law())?;
/// assert_eq!(law.layers().len(), 3);
/// assert!(NetworkLaw::dense(&[64], &Activation::Relu, |fan| LeCun::normal(fan).law()).is_err());
/// # Ok::<(), fanin::theory::TheoryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkLaw {
    layers: Vec<LayerLaw>,
    output_delta: OutputDelta,
}

impl NetworkLaw {
    /// These layers in forward order.
    ///
    /// Dense layers that follow each other must fit; between convolutions there may be pooling,
    /// which theory does not see, so nothing is asked of them.
    ///
    /// # Errors
    /// [`TheoryError::NoLayers`], [`TheoryError::Layer`] for a fan of 0 or a distribution that no weight can
    /// follow, [`TheoryError::NotCentred`] for one whose mean is not 0, [`TheoryError::Mismatch`]
    /// for dense layers that do not fit.
    pub fn new(layers: impl IntoIterator<Item = LayerLaw>) -> Result<Self, TheoryError> {
        let layers: Vec<LayerLaw> = layers.into_iter().collect();
        if layers.is_empty() {
            return Err(TheoryError::NoLayers);
        }
        for (i, layer) in layers.iter().enumerate() {
            layer.check(i)?;
        }
        for pair in layers.windows(2) {
            let (expected, found) = (pair[0].fan.fan_out(), pair[1].fan.fan_in());
            if pair[0].is_dense && pair[1].is_dense && expected != found {
                return Err(TheoryError::Mismatch { what: "inputs of a dense layer", expected, found });
            }
        }
        Ok(Self { layers, output_delta: OutputDelta::default() })
    }

    /// Dense layers: `widths` are the inputs, the hidden layers and the outputs. Hidden layers have the
    /// activation, the outputs none; `rule` tells the distribution of the weights from a layer's fans.
    ///
    /// # Errors
    /// As [`new`](NetworkLaw::new); fewer than two widths make no layers.
    pub fn dense(
        widths: &[usize],
        activation: &Activation,
        rule: impl Fn(Fan) -> Law,
    ) -> Result<Self, TheoryError> {
        let last = widths.len().saturating_sub(2);
        Self::new(widths.windows(2).enumerate().map(|(i, pair)| {
            let (inputs, width) = (pair[0], pair[1]);
            let activation = if i == last { Activation::Identity } else { activation.clone() };
            LayerLaw::dense(inputs, width, rule(Fan::dense(inputs, width)), activation)
        }))
    }

    /// The specification of a network that [`init`](Network::init) draws by this rule, with biases of 0.
    ///
    /// The weights themselves are not looked at: whether they follow it is what a
    /// [diagnosis](crate::diagnosis) finds out.
    ///
    /// # Errors
    /// As [`new`](NetworkLaw::new), and [`TheoryError::NoLaw`] for an initializer without a
    /// [promised distribution](Initializer::law).
    ///
    /// ```
    /// use fanin::nn::Network;
    /// use fanin::theory::NetworkLaw;
    /// use fanin::{Activation, He};
    ///
    /// let network = Network::<f32>::new(64).dense(10, Activation::Relu).init(He::normal, 1)?;
    /// let law = NetworkLaw::from_network(&network, He::normal)?;
    /// assert!((law.layers()[0].weight_factor() - 2.0).abs() < 1e-15);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "nn")]
    pub fn from_network<T: Scalar, I: Initializer<T>>(
        network: &Network<T>,
        rule: impl Fn(Fan) -> I,
    ) -> Result<Self, TheoryError> {
        let layers = (0..network.depth()).map(|layer| {
            let [width, inputs] = network.shape(layer);
            let law = rule(Fan::dense(inputs, width)).law().ok_or(TheoryError::NoLaw { layer })?;
            Ok(LayerLaw::dense(inputs, width, law, network.activation(layer).clone()))
        });
        Self::new(layers.collect::<Result<Vec<_>, _>>()?)
    }

    /// The same with the biases of every layer drawn from a distribution that `rule` tells from the
    /// layer's fans.
    ///
    /// # Errors
    /// As [`new`](NetworkLaw::new).
    pub fn biases(self, rule: impl Fn(Fan) -> Law) -> Result<Self, TheoryError> {
        let output_delta = self.output_delta;
        let layers = self.layers.into_iter().map(|layer| {
            let law = rule(layer.fan);
            layer.bias(law)
        });
        Ok(Self { output_delta, ..Self::new(layers)? })
    }

    /// The same with what its loss sends back: it moves the [band](super::Band) of one draw.
    ///
    /// # Errors
    /// [`TheoryError::OutOfRange`] for targets whose mean square is negative, NaN or infinite.
    pub fn output_delta(self, output_delta: OutputDelta) -> Result<Self, TheoryError> {
        output_delta.check()?;
        Ok(Self { output_delta, ..self })
    }

    /// The layers, in forward order.
    #[must_use]
    pub fn layers(&self) -> &[LayerLaw] {
        &self.layers
    }

    pub(super) const fn loss_delta(&self) -> OutputDelta {
        self.output_delta
    }

    /// All layers but the last.
    pub(crate) fn hidden_layers(&self) -> &[LayerLaw] {
        &self.layers[..self.layers.len() - 1]
    }

    /// The number of units of each layer, if all are dense.
    pub(crate) fn widths(&self) -> Result<Vec<usize>, TheoryError> {
        let widths = self.layers.iter().enumerate();
        widths.map(|(layer, law)| law.width().ok_or(TheoryError::NotDense { layer })).collect()
    }
}
