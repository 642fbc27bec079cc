//! Strategies: what they make is valid, and shrinks to what a person would call the simplest.

use std::collections::HashSet;
use std::fmt::Debug;

use fanin::nn::Loss;
use fanin::testing::{
    AnyInitializer, any_activation, any_fan, any_initializer, any_network, any_seed, any_shape, check_law,
};
use fanin::{Activation, Fan, FanMode, He, Initializer, InitializerExt, Law, Layout, Seed};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestError, TestRunner};

/// The value that shrinking ends at, for a property that fails where `fails`.
fn simplest<S: Strategy>(strategy: &S, fails: impl Fn(&S::Value) -> bool) -> S::Value
where
    S::Value: Debug,
{
    // The same on every run, and nothing is written to disk.
    let mut runner = TestRunner::deterministic();
    match runner.run(
        strategy,
        |value| {
            if fails(&value) { Err(TestCaseError::fail("planted")) } else { Ok(()) }
        },
    ) {
        Err(TestError::Fail(_, value)) => value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn everything_shrinks_to_the_simplest() {
    assert_eq!(simplest(&any_seed(), |_| true), Seed::from(0));
    assert_eq!(simplest(&any_fan(), |_| true), Fan::dense(1, 1));
    assert_eq!(simplest(&any_shape(), |_| true), [1]);
    assert_eq!(simplest(&any_activation(), |_| true), Activation::Relu);
    assert_eq!(simplest(&any_initializer::<f32>(), |_| true).to_string(), "He::normal(1)");
    let network = simplest(&any_network(), |_| true);
    assert_eq!((network.inputs, network.outputs, network.seed), (1, 1, Seed::from(0)));
    assert_eq!(network.hidden, [(1, Activation::Relu)]);
    assert_eq!(simplest(&any::<Law>(), |_| true), Law::Normal { mean: 0.0, std_dev: 1.0 });
    assert_eq!(simplest(&any::<Layout>(), |_| true), Layout::OutIn);
    assert_eq!(simplest(&any::<FanMode>(), |_| true), FanMode::FanIn);
    assert_eq!(simplest(&any::<Loss>(), |_| true), Loss::MeanSquaredError);
}

#[test]
fn a_failure_shrinks_to_its_border() {
    assert_eq!(simplest(&any_seed(), |seed| *seed != Seed::from(0)), Seed::from(1));
    assert_eq!(simplest(&any_fan(), |fan| fan.fan_in() >= 100).fan_in(), 100);
    assert_eq!(simplest(&any_shape(), |shape| shape.len() >= 3), [1, 1, 1]);
    assert_eq!(
        simplest(&any_activation(), |activation| *activation != Activation::Relu),
        Activation::Identity
    );
    let network = simplest(&any_network(), |network| network.hidden.len() >= 2);
    assert_eq!(network.hidden, [(1, Activation::Relu), (1, Activation::Relu)]);
}

/// All kinds come up.
#[test]
fn nothing_is_left_out() {
    let mut runner = TestRunner::deterministic();
    let mut texts = |strategy: BoxedStrategy<String>| -> HashSet<String> {
        (0..2000).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
    };
    let activations = texts(any_activation().prop_map(|activation| activation.to_string()).boxed());
    let names: HashSet<&str> = activations.iter().map(|name| name.split('(').next().unwrap()).collect();
    assert_eq!(names.len(), 16, "{names:?}");
    let initializers = texts(any_initializer::<f32>().prop_map(|law| law.to_string()).boxed());
    let kinds: HashSet<String> =
        initializers.iter().map(|text| text.split(['(', '{']).next().unwrap().trim().to_owned()).collect();
    println!("{kinds:?}");
    assert_eq!(kinds.len(), 3 + 3 + 3 + 3 + 4, "{kinds:?}");
    let fans = texts(any_fan().prop_map(|fan| format!("{fan:?}")).boxed());
    for kind in ["receptive_field: 1,", "receptive_field: 27,", "receptive_field: 5,"] {
        assert!(fans.iter().any(|fan| fan.contains(kind)), "{kind}");
    }
}

proptest! {
    #[test]
    fn initializers_fill_in_every_scalar(
        (single, double) in any_initializer::<f32>().prop_flat_map(|single| (Just(single), any_initializer::<f64>())),
        seed in any_seed(),
    ) {
        fn check<T: fanin::Scalar>(law: &AnyInitializer<T>, seed: Seed) {
            let mut w = vec![T::zero(); 3000];
            law.clone().seed(seed).fill(&mut w);
            let mut again = w.clone();
            law.fill_shard(seed, 0, &mut again).unwrap();
            assert!(w == again, "{law}");
            if let Err(mismatch) = check_law(&w, law) {
                panic!("{law}: {mismatch}");
            }
        }
        check(&single, seed);
        check(&double, seed);
    }

    #[test]
    fn fans_make_weights(fan in any_fan()) {
        prop_assert!(fan.check().is_ok());
        prop_assert!((1..1 << 30).contains(&fan.fan_in()) && (1..1 << 30).contains(&fan.fan_out()));
    }

    #[test]
    fn shapes_are_bounded(shape in any_shape()) {
        prop_assert!((1..=5).contains(&shape.len()));
        prop_assert!((1..=248_832).contains(&shape.iter().product::<usize>()));
    }

    #[test]
    fn activations_are_numbers(activation in any_activation(), z in -10.0..10.0) {
        prop_assert!(activation.phi(z).is_finite() && activation.derivative(z).is_finite());
        prop_assert!(activation.mean_square(1.0).is_finite());
    }

    #[test]
    fn laws_can_be_drawn(law in any::<Law>()) {
        prop_assert!(law.check().is_ok(), "{:?}", law);
    }

    #[test]
    fn networks_have_chains(network in any_network(), loss in any::<Loss>()) {
        let built = network.init::<f32, _>(He::normal).unwrap();
        let chain = built.gradient_chain(&vec![1.0; 3 * network.inputs], &[0; 3], loss).unwrap();
        prop_assert_eq!(chain.layers().len(), network.hidden.len() + 1);
    }
}

#[cfg(feature = "half")]
#[test]
fn initializers_fill_halves() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..300 {
        let law = any_initializer::<half::f16>().new_tree(&mut runner).unwrap().current();
        let mut w = [half::f16::ZERO; 40];
        law.fill_shard(Seed::from(1), 0, &mut w).unwrap();
        assert!(w.iter().all(|w| w.is_finite()), "{law}");
    }
}
