//! The truncated normal distribution.

use super::{InitError, Law, elementwise};

/// A normal distribution given that it lies between two bounds: at 2 standard deviations from the mean, as in
/// Keras and JAX, unless [`bounds`](TruncatedNormal::bounds) are given, as in PyTorch's `trunc_normal_`.
///
/// `mean` and `std_dev` are those of the parent, before truncation: at 2 standard deviations 0.8796
/// of `std_dev` is left, which [`law`](TruncatedNormal::law) tells and the scaled distributions
/// make up for. Drawn by inverting the cumulative distribution function, one word each.
///
/// ```
/// use fanin::prelude::*;
///
/// let law = TruncatedNormal::new(0.0, 0.02);
/// let mut w = [0.0_f32; 100];
/// law.seed(1).fill(&mut w);
/// assert!(w.iter().all(|w| w.abs() <= 0.04));
/// assert!((law.law().std_dev() - 0.02 * 0.87962566103423978).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "super::serialized::TruncatedNormal", into = "super::serialized::TruncatedNormal")
)]
pub struct TruncatedNormal {
    pub(super) mean: f64,
    pub(super) std_dev: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl TruncatedNormal {
    /// Mean (finite) and standard deviation (finite, at least 0) before truncation at
    /// `mean` +- 2 `std_dev`.
    #[must_use]
    pub const fn new(mean: f64, std_dev: f64) -> Self {
        Self { mean, std_dev, low: mean - 2.0 * std_dev, high: mean + 2.0 * std_dev }
    }

    /// Truncates at these bounds instead, absolute values in the weights' own unit, `low` at most
    /// `high`; infinite for no bound. They must hold at least 1e-6 of the parent's mass; what they
    /// leave beyond 8 standard deviations is not drawn.
    ///
    /// ```
    /// use fanin::TruncatedNormal;
    ///
    /// let positive = TruncatedNormal::new(0.0, 1.0).bounds(0.0, f64::INFINITY);
    /// assert!((positive.law().mean() - (2.0 / std::f64::consts::PI).sqrt()).abs() < 1e-15);
    /// assert!(TruncatedNormal::new(0.0, 1.0).bounds(9.0, 10.0).check().is_err());
    /// ```
    #[must_use]
    pub const fn bounds(self, low: f64, high: f64) -> Self {
        Self { low, high, ..self }
    }

    /// Truncates at these bounds instead, counted in standard deviations from the mean: timm's `trunc_normal_tf_`, where those of PyTorch's
    /// `trunc_normal_` are in the weights' own unit.
    ///
    /// ```
    /// use fanin::TruncatedNormal;
    ///
    /// let init = TruncatedNormal::new(1.0, 0.5).std_dev_bounds(-1.0, 3.0);
    /// assert_eq!(init, TruncatedNormal::new(1.0, 0.5).bounds(0.5, 2.5));
    /// ```
    #[must_use]
    pub const fn std_dev_bounds(self, low: f64, high: f64) -> Self {
        Self { low: self.mean + low * self.std_dev, high: self.mean + high * self.std_dev, ..self }
    }

    /// [`Law::TruncatedNormal`].
    #[must_use]
    pub const fn law(&self) -> Law {
        Law::TruncatedNormal { mean: self.mean, std_dev: self.std_dev, low: self.low, high: self.high }
    }

    /// Says early what filling would refuse, whatever the scalar.
    ///
    /// # Errors
    ///
    /// [`NotFinite`](InitError::NotFinite), [`Negative`](InitError::Negative),
    /// [`EmptyRange`](InitError::EmptyRange), [`NegligibleMass`](InitError::NegligibleMass).
    pub fn check(&self) -> Result<(), InitError> {
        self.law().check()
    }
}

elementwise!(TruncatedNormal);
