//! Verdicts: what a chain does to the gradient, in one word.

use core::fmt;

use super::gradient_chain::ln_mean_square_ratio;
use super::{GradientChain, Layer, Moments};

/// What a chain does to the gradient on its way back. Layers are indices into
/// [`GradientChain::layers`], from 0.
///
/// The kinds exclude each other, the gravest first: what is not finite is never called anything
/// else, and nothing is healthy whose ratio is NaN.
///
/// ```
/// use fanin::chain::{GradientChain, Layer, Verdict};
///
/// let judge = |first: f64| {
///     let widths = [first, 1.0, 1.0].map(|delta| Layer::new("layer", 2, &[delta, -delta]));
///     GradientChain::from_layers(widths).map(|chain| chain.verdict())
/// };
/// assert_eq!(judge(1.1), Ok(Verdict::Healthy));
/// assert_eq!(judge(1e-3), Ok(Verdict::Vanishing));
/// assert_eq!(judge(1e3), Ok(Verdict::Exploding));
/// assert_eq!(judge(0.0), Ok(Verdict::Dead { layer: 0 }));
/// assert_eq!(judge(f64::NAN), Ok(Verdict::NonFinite { layer: 0 }));
/// assert!(Verdict::Healthy.is_healthy());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Verdict {
    /// Every hidden layer receives a gradient within the [`Thresholds`] of the last one's.
    Healthy,
    /// A hidden layer receives far less gradient than the last one, or none because z or delta has
    /// shrunk below what the scalar can hold.
    Vanishing,
    /// A hidden layer receives far more gradient than the last one.
    Exploding,
    /// A value is NaN or infinite, first at this layer: the lowest with such a z or h, and if the
    /// way forward is finite, the highest with such a dL/dh, delta or dW.
    NonFinite {
        /// Which layer.
        layer: usize,
    },
    /// Every delta of the batch is exactly 0, first at this layer on the way back, and not by
    /// [underflow](Verdict::Vanishing): all gates are closed, the weights above are 0, or, at the
    /// output layer, no gradient leaves the loss.
    Dead {
        /// Which layer.
        layer: usize,
    },
}

impl Verdict {
    /// Whether it is [`Verdict::Healthy`].
    #[must_use]
    pub const fn is_healthy(self) -> bool {
        matches!(self, Self::Healthy)
    }
}

/// In words, with layers counted from 1 as the table does.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Healthy => f.write_str("healthy"),
            Self::Vanishing => f.write_str("vanishing"),
            Self::Exploding => f.write_str("exploding"),
            Self::NonFinite { layer } => write!(f, "not finite at layer {}", layer + 1),
            Self::Dead { layer } => write!(f, "dead at layer {}", layer + 1),
        }
    }
}

/// How much the mean-square delta may change before a chain is called vanishing or exploding.
///
/// Both numbers are decades (powers of ten) of the *ratio* of two layers' mean squares, so no scale
/// of the loss, batch or input matters. Each hidden layer is compared with the last hidden one; the
/// chain is as good as its worst layer.
///
/// - [`decades`](Thresholds::decades), 3: whatever the depth, no layer's gradient may be smaller or
///   larger than another's by more than about 30 (its mean square by 1,000): one learning rate then
///   no longer serves both. It leaves room for chance: by [Hanin and Nica (2018)](https://arxiv.org/abs/1812.05994) the log10 of a
///   He-started ReLU chain of depth d and width n varies between seeds by sqrt(5 d / n) / ln 10,
///   which is 0.69 for 50 layers of width 100; and for tanh, whose Xavier and He starts drift by
///   -1.8 and +1.8 over 50 layers and train. Xavier under ReLU, -0.3 a layer, is caught from 11
///   hidden layers on, and one that starts with N(0, 0.01^2) at width 100 from 2 on.
/// - [`decades_per_layer`](Thresholds::decades_per_layer), 1: in chains of fewer steps than that,
///   each step may take one decade. The chance of a single layer, sqrt(5 / n) / ln 10, stays below a
///   quarter of it from width 20 on.
///
/// A change of width is no fault: fan-in distributions such as He's keep the sum of squares of delta from
/// layer to layer, fan-out ones keep their mean; of the two ratios the verdict takes the one nearer
/// to no change.
///
/// ```
/// use fanin::chain::{GradientChain, Layer, Thresholds, Verdict};
///
/// let layers = [0.05, 0.1, 1.0].map(|delta| Layer::new("layer", 1, &[delta]));
/// let chain = GradientChain::from_layers(layers)?;
/// assert_eq!(chain.verdict(), Verdict::Healthy); // 0.6 decades in one step
/// assert_eq!(chain.verdict_by(&Thresholds::default().decades(0.1)), Verdict::Vanishing);
/// # Ok::<(), fanin::chain::ChainError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    decades: f64,
    decades_per_layer: f64,
}

impl Thresholds {
    /// How many decades a layer's mean-square delta may differ from the last hidden layer's.
    #[must_use]
    pub const fn decades(self, decades: f64) -> Self {
        Self { decades, ..self }
    }

    /// How many of these decades one step may take.
    #[must_use]
    pub const fn decades_per_layer(self, decades_per_layer: f64) -> Self {
        Self { decades_per_layer, ..self }
    }

    /// False for NaN, of the change or of a threshold.
    pub(crate) fn allow(&self, change: f64, steps: usize) -> bool {
        change.abs() <= self.decades && change.abs() <= self.decades_per_layer * steps as f64
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { decades: 3.0, decades_per_layer: 1.0 }
    }
}

impl GradientChain {
    /// What the chain does to the gradient, by thresholds of the caller's. A NaN threshold finds
    /// nothing healthy.
    #[must_use]
    pub fn verdict_by(&self, thresholds: &Thresholds) -> Verdict {
        if let Some((layer, _)) = self.first_non_finite() {
            return Verdict::NonFinite { layer };
        }
        if let Some(layer) = self.layers().iter().rposition(is_silent) {
            return if self.underflow().is_some() { Verdict::Vanishing } else { Verdict::Dead { layer } };
        }
        let Some((last, below)) = self.hidden_layers().split_last() else { return Verdict::Healthy };
        let changes = below.iter().map(|layer| width_free_decades(layer, last));
        let faults = changes.enumerate().filter(|&(i, change)| !thresholds.allow(change, below.len() - i));
        match faults.map(|(_, change)| change).reduce(|a, b| if b.abs() > a.abs() { b } else { a }) {
            None => Verdict::Healthy,
            Some(change) if change > 0.0 => Verdict::Exploding,
            Some(_) => Verdict::Vanishing,
        }
    }

    /// Where the first value that is not finite appears, in the order of computation, and in which
    /// tensor.
    pub(crate) fn first_non_finite(&self) -> Option<(usize, &'static str)> {
        let broken = |moments: Option<&Moments>| moments.is_some_and(|moments| moments.non_finite() > 0);
        let forward = self
            .layers()
            .iter()
            .enumerate()
            .flat_map(|(i, layer)| [(i, "z", broken(layer.z())), (i, "h", broken(layer.h()))]);
        let backward = self.layers().iter().enumerate().rev().flat_map(|(i, layer)| {
            [
                (i, "dL/dh", broken(layer.dl_dh())),
                (i, "delta", broken(Some(layer.delta()))),
                (i, "dW", broken(layer.d_weight())),
            ]
        });
        forward.chain(backward).find(|&(_, _, broken)| broken).map(|(layer, tensor, _)| (layer, tensor))
    }

    /// A layer, and its tensor, that has shrunk to where the scalar loses digits: the last that is
    /// seen of what then is 0.
    pub(crate) fn underflow(&self) -> Option<(usize, &'static str)> {
        self.layers().iter().enumerate().find_map(|(i, layer)| Some((i, layer.underflow()?)))
    }
}

fn is_silent(layer: &Layer) -> bool {
    layer.delta().zeros() == layer.delta().count()
}

/// log10 of `layer`'s gradient over `reference`'s: of the mean squares or of the sums of squares,
/// whichever is nearer to 0.
pub(crate) fn width_free_decades(layer: &Layer, reference: &Layer) -> f64 {
    let mean = ln_mean_square_ratio(layer, reference) / core::f64::consts::LN_10;
    nearest_to_no_change(mean, mean + libm::log10(layer.width() as f64 / reference.width() as f64))
}

/// 0 if the two are of different sign.
pub(crate) fn nearest_to_no_change(mean: f64, sum: f64) -> f64 {
    if mean * sum <= 0.0 {
        0.0
    } else if mean.abs() < sum.abs() {
        mean
    } else {
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::sqrt;
    use alloc::vec::Vec;

    /// A chain of one unit and one sample with these root-mean-square deltas; an output layer of 1
    /// follows.
    fn verdict(deltas: &[f64]) -> Verdict {
        let layers = deltas.iter().chain(&[1.0]).map(|&delta| Layer::new("", 1, &[delta]));
        GradientChain::from_layers(layers).unwrap().verdict()
    }

    fn geometric(depth: i32, rate: f64) -> Vec<f64> {
        (0..depth).rev().map(|back| libm::pow(rate, 0.5 * f64::from(back))).collect()
    }

    #[test]
    fn xavier_under_relu_is_caught_where_the_docs_say() {
        assert_eq!(verdict(&geometric(10, 0.5)), Verdict::Healthy);
        assert_eq!(verdict(&geometric(11, 0.5)), Verdict::Vanishing);
        assert_eq!(verdict(&geometric(50, 0.5)), Verdict::Vanishing);
        assert_eq!(verdict(&geometric(2, 0.01)), Verdict::Vanishing);
        assert_eq!(verdict(&geometric(50, 2.0)), Verdict::Exploding);
        assert_eq!(verdict(&geometric(50, 1.02)), Verdict::Healthy);
    }

    #[test]
    fn a_starved_layer_in_the_middle_is_seen() {
        assert_eq!(verdict(&[1.0, 1e-4, 1.0]), Verdict::Vanishing);
        assert_eq!(verdict(&[1.0, 1e4, 1.0]), Verdict::Exploding);
    }

    /// Of hidden layers with these decades beside the last hidden one, by these thresholds.
    fn verdict_of(decades: &[f64], thresholds: &Thresholds) -> Verdict {
        let deltas = decades.iter().chain(&[0.0, 0.0]).map(|decades| libm::pow(10.0, 0.5 * decades));
        let chain = GradientChain::from_layers(deltas.map(|delta| Layer::new("", 1, &[delta])));
        chain.unwrap().verdict_by(thresholds)
    }

    #[test]
    fn each_step_may_take_its_share() {
        let default = Thresholds::default();
        for (decades, expected) in [(-0.99, true), (-1.01, false), (0.99, true), (1.01, false)] {
            for steps in 1..=3 {
                // The layer that many steps below the last hidden one, of one and of four below it.
                let at = f64::from(steps as u32) * decades;
                let mut alone = [0.0; 4];
                alone[4 - steps] = at;
                for chain in [&alone[4 - steps..], &alone] {
                    assert_eq!(verdict_of(chain, &default).is_healthy(), expected, "{chain:?}");
                }
            }
            // However many the steps, no more than three.
            assert_eq!(verdict_of(&[3.0 * decades, 0.0, 0.0, 0.0, 0.0], &default).is_healthy(), expected);
            // Half a decade a step.
            let half = default.decades_per_layer(0.5);
            assert_eq!(verdict_of(&[decades, 0.0], &half).is_healthy(), expected);
        }
        // A threshold of 0 lets what does not change pass, and nothing else.
        for none in [default.decades(0.0), default.decades_per_layer(0.0)] {
            assert_eq!(verdict_of(&[0.0, 0.0], &none), Verdict::Healthy);
            assert_eq!(verdict_of(&[0.0, 1e-9], &none), Verdict::Exploding);
            assert_eq!(verdict_of(&[-1e-9, 0.0], &none), Verdict::Vanishing);
        }
    }

    #[test]
    fn the_worst_layer_names_the_kind() {
        let verdict = |decades: &[f64]| verdict_of(decades, &Thresholds::default());
        for (less, more) in [(3.5, 5.0), (4.0, 4.1)] {
            assert_eq!(verdict(&[more, -less]), Verdict::Exploding);
            assert_eq!(verdict(&[-less, more]), Verdict::Exploding);
            assert_eq!(verdict(&[less, -more]), Verdict::Vanishing);
            assert_eq!(verdict(&[-more, less]), Verdict::Vanishing);
        }
        // What is allowed there has no say, though it is more.
        assert_eq!(verdict(&[-2.9, 0.0, 1.5]), Verdict::Exploding);
        assert_eq!(verdict(&[2.9, 0.0, -1.5]), Verdict::Vanishing);
    }

    #[test]
    fn the_ratio_nearer_to_no_change_counts() {
        let step = |widths: [usize; 2], mean: f64| {
            let delta = libm::pow(10.0, 0.5 * mean);
            let layer = |width, delta| Layer::new("", width, &alloc::vec![delta; width]);
            let layers = [layer(widths[0], delta), layer(widths[1], 1.0), layer(1, 1.0)];
            GradientChain::from_layers(layers).unwrap().verdict()
        };
        // The mean squares change by as many decades, the sums by one more or less.
        for (widths, mean, expected) in [
            ([100, 10], -1.5, Verdict::Healthy),
            ([100, 10], 0.5, Verdict::Healthy),
            ([100, 10], 1.1, Verdict::Exploding),
            ([100, 10], -2.1, Verdict::Vanishing),
            ([10, 100], 1.5, Verdict::Healthy),
            ([10, 100], -0.5, Verdict::Healthy),
            ([10, 100], -1.1, Verdict::Vanishing),
            ([10, 100], 2.1, Verdict::Exploding),
        ] {
            assert_eq!(step(widths, mean), expected, "{widths:?} {mean}");
        }
        assert_eq!([nearest_to_no_change(-2.0, 3.0), nearest_to_no_change(2.0, 3.0)], [0.0, 2.0]);
        assert_eq!([nearest_to_no_change(-3.0, -2.0), nearest_to_no_change(-2.0, 0.0)], [-2.0, 0.0]);
    }

    #[test]
    fn no_scale_matters() {
        for scale in [1e-150, 1e-30, 1e30, 1e150] {
            let scaled = |depth, rate| -> Vec<f64> {
                geometric(depth, rate).into_iter().map(|delta| delta * scale).collect()
            };
            assert_eq!(verdict(&scaled(20, 1.0)), Verdict::Healthy);
            assert_eq!(verdict(&scaled(20, 0.5)), Verdict::Vanishing);
            assert_eq!(verdict(&scaled(20, 2.0)), Verdict::Exploding);
        }
    }

    #[test]
    fn a_change_of_width_is_no_fault() {
        // He's |delta|^2 is the same in each layer: mean squares 1 / 512 and 1 / 32.
        let funnel = |unit: f64| {
            let layers = [512_usize, 32, 10].map(|width| {
                let delta = sqrt(if width == 512 { unit } else { 1.0 } / width as f64);
                Layer::new("", width, &alloc::vec![delta; width])
            });
            GradientChain::from_layers(layers).unwrap().verdict()
        };
        assert_eq!(funnel(1.0), Verdict::Healthy);
        assert_eq!(funnel(0.05), Verdict::Vanishing);
    }

    #[test]
    fn what_is_not_finite_is_never_healthy() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(verdict(&[1.0, value, 1.0]), Verdict::NonFinite { layer: 1 });
            assert_eq!(verdict(&[value, value, 1.0]), Verdict::NonFinite { layer: 1 });
            assert_eq!(verdict(&[0.0, value]), Verdict::NonFinite { layer: 1 });
        }
        let layer = || Layer::new("", 1, &[1.0]);
        let nan = [f64::NAN];
        for broken in [
            layer().with_z(&nan),
            layer().with_h(&nan),
            layer().with_dl_dh(&nan),
            layer().with_d_weight(&nan),
        ] {
            let chain = GradientChain::from_layers([layer(), broken, layer()]).unwrap();
            assert_eq!(chain.verdict(), Verdict::NonFinite { layer: 1 });
        }
        // Forward comes first, though the gradient breaks at the other end.
        let forward = layer().with_h(&nan);
        let backward = Layer::new("", 1, &nan);
        let chain = GradientChain::from_layers([layer(), forward, layer(), backward]).unwrap();
        assert_eq!(chain.verdict(), Verdict::NonFinite { layer: 1 });
    }

    #[test]
    fn dead_is_sudden_and_underflow_is_vanishing() {
        assert_eq!(verdict(&[0.0, 0.0, 1.0]), Verdict::Dead { layer: 1 });
        assert_eq!(verdict(&[0.0, 0.0, 1e-310]), Verdict::Vanishing);
        let silent = GradientChain::from_layers([Layer::new("", 1, &[0.0])]).unwrap();
        assert_eq!(silent.verdict(), Verdict::Dead { layer: 0 });
    }

    #[test]
    fn a_nan_threshold_finds_nothing_healthy() {
        let layers = [1.0, 1.0, 1.0].map(|delta| Layer::new("", 1, &[delta]));
        let chain = GradientChain::from_layers(layers).unwrap();
        assert!(
            !chain
                .verdict_by(&Thresholds::default().decades(f64::NAN).decades_per_layer(f64::NAN))
                .is_healthy()
        );
        assert!(!chain.verdict_by(&Thresholds::default().decades(-1.0)).is_healthy());
    }
}
