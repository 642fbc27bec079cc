//! The written form of distributions and initializers. What is read back passes the checks of filling.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::variance_scaling::{self, Form};
use super::{FanMode, Gain, InitError};
use crate::fan::Fan;

/// A form that is written as it stands and read back through `check`.
macro_rules! serialized {
    ($($Name:ident { $($field:ident: $Type:ty),* })*) => {$(
        #[derive(Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $Name {
            $($field: $Type),*
        }

        impl From<super::$Name> for $Name {
            fn from(super::$Name { $($field),* }: super::$Name) -> Self {
                Self { $($field),* }
            }
        }

        impl TryFrom<$Name> for super::$Name {
            type Error = InitError;

            fn try_from($Name { $($field),* }: $Name) -> Result<Self, InitError> {
                let checked = Self { $($field),* };
                checked.check().map(|()| checked)
            }
        }
    )*};
}

serialized! {
    Constant { value: f64 }
    Identity { rows: usize, cols: usize, gain: Gain }
    LogUniform { low: f64, high: f64 }
    Normal { mean: f64, std_dev: f64 }
    Sparse { rows: usize, cols: usize, sparsity: f64, std_dev: f64 }
    Uniform { low: f64, high: f64 }
}

/// A truncation bound: a number, or `"inf"` and `"-inf"`, which JSON has no numbers for.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Bound {
    Number(f64),
    Text(String),
}

impl From<f64> for Bound {
    fn from(bound: f64) -> Self {
        if bound.is_finite() { Self::Number(bound) } else { Self::Text(alloc::format!("{bound}")) }
    }
}

impl Bound {
    /// NaN, which every check refuses, for a text that is no number.
    fn value(self) -> f64 {
        match self {
            Self::Number(bound) => bound,
            Self::Text(text) => text.parse().unwrap_or(f64::NAN),
        }
    }
}

/// Bounds that are left out are those of [`TruncatedNormal::new`](super::TruncatedNormal::new).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TruncatedNormal {
    mean: f64,
    std_dev: f64,
    low: Option<Bound>,
    high: Option<Bound>,
}

impl From<super::TruncatedNormal> for TruncatedNormal {
    fn from(super::TruncatedNormal { mean, std_dev, low, high }: super::TruncatedNormal) -> Self {
        Self { mean, std_dev, low: Some(low.into()), high: Some(high.into()) }
    }
}

impl TryFrom<TruncatedNormal> for super::TruncatedNormal {
    type Error = InitError;

    fn try_from(TruncatedNormal { mean, std_dev, low, high }: TruncatedNormal) -> Result<Self, InitError> {
        let default = Self::new(mean, std_dev);
        let low = low.map_or(default.low, Bound::value);
        let high = high.map_or(default.high, Bound::value);
        let checked = default.bounds(low, high);
        checked.check().map(|()| checked)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Law {
    Constant { value: f64 },
    Uniform { low: f64, high: f64 },
    Normal { mean: f64, std_dev: f64 },
    TruncatedNormal { mean: f64, std_dev: f64, low: Bound, high: Bound },
    LogUniform { low: f64, high: f64 },
    InverseSoftplusLogUniform { low: f64, high: f64 },
}

impl From<super::Law> for Law {
    fn from(law: super::Law) -> Self {
        match law {
            super::Law::Constant { value } => Self::Constant { value },
            super::Law::Uniform { low, high } => Self::Uniform { low, high },
            super::Law::Normal { mean, std_dev } => Self::Normal { mean, std_dev },
            super::Law::TruncatedNormal { mean, std_dev, low, high } => {
                Self::TruncatedNormal { mean, std_dev, low: low.into(), high: high.into() }
            }
            super::Law::LogUniform { low, high } => Self::LogUniform { low, high },
            super::Law::InverseSoftplusLogUniform { low, high } => {
                Self::InverseSoftplusLogUniform { low, high }
            }
        }
    }
}

impl TryFrom<Law> for super::Law {
    type Error = InitError;

    fn try_from(law: Law) -> Result<Self, InitError> {
        let law = match law {
            Law::Constant { value } => Self::Constant { value },
            Law::Uniform { low, high } => Self::Uniform { low, high },
            Law::Normal { mean, std_dev } => Self::Normal { mean, std_dev },
            Law::TruncatedNormal { mean, std_dev, low, high } => {
                Self::TruncatedNormal { mean, std_dev, low: low.value(), high: high.value() }
            }
            Law::LogUniform { low, high } => Self::LogUniform { low, high },
            Law::InverseSoftplusLogUniform { low, high } => Self::InverseSoftplusLogUniform { low, high },
        };
        law.check().map(|()| law)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scaled {
    distribution: Form,
    gain: Gain,
    mode: FanMode,
    fan: Fan,
}

impl From<variance_scaling::Scaled> for Scaled {
    fn from(scaled: variance_scaling::Scaled) -> Self {
        let variance_scaling::Scaled { form, gain, mode, fan } = scaled;
        Self { distribution: form, gain, mode, fan }
    }
}

impl TryFrom<Scaled> for variance_scaling::Scaled {
    type Error = InitError;

    fn try_from(Scaled { distribution, gain, mode, fan }: Scaled) -> Result<Self, InitError> {
        let scaled = Self { form: distribution, gain, mode, fan };
        scaled.check().map(|()| scaled)
    }
}
