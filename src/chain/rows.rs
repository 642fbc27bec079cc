//! The statistics of a `[samples, units]` tensor, sample by sample.

use alloc::vec::Vec;

use super::Moments;
use crate::scalar::Scalar;

/// A `[samples, units]` tensor: its moments, and of each sample ln |row|^2 and the cosine with (1, 1, .., 1).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rows {
    pub(crate) moments: Moments,
    /// Negative infinity where a row is 0, NaN where it is not finite.
    pub(crate) ln_norms: Vec<f64>,
    /// Mean over root mean square; NaN where a row has no direction.
    pub(crate) tilts: Vec<f64>,
}

impl Rows {
    pub(super) fn from_slice<T: Scalar>(values: &[T], width: usize) -> Self {
        let count = values.len() / width.max(1);
        let (mut ln_norms, mut tilts) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let mut moments = Moments::new();
        for row in values.chunks(width.max(1)) {
            let of_row = Moments::from_slice(row);
            moments.merge(&of_row);
            if of_row.non_finite() > 0 {
                ln_norms.push(f64::NAN);
                tilts.push(f64::NAN);
                continue;
            }
            ln_norms.push(of_row.ln_mean_square().map_or(f64::NAN, |ln| ln + libm::log(row.len() as f64)));
            tilts.push(of_row.mean().zip(of_row.rms()).map_or(f64::NAN, |(mean, rms)| mean / rms));
        }
        Self { moments, ln_norms, tilts }
    }
}
