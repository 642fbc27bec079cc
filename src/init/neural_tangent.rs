//! The neural tangent parameterization.

use super::derived::{derived, normal};
use super::{Gain, InitError, Law};
use crate::fan::Fan;
use crate::scalar::sqrt;

derived! {
    /// The NTK parameterization: weights of N(0, 1), and a factor gain / sqrt(fan_in) that stands in the layer instead of in its weights.
    ///
    /// The output is that of [`LeCun`](super::LeCun)`::normal` with the same gain; gradients, and with them the steps of learning, are smaller by that
    /// factor, so that in the limit of wide layers learning is that of a kernel. Jacot, Gabriel and Hongler, ["Neural tangent
    /// kernel"](https://arxiv.org/abs/1806.07572) (2018), section 2; Lee et al., ["Wide neural networks of any depth evolve as linear models
    /// under gradient descent"](https://arxiv.org/abs/1902.06720) (2019), equation 1.
    ///
    /// ```
    /// use fanin::{NeuralTangent, prelude::*};
    ///
    /// let init = NeuralTangent::normal(400).gain(2_f64.sqrt());
    /// let mut w = vec![0.0_f32; 400];
    /// init.seed(1).fill(&mut w);
    /// let x = [1.0; 400];
    /// let sum: f32 = w.iter().zip(x).map(|(w, x)| w * x).sum();
    /// let output = init.multiplier() as f32 * sum;
    /// assert_eq!(init.multiplier(), 2_f64.sqrt() / 20.0);
    /// # assert!(output.is_finite());
    /// ```
    #[doc(alias("ntk", "NTK"))]
    NeuralTangent { fan: Fan, gain: Gain }
}

impl NeuralTangent {
    /// N(0, 1), whatever the fan, which the [`multiplier`](NeuralTangent::multiplier) has.
    #[must_use]
    pub fn normal(fan: impl Into<Fan>) -> Self {
        Self { fan: fan.into(), gain: Gain::ONE }
    }

    /// The factor on the layer's output besides 1 / sqrt(fan_in): a number of at least 0, or an [`Activation`](crate::Activation), of which
    /// it takes the recommended gain.
    #[must_use]
    pub fn gain(self, gain: impl Into<Gain>) -> Self {
        Self { gain: gain.into(), ..self }
    }

    /// gain / sqrt(fan_in), by which the layer multiplies the product of its weights and inputs; meaningless where
    /// [`check`](Self::check) fails.
    #[must_use]
    pub fn multiplier(&self) -> f64 {
        self.gain.value() / sqrt(self.fan.fan_in() as f64)
    }

    fn checked(&self) -> Result<Law, InitError> {
        self.fan.checked_fan_in()?;
        self.gain.check()?;
        Ok(normal(1.0))
    }
}
