//! Variance scaling of complex weights.

use core::fmt;

use super::shape::check_end;
use super::{FanMode, Gain, InitError, Initializer, Law, Scalar, Seed, seedable};
use crate::fan::Fan;
use crate::scalar::sqrt;
use crate::significant::Significant;
use crate::stream::{self, Modulus};

/// The root mean square of the modulus of a standard complex normal number, given that it is at most 2:
/// sqrt(1 - 4 e^-4 / (1 - e^-4)).
const TRUNCATED_RMS: f64 = 0.961_961_828_008_213_5;

/// Complex weights with mean 0, a uniform angle, and E |w|^2 = scale / fan, the fan as [`FanMode`] says: real and imaginary part
/// have half of the variance each. What [`VarianceScaling`](super::VarianceScaling) is to real weights, with the names of JAX.
///
/// The scale of He's initialization is 2, of Xavier's 1 with [`FanAvg`](FanMode::FanAvg), of LeCun's 1 (Trabelsi et al.,
/// ["Deep complex networks"](https://arxiv.org/abs/1705.09792), 2018, section 3.6, whose Rayleigh distributed modulus and uniform phase
/// are the normal form here).
///
/// It fills slices of num-complex's `Complex<T>`, or of `T`, in which real and imaginary parts take turns. (A real
/// distribution fills complex numbers as well, each part with the whole variance.)
///
/// ```
/// use fanin::{ComplexScaling, FanMode, prelude::*};
/// use num_complex::Complex;
///
/// let mut w = vec![Complex::<f32>::default(); 64 * 64];
/// ComplexScaling::normal(2.0, FanMode::FanIn, 64).seed(1).fill(&mut w);
/// let mean_square = w.iter().map(Complex::norm_sqr).sum::<f32>() / 4096.0;
/// assert!((mean_square - 2.0 / 64.0).abs() < 0.003);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ComplexScaling {
    modulus: Modulus,
    gain: Gain,
    mode: FanMode,
    fan: Fan,
}

impl ComplexScaling {
    /// Complex normal: real and imaginary part are independent N(0, scale / (2 fan)). `scale` is finite and at least 0.
    #[must_use]
    pub fn normal(scale: f64, mode: FanMode, fan: impl Into<Fan>) -> Self {
        Self { modulus: Modulus::Normal, gain: Gain::from_scale(scale), mode, fan: fan.into() }
    }

    /// Uniform in the disk of radius sqrt(2 scale / fan). `scale` is finite and at least 0.
    #[must_use]
    pub fn uniform_disk(scale: f64, mode: FanMode, fan: impl Into<Fan>) -> Self {
        Self { modulus: Modulus::Disk, ..Self::normal(scale, mode, fan) }
    }

    /// Complex normal, given that the modulus is at most 2 root mean squares of its parent, which is widened by 1 / 0.96196 so that the
    /// variance after truncation is the one promised. (JAX 0.10 divides by 0.95311, sqrt(1 - 5 e^-4), which leaves the mass of the truncated
    /// part out of account: its variance is 1.0187 times as large.) `scale` is finite and at least 0.
    #[must_use]
    pub fn truncated_normal(scale: f64, mode: FanMode, fan: impl Into<Fan>) -> Self {
        Self { modulus: Modulus::TruncatedNormal, ..Self::normal(scale, mode, fan) }
    }

    /// Says early what filling would refuse, whatever the scalar.
    ///
    /// # Errors
    ///
    /// A fan of 0, one that cannot be computed or that is not given; a scale that is negative, NaN or infinite.
    pub fn check(&self) -> Result<(), InitError> {
        self.mode.of(&self.fan)?;
        self.gain.check()
    }

    /// The root mean square of the modulus.
    fn rms(&self) -> f64 {
        self.gain.value() / sqrt(self.mode.of(&self.fan).unwrap_or(0.0))
    }

    /// What the stream draws, and the largest modulus that it may reach.
    fn recipe(&self) -> (stream::Complex, f64) {
        let (scale, reach) = match self.modulus {
            Modulus::Normal => (self.rms() * core::f64::consts::FRAC_1_SQRT_2, stream::NORMAL_REACH),
            Modulus::Disk => (self.rms() * core::f64::consts::SQRT_2, 1.001),
            Modulus::TruncatedNormal => (self.rms() / TRUNCATED_RMS, 2.001),
        };
        (stream::Complex { modulus: self.modulus, scale }, reach * scale)
    }

    fn checked<T: Scalar>(&self) -> Result<stream::Complex, InitError> {
        self.check()?;
        let (recipe, magnitude) = self.recipe();
        if T::from_f64(T::parameter(magnitude)).is_finite() {
            return Ok(recipe);
        }
        Err(InitError::Overflow { magnitude, scalar: T::NAME, max: Scalar::to_f64(T::max_value()) })
    }
}

seedable!(ComplexScaling);

impl<T: Scalar> Initializer<T> for ComplexScaling {
    fn fill_shard(&self, seed: Seed, offset: u64, shard: &mut [T]) -> Result<(), InitError> {
        let recipe = self.checked::<T>()?;
        check_end(offset, shard.len())?;
        stream::fill(&recipe, seed, offset, T::slice_mut(shard));
        Ok(())
    }

    fn check(&self) -> Result<(), InitError> {
        self.checked::<T>().map(drop)
    }

    /// That of a part, where it has a name: the normal form's.
    fn law(&self) -> Option<Law> {
        (self.modulus == Modulus::Normal).then(|| Law::Normal { mean: 0.0, std_dev: self.recipe().0.scale })
    }
}

/// `complex normal, E|w|^2 = 0.03125`; what is wrong with it, if anything is.
impl fmt::Display for ComplexScaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Err(error) = self.check() {
            return error.fmt(f);
        }
        let name = match self.modulus {
            Modulus::Normal => "normal",
            Modulus::Disk => "uniform in a disk",
            Modulus::TruncatedNormal => "normal, truncated by modulus",
        };
        write!(f, "complex {name}, E|w|^2 = {}", Significant { value: self.rms() * self.rms(), digits: 4 })
    }
}
