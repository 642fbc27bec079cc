//! Copies as they are reported: two places, the relation between them, the evidence, the remedy.

use alloc::string::String;
use core::f64::consts::LN_10;
use core::fmt;
use core::ops::Range;

/// Weights that are a copy of other weights of the same model.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightCopy {
    pub(super) original: Place,
    pub(super) copy: Place,
    pub(super) values: Values,
    pub(super) order: Order,
    pub(super) stretches: usize,
    pub(super) share: f64,
    pub(super) ln_p_value: f64,
}

impl WeightCopy {
    /// The weights that stand first in the model.
    #[must_use]
    pub const fn original(&self) -> &Place {
        &self.original
    }

    /// The weights that come again; of several [stretches](Self::stretches) the longest.
    #[must_use]
    pub const fn copy(&self) -> &Place {
        &self.copy
    }

    /// How the values of the copy follow from those of the original.
    #[must_use]
    pub const fn values(&self) -> Values {
        self.values
    }

    /// How their order does.
    #[must_use]
    pub const fn order(&self) -> Order {
        self.order
    }

    /// The number of ranges, rows or columns that were copied this way between the two parameters; at least 1.
    #[must_use]
    pub const fn stretches(&self) -> usize {
        self.stretches
    }

    /// The share of the copy's parameter that was copied, above 0 and at most 1.
    #[must_use]
    pub const fn share(&self) -> f64 {
        self.share
    }

    /// The probability, at most, that independent weights agree as these do in any of the places that were compared;
    /// 0 where it is below the smallest `f64`.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        libm::exp(self.ln_p_value)
    }

    /// What to change.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        if self.original.layer == self.copy.layer {
            "one seed was used for several parts of one parameter; fill the whole parameter in one call, or give each part its offset by `fill_shard`"
        } else {
            "one seed was used for both; give each parameter a child of its own, `seed.child(name)`, or declare weights that are shared on purpose, `.tied_to(name)`"
        }
    }
}

/// Some of the weights of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The index of the parameter in the list that was handed in.
    pub layer: usize,
    /// The parameter's name.
    pub name: String,
    /// Which of its weights.
    pub part: Part,
}

/// Which weights of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// All of them.
    Whole,
    /// Those of a range of the elements in row-major order.
    Range(Range<usize>),
    /// Those of a row, or as many of it as the shorter of two rows has.
    Row(usize),
    /// Those of a column.
    Column(usize),
}

/// How the values of a copy follow from those of its original.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Values {
    /// They are the same, bit for bit.
    Equal,
    /// They have the other sign.
    Negative,
    /// They are a multiple, within the rounding of the scalar: another fan, or another gain.
    Multiple {
        /// Copy over original.
        factor: f64,
    },
    /// They are a multiple within the rounding of `bf16`, though the scalar is finer: a copy that was stored in a half.
    Rounded {
        /// Copy over original.
        factor: f64,
    },
    /// They are no multiple and still depend on each other: another distribution from the same seed.
    Dependent {
        /// The correlation of the signs (above or below the middle), between -1 and 1.
        correlation: f64,
    },
}

/// How the order of a copy follows from that of its original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Order {
    /// The same.
    Same,
    /// The same, that many elements further on in row-major order; of two whole parameters what leaves the end comes in
    /// at the front.
    Shifted {
        /// Place in the copy less place in the original.
        by: isize,
    },
    /// Back to front.
    Reversed,
    /// Rows have become columns.
    Transposed,
    /// The rows stand in another order.
    RowsPermuted,
    /// The columns stand in another order.
    ColumnsPermuted,
    /// The elements stand in another order.
    Permuted,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.part {
            Part::Whole => f.write_str(name),
            Part::Range(range) => write!(f, "{name}[{}..{}]", range.start, range.end),
            Part::Row(row) => write!(f, "row {row} of {name}"),
            Part::Column(column) => write!(f, "column {column} of {name}"),
        }
    }
}

impl WeightCopy {
    /// The sentence and the evidence.
    pub(in crate::diagnosis) fn sentence(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { original, copy, .. } = self;
        write!(f, "{copy} ")?;
        match self.values {
            Values::Equal => write!(f, "is equal to {original}"),
            Values::Negative => write!(f, "is the negative of {original}"),
            Values::Multiple { factor } => write!(f, "is {factor:.6} times {original}"),
            Values::Rounded { factor } => write!(f, "is {factor:.4} times {original}, rounded"),
            Values::Dependent { correlation } => {
                write!(f, "depends on {original}: their signs correlate by {correlation:+.2}")
            }
        }?;
        match self.order {
            Order::Same => Ok(()),
            Order::Shifted { by } => write!(f, ", shifted by {by}"),
            Order::Reversed => f.write_str(", back to front"),
            Order::Transposed => f.write_str(", transposed"),
            // "Row 5 is equal to row 2" says it all.
            Order::RowsPermuted | Order::ColumnsPermuted
                if self.stretches == 1 && copy.part != Part::Whole =>
            {
                Ok(())
            }
            Order::RowsPermuted => f.write_str(", rows in another order"),
            Order::ColumnsPermuted => f.write_str(", columns in another order"),
            Order::Permuted => f.write_str(", elements in another order"),
        }?;
        if self.share < 1.0 {
            write!(f, "; {:.1} % of {}", 100.0 * self.share, copy.name)?;
        }
        if self.stretches > 1 {
            write!(f, ", in {} stretches", self.stretches)?;
        }
        let decades = self.ln_p_value / LN_10;
        let exponent = libm::floor(decades);
        write!(f, " (p = {:.0}e{exponent})", libm::floor(libm::pow(10.0, decades - exponent)))
    }
}

/// The sentence, the evidence, the remedy.
impl fmt::Display for WeightCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence(f)?;
        write!(f, "\n  remedy: {}", self.remedy())
    }
}
