//! LSUV of a network: its layers' pre-activations for a batch.

use super::network::Dense;
use super::{Batch, Network, NnError};
use crate::error::InitError;
use crate::lsuv::{LayeredModel, Lsuv, LsuvError, LsuvLog};
use crate::scalar::Scalar;

impl<T: Scalar> Network<T> {
    /// Scales the weights of each layer in turn until the pre-activations of this batch have variance 1: layer-sequential unit
    /// variance, see [`lsuv`](crate::lsuv). The output layer is a layer as the others; biases stay.
    ///
    /// ```
    /// use fanin::lsuv::Lsuv;
    /// use fanin::{Fan, Orthogonal, prelude::*};
    ///
    /// let sine = Activation::custom("sin 3z", |z| (3.0 * z).sin(), |z| 3.0 * (3.0 * z).cos());
    /// let mut network = (0..10).fold(Network::new(32), |net, _| net.dense(32, sine.clone()));
    /// network = network.init(|fan: Fan| Orthogonal::new(fan.fan_out(), fan.fan_in()), 1)?;
    /// let batch: Vec<f32> = Normal::new(0.0, 3.0).seed(2).to_vec(256 * 32);
    /// let log = network.lsuv(&batch, Lsuv::new())?;
    /// assert!(log.converged());
    /// assert!(log.layers().iter().all(|layer| (layer.variances().last().unwrap() - 1.0).abs() < 0.1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A batch that does not fit, as [`forward`](Network::forward); weights that would overflow the scalar
    /// ([`InitError::Overflow`]), of a layer that so little reaches; what [`Lsuv::run`] refuses.
    pub fn lsuv(
        &mut self,
        batch: &(impl Batch<Element = T> + ?Sized),
        lsuv: Lsuv,
    ) -> Result<LsuvLog, LsuvError<NnError>> {
        let inputs = self.checked(batch).map_err(LsuvError::Model)?.into_owned();
        lsuv.run(&mut OnBatch { layers: self.layers_mut(), inputs, layer: 0, z: Vec::new() })
    }
}

/// Layers and the inputs of the one that is at work.
struct OnBatch<'a, T> {
    layers: &'a mut [Dense<T>],
    inputs: Vec<T>,
    layer: usize,
    z: Vec<T>,
}

impl<T: Scalar> LayeredModel for OnBatch<'_, T> {
    type Element = T;
    type Error = NnError;

    fn depth(&self) -> usize {
        self.layers.len()
    }

    fn pre_activations(&mut self, layer: usize, take: &mut dyn FnMut(&[T])) -> Result<(), NnError> {
        while self.layer < layer {
            // The pre-activations that were measured last are those of the layer below, as it stays.
            self.inputs.resize(self.z.len(), T::zero());
            self.layers[self.layer].activation.phi_slice(&self.z, &mut self.inputs);
            self.layer += 1;
        }
        let dense = &self.layers[layer];
        self.z.resize(self.inputs.len() / dense.inputs * dense.width, T::zero());
        dense.pre_activate(&self.inputs, &mut self.z);
        take(&self.z);
        Ok(())
    }

    fn scale(&mut self, layer: usize, factor: f64) -> Result<(), NnError> {
        let weights = &self.layers[layer].weight;
        let largest = weights.iter().map(|weight| Scalar::to_f64(weight.abs())).fold(0.0, f64::max);
        let magnitude = largest * factor;
        if !T::from_f64(magnitude).is_finite() {
            let max = Scalar::to_f64(T::max_value());
            return Err(NnError::Init(InitError::Overflow { magnitude, scalar: T::NAME, max }));
        }
        let scaled = |weight: T| T::from_f64(Scalar::to_f64(weight) * factor);
        self.layers[layer].weight.iter_mut().for_each(|weight| *weight = scaled(*weight));
        Ok(())
    }
}
