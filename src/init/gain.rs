//! The factor that makes up for the activation.

use super::{InitError, non_negative};
use crate::activation::Activation;

/// The factor on the standard deviation that makes up for the activation: a number, or an
/// [`Activation`], of which it takes the [recommended gain](Activation::gain).
///
/// ```
/// use fanin::{Activation, Gain};
///
/// assert_eq!(Gain::from(Activation::Tanh).value(), 5.0 / 3.0);
/// assert_eq!(Gain::from(1.5).value(), 1.5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gain(f64);

impl Gain {
    /// The factor.
    #[must_use]
    pub const fn value(self) -> f64 {
        self.0
    }

    /// Finite and at least 0; 0 is legal and gives zeros.
    pub(super) fn check(self) -> Result<(), InitError> {
        non_negative("gain", self.0)
    }
}

impl From<f64> for Gain {
    fn from(gain: f64) -> Self {
        Self(gain)
    }
}

impl From<Activation> for Gain {
    fn from(activation: Activation) -> Self {
        Self(activation.gain())
    }
}

impl From<&Activation> for Gain {
    fn from(activation: &Activation) -> Self {
        Self(activation.gain())
    }
}
