//! The bias of a classifier's last layer.

use super::derived::{count, derived};
use super::{InitError, Law, in_range};

#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
enum Prior {
    Binary { probability: f64 },
    Classes { count: usize },
}

derived! {
    /// The bias with which a classifier's sigmoids start from the probability of a class, in place of 1/2, so that the many negatives do not
    /// outweigh the rest in the first steps.
    ///
    /// ```text
    /// binary(p)   -ln((1 - p) / p)
    /// classes(C)  -ln C
    /// ```
    ///
    /// Lin et al., ["Focal loss for dense object detection"](https://arxiv.org/abs/1708.02002) (2017), section 4.1, with p = 0.01; -ln C is timm's
    /// `head_bias = -math.log(num_classes)` (`nlhb`). The weights of the layer start small, for instance from `Normal::new(0.0, 0.01)`.
    ///
    /// ```
    /// use fanin::{PriorBias, prelude::*};
    ///
    /// let mut bias = [0.0_f32; 80];
    /// PriorBias::binary(0.01).fill(&mut bias);
    /// assert_eq!(bias[0], -(99_f32.ln()));
    /// ```
    PriorBias { prior: Prior }
}

impl PriorBias {
    /// For a sigmoid that starts at this probability, above 0 and below 1.
    #[must_use]
    pub const fn binary(probability: f64) -> Self {
        Self { prior: Prior::Binary { probability } }
    }

    /// For sigmoids of so many classes, at least 1: each starts at 1 / (C + 1).
    #[must_use]
    pub const fn classes(count: usize) -> Self {
        Self { prior: Prior::Classes { count } }
    }

    fn checked(&self) -> Result<Law, InitError> {
        let value = match self.prior {
            Prior::Binary { probability: p } => {
                in_range("probability", p, p > 0.0 && p < 1.0, "above 0 and below 1")?;
                // No quotient, which may overflow.
                libm::log(p) - libm::log1p(-p)
            }
            Prior::Classes { count: classes } => -libm::log(count("count", classes)?),
        };
        Ok(Law::Constant { value })
    }
}
