//! Stochastic gradient descent.

use super::{Batch, Loss, Network, NnError, Tape, Targets};
use crate::scalar::Scalar;

impl<T: Scalar> Network<T> {
    /// One step of stochastic gradient descent with the gradients of a tape: W -= learning_rate *
    /// dL/dW, and so the biases.
    ///
    /// # Errors
    /// A tape of another network; a learning rate that is NaN or beyond the range of the scalar.
    pub fn sgd_step(&mut self, tape: &Tape<T>, learning_rate: f64) -> Result<(), NnError> {
        let rate = rate(learning_rate)?;
        if !tape.fits(self) {
            return Err(NnError::ForeignTape);
        }
        for (layer, tape) in self.layers_mut().iter_mut().zip(&tape.layers) {
            descend(&mut layer.weight, &tape.d_weight, rate);
            descend(&mut layer.bias, &tape.d_bias, rate);
        }
        Ok(())
    }

    /// [`backward`](Network::backward), then [`sgd_step`](Network::sgd_step); returns the loss
    /// before the step.
    ///
    /// # Errors
    /// As these two; network and tape are then as they were.
    pub fn train_step(
        &mut self,
        batch: &(impl Batch<Element = T> + ?Sized),
        targets: &(impl Targets<T> + ?Sized),
        loss: Loss,
        learning_rate: f64,
        tape: &mut Tape<T>,
    ) -> Result<f64, NnError> {
        rate::<T>(learning_rate)?;
        let value = self.backward(batch, targets, loss, tape)?;
        self.sgd_step(tape, learning_rate)?;
        Ok(value)
    }
}

/// The learning rate in the network's scalar.
fn rate<T: Scalar>(value: f64) -> Result<T, NnError> {
    let rate = T::from_f64(value);
    if rate.is_finite() { Ok(rate) } else { Err(NnError::LearningRate { value, scalar: T::NAME }) }
}

fn descend<T: Scalar>(parameters: &mut [T], gradients: &[T], rate: T) {
    for (parameter, gradient) in parameters.iter_mut().zip(gradients) {
        *parameter = *parameter - rate * *gradient;
    }
}
