//! Check of a whole model: each layer against its distribution, and no layer a copy of another.

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::check_law::CheckLaw;
use super::false_positives::{FALSE_POSITIVES, declared};
use super::law_error::LawError;
use super::law_evidence::Part;
use super::model_error::{ModelError, ModelFault};
use super::model_evidence::ModelEvidence;
use super::read_weights::ReadWeights;
use crate::diagnosis::{LayerWeights, WeightCopy, copies};
use crate::init::Initializer;
use crate::scalar::Scalar;

/// One parameter of a model: its name, its weights, and the initializer (or [`Law`](crate::Law)) that they should follow.
///
/// ```
/// use fanin::testing::ModelLayer;
/// use fanin::prelude::*;
///
/// let mut w = [[0.0_f32; 784]; 256];
/// He::normal(784).fill(&mut w);
/// let law = He::normal(784);
/// let layer = ModelLayer::new("fc1.weight", &w, &law);
/// # let _ = layer;
/// ```
#[derive(Clone)]
pub struct ModelLayer<'a, T: Scalar> {
    name: &'a str,
    weights: Cow<'a, [T]>,
    shape: Vec<usize>,
    law: &'a dyn Initializer<T>,
    tied_to: Option<&'a str>,
}

impl<T: Scalar> core::fmt::Debug for ModelLayer<'_, T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { name, shape, tied_to, .. } = self;
        f.debug_struct("ModelLayer")
            .field("name", name)
            .field("shape", shape)
            .field("law", &self.law.law())
            .field("tied_to", tied_to)
            .finish_non_exhaustive()
    }
}

impl<'a, T: Scalar> ModelLayer<'a, T> {
    /// The parameter `name`. Nested arrays and those of ndarray bring their shape along; a slice has one row.
    pub fn new<W: ReadWeights<Scalar = T> + ?Sized>(
        name: &'a str,
        weights: &'a W,
        law: &'a dyn Initializer<T>,
    ) -> Self {
        Self { name, weights: weights.read_weights(), shape: weights.shape(), law, tied_to: None }
    }

    /// The same, of this shape, the outermost dimension first; the elements stand in row-major order.
    #[must_use]
    pub fn shape(self, shape: impl Into<Vec<usize>>) -> Self {
        Self { shape: shape.into(), ..self }
    }

    /// The same, shared on purpose with the parameter of that name: copies between the two are no fault.
    #[must_use]
    pub fn tied_to(self, name: &'a str) -> Self {
        Self { tied_to: Some(name), ..self }
    }

    fn weights(&self) -> LayerWeights<'_, T> {
        let weights = LayerWeights::new(self.name, &self.weights, &self.shape);
        self.tied_to.map_or(weights, |name| weights.tied_to(name))
    }
}

/// Whether a model is started as promised, at a false-positive rate of 1e-9: see [`CheckModel`], of which this is the
/// default.
///
/// # Errors
///
/// A [`ModelError`], whose text names every parameter that is wrong, and says why.
pub fn check_model<T: Scalar>(layers: &[ModelLayer<'_, T>]) -> Result<ModelEvidence, ModelError> {
    CheckModel::default().check(layers)
}

/// A check of all parameters of a model: that each follows its distribution, and that all are independent.
///
/// Half of the declared rate is shared by the parameters, each of which goes through [`CheckLaw`], half is for
/// [`copies`]: weights that are equal to, the negative or a multiple of other weights, of whole parameters, rows, columns
/// or ranges (the same seed at another offset), in the same order, shifted, transposed or permuted, in the same parameter
/// or in another. A model of a thousand parameters keeps the rate as one of two does.
///
/// ```
/// use fanin::testing::{CheckModel, ModelLayer};
/// use fanin::prelude::*;
///
/// let seed = Seed::random();
/// let laws: [&dyn Initializer<f32>; 3] = [&He::normal(784), &He::normal(256), &LeCun::uniform(256)];
/// let names = ["fc1.weight", "fc2.weight", "head.weight"];
/// let mut weights = [vec![0.0_f32; 256 * 784], vec![0.0; 256 * 256], vec![0.0; 10 * 256]];
/// for ((w, law), name) in weights.iter_mut().zip(laws).zip(names) {
///     law.fill_shard(seed.child(name), 0, w)?;
/// }
/// let model: Vec<_> = (0..3).map(|l| ModelLayer::new(names[l], &weights[l], laws[l])).collect();
/// println!("{}", CheckModel::default().at_rate(1e-6).check(&model).unwrap());
///
/// laws[1].fill_shard(seed.child("fc1.weight"), 512, &mut weights[1])?; // a slip
/// let model: Vec<_> = (0..3).map(|l| ModelLayer::new(names[l], &weights[l], laws[l])).collect();
/// let error = CheckModel::default().check(&model).unwrap_err().to_string();
/// assert!(error.contains("- fc2.weight is 1.75"), "{error}"); // sqrt(784 / 256) times fc1.weight, shifted
/// # Ok::<(), fanin::InitError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckModel {
    false_positives: f64,
}

/// A false-positive rate of 1e-9.
impl Default for CheckModel {
    fn default() -> Self {
        Self { false_positives: FALSE_POSITIVES }
    }
}

impl CheckModel {
    /// A check that refuses a good model with at most this probability.
    ///
    /// # Panics
    ///
    /// If the rate is not between 0 and 1.
    #[must_use]
    #[track_caller]
    pub fn at_rate(self, false_positives: f64) -> Self {
        Self { false_positives: declared(false_positives) }
    }

    /// Whether the model is started as promised.
    ///
    /// # Errors
    ///
    /// A [`ModelError`].
    pub fn check<T: Scalar>(&self, layers: &[ModelLayer<'_, T>]) -> Result<ModelEvidence, ModelError> {
        if layers.is_empty() {
            return Err(ModelError::Empty);
        }
        let weights: Vec<_> = layers.iter().map(ModelLayer::weights).collect();
        let half = 0.5 * self.false_positives;
        let mut copies = copies(&weights).map_err(ModelError::Layers)?;
        copies.retain(|copy| copy.p_value() <= half);
        let law = CheckLaw::default().at_rate(half / layers.len() as f64);
        let (mut evidence, mut faults) = (Vec::new(), Vec::new());
        for (l, layer) in layers.iter().enumerate() {
            let name = layer.name.to_string();
            match law.clone().shape(layer.shape.clone()).check(&layer.weights, layer.law) {
                Ok(found) => evidence.push((name, found)),
                Err(error) if is_said(&error, l, &copies) => {}
                Err(error) => faults.push(ModelFault::Law { name, error }),
            }
        }
        faults.extend(copies.into_iter().map(ModelFault::Copy));
        if faults.is_empty() {
            return Ok(ModelEvidence::new(evidence));
        }
        Err(ModelError::Faults { faults, layers: layers.len(), allowed: self.false_positives })
    }
}

/// Whether all that is wrong with a parameter by itself is that it holds these copies.
fn is_said(error: &LawError, layer: usize, copies: &[WeightCopy]) -> bool {
    let copied = matches!(error, LawError::Contradiction { part: Part::Repetition | Part::Copies, .. });
    copied && copies.iter().any(|copy| [copy.original().layer, copy.copy().layer] == [layer; 2])
}
