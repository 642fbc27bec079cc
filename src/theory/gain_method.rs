//! The gain for an activation, by the method of choice.

use alloc::string::ToString;
use core::fmt;

use super::TheoryError;
use crate::activation::Activation;
use crate::scalar::sqrt;

/// What a gain is to achieve. The weights have variance gain^2 / fan_in, the pre-activations
/// that it is worked out for are N(0, 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GainMethod {
    /// 1 / sqrt(E phi^2): q = E z^2 = 1 is a fixed point of the length map, so activations keep
    /// their size, if the point is stable (for GELU, SiLU and Mish it is not: q runs away from 1).
    /// The gradient's mean square changes by E phi'^2 / E phi^2 a layer: tanh 1.178, GELU 1.072.
    Forward,
    /// 1 / sqrt(E phi'^2): gradients that pass pre-activations of variance 1 keep their mean square.
    /// But q does not stay at 1, and where it goes the gradient is kept no longer: tanh nets
    /// settle at q = 0.725 and their gradient grows by 1.126 a layer; GELU nets fall to q = 0,
    /// where it shrinks by 0.548.
    Backward,
    /// The geometric mean of both, between them in all it does: tanh nets settle at q = 0.856, their
    /// gradient grows by 1.151 a layer. The counterpart for activations of what [Glorot & Bengio 2010](https://proceedings.mlr.press/v9/glorot10a.html)
    /// (eq. 12) do for fans.
    GeometricMean,
    /// PyTorch's `calculate_gain`: identity 1, sigmoid 1, tanh 5/3, ReLU sqrt 2, leaky ReLU (and
    /// PReLU) sqrt(2 / (1 + a^2)), SELU 3/4. For code that must match PyTorch. tanh: the gradient
    /// grows by 1.210 a layer. SELU: it grows by 1.004, but activations are small, q = 0.023.
    /// Sigmoid: it shrinks by 0.056.
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
        GainMethod::GeometricMean => Ok(sqrt(forward()? * backward()?)),
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
    fn what_each_method_does_to_the_chain() {
        use super::super::MeanField;
        use GainMethod::{Backward, Forward, GeometricMean, PyTorch};
        for (activation, method, q, chi) in [
            (Activation::Tanh, Forward, 1.0, 1.178),
            (Activation::Tanh, Backward, 0.725, 1.126),
            (Activation::Tanh, GeometricMean, 0.856, 1.151),
            (Activation::Tanh, PyTorch, 1.178, 1.210),
            (Activation::Gelu, Forward, 1.0, 1.072),
            (Activation::Gelu, Backward, 0.0, 0.548),
            (Activation::Selu, PyTorch, 0.023, 1.004),
            (Activation::Sigmoid, PyTorch, 0.265, 0.056),
        ] {
            let gain = gain_for(&activation, method).unwrap();
            let point = MeanField::new(activation.clone(), gain * gain, 0.0).unwrap().fixed_point().unwrap();
            // The docs' three decimals.
            assert!((point.q - q).abs() <= 5e-4 && (point.chi - chi).abs() <= 5e-4, "{activation} {method}");
        }
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
