//! Depth scaling: smaller weights at the ends of residual branches.

use super::derived::{AT_LEAST_ONE, count};
use super::{Gain, InitError, in_range};
use crate::scalar::sqrt;

/// The factor on the standard deviation of weights of residual branches, which keeps the sum of all branches in bounds.
///
/// | | factor | of which weights |
/// | --- | --- | --- |
/// | `gpt2(L)` | 1 / sqrt(2 L) | those that end a branch: attention's output, the last of a feed-forward layer |
/// | `by_block(i)` | 1 / sqrt(2 (i + 1)) | the same, of block i from 0 |
/// | `fixup(L, m)` | L^(-1 / (2 m - 2)) | all of a branch but the last, which is 0 |
/// | `t_fixup_encoder(N)` | 0.67 N^(-1/4) | value, output, feed-forward |
/// | `t_fixup_decoder(N)` | (9 N)^(-1/4) | the same, and the embeddings |
/// | `deepnet(N)` | (8 N)^(-1/4) | value, output, feed-forward; query and key keep 1 |
/// | `deepnet_encoder(N, M)` | 0.87 (N^4 M)^(-1/16) | the same |
/// | `deepnet_decoder(M)` | (12 M)^(-1/4) | the same |
///
/// Radford et al., "Language models are unsupervised multitask learners" (2019), section 2.3, whose N residual layers are 2 L of
/// transformers' `modeling_gpt2.py`; by block OLMo-core (`llama_depth`) and torchtitan, which scale the gate's partner, `w3`, too; Zhang, Dauphin and Ma, ["Fixup"](https://arxiv.org/abs/1901.09321) (2019), section 3; Huang et al.,
/// ["Improving Transformer optimization through better initialization"](https://proceedings.mlr.press/v119/huang20f.html) (2020), section 3.2; Wang
/// et al., ["DeepNet"](https://arxiv.org/abs/2203.00555) (2022), figure 2, upon Xavier, with the residual
/// connection times [`residual`](DepthScaling::residual).
///
/// It goes wherever a [`Gain`] goes; and [`Law::scaled`](crate::Law::scaled) takes it for distributions that have none.
///
/// ```
/// use fanin::{DepthScaling, prelude::*};
///
/// let attention_out = Normal::new(0.0, 0.02).law().scaled(DepthScaling::gpt2(12));
/// assert!((attention_out.law().std_dev() - 0.02 / 24_f64.sqrt()).abs() < 1e-17);
///
/// let deepnet = DepthScaling::deepnet(100);
/// let value = Xavier::normal((512, 512)).gain(deepnet);
/// let residual = deepnet.residual(); // LayerNorm(residual * x + branch(x))
/// assert_eq!(residual, 200_f64.sqrt().sqrt());
///
/// let error = Xavier::normal((8, 8)).gain(DepthScaling::gpt2(0)).check().unwrap_err();
/// assert_eq!(error.to_string(), "layers is 0: it must be at least 1");
/// # let _: Vec<f32> = value.to_vec(1);
/// # let _: Vec<f32> = attention_out.to_vec(1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct DepthScaling(Scheme);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
enum Scheme {
    Gpt2 { layers: usize },
    ByBlock { block: usize },
    Fixup { layers: usize, branch: usize },
    TFixupEncoder { layers: usize },
    TFixupDecoder { layers: usize },
    DeepNet { layers: usize },
    DeepNetEncoder { encoder_layers: usize, decoder_layers: usize },
    DeepNetDecoder { decoder_layers: usize },
}

/// What a scheme multiplies: the weights, and the residual connection.
struct Factors {
    weights: f64,
    residual: f64,
}

fn fourth_root(x: f64) -> f64 {
    sqrt(sqrt(x))
}

impl DepthScaling {
    /// 1 / sqrt(2 L) for L layers (at least 1) of two branches each.
    #[must_use]
    pub const fn gpt2(layers: usize) -> Self {
        Self(Scheme::Gpt2 { layers })
    }

    /// 1 / sqrt(2 (i + 1)) for block i, the first being 0.
    #[must_use]
    pub const fn by_block(block: usize) -> Self {
        Self(Scheme::ByBlock { block })
    }

    /// L^(-1 / (2 m - 2)) for L branches (at least 1) of m layers (at least 2) each. The last layer of a branch and the classifier start from 0,
    /// `Constant::new(0.0)`.
    #[must_use]
    pub const fn fixup(layers: usize, branch: usize) -> Self {
        Self(Scheme::Fixup { layers, branch })
    }

    /// 0.67 N^(-1/4) in an encoder of N layers, at least 1.
    #[must_use]
    pub const fn t_fixup_encoder(layers: usize) -> Self {
        Self(Scheme::TFixupEncoder { layers })
    }

    /// (9 N)^(-1/4) in a decoder of N layers, at least 1.
    #[must_use]
    pub const fn t_fixup_decoder(layers: usize) -> Self {
        Self(Scheme::TFixupDecoder { layers })
    }

    /// DeepNet's beta for N layers, at least 1, of an encoder alone or a decoder alone.
    #[must_use]
    pub const fn deepnet(layers: usize) -> Self {
        Self(Scheme::DeepNet { layers })
    }

    /// DeepNet's beta of the encoder, where a decoder follows; each of at least 1 layer.
    #[must_use]
    pub const fn deepnet_encoder(encoder_layers: usize, decoder_layers: usize) -> Self {
        Self(Scheme::DeepNetEncoder { encoder_layers, decoder_layers })
    }

    /// DeepNet's beta of a decoder of M layers, at least 1, that follows an encoder.
    #[must_use]
    pub const fn deepnet_decoder(decoder_layers: usize) -> Self {
        Self(Scheme::DeepNetDecoder { decoder_layers })
    }

    /// The factor; NaN where [`check`](DepthScaling::check) fails.
    #[must_use]
    pub fn factor(&self) -> f64 {
        self.checked().map_or(f64::NAN, |factors| factors.weights)
    }

    /// What the residual connection is multiplied by, before it is added to the branch: DeepNet's alpha, 1 for all others; NaN where
    /// [`check`](DepthScaling::check) fails.
    #[must_use]
    pub fn residual(&self) -> f64 {
        self.checked().map_or(f64::NAN, |factors| factors.residual)
    }

    /// Says early what filling would refuse.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`](InitError::OutOfRange): a number of layers that is 0, a branch of fewer than 2.
    pub fn check(&self) -> Result<(), InitError> {
        self.checked().map(drop)
    }

    fn checked(&self) -> Result<Factors, InitError> {
        let alone = |weights| Factors { weights, residual: 1.0 };
        Ok(match self.0 {
            Scheme::Gpt2 { layers } => alone(1.0 / sqrt(2.0 * count("layers", layers)?)),
            Scheme::ByBlock { block } => alone(1.0 / sqrt(2.0 * (block as f64 + 1.0))),
            Scheme::Fixup { layers, branch } => {
                let layers = count("layers", layers)?;
                in_range("branch", branch as f64, branch >= 2, "at least 2 layers")?;
                alone(libm::pow(layers, -1.0 / (2.0 * branch as f64 - 2.0)))
            }
            Scheme::TFixupEncoder { layers } => alone(0.67 / fourth_root(count("layers", layers)?)),
            Scheme::TFixupDecoder { layers } => alone(1.0 / fourth_root(9.0 * count("layers", layers)?)),
            Scheme::DeepNet { layers } => {
                let layers = count("layers", layers)?;
                Factors { weights: 1.0 / fourth_root(8.0 * layers), residual: fourth_root(2.0 * layers) }
            }
            Scheme::DeepNetEncoder { encoder_layers, decoder_layers } => {
                let n = count("encoder_layers", encoder_layers)?;
                let root = fourth_root(n * fourth_root(count("decoder_layers", decoder_layers)?));
                Factors { weights: 0.87 / root, residual: 0.81 * root }
            }
            Scheme::DeepNetDecoder { decoder_layers } => {
                let layers = count("decoder_layers", decoder_layers)?;
                Factors { weights: 1.0 / fourth_root(12.0 * layers), residual: fourth_root(3.0 * layers) }
            }
        })
    }
}

/// The factor; what is wrong with it is an error of whatever takes the gain.
impl From<DepthScaling> for Gain {
    fn from(scaling: DepthScaling) -> Self {
        match scaling.checked() {
            Ok(factors) => Self::from(factors.weights),
            Err(InitError::OutOfRange { parameter, value, expected }) => {
                Self::out_of_range(parameter, value, expected)
            }
            // No other error comes from it.
            Err(_) => Self::out_of_range("layers", 0.0, AT_LEAST_ONE),
        }
    }
}
