//! Pictures: what they say and what they refuse.

use std::error::Error;

use fanin::Activation;
use fanin::plot::{EdgeOfChaos, Histogram, Layers, Picture, PlotError};

fn layers() -> Layers {
    Layers::new("title <&> & more", "log10 \u{3b4}")
        .predicted(&[-2.0, -1.0, 0.0])
        .band(&[-2.5, -1.3, 0.0], &[-1.5, -0.7, 0.0])
        .measured(&[-1.9, f64::NAN, 0.0])
}

fn texts(svg: &str) -> Vec<String> {
    let after = svg.split("<text").skip(1).filter_map(|rest| rest.split_once('>'));
    after.filter_map(|(_, text)| text.split_once("</text>")).map(|(text, _)| text.trim().into()).collect()
}

/// Of white, and neither white nor transparent pixels.
fn ink(png: &[u8]) -> f64 {
    let picture = tiny_skia::Pixmap::decode_png(png).unwrap();
    assert_eq!((picture.width(), picture.height()), (1800, 1080));
    let pixels = picture.pixels();
    assert!(pixels.iter().all(|pixel| pixel.alpha() == 255));
    let drawn = pixels.iter().filter(|pixel| (pixel.red(), pixel.green(), pixel.blue()) != (255, 255, 255));
    drawn.count() as f64 / pixels.len() as f64
}

#[test]
fn layers_show_line_points_and_band() {
    let svg = layers().to_svg().unwrap();
    assert!(svg.starts_with("<svg width=\"900\" height=\"540\"") && svg.trim_end().ends_with("</svg>"));
    let texts = texts(&svg);
    for text in
        ["title &lt;&amp;&gt; &amp; more", "predicted", "measured", "fluctuation", "layer", "log10 \u{3b4}"]
    {
        assert!(texts.iter().any(|found| found == text), "{text}: {texts:?}");
    }
    // Two points in the key, two finite ones in the chart, each with its rim.
    assert_eq!(svg.matches("<circle").count(), 8);
    assert_eq!(svg.matches("<polygon").count(), 1);

    // Nothing is promised that was not given.
    let only = Layers::new("t", "q").measured(&[1.0]).to_svg().unwrap();
    assert!(!only.contains("predicted") && !only.contains("fluctuation") && !only.contains("<polygon"));
}

#[test]
fn both_formats_are_drawn() {
    let spectrum: Vec<f64> = (0..50).map(|i| f64::from(i) * -0.3).collect();
    let histogram = Histogram::new("s", &spectrum).predicted_ln_mean(-1.0).note("note");
    let plane = EdgeOfChaos::new(Activation::Relu).point("He", 2.0, 0.0);
    for (svg, png) in [
        (layers().to_svg().unwrap(), layers().to_png().unwrap()),
        (histogram.to_svg().unwrap(), histogram.to_png().unwrap()),
        (plane.to_svg().unwrap(), plane.to_png().unwrap()),
    ] {
        assert!(texts(&svg).len() > 8);
        let ink = ink(&png);
        assert!((0.005..0.8).contains(&ink), "{ink}");
    }
}

#[test]
fn what_the_histogram_says() {
    let values = [0.0, 1.0, 2.0, f64::NEG_INFINITY, f64::NEG_INFINITY];
    let svg = Histogram::new("s", &values).to_svg().unwrap();
    let texts = texts(&svg);
    assert!(texts.contains(&"5 singular values".into()) && !texts.contains(&"predicted".into()));
    assert!(texts.contains(&"2 of them are 0 and not shown".into()), "{texts:?}");
    // A prediction that is no number is none.
    assert_eq!(Histogram::new("s", &values).predicted_ln_mean(f64::NAN).to_svg().unwrap(), svg);
}

#[test]
fn what_the_plane_says() {
    let tanh = EdgeOfChaos::new(Activation::Tanh).point("mine", 1.69, 0.09).to_svg().unwrap();
    let texts = texts(&tanh);
    for text in ["The edge of chaos of tanh", "mine", "recommended", "gradients vanish", "gradients explode"]
    {
        assert!(texts.iter().any(|found| found == text), "{text}: {texts:?}");
    }
    let relu = EdgeOfChaos::new(Activation::Relu).to_svg().unwrap();
    assert!(relu.contains("activations diverge") && relu.contains("the only fixed point"));
    assert!(!relu.contains("gradients explode") && !relu.contains("this network"));
    // One ring in the key, the other in the plane.
    let ring = |svg: &str| svg.matches("<circle").count();
    assert_eq!((ring(&tanh), ring(&relu)), (2, 2));
    // A point far out is inside all the same; one that is no point is left out.
    assert!(EdgeOfChaos::new(Activation::Tanh).point("far", 50.0, 7.0).to_svg().unwrap().contains("far"));
    let nowhere = EdgeOfChaos::new(Activation::Tanh).point("nowhere", f64::NAN, 0.0).to_svg().unwrap();
    assert!(!nowhere.contains("nowhere"));
}

/// The numbers of every attribute of this name.
fn attributes(svg: &str, name: &str) -> Vec<Vec<f64>> {
    let opening = format!(" {name}=\"");
    let after = svg.split(&opening).skip(1).filter_map(|rest| rest.split_once('"'));
    let numbers = |text: &str| text.split([',', ' ']).filter_map(|number| number.parse().ok()).collect();
    after.map(|(text, _)| numbers(text)).collect()
}

#[test]
fn the_recommended_point_is_drawn_where_it_is() {
    let point = fanin::theory::critical(&Activation::Gelu).unwrap();
    assert!(point.bias_variance > 0.1);
    let middles_of_crosses = |weight_variance: f64, bias_variance: f64| -> (Vec<f64>, Vec<[f64; 2]>) {
        let svg = EdgeOfChaos::new(Activation::Gelu).point("", weight_variance, bias_variance);
        let svg = svg.to_svg().unwrap();
        let ring: Vec<f64> =
            ["cx", "cy"].iter().map(|name| attributes(&svg, name).last().unwrap()[0]).collect();
        let strokes = attributes(&svg, "points").into_iter().filter(|points| points.len() == 4);
        (ring, strokes.map(|ends| [0.5 * (ends[0] + ends[2]), 0.5 * (ends[1] + ends[3])]).collect())
    };
    // A cross at the same place lies on the ring, to a step of the grid; one elsewhere does not.
    let on_ring = |(ring, crosses): (Vec<f64>, Vec<[f64; 2]>)| {
        crosses.iter().filter(|[x, y]| (x - ring[0]).abs() <= 1.0 && (y - ring[1]).abs() <= 1.0).count()
    };
    assert_eq!(on_ring(middles_of_crosses(point.weight_variance, point.bias_variance)), 2);
    assert_eq!(on_ring(middles_of_crosses(point.weight_variance, 0.9 * point.bias_variance)), 0);
}

/// Lines that are almost level climb in steps too small to see: a tenth of a point and more is drawn.
#[test]
fn level_lines_show_no_stairs() {
    let values: Vec<f64> = (0..50).map(|l| 0.01 * f64::from(l)).chain([-30.0]).collect();
    let svg = Layers::new("t", "q").predicted(&values).to_svg().unwrap();
    let line = attributes(&svg, "points").into_iter().find(|points| points.len() == 102).unwrap();
    let heights: Vec<f64> = line.chunks(2).map(|point| point[1]).collect();
    let steps = heights[..50].windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!(steps > 40, "{steps} of 49 steps: {heights:?}");
}

#[test]
fn extremes_are_drawn() {
    for value in [0.0, 1e-300, -1e300, 1e300, 1e-9] {
        layers().measured(&[value]).to_svg().unwrap();
        layers().measured(&[value]).to_png().unwrap();
        Histogram::new("s", &[value]).to_png().unwrap();
    }
    layers().measured(&vec![0.5; 10_000]).to_svg().unwrap();
    Histogram::new("s", &[f64::MAX, f64::MIN]).to_svg().unwrap();
}

#[test]
fn no_picture_of_nothing() {
    let nothing = |svg| matches!(svg, Err(PlotError::NothingToDraw));
    assert!(nothing(Layers::new("t", "q").to_svg()));
    let nan = [f64::NAN, f64::INFINITY];
    assert!(nothing(Layers::new("t", "q").predicted(&nan).measured(&nan).band(&nan, &nan).to_svg()));
    assert!(nothing(Histogram::new("t", &[]).to_svg()));
    assert!(nothing(Histogram::new("t", &[f64::NEG_INFINITY, f64::NAN]).to_svg()));
    let flat = Activation::custom("flat", |_| 1.0, |_| f64::NAN);
    assert!(nothing(EdgeOfChaos::new(flat).to_svg()));
}

#[test]
fn saved_by_the_name_s_ending() {
    let folder = std::env::temp_dir().join(format!("fanin-plot-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    layers().save(folder.join("a.svg")).unwrap();
    layers().save(folder.join("a.PNG")).unwrap();
    assert_eq!(std::fs::read_to_string(folder.join("a.svg")).unwrap(), layers().to_svg().unwrap());
    assert_eq!(std::fs::read(folder.join("a.PNG")).unwrap(), layers().to_png().unwrap());
    for name in ["a.pdf", "a", ".svg"] {
        let error = layers().save(folder.join(name)).unwrap_err();
        assert!(matches!(error, PlotError::Ending { .. }), "{error}");
        assert!(!folder.join(name).exists());
    }
    let error = layers().save(folder.join("missing/a.svg")).unwrap_err();
    assert!(matches!(error, PlotError::File { .. }) && error.to_string().contains("missing"), "{error}");
    // Its cause is told once: by `source`, not by the message as well.
    let source = error.source().unwrap().downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(source.kind(), std::io::ErrorKind::NotFound);
    assert!(!error.to_string().contains(&source.to_string()));
    std::fs::remove_dir_all(folder).unwrap();
}
