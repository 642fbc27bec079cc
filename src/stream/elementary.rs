//! Logarithm, sine, cosine and inverse error function of IEEE additions, multiplications,
//! divisions and square roots alone: the same bits on every machine, in loops that vectorise.

use num_traits::Float;

use super::polynomials::{
    expm1_f64, ln_f32, ln_f64, probit_f32, probit_f64, probit_near_f32, probit_near_f64, probit_tail_f32,
    probit_tail_f64, sin_f32, sin_f64,
};

/// What the kernels need of a float, made of IEEE operations in a fixed order.
pub(crate) trait Elementary: Float {
    /// The word of random bits behind one uniform number: as wide as the float.
    type Word: Copy;

    /// 2^-n, n = 32 bits (`f32`) or 53 (`f64`) of randomness.
    const UNIT: Self;

    /// The largest number below 1.
    const BELOW_ONE: Self;

    /// The high n bits of the word as a signed integer, rounded, over 2^(n-1): uniform on [-1, 1].
    fn uniform(word: Self::Word) -> Self;

    /// The same, exact: in [-1, 1).
    fn uniform_f64(word: Self::Word) -> f64;

    /// sqrt(-2 ln u), where u = x for x > 0 and 1 + x else; full relative precision at both ends.
    fn radius(word: Self::Word) -> Self;

    /// sqrt(-ln(1 - kept u)), where 1 - kept = cut, and u = x for x > 0 and 1 + x else: of the distances that are distributed as
    /// radius / sqrt 2, those with exp(-r^2) >= cut.
    #[cfg(feature = "complex")]
    fn radius_within(word: Self::Word, kept: Self, cut: Self) -> Self;

    /// sqrt(u), where u = x for x > 0 and 1 + x else: the distance of a point of the unit disk from its centre.
    #[cfg(feature = "complex")]
    fn disk_radius(word: Self::Word) -> Self;

    /// (cos, sin) of a uniform angle in [-pi/4, 3 pi/4]: half the directions of the plane, of which the word's
    /// highest bit, left unused, is to choose the other half.
    fn direction(word: Self::Word) -> (Self, Self);

    /// This number, negated if the word's highest bit is 1.
    fn with_sign(self, word: Self::Word) -> Self;

    /// sqrt(2) erfinv(y) for -ln(1 - y^2) <= 3, that is for results within +-2.2.
    fn probit_near(y: Self) -> Self;

    /// The same for -ln(1 - y^2) <= 36, results within +-8.
    fn probit(y: f64) -> Self;
}

/// The largest |y| of [`Elementary::probit_near`]: sqrt(1 - e^-3), rounded down.
pub(crate) const PROBIT_NEAR: f64 = 0.9747;

#[inline(always)]
fn signed_32(word: u32) -> i32 {
    word as i32
}

/// Written as an unsigned conversion because that one is vectorised even where the hardware has
/// neither.
#[inline(always)]
fn signed_53(word: u64) -> f64 {
    const OFFSET: f64 = (1_u64 << 52) as f64;
    ((word ^ (1 << 63)) >> 11) as f64 - OFFSET
}

/// i + 1/2, the signed integer rounded once to `f32`: never 0, and exact near it.
#[inline(always)]
fn half_f32(word: u32) -> f32 {
    word as i32 as f32 + 0.5
}

/// i + 1/2; exact.
#[inline(always)]
fn half_f64(word: u64) -> f64 {
    const OFFSET: f64 = (1_u64 << 52) as f64 - 0.5;
    ((word ^ (1 << 63)) >> 11) as f64 - OFFSET
}

/// A positive normal number as 2^exponent (1 + fraction), fraction in [-1/2, 0); of a negative one anything.
#[inline(always)]
fn split_f32(value: f32) -> (f32, f32) {
    let bits = value.to_bits();
    let mantissa = f32::from_bits(bits & 0x007f_ffff | 0x3f00_0000);
    (((bits >> 23) as i32 - 126) as f32, mantissa - 1.0)
}

/// As [`split_f32`]; the exponent becomes a float by being the low bits of 2^52.
#[inline(always)]
fn split_f64(value: f64) -> (f64, f64) {
    const TWO_52: u64 = 0x4330_0000_0000_0000;
    const OFFSET: f64 = (1_u64 << 52) as f64 + 1022.0;
    let bits = value.to_bits();
    let mantissa = f64::from_bits(bits & 0x000f_ffff_ffff_ffff | 0x3fe0_0000_0000_0000);
    (f64::from_bits(bits >> 52 | TWO_52) - OFFSET, mantissa - 1.0)
}

macro_rules! elementary {
    ($T:ident, $Word:ident, bits: $bits:literal, $signed:ident, $half:ident, $split:ident, $minus_ln:ident,
     $ln:ident, $sin:ident, $probit_near:ident, $probit:ident, $probit_tail:ident) => {
        /// -ln(2^exponent (1 + fraction)), by ln(1 + f) = 2 atanh(f / (2 + f)): two terms of one sign
        /// whenever the exponent is not positive.
        #[inline(always)]
        fn $minus_ln(exponent: $T, fraction: $T) -> $T {
            const LN_2: $T = core::f64::consts::LN_2 as $T;
            let s = fraction / (2.0 + fraction);
            exponent * -LN_2 - s * $ln(s * s)
        }

        impl Elementary for $T {
            type Word = $Word;

            const UNIT: $T = 1.0 / (1_u64 << $bits) as $T;

            const BELOW_ONE: $T = 1.0 - 0.5 * $T::EPSILON;

            #[inline(always)]
            fn uniform(word: $Word) -> $T {
                $signed(word) as $T * (2.0 * Self::UNIT)
            }

            #[inline(always)]
            fn uniform_f64(word: $Word) -> f64 {
                $signed(word) as f64 * (2.0 * Self::UNIT as f64)
            }

            #[inline(always)]
            fn radius(word: $Word) -> $T {
                let x = $half(word) * Self::UNIT;
                let (exponent, fraction) = $split(x);
                let (exponent, fraction) = if x > 0.0 { (exponent, fraction) } else { (0.0, x) };
                let minus_ln = $minus_ln(exponent, fraction);
                Float::sqrt(minus_ln + minus_ln)
            }

            #[cfg(feature = "complex")]
            #[inline(always)]
            fn radius_within(word: $Word, kept: $T, cut: $T) -> $T {
                let x = $half(word) * Self::UNIT;
                let below = kept * x;
                let (exponent, fraction) = $split(cut - below);
                let (exponent, fraction) = if x > 0.0 { (0.0, -below) } else { (exponent, fraction) };
                Float::sqrt($minus_ln(exponent, fraction))
            }

            #[cfg(feature = "complex")]
            #[inline(always)]
            fn disk_radius(word: $Word) -> $T {
                let x = $half(word) * Self::UNIT;
                Float::sqrt(if x > 0.0 { x } else { 1.0 + x })
            }

            #[inline(always)]
            fn direction(word: $Word) -> ($T, $T) {
                const QUARTER_TURN: $T = (core::f64::consts::FRAC_PI_2 / (1_u64 << $bits) as f64) as $T;
                let angle = $half(word << 2) * QUARTER_TURN;
                let square = angle * angle;
                let sin = angle + angle * (square * $sin(square));
                let cos = Float::sqrt(1.0 - sin * sin);
                if word >> ($Word::BITS - 2) & 1 == 0 { (cos, sin) } else { (sin, cos) }
            }

            #[inline(always)]
            fn with_sign(self, word: $Word) -> $T {
                $T::from_bits(self.to_bits() ^ word & 1 << ($Word::BITS - 1))
            }

            #[inline(always)]
            fn probit_near(y: $T) -> $T {
                let (exponent, fraction) = $split((1.0 - y) * (1.0 + y));
                let w = $minus_ln(exponent, fraction);
                y * $probit_near(w - 1.5)
            }

            #[inline(always)]
            fn probit(y: f64) -> $T {
                // Far out 1 - y^2 is all that tells one y from the next: not to be rounded to $T before.
                let (exponent, fraction) = $split(((1.0 - y) * (1.0 + y)) as $T);
                let w = $minus_ln(exponent, fraction);
                let central = $probit(w - 2.5);
                let tail = $probit_tail(Float::sqrt(w) - 4.0);
                y as $T * if w < 5.0 { central } else { tail }
            }
        }
    };
}

elementary!(f32, u32, bits: 32, signed_32, half_f32, split_f32, minus_ln_f32, ln_f32, sin_f32, probit_near_f32, probit_f32, probit_tail_f32);
elementary!(f64, u64, bits: 53, signed_53, half_f64, split_f64, minus_ln_f64, ln_f64, sin_f64, probit_near_f64, probit_f64, probit_tail_f64);

/// ln x of a positive normal number.
#[inline(always)]
pub(crate) fn ln(x: f64) -> f64 {
    let (exponent, fraction) = split_f64(x);
    -minus_ln_f64(exponent, fraction)
}

/// (e^x - 1) / x for x in [-0.35, 1].
#[inline(always)]
pub(super) fn expm1(x: f64) -> f64 {
    expm1_f64(x)
}

/// e^x for |x| <= 700, by what is left of x when multiples of ln 2 are taken from it, in two steps.
#[inline(always)]
pub(super) fn exp(x: f64) -> f64 {
    /// Added and taken away again it rounds to an integer, which is then in the low bits.
    const ROUND: f64 = 1.5 * (1_u64 << 52) as f64;
    let shifted = x * core::f64::consts::LOG2_E + ROUND;
    let k = shifted - ROUND;
    let rest = (x - k * 0.693_147_180_369_123_8) - k * 1.908_214_929_270_587_7e-10;
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    (1.0 + rest * expm1_f64(rest)) * power
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::sqrt;
    use core::f64::consts::{LN_2, PI, SQRT_2};

    /// How far z is from sqrt(2) erfinv(y), by one step of Newton's method on erf; relative, and in
    /// units of what the rounding of y and of erf allows.
    fn error(z: f64, y: f64, y_rounding: f64) -> f64 {
        let slope = SQRT_2 * libm::exp(-0.5 * z * z) / sqrt(PI);
        let miss = if y > 0.5 { 1.0 - y - libm::erfc(z / SQRT_2) } else { libm::erf(z / SQRT_2) - y };
        (miss / slope).abs() / (1e-30 + z.abs() + y_rounding / slope)
    }

    #[test]
    fn probit_inverts_erf() {
        for i in 1..2000 {
            let y = f64::from(i) * 0.9747 / 2000.0;
            assert!(error(f32::probit_near(y as f32).into(), (y as f32).into(), 0.0) < 5e-7, "f32 near {y}");
            assert!(error(f64::probit_near(y), y, 0.0) < 1.5e-14, "f64 near {y}");
            // Out to 8 standard deviations, evenly in the logarithm of the tail.
            let y = -libm::expm1(-35.0 * f64::from(i) / 2000.0);
            assert!(error(f32::probit(y).into(), y, 1e-16) < 1e-6, "f32 far {y}");
            assert!(error(f64::probit(y), y, 3e-2) < 1e-14, "f64 far {y}");
            assert_eq!(f64::probit(-y), -f64::probit(y));
        }
        assert!(error(f64::probit_near(0.5) * (1.0 + 1e-13), 0.5, 0.0) > 1.5e-14, "a planted error is seen");
    }

    #[test]
    fn exponentials_and_logarithms() {
        for i in -69_000..=69_000 {
            let x = f64::from(i) * 0.01 + 1e-5;
            // A library's own error, and that of two more operations.
            assert!((exp(x) / libm::exp(x) - 1.0).abs() < 1e-15, "{x}");
            let y = libm::exp(x);
            assert!((ln(y) - libm::log(y)).abs() < 4e-16 * x.abs().max(1.0), "{x}");
            let z = -0.35 + 1.35 * f64::from(i + 69_000) / 138_000.0;
            assert!((expm1(z) * z / libm::expm1(z) - 1.0).abs() < 1e-15, "{z}");
        }
        assert!((exp(0.3 + 1e-14) / libm::exp(0.3) - 1.0).abs() > 1e-15, "a planted error is seen");
        assert_eq!(exp(0.0), 1.0);
    }

    /// Within what the logarithm's polynomial (half of 1.7e-7, through the root) and three roundings allow.
    #[test]
    fn radius_is_accurate_and_finite_at_the_ends() {
        let near = |found: f32, square: f64| {
            assert!((f64::from(found) / sqrt(square) - 1.0).abs() < 1.8e-7, "{found} {square}");
        };
        near(f32::radius(0), 66.0 * LN_2); // u = 2^-33
        near(f32::radius(u32::MAX), 2.0 / 8_589_934_592.0); // 1 - u
        near(f32::radius(0x7fff_ffff), 2.0 * LN_2);
        near(f32::radius(0x8000_0000), 2.0 * LN_2);
        assert!((f64::radius(0) - sqrt(108.0 * LN_2)).abs() < 1e-15); // u = 2^-54
        assert!((f64::radius(u64::MAX) * f64::from(1 << 26) * SQRT_2 - 1.0).abs() < 1e-15); // 1 - u = 2^-54
    }

    /// The arcs of the two bits and their opposites make up the circle.
    #[test]
    fn directions_are_of_length_one_and_everywhere() {
        for (word, angle) in [(0, 0.0), (0x1fff_ffff, 0.25), (0x2000_0000, -0.25), (0x3fff_ffff, 0.0)] {
            let (sin, cos) = libm::sincos(angle * PI);
            let near = |found: (f32, f32), expected: (f64, f64)| {
                let error =
                    (f64::from(found.0) - expected.0).abs().max((f64::from(found.1) - expected.1).abs());
                assert!(error < 1.5e-7, "{found:?} {expected:?}");
            };
            near(f32::direction(word), (cos, sin));
            near(f32::direction(word | 1 << 30), (sin, cos));
            assert_eq!(f32::direction(word | 1 << 31), f32::direction(word));
        }
        assert_eq!([1.5_f32.with_sign(1 << 31), 1.5_f32.with_sign(u32::MAX >> 1)], [-1.5, 1.5]);
        assert_eq!([(-1.5_f64).with_sign(1 << 63), 1.5_f64.with_sign(u64::MAX >> 1)], [1.5, 1.5]);
    }
}
