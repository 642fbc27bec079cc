//! Gains by method.

use alloc::string::ToString;
use core::fmt;

use super::TheoryError;
use crate::activation::Activation;

/// What a gain is to achieve. The weights have variance gain^2 / fan_in, the pre-activations
/// that it is worked out for are N(0, 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GainMethod {
    /// 1 / sqrt(E phi^2): q = E z^2 = 1 is a fixed point of the length map, so activations keep
    /// their size, if the point is stable (for GELU, SiLU and Mish it is not: q runs away from 1).
    /// The gradient's mean square changes by E phi'^2 / E phi^2 a layer: tanh 1.18, GELU 1.07.
    Forward,
    /// 1 / sqrt(E phi'^2): gradients that pass pre-activations of variance 1 keep their mean square.
    /// Activations do not: q drifts from 1 to wherever the length map takes it, by
    /// E phi^2 / E phi'^2 in the first layer, and there the gradient is kept no longer.
    Backward,
    /// The geometric mean of both: what the one gains on the way up the other loses on the way
    /// back, by sqrt(E phi^2 / E phi'^2), in the first layer. The counterpart for activations of
    /// what Glorot & Bengio 2010 (eq. 12) do for fans.
    GeometricMean,
    /// PyTorch's `calculate_gain`: identity 1, sigmoid 1, tanh 5/3, ReLU sqrt 2, leaky ReLU (and
    /// PReLU) sqrt(2 / (1 + a^2)), SELU 3/4. For code that must match PyTorch: with 5/3 a deep
    /// tanh net's gradient grows by 21 % a layer, with 3/4 a SELU net's shrinks.
    PyTorch,
}

/// The method's name in lower case, as a sentence has it.
impl fmt::Display for GainMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Forward => "forward",
            Self::Backward => "backward",
            Self::GeometricMean => "geometric mean",
            Self::PyTorch => "PyTorch",
        })
    }
}

/// The gain for an activation by the method of choice.
///
/// # Errors
/// [`TheoryError::NoExpectation`] where E phi^2 or E phi'^2 is not finite,
/// [`TheoryError::NoGain`] where it is 0, [`TheoryError::NotInPyTorch`].
///
/// ```
/// use fanin::Activation;
/// use fanin::theory::{GainMethod, gain_for};
///
/// assert_eq!(gain_for(&Activation::Tanh, GainMethod::Forward)?, 1.5925374197228315);
/// assert_eq!(gain_for(&Activation::Tanh, GainMethod::PyTorch)?, 5.0 / 3.0);
/// assert!(gain_for(&Activation::Gelu, GainMethod::PyTorch).is_err());
/// # Ok::<(), fanin::theory::TheoryError>(())
/// ```
pub fn gain_for(activation: &Activation, method: GainMethod) -> Result<f64, TheoryError> {
    let forward = || checked(activation, activation.forward_gain(), "E phi^2", Activation::mean_square);
    let backward =
        || checked(activation, activation.backward_gain(), "E phi'^2", Activation::derivative_mean_square);
    match method {
        GainMethod::Forward => forward(),
        GainMethod::Backward => backward(),
        GainMethod::GeometricMean => Ok(libm::sqrt(forward()? * backward()?)),
        GainMethod::PyTorch => match activation {
            Activation::Identity
            | Activation::Relu
            | Activation::LeakyRelu { .. }
            | Activation::Prelu { .. }
            | Activation::Tanh
            | Activation::Sigmoid
            | Activation::Selu => Ok(activation.gain()),
            _ => Err(TheoryError::NotInPyTorch { activation: activation.to_string() }),
        },
    }
}

fn checked(
    activation: &Activation,
    gain: f64,
    what: &'static str,
    expectation: impl Fn(&Activation, f64) -> f64,
) -> Result<f64, TheoryError> {
    if gain.is_finite() && gain > 0.0 {
        Ok(gain)
    } else if expectation(activation, 1.0) == 0.0 {
        Err(TheoryError::NoGain { activation: activation.to_string(), what })
    } else {
        Err(TheoryError::NoExpectation { activation: activation.to_string(), what, q: 1.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn geometric_mean_lies_between() {
        let gain = |method| gain_for(&Activation::Tanh, method).unwrap();
        let (forward, backward) = (gain(GainMethod::Forward), gain(GainMethod::Backward));
        let mean = gain(GainMethod::GeometricMean);
        assert!((mean * mean - forward * backward).abs() < 1e-15);
        assert!(backward < mean && mean < forward);
    }

    #[test]
    fn no_gain_is_said_plainly() {
        let custom = |phi: fn(f64) -> f64| Activation::custom("wrong", phi, phi);
        let gain = |phi| gain_for(&custom(phi), GainMethod::GeometricMean).unwrap_err();
        assert_eq!(gain(|_| 0.0), TheoryError::NoGain { activation: "wrong".into(), what: "E phi^2" });
        for phi in [(|_| f64::NAN) as fn(f64) -> f64, |z| libm::exp(z * z)] {
            let expected = TheoryError::NoExpectation { activation: "wrong".into(), what: "E phi^2", q: 1.0 };
            assert_eq!(gain(phi), expected);
        }
    }
}
