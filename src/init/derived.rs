//! Initializers whose distribution is worked out from numbers that users gave: the one mechanism behind the schemes of papers.

use super::{InitError, Law, in_range};

/// Public initializers of these fields, each of which has a method `checked` of its own: the distribution, or the first thing that is
/// wrong with the fields. What is read back by serde passes `check`.
macro_rules! derived {
    ($(#[$doc:meta])* $Name:ident { $($field:ident: $Type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize))]
        pub struct $Name {
            $($field: $Type,)*
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $Name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // Of the same name, which some formats write.
                #[derive(serde::Deserialize)]
                #[serde(deny_unknown_fields)]
                struct $Name {
                    $($field: $Type,)*
                }
                let written = $Name::deserialize(deserializer)?;
                let checked = Self { $($field: written.$field,)* };
                checked.check().map_err(serde::de::Error::custom)?;
                Ok(checked)
            }
        }

        impl $Name {
            /// The distribution of every weight; meaningless where [`check`](Self::check) fails.
            #[must_use]
            pub fn law(&self) -> $crate::init::Law {
                self.checked().unwrap_or($crate::init::Law::Constant { value: f64::NAN })
            }

            /// Says early what filling would refuse, whatever the scalar.
            ///
            /// # Errors
            ///
            /// A fan of 0, one that cannot be computed or that is not given; a count of 0 or another number out of its range, a factor
            /// that is negative, NaN or infinite.
            pub fn check(&self) -> Result<(), $crate::error::InitError> {
                self.checked()?.check()
            }
        }

        $crate::init::elementwise!($Name);
    };
}
pub(super) use derived;

/// A number of things, at least 1.
pub(super) fn count(parameter: &'static str, value: usize) -> Result<f64, InitError> {
    in_range(parameter, value as f64, value > 0, AT_LEAST_ONE).map(|()| value as f64)
}

pub(super) const AT_LEAST_ONE: &str = "at least 1";

/// U(-limit, limit).
pub(super) fn symmetric(limit: f64) -> Law {
    Law::Uniform { low: -limit, high: limit }
}

/// N(0, std_dev^2).
pub(super) fn normal(std_dev: f64) -> Law {
    Law::Normal { mean: 0.0, std_dev }
}
