//! Low-rank adapters.

use super::derived::{count, derived, normal, symmetric};
use super::{InitError, Law};
use crate::fan::Fan;
use crate::scalar::sqrt;

#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
enum Matrix {
    A { fan: Fan },
    GaussianA { rank: usize },
    B,
}

derived! {
    /// The factors of an adapter W + (alpha / r) B A of rank r: A random, B zero, so that it starts as W.
    ///
    /// Hu et al., ["LoRA"](https://arxiv.org/abs/2106.09685) (2021), section 4.1, where A is Gaussian; the distributions are those of
    /// PEFT (0.21, `src/peft/tuners/lora/layer.py`, `reset_lora_parameters`), in whose default A is what PyTorch's `nn.Linear` starts from.
    ///
    /// ```
    /// use fanin::{LoRA, prelude::*};
    ///
    /// let (mut a, mut b) = ([[0.0_f32; 768]; 8], [[1.0_f32; 8]; 768]);
    /// LoRA::a(768).seed(1).fill(&mut a);
    /// LoRA::b().fill(&mut b);
    /// assert!(b.as_flattened().iter().all(|&b| b == 0.0));
    /// assert_eq!(LoRA::gaussian_a(8).law(), Normal::new(0.0, 0.125).law());
    /// ```
    LoRA { matrix: Matrix }
}

impl LoRA {
    /// A, r x n: U(-1 / sqrt(n), 1 / sqrt(n)), n the `fan_in` of the adapted layer.
    #[must_use]
    pub fn a(fan: impl Into<Fan>) -> Self {
        Self { matrix: Matrix::A { fan: fan.into() } }
    }

    /// A of N(0, 1 / r^2): PEFT's `init_lora_weights="gaussian"`.
    #[must_use]
    pub const fn gaussian_a(rank: usize) -> Self {
        Self { matrix: Matrix::GaussianA { rank } }
    }

    /// B: zeros.
    #[must_use]
    pub const fn b() -> Self {
        Self { matrix: Matrix::B }
    }

    fn checked(&self) -> Result<Law, InitError> {
        Ok(match self.matrix {
            Matrix::A { fan } => symmetric(1.0 / sqrt(fan.checked_fan_in()? as f64)),
            Matrix::GaussianA { rank } => normal(1.0 / count("rank", rank)?),
            Matrix::B => Law::Constant { value: 0.0 },
        })
    }
}
