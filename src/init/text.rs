//! Distributions as text, the way a table shows them.

use core::fmt;

use super::Law;
use crate::significant::Significant;

/// Significant digits of a number, unless the format asks for others.
const DIGITS: usize = 4;

/// `N(0, 0.05^2)`, `U(-0.1, 0.1)`, `N(0, 0.02^2) within [-0.04, 0.04]` (mean and standard deviation before truncation),
/// `LogU(0.001, 0.1)`, `softplus^-1 of LogU(0.001, 0.1)`, `constant 1`. Numbers have four significant digits, or as many as the precision of the format asks for (`{:.2}`).
///
/// ```
/// use fanin::{He, Uniform};
///
/// assert_eq!(He::normal(784).law().to_string(), "N(0, 0.05051^2)");
/// assert_eq!(format!("{:.2}", He::normal(784).law()), "N(0, 0.051^2)");
/// assert_eq!(Uniform::new(-0.1, 0.1).to_string(), "U(-0.1, 0.1)");
/// ```
impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(DIGITS).clamp(1, 17);
        let number = |value| Significant { value, digits };
        match *self {
            Self::Constant { value } => write!(f, "constant {}", number(value)),
            Self::Uniform { low, high } => write!(f, "U({}, {})", number(low), number(high)),
            Self::Normal { mean, std_dev } => write!(f, "N({}, {}^2)", number(mean), number(std_dev)),
            Self::TruncatedNormal { mean, std_dev, low, high } => write!(
                f,
                "N({}, {}^2) within [{}, {}]",
                number(mean),
                number(std_dev),
                number(low),
                number(high)
            ),
            Self::LogUniform { low, high } => write!(f, "LogU({}, {})", number(low), number(high)),
            Self::InverseSoftplusLogUniform { low, high } => {
                write!(f, "softplus^-1 of LogU({}, {})", number(low), number(high))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn laws_read_as_a_table_would_show_them() {
        let truncated = Law::TruncatedNormal { mean: 0.0, std_dev: 0.02, low: -0.04, high: 0.04 };
        assert_eq!(truncated.to_string(), "N(0, 0.02^2) within [-0.04, 0.04]");
        let step = Law::InverseSoftplusLogUniform { low: 1e-3, high: 0.1 };
        assert_eq!(step.to_string(), "softplus^-1 of LogU(0.001, 0.1)");
        assert_eq!(Law::Constant { value: 1.0 }.to_string(), "constant 1");
    }
}
