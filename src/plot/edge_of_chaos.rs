//! The plane of weight and bias variances, and the line on which gradients are kept.

use plotters::coord::Shift;
use plotters::element::PathElement;
use plotters::prelude::{BLACK, DrawingArea, DrawingBackend};
use plotters::style::text_anchor::HPos;

use super::PlotError;
use super::style::{self, BLUE, Frame, Key, Paint, VERMILION, failed};
use crate::activation::Activation;
use crate::theory::MeanField;

/// Lengths at which the line is worked out: q* from 10^-6 to 10^3.
const STEPS: i32 = 160;
const LEAST_LOG: f64 = -6.0;
const LARGEST_LOG: f64 = 3.0;

/// Places of the plane, in each direction, that are tried for the names of the regions.
const PLACES: i32 = 7;

/// For one activation, the line chi_1 = 1 in the plane of sigma_w^2 = n Var\[W\] and sigma_b^2 = Var\[b\]:
/// on one side of it gradients vanish, on the other they explode (Poole et al. 2016, figure 1;
/// Schoenholz et al. 2017).
///
/// The line is found without a search: for each length q the weight variance 1 / E phi'^2 makes chi_1 = 1,
/// and q is a fixed point if the bias variance is q - E phi^2 / E phi'^2. Regions are named after chi_1 at
/// the fixed point that a network started at q = 1 comes to.
///
/// ```
/// use fanin::Activation;
/// use fanin::plot::{EdgeOfChaos, Picture};
///
/// let picture = EdgeOfChaos::new(Activation::Tanh).point("5/3", 25.0 / 9.0, 0.0);
/// assert!(picture.to_svg()?.contains("explode"));
/// # Ok::<(), fanin::plot::PlotError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeOfChaos {
    activation: Activation,
    points: Vec<(String, f64, f64)>,
}

/// What becomes of gradients at a place of the plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Region {
    Vanish,
    Explode,
    Diverge,
}

impl Region {
    const ALL: [Self; 3] = [Self::Vanish, Self::Explode, Self::Diverge];

    /// `None` on the line, and where theory has no answer.
    fn of(activation: &Activation, weight_variance: f64, bias_variance: f64) -> Option<Self> {
        let field = MeanField::new(activation.clone(), weight_variance, bias_variance).ok()?;
        match field.fixed_point() {
            Ok(point) if point.chi < 0.98 => Some(Self::Vanish),
            Ok(point) if point.chi > 1.02 => Some(Self::Explode),
            Err(crate::theory::TheoryError::Diverges { .. }) => Some(Self::Diverge),
            _ => None,
        }
    }

    const fn name(self) -> [&'static str; 2] {
        match self {
            Self::Vanish => ["gradients vanish", "\u{3c7}\u{2081} < 1"],
            Self::Explode => ["gradients explode", "\u{3c7}\u{2081} > 1"],
            Self::Diverge => ["activations diverge", "no fixed point"],
        }
    }
}

impl EdgeOfChaos {
    /// The plane of this activation.
    #[must_use]
    pub const fn new(activation: Activation) -> Self {
        Self { activation, points: Vec::new() }
    }

    /// Marks a network by sigma_w^2 and sigma_b^2. The picture is made large enough to hold it.
    #[must_use]
    pub fn point(mut self, name: impl Into<String>, weight_variance: f64, bias_variance: f64) -> Self {
        self.points.push((name.into(), weight_variance, bias_variance));
        self
    }

    fn marks(&self) -> impl Iterator<Item = &(String, f64, f64)> {
        self.points.iter().filter(|(_, weight, bias)| weight.is_finite() && bias.is_finite())
    }

    /// The critical line, by ascending q*, in pieces between which there is none.
    fn line(&self) -> Vec<Vec<(f64, f64)>> {
        let at = |step: i32| {
            let log = LEAST_LOG + (LARGEST_LOG - LEAST_LOG) * f64::from(step) / f64::from(STEPS);
            let q = 10_f64.powf(log);
            let slope = self.activation.derivative_mean_square(q);
            let bias = q - self.activation.mean_square(q) / slope;
            // Differences of rounding are no bias.
            let bias = if bias.abs() < 1e-11 * q { 0.0 } else { bias };
            (1.0 / slope, bias)
        };
        let places: Vec<(f64, f64)> = (0..=STEPS).map(at).collect();
        places
            .split(|&(weight, bias)| !(weight.is_finite() && bias >= 0.0))
            .filter(|piece| !piece.is_empty())
            .map(<[_]>::to_vec)
            .collect()
    }

    /// The upper ends of both axes: room for the points and for a telling part of the line.
    fn ends(&self, line: &[Vec<(f64, f64)>]) -> (f64, f64) {
        let first = line.iter().flatten().map(|place| place.0).fold(f64::INFINITY, f64::min);
        let first = if first.is_finite() { first } else { 1.0 };
        let weight = self.marks().map(|mark| mark.1).fold(2.5 * first, f64::max);
        let at_edge = line.iter().flatten().filter(|place| place.0 <= weight).map(|place| place.1);
        let bias = at_edge.fold(0.0, f64::max);
        // Some lines go straight up, and some have no height.
        let bias = if bias > 1e-9 { bias.min(0.12 * weight) } else { 0.12 * weight };
        (1.12 * weight, 1.12 * self.marks().map(|mark| mark.2).fold(bias, f64::max))
    }

    /// For each region the place that is farthest from the line, from the edges and from other regions.
    fn places_of_names(&self, ends: (f64, f64)) -> Vec<(Region, (f64, f64))> {
        let share = |i: i32| (f64::from(i) + 0.5) / f64::from(PLACES);
        let cells: Vec<((f64, f64), Option<Region>)> = (0..PLACES * PLACES)
            .map(|cell| (share(cell % PLACES), share(cell / PLACES)))
            .map(|(x, y)| ((x, y), Region::of(&self.activation, x * ends.0, y * ends.1)))
            .collect();
        let marks: Vec<(f64, f64)> = self.marks().map(|mark| (mark.1 / ends.0, mark.2 / ends.1)).collect();
        Region::ALL
            .into_iter()
            .filter_map(|region| {
                let clearance = |&(x, y): &(f64, f64)| {
                    // Letters are wider than high.
                    let edges = (x.min(1.0 - x) * 0.7).min(y.min(1.0 - y) * 1.6);
                    let others = cells.iter().filter(|cell| cell.1 != Some(region)).map(|cell| cell.0);
                    others
                        .chain(marks.iter().copied())
                        .map(|(a, b)| (0.7 * (a - x)).hypot(1.6 * (b - y)))
                        .fold(edges, f64::min)
                };
                let own = cells.iter().filter(|cell| cell.1 == Some(region)).map(|cell| cell.0);
                let best = own.max_by(|a, b| clearance(a).total_cmp(&clearance(b)))?;
                Some((region, (best.0 * ends.0, best.1 * ends.1)))
            })
            .collect()
    }
}

/// Where a name beside a cross has most room, left or right, above the cross.
fn beside(
    (x, y): (i32, i32),
    line: &[(i32, i32)],
    visible: std::ops::Range<i32>,
    name: &str,
) -> ((i32, i32), HPos) {
    let step = style::points(14) as i32;
    let width = style::width(name);
    let candidates = [(HPos::Left, 1), (HPos::Right, -1)].map(|(horizontal, side)| {
        let (near, far) = (x + side * step, x + side * (step + width));
        let middle = ((near + far) / 2, y - step);
        let clear = |&(a, b): &(i32, i32)| {
            let beyond = ((a - middle.0).abs() - width / 2).max(0);
            f64::from(beyond).hypot(f64::from(b - middle.1))
        };
        let room = line.iter().map(clear).fold(f64::MAX, f64::min);
        let room = if visible.contains(&far) { room } else { -1.0 };
        (room, (near, y - step), horizontal)
    });
    let [right, left] = candidates;
    let best = if left.0 > right.0 { left } else { right };
    (best.1, best.2)
}

impl Paint for EdgeOfChaos {
    fn paint<B: DrawingBackend>(&self, board: &DrawingArea<B, Shift>) -> Result<(), PlotError> {
        let line = self.line();
        if line.is_empty() && self.marks().next().is_none() {
            return Err(PlotError::NothingToDraw);
        }
        let ends = self.ends(&line);
        let mut keys = vec![Key::Line(BLACK, "\u{3c7}\u{2081} = 1, gradients are kept".into())];
        if self.marks().next().is_some() {
            keys.push(Key::Cross(VERMILION, "this network".into()));
        }
        let title = format!("The edge of chaos of {}", self.activation);
        let mut chart = style::chart(
            board,
            &Frame {
                title: &title,
                keys,
                x: (0.0, ends.0),
                y: (-0.03 * ends.1, ends.1),
                x_label: "weight variance: \u{3c3}\u{b2} = n Var[W]",
                y_label: "bias variance: Var[b]",
                whole_x: false,
            },
        )?;
        for (region, place) in self.places_of_names(ends) {
            let place = chart.plotting_area().map_coordinate(&place);
            style::note(board, &region.name(), place, HPos::Center, BLUE)?;
        }
        let inside = |&(x, y): &(f64, f64)| x <= ends.0 && y <= ends.1;
        for piece in &line {
            // One place beyond the edge: plotters cuts there.
            let seen = piece.iter().rposition(inside).map_or(0, |last| last + 2).min(piece.len());
            let visible = piece[..seen].to_vec();
            chart.draw_series([PathElement::new(visible, style::line(BLACK, 3))]).map_err(failed)?;
        }
        // Where the line is a point, as for ReLU, or begins.
        if let Some(&start) = line.first().and_then(|piece| piece.first()).filter(|start| inside(start)) {
            chart.draw_series(style::dot(start, BLACK)).map_err(failed)?;
        }
        for (name, weight, bias) in self.marks() {
            let area = chart.plotting_area();
            let (x, y) = area.map_coordinate(&(*weight, *bias));
            for stroke in style::strokes_of_cross((x, y)) {
                board.draw(&PathElement::new(stroke, style::line(VERMILION, 3))).map_err(failed)?;
            }
            let shown = line.iter().flatten().filter(|place| inside(place));
            let line: Vec<(i32, i32)> = shown.map(|place| area.map_coordinate(place)).collect();
            let (at, horizontal) = beside((x, y), &line, area.get_pixel_range().0, name);
            style::note(board, &[name], at, horizontal, BLACK)?;
        }
        board.present().map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_holds_known_critical_points() {
        let line = |activation| EdgeOfChaos::new(activation).line();
        // ReLU: nowhere but at (2, 0).
        assert!(line(Activation::Relu).iter().flatten().all(|&(w, b)| (w - 2.0).abs() < 1e-12 && b == 0.0));
        // tanh, sigma_b^2 = 0.05: 1.760954640.
        let tanh = line(Activation::Tanh);
        let near = |pair: &[(f64, f64)]| pair[0].1 <= 0.05 && pair[1].1 >= 0.05;
        let pair = tanh[0].windows(2).find(|pair| near(pair)).unwrap();
        assert!(pair[0].0 < 1.760954640 && 1.760954640 < pair[1].0);
    }

    #[test]
    fn regions() {
        assert_eq!(Region::of(&Activation::Tanh, 0.5, 0.1), Some(Region::Vanish));
        assert_eq!(Region::of(&Activation::Tanh, 3.0, 0.0), Some(Region::Explode));
        assert_eq!(Region::of(&Activation::Relu, 2.5, 0.1), Some(Region::Diverge));
        assert_eq!(Region::of(&Activation::Tanh, f64::NAN, 0.0), None);
    }
}
