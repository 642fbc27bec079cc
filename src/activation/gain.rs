//! The gain of an activation: the factor on the standard deviation of the weights that makes up for it.

use super::Activation;
use crate::scalar::sqrt;

impl Activation {
    /// The recommended gain: the factor on the standard deviation 1/sqrt(fan) of the weights
    /// that makes up for this activation.
    ///
    /// PyTorch's `calculate_gain` where it knows the activation, so that users of it find what
    /// they expect; else the forward gain, 1 / sqrt(E phi^2). By a method of your choice:
    /// [`theory::gain_for`](crate::theory::gain_for). The field disagrees, and the differences multiply
    /// from layer to layer:
    ///
    /// | activation | this method | exact forward | exact backward | who uses what, and why |
    /// | --- | --- | --- | --- | --- |
    /// | identity | 1 | 1 | 1 | all agree |
    /// | ReLU | sqrt 2 | 1.4142 | 1.4142 | all agree: [He et al. 2015](https://arxiv.org/abs/1502.01852), eq. 10 and 14 |
    /// | leaky ReLU, PReLU | sqrt(2 / (1 + a^2)) | the same | the same | all agree: [He et al. 2015](https://arxiv.org/abs/1502.01852), eq. 15 |
    /// | tanh | 5/3 | 1.592537419723 | 1.467413591631 | 5/3 is PyTorch's, of unstated origin: with it the gradient grows by 21 % a layer. Gain 1 ([Glorot & Bengio 2010](https://proceedings.mlr.press/v9/glorot10a.html)) is the critical one. NFNets (Brock et al. 2021) take 1.5939, the forward gain as estimated from samples |
    /// | sigmoid | 1 | 1.8462 | 4.7226 | 1 is PyTorch's: the gradient shrinks by 0.056 a layer. Without biases only gain 10.15 is critical |
    /// | SELU | 3/4 | 1 | 0.9660 | [Klambauer et al. 2017](https://arxiv.org/abs/1706.02515) need 1, the self-normalising fixed point; PyTorch has 3/4 "for more stable gradient flow": it grows by 1.004 a layer, but q falls to 0.023 |
    /// | ELU (alpha 1) | 1.2452 | 1.2452 | 1.2234 | |
    /// | GELU | 1.5335 | 1.5335 | 1.4811 | NFNets 1.7015 = 1/sqrt(Var phi): their weights are centred, so the mean does not count |
    /// | SiLU | 1.6765 | 1.6765 | 1.6233 | NFNets 1.7881 |
    /// | softplus | 1.0419 | 1.0419 | 1.8462 | |
    /// | Mish | 1.4868 | 1.4868 | 1.4448 | |
    /// | softsign | 2.3375 | 2.3375 | 2.0958 | |
    /// | hard tanh | 1.3920 | 1.3920 | 1.2103 | |
    /// | erf | 1.4672 | 1.4672 | 1.3253 | |
    /// | sin | 1.5209 | 1.5209 | 1.3273 | |
    ///
    /// The exact gains hold q = E z^2 at 1, or the gradient at q = 1; whether q stays there is a
    /// question of stability, which [`theory`](crate::theory) answers. For a custom activation the integral is
    /// computed, and is NaN where there is none. The others are constants.
    ///
    /// ```
    /// use fanin::Activation;
    ///
    /// assert_eq!(Activation::Relu.gain(), 2.0_f64.sqrt());
    /// assert_eq!(Activation::Tanh.gain(), 5.0 / 3.0);
    /// let square = Activation::custom("square", |z| z * z, |z| 2.0 * z);
    /// assert!((square.gain() - 1.0 / 3.0_f64.sqrt()).abs() < 1e-12);
    /// let exploding = Activation::custom("exploding", |z| (z * z).exp(), |z| 2.0 * z * (z * z).exp());
    /// assert!(exploding.gain().is_nan());
    /// ```
    #[doc(alias = "calculate_gain")]
    #[must_use]
    pub fn gain(&self) -> f64 {
        match *self {
            Self::Sigmoid => 1.0,
            Self::Tanh => 5.0 / 3.0,
            Self::Selu => 0.75,
            _ => self.forward_gain(),
        }
    }

    /// 1 / sqrt(E phi(z)^2), z ~ N(0, 1): the gain that keeps the mean square of pre-activations
    /// of variance 1 from layer to layer.
    ///
    /// A constant for built-in activations, exact to the last digits. For a custom one computed
    /// to 1e-12, or NaN where E phi^2 is 0, infinite or not a number.
    pub(crate) fn forward_gain(&self) -> f64 {
        if let Some(slope) = self.negative_slope() {
            return leaky_gain(slope);
        }
        match *self {
            Self::Selu => 1.0,
            Self::Tanh => 1.592_537_419_722_831_4,
            Self::Sigmoid => 1.846_228_545_338_605_4,
            // 1/2 and E (e^z - 1)^2 over z < 0.
            Self::Elu { alpha } => gain_from(0.5 + 0.144_945_417_492_923_86 * alpha * alpha),
            Self::Gelu => 1.533_530_441_195_535_2,
            Self::Silu => 1.676_532_470_331_091,
            Self::Softplus => 1.041_866_835_535_301_7,
            Self::Mish => 1.486_847_581_273_208,
            Self::Softsign => 2.337_533_363_108_54,
            Self::HardTanh => 1.392_036_140_448_309_8,
            Self::Erf => 1.467_166_950_489_138_6,
            Self::Sin => 1.520_866_623_178_814_9,
            _ => gain_from(self.mean_square(1.0)),
        }
    }

    /// 1 / sqrt(E phi'(z)^2), z ~ N(0, 1): the gain that keeps the mean square of the gradient
    /// on its way back through pre-activations of variance 1.
    ///
    /// A constant for built-in activations. For a custom one computed to 1e-12 (1e-8 where its
    /// derivative is numerical), or NaN where E phi'^2 is 0, infinite or not a number.
    pub(crate) fn backward_gain(&self) -> f64 {
        if let Some(slope) = self.negative_slope() {
            return leaky_gain(slope);
        }
        match *self {
            Self::Tanh => 1.467_413_591_630_795,
            Self::Sigmoid => 4.722_646_085_937_974,
            Self::Selu => 0.966_025_776_973_901_2,
            Self::Elu { alpha } => gain_from(0.5 + 0.168_102_001_223_170_64 * alpha * alpha),
            Self::Gelu => 1.481_114_412_708_348_2,
            Self::Silu => 1.623_320_257_952_497_3,
            Self::Softplus => 1.846_228_545_338_605_4,
            Self::Mish => 1.444_755_232_547_319_5,
            Self::Softsign => 2.095_780_608_943_311,
            Self::HardTanh => 1.210_287_062_432_522_3,
            Self::Erf => 1.325_218_352_861_211_2,
            Self::Sin => 1.327_250_600_284_575,
            _ => gain_from(self.derivative_mean_square(1.0)),
        }
    }
}

/// NaN for an infinite slope, which makes an infinite phi.
fn leaky_gain(slope: f64) -> f64 {
    if slope.is_finite() { sqrt(2.0 / (1.0 + slope * slope)) } else { f64::NAN }
}

/// NaN rather than an infinite gain for what is 0, or a gain of 0 for what is infinite.
fn gain_from(mean_square: f64) -> f64 {
    if mean_square > 0.0 && mean_square.is_finite() { 1.0 / sqrt(mean_square) } else { f64::NAN }
}

#[cfg(test)]
mod tests {
    use core::f64::consts::{PI, SQRT_2};

    use super::super::BUILT_IN;
    use super::*;
    use crate::quadrature::{self, EXACT};

    fn close(value: f64, expected: f64, relative: f64, what: &Activation) {
        assert!((value - expected).abs() <= relative * expected.abs(), "{what}: {value}, not {expected}");
    }

    /// phi^2 and phi'^2 integrated with no use of closed forms.
    fn quadrature(activation: &Activation, q: f64) -> (f64, f64) {
        let square = |f: fn(&Activation, f64) -> f64| {
            quadrature::expectation(q, activation.kinks(), EXACT, |z| f(activation, z).powi(2))
        };
        (square(Activation::phi), square(Activation::derivative))
    }

    #[test]
    fn constants_and_closed_forms_agree_with_quadrature() {
        for activation in BUILT_IN.into_iter().chain([Activation::Elu { alpha: 0.3 }]) {
            let (forward, backward) = quadrature(&activation, 1.0);
            close(activation.forward_gain(), gain_from(forward), 1e-13, &activation);
            close(activation.backward_gain(), gain_from(backward), 1e-13, &activation);
            for q in [1e-12, 1e-4, 0.3, 1.0, 7.0, 1e3, 1e6] {
                let (forward, backward) = quadrature(&activation, q);
                close(activation.mean_square(q), forward, 1e-12, &activation);
                close(activation.derivative_mean_square(q), backward, 1e-12, &activation);
            }
        }
    }

    #[test]
    fn published_values() {
        let check = |value: f64, expected: f64, digits: f64| {
            assert!((value - expected).abs() <= 0.5 * digits, "{value}, not {expected}");
        };
        check(Activation::Tanh.forward_gain(), 1.592537419723, 1e-12);
        check(Activation::Tanh.backward_gain(), 1.467413591631, 1e-12);
        check(Activation::Selu.mean_square(1.0), 1.0, 1e-12);
        check(Activation::Selu.derivative_mean_square(1.0), 1.071574992456, 1e-12);
        check(Activation::Gelu.mean_square(1.0), 1.0 / 3.0 + 1.0 / (2.0 * 3.0_f64.sqrt() * PI), 1e-14);
        // Brock et al. 2021 (timm's table): 1 / sqrt(Var phi), four decimals.
        for (activation, nf_gain) in
            [(Activation::Gelu, 1.7015), (Activation::Silu, 1.7881), (Activation::Tanh, 1.5939)]
        {
            let mean = quadrature::expectation(1.0, &[], EXACT, |z| activation.phi(z));
            // Theirs are estimates from samples, good to three digits.
            check(gain_from(activation.mean_square(1.0) - mean * mean), nf_gain, 5e-3);
        }
    }

    #[test]
    fn pytorch_table() {
        let gain = |text: &str| text.parse::<Activation>().unwrap().gain();
        assert_eq!(gain("identity"), 1.0);
        assert_eq!(gain("sigmoid"), 1.0);
        assert_eq!(gain("tanh"), 5.0 / 3.0);
        assert_eq!(gain("relu"), SQRT_2);
        assert_eq!(gain("leaky-relu:0.2"), (2.0_f64 / 1.04).sqrt());
        assert_eq!(gain("selu"), 0.75);
    }

    #[test]
    fn customs_are_integrated() {
        use super::super::Custom;
        let relu = Activation::custom("relu", |z| z.max(0.0), |z| f64::from(z > 0.0));
        close(relu.gain(), SQRT_2, 1e-12, &relu);
        close(relu.backward_gain(), SQRT_2, 1e-12, &relu);
        let shifted = Activation::from(
            Custom::from_phi("shifted relu", |z: f64| (z - 0.7).max(0.0)).with_kinks(&[0.7]),
        );
        // P(z > 0.7).
        close(shifted.derivative_mean_square(1.0), 0.241_963_652_223_073_02, 1e-8, &shifted);
        let tanh = Activation::from(Custom::from_phi("tanh", libm::tanh));
        close(tanh.backward_gain(), Activation::Tanh.backward_gain(), 1e-8, &tanh);
        close(tanh.forward_gain(), Activation::Tanh.forward_gain(), 1e-12, &tanh);
        for (phi, what) in
            [((|_| f64::NAN) as fn(f64) -> f64, "nan"), (|_| 0.0, "zero"), (|z| libm::exp(z * z), "infinite")]
        {
            let wrong = Activation::custom(what, phi, phi);
            assert!(wrong.gain().is_nan() && wrong.backward_gain().is_nan(), "{what}");
        }
    }
}
