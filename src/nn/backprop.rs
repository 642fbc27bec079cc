//! The way through the network and back.

use alloc::borrow::Cow;

use super::matrix::{matrix, multiply, multiply_add};
use super::network::Dense;
use super::targets::Target;
use super::{Batch, Loss, Network, NnError, Tape, Targets};
use crate::scalar::Scalar;

impl<T: Scalar> Network<T> {
    /// The outputs for a batch, `[samples, outputs]` row-major.
    ///
    /// # Errors
    /// A network without layers or with a width of 0; an empty batch; samples of another length
    /// than inputs.
    pub fn forward(&self, batch: &(impl Batch<Element = T> + ?Sized)) -> Result<Vec<T>, NnError> {
        let batch = self.checked(batch)?;
        let samples = batch.len() / self.inputs();
        let mut h: Option<Vec<T>> = None;
        for layer in self.layers() {
            let mut z = vec![T::zero(); samples * layer.width];
            layer.pre_activate(h.as_deref().unwrap_or(&batch), &mut z);
            let mut out = vec![T::zero(); z.len()];
            layer.activation.phi_slice(&z, &mut out);
            h = Some(out);
        }
        h.ok_or(NnError::NoLayers)
    }

    /// The loss of the outputs for a batch.
    ///
    /// # Errors
    /// As [`forward`](Network::forward); targets of another number or width; a label that is no
    /// class; a value that is NaN or infinite, or, for cross-entropy, negative.
    pub fn loss(
        &self,
        batch: &(impl Batch<Element = T> + ?Sized),
        targets: &(impl Targets<T> + ?Sized),
        loss: Loss,
    ) -> Result<f64, NnError> {
        let (outputs, targets) = (self.forward(batch)?, targets.target());
        loss.check(&targets, outputs.len() / self.outputs(), self.outputs())?;
        Ok(loss.value(&outputs, self.outputs(), &targets))
    }

    /// The share of samples, from 0 to 1, whose largest output is that of their label, or where the
    /// largest target is. Of equal outputs the first counts; a sample with a NaN among its outputs
    /// is wrong.
    ///
    /// # Errors
    /// As [`loss`](Network::loss).
    pub fn accuracy(
        &self,
        batch: &(impl Batch<Element = T> + ?Sized),
        targets: &(impl Targets<T> + ?Sized),
    ) -> Result<f64, NnError> {
        let (outputs, targets) = (self.forward(batch)?, targets.target());
        let width = self.outputs();
        let samples = outputs.len() / width;
        targets.check(samples, width)?;
        let rows = outputs.chunks_exact(width).enumerate();
        let right = rows.filter(|&(sample, row)| {
            let target = targets.row(sample, width);
            largest(row.iter().map(|&y| Scalar::to_f64(y))) == largest((0..width).map(|j| target.at(j)))
        });
        Ok(right.count() as f64 / samples as f64)
    }

    /// Runs a batch forward and back, recording everything in `tape`, and returns the loss.
    /// Allocates nothing if the tape has seen a batch of this size, but for what the batch or the
    /// targets copy and what the matrix product packs.
    ///
    /// Losses are means over the batch, so every delta carries a factor 1/samples, and the
    /// parameters' gradients are those of the mean.
    ///
    /// # Errors
    /// As [`loss`](Network::loss); the tape is then as it was.
    pub fn backward(
        &self,
        batch: &(impl Batch<Element = T> + ?Sized),
        targets: &(impl Targets<T> + ?Sized),
        loss: Loss,
        tape: &mut Tape<T>,
    ) -> Result<f64, NnError> {
        let (batch, targets) = (self.checked(batch)?, targets.target());
        loss.check(&targets, batch.len() / self.inputs(), self.outputs())?;
        self.record(&batch, &targets, loss, tape).ok_or(NnError::NoLayers)
    }

    /// The loss and all that leads to it and back, of what was checked; `None` without layers.
    fn record(&self, batch: &[T], targets: &Target<'_, T>, loss: Loss, tape: &mut Tape<T>) -> Option<f64> {
        tape.fit(self, batch.len() / self.inputs());
        for (l, layer) in self.layers().iter().enumerate() {
            let (below, here) = tape.layers.split_at_mut(l);
            let here = &mut here[0];
            layer.pre_activate(below.last().map_or(batch, |below| &below.h), &mut here.z);
            layer.activation.phi_slice(&here.z, &mut here.h);
        }
        let last = tape.layers.last_mut()?;
        loss.gradient_into(&last.h, self.outputs(), targets, &mut last.dl_dh);
        let value = loss.value(&last.h, self.outputs(), targets);
        for (l, layer) in self.layers().iter().enumerate().rev() {
            let (below, here) = tape.layers.split_at_mut(l);
            let here = &mut here[0];
            layer.gate(&here.z, &here.dl_dh, &mut here.delta);
            let input = below.last().map_or(batch, |below| &below.h);
            let delta = matrix(&here.delta, layer.width);
            multiply(delta.t(), matrix(input, layer.inputs), &mut here.d_weight);
            sum_rows(&here.delta, &mut here.d_bias);
            if let Some(below) = below.last_mut() {
                multiply(delta, matrix(&layer.weight, layer.inputs), &mut below.dl_dh);
            }
        }
        Some(value)
    }

    /// The samples of a batch that fits.
    pub(super) fn checked<'a>(
        &self,
        batch: &'a (impl Batch<Element = T> + ?Sized),
    ) -> Result<Cow<'a, [T]>, NnError> {
        self.check()?;
        let inputs = self.inputs();
        if let Some(found) = batch.columns().filter(|&columns| columns != inputs) {
            return Err(NnError::Inputs { expected: inputs, found });
        }
        let samples = batch.row_major();
        if samples.is_empty() {
            return Err(NnError::EmptyBatch);
        }
        if !samples.len().is_multiple_of(inputs) {
            return Err(NnError::NotRows { tensor: "batch", length: samples.len(), width: inputs });
        }
        Ok(samples)
    }
}

impl<T: Scalar> Dense<T> {
    /// z = h W^T + b.
    pub(super) fn pre_activate(&self, input: &[T], z: &mut [T]) {
        z.chunks_exact_mut(self.width).for_each(|row| row.copy_from_slice(&self.bias));
        multiply_add(matrix(input, self.inputs), matrix(&self.weight, self.inputs).t(), z);
    }

    /// delta = phi'(z) * dL/dh.
    fn gate(&self, z: &[T], dl_dh: &[T], delta: &mut [T]) {
        self.activation.derivative_slice(z, delta);
        delta.iter_mut().zip(dl_dh).for_each(|(delta, dl_dh)| *delta = *delta * *dl_dh);
    }
}

/// The sum of all rows that are as long as it, in `f64`.
fn sum_rows<T: Scalar>(rows: &[T], sum: &mut [T]) {
    /// Columns at once: what a row brings is added in a register or two.
    const BLOCK: usize = 16;
    let width = sum.len();
    for (block, sum) in sum.chunks_mut(BLOCK).enumerate() {
        let mut wide = [0.0; BLOCK];
        for row in rows.chunks_exact(width) {
            let values = row[block * BLOCK..].iter();
            wide.iter_mut().zip(values).for_each(|(wide, value)| *wide += Scalar::to_f64(*value));
        }
        sum.iter_mut().zip(wide).for_each(|(sum, wide)| *sum = T::from_f64(wide));
    }
}

/// Where the largest is, the first of equals; `None` if one is NaN.
fn largest(values: impl Iterator<Item = f64> + Clone) -> Option<usize> {
    let best = values.clone().enumerate().reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    values.clone().all(|value| !value.is_nan()).then_some(best.0)
}
