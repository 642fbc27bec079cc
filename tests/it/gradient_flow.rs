//! Gradient flow: the check is quiet where it should be, and only there.

use fanin::chain::{GradientChain, Layer};
use fanin::nn::{Loss, Network};
use fanin::testing::{
    CheckGradientFlow, Expected, GradientFlowError, assert_gradient_flow, check_gradient_flow,
};
use fanin::theory::{Band, Inputs, NetworkLaw};
use fanin::{Activation, Fan, He, InitializerExt, Law, LeCun, Normal, Seed};

/// A stack of layers of one width on noise, with random labels.
#[derive(Clone)]
struct Stack {
    depth: usize,
    width: usize,
    activation: Activation,
    samples: usize,
}

impl Stack {
    fn new(depth: usize, width: usize, activation: Activation) -> Self {
        Self { depth, width, activation, samples: 2 }
    }

    fn network(&self) -> Network<f32> {
        let hidden = (0..self.depth)
            .fold(Network::new(self.width), |net, _| net.dense(self.width, self.activation.clone()));
        hidden.dense(4, Activation::Identity)
    }

    fn started(&self, rule: impl Fn(Fan) -> Law + Clone) -> impl Fn(Seed) -> GradientChain {
        let Self { width, samples, .. } = *self;
        let network = self.network();
        move |seed| {
            let mut batch = vec![0.0; samples * width];
            Normal::new(0.0, 1.0).seed(seed.child("batch")).fill(&mut batch);
            let network = network.clone().init(rule.clone(), seed).unwrap();
            let labels: Vec<usize> = (0..samples).map(|sample| sample % 4).collect();
            network.gradient_chain(&batch, &labels, Loss::SoftmaxCrossEntropy).unwrap()
        }
    }

    fn band(&self, rule: impl Fn(Fan) -> Law) -> Band {
        let law = NetworkLaw::from_network(&self.network(), rule).unwrap();
        law.band(&Inputs::alike(1.0, 0.0).unwrap()).unwrap()
    }
}

fn he(fan: Fan) -> Law {
    He::normal(fan).law()
}

fn lecun(fan: Fan) -> Law {
    LeCun::normal(fan).law()
}

type Rule = fn(Fan) -> Law;

/// Sound models of every kind, those of narrow layers among them.
fn sound() -> Vec<(Stack, Rule)> {
    vec![
        (Stack::new(5, 16, Activation::Relu), he),
        (Stack::new(20, 24, Activation::Relu), he),
        (Stack::new(3, 64, Activation::Relu), |fan| He::uniform(fan).law()),
        (Stack::new(8, 12, Activation::LeakyRelu { negative_slope: 0.2 }), |fan| {
            He::normal(fan).negative_slope(0.2).law()
        }),
        (Stack::new(6, 8, Activation::Identity), lecun),
        (Stack::new(10, 16, Activation::Tanh), lecun),
        (Stack::new(6, 24, Activation::Gelu), he),
    ]
}

/// Alarms among `runs` checks at a rate.
fn alarms(stack: &Stack, rule: fn(Fan) -> Law, runs: usize, rate: f64, expected: Expected) -> usize {
    let model = stack.started(rule);
    let root = Seed::from(3).child(stack.depth);
    let check = CheckGradientFlow::default().at_rate(rate);
    (0..runs).filter(|&run| check.from_seed(root.child(run)).check(&model, expected).is_err()).count()
}

/// A rate of 1e-9 cannot be counted; 0.05 can. Of 200 runs more than 30 alarms have a probability below 1e-7.
#[test]
fn sound_models_raise_few_alarms() {
    for (stack, rule) in sound() {
        let alarms = alarms(&stack, rule, 200, 0.05, stack.band(rule).into());
        println!("{} x {} {}: {alarms} of 200", stack.depth, stack.width, stack.activation);
        assert!(alarms <= 30, "{} x {} {}: {alarms}", stack.depth, stack.width, stack.activation);
    }
}

#[test]
#[ignore = "10^5 checks of 20 networks each: minutes"]
fn kit_raises_no_alarm_over_flows_in_1e5_runs() {
    let sound = sound();
    let runs = 100_000 / sound.len() + 1;
    for (stack, rule) in sound {
        let expected = stack.band(rule).into();
        assert_eq!(alarms(&stack, rule, runs, 1e-9, expected), 0, "{} {}", stack.depth, stack.activation);
    }
}

/// The table of the docs: 20 hidden layers of width 64, a std that is off by 8 %.
#[test]
fn wrong_models_are_caught() {
    let caught = |stack: &Stack, wrong: fn(Fan) -> Law, promised: fn(Fan) -> Law, seed: u64| {
        let check = CheckGradientFlow::default().from_seed(seed);
        check.check(&stack.started(wrong), stack.band(promised)).err()
    };
    let stack = Stack::new(20, 64, Activation::Relu);
    let missed = (0..100)
        .filter(|&seed| {
            caught(&stack, |fan| He::normal(fan).gain(1.08 * 2_f64.sqrt()).law(), he, seed).is_none()
        })
        .count();
    assert!(missed <= 3, "one in a thousand is what the docs say: {missed} of 100");

    let blockage = caught(&stack, lecun, he, 1).unwrap();
    let text = blockage.to_string();
    println!("{text}");
    for part in ["a gain of sqrt 2 is missing, or fan_out used for fan_in?", "(exact)", "seed 1:", "use He"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let GradientFlowError::Differs { ratio, evidence, .. } = blockage else { panic!("{text}") };
    assert!((ratio - 0.5).abs() < 0.03 && evidence.p_value() < 1e-9);
    // Deeper, the logits would be so far apart that a loss of two samples is exactly 0 now and then.
    let stack = Stack::new(8, 64, Activation::Relu);
    let text = caught(&stack, |fan| He::normal(fan).gain(2.0).law(), he, 1).unwrap().to_string();
    assert!(text.contains("a gain of sqrt 2 too much"), "{text}");
    // For other activations by simulation.
    let tanh = Stack::new(20, 64, Activation::Tanh);
    let text = caught(&tanh, |fan| LeCun::normal(fan).gain(0.8).law(), lecun, 1).unwrap().to_string();
    assert!(text.contains("simulated chains"), "{text}");
}

#[test]
fn ranges_are_judged_by_what_is_seen() {
    let stack = Stack::new(20, 64, Activation::Relu);
    assert_gradient_flow!(stack.started(he));
    assert_gradient_flow!(stack.started(he), -2.0..=1.0);
    let xavier = stack.started(lecun);
    let text = check_gradient_flow(&xavier, Expected::default()).unwrap_err().to_string();
    assert!(text.contains("expected between 10^-3 and 10^3") && text.contains("use He"), "{text}");
    // At the edge of what is allowed, what is seen decides: about half of one-sided checks at 0.5 are alarms.
    assert_eq!(alarms(&stack, he, 50, 1e-9, Expected::from(-0.2..=1.0)), 0);
}

#[test]
fn what_is_broken_is_refused_at_once() {
    let one = |deltas: [f64; 3]| {
        move |_: Seed| GradientChain::from_layers(deltas.map(|delta| Layer::new("", 1, &[delta]))).unwrap()
    };
    assert!(
        check_gradient_flow(&one([1.0, 2.0, 1.0]), Expected::default()).is_ok(),
        "no spread, and none needed"
    );
    assert!(matches!(
        check_gradient_flow(&one([1e-4, 1.0, 1.0]), Expected::default()),
        Err(GradientFlowError::Differs { .. })
    ));
    for broken in [0.0, f64::NAN, f64::INFINITY] {
        let blockage = check_gradient_flow(&one([broken, 1.0, 1.0]), Expected::default()).unwrap_err();
        assert!(matches!(blockage, GradientFlowError::Broken { index: 0, .. }), "{blockage}");
    }
    let shallow = |_: Seed| GradientChain::from_layers([Layer::new("", 1, &[1.0])]).unwrap();
    assert_eq!(check_gradient_flow(&shallow, Expected::default()), Err(GradientFlowError::NoSteps));
    // A range that only looks like one.
    for nothing in [1.0..=0.0, f64::NAN..=1.0] {
        let blockage = check_gradient_flow(&one([1.0; 3]), nothing).unwrap_err();
        assert!(matches!(blockage, GradientFlowError::Expected(_)), "{blockage}");
    }
    // A band of a network without steps has no spread.
    let flat = Stack::new(1, 8, Activation::Relu).band(he);
    assert!(matches!(check_gradient_flow(&one([1.0; 3]), flat), Err(GradientFlowError::Expected(_))));
    assert!(std::panic::catch_unwind(|| CheckGradientFlow::default().seeds(1)).is_err());
    assert!(std::panic::catch_unwind(|| CheckGradientFlow::default().at_rate(1.0)).is_err());
}
