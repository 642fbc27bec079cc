//! The chain against plain arithmetic: the exact split, the moments, the report.

use approx::{assert_relative_eq, relative_eq};
use fanin::chain::{ChainError, GradientChain, Layer, Moments, Verdict};
use proptest::collection::vec;
use proptest::prelude::*;

const SAMPLES: usize = 5;

/// `[samples, width]` tensors of one layer: dL/dh, the gates phi' and their product delta.
#[derive(Clone, Debug)]
struct Backward {
    width: usize,
    dl_dh: Vec<f64>,
    delta: Vec<f64>,
}

fn backward() -> impl Strategy<Value = Backward> {
    (1_usize..40, -250.0..250.0_f64).prop_flat_map(|(width, decades)| {
        let dl_dh = vec(0.1..1.0_f64, SAMPLES * width);
        let gates = vec(0.01..1.2_f64, SAMPLES * width);
        (dl_dh, gates).prop_map(move |(dl_dh, gates)| {
            let scale = 10_f64.powf(decades);
            let dl_dh: Vec<f64> = dl_dh.iter().map(|s| s * scale).collect();
            let delta = dl_dh.iter().zip(&gates).map(|(s, g)| s * g).collect();
            Backward { width, dl_dh, delta }
        })
    })
}

fn layers_of(chain: &[Backward]) -> Vec<Layer> {
    chain.iter().map(|l| Layer::new("layer", l.width, &l.delta).with_dl_dh(&l.dl_dh)).collect()
}

/// ln |row|^2 in plain arithmetic, scaled by the largest element.
fn ln_norm(row: &[f64]) -> f64 {
    let largest = row.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
    row.iter().map(|x| (x / largest).powi(2)).sum::<f64>().ln() + 2.0 * largest.ln()
}

fn mean_ln_norm(layer: &Backward) -> f64 {
    layer.delta.chunks(layer.width).map(ln_norm).sum::<f64>() / SAMPLES as f64
}

proptest! {
    /// The logs of the factors add up to log |delta_1|^2 - log |delta_L|^2, at every magnitude of
    /// f64.
    #[test]
    fn the_split_adds_up(chain in vec(backward(), 2..8)) {
        let measured = GradientChain::from_layers(layers_of(&chain)).unwrap();
        prop_assert_eq!(measured.live_samples(), SAMPLES);
        let total: f64 =
            measured.factors().iter().map(|f| f.ln_weight().unwrap() + f.ln_gate().unwrap()).sum();
        let expected = mean_ln_norm(&chain[0]) - mean_ln_norm(&chain[chain.len() - 1]);
        prop_assert!((total - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{total} {expected}");

        // The planted fault: the gates of one layer forgotten.
        let mut ungated = chain.clone();
        ungated[0].delta = ungated[0].dl_dh.clone();
        let wrong = mean_ln_norm(&ungated[0]) - mean_ln_norm(&chain[chain.len() - 1]);
        prop_assert!((total - wrong).abs() > 1e-6);
    }

    /// Cutting a slice anywhere and merging the parts changes nothing but rounding.
    #[test]
    fn moments_merge(values in vec(-1e3..1e3_f64, 2..5000), cut in 0.0..1.0_f64) {
        let cut = (cut * values.len() as f64) as usize;
        let whole = Moments::from_slice(&values);
        let mut parts = Moments::from_slice(&values[..cut]);
        parts.merge(&values[cut..].iter().copied().collect());
        prop_assert_eq!(parts.count(), whole.count());
        prop_assert_eq!((parts.min(), parts.max()), (whole.min(), whole.max()));
        let near = |a: Option<f64>, b: Option<f64>, relative| {
            relative_eq!(a.unwrap(), b.unwrap(), epsilon = 0.0, max_relative = relative)
        };
        prop_assert!(near(parts.variance(), whole.variance(), 1e-11));
        prop_assert!(near(parts.rms(), whole.rms(), 1e-12));
    }

    /// A scale on every delta (of the loss, of the batch) changes neither factors nor verdict.
    #[test]
    fn no_scale_matters(chain in vec(backward(), 2..6), exponent in -20_i32..20) {
        let factor = 2_f64.powi(exponent);
        let mut scaled = chain.clone();
        for layer in &mut scaled {
            layer.delta.iter_mut().chain(&mut layer.dl_dh).for_each(|value| *value *= factor);
        }
        let [plain, scaled] = [chain, scaled].map(|c| GradientChain::from_layers(layers_of(&c)).unwrap());
        prop_assert_eq!(plain.verdict(), scaled.verdict());
        for (a, b) in plain.factors().iter().zip(scaled.factors()) {
            prop_assert!((a.ln_mean_square() - b.ln_mean_square()).abs() < 1e-10);
            prop_assert!((a.ln_gate().unwrap() - b.ln_gate().unwrap()).abs() < 1e-10);
        }
    }
}

#[test]
fn samples_without_gradient_stay_out_of_the_split_in_every_layer() {
    // Sample 0 dies in the first layer, sample 1 is not finite in the second.
    let chain = GradientChain::from_layers([
        Layer::new("a", 1, &[0.0, 2.0, 8.0]).with_dl_dh(&[1.0, 2.0, 16.0]),
        Layer::new("b", 1, &[1.0, f64::NAN, 4.0]),
    ])
    .unwrap();
    assert_eq!((chain.live_samples(), chain.samples()), (1, 3));
    let factor = chain.factors()[0];
    assert_relative_eq!(factor.weight().unwrap(), 16.0, epsilon = 0.0, max_relative = 1e-14);
    assert_relative_eq!(factor.gate().unwrap(), 0.25, epsilon = 0.0, max_relative = 1e-14);
    assert!(factor.mean_square().is_nan(), "a mean square with a NaN in it is none");
    assert_eq!(chain.verdict(), Verdict::NonFinite { layer: 1 });

    let dead = GradientChain::from_layers([
        Layer::new("a", 1, &[0.0]).with_dl_dh(&[1.0]),
        Layer::new("b", 1, &[1.0]),
    ])
    .unwrap();
    assert_eq!(dead.factors()[0].gate(), None);
    assert_eq!(dead.factors()[0].mean_square(), 0.0);
}

#[test]
fn tensors_that_do_not_fit_are_errors_that_name_them() {
    let layer = |width, delta: &[f32]| Layer::new("fc", width, delta);
    let chain = |layers: Vec<Layer>| GradientChain::from_layers(layers).unwrap_err();
    let good = || layer(2, &[1.0; 4]);

    assert_eq!(chain(vec![]), ChainError::NoLayers);
    assert_eq!(chain(vec![good(), layer(0, &[1.0])]), ChainError::ZeroWidth { layer: 1 });
    assert_eq!(chain(vec![layer(2, &[])]), ChainError::NoSamples { layer: 0 });
    assert_eq!(chain(vec![layer(2, &[1.0; 3])]), ChainError::NotRows { layer: 0, length: 3, width: 2 });
    assert_eq!(
        chain(vec![good(), layer(3, &[1.0; 9])]),
        ChainError::Samples { layer: 1, samples: 3, expected: 2 }
    );
    assert_eq!(chain(vec![good().with_d_weight::<f32>(&[])]), ChainError::NoWeights { layer: 0 });
    let short = [0.0_f32; 3];
    for (tensor, layer) in [
        ("z", good().with_z(&short)),
        ("h", good().with_h(&short)),
        ("dL/dh", good().with_dl_dh(&short)),
        ("saturation", good().with_saturated(&short, |z| z > 1.0)),
    ] {
        let error = chain(vec![layer]);
        assert_eq!(error, ChainError::Length { layer: 0, tensor, length: 3, expected: 4 });
        assert!(error.to_string().contains(tensor), "{error}");
    }
}

/// Xavier under ReLU as theory has it: deltas halve their mean square a layer, activations too.
fn xavier_under_relu(depth: usize) -> GradientChain {
    let alternate = |even: f64, odd: f64| [even, odd].repeat(50);
    let layers = (1..=depth).map(|l| {
        let forward = 0.5_f64.powf(0.5 * l as f64);
        let back = 0.5_f64.powf(0.5 * (depth - l) as f64);
        let z = alternate(forward, -forward);
        Layer::new(format!("hidden layer {l}"), 100, &alternate(back, 0.0))
            .with_z(&z)
            .with_h(&alternate(forward, 0.0))
            .with_dl_dh(&alternate(back, -back))
            .with_saturated(&z, |z| z < -10.0)
            .with_d_weight(&[forward * back; 16])
    });
    GradientChain::from_layers(layers).unwrap()
}

#[test]
fn the_report_shows_delta_and_weight_gradient() {
    let report = xavier_under_relu(51).to_string();
    assert!(report.lines().all(|line| line.chars().count() <= 100), "{report}");
    assert!(report.contains("first over last hidden layer: 10^-14.75, 0.50 a layer"), "{report}");
    assert!(report.contains("weight gradients alone would not show it"), "{report}");
    assert!(report.ends_with("verdict: vanishing"), "{report}");
    // One header, one row a layer, the legend, one line each of samples, product, dW, verdict.
    assert_eq!(report.lines().count(), 1 + 51 + 3 + 5);
    for column in
        report.lines().next().unwrap().split_whitespace().filter(|word| !"# layer width 10^".contains(word))
    {
        let legend: Vec<&str> = report.lines().skip(52).take(4).collect();
        assert!(column.starts_with("10^") || legend.iter().any(|line| line.contains(column)), "{column}");
    }

    let broken = GradientChain::from_layers([
        Layer::new("a", 1, &[0.0_f32]),
        Layer::new("", 1, &[f32::INFINITY]).with_h(&[f32::NAN]),
    ]);
    let report = broken.unwrap().to_string();
    assert!(report.ends_with("verdict: not finite at layer 2"), "{report}");
}

#[cfg(feature = "half")]
#[test]
fn half_precision_underflow_is_vanishing() {
    use half::f16;
    let chain = |deltas: [f32; 3]| {
        let layers = deltas.map(|delta| Layer::new("fc", 2, &[f16::from_f32(delta), f16::from_f32(-delta)]));
        GradientChain::from_layers(layers).unwrap()
    };
    assert_eq!(chain([1.0; 3]).layers()[0].delta().rms(), Some(1.0));
    // 1e-5 is subnormal in f16, 1e-8 is 0.
    assert_eq!(chain([1e-8, 1e-5, 1.0]).verdict(), Verdict::Vanishing);
    assert_eq!(chain([1e-8, 1e-2, 1.0]).verdict(), Verdict::Dead { layer: 0 });
    assert_eq!(chain([1.0, 1e5, 1.0]).verdict(), Verdict::NonFinite { layer: 1 });
}

#[cfg(feature = "serde")]
#[test]
fn a_chain_becomes_json() {
    let json = serde_json::to_value(xavier_under_relu(3)).unwrap();
    assert_eq!(json["layers"][0]["name"], "hidden layer 1");
    assert_eq!(json["layers"][0]["dead_units"], 50);
    assert_eq!(json["layers"][0]["delta"]["zeros"], 50);
    assert_relative_eq!(
        json["factors"][0]["ln_gate"].as_f64().unwrap(),
        0.5_f64.ln(),
        epsilon = 0.0,
        max_relative = 1e-14
    );
    assert_eq!(json["verdict"], "healthy");
}

#[test]
fn chains_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<GradientChain>();
    crosses::<ChainError>();
}
