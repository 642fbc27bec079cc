//! Models as the searches see them: the layers, their sketches, and what has been found so far.

use alloc::vec;
use alloc::vec::Vec;

use super::evidence::{Fit, Precision, Resolution};
use super::layer_weights::{CopiesError, LayerWeights};
use super::sketch::Sketch;
use super::weight_copy::{Order, Part, Values};
use crate::scalar::Scalar;

pub(super) struct Model<'a, T> {
    pub(super) layers: &'a [LayerWeights<'a, T>],
    pub(super) sketches: Vec<Sketch>,
    /// The parameter that each is tied to, itself if none.
    ties: Vec<usize>,
    /// Parameters that are known to be copies as a whole: no search looks at them again.
    pub(super) explained: Vec<bool>,
    pub(super) found: Vec<Match>,
}

/// Copied weights at one stretch.
#[derive(Clone, Debug)]
pub(super) struct Match {
    pub(super) original: usize,
    pub(super) copy: usize,
    /// Where in both.
    pub(super) parts: [Part; 2],
    /// How many weights of the copy.
    pub(super) weights: usize,
    pub(super) values: Values,
    pub(super) order: Order,
    pub(super) ln_p_value: f64,
}

impl<'a, T: Scalar> Model<'a, T> {
    pub(super) fn of(layers: &'a [LayerWeights<'a, T>]) -> Result<Self, CopiesError> {
        layers.iter().try_for_each(LayerWeights::check)?;
        Ok(Self {
            layers,
            sketches: layers.iter().map(|layer| Sketch::of(layer.weights)).collect(),
            ties: ties(layers)?,
            explained: vec![false; layers.len()],
            found: Vec::new(),
        })
    }

    pub(super) fn at(&self, layer: usize, element: usize) -> f64 {
        Scalar::to_f64(self.layers[layer].weights[element])
    }

    /// Copies between the two are no fault.
    pub(super) fn tied(&self, a: usize, b: usize) -> bool {
        self.ties[a] == self.ties[b] && (a != b || self.layers[a].tied_to == Some(self.layers[a].name))
    }

    pub(super) fn resolution(&self) -> Resolution {
        Resolution {
            epsilon: Scalar::to_f64(T::epsilon()),
            smallest: Scalar::to_f64(T::min_positive_value()),
        }
    }

    pub(super) fn parameter_pairs(&self) -> f64 {
        let layers = self.layers.len() as f64;
        0.5 * layers * (layers - 1.0)
    }

    /// How many of each parameter's weights are known to be copies.
    pub(super) fn copied(&self) -> Vec<usize> {
        let mut copied = vec![0; self.layers.len()];
        self.found.iter().for_each(|found| copied[found.copy] += found.weights);
        copied
    }

    pub(super) fn weights(&self) -> usize {
        self.layers.iter().map(|layer| layer.weights.len()).sum()
    }
}

/// The first parameter of each group that is tied together.
fn ties<T>(layers: &[LayerWeights<'_, T>]) -> Result<Vec<usize>, CopiesError> {
    let mut names: Vec<usize> = (0..layers.len()).collect();
    names.sort_by_key(|&l| layers[l].name);
    let mut ties: Vec<usize> = (0..layers.len()).collect();
    for (l, layer) in layers.iter().enumerate() {
        let Some(tied_to) = layer.tied_to else { continue };
        let place = names.partition_point(|&other| layers[other].name < tied_to);
        let Some(&other) = names.get(place).filter(|&&other| layers[other].name == tied_to) else {
            return Err(CopiesError::UnknownTie { name: layer.name.into(), tied_to: tied_to.into() });
        };
        join(&mut ties, l, other);
    }
    Ok((0..ties.len()).map(|l| root(&mut ties, l)).collect())
}

/// The first parameter of the group of `l`; on the way each is hung up nearer to it.
pub(super) fn root(parents: &mut [usize], mut l: usize) -> usize {
    while parents[l] != l {
        parents[l] = parents[parents[l]];
        l = parents[l];
    }
    l
}

/// Makes the groups of two parameters one; false if they were.
pub(super) fn join(parents: &mut [usize], a: usize, b: usize) -> bool {
    let (a, b) = (root(parents, a), root(parents, b));
    parents[a.max(b)] = a.min(b);
    a != b
}

impl Fit {
    pub(super) fn values(&self) -> Values {
        let factor = self.factor;
        match self.precision {
            Precision::Exact if factor == 1.0 => Values::Equal,
            Precision::Exact if factor == -1.0 => Values::Negative,
            Precision::Exact | Precision::Scalar => Values::Multiple { factor },
            Precision::Half => Values::Rounded { factor },
        }
    }
}
