//! Fixed points of the length map: where they are, and what becomes of a length nearby.

use alloc::vec::Vec;
use core::fmt;

use super::root::{finite_samples, root, sign_changes};
use super::{MeanField, TheoryError, depth_scale};

/// How far from 1 a slope may be and still count as 1: fixed points and given variances are known
/// to about nine digits.
const SLOPE_TOLERANCE: f64 = 1e-7;

/// A relative difference V(q) / q - 1 below this is rounding.
const ROUNDING: f64 = 1e-12;

/// A relative difference below this at a turning point is a double root known to nine digits.
const TOUCHING: f64 = 2e-9;

/// What becomes of a length q near a fixed point of the length map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stability {
    /// It comes back, from either side (for q* = 0: from above).
    Stable,
    /// It runs away.
    Unstable,
    /// It comes back on one side and runs away on the other: V touches the diagonal.
    HalfStable,
    /// It stays where it is: V is the diagonal, as for ReLU with He's gain and no bias.
    Neutral,
}

/// In lower case: `half-stable`.
impl fmt::Display for Stability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Stable => "stable",
            Self::Unstable => "unstable",
            Self::HalfStable => "half-stable",
            Self::Neutral => "neutral",
        })
    }
}

/// A fixed point q* = V(q*) of the length map.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct FixedPoint {
    /// q*, the mean square of the pre-activations.
    pub q: f64,
    /// V'(q*): by what a small deviation from q* is multiplied in each layer.
    pub slope: f64,
    /// chi_1 = sigma_w^2 E phi'(z)^2: by what the gradient's mean square is multiplied in each layer.
    pub chi: f64,
    /// What becomes of a length nearby.
    pub stability: Stability,
}

impl FixedPoint {
    /// Layers in which a deviation from q* falls by e; see [`depth_scale`].
    #[must_use]
    pub fn xi_q(&self) -> f64 {
        depth_scale(self.slope)
    }

    /// Layers in which the gradient's mean square falls by e; see [`depth_scale`].
    #[must_use]
    pub fn xi_grad(&self) -> f64 {
        depth_scale(self.chi)
    }
}

/// Whether the middle one of three samples (q, V(q) / q - 1), all on one side of 0, is closest to it:
/// by more than rounding, and close enough for a double root next to it.
fn comes_close(near: &[(f64, f64)]) -> bool {
    let (left, middle, right) = (near[0].1, near[1].1, near[2].1);
    let one_side = left * middle > 0.0 && middle * right > 0.0;
    one_side && middle.abs() < 0.1 && middle.abs() < 0.999_999 * left.abs().min(right.abs())
}

impl MeanField {
    /// All fixed points of the length map with q* = 0 or between 1e-12 and 1e12, in ascending order.
    ///
    /// None means that every length grows beyond 1e12. Where every length is fixed (ReLU with
    /// He's gain, no bias), the one answer is q* = 1, [`Stability::Neutral`]. q* and chi_1 are good
    /// to 1e-9 where V'(q*) is not 1. Where V(q) / q comes within 2e-9 of 1 and turns back, that is a
    /// half-stable point.
    ///
    /// # Errors
    /// [`TheoryError::NoExpectation`] if V(1) is not finite.
    ///
    /// ```
    /// use fanin::Activation;
    /// use fanin::theory::{GainMethod, MeanField, Stability, gain_for};
    ///
    /// // GELU with its exact forward gain: q = 1 is fixed, but lengths run away from it.
    /// let gain = gain_for(&Activation::Gelu, GainMethod::Forward)?;
    /// let points = MeanField::new(Activation::Gelu, gain * gain, 0.0)?.fixed_points()?;
    /// assert_eq!(points[0].q, 0.0);
    /// assert!((points[1].q - 1.0).abs() < 1e-9);
    /// assert_eq!(points[1].stability, Stability::Unstable);
    /// # Ok::<(), fanin::theory::TheoryError>(())
    /// ```
    pub fn fixed_points(&self) -> Result<Vec<FixedPoint>, TheoryError> {
        Ok(self.fixed_points_and_end()?.0)
    }

    /// With the length beyond which none was sought.
    fn fixed_points_and_end(&self) -> Result<(Vec<FixedPoint>, f64), TheoryError> {
        self.known(self.length_map(1.0), "E phi^2", 1.0)?;
        let samples = finite_samples(|q| self.excess(q));
        let end = samples.last().map_or(f64::NAN, |sample| sample.0);
        if samples.iter().all(|&(_, excess)| excess == 0.0) {
            return Ok((Vec::from([self.classified(1.0)?]), end));
        }
        let samples = self.refined(&samples);
        let mut roots = sign_changes(&samples, |q| self.excess(q));
        roots.extend(samples.windows(3).flat_map(|near| self.touching(near)));
        if self.length_map(0.0) == 0.0 {
            roots.push(0.0);
        }
        roots.sort_by(f64::total_cmp);
        roots.dedup_by(|a, b| (*a - *b).abs() <= 1e-9 * a.abs());
        let points = roots.into_iter().map(|q| self.classified(q)).collect::<Result<_, _>>()?;
        Ok((points, end))
    }

    /// More samples where V crosses or comes close to the diagonal: there may be more to it (GELU's
    /// doubly critical point lies 15 % from a stable one).
    fn refined(&self, samples: &[(f64, f64)]) -> Vec<(f64, f64)> {
        const PIECES: u32 = 16;
        let of_interest = |i: usize| {
            let around = &samples[i.saturating_sub(1)..(i + 3).min(samples.len())];
            around.windows(2).any(|pair| pair[0].1 * pair[1].1 < 0.0) || around.windows(3).any(comes_close)
        };
        let mut refined = Vec::from([samples[0]]);
        for i in 0..samples.len() - 1 {
            let (low, high) = (samples[i].0, samples[i + 1].0);
            let step = libm::log(high / low) / f64::from(PIECES);
            if of_interest(i) {
                let between = (1..PIECES).map(|piece| low * libm::exp(f64::from(piece) * step));
                refined.extend(between.map(|q| (q, self.excess(q))));
            }
            refined.push(samples[i + 1]);
        }
        refined
    }

    /// The fixed point that a network started at length 1 comes to, as after normalised inputs
    /// and a first layer.
    ///
    /// # Errors
    /// As [`fixed_point_from`](MeanField::fixed_point_from).
    pub fn fixed_point(&self) -> Result<FixedPoint, TheoryError> {
        self.fixed_point_from(1.0)
    }

    /// The fixed point that a network started at length `q` comes to: the next one in the direction in
    /// which V leads, or the one that it is started at, stable or not.
    ///
    /// For activations whose V increases, as it does for all built in.
    ///
    /// # Errors
    /// [`TheoryError::Diverges`] if there is none in that direction,
    /// [`TheoryError::NoExpectation`] if V(1) or V(q) is not finite,
    /// [`TheoryError::OutOfRange`] if q is negative, NaN or infinite.
    pub fn fixed_point_from(&self, q: f64) -> Result<FixedPoint, TheoryError> {
        if !(q >= 0.0 && q.is_finite()) {
            return Err(TheoryError::OutOfRange { parameter: "length q", value: q });
        }
        let (points, end) = self.fixed_points_and_end()?;
        let next = self.known(self.length_map(q), "E phi^2", q)?;
        if (next - q).abs() <= ROUNDING * q {
            // Here to stay: at a root, or where every length is one.
            return self.classified(q);
        }
        let found = if next > q {
            points.into_iter().find(|point| point.q > q)
        } else {
            points.into_iter().rev().find(|point| point.q < q)
        };
        found.ok_or(TheoryError::Diverges { from: q, beyond: end })
    }

    /// A root between three samples on one side of 0 that the middle one comes closest to: where
    /// V' = 1, V either touches the diagonal, or crosses it twice.
    fn touching(&self, near: &[(f64, f64)]) -> Vec<f64> {
        if !comes_close(near) {
            return Vec::new();
        }
        let (left, right) = (near[0], near[2]);
        // The turning point of V(q) / q in x = ln q.
        let turning = |x: f64| {
            let q = libm::exp(x);
            self.length_slope(q) - self.length_map(q) / q
        };
        let (low, high) = (libm::log(left.0), libm::log(right.0));
        let Some(x) = root((low, turning(low)), (high, turning(high)), 1e-12, turning) else {
            return Vec::new();
        };
        let turn = (libm::exp(x), self.excess(libm::exp(x)));
        if turn.1.abs() <= TOUCHING {
            Vec::from([turn.0])
        } else {
            sign_changes(&[left, turn, right], |q| self.excess(q))
        }
    }

    fn classified(&self, q: f64) -> Result<FixedPoint, TheoryError> {
        let slope = self.known(self.length_slope(q), "d/dq E phi^2", q)?;
        let chi = self.known(self.chi(q), "E phi'^2", q)?;
        Ok(FixedPoint { q, slope, chi, stability: self.stability(q, slope) })
    }

    /// By the slope; where that is 1, by where V leads on either side.
    pub(super) fn stability(&self, q: f64, slope: f64) -> Stability {
        if slope.abs() < 1.0 - SLOPE_TOLERANCE {
            return Stability::Stable;
        }
        if slope.abs() > 1.0 + SLOPE_TOLERANCE {
            return Stability::Unstable;
        }
        if q == 0.0 {
            // One side only, far enough out for exponentially small terms (hard tanh) to show.
            return match self.excess(0.03) {
                excess if excess < 0.0 => Stability::Stable,
                excess if excess > 0.0 => Stability::Unstable,
                _ => Stability::Neutral,
            };
        }
        let step = 1e-3 * q;
        let bend = self.length_slope(q + step) - self.length_slope(q - step);
        let (below, above) = (self.excess(0.97 * q), self.excess(1.03 * q));
        if bend.abs() > TOUCHING {
            Stability::HalfStable
        } else if below > 0.0 && above < 0.0 {
            Stability::Stable
        } else if below < 0.0 && above > 0.0 {
            Stability::Unstable
        } else {
            Stability::Neutral
        }
    }

    /// V(q) / q - 1, where it is more than rounding.
    fn excess(&self, q: f64) -> f64 {
        let excess = self.length_map(q) / q - 1.0;
        if excess.abs() <= ROUNDING { 0.0 } else { excess }
    }
}
