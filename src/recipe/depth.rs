//! Depth scaling: smaller weights at the end of residual branches, the deeper the network.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use super::error::RecipeCause;
use super::nearest::nearest;
use super::pattern;
use super::scheme::AnyInitializer;
use crate::error::InitError;
use crate::init::{Initializer, Law};
use crate::scalar::{Scalar, sqrt};
use crate::seed::Seed;

/// The factor on weights that end a residual branch, so that a sum of many branches keeps its size.
///
/// | scaling | as text | factor | used by |
/// | --- | --- | --- | --- |
/// | `Gpt2` | `gpt2` | 1 / sqrt(2 L) | GPT-2 ([Radford et al. 2019](https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf), section 2.3): two branches a layer |
/// | `PerLayer` | `per_layer` | 1 / sqrt(L) | Mamba ([mamba_ssm](https://github.com/state-spaces/mamba), `_init_weights`): one branch a layer |
/// | `ByBlock` | `by_block` | 1 / sqrt(2 (i + 1)) | OLMo, torchtitan's Llama: block i counted from 0 |
///
/// L is the number of layers that the recipe gives, i the number that a `*` of the rule's pattern matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Depth {
    /// 1 / sqrt(2 L).
    Gpt2,
    /// 1 / sqrt(L).
    PerLayer,
    /// 1 / sqrt(2 (i + 1)).
    ByBlock,
}

const NAMES: [(&str, Depth); 3] =
    [("gpt2", Depth::Gpt2), ("per_layer", Depth::PerLayer), ("by_block", Depth::ByBlock)];

impl Depth {
    /// The factor in a network of so many layers, of a parameter whose pattern's `*`s match this.
    pub(super) fn factor(self, layers: Option<usize>, stars: &[&str]) -> Result<f64, RecipeCause> {
        let layers = || match layers {
            None => Err(RecipeCause::NoLayers),
            Some(0) => Err(RecipeCause::Init(InitError::OutOfRange {
                parameter: "layers",
                value: 0.0,
                expected: "at least 1",
            })),
            Some(layers) => Ok(layers as f64),
        };
        let branches = match self {
            Self::Gpt2 => 2.0 * layers()?,
            Self::PerLayer => layers()?,
            Self::ByBlock => {
                let index = pattern::index(stars).map_err(|message| RecipeCause::NoIndex { message })?;
                2.0 * (index as f64 + 1.0)
            }
        };
        Ok(1.0 / sqrt(branches))
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
        f.write_str("Known are gpt2, per_layer and by_block")
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
        (Some(law), None) if initializer.check().is_ok() => Box::new(scaled_law(law, factor)),
        _ => Box::new(Scaled { initializer, factor }),
    }
}

fn scaled_law(law: Law, factor: f64) -> Law {
    match law {
        Law::Constant { value } => Law::Constant { value: factor * value },
        Law::Uniform { low, high } => Law::Uniform { low: factor * low, high: factor * high },
        Law::Normal { mean, std_dev } => Law::Normal { mean: factor * mean, std_dev: factor * std_dev },
        Law::TruncatedNormal { mean, std_dev, low, high } => Law::TruncatedNormal {
            mean: factor * mean,
            std_dev: factor * std_dev,
            low: factor * low,
            high: factor * high,
        },
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
        self.initializer.law().map(|law| scaled_law(law, self.factor))
    }

    fn tensor_len(&self) -> Option<u64> {
        self.initializer.tensor_len()
    }
}
