//! The theory against numbers worked out elsewhere (mpmath with 20 digits, SciPy with 60-point
//! panels), closed forms, and what it must refuse.

use alloc::vec::Vec;
use core::f64::consts::{FRAC_1_PI, FRAC_PI_4, PI};

use super::kernel::Kernel;
use super::length_slope::mean_square_slope;
use super::*;
use crate::activation::{Activation, Custom};

fn net(activation: &str, weight_variance: f64, bias_variance: f64) -> MeanField {
    MeanField::new(activation.parse().unwrap(), weight_variance, bias_variance).unwrap()
}

fn close(value: f64, expected: f64, tolerance: f64) {
    assert!((value - expected).abs() <= tolerance, "{value}, not {expected}");
}

#[test]
fn lengths_and_gradients() {
    for (activation, weight, bias, q, chi) in [
        ("tanh", 1.69, 0.09, 0.607046792, 0.939807429),
        ("relu", 1.5, 0.1, 0.4, 0.75),
        ("tanh", 25.0 / 9.0, 0.0, 1.178480490, 1.209831320),
        ("tanh", 2.5, 0.1, 1.14909302916, 1.09980109801),
        ("hard-tanh", 2.5, 0.1, 1.61406563816, 1.42196684983),
        ("erf", 2.0, 0.1, 1.04625536012, 1.11831676612),
        ("sin", 4.0, 0.1, 2.06802848024, 2.03197151976),
        ("elu", 1.55, 0.0, 0.996935732716, 1.03585662411),
        ("selu", 1.0, 0.0, 1.0, 1.071574992456),
    ] {
        let point = net(activation, weight, bias).fixed_point().unwrap();
        close(point.q, q, 1e-9);
        close(point.chi, chi, 1e-9);
        assert_eq!(point.stability, Stability::Stable, "{activation}");
    }
}

#[test]
fn correlations() {
    for (activation, weight, bias, c, slope, xi) in [
        ("tanh", 2.5, 0.1, 0.664361346727, 0.928398958281, 13.4600866751),
        ("hard-tanh", 2.5, 0.1, 0.343415074744, 0.841939152751, 5.81234723633),
        ("hard-tanh", 1.25, 0.08, 0.995743993501, 0.994785012534, 191.254579339),
        ("erf", 2.0, 0.1, 0.647229369107, 0.915940362625, 11.3889998303),
        ("sin", 4.0, 0.1, 0.0985325974162, 0.516275121518, 1.51259505909),
        ("elu", 1.55, 0.0, 0.597296308881, 0.969747985395, 32.5530899016),
    ] {
        let net = net(activation, weight, bias);
        let point = net.correlation_point(net.fixed_point().unwrap().q).unwrap();
        close(point.c, c, 1e-6);
        close(point.slope, slope, 1e-6);
        close(point.xi_c() / xi, 1.0, 1e-6);
    }
    let gelu = MeanField::new(Activation::Gelu, Activation::Gelu.forward_gain().powi(2), 0.0).unwrap();
    let point = gelu.correlation_point(1.0).unwrap();
    close(point.c, 0.760401904915, 1e-6);
    close(point.xi_c(), 14.3594058533, 1e-5);
    // Odd, no bias: inputs become orthogonal, at the rate of the linear part, sigma_w^2 (E phi')^2.
    let erf = net("erf", 2.0, 0.0);
    let q = erf.fixed_point().unwrap().q;
    let point = erf.correlation_point(q).unwrap();
    assert_eq!(point.c, 0.0);
    close(point.slope, 2.0 * 4.0 / (PI * (1.0 + 2.0 * q)), 1e-12);
    // Ordered: all inputs become one, as fast as gradients vanish.
    let ordered = net("tanh", 1.69, 0.09);
    let point = ordered.fixed_point().unwrap();
    let correlation = ordered.correlation_point(point.q).unwrap();
    assert_eq!(correlation.c, 1.0);
    close(correlation.xi_c(), point.xi_grad(), 1e-6);
}

#[test]
fn closed_kernels_agree_with_quadrature() {
    let activations = ["identity", "relu", "leaky-relu:0.2", "prelu:-0.7", "erf", "sin"];
    for activation in activations.map(|text| text.parse::<Activation>().unwrap()) {
        let [phi, derivative] = [activation.clone(), activation.clone()];
        let by_quadrature =
            Custom::new("by quadrature", move |z| phi.phi(z), move |z| derivative.derivative(z))
                .with_kinks(activation.kinks())
                .into();
        for q in [0.01, 1.0, 9.0] {
            close(
                mean_square_slope(&activation, q),
                // Fourth-order difference of the mean square.
                {
                    let (h, f) = (1e-3 * q, |q| activation.mean_square(q));
                    (8.0 * (f(q + h) - f(q - h)) - (f(q + 2.0 * h) - f(q - 2.0 * h))) / (12.0 * h)
                },
                1e-10,
            );
            for c in [-1.0, -0.6, 0.0, 0.5, 0.999, 1.0 - 1e-9, 1.0] {
                let (closed, quadrature) = (Kernel::new(&activation, q), Kernel::new(&by_quadrature, q));
                let value = |kernel: &Kernel<'_>| kernel.half_square_difference(c);
                close(value(&closed), value(&quadrature), 1e-10 * q);
                close(closed.slope(c), quadrature.slope(c), 1e-9);
            }
        }
    }
}

#[test]
fn the_correlation_slope_is_the_derivative_of_the_map() {
    for activation in ["tanh", "gelu", "hard-tanh", "selu", "softplus", "relu", "mish", "softsign"] {
        let net = net(activation, 1.8, 0.1);
        for c in [-0.5, 0.0, 0.7, 0.98] {
            let (h, map) = (1e-3, |c| net.correlation_map(0.8, c));
            let difference =
                (8.0 * (map(c + h) - map(c - h)) - (map(c + 2.0 * h) - map(c - 2.0 * h))) / (12.0 * h);
            // h^4 times the fifth derivative, which for ReLU grows like (1 - c)^-3.5.
            close(net.correlation_slope(0.8, c), difference, if c > 0.9 { 1e-5 } else { 1e-8 });
        }
        close(net.correlation_map(0.8, 1.0), 1.0, 1e-12);
        close(net.correlation_slope(0.8, 1.0), net.chi(0.8) * 0.8 / net.length_map(0.8), 1e-12);
    }
}

#[test]
fn relu_as_he_starts_it() {
    let he = net("relu", 2.0, 0.0);
    let point = he.fixed_point_from(3.0).unwrap();
    assert_eq!((point.q, point.slope, point.chi), (3.0, 1.0, 1.0));
    assert_eq!(point.stability, Stability::Neutral);
    assert_eq!((point.xi_q(), point.xi_grad()), (f64::INFINITY, f64::INFINITY));
    assert_eq!(he.correlation_point(3.0).unwrap().c, 1.0);
    close(he.correlation_map(3.0, 0.0), FRAC_1_PI, 1e-15);
    // Cho & Saul 2009: C(c) = (sqrt(1 - c^2) + c (pi - acos c)) / pi.
    for c in [-0.9, 0.3, 0.99_f64] {
        close(he.correlation_map(1.0, c), ((1.0 - c * c).sqrt() + c * (PI - c.acos())) / PI, 1e-14);
    }
    assert_eq!(he.fixed_points().unwrap().len(), 1);
}

#[test]
fn criticality() {
    close(critical_points(&Activation::Tanh, 0.05).unwrap()[0].weight_variance, 1.760954640, 1e-9);
    let critical = |text: &str| critical(&text.parse().unwrap()).unwrap();
    for (activation, weight) in [
        ("identity", 1.0),
        ("relu", 2.0),
        ("leaky-relu:0.2", 2.0 / 1.04),
        ("tanh", 1.0),
        ("hard-tanh", 1.0),
        ("softsign", 1.0),
        ("sin", 1.0),
        ("erf", FRAC_PI_4),
    ] {
        let point = critical(activation);
        close(point.weight_variance, weight, 1e-11);
        assert_eq!(point.bias_variance, 0.0);
        assert!(matches!(point.stability, Stability::Stable | Stability::Neutral), "{activation}");
    }
    for (activation, weight, bias, q) in [
        ("gelu", 1.983058257437547, 0.172922390756067, 3.56155281280883),
        ("silu", 1.988004678269492, 0.55514317072153, 14.320173618025799),
        ("mish", 2.01352406971953, 0.094521787370665, 1.670169132478078),
    ] {
        let point = critical(activation);
        close(point.weight_variance, weight, 1e-9);
        close(point.bias_variance, bias, 1e-8);
        close(point.q / q, 1.0, 1e-7);
        close(point.slope, 1.0, 1e-9);
        assert_eq!(point.stability, Stability::HalfStable, "{activation}");
    }
}

#[test]
fn critical_points_are_critical() {
    for activation in
        ["tanh", "sigmoid", "selu", "elu", "gelu", "silu", "mish", "softsign", "hard-tanh", "erf", "sin"]
    {
        let activation: Activation = activation.parse().unwrap();
        for bias in [0.0, 0.01, 0.1] {
            for point in critical_points(&activation, bias).unwrap() {
                let net = MeanField::new(activation.clone(), point.weight_variance, bias).unwrap();
                close(net.chi(point.q), 1.0, 1e-9);
                close(net.length_map(point.q), point.q, 1e-9 * point.q);
            }
        }
    }
}

#[test]
fn unstable_points_are_called_so() {
    for activation in [Activation::Gelu, Activation::Silu, Activation::Mish] {
        let gain = activation.forward_gain();
        let net = MeanField::new(activation, gain * gain, 0.0).unwrap();
        let points = net.fixed_points().unwrap();
        let at_one = points.iter().find(|point| (point.q - 1.0).abs() < 1e-9).unwrap();
        assert!(at_one.slope > 1.0 && at_one.stability == Stability::Unstable);
        assert_eq!(net.fixed_point_from(0.9).unwrap().q, 0.0);
        assert!(matches!(net.fixed_point_from(1.1), Err(TheoryError::Diverges { from: 1.1, .. })));
    }
    // A zero-bias sigmoid: one critical gain, 10.15; no gain for a stable GELU net without bias.
    let points = critical_points(&Activation::Sigmoid, 0.0).unwrap();
    close(points[0].weight_variance.sqrt(), 10.15, 0.005);
    let points = critical_points(&Activation::Gelu, 0.0).unwrap();
    assert!(points.iter().all(|point| point.stability == Stability::Unstable));
}

#[test]
fn the_half_stable_point_of_gelu_and_the_stable_one_beside_it() {
    // Nine digits, as one would write them down.
    let points = net("gelu", 1.983058257, 0.172922391).fixed_points().unwrap();
    assert_eq!(points.len(), 2);
    assert_eq!(points[0].stability, Stability::Stable);
    assert_eq!(points[1].stability, Stability::HalfStable);
    close(points[1].q, 3.56155, 1e-4);
    close(points[1].chi, 1.0, 1e-6);
}

#[test]
fn points_of_a_network_without_biases() {
    let points = net("tanh", 25.0 / 9.0, 0.0).fixed_points().unwrap();
    assert_eq!((points.len(), points[0].q, points[0].stability), (2, 0.0, Stability::Unstable));
    close(points[0].chi, 25.0 / 9.0, 1e-12);
    let points = net("tanh", 1.0, 0.0).fixed_points().unwrap();
    assert_eq!((points.len(), points[0].q, points[0].stability), (1, 0.0, Stability::Stable));
    assert_eq!(points[0].xi_q(), f64::INFINITY);
    let points = net("relu", 1.5, 0.0).fixed_points().unwrap();
    assert_eq!((points.len(), points[0].q, points[0].chi), (1, 0.0, 0.75));
    // No weights: the bias alone.
    let points = net("tanh", 0.0, 0.3).fixed_points().unwrap();
    close(points[0].q, 0.3, 1e-12);
    assert_eq!((points[0].slope, points[0].chi, points[0].xi_grad()), (0.0, 0.0, 0.0));
    assert_eq!(net("tanh", 0.0, 0.0).fixed_point().unwrap().q, 0.0);
}

#[test]
fn what_diverges_or_does_not_exist() {
    assert!(matches!(net("relu", 2.5, 0.1).fixed_point(), Err(TheoryError::Diverges { .. })));
    assert!(net("relu", 2.5, 0.1).fixed_points().unwrap().is_empty());
    for (activation, bias) in
        [(Activation::Relu, 0.1), (Activation::Softplus, 0.0), (Activation::Softplus, 1.0)]
    {
        assert_eq!(critical_points(&activation, bias), Ok(Vec::new()));
    }
    assert!(matches!(
        super::critical::doubly_critical(&Activation::Tanh),
        Err(TheoryError::NoCriticalPoint { .. })
    ));
    assert!(matches!(critical(&Activation::Softplus), Err(TheoryError::NoCriticalPoint { .. })));
}

#[test]
fn bad_input() {
    for (weight, bias) in [(-1.0, 0.0), (f64::NAN, 0.0), (1.0, f64::INFINITY), (1.0, -0.1)] {
        let error = MeanField::new(Activation::Tanh, weight, bias).unwrap_err();
        assert!(matches!(error, TheoryError::OutOfRange { .. }));
    }
    assert!(critical_points(&Activation::Tanh, f64::NAN).is_err());
    let tanh = net("tanh", 1.0, 0.0);
    for q in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(tanh.length_map(q).is_nan() && tanh.length_slope(q).is_nan() && tanh.chi(q).is_nan());
        assert!(tanh.correlation_map(q, 0.5).is_nan() && tanh.correlation_slope(q, 0.5).is_nan());
        assert!(tanh.fixed_point_from(q).is_err() && tanh.correlation_point(q).is_err());
    }
    assert!(tanh.correlation_map(1e300, 0.5).is_nan(), "and does not hang");
    assert!(tanh.correlation_map(1.0, 1.5).is_nan() && tanh.correlation_slope(1.0, f64::NAN).is_nan());
}

/// An activation of which theory can say nothing, or little.
fn custom(name: &str, phi: fn(f64) -> f64, derivative: fn(f64) -> f64) -> Activation {
    Activation::custom(name, phi, derivative)
}

#[test]
fn customs() {
    let nan = custom("nan", |_| f64::NAN, |_| f64::NAN);
    let wild = custom("wild", |z| libm::exp(z * z), |z| 2.0 * z * libm::exp(z * z));
    let rough = custom("rough", |z| libm::sin(1e9 * z), |z| libm::sin(1e9 * z));
    for activation in [nan, wild, rough] {
        let net = MeanField::new(activation.clone(), 1.0, 0.1).unwrap();
        assert!(matches!(net.fixed_point(), Err(TheoryError::NoExpectation { .. })), "{activation}");
        assert!(matches!(critical(&activation), Err(TheoryError::NoExpectation { .. })), "{activation}");
        assert!(net.correlation_point(1.0).is_err(), "{activation}");
    }
    // Flat: nothing comes back, no gain helps.
    let flat = custom("flat", |_| 1.0, |_| 0.0);
    assert!(matches!(critical(&flat), Err(TheoryError::NoCriticalPoint { .. })));
    close(MeanField::new(flat, 0.5, 0.1).unwrap().fixed_point().unwrap().q, 0.6, 1e-12);
    // Grows too fast for a fixed point above 1: E z^6 = 15 q^3, so q* = 15^-1/2 is unstable.
    let cube = MeanField::new(custom("cube", |z| z * z * z, |z| 3.0 * z * z), 1.0, 0.0).unwrap();
    assert!(matches!(cube.fixed_point(), Err(TheoryError::Diverges { .. })));
    let points = cube.fixed_points().unwrap();
    close(points[1].q, 1.0 / 15.0_f64.sqrt(), 1e-12);
    close(points[1].slope, 3.0, 1e-9);
    assert_eq!(points[1].stability, Stability::Unstable);
    // Integrable only for small q.
    let exponential = custom("exp", libm::exp, libm::exp);
    let point = MeanField::new(exponential, 0.1, 0.0).unwrap().fixed_point_from(0.0).unwrap();
    close(0.1 * (2.0 * point.q).exp(), point.q, 1e-12);
    // tanh by another name, its derivative numerical.
    let tanh = Activation::from(Custom::from_phi("tanh", libm::tanh));
    let net = MeanField::new(tanh, 2.5, 0.1).unwrap();
    let point = net.fixed_point().unwrap();
    close(point.chi, 1.09980109801, 1e-7);
    close(net.correlation_point(point.q).unwrap().c, 0.664361346727, 1e-6);
}

#[test]
fn correlations_at_every_length() {
    for activation in ["tanh", "softplus", "hard-tanh", "gelu"] {
        let net = net(activation, 1.8, 0.1);
        for q in [1e-12, 1e-6, 1.0, 1e6, 1e12] {
            let c = net.correlation_map(q, 0.5);
            assert!((-1.0..=1.0).contains(&c), "{activation} at {q}: {c}");
            assert!(net.correlation_point(q).is_ok(), "{activation} at {q}");
        }
    }
}

/// sign and step: E phi(z1) phi(z2) is an arcsine, whose slope at 1 is infinite though phi' is 0 wherever it is asked.
#[test]
fn where_phi_jumps_the_slope_is_that_of_the_map() {
    let sign = |z: f64| if z > 0.0 { 1.0 } else { -1.0 };
    let step = |z: f64| f64::from(z > 0.0);
    for (phi, size, mean_square) in [(sign as fn(f64) -> f64, 1.0, 1.0), (step, 0.25, 0.5)] {
        for kinks in [&[0.0][..], &[]] {
            let activation = Custom::new("jumps", phi, |_| 0.0).with_kinks(kinks).into();
            let net = MeanField::new(activation, 1.0, 0.5).unwrap();
            let point = net.fixed_point().unwrap();
            close(point.q, mean_square + 0.5, 1e-12);
            let correlation = net.correlation_point(point.q).unwrap();
            let map = |c: f64| {
                let product = size * (2.0 / PI * c.asin() + mean_square / size - 1.0);
                (product + 0.5) / point.q
            };
            close(correlation.c, map(correlation.c), 1e-9);
            let slope = size * 2.0 / PI / (1.0 - correlation.c * correlation.c).sqrt() / point.q;
            close(correlation.slope, slope, 1e-8);
            assert_eq!(net.correlation_slope(point.q, 1.0), f64::INFINITY);
            close(net.correlation_map(point.q, 1.0 - 1e-9), map(1.0 - 1e-9), 1e-9);
        }
    }
    let sign = MeanField::new(Activation::custom("sign", sign, |_| 0.0), 1.0, 0.5).unwrap();
    close(sign.correlation_point(1.5).unwrap().c, 0.613_828_479, 1e-8);
    // One that jumps too often to be followed is no number, rather than a wrong one.
    let floor = MeanField::new(Activation::custom("floor", libm::floor, |_| 0.0), 1.0, 0.1).unwrap();
    assert!(matches!(floor.correlation_point(90.0), Err(TheoryError::NoExpectation { .. })));
}

/// E sin(a z1) sin(a z2) = exp(-a^2 q) sinh(a^2 q c).
#[test]
fn fast_features_are_followed_or_refused() {
    let fast = |a: f64| Activation::custom("fast", move |z| libm::sin(a * z), move |z| a * libm::cos(a * z));
    let net = |a: f64, bias: f64| MeanField::new(fast(a), 1.0, bias).unwrap();
    let point = net(30.0, 0.0).correlation_point(0.5).unwrap();
    assert_eq!(point.c, 0.0);
    close(point.slope, 0.0, 1e-12);
    close(net(30.0, 0.5).correlation_point(1.0).unwrap().c, 0.5, 1e-9);
    let (a, q, c) = (20.0, 0.7, 0.99_f64);
    let exact = (-(a * a) * q * (1.0 - c)).exp() * 0.5;
    close(net(a, 0.0).correlation_map(q, c), exact / 0.5, 1e-9);
    assert!(net(1000.0, 0.5).correlation_map(1.0, 0.5).is_nan());
    assert!(net(1000.0, 0.5).correlation_point(1.0).is_err());
}

/// SiLU at the crate's own critical parameters, and at nine digits of them: the half-stable point and, 2 % beyond it, a
/// stable one.
#[test]
fn the_half_stable_point_of_silu_beside_a_stable_one() {
    let point = critical(&Activation::Silu).unwrap();
    for (weight, bias) in [(point.weight_variance, point.bias_variance), (1.988004678, 0.555143171)] {
        let points = net("silu", weight, bias).fixed_points().unwrap();
        assert_eq!(points.len(), 2, "{points:?}");
        assert_eq!(points[0].stability, Stability::HalfStable);
        close(points[0].q / 14.320173618, 1.0, 1e-5);
        close(points[0].chi, 1.0, 1e-7);
        assert_eq!(points[1].stability, Stability::Stable);
        close(points[1].q, 14.592, 5e-3);
    }
}

/// A numerical derivative beside a kink that nobody told of: E phi'^2 = 2 q of relu^2 at every q, and no critical point.
#[test]
fn relu_squared_without_its_kink() {
    let square = |z: f64| z.max(0.0).powi(2);
    let relu2 = Activation::from(Custom::from_phi("relu^2", square));
    for q in [1e-10, 1e-6, 1e-3, 1.0, 100.0] {
        close(relu2.derivative_mean_square(q) / q, 2.0, 1e-8);
    }
    assert!(matches!(critical(&relu2), Err(TheoryError::NoCriticalPoint { .. })));
    let by_derivative = Activation::custom("relu^2", square, |z| 2.0 * z.max(0.0));
    assert!(matches!(critical(&by_derivative), Err(TheoryError::NoCriticalPoint { .. })));
}

/// 2^17 evaluations at most in one expectation: what jumps or turns everywhere ends soon.
#[test]
fn questions_about_rough_activations_end() {
    use std::cell::Cell;
    std::thread_local!(static CALLS: Cell<u64> = const { Cell::new(0) });
    let counted = |z: f64| {
        CALLS.with(|calls| calls.set(calls.get() + 1));
        z
    };
    for activation in [
        Activation::custom("floor", move |z| libm::floor(counted(z)), |_| 0.0),
        Activation::custom("cos", move |z| libm::cos(counted(z)), move |z| -libm::sin(counted(z))),
        Activation::custom("saw", move |z| counted(z) - libm::floor(z), move |z| counted(z) * 0.0 + 1.0),
    ] {
        for question in [
            |activation: &Activation| drop(critical(activation)),
            |activation: &Activation| {
                drop(MeanField::new(activation.clone(), 1.5, 0.1).unwrap().fixed_points())
            },
            |activation: &Activation| drop(gate_moments(activation, 1e39)),
            |activation: &Activation| {
                drop(MeanField::new(activation.clone(), 1.5, 0.1).unwrap().correlation_point(10.0));
            },
        ] {
            CALLS.with(|calls| calls.set(0));
            question(&activation);
            // At 10 ns each, 100 ms.
            let calls = CALLS.with(Cell::get);
            assert!(calls < 10_000_000, "{activation}: {calls}");
        }
    }
}

/// No message is longer than a few lines, whatever the numbers: they used to be written out.
#[test]
fn extremes_are_said_in_a_few_words() {
    let inputs = Inputs::alike(1.0, 0.0).unwrap();
    for text in
        ["elu:1e10", "elu:1e100", "elu:1e300", "prelu:1e10", "prelu:1e200", "prelu:-1e300", "elu:1e-300"]
    {
        let activation: Activation = text.parse().unwrap();
        let said = match critical(&activation) {
            Ok(point) => {
                assert!(!point.to_string().contains("gain 0 "), "{text}: {point}");
                point.to_string()
            }
            Err(error) => error.to_string(),
        };
        assert!(said.len() < 200, "{text}: {said}");
    }
    let point = critical(&"elu:1e10".parse().unwrap()).unwrap();
    assert!(point.to_string().starts_with("gain "), "{point}");
    for (parameter, value) in
        [("weight variance", -1e300), ("bias variance", f64::NAN), ("weight variance", f64::INFINITY)]
    {
        let said = TheoryError::OutOfRange { parameter, value }.to_string();
        assert!(said.len() < 120, "{said}");
    }
    // Not the weights' fault.
    let error = net("tanh", 1.0, 1e12).fixed_point().unwrap_err().to_string();
    assert!(error.contains("the bias variance is too large") && error.contains("1e12"), "{error}");
    let error = net("relu", 2.5, 0.0).fixed_point().unwrap_err().to_string();
    assert!(error.contains("the weight variance is too large"), "{error}");
    // Nothing comes back, and that is what is said.
    for activation in [Activation::Relu, Activation::Tanh, Activation::Gelu] {
        let still = crate::init::Law::Normal { mean: 0.0, std_dev: 0.0 };
        let law = NetworkLaw::dense(&[10; 5], &activation, |_| still).unwrap();
        assert_eq!(law.band(&inputs).unwrap().to_string(), "0, nothing comes back");
        let table = law.predict(&inputs).unwrap().to_string();
        assert!(
            table.ends_with("0, nothing comes back") && !table.contains("NaN") && !table.contains("-0.00"),
            "{table}"
        );
    }
    // Beyond the range of f64 the gates are known all the same.
    let huge = crate::init::Law::Normal { mean: 0.0, std_dev: 1e30 };
    for activation in [Activation::Relu, Activation::Gelu, Activation::Softplus] {
        let law = NetworkLaw::dense(&[100; 30], &activation, |_| huge).unwrap();
        let prediction = law.predict(&inputs).unwrap();
        let decades = prediction.log10_ratio().unwrap();
        // 27 factors of 100 x 1e60 / 2.
        close(decades, 27.0 * (62.0 - 2.0_f64.log10()), 1.0);
        assert!(prediction.to_string().contains("inf") && !prediction.to_string().contains("NaN"));
        assert!(
            law.cosines(&inputs).unwrap()[28].is_some_and(|cosine| (0.0..=1.0).contains(&cosine)),
            "{activation}"
        );
    }
}

/// Beyond 1,024 units a layer costs no more, and the band is that of its limit: a spread of 1 / sqrt(width).
#[test]
fn bands_of_layers_of_any_width() {
    let inputs = Inputs::alike(1.0, 0.3).unwrap();
    let band = |activation: &Activation, width: usize| {
        let normal = crate::init::Law::Normal { mean: 0.0, std_dev: 1.2 / (width as f64).sqrt() };
        let law = NetworkLaw::dense(&[&[width; 6][..], &[10]].concat(), activation, |_| normal).unwrap();
        law.band(&inputs).unwrap()
    };
    for activation in [Activation::Relu, Activation::Tanh, Activation::Gelu, Activation::Selu] {
        let narrow = band(&activation, 1 << 12);
        for width in [1 << 20, 1 << 40, usize::MAX] {
            let wide = band(&activation, width);
            let shrunk = (4096.0 / width as f64).sqrt();
            // Within the standard errors of 2,000 draws each.
            close(wide.std_dev / narrow.std_dev / shrunk, 1.0, 0.1);
            close((wide.mean - narrow.mean) / narrow.std_dev, 0.0, 0.3);
        }
    }
    // Narrow layers between wide ones, and a wide output layer.
    for delta in [
        OutputDelta::Independent,
        OutputDelta::SoftmaxCrossEntropy,
        OutputDelta::MeanSquaredError { target_mean_square: 1e-5 },
    ] {
        let widths = [1 << 30, 1 << 30, 8, usize::MAX, 3, 1 << 20, 1 << 20];
        let law = NetworkLaw::dense(&widths, &Activation::Tanh, |fan| crate::init::Law::Normal {
            mean: 0.0,
            std_dev: 1.0 / (fan.fan_in() as f64).sqrt(),
        });
        let band = law.unwrap().output_delta(delta).unwrap().band(&inputs).unwrap();
        assert!(band.mean.is_finite() && (0.1..10.0).contains(&band.std_dev), "{delta:?} {band}");
    }
}
