//! Errors of the check of a distribution.

use core::fmt;

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::cause::Cause;
use super::law_evidence::{LawEvidence, Part};
use super::lines::Oddity;
use crate::error::InitError;

/// Why weights do not follow the distribution that was promised. The text says what was expected, what was seen,
/// and the likely cause.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum LawError {
    /// The initializer promises no distribution: there is nothing to check against.
    NoLaw,
    /// The distribution itself is impossible.
    Law(InitError),
    /// There are no weights, and so no evidence.
    Empty,
    /// The weights do not fill the shape that was given.
    Shape {
        /// The shape.
        shape: Vec<usize>,
        /// How many weights there are.
        length: usize,
    },
    /// A weight is NaN or infinite.
    NotFinite {
        /// Which weight.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// The distribution is constant, and a weight differs from it.
    NotConstant {
        /// Which weight.
        index: usize,
        /// Its value.
        value: f64,
        /// What every weight should be.
        expected: f64,
    },
    /// A weight lies where the distribution has none.
    Outside {
        /// Which weight.
        index: usize,
        /// Its value.
        value: f64,
        /// What the weights look like.
        evidence: Box<LawEvidence>,
        /// What may have gone wrong.
        causes: Vec<Cause>,
    },
    /// Weights of the distribution look like these less often than the declared rate.
    Contradiction {
        /// In which respect.
        part: Part,
        /// What the weights look like.
        evidence: Box<LawEvidence>,
        /// The least probability that this part lets pass.
        allowed: f64,
        /// What may have gone wrong.
        causes: Vec<Cause>,
    },
}

impl LawError {
    /// What may have gone wrong, the likeliest first; empty where nothing comes to mind.
    #[must_use]
    pub fn causes(&self) -> &[Cause] {
        match self {
            Self::Outside { causes, .. } | Self::Contradiction { causes, .. } => causes,
            _ => &[],
        }
    }
}

impl fmt::Display for LawError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLaw => {
                f.write_str("the initializer promises no distribution: there is nothing to check against")
            }
            Self::Law(error) => write!(f, "the distribution that was promised is impossible: {error}"),
            Self::Empty => f.write_str("no weights: nothing can be said of them"),
            Self::Shape { shape, length } => write!(
                f,
                "{length} weights and the shape {shape:?}: the product of the dimensions must be the number of weights"
            ),
            Self::NotFinite { index, value } => write!(f, "weight {index} is {value}"),
            Self::NotConstant { index, value, expected } => {
                write!(f, "weight {index} is {value}: every one should be {expected}")
            }
            Self::Outside { index, value, evidence, .. } => {
                let (low, high) = evidence.law.support();
                write!(
                    f,
                    "weight {index} is {value:e}: the distribution ends at {low:e} and {high:e}\n  seen: {evidence}"
                )
            }
            Self::Contradiction { part, evidence, allowed, .. } => {
                let p = evidence.part(*part);
                let variance = evidence.law.variance();
                match part {
                    Part::Repetition => write!(
                        f,
                        "the weights repeat themselves every {}",
                        evidence.period.unwrap_or_default()
                    ),
                    Part::Copies => f.write_str("some of the weights are copies of others"),
                    Part::Zeros => write!(f, "{} weights are exactly 0", evidence.sample.zeros),
                    Part::EqualValues => evidence.equal.map_or(Ok(()), |equal| {
                        let values = if equal.both_signs { "magnitudes" } else { "values" };
                        write!(
                            f,
                            "{} of {} {values} equal another one, at most {:.1} expected; the commonest is {:e}, {} times",
                            equal.repeats, equal.compared, equal.expected, equal.commonest.0, equal.commonest.1
                        )
                    }),
                    Part::Variance => write!(
                        f,
                        "the variance is {:.4e}, promised {variance:.4e}: {:.4} times as much, {:+.1} sigmas",
                        evidence.variance(),
                        evidence.sample.root_mean_square * evidence.sample.root_mean_square,
                        evidence.variance_sigmas(),
                    ),
                    Part::Mean => write!(
                        f,
                        "the mean is {:.4e}, promised {:.4e}: {:+.1} sigmas",
                        evidence.mean(),
                        evidence.units.mean,
                        evidence.mean_sigmas(),
                    ),
                    Part::Extremes => write!(
                        f,
                        "a weight lies {:.1} standard deviations from the mean",
                        evidence.sample.farthest
                    ),
                    Part::Distribution => write!(
                        f,
                        "the distribution function is {:.4} from the promised one",
                        evidence.distance()
                    ),
                    Part::Rank => write!(
                        f,
                        "rows are {:.2} times as parallel as independent ones",
                        evidence.rank.map_or(1.0, |rank| rank.ratio)
                    ),
                    Part::Neighbours => evidence.neighbours.map_or(Ok(()), |neighbours| {
                        let (lag, correlation) = (neighbours.lag, neighbours.correlation);
                        write!(f, "weights that stand {lag} apart correlate by {correlation:+.4}")
                    }),
                    Part::Rows | Part::Columns => {
                        let (line, index) = if *part == Part::Rows { ("row", 0) } else { ("column", 1) };
                        match evidence.lines.map_or(Oddity::None, |lines| lines[index].oddity) {
                            Oddity::None => Ok(()),
                            Oddity::Mean { line: at, mean } => {
                                write!(f, "the mean of {line} {at} is {mean:+.3} standard deviations off")
                            }
                            Oddity::RootMeanSquare { line: at, root_mean_square } => {
                                write!(f, "{line} {at} is {root_mean_square:.3} times as large as promised")
                            }
                        }
                    }
                }?;
                write!(f, "; p = {p:.1e}, below the threshold {allowed:.1e}\n  seen: {evidence}")
            }
        }?;
        self.causes().iter().try_for_each(|cause| write!(f, "\n  likely cause: {cause}"))
    }
}

impl core::error::Error for LawError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            // Its text is part of this error's own.
            Self::Law(error) => core::error::Error::source(error),
            _ => None,
        }
    }
}
