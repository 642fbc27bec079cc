//! LSUV, layer-sequential unit variance: weights that are scaled, layer after layer, until real data leave each layer with variance 1.
//!
//! Mishkin and Matas, ["All you need is a good init"](https://arxiv.org/abs/1511.06422), 2016, algorithm 1. The weights start
//! orthogonal; then for each layer in turn the data are sent up to its pre-activations z, and its weights divided by the standard deviation of z,
//! until the variance is 1 within a tolerance. What theory must assume of activations, pooling and
//! normalisation is measured instead.
//!
//! A [`Network`](crate::nn::Network) has it as a method, [`Network::lsuv`](crate::nn::Network::lsuv); a model of your own, in any
//! framework, implements [`LayeredModel`].
//!
//! ```
//! use fanin::lsuv::{LayeredModel, Lsuv};
//!
//! /// Layers that multiply by a number: all that LSUV asks of a model.
//! struct Chain {
//!     weights: Vec<f32>,
//!     inputs: Vec<f32>,
//! }
//!
//! impl LayeredModel for Chain {
//!     type Element = f32;
//!     type Error = std::convert::Infallible;
//!
//!     fn depth(&self) -> usize {
//!         self.weights.len()
//!     }
//!
//!     fn pre_activations(&mut self, layer: usize, take: &mut dyn FnMut(&[f32])) -> Result<(), Self::Error> {
//!         let product: f32 = self.weights[..=layer].iter().product();
//!         take(&self.inputs.iter().map(|x| product * x).collect::<Vec<_>>());
//!         Ok(())
//!     }
//!
//!     fn scale(&mut self, layer: usize, factor: f64) -> Result<(), Self::Error> {
//!         self.weights[layer] *= factor as f32;
//!         Ok(())
//!     }
//! }
//!
//! let mut model = Chain { weights: vec![5.0, 0.01, 3.0], inputs: vec![-2.0, 2.0] };
//! let log = Lsuv::new().run(&mut model)?;
//! assert!(log.converged());
//! assert_eq!(log.layers()[0].variances(), [100.0, 1.0]);
//! assert_eq!(model.weights, [0.5, 1.0, 1.0]);
//! # Ok::<(), fanin::lsuv::LsuvError<std::convert::Infallible>>(())
//! ```

use alloc::vec::Vec;
use core::error::Error;
use core::fmt;

use crate::chain::Moments;
use crate::scalar::{Scalar, sqrt};
use crate::significant::Significant;

/// A model of layers in a row, whose pre-activations can be measured and whose weights can be scaled.
pub trait LayeredModel {
    /// The scalar of the pre-activations.
    type Element: Scalar;
    /// What can go wrong in the model.
    type Error;

    /// How many layers there are. They are counted from 0, the first that sees the data first.
    fn depth(&self) -> usize;

    /// Sends the data through the model as it is now, and gives the pre-activations of a layer for all samples to `take`, in
    /// one slice or in many. Called for each layer in turn, a few times each.
    ///
    /// # Errors
    ///
    /// The model's own, which ends LSUV.
    fn pre_activations(
        &mut self,
        layer: usize,
        take: &mut dyn FnMut(&[Self::Element]),
    ) -> Result<(), Self::Error>;

    /// Multiplies the weights of a layer, not its biases.
    ///
    /// # Errors
    ///
    /// The model's own, which ends LSUV.
    fn scale(&mut self, layer: usize, factor: f64) -> Result<(), Self::Error>;
}

/// Layer-sequential unit variance, with the numbers of the paper unless told otherwise: variance 1 within 0.1, at most 10
/// scalings a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use = "nothing is scaled until it is run"]
pub struct Lsuv {
    tolerance: f64,
    max_iterations: usize,
}

impl Default for Lsuv {
    fn default() -> Self {
        Self::new()
    }
}

impl Lsuv {
    /// Variance 1 within 0.1, at most 10 scalings a layer.
    pub const fn new() -> Self {
        Self { tolerance: 0.1, max_iterations: 10 }
    }

    /// How far from 1 the variance may be, at least 0.
    pub const fn tolerance(self, tolerance: f64) -> Self {
        Self { tolerance, ..self }
    }

    /// How often the weights of a layer are scaled at most. A layer that is not within the tolerance by then is left as it is,
    /// and the log says so.
    pub const fn max_iterations(self, max_iterations: usize) -> Self {
        Self { max_iterations, ..self }
    }

    /// Scales the weights of each layer in turn.
    ///
    /// # Errors
    ///
    /// A tolerance that is negative or NaN; a layer whose pre-activations have variance 0 (its weights are 0, or the data do not reach it),
    /// are none, or are not all finite; what the model says. Layers before the one that fails have been scaled, that one not
    /// since its last measurement, and no other.
    pub fn run<M: LayeredModel>(self, model: &mut M) -> Result<LsuvLog, LsuvError<M::Error>> {
        if self.tolerance.is_nan() || self.tolerance < 0.0 {
            return Err(LsuvError::Tolerance { value: self.tolerance });
        }
        let mut layers = Vec::new();
        for layer in 0..model.depth() {
            let mut log = LayerLog { variances: Vec::new(), factor: 1.0, converged: false };
            loop {
                let variance = measure(model, layer)?;
                log.variances.push(variance);
                log.converged = (variance - 1.0).abs() <= self.tolerance;
                if log.converged || log.variances.len() > self.max_iterations {
                    break;
                }
                let factor = 1.0 / sqrt(variance);
                model.scale(layer, factor).map_err(LsuvError::Model)?;
                log.factor *= factor;
            }
            layers.push(log);
        }
        Ok(LsuvLog { layers })
    }
}

/// The variance of a layer's pre-activations, above 0 and finite.
fn measure<M: LayeredModel>(model: &mut M, layer: usize) -> Result<f64, LsuvError<M::Error>> {
    let mut moments = Moments::new();
    model.pre_activations(layer, &mut |z| moments.extend_from_slice(z)).map_err(LsuvError::Model)?;
    if moments.non_finite() > 0 {
        return Err(LsuvError::NotFinite { layer, count: moments.non_finite() });
    }
    match moments.variance() {
        None => Err(LsuvError::NoPreActivations { layer }),
        Some(variance) if variance > 0.0 && (1.0 / sqrt(variance)).is_finite() && variance.is_finite() => {
            Ok(variance)
        }
        Some(variance) => Err(LsuvError::Variance { layer, variance }),
    }
}

/// What LSUV did, layer by layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LsuvLog {
    layers: Vec<LayerLog>,
}

/// What LSUV did to a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerLog {
    variances: Vec<f64>,
    factor: f64,
    converged: bool,
}

impl LsuvLog {
    /// The layers, in their order.
    #[must_use]
    pub fn layers(&self) -> &[LayerLog] {
        &self.layers
    }

    /// Whether every layer came within the tolerance.
    #[must_use]
    pub fn converged(&self) -> bool {
        self.layers.iter().all(LayerLog::converged)
    }
}

impl LayerLog {
    /// The variances of the pre-activations as they were measured: before the first scaling, and after each.
    #[must_use]
    pub fn variances(&self) -> &[f64] {
        &self.variances
    }

    /// What the weights were multiplied by, all in all.
    #[must_use]
    pub const fn factor(&self) -> f64 {
        self.factor
    }

    /// Whether the last variance is within the tolerance.
    #[must_use]
    pub const fn converged(&self) -> bool {
        self.converged
    }
}

/// A table, one line a layer.
impl fmt::Display for LsuvLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |value| Significant { value, digits: 4 };
        write!(f, "  # weights times   variance of the pre-activations, before and after each scaling")?;
        for (i, LayerLog { variances, factor, converged }) in self.layers.iter().enumerate() {
            write!(f, "\n{:>3} {:>13}  ", i + 1, alloc::format!("{}", number(*factor)))?;
            for variance in variances {
                write!(f, " {}", number(*variance))?;
            }
            if !converged {
                write!(f, "  not within the tolerance")?;
            }
        }
        Ok(())
    }
}

/// Why LSUV cannot go on. Fields count layers from 0, messages from 1.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum LsuvError<E> {
    /// The tolerance is negative or NaN.
    Tolerance {
        /// Its value.
        value: f64,
    },
    /// The variance of a layer's pre-activations is 0, or so small or large that no factor makes up for it.
    Variance {
        /// Which layer.
        layer: usize,
        /// The variance.
        variance: f64,
    },
    /// Pre-activations are NaN or infinite.
    NotFinite {
        /// Of which layer.
        layer: usize,
        /// How many.
        count: u64,
    },
    /// The model gave no pre-activations.
    NoPreActivations {
        /// Of which layer.
        layer: usize,
    },
    /// What the model says.
    Model(E),
}

impl<E: fmt::Display> fmt::Display for LsuvError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tolerance { value } => write!(f, "the tolerance is {value}: it must be at least 0"),
            Self::Variance { layer, variance } => write!(
                f,
                "layer {}: the variance of the pre-activations is {variance:e}: no factor on the weights makes it 1, start the layer with weights that are not 0 and data that differ",
                layer + 1
            ),
            Self::NotFinite { layer, count } => write!(
                f,
                "layer {}: {count} pre-activations are not finite: start with smaller weights, and with data that are finite",
                layer + 1
            ),
            Self::NoPreActivations { layer } => {
                write!(
                    f,
                    "layer {}: there are no pre-activations to measure: at least one sample is needed",
                    layer + 1
                )
            }
            Self::Model(error) => error.fmt(f),
        }
    }
}

impl<E: Error> Error for LsuvError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // Its text is this error's own.
            Self::Model(error) => error.source(),
            _ => None,
        }
    }
}
