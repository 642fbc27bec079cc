//! Fixed points of the length map: where they are, and what becomes of a length nearby.

use alloc::vec::Vec;
use core::fmt;

use super::mean_field::depth_scale;
use super::root::{root, roots};
use super::{MeanField, TheoryError};

/// How far from 1 a slope may be and still count as 1: fixed points and given variances are known
/// to about nine digits.
const SLOPE_TOLERANCE: f64 = 1e-7;

/// A relative difference V(q) / q - 1 below this is rounding.
const ROUNDING: f64 = 1e-12;

/// A relative difference below this at a turning point is a double root: variances that are given to nine decimals
/// move it by half a digit of the ninth each.
const TOUCHING: f64 = 6e-10;

/// A step in ln q, so small that there is no other turning point, so large that the slope's digits show it.
const NEARBY: f64 = 1e-3;

/// Where V' changes less from one step below q to one step above, V crosses the diagonal without bending.
const STRAIGHT: f64 = 2e-9;

/// A bias variance of this share of the length beyond which none was sought carries lengths there by itself.
const BIAS_ALONE: f64 = 0.1;

/// The relative distance at which it is asked on which side of the diagonal V is: where V' is 1, V leaves it by the
/// third power of this.
const BESIDE: f64 = 0.03;

/// The length at which that is asked for q* = 0: far enough out for exponentially small terms (hard tanh) to show.
const ABOVE_ZERO: f64 = 0.03;

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
    /// Layers in which a deviation from q* falls by e: -1 / ln |slope|, infinite at 1, negative where it grows.
    #[must_use]
    pub fn xi_q(&self) -> f64 {
        depth_scale(self.slope)
    }

    /// Layers in which the gradient's mean square falls by e: -1 / ln chi, infinite at 1, negative where it grows.
    #[must_use]
    pub fn xi_grad(&self) -> f64 {
        depth_scale(self.chi)
    }
}

impl MeanField {
    /// All fixed points of the length map with q* = 0 or between 1e-12 and 1e12, in ascending order.
    ///
    /// None means that every length grows beyond 1e12. Where every length is fixed (ReLU with
    /// He's gain, no bias), the one answer is q* = 1, [`Stability::Neutral`]. q* and chi_1 are good
    /// to 1e-9 where V'(q*) is not 1. Where V(q) / q comes within 6e-10 of 1 and turns back, that is a
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
        let found = roots(|q| self.excess(q), ROUNDING, TOUCHING);
        let end = found.end;
        if found.is_zero {
            return Ok((Vec::from([self.classified(1.0)?]), end));
        }
        let mut points = Vec::new();
        if self.length_map(0.0) == 0.0 {
            points.push(self.classified(0.0)?);
        }
        for root in found.roots {
            points.push(if root.is_double {
                let point = self.classified(self.turning_point(root.q))?;
                FixedPoint { stability: Stability::HalfStable, ..point }
            } else {
                self.classified(root.q)?
            });
        }
        Ok((points, end))
    }

    /// The place where V(q) / q turns back next to this one: V' = V / q.
    fn turning_point(&self, q: f64) -> f64 {
        let turning = |x: f64| {
            let q = libm::exp(x);
            self.length_slope(q) - self.length_map(q) / q
        };
        let [low, high] = [-NEARBY, NEARBY].map(|step| libm::log(q) + step);
        root((low, turning(low)), (high, turning(high)), ROUNDING, turning).map_or(q, libm::exp)
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
        let too_large =
            if self.bias_variance() >= BIAS_ALONE * end { "bias variance" } else { "weight variance" };
        found.ok_or(TheoryError::Diverges { from: q, beyond: end, too_large })
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
        let sign = |q: f64| {
            let excess = self.excess(q);
            if excess.abs() <= ROUNDING { 0.0 } else { excess.signum() }
        };
        if q == 0.0 {
            return match sign(ABOVE_ZERO) {
                -1.0 => Stability::Stable,
                1.0 => Stability::Unstable,
                _ => Stability::Neutral,
            };
        }
        let bend = self.length_slope(q * (1.0 + NEARBY)) - self.length_slope(q * (1.0 - NEARBY));
        match (sign(q * (1.0 - BESIDE)), sign(q * (1.0 + BESIDE))) {
            _ if bend.abs() > STRAIGHT => Stability::HalfStable,
            (1.0, -1.0) => Stability::Stable,
            (-1.0, 1.0) => Stability::Unstable,
            _ => Stability::Neutral,
        }
    }

    /// V(q) / q - 1.
    fn excess(&self, q: f64) -> f64 {
        self.length_map(q) / q - 1.0
    }
}
