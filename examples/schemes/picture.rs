//! The picture: the rate of the gradient of each scheme, as SVG.

use std::error::Error;
use std::path::PathBuf;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::arguments::Arguments;
use crate::measurement::Measurement;
use crate::schemes::Scheme;

/// Points, and steps of a point: plotters' coordinates are whole numbers.
const WIDTH: i32 = 900;
const ROW: i32 = 22;
const TOP: i32 = 76;
const BOTTOM: i32 = 54;
const FINE: i32 = 16;

/// Where the rates begin and end, in points; at the ends rates of 1/4 and 4, and what is beyond.
const LEFT: i32 = 330;
const RIGHT: i32 = 860;
const FARTHEST: f64 = 2.0;

/// What the number of a rate beyond the ends takes, in points.
const NUMBER: i32 = 62;

pub(crate) fn draw(
    arguments: &Arguments,
    schemes: &[Scheme],
    measurements: &[Measurement],
) -> Result<PathBuf, Box<dyn Error>> {
    let folder = &arguments.out;
    let failed = |error: &dyn Error, path: &std::path::Path| format!("{}: {error}", path.display());
    std::fs::create_dir_all(folder).map_err(|error| failed(&error, folder))?;
    let path = folder.join("schemes.svg");
    let rows: Vec<(&Scheme, f64)> = schemes
        .iter()
        .zip(measurements)
        .filter_map(|(scheme, measured)| Some((scheme, measured.rate?)))
        .collect();
    let svg = svg(arguments, &rows)?;
    std::fs::write(&path, svg).map_err(|error| failed(&error, &path))?;
    Ok(path)
}

fn svg(arguments: &Arguments, rows: &[(&Scheme, f64)]) -> Result<String, Box<dyn Error>> {
    let height = TOP + BOTTOM + ROW * i32::try_from(rows.len())?;
    let (wide, high) = ((WIDTH * FINE).unsigned_abs(), (height * FINE).unsigned_abs());
    let mut svg = String::new();
    paint(&SVGBackend::with_string(&mut svg, (wide, high)).into_drawing_area(), arguments, rows, height)?;
    let fine = format!("width=\"{wide}\" height=\"{high}\"");
    Ok(svg.replacen(&fine, &format!("width=\"{WIDTH}\" height=\"{height}\""), 1))
}

/// The place of a rate, on a logarithmic scale.
fn across(rate: f64) -> i32 {
    let share = (rate.log2().clamp(-FARTHEST, FARTHEST) + FARTHEST) / (2.0 * FARTHEST);
    LEFT + (share * f64::from(RIGHT - LEFT)).round() as i32
}

fn paint(
    root: &DrawingArea<SVGBackend<'_>, Shift>,
    arguments: &Arguments,
    rows: &[(&Scheme, f64)],
    height: i32,
) -> Result<(), Box<dyn Error>> {
    root.fill(&WHITE)?;
    let at = |x: i32, y: i32| (x * FINE, y * FINE);
    let text = |text: String, x: i32, y: i32, size: i32, to: HPos| {
        let style = ("sans-serif", size * FINE).into_font().color(&BLACK).pos(Pos::new(to, VPos::Center));
        root.draw(&Text::new(text, at(x, y), style))
    };
    let line = |from, to, colour: RGBColor, width: i32| {
        root.draw(&PathElement::new(vec![from, to], colour.stroke_width((width * FINE).unsigned_abs())))
    };
    let title =
        format!("The gradient in {} layers of {} units, by how they start", arguments.depth, arguments.width);
    text(title, WIDTH / 2, 22, 21, HPos::Center)?;
    text("activation".into(), LEFT - 30, TOP - 20, 14, HPos::Right)?;
    for rate in [0.25, 0.5, 1.0, 2.0, 4.0] {
        let (x, grey) = (across(rate), if rate == 1.0 { 60 } else { 215 });
        line(at(x, TOP - 8), at(x, height - BOTTOM), RGBColor(grey, grey, grey), 1)?;
        text(format!("{rate}"), x, TOP - 20, 14, HPos::Center)?;
    }
    for ((scheme, rate), y) in rows.iter().zip((0..).map(|i| TOP + ROW * i + ROW / 2)) {
        text(scheme.name.into(), 14, y, 14, HPos::Left)?;
        let activation = scheme.activation.as_ref().map_or_else(String::new, ToString::to_string);
        text(activation, LEFT - 30, y, 14, HPos::Right)?;
        let x = across(*rate);
        let beyond = rate.log2().abs() > FARTHEST;
        // A number at the edge stands where the line would have ended.
        let end = if beyond { x + if *rate < 1.0 { NUMBER } else { -NUMBER } } else { x };
        line(at(across(1.0), y), at(end, y), RGBColor(0, 114, 178), 2)?;
        match (beyond, *rate < 1.0) {
            (false, _) => root.draw(&Circle::new(at(x, y), 4 * FINE, RGBColor(213, 94, 0).filled()))?,
            (true, true) => text(format!("\u{2190} {rate:.3}"), LEFT + 4, y, 13, HPos::Left)?,
            (true, false) => text(format!("{rate:.3} \u{2192}"), RIGHT - 4, y, 13, HPos::Right)?,
        }
    }
    text(
        "what one layer multiplies a sample's squared gradient by, on its way back (1: it keeps its size)"
            .into(),
        WIDTH / 2,
        height - BOTTOM / 2,
        14,
        HPos::Center,
    )?;
    root.present()?;
    Ok(())
}
