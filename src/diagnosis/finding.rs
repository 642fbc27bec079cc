//! `Finding`: a cause, the layers that it concerns, and what speaks for it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::Cause;
use crate::chain::number;

/// A cause, the layers that it concerns, and what speaks for it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// What is behind it.
    pub cause: Cause,
    /// The layers concerned, from 0, ascending; empty where it is the network as a whole, or its inputs.
    pub layers: Vec<usize>,
    /// What was measured.
    pub evidence: Evidence,
}

/// A statistic that speaks for a cause.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Evidence {
    /// What was measured.
    pub statistic: &'static str,
    /// Its value.
    pub measured: f64,
    /// What it should be, where that is known.
    pub expected: Option<f64>,
    /// How far it is off, in standard deviations of chance, brought to a normal scale; `None` where chance has no
    /// part in it.
    pub z: Option<f64>,
}

impl Evidence {
    pub(super) const fn certain(statistic: &'static str, measured: f64) -> Self {
        Self { statistic, measured, expected: None, z: None }
    }
}

impl Finding {
    pub(super) fn new(cause: Cause, layers: impl Into<Vec<usize>>, evidence: Evidence) -> Self {
        Self { cause, layers: layers.into(), evidence }
    }

    /// What to change; `None` where nothing is known to help.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        match self.cause {
            Cause::Collapsed if self.layers.first() == Some(&0) => {
                Some("look at the inputs and the first biases: samples are alike after one layer".into())
            }
            _ => self.cause.remedy(),
        }
    }
}

/// `layers 2-4: the std of the weights is 0.50 times the specified one (weight factor 0.25 for 1.00, z = -9.1)`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.layers[..] {
            [] => {}
            [layer] => write!(f, "layer {}: ", layer + 1)?,
            _ => write!(f, "layers {}: ", ranges(&self.layers))?,
        }
        write!(f, "{} ({})", self.cause, self.evidence)
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.statistic, number(self.measured))?;
        if let Some(expected) = self.expected {
            write!(f, " for {}", number(expected))?;
        }
        self.z.map_or(Ok(()), |z| write!(f, ", z = {z:+.1}"))
    }
}

/// `1, 3-5`, counted from 1.
fn ranges(layers: &[usize]) -> String {
    let mut text = String::new();
    let mut layers = layers.iter().map(|layer| layer + 1).peekable();
    while let Some(first) = layers.next() {
        let mut last = first;
        while let Some(next) = layers.next_if(|&next| next == last + 1) {
            last = next;
        }
        if !text.is_empty() {
            text += ", ";
        }
        text += &first.to_string();
        if last > first {
            text += "-";
            text += &last.to_string();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_count_from_one() {
        assert_eq!(ranges(&[0, 2, 3, 4, 8]), "1, 3-5, 9");
    }
}
