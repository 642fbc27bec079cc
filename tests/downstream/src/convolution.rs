//! Convolutions over a ring, tanh between them.

use fanin::chain::{GradientChain, Layer};
use fanin::{Fan, InitializerExt, Seed, Xavier};

/// Weights at one end of a kernel, at its middle, at the other end.
const KERNEL: usize = 3;

/// How a [`Convolution`] is started.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// By its fans.
    Right,
    /// By its channels alone: the kernel is forgotten, as libraries do.
    KernelForgotten,
}

/// Layers of as many channels in as out; weights are `[out][in][kernel]`.
pub struct Convolution {
    channels: usize,
    length: usize,
    weights: Vec<Vec<f64>>,
}

impl Convolution {
    pub fn new(channels: usize, length: usize, depth: usize, start: Start, seed: Seed) -> Self {
        let fan = match start {
            Start::Right => Fan::conv(channels, channels, [KERNEL]),
            Start::KernelForgotten => Fan::dense(channels, channels),
        };
        let weights = (0..depth).map(|layer| {
            let mut w = vec![0.0; channels * channels * KERNEL];
            Xavier::uniform(fan).seed(seed.child(layer)).fill(&mut w);
            w
        });
        Self { channels, length, weights: weights.collect() }
    }

    pub fn weights(&self) -> &[Vec<f64>] {
        &self.weights
    }

    /// Calls `visit` with (weight, index of the input, index of the output) for every product.
    fn each(&self, w: &[f64], mut visit: impl FnMut(f64, usize, usize)) {
        for out in 0..self.channels {
            for from in 0..self.channels {
                for k in 0..KERNEL {
                    let w = w[(out * self.channels + from) * KERNEL + k];
                    for x in 0..self.length {
                        let source = (x + k + self.length - 1) % self.length;
                        visit(w, from * self.length + source, out * self.length + x);
                    }
                }
            }
        }
    }

    /// Runs one input, `[channels][length]`, forward, sends `gradient` back, and measures on the way.
    pub fn gradient_chain(&self, input: &[f64], gradient: &[f64]) -> GradientChain {
        let mut h = input.to_vec();
        let mut zs = Vec::new();
        for w in &self.weights {
            let mut z = vec![0.0; h.len()];
            self.each(w, |w, from, to| z[to] += w * h[from]);
            h = z.iter().map(|z| z.tanh()).collect();
            zs.push(z);
        }
        let mut dl_dh = gradient.to_vec();
        let mut layers = Vec::new();
        for (w, z) in self.weights.iter().zip(&zs).rev() {
            let delta: Vec<f64> =
                dl_dh.iter().zip(z).map(|(dl_dh, z)| dl_dh * (1.0 - z.tanh().powi(2))).collect();
            layers.push(Layer::new("conv", delta.len(), &delta).with_z(z).with_dl_dh(&dl_dh));
            dl_dh = vec![0.0; delta.len()];
            self.each(w, |w, from, to| dl_dh[from] += w * delta[to]);
        }
        layers.reverse();
        GradientChain::from_layers(layers).expect("lengths fit")
    }
}
