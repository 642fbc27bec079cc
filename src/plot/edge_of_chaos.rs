//! The plane of weight and bias variances, and the line on which gradients are kept.

use plotters::coord::Shift;
use plotters::element::PathElement;
use plotters::prelude::{BLACK, DrawingArea, DrawingBackend};
use plotters::style::text_anchor::HPos;

use super::PlotError;
use super::style::{self, BLUE, Frame, Key, Paint, VERMILION, failed};
use crate::activation::Activation;
use crate::theory::{MeanField, critical};

/// Lengths at which the line is worked out: q* from 10^-6 to 10^3.
const STEPS: i32 = 360;
const LEAST_LOG: f64 = -6.0;
const LARGEST_LOG: f64 = 3.0;

/// Places of the plane, in each direction, that are tried for the names of the regions.
const PLACES: i32 = 9;

/// For one activation, the line chi_1 = 1 in the plane of sigma_w^2 = n Var\[W\] and sigma_b^2 = Var\[b\]:
/// on one side of it gradients vanish, on the other they explode ([Poole et al. 2016](https://arxiv.org/abs/1606.05340), figure 1;
/// [Schoenholz et al. 2017](https://arxiv.org/abs/1611.01232)).
///
/// A ring marks what [`critical`] recommends.
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

/// The fate of gradients at a place of the plane.
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

    /// sigma_w^2 and sigma_b^2 that theory recommends.
    fn recommended(&self) -> Option<(f64, f64)> {
        let point = critical(&self.activation).ok()?;
        Some((point.weight_variance, point.bias_variance))
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
        let places: Vec<(f64, f64)> =
            (0..=STEPS).map(at).filter(|(weight, bias)| (weight + bias).is_finite()).collect();
        above_zero(&places)
    }

    /// The upper ends of both axes: room for the recommended place, the points and a telling part of the line.
    fn ends(&self, line: &[Vec<(f64, f64)>], recommended: Option<(f64, f64)>) -> (f64, f64) {
        let first = line.iter().flatten().map(|place| place.0).fold(f64::INFINITY, f64::min);
        let first = if first.is_finite() { first } else { 1.0 };
        let marks = || self.marks().map(|mark| (mark.1, mark.2)).chain(recommended);
        let weight = marks().map(|mark| mark.0).fold(2.5 * first, f64::max);
        let at_edge = line.iter().flatten().filter(|place| place.0 <= weight).map(|place| place.1);
        let bias = at_edge.fold(0.0, f64::max);
        // Some lines go straight up, and some have no height.
        let bias = if bias > 1e-9 { bias.min(0.12 * weight) } else { 0.12 * weight };
        (1.12 * weight, 1.12 * marks().map(|mark| mark.1).fold(bias, f64::max))
    }

    /// For each region the place that is farthest from the line, from the edges and from other regions.
    fn places_of_names(&self, line: &[(f64, f64)], ends: (f64, f64)) -> Vec<(Region, (f64, f64))> {
        let share = |i: i32| (f64::from(i) + 0.5) / f64::from(PLACES);
        let cells: Vec<((f64, f64), Option<Region>)> = (0..PLACES * PLACES)
            .map(|cell| (share(cell % PLACES), share(cell / PLACES)))
            .map(|(x, y)| ((x, y), Region::of(&self.activation, x * ends.0, y * ends.1)))
            .collect();
        let relative = |(x, y): (f64, f64)| (x / ends.0, y / ends.1);
        let line: Vec<(f64, f64)> = line.iter().copied().map(relative).collect();
        let marks: Vec<(f64, f64)> = self.marks().map(|mark| relative((mark.1, mark.2))).collect();
        Region::ALL
            .into_iter()
            .filter_map(|region| {
                let clearance = |&(x, y): &(f64, f64)| {
                    // Letters are wider than high.
                    let edges = (x.min(1.0 - x) * 0.7).min(y.min(1.0 - y) * 1.6);
                    let distance = |(a, b): (f64, f64)| (0.7 * (a - x)).hypot(1.6 * (b - y));
                    let others = cells.iter().filter(|cell| cell.1 != Some(region)).map(|cell| cell.0);
                    let others = others.chain(line.iter().copied()).map(distance);
                    // Crosses have names of their own beside them.
                    let marks = marks.iter().map(|&mark| 0.5 * distance(mark));
                    others.chain(marks).fold(edges, f64::min)
                };
                let own = cells.iter().filter(|cell| cell.1 == Some(region)).map(|cell| cell.0);
                let best = own.max_by(|a, b| clearance(a).total_cmp(&clearance(b)))?;
                Some((region, (best.0 * ends.0, best.1 * ends.1)))
            })
            .collect()
    }
}

/// The parts of a line at or above 0, cut there.
fn above_zero(places: &[(f64, f64)]) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut last: Option<(f64, f64)> = None;
    for &(x, y) in places {
        let crossing = last.filter(|last| (last.1 < 0.0) != (y < 0.0));
        let cut = crossing.map(|(a, b)| (a + (x - a) * b / (b - y), 0.0));
        if y >= 0.0 {
            if last.is_none_or(|last| last.1 < 0.0) {
                pieces.push(cut.into_iter().collect());
            }
            pieces.last_mut().into_iter().for_each(|piece| piece.push((x, y)));
        } else if let (Some(cut), Some(piece)) = (cut, pieces.last_mut()) {
            piece.push(cut);
        }
        last = Some((x, y));
    }
    pieces
}

/// The part of a piece of the line up to where it first leaves the plane, cut there.
fn until_edge(piece: &[(f64, f64)], (width, height): (f64, f64)) -> Vec<(f64, f64)> {
    let inside = |&(x, y): &(f64, f64)| x <= width && y <= height;
    let mut visible: Vec<(f64, f64)> = piece.iter().copied().skip_while(|place| !inside(place)).collect();
    if let Some(out) = visible.iter().position(|place| !inside(place)) {
        let ((x0, y0), (x1, y1)) = (visible[out - 1], visible[out]);
        let share =
            |low: f64, high: f64, edge: f64| if high > edge { (edge - low) / (high - low) } else { 1.0 };
        let share = share(x0, x1, width).min(share(y0, y1, height));
        visible.truncate(out);
        visible.push((x0 + share * (x1 - x0), y0 + share * (y1 - y0)));
    }
    visible
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
        let recommended = self.recommended();
        let ends = self.ends(&line, recommended);
        let line: Vec<Vec<(f64, f64)>> = line.iter().map(|piece| until_edge(piece, ends)).collect();
        let places: Vec<(f64, f64)> = line.iter().flatten().copied().collect();
        let start = places.first().copied();
        let near = |&(x, y): &(f64, f64)| {
            start.is_none_or(|(a, b)| (x - a).abs() < 1e-9 * ends.0 && (y - b).abs() < 1e-9 * ends.1)
        };
        let mut keys = Vec::new();
        if places.iter().all(near) {
            keys.push(Key::Ring(BLACK, "recommended: the only fixed point with \u{3c7}\u{2081} = 1".into()));
        } else {
            keys.push(Key::Line(BLACK, "\u{3c7}\u{2081} = 1: gradients are kept".into()));
            keys.extend(recommended.map(|_| Key::Ring(BLACK, "recommended".into())));
        }
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
        for (region, place) in self.places_of_names(&places, ends) {
            let place = chart.plotting_area().map_coordinate(&place);
            style::note(board, &region.name(), place, HPos::Center, BLUE)?;
        }
        for piece in line.iter().filter(|piece| piece.len() > 1) {
            chart.draw_series([PathElement::new(piece.clone(), style::line(BLACK, 3))]).map_err(failed)?;
        }
        chart.draw_series(recommended.map(|place| style::ring(place, BLACK))).map_err(failed)?;
        for (name, weight, bias) in self.marks() {
            let area = chart.plotting_area();
            let (x, y) = area.map_coordinate(&(*weight, *bias));
            for stroke in style::strokes_of_cross((x, y)) {
                board.draw(&PathElement::new(stroke, style::line(VERMILION, 3))).map_err(failed)?;
            }
            let taken = places.iter().chain(&recommended);
            let line: Vec<(i32, i32)> = taken.map(|place| area.map_coordinate(place)).collect();
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
        // Sigmoid without biases: critical at gain 10.149 only, where the line begins.
        let start = line(Activation::Sigmoid)[0][0];
        assert!(start.1 == 0.0 && (start.0.sqrt() - 10.149).abs() < 0.01);
        // tanh, sigma_b^2 = 0.05: 1.760954640.
        let tanh = line(Activation::Tanh);
        let near = |pair: &[(f64, f64)]| pair[0].1 <= 0.05 && pair[1].1 >= 0.05;
        let pair = tanh[0].windows(2).find(|pair| near(pair)).unwrap();
        assert!(pair[0].0 < 1.760954640 && 1.760954640 < pair[1].0);
    }

    #[test]
    fn lines_begin_and_end_at_zero() {
        assert_eq!(
            above_zero(&[(0.0, -1.0), (2.0, 1.0), (3.0, 1.0), (5.0, -1.0), (5.0, 0.0)]),
            [vec![(1.0, 0.0), (2.0, 1.0), (3.0, 1.0), (4.0, 0.0)], vec![(5.0, 0.0), (5.0, 0.0)]]
        );
        assert_eq!(above_zero(&[(1.0, -1.0)]), Vec::<Vec<(f64, f64)>>::new());
    }

    #[test]
    fn lines_end_at_the_edge() {
        let piece = [(3.0, 0.0), (1.0, 0.0), (1.5, 1.0), (2.5, 3.0), (1.0, 1.0)];
        assert_eq!(until_edge(&piece, (2.0, 9.0)), [(1.0, 0.0), (1.5, 1.0), (2.0, 2.0)]);
        assert_eq!(until_edge(&piece, (9.0, 2.0)), [(3.0, 0.0), (1.0, 0.0), (1.5, 1.0), (2.0, 2.0)]);
        assert!(until_edge(&piece, (0.5, 2.0)).is_empty());
    }

    #[test]
    fn regions() {
        assert_eq!(Region::of(&Activation::Tanh, 0.5, 0.1), Some(Region::Vanish));
        assert_eq!(Region::of(&Activation::Tanh, 3.0, 0.0), Some(Region::Explode));
        assert_eq!(Region::of(&Activation::Relu, 2.5, 0.1), Some(Region::Diverge));
        assert_eq!(Region::of(&Activation::Tanh, f64::NAN, 0.0), None);
    }
}
