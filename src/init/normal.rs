//! The normal distribution.

use super::{InitError, Law, elementwise};

/// Normal with a mean and a standard deviation: density exp(-(x - mean)^2 / (2 std_dev^2)) / (std_dev sqrt(2 pi)).
///
/// Standard normal numbers are drawn by the transform of Box and Muller (1958), see
/// [`stream`](crate::stream); they reach 6.7 standard deviations in `f32`, 8.6 in `f64`.
///
/// ```
/// use fanin::prelude::*;
///
/// let mut w = vec![0.0_f32; 10_000];
/// Normal::new(0.0, 0.02).seed(1).fill(&mut w);
/// let mean_square = w.iter().map(|w| w * w).sum::<f32>() / 10_000.0;
/// assert!((mean_square.sqrt() - 0.02).abs() < 0.001);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "super::serialized::Normal", into = "super::serialized::Normal")
)]
pub struct Normal {
    pub(super) mean: f64,
    pub(super) std_dev: f64,
}

impl Normal {
    /// Normal with this mean (finite) and standard deviation (finite, at least 0; 0 gives a constant).
    #[must_use]
    pub const fn new(mean: f64, std_dev: f64) -> Self {
        Self { mean, std_dev }
    }

    /// [`Law::Normal`].
    #[must_use]
    pub const fn law(&self) -> Law {
        Law::Normal { mean: self.mean, std_dev: self.std_dev }
    }

    /// Says early what filling would refuse, whatever the scalar.
    ///
    /// # Errors
    ///
    /// [`NotFinite`](InitError::NotFinite), [`Negative`](InitError::Negative).
    pub fn check(&self) -> Result<(), InitError> {
        self.law().check()
    }
}

elementwise!(Normal);
