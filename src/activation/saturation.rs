//! Saturation: the flat tails of an activation.

use super::Activation;

/// The share of the largest slope below which a tail is flat: it passes less than 1e-4 of a mean square.
const FLAT: f64 = 0.01;

impl Activation {
    /// Whether a unit with pre-activation `z` is saturated: it sits on a flat tail of phi.
    ///
    /// That is: z lies so far out on a side where phi has a finite limit that from here on
    /// |phi'| stays below 1 % of the largest slope, max |phi'|. Such a unit passes less than
    /// 1e-4 of the mean square of what comes back through it, and for tanh its output is
    /// within 0.5 % of +-1.
    ///
    /// | activation | saturated |
    /// | --- | --- |
    /// | tanh | \|z\| > 2.993 |
    /// | sigmoid | \|z\| > 5.986 |
    /// | erf | \|z\| > 2.146 |
    /// | softsign | \|z\| > 9 |
    /// | hard tanh | \|z\| >= 1 |
    /// | SELU | z < -4.605 |
    /// | ELU | z < ln(0.01 max(1, \|alpha\|) / \|alpha\|), for alpha = 1: -4.605 |
    /// | softplus | z < -4.595 |
    /// | GELU | z < -3.022 |
    /// | SiLU | z < -6.143 |
    /// | Mish | z < -6.159 |
    /// | identity, (leaky, P-) ReLU, sin, custom | never |
    ///
    /// A ReLU at z <= 0 is not saturated but *zero*, and dead when it is so for every input: the
    /// two are counted apart. Of a custom activation the tails are not known. NaN is not
    /// saturated.
    ///
    /// ```
    /// use fanin::Activation;
    ///
    /// assert!(Activation::Tanh.is_saturated(3.0) && !Activation::Tanh.is_saturated(2.9));
    /// assert!(!Activation::Relu.is_saturated(-100.0));
    /// ```
    #[must_use]
    pub fn is_saturated(&self, z: f64) -> bool {
        let (low, high) = self.unsaturated_range();
        z < low || z > high
    }

    /// The pre-activations (low, high) between which a unit is not saturated; either end may be
    /// infinite. For many z, asked once and compared.
    pub(crate) fn unsaturated_range(&self) -> (f64, f64) {
        let both = |high: f64| (-high, high);
        let left = |low: f64| (low, f64::INFINITY);
        match *self {
            Self::Tanh => both(2.993_222_846_126_381),    // atanh(sqrt(0.99))
            Self::Sigmoid => both(5.986_445_692_252_762), // twice that
            Self::Erf => both(2.145_966_026_289_347),     // sqrt(ln 100)
            Self::Softsign => both(9.0),
            // At +-1 itself phi' is already 0.
            Self::HardTanh => both(1.0_f64.next_down()),
            Self::Selu => left(-4.605_170_185_988_091), // ln 0.01
            Self::Elu { alpha: 0.0 } => left(f64::NEG_INFINITY),
            Self::Elu { alpha } => left(libm::log(FLAT * alpha.abs().max(1.0) / alpha.abs()).min(0.0)),
            Self::Softplus => left(-4.595_119_850_134_59), // -ln 99
            Self::Gelu => left(-3.021_662_634_098_404),
            Self::Silu => left(-6.142_915_700_195_617),
            Self::Mish => left(-6.158_741_309_632_209),
            Self::Identity
            | Self::Relu
            | Self::LeakyRelu { .. }
            | Self::Prelu { .. }
            | Self::Sin
            | Self::Custom(_) => (f64::NEG_INFINITY, f64::INFINITY),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::BUILT_IN;
    use super::*;

    /// The definition, tried on a grid: beyond the range the slope stays below 1 % of the largest,
    /// just inside it does not.
    #[test]
    fn the_slope_is_one_percent_at_the_ends() {
        for activation in
            BUILT_IN.into_iter().chain([Activation::Elu { alpha: 5.0 }, Activation::Elu { alpha: -0.5 }])
        {
            let slope = |z| activation.derivative(z).abs();
            let grid = || (-30_000..=30_000).map(|i| f64::from(i) * 1e-3);
            let largest = grid().map(slope).fold(0.0, f64::max);
            let (low, high) = activation.unsaturated_range();
            for z in grid().filter(|&z| activation.is_saturated(z)) {
                assert!(slope(z) <= FLAT * largest * (1.0 + 1e-6), "{activation} at {z}");
            }
            for end in [low * (1.0 - 1e-4), high * (1.0 - 1e-4)].into_iter().filter(|z| z.is_finite()) {
                assert!(slope(end) > FLAT * largest, "{activation} at {end}");
            }
            assert!(!activation.is_saturated(f64::NAN));
        }
        assert!(Activation::HardTanh.is_saturated(1.0) && Activation::HardTanh.is_saturated(-1.0));
        assert!(!Activation::Elu { alpha: 0.0 }.is_saturated(-5.0));
    }
}
