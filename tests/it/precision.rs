//! Horizons: where a chain leaves the range of its scalar, predicted and met.

use fanin::chain::GradientChain;
use fanin::nn::{Loss, Network};
use fanin::theory::{Horizon, Inputs, Magnitude, NetworkLaw, Precision};
use fanin::{Activation, Fan, Law, Normal, Scalar, Seed};

use crate::prediction::{deep, noise};

const DEPTH: usize = 50;
const WIDTH: usize = 100;
const SAMPLES: usize = 32;

fn tiny(_: Fan) -> Law {
    Normal::new(0.0, 0.01).law()
}

fn measured<T: Scalar>(activation: &Activation, rule: impl Fn(Fan) -> Law) -> GradientChain {
    let hidden = (0..DEPTH).fold(Network::<T>::new(WIDTH), |net, _| net.dense(WIDTH, activation.clone()));
    let network = hidden.dense(10, Activation::Identity).init(rule, 1).unwrap();
    let batch: Vec<T> = noise(Seed::from(2), SAMPLES, WIDTH).into_iter().map(T::from_f64).collect();
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

#[cfg(feature = "half")]
#[test]
fn halves_meet_their_horizon() {
    for (activation, rule) in [(Activation::Tanh, tiny as fn(Fan) -> Law), (Activation::Relu, tiny)] {
        for (chain, precision) in [
            (measured::<half::f16>(&activation, rule), Precision::F16),
            (measured::<half::bf16>(&activation, rule), Precision::BF16),
        ] {
            let met = Horizon::from_chain(&chain, precision);
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
