//! Errors of recipes: which parameter, which rule, and what is wrong.

use alloc::string::String;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;

use crate::error::InitError;
use crate::fan::{Axis, Layout};

/// Why a recipe cannot be read, or cannot fill a parameter. The message names the parameter, the rule, and what would be right.
///
/// ```
/// use fanin::recipe::{Recipe, Scheme};
///
/// let recipe = Recipe::new().rule("*.bias", Scheme::Zeros).rule("h.*.weight", Scheme::Ones).seed(1);
/// let error = recipe.init("h.0.weigth", &[2], &mut [0.0_f32; 2]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "parameter \"h.0.weigth\": no rule matches it, the nearest is \"h.*.weight\""
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RecipeError {
    pub(super) parameter: Option<String>,
    pub(super) rule: Option<String>,
    pub(super) cause: RecipeCause,
}

impl RecipeError {
    /// The parameter that cannot be filled, where there is one.
    #[must_use]
    pub fn parameter(&self) -> Option<&str> {
        self.parameter.as_deref()
    }

    /// The pattern of the rule that is wrong, where there is one.
    #[must_use]
    pub fn rule(&self) -> Option<&str> {
        self.rule.as_deref()
    }

    /// What is wrong.
    #[must_use]
    pub fn cause(&self) -> &RecipeCause {
        &self.cause
    }
}

impl From<RecipeCause> for RecipeError {
    fn from(cause: RecipeCause) -> Self {
        Self { parameter: None, rule: None, cause }
    }
}

/// What is wrong with a recipe or with a rule, within a [`RecipeError`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RecipeCause {
    /// The text is no recipe.
    Text {
        /// The reader's message, with the line.
        message: String,
    },
    /// The pattern is none.
    Pattern {
        /// What is wrong with it.
        message: String,
    },
    /// Two rules of the same pattern with another one between them have no written form, since a pattern is written once.
    Scattered,
    /// No rule matches the parameter.
    NoRule {
        /// The pattern that is nearest to matching it; `None` where there are no rules.
        nearest: Option<String>,
    },
    /// The recipe has no seed.
    NoSeed,
    /// A scheme needs fans or a matrix, and nobody says which axes are inputs and outputs.
    NoLayout {
        /// The shape.
        shape: Vec<usize>,
    },
    /// A scheme needs fans, which a tensor of so few dimensions has not.
    NoFan {
        /// How many dimensions the shape has.
        dimensions: usize,
    },
    /// A scheme of matrices for a tensor that is none.
    NoMatrix {
        /// How many dimensions the shape has.
        dimensions: usize,
    },
    /// `as_framework` in a recipe that names no framework.
    NoFramework,
    /// A composite is cut along an axis that the layout does not name, or names twice.
    NoAxis {
        /// The axis.
        axis: Axis,
        /// The layout.
        layout: Layout,
    },
    /// The blocks of a composite cannot share its axis.
    Parts {
        /// How many blocks there are.
        schemes: usize,
        /// What each is given of the axis.
        parts: Vec<usize>,
        /// How long the axis is.
        length: usize,
    },
    /// The depth scaling needs the number of layers, which the recipe does not give.
    NoLayers,
    /// The depth scaling needs the index of a block, which the name does not tell.
    NoIndex {
        /// Why not.
        message: &'static str,
    },
    /// Parameters are tied in a circle.
    Cycle {
        /// Their names, the first once more at the end.
        names: Vec<String>,
    },
    /// Parameters are tied in a chain without end, or one of more than 64.
    TiedTooFar {
        /// The name at which the chain was left.
        target: String,
    },
    /// No rule matches the other of two tied parameters.
    TiedToNoRule {
        /// The other's name.
        target: String,
        /// The pattern that is nearest to matching it.
        nearest: Option<String>,
    },
    /// A parameter that is tied to another has all from that one's rule, and its own says more.
    TiedWithMore,
    /// The kind of its layer tells the rule of the other of two tied parameters, or what the rule is.
    TiedKind {
        /// The other's name.
        target: String,
    },
    /// The other of two tied parameters is not among those that are planned.
    TiedToNone {
        /// The other's name.
        target: String,
    },
    /// Two tied parameters differ in shape.
    TiedShape {
        /// The shape of the one.
        shape: Vec<usize>,
        /// The other's name.
        target: String,
        /// The other's shape.
        target_shape: Vec<usize>,
    },
    /// A plan is given the same name twice.
    Twice,
    /// The initializer refuses.
    Init(InitError),
}

impl fmt::Display for RecipeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parameter) = &self.parameter {
            write!(f, "parameter {parameter:?}: ")?;
        }
        if let Some(rule) = &self.rule {
            write!(f, "rule {rule:?}: ")?;
        }
        self.cause.fmt(f)
    }
}

impl fmt::Display for RecipeCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { message } => write!(f, "the text is no recipe: {message}"),
            Self::Pattern { message } => write!(f, "this is no pattern: {message}"),
            Self::Scattered => f.write_str(
                "it stands twice with other rules between: a file holds a pattern once, bring the two together",
            ),
            Self::NoRule { nearest: None } => f.write_str("no rule matches it: the recipe has none"),
            Self::NoRule { nearest: Some(nearest) } => {
                write!(f, "no rule matches it, the nearest is {nearest:?}")
            }
            Self::NoSeed => f.write_str("the recipe has no seed: give it one by `.seed(..)`, or as `seed` in the file"),
            Self::NoLayout { shape } => write!(
                f,
                "nobody says which axes of {shape:?} are inputs and outputs: give the rule a `layout`, such as \"out in k k\"{}",
                if shape.len() == 2 { ", or the recipe a `framework`" } else { "" }
            ),
            Self::NoFan { dimensions } => write!(
                f,
                "a tensor of {dimensions} dimension(s) has no fans of its own: give the rule the `fan_in` of the layer, and the `fan_out` if the scheme needs it"
            ),
            Self::NoMatrix { dimensions } => {
                write!(f, "the scheme is for a matrix, and the shape has {dimensions} dimension(s): it must have 2")
            }
            Self::NoFramework => {
                f.write_str("`as_framework` needs the name of one: give the recipe a `framework`, such as \"pytorch\"")
            }
            Self::NoAxis { axis, layout } => write!(
                f,
                "the layout {:?} has not one axis that is {axis:?}: a composite is cut along one",
                alloc::format!("{layout}")
            ),
            Self::Parts { schemes, parts, length } => write!(
                f,
                "{schemes} block(s) cannot share an axis of {length} as {parts:?}: one part for each block is needed, and their sum must divide the axis"
            ),
            Self::NoLayers => f.write_str("its depth scaling needs the number of layers: give the recipe `layers`"),
            Self::NoIndex { message } => f.write_str(message),
            Self::Cycle { names } => {
                write!(f, "parameters are tied in a circle, {}: one must have a scheme", names.join(" to "))
            }
            Self::TiedTooFar { target } => write!(
                f,
                "it is tied to another, that to one more, and so on without end ({target:?} after 64): one must have a scheme"
            ),
            Self::TiedToNoRule { target, nearest } => {
                write!(f, "it is tied to {target:?}, which no rule matches")?;
                nearest.iter().try_for_each(|nearest| write!(f, ", the nearest is {nearest:?}"))
            }
            Self::TiedWithMore => f.write_str(
                "what is tied to another has all from that one's rule: only `kind` may stand beside `tied_to`",
            ),
            Self::TiedKind { target } => write!(
                f,
                "it is tied to {target:?}, whose rule depends on the kind of a layer, which is known of this parameter alone: give that a rule without `kind` and `as_framework`"
            ),
            Self::TiedToNone { target } => {
                write!(f, "it is tied to {target:?}: no parameter has that name")
            }
            Self::TiedShape { shape, target, target_shape } => write!(
                f,
                "it has shape {shape:?} and is tied to {target:?} of shape {target_shape:?}: tied parameters have one shape"
            ),
            Self::Twice => f.write_str("the name stands twice: two parameters of one name would be equal"),
            Self::Init(error) => error.fmt(f),
        }
    }
}

impl Error for RecipeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            RecipeCause::Init(error) => Some(error),
            _ => None,
        }
    }
}
