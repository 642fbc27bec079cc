//! Gain: the factor on the standard deviation that makes up for the activation.

use super::{InitError, non_negative};
use crate::activation::Activation;
use crate::scalar::sqrt;

/// The factor on the standard deviation that makes up for the activation: a number, or an
/// [`Activation`], of which it takes the [recommended gain](Activation::gain); or a [`DepthScaling`](super::DepthScaling), which makes up for the depth.
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
    /// What the value should have been, if it is no gain but the number that none can be worked out from.
    expected: Option<&'static str>,
}

impl Gain {
    pub(super) const ONE: Self = Self { value: 1.0, parameter: "gain", expected: None };

    /// In place of a gain, the parameter that is out of its range.
    pub(super) const fn out_of_range(parameter: &'static str, value: f64, expected: &'static str) -> Self {
        Self { value, parameter, expected: Some(expected) }
    }

    /// The factor.
    pub(crate) const fn value(self) -> f64 {
        self.value
    }

    /// Finite and at least 0; 0 is legal and gives zeros.
    pub(super) fn check(self) -> Result<(), InitError> {
        match self.expected {
            None => non_negative(self.parameter, self.value),
            Some(expected) => {
                Err(InitError::OutOfRange { parameter: self.parameter, value: self.value, expected })
            }
        }
    }

    /// sqrt(2 / (1 + a^2)), [He et al. 2015](https://arxiv.org/abs/1502.01852), equation 15.
    pub(super) fn from_negative_slope(negative_slope: f64) -> Self {
        if negative_slope.is_finite() {
            Self::from(Activation::LeakyRelu { negative_slope })
        } else {
            Self { value: negative_slope, parameter: "negative_slope", expected: None }
        }
    }

    /// The square root of a factor on the variance.
    pub(super) fn from_scale(scale: f64) -> Self {
        // A scale that will be refused is named as it was given.
        let value = if scale < 0.0 { scale } else { sqrt(scale) };
        Self { value, parameter: "scale", expected: None }
    }
}

impl PartialEq for Gain {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value && self.expected == other.expected
    }
}

macro_rules! from_number {
    ($($Number:ty),*) => {$(
        impl From<$Number> for Gain {
            fn from(gain: $Number) -> Self {
                Self { value: f64::from(gain), parameter: "gain", expected: None }
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

/// As a number; a parameter out of its range as NaN, which no check passes.
#[cfg(feature = "serde")]
impl serde::Serialize for Gain {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(if self.expected.is_some() { f64::NAN } else { self.value })
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Gain {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self::from)
    }
}
