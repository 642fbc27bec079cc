//! Schemes: every initializer of the crate by name, as a file writes it.

mod argument;
mod error;
mod text;

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

pub(super) use argument::Argument;
pub use error::ParseSchemeError;
use text::Arguments;

use super::error::RecipeCause;
use super::nearest::nearest;
use super::place::Place;
use crate::fan::Axis;
use crate::init::{
    Constant, DeltaOrthogonal, Dirac, FanMode, Gain, He, Icnr, Identity, Initializer, LeCun, Normal,
    Orthogonal, PaddingRow, Sparse, TruncatedNormal, Uniform, VarianceScaling, Xavier,
};
use crate::scalar::Scalar;

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
        /// As text it is a name, and arguments in parentheses that have defaults unless they are written without a key here:
        /// `zeros`, `constant(0.5)`, `he_normal`, `he_uniform(mode=fan_out, negative_slope=0.2)`,
        /// `xavier_uniform(gain=tanh)` (a gain is a number or an activation), `normal(std_dev=0.02)`, `uniform(-0.1, 0.1)`.
        /// Case, `-` and `_` of names do not matter; Kaiming and Glorot are other names of He and Xavier.
        /// [`Display`](fmt::Display) writes what [`FromStr`] reads.
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
        const NAMES: &[&str] = &[$($name),*];

        /// All names by which schemes are known.
        const ALL_NAMES: &[&str] = &[$($name, $($alias,)*)*];

        impl Scheme {
            /// The scheme of this name, which is one of those known.
            fn read(name: &'static str, arguments: Vec<text::Given<'_>>) -> Result<Self, ParseSchemeError> {
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
            fn written(&self) -> (&'static str, Vec<String>) {
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
            pub(super) fn initializer<T: Scalar>(&self, place: &Place<'_>) -> Result<AnyInitializer<T>, RecipeCause> {
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

/// The shape of the distribution of [`Scheme::VarianceScaling`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Distribution {
    /// Uniform.
    Uniform,
    /// Normal.
    Normal,
    /// Normal, cut at 2 standard deviations.
    TruncatedNormal,
}

schemes! {
    /// 0: biases.
    Zeros = "zeros" | "zero" at _at => Constant::new(0.0);
    /// 1: the scales of normalisations.
    Ones = "ones" | "one" at _at => Constant::new(1.0);
    /// [`Constant`].
    Constant = "constant" {
        /// The value, finite.
        value: f64,
    } at _at => Constant::new(value);
    /// [`Uniform`].
    Uniform = "uniform" {
        /// The lower end, finite.
        low: f64,
        /// The upper end, finite, at least `low`.
        high: f64,
    } at _at => Uniform::new(low, high);
    /// [`Normal`].
    Normal = "normal" {
        /// The standard deviation, finite, at least 0; 1 unless given.
        std_dev: f64 = 1.0,
        /// The mean, finite; 0 unless given.
        mean: f64 = 0.0,
    } at _at => Normal::new(mean, std_dev);
    /// [`TruncatedNormal`]: its bounds are values of weights, as in PyTorch's `trunc_normal_`, not standard deviations.
    TruncatedNormal = "truncated_normal" | "trunc_normal" {
        /// The standard deviation before truncation, finite, at least 0; 1 unless given.
        std_dev: f64 = 1.0,
        /// The mean before truncation, finite; 0 unless given.
        mean: f64 = 0.0,
        /// The lower bound; 2 standard deviations below the mean unless given.
        low: Option<f64> = None,
        /// The upper bound; 2 standard deviations above the mean unless given.
        high: Option<f64> = None,
    } at _at => {
        let law = TruncatedNormal::new(mean, std_dev);
        law.bounds(low.unwrap_or(mean - 2.0 * std_dev), high.unwrap_or(mean + 2.0 * std_dev))
    };
    /// [`He::normal`].
    HeNormal = "he_normal" | "kaiming_normal" {
        /// The fan that divides the variance; `fan_in` unless given.
        mode: FanMode = FanMode::FanIn,
        /// That of a leaky ReLU, finite; 0 unless given.
        negative_slope: f64 = 0.0,
    } at at => He::normal(at.fan()?).mode(mode).negative_slope(negative_slope);
    /// [`He::uniform`].
    HeUniform = "he_uniform" | "kaiming_uniform" {
        /// The fan that divides the variance; `fan_in` unless given.
        mode: FanMode = FanMode::FanIn,
        /// That of a leaky ReLU, finite; 0 unless given.
        negative_slope: f64 = 0.0,
    } at at => He::uniform(at.fan()?).mode(mode).negative_slope(negative_slope);
    /// [`He::truncated_normal`].
    HeTruncatedNormal = "he_truncated_normal" | "kaiming_truncated_normal" {
        /// The fan that divides the variance; `fan_in` unless given.
        mode: FanMode = FanMode::FanIn,
        /// That of a leaky ReLU, finite; 0 unless given.
        negative_slope: f64 = 0.0,
    } at at => He::truncated_normal(at.fan()?).mode(mode).negative_slope(negative_slope);
    /// [`Xavier::normal`].
    XavierNormal = "xavier_normal" | "glorot_normal" {
        /// The factor on the standard deviation; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => Xavier::normal(at.fan()?).gain(gain);
    /// [`Xavier::uniform`].
    XavierUniform = "xavier_uniform" | "glorot_uniform" {
        /// The factor on the standard deviation; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => Xavier::uniform(at.fan()?).gain(gain);
    /// [`Xavier::truncated_normal`].
    XavierTruncatedNormal = "xavier_truncated_normal" | "glorot_truncated_normal" {
        /// The factor on the standard deviation; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => Xavier::truncated_normal(at.fan()?).gain(gain);
    /// [`LeCun::normal`].
    LeCunNormal = "lecun_normal" {
        /// The fan that divides the variance; `fan_in` unless given.
        mode: FanMode = FanMode::FanIn,
        /// The factor on the standard deviation; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => LeCun::normal(at.fan()?).mode(mode).gain(gain);
    /// [`LeCun::uniform`].
    LeCunUniform = "lecun_uniform" {
        /// The fan that divides the variance; `fan_in` unless given.
        mode: FanMode = FanMode::FanIn,
        /// The factor on the standard deviation; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => LeCun::uniform(at.fan()?).mode(mode).gain(gain);
    /// [`LeCun::truncated_normal`].
    LeCunTruncatedNormal = "lecun_truncated_normal" {
        /// The fan that divides the variance; `fan_in` unless given.
        mode: FanMode = FanMode::FanIn,
        /// The factor on the standard deviation; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => LeCun::truncated_normal(at.fan()?).mode(mode).gain(gain);
    /// [`VarianceScaling`], as Keras and JAX name its arguments.
    VarianceScaling = "variance_scaling" {
        /// The factor on the variance, finite, at least 0; 1 unless given.
        scale: f64 = 1.0,
        /// The fan that divides the variance; `fan_in` unless given.
        mode: FanMode = FanMode::FanIn,
        /// The form; `truncated_normal` unless given.
        distribution: Distribution = Distribution::TruncatedNormal,
    } at at => match distribution {
        Distribution::Uniform => VarianceScaling::uniform(scale, mode, at.fan()?),
        Distribution::Normal => VarianceScaling::normal(scale, mode, at.fan()?),
        Distribution::TruncatedNormal => VarianceScaling::truncated_normal(scale, mode, at.fan()?),
    };
    /// [`Orthogonal`], the matrix made by the layout.
    Orthogonal = "orthogonal" {
        /// The factor on the matrix; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => Orthogonal::from_shape(at.shape, at.layout()?).gain(gain);
    /// [`Identity`], of a matrix.
    Identity = "identity" | "eye" {
        /// The value on the diagonal; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => {
        let [rows, cols] = at.rows_and_cols()?;
        Identity::new(rows, cols).gain(gain)
    };
    /// [`Dirac`]: a kernel that passes its input on, in the groups of the rule.
    Dirac = "dirac" {
        /// The value in the middle; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => Dirac::from_shape(at.shape, at.layout()?).groups(at.groups.unwrap_or(1)).gain(gain);
    /// [`DeltaOrthogonal`]: an orthogonal matrix in the middle of a kernel.
    DeltaOrthogonal = "delta_orthogonal" {
        /// The factor on the matrix; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => DeltaOrthogonal::from_shape(at.shape, at.layout()?).gain(gain);
    /// [`Sparse`]: as many zeros in every column.
    Sparse = "sparse" {
        /// The share of zeros in a column, from 0 to 1.
        sparsity: f64,
        /// The standard deviation of the others, finite, at least 0; 0.01 unless given.
        std_dev: f64 = 0.01,
    } at at => {
        let [rows, cols] = at.rows_and_cols()?;
        Sparse::new(rows, cols, sparsity, std_dev)
    };
    /// [`PaddingRow`]: an embedding with a row of zeros.
    PaddingRow = "padding_row" {
        /// The scheme of the other rows.
        scheme: Box<Scheme>,
        /// The row of the padding token, counted from 0.
        row: usize,
    } at at => PaddingRow::new(scheme.initializer::<T>(at)?, at.rows_and_cols()?, row);
    /// [`Icnr`]: kernels before a pixel shuffle, equal in each group of outputs.
    Icnr = "icnr" {
        /// The scheme of one kernel of each group.
        scheme: Box<Scheme>,
        /// How much larger each side becomes, at least 1.
        upscale: usize,
    } at at => {
        let (layout, shape) = (at.layout()?, at.before_upscaling(upscale)?);
        let before = Place { shape: &shape, ..*at };
        Icnr::new(scheme.initializer::<T>(&before)?, at.shape, layout, upscale)
    };
    /// [`Composite`](crate::Composite): blocks along an axis, each with fans and a stream of its own.
    Composite = "composite" {
        /// The schemes of the blocks.
        blocks: Vec<Scheme>,
        /// The axis that is cut; `out` unless given.
        axis: Axis = Axis::Out,
        /// How the blocks share the axis: `[4, 1, 1]` gives the first four parts of six. Equal parts unless given.
        parts: Vec<usize> = Vec::<usize>::new(),
    } at at => at.composite::<T>(&blocks, axis, &parts)?;
    /// What the framework of the recipe does unless told.
    AsFramework = "as_framework" at at => at.framework_default()?;
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
        let known = ALL_NAMES.iter().find(|known| text::plain(known) == text::plain(name));
        let unknown = || ParseSchemeError::UnknownScheme {
            name: name.to_string(),
            nearest: nearest(ALL_NAMES.iter().copied(), name),
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
