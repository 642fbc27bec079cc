//! Truncated normal numbers by inverting the cumulative distribution function.

use super::elementary::{Elementary, PROBIT_NEAR};
use super::{Kernel, ROWS, Row};
use crate::scalar::Scalar;

/// mean + std_dev * sqrt(2) erfinv(y), y uniform between erf(a / sqrt 2) and erf(b / sqrt 2).
#[derive(Clone, Copy, Debug)]
pub(crate) struct TruncatedNormal<const TAILS: bool> {
    mean: f64,
    std_dev: f64,
    middle: f64,
    width: f64,
    low: f64,
    high: f64,
}

impl<const TAILS: bool> TruncatedNormal<TAILS> {
    /// `mean` and `std_dev` of the parent law, the bounds on the result, and the error function at
    /// the bounds: `erf_low` < `erf_high`, both within +-erf(8 / sqrt 2).
    pub(crate) fn new(mean: f64, std_dev: f64, low: f64, high: f64, erf_low: f64, erf_high: f64) -> Self {
        let middle = 0.5 * (erf_low + erf_high);
        Self { mean, std_dev, middle, width: erf_high - erf_low, low, high }
    }
}

/// Whether bounds at these values of the error function need more than its middle part.
pub(crate) fn needs_tails(erf_low: f64, erf_high: f64) -> bool {
    erf_low < -PROBIT_NEAR || erf_high > PROBIT_NEAR
}

impl<T: Scalar + Elementary, const TAILS: bool> Kernel<T> for TruncatedNormal<TAILS> {
    #[inline(always)]
    fn rows(&self, words: &[Row<T::Word>; 2], out: &mut [T; ROWS]) {
        let (words, scale) = (words.as_flattened(), self.width * T::UNIT);
        for i in 0..ROWS {
            let y = self.middle + scale * T::signed(words[i]);
            let z = if TAILS { T::probit(y) } else { T::probit_near(y) };
            // Rounding may carry the outermost values past the bounds.
            let value = self.mean + self.std_dev * z.to_f64();
            let value = if value < self.low { self.low } else { value };
            out[i] = T::from_f64(if value > self.high { self.high } else { value });
        }
    }
}
