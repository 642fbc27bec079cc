//! Strategies: what they make is valid, and shrinks to what a person would call the simplest.

use std::collections::HashSet;
use std::fmt::Debug;

use fanin::nn::Loss;
use fanin::testing::{
    AnyInitializer, any_activation, any_fan, any_initializer, any_network, any_seed, any_shape, check_law,
};
use fanin::{Activation, Constant, Fan, FanMode, He, Initializer, InitializerExt, Law, Layout, Normal, Seed};
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
    assert_eq!(kinds.len(), 3 + 3 + 3 + 3 + 6, "{kinds:?}");
    let fans = texts(any_fan().prop_map(|fan| format!("{fan:?}")).boxed());
    for kind in ["dense(", ", 49)", ", 5)"] {
        assert!(fans.iter().any(|fan| fan.contains(kind)), "{kind}");
    }
}

/// Values of a strategy.
fn drawn<S: Strategy>(strategy: S, count: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// Each end comes in one of eight draws: that of 2,000 less than 160 do has a probability below 1e-9 (binomial). Uniform draws
/// of 1 to 512 would meet 1 four times.
#[test]
fn ends_come_often() {
    fn often<V>(what: &str, values: &[V], matches: impl Fn(&V) -> bool) {
        let count = values.iter().filter(|value| matches(value)).count();
        println!("{what}: {count} of {}", values.len());
        assert!(count * 2000 >= 160 * values.len(), "{what}: {count} of {}", values.len());
    }
    let seeds = drawn(any_seed(), 2000);
    often("seed 0", &seeds, |&seed| seed == Seed::from(0));
    often("seed MAX", &seeds, |&seed| seed == Seed::from(u64::MAX));
    let fans = drawn(any_fan().kernels(1).groups(1), 2000);
    often("fan_in 1", &fans, |fan| fan.fan_in() == 1);
    often("fan_out 512", &fans, |fan| fan.fan_out() == 512);
    often("what lies between", &fans, |fan| (2..512).contains(&fan.fan_in()));
    let networks = drawn(any_network(), 2000);
    often("width 1", &networks, |network| network.inputs == 1);
    often("width 32", &networks, |network| network.hidden[0].0 == 32);
    let gain = |law: &AnyInitializer<f32>| number(&law.to_string(), "gain(");
    let mut gains = drawn(any_initializer::<f32>(), 8000);
    gains.retain(|law| gain(law).is_some());
    [0.0, 1.0, 4.0]
        .iter()
        .for_each(|&end| often(&format!("gain {end}"), &gains, |law| gain(law) == Some(end)));
    let mut normal = drawn(any::<Law>(), 8000);
    normal.retain(|law| matches!(law, Law::Normal { .. }));
    often("mean 0", &normal, |law| law.mean() == 0.0);
    often("std 0.001", &normal, |law| law.std_dev() == 0.001);
}

/// The number behind `before`.
fn number(text: &str, before: &str) -> Option<f64> {
    let (_, rest) = text.split_once(before)?;
    rest.split(')').next()?.parse().ok()
}

#[test]
fn floats_shrink_to_the_border() {
    let own = simplest(&(0.0..4.0), |&gain| gain >= 2.5);
    assert_ne!(own, 2.5, "once proptest's own floats do, ours are needed no more");
    let gain = |fails: fn(f64) -> bool| {
        let law =
            simplest(&any_initializer::<f32>(), |law| number(&law.to_string(), "gain(").is_some_and(fails));
        number(&law.to_string(), "gain(").unwrap()
    };
    assert_eq!(gain(|gain| gain >= 2.5), 2.5);
    assert_eq!(gain(|gain| gain > 2.5), 2.500001);
    assert_eq!(gain(|gain| gain < 0.25), 0.249999);
    assert_eq!(gain(|gain| gain <= 0.25), 0.25);
    assert_eq!(gain(|gain| gain >= 2.5_f64.sqrt()), 1.581139);
    assert_eq!(gain(|gain| gain == 0.0), 0.0, "an end");
    assert_eq!(gain(|_| true), 1.0);
    let slope = simplest(
        &any_activation(),
        |phi| matches!(phi, Activation::LeakyRelu { negative_slope } if *negative_slope > 0.0),
    );
    assert_eq!(slope, Activation::LeakyRelu { negative_slope: 0.000001 });
    let law = simplest(&any::<Law>(), |law| matches!(law, Law::Normal { mean, .. } if *mean <= -1.5));
    assert_eq!(law, Law::Normal { mean: -1.5, std_dev: 1.0 });
    let law = simplest(&any::<Law>(), |law| matches!(law, Law::Normal { std_dev, .. } if *std_dev >= 2.0));
    assert_eq!(law, Law::Normal { mean: 0.0, std_dev: 2.0 });
    // Whole numbers that were drawn at an end as well.
    for border in [2, 100, 511, 512] {
        assert_eq!(simplest(&any_fan(), |fan| fan.fan_out() >= border), Fan::dense(1, border));
    }
}

#[test]
fn ranges_are_kept() {
    for fan in drawn(any_fan().channels(4..=32).kernels(3).groups(2..=4), 1000) {
        let in_range = |field| {
            [fan.fan_in(), fan.fan_out()]
                .iter()
                .all(|side| side % field == 0 && (4..=32).contains(&(side / field)))
        };
        assert!([1, 3, 9, 27].into_iter().any(in_range), "{fan:?}");
    }
    for shape in drawn(any_shape().dimensions(2..=3).sizes(5..8), 300) {
        assert!(
            (2..=3).contains(&shape.len()) && shape.iter().all(|size| (5..8).contains(size)),
            "{shape:?}"
        );
    }
    let sevens = any_fan().channels(7).kernels(1).groups(1);
    for law in drawn(any_initializer::<f64>().gains(0.5..=0.75).fans(sevens), 500) {
        let text = law.to_string();
        assert!(number(&text, "gain(").is_none_or(|gain| (0.5..=0.75).contains(&gain)), "{text}");
        assert!(number(&text, "He::normal(").is_none_or(|fan| fan == 7.0), "{text}");
    }
    for network in drawn(any_network().widths(16).depths(3), 100) {
        assert!(network.inputs == 16 && network.outputs == 16 && network.hidden.len() == 3, "{network:?}");
    }
}

/// What is printed can be pasted into a test.
#[test]
fn values_print_as_the_expression_that_makes_them() {
    let constructors = [
        "He::",
        "Xavier::",
        "LeCun::",
        "VarianceScaling::",
        "Normal::",
        "Uniform::",
        "TruncatedNormal::",
        "Constant::",
        "LogUniform::",
        "Mamba::dt_bias_between(",
    ];
    for law in drawn(any_initializer::<f64>(), 2000) {
        let text = format!("{law:?}");
        assert_eq!(text, law.to_string());
        assert!(constructors.iter().any(|start| text.starts_with(start)), "{text}");
        assert!(!text.contains(['{', '}']) && !text.contains("n_in"), "no struct, no variable: {text}");
        assert!(!text.contains("VarianceScaling") || text.contains(", FanMode::Fan"), "{text}");
    }
    // Made again from what was printed, and pasted here.
    let pasted: [(&str, Law); 3] = [
        ("He::", He::normal(1).law()),
        ("Normal::", Normal::new(0.0, 1.0).law()),
        ("Constant::", Constant::new(0.0).law()),
    ];
    for (start, law) in pasted {
        let printed = simplest(&any_initializer::<f64>(), |law| law.to_string().starts_with(start));
        assert_eq!(printed.law(), Some(law), "{printed}");
    }
    for fan in drawn(any_fan(), 300) {
        let text = format!("{fan:?}");
        let words = text.split(['(', ',', ')', ' ']);
        let numbers: Vec<usize> = words.filter_map(|word| word.parse().ok()).collect();
        let again = match numbers[..] {
            [inputs, outputs] if text.starts_with("Fan::dense(") => Fan::dense(inputs, outputs),
            [inputs, outputs, field] if text.starts_with("Fan::conv(") => Fan::conv(inputs, outputs, field),
            _ => panic!("{text}"),
        };
        assert_eq!(again, fan, "{text}");
    }
    assert_eq!(format!("{:?}", Fan::from(784)), "Fan::from(784)");
    assert_eq!(format!("{:?}", Seed::from(u64::MAX)), "Seed::from(18446744073709551615)");
    let network = simplest(&any_network(), |network| network.hidden.len() > 1 && network.outputs > 2);
    assert_eq!(
        format!("{network:?}"),
        "Network::new(1).dense(1, Activation::Relu).dense(1, Activation::Relu).dense(3, Activation::Identity).init(rule, \
         Seed::from(0))"
    );
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
