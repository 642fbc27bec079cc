//! Schemes: every initializer of the crate by name, as a file writes it.

mod argument;
mod error;
mod text;
mod words;

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

pub(super) use argument::Argument;
pub use error::ParseSchemeError;
pub use table::Scheme;
pub use words::{Distribution, MuPRole, T5Weight};

use super::nearest::nearest;
use crate::init::Initializer;

/// Any initializer, for weights of any scalar, on any thread.
pub(super) type AnyInitializer<T> = Box<dyn Initializer<T> + Send + Sync>;

/// The schemes from one declaration each: documentation, name and other names, arguments (those without a default must be
/// given), and the initializer that it is at a place.
macro_rules! schemes {
    (@read $given:ident $argument:expr) => { $given.required($argument)? };
    (@read $given:ident $argument:expr, $default:expr) => { $given.optional($argument, $default)? };
    (@write $written:ident $argument:expr, $value:expr) => { $written.push($value.write()) };
    (@write $written:ident $argument:expr, $value:expr, $default:expr) => {
        if *$value != $default {
            $written.push(alloc::format!("{}={}", $argument, $value.write()));
        }
    };
    ($(
        $(#[$doc:meta])*
        $Scheme:ident = $name:literal $(| $alias:literal)* $({
            $($(#[$argument_doc:meta])* $argument:ident: $Argument:ty $(= $default:expr)?),* $(,)?
        })? at $at:ident => $initializer:expr;
    )*) => {
        /// An initializer by name: what a recipe says of a parameter, before the parameter's shape is known.
        ///
        /// As text it is a name, and arguments in parentheses. Those that have no default may be written without their keys, and the first:
        /// `zeros`, `constant(0.5)`, `he_normal`, `he_uniform(mode=fan_out, negative_slope=0.2)`,
        /// `xavier_uniform(gain=tanh)` (a gain is a number or an activation), `normal(std_dev=0.02)`, `uniform(-0.1, 0.1)`.
        /// Case, `-` and `_` of names do not matter; Kaiming and Glorot are other names of He and Xavier.
        /// [`Display`](core::fmt::Display) writes what [`FromStr`](core::str::FromStr) reads.
        ///
        /// ```
        /// use fanin::recipe::Scheme;
        ///
        /// let scheme: Scheme = "kaiming_normal(mode=fan_out, negative_slope=0)".parse()?;
        /// assert_eq!(scheme.to_string(), "he_normal(mode=fan_out)");
        /// assert_eq!("Glorot-Uniform".parse(), Ok(Scheme::XavierUniform { gain: 1.into() }));
        /// # Ok::<(), fanin::recipe::ParseSchemeError>(())
        /// ```
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Scheme {
            $(
                $(#[$doc])*
                #[doc = concat!("\n\nAs text: `", $name, "`", $(", `", $alias, "`",)* ".")]
                $Scheme $({ $($(#[$argument_doc])* $argument: $Argument),* })?,
            )*
        }

        /// The names, without the other names.
        pub(super) const NAMES: &[&str] = &[$($name),*];

        /// All names by which schemes are known.
        pub(super) const ALL_NAMES: &[&str] = &[$($name, $($alias,)*)*];

        impl Scheme {
            /// The scheme of this name, which is one of those known.
            pub(super) fn read(name: &'static str, arguments: Vec<Given<'_>>) -> Result<Self, ParseSchemeError> {
                match name {
                    $($name $(| $alias)* => {
                        let given = Arguments::new($name, &[$($(stringify!($argument)),*)?], arguments)?;
                        let _ = &given;
                        Ok(Self::$Scheme $({
                            $($argument: schemes!(@read given stringify!($argument) $(, $default)?)),*
                        })?)
                    })*
                    _ => Err(ParseSchemeError::UnknownScheme { name: name.into(), nearest: None }),
                }
            }

            /// The name, and the arguments that are not as by default.
            pub(super) fn written(&self) -> (&'static str, Vec<String>) {
                let mut written = Vec::new();
                let _ = &mut written;
                match self {
                    $(Self::$Scheme $({ $($argument),* })? => {
                        $($(schemes!(@write written stringify!($argument), $argument $(, $default)?);)*)?
                        ($name, written)
                    })*
                }
            }

            /// The initializer of a parameter.
            pub(in crate::recipe) fn initializer<T: Scalar>(&self, place: &Place<'_>) -> Result<AnyInitializer<T>, RecipeCause> {
                match self {
                    $(Self::$Scheme $({ $($argument),* })? => {
                        $($(let $argument = Clone::clone($argument);)*)?
                        let $at = place;
                        Ok(Box::new($initializer))
                    })*
                }
            }
        }
    };
}

mod table;

impl Scheme {
    /// Whether the framework says what it is, by the kind of the layer.
    pub(super) fn asks_framework(&self) -> bool {
        match self {
            Self::AsFramework => true,
            Self::Composite { blocks, .. } => blocks.iter().any(Self::asks_framework),
            Self::PaddingRow { scheme, .. } | Self::Icnr { scheme, .. } => scheme.asks_framework(),
            _ => false,
        }
    }
}

/// A word, as an argument of this kind is read; what it should be, where it is none.
pub(super) fn read<A: Argument>(key: &str, text: &str) -> Result<A, String> {
    let wrong = || alloc::format!("{key} is {text:?}: it must be {}", A::EXPECTED);
    A::read(text).map_err(|error| error.to_string())?.ok_or_else(wrong)
}

/// An argument as it is written.
pub(super) fn written<A: Argument>(argument: &A) -> String {
    argument.write()
}

impl FromStr for Scheme {
    type Err = ParseSchemeError;

    fn from_str(text: &str) -> Result<Self, ParseSchemeError> {
        let (name, arguments) = text::call(text)?;
        let known = table::ALL_NAMES.iter().find(|known| text::plain(known) == text::plain(name));
        let unknown = || ParseSchemeError::UnknownScheme {
            name: name.to_string(),
            nearest: nearest(table::ALL_NAMES.iter().copied(), name),
        };
        Self::read(known.ok_or_else(unknown)?, arguments)
    }
}

/// The name, and in parentheses the arguments that are not as by default.
impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, written) = self.written();
        f.write_str(name)?;
        if written.is_empty() { Ok(()) } else { write!(f, "({})", written.join(", ")) }
    }
}
