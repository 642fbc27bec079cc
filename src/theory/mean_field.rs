//! `MeanField`: the maps of length and correlation from layer to layer.

use alloc::string::ToString;

use super::TheoryError;
use super::kernel::{Kernel, LARGEST};
use super::length_slope::mean_square_slope;
use crate::activation::Activation;
use crate::quadrature::SMALLEST_VARIANCE;

/// A rate below this is the rounding of a factor of 1.
const NO_RATE: f64 = 1e-12;

/// A wide network, all of whose layers are alike: an activation, and normal (or any other
/// independent, centred) weights and biases.
///
/// - `weight_variance`: sigma_w^2 = n Var\[W\] = gain^2, n the number of inputs of a layer;
/// - `bias_variance`: sigma_b^2 = Var\[b\].
///
/// [Poole et al. 2016](https://arxiv.org/abs/1606.05340) (eq. 3 and 5), [Schoenholz et al. 2017](https://arxiv.org/abs/1611.01232) (section 3).
///
/// ```
/// use fanin::Activation;
/// use fanin::theory::MeanField;
///
/// let net = MeanField::new(Activation::Tanh, 1.69, 0.09)?;
/// let point = net.fixed_point()?;
/// assert!((point.q - 0.607046792).abs() < 1e-9);
/// assert!((point.chi - 0.939807429).abs() < 1e-9);
/// assert!(point.xi_grad() < 17.0); // layers until the gradient's mean square is down to 1/e
/// # Ok::<(), fanin::theory::TheoryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MeanField {
    activation: Activation,
    weight_variance: f64,
    bias_variance: f64,
}

/// -1 / ln |factor|: layers in which something that is multiplied by `factor` in each falls by e.
///
/// Infinite at 1 (what decays there, decays more slowly than any exponential); negative above 1,
/// where it grows by e in that many layers; 0 at 0.
pub(super) fn depth_scale(factor: f64) -> f64 {
    if factor == 0.0 {
        return 0.0;
    }
    let rate = -libm::log(factor.abs());
    if rate.abs() <= NO_RATE { f64::INFINITY } else { 1.0 / rate }
}

/// q, or what stands for the limit at 0; NaN if it is no length.
fn or_limit(q: f64) -> f64 {
    if q >= 0.0 { q.max(SMALLEST_VARIANCE) } else { f64::NAN }
}

impl MeanField {
    /// A network of this activation, sigma_w^2 and sigma_b^2.
    ///
    /// # Errors
    /// [`TheoryError::OutOfRange`] if a variance is negative, NaN or infinite.
    ///
    /// ```
    /// use fanin::Activation;
    /// use fanin::theory::MeanField;
    ///
    /// assert!(MeanField::new(Activation::Relu, 2.0, 0.0).is_ok());
    /// assert!(MeanField::new(Activation::Relu, -2.0, 0.0).is_err());
    /// ```
    pub fn new(
        activation: Activation,
        weight_variance: f64,
        bias_variance: f64,
    ) -> Result<Self, TheoryError> {
        for (parameter, value) in [("weight variance", weight_variance), ("bias variance", bias_variance)] {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(TheoryError::OutOfRange { parameter, value });
            }
        }
        Ok(Self { activation, weight_variance, bias_variance })
    }

    /// The activation.
    #[must_use]
    pub fn activation(&self) -> &Activation {
        &self.activation
    }

    /// sigma_w^2.
    #[must_use]
    pub fn weight_variance(&self) -> f64 {
        self.weight_variance
    }

    /// sigma_b^2.
    #[must_use]
    pub fn bias_variance(&self) -> f64 {
        self.bias_variance
    }

    /// V(q) = sigma_w^2 E phi(sqrt(q) g)^2 + sigma_b^2, g ~ N(0, 1): the next layer's length.
    ///
    /// NaN where the expectation is not finite, or q is negative or not finite.
    ///
    /// ```
    /// use fanin::Activation;
    /// use fanin::theory::MeanField;
    ///
    /// let net = MeanField::new(Activation::Relu, 1.5, 0.1)?;
    /// assert!((net.length_map(0.4) - 0.4).abs() < 1e-15);
    /// # Ok::<(), fanin::theory::TheoryError>(())
    /// ```
    #[must_use]
    pub fn length_map(&self, q: f64) -> f64 {
        self.weight_variance * self.activation.mean_square(q) + self.bias_variance
    }

    /// V'(q), by what a small deviation of the length is multiplied; at q = 0 the limit.
    #[must_use]
    pub fn length_slope(&self, q: f64) -> f64 {
        self.weight_variance * mean_square_slope(&self.activation, or_limit(q))
    }

    /// chi(q) = sigma_w^2 E phi'(sqrt(q) g)^2: by what the mean square of the gradient is
    /// multiplied on its way back through one layer; at q = 0 the limit.
    #[must_use]
    pub fn chi(&self, q: f64) -> f64 {
        self.weight_variance * self.activation.derivative_mean_square(q)
    }

    /// The correlation of two inputs' pre-activations one layer on, when it is c in this layer and
    /// both have length q: (sigma_w^2 E phi(z1) phi(z2) + sigma_b^2) / V(q).
    ///
    /// To 1e-9 for what is built in. A custom activation is first resolved: kinks and jumps that
    /// [`with_kinks`](crate::Custom::with_kinks) does not name are found, to about 1e-7. NaN where it changes faster
    /// than some 40 panels over the distribution can follow (sin 30 z at q = 1 is near that), where c is not between -1 and 1, q not between 0 and 1e12, or
    /// an expectation is not finite; at q = 0 the limit.
    ///
    /// ```
    /// use fanin::Activation;
    /// use fanin::theory::MeanField;
    ///
    /// // ReLU, as He starts it: orthogonal inputs come out at 1 / pi.
    /// let net = MeanField::new(Activation::Relu, 2.0, 0.0)?;
    /// assert!((net.correlation_map(1.0, 0.0) - std::f64::consts::FRAC_1_PI).abs() < 1e-15);
    /// # Ok::<(), fanin::theory::TheoryError>(())
    /// ```
    #[must_use]
    pub fn correlation_map(&self, q: f64, c: f64) -> f64 {
        1.0 - self.decorrelation(q, c)
    }

    /// The slope of the correlation map at c: sigma_w^2 q E phi'(z1) phi'(z2) / V(q). At a fixed
    /// point q* and c = 1 it is chi_1; where phi jumps it is infinite at c = 1.
    #[must_use]
    pub fn correlation_slope(&self, q: f64, c: f64) -> f64 {
        let q = or_limit(q);
        if !((-1.0..=1.0).contains(&c) && q <= LARGEST) {
            return f64::NAN;
        }
        self.weight_variance * Kernel::new(&self.activation, q).slope(c) * (q / self.length_map(q))
    }

    /// 1 minus the correlation map, with all its digits where c is near 1.
    pub(super) fn decorrelation(&self, q: f64, c: f64) -> f64 {
        let q = or_limit(q);
        if !((-1.0..=1.0).contains(&c) && q <= LARGEST) {
            return f64::NAN;
        }
        let difference = Kernel::new(&self.activation, q).half_square_difference(c);
        self.weight_variance * difference / self.length_map(q)
    }

    pub(super) fn known(&self, value: f64, what: &'static str, q: f64) -> Result<f64, TheoryError> {
        if value.is_finite() {
            Ok(value)
        } else {
            Err(TheoryError::NoExpectation { activation: self.activation.to_string(), what, q })
        }
    }
}
