//! Distributions as text, the way a table shows them.

use core::fmt;

use super::Law;

/// Significant digits of a number, unless the format asks for others.
const DIGITS: usize = 4;

/// `N(0, 0.05^2)`, `U(-0.1, 0.1)`, `N(0, 0.02^2) within [-0.04, 0.04]` (mean and standard deviation before truncation),
/// `constant 1`. Numbers have four significant digits, or as many as the precision of the format asks for (`{:.2}`).
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
        }
    }
}

/// A number with so many significant digits at most, trailing zeros left out.
struct Significant {
    value: f64,
    digits: usize,
}

impl fmt::Display for Significant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rounded by way of its decimal form, and then the shortest text that reads back as the rounded number.
        let text = alloc::format!("{:.*e}", self.digits - 1, self.value);
        let rounded = text.parse::<f64>().unwrap_or(self.value) + 0.0; // no -0
        if rounded == 0.0 || (1e-4..1e6).contains(&rounded.abs()) || !rounded.is_finite() {
            write!(f, "{rounded}")
        } else {
            write!(f, "{rounded:e}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn numbers_read_as_a_table_would_show_them() {
        let text = |value| Significant { value, digits: DIGITS }.to_string();
        assert_eq!(text(0.0505076), "0.05051");
        assert_eq!(text(-0.0), "0");
        assert_eq!(text(2.0), "2");
        assert_eq!(text(1.0 / 3.0), "0.3333");
        assert_eq!(text(123_456.0), "123500");
        assert_eq!(text(1e-9), "1e-9");
        assert_eq!(text(-1.5e300), "-1.5e300");
        assert_eq!(text(f64::INFINITY), "inf");
        let truncated = Law::TruncatedNormal { mean: 0.0, std_dev: 0.02, low: -0.04, high: 0.04 };
        assert_eq!(truncated.to_string(), "N(0, 0.02^2) within [-0.04, 0.04]");
        assert_eq!(Law::Constant { value: 1.0 }.to_string(), "constant 1");
    }
}
