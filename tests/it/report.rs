//! The table of a chain, character by character, and every number of one that can be done by hand.

use fanin::chain::{GradientChain, Layer, Moments, Thresholds, Verdict};

/// Units of all kinds, and numbers of all sizes.
fn chain() -> GradientChain {
    let h = [0.0, 1.0, 0.0, 2.0, 0.0, 0.0];
    let layers = [
        Layer::new("a name that is too long", 3, &[1e-4, -1e-4, 0.0, 2e-4, 0.0, 1e-4])
            .with_z(&[12_345.0; 6])
            .with_h(&h)
            .with_dl_dh(&[1e-4, -1e-4, 1e-4, 2e-4, 1e-4, 1e-4])
            .with_d_weight(&[0.004, -0.004])
            .with_saturated(&h, |h| h > 1.5),
        Layer::new("fc2", 3, &[0.05, 0.05, 0.05, 0.05, 0.05, -0.05])
            .with_z(&[0.0123, -0.0123, 0.0123, 0.0123, 0.0123, 0.0123])
            .with_h(&[123.4, 0.0, 0.0, 0.0, 123.4, 0.0])
            .with_dl_dh(&[0.05; 6])
            .with_d_weight(&[12.34; 3])
            .with_saturated(&[0.0; 6], |h| h > 1.5),
        Layer::new("out", 1, &[1.0, -1.0]).with_z(&[f64::INFINITY, 1.0]),
    ];
    GradientChain::from_layers(layers).unwrap()
}

#[test]
fn the_table_of_a_chain() {
    let report = chain().to_string();
    assert_eq!(report, include_str!("golden/report.txt").trim_end(), "{report}");
}

#[test]
fn numbers_by_hand() {
    let near = |value: Option<f64>, expected: f64| {
        let value = value.unwrap();
        assert!((value - expected).abs() <= 1e-12 * expected.abs().max(1e-3), "{value} is not {expected}");
    };
    let chain = chain();
    let [first, second, _] = chain.layers() else { unreachable!() };
    near(first.zeros(), 4.0 / 6.0);
    near(first.saturated(), 1.0 / 6.0);
    near(second.saturated(), 0.0);
    assert_eq!((first.dead_units(), second.dead_units()), (Some(1), Some(1)));
    // h = (0, 1, 0) and (2, 0, 0).
    near(first.cosine(), 0.0);
    near(second.cosine(), 0.0);
    let same = Layer::new("", 2, &[1.0; 4]).with_h(&[1.0, 2.0, 2.0, 4.0]);
    near(same.cosine(), 1.0);
    near(first.delta().variance(), 7e-8 / 6.0 - 0.25e-8);
    near(first.delta().mean(), 0.5e-4);
    near(first.d_weight().unwrap().std_dev(), 0.004);
    assert_eq!((first.delta().zeros(), first.delta().count()), (2, 6));

    // Sums of squares of the samples: 2e-8 and 5e-8 below, 0.0075 and 0.0075 above.
    let step = &chain.factors()[0];
    near(Some(step.ln_mean_square()), (7e-8_f64 / 0.015).ln());
    near(Some(step.mean_square()), 7e-8 / 0.015);
    near(step.ln_norm(), 0.5 * ((2e-8_f64 / 0.0075).ln() + (5e-8_f64 / 0.0075).ln()));
    near(step.ln_weight(), 0.5 * ((3e-8_f64 / 0.0075).ln() + (6e-8_f64 / 0.0075).ln()));
    near(step.ln_gate(), 0.5 * ((2.0_f64 / 3.0).ln() + (5.0_f64 / 6.0).ln()));
    near(chain.log10_ratio(), (7e-8_f64 / 0.015).log10());
    near(chain.rate(), 7e-8 / 0.015);
    near(chain.log10_ratio(), (7e-8_f64 / 0.015).log10());
}

/// Values of extreme size, beside values that are none.
#[test]
fn moments_of_rough_blocks() {
    let moments = Moments::from_slice(&[f64::NAN, 3e200, 0.0, -4e200, f64::INFINITY, 0.0]);
    assert_eq!((moments.count(), moments.zeros(), moments.non_finite()), (4, 2, 2));
    assert_eq!((moments.min(), moments.max()), (Some(-4e200), Some(3e200)));
    assert!((moments.rms().unwrap() / 2.5e200 - 1.0).abs() < 1e-15);
    assert!((moments.mean().unwrap() / -0.25e200 - 1.0).abs() < 1e-15);
    for scale in [1e-200, 1e200] {
        let moments = Moments::from_slice(&[scale, 3.0 * scale]);
        assert!((moments.std_dev().unwrap() / scale - 1.0).abs() < 1e-15);
    }
    let one_side = Moments::from_slice(&[-1e-200, -3e-200]);
    assert!((one_side.rms().unwrap() / 5_f64.sqrt() / 1e-200 - 1.0).abs() < 1e-15);
}

/// Values one by one, across the blocks in which they are summed.
#[test]
fn moments_of_an_iterator() {
    let values: Vec<f64> = (0..5000).map(|i| f64::from((i * 37) % 101) - 50.0).collect();
    for len in [0, 1, 2, 255, 256, 257, 1024, 5000] {
        let (one_by_one, at_once): (Moments, Moments) =
            (values[..len].iter().copied().collect(), Moments::from_slice(&values[..len]));
        assert_eq!(one_by_one.count(), len as u64);
        let number = |moments: &Moments| [moments.mean(), moments.variance(), moments.min(), moments.max()];
        for (a, b) in number(&one_by_one).iter().zip(number(&at_once)) {
            assert!(a.is_none() == b.is_none() && (a.unwrap_or(0.0) - b.unwrap_or(0.0)).abs() < 1e-9);
        }
        let mean = values[..len].iter().sum::<f64>() / len as f64;
        assert!(len == 0 || (at_once.mean().unwrap() - mean).abs() < 1e-9);
    }
}

#[test]
fn thresholds_count_decades() {
    let chain = |decades: f64, steps: i32| {
        let layers = (0..=steps + 1).map(|l| {
            let back = f64::from((steps - l).max(0)) / f64::from(steps.max(1));
            Layer::new("", 1, &[10_f64.powf(0.5 * decades * back)])
        });
        GradientChain::from_layers(layers).unwrap()
    };
    let verdict =
        |decades: f64, steps: i32, thresholds: Thresholds| chain(decades, steps).verdict_by(&thresholds);
    let default = Thresholds::default();
    assert_eq!(verdict(2.9, 5, default), Verdict::Healthy);
    assert_eq!(verdict(3.1, 5, default), Verdict::Exploding);
    assert_eq!(verdict(-3.1, 5, default), Verdict::Vanishing);
    // Of few steps each may take one.
    assert_eq!(verdict(1.9, 2, default), Verdict::Healthy);
    assert_eq!(verdict(2.1, 2, default), Verdict::Exploding);
    assert_eq!(verdict(2.1, 2, default.decades_per_layer(1.2)), Verdict::Healthy);
    assert_eq!(verdict(2.9, 5, default.decades_per_layer(0.4)), Verdict::Exploding);
    assert_eq!(verdict(2.9, 5, default.decades(2.0)), Verdict::Exploding);
}

#[test]
fn collapse_is_from_some_layer_on() {
    let chain = |cosines: &[f64]| {
        let layers = cosines.iter().map(|&cosine: &f64| {
            Layer::new("", 2, &[1.0; 4]).with_h(&[1.0, 0.0, cosine, (1.0 - cosine * cosine).sqrt()])
        });
        GradientChain::from_layers(layers).unwrap()
    };
    // The last one is the output layer.
    assert_eq!(chain(&[0.5, 0.98, 0.99, 0.1]).collapse(), Some(1));
    assert_eq!(chain(&[0.98, 0.98, 0.98, 0.98]).collapse(), Some(0));
    assert_eq!(chain(&[0.99, 0.5, 0.97, 0.99]).collapse(), Some(2));
    assert_eq!(chain(&[0.99, 0.99, 0.96, 0.99]).collapse(), None);
    assert_eq!(chain(&[0.99]).collapse(), None);
    assert!(chain(&[0.5, 0.98, 0.1]).to_string().contains("from layer 2 on all inputs look alike"));
}

#[test]
fn numbers_keep_their_digits() {
    let shown = |value: f64| {
        let layer = Layer::new("fc", 1, &[1.0]).with_h(&[value]);
        let report = GradientChain::from_layers([layer]).unwrap().to_string();
        report.lines().nth(1).unwrap().split_whitespace().nth(4).unwrap().to_owned()
    };
    for (value, text) in [
        (0.0, "0"),
        (0.000_123, "1.2e-4"),
        (0.001_23, "0.0012"),
        (0.0123, "0.012"),
        (0.123, "0.12"),
        (1.234, "1.23"),
        (12.34, "12.3"),
        (123.4, "123"),
        (1234.0, "1234"),
        (12_345.0, "1.2e4"),
        (1.2e-100, "1e-100"),
    ] {
        assert_eq!(shown(value), text);
    }
    let percent = |zeros: usize| {
        let mut h = vec![1.0; 1000];
        h[..zeros].fill(0.0);
        let layer = Layer::new("fc", 1, &[1.0; 1000]).with_h(&h);
        let report = GradientChain::from_layers([layer]).unwrap().to_string();
        report.lines().nth(1).unwrap().split_whitespace().nth(5).unwrap().to_owned()
    };
    assert_eq!([0, 1, 5, 6, 16, 1000].map(percent), ["0%", "<1%", "<1%", "1%", "2%", "100%"]);
}

#[test]
fn a_change_of_width_is_forgiven_either_way() {
    let verdict = |widths: [usize; 2], squares: [f64; 2]| {
        let layer = |i: usize| Layer::new("", widths[i], &vec![squares[i].sqrt(); widths[i]]);
        let steps = Thresholds::default().decades_per_layer(3.0);
        let out = Layer::new("", 1, &[1.0]);
        GradientChain::from_layers([layer(0), layer(1), out]).unwrap().verdict_by(&steps)
    };
    // Decades of the mean squares, and of the sums: -2.5 and -4.5, -4.5 and -2.5, -4.5 and -6.5.
    assert_eq!(verdict([10, 1000], [10_f64.powf(-2.5), 1.0]), Verdict::Healthy);
    assert_eq!(verdict([1000, 10], [10_f64.powf(-4.5), 1.0]), Verdict::Healthy);
    assert_eq!(verdict([10, 1000], [10_f64.powf(-4.5), 1.0]), Verdict::Vanishing);
    assert_eq!(verdict([1000, 10], [10_f64.powf(4.5), 1.0]), Verdict::Exploding);
}
