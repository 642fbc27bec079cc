//! Stream v1 once more, from its description alone (`src/stream/v1.md`): one element at a time, of
//! rand's own generators, with the coefficients read from the text. The oracle of the fast path.

use std::f64::consts::SQRT_2;

use fanin::{Law, Seed};
use rand::rngs::{ChaCha8Rng, Xoshiro128PlusPlus};
use rand::{Rng, SeedableRng};

const TEXT: &str = include_str!("../../src/stream/v1.md");

/// Word k of lane j of a block.
fn lane(seed: Seed, block: u64, j: usize) -> Xoshiro128PlusPlus {
    let mut bytes = [0; 256];
    let mut chacha = ChaCha8Rng::from_seed(seed.to_bytes());
    chacha.set_word_pos(u128::from(block) * 64);
    chacha.fill_bytes(&mut bytes);
    Xoshiro128PlusPlus::from_seed(bytes[16 * j..][..16].try_into().unwrap())
}

/// The lines of a table of the text.
pub(crate) fn coefficients(name: &str) -> Vec<&'static str> {
    let mut lines = TEXT.lines().skip_while(|&line| line != name).skip(1).peekable();
    assert!(lines.peek().is_some(), "no table {name}");
    lines.take_while(|line| line.starts_with("  ")).map(str::trim).collect()
}

macro_rules! reference {
    ($name:ident, $T:ident, $Word:ident, $Signed:ident, $n:literal, $suffix:literal, $next:ident) => {
        pub(crate) mod $name {
            use super::*;

            fn polynomial(mut x: $T, name: &str) -> $T {
                let mut c: Vec<$T> = coefficients(&format!("{name}_{}", $suffix))
                    .iter()
                    .map(|text| text.parse().unwrap())
                    .collect();
                while c.len() > 1 {
                    c = c
                        .chunks(2)
                        .map(|pair| if pair.len() == 2 { pair[0] + pair[1] * x } else { pair[0] })
                        .collect();
                    x = x * x;
                }
                c[0]
            }

            fn word(seed: Seed, block: u64, place: u64) -> $Word {
                let mut lane = lane(seed, block, (place % 16) as usize);
                (0..place / 16).for_each(|_| {
                    lane.$next();
                });
                lane.$next()
            }

            fn signed(word: $Word) -> $Signed {
                word as $Signed >> ($Word::BITS - $n)
            }

            fn split(v: $T) -> ($T, $T) {
                let e = (0..=$n).find(|&e| v < (2.0 as $T).powi(e)).unwrap_or($n + 1);
                let e =
                    if e > 0 { e } else { (-200..=0).rev().find(|&e| v >= (2.0 as $T).powi(e - 1)).unwrap() };
                (e as $T, v / (2.0 as $T).powi(e) - 1.0)
            }

            fn minus_ln((e, f): ($T, $T)) -> $T {
                let s = f / (2.0 + f);
                e * -std::$T::consts::LN_2 - s * polynomial(s * s, "ln")
            }

            fn radius(word: $Word) -> $T {
                let x = (signed(word) as $T + 0.5) * (2.0 as $T).powi(-$n);
                let l = minus_ln(if x > 0.0 { split(x) } else { (0.0, x) });
                (l + l).sqrt()
            }

            fn direction(word: $Word) -> ($T, $T) {
                let unit = (std::f64::consts::FRAC_PI_2 * 2_f64.powi(-$n)) as $T;
                let a = (signed(word << 2) as $T + 0.5) * unit;
                let a2 = a * a;
                let s = a + a * (a2 * polynomial(a2, "sin"));
                let c = (1.0 - s * s).sqrt();
                if word & 1 << ($Word::BITS - 2) == 0 { (c, s) } else { (s, c) }
            }

            fn probit_near(y: $T) -> $T {
                y * polynomial(minus_ln(split((1.0 - y) * (1.0 + y))) - 1.5, "probit_near")
            }

            fn probit_far(y: f64) -> $T {
                let w = minus_ln(split(((1.0 - y) * (1.0 + y)) as $T));
                if w < 5.0 {
                    y as $T * polynomial(w - 2.5, "probit")
                } else {
                    y as $T * polynomial(w.sqrt() - 4.0, "probit_tail")
                }
            }

            /// Element `e` of a tensor of complex parts: normal, in a disk, truncated by modulus.
            #[cfg(feature = "complex")]
            pub(crate) fn complex_part(form: usize, scale: f64, seed: Seed, e: u64) -> $T {
                let (block, place) = (e >> 12, e & 4095);
                let (k, j) = (place / 32 * 2, place % 32 / 2);
                let (u, v) = (word(seed, block, 16 * k + j), word(seed, block, 16 * (k + 1) + j));
                let x = (signed(u) as $T + 0.5) * (2.0 as $T).powi(-$n);
                let modulus = match form {
                    0 => radius(u),
                    1 => (if x > 0.0 { x } else { 1.0 + x }).sqrt(),
                    _ => {
                        let d = (1.0 - 0.01831563888873418_f64) as $T * x;
                        let rest = 0.01831563888873418_f64 as $T - d;
                        minus_ln(if x > 0.0 { (0.0, -d) } else { split(rest) }).sqrt()
                    }
                };
                let r = scale as $T * modulus;
                let r = if v >> ($Word::BITS - 1) == 1 { -r } else { r };
                let (c, s) = direction(v);
                r * if place % 2 == 0 { c } else { s }
            }

            /// Element `e` of the tensor, before it is rounded; `nearest` rounds to the scalar.
            pub(crate) fn element(law: Law, seed: Seed, e: u64, nearest: fn(f64) -> $T) -> $T {
                let (block, place) = (e >> 12, e & 4095);
                let i = || signed(word(seed, block, place));
                let unit = 2.0 * (2.0 as $T).powi(-$n);
                let again = |v: $T| nearest(f64::from(v));
                match law {
                    Law::Constant { value } => nearest(value),
                    Law::Uniform { low, high } => {
                        let mut m = (0.5 * low + 0.5 * high) as $T;
                        let mut h = (0.5 * (high - low)) as $T;
                        let mut a = 1.0 - <$T>::EPSILON / 2.0;
                        let (low, high) = (nearest(low), nearest(high));
                        if m < low {
                            m = low;
                        }
                        if m > high {
                            m = high;
                        }
                        while again(m + h) > high || again(m - h) < low {
                            h *= a;
                            a = a + a - 1.0;
                        }
                        again(m + h * (i() as $T * unit))
                    }
                    Law::Normal { mean, std_dev: 0.0 } | Law::TruncatedNormal { mean, std_dev: 0.0, .. } => {
                        nearest(mean)
                    }
                    Law::Normal { mean, std_dev } => {
                        let first = place & !16;
                        let (u, v) = (word(seed, block, first), word(seed, block, first + 16));
                        let r = std_dev as $T * radius(u);
                        let r = if v >> ($Word::BITS - 1) == 1 { -r } else { r };
                        let (c, s) = direction(v);
                        again(mean as $T + r * if place == first { c } else { s })
                    }
                    Law::TruncatedNormal { mean, std_dev, low, high } => {
                        let (a, b) = between(mean, std_dev, low, high);
                        let (m, h) = (0.5 * (a + b), 0.5 * (b - a));
                        let z = if -0.9747 <= a && b <= 0.9747 {
                            probit_near(m as $T + h as $T * (i() as $T * unit))
                        } else {
                            probit_far(m + h * (i() as f64 * 2_f64.powi(1 - $n)))
                        };
                        let v = mean as $T + std_dev as $T * z;
                        let (low, high) = (nearest(low), nearest(high));
                        again(if v < low {
                            low
                        } else if v > high {
                            high
                        } else {
                            v
                        })
                    }
                    _ => unreachable!("a distribution the text does not know"),
                }
            }

            /// The standard normal number in exact arithmetic on the same words, as far as `f64` carries:
            /// what `radius` and `direction` approximate.
            pub(crate) fn exact_normal(seed: Seed, e: u64) -> f64 {
                let (block, place) = (e >> 12, e & 4095);
                let first = place & !16;
                let x = ((signed(word(seed, block, first)) as $T + 0.5) as f64) * 2_f64.powi(-$n);
                let ln = if x > 0.0 { x.ln() } else { x.ln_1p() };
                let w = word(seed, block, first + 16);
                let a = ((signed(w << 2) as $T + 0.5) as f64) * 2_f64.powi(-$n) * std::f64::consts::FRAC_PI_2;
                let (s, c) = a.sin_cos();
                let (c, s) = [(c, s), (s, c), (-c, -s), (-s, -c)][(w >> ($Word::BITS - 2)) as usize];
                (-2.0 * ln).sqrt() * if place == first { c } else { s }
            }

            /// By how much z misses the truncated standard normal number of exact arithmetic on the same word, by
            /// one step of Newton's method on erf, as far as `f64` carries.
            pub(crate) fn truncated_error(seed: Seed, e: u64, [low, high]: [f64; 2], z: $T) -> f64 {
                let z = f64::from(z);
                let (a, b) = (libm::erf(low / SQRT_2), libm::erf(high / SQRT_2));
                let x = signed(word(seed, e >> 12, e & 4095)) as f64 * 2_f64.powi(1 - $n);
                // What is beyond y, from the nearer end, where 1 - y would cancel.
                let beyond = if x > 0.0 {
                    libm::erfc(z / SQRT_2) - libm::erfc(high / SQRT_2) - 0.5 * (1.0 - x) * (b - a)
                } else {
                    libm::erfc(low / SQRT_2) - libm::erfc(z / SQRT_2) - 0.5 * (1.0 + x) * (b - a)
                };
                beyond.abs() / erf_slope(z)
            }
        }
    };
}

/// A and B of a truncated normal distribution.
fn between(mean: f64, std_dev: f64, low: f64, high: f64) -> (f64, f64) {
    let a = if low == mean - 2.0 * std_dev { -2.0 } else { (low - mean) / std_dev };
    let b = if high == mean + 2.0 * std_dev { 2.0 } else { (high - mean) / std_dev };
    (erf(a), erf(b))
}

fn erf(x: f64) -> f64 {
    let t = x * x;
    let signed = |magnitude: f64| if x < 0.0 { -magnitude } else { magnitude };
    if t >= 64.0 {
        return signed(0.9999999999999988);
    }
    if t == 4.0 {
        return signed(0.9544997361036416);
    }
    let (mut p, mut q, mut n, mut d) = (1.0, 1.0, 1.0, 1.0);
    for k in (2..).step_by(2).map(f64::from) {
        q *= t / k;
        p *= t / (k + 1.0);
        if n + p == n && d + q == d {
            break;
        }
        n += p;
        d += q;
    }
    let erf: f64 = 0.7978845608028654 * x * (n / d);
    if erf.abs() > 0.9999999999999988 { signed(0.9999999999999988) } else { erf }
}

/// The derivative of erf(z / sqrt 2).
pub(crate) fn erf_slope(z: f64) -> f64 {
    (-0.5 * z * z).exp() * (2.0 / std::f64::consts::PI).sqrt()
}

/// The nearest number, ties to even, of `digits` bits (the first counted), exponents from `smallest` to `largest`.
#[cfg(feature = "half")]
fn nearest(v: f64, digits: i32, smallest: i32, largest: i32) -> f32 {
    if v == 0.0 || !v.is_finite() {
        return v as f32;
    }
    let exponent = (smallest..=largest).rev().find(|&e| v.abs() >= 2_f64.powi(e)).unwrap_or(smallest);
    let unit = 2_f64.powi(exponent - (digits - 1));
    let rounded = (v / unit).round_ties_even() * unit;
    if rounded.abs() >= 2_f64.powi(largest + 1) { f32::INFINITY.copysign(v as f32) } else { rounded as f32 }
}

#[cfg(feature = "half")]
pub(crate) fn nearest_f16(v: f64) -> f32 {
    nearest(v, 11, -14, 15)
}

#[cfg(feature = "half")]
pub(crate) fn nearest_bf16(v: f64) -> f32 {
    nearest(v, 8, -126, 127)
}

reference!(of_f32, f32, u32, i32, 32, "f32", next_u32);
reference!(of_f64, f64, u64, i64, 53, "f64", next_u64);
