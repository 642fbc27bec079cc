//! The maps of length and correlation from layer to layer, and where they end.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;

use super::TheoryError;
use super::kernel;
use super::root::{finite_samples, root, sign_changes};
use crate::activation::Activation;

/// A variance as good as 0, at which limits are taken.
const SMALLEST: f64 = 1e-24;

/// The longest length of which correlations are known: beyond it their integrals, over features of
/// size 1 in a law that wide, take too long.
const LARGEST: f64 = 1e12;

/// How far from 1 a slope may be and still count as 1: fixed points and given variances are known
/// to about nine digits.
const SLOPE_TOLERANCE: f64 = 1e-7;

/// A relative difference V(q) / q - 1 below this is rounding.
const ROUNDING: f64 = 1e-12;

/// A relative difference below this at a turning point is a double root known to nine digits.
const TOUCHING: f64 = 2e-9;

/// A wide network, all of whose layers are alike: an activation, and normal (or any other
/// independent, centred) weights and biases.
///
/// - `weight_variance`: sigma_w^2 = n Var\[W\] = gain^2, n the number of inputs of a layer;
/// - `bias_variance`: sigma_b^2 = Var\[b\].
///
/// Poole et al. 2016 (eq. 3 and 5), Schoenholz et al. 2017 (section 3).
///
/// ```
/// use fanin::Activation;
/// use fanin::theory::MeanField;
///
/// let net = MeanField::new(Activation::Tanh, 1.69, 0.09)?;
/// let point = net.fixed_point()?;
/// assert!((point.q - 0.607046792).abs() < 1e-9);
/// assert!((point.chi - 0.939807429).abs() < 1e-9);
/// assert!(point.xi_grad() < 17.0); // layers until the gradient's mean square is down to 1/e
/// # Ok::<(), fanin::theory::TheoryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MeanField {
    activation: Activation,
    weight_variance: f64,
    bias_variance: f64,
}

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
    /// Layers in which a deviation from c* falls by e; see [`depth_scale`].
    #[must_use]
    pub fn xi_c(&self) -> f64 {
        depth_scale(self.slope)
    }
}

/// -1 / ln |factor|: layers in which something that is multiplied by `factor` in each falls by e.
///
/// Infinite at 1 (what decays there, decays more slowly than any exponential); negative above 1,
/// where it grows by e in that many layers; 0 at 0.
///
/// ```
/// use fanin::theory::depth_scale;
///
/// assert!((depth_scale(0.9) - 9.491).abs() < 1e-3);
/// assert_eq!(depth_scale(1.0), f64::INFINITY);
/// assert!(depth_scale(1.1) < 0.0);
/// assert_eq!(depth_scale(0.0), 0.0);
/// ```
#[must_use]
pub fn depth_scale(factor: f64) -> f64 {
    if factor == 0.0 {
        return 0.0;
    }
    let rate = -libm::log(factor.abs());
    if rate.abs() <= ROUNDING { f64::INFINITY } else { 1.0 / rate }
}

/// q, or what stands for the limit at 0; NaN if it is no length.
fn or_limit(q: f64) -> f64 {
    if q >= 0.0 { q.max(SMALLEST) } else { f64::NAN }
}

/// Whether the middle one of three samples (q, V(q) / q - 1), all on one side of 0, is closest to it:
/// by more than rounding, and close enough for a double root next to it.
fn comes_close(near: &[(f64, f64)]) -> bool {
    let (left, middle, right) = (near[0].1, near[1].1, near[2].1);
    let one_side = left * middle > 0.0 && middle * right > 0.0;
    one_side && middle.abs() < 0.1 && middle.abs() < 0.999_999 * left.abs().min(right.abs())
}

impl MeanField {
    /// A network of this activation, sigma_w^2 and sigma_b^2.
    ///
    /// # Errors
    /// [`TheoryError::OutOfRange`] if a variance is negative, NaN or infinite.
    ///
    /// ```
    /// use fanin::Activation;
    /// use fanin::theory::MeanField;
    ///
    /// assert!(MeanField::new(Activation::Relu, 2.0, 0.0).is_ok());
    /// assert!(MeanField::new(Activation::Relu, -2.0, 0.0).is_err());
    /// ```
    pub fn new(
        activation: Activation,
        weight_variance: f64,
        bias_variance: f64,
    ) -> Result<Self, TheoryError> {
        for (parameter, value) in [("weight variance", weight_variance), ("bias variance", bias_variance)] {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(TheoryError::OutOfRange { parameter, value });
            }
        }
        Ok(Self { activation, weight_variance, bias_variance })
    }

    /// The activation.
    #[must_use]
    pub fn activation(&self) -> &Activation {
        &self.activation
    }

    /// sigma_w^2.
    #[must_use]
    pub fn weight_variance(&self) -> f64 {
        self.weight_variance
    }

    /// sigma_b^2.
    #[must_use]
    pub fn bias_variance(&self) -> f64 {
        self.bias_variance
    }

    /// V(q) = sigma_w^2 E phi(sqrt(q) g)^2 + sigma_b^2, g ~ N(0, 1): the next layer's length.
    ///
    /// NaN where the expectation is not finite, or q is negative or not finite.
    ///
    /// ```
    /// use fanin::Activation;
    /// use fanin::theory::MeanField;
    ///
    /// let net = MeanField::new(Activation::Relu, 1.5, 0.1)?;
    /// assert!((net.length_map(0.4) - 0.4).abs() < 1e-15);
    /// # Ok::<(), fanin::theory::TheoryError>(())
    /// ```
    #[must_use]
    pub fn length_map(&self, q: f64) -> f64 {
        self.weight_variance * self.activation.mean_square(q) + self.bias_variance
    }

    /// V'(q), by what a small deviation of the length is multiplied; at q = 0 the limit.
    #[must_use]
    pub fn length_slope(&self, q: f64) -> f64 {
        self.weight_variance * kernel::mean_square_slope(&self.activation, or_limit(q))
    }

    /// chi(q) = sigma_w^2 E phi'(sqrt(q) g)^2: by what the mean square of the gradient is
    /// multiplied on its way back through one layer; at q = 0 the limit.
    #[must_use]
    pub fn chi(&self, q: f64) -> f64 {
        self.weight_variance * self.activation.derivative_mean_square(q)
    }

    /// The correlation of two inputs' pre-activations one layer on, when it is c in this layer and
    /// both have length q: (sigma_w^2 E phi(z1) phi(z2) + sigma_b^2) / V(q).
    ///
    /// To 1e-9 for activations whose features are of size 1 or at the kinks. NaN where c is not
    /// between -1 and 1, q not between 0 and 1e12, or an expectation is not finite; at q = 0 the limit.
    ///
    /// ```
    /// use fanin::Activation;
    /// use fanin::theory::MeanField;
    ///
    /// // ReLU, as He starts it: orthogonal inputs come out at 1 / pi.
    /// let net = MeanField::new(Activation::Relu, 2.0, 0.0)?;
    /// assert!((net.correlation_map(1.0, 0.0) - std::f64::consts::FRAC_1_PI).abs() < 1e-15);
    /// # Ok::<(), fanin::theory::TheoryError>(())
    /// ```
    #[must_use]
    pub fn correlation_map(&self, q: f64, c: f64) -> f64 {
        1.0 - self.decorrelation(q, c)
    }

    /// The slope of the correlation map at c: sigma_w^2 q E phi'(z1) phi'(z2) / V(q). At a fixed
    /// point q* and c = 1 it is chi_1.
    #[must_use]
    pub fn correlation_slope(&self, q: f64, c: f64) -> f64 {
        let q = or_limit(q);
        if !((-1.0..=1.0).contains(&c) && q <= LARGEST) {
            return f64::NAN;
        }
        let product = if c == 1.0 {
            self.activation.derivative_mean_square(q)
        } else {
            kernel::derivative_product(&self.activation, q, c)
        };
        self.weight_variance * product * (q / self.length_map(q))
    }

    /// 1 minus the correlation map, with all its digits where c is near 1.
    fn decorrelation(&self, q: f64, c: f64) -> f64 {
        let q = or_limit(q);
        if !((-1.0..=1.0).contains(&c) && q <= LARGEST) {
            return f64::NAN;
        }
        self.weight_variance * kernel::half_square_difference(&self.activation, q, c) / self.length_map(q)
    }

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
    /// use fanin::theory::{MeanField, Stability};
    ///
    /// // GELU with its exact forward gain: q = 1 is fixed, but lengths run away from it.
    /// let gain = Activation::Gelu.forward_gain();
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

    /// The stable fixed point of the correlation map at length q: 1 where its slope there is at
    /// most 1, else the one below 1. c* and slope to 1e-6.
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
        const TOLERANCE: f64 = 1e-9;
        if !(q >= 0.0 && q.is_finite()) {
            return Err(TheoryError::OutOfRange { parameter: "length q", value: q });
        }
        let known = |value, what| self.known(value, what, q);
        let slope = known(self.correlation_slope(q, 1.0), "E phi'^2")?;
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
            let t = root((0.0, 1.0 - slope), (1.0, at_zero), 3e-8, excess);
            let t = known(t.unwrap_or(f64::NAN), "E phi(z1) phi(z2)")?;
            1.0 - t * t
        };
        let slope = known(self.correlation_slope(q, c), "E phi'(z1) phi'(z2)")?;
        Ok(CorrelationPoint { c, slope })
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

    fn known(&self, value: f64, what: &'static str, q: f64) -> Result<f64, TheoryError> {
        if value.is_finite() {
            Ok(value)
        } else {
            Err(TheoryError::NoExpectation { activation: self.activation.to_string(), what, q })
        }
    }
}
