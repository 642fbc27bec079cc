//! LeCun initialization.

use super::variance_scaling::{named, with_mode};

named! {
    /// Variance gain^2 / fan_in, mean 0: unit variance of every pre-activation. With SELU it makes a
    /// self-normalising network ([Klambauer et al. 2017](https://arxiv.org/abs/1706.02515), gain 1).
    ///
    /// LeCun, Bottou, Orr and Müller, ["Efficient backprop"](https://doi.org/10.1007/3-540-49430-8_2) (1998), equation 16.
    ///
    /// ```
    /// use fanin::prelude::*;
    ///
    /// let mut w = [0.0_f32; 64];
    /// LeCun::normal(16).seed(3).fill(&mut w);
    /// assert_eq!(LeCun::normal(16).law().std_dev(), 0.25);
    /// ```
    LeCun(gain: 1.0, mode: FanIn) {
        /// U(-l, l), l = gain sqrt(3 / fan_in).
        uniform: Uniform,
        /// N(0, gain^2 / fan_in).
        normal: Normal,
        /// Normal of the same variance after truncation at 2 standard deviations of its parent.
        truncated_normal: TruncatedNormal,
    }
}

with_mode!(LeCun);
