//! The Jacobian's singular values, against known matrices, faer's SVD, and theory.

use approx::assert_relative_eq;
use faer::{Mat, Scale};
use fanin::chain::Moments;
use fanin::nn::{Network, NnError, Spectrum};
use fanin::theory::{GatedLayer, JacobianMoments, gate_moments, jacobian_moments};
use fanin::{Activation, Fan, He, LeCun, Normal};

fn sample(length: usize) -> Vec<f64> {
    (0..length).map(|i| ((i * 7 + 3) % 11) as f64 / 5.0 - 1.0).collect()
}

fn network(inputs: usize, widths: &[usize], activation: &Activation) -> Network<f64> {
    widths.iter().fold(Network::new(inputs), |network, &width| network.dense(width, activation.clone()))
}

/// A row-major matrix.
fn matrix(values: &[f64], columns: usize) -> Mat<f64> {
    Mat::from_fn(values.len() / columns, columns, |i, j| values[i * columns + j])
}

/// Makes a matrix the weights of a layer.
fn assign(network: &mut Network<f64>, layer: usize, matrix: &Mat<f64>) {
    let rows = matrix.row_iter().flat_map(|row| row.iter().copied());
    network.weight_mut(layer).iter_mut().zip(rows).for_each(|(weight, value)| *weight = value);
}

/// ln of the singular values of a row-major matrix, by faer.
fn ln_by_svd(values: &[f64], columns: usize) -> Vec<f64> {
    matrix(values, columns).singular_values().unwrap().iter().map(|s| s.ln()).collect()
}

/// Relative errors of the singular values of at most `tolerance`.
fn assert_same(found: &Spectrum, expected: &[f64], tolerance: f64) {
    assert_eq!(found.ln_values().len(), expected.len());
    for (found, expected) in found.ln_values().iter().zip(expected) {
        assert!((found - expected).abs() <= tolerance, "{found} {expected}");
    }
}

/// An orthogonal matrix: a reflection in a vector without pattern.
fn reflection(n: usize, turn: usize) -> Mat<f64> {
    let v: Vec<f64> = (0..n).map(|i| (((i + 1) * (turn * 2 + 3)) as f64).sin()).collect();
    let square: f64 = v.iter().map(|x| x * x).sum();
    Mat::from_fn(n, n, |i, j| f64::from(i == j) - 2.0 * v[i] * v[j] / square)
}

#[test]
fn isometries_at_any_depth() {
    let n = 12;
    // Each layer a multiple of an orthogonal matrix: all singular values are the product of them.
    for (gain, depth) in [(1.0_f64, 1), (1.0, 500), (0.01, 500), (100.0, 500)] {
        let mut network = network(n, &vec![n; depth], &Activation::Identity);
        for l in 0..depth {
            assign(&mut network, l, &(Scale(gain) * reflection(n, l)));
        }
        let sample = vec![0.0; n];
        let spectrum = network.jacobian_spectrum(&sample).unwrap();
        let exact = depth as f64 * gain.ln();
        assert_same(&spectrum, &vec![exact; n], 1e-15 * (depth * n) as f64);
        assert!(spectrum.relative_variance() < 1e-10);
        assert!((spectrum.ln_mean() - 2.0 * exact).abs() < 1e-9);
    }
}

/// W_l = U_l D U_{l-1}^T: the product is U_L D^L U_0^T, with singular values from 10^600 to 10^-900.
#[test]
fn singular_values_that_no_number_holds() {
    let (n, depth) = (6, 300);
    let mut network = network(n, &vec![n; depth], &Activation::Identity);
    let d = |i: usize| 10_f64.powi(2 - i as i32);
    for l in 0..depth {
        let below = reflection(n, l);
        let stretched = Mat::from_fn(n, n, |i, j| d(i) * below[(j, i)]);
        assign(&mut network, l, &(reflection(n, l + 1) * stretched));
    }
    let exact: Vec<f64> = (0..n).map(|i| depth as f64 * d(i).ln()).collect();
    let spectrum = network.jacobian_spectrum(&vec![0.0; n]).unwrap();
    // The layers themselves are rounded, to the last digit of their largest entries.
    assert_same(&spectrum, &exact, f64::EPSILON * d(0) / d(n - 1) * (n * depth) as f64);
    assert!((spectrum.ln_condition() - 1500.0 * 10_f64.ln()).abs() < 1e-6);
}

#[test]
fn one_layer_is_its_matrix() {
    for (inputs, width) in [(1, 1), (7, 7), (5, 9), (9, 5), (64, 64)] {
        let network = network(inputs, &[width], &Activation::Identity).init(LeCun::normal, 3).unwrap();
        let spectrum = network.jacobian_spectrum(&sample(inputs)).unwrap();
        let weight = network.weight(0);
        assert_eq!(network.jacobian(&sample(inputs)).unwrap(), weight);
        assert_same(&spectrum, &ln_by_svd(weight, inputs), 1e-12);
        // The Frobenius norm is the trace.
        let frobenius: f64 = weight.iter().map(|w| w * w).sum();
        let mean = frobenius / inputs.min(width) as f64;
        assert_relative_eq!(spectrum.mean(), mean, epsilon = 0.0, max_relative = 1e-13);
    }
}

/// Two ways to the same numbers, and neither knows the other.
#[test]
fn product_and_logarithms_agree() {
    for activation in [Activation::Tanh, Activation::Gelu, Activation::Relu, Activation::Sin] {
        for widths in [&[20, 20, 20][..], &[30, 10, 30, 15], &[25; 8]] {
            let network = network(20, widths, &activation).init(He::normal, 5).unwrap();
            let x = sample(20);
            let exact = ln_by_svd(&network.jacobian(&x).unwrap(), 20);
            let spectrum = network.jacobian_spectrum(&x).unwrap();
            assert_eq!(spectrum.ln_values().len(), exact.len());
            for (found, exact) in spectrum.ln_values().iter().zip(&exact) {
                // An SVD knows singular values to rounding of the largest; closed gates lead to 0.
                let error = 1e-13 * spectrum.values()[0];
                assert!((found.exp() - exact.exp()).abs() <= error, "{activation} {found} {exact}");
            }
        }
    }
}

#[test]
fn the_jacobian_is_the_derivative_of_the_outputs() {
    let network = network(4, &[6, 5, 3], &Activation::Tanh).init(LeCun::normal, 2).unwrap();
    let network = network.init_bias(|_| Normal::new(0.0, 0.3), 2).unwrap();
    let x = sample(4);
    let jacobian = network.jacobian(&x).unwrap();
    let step = 1e-5;
    for j in 0..4 {
        let at = |offset: f64| {
            let mut moved = x.clone();
            moved[j] += offset;
            network.forward(&moved).unwrap()
        };
        let (above, below) = (at(step), at(-step));
        for i in 0..3 {
            let difference = (above[i] - below[i]) / (2.0 * step);
            // Error of the central difference: step^2 / 6 times a third derivative of order 1.
            assert!((difference - jacobian[4 * i + j]).abs() < 1e-9);
        }
    }
}

/// ln |det| of Gaussian products has mean L/2 sum (digamma(i/2) + ln 2v) and variance L/4 sum
/// trigamma(i/2): the smallest singular values count as much as the largest.
#[test]
fn determinants_of_deep_gaussian_products() {
    let (n, depth) = (10, 200);
    let spectrum = |seed: u64| {
        let network = network(n, &vec![n; depth], &Activation::Identity).init(LeCun::normal, seed).unwrap();
        network.jacobian_spectrum(&sample(n)).unwrap()
    };
    let (digamma, trigamma) = (|x: f64| polygamma(x).0, |x: f64| polygamma(x).1);
    let per_layer: f64 = (1..=n).map(|i| 0.5 * (digamma(i as f64 / 2.0) + (2.0 / n as f64).ln())).sum();
    let variance: f64 = (1..=n).map(|i| 0.25 * trigamma(i as f64 / 2.0)).sum();
    for seed in 0..3 {
        let spectrum = spectrum(seed);
        assert_eq!(spectrum.rank(), n);
        let ln_det: f64 = spectrum.ln_values().iter().sum();
        let z = (ln_det - depth as f64 * per_layer) / (depth as f64 * variance).sqrt();
        assert!(z.abs() < 4.0, "{z}");
        // Against the determinants of the layers, where no product is needed.
        let network = network(n, &vec![n; depth], &Activation::Identity).init(LeCun::normal, seed).unwrap();
        let layers: f64 = (0..depth).map(|l| ln_by_svd(network.weight(l), n).iter().sum::<f64>()).sum();
        assert_relative_eq!(ln_det, layers, epsilon = 0.0, max_relative = 1e-12);
    }
}

/// digamma and trigamma, by recurrence to large arguments and their asymptotic series.
fn polygamma(mut x: f64) -> (f64, f64) {
    let (mut digamma, mut trigamma) = (0.0, 0.0);
    while x < 20.0 {
        digamma -= 1.0 / x;
        trigamma += 1.0 / (x * x);
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    digamma += x.ln() - 0.5 / x - y * (1.0 / 12.0 - y * (1.0 / 120.0 - y / 252.0));
    trigamma += (1.0 + 0.5 / x + y * (1.0 / 6.0 - y * (1.0 / 30.0 - y / 42.0))) / x;
    (digamma, trigamma)
}

/// How many standard errors the mean of tr P, and that of tr P^2 - ratio (tr P)^2, are from theory.
fn z_scores(
    predicted: &JacobianMoments,
    count: usize,
    networks: impl Iterator<Item = Network<f64>>,
) -> [f64; 2] {
    let ratio = (predicted.relative_variance() + 1.0) / count as f64;
    let trace = count as f64 * predicted.mean();
    let (mut first, mut second) = (Moments::new(), Moments::new());
    for network in networks {
        let spectrum = network.jacobian_spectrum(&sample(network.inputs())).unwrap();
        let squares: Vec<f64> = spectrum.values().iter().map(|s| s * s).collect();
        let sum: f64 = squares.iter().sum();
        let fourth: f64 = squares.iter().map(|square| square * square).sum();
        first.extend([sum - trace]);
        second.extend([fourth - ratio * sum * sum]);
    }
    [first, second].map(|moments| {
        let error = moments.std_dev().unwrap() / (moments.count() as f64).sqrt();
        moments.mean().unwrap() / error
    })
}

/// Layers with He's variance; the last one linear.
fn moments_of(inputs: usize, widths: &[usize], activation: &Activation, scale: f64) -> JacobianMoments {
    let gates = gate_moments(activation, 1.0).unwrap();
    let fans = [&[inputs], widths].concat();
    let layers: Vec<GatedLayer> = fans
        .windows(2)
        .map(|fan| GatedLayer { width: fan[1], variance: scale / fan[0] as f64, gates })
        .collect();
    jacobian_moments(inputs, &layers).unwrap()
}

/// Exact laws, so that only chance is left: 4.5 standard errors, once in 100,000.
#[test]
fn moments_of_networks_are_those_of_theory() {
    for (activation, scale) in [
        (Activation::Identity, 1.0),
        (Activation::Relu, 2.0),
        (Activation::LeakyRelu { negative_slope: 0.3 }, 1.8),
    ] {
        for (inputs, widths) in [(8, &[8][..]), (12, &[12; 4]), (10, &[16, 7, 12, 5])] {
            let predicted = moments_of(inputs, widths, &activation, scale);
            let count = inputs.min(widths[widths.len() - 1]);
            let law = |fan: Fan| {
                let fan_in = fan.fan_in() as f64;
                Normal::new(0.0, (scale / fan_in).sqrt())
            };
            let networks =
                || (0..3000).map(|seed| network(inputs, widths, &activation).init(law, seed).unwrap());
            let z = z_scores(&predicted, count, networks());
            assert!(z.iter().all(|z| z.abs() < 4.5), "{activation} {widths:?}: {z:?}");

            // Controls: a gain 5 % off, and a spectrum as narrow as orthogonal weights would make it.
            let wrong = moments_of(inputs, widths, &activation, 1.05 * 1.05 * scale);
            assert!(z_scores(&wrong, count, networks())[0].abs() > 4.5);
        }
    }
}

#[test]
fn closed_gates_are_exact_zeros() {
    let mut dead = Network::<f64>::new(3).dense(4, Activation::Relu).dense(2, Activation::Identity);
    dead.bias_mut(0).fill(-1.0);
    let spectrum = dead.jacobian_spectrum(&sample(3)).unwrap();
    assert_eq!(spectrum.ln_values(), [f64::NEG_INFINITY; 2]);
    assert_eq!((spectrum.rank(), spectrum.mean()), (0, 0.0));
    assert!(spectrum.relative_variance().is_nan() && spectrum.ln_condition().is_nan());
    assert_eq!(dead.jacobian(&sample(3)).unwrap(), [0.0; 2 * 3]);

    // One open unit of four: rank 1, whatever rounding does.
    let mut narrow = network(5, &[4, 5, 5], &Activation::Relu).init(He::normal, 1).unwrap();
    narrow.weight_mut(0).fill(0.1);
    narrow.bias_mut(0).copy_from_slice(&[9.0, -9.0, -9.0, -9.0]);
    let spectrum = narrow.jacobian_spectrum(&sample(5)).unwrap();
    assert!(spectrum.rank() <= 1);
    assert_eq!(spectrum.ln_values().len(), 5);

    // Equal rows: one direction, lost in the rounding of a layer.
    let mut twins = network(3, &[3, 3], &Activation::Identity).init(LeCun::normal, 4).unwrap();
    twins.weight_mut(0).fill(1.0);
    assert_eq!(twins.jacobian_spectrum(&sample(3)).unwrap().rank(), 1);
}

#[test]
fn what_has_no_jacobian_is_an_error() {
    let good = network(3, &[4, 2], &Activation::Tanh).init(He::normal, 1).unwrap();
    let spectrum = |network: &Network<f64>, x: &[f64]| network.jacobian_spectrum(x).unwrap_err();
    let both = |network: &Network<f64>, x: &[f64]| {
        let error = spectrum(network, x);
        assert_eq!(network.jacobian(x).unwrap_err(), error);
        error
    };
    assert_eq!(both(&good, &sample(4)), NnError::Inputs { expected: 3, found: 4 });
    assert_eq!(both(&good, &sample(0)), NnError::Inputs { expected: 3, found: 0 });
    for wrong in [f64::NAN, f64::INFINITY] {
        assert_eq!(both(&good, &[1.0, wrong, 0.0]), NnError::SampleNotFinite { index: 1 });
    }
    assert_eq!(both(&Network::new(3), &sample(3)), NnError::NoLayers);
    let thin = network(3, &[0], &Activation::Tanh);
    assert_eq!(both(&thin, &sample(3)), NnError::ZeroWidth { layer: 0 });
    let mut broken = good.clone();
    broken.weight_mut(1)[0] = f64::NAN;
    assert_eq!(both(&broken, &sample(3)), NnError::JacobianNotFinite { layer: 1 });
    let slopes = Activation::custom("no slope", |z| z, |_| f64::NAN);
    assert_eq!(both(&network(3, &[2], &slopes), &sample(3)), NnError::JacobianNotFinite { layer: 0 });

    // A product beyond f64 has no numbers, but logarithms.
    let exploding = network(8, &[8; 300], &Activation::Identity);
    let exploding = exploding.init(|_| Normal::new(0.0, 100.0), 1).unwrap();
    let zero = [0.0; 8];
    assert!(matches!(exploding.jacobian(&zero), Err(NnError::JacobianNotFinite { .. })));
    assert!(exploding.jacobian_spectrum(&zero).unwrap().ln_values()[7] > 700.0);
}

/// The network's scalar does not matter: all is computed in f64.
#[test]
fn single_precision_networks_too() {
    let network = Network::<f32>::new(6).dense(6, Activation::Tanh).dense(6, Activation::Tanh);
    let network = network.init(LeCun::normal, 1).unwrap();
    let x: Vec<f32> = sample(6).into_iter().map(|x| x as f32).collect();
    let exact = ln_by_svd(&network.jacobian(&x).unwrap(), 6);
    assert_same(&network.jacobian_spectrum(&x).unwrap(), &exact, 1e-11);
}
