//! Small weights for transformers.

use super::derived::{count, derived, normal};
use super::{InitError, Law};
use crate::scalar::sqrt;

derived! {
    /// N(0, 2 / (5 d)) for every matrix of a transformer of this width d: Xavier's of a feed-forward layer of 4 d units, for all.
    ///
    /// Nguyen and Salazar, ["Transformers without tears"](https://arxiv.org/abs/1910.05895) (2019), section 3.2. GPT-NeoX's `small_init`, which
    /// it pairs with [`WangInit`](super::WangInit) for the matrices that end a residual branch.
    ///
    /// ```
    /// use fanin::{SmallInit, prelude::*};
    ///
    /// let w: Vec<f32> = SmallInit::new(1024).seed(1).to_vec(1024 * 1024);
    /// assert!((SmallInit::new(1000).law().std_dev() - 0.02).abs() < 1e-15);
    /// # assert_eq!(w.len(), 1 << 20);
    /// ```
    #[doc(alias = "small_init")]
    SmallInit { width: usize }
}

impl SmallInit {
    /// Of a transformer of this width, at least 1.
    #[must_use]
    pub const fn new(width: usize) -> Self {
        Self { width }
    }

    fn checked(&self) -> Result<Law, InitError> {
        Ok(normal(sqrt(2.0 / (5.0 * count("width", self.width)?))))
    }
}
