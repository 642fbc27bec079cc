//! Every activation against formulas written another way, difference quotients, and extremes.

use super::*;
use crate::scalar::Scalar;
use alloc::vec::Vec;

/// Points away from the kinks at -1, 0 and 1, some of them close by.
fn points() -> impl Iterator<Item = f64> {
    (-240..=240).map(|i| f64::from(i) / 12.0 + 1e-3)
}

/// The textbook formulas, with the standard library's functions.
fn textbook(activation: &Activation, z: f64) -> f64 {
    match *activation {
        Activation::Identity => z,
        Activation::Relu => z.max(0.0),
        Activation::LeakyRelu { negative_slope: a } | Activation::Prelu { slope: a } => {
            z.max(0.0) + a * z.min(0.0)
        }
        Activation::Tanh => z.sinh() / z.cosh(),
        Activation::Sigmoid => 0.5 * (1.0 + (0.5 * z).tanh()),
        Activation::Selu => 1.0507009873554805 * textbook(&Activation::Elu { alpha: 1.6732632423543772 }, z),
        Activation::Elu { alpha } => z.max(0.0) + alpha * (z.min(0.0).exp() - 1.0),
        Activation::Gelu => 0.5 * z * (1.0 + libm::erf(z / 2.0_f64.sqrt())),
        Activation::Silu => z / (1.0 + (-z).exp()),
        Activation::Softplus => (1.0 + z.exp()).ln(),
        Activation::Mish => z * (1.0 + z.exp()).ln().tanh(),
        Activation::Softsign => z / (1.0 + z.abs()),
        Activation::HardTanh => z.clamp(-1.0, 1.0),
        Activation::Erf => 1.0 - libm::erfc(z),
        Activation::Sin => (core::f64::consts::FRAC_PI_2 - z).cos(),
        Activation::Custom(_) => unreachable!("built in"),
    }
}

#[test]
fn phi_is_the_textbook_formula() {
    for activation in BUILT_IN {
        for z in points() {
            let (value, expected) = (activation.phi(z), textbook(&activation, z));
            // The textbook forms cancel: they are good to a few ulps of z or 1, not of phi.
            let tolerance = 8.0 * f64::EPSILON * z.abs().max(1.0);
            assert!((value - expected).abs() <= tolerance, "{activation}({z}) = {value}, not {expected}");
        }
    }
}

#[test]
fn derivative_is_the_difference_quotient() {
    const STEP: f64 = 1e-4;
    for activation in BUILT_IN {
        for z in points() {
            let phi = |steps: f64| activation.phi(z + steps * STEP);
            // Fourth order: truncation 1e-16 x phi^(5), rounding eps |phi| / h = 5e-11 at |z| = 20.
            let quotient = (8.0 * (phi(1.0) - phi(-1.0)) - (phi(2.0) - phi(-2.0))) / (12.0 * STEP);
            let value = activation.derivative(z);
            assert!((value - quotient).abs() <= 1e-10, "{activation}'({z}) = {value}, not {quotient}");
        }
    }
}

#[test]
fn tails_keep_their_digits() {
    // mpmath, 40 digits.
    let check = |value: f64, expected: f64| {
        assert!((value / expected - 1.0).abs() < 1e-13, "{value:e}, not {expected:e}");
    };
    check(Activation::Gelu.phi(-10.0), -7.619_853_024_160_526e-23);
    check(Activation::Gelu.derivative(-10.0), -7.618_400_096_464_814e-22);
    check(Activation::Softplus.phi(-40.0), 4.248_354_255_291_589e-18);
    check(Activation::Mish.phi(-40.0), -1.699_341_702_116_635_6e-16);
    check(Activation::Mish.derivative(-40.0), -1.656_858_159_563_719_7e-16);
    check(Activation::Silu.derivative(-40.0), -1.656_858_159_563_719_7e-16);
    check(Activation::Tanh.derivative(30.0), 3.502_604_305_078_608e-26);
    check(Activation::Sigmoid.derivative(40.0), 4.248_354_255_291_589e-18);
    check(Activation::Selu.phi(-1e-10), -1.758_099_340_759_472e-10);
    check(Activation::Erf.derivative(10.0), 4.197_656_231_354_417e-44);
}

#[test]
fn limits_at_both_ends() {
    let inf = f64::INFINITY;
    let selu_left = -function::SELU_SCALE * function::SELU_ALPHA;
    // phi(-inf), phi(inf), phi'(-inf), phi'(inf).
    for (activation, limits) in [
        (Activation::Identity, [-inf, inf, 1.0, 1.0]),
        (Activation::Relu, [0.0, inf, 0.0, 1.0]),
        (Activation::LeakyRelu { negative_slope: 0.01 }, [-inf, inf, 0.01, 1.0]),
        (Activation::LeakyRelu { negative_slope: 0.0 }, [0.0, inf, 0.0, 1.0]),
        (Activation::Prelu { slope: -0.25 }, [inf, inf, -0.25, 1.0]),
        (Activation::Tanh, [-1.0, 1.0, 0.0, 0.0]),
        (Activation::Sigmoid, [0.0, 1.0, 0.0, 0.0]),
        (Activation::Selu, [selu_left, inf, 0.0, function::SELU_SCALE]),
        (Activation::Elu { alpha: 2.0 }, [-2.0, inf, 0.0, 1.0]),
        (Activation::Gelu, [0.0, inf, 0.0, 1.0]),
        (Activation::Silu, [0.0, inf, 0.0, 1.0]),
        (Activation::Softplus, [0.0, inf, 0.0, 1.0]),
        (Activation::Mish, [0.0, inf, 0.0, 1.0]),
        (Activation::Softsign, [-1.0, 1.0, 0.0, 0.0]),
        (Activation::HardTanh, [-1.0, 1.0, 0.0, 0.0]),
        (Activation::Erf, [-1.0, 1.0, 0.0, 0.0]),
    ] {
        let values = [
            activation.phi(-inf),
            activation.phi(inf),
            activation.derivative(-inf),
            activation.derivative(inf),
        ];
        assert_eq!(values, limits, "{activation}");
        for z in [-1e300, 1e300, -1e4, 1e4, -50.0, 50.0] {
            assert!(
                activation.phi(z).is_finite() && activation.derivative(z).is_finite(),
                "{activation} {z}"
            );
        }
        let slope = [activation.derivative(-1e300), activation.derivative(1e300)];
        assert_eq!(slope, limits[2..], "{activation}");
    }
    assert!(Activation::Sin.phi(1e300).is_finite() && Activation::Sin.phi(inf).is_nan());
}

#[test]
fn nan_stays_nan() {
    for activation in BUILT_IN {
        assert!(activation.phi(f64::NAN).is_nan(), "{activation}");
        assert!(activation.derivative(f64::NAN).is_nan(), "{activation}'");
    }
}

#[test]
fn kinks_take_pytorch_s_side() {
    let slope = |text: &str, z| text.parse::<Activation>().unwrap().derivative(z);
    assert_eq!(slope("relu", 0.0), 0.0);
    assert_eq!(slope("relu", -0.0), 0.0);
    assert_eq!(slope("leaky-relu:0.2", 0.0), 0.2);
    assert_eq!(slope("prelu:0.25", 0.0), 0.25);
    assert_eq!(slope("elu:3", 0.0), 3.0);
    assert_eq!(slope("selu", 0.0), function::SELU_SCALE * function::SELU_ALPHA);
    assert_eq!(slope("hard-tanh", 1.0), 0.0);
    assert_eq!(slope("hard-tanh", -1.0), 0.0);
    assert_eq!(slope("softsign", 0.0), 1.0);
}

fn slices_agree<T: Scalar>() {
    let z: Vec<T> = points().map(T::from_f64).collect();
    let mut out = z.clone();
    for activation in BUILT_IN {
        activation.phi_slice(&z, &mut out);
        for (&z, &h) in z.iter().zip(&out) {
            assert_eq!(h, T::from_f64(activation.phi(z.to_f64())), "{activation} {z}");
        }
        activation.derivative_slice(&z, &mut out);
        for (&z, &slope) in z.iter().zip(&out) {
            assert_eq!(slope, T::from_f64(activation.derivative(z.to_f64())), "{activation}' {z}");
        }
    }
}

#[test]
fn slices_round_once() {
    slices_agree::<f32>();
    slices_agree::<f64>();
    Activation::Gelu.phi_slice::<f32>(&[], &mut []);
}

#[test]
fn customs() {
    let custom = Activation::custom("cube", |z| z * z * z, |z| 3.0 * z * z);
    assert_eq!(custom.phi(2.0), 8.0);
    assert_eq!(custom.derivative(2.0), 12.0);
    assert_eq!(custom, custom.clone());
    assert_ne!(custom, Activation::custom("cube", |z| z * z * z, |z| 3.0 * z * z));
    assert!(alloc::format!("{custom:?}").contains("cube"));
    fn assert_thread_safe<T: Send + Sync + 'static>() {}
    assert_thread_safe::<Activation>();
}

#[test]
fn numerical_derivatives() {
    for activation in BUILT_IN {
        let by_phi = {
            let activation = activation.clone();
            Custom::from_phi("by phi", move |z| activation.phi(z))
        };
        let by_phi = Activation::from(by_phi.with_kinks(activation.kinks()));
        for z in points() {
            let (value, expected) = (by_phi.derivative(z), activation.derivative(z));
            assert!(
                (value - expected).abs() < 1e-9 * z.abs().max(1.0),
                "{activation}'({z}) = {value}, not {expected}"
            );
        }
    }
}
