//! Xavier (Glorot) initialization.

use super::variance_scaling::named;

named! {
    /// Variance gain^2 * 2 / (fan_in + fan_out), mean 0: keeps the variance of activations and of gradients
    /// as far as both can be kept. For tanh and other activations that are the identity near 0. It needs both fans.
    ///
    /// Glorot and Bengio, ["Understanding the difficulty of training deep feedforward neural
    /// networks"](https://proceedings.mlr.press/v9/glorot10a.html) (2010), equations 12 (the variance) and 16 (its uniform
    /// form, U(-l, l) with l = sqrt(6 / (fan_in + fan_out))). Under ReLU each layer halves what comes back through it: use
    /// [`He`](super::He).
    ///
    /// ```
    /// use fanin::prelude::*;
    ///
    /// let mut w = [[0.0_f64; 256]; 10];
    /// Xavier::uniform((256, 10)).gain(Activation::Tanh).seed(7).try_fill(&mut w)?;
    ///
    /// let conv = Fan::conv(64, 128, [3, 3]);
    /// assert_eq!(Xavier::normal(conv), Xavier::normal((64 * 9, 128 * 9)));
    /// # Ok::<(), fanin::InitError>(())
    /// ```
    #[doc(alias("glorot", "Glorot"))]
    Xavier(gain: 1.0, mode: FanAvg) {
        /// U(-l, l), l = gain sqrt(6 / (fan_in + fan_out)).
        uniform: Uniform,
        /// N(0, gain^2 * 2 / (fan_in + fan_out)).
        normal: Normal,
        /// Normal of the same variance after truncation at 2 standard deviations of its parent.
        truncated_normal: TruncatedNormal,
    }
}
