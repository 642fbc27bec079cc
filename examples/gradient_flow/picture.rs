//! The picture: log10 of the gradient against the layer, as SVG.

use std::error::Error;
use std::path::PathBuf;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::arguments::Arguments;
use crate::common;
use crate::experiment::Outcome;
use crate::report::layers;
use crate::starts::Start;

/// Decades shown at the most; a curve that leaves them says at the edge where it goes.
const LOWEST: f64 = -30.0;
const HIGHEST: f64 = 15.0;

/// Width and height in points, and the steps of a point: plotters' coordinates are whole numbers, in which
/// a line that is almost level climbs in stairs.
const SIZE: [u32; 2] = [1000, 520];
const FINE: u32 = 16;

/// So many points in steps of the grid that is drawn on.
const fn grid(count: i32) -> i32 {
    count * FINE as i32
}

/// Okabe and Ito's colours, told apart by the colour-blind, and in grey by their dashes.
fn colour(start: Start) -> RGBColor {
    match start {
        Start::Small => RGBColor(0, 0, 0),
        Start::Unit => RGBColor(204, 121, 167),
        Start::OldUniform => RGBColor(230, 159, 0),
        Start::Xavier => RGBColor(0, 114, 178),
        Start::He => RGBColor(213, 94, 0),
    }
}

/// Length of a dash and of the gap behind it; none for a whole line.
fn dash(start: Start) -> Option<(i32, i32)> {
    match start {
        Start::He | Start::Xavier => None,
        Start::OldUniform => Some((10, 4)),
        Start::Small => Some((3, 4)),
        Start::Unit => Some((14, 8)),
    }
}

/// The deepest networks, tanh on the left and ReLU on the right.
pub(crate) fn draw(arguments: &Arguments, results: &[Outcome]) -> Result<PathBuf, String> {
    let folder = common::target_folder();
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let path = folder.join("gradient_flow.svg");
    let failed = |error: &dyn Error| format!("{}: {error}", path.display());
    let svg = svg(arguments.deepest() as usize, results).map_err(|error| failed(&*error))?;
    std::fs::write(&path, svg).map_err(|error| failed(&error))?;
    Ok(path)
}

fn svg(depth: usize, results: &[Outcome]) -> Result<String, Box<dyn Error>> {
    let mut svg = String::new();
    let fine = SIZE.map(|points| points * FINE);
    paint(&SVGBackend::with_string(&mut svg, fine.into()).into_drawing_area(), depth, results)?;
    // Drawn on a finer grid than it is shown at.
    let header = |[width, height]: [u32; 2]| format!("width=\"{width}\" height=\"{height}\"");
    Ok(svg.replacen(&header(fine), &header(SIZE), 1))
}

fn paint(
    root: &DrawingArea<SVGBackend<'_>, Shift>,
    depth: usize,
    results: &[Outcome],
) -> Result<(), Box<dyn Error>> {
    root.fill(&WHITE)?;
    let title =
        format!("The gradient on its way back through {depth} layers of {} units", results[0].kind.width);
    let style = |size: i32| ("sans-serif", grid(size)).into_font().color(&BLACK);
    root.draw(&Text::new(title, (grid(500), grid(14)), style(22).pos(Pos::new(HPos::Center, VPos::Top))))?;
    let (_, panels) = root.split_vertically(grid(44));
    let curves = |activation: &str| -> Vec<(Start, Vec<(f64, f64)>)> {
        let of_depth = results.iter().filter(|outcome| outcome.shape() == (activation.to_owned(), depth));
        of_depth
            .map(|outcome| {
                let points = layers(outcome).into_iter().zip(1..);
                let drawn = |(log10, l): (Option<f64>, i32)| Some((f64::from(l), log10?));
                (outcome.kind.start, points.filter_map(drawn).collect())
            })
            .collect()
    };
    let all = [("tanh", curves("tanh")), ("relu", curves("relu"))];
    let values =
        || all.iter().flat_map(|(_, curves)| curves).flat_map(|(_, points)| points).map(|point| point.1);
    let highest = values().fold(0.0_f64, f64::max).ceil().min(HIGHEST) + 1.0;
    let lowest = values().fold(0.0_f64, f64::min).floor().max(LOWEST) - 1.0;
    for ((name, curves), area) in all.iter().zip(panels.split_evenly((1, 2))) {
        let name = if *name == "relu" { "ReLU" } else { name };
        let mut chart = ChartBuilder::on(&area)
            .caption(name, ("sans-serif", grid(20)))
            .margin(grid(8))
            .margin_right(grid(92))
            .x_label_area_size(grid(42))
            .y_label_area_size(grid(58))
            .build_cartesian_2d(0.5..depth as f64 + 0.5, lowest..highest)?;
        chart
            .configure_mesh()
            .light_line_style(WHITE)
            .bold_line_style(RGBColor(225, 225, 225).stroke_width(FINE))
            .axis_style(BLACK.stroke_width(FINE))
            .set_all_tick_mark_size(grid(5))
            .x_desc("hidden layer (the gradient travels to the left)")
            .y_desc("log10 of |δ|², δ = dL/dz; last layer = 0")
            .x_labels(6)
            .x_label_formatter(&|x| format!("{x:.0}"))
            .y_label_formatter(&|y| format!("{y:.0}"))
            .label_style(("sans-serif", grid(14)))
            .axis_desc_style(("sans-serif", grid(15)))
            .draw()?;
        for (start, points) in curves {
            let style = colour(*start).stroke_width(3 * FINE);
            let visible = points.iter().copied().filter(|&(_, y)| (lowest..=highest).contains(&y));
            match dash(*start) {
                None => chart.draw_series(LineSeries::new(visible, style))?,
                Some((size, gap)) => {
                    chart.draw_series(DashedLineSeries::new(visible, grid(size), grid(gap), style))?
                }
            };
        }
        name_curves(&mut chart, depth, (lowest, highest), curves)?;
        name_ends(&mut chart, (lowest, highest), curves)?;
    }
    root.present()?;
    Ok(())
}

type Chart<'a> = ChartContext<
    'a,
    SVGBackend<'a>,
    Cartesian2d<plotters::coord::types::RangedCoordf64, plotters::coord::types::RangedCoordf64>,
>;

type Curve = (Start, Vec<(f64, f64)>);

/// Names on the right, where all curves begin, in the order in which they end on the left.
fn name_curves(
    chart: &mut Chart<'_>,
    depth: usize,
    (lowest, highest): (f64, f64),
    curves: &[Curve],
) -> Result<(), Box<dyn Error>> {
    let mut order: Vec<&Curve> = curves.iter().filter(|(_, points)| !points.is_empty()).collect();
    order.sort_by(|a, b| b.1[0].1.total_cmp(&a.1[0].1));
    let spacing = (highest - lowest) / 20.0;
    for (i, (start, _)) in order.iter().enumerate() {
        let at = spacing * ((order.len() as f64 - 1.0) / 2.0 - i as f64);
        let style = ("sans-serif", grid(15))
            .into_font()
            .color(&colour(*start))
            .pos(Pos::new(HPos::Left, VPos::Center));
        chart.plotting_area().draw(&Text::new(start.name(), (depth as f64 + 0.9, at), style))?;
    }
    Ok(())
}

/// Where a curve leaves the picture, the value it reaches at layer 1.
fn name_ends(
    chart: &mut Chart<'_>,
    (lowest, highest): (f64, f64),
    curves: &[Curve],
) -> Result<(), Box<dyn Error>> {
    for (start, points) in curves {
        let (Some(&(_, end)), Some(edge)) =
            (points.first(), points.iter().find(|(_, y)| (lowest..=highest).contains(y)))
        else {
            continue;
        };
        if (lowest..=highest).contains(&end) {
            continue;
        }
        let below = end < lowest;
        let (arrow, y) = if below { ("↓", lowest + 0.6) } else { ("↑", highest - 0.6) };
        let vertical = if below { VPos::Bottom } else { VPos::Top };
        // Left of the line, or where there is no room right of it and clear of its neighbour's.
        let lift = if below { 2.4 } else { -2.4 };
        let (x, y, horizontal) =
            if edge.0 > 14.0 { (edge.0 - 1.2, y, HPos::Right) } else { (edge.0 + 5.5, y + lift, HPos::Left) };
        let style =
            ("sans-serif", grid(14)).into_font().color(&colour(*start)).pos(Pos::new(horizontal, vertical));
        let text = format!("{arrow} {end:+.0} at layer 1");
        chart.plotting_area().draw(&Text::new(text, (x, y), style))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::digits::Digits;
    use crate::experiment::run_all;

    /// He's line is almost level: on a grid of whole points it stays at one height for several layers.
    #[test]
    fn level_lines_show_no_stairs() {
        let arguments =
            Arguments::parse_from("gradient_flow --depth 40 --width 40 --seeds 2 --steps 0".split(' '));
        let results = run_all(&arguments, &Digits::load(&arguments.data).unwrap()).unwrap();
        let svg = svg(40, &results).unwrap();
        assert!(
            svg.starts_with("<svg width=\"1000\" height=\"520\" viewBox=\"0 0 16000 8320\""),
            "{}",
            &svg[..99]
        );
        // Whole lines: of Xavier and He, on the left and on the right.
        let polylines = svg.split("points=\"").skip(1).filter_map(|rest| rest.split_once('"'));
        let points =
            |(points, _): (&str, _)| points.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let lines: Vec<Vec<String>> = polylines.map(points).filter(|points| points.len() == 40).collect();
        assert_eq!(lines.len(), 4);
        for line in lines {
            let heights: Vec<&str> = line.iter().filter_map(|point| Some(point.split_once(',')?.1)).collect();
            let steps = heights.windows(2).filter(|pair| pair[0] != pair[1]).count();
            assert!(steps >= 35, "{steps} of 39 steps: {heights:?}");
        }
    }
}
