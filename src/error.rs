//! Errors of initializers, fans and lengths.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::error::Error;
use core::fmt;

/// Why weights cannot be filled. Each variant carries the offending values; the message names
/// them and says what would be right. When an initializer of this crate returns one,
/// nothing has been written, [`OutOfMemory`](InitError::OutOfMemory) apart.
///
/// ```
/// use fanin::prelude::*;
///
/// let mut w = [7.0_f32; 4];
/// let error = He::normal(0).try_fill(&mut w).unwrap_err();
/// assert_eq!(error, InitError::ZeroFan { side: "fan_in" });
/// assert_eq!(error.to_string(), "fan_in is 0: a weight needs at least one input and one output");
/// assert_eq!(w, [7.0; 4]);
/// ```
///
/// # What happens to unusual input
///
/// A test walks these tables.
///
#[doc = include_str!("bad_input.md")]
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum InitError {
    /// A fan is 0: the variance would be infinite.
    ZeroFan {
        /// `"fan_in"`, `"fan_out"`, or `"fan_in + fan_out"`.
        side: &'static str,
    },
    /// A fan that is needed was not given, or a layout names no axis for it.
    MissingFan {
        /// `"fan_out"`, where a number alone is the `fan_in`, or `"fan_in"`.
        side: &'static str,
    },
    /// A parameter is NaN or infinite.
    NotFinite {
        /// Which parameter.
        parameter: &'static str,
        /// Its value.
        value: f64,
    },
    /// A parameter that must be at least 0 (a standard deviation, a gain, a scale) is negative.
    Negative {
        /// Which parameter.
        parameter: &'static str,
        /// Its value.
        value: f64,
    },
    /// A parameter is finite, and not in the range where it means something: a probability above 1, a count of layers of 0.
    OutOfRange {
        /// Which parameter.
        parameter: &'static str,
        /// Its value.
        value: f64,
        /// The range: `"at least 1"`.
        expected: &'static str,
    },
    /// `low > high`.
    EmptyRange {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// The largest value that the distribution can draw is not finite in the scalar that is to be filled.
    Overflow {
        /// The largest magnitude that may be drawn.
        magnitude: f64,
        /// The scalar's name.
        scalar: &'static str,
        /// The scalar's largest finite value.
        max: f64,
    },
    /// The truncation bounds hold too little of the normal distribution's mass to draw from.
    NegligibleMass {
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
        /// Mass of the parent between the bounds.
        mass: f64,
    },
    /// The product of the dimensions of a shape does not fit `usize`.
    ShapeOverflow {
        /// Which product.
        what: &'static str,
        /// The product up to the dimension that overflows it.
        product: usize,
        /// That dimension.
        dimension: usize,
    },
    /// A shape has too few dimensions to tell inputs from outputs.
    ShapeTooShort {
        /// How many dimensions it has.
        dimensions: usize,
    },
    /// Channels cannot be split evenly into groups.
    UnevenGroups {
        /// `"input"` or `"output"`.
        side: &'static str,
        /// How many channels.
        channels: usize,
        /// How many groups.
        groups: usize,
    },
    /// A layout that names its axes is given a shape with another number of them, or more than eight.
    UnnamedAxes {
        /// How many dimensions the shape has.
        dimensions: usize,
        /// How many axes the layout names.
        named: usize,
    },
    /// A tensor whose output axes stand neither together at one end nor alone, or which is a stack of matrices, cannot be
    /// made one matrix.
    NoMatrix,
    /// A tensor has no such axis.
    NoAxis {
        /// Which axis, counted from 0.
        axis: usize,
        /// How many dimensions the shape has.
        dimensions: usize,
    },
    /// Blocks along an axis are not, together, as long as the axis.
    BlockLengths {
        /// The sum of their lengths.
        found: usize,
        /// The length of the axis.
        axis: usize,
    },
    /// A layout that names its axes has them in an order that no kernel of a convolution has.
    NoKernel,
    /// `offset + length` of a shard exceeds 2^63 elements, the largest tensor of a stream.
    TensorTooLong {
        /// Where the shard starts.
        offset: u64,
        /// How many elements it has.
        length: u64,
    },
    /// The weights are not as many as the initializer's shape has.
    TensorLength {
        /// How many weights were to be filled.
        found: u64,
        /// How many the shape has.
        expected: u64,
    },
    /// A shard ends beyond the tensor of an initializer that has a shape.
    ShardOutOfTensor {
        /// Where the shard starts.
        offset: u64,
        /// How many elements it has.
        length: u64,
        /// How many elements the tensor has.
        tensor: u64,
    },
    /// A box of a tensor has not one range for each dimension of the tensor's shape.
    BlockDimensions {
        /// How many ranges there are.
        ranges: usize,
        /// How many dimensions the shape has.
        dimensions: usize,
    },
    /// A range of a box is reversed or ends beyond the tensor.
    BlockOutOfTensor {
        /// Which dimension, the first is 0.
        axis: usize,
        /// Where the range starts.
        start: usize,
        /// Where it ends, that index not included.
        end: usize,
        /// How many indices the tensor has there.
        dimension: usize,
    },
    /// The weights are not as many as the box has.
    BlockLength {
        /// How many weights were to be filled.
        found: u64,
        /// How many the box has.
        expected: u64,
    },
    /// There is no memory for what the initializer works on. A [`Composite`](crate::Composite) that meets it in a block may have filled the
    /// blocks before, and an [`Orthogonal`](crate::Orthogonal) matrix a part.
    OutOfMemory {
        /// How much was asked for.
        bytes: u64,
    },
    /// No seed was given and the crate was built without `std`, hence without fresh randomness.
    NoSeed,
    /// The cause that an initializer of your own gives; made by [`InitError::other`].
    Other(OtherCause),
}

impl InitError {
    /// The error of an initializer of your own: a text, or an error of any type. Its message is the cause's.
    ///
    /// ```
    /// use fanin::InitError;
    ///
    /// let error = InitError::other("the file of weights ends early");
    /// assert_eq!(error.to_string(), "the file of weights ends early");
    /// ```
    pub fn other(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Other(OtherCause(Arc::from(cause.into())))
    }
}

/// The cause within [`InitError::Other`]: the error of somebody's own initializer. Two are equal if one is a clone
/// of the other.
#[derive(Clone, Debug)]
pub struct OtherCause(Arc<dyn Error + Send + Sync>);

impl OtherCause {
    /// The cause, to be examined or downcast.
    #[must_use]
    pub fn get(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0
    }
}

impl PartialEq for OtherCause {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(cause) => cause.0.fmt(f),
            Self::MissingFan { side } => write!(
                f,
                "{side} is not given: it is needed, give (fan_in, fan_out), a Fan, or a layout that names an axis for it"
            ),
            Self::ZeroFan { side } => {
                write!(f, "{side} is 0: a weight needs at least one input and one output")
            }
            Self::NotFinite { parameter, value } => {
                write!(f, "{parameter} is {value}: it must be finite")
            }
            Self::Negative { parameter, value } => {
                write!(f, "{parameter} is {value}: it must be at least 0")
            }
            Self::OutOfRange { parameter, value, expected } => {
                write!(f, "{parameter} is {value}: it must be {expected}")
            }
            Self::EmptyRange { low, high } => {
                write!(f, "low is {low} and high is {high}: low must not exceed high")
            }
            Self::Overflow { magnitude, scalar, max } => write!(
                f,
                "weights may reach {magnitude:e}: {scalar} holds at most {max:e}, use a smaller standard deviation or range, or a wider scalar"
            ),
            Self::NegligibleMass { low, high, mass } => write!(
                f,
                "the bounds {low} to {high} hold {mass:e} of the normal distribution: at least 1e-6 is needed, move the mean towards them"
            ),
            Self::ShapeOverflow { what, product, dimension } => write!(
                f,
                "{what} overflows usize at {product} x {dimension}: the shape must describe a tensor that can exist"
            ),
            Self::ShapeTooShort { dimensions } => write!(
                f,
                "a shape of {dimensions} dimension(s) has no fan: at least 2 are needed, inputs and outputs"
            ),
            Self::UnevenGroups { side, channels, groups } => write!(
                f,
                "{channels} {side} channels cannot be split into {groups} groups: the number of groups must divide them"
            ),
            Self::UnnamedAxes { dimensions, named } => write!(
                f,
                "the layout names {named} axes and the shape has {dimensions}: every axis must be named (at most 8), none is taken for a kernel's"
            ),
            Self::NoMatrix => f.write_str(
                "the tensor is no single matrix in this layout: its output axes must be the first or the last, and stacked matrices are filled by `Composite::stacked`",
            ),
            Self::NoAxis { axis, dimensions } => {
                write!(f, "there is no axis {axis}: the shape has {dimensions}, counted from 0")
            }
            Self::BlockLengths { found, axis } => {
                write!(f, "the blocks are {found} long together: the axis that they are cut from is {axis}")
            }
            Self::NoKernel => f.write_str(
                "the layout is none of a kernel: it must be `out in k..`, `in out k..` or `k.. in out`, with every axis of the shape",
            ),
            Self::TensorTooLong { offset, length } => write!(
                f,
                "a shard of {length} elements at offset {offset} ends beyond 2^63 elements: no tensor is that long"
            ),
            Self::TensorLength { found, expected } => write!(
                f,
                "there are {found} weights: this initializer has a shape, of {expected} elements"
            ),
            Self::ShardOutOfTensor { offset, length, tensor } => write!(
                f,
                "a shard of {length} elements at offset {offset} ends beyond the {tensor} elements of the tensor: offset and length must lie within it"
            ),
            Self::BlockDimensions { ranges, dimensions } => write!(
                f,
                "{ranges} range(s) for a shape of {dimensions} dimension(s): a box has one for each, `0..n` for all of it"
            ),
            Self::BlockOutOfTensor { axis, start, end, dimension } => write!(
                f,
                "the range {start}..{end} of axis {axis} is not within 0..{dimension}: start at most end, and end at most {dimension}"
            ),
            Self::BlockLength { found, expected } => write!(
                f,
                "there are {found} weights: the box has {expected}"
            ),
            Self::OutOfMemory { bytes } => {
                write!(f, "there is no memory for {bytes} bytes, which this initializer works on: use a smaller shape")
            }
            Self::NoSeed => f.write_str(
                "no seed: without the feature `std` there is no fresh randomness, bind one with `.seed(..)` or call `fill_with`",
            ),
        }
    }
}

impl Error for InitError {
    /// What lies behind the cause of an initializer of your own, whose text is this error's own.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Other(cause) => cause.0.source(),
            _ => None,
        }
    }
}
