//! Advice: the change that a chain asks for when it is not healthy.

use alloc::format;
use alloc::string::String;

use super::report::number;
use super::{BackwardFactor, GradientChain, Layer, Verdict};
use crate::scalar::sqrt;

/// At least this share of zeros among the activations marks units that switch off, as ReLU's do.
const SWITCHING: f64 = 0.25;

/// Two standard deviations of luck.
const LUCK: f64 = 2.0;

impl GradientChain {
    /// One line that says what to change, or `None` if the `verdict`, one of this chain's, is
    /// healthy.
    ///
    /// It reads the weight and the gate factor: a weight factor of 1 under gates that pass one half
    /// lacks a gain of sqrt 2; weights of the wrong scale are told the factor that their standard
    /// deviation lacks where the gates would not answer to it, as under ReLU and where tanh is
    /// nearly linear.
    ///
    /// ```
    /// use fanin::chain::{GradientChain, Layer};
    ///
    /// // Xavier under ReLU: the weights keep |W^T delta|^2, the gates take half of it.
    /// let alternate = |even: f64, odd: f64| [even, odd].repeat(50);
    /// let layers = (0..30).map(|l| {
    ///     let arrives = 0.5_f64.powf(0.5 * (30 - l) as f64);
    ///     Layer::new("fc", 100, &alternate(arrives, 0.0))
    ///         .with_dl_dh(&alternate(arrives, arrives))
    ///         .with_h(&alternate(1.0, 0.0))
    /// });
    /// let chain = GradientChain::from_layers(layers)?;
    /// let advice = chain.advice(chain.verdict()).unwrap();
    /// assert!(advice.ends_with("a gain of sqrt 2 is missing, use He"), "{advice}");
    /// # Ok::<(), fanin::chain::ChainError>(())
    /// ```
    #[must_use]
    pub fn advice(&self, verdict: Verdict) -> Option<String> {
        Some(match verdict {
            Verdict::Healthy => return None,
            Verdict::NonFinite { layer } => self.not_finite(layer),
            Verdict::Dead { layer } => self.dead(layer),
            Verdict::Vanishing | Verdict::Exploding => self.wrong_scale(verdict),
        })
    }

    fn not_finite(&self, layer: usize) -> String {
        let tensor = self.first_non_finite().map_or("a value", |(_, tensor)| tensor);
        let cause = match tensor {
            "z" | "h" if layer == 0 => "check the inputs and the first weights",
            "z" | "h" => "the way forward overflows, start with smaller weights or a lower learning rate",
            _ => "the way back overflows, start with smaller weights or check the loss",
        };
        format!("{tensor} of {} is the first that is not finite: {cause}", self.name(layer))
    }

    fn dead(&self, layer: usize) -> String {
        let name = self.name(layer);
        if layer + 1 == self.layers().len() {
            return format!(
                "no gradient leaves the loss at {name}: check targets and loss, or training is done"
            );
        }
        let dl_dh = self.layers().get(layer).and_then(Layer::dl_dh);
        if dl_dh.is_some_and(|dl_dh| dl_dh.zeros() == dl_dh.count()) {
            return format!("nothing arrives at {name}: the weights above it are 0, draw them at random");
        }
        format!(
            "all gates of {name} are closed: give its units other biases, or use He and a lower learning rate"
        )
    }

    fn wrong_scale(&self, verdict: Verdict) -> String {
        let law = if self.switches() { "He" } else { "Xavier" };
        if let Some((layer, tensor)) = self.underflow()
            && verdict == Verdict::Vanishing
        {
            return format!(
                "{tensor} of {} underflows: the weights are far too small, use {law}",
                self.name(layer)
            );
        }
        let Some(deviation) = self.log10_ratio() else {
            return String::from("give more hidden layers to compare");
        };
        if let Some((mean, spread)) = self.luck_of_width()
            && deviation.abs() > 1.0
            && (deviation - mean).abs() <= LUCK * spread
        {
            return format!(
                "too narrow for this depth, even under He log10 is {mean:.1} +- {spread:.1}: use wider layers or fewer"
            );
        }
        let (Some(weight), Some(gate)) =
            (self.typical(BackwardFactor::ln_weight), self.typical(BackwardFactor::ln_gate))
        else {
            let rate = self.rate().unwrap_or(f64::NAN);
            return format!(
                "each layer multiplies the mean square by {}: multiply the std of the weights by {}",
                number(rate),
                number(1.0 / sqrt(rate)),
            );
        };
        let product = weight * gate;
        let needed = 1.0 / sqrt(product);
        let split =
            format!("weight x gate = {} x {} = {} a layer", number(weight), number(gate), number(product));
        // A gate that depends on the scale of z would answer to the change.
        let scale = if self.switches() || gate > 0.9 {
            format!("multiply their std by {} or ", number(needed))
        } else {
            String::new()
        };
        let change = if self.switches() && near(weight, 1.0) && near(needed, core::f64::consts::SQRT_2) {
            String::from("a gain of sqrt 2 is missing, use He")
        } else if verdict == Verdict::Vanishing && !self.switches() && gate < 0.4 {
            format!("units are saturated, use {law} and inputs of mean 0 and variance 1")
        } else if verdict == Verdict::Vanishing && needed > 1.0 {
            format!("the weights are too small, {scale}use {law}")
        } else if verdict == Verdict::Exploding && needed < 1.0 {
            format!("the weights are too large, {scale}use {law}")
        } else {
            format!("single layers deviate, give every layer the same law: {law}")
        };
        format!("{split}: {change}")
    }

    /// Geometric mean of a factor over the steps between hidden layers.
    fn typical(&self, ln: impl Fn(&BackwardFactor) -> Option<f64>) -> Option<f64> {
        let steps = self.hidden_factors();
        let sum = steps.iter().map(ln).sum::<Option<f64>>()?;
        (!steps.is_empty()).then(|| libm::exp(sum / steps.len() as f64))
    }

    /// Mean and standard deviation of log10 over seeds for a He-started ReLU chain of these widths:
    /// its natural logarithm has mean -sum 5 / (2 n) and variance sum 5 / n (Hanin and Nica 2018,
    /// to first order in 1 / n). `None` for units that do not switch.
    fn luck_of_width(&self) -> Option<(f64, f64)> {
        let (_, below) = self.hidden_layers().split_last()?;
        let variance: f64 = below.iter().map(|layer| 5.0 / layer.width() as f64).sum();
        let decades = core::f64::consts::LN_10;
        self.switches().then(|| (-0.5 * variance / decades, sqrt(variance) / decades))
    }

    fn switches(&self) -> bool {
        let hidden = self.hidden_layers();
        let sum: Option<f64> = hidden.iter().map(Layer::zeros).sum();
        sum.is_some_and(|sum| sum >= SWITCHING * hidden.len() as f64)
    }

    fn name(&self, layer: usize) -> String {
        match self.layers().get(layer).map(Layer::name) {
            Some(name) if !name.is_empty() => format!("layer {} ({name})", layer + 1),
            _ => format!("layer {}", layer + 1),
        }
    }
}

fn near(value: f64, target: f64) -> bool {
    (value / target - 1.0).abs() <= 0.15
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    /// The advice for a chain of `depth` hidden layers of `width` units whose weights multiply
    /// |delta|^2 by `weight` at each step and whose gates by `gate`; half of the activations are 0
    /// if `switching`.
    fn advice(depth: usize, width: usize, weight: f64, gate: f64, switching: bool) -> String {
        let h: Vec<f64> = (0..width).map(|unit| if switching { (unit % 2) as f64 } else { 0.5 }).collect();
        let layers = (0..=depth).map(|l| {
            let delta = libm::pow(weight * gate, 0.5 * (depth - l) as f64);
            let dl_dh = delta / sqrt(gate);
            Layer::new("fc", width, &vec![delta; width]).with_dl_dh(&vec![dl_dh; width]).with_h(&h)
        });
        let chain = GradientChain::from_layers(layers).unwrap();
        chain.advice(chain.verdict()).unwrap_or_default()
    }

    #[test]
    fn the_missing_gain_is_named() {
        assert_eq!(
            advice(30, 100, 1.0, 0.5, true),
            "weight x gate = 1.00 x 0.50 = 0.50 a layer: a gain of sqrt 2 is missing, use He"
        );
    }

    #[test]
    fn the_wrong_scale_gets_its_factor() {
        let ends = |advice: String, end: &str| assert!(advice.ends_with(end), "{advice}");
        ends(advice(20, 100, 0.01, 0.5, true), "too small, multiply their std by 14.1 or use He");
        ends(advice(20, 100, 100.0, 0.5, true), "too large, multiply their std by 0.14 or use He");
        ends(advice(20, 100, 1.0 / 3.0, 1.0, false), "too small, multiply their std by 1.73 or use Xavier");
        ends(advice(20, 100, 100.0, 0.05, false), "too large, use Xavier");
        ends(advice(20, 100, 1.0, 0.1, false), "saturated, use Xavier and inputs of mean 0 and variance 1");
    }

    #[test]
    fn narrow_layers_are_told_from_wrong_laws() {
        // He at width 8 and depth 30: 0.75 a layer, within the luck of these widths.
        assert_eq!(
            advice(30, 8, 2.0, 0.375, true),
            "too narrow for this depth, even under He log10 is -3.9 +- 1.8: use wider layers or fewer"
        );
        assert!(!advice(30, 100, 2.0, 0.375, true).starts_with("too narrow"));
        // 29 steps of 5/8: log10 is -3.94 +- 1.85; -7.59 is within two standard deviations, -7.73 is not.
        assert!(advice(30, 8, 2.0, 0.27375, true).starts_with("too narrow"));
        assert!(!advice(30, 8, 2.0, 0.27075, true).starts_with("too narrow"));
    }

    #[test]
    fn without_dl_dh_the_rate_is_all_there_is() {
        let layers = [0.001, 0.01, 0.1, 1.0, 1.0].map(|delta| Layer::new("fc", 1, &[delta]));
        let chain = GradientChain::from_layers(layers).unwrap();
        let advice = chain.advice(chain.verdict()).unwrap();
        assert_eq!(
            advice,
            "each layer multiplies the mean square by 0.010: multiply the std of the weights by 10.0"
        );
    }

    #[test]
    fn one_bad_layer_is_no_bad_law() {
        for first in [1.0, 3.0] {
            let layers =
                [first, 1e-3, 1.0, 1.0, 1.0].map(|delta| Layer::new("fc", 1, &[delta]).with_dl_dh(&[delta]));
            let chain = GradientChain::from_layers(layers).unwrap();
            let advice = chain.advice(chain.verdict()).unwrap();
            assert!(
                advice.ends_with("single layers deviate, give every layer the same law: Xavier"),
                "{advice}"
            );
        }
    }
}
