//! Xavier (Glorot) initialisation.

use super::variance_scaling::{Form, scaled_law};
use super::{Gain, InitError, Law, elementwise};
use crate::fan::{FanIn, FanOut};

/// Var = gain^2 * 2 / (fan_in + fan_out), mean 0: keeps the variance of activations and of gradients
/// as far as both can be kept. For tanh and other activations that are the identity near 0.
///
/// Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks"
/// (2010), equations 12 (the variance) and 16 (its uniform form, U(-l, l) with l = sqrt(6 / (fan_in + fan_out))).
/// Under ReLU each layer halves what comes back through it: use [`He`](super::He).
///
/// ```
/// use fanin::{Activation, Fan, Initializer, Xavier};
///
/// let mut w = [[0.0_f64; 256]; 10];
/// Xavier::uniform(256, 10).gain(Activation::Tanh).seed(7).try_fill(&mut w)?;
///
/// // A `Fan` serves as either side.
/// let fan = Fan::conv(64, 128, [3, 3]);
/// assert_eq!(Xavier::normal(fan, fan), Xavier::normal(64 * 9, 128 * 9));
/// # Ok::<(), fanin::InitError>(())
/// ```
#[doc(alias("glorot", "Glorot"))]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Xavier {
    form: Form,
    fan_in: FanIn,
    fan_out: FanOut,
    gain: Gain,
}

impl Xavier {
    fn new(form: Form, fan_in: impl Into<FanIn>, fan_out: impl Into<FanOut>) -> Self {
        Self { form, fan_in: fan_in.into(), fan_out: fan_out.into(), gain: Gain::from(1.0) }
    }

    /// U(-l, l), l = gain sqrt(6 / (fan_in + fan_out)).
    #[must_use]
    pub fn uniform(fan_in: impl Into<FanIn>, fan_out: impl Into<FanOut>) -> Self {
        Self::new(Form::Uniform, fan_in, fan_out)
    }

    /// N(0, gain^2 * 2 / (fan_in + fan_out)).
    #[must_use]
    pub fn normal(fan_in: impl Into<FanIn>, fan_out: impl Into<FanOut>) -> Self {
        Self::new(Form::Normal, fan_in, fan_out)
    }

    /// Normal of the same variance after truncation at 2 standard deviations of its parent.
    #[must_use]
    pub fn truncated_normal(fan_in: impl Into<FanIn>, fan_out: impl Into<FanOut>) -> Self {
        Self::new(Form::TruncatedNormal, fan_in, fan_out)
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
        let fans = self.fan_in.value() as f64 + self.fan_out.value() as f64;
        scaled_law(self.form, self.gain.value(), 0.5 * fans)
    }

    /// # Errors
    ///
    /// A fan of 0 or one that cannot be computed; a gain that is negative, NaN or infinite.
    pub fn check(&self) -> Result<(), InitError> {
        self.fan_in.check()?;
        self.fan_out.check()?;
        self.gain.check()?;
        self.law().check()
    }
}

elementwise!(Xavier);
