//! The style that all pictures share: size, colours, letters, axes, the key to the signs.

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{
    BLACK, Cartesian2d, ChartBuilder, ChartContext, Circle, Color, DrawingArea, DrawingBackend, IntoFont,
    PathElement, Polygon, RGBColor, Rectangle, ShapeStyle, Text, TextStyle, WHITE,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::PlotError;
use super::font;

/// Width and height in points.
pub(super) const SIZE: (u32, u32) = (900, 540);

/// Steps per point of the grid that is drawn on: plotters' coordinates are integers.
pub(super) const FINE: u32 = 8;

/// Of the Okabe-Ito palette: told apart by the colour-blind, and dark and light enough in grey.
pub(super) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(super) const VERMILION: RGBColor = RGBColor(213, 94, 0);
pub(super) const BAND: RGBColor = RGBColor(214, 224, 232);
const GRID: RGBColor = RGBColor(228, 228, 228);
const GREY: RGBColor = RGBColor(90, 90, 90);

const TITLE: u32 = 24;
const BODY: u32 = 17;

/// Where the key begins, below the title.
const KEY: u32 = 50;
/// Where the plot begins, below the key.
const TOP: u32 = 66;

/// A picture that knows how to draw itself on any board. Seals [`Picture`](super::Picture).
pub trait Paint {
    #[doc(hidden)]
    fn paint<B: DrawingBackend>(&self, board: &DrawingArea<B, Shift>) -> Result<(), PlotError>;
}

pub(super) type Chart<'a, B> = ChartContext<'a, B, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Points on the grid.
pub(super) const fn points(count: u32) -> u32 {
    count * FINE
}

fn coordinate(points: f64) -> i32 {
    (points * f64::from(FINE)).round() as i32
}

pub(super) fn letters(size: u32, color: RGBColor, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    ("sans-serif", points(size)).into_font().color(&color).pos(Pos::new(horizontal, vertical))
}

/// Body letters.
pub(super) fn body(color: RGBColor, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    letters(BODY, color, horizontal, vertical)
}

pub(super) fn line(color: RGBColor, width: u32) -> ShapeStyle {
    color.stroke_width(points(width))
}

/// An error of the drawing library.
pub(super) fn failed(error: impl std::fmt::Display) -> PlotError {
    PlotError::Drawing { message: error.to_string() }
}

/// A sign and what it stands for.
pub(super) enum Key {
    Line(RGBColor, String),
    Dashes(RGBColor, String),
    Area(RGBColor, String),
    Points(RGBColor, String),
    Cross(RGBColor, String),
    Ring(RGBColor, String),
}

/// The title, key and axes of a picture.
pub(super) struct Frame<'a> {
    pub(super) title: &'a str,
    pub(super) keys: Vec<Key>,
    pub(super) x: (f64, f64),
    pub(super) y: (f64, f64),
    pub(super) x_label: &'a str,
    pub(super) y_label: &'a str,
    /// Whether x counts things.
    pub(super) whole_x: bool,
}

/// Draws title, key and axes; the chart to draw in.
pub(super) fn chart<'a, B: DrawingBackend>(
    board: &'a DrawingArea<B, Shift>,
    frame: &Frame<'_>,
) -> Result<Chart<'a, B>, PlotError> {
    board.fill(&WHITE).map_err(failed)?;
    let left = coordinate(16.0);
    let title = letters(TITLE, BLACK, HPos::Left, VPos::Top);
    board.draw(&Text::new(frame.title.to_owned(), (left, coordinate(12.0)), title)).map_err(failed)?;
    let mut x = 16.0;
    for key in &frame.keys {
        x = draw_key(board, x, key)?;
    }
    let mut chart = ChartBuilder::on(board)
        .margin_top(points(TOP))
        .margin_right(points(24))
        .margin_bottom(points(6))
        .margin_left(points(12))
        .x_label_area_size(points(50))
        .y_label_area_size(points(72))
        .build_cartesian_2d(frame.x.0..frame.x.1, frame.y.0..frame.y.1)
        .map_err(failed)?;
    let number = |value: f64, (low, high): (f64, f64)| tick(value, high - low);
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .bold_line_style(line(GRID, 1))
        .axis_style(line(GREY, 1))
        .set_all_tick_mark_size(points(5))
        .x_desc(frame.x_label)
        .y_desc(frame.y_label)
        .x_labels(9)
        .y_labels(8)
        .x_label_formatter(&|x| {
            if frame.whole_x && (x.fract() != 0.0 || *x < 1.0) { String::new() } else { number(*x, frame.x) }
        })
        .y_label_formatter(&|y| number(*y, frame.y))
        .label_style(("sans-serif", points(BODY)))
        .axis_desc_style(("sans-serif", points(BODY)))
        .draw()
        .map_err(failed)?;
    Ok(chart)
}

/// From this span on, ticks are powers of ten: their digits would not fit side by side.
const WIDE_SPAN: f64 = 1e6;

/// A number on an axis of this span, with a minus sign and as many digits as neighbours need.
fn tick(value: f64, span: f64) -> String {
    if span >= WIDE_SPAN && value != 0.0 {
        return format!("{value:.1e}").replace(".0e", "e").replace('-', "\u{2212}");
    }
    let decimals = (2.0 - span.log10().floor()).clamp(0.0, 9.0) as usize;
    let text = format!("{:.decimals$}", if value == 0.0 { 0.0 } else { value });
    let text = if decimals > 0 { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text };
    if text == "-0" { "0".to_owned() } else { text.replace('-', "\u{2212}") }
}

/// Draws one sign with its text at x points; where the next may begin.
fn draw_key<B: DrawingBackend>(board: &DrawingArea<B, Shift>, x: f64, key: &Key) -> Result<f64, PlotError> {
    let at = |dx: f64, dy: f64| (coordinate(x + dx), coordinate(f64::from(KEY) + dy));
    let (color, text) = match key {
        Key::Line(color, text)
        | Key::Dashes(color, text)
        | Key::Area(color, text)
        | Key::Points(color, text)
        | Key::Cross(color, text)
        | Key::Ring(color, text) => (*color, text),
    };
    match key {
        Key::Line(..) => board.draw(&PathElement::new([at(0.0, 0.0), at(28.0, 0.0)], line(color, 3))),
        Key::Dashes(..) => [0.0, 11.0, 22.0].into_iter().try_for_each(|dx| {
            board.draw(&PathElement::new([at(dx, 0.0), at(dx + 7.0, 0.0)], line(color, 3)))
        }),
        Key::Area(..) => board.draw(&Rectangle::new([at(0.0, -7.0), at(28.0, 7.0)], color.filled())),
        Key::Points(..) => [5.0, 23.0]
            .into_iter()
            .flat_map(|dx| dot(at(dx, 0.0), color))
            .try_for_each(|circle| board.draw(&circle)),
        Key::Cross(..) => strokes_of_cross(at(14.0, 0.0))
            .into_iter()
            .try_for_each(|stroke| board.draw(&PathElement::new(stroke, line(color, 3)))),
        Key::Ring(..) => board.draw(&ring(at(14.0, 0.0), color)),
    }
    .map_err(failed)?;
    board
        .draw(&Text::new(text.clone(), at(36.0, 0.0), body(BLACK, HPos::Left, VPos::Center)))
        .map_err(failed)?;
    Ok(x + 36.0 + f64::from(font::width(text)) * f64::from(BODY) / 1.24 + 26.0)
}

/// The width of body text on the board.
pub(super) fn width(text: &str) -> i32 {
    coordinate(f64::from(font::width(text)) * f64::from(BODY) / 1.24)
}

/// A measured point, with a white rim that keeps it apart from lines and neighbours.
pub(super) fn dot<C: Clone>(at: C, color: RGBColor) -> [Circle<C, u32>; 2] {
    [Circle::new(at.clone(), 9 * FINE / 2, WHITE.filled()), Circle::new(at, 7 * FINE / 2, color.filled())]
}

/// A place of note, which a line or a cross on it does not hide.
pub(super) fn ring<C>(at: C, color: RGBColor) -> Circle<C, u32> {
    Circle::new(at, 8 * FINE, line(color, 3))
}

/// Lines of text around a place on the board, on white: they hide the grid.
pub(super) fn note<B: DrawingBackend>(
    board: &DrawingArea<B, Shift>,
    lines: &[&str],
    (x, y): (i32, i32),
    horizontal: HPos,
    color: RGBColor,
) -> Result<(), PlotError> {
    let leading = f64::from(BODY) * 1.1;
    for (i, text) in lines.iter().enumerate() {
        let width = width(text) + coordinate(6.0);
        let left = match horizontal {
            HPos::Left => x - coordinate(3.0),
            HPos::Center => x - width / 2,
            HPos::Right => x + coordinate(3.0) - width,
        };
        let middle = y + coordinate(leading * (i as f64 - 0.5 * (lines.len() as f64 - 1.0)));
        let half = coordinate(0.5 * leading);
        let back = Rectangle::new([(left, middle - half), (left + width, middle + half)], WHITE.filled());
        board.draw(&back).map_err(failed)?;
        let letters = body(color, horizontal, VPos::Center);
        board.draw(&Text::new((*text).to_owned(), (x, middle), letters)).map_err(failed)?;
    }
    Ok(())
}

/// The strokes of a cross, on the board.
pub(super) fn strokes_of_cross((x, y): (i32, i32)) -> [[(i32, i32); 2]; 2] {
    let arm = coordinate(8.0);
    [[(x - arm, y - arm), (x + arm, y + arm)], [(x - arm, y + arm), (x + arm, y - arm)]]
}

/// A line in dashes, of points of the chart: every second piece of equal length on the board.
pub(super) fn draw_dashes<B: DrawingBackend>(
    chart: &Chart<'_, B>,
    ends: [(f64, f64); 2],
    style: ShapeStyle,
) -> Result<(), PlotError> {
    let area = chart.plotting_area();
    let [(x0, y0), (x1, y1)] = ends.map(|end| area.map_coordinate(&end));
    let length = f64::from(x1 - x0).hypot(f64::from(y1 - y0));
    let pieces = (length / f64::from(points(6))).round().max(1.0) as i32;
    let at = |i: i32| {
        let share = f64::from(i) / f64::from(pieces);
        let between = |(a, b): (f64, f64)| a + share * (b - a);
        (between((ends[0].0, ends[1].0)), between((ends[0].1, ends[1].1)))
    };
    (0..pieces)
        .step_by(2)
        .try_for_each(|i| area.draw(&PathElement::new([at(i), at(i + 1)], style)))
        .map_err(failed)
}

/// An area of the chart without an edge.
pub(super) fn area(corners: Vec<(f64, f64)>, color: RGBColor) -> Polygon<(f64, f64)> {
    Polygon::new(corners, color.filled())
}

/// The range of these numbers with some room on both sides, at least `least` wide; `None` if none is
/// finite.
pub(super) fn range(values: impl Iterator<Item = f64>, least: f64) -> Option<(f64, f64)> {
    let ends = values.filter(|value| value.is_finite()).fold(None, |ends, value| {
        let (low, high) = ends.unwrap_or((value, value));
        Some((value.min(low), value.max(high)))
    });
    let (low, high) = ends?;
    let room = 0.06 * (high - low).max(least);
    let short = 0.5 * (least - (high - low)).max(0.0);
    Some((low - short - room, high + short + room))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks() {
        assert_eq!(tick(-2.5, 9.0), "\u{2212}2.5");
        assert_eq!(tick(-0.0, 10.0), "0");
        assert_eq!(tick(0.25, 1.0), "0.25");
        assert_eq!(tick(40.0, 60.0), "40");
        assert_eq!(tick(100.0, 600.0), "100");
        assert_eq!(tick(400_000.0, 900_000.0), "400000");
        assert_eq!(tick(-2e19, 1e20), "\u{2212}2e19");
        assert_eq!(tick(2.5e6, 1e7), "2.5e6");
    }

    #[test]
    fn ranges_hold_what_is_finite() {
        let nan = [f64::NAN, f64::INFINITY];
        assert_eq!(range(nan.into_iter(), 1.0), None);
        let (low, high) = range([2.0, f64::NAN, 2.0].into_iter(), 1.0).unwrap();
        assert!(low < 1.5 && high > 2.5);
    }
}
