//! The maximal update parametrization.

use super::derived::{derived, normal};
use super::{InitError, Law, non_negative};
use crate::fan::Fan;
use crate::scalar::sqrt;

/// What a learning rate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Optimizer {
    /// Steps in proportion to the gradient, with momentum or without.
    Sgd,
    /// Steps that do not grow with the gradient: Adam, AdamW, RMSProp, Adagrad.
    Adam,
}

#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
enum Role {
    Input,
    Embedding,
    Bias,
    Hidden,
    AttentionQuery,
    Output,
}

derived! {
    /// muP, the maximal update parametrization: learning rates found at a small width hold at a large one.
    ///
    /// Yang et al., ["Tensor Programs V"](https://arxiv.org/abs/2203.03466) (2022), table 8:
    ///
    /// | | input weights and all biases | hidden weights | output weights |
    /// | --- | --- | --- | --- |
    /// | initial variance | 1 / fan_in | 1 / fan_in | 1 |
    /// | multiplier | 1 | 1 | 1 / fan_in |
    /// | learning rate, SGD | fan_out | 1 | fan_in |
    /// | learning rate, Adam | 1 | 1 / fan_in | 1 |
    ///
    /// Input weights lead from what does not grow (pixels, a vocabulary) to the width, hidden ones from width to width, output ones from the
    /// width to what does not grow (logits). The fan_in of an embedding, whose input is one word, and of a bias counts as 1. Attention logits
    /// are q . k / d in place of q . k / sqrt(d) (definition 4.1; sqrt(d of the base) q . k / d, to be the same at the base).
    ///
    /// With a [`base`](MuP::base), the fans of the same tensor in the small model, every fan that grows is taken relative to it, so that multipliers and
    /// learning rates are 1 there and the small model is as it always was: that of the authors' package
    /// [mup](https://github.com/microsoft/mup) (`MuReadout`, `MuSGD`, `MuAdam`).
    ///
    /// ```
    /// use fanin::{MuP, Optimizer, prelude::*};
    ///
    /// // Tuned at a width of 256, trained at 4096: GPT-2's 0.02 at the base.
    /// let hidden = MuP::hidden((4096, 4096)).base((256, 256)).std_dev(0.02);
    /// let output = MuP::output((4096, 50257)).base((256, 50257)).std_dev(0.02);
    /// assert_eq!(hidden.law(), Normal::new(0.0, 0.005).law());
    /// assert_eq!((hidden.multiplier(), hidden.learning_rate(Optimizer::Adam)), (1.0, 1.0 / 16.0));
    /// assert_eq!(output.law(), Normal::new(0.0, 0.02).law());
    /// assert_eq!((output.multiplier(), output.learning_rate(Optimizer::Sgd)), (1.0 / 16.0, 16.0));
    /// # let _: Vec<f32> = hidden.seed(1).to_vec(1);
    /// ```
    #[doc(alias("maximal update", "mu-transfer", "tensor programs"))]
    MuP { role: Role, fan: Fan, base: Fan, std_dev: Option<f64> }
}

impl MuP {
    /// Weights from what does not grow to the width: variance 1 / fan_in. It needs both fans, as its learning rate does.
    #[must_use]
    pub fn input(fan: impl Into<Fan>) -> Self {
        Self::of(Role::Input, fan.into())
    }

    /// An embedding of so many words (the `fan_in`) in this width (the `fan_out`): variance 1.
    #[must_use]
    pub fn embedding(fan: impl Into<Fan>) -> Self {
        Self::of(Role::Embedding, fan.into())
    }

    /// Biases, of the width that is the layer's `fan_out`: zeros, with the learning rate of input weights.
    #[must_use]
    pub fn bias(fan: impl Into<Fan>) -> Self {
        Self::of(Role::Bias, fan.into())
    }

    /// Weights from width to width: variance 1 / fan_in.
    #[must_use]
    pub fn hidden(fan: impl Into<Fan>) -> Self {
        Self::of(Role::Hidden, fan.into())
    }

    /// Queries of attention: zeros, as the paper recommends (section D.2), with the learning rate of hidden weights; by
    /// [`hidden`](MuP::hidden) they start as the others do.
    #[must_use]
    pub fn attention_query(fan: impl Into<Fan>) -> Self {
        Self::of(Role::AttentionQuery, fan.into())
    }

    /// Weights from the width to what does not grow: variance 1 (1 / fan_in of the base), and a [`multiplier`](MuP::multiplier).
    #[must_use]
    pub fn output(fan: impl Into<Fan>) -> Self {
        Self::of(Role::Output, fan.into())
    }

    fn of(role: Role, fan: Fan) -> Self {
        Self { role, fan, base: Fan::dense(1, 1), std_dev: None }
    }

    /// The fans of the same tensor at the width where hyperparameters were found; 1 unless given, by which the table holds as it stands.
    #[must_use]
    pub fn base(self, fan: impl Into<Fan>) -> Self {
        Self { base: fan.into(), ..self }
    }

    /// The standard deviation that the small model's weights have, finite and at least 0, in place of 1 / sqrt(fan_in) (an embedding: 1).
    #[must_use]
    pub fn std_dev(self, std_dev: f64) -> Self {
        Self { std_dev: Some(std_dev), ..self }
    }

    /// What the layer multiplies its output by; meaningless where [`check`](Self::check) fails.
    #[must_use]
    pub fn multiplier(&self) -> f64 {
        if self.role == Role::Output { 1.0 / self.growth_in() } else { 1.0 }
    }

    /// What the learning rate of this tensor is multiplied by; meaningless where [`check`](Self::check) fails. The table's 1
    /// for hidden weights and SGD is for a fan_in and a fan_out that grow alike.
    #[must_use]
    pub fn learning_rate(&self, optimizer: Optimizer) -> f64 {
        match (self.role, optimizer) {
            (Role::Input | Role::Embedding | Role::Bias, Optimizer::Sgd) => {
                self.fan.fan_out() as f64 / self.base.fan_out() as f64
            }
            (Role::Output, Optimizer::Sgd) => self.growth_in(),
            (Role::Hidden | Role::AttentionQuery, Optimizer::Adam) => 1.0 / self.growth_in(),
            _ => 1.0,
        }
    }

    /// fan_in over that of the base.
    fn growth_in(&self) -> f64 {
        self.fan.fan_in() as f64 / self.base.fan_in() as f64
    }

    fn checked(&self) -> Result<Law, InitError> {
        for fan in [self.fan, self.base] {
            fan.checked_fan_in()?;
            if matches!(self.role, Role::Input | Role::Embedding | Role::Bias) {
                fan.checked_fan_out()?;
            }
        }
        let base = self.base.fan_in() as f64;
        let at_base = match self.std_dev {
            Some(std_dev) => non_negative("std_dev", std_dev).map(|()| std_dev)?,
            None if self.role == Role::Embedding => 1.0,
            None => 1.0 / sqrt(base),
        };
        Ok(match self.role {
            Role::Embedding | Role::Output => normal(at_base),
            Role::Input | Role::Hidden => normal(at_base / sqrt(self.growth_in())),
            Role::Bias | Role::AttentionQuery => Law::Constant { value: 0.0 },
        })
    }
}
