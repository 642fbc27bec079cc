//! He (Kaiming) initialization.

use core::f64::consts::SQRT_2;

use super::Gain;
use super::variance_scaling::{Scaled, named, with_mode};

named! {
    /// Variance 2 / ((1 + a^2) fan_in), mean 0, a the negative slope of a leaky ReLU (0 for ReLU): keeps the
    /// variance of the forward pass through layers of ReLUs, which halve it.
    ///
    /// He, Zhang, Ren and Sun, ["Delving deep into rectifiers"](https://arxiv.org/abs/1502.01852) (2015), equations 10
    /// and 15. With [`mode`](He::mode)`(FanMode::FanOut)` it keeps the variance of the backward pass instead
    /// (equation 14), as convolutions usually start; for equal widths it is the same.
    ///
    /// ```
    /// use fanin::prelude::*;
    ///
    /// let mut w = vec![0.0_f32; 256 * 784];
    /// He::normal(784).fill(&mut w); // new weights each run
    /// He::normal(784).seed(42).fill(&mut w); // these bits, always
    ///
    /// assert!((He::normal(784).law().variance() - 2.0 / 784.0).abs() < 1e-17);
    /// assert!((He::uniform(784).negative_slope(0.2).law().variance() - 2.0 / 1.04 / 784.0).abs() < 1e-17);
    ///
    /// let conv = Fan::conv(64, 128, [3, 3]);
    /// let backward = He::normal(conv).mode(FanMode::FanOut);
    /// assert!((backward.law().variance() - 2.0 / (128.0 * 9.0)).abs() < 1e-17);
    /// ```
    #[doc(alias("kaiming", "Kaiming", "msra"))]
    He(gain: SQRT_2, mode: FanIn) {
        /// U(-l, l), l = sqrt(6 / ((1 + a^2) fan_in)).
        uniform: Uniform,
        /// N(0, 2 / ((1 + a^2) fan_in)).
        normal: Normal,
        /// Normal of the same variance after truncation at 2 standard deviations of its parent.
        truncated_normal: TruncatedNormal,
    }
}

with_mode!(He);

impl He {
    /// For a leaky ReLU of this negative slope (finite): gain sqrt(2 / (1 + a^2)).
    #[must_use]
    pub fn negative_slope(self, negative_slope: f64) -> Self {
        Self(Scaled { gain: Gain::from_negative_slope(negative_slope), ..self.0 })
    }
}
