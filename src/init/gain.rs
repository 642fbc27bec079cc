//! Gain: the factor on the standard deviation that makes up for the activation.

use super::{InitError, non_negative};
use crate::activation::Activation;
use crate::scalar::sqrt;

/// The factor on the standard deviation that makes up for the activation: a number, or an
/// [`Activation`], of which it takes the [recommended gain](Activation::gain).
///
/// ```
/// use fanin::{Activation, Xavier};
///
/// let tanh = Xavier::normal((8, 8)).gain(Activation::Tanh);
/// assert_eq!(tanh, Xavier::normal((8, 8)).gain(5.0 / 3.0));
/// assert_eq!(Xavier::normal((8, 8)).gain(2), Xavier::normal((8, 8)).gain(2.0));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Gain {
    value: f64,
    /// What the value is: an error names it.
    parameter: &'static str,
}

impl Gain {
    pub(super) const ONE: Self = Self { value: 1.0, parameter: "gain" };

    /// The factor.
    pub(crate) const fn value(self) -> f64 {
        self.value
    }

    /// Finite and at least 0; 0 is legal and gives zeros.
    pub(super) fn check(self) -> Result<(), InitError> {
        non_negative(self.parameter, self.value)
    }

    /// sqrt(2 / (1 + a^2)), [He et al. 2015](https://arxiv.org/abs/1502.01852), equation 15.
    pub(super) fn from_negative_slope(negative_slope: f64) -> Self {
        if negative_slope.is_finite() {
            Self::from(Activation::LeakyRelu { negative_slope })
        } else {
            Self { value: negative_slope, parameter: "negative_slope" }
        }
    }

    /// The square root of a factor on the variance.
    pub(super) fn from_scale(scale: f64) -> Self {
        // A scale that will be refused is named as it was given.
        Self { value: if scale < 0.0 { scale } else { sqrt(scale) }, parameter: "scale" }
    }
}

impl PartialEq for Gain {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

macro_rules! from_number {
    ($($Number:ty),*) => {$(
        impl From<$Number> for Gain {
            fn from(gain: $Number) -> Self {
                Self { value: f64::from(gain), parameter: "gain" }
            }
        }
    )*};
}

from_number!(f64, f32, i32, u32);

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
