//! A quantity layer by layer: predicted, measured, and the band that chance leaves it.

use plotters::coord::Shift;
use plotters::element::PathElement;
use plotters::prelude::{BLACK, DrawingArea, DrawingBackend};

use super::PlotError;
use super::style::{self, BAND, BLUE, Frame, Key, Paint, failed};

/// A quantity over the layers of a network, 1 the first: a line for the prediction, points for what
/// was measured, a band for the fluctuation that width and depth explain.
///
/// Values are in the caller's unit, usually log10 of a mean square. What is not finite is left out.
///
/// ```no_run
/// use fanin::plot::{Layers, Picture};
///
/// let layers = Layers::new("tanh, 3 layers", "log10 of mean-square \u{3b4}")
///     .predicted(&[-2.0, -1.0, 0.0])
///     .measured(&[-2.1, -1.05, 0.0]);
/// layers.save("chain.svg")?;
/// layers.save("chain.png")?;
/// # Ok::<(), fanin::plot::PlotError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Layers {
    title: String,
    quantity: String,
    band_name: String,
    predicted: Vec<f64>,
    measured: Vec<f64>,
    band: Vec<(f64, f64)>,
}

impl Layers {
    /// An empty picture with its title and the name of the quantity.
    #[must_use]
    pub fn new(title: impl Into<String>, quantity: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            quantity: quantity.into(),
            band_name: "fluctuation".into(),
            predicted: Vec::new(),
            measured: Vec::new(),
            band: Vec::new(),
        }
    }

    /// The prediction for each layer, the first one first.
    #[must_use]
    pub fn predicted(mut self, values: &[f64]) -> Self {
        self.predicted = values.to_vec();
        self
    }

    /// The measured value of each layer.
    #[must_use]
    pub fn measured(mut self, values: &[f64]) -> Self {
        self.measured = values.to_vec();
        self
    }

    /// The bounds between which chance leaves the quantity of each layer. If one slice is longer than the other,
    /// its end is left out.
    #[must_use]
    pub fn band(mut self, low: &[f64], high: &[f64]) -> Self {
        self.band = low.iter().copied().zip(high.iter().copied()).collect();
        self
    }

    /// The name of the band in the key; `fluctuation` unless set.
    #[must_use]
    pub fn band_name(mut self, name: impl Into<String>) -> Self {
        self.band_name = name.into();
        self
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = Vec::new();
        if !self.predicted.is_empty() {
            keys.push(Key::Line(BLACK, "predicted".into()));
        }
        if !self.measured.is_empty() {
            keys.push(Key::Points(BLUE, "measured".into()));
        }
        if !self.band.is_empty() {
            keys.push(Key::Area(BAND, self.band_name.clone()));
        }
        keys
    }
}

/// Numbered from 1.
fn numbered<V: Copy>(values: &[V]) -> impl Iterator<Item = (f64, V)> {
    values.iter().enumerate().map(|(i, &value)| ((i + 1) as f64, value))
}

/// The longest stretches all of whose values are finite.
fn stretches<V: Copy>(values: &[V], is_finite: impl Fn(V) -> bool) -> Vec<Vec<(f64, V)>> {
    let points: Vec<(f64, V)> = numbered(values).collect();
    points.split(|&(_, value)| !is_finite(value)).filter(|part| !part.is_empty()).map(<[_]>::to_vec).collect()
}

impl Paint for Layers {
    fn paint<B: DrawingBackend>(&self, board: &DrawingArea<B, Shift>) -> Result<(), PlotError> {
        let bounds = self.band.iter().flat_map(|&(low, high)| [low, high]);
        let values = self.predicted.iter().chain(&self.measured).copied().chain(bounds);
        let y = style::range(values, 1.0).ok_or(PlotError::NothingToDraw)?;
        let depth = self.predicted.len().max(self.measured.len()).max(self.band.len()) as f64;
        // Less than 1, so that no layer 0 is marked.
        let margin = (0.02 * depth).clamp(0.2, 0.9);
        let mut chart = style::chart(
            board,
            &Frame {
                title: &self.title,
                keys: self.keys(),
                x: (1.0 - margin, depth + margin),
                y,
                x_label: "layer",
                y_label: &self.quantity,
                whole_x: true,
            },
        )?;
        for part in stretches(&self.band, |(low, high)| low.is_finite() && high.is_finite()) {
            let lower = part.iter().map(|&(l, (low, _))| (l, low));
            let upper = part.iter().rev().map(|&(l, (_, high))| (l, high));
            chart.draw_series([style::area(lower.chain(upper).collect(), BAND)]).map_err(failed)?;
        }
        let measured = numbered(&self.measured).filter(|(_, value)| value.is_finite());
        chart.draw_series(measured.flat_map(|point| style::dot(point, BLUE))).map_err(failed)?;
        // On top: where both agree, neither hides the other.
        for part in stretches(&self.predicted, f64::is_finite) {
            chart.draw_series([PathElement::new(part, style::line(BLACK, 2))]).map_err(failed)?;
        }
        board.present().map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_where_there_is_no_number() {
        let parts = stretches(&[f64::NAN, 1.0, 2.0, f64::INFINITY, 3.0], f64::is_finite);
        assert_eq!(parts, [vec![(2.0, 1.0), (3.0, 2.0)], vec![(5.0, 3.0)]]);
    }
}
