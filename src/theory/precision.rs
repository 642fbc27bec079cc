//! `Precision`: how small and how large a number a floating-point format can hold.

use core::fmt;

use crate::scalar::Scalar;

/// The range of a floating-point format.
///
/// ```
/// use fanin::theory::{Magnitude, Precision};
///
/// assert_eq!(Precision::F16.magnitude(1e-3), Magnitude::Normal);
/// assert_eq!(Precision::F16.magnitude(1e-5), Magnitude::Subnormal);
/// assert_eq!(Precision::F16.magnitude(1e-8), Magnitude::Zero);
/// assert_eq!(Precision::F16.magnitude(1e5), Magnitude::Overflow);
/// assert_eq!(Precision::from_scalar::<f32>(), Precision::F32);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Precision {
    name: &'static str,
    smallest: f64,
    smallest_normal: f64,
    largest: f64,
}

/// What becomes of values of some root mean square in a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Magnitude {
    /// They are rounded to 0: below half the smallest number.
    Zero,
    /// They lose digits: below the smallest normal number.
    Subnormal,
    /// They keep their digits.
    Normal,
    /// They become infinite: above the largest number. So does what is not a number.
    Overflow,
}

/// In words: `is rounded to 0`.
impl fmt::Display for Magnitude {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zero => "is rounded to 0",
            Self::Subnormal => "loses digits",
            Self::Normal => "keeps its digits",
            Self::Overflow => "overflows",
        })
    }
}

impl Precision {
    /// IEEE half precision: 2^-24, 2^-14, 65,504.
    pub const F16: Self = Self {
        name: "f16",
        smallest: 1.0 / 16_777_216.0,
        smallest_normal: 1.0 / 16_384.0,
        largest: 65_504.0,
    };
    /// The upper half of an `f32`: 2^-133, 2^-126, 3.39e38.
    pub const BF16: Self = Self {
        name: "bf16",
        smallest: f32::MIN_POSITIVE as f64 / 128.0,
        smallest_normal: f32::MIN_POSITIVE as f64,
        largest: 3.389_531_389_251_535_5e38,
    };
    /// IEEE single precision: 2^-149, 2^-126, 3.40e38.
    pub const F32: Self = Self {
        name: "f32",
        smallest: f32::MIN_POSITIVE as f64 / 8_388_608.0,
        smallest_normal: f32::MIN_POSITIVE as f64,
        largest: f32::MAX as f64,
    };
    /// IEEE double precision: 2^-1074, 2^-1022, 1.80e308.
    pub const F64: Self =
        Self { name: "f64", smallest: 5e-324, smallest_normal: f64::MIN_POSITIVE, largest: f64::MAX };

    /// That of a scalar.
    #[must_use]
    pub fn from_scalar<T: Scalar>() -> Self {
        let smallest_normal = T::min_positive_value().to_f64();
        let smallest = smallest_normal * T::epsilon().to_f64();
        Self { name: T::NAME, smallest, smallest_normal, largest: T::max_value().to_f64() }
    }

    /// `"f32"` and so on.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What becomes of values of this root mean square.
    #[must_use]
    pub fn magnitude(&self, root_mean_square: f64) -> Magnitude {
        match root_mean_square.abs() {
            rms if rms <= 0.5 * self.smallest => Magnitude::Zero,
            rms if rms < self.smallest_normal => Magnitude::Subnormal,
            rms if rms <= self.largest => Magnitude::Normal,
            _ => Magnitude::Overflow,
        }
    }
}
