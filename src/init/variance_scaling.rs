//! Variance scaling: a variance divided by a fan, the one mechanism behind Xavier, He and LeCun.

use super::{Gain, InitError, Law};
use crate::fan::Fan;
use crate::scalar::sqrt;

/// What truncation at 2 standard deviations leaves of the standard deviation:
/// sqrt(1 - 4 phi(2) / erf(sqrt 2)).
const TRUNCATED_STD_DEV: f64 = 0.879_625_661_034_239_8;

/// The fan that divides the variance.
///
/// `FanOut` is PyTorch's `kaiming_normal_(mode="fan_out")`, the usual start of a convolution that is followed by ReLU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum FanMode {
    /// fan_in: keeps the variance of the forward pass.
    FanIn,
    /// fan_out: keeps the variance of the backward pass.
    FanOut,
    /// (fan_in + fan_out) / 2: the compromise of [Glorot and Bengio (2010)](https://proceedings.mlr.press/v9/glorot10a.html), equation 12.
    FanAvg,
    /// sqrt(fan_in fan_out): the geometric mean, as in JAX.
    FanGeoAvg,
}

impl FanMode {
    /// The number that divides the variance.
    pub(super) fn of(self, fan: &Fan) -> Result<f64, InitError> {
        let fan_in = || fan.checked_fan_in().map(|fan| fan as f64);
        let fan_out = || fan.checked_fan_out().map(|fan| fan as f64);
        Ok(match self {
            Self::FanIn => fan_in()?,
            Self::FanOut => fan_out()?,
            Self::FanAvg => 0.5 * (fan_in()? + fan_out()?),
            Self::FanGeoAvg => sqrt(fan_in()? * fan_out()?),
        })
    }
}

/// The distribution that has the variance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub(super) enum Form {
    Uniform,
    Normal,
    TruncatedNormal,
}

/// Mean 0 and variance gain^2 / fan, the fan by mode, in one of three forms.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "super::serialized::Scaled", into = "super::serialized::Scaled")
)]
pub(super) struct Scaled {
    pub(super) form: Form,
    pub(super) gain: Gain,
    pub(super) mode: FanMode,
    pub(super) fan: Fan,
}

impl Scaled {
    pub(super) fn law(&self) -> Law {
        let (gain, fan) = (self.gain.value(), self.mode.of(&self.fan).unwrap_or(0.0));
        let std_dev = gain / sqrt(fan);
        match self.form {
            Form::Uniform => {
                let limit = gain * sqrt(3.0 / fan);
                Law::Uniform { low: -limit, high: limit }
            }
            Form::Normal => Law::Normal { mean: 0.0, std_dev },
            Form::TruncatedNormal => {
                let std_dev = std_dev / TRUNCATED_STD_DEV;
                Law::TruncatedNormal { mean: 0.0, std_dev, low: -2.0 * std_dev, high: 2.0 * std_dev }
            }
        }
    }

    pub(super) fn check(&self) -> Result<(), InitError> {
        self.mode.of(&self.fan)?;
        self.gain.check()?;
        self.law().check()
    }
}

/// What every name on the mechanism has.
macro_rules! scaled {
    ($Name:ident) => {
        impl $Name {
            /// The factor on the standard deviation: Var = gain^2 / fan. A number of at least 0 or an
            /// [`Activation`](crate::Activation), of which it takes the recommended gain.
            #[must_use]
            pub fn gain(self, gain: impl Into<$crate::init::Gain>) -> Self {
                Self($crate::init::variance_scaling::Scaled { gain: gain.into(), ..self.0 })
            }

            /// The distribution of every weight; meaningless where [`check`](Self::check) fails.
            #[must_use]
            pub fn law(&self) -> $crate::init::Law {
                self.0.law()
            }

            /// Says early what filling would refuse, whatever the scalar.
            ///
            /// # Errors
            ///
            /// A fan of 0, one that cannot be computed or that is not given; a gain that is negative, NaN or
            /// infinite.
            pub fn check(&self) -> Result<(), $crate::error::InitError> {
                self.0.check()
            }
        }

        $crate::init::elementwise!($Name);
    };
}
pub(super) use scaled;

/// A name whose gain and mode are known: three constructors that take a fan.
macro_rules! named {
    ($(#[$doc:meta])* $Name:ident(gain: $gain:expr, mode: $mode:ident) {
        $($(#[$form_doc:meta])* $form:ident: $Form:ident,)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
        pub struct $Name($crate::init::variance_scaling::Scaled);

        impl $Name {
            $(
                $(#[$form_doc])*
                #[must_use]
                pub fn $form(fan: impl Into<$crate::fan::Fan>) -> Self {
                    Self($crate::init::variance_scaling::Scaled {
                        form: $crate::init::variance_scaling::Form::$Form,
                        gain: $crate::init::Gain::from($gain),
                        mode: $crate::init::FanMode::$mode,
                        fan: fan.into(),
                    })
                }
            )*
        }

        $crate::init::variance_scaling::scaled!($Name);
    };
}
pub(super) use named;

/// The choice of the fan, for names that leave it open.
macro_rules! with_mode {
    ($Name:ident) => {
        impl $Name {
            /// The fan that divides the variance, `fan_in` unless given:
            /// [`FanMode::FanOut`](crate::FanMode::FanOut) keeps the variance of the backward pass.
            #[must_use]
            pub fn mode(self, mode: $crate::init::FanMode) -> Self {
                Self($crate::init::variance_scaling::Scaled { mode, ..self.0 })
            }
        }
    };
}
pub(super) use with_mode;

/// Mean 0 and variance scale / fan, the fan as [`FanMode`] says, in three forms: everything between
/// Xavier (scale 1, [`FanAvg`](FanMode::FanAvg)), He (scale 2, [`FanIn`](FanMode::FanIn)) and LeCun
/// (scale 1, [`FanIn`](FanMode::FanIn)), with the names of Keras and JAX.
///
/// `scale` multiplies the variance, `gain` the standard deviation: scale = gain^2.
/// The uniform form is U(-l, l) with l = sqrt(3 scale / fan); the truncated one is cut at 2 standard
/// deviations of a parent widened by 1 / 0.8796, so that the variance after truncation is the one promised.
///
/// ```
/// use fanin::prelude::*;
///
/// let fan = Fan::conv(64, 128, [3, 3]);
/// let init = VarianceScaling::truncated_normal(2.0, FanMode::FanOut, fan);
/// assert!((init.law().variance() - 2.0 / (128.0 * 9.0)).abs() < 1e-15);
/// let mut w = vec![0.0_f32; 128 * 64 * 9];
/// init.seed(1).fill(&mut w);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct VarianceScaling(Scaled);

impl VarianceScaling {
    /// U(-l, l), l = sqrt(3 scale / fan). `scale` is finite and at least 0.
    #[must_use]
    pub fn uniform(scale: f64, mode: FanMode, fan: impl Into<Fan>) -> Self {
        Self::new(Form::Uniform, scale, mode, fan.into())
    }

    /// N(0, scale / fan). `scale` is finite and at least 0.
    #[must_use]
    pub fn normal(scale: f64, mode: FanMode, fan: impl Into<Fan>) -> Self {
        Self::new(Form::Normal, scale, mode, fan.into())
    }

    /// Normal of variance scale / fan after truncation at 2 standard deviations of its parent.
    /// `scale` is finite and at least 0.
    #[must_use]
    pub fn truncated_normal(scale: f64, mode: FanMode, fan: impl Into<Fan>) -> Self {
        Self::new(Form::TruncatedNormal, scale, mode, fan.into())
    }

    fn new(form: Form, scale: f64, mode: FanMode, fan: Fan) -> Self {
        Self(Scaled { form, gain: Gain::from_scale(scale), mode, fan })
    }
}

scaled!(VarianceScaling);

#[cfg(test)]
mod tests {
    use super::*;

    /// Each mode asks for the fans that it divides by, and for no other; the numbers by hand.
    #[test]
    fn each_mode_checks_its_fans() {
        use FanMode::{FanAvg, FanGeoAvg, FanIn, FanOut};
        let check = |mode, fan: Fan| VarianceScaling::normal(1.0, mode, fan).check();
        for (mode, divisor) in [(FanIn, 4.0), (FanOut, 9.0), (FanAvg, 6.5), (FanGeoAvg, 6.0)] {
            let law = VarianceScaling::normal(1.0, mode, (4, 9)).law();
            assert!((1.0 / law.variance() - divisor).abs() < 1e-12, "{mode:?}: {law}");
            assert_eq!(check(mode, Fan::dense(4, 9)), Ok(()));
            let missing = if mode == FanIn { Ok(()) } else { Err(InitError::MissingFan { side: "fan_out" }) };
            assert_eq!(check(mode, Fan::from(4)), missing, "{mode:?}");
            let zero = if mode == FanIn { Ok(()) } else { Err(InitError::ZeroFan { side: "fan_out" }) };
            assert_eq!(check(mode, Fan::dense(4, 0)), zero, "{mode:?}");
            let zero = if mode == FanOut { Ok(()) } else { Err(InitError::ZeroFan { side: "fan_in" }) };
            assert_eq!(check(mode, Fan::dense(0, 9)), zero, "{mode:?}");
        }
    }
}
