//! Errors of the check of a whole model.

use core::fmt;

use alloc::string::String;
use alloc::vec::Vec;

use super::law_error::LawError;
use crate::diagnosis::{CopiesError, WeightCopy};

/// Why a model is not started as promised.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ModelError {
    /// There are no parameters, and so no evidence.
    Empty,
    /// A parameter does not fill its shape, or is tied to one that is not there.
    Layers(CopiesError),
    /// Models that are started as promised look like this less often than the declared rate.
    Faults {
        /// All that was found, each parameter's distribution first.
        faults: Vec<ModelFault>,
        /// How many parameters were looked at.
        layers: usize,
        /// The declared rate.
        allowed: f64,
    },
}

/// One thing that is wrong with a model.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ModelFault {
    /// A parameter does not follow its distribution.
    Law {
        /// The parameter's name.
        name: String,
        /// In what respect.
        error: LawError,
    },
    /// Weights are copies of others.
    Copy(WeightCopy),
}

impl ModelError {
    /// What was found; empty where the model could not be looked at.
    #[must_use]
    pub fn faults(&self) -> &[ModelFault] {
        match self {
            Self::Faults { faults, .. } => faults,
            _ => &[],
        }
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no parameters: nothing can be said of the model"),
            Self::Layers(error) => write!(f, "{error}"),
            Self::Faults { faults, layers, allowed } => {
                let [fault, parameter] = [faults.len(), *layers].map(|n| if n == 1 { "" } else { "s" });
                let count = faults.len();
                write!(
                    f,
                    "{count} fault{fault} in {layers} parameter{parameter}, at a false-positive rate of {allowed:.1e}"
                )?;
                faults.iter().try_for_each(|fault| write!(f, "\n- {fault}"))
            }
        }
    }
}

/// The parameter's name, and what is wrong with it.
impl fmt::Display for ModelFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Law { name, error } => write!(f, "{name}: {error}"),
            Self::Copy(copy) => write!(f, "{copy}"),
        }
    }
}

impl core::error::Error for ModelError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            // Its text is this error's own.
            Self::Layers(error) => core::error::Error::source(error),
            _ => None,
        }
    }
}
