//! Normal numbers by Box and Muller, ["A note on the generation of random normal
//! deviates"](https://doi.org/10.1214/aoms/1177706645) (1958).
//!
//! The pair costs 227 AVX2 instructions for 32 `f32`. Only fewer operations, or shorter chains of them, make it cheaper.
//! Tried on one core of a Zen 4 in November 2026, beside 288 instructions of sine, cosine, their signs and a logarithm of
//! degree 8 on [1/2, 1), which gave 1,900 M/s with AVX-512 and 1,160 with AVX2:
//!
//! - Kept: the angle in half the circle and one sign for the pair; the cosine as a square root; the logarithm by atanh, degree
//!   3, one division; no absolute value and no exponent to subtract in the radius; the standard deviation on the radius: 2,205 and
//!   1,280 M/s (`f64` 642 to 703 and 315 to 346). The error of an `f32` goes from 2.0e-7 to 3.1e-7.
//! - Degree 4 in that logarithm: 2,087 and 1,170 M/s. The cosine as a polynomial beside it: 1,983 and 1,039. The new angle alone:
//!   1,872 and 1,165, and with the cosine as a root 1,929 and 1,169: what counts with AVX2 is the length of the chain, not the operations.
//! - A logarithm centred on 1, on [sqrt(1/2), sqrt(2)), needs the same degree on the interval of the same ratio: nothing to gain. Radii of 8 row
//!   pairs before their angles: nothing; five stages through arrays: 5 %.

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
