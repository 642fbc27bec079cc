//! The network against finite differences, hand arithmetic, and what it must refuse.

use approx::assert_relative_eq;
use fanin::chain::Verdict;
use fanin::nn::{LayerTape, Loss, Network, NnError, Tape, Targets};
use fanin::{Activation, Constant, Custom, He, InitError, InitializerExt, Normal, Seed, Xavier};

const LOSSES: [Loss; 2] = [Loss::MeanSquaredError, Loss::SoftmaxCrossEntropy];
const LABELS: [usize; 6] = [0, 2, 1, 1, 0, 2];
const PROBABILITIES: [[f64; 3]; 6] =
    [[0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.1, 0.1, 0.8], [0.4, 0.2, 0.4], [0.0, 1.0, 0.0], [0.3, 0.3, 0.4]];

fn batch(samples: usize, inputs: usize) -> Vec<f64> {
    let mut batch = vec![0.0; samples * inputs];
    Normal::new(0.0, 1.0).seed(5).fill(&mut batch);
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
    x: &[f64],
    target: &dyn Targets<f64>,
    loss: Loss,
) -> f64 {
    let mut worst = 0.0_f64;
    for (l, layer) in tape.layers().iter().enumerate() {
        let size =
            (layer.d_weight().iter().map(|d| d * d).sum::<f64>() / layer.d_weight().len() as f64).sqrt();
        assert!(size > 0.0, "layer {l} has no gradient to compare with");
        for (index, gradient) in layer.d_weight().iter().enumerate() {
            let numeric = slope(|step| {
                let mut moved = network.clone();
                moved.weight_mut(l)[index] += step;
                moved.loss(x, target, loss).unwrap()
            });
            worst = worst.max((gradient - numeric).abs() / size);
        }
        for (index, gradient) in layer.d_bias().iter().enumerate() {
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
    x: &[f64],
    target: &dyn Targets<f64>,
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
    for activation in activations() {
        for loss in LOSSES {
            for target in [&LABELS as &dyn Targets<f64>, &PROBABILITIES] {
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
        let (network, tape) = recorded(&wrong, &x, &LABELS, loss);
        let error = worst_error(&network, &tape, &x, &LABELS, loss);
        assert!(error > 1e-5, "{loss:?}: {error:e}");
    }
}

#[test]
fn forward_is_what_hand_arithmetic_says() {
    let mut network = Network::<f64>::new(2).dense(2, Activation::Relu).dense(1, Activation::Identity);
    network.weight_mut(0).copy_from_slice(&[1.0, 2.0, -1.0, 1.0]);
    network.bias_mut(0).copy_from_slice(&[0.5, 0.0]);
    network.weight_mut(1).copy_from_slice(&[3.0, 10.0]);
    assert_eq!((network.shape(0), network.shape(1)), ([2, 2], [1, 2]));
    // z = (1 + 4 + .5, -1 + 2), then (1 - 2 + .5, -1 - 1) is cut off.
    assert_eq!(network.forward(&[1.0, 2.0, 1.0, -1.0]).unwrap(), [3.0 * 5.5 + 10.0, 0.0]);
}

/// Whatever holds them, the numbers are the same.
#[test]
fn batches_and_targets_of_every_kind() {
    let network = small(&Activation::Tanh, 1);
    let flat = batch(6, 4);
    let rows: [[f64; 4]; 6] = std::array::from_fn(|i| std::array::from_fn(|j| flat[4 * i + j]));
    let outputs = network.forward(&flat).unwrap();
    assert_eq!(outputs.len(), 6 * 3);
    assert_eq!(network.forward(flat.as_slice()).unwrap(), outputs);
    assert_eq!(network.forward(&&flat[..]).unwrap(), outputs);
    assert_eq!(network.forward(&flat.clone().into_boxed_slice()).unwrap(), outputs);
    assert_eq!(network.forward(&rows).unwrap(), outputs);
    assert_eq!(network.forward(&rows[..]).unwrap(), outputs);
    assert_eq!(network.forward(&rows.to_vec()).unwrap(), outputs);
    assert_eq!(network.forward(&rows[1..]).unwrap(), outputs[3..]);

    let one_hot = LABELS.map(|label| std::array::from_fn(|j| f64::from(u8::from(j == label))));
    let one_hot: [[f64; 3]; 6] = one_hot;
    for loss in LOSSES {
        let chain = |targets: &dyn Targets<f64>| network.gradient_chain(&flat, targets, loss).unwrap();
        let expected = chain(&LABELS);
        assert_eq!(chain(&LABELS.map(|label| label as u8)), expected);
        assert_eq!(chain(&LABELS.map(|label| label as u64).to_vec()), expected);
        assert_eq!(chain(&LABELS.map(|label| label as i64)), expected);
        assert_eq!(chain(&&LABELS.map(|label| label as u32)[..]), expected);
        assert_eq!(chain(&[0, 2, 1, 1, 0, 2]), expected);
        assert_eq!(chain(&one_hot), expected);
        assert_eq!(chain(&one_hot.concat()), expected);
        assert_ne!(chain(&PROBABILITIES), expected);
        assert_eq!(network.loss(&flat, &LABELS[..], loss), network.loss(&flat, &one_hot[..], loss));
    }
}

#[cfg(feature = "ndarray")]
#[test]
fn batches_and_targets_of_ndarray_in_any_order() {
    use ndarray::{Array1, Array2, ArrayView2, ShapeBuilder, s};

    let network = small(&Activation::Tanh, 1);
    let flat = batch(6, 4);
    let outputs = network.forward(&flat).unwrap();
    let array = Array2::from_shape_vec((6, 4), flat.clone()).unwrap();
    let mut columns = Array2::zeros((6, 4).f());
    columns.assign(&array);
    assert!(columns.as_slice().is_none());
    let mut padded = Array2::from_elem((12, 8), f64::NAN);
    padded.slice_mut(s![..;2, 1..5]).assign(&array);
    for view in [array.view(), columns.view(), padded.slice(s![..;2, 1..5])] {
        assert_eq!(network.forward(&view).unwrap(), outputs);
        assert_eq!(network.forward(&*view).unwrap(), outputs);
    }
    assert_eq!(network.forward(&array).unwrap(), outputs);
    assert_eq!(network.forward(&columns).unwrap(), outputs);
    assert_eq!(network.forward(&Array1::from(flat.clone())).unwrap(), outputs);
    assert_eq!(network.forward(&columns.t()), Err(NnError::Inputs { expected: 4, found: 6 }));
    assert_eq!(network.forward(&Array2::zeros((6, 0))), Err(NnError::Inputs { expected: 4, found: 0 }));
    assert_eq!(network.forward(&Array2::zeros((0, 4))), Err(NnError::EmptyBatch));

    let loss = Loss::SoftmaxCrossEntropy;
    let of = |targets: &dyn Targets<f64>| network.loss(&flat, targets, loss);
    let labels = Array1::from(LABELS.to_vec());
    assert_eq!(of(&labels), of(&LABELS));
    let backwards = Array1::from_iter(LABELS.iter().rev().map(|&label| label as u8));
    assert_eq!(of(&backwards.slice(s![..;-1])), of(&LABELS));
    let values = ArrayView2::from(&PROBABILITIES);
    let mut columns = Array2::zeros((6, 3).f());
    columns.assign(&values);
    assert_eq!(of(&values), of(&PROBABILITIES));
    assert_eq!(of(&columns), of(&PROBABILITIES));
}

/// Sums over inputs and samples are kept in more digits and rounded once.
#[cfg(feature = "half")]
#[test]
fn halves_multiply_as_accelerators_do() {
    fn of<H: fanin::Scalar>() {
        const INPUTS: usize = 1000;
        const SAMPLES: usize = 4096;
        let (half, wide) = (|x: f64| H::from_f64(x), |x: H| fanin::Scalar::to_f64(x));
        let mut network = Network::<H>::new(INPUTS).dense(1, Activation::Identity);
        let weights: Vec<f64> = (0..INPUTS).map(|i| f64::from(i as u32 % 7) - 2.0).collect();
        network.weight_mut(0).iter_mut().zip(&weights).for_each(|(to, &w)| *to = half(w));
        network.bias_mut(0)[0] = half(0.5);
        let (x, targets) = (vec![half(1.0); SAMPLES * INPUTS], vec![half(1000.0); SAMPLES]);
        let mut tape = Tape::new();
        network.train_step(&x, &targets, Loss::MeanSquaredError, 0.5, &mut tape).unwrap();

        let z = half(weights.iter().sum::<f64>() + 0.5);
        let delta = half(2.0 * (wide(z) - 1000.0) / SAMPLES as f64);
        let sum = half(SAMPLES as f64 * wide(delta));
        let layer = &tape.layers()[0];
        for (tensor, expected) in
            [(layer.z(), z), (layer.delta(), delta), (layer.d_weight(), sum), (layer.d_bias(), sum)]
        {
            assert!(tensor.iter().all(|&value| value == expected), "{} is not {expected}", tensor[0]);
        }
        assert_eq!(network.bias(0), [half(0.5) - half(0.5) * sum]);
    }
    of::<half::f16>();
    of::<half::bf16>();
}

/// Generic code asks for no more than a scalar.
#[test]
fn networks_of_any_scalar() {
    fn outputs<T: fanin::Scalar>() -> usize {
        let network = Network::<T>::new(2).dense(3, Activation::Relu).init(He::normal, 1).unwrap();
        network.forward(&[T::one(), T::zero()]).unwrap().len()
    }
    assert_eq!((outputs::<f32>(), outputs::<f64>()), (3, 3));
}

#[test]
fn debug_prints_shapes() {
    let mut network = small(&Activation::Tanh, 1);
    let mut tape = Tape::new();
    network.train_step(&batch(6, 4), &LABELS, Loss::MeanSquaredError, 0.1, &mut tape).unwrap();
    let text = format!("{network:?} {tape:?}");
    assert!(text.contains("Dense { inputs: 4, width: 5, activation: Tanh, .. }"), "{text}");
    assert!(text.contains("LayerTape { width: 6, samples: 6, .. }"), "{text}");
}

#[test]
fn one_step_moves_against_the_gradient() {
    let x = batch(6, 4);
    let mut network = small(&Activation::Tanh, 1);
    let mut tape = Tape::new();
    let before = network.backward(&x, &LABELS, Loss::SoftmaxCrossEntropy, &mut tape).unwrap();
    let descended = |(w, d): (&f64, &f64)| w - 0.5 * d;
    let expected: Vec<f64> =
        network.weight(1).iter().zip(tape.layers()[1].d_weight()).map(descended).collect();
    let mut step = |network: &mut Network<f64>| {
        network.train_step(&x, &LABELS, Loss::SoftmaxCrossEntropy, 0.5, &mut tape).unwrap()
    };
    assert_eq!(step(&mut network), before);
    assert_eq!(network.weight(1), expected);
    assert!(network.loss(&x, &LABELS, Loss::SoftmaxCrossEntropy).unwrap() < before);
    for _ in 0..300 {
        step(&mut network);
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
    let mut places = |network: &mut Network<f64>, samples: usize| {
        let (x, labels) = (&x[..4 * samples], &LABELS[..samples]);
        network.train_step(x, labels, Loss::MeanSquaredError, 0.1, &mut tape).unwrap();
        let places = |layer: &LayerTape<f64>| {
            [layer.z(), layer.h(), layer.dl_dh(), layer.delta(), layer.d_weight(), layer.d_bias()]
                .map(<[f64]>::as_ptr)
        };
        tape.layers().iter().map(places).collect::<Vec<_>>()
    };
    let first = places(&mut network, 6);
    // The last batch of a data set is often smaller.
    for samples in [6, 2, 6] {
        assert_eq!(first, places(&mut network, samples));
    }
}

#[test]
fn seeds_name_layers() {
    let build = || Network::<f32>::new(4).dense(5, Activation::Relu).dense(3, Activation::Identity);
    let network = build().init(He::normal, 7).unwrap();
    let mut expected = vec![0.0_f32; 3 * 5];
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
        let layer = &tape.layers()[l];
        let norm = |row: &[f64]| row.iter().map(|delta| delta * delta).sum::<f64>();
        layer.delta().chunks(layer.width()).map(|row| norm(row).ln()).sum::<f64>() / 6.0
    };
    let sum: f64 = chain.factors().iter().map(|f| f.ln_weight().unwrap() + f.ln_gate().unwrap()).sum();
    assert_relative_eq!(sum, norms(0) - norms(2), epsilon = 1e-12, max_relative = 1e-12);
    // dL/dh of a hidden layer is W^T delta of the next.
    for (i, dl_dh) in tape.layers()[1].dl_dh().iter().enumerate() {
        let (sample, unit) = (i / 6, i % 6);
        let delta = &tape.layers()[2].delta()[3 * sample..][..3];
        let arrives: f64 = (0..3).map(|k| delta[k] * network.weight(2)[6 * k + unit]).sum();
        assert!((dl_dh - arrives).abs() <= 1e-15);
    }
}

fn relu(depth: usize, width: usize) -> Network<f32> {
    (0..depth)
        .fold(Network::new(width), |network, _| network.dense(width, Activation::Relu))
        .dense(10, Activation::Identity)
}

#[test]
fn verdicts_of_deep_relu_networks() {
    let x: Vec<f32> = batch(32, 100).into_iter().map(|x| x as f32).collect();
    let labels: Vec<usize> = (0..32).map(|i| i % 10).collect();
    let chain =
        |network: Network<f32>| network.gradient_chain(&x, &labels, Loss::SoftmaxCrossEntropy).unwrap();

    let he = chain(relu(30, 100).init(He::normal, 1).unwrap());
    assert_eq!(he.verdict(), Verdict::Healthy, "{he}");
    let xavier = chain(relu(30, 100).init(Xavier::normal, 1).unwrap());
    assert_eq!(xavier.verdict(), Verdict::Vanishing, "{xavier}");
    let remedy = xavier.diagnosis().findings()[0].remedy().unwrap();
    assert!(
        remedy.starts_with("use He: the std of the weights above these layers should be 1.4"),
        "{remedy}"
    );
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
    let x = &[0.0_f32; 3];
    let forward = |network: &Network<f32>| network.forward(x).unwrap_err();

    assert_eq!(forward(&Network::new(3)), NnError::NoLayers);
    assert_eq!(forward(&Network::new(0).dense(2, Activation::Identity)), NnError::NoInputs);
    let thin = Network::new(3).dense(2, Activation::Relu).dense(0, Activation::Identity);
    assert_eq!(forward(&thin), NnError::ZeroWidth { layer: 1 });
    assert_eq!(thin.init(He::normal, 1).unwrap_err(), NnError::ZeroWidth { layer: 1 });
    let huge = Network::<f32>::new(3).dense(usize::MAX, Activation::Identity);
    assert_eq!(forward(&huge), NnError::TooLarge { layer: 0, inputs: 3, width: usize::MAX });

    assert_eq!(good.forward(&[[0.0; 4]]), Err(NnError::Inputs { expected: 3, found: 4 }));
    let ragged = NnError::NotRows { tensor: "batch", length: 4, width: 3 };
    assert_eq!(good.forward(&[0.0; 4]).as_ref(), Err(&ragged));
    assert_eq!(ragged.to_string(), "4 values in the batch are not whole samples of 3");
    assert_eq!(good.forward(&[0.0; 0]), Err(NnError::EmptyBatch));
    assert_eq!(good.forward(&[[0.0; 3]; 0]), Err(NnError::EmptyBatch));

    for loss in LOSSES {
        let chain = |targets: &dyn Targets<f32>| good.gradient_chain(x, targets, loss).unwrap_err();
        let label = |label| NnError::Label { sample: 0, label, classes: 2 };
        assert_eq!(chain(&[2_u8]), label(2));
        assert_eq!(chain(&[-1]), label(-1));
        assert_eq!(chain(&[u64::MAX]), label(u64::MAX.into()));
        assert_eq!(good.accuracy(x, &[2]), Err(label(2)));
        assert_eq!(label(-1).to_string(), "label -1 of sample 0: with 2 outputs labels go from 0 to 1");

        assert_eq!(chain(&[0, 1]), NnError::Targets { expected: 1, found: 2 });
        assert_eq!(chain(&[[0.0; 2]; 2]), NnError::Targets { expected: 1, found: 2 });
        assert_eq!(chain(&[0.0; 4]), NnError::Targets { expected: 1, found: 2 });
        assert_eq!(chain(&[[0.0; 3]]), NnError::Outputs { expected: 2, found: 3 });
        assert_eq!(chain(&[0.0; 3]), NnError::NotRows { tensor: "targets", length: 3, width: 2 });
        assert_eq!(chain(&[] as &[f32; 0]), NnError::Targets { expected: 1, found: 0 });
        for value in [f32::NAN, f32::INFINITY] {
            let error = chain(&[0.5, value]);
            assert!(
                matches!(error, NnError::TargetNotFinite { sample: 0, output: 1, value } if !value.is_finite())
            );
        }
    }
    let negative = |loss| good.loss(&[[0.0; 3]; 2], &[[1.0, 0.0], [1.25, -0.25]], loss);
    let error = NnError::NegativeProbability { sample: 1, output: 1, value: -0.25 };
    assert_eq!(negative(Loss::SoftmaxCrossEntropy), Err(error));
    assert_eq!(negative(Loss::MeanSquaredError), Ok((1.0 + 1.25 * 1.25 + 0.25 * 0.25) / 4.0));
    assert!(good.loss(x, &[0.0, -0.0], Loss::SoftmaxCrossEntropy).is_ok());

    let bad_law = good.clone().init(|_| Normal::new(0.0, -1.0), 1).unwrap_err();
    assert!(matches!(bad_law, NnError::Init(InitError::Negative { value: -1.0, .. })), "{bad_law}");

    let (mut network, mut tape) = (good.clone(), Tape::new());
    for rate in [f64::NAN, f64::INFINITY, 1e39, -1e300] {
        let error = network.train_step(x, &[0], Loss::MeanSquaredError, rate, &mut tape).unwrap_err();
        assert!(matches!(error, NnError::LearningRate { scalar: "f32", .. }), "{error}");
        let step = network.sgd_step(&tape, rate).unwrap_err();
        assert_eq!(step.to_string(), format!("the learning rate is {rate}: it must be finite in f32"));
    }
    assert_eq!(tape, Tape::new());
    assert_eq!(network.weight(0), good.weight(0));
    assert_eq!(network.sgd_step(&Tape::new(), 0.1), Err(NnError::ForeignTape));
    assert_eq!(network.chain_of(&Tape::new()), Err(NnError::ForeignTape));
}

#[test]
fn accuracy_counts_nan_as_wrong_and_the_first_of_equals() {
    let mut network = Network::<f64>::new(1).dense(2, Activation::Identity);
    let x = [1.0, 1.0];
    assert_eq!(network.accuracy(&x, &[0, 1]), Ok(0.5));
    // Of probabilities it is the most probable class that counts.
    assert_eq!(network.accuracy(&x, &[[0.6, 0.4], [0.3, 0.7]]), Ok(0.5));
    network.weight_mut(0)[1] = f64::NAN;
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
