//! LSUV: layers whose pre-activations have variance 1, on a network and on a model that is not one.

use std::convert::Infallible;

use fanin::chain::Moments;
use fanin::lsuv::{LayeredModel, Lsuv, LsuvError};
use fanin::nn::{NnError, Tape};
use fanin::{Fan, InitError, Orthogonal, prelude::*};

fn network(depth: usize, activation: Activation) -> Network<f32> {
    let layers = (0..depth).fold(Network::new(48), |net, _| net.dense(64, activation.clone()));
    layers
        .dense(10, Activation::Identity)
        .init(|fan: Fan| Orthogonal::new(fan.fan_out(), fan.fan_in()), 3)
        .unwrap()
}

/// Data that no theory assumes: not centred, of another scale, rows alike.
fn batch() -> Vec<f32> {
    let noise: Vec<f32> = Uniform::new(-2.0, 7.0).seed(1).to_vec(128 * 48);
    noise.chunks(48).flat_map(|row| row.iter().map(|x| x + 3.0 * row[0])).collect()
}

#[test]
fn every_layer_of_a_network_has_variance_1_as_measured_on_its_own() {
    let batch = batch();
    for activation in [Activation::Relu, Activation::Tanh, Activation::Gelu, Activation::Identity] {
        let mut network = network(20, activation.clone());
        let before = network.clone();
        let log = network.lsuv(&batch, Lsuv::new().tolerance(0.02)).unwrap();
        assert!(log.converged(), "{log}");
        // By another way than that of the adapter: the tape of a backward pass.
        let mut tape = Tape::new();
        network.backward(&batch, &vec![0; 128], Loss::SoftmaxCrossEntropy, &mut tape).unwrap();
        for (i, (layer, log)) in tape.layers().iter().zip(log.layers()).enumerate() {
            let variance = Moments::from_slice(layer.z()).variance().unwrap();
            assert!((variance - 1.0).abs() <= 0.02, "{activation:?}, layer {i}: {variance}");
            assert_eq!(variance, *log.variances().last().unwrap(), "what was measured is what is");
            let ratio = f64::from(network.weight(i)[5]) / f64::from(before.weight(i)[5]);
            assert!((ratio / log.factor() - 1.0).abs() < 1e-6, "layer {i}: {ratio} {}", log.factor());
            assert!(log.variances().len() <= 3, "a linear map needs one scaling: {log:?}");
        }
        let untouched = before.lsuv_of(&batch);
        assert!(untouched.iter().any(|variance| (variance - 1.0).abs() > 0.02), "there was something to do");
    }
}

trait Variances {
    fn lsuv_of(&self, batch: &[f32]) -> Vec<f64>;
}

impl Variances for Network<f32> {
    /// Measured alone, nothing scaled.
    fn lsuv_of(&self, batch: &[f32]) -> Vec<f64> {
        let log = self.clone().lsuv(batch, Lsuv::new().max_iterations(0)).unwrap();
        assert!(log.layers().iter().all(|layer| layer.factor() == 1.0 && layer.variances().len() == 1));
        log.layers().iter().map(|layer| layer.variances()[0]).collect()
    }
}

/// Layers whose variance answers to scaling as it is told, with biases that no weight reaches.
struct Stubborn {
    weights: Vec<f64>,
    bias: f64,
    measured: usize,
}

impl LayeredModel for Stubborn {
    type Element = f64;
    type Error = Infallible;

    fn depth(&self) -> usize {
        self.weights.len()
    }

    fn pre_activations(&mut self, layer: usize, take: &mut dyn FnMut(&[f64])) -> Result<(), Infallible> {
        self.measured += 1;
        let z = self.weights[layer] * 3.0;
        take(&[z + self.bias]);
        take(&[-z - self.bias]);
        Ok(())
    }

    fn scale(&mut self, layer: usize, factor: f64) -> Result<(), Infallible> {
        self.weights[layer] *= factor;
        Ok(())
    }
}

#[test]
fn iterations_are_bounded_and_logged() {
    // A bias of 2 that scaling does not reach: the variance is never within 0.1 of 1.
    let mut model = Stubborn { weights: vec![1.0, 5.0], bias: 2.0, measured: 0 };
    let log = Lsuv::new().max_iterations(4).run(&mut model).unwrap();
    assert!(!log.converged());
    assert_eq!(model.measured, 2 * 5);
    assert!(log.layers().iter().all(|layer| layer.variances().len() == 5 && !layer.converged()));
    let text = log.to_string();
    assert_eq!(text.matches("not within the tolerance").count(), 2, "{text}");
    let mut model = Stubborn { weights: vec![1.0], bias: 0.0, measured: 0 };
    let log = Lsuv::new().tolerance(0.0).run(&mut model).unwrap();
    assert!(log.converged(), "{log}");
    assert_eq!(log.layers()[0].variances(), [9.0, 1.0]);
    assert!((log.layers()[0].factor() - 1.0 / 3.0).abs() < 1e-15);
}

#[test]
fn what_has_no_scale_is_named() {
    let batch = batch();
    let mut dead = network(3, Activation::Relu);
    dead.weight_mut(1).fill(0.0);
    let error = dead.lsuv(&batch, Lsuv::new()).unwrap_err();
    assert_eq!(error, LsuvError::Variance { layer: 1, variance: 0.0 });
    assert!(error.to_string().starts_with("layer 2: the variance of the pre-activations is 0e0"), "{error}");
    let mut wild = network(3, Activation::Relu);
    wild.weight_mut(2)[7] = f32::NAN;
    let error = wild.lsuv(&batch, Lsuv::new()).unwrap_err();
    assert_eq!(error, LsuvError::NotFinite { layer: 2, count: 128 });
    let mut network = network(1, Activation::Tanh);
    let untouched = network.weight(0).to_vec();
    for (tolerance, found) in [(-0.1, -0.1), (f64::NEG_INFINITY, f64::NEG_INFINITY)] {
        let error = network.lsuv(&batch, Lsuv::new().tolerance(tolerance)).unwrap_err();
        assert_eq!(error, LsuvError::Tolerance { value: found });
    }
    assert!(matches!(
        network.lsuv(&batch, Lsuv::new().tolerance(f64::NAN)),
        Err(LsuvError::Tolerance { value }) if value.is_nan()
    ));
    assert_eq!(network.lsuv(&[0.0_f32; 0][..], Lsuv::new()), Err(LsuvError::Model(NnError::EmptyBatch)));
    assert_eq!(
        network.lsuv(&[0.0_f32; 7][..], Lsuv::new()),
        Err(LsuvError::Model(NnError::NotRows { tensor: "batch", length: 7, width: 48 }))
    );
    assert_eq!(network.weight(0), untouched);
    let mut silent = Stubborn { weights: vec![0.0], bias: 0.0, measured: 0 };
    assert_eq!(Lsuv::new().run(&mut silent), Err(LsuvError::Variance { layer: 0, variance: 0.0 }));
    let mut none = Stubborn { weights: Vec::new(), bias: 0.0, measured: 0 };
    assert!(Lsuv::new().run(&mut none).unwrap().converged(), "no layers, nothing to do");
}

/// Data so faint that no weight that `f32` holds brings them to 1: said before the weights are infinite.
#[test]
fn weights_do_not_overflow() {
    let batch: Vec<f32> = batch().iter().map(|x| x * 1e-42).collect();
    let mut network = network(2, Activation::Relu);
    let before = network.weight(0).to_vec();
    let error = network.lsuv(&batch, Lsuv::new()).unwrap_err();
    assert!(
        matches!(error, LsuvError::Model(NnError::Init(InitError::Overflow { scalar: "f32", .. }))),
        "{error}"
    );
    assert_eq!(network.weight(0), before);
}
