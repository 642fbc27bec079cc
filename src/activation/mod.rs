//! Activations: phi, its derivative, the recommended gain, and where a unit is saturated.

use alloc::string::String;

mod custom;
mod exponential;
mod function;
mod gain;
mod mean_square;
mod saturation;
mod slice;
mod text;

pub use custom::Custom;
pub use text::ParseActivationError;

/// What a unit does to its pre-activation: h = phi(z).
///
/// | variant | phi(z) | phi' where it has a kink | source |
/// | --- | --- | --- | --- |
/// | `Identity` | z | | |
/// | `Relu` | max(0, z) | 0 at 0 | [Nair & Hinton 2010](https://icml.cc/Conferences/2010/papers/432.pdf) |
/// | `LeakyRelu` | z, or a z for z <= 0 | a at 0 | [Maas et al. 2013](https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf) |
/// | `Prelu` | the same, a learnt | a at 0 | [He et al. 2015](https://arxiv.org/abs/1502.01852), eq. 1 |
/// | `Tanh` | tanh z | | [LeCun et al. 1998](https://doi.org/10.1007/3-540-49430-8_2) |
/// | `Sigmoid` | 1 / (1 + e^-z) | | |
/// | `Selu` | 1.0507 z, or 1.0507 x 1.67326 (e^z - 1) for z <= 0 | 1.758 at 0 | [Klambauer et al. 2017](https://arxiv.org/abs/1706.02515), eq. 2 |
/// | `Elu` | z, or alpha (e^z - 1) for z <= 0 | alpha at 0 | [Clevert et al. 2016](https://arxiv.org/abs/1511.07289), eq. 15 |
/// | `Gelu` | z Phi(z), Phi the normal distribution function by erf, not by tanh | | [Hendrycks & Gimpel 2016](https://arxiv.org/abs/1606.08415) |
/// | `Silu` | z / (1 + e^-z) | | [Elfwing et al. 2018](https://arxiv.org/abs/1702.03118); [Ramachandran et al. 2017](https://arxiv.org/abs/1710.05941) |
/// | `Softplus` | ln(1 + e^z) | | [Dugas et al. 2001](https://papers.nips.cc/paper/1920-incorporating-second-order-functional-knowledge-for-better-option-pricing) |
/// | `Mish` | z tanh(ln(1 + e^z)) | | [Misra 2019](https://arxiv.org/abs/1908.08681) |
/// | `Softsign` | z / (1 + \|z\|) | | [Glorot & Bengio 2010](https://proceedings.mlr.press/v9/glorot10a.html) |
/// | `HardTanh` | z, cut off at -1 and 1 | 0 at -1 and 1 | Collobert 2004 |
/// | `Erf` | erf z | | [Williams 1997](https://papers.nips.cc/paper/1197-computing-with-infinite-networks) |
/// | `Sin` | sin z | | [Sitzmann et al. 2020](https://arxiv.org/abs/2006.09661) |
/// | `Custom` | a function of the user's | | |
///
/// At the kinks the derivative is the one that PyTorch's backward pass takes. Printed, an
/// activation goes by its name; read from text, too:
///
/// ```
/// use fanin::Activation;
///
/// let activation: Activation = "leaky-relu:0.2".parse()?;
/// assert_eq!(activation, Activation::LeakyRelu { negative_slope: 0.2 });
/// assert_eq!(activation.phi(-1.0), -0.2);
/// assert_eq!(activation.to_string(), "leaky relu(0.2)");
/// # Ok::<(), fanin::ParseActivationError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Activation {
    /// z: a linear layer, or the output layer in front of a loss.
    Identity,
    /// max(0, z).
    Relu,
    /// z for z > 0, `negative_slope` times z else.
    LeakyRelu {
        /// The slope for z <= 0; PyTorch's default is 0.01.
        negative_slope: f64,
    },
    /// Leaky ReLU whose slope is a parameter of the model, here at its current value.
    Prelu {
        /// The slope for z <= 0; PyTorch starts it at 0.25.
        slope: f64,
    },
    /// tanh z.
    Tanh,
    /// The logistic function 1 / (1 + e^-z).
    Sigmoid,
    /// The self-normalising ELU.
    Selu,
    /// z for z > 0, `alpha` (e^z - 1) else.
    Elu {
        /// Minus the limit on the left; PyTorch's default is 1.
        alpha: f64,
    },
    /// z Phi(z), exact.
    Gelu,
    /// z / (1 + e^-z), also called swish.
    Silu,
    /// ln(1 + e^z).
    Softplus,
    /// z tanh(ln(1 + e^z)).
    Mish,
    /// z / (1 + |z|).
    Softsign,
    /// z cut off at -1 and 1.
    HardTanh,
    /// The error function.
    Erf,
    /// sin z.
    Sin,
    /// A function of the user's own; see [`Activation::custom`].
    Custom(Custom),
}

impl Activation {
    /// An activation from phi and its derivative, closures or function pointers.
    ///
    /// Where phi has kinks, name them with [`Custom::with_kinks`]; without a derivative at hand,
    /// there is [`Custom::from_phi`].
    ///
    /// ```
    /// use fanin::Activation;
    ///
    /// let arctan = Activation::custom("arctan", f64::atan, |z| 1.0 / (1.0 + z * z));
    /// assert_eq!(arctan.phi(1.0), std::f64::consts::FRAC_PI_4);
    /// assert_eq!(arctan.derivative(1.0), 0.5);
    /// assert_eq!(arctan, arctan.clone());
    /// ```
    #[must_use]
    pub fn custom(
        name: impl Into<String>,
        phi: impl Fn(f64) -> f64 + Send + Sync + 'static,
        derivative: impl Fn(f64) -> f64 + Send + Sync + 'static,
    ) -> Self {
        Self::Custom(Custom::new(name, phi, derivative))
    }

    /// phi(z), the activation of one pre-activation.
    ///
    /// NaN gives NaN; at +-infinity the limit, where there is one (sin has none: NaN). The
    /// values are the same on every platform, to within a few units in the last place of phi.
    ///
    /// ```
    /// use fanin::Activation;
    ///
    /// assert_eq!(Activation::Relu.phi(-2.0), 0.0);
    /// assert_eq!(Activation::Softplus.phi(1e300), 1e300);
    /// assert_eq!(Activation::Tanh.phi(f64::INFINITY), 1.0);
    /// ```
    #[must_use]
    pub fn phi(&self, z: f64) -> f64 {
        let mut h = [0.0];
        self.phi_slice(&[z], &mut h);
        h[0]
    }

    /// phi'(z), the gate that a gradient passes on its way back through this unit.
    ///
    /// NaN gives NaN; at +-infinity the limit, where there is one. At a kink PyTorch's
    /// convention: the table above.
    ///
    /// ```
    /// use fanin::Activation;
    ///
    /// assert_eq!(Activation::Relu.derivative(0.0), 0.0);
    /// assert_eq!(Activation::Tanh.derivative(0.0), 1.0);
    /// // Not 0, as 1 - tanh(z)^2 would have it.
    /// assert!(Activation::Tanh.derivative(30.0) > 0.0);
    /// ```
    #[must_use]
    pub fn derivative(&self, z: f64) -> f64 {
        let mut slope = [0.0];
        self.derivative_slice(&[z], &mut slope);
        slope[0]
    }

    /// The slope for z < 0 of what has slope 1 for z > 0: identity and the leaky family, for which every
    /// expectation is in closed form.
    pub(crate) const fn negative_slope(&self) -> Option<f64> {
        match *self {
            Self::Identity => Some(1.0),
            Self::Relu => Some(0.0),
            Self::LeakyRelu { negative_slope: slope } | Self::Prelu { slope } => Some(slope),
            _ => None,
        }
    }

    /// The places where phi or one of its derivatives jumps.
    pub(crate) fn kinks(&self) -> &[f64] {
        match self {
            Self::Relu
            | Self::LeakyRelu { .. }
            | Self::Prelu { .. }
            | Self::Selu
            | Self::Elu { .. }
            | Self::Softsign => &[0.0],
            Self::HardTanh => &[-1.0, 1.0],
            Self::Custom(custom) => custom.kinks(),
            Self::Identity
            | Self::Tanh
            | Self::Sigmoid
            | Self::Gelu
            | Self::Silu
            | Self::Softplus
            | Self::Mish
            | Self::Erf
            | Self::Sin => &[],
        }
    }
}

impl From<Custom> for Activation {
    fn from(custom: Custom) -> Self {
        Self::Custom(custom)
    }
}

/// Each with its usual parameter.
pub(crate) const BUILT_IN: [Activation; 16] = [
    Activation::Identity,
    Activation::Relu,
    Activation::LeakyRelu { negative_slope: 0.01 },
    Activation::Prelu { slope: 0.25 },
    Activation::Tanh,
    Activation::Sigmoid,
    Activation::Selu,
    Activation::Elu { alpha: 1.0 },
    Activation::Gelu,
    Activation::Silu,
    Activation::Softplus,
    Activation::Mish,
    Activation::Softsign,
    Activation::HardTanh,
    Activation::Erf,
    Activation::Sin,
];

#[cfg(test)]
mod tests;
