//! Critical points: chi_1 = 1, where gradients neither vanish nor explode.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;

use super::length_slope::mean_square_slope;
use super::root::roots;
use super::{MeanField, Stability, TheoryError};
use crate::activation::Activation;
use crate::quadrature::SMALLEST_VARIANCE;
use crate::scalar::sqrt;
use crate::significant::Significant;

/// Significant digits that are printed.
const DIGITS: usize = 10;

/// Relative differences of lengths below this are rounding.
const ROUNDING: f64 = 1e-11;

/// And of slopes: V' is a difference, known to fewer digits where phi(0) is not 0.
const SLOPE_ROUNDING: f64 = 1e-9;

/// Weight and bias variances for which chi_1 = 1 at a fixed point of the length map.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct CriticalPoint {
    /// sigma_w^2 = n Var\[W\]: the square of the gain.
    pub weight_variance: f64,
    /// sigma_b^2.
    pub bias_variance: f64,
    /// The fixed point q* where chi_1 = 1. Where every q is one (ReLU), 1.
    pub q: f64,
    /// V'(q*).
    pub slope: f64,
    /// Whether lengths stay near q*. If not, what is critical there does not stay so with depth.
    pub stability: Stability,
}

/// One line with all of it, the gain included.
impl fmt::Display for CriticalPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |value| Significant { value, digits: DIGITS };
        write!(
            f,
            "gain {} (weight variance {} / fan_in), bias variance {}: critical at q = {}, {}",
            number(sqrt(self.weight_variance)),
            number(self.weight_variance),
            number(self.bias_variance),
            number(self.q),
            self.stability
        )
    }
}

/// All critical points of an activation at one bias variance, by ascending q.
///
/// chi_1 = 1 asks for sigma_w^2 = 1 / E phi'^2 at q, and q is a fixed point if
/// sigma_b^2 = q - E phi^2 / E phi'^2: one equation in q, solved for q* = 0 and between 1e-12 and 1e12.
///
/// # Errors
/// [`TheoryError::NoExpectation`] if E phi^2 or E phi'^2 is not finite at q = 1,
/// [`TheoryError::OutOfRange`] for a bias variance that is negative, NaN or infinite. No point
/// is no error here but an empty list.
///
/// ```
/// use fanin::Activation;
/// use fanin::theory::critical_points;
///
/// // A sigmoid net without biases is critical at one gain only, a large one.
/// let points = critical_points(&Activation::Sigmoid, 0.0)?;
/// assert_eq!(points.len(), 1);
/// assert!((points[0].weight_variance.sqrt() - 10.15).abs() < 0.01);
/// // A ReLU net with biases never is.
/// assert!(critical_points(&Activation::Relu, 0.1)?.is_empty());
/// # Ok::<(), fanin::theory::TheoryError>(())
/// ```
pub fn critical_points(
    activation: &Activation,
    bias_variance: f64,
) -> Result<Vec<CriticalPoint>, TheoryError> {
    if !(bias_variance >= 0.0 && bias_variance.is_finite()) {
        return Err(TheoryError::OutOfRange { parameter: "bias variance", value: bias_variance });
    }
    check(activation)?;
    let excess = |q: f64| (critical_bias(activation, q) - bias_variance) / q;
    let mut lengths = lengths(excess, ROUNDING);
    // q* = 0: the length map starts at 0, and the slopes to both sides of it count.
    let starts_at_zero = bias_variance == 0.0 && activation.phi(0.0) == 0.0;
    if starts_at_zero && lengths != [1.0] && excess(SMALLEST_VARIANCE).abs() <= ROUNDING {
        lengths.insert(0, 0.0);
    }
    lengths.into_iter().map(|q| point(activation, q, bias_variance)).collect()
}

/// The point where both chi_1 = 1 and V' = 1: lengths and gradients keep their size at once.
///
/// It exists for activations such as GELU, SiLU and Mish, at a bias variance of its own, and is
/// half-stable: lengths on one side come back, slowly, on the other they run away (Roberts, Yaida & Hanin
/// 2022, section 5.3.4). For scale-invariant activations it is He's gain, neutral; tanh has none, since V' < 1
/// wherever chi_1 = 1.
pub(super) fn doubly_critical(activation: &Activation) -> Result<CriticalPoint, TheoryError> {
    check(activation)?;
    let excess = |q: f64| mean_square_slope(activation, q) / activation.derivative_mean_square(q) - 1.0;
    lengths(excess, SLOPE_ROUNDING)
        .into_iter()
        .map(|q| (q, critical_bias(activation, q)))
        .find(|&(q, bias_variance)| bias_variance >= -ROUNDING * q)
        .map(|(q, bias_variance)| {
            let bias_variance = if bias_variance.abs() <= ROUNDING * q { 0.0 } else { bias_variance };
            point(activation, q, bias_variance)
        })
        .unwrap_or_else(|| Err(none(activation, None)))
}

/// What to start a deep network of this activation with: sigma_w^2 (weights have sigma_w^2 / fan_in)
/// and the bias variance.
///
/// In this order: no biases, at a point that is stable or neutral (tanh: 1, ReLU: 2); the doubly
/// critical point, biases included (GELU, SiLU, Mish); no biases, at a point that is not stable, as
/// `stability` then tells.
///
/// # Errors
/// As [`critical_points`], and [`TheoryError::NoCriticalPoint`] if there is none of these.
///
/// ```
/// use fanin::Activation;
/// use fanin::theory::critical;
///
/// assert_eq!(critical(&Activation::Relu)?.weight_variance, 2.0);
/// assert!(critical(&Activation::Silu)?.bias_variance > 0.0);
/// # Ok::<(), fanin::theory::TheoryError>(())
/// ```
pub fn critical(activation: &Activation) -> Result<CriticalPoint, TheoryError> {
    let without_bias = steadiest(critical_points(activation, 0.0)?);
    let steady = |point: &CriticalPoint| matches!(point.stability, Stability::Stable | Stability::Neutral);
    if let Some(point) = without_bias.filter(steady) {
        return Ok(point);
    }
    doubly_critical(activation).or_else(|error| without_bias.ok_or(error))
}

/// The roots of a function of q; 1 for one that is 0 everywhere.
fn lengths(excess: impl Fn(f64) -> f64, rounding: f64) -> Vec<f64> {
    let found = roots(excess, rounding, rounding);
    if found.is_zero { Vec::from([1.0]) } else { found.roots.into_iter().map(|root| root.q).collect() }
}

/// sigma_b^2 for which q is a fixed point with chi_1 = 1; no bias can do it where it is negative.
fn critical_bias(activation: &Activation, q: f64) -> f64 {
    q - activation.mean_square(q) / activation.derivative_mean_square(q)
}

fn point(activation: &Activation, q: f64, bias_variance: f64) -> Result<CriticalPoint, TheoryError> {
    let weight_variance = 1.0 / activation.derivative_mean_square(q);
    let net = MeanField::new(activation.clone(), weight_variance, bias_variance)?;
    let slope = net.length_slope(q);
    let stability = net.stability(q, slope);
    Ok(CriticalPoint { weight_variance, bias_variance, q, slope, stability })
}

/// The stable point, or else the neutral, half-stable, unstable one.
fn steadiest(points: Vec<CriticalPoint>) -> Option<CriticalPoint> {
    points.into_iter().min_by_key(|point| match point.stability {
        Stability::Stable => 0,
        Stability::Neutral => 1,
        Stability::HalfStable => 2,
        Stability::Unstable => 3,
    })
}

fn check(activation: &Activation) -> Result<(), TheoryError> {
    for (value, what) in
        [(activation.mean_square(1.0), "E phi^2"), (activation.derivative_mean_square(1.0), "E phi'^2")]
    {
        if !value.is_finite() {
            return Err(TheoryError::NoExpectation { activation: activation.to_string(), what, q: 1.0 });
        }
    }
    Ok(())
}

fn none(activation: &Activation, bias_variance: Option<f64>) -> TheoryError {
    TheoryError::NoCriticalPoint { activation: activation.to_string(), bias_variance }
}
