//! Numbers in messages and tables, with so many significant digits.

use core::fmt;

/// All digits of an `f64`: the shortest text that reads back as the same number.
pub(crate) const ALL_DIGITS: usize = 17;

/// A number with so many significant digits at most, trailing zeros left out; with an exponent where it is very small
/// or very large, so that no text is long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Significant {
    pub(crate) value: f64,
    pub(crate) digits: usize,
}

/// As a message about the very value has it.
pub(crate) const fn exact(value: f64) -> Significant {
    Significant { value, digits: ALL_DIGITS }
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
        let text = |value| Significant { value, digits: 4 }.to_string();
        assert_eq!(text(0.0505076), "0.05051");
        assert_eq!(text(-0.0), "0");
        assert_eq!(text(2.0), "2");
        assert_eq!(text(1.0 / 3.0), "0.3333");
        assert_eq!(text(123_456.0), "123500");
        assert_eq!(text(1e-9), "1e-9");
        assert_eq!(text(-1.5e300), "-1.5e300");
        assert_eq!(text(f64::INFINITY), "inf");
        for value in [f64::MAX, 5e-324, -0.1 - 0.2, 1e300, 1.0 / 3.0] {
            let text = exact(value).to_string();
            assert!(text.parse() == Ok(value) && text.len() < 25, "{text}");
        }
    }
}
