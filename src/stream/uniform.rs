//! Uniform numbers.

use num_traits::One;

use super::elementary::Elementary;
use super::{Drawn, Kernel, Recipe, Row, clamp};
use crate::scalar::Scalar;

/// On [low, high]: finite, in order, of a finite width.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Uniform {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// middle + half_width * x, x uniform on [-1, 1].
struct Scaled<T> {
    middle: T,
    half_width: T,
}

impl Recipe for Uniform {
    fn kernel<T: Drawn>(&self) -> impl Kernel<T::From> + Sync {
        let (low, high) = (T::nearest(self.low), T::nearest(self.high));
        // Halves of subnormal numbers round, which may carry their sum past the ends.
        let middle = clamp(T::From::from_f64(0.5 * self.low + 0.5 * self.high), low, high);
        let mut half_width = T::From::from_f64(0.5 * (self.high - self.low));
        let nearest = |value: T::From| T::nearest(value.to_f64());
        // Rounding is monotonic: once the ends stay inside, so does everything between them. Each
        // step takes twice as much off as the one before, the last all of it.
        let mut less = T::From::BELOW_ONE;
        while nearest(middle + half_width) > high || nearest(middle - half_width) < low {
            half_width = half_width * less;
            less = less + less - One::one();
        }
        Scaled { middle, half_width }
    }
}

impl<T: Elementary> Kernel<T> for Scaled<T> {
    #[inline(always)]
    fn rows(&self, words: &[Row<T::Word>; 2], mut store: impl FnMut(usize, T)) {
        let words = words.as_flattened();
        for (i, &word) in words.iter().enumerate() {
            store(i, self.middle + self.half_width * T::uniform(word));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ROWS;
    use super::*;

    #[test]
    fn stays_inside_the_narrowest_ranges() {
        let ends = [
            1.0,
            1.0 + f64::from(f32::EPSILON),
            1e-45,
            -1e-45,
            5e-324,
            1.5e-323,
            0.1,
            16_777_217.0,
            -3.4e38,
            3.4e38,
        ];
        for low in ends {
            for high in ends.into_iter().filter(|&high| high >= low) {
                let mut out = [0.0_f32; ROWS];
                let mut words = [[0; 16]; 2];
                (words[0][0], words[0][1]) = (0x8000_0000, 0x7fff_ffff);
                Uniform { low, high }.kernel::<f32>().rows(&words, |i, value| out[i] = value);
                let inside = |x: &f32| (low as f32..=high as f32).contains(x);
                assert!(out.iter().all(inside), "{low} {high}: {out:?}");
                let (mut out, mut words) = ([0.0_f64; ROWS], [[0; 16]; 2]);
                (words[0][0], words[0][1]) = (1 << 63, u64::MAX >> 1);
                Uniform { low, high }.kernel::<f64>().rows(&words, |i, value| out[i] = value);
                assert!(out.iter().all(|x| (low..=high).contains(x)), "{low} {high}: {out:?}");
            }
        }
    }
}
