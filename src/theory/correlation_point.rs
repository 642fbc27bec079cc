//! The fixed point of the correlation map: how alike any two inputs end.

use super::mean_field::depth_scale;
use super::root::root;
use super::{MeanField, TheoryError};

/// How far from 1 a slope may be and still count as 1, how far from 0 a correlation and still count as 0.
const TOLERANCE: f64 = 1e-9;

/// The accuracy of sqrt(1 - c*): that of c* is twice this, times sqrt(1 - c*).
const ROOT_TOLERANCE: f64 = 3e-8;

/// The least sqrt(1 - c*) that is told from 0 where phi jumps: c* is known to its square.
const NEAREST: f64 = 1e-6;

/// The stable fixed point c* of the correlation map, at some length q.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct CorrelationPoint {
    /// c*: the correlation that any two inputs end with.
    pub c: f64,
    /// The map's slope there: by what a deviation from c* is multiplied in each layer.
    pub slope: f64,
}

impl CorrelationPoint {
    /// Layers in which a deviation from c* falls by e: -1 / ln |slope|, infinite at 1, negative where it grows.
    #[must_use]
    pub fn xi_c(&self) -> f64 {
        depth_scale(self.slope)
    }
}

impl MeanField {
    /// The stable fixed point of the correlation map at length q: 1 where its slope there is at
    /// most 1, else the one below 1, as always where phi jumps. c* and slope to 1e-6.
    ///
    /// Takes milliseconds, and 0.2 s for a custom activation that changes as fast as can be followed.
    ///
    /// Where every correlation is fixed (a linear network, or tanh at q* = 0), c* is given as 1.
    ///
    /// # Errors
    /// [`TheoryError::NoExpectation`] where an expectation is not finite or cannot be resolved,
    /// [`TheoryError::OutOfRange`] if q is negative, NaN or infinite.
    ///
    /// ```
    /// use fanin::Activation;
    /// use fanin::theory::MeanField;
    ///
    /// let chaotic = MeanField::new(Activation::Tanh, 2.5, 0.1)?;
    /// let point = chaotic.fixed_point()?;
    /// assert!(point.chi > 1.0 && chaotic.correlation_point(point.q)?.c < 1.0);
    /// # Ok::<(), fanin::theory::TheoryError>(())
    /// ```
    pub fn correlation_point(&self, q: f64) -> Result<CorrelationPoint, TheoryError> {
        if !(q >= 0.0 && q.is_finite()) {
            return Err(TheoryError::OutOfRange { parameter: "length q", value: q });
        }
        let known = |value, what| self.known(value, what, q);
        let slope = self.correlation_slope(q, 1.0);
        let has_jump = slope == f64::INFINITY;
        if !has_jump {
            known(slope, "E phi'(z1) phi'(z2)")?;
        }
        if slope <= 1.0 + TOLERANCE {
            return Ok(CorrelationPoint { c: 1.0, slope });
        }
        let at_zero = known(self.correlation_map(q, 0.0), "E phi(z1) phi(z2)")?;
        let c = if at_zero.abs() <= TOLERANCE {
            0.0 // no bias, and activations of mean 0
        } else {
            // The map is convex on [0, 1] (a power series without negative terms), at 1 it is 1
            // and rises above the diagonal to the left: one root, of (C - c) / (1 - c), whose
            // limit at 1 is known. t = sqrt(1 - c) spreads out what lies near 1.
            let excess = |t: f64| 1.0 - self.decorrelation(q, 1.0 - t * t) / (t * t);
            // Where phi jumps it falls like 1 / t, from a multiple of sigma_w^2 / t.
            let nearest = if has_jump { (NEAREST, excess(NEAREST)) } else { (0.0, 1.0 - slope) };
            if nearest.1 >= 0.0 {
                return Ok(CorrelationPoint { c: 1.0, slope });
            }
            let t = root(nearest, (1.0, at_zero), ROOT_TOLERANCE, excess);
            let t = known(t.unwrap_or(f64::NAN), "E phi(z1) phi(z2)")?;
            1.0 - t * t
        };
        let slope = known(self.correlation_slope(q, c), "E phi'(z1) phi'(z2)")?;
        Ok(CorrelationPoint { c, slope })
    }
}
