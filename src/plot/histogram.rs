//! The distribution of singular values.

use plotters::coord::Shift;
use plotters::element::{PathElement, Rectangle};
use plotters::prelude::{BLACK, Color, DrawingArea, DrawingBackend};
use plotters::style::text_anchor::HPos;

use super::PlotError;
use super::style::{self, BAND, BLUE, Frame, Key, Paint, VERMILION, failed};

/// No histogram has more bars, whatever the values.
const MAX_BARS: usize = 60;

/// The singular values of a Jacobian on a logarithmic scale, as bars, and where theory and measurement
/// have their root mean square.
///
/// ```
/// use fanin::plot::{Histogram, Picture};
///
/// let ln_values: Vec<f64> = (1..=100).map(|i| (i as f64 / 50.0).ln()).collect();
/// let svg = Histogram::new("a square of evenly spread values", &ln_values).predicted_ln_mean(0.3).to_svg()?;
/// assert!(svg.contains("predicted"));
/// # Ok::<(), fanin::plot::PlotError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    title: String,
    /// log10 of those that are not 0.
    logs: Vec<f64>,
    zeros: usize,
    predicted: Option<f64>,
    note: String,
}

impl Histogram {
    /// The histogram of singular values, given as natural logarithms
    /// (as `Spectrum::ln_values` of the feature `spectrum` has them). Negative infinities are counted as
    /// zeros and said so; NaN is left out.
    #[must_use]
    pub fn new(title: impl Into<String>, ln_values: &[f64]) -> Self {
        let zeros = ln_values.iter().filter(|&&ln| ln == f64::NEG_INFINITY).count();
        let finite = ln_values.iter().filter(|ln| ln.is_finite());
        let logs = finite.map(|ln| ln / std::f64::consts::LN_10).collect();
        Self { title: title.into(), logs, zeros, predicted: None, note: String::new() }
    }

    /// The prediction of ln E s^2, as
    /// [`JacobianMoments::ln_mean`](crate::theory::JacobianMoments::ln_mean) has it.
    #[must_use]
    pub fn predicted_ln_mean(mut self, ln_mean: f64) -> Self {
        self.predicted = Some(0.5 * ln_mean / std::f64::consts::LN_10);
        self
    }

    /// A line of text in the picture, such as the variances.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// log10 of the root mean square over all values, zeros included.
    fn root_mean_square(&self) -> f64 {
        let largest = self.logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = self.logs.iter().map(|log| 10_f64.powf(2.0 * (log - largest))).sum();
        largest + 0.5 * (sum / (self.logs.len() + self.zeros) as f64).log10()
    }

    /// Left and right end and count of each bar, of the width that [Freedman & Diaconis 1981](https://doi.org/10.1007/BF01025868) advise.
    fn bars(&self) -> Vec<(f64, f64, usize)> {
        let mut logs = self.logs.clone();
        logs.sort_by(f64::total_cmp);
        let (Some(&low), Some(&high)) = (logs.first(), logs.last()) else { return Vec::new() };
        let quartile = |share: f64| logs[((logs.len() - 1) as f64 * share).round() as usize];
        let advised = 2.0 * (quartile(0.75) - quartile(0.25)) / (logs.len() as f64).cbrt();
        let span = (high - low).max(1e-9 * high.abs()).max(1e-3);
        let count = (span / advised.max(span / MAX_BARS as f64)).ceil().max(1.0) as usize;
        let width = span / count as f64;
        let mut bars: Vec<_> =
            (0..count).map(|i| (low + i as f64 * width, low + (i + 1) as f64 * width, 0)).collect();
        for log in logs {
            bars[(((log - low) / width) as usize).min(count - 1)].2 += 1;
        }
        bars
    }
}

impl Paint for Histogram {
    fn paint<B: DrawingBackend>(&self, board: &DrawingArea<B, Shift>) -> Result<(), PlotError> {
        let bars = self.bars();
        let measured = self.root_mean_square();
        let predicted = self.predicted.filter(|predicted| predicted.is_finite());
        let ends = bars.iter().flat_map(|&(left, right, _)| [left, right]);
        let x =
            style::range(ends.chain([measured]).chain(predicted), 0.01).ok_or(PlotError::NothingToDraw)?;
        let highest = bars.iter().map(|bar| bar.2).max().unwrap_or(0) as f64;
        let mut keys = vec![
            Key::Area(BAND, format!("{} singular values", self.logs.len() + self.zeros)),
            Key::Line(BLUE, "root mean square, measured".into()),
        ];
        if predicted.is_some() {
            keys.push(Key::Dashes(VERMILION, "predicted".into()));
        }
        let mut chart = style::chart(
            board,
            &Frame {
                title: &self.title,
                keys,
                x,
                y: (0.0, 1.18 * highest),
                x_label: "log10 of the singular value",
                y_label: "how many",
                whole_x: false,
            },
        )?;
        for &(left, right, count) in bars.iter().filter(|bar| bar.2 > 0) {
            let (top, fill) = (count as f64, BAND.filled());
            chart.draw_series([Rectangle::new([(left, 0.0), (right, top)], fill)]).map_err(failed)?;
            // A path, as the edges of rectangles have no width in an SVG.
            let edge = vec![(left, 0.0), (left, top), (right, top), (right, 0.0), (left, 0.0)];
            chart.draw_series([PathElement::new(edge, style::line(BLACK, 1))]).map_err(failed)?;
        }
        let mark = |x: f64| [(x, 0.0), (x, 1.08 * highest)];
        let solid = PathElement::new(mark(measured), style::line(BLUE, 3));
        chart.draw_series([solid]).map_err(failed)?;
        if let Some(predicted) = predicted {
            style::draw_dashes(&chart, mark(predicted), style::line(VERMILION, 3))?;
        }
        let zeros = match self.zeros {
            0 => String::new(),
            zeros => format!("{zeros} of them are 0 and not shown"),
        };
        let notes: Vec<&str> =
            [self.note.as_str(), &zeros].into_iter().filter(|note| !note.is_empty()).collect();
        let at = (x.0 + 0.02 * (x.1 - x.0), 1.1 * highest);
        let place = chart.plotting_area().map_coordinate(&at);
        style::note(board, &notes, place, HPos::Left, BLACK)?;
        board.present().map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_a_bar() {
        for count in [1, 2, 3, 10, 1000] {
            for spread in [0.0, 1e-12, 1.0, 1e5] {
                let values: Vec<f64> = (0..count).map(|i| spread * f64::from(i).sin() - 7.0).collect();
                let bars = Histogram::new("", &values).bars();
                assert_eq!(bars.iter().map(|bar| bar.2).sum::<usize>(), values.len());
                assert!(bars.len() <= MAX_BARS);
            }
        }
    }

    #[test]
    fn zeros_count_in_the_root_mean_square() {
        let ln = 100_f64.ln();
        let histogram = Histogram::new("", &[ln, f64::NEG_INFINITY, ln, f64::NEG_INFINITY]);
        assert!((histogram.root_mean_square() - (10_000_f64 / 2.0).sqrt().log10()).abs() < 1e-14);
        assert_eq!(histogram.zeros, 2);
    }
}
