//! Theory beside networks: lengths, gates, cosines, bands.

use fanin::chain::{GradientChain, Moments};
use fanin::nn::{Loss, Network};
use fanin::theory::{
    BandSource, GainMethod, Inputs, LayerLaw, NetworkLaw, Prediction, TheoryError, gain_for,
};
use fanin::{
    Activation, Constant, Custom, Fan, He, InitializerExt, Law, LeCun, Normal, Seed, Uniform, Xavier,
};

const OUTPUTS: usize = 10;

/// P(|z| > 6.11) < 1e-9.
const SIGMAS: f64 = 6.11;

pub(crate) fn noise(seed: Seed, samples: usize, inputs: usize) -> Vec<f64> {
    let mut batch = vec![0.0; samples * inputs];
    Normal::new(0.0, 1.0).seed(seed.child("noise")).fill(&mut batch);
    batch
}

pub(crate) fn deep(depth: usize, width: usize, activation: &Activation) -> Network<f64> {
    let hidden = (0..depth).fold(Network::new(width), |net, _| net.dense(width, activation.clone()));
    hidden.dense(OUTPUTS, Activation::Identity)
}

/// On random labels: what the loss sends back then hardly depends on the outputs.
pub(crate) fn chain(network: &Network<f64>, batch: &[f64]) -> GradientChain {
    let labels: Vec<usize> = (0..batch.len() / network.inputs()).map(|i| i % OUTPUTS).collect();
    network.gradient_chain(batch, &labels, Loss::SoftmaxCrossEntropy).unwrap()
}

/// He et al. 2015, section 2.2: the model of ten 3x3 convolutions, all of them started with a standard
/// deviation of 0.01, loses this much of the gradient's from conv10 to conv2. (With the factors rounded to
/// 5.9, 4.2, 2.9 and 2.1 as printed, 1/17,022.)
#[test]
fn the_example_of_he_2015() {
    let channels = [(3, 64), (64, 64), (64, 128), (128, 128), (128, 256), (256, 256)];
    let channels = channels.into_iter().chain([(256, 512), (512, 512), (512, 512), (512, 512)]);
    let law = Normal::new(0.0, 0.01).law();
    let layers = channels
        .map(|(inputs, outputs)| LayerLaw::conv(Fan::conv(inputs, outputs, [3, 3]), law, Activation::Relu));
    let network = NetworkLaw::new(layers).unwrap();
    let prediction = network.predict(&Inputs::alike(1.0, 0.0).unwrap()).unwrap();
    // From what arrives at conv10's outputs to what arrives at conv1's: the gates of conv2 to conv10, the
    // weights of conv2 to conv10.
    let std_dev = (0.5 * prediction.ln_delta(0).unwrap()).exp();
    assert!((1.0 / std_dev - 16_729.0).abs() < 0.5, "{}", 1.0 / std_dev);
    let rounded = 5.9 * 4.2_f64.powi(2) * 2.9_f64.powi(2) * 2.1_f64.powi(4);
    assert_eq!(rounded as u32, 17_022);
    assert!(matches!(
        network.band(&Inputs::alike(1.0, 0.0).unwrap()),
        Err(TheoryError::NotDense { layer: 0 })
    ));
}

/// Mean over `seeds` networks of ln(|delta_1|^2 / |delta_d|^2), for one sample each.
fn measured(law: &NetworkLaw, activation: &Activation, depth: usize, width: usize, seeds: usize) -> Vec<f64> {
    let weight = law.layers()[0].weight();
    let rule = move |_: Fan| Normal::new(0.0, weight.std_dev());
    (0..seeds)
        .map(|seed| {
            let seed = Seed::from(77).child(seed);
            let mut network = deep(depth, width, activation).init(rule, seed).unwrap();
            // Outputs of almost 0: what the loss sends back does not depend on them at all.
            network.weight_mut(depth).iter_mut().for_each(|w| *w *= 1e-3);
            let batch = noise(seed, 1, width);
            let factors = chain(&network, &batch).factors()[..depth - 1].to_vec();
            factors.iter().map(|factor| factor.ln_norm().unwrap()).sum()
        })
        .collect()
}

/// Mean and spread of the log over networks are those of the band, by their standard errors: z of both.
/// The spread's standard error is that of a normal law's, doubled for the heavier tails of narrow layers.
fn z_of_band(activation: &Activation, variance: f64, width: usize, planted: f64) -> (f64, f64) {
    const SEEDS: usize = 400;
    let depth = 8;
    let law = NetworkLaw::dense(&[&[width; 9][..], &[OUTPUTS]].concat(), activation, |_| {
        Normal::new(0.0, (variance / width as f64).sqrt()).law()
    })
    .unwrap();
    let inputs: Vec<f64> = (0..64).flat_map(|i| noise(Seed::from(77).child(i as usize), 1, width)).collect();
    let band = law.band(&Inputs::from_batch(&inputs, width).unwrap().samples(1).unwrap()).unwrap();
    let ln = measured(&law, activation, depth, width, SEEDS);
    let mean = ln.iter().sum::<f64>() / SEEDS as f64 * planted;
    let spread = (ln.iter().map(|ln| (ln - mean).powi(2)).sum::<f64>() / (SEEDS - 1) as f64).sqrt();
    // A simulated band has a standard error of its own.
    let draws = match band.source {
        BandSource::MonteCarlo { draws } => draws as f64,
        _ => f64::INFINITY,
    };
    let relative = 1.0 / SEEDS as f64 + 1.0 / draws;
    (
        (mean - band.mean) / (band.std_dev * relative.sqrt()),
        (spread / band.std_dev - 1.0) / (2.0 * (0.5 * relative).sqrt()),
    )
}

#[test]
fn bands_hold_networks() {
    let tanh_gain = 5.0 / 3.0;
    for (activation, variance, width) in [
        (Activation::Relu, 2.0, 30),
        (Activation::Relu, 1.0, 100),
        (Activation::LeakyRelu { negative_slope: 0.3 }, 1.5, 30),
        (Activation::Identity, 1.0, 30),
        (Activation::Tanh, 1.0, 30),
        (Activation::Tanh, tanh_gain * tanh_gain, 60),
        (Activation::Gelu, 2.0, 40),
        (Activation::Selu, 1.0, 40),
        (Activation::Sin, 1.5, 40),
    ] {
        let (mean, spread) = z_of_band(&activation, variance, width, 1.0);
        println!("{activation}, {variance:.2}, width {width}: z of mean {mean:+.2}, of spread {spread:+.2}");
        assert!(mean.abs() < SIGMAS && spread.abs() < SIGMAS, "{activation}, {variance}: {mean} {spread}");
    }
    // What infinite width says would not do for a narrow network; and a mean that is off is seen.
    let (mean, _) = z_of_band(&Activation::Relu, 1.0, 30, 0.9);
    assert!(mean.abs() > SIGMAS);
}

/// Each weight and each gate factor beside its prediction, by the spread of one layer: chi^2_n / n.
#[test]
fn factors_are_where_they_are_predicted() {
    let (depth, width) = (10, 200);
    for (activation, gain) in [
        (Activation::Relu, 2.0_f64),
        (Activation::Tanh, 1.2),
        (Activation::Gelu, 2.0),
        (Activation::Sigmoid, 9.0),
    ] {
        let rule = |fan: Fan| LeCun::normal(fan).gain(gain.sqrt());
        let network = deep(depth, width, &activation).init(rule, 5).unwrap();
        let law = NetworkLaw::from_network(&network, rule).unwrap();
        let batch = noise(Seed::from(6), 40, width);
        let inputs = Inputs::from_batch(&batch, width).unwrap();
        let (measured, predicted) = (chain(&network, &batch), law.predict(&inputs).unwrap());
        let excess = |predicted: &Prediction, l: usize| {
            let (factor, layer) = (&measured.factors()[l], &predicted.layers()[l]);
            let weight = factor.ln_weight().unwrap() - layer.ln_weight().unwrap();
            (weight, factor.ln_gate().unwrap() - layer.ln_gate())
        };
        let spread = (2.0 / width as f64).sqrt();
        for l in 0..depth - 1 {
            let (weight, gate) = excess(&predicted, l);
            // Gates weigh the signal's squares: 5 / n - 2 / n at most.
            let (weight, gate) = (weight / spread, gate / spread);
            assert!(weight.abs() < SIGMAS && gate.abs() < SIGMAS, "{activation}, {l}: {weight} {gate}");
        }
        // The wrong fan would be seen.
        let other = NetworkLaw::from_network(&network, |fan| rule(fan).gain(2.0 * gain.sqrt())).unwrap();
        let other = other.predict(&inputs).unwrap();
        assert!((0..depth - 1).all(|l| excess(&other, l).0 / spread < -SIGMAS));
    }
}

/// At GELU's forward gain lengths run away from q = 1 on both sides: samples that start at different
/// lengths part, and a prediction for their mean length is wrong where one for each of them is not.
#[test]
fn each_sample_is_predicted_where_lengths_part() {
    let (depth, width) = (40, 200);
    let gain = gain_for(&Activation::Gelu, GainMethod::Forward).unwrap();
    let rule = |fan: Fan| LeCun::normal(fan).gain(gain);
    let network = deep(depth, width, &Activation::Gelu).init(rule, 3).unwrap();
    let law = NetworkLaw::from_network(&network, rule).unwrap();
    let mut batch = noise(Seed::from(6), 32, width);
    for (i, x) in batch.iter_mut().enumerate() {
        *x *= if (i / width) % 2 == 0 { 0.5 } else { 1.5 };
    }
    let measured = chain(&network, &batch);
    let of_each = law.predict(&Inputs::from_batch(&batch, width).unwrap()).unwrap();
    let mean_square = batch.iter().map(|x| x * x).sum::<f64>() / batch.len() as f64;
    let of_mean = law.predict(&Inputs::alike(mean_square, 0.0).unwrap()).unwrap();
    let rms = |l: usize| measured.layers()[l].z().unwrap().rms().unwrap().ln();
    let gates = |prediction: &fanin::theory::Prediction| -> f64 {
        (0..depth - 1)
            .map(|l| (measured.factors()[l].ln_gate().unwrap() - prediction.layers()[l].ln_gate()).abs())
            .sum()
    };
    println!(
        "{} {} {}",
        rms(depth - 1),
        0.5 * of_each.layers()[depth - 1].q().ln(),
        0.5 * of_mean.layers()[depth - 1].q().ln()
    );
    println!("{} {}", gates(&of_each), gates(&of_mean));
    assert!(gates(&of_each) < 0.5 * gates(&of_mean));
}

/// The cosine between hidden states of a network that He started, 50 layers deep: all inputs become one.
#[test]
fn inputs_become_one() {
    let (depth, width) = (50, 256);
    let (mut last, mut first) = (Vec::new(), Vec::new());
    let law = NetworkLaw::dense(&[width; 52], &Activation::Relu, |fan| He::normal(fan).law()).unwrap();
    for seed in 0..6 {
        let seed = Seed::from(8).child(seed as usize);
        let network = deep(depth, width, &Activation::Relu).init(He::normal, seed).unwrap();
        let chain = chain(&network, &noise(seed, 16, width));
        assert!(chain.verdict().is_healthy(), "no gradient test sees it");
        first.push(chain.layers()[0].cosine().unwrap());
        last.push(chain.layers()[depth - 1].cosine().unwrap());
        assert!((15..=depth).contains(&chain.collapse().unwrap()), "{:?}", chain.collapse());
    }
    let predicted = law.cosines(&Inputs::alike(1.0, 0.0).unwrap()).unwrap();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    println!("layer 1: {first:?}, predicted {:?}; layer 50: {last:?}, {:?}", predicted[0], predicted[49]);
    // One layer of width 256: the cosine's standard deviation is about 1 / sqrt(256), and pairs share it.
    assert!((mean(&first) - predicted[0].unwrap()).abs() < SIGMAS / 256_f64.sqrt() / 6_f64.sqrt());
    // Deep down ln(1 - cosine) spreads by about 0.6 between networks of this width.
    let ln_apart: Vec<f64> = last.iter().map(|cosine| (1.0 - cosine).ln()).collect();
    let expected = (1.0 - predicted[49].unwrap()).ln();
    assert!((mean(&ln_apart) - expected).abs() < SIGMAS * 0.6 / 6_f64.sqrt(), "{last:?}");
    assert!((mean(&last) - 0.99).abs() < 0.005 && (predicted[49].unwrap() - 0.988).abs() < 0.0005);
    // tanh at gain 1 keeps inputs apart for longer, orthogonal weights of a linear network for ever.
    let tanh = NetworkLaw::dense(&[width; 52], &Activation::Tanh, |fan| LeCun::normal(fan).law()).unwrap();
    let apart = tanh.cosines(&Inputs::alike(1.0, 0.0).unwrap()).unwrap()[49].unwrap();
    assert!(apart.abs() < 1e-9, "odd activations keep orthogonal inputs orthogonal: {apart}");
}

/// Networks whose cosines are averaged.
const NETWORKS: u64 = 16;

/// The map of cosines holds for biases, changes of width and of activation.
#[test]
fn cosines_beside_a_network_of_every_kind() {
    let layers =
        [(300, Activation::Tanh), (400, Activation::Gelu), (300, Activation::Relu), (500, Activation::Selu)];
    let mut network = Network::<f64>::new(200);
    for (width, activation) in layers {
        network = network.dense(width, activation);
    }
    let network = network.dense(OUTPUTS, Activation::Identity);
    let bias = Normal::new(0.0, 0.3);
    let law = NetworkLaw::from_network(&network, He::normal).unwrap().biases(|_| bias.law()).unwrap();
    let shared = noise(Seed::from(4), 1, 200);
    let own = noise(Seed::from(3), 32, 200);
    let batch: Vec<f64> = own.iter().zip(shared.iter().cycle()).map(|(own, shared)| own + shared).collect();
    let inputs = Inputs::from_batch(&batch, 200).unwrap();
    assert!((inputs.cosine().unwrap() - 0.5).abs() < 0.05);
    let predicted = law.cosines(&inputs).unwrap();
    let drawn =
        |seed: u64| network.clone().init(He::normal, seed).unwrap().init_bias(|_| bias, seed).unwrap();
    let chains: Vec<GradientChain> = (0..NETWORKS).map(|seed| chain(&drawn(seed), &batch)).collect();
    for (layer, predicted) in predicted[..4].iter().enumerate() {
        let measured: Moments =
            chains.iter().map(|chain| chain.hidden_layers()[layer].cosine().unwrap()).collect();
        let (mean, error) =
            (measured.mean().unwrap(), measured.std_dev().unwrap() / (NETWORKS as f64).sqrt());
        let predicted = predicted.unwrap();
        println!("{mean:.4} +- {error:.4}, predicted {predicted:.4}");
        // Theory is that of infinite width; a finite one shifts the cosine by about 1 / width a layer.
        let shift = (layer + 1) as f64 / 300.0;
        assert!((mean - predicted).abs() < SIGMAS * error + shift, "{mean} {predicted}");
    }
}

#[test]
fn what_cannot_be_predicted() {
    let inputs = Inputs::alike(1.0, 0.0).unwrap();
    let law =
        |widths: &[usize], activation: &Activation, law: Law| NetworkLaw::dense(widths, activation, |_| law);
    let normal = Normal::new(0.0, 0.1).law();
    for widths in [&[][..], &[4]] {
        assert_eq!(law(widths, &Activation::Relu, normal), Err(TheoryError::NoLayers));
    }
    assert!(matches!(law(&[4, 0, 2], &Activation::Relu, normal), Err(TheoryError::Layer { layer: 0, .. })));
    let nan = Normal::new(0.0, f64::NAN).law();
    assert!(matches!(law(&[4, 4], &Activation::Relu, nan), Err(TheoryError::Layer { layer: 0, .. })));
    for shifted in [Uniform::new(0.0, 1.0).law(), Constant::new(0.5).law()] {
        let error = law(&[4, 4], &Activation::Relu, shifted).unwrap_err();
        assert!(
            matches!(error, TheoryError::NotCentred { layer: 0, parameter: "weight", mean } if mean == 0.5)
        );
    }
    let apart = [
        LayerLaw::dense(3, 4, normal, Activation::Relu),
        LayerLaw::dense(5, 2, normal, Activation::Identity),
    ];
    assert!(matches!(NetworkLaw::new(apart), Err(TheoryError::Mismatch { expected: 4, found: 5, .. })));

    // An activation that is no number, a map that diverges: an error, not a wrong number.
    let broken = Activation::from(Custom::new("broken", |_| f64::NAN, |_| f64::NAN));
    for result in [
        law(&[4, 4, 4], &broken, normal).unwrap().predict(&inputs).map(drop),
        law(&[4, 4, 4], &broken, normal).unwrap().band(&inputs).map(drop),
        law(&[4, 4, 4], &broken, normal).unwrap().cosines(&inputs).map(drop),
    ] {
        assert!(matches!(result, Err(TheoryError::NoExpectation { .. })), "{result:?}");
    }
    // Where lengths leave the range of f64, gates and weights are known all the same: 198 factors of 10^6 / 2.
    let explosive = law(&[100; 201], &Activation::Relu, Normal::new(0.0, 100.0).law()).unwrap();
    let decades = explosive.predict(&inputs).unwrap().log10_ratio().unwrap();
    assert!((decades - 198.0 * 5e5_f64.log10()).abs() < 1e-6, "{decades}");

    // Width 1, no hidden layer, one hidden layer: few numbers, but right ones.
    let one = law(&[1, 1, 1, 1], &Activation::Tanh, normal).unwrap();
    assert!(one.predict(&inputs).is_ok() && one.band(&inputs).unwrap().std_dev > 1.0);
    let flat = law(&[4, 2], &Activation::Relu, normal).unwrap();
    let predicted = flat.predict(&inputs).unwrap();
    assert_eq!((predicted.log10_ratio(), predicted.rate(), predicted.layers().len()), (None, None, 1));
    assert!(flat.band(&inputs).unwrap().z(0.0).is_nan());
    let hidden = law(&[4, 3, 2], &Activation::Relu, normal).unwrap().predict(&inputs).unwrap();
    assert_eq!((hidden.log10_ratio(), hidden.rate()), (Some(0.0), None));

    // Weights of 0: nothing comes through, forwards or back, and that is what is said.
    let dead = law(&[4, 4, 4, 4], &Activation::Relu, Constant::new(0.0).law()).unwrap();
    assert_eq!(dead.predict(&inputs).unwrap().log10_ratio(), Some(f64::NEG_INFINITY));
    assert_eq!(dead.cosines(&inputs).unwrap(), [None; 3]);

    // A chain of another network.
    let network = deep(3, 8, &Activation::Relu).init(Xavier::normal, 1).unwrap();
    let measured = chain(&network, &noise(Seed::from(1), 4, 8));
    let other = law(&[8, 8, 8, OUTPUTS], &Activation::Relu, normal).unwrap();
    assert!(matches!(
        measured.diagnosis_against(&other, &inputs),
        Err(TheoryError::Mismatch { expected: 3, found: 4, .. })
    ));
    let other = law(&[8, 8, 9, 8, OUTPUTS], &Activation::Relu, normal).unwrap();
    assert!(matches!(
        measured.diagnosis_against(&other, &inputs),
        Err(TheoryError::Mismatch { expected: 9, found: 8, .. })
    ));
}
