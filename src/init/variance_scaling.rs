//! Variance divided by a fan: the family that Xavier, He and LeCun belong to.

use super::{Gain, InitError, Law, elementwise};
use crate::fan::{Fan, FanIn, FanOut};

/// What truncation at 2 standard deviations leaves of the standard deviation:
/// sqrt(1 - 4 phi(2) / erf(sqrt 2)).
const TRUNCATED_STD_DEV: f64 = 0.879_625_661_034_239_8;

/// The fan that divides the variance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FanMode {
    /// fan_in: keeps the variance of the forward pass.
    FanIn,
    /// fan_out: keeps the variance of the backward pass.
    FanOut,
    /// (fan_in + fan_out) / 2: the compromise of Glorot and Bengio (2010), equation 12.
    FanAvg,
    /// sqrt(fan_in fan_out): the geometric mean, as in JAX.
    FanGeoAvg,
}

/// The distribution that has the variance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form {
    Uniform,
    Normal,
    TruncatedNormal,
}

/// The law of this form with mean 0 and variance gain^2 / fan.
pub(super) fn scaled_law(form: Form, gain: f64, fan: f64) -> Law {
    let std_dev = gain / libm::sqrt(fan);
    match form {
        Form::Uniform => {
            let limit = gain * libm::sqrt(3.0 / fan);
            Law::Uniform { low: -limit, high: limit }
        }
        Form::Normal => Law::Normal { mean: 0.0, std_dev },
        Form::TruncatedNormal => {
            let std_dev = std_dev / TRUNCATED_STD_DEV;
            Law::TruncatedNormal { mean: 0.0, std_dev, low: -2.0 * std_dev, high: 2.0 * std_dev }
        }
    }
}

/// Mean 0 and variance scale / fan, the fan as [`FanMode`] says, in three forms: everything between
/// Xavier (scale 1, [`FanAvg`](FanMode::FanAvg)), He (scale 2, [`FanIn`](FanMode::FanIn)) and LeCun
/// (scale 1, [`FanIn`](FanMode::FanIn)), with the names of Keras and JAX.
///
/// `scale` multiplies the variance, `gain` the standard deviation: scale = gain^2.
/// The uniform form is U(-l, l) with l = sqrt(3 scale / fan); the truncated one is cut at 2 standard
/// deviations of a parent widened by 1 / 0.8796, so that the variance after truncation is the one promised.
///
/// ```
/// use fanin::{Fan, FanMode, Initializer, VarianceScaling};
///
/// let fan = Fan::conv(64, 128, [3, 3]);
/// let init = VarianceScaling::truncated_normal(2.0, FanMode::FanOut, fan);
/// assert!((init.law().variance() - 2.0 / (128.0 * 9.0)).abs() < 1e-15);
/// let mut w = vec![0.0_f32; 128 * 64 * 9];
/// init.seed(1).fill(&mut w);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VarianceScaling {
    form: Form,
    scale: f64,
    mode: FanMode,
    fan: Fan,
}

impl VarianceScaling {
    /// U(-l, l), l = sqrt(3 scale / fan). `scale` is finite and at least 0.
    #[must_use]
    pub const fn uniform(scale: f64, mode: FanMode, fan: Fan) -> Self {
        Self { form: Form::Uniform, scale, mode, fan }
    }

    /// N(0, scale / fan). `scale` is finite and at least 0.
    #[must_use]
    pub const fn normal(scale: f64, mode: FanMode, fan: Fan) -> Self {
        Self { form: Form::Normal, scale, mode, fan }
    }

    /// Normal of variance scale / fan after truncation at 2 standard deviations of its parent.
    /// `scale` is finite and at least 0.
    #[must_use]
    pub const fn truncated_normal(scale: f64, mode: FanMode, fan: Fan) -> Self {
        Self { form: Form::TruncatedNormal, scale, mode, fan }
    }

    /// Sets scale = gain^2.
    #[must_use]
    pub fn gain(self, gain: impl Into<Gain>) -> Self {
        let gain = gain.into().value();
        Self { scale: gain * gain.abs(), ..self } // a negative gain stays one, to be refused
    }

    /// The law of every weight; meaningless where [`check`](Self::check) fails.
    #[must_use]
    pub fn law(&self) -> Law {
        let (fan_in, fan_out) = (self.fan.fan_in() as f64, self.fan.fan_out() as f64);
        let fan = match self.mode {
            FanMode::FanIn => fan_in,
            FanMode::FanOut => fan_out,
            FanMode::FanAvg => 0.5 * (fan_in + fan_out),
            FanMode::FanGeoAvg => libm::sqrt(fan_in * fan_out),
        };
        scaled_law(self.form, libm::sqrt(self.scale), fan)
    }

    /// # Errors
    ///
    /// [`Negative`](InitError::Negative) or [`NotFinite`](InitError::NotFinite) for the scale, and
    /// what [`Fan::check`] says of the fans that the mode uses.
    pub fn check(&self) -> Result<(), InitError> {
        super::non_negative("scale", self.scale)?;
        if self.mode != FanMode::FanOut {
            FanIn::from(self.fan).check()?;
        }
        if self.mode != FanMode::FanIn {
            FanOut::from(self.fan).check()?;
        }
        self.law().check()
    }
}

elementwise!(VarianceScaling);
