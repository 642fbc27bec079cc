//! Approximate equality, by the traits of the crate approx.
//!
//! Gradients that vanish are small numbers, and two of them are not equal because both are small: the
//! default of every `epsilon` here is 0, so that only relative differences count. Logarithms are
//! compared as what they are logarithms of: near ln 1 = 0 no two are relatively equal.

use approx::{AbsDiffEq, RelativeEq, UlpsEq};

use super::{BackwardFactor, GradientChain, Layer, Moments};

/// How two numbers, and how two logarithms are compared. NaN equals nothing.
#[derive(Clone, Copy)]
struct Compare<'a> {
    number: &'a dyn Fn(f64, f64) -> bool,
    ln: &'a dyn Fn(f64, f64) -> bool,
}

/// Something that is equal if its numbers are, pair by pair, and all else is exactly.
trait Alike {
    fn alike(&self, other: &Self, equal: Compare) -> bool;
}

fn optional<V>(a: Option<V>, b: Option<V>, equal: impl Fn(V, V) -> bool) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => equal(a, b),
        (None, None) => true,
        _ => false,
    }
}

fn all_lns(a: &[f64], b: &[f64], equal: Compare) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| (equal.ln)(a, b))
}

/// Counts are compared exactly; mean, standard deviation, root mean square, least and largest value
/// approximately.
impl Alike for Moments {
    fn alike(&self, other: &Self, equal: Compare) -> bool {
        let counts = |moments: &Self| (moments.count(), moments.zeros(), moments.non_finite());
        let numbers = [Self::mean, Self::std_dev, Self::rms, Self::min, Self::max];
        counts(self) == counts(other)
            && numbers.iter().all(|number| optional(number(self), number(other), equal.number))
    }
}

impl Alike for Layer {
    fn alike(&self, other: &Self, equal: Compare) -> bool {
        let moments = [Self::z, Self::h, Self::d_weight];
        self.name() == other.name()
            && self.width() == other.width()
            && self.dead_units() == other.dead_units()
            && self.delta().alike(other.delta(), equal)
            && optional(self.dl_dh(), other.dl_dh(), |a, b| a.alike(b, equal))
            && moments.iter().all(|of| optional(of(self), of(other), |a, b| a.alike(b, equal)))
            && optional(self.saturated(), other.saturated(), equal.number)
            && optional(self.cosine(), other.cosine(), equal.number)
            && all_lns(self.ln_delta_norms(), other.ln_delta_norms(), equal)
            && optional(self.ln_dl_dh_norms(), other.ln_dl_dh_norms(), |a, b| all_lns(a, b, equal))
    }
}

impl Alike for BackwardFactor {
    fn alike(&self, other: &Self, equal: Compare) -> bool {
        let split = [Self::ln_norm, Self::ln_weight, Self::ln_gate];
        (equal.ln)(self.ln_mean_square(), other.ln_mean_square())
            && split.iter().all(|of| optional(of(self), of(other), equal.ln))
    }
}

impl Alike for GradientChain {
    fn alike(&self, other: &Self, equal: Compare) -> bool {
        self.layers().len() == other.layers().len()
            && self.live_samples() == other.live_samples()
            && self.layers().iter().zip(other.layers()).all(|(a, b)| a.alike(b, equal))
            && self.factors().iter().zip(other.factors()).all(|(a, b)| a.alike(b, equal))
    }
}

/// Equal infinities, as the logarithms of dead samples are, differ by NaN.
fn near(a: f64, b: f64, epsilon: f64) -> bool {
    a == b || f64::abs_diff_eq(&a, &b, epsilon)
}

macro_rules! approximately {
    ($($type:ty: $what:literal),* $(,)?) => {$(
        #[doc = $what]
        ///
        /// The default `epsilon` is 0: small numbers are not equal for being small.
        impl AbsDiffEq for $type {
            type Epsilon = f64;

            fn default_epsilon() -> f64 {
                0.0
            }

            fn abs_diff_eq(&self, other: &Self, epsilon: f64) -> bool {
                let equal = |a: f64, b: f64| near(a, b, epsilon);
                self.alike(other, Compare { number: &equal, ln: &equal })
            }
        }

        #[doc = $what]
        impl RelativeEq for $type {
            fn default_max_relative() -> f64 {
                f64::default_max_relative()
            }

            fn relative_eq(&self, other: &Self, epsilon: f64, max_relative: f64) -> bool {
                let number = |a, b| f64::relative_eq(&a, &b, epsilon, max_relative);
                let ln = |a, b| near(a, b, max_relative) || number(a, b);
                self.alike(other, Compare { number: &number, ln: &ln })
            }
        }

        #[doc = $what]
        impl UlpsEq for $type {
            fn default_max_ulps() -> u32 {
                f64::default_max_ulps()
            }

            fn ulps_eq(&self, other: &Self, epsilon: f64, max_ulps: u32) -> bool {
                let number = |a, b| f64::ulps_eq(&a, &b, epsilon, max_ulps);
                let ln = |a, b| near(a, b, f64::EPSILON * f64::from(max_ulps)) || number(a, b);
                self.alike(other, Compare { number: &number, ln: &ln })
            }
        }
    )*};
}

approximately! {
    Moments: "Counts are compared exactly, all else number by number; NaN equals nothing.",
    Layer: "Names, widths and counts are compared exactly, all else number by number; NaN equals nothing.",
    BackwardFactor: "The logarithms are compared, of the factor and of its parts; NaN equals nothing.",
    GradientChain: "Layer by layer and factor by factor; chains of different depth or batch are not equal.",
}
