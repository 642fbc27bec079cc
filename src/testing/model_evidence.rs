//! Evidence on a whole model: what its parameters look like.

use core::fmt;

use alloc::string::String;
use alloc::vec::Vec;

use super::law_evidence::LawEvidence;

/// What the parameters of a model that was checked look like.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelEvidence {
    layers: Vec<(String, LawEvidence)>,
}

impl ModelEvidence {
    pub(super) const fn new(layers: Vec<(String, LawEvidence)>) -> Self {
        Self { layers }
    }

    /// Each parameter's name and evidence, in the order in which they were handed in.
    pub fn layers(&self) -> impl ExactSizeIterator<Item = (&str, &LawEvidence)> {
        self.layers.iter().map(|(name, evidence)| (name.as_str(), evidence))
    }
}

/// A line a parameter.
impl fmt::Display for ModelEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.layers().enumerate().try_for_each(|(l, (name, evidence))| {
            let line = if l == 0 { "" } else { "\n" };
            write!(f, "{line}{name}: {evidence}")
        })
    }
}
