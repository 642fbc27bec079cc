//! The chain as a table that a person reads at a glance.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use super::cosine::COLLAPSED;
use super::gradient_chain::ln_mean_square_ratio;
use super::table::{Column, Table, given, number, rms};
use super::{GradientChain, Layer, Verdict};

/// Characters of the longest bar, and of a layer's name.
const BAR: usize = 10;
const NAME: usize = 10;

/// The bars span at least this many decades, so that a healthy chain looks level.
const LEAST_SPAN: f64 = 3.0;

/// The legend below a table.
const LEGEND: &str = "\
rms: root mean square, z: pre-activation, h: activation, dW: dL/dW, delta: rms of dL/dz
zero: share of h = 0, dead: of units with h = 0 in all samples, sat: of saturated elements
cos: mean cosine between the h of two samples; bars: delta on a log scale; a dot: no value
weight, gate: what W^T of the layer above and phi' multiply |delta|^2 by on its way back";

/// A table with one row per layer in forward order, its legend, then the verdict. What is behind it, and what
/// to change, a [diagnosis](crate::diagnosis) says.
///
/// Columns: width; root mean squares of z, h, dW and delta; percent of activations that are 0, of dead
/// units and of saturated elements; the mean cosine between the h of different samples; the weight and
/// the gate factor of the step that leads back to the layer; and a bar, rms delta on a logarithmic
/// scale between the bounds in its header. A dot stands for what was not given or has no value,
/// `inf/NaN` for a tensor with values that are not finite.
///
/// ```text
///   # layer      width   rms z   rms h zero dead  sat   cos weight   gate  rms dW   delta  10^-5..-2
///   1 layer1        50    1.01    0.76  50%   0%   0%  0.61   0.93   0.49  9.7e-4  2.9e-5  █▋
///   2 layer2        50    0.71    0.50  50%   0%   0%  0.70   1.01   0.45  0.0010  4.2e-5  ██▏
///   3 layer3        50    0.50    0.28  60%   4%   0%  0.70   1.09   0.40  9.8e-4  6.2e-5  ██▋
/// ```
impl fmt::Display for GradientChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bars = Bars::from_layers(self.layers());
        let mut table = Table::new(
            [
                Column::right("#", 3),
                Column::left("layer", NAME),
                Column::right("width", 5),
                Column::right("rms z", 7),
                Column::right("rms h", 7),
                Column::right("zero", 4),
                Column::right("dead", 4),
                Column::right("sat", 4),
                Column::right("cos", 5),
                Column::right("weight", 6),
                Column::right("gate", 6),
                Column::right("rms dW", 7),
                Column::right("delta", 7),
                Column::left(format!(" {bars}"), 0),
            ]
            .into(),
        );
        for (i, layer) in self.layers().iter().enumerate() {
            let factor = self.factors().get(i);
            table.row([
                (i + 1).to_string(),
                clipped(layer.name()),
                layer.width().to_string(),
                rms(layer.z()),
                rms(layer.h()),
                percent(layer.zeros()),
                percent(layer.dead_units().map(|dead| dead as f64 / layer.width() as f64)),
                percent(layer.saturated()),
                given(layer.cosine(), |cosine| format!("{:.2}", cosine + 0.0)),
                given(factor.and_then(|factor| factor.weight()), number),
                given(factor.and_then(|factor| factor.gate()), number),
                rms(layer.d_weight()),
                rms(Some(layer.delta())),
                format!(" {}", bars.bar(layer)),
            ]);
        }
        writeln!(f, "{table}")?;
        writeln!(f, "{LEGEND}")?;
        self.summary(f)
    }
}

impl GradientChain {
    fn summary(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} of {} samples carry a gradient through every layer",
            self.live_samples(),
            self.samples()
        )?;
        if let (Some(decades), Some(rate)) = (self.log10_ratio().filter(|log| log.is_finite()), self.rate()) {
            writeln!(
                f,
                "mean-square delta, first over last hidden layer: 10^{decades:.2}, {} a layer",
                number(rate)
            )?;
        }
        let verdict = self.verdict();
        if let Some(decades) = self.flat_weight_gradients(verdict) {
            writeln!(
                f,
                "mean-square dW changes by only {decades:.1} decades: weight gradients alone would not show it"
            )?;
        }
        if let Some(layer) = self.collapse() {
            writeln!(
                f,
                "from layer {} on all inputs look alike: the cosine of their hidden states is {} or more",
                layer + 1,
                number(COLLAPSED)
            )?;
        }
        write!(f, "verdict: {verdict}")
    }

    /// The decades that mean-square dW changes by over the hidden layers, if that looks harmless
    /// beside what delta does.
    fn flat_weight_gradients(&self, verdict: Verdict) -> Option<f64> {
        if !matches!(verdict, Verdict::Vanishing | Verdict::Exploding) {
            return None;
        }
        let [first, .., last] = self.hidden_layers() else { return None };
        let ln = |layer: &Layer| layer.d_weight()?.ln_mean_square();
        let decades = (ln(first)? - ln(last)?).abs() / core::f64::consts::LN_10;
        let deltas = ln_mean_square_ratio(first, last).abs() / core::f64::consts::LN_10;
        (decades <= 1.0 && decades < 0.3 * deltas).then_some(decades)
    }
}

/// The range of log10 rms delta that the bars stand for.
struct Bars {
    low: f64,
    high: f64,
}

impl Bars {
    fn from_layers(layers: &[Layer]) -> Self {
        let logs = || layers.iter().filter_map(log10_rms_delta);
        let high = libm::ceil(logs().fold(f64::NEG_INFINITY, f64::max)) + 0.0; // no -0
        let low = libm::floor(logs().fold(f64::INFINITY, f64::min));
        Self { low: low.min(high - LEAST_SPAN), high }
    }

    fn bar(&self, layer: &Layer) -> String {
        const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
        if layer.delta().non_finite() > 0 {
            return "inf/NaN".to_string();
        }
        let Some(log) = log10_rms_delta(layer) else { return "0".to_string() };
        let share = (log - self.low) / (self.high - self.low);
        let eighths = (libm::round(share * (8 * BAR) as f64) as usize).clamp(1, 8 * BAR);
        let mut bar: String = core::iter::repeat_n(EIGHTHS[7], eighths / 8).collect();
        bar.extend((eighths % 8).checked_sub(1).map(|rest| EIGHTHS[rest]));
        bar
    }
}

impl fmt::Display for Bars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.high.is_finite() {
            return f.write_str("log10");
        }
        write!(f, "10^{}..{}", self.low, self.high)
    }
}

fn log10_rms_delta(layer: &Layer) -> Option<f64> {
    let ln = layer.delta().ln_mean_square()?;
    ln.is_finite().then(|| 0.5 * ln / core::f64::consts::LN_10)
}

fn percent(share: Option<f64>) -> String {
    given(share, |share| match 100.0 * share {
        some if some > 0.0 && some <= 0.5 => "<1%".to_string(),
        some => format!("{some:.0}%"),
    })
}

fn clipped(name: &str) -> String {
    if name.chars().count() <= NAME {
        return name.to_string();
    }
    name.chars().take(NAME - 1).chain(['…']).collect()
}
