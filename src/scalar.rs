//! Scalars: the floating-point types that weights are made of.

use core::fmt::{Debug, Display};

use num_traits::Float;

/// A floating-point type that weights are made of: `f32`, `f64`, and with the feature `half` `f16` and `bf16`.
///
/// Parameters of every distribution are `f64` whatever the scalar, see [`stream`](crate::stream) for how they are
/// rounded. The trait is sealed: each scalar has its own kernels in [`stream`](crate::stream).
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

    /// The nearest scalar, ties to even; beyond the range of the type, an infinity.
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
        /// The parameter of a distribution as its kernel holds it: that of a half in `f32`.
        fn parameter(value: f64) -> f64;

        fn slice_mut(slice: &mut [Self]) -> ScalarSliceMut<'_>;
    }
}

/// The square root as IEEE 754 rounds it: the standard library's where there is one, because Miri does not
/// run the inline assembly of libm's.
pub(crate) fn sqrt(x: f64) -> f64 {
    Float::sqrt(x)
}

macro_rules! scalar {
    ($($T:ty, $name:literal, $Variant:ident, $parameter:expr, $from_f64:expr;)*) => {$(
        impl sealed::Sealed for $T {
            fn parameter(value: f64) -> f64 {
                $parameter(value)
            }

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

fn in_f32(value: f64) -> f64 {
    f64::from(value as f32)
}

scalar! {
    f32, "f32", F32, in_f32, |value| value as f32;
    f64, "f64", F64, |value| value, |value| value;
}

#[cfg(feature = "half")]
scalar! {
    half::f16, "f16", F16, in_f32, |value| half::f16::from_f32(round_to_odd(value));
    half::bf16, "bf16", Bf16, in_f32, |value| half::bf16::from_f32(round_to_odd(value));
}

/// Of the two `f32` that enclose a number which is none itself, the one whose last bit is 1: rounded once more, to at
/// most 22 bits, it gives what the number would have given. Boldo and Melquiond, "Emulation of a FMA and correctly
/// rounded sums" (2008), <https://doi.org/10.1109/TC.2007.70819>.
///
/// The `half` crate's own conversions of an `f64` round twice (its issues 116 and 151).
#[cfg(feature = "half")]
fn round_to_odd(value: f64) -> f32 {
    let nearest = value as f32;
    let bits = nearest.to_bits();
    let (magnitude, rounded) = (value.abs(), f64::from(nearest).abs());
    // Neighbours in magnitude are neighbours in bits, and the neighbour of an even one is odd.
    if magnitude == rounded || bits & 1 == 1 {
        nearest
    } else {
        f32::from_bits(if magnitude > rounded { bits + 1 } else { bits - 1 })
    }
}

#[cfg(all(test, feature = "half"))]
mod tests {
    use super::*;
    use half::{bf16, f16};

    /// The two neighbours of every tie, the tie, and what lies a hair beside it.
    fn rounds_once<T: Scalar>(from_bits: fn(u16) -> T, infinity: u16) {
        for bits in 0..infinity {
            let (low, high) = (from_bits(bits), from_bits(bits + 1));
            // Half the last step above the largest finite number is where the infinity begins.
            let step = if high.is_finite() {
                high.to_f64()
            } else {
                2.0 * low.to_f64() - from_bits(bits - 1).to_f64()
            };
            let tie = 0.5 * (low.to_f64() + step);
            let even = if bits % 2 == 0 { low } else { high };
            for (value, expected) in [
                (low.to_f64(), low),
                (low.to_f64().next_up(), low),
                (tie * (1.0 - 1e-12), low),
                (tie.next_down(), low),
                (tie, even),
                (tie.next_up(), high),
                (tie * (1.0 + 1e-12), high),
                (step.next_down(), high),
            ] {
                assert_eq!(T::from_f64(value), expected, "{} {value:e}", T::NAME);
                assert_eq!(T::from_f64(-value), -expected, "{} -{value:e}", T::NAME);
            }
        }
        for value in [0.0, 5e-324, f64::MIN_POSITIVE] {
            assert!(T::from_f64(value).is_zero() && T::from_f64(-value).is_sign_negative());
        }
        for value in [1e39, f64::MAX, f64::INFINITY] {
            assert_eq!(T::from_f64(value), T::infinity());
        }
        assert!(T::from_f64(f64::NAN).is_nan());
    }

    #[test]
    fn halves_round_once() {
        rounds_once(f16::from_bits, f16::INFINITY.to_bits());
        rounds_once(bf16::from_bits, bf16::INFINITY.to_bits());
        let above_a_tie = 1.0 + f64::powi(2.0, -8) + f64::powi(2.0, -40);
        assert_eq!(
            bf16::from_f64(above_a_tie).to_bits(),
            0x3f80,
            "if this fails, round_to_odd has had its day"
        );
        assert_eq!(<bf16 as Scalar>::from_f64(above_a_tie).to_bits(), 0x3f81);
    }
}
