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
pub struct Gain {
    value: f64,
    /// What the value is: an error names it.
    parameter: &'static str,
}

impl Gain {
    /// The factor.
    #[must_use]
    pub const fn value(self) -> f64 {
        self.value
    }

    /// Finite and at least 0; 0 is legal and gives zeros.
    pub(super) fn check(self) -> Result<(), InitError> {
        non_negative(self.parameter, self.value)
    }

    /// sqrt(2 / (1 + a^2)), He et al. 2015, equation 15.
    pub(super) fn of_negative_slope(negative_slope: f64) -> Self {
        if negative_slope.is_finite() {
            Self::from(Activation::LeakyRelu { negative_slope })
        } else {
            Self { value: negative_slope, parameter: "negative_slope" }
        }
    }
}

impl From<f64> for Gain {
    fn from(gain: f64) -> Self {
        Self { value: gain, parameter: "gain" }
    }
}

impl From<Activation> for Gain {
    fn from(activation: Activation) -> Self {
        Self::from(activation.gain())
    }
}

impl From<&Activation> for Gain {
    fn from(activation: &Activation) -> Self {
        Self::from(activation.gain())
    }
}
