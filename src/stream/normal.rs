//! Normal numbers by Box and Muller, "A note on the generation of random normal deviates" (1958).

use super::elementary::Elementary;
use super::{Drawn, Kernel, LANES, Recipe, Row};
use crate::scalar::Scalar;

/// Mean (finite) and standard deviation (finite, positive).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Normal {
    pub(crate) mean: f64,
    pub(crate) std_dev: f64,
}

/// mean + std_dev * z, z standard normal.
struct BoxMuller<T> {
    mean: T,
    std_dev: T,
}

impl Recipe for Normal {
    fn kernel<T: Drawn>(&self) -> impl Kernel<T::From> + Sync {
        BoxMuller { mean: T::From::from_f64(self.mean), std_dev: T::From::from_f64(self.std_dev) }
    }
}

/// Both outputs of the transform are used: the cosine in the first row, the sine in the second. The sign that
/// completes the angle costs one operation where it is given to the radius.
impl<T: Elementary> Kernel<T> for BoxMuller<T> {
    #[inline(always)]
    fn rows(&self, [radius, angle]: &[Row<T::Word>; 2], mut store: impl FnMut(usize, T)) {
        for j in 0..LANES {
            let r = self.std_dev * T::radius(radius[j]).with_sign(angle[j]);
            let (cos, sin) = T::direction(angle[j]);
            store(j, self.mean + r * cos);
            store(LANES + j, self.mean + r * sin);
        }
    }
}
