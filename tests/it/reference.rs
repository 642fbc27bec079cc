//! Stream v1 once more, from its description alone (`src/stream/v1.md`): one element at a time, of
//! rand's own generators, with the coefficients read from the text. The oracle of the fast path.

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

fn coefficients(name: &str) -> Vec<&'static str> {
    let mut lines = TEXT.lines().skip_while(|&line| line != name).skip(1).peekable();
    assert!(lines.peek().is_some(), "no table {name}");
    lines.take_while(|line| line.starts_with("  ")).map(str::trim).collect()
}

macro_rules! reference {
    ($name:ident, $T:ident, $Word:ident, $Signed:ident, $n:literal, $suffix:literal, $next:ident, $minus_ln:ident) => {
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
                $minus_ln(e, f, polynomial)
            }

            fn radius(word: $Word) -> $T {
                let x = signed(word) as $T + 0.5;
                let (e, f) = split(x.abs());
                let l = minus_ln(if x > 0.0 { (e - $n as $T, f) } else { (0.0, x * (2.0 as $T).powi(-$n)) });
                (l + l).sqrt()
            }

            fn cos_sin(word: $Word) -> ($T, $T) {
                let b = $Word::BITS;
                let q = word.wrapping_add(1 << (b - 3)) >> (b - 2);
                let unit = (std::f64::consts::FRAC_PI_2 * 2_f64.powi(-$n)) as $T;
                let a = (signed(word << 2) as $T + 0.5) * unit;
                let a2 = a * a;
                let s = a + a * (a2 * polynomial(a2, "sin"));
                let c = 1.0 + a2 * (a2 * polynomial(a2, "cos") - 0.5);
                let (c, s) = if q % 2 == 1 { (s, c) } else { (c, s) };
                (if (q + 1) & 2 != 0 { -c } else { c }, if q & 2 != 0 { -s } else { s })
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

            fn erf(x: f64) -> f64 {
                let x = x.clamp(-8.0, 8.0);
                if x.abs() == 2.0 {
                    0.9544997361036416 * x.signum()
                } else {
                    libm::erf(x / std::f64::consts::SQRT_2)
                }
            }

            /// Element `e` of the tensor.
            pub(crate) fn element(law: Law, seed: Seed, e: u64) -> $T {
                let (block, place) = (e >> 12, e & 4095);
                let i = || signed(word(seed, block, place));
                let unit = 2.0 * (2.0 as $T).powi(-$n);
                match law {
                    Law::Constant { value } => value as $T,
                    Law::Uniform { low, high } => {
                        let m = (0.5 * low + 0.5 * high).max(low).min(high) as $T;
                        let mut h = (0.5 * (high - low)) as $T;
                        let mut a = 1.0 - <$T>::EPSILON / 2.0;
                        while m + h > high as $T || m - h < low as $T {
                            h *= a;
                            a = a + a - 1.0;
                        }
                        m + h * (i() as $T * unit)
                    }
                    Law::Normal { mean, std_dev: 0.0 } | Law::TruncatedNormal { mean, std_dev: 0.0, .. } => {
                        mean as $T
                    }
                    Law::Normal { mean, std_dev } => {
                        let first = place & !16;
                        let r = radius(word(seed, block, first));
                        let (c, s) = cos_sin(word(seed, block, first + 16));
                        let z = r * if place == first { c } else { s };
                        mean as $T + std_dev as $T * z
                    }
                    Law::TruncatedNormal { mean, std_dev, low, high } => {
                        let (a, b) = (erf((low - mean) / std_dev), erf((high - mean) / std_dev));
                        let (m, h) = (0.5 * (a + b), 0.5 * (b - a));
                        let z = if -0.9747 <= a && b <= 0.9747 {
                            probit_near(m as $T + h as $T * (i() as $T * unit))
                        } else {
                            probit_far(m + h * (i() as f64 * 2_f64.powi(1 - $n)))
                        };
                        let v = mean as $T + std_dev as $T * z;
                        let (low, high) = (low as $T, high as $T);
                        if v < low {
                            low
                        } else if v > high {
                            high
                        } else {
                            v
                        }
                    }
                    _ => unreachable!("a law the text does not know"),
                }
            }

            /// The standard normal number in exact arithmetic on the same words, as far as `f64` carries:
            /// what `radius` and `cos_sin` approximate.
            pub(crate) fn exact_normal(seed: Seed, e: u64) -> f64 {
                let (block, place) = (e >> 12, e & 4095);
                let first = place & !16;
                let x = ((signed(word(seed, block, first)) as $T + 0.5) as f64) * 2_f64.powi(-$n);
                let ln = if x > 0.0 { x.ln() } else { x.ln_1p() };
                let w = word(seed, block, first + 16);
                let q = w.wrapping_add(1 << ($Word::BITS - 3)) >> ($Word::BITS - 2);
                let a = ((signed(w << 2) as $T + 0.5) as f64) * 2_f64.powi(-$n) * std::f64::consts::FRAC_PI_2;
                let (s, c) = a.sin_cos();
                let (c, s) = [(c, s), (-s, c), (-c, -s), (s, -c)][q as usize];
                (-2.0 * ln).sqrt() * if place == first { c } else { s }
            }
        }
    };
}

fn minus_ln_f32(e: f32, f: f32, polynomial: fn(f32, &str) -> f32) -> f32 {
    e * -std::f32::consts::LN_2 - f * polynomial(f, "ln")
}

fn minus_ln_f64(e: f64, f: f64, polynomial: fn(f64, &str) -> f64) -> f64 {
    let s = f / (2.0 + f);
    let q = s * s;
    let h = s + s * (q * polynomial(q, "atanh"));
    e * -std::f64::consts::LN_2 - (h + h)
}

reference!(of_f32, f32, u32, i32, 32, "f32", next_u32, minus_ln_f32);
reference!(of_f64, f64, u64, i64, 53, "f64", next_u64, minus_ln_f64);
