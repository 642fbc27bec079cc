//! Cosines between the hidden states of different inputs, layer by layer.

use alloc::vec::Vec;

use super::kernel::{Kernel, LARGEST};
use super::{Inputs, NetworkLaw, TheoryError};

impl NetworkLaw {
    /// The mean cosine between the hidden states h of different inputs, layer by layer:
    ///
    /// ```text
    /// c_l = (fan_in_l Var[W_l] E h_{l-1} h'_{l-1} + Var[b_l]) / q_l              of the pre-activations
    /// cosine_l = E phi(z) phi(z') / E phi(z)^2,    (z, z') ~ N(0, q_l [1 c_l; c_l 1])
    /// ```
    ///
    /// ([Cho & Saul 2009](https://papers.nips.cc/paper/3628-kernel-methods-for-deep-learning); [Poole et al. 2016](https://arxiv.org/abs/1606.05340), eq. 5). It goes to 1 where all inputs become one. All samples
    /// are taken to have the mean length; the cosines of the inputs enter in up to 4 groups. `None` in
    /// a layer where every h is 0. One layer takes up to a few milliseconds, microseconds for
    /// ReLU-likes, erf and sin.
    ///
    /// # Errors
    /// [`TheoryError::NoSamples`] for a single sample, else as [`predict`](NetworkLaw::predict).
    ///
    /// ```
    /// use fanin::theory::{Inputs, NetworkLaw};
    /// use fanin::{Activation, He};
    ///
    /// let law = NetworkLaw::dense(&[256; 52], &Activation::Relu, |fan| He::normal(fan).law())?;
    /// let cosines = law.cosines(&Inputs::alike(1.0, 0.0)?)?;
    /// assert!((cosines[0].unwrap() - std::f64::consts::FRAC_1_PI).abs() < 1e-12);
    /// assert!(cosines[49].unwrap() > 0.98); // orthogonal inputs, 50 layers later
    /// # Ok::<(), fanin::theory::TheoryError>(())
    /// ```
    pub fn cosines(&self, inputs: &Inputs) -> Result<Vec<Option<f64>>, TheoryError> {
        if inputs.cosines.is_empty() {
            return Err(TheoryError::NoSamples);
        }
        let mut mean_square = inputs.mean_square();
        let mut groups = inputs.cosines.clone();
        let mut cosines = Vec::with_capacity(self.layers().len());
        for layer in self.layers() {
            let q = layer.length(mean_square);
            // Beyond the longest length nothing changes but the scale.
            let at = q.min(LARGEST);
            let hidden = layer.known(layer.activation().mean_square(at), "E phi^2", q)?;
            if q > 0.0 && hidden > 0.0 {
                let kernel = Kernel::new(layer.activation(), at);
                let by_weights = if q.is_finite() { layer.weight_factor() * mean_square / q } else { 1.0 };
                for (cosine, _) in &mut groups {
                    let correlation = by_weights * *cosine + layer.bias_variance() / q;
                    *cosine = 1.0 - kernel.half_square_difference(correlation.clamp(-1.0, 1.0)) / hidden;
                }
            } else {
                groups.iter_mut().for_each(|group| group.0 = 1.0);
            }
            mean_square = layer.known_or_infinite(q)?;
            let mean = groups.iter().map(|(cosine, share)| cosine * share).sum();
            cosines.push(if hidden > 0.0 { Some(layer.known(mean, "E phi phi", q)?) } else { None });
        }
        Ok(cosines)
    }
}
