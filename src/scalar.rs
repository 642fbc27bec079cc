//! What a weight is made of.

use core::fmt::{Debug, Display};

use num_traits::Float;

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// A floating-point type that weights are made of: `f32` or `f64`.
///
/// Parameters of every law are `f64` whatever the scalar; [`from_f64`](Scalar::from_f64) rounds
/// once, at the end. The trait is sealed: each scalar has its own kernels in `stream`.
///
/// ```
/// use fanin::Scalar;
///
/// assert_eq!(f32::from_f64(0.1), 0.1_f32);
/// assert_eq!(0.5_f32.to_f64(), 0.5);
/// assert_eq!(f32::NAME, "f32");
/// ```
pub trait Scalar: Float + Default + Debug + Display + Send + Sync + 'static + sealed::Sealed {
    /// The type's name, as error messages say it.
    const NAME: &'static str;

    /// The nearest scalar (ties to even); beyond the range of the type, an infinity.
    fn from_f64(value: f64) -> Self;

    /// The same number as an `f64`; exact.
    fn to_f64(self) -> f64;
}

impl Scalar for f32 {
    const NAME: &'static str = "f32";

    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        value as f32
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}

impl Scalar for f64 {
    const NAME: &'static str = "f64";

    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }
}
