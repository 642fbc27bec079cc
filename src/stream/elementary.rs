//! Logarithm, sine, cosine and inverse error function of IEEE additions, multiplications,
//! divisions and square roots alone: the same bits on every machine, in loops that vectorise.
//!
//! The polynomials are Chebyshev interpolants computed with 60 digits by `tests/fit_kernels.py`,
//! which prints their errors; coefficients stand lowest degree first.

#![allow(
    clippy::excessive_precision,
    reason = "coefficients stand as they were computed, each type rounds them"
)]

use num_traits::Float;

/// Estrin's scheme (1960), lowest degree first: neighbouring coefficients are paired as c0 + c1 x,
/// the results as pairs in x^2, then in x^4, and so on; an odd one out at the end waits its turn.
macro_rules! polynomial {
    ($x:expr; $sum:expr) => { $sum };
    ($x:expr; $($c:expr),+ $(,)?) => {{
        let x = $x;
        polynomial!(@pair x; []; $($c),+)
    }};
    (@pair $x:ident; [$($sum:expr),*]; $a:expr, $b:expr $(, $rest:expr)*) => {
        polynomial!(@pair $x; [$($sum,)* $a + $b * $x]; $($rest),*)
    };
    (@pair $x:ident; [$($sum:expr),*]; $($last:expr)?) => {
        polynomial!($x * $x; $($sum),* $(, $last)?)
    };
}

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

    /// (cos, sin) of a uniform angle: the word in units of 2 pi / 2^bits, see [`stream`](super).
    fn cos_sin(word: Self::Word) -> (Self, Self);

    /// sqrt(2) erfinv(y) for -ln(1 - y^2) <= 3, that is for results within +-2.2.
    fn probit_near(y: Self) -> Self;

    /// The same for -ln(1 - y^2) <= 36, results within +-8.
    fn probit(y: f64) -> Self;
}

/// ln(1 + f) / f on [-1/2, 0], relative error 2.6e-8.
#[inline(always)]
fn ln_f32(x: f32) -> f32 {
    polynomial!(
        x;
        1.0000000193555453361,
        -0.49999374677298042001,
        0.33366199175653958104,
        -0.24343744009862040223,
        0.26454758383874539622,
        0.1815716477623433504,
        1.2050138964472942034,
        1.6302116903983565058,
        1.4079567028635501333,
    )
}

/// (sin(x) / x - 1) / x^2 in x^2 on [0, (pi/4)^2], relative error 1.3e-7 of a term of 10 %.
#[inline(always)]
fn sin_f32(x: f32) -> f32 {
    polynomial!(
        x;
        -0.1666666466231437862,
        0.0083327482706297494849,
        -0.00019587890880412385786,
    )
}

/// (cos(x) - 1 + x^2/2) / x^4 in x^2, relative error 4.9e-8 of a term of 2 %.
#[inline(always)]
fn cos_f32(x: f32) -> f32 {
    polynomial!(
        x;
        0.041666664659502206772,
        -0.0013888303035894866037,
        0.000024547942085071572513,
    )
}

/// sqrt(2) erfinv(y) / y in w - 1.5 for w = -ln(1 - y^2) in [0, 3], relative error 7.9e-8.
#[inline(always)]
fn probit_near_f32(x: f32) -> f32 {
    polynomial!(
        x;
        1.7706856643100485403,
        0.35406580640627825216,
        0.0012443690052022517634,
        -0.0029584429115163862908,
        0.0002505698289648244517,
        0.000032469823970730706638,
        -6.9735652110823273974e-6,
    )
}

/// The same in w - 2.5 for w in [0, 5], relative error 6.5e-9.
#[inline(always)]
fn probit_f32(x: f32) -> f32 {
    polynomial!(
        x;
        2.123313480222769862,
        0.34880202766655192488,
        -0.0059077256594730309585,
        -0.0017716226531884118032,
        0.00030879266335611894793,
        -7.0320633626379227003e-6,
        -4.8988149453477094822e-6,
        6.6203770139186336392e-7,
        3.3002041299264046181e-8,
        -1.2631650845231843888e-8,
    )
}

/// The same in sqrt(w) - 4 for w in [5, 36], relative error 3.2e-8.
#[inline(always)]
fn probit_tail_f32(x: f32) -> f32 {
    polynomial!(
        x;
        5.4302744315348915537,
        1.4276383363609269255,
        0.0017791267005236681719,
        -0.0012230123224543861249,
        0.00046370635099369879125,
        -0.00018141466843434107541,
        0.000065179229099060423309,
        -0.000029497280323271917846,
        0.000034493942575999582074,
        -0.000022149463186023632575,
        2.5270486105565193773e-6,
        2.2750987716695861931e-6,
        -6.0103926780234265137e-7,
    )
}

/// (atanh(s) / s - 1) / s^2 in s^2 on [0, 1/9], relative error 4.7e-15 of a term of 4 %.
#[inline(always)]
fn atanh_f64(x: f64) -> f64 {
    polynomial!(
        x;
        0.33333333333333484276,
        0.19999999999780064358,
        0.14285714338330497512,
        0.11111106278964856303,
        0.09091130554209873149,
        0.076866374381790011452,
        0.067511712358785501992,
        0.051613346352495409549,
        0.084353503305486046991,
    )
}

/// (sin(x) / x - 1) / x^2 in x^2, relative error 1.3e-16.
#[inline(always)]
fn sin_f64(x: f64) -> f64 {
    polynomial!(
        x;
        -0.16666666666666664624,
        0.0083333333333309484855,
        -0.00019841269836758574323,
        2.7557316102552440119e-6,
        -2.5051131845003624417e-8,
        1.5918129294866608667e-10,
    )
}

/// (cos(x) - 1 + x^2/2) / x^4 in x^2, relative error 3.2e-17.
#[inline(always)]
fn cos_f64(x: f64) -> f64 {
    polynomial!(
        x;
        0.041666666666666665389,
        -0.0013888888888887397237,
        0.000024801587298765687927,
        -2.7557317271729792882e-7,
        2.0876146268403197893e-9,
        -1.1382632425521718005e-11,
    )
}

/// As [`probit_near_f32`], relative error 5.0e-15.
#[inline(always)]
fn probit_near_f64(x: f64) -> f64 {
    polynomial!(
        x;
        1.7706856643100485403,
        0.35406596571224846783,
        0.0012441751883405655258,
        -0.0029589985370638531378,
        0.00025126235514815354546,
        0.000032934447651279245852,
        -7.5982501367788297717e-6,
        -9.2040605771078167492e-8,
        1.6645868581777963032e-7,
        -1.0217038568590486999e-8,
        -2.8571128402377218439e-9,
        4.2163530582232902035e-10,
        3.2684384606725112199e-11,
        -9.793450694880357984e-12,
        -2.6553009000795376069e-14,
    )
}

/// As [`probit_f32`], relative error 3.8e-16.
#[inline(always)]
fn probit_f64(x: f64) -> f64 {
    polynomial!(
        x;
        2.1233134670146694234,
        0.34880202439905438626,
        -0.0059076193801431857421,
        -0.0017715965129169546048,
        0.00030865248371213000888,
        -7.0655235346589931328e-6,
        -4.8318295341714778778e-6,
        6.7701971135136476987e-7,
        1.8973976722388786737e-8,
        -1.5360027557387815953e-8,
        1.2832725223290345729e-9,
        1.6915883483852945254e-10,
        -4.4042459464588053056e-11,
        1.2858796748117883373e-12,
        7.70715747245157549e-13,
        -1.0692449506250738287e-13,
        -5.9894196182581293508e-15,
        2.5824995000620462758e-15,
        -3.0967966899671338925e-17,
        -3.0423481965218106097e-17,
    )
}

/// As [`probit_tail_f32`], relative error 3.0e-15.
#[inline(always)]
fn probit_tail_f64(x: f64) -> f64 {
    polynomial!(
        x;
        5.4302743228798829051,
        1.4276390498639025252,
        0.0017816930917247748612,
        -0.0012289399996823958769,
        0.00045389897541434577827,
        -0.00016668594966046356645,
        0.000078736269835637481674,
        -0.000046031683282969299815,
        0.00002640634498637878707,
        -0.000012557139904312928744,
        4.2635160125403190271e-6,
        -5.8897383202149215413e-7,
        -3.8838383739058404803e-7,
        3.3923012758152183872e-7,
        -1.3279526190842333686e-7,
        2.0313307621323061791e-8,
        8.1463820496230356323e-9,
        -6.1721749378729845185e-9,
        1.9125850576635103322e-9,
        -3.6316037493221724195e-10,
        -3.5531198867640869624e-11,
        1.0658026591538965868e-10,
        -4.5950386223280123374e-11,
        -3.2020509233710744007e-13,
        4.8718808825216568828e-12,
        -7.9699272534469440136e-13,
        -1.3846153772623700128e-13,
        3.4406874604799228663e-14,
    )
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

/// A positive normal number as 2^exponent (1 + fraction), fraction in [-1/2, 0).
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

/// -ln(2^exponent (1 + fraction)): two terms of one sign whenever the exponent is not positive.
#[inline(always)]
fn minus_ln_f32(exponent: f32, fraction: f32) -> f32 {
    exponent * -core::f32::consts::LN_2 - fraction * ln_f32(fraction)
}

/// As [`minus_ln_f32`], by ln(1 + f) = 2 atanh(f / (2 + f)).
#[inline(always)]
fn minus_ln_f64(exponent: f64, fraction: f64) -> f64 {
    let s = fraction / (2.0 + fraction);
    let square = s * s;
    let half = s + s * (square * atanh_f64(square));
    exponent * -core::f64::consts::LN_2 - (half + half)
}

macro_rules! elementary {
    ($T:ident, $Word:ident, bits: $bits:literal, $signed:ident, $half:ident, $split:ident, $minus_ln:ident,
     $sin:ident, $cos:ident, $probit_near:ident, $probit:ident, $probit_tail:ident) => {
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
                let x = $half(word);
                let (exponent, fraction) = $split(x.abs());
                let (exponent, fraction) =
                    if x > 0.0 { (exponent - $bits as $T, fraction) } else { (0.0, x * Self::UNIT) };
                let minus_ln = $minus_ln(exponent, fraction);
                Float::sqrt(minus_ln + minus_ln)
            }

            #[inline(always)]
            fn cos_sin(word: $Word) -> ($T, $T) {
                const QUARTER_TURN: $T = (core::f64::consts::FRAC_PI_2 / (1_u64 << $bits) as f64) as $T;
                let quadrant = word.wrapping_add(1 << ($Word::BITS - 3)) >> ($Word::BITS - 2);
                let angle = $half(word << 2) * QUARTER_TURN;
                let square = angle * angle;
                let sin = angle + angle * (square * $sin(square));
                let cos = 1.0 + square * (square * $cos(square) - 0.5);
                let (cos, sin) = if quadrant & 1 == 0 { (cos, sin) } else { (sin, cos) };
                let flip = |value: $T, minus: $Word| {
                    $T::from_bits(value.to_bits() ^ (minus & 2) << ($Word::BITS - 2))
                };
                (flip(cos, quadrant + 1), flip(sin, quadrant))
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

elementary!(f32, u32, bits: 32, signed_32, half_f32, split_f32, minus_ln_f32, sin_f32, cos_f32, probit_near_f32, probit_f32, probit_tail_f32);
elementary!(f64, u64, bits: 53, signed_53, half_f64, split_f64, minus_ln_f64, sin_f64, cos_f64, probit_near_f64, probit_f64, probit_tail_f64);

#[cfg(test)]
mod tests {
    use super::*;
    use core::f64::consts::{PI, SQRT_2};

    /// How far z is from sqrt(2) erfinv(y), by one step of Newton's method on erf; relative, and in
    /// units of what the rounding of y and of erf allows.
    fn error(z: f64, y: f64, y_rounding: f64) -> f64 {
        let slope = SQRT_2 * libm::exp(-0.5 * z * z) / libm::sqrt(PI);
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
    fn radius_is_finite_and_ordered_at_the_ends() {
        assert_eq!(f32::radius(0), libm::sqrtf(66.0 * core::f32::consts::LN_2)); // u = 2^-33
        assert!((f64::radius(0) - libm::sqrt(108.0 * core::f64::consts::LN_2)).abs() < 1e-15); // u = 2^-54
        assert!((f64::from(f32::radius(u32::MAX)) - libm::sqrt(2.0 / 8_589_934_592.0)).abs() < 1e-12); // 1 - u
        assert!(f32::radius(0x7fff_ffff).is_finite() && f32::radius(0x8000_0000).is_finite());
    }
}
