//! `f16` and `bf16`: `f32` weights, rounded to nearest, ties to even.
//!
//! Written out, where the `half` crate has the same conversion, because its branches keep a loop from
//! becoming vector code.

use half::{bf16, f16};

use super::{Drawn, Kernel, ROWS, Row};

impl Drawn for bf16 {
    type From = f32;

    #[inline(always)]
    fn draw(kernel: &impl Kernel<f32>, words: &[Row<u32>; 2], out: &mut [bf16; ROWS]) {
        kernel.rows(words, |i, value| out[i] = bf16::from_bits(round_bf16(value)));
    }
}

impl Drawn for f16 {
    type From = f32;

    #[inline(always)]
    fn draw(kernel: &impl Kernel<f32>, words: &[Row<u32>; 2], out: &mut [f16; ROWS]) {
        kernel.rows(words, |i, value| out[i] = f16::from_bits(round_f16(value)));
    }
}

/// The bits of a number that is not NaN, rounded at its upper half.
#[inline(always)]
fn round_bf16(value: f32) -> u16 {
    let bits = value.to_bits();
    ((bits + 0x7fff + (bits >> 16 & 1)) >> 16) as u16
}

/// The bits of a number that is not NaN and below 65,520.
#[inline(always)]
fn round_f16(value: f32) -> u16 {
    const SMALLEST_NORMAL: u32 = 113 << 23; // 2^-14
    let bits = value.to_bits();
    let magnitude = bits & 0x7fff_ffff;
    let normal = (magnitude + 0xfff + (magnitude >> 13 & 1)).wrapping_sub(112 << 23) >> 13;
    // In a sum with 1/2 the last bit is worth 2^-24, as in a subnormal f16.
    let subnormal = (f32::from_bits(magnitude) + 0.5).to_bits().wrapping_sub(0.5_f32.to_bits());
    let rounded = if magnitude < SMALLEST_NORMAL { subnormal } else { normal };
    (rounded | bits >> 16 & 0x8000) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_as_the_half_crate_does() {
        for bits in (0..0x7f80_0000_u32).step_by(997).chain((0..2000).map(|i| (113 << 23) - 1000 + i)) {
            for value in [f32::from_bits(bits), -f32::from_bits(bits)] {
                if value.abs() < 3.3e38 {
                    assert_eq!(round_bf16(value), bf16::from_f32(value).to_bits(), "{value:e}");
                }
                if value.abs() < 65_520.0 {
                    assert_eq!(round_f16(value), f16::from_f32(value).to_bits(), "{value:e}");
                }
            }
        }
    }
}
