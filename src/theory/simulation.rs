//! Simulated chains: draws of the squared norm of delta, layer by layer, that cost next to nothing.
//!
//! Given what feeds a layer, its pre-activations are independent, so that all that passes from layer to layer, forward
//! and back, are a few sums over units. Of a narrow layer the units are drawn; of a wide one the sums, whose distribution
//! is nearly normal.

use alloc::vec;
use alloc::vec::Vec;

use super::columns::dot;
use super::unit_moments::{LARGEST, SumsLaw, UnitMoments};
use super::{LayerLaw, NetworkLaw, TheoryError};
use crate::scalar::sqrt;

/// From this width on the sums of a layer are drawn, if their variance is small enough as well: their skewness is kept,
/// what is beyond it would move the mean of a layer's logarithm by some 10 / width^3.
const WIDE: usize = 48;

/// The variance of a sum over its squared mean up to which it is drawn as one: where a few units dominate a layer, it is
/// far from normal.
const TAME: f64 = 0.2;

/// Wider layers have their sums drawn whatever their variance, and of the outputs no more than these are drawn: nothing
/// costs more the wider it is.
const MAX_UNITS: usize = 1024;

/// The largest variance of units that are drawn: their squares are numbers.
const LARGEST_DRAWN: f64 = 1e280;

/// Normal variables that a layer takes whose sums are drawn.
const PER_WIDE_LAYER: usize = 5;

/// Chains of a network, for one input.
pub(super) struct Simulation<'a> {
    law: &'a NetworkLaw,
    widths: Vec<usize>,
    moments: Vec<UnitMoments<'a>>,
    /// Which of them are those of a layer.
    of_layer: Vec<usize>,
    /// Whether a layer's sums are drawn.
    is_wide: Vec<bool>,
}

/// z of a layer given what feeds it, which starts anew at the largest length where it is longer.
#[derive(Clone, Copy)]
struct Length {
    /// The standard deviation of z, and by how much it would be larger.
    deviation: f64,
    stretch: f64,
    /// The share of its variance that is due to the weights, not the biases.
    told: f64,
}

/// What the way forward leaves of one layer.
struct Forward {
    length: Length,
    /// |h|^2.
    square: f64,
    units: Units,
}

enum Units {
    Drawn {
        z: Vec<f64>,
        h: Vec<f64>,
    },
    /// With the variable that drew |h|^2.
    Summed {
        sums: SumsLaw,
        g: f64,
    },
}

/// What comes back to one layer: |delta|^2 and delta . z / |delta|.
struct Backward {
    square: f64,
    along: f64,
}

impl<'a> Simulation<'a> {
    /// `lengths` are E z^2 of the hidden layers.
    pub(super) fn new(law: &'a NetworkLaw, lengths: &[f64]) -> Result<Self, TheoryError> {
        let widths = law.widths()?;
        let mut moments: Vec<UnitMoments<'a>> = Vec::new();
        let (mut of_layer, mut is_wide) = (Vec::new(), Vec::new());
        for ((layer, &width), &q) in law.hidden_layers().iter().zip(&widths).zip(lengths) {
            let known = moments.iter().position(|known| known.activation() == layer.activation());
            let index = known.unwrap_or_else(|| {
                moments.push(UnitMoments::new(layer.activation()));
                moments.len() - 1
            });
            of_layer.push(index);
            is_wide.push(
                width > MAX_UNITS
                    || width >= WIDE && moments[index].at(q).relative_variance(width as f64) <= TAME,
            );
        }
        Ok(Self { law, widths, moments, of_layer, is_wide })
    }

    /// Normal variables that one draw takes.
    pub(super) fn cost(&self) -> usize {
        let hidden = self.is_wide.iter().zip(&self.widths);
        let hidden = hidden.map(|(&is_wide, &width)| if is_wide { PER_WIDE_LAYER } else { 2 * width });
        hidden.sum::<usize>() + 2 * self.outputs()
    }

    /// ln(|delta_l|^2 / |delta_d|^2) of the hidden layers of one draw, for an input of this mean square, by normal
    /// variables.
    pub(super) fn draw(&mut self, input: f64, g: &[f64]) -> Vec<f64> {
        let mut rest = g;
        let mut take = |count: usize| {
            let (taken, left) = rest.split_at(count);
            rest = left;
            taken
        };
        let hidden = self.is_wide.len();
        let layers = self.law.layers();
        let mut square = input * layers[0].fan().fan_in() as f64;
        let mut forward: Vec<Forward> = Vec::with_capacity(hidden);
        for (l, layer) in self.law.hidden_layers().iter().enumerate() {
            let length = Length::new(layer, square, self.is_wide[l]);
            let units = if self.is_wide[l] {
                let variance = length.deviation * length.deviation;
                Units::Summed { sums: self.moments[self.of_layer[l]].at(variance), g: take(1)[0] }
            } else {
                let z = length.scaled(take(self.widths[l]));
                let mut h = vec![0.0; z.len()];
                layer.activation().phi_slice(&z, &mut h);
                Units::Drawn { z, h }
            };
            square = match &units {
                Units::Summed { sums, g } => sums.draw_forward(self.widths[l] as f64, *g),
                Units::Drawn { h, .. } => dot(h, h),
            };
            forward.push(Forward { length, square, units });
        }
        let output = &layers[hidden];
        let mut above = Length::new(output, square, false);
        let (z, targets) = (above.scaled(take(self.outputs())), take(self.outputs()));
        let along = self.law.loss_delta().along(output.activation(), self.widths[hidden], &z, targets);
        let mut back = Backward { square: 1.0, along };
        let (mut ln, mut chain) = (0.0, vec![0.0; hidden]);
        for l in (0..hidden).rev() {
            let weight = layers[l + 1].weight().variance();
            let count = if self.is_wide[l] { PER_WIDE_LAYER - 1 } else { self.widths[l] };
            back = self.back(l, &forward[l], weight, above, back.along, take(count));
            above = forward[l].length;
            if l + 1 < hidden {
                ln += libm::log(back.square);
                chain[l] = ln;
            }
        }
        chain
    }

    /// delta of a layer over the norm of that of the layer above, whose weights have the variance `weight` and whose z
    /// are `above`, for weights given that W h + b = z: along h, W^T delta is what z says, across it is normal, of
    /// standard deviation |delta| std(W).
    fn back(&self, l: usize, here: &Forward, weight: f64, above: Length, along: f64, g: &[f64]) -> Backward {
        // With biases, z tells less than all of W along h.
        let (told, along) = (above.told, above.stretch * along);
        let withheld = 1.0 - sqrt((1.0 - told).max(0.0));
        let scale = sqrt(weight);
        let pinned = |h_dot_g: f64| {
            if here.square > 0.0 { (told * along - scale * withheld * h_dot_g) / here.square } else { 0.0 }
        };
        match &here.units {
            Units::Drawn { z, h } => {
                let pinned = pinned(dot(h, g));
                let mut delta = vec![0.0; z.len()];
                self.law.layers()[l].activation().derivative_slice(z, &mut delta);
                for ((delta, h), g) in delta.iter_mut().zip(h).zip(g) {
                    *delta *= pinned * h + scale * g;
                }
                let square = dot(&delta, &delta);
                Backward { square, along: dot(&delta, z) / sqrt(square) }
            }
            Units::Summed { sums, g: of_forward } => {
                let sums = sums.draw_backward(self.widths[l] as f64, here.square, *of_forward, g);
                let pinned = pinned(sums.h_dot_g);
                let square = scale * scale * sums.across
                    + 2.0 * scale * pinned * sums.mixed
                    + pinned * pinned * sums.along;
                // Parts that cancel more than this do so by the normal distribution's making.
                let square = square.max(LEAST * scale * scale * sums.across);
                let along = scale * sums.pull_across + pinned * sums.pull_along;
                Backward { square, along: along / sqrt(square) }
            }
        }
    }

    /// ln(|delta_l|^2 / |delta_d|^2) without chance, as [`draw`](Simulation::draw) would have it of endlessly wide layers.
    pub(super) fn typical(&mut self, input: f64) -> Vec<f64> {
        let layers = self.law.layers();
        let hidden = self.is_wide.len();
        let mut square = input;
        let mut gates = Vec::with_capacity(hidden);
        for (l, layer) in self.law.hidden_layers().iter().enumerate() {
            let q = layer.length(square);
            let gate = if self.is_wide[l] {
                let sums = self.moments[self.of_layer[l]].at(q);
                square = sums.forward;
                sums.backward
            } else {
                let q = q.min(LARGEST_DRAWN);
                square = layer.activation().mean_square(q);
                layer.activation().derivative_mean_square(q)
            };
            gates.push(gate);
        }
        let (mut ln, mut chain) = (0.0, vec![0.0; hidden]);
        for l in (0..hidden.saturating_sub(1)).rev() {
            ln += libm::log(layers[l + 1].weight_factor() * gates[l]);
            chain[l] = ln;
        }
        chain
    }

    fn outputs(&self) -> usize {
        self.widths[self.is_wide.len()].min(MAX_UNITS)
    }
}

/// The least that is left of |delta|^2 by what its parts have in common.
const LEAST: f64 = 1e-3;

impl Length {
    /// Of a layer that hidden units of this |h|^2 feed; by roots, which do not overflow.
    fn new(layer: &LayerLaw, square: f64, is_wide: bool) -> Self {
        let by_weights = sqrt(layer.weight().variance()) * sqrt(square);
        let deviation = libm::hypot(by_weights, sqrt(layer.bias_variance()));
        let told = if deviation > 0.0 { (by_weights / deviation) * (by_weights / deviation) } else { 0.0 };
        let largest = sqrt(if is_wide { LARGEST } else { LARGEST_DRAWN });
        if deviation > largest {
            Self { deviation: largest, stretch: deviation / largest, told }
        } else {
            Self { deviation, stretch: 1.0, told }
        }
    }

    fn scaled(self, g: &[f64]) -> Vec<f64> {
        g.iter().map(|g| self.deviation * g).collect()
    }
}
