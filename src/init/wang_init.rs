//! Weights that end residual branches, as in GPT-J.

use super::derived::{count, derived, normal};
use super::{InitError, Law};
use crate::scalar::sqrt;

derived! {
    /// N(0, (2 / (L sqrt(d)))^2) for the matrices that end a residual branch of a transformer of L layers and width d.
    ///
    /// Of Ben Wang's [mesh-transformer-jax](https://github.com/kingoflolz/mesh-transformer-jax), in which GPT-J was trained; GPT-NeoX's
    /// `wang_init`. The others start from [`SmallInit`](super::SmallInit).
    ///
    /// ```
    /// use fanin::{WangInit, prelude::*};
    ///
    /// let w: Vec<f32> = WangInit::new(400, 10).seed(1).to_vec(400);
    /// assert_eq!(WangInit::new(400, 10).law(), Normal::new(0.0, 0.01).law());
    /// # assert_eq!(w.len(), 400);
    /// ```
    #[doc(alias = "wang_init")]
    WangInit { width: usize, layers: usize }
}

impl WangInit {
    /// Of a transformer of this width and number of layers, each at least 1.
    #[must_use]
    pub const fn new(width: usize, layers: usize) -> Self {
        Self { width, layers }
    }

    fn checked(&self) -> Result<Law, InitError> {
        let (width, layers) = (count("width", self.width)?, count("layers", self.layers)?);
        Ok(normal(2.0 / layers / sqrt(width)))
    }
}
