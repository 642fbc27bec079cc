//! exp and exp - 1 of arguments that are not positive, as straight-line code.
//!
//! The sigmoid-like activations spend their time here, and a call per element (`libm`) cannot be
//! vectorised. Only IEEE additions, multiplications and shifts, so the same bits on every platform.

use core::f64::consts::LOG2_E;

/// 1.5 x 2^52: added, it rounds to an integer, which then sits in the low bits of the mantissa.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// ln 2 in two parts; the first has 21 trailing zero bits, so that its product with k is exact.
const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN_2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
/// Below this e^y is no normal number and taken as 0.
const LOWEST: f64 = -708.0;

/// e^y for y <= 0, to 1.5 units in the last place; 0 below -708. NaN gives NaN.
#[inline(always)]
pub(super) fn exp(y: f64) -> f64 {
    let (power, rest) = split(y);
    let value = power + power * rest;
    if y < LOWEST { 0.0 } else { value }
}

/// e^y - 1 for y <= 0, to 1.5 units in the last place. NaN gives NaN.
#[inline(always)]
pub(super) fn exp_m1(y: f64) -> f64 {
    let (power, rest) = split(y);
    (power - 1.0) + power * rest
}

/// (2^k, e^r - 1) with y = k ln 2 + r, |r| <= ln 2 / 2.
#[inline(always)]
fn split(y: f64) -> (f64, f64) {
    let y = if y < LOWEST { LOWEST } else { y };
    let rounded = y * LOG2_E + ROUND;
    let k = rounded - ROUND;
    let power = f64::from_bits((rounded.to_bits() << 52).wrapping_add(1023 << 52));
    let r = (y - k * LN_2_HIGH) - k * LN_2_LOW;
    // Taylor's series to r^13: the next term is below 5e-18. In pairs and pairs of pairs, so that the
    // multiplications need not wait for one another.
    let (r2, r4) = (r * r, r * r * (r * r));
    let low = (1.0 / 2.0 + r * (1.0 / 6.0)) + r2 * (1.0 / 24.0 + r * (1.0 / 120.0));
    let middle = (1.0 / 720.0 + r * (1.0 / 5_040.0)) + r2 * (1.0 / 40_320.0 + r * (1.0 / 362_880.0));
    let high = (1.0 / 3_628_800.0 + r * (1.0 / 39_916_800.0))
        + r2 * (1.0 / 479_001_600.0 + r * (1.0 / 6_227_020_800.0));
    let tail = low + r4 * (middle + r4 * high);
    (power, r + r2 * tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_libm() {
        // libm is good to one unit in the last place itself.
        let close = |value: f64, expected: f64, y: f64| {
            assert!(
                (value - expected).abs() <= 2.5 * f64::EPSILON * expected.abs(),
                "{y}: {value}, not {expected}"
            );
        };
        for i in 0..200_000 {
            let y = -708.0 * f64::from(i) / 200_000.0;
            for y in [y, y * 1e-3, y * 1e-12, -libm::exp(y)] {
                close(exp(y), libm::exp(y), y);
                close(exp_m1(y), libm::expm1(y), y);
            }
        }
    }

    #[test]
    fn ends() {
        assert_eq!((exp(0.0), exp_m1(0.0)), (1.0, 0.0));
        for y in [-709.0, -1e300, f64::NEG_INFINITY] {
            assert_eq!((exp(y), exp_m1(y)), (0.0, -1.0));
        }
        assert!(exp(f64::NAN).is_nan() && exp_m1(f64::NAN).is_nan());
        assert!(exp(-708.0) > f64::MIN_POSITIVE);
    }
}
