//! Normal numbers by Box and Muller, "A note on the generation of random normal deviates" (1958).

use super::elementary::Elementary;
use super::{Kernel, LANES, ROWS, Row};
use crate::scalar::Scalar;

/// mean + std_dev * z, z standard normal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Normal {
    pub(crate) mean: f64,
    pub(crate) std_dev: f64,
}

/// Both outputs of the transform are used: the cosine in the first row, the sine in the second.
impl<T: Scalar + Elementary> Kernel<T> for Normal {
    #[inline(always)]
    fn rows(&self, [radius, angle]: &[Row<T::Word>; 2], out: &mut [T; ROWS]) {
        for j in 0..LANES {
            let r = T::radius(radius[j]);
            let (cos, sin) = T::cos_sin(angle[j]);
            out[j] = T::from_f64(self.mean + self.std_dev * (r * cos).to_f64());
            out[LANES + j] = T::from_f64(self.mean + self.std_dev * (r * sin).to_f64());
        }
    }
}
