//! The constant law.

use super::{InitError, Law, elementwise};

/// Every weight is the same `value` (finite): the usual start of biases (0) and scales (1).
///
/// ```
/// use fanin::{Constant, Initializer};
///
/// let mut bias = [0.5_f32; 3];
/// Constant::new(0.0).fill(&mut bias);
/// assert_eq!(bias, [0.0; 3]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constant {
    value: f64,
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

    /// # Errors
    ///
    /// [`NotFinite`](InitError::NotFinite).
    pub fn check(&self) -> Result<(), InitError> {
        self.law().check()
    }
}

elementwise!(Constant);
