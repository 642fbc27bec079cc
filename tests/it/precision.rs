//! Where a chain leaves the range of its scalar: predicted, and met.

use fanin::chain::GradientChain;
use fanin::nn::{Loss, Network};
use fanin::theory::{Horizon, Inputs, Magnitude, NetworkLaw, Precision};
use fanin::{Activation, Fan, Law, Normal, Scalar, Seed};
use ndarray::NdFloat;

use crate::prediction::{deep, noise};

const DEPTH: usize = 50;
const WIDTH: usize = 100;
const SAMPLES: usize = 32;

fn tiny(_: Fan) -> Law {
    Normal::new(0.0, 0.01).law()
}

fn measured<T: Scalar + NdFloat>(activation: &Activation, rule: impl Fn(Fan) -> Law) -> GradientChain {
    let hidden = (0..DEPTH).fold(Network::<T>::new(WIDTH), |net, _| net.dense(WIDTH, activation.clone()));
    let network = hidden.dense(10, Activation::Identity).init(rule, 1).unwrap();
    let batch = noise(Seed::from(2), SAMPLES, WIDTH).mapv(T::from_f64);
    let labels: Vec<usize> = (0..SAMPLES).map(|i| i % 10).collect();
    network.gradient_chain(&batch, &labels, Loss::SoftmaxCrossEntropy).unwrap()
}

fn predicted(activation: &Activation, rule: impl Fn(Fan) -> Law, precision: Precision) -> Horizon {
    let law = NetworkLaw::from_network(&deep(DEPTH, WIDTH, activation), rule).unwrap();
    let inputs = Inputs::alike(1.0, 0.0).unwrap();
    // Softmax of almost equal outputs: p - y is 0.1 nine times and -0.9 once, over the samples.
    let output_delta = 0.3 / SAMPLES as f64;
    Horizon::from_prediction(&law.predict(&inputs).unwrap(), &inputs, precision, output_delta, SAMPLES)
}

/// Layers agree, give or take one: a layer is a factor of 10.
fn close(a: Option<(usize, Magnitude)>, b: Option<(usize, Magnitude)>) -> bool {
    match (a, b) {
        (Some((a, _)), Some((b, _))) => a.abs_diff(b) <= 1,
        (a, b) => a == b,
    }
}

/// tanh, 50 layers, N(0, 0.01^2), f32: forwards and back a tenth a layer, and their product is 0 everywhere.
#[test]
fn all_weight_gradients_are_zero_by_double_underflow() {
    let chain = measured::<f32>(&Activation::Tanh, tiny);
    let zero = chain.layers().iter().filter(|layer| layer.d_weight().unwrap().max() == Some(0.0));
    assert_eq!(zero.count(), DEPTH + 1, "every element of every dW");
    let met = Horizon::from_chain(&chain, Precision::F32);
    let horizon = predicted(&Activation::Tanh, tiny, Precision::F32);
    println!("predicted {horizon}\nmeasured  {met}");
    assert_eq!(met.zero_weight_gradients(), DEPTH + 1);
    assert_eq!(horizon.zero_weight_gradients(), DEPTH + 1);
    assert!(close(met.forward(), horizon.forward()) && close(met.backward(), horizon.backward()));
    // Not for want of either factor: half-way down both z and delta are sound.
    let middle = &chain.layers()[DEPTH / 2];
    assert!(middle.z().unwrap().rms().unwrap() > 1e-30 && middle.delta().rms().unwrap() > 1e-30);
    // f64 holds all of it.
    let chain = measured::<f64>(&Activation::Tanh, tiny);
    let met = Horizon::from_chain(&chain, Precision::F64);
    assert_eq!((met.forward(), met.backward(), met.zero_weight_gradients()), (None, None, 0));
    assert_eq!(met.to_string(), "f64: nothing is lost");
    // And what f64 measures tells of every other format.
    for precision in [Precision::F16, Precision::BF16, Precision::F32] {
        let (met, horizon) =
            (Horizon::from_chain(&chain, precision), predicted(&Activation::Tanh, tiny, precision));
        println!("predicted {horizon}\nmeasured  {met}");
        assert!(close(met.forward(), horizon.forward()) && close(met.backward(), horizon.backward()));
        assert_eq!(met.zero_weight_gradients(), horizon.zero_weight_gradients());
    }
}

#[test]
fn explosions_are_foreseen() {
    let rule = |_: Fan| Normal::new(0.0, 1.0).law();
    let horizon = predicted(&Activation::Relu, rule, Precision::F32);
    let met = Horizon::from_chain(&measured::<f32>(&Activation::Relu, rule), Precision::F32);
    println!("predicted {horizon}\nmeasured  {met}");
    assert!(matches!(horizon.forward(), Some((_, Magnitude::Overflow))));
    assert!(close(met.forward(), horizon.forward()));
}

/// What every value does when it is rounded to a format after each operation, as a network in that
/// format does: the first layer whose root mean square is not that of a normal number.
#[cfg(feature = "half")]
fn met_in<H: Scalar>(activation: &Activation, rule: impl Fn(Fan) -> Law) -> Horizon {
    use fanin::chain::Layer;
    use ndarray::Array2;

    let round = |value: f64| Scalar::to_f64(H::from_f64(value));
    let network = deep(DEPTH, WIDTH, activation).init(rule, 1).unwrap();
    let weight = |l: usize| network.weight(l).mapv(round);
    let (mut h, mut zs, mut hs) = (noise(Seed::from(2), SAMPLES, WIDTH).mapv(round), vec![], vec![]);
    for l in 0..=DEPTH {
        let z: Array2<f64> = h.dot(&weight(l).t()).mapv(round);
        hs.push(h);
        h = z.mapv(|z| round(network.activation(l).phi(z)));
        zs.push(z);
    }
    let mut delta = Array2::from_shape_fn((SAMPLES, 10), |(i, j)| {
        let softmax = (h[[i, j]]).exp() / h.row(i).mapv(f64::exp).sum();
        round((softmax - f64::from(u8::from(j == i % 10))) / SAMPLES as f64)
    });
    let mut layers = Vec::new();
    let flat = |array: &Array2<f64>| array.iter().map(|&value| H::from_f64(value)).collect::<Vec<H>>();
    for l in (0..=DEPTH).rev() {
        let d_weight = delta.t().dot(&hs[l]).mapv(round);
        let layer = Layer::new("", delta.ncols(), &flat(&delta));
        layers.push(layer.pre_activation(&flat(&zs[l])).weight_gradient(&flat(&d_weight)));
        if l > 0 {
            let signal = delta.dot(&weight(l)).mapv(round);
            delta = signal * zs[l - 1].mapv(|z| round(network.activation(l - 1).derivative(z)));
            delta.mapv_inplace(round);
        }
    }
    layers.reverse();
    Horizon::from_chain(&GradientChain::from_layers(layers).unwrap(), Precision::from_scalar::<H>())
}

#[cfg(feature = "half")]
#[test]
fn halves_meet_their_horizon() {
    for (activation, rule) in [(Activation::Tanh, tiny as fn(Fan) -> Law), (Activation::Relu, tiny)] {
        for (met, precision) in [
            (met_in::<half::f16>(&activation, rule), Precision::F16),
            (met_in::<half::bf16>(&activation, rule), Precision::BF16),
        ] {
            assert_eq!(met.precision(), precision);
            let horizon = predicted(&activation, rule, precision);
            println!("predicted {horizon}\nmeasured  {met}");
            assert!(close(met.forward(), horizon.forward()) && close(met.backward(), horizon.backward()));
            assert_eq!(met.zero_weight_gradients(), DEPTH + 1);
            assert_eq!(horizon.zero_weight_gradients(), DEPTH + 1);
        }
    }
}

#[test]
fn formats_have_their_ranges() {
    assert_eq!(Precision::from_scalar::<f32>(), Precision::F32);
    assert_eq!(Precision::from_scalar::<f64>(), Precision::F64);
    #[cfg(feature = "half")]
    {
        assert_eq!(Precision::from_scalar::<half::f16>(), Precision::F16);
        assert_eq!(Precision::from_scalar::<half::bf16>(), Precision::BF16);
    }
    for precision in [Precision::F16, Precision::BF16, Precision::F32, Precision::F64] {
        assert_eq!(precision.magnitude(0.0), Magnitude::Zero, "{}", precision.name());
        assert_eq!(precision.magnitude(1.0), Magnitude::Normal);
        assert_eq!(precision.magnitude(f64::INFINITY), Magnitude::Overflow);
        assert_eq!(precision.magnitude(f64::NAN), Magnitude::Overflow, "NaN is never fine");
    }
}

/// A delta of 0, no samples, NaN: no panic, and nothing that is called normal.
#[test]
fn a_loss_that_sends_nothing() {
    let law = NetworkLaw::from_network(&deep(3, 8, &Activation::Relu), tiny).unwrap();
    let inputs = Inputs::alike(1.0, 0.0).unwrap();
    let prediction = law.predict(&inputs).unwrap();
    let horizon =
        |delta: f64, samples| Horizon::from_prediction(&prediction, &inputs, Precision::F32, delta, samples);
    assert_eq!(horizon(0.0, 4).backward(), Some((3, Magnitude::Zero)));
    assert_eq!(horizon(0.1, 0).zero_weight_gradients(), 4);
    assert_eq!(horizon(f64::NAN, 4).backward(), Some((3, Magnitude::Overflow)));
}
