//! Errors of schemes' texts.

use alloc::string::String;
use core::error::Error;
use core::fmt;

/// Why a text is no [`Scheme`](super::Scheme). The message names what is wrong, what is nearest to it, and what is expected.
///
/// ```
/// use fanin::recipe::Scheme;
///
/// let error = "he_norml".parse::<Scheme>().unwrap_err();
/// assert_eq!(error.to_string(), "no scheme is called \"he_norml\": did you mean he_normal?");
/// let error = "he_normal(modes=fan_out)".parse::<Scheme>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "he_normal has no argument \"modes\": did you mean mode? It takes mode, negative_slope"
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ParseSchemeError {
    /// No scheme has this name.
    UnknownScheme {
        /// The name.
        name: String,
        /// The known name that is nearest, if one is near.
        nearest: Option<&'static str>,
    },
    /// The scheme has no such argument, or fewer than are given.
    UnknownArgument {
        /// The scheme.
        scheme: &'static str,
        /// The argument's key, or its text if it has none.
        argument: String,
        /// The known key that is nearest, if one is near.
        nearest: Option<&'static str>,
        /// All keys of the scheme.
        known: &'static [&'static str],
    },
    /// An argument that has no default is not given.
    Missing {
        /// The scheme.
        scheme: &'static str,
        /// The argument.
        argument: &'static str,
        /// What it is: "a number".
        expected: &'static str,
    },
    /// An argument is given twice.
    TwiceGiven {
        /// The scheme.
        scheme: &'static str,
        /// The argument.
        argument: &'static str,
    },
    /// An argument that has a default is given without its key, behind another.
    NoKey {
        /// The scheme.
        scheme: &'static str,
        /// The argument that its place makes it.
        argument: &'static str,
        /// What is given.
        text: String,
        /// All keys of the scheme, in their order.
        known: &'static [&'static str],
    },
    /// An argument cannot be read.
    Argument {
        /// The scheme.
        scheme: &'static str,
        /// The argument.
        argument: &'static str,
        /// What is given.
        text: String,
        /// What it should be: "a number".
        expected: &'static str,
    },
    /// Parentheses or brackets do not pair, or are nested more than 16 deep.
    Parentheses {
        /// The text.
        text: String,
    },
}

impl fmt::Display for ParseSchemeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownScheme { name, nearest: Some(nearest) } => {
                write!(f, "no scheme is called {name:?}: did you mean {nearest}?")
            }
            Self::UnknownScheme { name, nearest: None } => {
                write!(f, "no scheme is called {name:?}: known are {}", super::table::NAMES.join(", "))
            }
            Self::UnknownArgument { scheme, argument, nearest, known } => {
                write!(f, "{scheme} has no argument {argument:?}: ")?;
                match nearest {
                    Some(nearest) => write!(f, "did you mean {nearest}? It takes ")?,
                    None => f.write_str("it takes ")?,
                }
                f.write_str(&if known.is_empty() { "none".into() } else { known.join(", ") })
            }
            Self::Missing { scheme, argument, expected } => {
                write!(f, "{scheme} needs {argument}: {expected}")
            }
            Self::TwiceGiven { scheme, argument } => {
                write!(f, "{scheme} is given {argument} twice: once is enough")
            }
            Self::NoKey { scheme, argument, text, known } => write!(
                f,
                "{text:?} of {scheme} needs its key: without keys the order is {}, and it would be {argument}={text}",
                known.join(", ")
            ),
            Self::Argument { scheme, argument, text, expected } => {
                write!(f, "{argument} of {scheme} is {text:?}: it must be {expected}")
            }
            Self::Parentheses { text } => {
                write!(
                    f,
                    "the parentheses of {text:?} do not pair: a scheme is written `name` or `name(key=value, ..)`"
                )
            }
        }
    }
}

impl Error for ParseSchemeError {}
