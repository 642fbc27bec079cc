//! The constant distribution.

use super::{InitError, Law, elementwise};

/// Every weight is the same `value` (finite): the usual start of biases (0) and scales (1).
///
/// ```
/// use fanin::prelude::*;
///
/// let mut bias = [0.5_f32; 3];
/// Constant::new(0.0).fill(&mut bias);
/// assert_eq!(bias, [0.0; 3]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "super::serialized::Constant", into = "super::serialized::Constant")
)]
pub struct Constant {
    pub(super) value: f64,
}

impl Constant {
    /// Every weight is `value`.
    #[must_use]
    pub const fn new(value: f64) -> Self {
        Self { value }
    }

    /// [`Law::Constant`].
    #[must_use]
    pub const fn law(&self) -> Law {
        Law::Constant { value: self.value }
    }

    /// Says early what filling would refuse, whatever the scalar.
    ///
    /// # Errors
    ///
    /// [`NotFinite`](InitError::NotFinite).
    pub fn check(&self) -> Result<(), InitError> {
        self.law().check()
    }
}

elementwise!(Constant);
