//! A distribution times a factor.

use super::derived::derived;
use super::{Gain, InitError, Law};

derived! {
    /// A distribution times a factor, made by [`Law::scaled`].
    ScaledLaw { law: Law, factor: Gain }
}

impl Law {
    /// The distribution of a weight times a factor: a number of at least 0, or a [`DepthScaling`](super::DepthScaling). An initializer, whose errors
    /// are those of the distribution and of the factor.
    ///
    /// ```
    /// use fanin::{DepthScaling, prelude::*};
    ///
    /// let init = Normal::new(0.0, 0.02).law().scaled(DepthScaling::gpt2(8));
    /// assert_eq!(init.law(), Normal::new(0.0, 0.005).law());
    /// let w: Vec<f32> = init.seed(1).to_vec(64);
    /// # assert_eq!(w.len(), 64);
    /// ```
    #[must_use]
    pub fn scaled(self, factor: impl Into<Gain>) -> ScaledLaw {
        ScaledLaw { law: self, factor: factor.into() }
    }
}

impl ScaledLaw {
    fn checked(&self) -> Result<Law, InitError> {
        self.law.check()?;
        self.factor.check()?;
        let factor = self.factor.value();
        Ok(match self.law {
            // Infinite bounds times 0 are none.
            _ if factor == 0.0 => Law::Constant { value: 0.0 },
            Law::Constant { value } => Law::Constant { value: factor * value },
            Law::Uniform { low, high } => Law::Uniform { low: factor * low, high: factor * high },
            Law::Normal { mean, std_dev } => Law::Normal { mean: factor * mean, std_dev: factor * std_dev },
            Law::TruncatedNormal { mean, std_dev, low, high } => Law::TruncatedNormal {
                mean: factor * mean,
                std_dev: factor * std_dev,
                low: factor * low,
                high: factor * high,
            },
            Law::LogUniform { low, high } => Law::LogUniform { low: factor * low, high: factor * high },
            law @ Law::InverseSoftplusLogUniform { .. } if factor == 1.0 => law,
            Law::InverseSoftplusLogUniform { .. } => {
                return Err(InitError::other(
                    "a multiple of an inverse softplus is no distribution of this crate",
                ));
            }
        })
    }
}
