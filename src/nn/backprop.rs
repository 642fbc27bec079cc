//! The way through the network and back.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayRef1, ArrayRef2, Axis, NdFloat};

use super::network::Dense;
use super::{Loss, Network, NnError, Tape, Target};
use crate::Scalar;
use crate::chain::{GradientChain, Layer};

impl<T: Scalar + NdFloat> Network<T> {
    /// The outputs for a batch of `[samples, inputs]`, in any memory order: `[samples, outputs]`.
    ///
    /// # Errors
    /// A network without layers or with a width of 0; an empty batch; another number of columns
    /// than inputs.
    pub fn forward(&self, batch: &ArrayRef2<T>) -> Result<Array2<T>, NnError> {
        self.check_batch(batch)?;
        let mut h = None;
        for layer in self.layers() {
            let mut z = Array2::zeros((batch.nrows(), layer.width));
            layer.pre_activate(h.as_deref().unwrap_or(batch), &mut z);
            let mut out = Array2::zeros(z.raw_dim());
            layer.activate(&z, &mut out);
            h = Some(out);
        }
        h.ok_or(NnError::NoLayers)
    }

    /// The loss of the outputs for a batch.
    ///
    /// # Errors
    /// As [`forward`](Network::forward); targets of another number or width; a label that is no
    /// class.
    pub fn loss<'a>(
        &self,
        batch: &ArrayRef2<T>,
        targets: impl Into<Target<'a, T>>,
        loss: Loss,
    ) -> Result<f64, NnError> {
        loss.value(&self.forward(batch)?, targets)
    }

    /// The share of samples, from 0 to 1, whose largest output is that of their label. Of equal
    /// outputs the first counts; a sample with a NaN among its outputs is wrong.
    ///
    /// # Errors
    /// As [`loss`](Network::loss).
    pub fn accuracy(&self, batch: &ArrayRef2<T>, labels: &[usize]) -> Result<f64, NnError> {
        let outputs = self.forward(batch)?;
        Target::<T>::from(labels).check(outputs.dim())?;
        let right =
            outputs.rows().into_iter().zip(labels).filter(|(row, label)| largest(row) == Some(**label));
        Ok(right.count() as f64 / labels.len() as f64)
    }

    /// Runs a batch forward and back, recording everything in `tape`, and returns the loss.
    /// Allocates nothing if the tape has seen a batch of this size.
    ///
    /// Losses are means over the batch, so every delta carries a factor 1/samples, and the
    /// parameters' gradients are those of the mean.
    ///
    /// # Errors
    /// As [`loss`](Network::loss).
    pub fn backward<'a>(
        &self,
        batch: &ArrayRef2<T>,
        targets: impl Into<Target<'a, T>>,
        loss: Loss,
        tape: &mut Tape<T>,
    ) -> Result<f64, NnError> {
        let targets = targets.into();
        self.check_batch(batch)?;
        targets.check((batch.nrows(), self.outputs()))?;
        tape.fit(self, batch.nrows());

        for (l, layer) in self.layers().iter().enumerate() {
            let (below, here) = tape.layers.split_at_mut(l);
            let input = below.last().map_or(batch, |below| &below.h);
            layer.pre_activate(input, &mut here[0].z);
            layer.activate(&here[0].z, &mut here[0].h);
        }
        if let Some(last) = tape.layers.last_mut() {
            loss.gradient_into(&last.h, &targets, &mut last.signal);
        }
        for (l, layer) in self.layers().iter().enumerate().rev() {
            let (below, here) = tape.layers.split_at_mut(l);
            let here = &mut here[0];
            layer.gate(&here.z, &here.signal, &mut here.delta);
            let input = below.last().map_or(batch, |below| &below.h);
            general_mat_mul(T::one(), &here.delta.t(), input, T::zero(), &mut here.d_weight);
            sum_rows(&here.delta, &mut here.d_bias);
            if let Some(below) = below.last_mut() {
                general_mat_mul(T::one(), &here.delta, &layer.weight, T::zero(), &mut below.signal);
            }
        }
        tape.layers.last().map_or(Err(NnError::NoLayers), |last| loss.value(&last.h, targets))
    }

    /// The gradient chain that a tape has recorded. Layers are named `layer1`, `layer2` and so on.
    ///
    /// # Errors
    /// A tape of another network.
    pub fn chain_of(&self, tape: &Tape<T>) -> Result<GradientChain, NnError> {
        self.check()?;
        if !tape.fits(self) {
            return Err(NnError::ForeignTape);
        }
        let layers = self.layers().iter().zip(&tape.layers).enumerate().map(|(i, (layer, tape))| {
            let (low, high) = layer.activation.unsaturated_range();
            let is_saturated = |z: T| {
                let z = Scalar::to_f64(z);
                (z < low) | (z > high)
            };
            Layer::new(format!("layer{}", i + 1), layer.width, flat(&tape.delta))
                .pre_activation(flat(&tape.z))
                .activation(flat(&tape.h))
                .signal(flat(&tape.signal))
                .weight_gradient(flat(&tape.d_weight))
                .saturation(flat(&tape.z), is_saturated)
        });
        Ok(GradientChain::from_layers(layers)?)
    }

    /// The gradient chain of one batch: whether a gradient survives the way back.
    ///
    /// # Errors
    /// As [`loss`](Network::loss).
    pub fn gradient_chain<'a>(
        &self,
        batch: &ArrayRef2<T>,
        targets: impl Into<Target<'a, T>>,
        loss: Loss,
    ) -> Result<GradientChain, NnError> {
        let mut tape = Tape::new();
        self.backward(batch, targets, loss, &mut tape)?;
        self.chain_of(&tape)
    }

    /// One step of stochastic gradient descent with the gradients of a tape: W -= learning_rate *
    /// dL/dW, and so the biases.
    ///
    /// # Errors
    /// A tape of another network; a learning rate that is not finite.
    pub fn sgd_step(&mut self, tape: &Tape<T>, learning_rate: f64) -> Result<(), NnError> {
        if !learning_rate.is_finite() {
            return Err(NnError::LearningRate { value: learning_rate });
        }
        if !tape.fits(self) {
            return Err(NnError::ForeignTape);
        }
        let step = T::from_f64(-learning_rate);
        for (layer, tape) in self.layers_mut().iter_mut().zip(&tape.layers) {
            layer.weight.scaled_add(step, &tape.d_weight);
            layer.bias.scaled_add(step, &tape.d_bias);
        }
        Ok(())
    }

    /// [`backward`](Network::backward), then [`sgd_step`](Network::sgd_step); returns the loss
    /// before the step. The tape is the network's own and lasts from step to step.
    ///
    /// # Errors
    /// As these two; the network is then as it was.
    pub fn train_step<'a>(
        &mut self,
        batch: &ArrayRef2<T>,
        targets: impl Into<Target<'a, T>>,
        loss: Loss,
        learning_rate: f64,
    ) -> Result<f64, NnError> {
        let mut tape = std::mem::take(&mut self.tape);
        let result = self.backward(batch, targets, loss, &mut tape);
        let stepped = result.and_then(|value| self.sgd_step(&tape, learning_rate).map(|()| value));
        self.tape = tape;
        stepped
    }

    fn check_batch(&self, batch: &ArrayRef2<T>) -> Result<(), NnError> {
        self.check()?;
        let (samples, found) = batch.dim();
        if found != self.inputs() {
            return Err(NnError::Inputs { expected: self.inputs(), found });
        }
        if samples == 0 {
            return Err(NnError::EmptyBatch);
        }
        Ok(())
    }
}

impl<T: Scalar + NdFloat> Dense<T> {
    /// z = h W^T + b.
    fn pre_activate(&self, input: &ArrayRef2<T>, z: &mut ArrayRef2<T>) {
        z.assign(&self.bias);
        general_mat_mul(T::one(), input, &self.weight.t(), T::one(), z);
    }

    /// h = phi(z).
    fn activate(&self, z: &Array2<T>, h: &mut Array2<T>) {
        self.activation.phi_slice(flat(z), flat_mut(h));
    }

    /// delta = phi'(z) * dL/dh.
    fn gate(&self, z: &Array2<T>, signal: &Array2<T>, delta: &mut Array2<T>) {
        self.activation.derivative_slice(flat(z), flat_mut(delta));
        *delta *= signal;
    }
}

fn sum_rows<T: NdFloat>(rows: &ArrayRef2<T>, sum: &mut ArrayRef1<T>) {
    sum.fill(T::zero());
    for row in rows.axis_iter(Axis(0)) {
        *sum += &*row;
    }
}

/// The elements of a tape's array, which is row-major.
fn flat<T>(array: &Array2<T>) -> &[T] {
    array.as_slice().unwrap_or_default()
}

fn flat_mut<T>(array: &mut Array2<T>) -> &mut [T] {
    array.as_slice_mut().unwrap_or_default()
}

fn largest<T: Scalar>(row: &ndarray::ArrayView1<'_, T>) -> Option<usize> {
    let best = row.iter().enumerate().reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    row.iter().all(|y| !y.is_nan()).then_some(best.0)
}
