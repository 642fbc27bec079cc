//! The network against finite differences, hand arithmetic, and what it must refuse.

use approx::assert_relative_eq;
use fanin::chain::Verdict;
use fanin::nn::{LayerTape, Loss, Network, NnError, Tape, Target};
use fanin::{Activation, Constant, Custom, He, InitError, InitializerExt, Normal, Seed, Xavier};
use ndarray::{Array2, ArrayView2, ShapeBuilder, array};

const LOSSES: [Loss; 2] = [Loss::MeanSquaredError, Loss::SoftmaxCrossEntropy];
const LABELS: [usize; 6] = [0, 2, 1, 1, 0, 2];

fn batch(samples: usize, inputs: usize) -> Array2<f64> {
    let law = Normal::new(0.0, 1.0).seed(5);
    let mut batch = Array2::zeros((samples, inputs));
    law.fill(&mut batch);
    batch
}

fn small(activation: &Activation, seed: u64) -> Network<f64> {
    Network::new(4)
        .dense(5, activation.clone())
        .dense(6, activation.clone())
        .dense(3, activation.clone())
        .init(Xavier::normal, seed)
        .and_then(|network| network.init_bias(|_| Normal::new(0.0, 0.3), seed))
        .unwrap()
}

/// dL/dparameter by a central difference of fourth order, (8 (L(+s) - L(-s)) - (L(+2s) - L(-2s))) /
/// 12 s.
///
/// With s = 1e-3 the truncation error, s^4 L^(5) / 30, is about 3e-14 and the rounding error, eps L
/// / s, about 2e-13: both far below 1e-6 of any gradient that counts here.
fn slope(mut loss: impl FnMut(f64) -> f64) -> f64 {
    const STEP: f64 = 1e-3;
    let mut odd = |step: f64| loss(step) - loss(-step);
    (8.0 * odd(STEP) - odd(2.0 * STEP)) / (12.0 * STEP)
}

/// The largest error of the tape's parameter gradients, relative to the root mean square of the
/// layer's gradients: a single component may be 0 by chance.
fn worst_error(
    network: &Network<f64>,
    tape: &Tape<f64>,
    x: &Array2<f64>,
    target: Target<'_, f64>,
    loss: Loss,
) -> f64 {
    let mut worst = 0.0_f64;
    for (l, layer) in tape.layers().iter().enumerate() {
        let size =
            (layer.d_weight().iter().map(|d| d * d).sum::<f64>() / layer.d_weight().len() as f64).sqrt();
        assert!(size > 0.0, "layer {l} has no gradient to compare with");
        for (index, gradient) in layer.d_weight().indexed_iter() {
            let numeric = slope(|step| {
                let mut moved = network.clone();
                moved.weight_mut(l)[index] += step;
                moved.loss(x, target, loss).unwrap()
            });
            worst = worst.max((gradient - numeric).abs() / size);
        }
        for (index, gradient) in layer.d_bias().indexed_iter() {
            let numeric = slope(|step| {
                let mut moved = network.clone();
                moved.bias_mut(l)[index] += step;
                moved.loss(x, target, loss).unwrap()
            });
            worst = worst.max((gradient - numeric).abs() / size);
        }
    }
    worst
}

/// Whether a pre-activation lies so near a place where activations have kinks that a step may cross it.
fn near_a_kink(tape: &Tape<f64>) -> bool {
    let near = |z: &f64| [-1.0, 0.0, 1.0].iter().any(|kink| (z - kink).abs() < 0.02);
    tape.layers().iter().flat_map(LayerTape::z).any(near)
}

/// A small network, away from kinks, and its tape.
fn recorded(
    activation: &Activation,
    x: &Array2<f64>,
    target: Target<'_, f64>,
    loss: Loss,
) -> (Network<f64>, Tape<f64>) {
    (0..200)
        .map(|seed| {
            let network = small(activation, seed);
            let mut tape = Tape::new();
            network.backward(x, target, loss, &mut tape).unwrap();
            (network, tape)
        })
        .find(|(_, tape)| !near_a_kink(tape))
        .unwrap()
}

#[test]
fn gradients_agree_with_finite_differences() {
    let x = batch(6, 4);
    let values = array![
        [0.2, 0.3, 0.5],
        [1.0, 0.0, 0.0],
        [0.1, 0.1, 0.8],
        [0.4, 0.2, 0.4],
        [0.0, 1.0, 0.0],
        [0.3, 0.3, 0.4]
    ];
    for activation in activations() {
        for loss in LOSSES {
            for target in [Target::from(&LABELS), Target::from(&values)] {
                let (network, tape) = recorded(&activation, &x, target, loss);
                let error = worst_error(&network, &tape, &x, target, loss);
                assert!(error <= 1e-6, "{activation} {loss:?}: {error:e}");
            }
        }
    }
}

/// The negative control: a derivative that is wrong by one part in a thousand is seen by the same
/// comparison.
#[test]
fn finite_differences_catch_a_wrong_derivative() {
    let x = batch(6, 4);
    let wrong = Activation::from(Custom::new("wrong tanh", f64::tanh, |z| 1.001 * (1.0 - z.tanh().powi(2))));
    for loss in LOSSES {
        let (network, tape) = recorded(&wrong, &x, (&LABELS).into(), loss);
        let error = worst_error(&network, &tape, &x, (&LABELS).into(), loss);
        assert!(error > 1e-5, "{loss:?}: {error:e}");
    }
}

#[test]
fn forward_is_what_hand_arithmetic_says() {
    let mut network = Network::<f64>::new(2).dense(2, Activation::Relu).dense(1, Activation::Identity);
    network.weight_mut(0).assign(&array![[1.0, 2.0], [-1.0, 1.0]]);
    network.bias_mut(0).assign(&array![0.5, 0.0]);
    network.weight_mut(1).assign(&array![[3.0, 10.0]]);
    // z = (1 + 4 + .5, -1 + 2), then (1 - 2 + .5, -1 - 1) is cut off.
    let x = array![[1.0, 2.0], [1.0, -1.0]];
    assert_eq!(network.forward(&x).unwrap(), array![[3.0 * 5.5 + 10.0], [0.0]]);
    // Any memory order is the same batch.
    let mut columns = Array2::zeros((2, 2).f());
    columns.assign(&x);
    assert_eq!(network.forward(&columns).unwrap(), network.forward(&x).unwrap());
}

#[test]
fn one_step_moves_against_the_gradient() {
    let x = batch(6, 4);
    let mut network = small(&Activation::Tanh, 1);
    let mut tape = Tape::new();
    let before = network.backward(&x, &LABELS, Loss::SoftmaxCrossEntropy, &mut tape).unwrap();
    let mut expected = network.weight(1).to_owned();
    expected.scaled_add(-0.5, tape.layers()[1].d_weight());
    let reported = network.train_step(&x, &LABELS, Loss::SoftmaxCrossEntropy, 0.5).unwrap();
    assert_eq!(reported, before);
    assert_eq!(network.weight(1), expected);
    assert!(network.loss(&x, &LABELS, Loss::SoftmaxCrossEntropy).unwrap() < before);
    for _ in 0..300 {
        network.train_step(&x, &LABELS, Loss::SoftmaxCrossEntropy, 0.5).unwrap();
    }
    assert_eq!(network.accuracy(&x, &LABELS), Ok(1.0));
}

#[test]
fn a_tape_serves_batches_of_any_size() {
    let network = small(&Activation::Tanh, 1);
    let mut used = Tape::new();
    for samples in [6, 3, 6] {
        let x = batch(samples, 4);
        let labels = &LABELS[..samples];
        network.backward(&x, labels, Loss::MeanSquaredError, &mut used).unwrap();
        let mut fresh = Tape::new();
        network.backward(&x, labels, Loss::MeanSquaredError, &mut fresh).unwrap();
        assert_eq!(used, fresh);
    }
}

#[test]
fn steps_reuse_their_buffers() {
    let mut network = small(&Activation::Tanh, 1);
    let x = batch(6, 4);
    let mut tape = Tape::new();
    let mut places = |network: &Network<f64>| {
        network.backward(&x, &LABELS, Loss::MeanSquaredError, &mut tape).unwrap();
        let places = |layer: &LayerTape<f64>| {
            [layer.z(), layer.h(), layer.signal(), layer.delta(), layer.d_weight()]
                .map(|tensor| tensor.as_ptr())
        };
        tape.layers().iter().map(places).collect::<Vec<_>>()
    };
    let first = places(&network);
    network.train_step(&x, &LABELS, Loss::MeanSquaredError, 0.1).unwrap();
    assert_eq!(first, places(&network));
}

#[test]
fn seeds_name_layers() {
    let build = || Network::<f32>::new(4).dense(5, Activation::Relu).dense(3, Activation::Identity);
    let network = build().init(He::normal, 7).unwrap();
    let mut expected = Array2::<f32>::zeros((3, 5));
    let stream = Seed::from(7).child("layer2.weight");
    He::normal(5).seed(stream).fill(&mut expected);
    assert_eq!(network.weight(1), expected);
    assert!(network.bias(0).iter().all(|&bias| bias == 0.0));

    let deeper = build().dense(2, Activation::Identity).init(He::normal, 7).unwrap();
    assert_eq!(deeper.weight(0), network.weight(0));
    assert_eq!(deeper.weight(1), network.weight(1));
    assert_ne!(build().init(He::normal, 8).unwrap().weight(0), network.weight(0));
}

/// The chain's tensors are those of the network, and its split is exact.
#[test]
fn the_chain_of_a_network() {
    let x = batch(6, 4);
    let network = small(&Activation::Tanh, 1);
    let mut tape = Tape::new();
    network.backward(&x, &LABELS, Loss::SoftmaxCrossEntropy, &mut tape).unwrap();
    let chain = network.chain_of(&tape).unwrap();
    assert_eq!(chain, network.gradient_chain(&x, &LABELS, Loss::SoftmaxCrossEntropy).unwrap());
    assert_eq!(
        chain.layers().iter().map(|l| (l.name(), l.width())).collect::<Vec<_>>(),
        [("layer1", 5), ("layer2", 6), ("layer3", 3)]
    );
    assert_eq!(chain.live_samples(), 6);

    let norms = |l: usize| {
        tape.layers()[l].delta().rows().into_iter().map(|row| row.dot(&row).ln()).sum::<f64>() / 6.0
    };
    let sum: f64 = chain.factors().iter().map(|f| f.ln_weight().unwrap() + f.ln_gate().unwrap()).sum();
    assert_relative_eq!(sum, norms(0) - norms(2), epsilon = 1e-12, max_relative = 1e-12);
    // dL/dh of a hidden layer is W^T delta of the next.
    let arrives = tape.layers()[2].delta().dot(&network.weight(2));
    assert!(tape.layers()[1].signal().iter().zip(&arrives).all(|(a, b)| (a - b).abs() <= 1e-15));
}

fn relu(depth: usize, width: usize) -> Network<f32> {
    (0..depth)
        .fold(Network::new(width), |network, _| network.dense(width, Activation::Relu))
        .dense(10, Activation::Identity)
}

#[test]
fn verdicts_of_deep_relu_networks() {
    let x = batch(32, 100).mapv(|x| x as f32);
    let labels: Vec<usize> = (0..32).map(|i| i % 10).collect();
    let chain =
        |network: Network<f32>| network.gradient_chain(&x, &labels, Loss::SoftmaxCrossEntropy).unwrap();

    let he = chain(relu(30, 100).init(He::normal, 1).unwrap());
    assert_eq!(he.verdict(), Verdict::Healthy, "{he}");
    let xavier = chain(relu(30, 100).init(Xavier::normal, 1).unwrap());
    assert_eq!(xavier.verdict(), Verdict::Vanishing, "{xavier}");
    assert!(xavier.advice(xavier.verdict()).unwrap().contains("a gain of sqrt 2 is missing"), "{xavier}");
    assert!(xavier.to_string().contains("weight gradients alone would not show it"), "{xavier}");
    let large = chain(relu(30, 100).init(|_| Normal::new(0.0, 1.0), 1).unwrap());
    assert_eq!(large.verdict(), Verdict::Exploding, "{large}");
    // std 1 at width 100 doubles rms by 7 a layer: beyond f32 after 45 layers.
    let overflow = chain(relu(60, 100).init(|_| Normal::new(0.0, 1.0), 1).unwrap());
    assert!(matches!(overflow.verdict(), Verdict::NonFinite { layer: 30.. }), "{overflow}");
    let zero = chain(relu(3, 100).init(|_| Constant::new(0.0), 1).unwrap());
    assert_eq!(zero.verdict(), Verdict::Dead { layer: 2 }, "{zero}");
    // Underflow is vanishing, not death: deltas of f32 end at 1e-45.
    let tiny = chain(relu(50, 100).init(|_| Normal::new(0.0, 0.01), 1).unwrap());
    assert_eq!(tiny.verdict(), Verdict::Vanishing, "{tiny}");
}

#[test]
fn what_does_not_fit_is_an_error_that_names_it() {
    let good = Network::<f32>::new(3).dense(2, Activation::Identity);
    let x = |rows, columns| Array2::<f32>::zeros((rows, columns));
    let forward = |network: &Network<f32>| network.forward(&x(1, 3)).unwrap_err();

    assert_eq!(forward(&Network::new(3)), NnError::NoLayers);
    assert_eq!(forward(&Network::new(0).dense(2, Activation::Identity)), NnError::NoInputs);
    let thin = Network::new(3).dense(2, Activation::Relu).dense(0, Activation::Identity);
    assert_eq!(forward(&thin), NnError::ZeroWidth { layer: 1 });
    assert_eq!(thin.init(He::normal, 1).unwrap_err(), NnError::ZeroWidth { layer: 1 });
    let huge = Network::<f32>::new(3).dense(usize::MAX, Activation::Identity);
    assert_eq!(forward(&huge), NnError::TooLarge { layer: 0, inputs: 3, width: usize::MAX });

    assert_eq!(good.forward(&x(1, 4)), Err(NnError::Inputs { expected: 3, found: 4 }));
    assert_eq!(good.forward(&x(0, 3)), Err(NnError::EmptyBatch));
    assert_eq!(good.accuracy(&x(1, 3), &[2]), Err(NnError::Label { sample: 0, label: 2, classes: 2 }));
    assert_eq!(good.accuracy(&x(2, 3), &[0]), Err(NnError::Targets { expected: 2, found: 1 }));
    let chain = |targets: Target<'_, f32>| {
        good.gradient_chain(&x(1, 3), targets, Loss::MeanSquaredError).unwrap_err()
    };
    assert_eq!(chain((&[0, 1]).into()), NnError::Targets { expected: 1, found: 2 });
    assert_eq!(chain((&x(1, 3)).into()), NnError::Outputs { expected: 2, found: 3 });
    assert_eq!(
        chain(Target::Values(ArrayView2::from(&[[0.0; 2]; 2]))),
        NnError::Targets { expected: 1, found: 2 }
    );

    let bad_law = good.clone().init(|_| Normal::new(0.0, -1.0), 1).unwrap_err();
    assert!(matches!(bad_law, NnError::Init(InitError::Negative { value: -1.0, .. })), "{bad_law}");

    let mut network = good.clone();
    for rate in [f64::NAN, f64::INFINITY] {
        let error = network.train_step(&x(1, 3), &[0], Loss::MeanSquaredError, rate).unwrap_err();
        assert!(matches!(error, NnError::LearningRate { .. }), "{error}");
    }
    assert_eq!(network.weight(0), good.weight(0));
    assert_eq!(network.sgd_step(&Tape::new(), 0.1), Err(NnError::ForeignTape));
    assert_eq!(network.chain_of(&Tape::new()), Err(NnError::ForeignTape));
}

#[test]
fn accuracy_counts_nan_as_wrong_and_the_first_of_equals() {
    let mut network = Network::<f64>::new(1).dense(2, Activation::Identity);
    let x = array![[1.0], [1.0]];
    assert_eq!(network.accuracy(&x, &[0, 1]), Ok(0.5));
    network.weight_mut(0)[[1, 0]] = f64::NAN;
    assert_eq!(network.accuracy(&x, &[0, 0]), Ok(0.0));
    let chain = network.gradient_chain(&x, &[0, 0], Loss::SoftmaxCrossEntropy).unwrap();
    assert_eq!(chain.verdict(), Verdict::NonFinite { layer: 0 });
}

fn activations() -> Vec<Activation> {
    let cubic = Custom::new("cubic", |z| z + z * z * z / 10.0, |z| 1.0 + 0.3 * z * z);
    vec![
        Activation::Identity,
        Activation::Relu,
        Activation::LeakyRelu { negative_slope: 0.1 },
        Activation::Prelu { slope: -0.25 },
        Activation::Tanh,
        Activation::Sigmoid,
        Activation::Selu,
        Activation::Elu { alpha: 0.7 },
        Activation::Gelu,
        Activation::Silu,
        Activation::Softplus,
        Activation::Mish,
        Activation::Softsign,
        Activation::HardTanh,
        Activation::Erf,
        Activation::Sin,
        cubic.into(),
    ]
}
