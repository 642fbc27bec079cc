//! `Finding`: what is behind a chain.

use core::fmt;

use crate::chain::{COLLAPSED, Verdict, number};

/// What is behind a chain.
///
/// The kinds exclude each other; what explains the most comes first, in the order in which they stand
/// here. Layers count from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Finding {
    /// Systematic: the weights of the layers, taken together, do not follow their law.
    OtherWeights {
        /// The standard deviation that the gradient met over the promised one, in the geometric mean.
        ratio: f64,
        /// How far that is from 1, in standard deviations of its fluctuation.
        z: f64,
    },
    /// Systematic: the weights of a layer do not follow their law. Of several layers it is the one that
    /// deviates the most.
    OtherLayer {
        /// Which layer's weights.
        layer: usize,
        /// The standard deviation that the gradient met over the promised one.
        ratio: f64,
        /// How far that is from 1, in standard deviations of its fluctuation.
        z: f64,
    },
    /// Systematic: the law itself makes the gradient vanish or explode.
    WrongLaw {
        /// What one layer does to the mean-square delta, in the geometric mean.
        rate: f64,
    },
    /// Systematic: the chain is not where this law and these widths put it, though every layer's weights
    /// are: the activation is another one, or weights depend on each other.
    OtherChain {
        /// How far it is, in standard deviations of its fluctuation.
        z: f64,
    },
    /// The law is sound, but a typical draw of such widths is not: the depth is beyond what the width
    /// carries.
    TooDeep {
        /// The sum over hidden layers of 1 / width: the logarithm of a ReLU chain has a variance of 5 times
        /// this.
        inverse_widths: f64,
    },
    /// The chain itself is broken, and by neither law nor width: NaN, infinity, or no gradient at all.
    Broken {
        /// What the chain says of itself.
        verdict: Verdict,
    },
    /// The law is sound and a typical draw as well, but not this one: chance, within the band.
    Chance {
        /// How far the chain is from the mean of the band, in standard deviations.
        z: f64,
    },
    /// The gradient is sound, but all inputs have become one on the way.
    Collapsed {
        /// From which layer on.
        layer: usize,
    },
    /// As promised, and sound.
    Healthy,
}

impl Finding {
    /// Whether it is [`Finding::Healthy`].
    #[must_use]
    pub const fn is_healthy(self) -> bool {
        matches!(self, Self::Healthy)
    }

    /// Whether law, gain or weights are wrong: another seed or other widths will not help.
    #[must_use]
    pub const fn is_systematic(self) -> bool {
        matches!(
            self,
            Self::OtherWeights { .. }
                | Self::OtherLayer { .. }
                | Self::WrongLaw { .. }
                | Self::OtherChain { .. }
        )
    }
}

/// One sentence; layers count from 1.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::OtherWeights { ratio, z } => write!(
                f,
                "systematic: the weights are not those of their law: their std is {} times the promised one, \
                 z = {z:+.1}",
                number(ratio)
            ),
            Self::OtherLayer { layer, ratio, z } => write!(
                f,
                "systematic: the weights of layer {} are not those of their law: their std is {} times the \
                 promised one, z = {z:+.1}",
                layer + 1,
                number(ratio)
            ),
            Self::WrongLaw { rate } => {
                let what = if rate < 1.0 { "vanish" } else { "explode" };
                write!(
                    f,
                    "systematic: this law makes the gradient {what}, its mean square is multiplied by {} a layer",
                    number(rate)
                )
            }
            Self::Broken { verdict } => write!(f, "broken: the chain is {verdict}"),
            Self::OtherChain { z } => write!(
                f,
                "systematic: z = {z:+.1}, yet each layer's weights follow their law: \
                 is it another activation, or one seed used twice?"
            ),
            Self::TooDeep { inverse_widths } => write!(
                f,
                "too deep for its width: the sum of 1 / width is {}, a typical draw leaves the sound range",
                number(inverse_widths)
            ),
            Self::Chance { z } => {
                write!(
                    f,
                    "chance: z = {z:+.1} is within what law, width and depth explain; draw another seed"
                )
            }
            Self::Collapsed { layer } => write!(
                f,
                "collapsed: the gradient is sound, but from layer {} on all inputs look alike (cosine {} or more)",
                layer + 1,
                number(COLLAPSED)
            ),
            Self::Healthy => f.write_str("healthy: as the law promises, and sound"),
        }
    }
}
