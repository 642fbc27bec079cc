//! Approximate equality: of what is small, too.

use approx::{assert_abs_diff_eq, assert_relative_eq, assert_relative_ne, assert_ulps_eq, assert_ulps_ne};
use fanin::chain::{GradientChain, Layer, Moments};
use fanin::{Constant, He, Law, LeCun, Normal, TruncatedNormal, Uniform, Xavier};

fn chain(scale: f64) -> GradientChain {
    let layers = (0..4).map(|l| {
        let deltas = [1.0, -2.0, 0.5, 3.0].map(|delta: f64| scale * delta * 0.1_f64.powi(l));
        Layer::new("fc", 2, &deltas).with_dl_dh(&deltas.map(|delta| 1.5 * delta)).with_h(&deltas)
    });
    GradientChain::from_layers(layers).unwrap()
}

#[test]
fn chains() {
    let one = chain(1.0);
    assert_relative_eq!(one, chain(1.0 + 1e-12), max_relative = 1e-10);
    assert_relative_ne!(one, chain(1.0 + 1e-6), max_relative = 1e-10);
    assert_abs_diff_eq!(one, chain(1.0 + 1e-12), epsilon = 1e-10);
    assert_ulps_eq!(one, one.clone());
    assert_ulps_ne!(one, chain(1.0 + 1e-6));
    // Vanished gradients of different size: approx's own default would call the numbers equal.
    let (small, smaller) = (chain(1e-20), chain(5e-18));
    assert!(approx::relative_eq!(1e-20, 5e-18));
    assert_relative_ne!(small, smaller);
    assert_relative_ne!(small.layers()[0], smaller.layers()[0]);
    assert_relative_ne!(*small.layers()[0].delta(), *smaller.layers()[0].delta());
    // Factors know no scale.
    assert_relative_eq!(small.factors()[0], smaller.factors()[0], max_relative = 1e-12);
    // What is of another shape is not equal, and NaN is not equal to itself.
    let shorter = GradientChain::from_layers(one.layers()[..3].to_vec()).unwrap();
    assert_relative_ne!(one, shorter, epsilon = 1e9, max_relative = 1e9);
    let renamed = one.layers().iter().map(|_| Layer::new("other", 2, &[1.0; 4]));
    assert_relative_ne!(one, GradientChain::from_layers(renamed).unwrap(), epsilon = 1e9);
    assert_relative_ne!(chain(f64::NAN), chain(f64::NAN), epsilon = 1e9);
    let without = Layer::new("fc", 2, &[1.0, 2.0]);
    assert_relative_ne!(without.clone().with_h(&[1.0, 2.0]), without, epsilon = 1e9);
}

/// A healthy chain has factors of 1, whose logarithms are rounding errors, and a dead sample has the
/// logarithm of 0.
#[test]
fn logarithms_are_compared_as_numbers() {
    let chain = |factor: f64| {
        let layers = [[factor, 0.0], [1.0, 0.0], [1.0, 0.0]].map(|delta| Layer::new("fc", 1, &delta));
        GradientChain::from_layers(layers).unwrap()
    };
    let (one, above) = (chain(1.0), chain(1.0 + 1e-12));
    assert_eq!(
        (one.layers()[0].ln_delta_norms()[1], one.factors()[0].ln_mean_square()),
        (f64::NEG_INFINITY, 0.0)
    );
    assert_abs_diff_eq!(one, one.clone());
    assert_relative_eq!(one, one.clone());
    assert_ulps_eq!(one, one.clone());
    assert_relative_eq!(one, above, max_relative = 1e-11);
    assert_relative_ne!(one, above, max_relative = 1e-13);
    assert_relative_eq!(one.factors()[0], above.factors()[0], max_relative = 1e-11);
    assert_ulps_eq!(one.factors()[0], chain(1.0_f64.next_up()).factors()[0]);
    assert_ulps_ne!(one.factors()[0], above.factors()[0]);
}

#[test]
fn moments_compare_counts_exactly() {
    assert_relative_eq!(
        Moments::from_slice(&[1.0, 2.0]),
        Moments::from_slice(&[1.0, 2.0 + 1e-15]),
        max_relative = 1e-12
    );
    assert_relative_ne!(
        Moments::from_slice(&[1.0, 1.0]),
        Moments::from_slice(&[1.0, 1.0, 1.0]),
        epsilon = 1e9
    );
    assert_relative_ne!(Moments::from_slice(&[1.0, 0.0]), Moments::from_slice(&[1.0, 1e-300]), epsilon = 1e9);
    assert_ulps_eq!(Moments::new(), Moments::new());
}

#[test]
fn laws_compare_kind_and_parameters() {
    assert_relative_eq!(He::normal(8).law(), LeCun::normal(4).law(), max_relative = 1e-12);
    assert_relative_eq!(Xavier::uniform((8, 8)).law(), LeCun::uniform(8).law(), max_relative = 1e-12);
    assert_relative_ne!(He::normal(8).law(), He::uniform(8).law(), epsilon = 1e9);
    assert_relative_ne!(Normal::new(0.0, 1e-20).law(), Normal::new(0.0, 5e-18).law());
    let half_open = |std_dev: f64| TruncatedNormal::new(0.0, std_dev).bounds(0.0, f64::INFINITY).law();
    assert_relative_eq!(half_open(1.0), half_open(1.0 + 1e-13), max_relative = 1e-12);
    assert_abs_diff_eq!(half_open(1.0), half_open(1.0 + 1e-13), epsilon = 1e-12);
    assert_ulps_eq!(half_open(1.0), half_open(1.0_f64.next_up()));
    assert_relative_ne!(half_open(1.0), half_open(1.1));
    for (a, b) in [
        (Uniform::new(0.0, 1.0).law(), Uniform::new(0.5, 1.0).law()),
        (Uniform::new(0.0, 1.0).law(), Uniform::new(0.0, 1.5).law()),
        (Normal::new(0.0, 1.0).law(), Normal::new(0.5, 1.0).law()),
        (Constant::new(1.0).law(), Constant::new(2.0).law()),
        (Constant::new(f64::NAN).law(), Constant::new(f64::NAN).law()),
        (half_open(1.0), Law::TruncatedNormal { mean: 0.0, std_dev: 1.0, low: 0.0, high: 9.0 }),
        (half_open(1.0), Law::TruncatedNormal { mean: 0.0, std_dev: 1.0, low: 0.5, high: f64::INFINITY }),
        (half_open(1.0), Law::TruncatedNormal { mean: 0.5, std_dev: 1.0, low: 0.0, high: f64::INFINITY }),
    ] {
        assert_relative_ne!(a, b);
        assert_ulps_ne!(a, b);
        assert!(!approx::abs_diff_eq!(a, b));
    }
}
