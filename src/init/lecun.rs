//! LeCun initialisation.

use super::variance_scaling::{Form, scaled_law};
use super::{Gain, InitError, Law, elementwise};
use crate::fan::FanIn;

/// Var = gain^2 / fan_in, mean 0: unit variance of every pre-activation. With SELU it makes a
/// self-normalising network (Klambauer et al. 2017, gain 1).
///
/// LeCun, Bottou, Orr and Müller, "Efficient backprop" (1998), equation 16.
///
/// ```
/// use fanin::{Initializer, LeCun};
///
/// let mut w = [0.0_f32; 64];
/// LeCun::normal(16).seed(3).fill(&mut w);
/// assert_eq!(LeCun::normal(16).law().std_dev(), 0.25);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeCun {
    form: Form,
    fan_in: FanIn,
    gain: Gain,
}

impl LeCun {
    fn new(form: Form, fan_in: impl Into<FanIn>) -> Self {
        Self { form, fan_in: fan_in.into(), gain: Gain::from(1.0) }
    }

    /// U(-l, l), l = gain sqrt(3 / fan_in).
    #[must_use]
    pub fn uniform<F: Into<FanIn>>(fan_in: F) -> Self {
        Self::new(Form::Uniform, fan_in)
    }

    /// N(0, gain^2 / fan_in).
    #[must_use]
    pub fn normal<F: Into<FanIn>>(fan_in: F) -> Self {
        Self::new(Form::Normal, fan_in)
    }

    /// Normal of the same variance after truncation at 2 standard deviations of its parent.
    #[must_use]
    pub fn truncated_normal<F: Into<FanIn>>(fan_in: F) -> Self {
        Self::new(Form::TruncatedNormal, fan_in)
    }

    /// The factor on the standard deviation, 1 unless given: a number of at least 0 or an
    /// [`Activation`](crate::Activation).
    #[must_use]
    pub fn gain(self, gain: impl Into<Gain>) -> Self {
        Self { gain: gain.into(), ..self }
    }

    /// The law of every weight; meaningless where [`check`](Self::check) fails.
    #[must_use]
    pub fn law(&self) -> Law {
        scaled_law(self.form, self.gain.value(), self.fan_in.value() as f64)
    }

    /// # Errors
    ///
    /// A fan of 0 or one that cannot be computed; a gain that is negative, NaN or infinite.
    pub fn check(&self) -> Result<(), InitError> {
        self.fan_in.check()?;
        self.gain.check()?;
        self.law().check()
    }
}

elementwise!(LeCun);
