//! Initialization of T5.

use super::derived::{count, derived, normal};
use super::{InitError, Law, non_negative};
use crate::scalar::sqrt;

#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
enum Weight {
    Query { width: usize, head_width: usize },
    OfWidth { width: usize },
    Output { heads: usize, head_width: usize },
    FeedForwardOut { inner_width: usize },
    Embedding,
}

derived! {
    /// The normal distributions that the weights of T5 start from, in units of a factor that is 1 unless given. T5 divides no attention logits by sqrt(d_kv):
    /// the queries start that much smaller instead.
    ///
    /// | weight | standard deviation |
    /// | --- | --- |
    /// | query | 1 / sqrt(width * head_width) |
    /// | key, value, feed-forward in (each of a gated pair), relative bias | 1 / sqrt(width) |
    /// | output | 1 / sqrt(heads * head_width) |
    /// | feed-forward out | 1 / sqrt(inner_width) |
    /// | embedding | 1 |
    ///
    /// Raffel et al., ["Exploring the limits of transfer learning"](https://arxiv.org/abs/1910.10683) (2020), whose paper does not say;
    /// `T5PreTrainedModel._init_weights` of transformers (5.24, `modeling_t5.py`), after Mesh TensorFlow's `attention.py`.
    ///
    /// ```
    /// use fanin::{T5, prelude::*};
    ///
    /// let query: Vec<f32> = T5::query(512, 64).seed(1).to_vec(512 * 512);
    /// let inner: Vec<f32> = T5::feed_forward_in(512).factor(0.5).seed(2).to_vec(2048 * 512);
    /// assert!((T5::query(512, 64).law().variance() - 1.0 / 32768.0).abs() < 1e-18);
    /// # assert_eq!(query.len() + inner.len(), 5 << 18);
    /// ```
    T5 { weight: Weight, factor: f64 }
}

impl T5 {
    /// Queries: 1 / sqrt(width * head_width), the model's width and that of one head.
    #[must_use]
    pub const fn query(width: usize, head_width: usize) -> Self {
        Self::of(Weight::Query { width, head_width })
    }

    /// Keys: 1 / sqrt(width).
    #[must_use]
    pub const fn key(width: usize) -> Self {
        Self::of(Weight::OfWidth { width })
    }

    /// Values: 1 / sqrt(width).
    #[must_use]
    pub const fn value(width: usize) -> Self {
        Self::of(Weight::OfWidth { width })
    }

    /// Output of attention: 1 / sqrt(heads * head_width).
    #[must_use]
    pub const fn output(heads: usize, head_width: usize) -> Self {
        Self::of(Weight::Output { heads, head_width })
    }

    /// The first matrix of a feed-forward layer, or each of the two of a gated one: 1 / sqrt(width).
    #[must_use]
    pub const fn feed_forward_in(width: usize) -> Self {
        Self::of(Weight::OfWidth { width })
    }

    /// The last matrix of a feed-forward layer of this inner width: 1 / sqrt(inner_width).
    #[must_use]
    pub const fn feed_forward_out(inner_width: usize) -> Self {
        Self::of(Weight::FeedForwardOut { inner_width })
    }

    /// The shared embedding: 1.
    #[must_use]
    pub const fn embedding() -> Self {
        Self::of(Weight::Embedding)
    }

    /// The bias of attention for each bucket of relative positions: 1 / sqrt(width).
    #[must_use]
    pub const fn relative_bias(width: usize) -> Self {
        Self::of(Weight::OfWidth { width })
    }

    const fn of(weight: Weight) -> Self {
        Self { weight, factor: 1.0 }
    }

    /// Multiplies the standard deviation, the `initializer_factor` of transformers: finite and at least 0.
    #[must_use]
    pub const fn factor(self, factor: f64) -> Self {
        Self { factor, ..self }
    }

    fn checked(&self) -> Result<Law, InitError> {
        non_negative("factor", self.factor)?;
        let inputs = match self.weight {
            Weight::Query { width, head_width } => count("width", width)? * count("head_width", head_width)?,
            Weight::OfWidth { width } => count("width", width)?,
            Weight::Output { heads, head_width } => count("heads", heads)? * count("head_width", head_width)?,
            Weight::FeedForwardOut { inner_width } => count("inner_width", inner_width)?,
            Weight::Embedding => 1.0,
        };
        Ok(normal(self.factor / sqrt(inputs)))
    }
}
