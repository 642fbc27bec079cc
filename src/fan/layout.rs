//! Layouts: which axis of a tensor is the inputs', the outputs', the kernel's.

use core::fmt;
use core::str::FromStr;

use super::{Flaw, product_of};

/// The order of dimensions in a shape, see the table at [`Fan`](super::Fan).
///
/// ```
/// use fanin::{Axis, Fan, Layout};
///
/// // Eight experts, each of 512 inputs and 2048 outputs: a batch axis is no part of a fan.
/// let experts = Layout::axes(&[Axis::Batch, Axis::In, Axis::Out]);
/// assert_eq!(Fan::from_shape(&[8, 512, 2048], experts), Fan::dense(512, 2048));
///
/// // Twelve heads of 64 outputs each: two output axes.
/// assert_eq!(Fan::from_shape(&[768, 12, 64], "in out out".parse()?), Fan::dense(768, 768));
/// # Ok::<(), fanin::ParseLayoutError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Layout {
    /// `[out, in/groups, k..]`: PyTorch, tch, candle; burn's convolutions.
    OutIn,
    /// `[k.., in/groups, out]`: TensorFlow, Keras, JAX; burn's dense layers.
    InOut,
    /// `[in, out/groups, k..]`: the transposed convolutions of PyTorch, tch, candle and burn.
    TransposedInOut,
    /// Every axis by name, as [`Layout::axes`] makes it: stacked experts `[experts, in, out]`, attention `[in, heads, head_dim]`. A shape
    /// with another number of axes is an error.
    Axes(Axes),
}

/// What an axis of a tensor counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Axis {
    /// Tensors of their own, stacked: experts, heads with weights that meet nowhere. Part of neither fan.
    Batch,
    /// Inputs; several such axes multiply. Of a convolution in groups, those of one group (of a transposed one, `in out k..`, of all).
    In,
    /// Outputs; several such axes multiply. Of a convolution in groups, those of all groups (of a transposed one, of one).
    Out,
    /// A side of the kernel: part of the receptive field.
    Kernel,
}

/// The names of up to eight axes, within [`Layout::Axes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Axes {
    axes: [Axis; MAX_AXES],
    count: usize,
}

const MAX_AXES: usize = 8;

const WORDS: [(&str, Axis); 5] = [
    ("batch", Axis::Batch),
    ("in", Axis::In),
    ("out", Axis::Out),
    ("k", Axis::Kernel),
    ("kernel", Axis::Kernel),
];

impl Layout {
    /// The layout with these axes, from the first to the last; at most eight.
    #[must_use]
    pub const fn axes(axes: &[Axis]) -> Self {
        let mut named = [Axis::Batch; MAX_AXES];
        let mut i = 0;
        while i < axes.len() && i < MAX_AXES {
            named[i] = axes[i];
            i += 1;
        }
        Self::Axes(Axes { axes: named, count: axes.len() })
    }

    /// What axis `i` of a shape with that many dimensions counts; `None` where it has no name.
    pub(crate) fn axis(self, i: usize, dimensions: usize) -> Option<Axis> {
        match self {
            Self::OutIn => Some([Axis::Out, Axis::In].get(i).copied().unwrap_or(Axis::Kernel)),
            Self::TransposedInOut => Some([Axis::In, Axis::Out].get(i).copied().unwrap_or(Axis::Kernel)),
            Self::InOut => Some(match dimensions - i {
                1 => Axis::Out,
                2 => Axis::In,
                _ => Axis::Kernel,
            }),
            Self::Axes(Axes { axes, count }) => axes[..count.min(MAX_AXES)].get(i).copied(),
        }
    }

    /// The layout of convolutions that has these axes in this order, if there is one, for a shape of that many dimensions: `out in k k` is
    /// [`Layout::OutIn`] of 4.
    pub(crate) fn of_convolution(self, dimensions: usize) -> Self {
        let Self::Axes(Axes { axes, count }) = self else { return self };
        let same =
            |layout: &Self| count <= MAX_AXES && (0..count).all(|i| layout.axis(i, count) == Some(axes[i]));
        let conventional = [Self::OutIn, Self::InOut, Self::TransposedInOut];
        if count < 2 || count != dimensions {
            self
        } else {
            conventional.into_iter().find(same).unwrap_or(self)
        }
    }

    /// What is wrong with a shape in this layout.
    fn check(self, shape: &[usize]) -> Result<(), Flaw> {
        match self {
            Self::Axes(Axes { count, .. }) if count != shape.len() || count > MAX_AXES => {
                Err(Flaw::UnnamedAxes { dimensions: shape.len(), named: count })
            }
            Self::Axes(Axes { axes, count }) => {
                let has = |axis| axes[..count].contains(&axis);
                match (has(Axis::In), has(Axis::Out)) {
                    (false, _) => Err(Flaw::MissingAxis { side: "fan_in" }),
                    (_, false) => Err(Flaw::MissingAxis { side: "fan_out" }),
                    _ => Ok(()),
                }
            }
            _ if shape.len() < 2 => Err(Flaw::ShapeTooShort { dimensions: shape.len() }),
            _ => Ok(()),
        }
    }

    /// The dimensions that count this.
    fn dimensions(self, shape: &[usize], counts: Axis) -> impl Iterator<Item = usize> + Clone {
        let is = move |i: &usize| self.axis(*i, shape.len()) == Some(counts);
        (0..shape.len()).filter(is).map(move |i| shape[i])
    }

    /// The product of the dimensions that are inputs, outputs and kernel.
    pub(super) fn split(self, shape: &[usize]) -> Result<[usize; 3], Flaw> {
        self.check(shape)?;
        product_of("the number of elements", shape.iter().copied())?;
        let product = |what, axis| product_of(what, self.dimensions(shape, axis));
        Ok([
            product("fan_in", Axis::In)?,
            product("fan_out", Axis::Out)?,
            product("the receptive field", Axis::Kernel)?,
        ])
    }

    /// The rows and columns of the matrix that a tensor is when its output axes are made one, and all others another:
    /// those of the outputs first if they stand first (in [`Layout::TransposedInOut`] the inputs, as PyTorch flattens
    /// it), last if they stand last.
    pub(crate) fn matrix(self, shape: &[usize]) -> Result<[usize; 2], Flaw> {
        self.check(shape)?;
        let one = if self == Self::TransposedInOut { Axis::In } else { Axis::Out };
        let axes = (0..shape.len()).map(|i| self.axis(i, shape.len()) == Some(one));
        let count = axes.clone().filter(|&is| is).count();
        let (first, last) = (axes.clone().take(count).all(|is| is), axes.rev().take(count).all(|is| is));
        let stacked = self.dimensions(shape, Axis::Batch).next().is_some();
        if stacked || !(first || last) {
            return Err(Flaw::NoMatrix);
        }
        let (before, after) = shape.split_at(if first { count } else { shape.len() - count });
        let product = |part: &[usize]| product_of("the product of the flattened axes", part.iter().copied());
        Ok([product(before)?, product(after)?])
    }
}

/// `out in k..`, `k.. in out`, `in out k..` for the layouts of convolutions of any dimension, else the axes: `batch in out`.
impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Axes(Axes { axes, count }) = self else {
            return f.write_str(match self {
                Self::OutIn => "out in k..",
                Self::InOut => "k.. in out",
                _ => "in out k..",
            });
        };
        for (i, axis) in axes[..*count.min(&MAX_AXES)].iter().enumerate() {
            let (word, _) = WORDS.iter().find(|(_, named)| named == axis).unwrap_or(&WORDS[0]);
            write!(f, "{}{word}", if i == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

/// The words that [`Display`](fmt::Display) writes; `kernel` is `k`.
impl FromStr for Layout {
    type Err = ParseLayoutError;

    fn from_str(text: &str) -> Result<Self, ParseLayoutError> {
        for layout in [Self::OutIn, Self::InOut, Self::TransposedInOut] {
            if alloc::format!("{layout}") == text.trim() {
                return Ok(layout);
            }
        }
        let mut axes = [Axis::Batch; MAX_AXES];
        let mut count = 0;
        for word in text.split_whitespace() {
            let known = WORDS.iter().find(|(name, _)| *name == word);
            match (known, axes.get_mut(count)) {
                (Some((_, axis)), Some(place)) => *place = *axis,
                _ => return Err(ParseLayoutError { text: text.into() }),
            }
            count += 1;
        }
        if count == 0 {
            Err(ParseLayoutError { text: text.into() })
        } else {
            Ok(Self::Axes(Axes { axes, count }))
        }
    }
}

/// A text that names no [`Layout`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseLayoutError {
    text: alloc::string::String,
}

impl fmt::Display for ParseLayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no layout: expected a word for each axis, batch, in, out or k, at most {MAX_AXES}, such as \"out in k k\" or \"batch in out\"; or \"out in k..\", \"k.. in out\", \"in out k..\"",
            self.text
        )
    }
}

impl core::error::Error for ParseLayoutError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn text_is_read_back() {
        for text in
            ["out in k..", "k.. in out", "in out k..", "out in", "batch in out", "in out out", "k k in out"]
        {
            assert_eq!(text.parse::<Layout>().unwrap().to_string(), text);
        }
        assert_eq!("out in kernel".parse(), Ok(Layout::axes(&[Axis::Out, Axis::In, Axis::Kernel])));
        for text in ["", " ", "heads in out", "out in k ..", "k k k k k k k in out"] {
            let error = text.parse::<Layout>().unwrap_err();
            assert!(error.to_string().starts_with(&alloc::format!("{text:?} is no layout")), "{error}");
        }
    }

    #[test]
    fn axes_in_the_order_of_a_convolution_are_one() {
        for (axes, convolution) in [
            ("out in k k", "out in k.."),
            ("out in", "out in k.."),
            ("k k k in out", "k.. in out"),
            ("in out k", "in out k.."),
            ("k out in", "k out in"),
            ("batch in out", "batch in out"),
        ] {
            let count = axes.split(' ').count();
            assert_eq!(axes.parse::<Layout>().unwrap().of_convolution(count).to_string(), convolution);
            assert_eq!(axes.parse::<Layout>().unwrap().of_convolution(count + 1).to_string(), axes);
        }
        assert_eq!("in out".parse::<Layout>().unwrap().of_convolution(2), Layout::InOut);
        let nine = Layout::axes(&[Axis::Out; 9]);
        assert_eq!(nine.of_convolution(9), nine);
    }

    #[test]
    fn matrices_are_cut_at_the_outputs() {
        let matrix = |text: &str, shape: &[usize]| text.parse::<Layout>().unwrap().matrix(shape);
        assert_eq!(matrix("out in k..", &[2, 3, 5, 7]), Ok([2, 105]));
        assert_eq!(matrix("k.. in out", &[2, 3, 5, 7]), Ok([30, 7]));
        assert_eq!(matrix("in out k..", &[2, 3, 5, 7]), Ok([2, 105]));
        assert_eq!(matrix("in out out", &[2, 3, 5]), Ok([2, 15]));
        assert_eq!(matrix("out out in", &[2, 3, 5]), Ok([6, 5]));
        assert_eq!(matrix("in out k", &[2, 3, 5]), Err(Flaw::NoMatrix), "the outputs are in between");
        assert_eq!(matrix("batch in out", &[2, 3, 5]), Err(Flaw::NoMatrix), "stacked");
        assert_eq!(matrix("in out", &[2, 3, 5]), Err(Flaw::UnnamedAxes { dimensions: 3, named: 2 }));
    }
}
