//! Singular values in the log domain.

/// The singular values of a Jacobian, of which there are min(inputs, outputs), as natural logarithms.
///
/// ```
/// use fanin::{Activation, Network};
///
/// let mut network = Network::<f64>::new(2).dense(3, Activation::Identity);
/// network.weight_mut(0).copy_from_slice(&[3.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
/// let spectrum = network.jacobian_spectrum(&[1.0, 2.0])?;
/// assert!((spectrum.values()[0] - 3.0).abs() < 1e-14 && (spectrum.values()[1] - 1.0).abs() < 1e-14);
/// assert!((spectrum.mean() - 5.0).abs() < 1e-13); // of s^2: 9 and 1
/// assert!((spectrum.variance() - 16.0).abs() < 1e-12);
/// # Ok::<(), fanin::nn::NnError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    ln_values: Vec<f64>,
}

impl Spectrum {
    /// These in descending order, and zeros up to `count`.
    pub(super) fn new(mut ln_values: Vec<f64>, count: usize) -> Self {
        ln_values.resize(count, f64::NEG_INFINITY);
        Self { ln_values }
    }

    /// ln s of all singular values in descending order; negative infinity for those that are 0.
    #[must_use]
    pub fn ln_values(&self) -> &[f64] {
        &self.ln_values
    }

    /// The singular values in descending order; 0 or infinite beyond the range of `f64`.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        self.ln_values.iter().map(|ln| ln.exp()).collect()
    }

    /// How many are not 0.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.ln_values.iter().filter(|ln| ln.is_finite()).count()
    }

    /// ln of the largest over the smallest singular value; infinite if one is 0, NaN if all are.
    #[must_use]
    pub fn ln_condition(&self) -> f64 {
        self.ln_values[0] - self.ln_values[self.ln_values.len() - 1]
    }

    /// ln of the mean of s^2; negative infinity if all are 0.
    #[must_use]
    pub fn ln_mean(&self) -> f64 {
        let largest = 2.0 * self.ln_values[0];
        if largest == f64::NEG_INFINITY { largest } else { largest + self.mean_of(|square| square).ln() }
    }

    /// The mean of s^2: the squared Frobenius norm over the number of singular values. 0 or
    /// infinite beyond the range of `f64`.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.ln_mean().exp()
    }

    /// The variance of s^2 over its squared mean, for the comparison with
    /// [`JacobianMoments`](crate::theory::JacobianMoments): 0 at dynamical isometry. NaN if all are 0.
    #[must_use]
    pub fn relative_variance(&self) -> f64 {
        let mean = self.mean_of(|square| square);
        self.mean_of(|square| (square / mean - 1.0) * (square / mean - 1.0))
    }

    /// The variance of s^2 over the singular values; 0 or infinite beyond the range of `f64`, NaN if all
    /// singular values are 0.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.relative_variance() * (2.0 * self.ln_mean()).exp()
    }

    /// The mean of a function of (s / s_1)^2.
    fn mean_of(&self, f: impl Fn(f64) -> f64) -> f64 {
        let squares = self.ln_values.iter().map(|ln| (2.0 * (ln - self.ln_values[0])).exp());
        squares.map(f).sum::<f64>() / self.ln_values.len() as f64
    }
}
