//! He (Kaiming) initialisation.

use core::f64::consts::SQRT_2;

use super::variance_scaling::{Form, scaled_law};
use super::{Gain, InitError, Law, elementwise};
use crate::fan::FanIn;

/// Var = 2 / ((1 + a^2) fan_in), mean 0, a the negative slope of a leaky ReLU (0 for ReLU): keeps the
/// variance of the forward pass through layers of ReLUs, which halve it.
///
/// He, Zhang, Ren and Sun, "Delving deep into rectifiers" (2015), equations 10 and 15. Give it the
/// `fan_out` to keep the variance of the backward pass instead (equation 14); for equal widths it is the same.
///
/// ```
/// use fanin::{Fan, He, Initializer};
///
/// let mut w = vec![0.0_f32; 256 * 784];
/// He::normal(784).fill(&mut w); // new weights each run
/// He::normal(784).seed(42).fill(&mut w); // these bits, always
///
/// assert!((He::normal(784).law().variance() - 2.0 / 784.0).abs() < 1e-17);
/// assert!((He::uniform(784).negative_slope(0.2).law().variance() - 2.0 / 1.04 / 784.0).abs() < 1e-17);
/// assert_eq!(He::normal(Fan::conv(64, 128, [3, 3])), He::normal(64 * 9));
/// ```
#[doc(alias("kaiming", "Kaiming", "msra"))]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct He {
    form: Form,
    fan_in: FanIn,
    gain: Gain,
}

impl He {
    fn new(form: Form, fan_in: impl Into<FanIn>) -> Self {
        Self { form, fan_in: fan_in.into(), gain: Gain::from(SQRT_2) }
    }

    /// U(-l, l), l = sqrt(6 / ((1 + a^2) fan_in)).
    #[must_use]
    pub fn uniform<F: Into<FanIn>>(fan_in: F) -> Self {
        Self::new(Form::Uniform, fan_in)
    }

    /// N(0, 2 / ((1 + a^2) fan_in)).
    #[must_use]
    pub fn normal<F: Into<FanIn>>(fan_in: F) -> Self {
        Self::new(Form::Normal, fan_in)
    }

    /// Normal of the same variance after truncation at 2 standard deviations of its parent.
    #[must_use]
    pub fn truncated_normal<F: Into<FanIn>>(fan_in: F) -> Self {
        Self::new(Form::TruncatedNormal, fan_in)
    }

    /// For a leaky ReLU of this negative slope (finite): gain sqrt(2 / (1 + a^2)).
    #[must_use]
    pub fn negative_slope(self, negative_slope: f64) -> Self {
        Self { gain: Gain::of_negative_slope(negative_slope), ..self }
    }

    /// The factor on the standard deviation in place of sqrt 2: Var = gain^2 / fan_in.
    /// A number of at least 0 or an [`Activation`](crate::Activation).
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

elementwise!(He);
