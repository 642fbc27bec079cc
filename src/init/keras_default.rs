//! Keras's own initialization of layers that nobody initializes.

use super::derived::{derived, symmetric};
use super::{InitError, Law, Xavier};
use crate::fan::Fan;

#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
enum Weight {
    Layer { fan: Fan },
    Embedding,
}

derived! {
    /// What Keras's layers start from when nobody initializes them: `Xavier::uniform` (`"glorot_uniform"`) for `Dense` and `Conv1D` to `Conv3D`,
    /// U(-0.05, 0.05) (`"uniform"`) for `Embedding`; biases are 0, `Constant::new(0.0)`.
    ///
    /// Keras 3.15: `keras/src/layers/core/dense.py`, `core/embedding.py`, `initializers/random_initializers.py`.
    ///
    /// ```
    /// use fanin::{KerasDefault, prelude::*};
    ///
    /// let w: Vec<f32> = KerasDefault::dense((784, 256)).seed(1).to_vec(784 * 256);
    /// assert_eq!(KerasDefault::dense((784, 256)).law(), Xavier::uniform((784, 256)).law());
    /// # assert_eq!(w.len(), 784 * 256);
    /// ```
    KerasDefault { weight: Weight }
}

impl KerasDefault {
    /// Kernel of `Dense`; it needs both fans.
    #[must_use]
    pub fn dense(fan: impl Into<Fan>) -> Self {
        Self { weight: Weight::Layer { fan: fan.into() } }
    }

    /// Kernel of a convolution: `Fan::conv(in, out, kernel)`.
    #[must_use]
    pub fn conv(fan: impl Into<Fan>) -> Self {
        Self::dense(fan)
    }

    /// Weight of `Embedding`.
    #[must_use]
    pub const fn embedding() -> Self {
        Self { weight: Weight::Embedding }
    }

    fn checked(&self) -> Result<Law, InitError> {
        match self.weight {
            Weight::Layer { fan } => {
                let xavier = Xavier::uniform(fan);
                xavier.check().map(|()| xavier.law())
            }
            Weight::Embedding => Ok(symmetric(0.05)),
        }
    }
}
