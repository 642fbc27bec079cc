//! Dense ReLU layers on plain vectors.

use fanin::chain::{GradientChain, Layer};
use fanin::{He, InitializerExt, Seed};

/// Layers of one width; weights are `[out][in]`, row after row.
pub struct Perceptron {
    width: usize,
    weights: Vec<Vec<f32>>,
}

impl Perceptron {
    pub fn new(width: usize, depth: usize, seed: Seed) -> Self {
        let weights = (0..depth).map(|layer| {
            let mut w = vec![0.0; width * width];
            He::normal(width).seed(seed.child(layer)).fill(&mut w);
            w
        });
        Self { width, weights: weights.collect() }
    }

    pub fn weights(&self) -> &[Vec<f32>] {
        &self.weights
    }

    /// Runs one input forward, sends `gradient` back from the outputs, and measures on the way.
    pub fn gradient_chain(&self, input: &[f32], gradient: &[f32]) -> GradientChain {
        let mut h = input.to_vec();
        let mut zs = Vec::new();
        for w in &self.weights {
            let dot = |row: &[f32]| row.iter().zip(&h).map(|(w, h)| w * h).sum::<f32>();
            let z: Vec<f32> = w.chunks(self.width).map(dot).collect();
            h = z.iter().map(|z| z.max(0.0)).collect();
            zs.push(z);
        }
        let mut dl_dh = gradient.to_vec();
        let mut layers = Vec::new();
        for (w, z) in self.weights.iter().zip(&zs).rev() {
            let delta: Vec<f32> =
                dl_dh.iter().zip(z).map(|(dl_dh, &z)| if z > 0.0 { *dl_dh } else { 0.0 }).collect();
            layers.push(Layer::new("dense", self.width, &delta).with_z(z).with_dl_dh(&dl_dh));
            dl_dh = (0..self.width)
                .map(|i| delta.iter().zip(w.chunks(self.width)).map(|(delta, row)| delta * row[i]).sum())
                .collect();
        }
        layers.reverse();
        GradientChain::from_layers(layers).expect("lengths fit")
    }
}
