//! What to change when a chain is not healthy.

use alloc::format;
use alloc::string::String;

use super::report::number;
use super::{BackwardFactor, GradientChain, Layer, Verdict};

/// At least this share of zeros among the activations marks units that switch off, as ReLU's do.
const SWITCHING: f64 = 0.25;

/// Two standard deviations of luck.
const LUCK: f64 = 2.0;

impl GradientChain {
    /// One line that says what to change, or `None` if the verdict is healthy.
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
    /// let layers = (0..30).map(|l| {
    ///     let arrives = 0.5_f64.powf(0.5 * (30 - l) as f64);
    ///     Layer::new("fc", 2, &[arrives, 0.0]).signal(&[arrives, arrives]).activation(&[1.0, 0.0])
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
        let silenced = self.layers()[layer].dl_dh().is_some_and(|signal| signal.zeros() == signal.count());
        if silenced {
            return format!("nothing arrives at {name}: the weights above it are 0, draw them at random");
        }
        format!(
            "all gates of {name} are closed: give its units other biases, or use He and a lower learning rate"
        )
    }

    fn wrong_scale(&self, verdict: Verdict) -> String {
        let law = if self.switches() { "He" } else { "Xavier" };
        if let Some((layer, tensor)) = self.underflow() {
            return format!(
                "{tensor} of {} underflows: the weights are far too small, use {law}",
                self.name(layer)
            );
        }
        let Some(deviation) = self.log10() else { return String::from("give more hidden layers to compare") };
        if let Some(spread) = self.luck_of_width().filter(|spread| deviation.abs() <= LUCK * spread) {
            return format!(
                "this may be luck: at these widths log10 varies by {spread:.1} from seed to seed; use wider layers or fewer"
            );
        }
        let (Some(weight), Some(gate)) =
            (self.typical(BackwardFactor::ln_weight), self.typical(BackwardFactor::ln_gate))
        else {
            let rate = self.rate().unwrap_or(f64::NAN);
            return format!(
                "each layer multiplies the mean square by {}: multiply the std of the weights by {}",
                number(rate),
                number(1.0 / libm::sqrt(rate)),
            );
        };
        let product = weight * gate;
        let needed = 1.0 / libm::sqrt(product);
        let split =
            format!("weight x gate = {} x {} = {} a layer", number(weight), number(gate), number(product));
        // A gate that depends on the scale of z would answer to the change.
        let scale = if self.switches() || gate > 0.9 {
            format!("multiply their std by {} or ", number(needed))
        } else {
            String::new()
        };
        let change = if self.switches() && near(gate, 0.5) && near(needed, core::f64::consts::SQRT_2) {
            String::from("a gain of sqrt 2 is missing, use He")
        } else if verdict == Verdict::Vanishing && gate < 0.4 {
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

    /// Standard deviation of log10 over seeds for a He-started ReLU chain of these widths: the
    /// variance of its natural logarithm is the sum of 5 / n (Hanin and Nica 2018). `None` for
    /// units that do not switch.
    fn luck_of_width(&self) -> Option<f64> {
        let (_, below) = self.hidden_layers().split_last()?;
        let variance: f64 = below.iter().map(|layer| 5.0 / layer.width() as f64).sum();
        self.switches().then(|| libm::sqrt(variance) / core::f64::consts::LN_10)
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
    (value / target - 1.0).abs() <= 0.1
}
