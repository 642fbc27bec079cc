//! An activation of the user's own.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// The factor between successive steps of a numerical derivative, how many make a tableau, and how many tableaus there
/// are at most: the last step is 1e-13 of the first.
const SHRINK: f64 = 1.4;
const STEPS: usize = 12;
const TABLEAUS: usize = 7;

/// The first step, beside |z| or 1, and where a kink is nearer, beside the distance to it.
const FIRST_STEP: f64 = 0.1;
const SHORT_OF_KINK: f64 = 0.9;

/// Extrapolations that differ by no more than this, beside phi and its slope, agree.
const AGREED: f64 = 1e-11;

type Function = Arc<dyn Fn(f64) -> f64 + Send + Sync>;

/// An activation made of closures or function pointers: phi, its derivative, and the places where
/// they have kinks or jumps.
///
/// Two are equal when they are clones of one another: functions cannot be compared.
///
/// ```
/// use fanin::{Activation, Custom};
///
/// let hard_swish = Custom::new(
///     "hard swish",
///     |z| z * (z + 3.0).clamp(0.0, 6.0) / 6.0,
///     |z| if z < -3.0 { 0.0 } else if z > 3.0 { 1.0 } else { (2.0 * z + 3.0) / 6.0 },
/// )
/// .with_kinks(&[-3.0, 3.0]);
/// let activation = Activation::from(hard_swish);
/// assert_eq!(activation.phi(1.5), 1.125);
/// assert_eq!(activation.to_string(), "hard swish");
/// ```
#[derive(Clone)]
pub struct Custom {
    name: String,
    phi: Function,
    derivative: Option<Function>,
    kinks: Vec<f64>,
}

impl Custom {
    /// phi with its derivative.
    ///
    /// At a kink the derivative says which side's slope the backward pass takes.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        phi: impl Fn(f64) -> f64 + Send + Sync + 'static,
        derivative: impl Fn(f64) -> f64 + Send + Sync + 'static,
    ) -> Self {
        let derivative: Function = Arc::new(derivative);
        Self { name: name.into(), phi: Arc::new(phi), derivative: Some(derivative), kinks: Vec::new() }
    }

    /// phi alone: the derivative is taken numerically, by Ridders' extrapolation of central
    /// differences (Numerical Recipes, section 5.7), to about 1e-10 of phi's scale where phi is
    /// smooth. It costs some 15 evaluations of phi, and up to 170 beside a kink that it is not told of: name the kinks
    /// ([`with_kinks`](Custom::with_kinks)), no difference is taken across one.
    ///
    /// ```
    /// use fanin::{Activation, Custom};
    ///
    /// let cubic = Activation::from(Custom::from_phi("cubic", |z| z * z * z));
    /// assert!((cubic.derivative(2.0) - 12.0).abs() < 1e-9);
    /// ```
    #[must_use]
    pub fn from_phi(name: impl Into<String>, phi: impl Fn(f64) -> f64 + Send + Sync + 'static) -> Self {
        Self { name: name.into(), phi: Arc::new(phi), derivative: None, kinks: Vec::new() }
    }

    /// The places where phi or one of its derivatives jumps; integrals over phi are split there.
    /// What is not finite is ignored.
    #[must_use]
    pub fn with_kinks(mut self, kinks: &[f64]) -> Self {
        self.kinks = kinks.iter().copied().filter(|kink| kink.is_finite()).collect();
        self
    }

    /// The name it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn kinks(&self) -> &[f64] {
        &self.kinks
    }

    pub(super) fn phi(&self, z: f64) -> f64 {
        (self.phi)(z)
    }

    pub(super) fn derivative(&self, z: f64) -> f64 {
        match &self.derivative {
            Some(derivative) => derivative(z),
            None => self.difference(z),
        }
    }

    /// Whether the derivative is a difference quotient, hence known to fewer digits.
    pub(super) fn is_numerical(&self) -> bool {
        self.derivative.is_none()
    }

    fn difference(&self, z: f64) -> f64 {
        let to_kink = self.kinks.iter().map(|kink| (z - kink).abs()).filter(|&d| d > 0.0);
        let step = to_kink.fold(FIRST_STEP * z.abs().max(1.0), |step, d| step.min(SHORT_OF_KINK * d));
        ridders(&*self.phi, z, step)
    }
}

/// f'(z) from central differences with steps h, h/1.4, h/1.96, .., extrapolated to step 0; of all
/// the extrapolations the one whose neighbours agree best with it. Where they do not agree, as beside a kink that is
/// nearer than the last step, it goes on with smaller steps.
fn ridders(f: impl Fn(f64) -> f64, z: f64, step: f64) -> f64 {
    let at = f(z).abs();
    let agree = |slope: f64, error: f64| error <= AGREED * (slope.abs() + at);
    let (mut best, mut best_error) = (f64::NAN, f64::INFINITY);
    let mut h = step;
    for _ in 0..TABLEAUS {
        let (slope, error) = tableau(&f, z, h, agree);
        if best.is_nan() || error < best_error {
            (best, best_error) = (slope, error);
        }
        if agree(best, best_error) {
            break;
        }
        h *= libm::pow(SHRINK, -(STEPS as f64));
    }
    best
}

/// Ridders' tableau, until extrapolations agree: the best one and its distance from its neighbours.
fn tableau(f: impl Fn(f64) -> f64, z: f64, step: f64, agree: impl Fn(f64, f64) -> bool) -> (f64, f64) {
    let mut previous = [0.0; STEPS];
    let (mut best, mut best_error) = (f64::NAN, f64::INFINITY);
    let mut h = step;
    for row in 0..STEPS {
        // The step that was really taken, as z + h is rounded.
        let (low, high) = (z - h, z + h);
        let mut current = [0.0; STEPS];
        current[0] = (f(high) - f(low)) / (high - low);
        if row == 0 {
            best = current[0];
        }
        let mut factor = 1.0;
        for order in 1..=row {
            factor *= SHRINK * SHRINK;
            current[order] = (current[order - 1] * factor - previous[order - 1]) / (factor - 1.0);
            let error =
                (current[order] - current[order - 1]).abs().max((current[order] - previous[order - 1]).abs());
            if error <= best_error {
                (best, best_error) = (current[order], error);
            }
        }
        if agree(best, best_error) {
            break;
        }
        previous = current;
        h /= SHRINK;
    }
    (best, best_error)
}

impl PartialEq for Custom {
    fn eq(&self, other: &Self) -> bool {
        let same_derivative = match (&self.derivative, &other.derivative) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        Arc::ptr_eq(&self.phi, &other.phi)
            && same_derivative
            && self.name == other.name
            && self.kinks == other.kinks
    }
}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Custom").field("name", &self.name).field("kinks", &self.kinks).finish_non_exhaustive()
    }
}

impl fmt::Display for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
