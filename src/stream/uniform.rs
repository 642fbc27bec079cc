//! Uniform numbers.

use super::elementary::Elementary;
use super::{Kernel, ROWS, Row};
use crate::scalar::Scalar;

/// middle + width * x, x in [-1/2, 1/2).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Uniform {
    middle: f64,
    width: f64,
}

impl Uniform {
    /// On [low, high], finite and in order, with a finite width.
    pub(crate) fn new(low: f64, high: f64) -> Self {
        let middle = 0.5 * low + 0.5 * high;
        let mut width = high - low;
        // Rounding is monotonic: if the ends stay inside, so does everything between them.
        while middle + 0.5 * width > high || middle - 0.5 * width < low {
            width = width.next_down();
        }
        Self { middle, width }
    }
}

impl<T: Scalar + Elementary> Kernel<T> for Uniform {
    #[inline(always)]
    fn rows(&self, words: &[Row<T::Word>; 2], out: &mut [T; ROWS]) {
        let (words, scale) = (words.as_flattened(), self.width * T::UNIT);
        for i in 0..ROWS {
            out[i] = T::from_f64(self.middle + scale * T::signed(words[i]));
        }
    }
}
