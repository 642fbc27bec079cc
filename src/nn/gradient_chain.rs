//! The gradient chain of a network: a tape, read into statistics.

use super::{Batch, Loss, Network, NnError, Tape, Targets};
use crate::chain::{GradientChain, Layer};
use crate::scalar::Scalar;

impl<T: Scalar> Network<T> {
    /// The gradient chain of one batch: whether a gradient survives the way back.
    ///
    /// # Errors
    /// As [`loss`](Network::loss).
    pub fn gradient_chain(
        &self,
        batch: &(impl Batch<Element = T> + ?Sized),
        targets: &(impl Targets<T> + ?Sized),
        loss: Loss,
    ) -> Result<GradientChain, NnError> {
        let mut tape = Tape::new();
        self.backward(batch, targets, loss, &mut tape)?;
        self.chain_of(&tape)
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
            Layer::new(format!("layer{}", i + 1), layer.width, &tape.delta)
                .with_z(&tape.z)
                .with_h(&tape.h)
                .with_dl_dh(&tape.dl_dh)
                .with_alignment(&tape.h, &tape.dl_dh)
                .with_d_weight(&tape.d_weight)
                .with_saturated(&tape.z, is_saturated)
        });
        Ok(GradientChain::from_layers(layers)?)
    }
}
