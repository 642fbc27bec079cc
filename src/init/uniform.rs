//! The uniform distribution.

use super::{InitError, Law, elementwise};

/// Uniform on [low, high]: mean (low + high) / 2, variance (high - low)^2 / 12.
///
/// A value is (low + high) / 2 + (high - low) x with x of 32 (`f32`) or 53 (`f64`) random bits in
/// [-1/2, 1/2]. Rounding may make it `high`: that of U(0, 1) is 1 with a probability of 4.5e-8 in `f32`, 2^-12
/// in `f16`, 2^-9 in `bf16`. No value lies beyond the ends as the scalar rounds them.
///
/// ```
/// use fanin::prelude::*;
///
/// let mut w = [0.0_f32; 100];
/// Uniform::new(-0.1, 0.1).seed(1).fill(&mut w);
/// assert!(w.iter().all(|w| (-0.1..=0.1).contains(w)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "super::serialized::Uniform", into = "super::serialized::Uniform")
)]
pub struct Uniform {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Uniform {
    /// Uniform on [low, high], both finite and in order; equal ends give a constant.
    #[must_use]
    pub const fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }

    /// [`Law::Uniform`].
    #[must_use]
    pub const fn law(&self) -> Law {
        Law::Uniform { low: self.low, high: self.high }
    }

    /// Says early what filling would refuse, whatever the scalar.
    ///
    /// # Errors
    ///
    /// [`NotFinite`](InitError::NotFinite) (also where `high - low` overflows),
    /// [`EmptyRange`](InitError::EmptyRange).
    pub fn check(&self) -> Result<(), InitError> {
        self.law().check()
    }
}

elementwise!(Uniform);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_checked() {
        assert_eq!(Uniform::new(-1.0, 1.0).check(), Ok(()));
        assert_eq!(Uniform::new(1.0, 1.0).check(), Ok(()), "a constant");
        assert_eq!(Uniform::new(1.0, -1.0).check(), Err(InitError::EmptyRange { low: 1.0, high: -1.0 }));
        for (low, high, parameter) in
            [(f64::NAN, 1.0, "low"), (0.0, f64::INFINITY, "high"), (-1e308, 1e308, "high - low")]
        {
            let error = Uniform::new(low, high).check().unwrap_err();
            assert!(
                matches!(error, InitError::NotFinite { parameter: p, .. } if p == parameter),
                "{error:?}"
            );
        }
    }
}
