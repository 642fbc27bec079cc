//! Moments of the squared singular values of a network's input-output Jacobian.

use alloc::string::ToString;

use super::{MeanField, TheoryError};
use crate::activation::Activation;

/// How the weight matrices of a wide square network are drawn, as far as the Jacobian's spectrum sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ensemble {
    /// Independent weights: normal, or of any other distribution with finite moments.
    Gaussian,
    /// Multiples of random orthogonal matrices.
    Orthogonal,
}

impl Ensemble {
    /// s_1, the first coefficient of the S-transform of W^T W / sigma_w^2: -1 for Gaussian, 0 for
    /// orthogonal weights ([Pennington, Schoenholz & Ganguli 2018](https://arxiv.org/abs/1802.09979)).
    #[must_use]
    pub const fn s1(self) -> f64 {
        match self {
            Self::Gaussian => -1.0,
            Self::Orthogonal => 0.0,
        }
    }
}

/// Mean and variance of s^2 over the singular values s of a Jacobian, as theory has them.
///
/// Kept as ln(mean) and variance / mean^2, which stay in range at any depth.
///
/// ```
/// use fanin::Activation;
/// use fanin::theory::{Ensemble, MeanField};
///
/// // ReLU as He starts it: the mean is kept, but the spectrum widens by 2 with each layer.
/// let net = MeanField::new(Activation::Relu, 2.0, 0.0)?;
/// let moments = net.jacobian_moments(1.0, 50, Ensemble::Gaussian)?;
/// assert_eq!(moments.mean(), 1.0);
/// assert!((moments.variance() - 100.0).abs() < 1e-9);
/// # Ok::<(), fanin::theory::TheoryError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JacobianMoments {
    ln_mean: f64,
    relative_variance: f64,
}

impl JacobianMoments {
    /// ln of the mean of s^2.
    #[must_use]
    pub const fn ln_mean(&self) -> f64 {
        self.ln_mean
    }

    /// The variance of s^2 over its squared mean: 0 where all singular values are equal (dynamical
    /// isometry).
    #[must_use]
    pub const fn relative_variance(&self) -> f64 {
        self.relative_variance
    }

    /// The mean of s^2; 0 or infinite beyond the range of `f64`.
    #[must_use]
    pub fn mean(&self) -> f64 {
        libm::exp(self.ln_mean)
    }

    /// sigma^2, the variance of s^2; 0 or infinite beyond the range of `f64`.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.relative_variance * libm::exp(2.0 * self.ln_mean)
    }
}

/// One layer's part D W of a Jacobian, D = diag(phi'(z)): its size, its weights, its gates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GatedLayer {
    /// Units, the rows of W.
    pub width: usize,
    /// Var\[W\] of a single weight.
    pub variance: f64,
    /// mu_1 and mu_2, as from [`gate_moments`].
    pub gates: [f64; 2],
}

/// mu_1 = E phi'(z)^2 and mu_2 = E phi'(z)^4, z ~ N(0, q): what the gates do to the mean and to the
/// width of the Jacobian's spectrum. At q = 0 the limit.
///
/// In closed form for identity, (leaky) ReLU, hard tanh, erf and sin; else mu_2 by quadrature that splits at the kinks,
/// to 1e-11 (1e-8 where the derivative is numerical).
///
/// # Errors
/// [`TheoryError::NoExpectation`] where one is not finite, or q is negative, NaN or infinite.
///
/// ```
/// use fanin::Activation;
/// use fanin::theory::gate_moments;
///
/// // Gates that are 0 or 1: all powers of them are one.
/// assert_eq!(gate_moments(&Activation::Relu, 1.0)?, [0.5, 0.5]);
/// let [mu_1, mu_2] = gate_moments(&Activation::HardTanh, 1.0)?;
/// assert!((mu_1 - mu_2).abs() < 1e-9);
/// # Ok::<(), fanin::theory::TheoryError>(())
/// ```
pub fn gate_moments(activation: &Activation, q: f64) -> Result<[f64; 2], TheoryError> {
    let known = |value: f64, what| {
        if value.is_finite() {
            Ok(value)
        } else {
            Err(TheoryError::NoExpectation { activation: activation.to_string(), what, q })
        }
    };
    let first = known(activation.derivative_mean_square(q), "E phi'^2")?;
    Ok([first, known(activation.derivative_fourth_moment(q), "E phi'^4")?])
}

impl MeanField {
    /// Mean and variance of s^2 of the input-output Jacobian after `depth` layers, all of the same
    /// great width, at whose pre-activations have mean square `q`, usually q*:
    ///
    /// mean chi^L, variance chi^2L L (mu_2 / mu_1^2 - 1 - s_1), chi = sigma_w^2 mu_1.
    ///
    /// [Pennington, Schoenholz & Ganguli 2017](https://arxiv.org/abs/1711.04735) and 2018 (there at chi = 1).
    /// Width must be large beside depth; [`jacobian_moments`] has the terms in 1/width.
    ///
    /// # Errors
    /// As [`gate_moments`]. A network that passes no gradient at all has no spectrum:
    /// [`TheoryError::NoGain`].
    pub fn jacobian_moments(
        &self,
        q: f64,
        depth: usize,
        ensemble: Ensemble,
    ) -> Result<JacobianMoments, TheoryError> {
        let [first, second] = gate_moments(self.activation(), q)?;
        let chi = self.weight_variance() * first;
        if chi <= 0.0 {
            return Err(self.no_gain());
        }
        let depth = depth as f64;
        let relative_variance = depth * (second / (first * first) - 1.0 - ensemble.s1());
        Ok(JacobianMoments { ln_mean: depth * libm::log(chi), relative_variance })
    }

    fn no_gain(&self) -> TheoryError {
        TheoryError::NoGain { activation: self.activation().to_string(), what: "sigma_w^2 E phi'^2" }
    }
}

/// Mean and variance of s^2 of the Jacobian of a network of `inputs` inputs and these layers, of any
/// widths: over all min(inputs, outputs) singular values, for independent normal weights.
///
/// With P = J J^T after each layer, c = E (tr P)^2 and b = E tr P^2 obey, for n units and v = Var\[W\],
///
/// - c' = v^2 (n mu_2 (c + 2b) + n (n - 1) mu_1^2 c),
/// - b' = v^2 (n mu_2 (c + 2b) + n (n - 1) mu_1^2 b),
///
/// from the moments of a Wishart matrix and gates that are independent of it: exact at
/// every width for identity and (leaky) ReLU networks without biases, whose gates are independent since
/// turning the sign of a row of W turns its gate and leaves P as it was ([Hanin & Nica 2020](https://arxiv.org/abs/1812.05994));
/// else to leading order in 1/width. For wide square networks it becomes
/// [`MeanField::jacobian_moments`] with [`Ensemble::Gaussian`].
///
/// The relative variance is E tr P^2 / E (tr P)^2 times the number of singular values, minus 1:
/// what tr P^2 and (tr P)^2, each averaged over many networks, give. A single deep network strays from it.
///
/// Returns `None` where nothing is left to take moments of: no inputs, no layers, a width, variance
/// or mu_1 of 0, or one that is negative or not finite.
///
/// ```
/// use fanin::theory::{GatedLayer, jacobian_moments};
///
/// // One linear square layer: the distribution of Marchenko and Pastur, of mean 1 and variance 1 (+ 1/n).
/// let layer = GatedLayer { width: 100, variance: 0.01, gates: [1.0, 1.0] };
/// let moments = jacobian_moments(100, &[layer]).unwrap();
/// assert!((moments.mean() - 1.0).abs() < 1e-12);
/// assert!((moments.relative_variance() - 1.0).abs() < 0.02);
/// ```
#[must_use]
pub fn jacobian_moments(inputs: usize, layers: &[GatedLayer]) -> Option<JacobianMoments> {
    let outputs = layers.last()?.width;
    let values = inputs.min(outputs) as f64;
    let positive = |value: f64| value > 0.0 && value.is_finite();

    // P of the input is the identity: b / c, ln c and ln E tr P.
    let mut ratio = 1.0 / inputs as f64;
    let mut ln_trace = libm::log(inputs as f64);
    for layer in layers {
        let (n, [first, second]) = (layer.width as f64, layer.gates);
        if !(positive(n) && positive(layer.variance) && positive(first) && positive(second)) {
            return None;
        }
        let alone = n * second * (1.0 + 2.0 * ratio);
        let pairs = n * (n - 1.0) * first * first;
        ratio = (alone + pairs * ratio) / (alone + pairs);
        ln_trace += libm::log(layer.variance * n * first);
    }
    let moments =
        JacobianMoments { ln_mean: ln_trace - libm::log(values), relative_variance: values * ratio - 1.0 };
    (inputs > 0).then_some(moments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::Custom;
    use approx::assert_relative_eq;

    #[test]
    fn closed_forms_agree_with_quadrature() {
        for activation in [Activation::Sin, Activation::Erf, Activation::HardTanh] {
            let slope = activation.clone();
            let kinks = activation.kinks().to_vec();
            let custom = Custom::new("by quadrature", |z| z, move |z| slope.derivative(z)).with_kinks(&kinks);
            for q in [1e-3, 0.3, 1.0, 4.0, 1e3] {
                let [closed, quadrature] = [&activation, &custom.clone().into()]
                    .map(|activation| gate_moments(activation, q).unwrap());
                assert_relative_eq!(closed[0], quadrature[0], epsilon = 0.0, max_relative = 1e-11);
                assert_relative_eq!(closed[1], quadrature[1], epsilon = 0.0, max_relative = 1e-11);
            }
        }
        assert_eq!(gate_moments(&Activation::Tanh, 0.0).unwrap().map(libm::round), [1.0, 1.0]);
        // At any length, and at once.
        assert_eq!(gate_moments(&Activation::Sin, 1e39).unwrap(), [0.5, 0.375]);
    }

    /// sin 30 z: E cos^4 = 3/8 + exp(-2 q)/2 + exp(-8 q)/8 of q = 900 times that of z.
    #[test]
    fn fast_gates_keep_their_promise() {
        let fast = Activation::custom("sin 30 z", |z| libm::sin(30.0 * z), |z| 30.0 * libm::cos(30.0 * z));
        for q in [1e-4, 1e-3, 0.5, 1.0, 10.0, 100.0] {
            let expected = 810_000.0 * Activation::Sin.derivative_fourth_moment(900.0 * q);
            assert_relative_eq!(
                gate_moments(&fast, q).unwrap()[1],
                expected,
                epsilon = 0.0,
                max_relative = 1e-11
            );
        }
    }

    #[test]
    fn leaky_gates_by_quadrature() {
        let leaky = Activation::LeakyRelu { negative_slope: 0.3 };
        let slope = |z: f64| if z > 0.0 { 1.0 } else { 0.3 };
        let custom = Custom::new("leaky", move |z| slope(z) * z, slope).with_kinks(&[0.0]);
        let [closed, quadrature] = [leaky, custom.into()].map(|a| gate_moments(&a, 2.0).unwrap());
        assert_relative_eq!(closed[0], quadrature[0], epsilon = 0.0, max_relative = 1e-9);
        assert_relative_eq!(closed[1], quadrature[1], epsilon = 0.0, max_relative = 1e-9);
    }

    /// Isometry: critical tanh at small q with orthogonal weights, and the linear network.
    #[test]
    fn widths_of_known_spectra() {
        let moments = |activation, variance, ensemble| {
            MeanField::new(activation, variance, 0.0).unwrap().jacobian_moments(1.0, 30, ensemble).unwrap()
        };
        let linear = moments(Activation::Identity, 1.0, Ensemble::Orthogonal);
        assert_eq!((linear.mean(), linear.variance()), (1.0, 0.0));
        // sigma^2 = L for Gaussian, 2 L for ReLU, L for orthogonal ReLU.
        assert_eq!(moments(Activation::Identity, 1.0, Ensemble::Gaussian).variance(), 30.0);
        assert_eq!(moments(Activation::Relu, 2.0, Ensemble::Gaussian).variance(), 60.0);
        assert_eq!(moments(Activation::Relu, 2.0, Ensemble::Orthogonal).variance(), 30.0);
    }

    #[test]
    fn finite_width_tends_to_the_limit() {
        let net = MeanField::new(Activation::Relu, 2.2, 0.0).unwrap();
        let limit = net.jacobian_moments(1.0, 20, Ensemble::Gaussian).unwrap();
        let relative = |width: usize| {
            let layer = GatedLayer { width, variance: 2.2 / width as f64, gates: [0.5, 0.5] };
            let moments = jacobian_moments(width, &[layer; 20]).unwrap();
            assert_relative_eq!(moments.ln_mean(), limit.ln_mean(), epsilon = 0.0, max_relative = 1e-12);
            (moments.relative_variance() / limit.relative_variance() - 1.0).abs()
        };
        let (narrow, wide) = (relative(1000), relative(10_000));
        // First order in 1/width: ten times the width, a tenth of the difference.
        assert!(wide < 0.12 * narrow && narrow < 0.1, "{narrow} {wide}");
    }

    /// A rectangular layer n x m: the distribution of Marchenko and Pastur has E s^2 = m v and
    /// E s^4 = v^2 m (n + m + 1), exactly.
    #[test]
    fn one_rectangular_layer() {
        let (n, m, v) = (3, 7, 0.2);
        let moments =
            jacobian_moments(m, &[GatedLayer { width: n, variance: v, gates: [1.0, 1.0] }]).unwrap();
        let (n, m) = (n as f64, m as f64);
        assert_relative_eq!(moments.mean(), m * v, epsilon = 0.0, max_relative = 1e-14);
        // E tr P^2 = v^2 n m (n + m + 1), E (tr P)^2 = v^2 n m (n m + 2).
        let expected = n * (n + m + 1.0) / (n * m + 2.0) - 1.0;
        assert_relative_eq!(moments.relative_variance(), expected, epsilon = 0.0, max_relative = 1e-14);
    }

    #[test]
    fn nothing_to_take_moments_of() {
        let good = GatedLayer { width: 3, variance: 0.1, gates: [0.5, 0.5] };
        assert!(jacobian_moments(3, &[good]).is_some());
        for (inputs, layer) in [
            (0, good),
            (3, GatedLayer { width: 0, ..good }),
            (3, GatedLayer { variance: 0.0, ..good }),
            (3, GatedLayer { variance: f64::NAN, ..good }),
            (3, GatedLayer { variance: f64::INFINITY, ..good }),
            (3, GatedLayer { gates: [0.0, 0.0], ..good }),
            (3, GatedLayer { gates: [0.5, f64::NAN], ..good }),
        ] {
            assert_eq!(jacobian_moments(inputs, &[layer]), None);
        }
        assert_eq!(jacobian_moments(3, &[]), None);

        let constant = Activation::custom("constant", |_| 1.0, |_| 0.0);
        let net = MeanField::new(constant, 1.0, 0.0).unwrap();
        assert!(matches!(net.jacobian_moments(1.0, 3, Ensemble::Gaussian), Err(TheoryError::NoGain { .. })));
        let nan = Activation::custom("nan", |z| z, |_| f64::NAN);
        assert!(matches!(gate_moments(&nan, 1.0), Err(TheoryError::NoExpectation { .. })));
        for q in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(gate_moments(&Activation::Relu, q).is_err());
        }
    }
}
