//! Models of a stranger, tested: each property for any seed.

use downstream::{Convolution, Perceptron, Start};
use fanin::chain::GradientChain;
use fanin::testing::{any_seed, assert_gradient_flow, assert_independent, assert_law, assert_model};
use fanin::theory::{Inputs, LayerLaw, NetworkLaw};
use fanin::{Activation, Fan, He, InitializerExt, Normal, Scalar, Seed, Xavier};
use proptest::prelude::*;

fn noise<T: Scalar>(seed: Seed, len: usize) -> Vec<T> {
    let mut values = vec![T::zero(); len];
    Normal::new(0.0, 1.0).seed(seed).fill(&mut values);
    values
}

proptest! {
    #[test]
    fn a_perceptron_is_started_as_promised(seed in any_seed(), width in 1..64_usize) {
        let model = Perceptron::new(width, 3, seed);
        for w in model.weights() {
            assert_law!(w, He::normal(width));
        }
        let [first, second, third] = model.weights() else { unreachable!("three layers") };
        assert_independent!(first, second);
        assert_independent!(second, third);
        assert_independent!(first, third);
        let law = He::normal(width);
        assert_model!([("first", first, law), ("second", second, law), ("third", third, law)], "width {width}");
    }

    #[test]
    fn a_convolution_is_started_as_promised(seed in any_seed(), channels in 1..32_usize) {
        let model = Convolution::new(channels, 8, 2, Start::Right, seed);
        let fan = Fan::conv(channels, channels, [3]);
        model.weights().iter().for_each(|w| assert_law!(w, Xavier::uniform(fan)));
        assert_independent!(model.weights()[0], model.weights()[1]);
    }
}

#[test]
#[should_panic(expected = "a gain off by that, or a fan 0.3")]
fn the_forgotten_kernel_is_caught_by_the_law() {
    let fan = Fan::conv(32, 32, [3]);
    let model = Convolution::new(32, 8, 1, Start::KernelForgotten, Seed::random());
    assert_law!(model.weights()[0], Xavier::uniform(fan));
}

#[test]
fn gradients_flow_back_through_a_perceptron() {
    let model = |seed: Seed| {
        let net = Perceptron::new(64, 12, seed);
        net.gradient_chain(&noise(seed.child("input"), 64), &noise(seed.child("gradient"), 64))
    };
    assert_gradient_flow!(model);
    // Twelve layers, the last of which takes the place of an output layer.
    let layers = (0..12).map(|_| LayerLaw::dense(64, 64, He::normal(64).law(), Activation::Relu));
    let law = NetworkLaw::new(layers).unwrap();
    assert_gradient_flow!(model, law.bands(&Inputs::alike(1.0, 0.0).unwrap()).unwrap());
}

fn convolution(start: Start) -> impl Fn(Seed) -> GradientChain {
    move |seed| {
        let net = Convolution::new(16, 16, 10, start, seed);
        // So small that tanh is linear: what is left is what the weights do.
        let input: Vec<f64> = noise(seed.child("input"), 256).iter().map(|x: &f64| 1e-3 * x).collect();
        net.gradient_chain(&input, &noise(seed.child("gradient"), 256))
    }
}

#[test]
fn gradients_flow_back_through_a_convolution() {
    assert_gradient_flow!(convolution(Start::Right), -1.5..=1.5);
}

#[test]
#[should_panic(expected = "each layer multiplies the squared gradient by")]
fn the_forgotten_kernel_is_caught_by_the_gradient() {
    assert_gradient_flow!(convolution(Start::KernelForgotten), -1.5..=1.5);
}
