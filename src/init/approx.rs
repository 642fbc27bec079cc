//! Approximate equality of distributions, by the traits of the crate approx.

use approx::{AbsDiffEq, RelativeEq, UlpsEq};

use super::Law;

impl Law {
    /// Of one kind, and with parameters that are equal pair by pair.
    fn alike(&self, other: &Self, equal: impl Fn(f64, f64) -> bool) -> bool {
        match (*self, *other) {
            (Self::Constant { value: a }, Self::Constant { value: b }) => equal(a, b),
            (Self::Uniform { low: a, high: b }, Self::Uniform { low: c, high: d })
            | (Self::LogUniform { low: a, high: b }, Self::LogUniform { low: c, high: d })
            | (
                Self::InverseSoftplusLogUniform { low: a, high: b },
                Self::InverseSoftplusLogUniform { low: c, high: d },
            )
            | (Self::Normal { mean: a, std_dev: b }, Self::Normal { mean: c, std_dev: d }) => {
                equal(a, c) && equal(b, d)
            }
            (
                Self::TruncatedNormal { mean: a, std_dev: b, low: c, high: d },
                Self::TruncatedNormal { mean: e, std_dev: f, low: g, high: h },
            ) => equal(a, e) && equal(b, f) && equal(c, g) && equal(d, h),
            _ => false,
        }
    }
}

/// Laws of one kind whose parameters differ by at most `epsilon`; the default is 0, because standard deviations
/// of different size are all small.
impl AbsDiffEq for Law {
    type Epsilon = f64;

    fn default_epsilon() -> f64 {
        0.0
    }

    fn abs_diff_eq(&self, other: &Self, epsilon: f64) -> bool {
        // Infinite bounds differ by NaN.
        self.alike(other, |a, b| a == b || f64::abs_diff_eq(&a, &b, epsilon))
    }
}

/// Laws of one kind whose parameters are equal one by one.
impl RelativeEq for Law {
    fn default_max_relative() -> f64 {
        f64::default_max_relative()
    }

    fn relative_eq(&self, other: &Self, epsilon: f64, max_relative: f64) -> bool {
        self.alike(other, |a, b| f64::relative_eq(&a, &b, epsilon, max_relative))
    }
}

/// Laws of one kind whose parameters are equal one by one.
impl UlpsEq for Law {
    fn default_max_ulps() -> u32 {
        f64::default_max_ulps()
    }

    fn ulps_eq(&self, other: &Self, epsilon: f64, max_ulps: u32) -> bool {
        self.alike(other, |a, b| f64::ulps_eq(&a, &b, epsilon, max_ulps))
    }
}
