//! Depth scaling: smaller weights at the end of residual branches, the deeper the network.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use super::error::RecipeCause;
use super::nearest::nearest;
use super::scheme::AnyInitializer;
use crate::error::InitError;
use crate::init::{DepthScaling, Initializer, Law};
use crate::scalar::{Scalar, sqrt};
use crate::seed::Seed;

/// The factor on weights of residual branches, so that a sum of many branches keeps its size: a
/// [`DepthScaling`](crate::DepthScaling) whose numbers the recipe and the name of the parameter tell.
///
/// | scaling | as text | factor |
/// | --- | --- | --- |
/// | `Gpt2` | `gpt2` | [1 / sqrt(2 L)](DepthScaling::gpt2): two branches a layer |
/// | `PerLayer` | `per_layer` | 1 / sqrt(L): one branch a layer, as Mamba's `_init_weights` has it ([mamba_ssm](https://github.com/state-spaces/mamba)) |
/// | `ByBlock` | `by_block` | [1 / sqrt(2 (i + 1))](DepthScaling::by_block) of block i, counted from 0 |
/// | `Fixup` | `fixup` | [L^(-1/2)](DepthScaling::fixup), L branches of two layers each |
/// | `TFixupEncoder`, `TFixupDecoder` | `t_fixup_encoder`, `t_fixup_decoder` | [0.67 L^(-1/4)](DepthScaling::t_fixup_encoder), [(9 L)^(-1/4)](DepthScaling::t_fixup_decoder) |
/// | `DeepNet` | `deepnet` | [(8 L)^(-1/4)](DepthScaling::deepnet) |
///
/// L is the number of layers that the recipe gives, i the whole number that a `*` of the rule's pattern matches
/// (all its digits: `h.*.out`, not `h.1*.out`).
///
/// ```
/// use fanin::recipe::{Depth, Recipe, Rule, Scheme};
///
/// let scheme = Scheme::Normal { std_dev: 1.0, mean: 0.0 };
/// let recipe = Recipe::new().rule("h.*.out", Rule::from(scheme).depth(Depth::ByBlock));
/// let plan = recipe.plan([("h.0.out", &[4, 4]), ("h.7.out", &[4, 4])])?;
/// assert_eq!(plan.rows()[1].law().unwrap().std_dev(), 0.25);
/// assert_eq!("by_block".parse(), Ok(Depth::ByBlock));
/// # Ok::<(), fanin::recipe::RecipeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Depth {
    /// 1 / sqrt(2 L).
    Gpt2,
    /// 1 / sqrt(L).
    PerLayer,
    /// 1 / sqrt(2 (i + 1)).
    ByBlock,
    /// L^(-1/2).
    Fixup,
    /// 0.67 L^(-1/4).
    TFixupEncoder,
    /// (9 L)^(-1/4).
    TFixupDecoder,
    /// (8 L)^(-1/4).
    DeepNet,
}

const NAMES: [(&str, Depth); 7] = [
    ("gpt2", Depth::Gpt2),
    ("per_layer", Depth::PerLayer),
    ("by_block", Depth::ByBlock),
    ("fixup", Depth::Fixup),
    ("t_fixup_encoder", Depth::TFixupEncoder),
    ("t_fixup_decoder", Depth::TFixupDecoder),
    ("deepnet", Depth::DeepNet),
];

impl Depth {
    /// The factor in a network of so many layers, of a parameter of this block or of none that is told.
    pub(super) fn factor(
        self,
        layers: Option<usize>,
        index: impl FnOnce() -> Result<usize, &'static str>,
    ) -> Result<f64, RecipeCause> {
        let layers = || layers.ok_or(RecipeCause::NoLayers);
        let scaling = match self {
            Self::Gpt2 => DepthScaling::gpt2(layers()?),
            // Half as many branches.
            Self::PerLayer => {
                let layers = layers()?;
                let scaling = DepthScaling::gpt2(layers);
                return scaling.check().map(|()| 1.0 / sqrt(layers as f64)).map_err(RecipeCause::Init);
            }
            Self::Fixup => DepthScaling::fixup(layers()?, 2),
            Self::ByBlock => {
                DepthScaling::by_block(index().map_err(|message| RecipeCause::NoIndex { message })?)
            }
            Self::TFixupEncoder => DepthScaling::t_fixup_encoder(layers()?),
            Self::TFixupDecoder => DepthScaling::t_fixup_decoder(layers()?),
            Self::DeepNet => DepthScaling::deepnet(layers()?),
        };
        scaling.check().map(|()| scaling.factor()).map_err(RecipeCause::Init)
    }
}

impl fmt::Display for Depth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAMES.iter().find(|(_, depth)| depth == self).map_or("", |(name, _)| name))
    }
}

/// A text that names no [`Depth`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseDepthError {
    text: String,
}

impl fmt::Display for ParseDepthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no depth scaling is called {:?}: ", self.text)?;
        if let Some(nearest) = nearest(NAMES.iter().map(|(name, _)| *name), &self.text) {
            write!(f, "did you mean {nearest}? ")?;
        }
        write!(f, "Known are {}", NAMES.map(|(name, _)| name).join(", "))
    }
}

impl core::error::Error for ParseDepthError {}

impl FromStr for Depth {
    type Err = ParseDepthError;

    fn from_str(text: &str) -> Result<Self, ParseDepthError> {
        let known = NAMES.iter().find(|(name, _)| *name == text);
        known.map(|&(_, depth)| depth).ok_or_else(|| ParseDepthError { text: text.to_owned() })
    }
}

/// The initializer times a factor. Where every weight is drawn by itself the parameters are scaled, so that a weight is still
/// rounded once.
pub(super) fn scaled<T: Scalar>(initializer: AnyInitializer<T>, factor: f64) -> AnyInitializer<T> {
    match (initializer.law(), initializer.tensor_len()) {
        (Some(law), None) if initializer.check().is_ok() => Box::new(law.scaled(factor)),
        _ => Box::new(Scaled { initializer, factor }),
    }
}

/// The weights of an initializer that has a shape, each times a factor.
struct Scaled<T> {
    initializer: AnyInitializer<T>,
    factor: f64,
}

impl<T: Scalar> Initializer<T> for Scaled<T> {
    fn fill_shard(&self, seed: Seed, offset: u64, shard: &mut [T]) -> Result<(), InitError> {
        self.initializer.fill_shard(seed, offset, shard)?;
        shard.iter_mut().for_each(|weight| *weight = T::from_f64(self.factor * weight.to_f64()));
        Ok(())
    }

    fn check(&self) -> Result<(), InitError> {
        self.initializer.check()
    }

    fn law(&self) -> Option<Law> {
        let scaled = self.initializer.law().map(|law| law.scaled(self.factor));
        scaled.filter(|scaled| scaled.check().is_ok()).map(|scaled| scaled.law())
    }

    fn tensor_len(&self) -> Option<u64> {
        self.initializer.tensor_len()
    }

    fn costs_whole_tensor(&self) -> bool {
        self.initializer.costs_whole_tensor()
    }
}
