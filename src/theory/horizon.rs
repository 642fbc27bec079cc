//! `Horizon`: where a network leaves the range of a precision, on its way forward and back.

use alloc::vec::Vec;
use core::fmt;

use super::{Inputs, Magnitude, Precision, Prediction};
use crate::chain::{GradientChain, Moments};
use crate::scalar::sqrt;

/// Where a network leaves the range of a [`Precision`], on its way forward and back.
///
/// Layers are judged by the root mean square of z, delta and dW: some values are lost a little before,
/// the last ones a little after. Printed with `{}`, one line.
///
/// ```
/// use fanin::theory::{Horizon, Inputs, NetworkLaw, Precision};
/// use fanin::{Activation, Normal};
///
/// // 50 tanh layers from N(0, 0.01^2): each multiplies by 0.1, forwards and back.
/// let law = NetworkLaw::dense(&[100; 52], &Activation::Tanh, |_| Normal::new(0.0, 0.01).law())?;
/// let prediction = law.predict(&Inputs::alike(1.0, 0.0)?)?;
/// let horizon = Horizon::from_prediction(&prediction, &Inputs::alike(1.0, 0.0)?, Precision::F32, 0.01, 32);
/// // The 45th layer's z would be 1e-45; and dW = delta h is 0 though neither factor may be.
/// assert_eq!(horizon.forward().unwrap().0, 37);
/// assert_eq!(horizon.zero_weight_gradients(), 51);
/// # Ok::<(), fanin::theory::TheoryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Horizon {
    precision: Precision,
    forward: Option<(usize, Magnitude)>,
    backward: Option<(usize, Magnitude)>,
    weight_gradients: Vec<Option<Magnitude>>,
}

impl Horizon {
    /// Of a prediction, for a delta of the output layer of this root mean square, on so many `samples`.
    ///
    /// The rms of dW_l is sqrt(samples) rms(delta_l) rms(h_{l-1}): samples are taken to have nothing to do
    /// with each other. Where they do, it may be larger by a factor of up to sqrt(samples).
    #[must_use]
    pub fn from_prediction(
        prediction: &Prediction,
        inputs: &Inputs,
        precision: Precision,
        output_delta: f64,
        samples: usize,
    ) -> Self {
        let layers = prediction.layers();
        // In logs: either factor of dW may be small beyond f64.
        let ln_inputs = 0.5 * libm::log(inputs.mean_square());
        let ln_h = core::iter::once(ln_inputs)
            .chain(layers.iter().map(|layer| 0.5 * libm::log(layer.mean_square())));
        let (mut open, mut ln_delta) = (true, Vec::with_capacity(layers.len()));
        for (l, layer) in layers.iter().enumerate().rev() {
            // Where z is rounded to 0, ReLU's gates close: nothing comes back through them.
            let is_zero = precision.magnitude(sqrt(layer.q())) == Magnitude::Zero;
            open &= !(is_zero && layer.gate_at_zero() == 0.0);
            let ln = prediction.ln_delta(l).filter(|_| open).unwrap_or(f64::NEG_INFINITY);
            ln_delta.push(0.5 * ln + libm::log(output_delta));
        }
        ln_delta.reverse();
        let ln_samples = 0.5 * libm::log(samples as f64);
        let d_weight = |(ln_delta, ln_h): (&f64, f64)| {
            Some(precision.magnitude(libm::exp(ln_delta + ln_h + ln_samples)))
        };
        Self {
            precision,
            forward: first(layers.iter().map(|layer| sqrt(layer.q())).enumerate(), precision),
            backward: first(ln_delta.iter().map(|ln| libm::exp(*ln)).enumerate().rev(), precision),
            weight_gradients: ln_delta.iter().zip(ln_h).map(d_weight).collect(),
        }
    }

    /// Of a chain measured in another, wider precision, as it would be in this one; or in this one, as
    /// it is.
    #[must_use]
    pub fn from_chain(chain: &GradientChain, precision: Precision) -> Self {
        let layers = chain.layers();
        let rms = |moments: &Moments| match moments {
            moments if moments.non_finite() > 0 => f64::INFINITY,
            moments => moments.rms().unwrap_or(0.0),
        };
        let forward = layers.iter().enumerate().filter_map(|(l, layer)| Some((l, rms(layer.z()?))));
        Self {
            precision,
            forward: first(forward, precision),
            backward: first(
                layers.iter().enumerate().rev().map(|(l, layer)| (l, rms(layer.delta()))),
                precision,
            ),
            weight_gradients: layers
                .iter()
                .map(|layer| layer.d_weight().map(|d_weight| precision.magnitude(rms(d_weight))))
                .collect(),
        }
    }

    /// The precision that it is about.
    #[must_use]
    pub const fn precision(&self) -> Precision {
        self.precision
    }

    /// The first layer on the way forward whose z leave the range, and how. Layers count from 0.
    #[must_use]
    pub const fn forward(&self) -> Option<(usize, Magnitude)> {
        self.forward
    }

    /// The first layer on the way back whose deltas leave the range, and how.
    #[must_use]
    pub const fn backward(&self) -> Option<(usize, Magnitude)> {
        self.backward
    }

    /// What becomes of dW, layer by layer; `None` where it was not given.
    #[must_use]
    pub fn weight_gradients(&self) -> &[Option<Magnitude>] {
        &self.weight_gradients
    }

    /// How many layers' weight gradients are rounded to 0: those layers do not learn at all.
    #[must_use]
    pub fn zero_weight_gradients(&self) -> usize {
        self.weight_gradients.iter().filter(|&&magnitude| magnitude == Some(Magnitude::Zero)).count()
    }
}

fn first(mut layers: impl Iterator<Item = (usize, f64)>, precision: Precision) -> Option<(usize, Magnitude)> {
    layers.find_map(|(layer, rms)| {
        let magnitude = precision.magnitude(rms);
        (magnitude != Magnitude::Normal).then_some((layer, magnitude))
    })
}

/// `f32: z loses digits from layer 38 on, delta loses digits from layer 14 back, dW is 0 in 51 of 51
/// layers`.
impl fmt::Display for Horizon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.precision.name())?;
        let zeros = self.zero_weight_gradients();
        if self.forward.is_none() && self.backward.is_none() && zeros == 0 {
            return f.write_str("nothing is lost");
        }
        match self.forward {
            Some((layer, magnitude)) => write!(f, "z {magnitude} from layer {} on", layer + 1),
            None => f.write_str("z keeps its digits"),
        }?;
        match self.backward {
            Some((layer, magnitude)) => write!(f, ", delta {magnitude} from layer {} back", layer + 1),
            None => f.write_str(", delta keeps its digits"),
        }?;
        if zeros > 0 {
            write!(f, ", dW is 0 in {zeros} of {} layers", self.weight_gradients.len())?;
        }
        Ok(())
    }
}
