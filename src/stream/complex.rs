//! Complex numbers whose angle is uniform: real and imaginary parts, side by side.

use super::elementary::Elementary;
use super::{Drawn, Kernel, LANES, Recipe, Row};
use crate::scalar::Scalar;

/// exp(-4): the probability that a standard complex normal number is farther than 2 from 0.
const BEYOND_2: f64 = 0.018_315_638_888_734_18;

/// A scale (finite, at least 0) times a modulus of this distribution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Complex {
    pub(crate) modulus: Modulus,
    pub(crate) scale: f64,
}

/// The distribution of the modulus.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Modulus {
    /// Of two independent standard normal numbers: its mean square is 2.
    Normal,
    /// Of a point of the unit disk.
    Disk,
    /// Of a complex normal number of mean square 1, given that it is at most 2.
    TruncatedNormal,
}

struct Polar<T> {
    modulus: Modulus,
    scale: T,
    kept: T,
    cut: T,
}

impl Recipe for Complex {
    fn kernel<T: Drawn>(&self) -> impl Kernel<T::From> + Sync {
        Polar {
            modulus: self.modulus,
            scale: T::From::from_f64(self.scale),
            kept: T::From::from_f64(1.0 - BEYOND_2),
            cut: T::From::from_f64(BEYOND_2),
        }
    }
}

impl<T: Elementary> Kernel<T> for Polar<T> {
    #[inline(always)]
    fn rows(&self, words: &[Row<T::Word>; 2], store: impl FnMut(usize, T)) {
        match self.modulus {
            Modulus::Normal => self.pairs(words, T::radius, store),
            Modulus::Disk => self.pairs(words, T::disk_radius, store),
            Modulus::TruncatedNormal => {
                self.pairs(words, |word| T::radius_within(word, self.kept, self.cut), store);
            }
        }
    }
}

impl<T: Elementary> Polar<T> {
    /// A word of the first row is a modulus, one of the second an angle, and the number stands side by side in the two rows of
    /// elements.
    #[inline(always)]
    fn pairs(
        &self,
        [modulus, angle]: &[Row<T::Word>; 2],
        of_word: impl Fn(T::Word) -> T,
        mut store: impl FnMut(usize, T),
    ) {
        for j in 0..LANES {
            let r = self.scale * of_word(modulus[j]).with_sign(angle[j]);
            let (cos, sin) = T::direction(angle[j]);
            store(2 * j, r * cos);
            store(2 * j + 1, r * sin);
        }
    }
}
