//! What a weight is made of.

use core::fmt::{Debug, Display};

use num_traits::Float;

/// A floating-point type that weights are made of: `f32`, `f64`, and with the feature `half` `f16` and `bf16`.
///
/// Parameters of every law are `f64` whatever the scalar; [`from_f64`](Scalar::from_f64) rounds them
/// once, when a fill begins. The trait is sealed: each scalar has its own kernels in [`stream`](crate::stream).
///
/// ```
/// use fanin::Scalar;
///
/// assert_eq!(f32::from_f64(0.1), 0.1_f32);
/// assert_eq!(0.5_f32.to_f64(), 0.5);
/// assert_eq!(f32::NAME, "f32");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a scalar that weights are made of",
    label = "neither f32 nor f64, nor anything made of them that can be filled",
    note = "f16 and bf16 need the feature `half`, arrays of ndarray the feature `ndarray`"
)]
pub trait Scalar: Float + Default + Debug + Display + Send + Sync + 'static + sealed::Sealed {
    /// The type's name, as error messages say it.
    const NAME: &'static str;

    /// The nearest scalar (ties to even), for the halves that of the nearest `f32`; beyond the range
    /// of the type, an infinity.
    fn from_f64(value: f64) -> Self;

    /// The same number as an `f64`; exact.
    fn to_f64(self) -> f64;
}

/// A slice of a scalar known by name: where generic code meets the kernels of each scalar.
#[derive(Debug)]
pub enum ScalarSliceMut<'a> {
    F32(&'a mut [f32]),
    F64(&'a mut [f64]),
    #[cfg(feature = "half")]
    F16(&'a mut [half::f16]),
    #[cfg(feature = "half")]
    Bf16(&'a mut [half::bf16]),
}

pub(crate) mod sealed {
    use super::ScalarSliceMut;

    pub trait Sealed: Sized {
        fn slice_mut(slice: &mut [Self]) -> ScalarSliceMut<'_>;
    }
}

macro_rules! scalar {
    ($($T:ty, $name:literal, $Variant:ident, $from_f64:expr;)*) => {$(
        impl sealed::Sealed for $T {
            fn slice_mut(slice: &mut [Self]) -> ScalarSliceMut<'_> {
                ScalarSliceMut::$Variant(slice)
            }
        }

        impl Scalar for $T {
            const NAME: &'static str = $name;

            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                $from_f64(value)
            }

            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
        }
    )*};
}

scalar! {
    f32, "f32", F32, |value| value as f32;
    f64, "f64", F64, |value| value;
}

// By way of f32: a half weight is the rounded f32 weight.
#[cfg(feature = "half")]
scalar! {
    half::f16, "f16", F16, |value| half::f16::from_f32(value as f32);
    half::bf16, "bf16", Bf16, |value| half::bf16::from_f32(value as f32);
}
