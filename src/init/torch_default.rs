//! PyTorch's own initialization of layers that nobody initializes.

use super::derived::{derived, normal, symmetric};
use super::{InitError, Law};
use crate::fan::Fan;
use crate::scalar::sqrt;

#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
enum Weight {
    Layer { fan: Fan },
    Embedding,
}

derived! {
    /// What PyTorch's layers start from when nobody initializes them: U(-1 / sqrt(fan_in), 1 / sqrt(fan_in)) for the weights and biases of
    /// `nn.Linear` and `nn.Conv1d` to `nn.Conv3d`, N(0, 1) for `nn.Embedding`.
    ///
    /// `reset_parameters` (`torch/nn/modules/linear.py`, `conv.py`, PyTorch 2.15) says it as `kaiming_uniform_(w, a=sqrt(5))`, whose gain
    /// sqrt(2 / (1 + 5)) is 1 / sqrt(3): sqrt(3) times that over sqrt(fan_in) is 1 / sqrt(fan_in). The sqrt(5) has no other meaning; it keeps what
    /// Torch7 did, after LeCun et al. (1998), with a variance of 1 / (3 fan_in), 6 times too small for ReLU. A bias takes its
    /// layer's fan. Of a transposed convolution PyTorch takes the outputs of a group for the inputs: `TorchDefault::conv(out / groups * kernel)`.
    ///
    /// ```
    /// use fanin::{TorchDefault, prelude::*};
    ///
    /// let (mut w, mut b) = ([[0.0_f32; 784]; 256], [0.0_f32; 256]);
    /// TorchDefault::linear(784).seed(1).fill(&mut w);
    /// TorchDefault::linear(784).seed(2).fill(&mut b);
    /// assert!(w.as_flattened().iter().chain(&b).all(|w| w.abs() <= 1.0 / 28.0));
    /// ```
    #[doc(alias("pytorch", "reset_parameters"))]
    TorchDefault { weight: Weight }
}

impl TorchDefault {
    /// Weight or bias of `nn.Linear`.
    #[must_use]
    pub fn linear(fan: impl Into<Fan>) -> Self {
        Self { weight: Weight::Layer { fan: fan.into() } }
    }

    /// Weight or bias of a convolution: `Fan::conv(in, out, kernel)`.
    #[must_use]
    pub fn conv(fan: impl Into<Fan>) -> Self {
        Self::linear(fan)
    }

    /// Weight of `nn.Embedding`.
    #[must_use]
    pub const fn embedding() -> Self {
        Self { weight: Weight::Embedding }
    }

    fn checked(&self) -> Result<Law, InitError> {
        Ok(match self.weight {
            Weight::Layer { fan } => symmetric(1.0 / sqrt(fan.checked_fan_in()? as f64)),
            Weight::Embedding => normal(1.0),
        })
    }
}
