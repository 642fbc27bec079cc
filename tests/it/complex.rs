//! Complex weights: their variance, modulus and angle, and the bits of their definition.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use fanin::testing::{assert_independent, assert_law, check_law};
use fanin::{ComplexScaling, FanMode, InitError, Law, prelude::*};
use num_complex::Complex;

use super::reference::{of_f32, of_f64};

const FORMS: [fn(f64, FanMode, Fan) -> ComplexScaling; 3] =
    [ComplexScaling::normal, ComplexScaling::uniform_disk, ComplexScaling::truncated_normal];

fn drawn(form: usize, seed: Seed) -> Vec<Complex<f64>> {
    let mut w = vec![Complex::default(); 200_000];
    FORMS[form](2.0, FanMode::FanIn, Fan::from(50)).seed(seed).fill(&mut w);
    w
}

/// The distribution function of |w|^2 / E|w|^2, by calculus; uniform numbers on [0, 1].
fn evened(form: usize, square: f64) -> f64 {
    match form {
        0 => -(-square).exp_m1(),
        1 => square / 2.0,
        _ => {
            let kept = -(-4.0_f64).exp_m1();
            -(-square * (1.0 - 4.0 * (1.0 - kept) / kept)).exp_m1() / kept
        }
    }
}

#[test]
fn variance_modulus_and_angle_are_those_promised() {
    let unit = Law::Uniform { low: 0.0, high: 1.0 };
    for form in 0..3 {
        let seed = Seed::from(20_261_124).child(form);
        let w = drawn(form, seed);
        let variance = 2.0 / 50.0;
        let squares: Vec<f64> = w.iter().map(|w| evened(form, w.norm_sqr() / variance)).collect();
        let turns: Vec<f64> = w.iter().map(|w| w.arg() / std::f64::consts::TAU + 0.5).collect();
        assert_law!(squares, unit, "form {form}");
        assert_law!(turns, unit, "form {form}");
        assert_independent!(&squares, &turns);
        // A planted fault: JAX's constant, and a scale that is a gain.
        for wrong in [1.018_657_360_363_774, 2.0_f64.sqrt()] {
            let squares: Vec<f64> =
                w.iter().map(|w| evened(form, wrong * w.norm_sqr() / variance).min(1.0)).collect();
            assert!(check_law(&squares, &unit).is_err(), "form {form}: {wrong} is not seen");
        }
        // Neighbours know nothing of each other.
        let (even, odd): (Vec<_>, Vec<_>) = squares.chunks(2).map(|pair| (pair[0], pair[1])).unzip();
        assert_independent!(&even, &odd);
    }
}

#[test]
fn parts_of_the_normal_form_follow_its_law() {
    let normal = ComplexScaling::normal(2.0, FanMode::FanIn, 50);
    let law = Initializer::<f32>::law(&normal).unwrap();
    assert!((law.variance() - 1.0 / 50.0).abs() < 1e-15, "half of the variance");
    assert_law!(normal.seed(3).to_vec(100_000) as Vec<f32>, law);
    assert_eq!(Initializer::<f32>::law(&ComplexScaling::uniform_disk(2.0, FanMode::FanIn, 50)), None);
}

#[test]
fn bits_are_those_of_the_definition() {
    let seed = Seed::from(9);
    let fan = Fan::dense(50, 70);
    for (form, factor) in [FRAC_1_SQRT_2, SQRT_2, 0.961_961_828_008_213_5].into_iter().enumerate() {
        let initializer = FORMS[form](1.0, FanMode::FanOut, fan);
        let q = 1.0 / 70_f64.sqrt();
        let scale = if form == 2 { q / factor } else { q * factor };
        let (mut singles, mut doubles) = ([0.0_f32; 100], [0.0_f64; 100]);
        for offset in [0, 31, 4050] {
            initializer.fill_shard(seed, offset, &mut singles).unwrap();
            initializer.fill_shard(seed, offset, &mut doubles).unwrap();
            for (e, (x, y)) in (offset..).zip(singles.iter().zip(doubles)) {
                assert_eq!(*x, of_f32::complex_part(form, scale, seed, e), "form {form}, element {e}");
                assert_eq!(y, of_f64::complex_part(form, scale, seed, e), "form {form}, element {e}");
            }
        }
        let parts: Vec<f32> = initializer.seed(seed).to_vec(10_000);
        let mut numbers = vec![[Complex::<f32>::default(); 50]; 100];
        initializer.seed(seed).fill(&mut numbers);
        let numbers = numbers.as_flattened().iter().flat_map(|w| [w.re, w.im]);
        assert!(numbers.eq(parts.iter().copied()), "numbers are their parts in turn");
    }
}

#[test]
fn moduli_end_where_they_should() {
    let most = |form: usize| drawn(form, 5.into()).iter().map(|w| w.norm()).fold(0.0, f64::max);
    let rms = (2.0_f64 / 50.0).sqrt();
    assert!((most(1) / (rms * 2.0_f64.sqrt()) - 1.0).abs() < 1e-4);
    assert!((most(2) / (rms / 0.961_961_828_008_213_5 * 2.0) - 1.0).abs() < 1e-4);
    assert!(most(0) > 3.0 * rms);
}

#[test]
fn bad_input_is_named_and_nothing_is_written() {
    for form in FORMS {
        let refused = |initializer: ComplexScaling| {
            let mut w = [Complex::new(7.0_f32, 8.0); 5];
            let error = initializer.seed(1).try_fill(&mut w).unwrap_err();
            assert_eq!(w, [Complex::new(7.0, 8.0); 5]);
            error
        };
        assert_eq!(refused(form(2.0, FanMode::FanIn, 0.into())), InitError::ZeroFan { side: "fan_in" });
        assert_eq!(refused(form(2.0, FanMode::FanOut, 3.into())), InitError::MissingFan { side: "fan_out" });
        assert_eq!(
            refused(form(-1.0, FanMode::FanIn, 3.into())),
            InitError::Negative { parameter: "scale", value: -1.0 }
        );
        assert!(matches!(refused(form(f64::NAN, FanMode::FanIn, 3.into())), InitError::NotFinite { .. }));
        assert!(matches!(refused(form(1e80, FanMode::FanIn, 3.into())), InitError::Overflow { .. }));
        let mut parts = [7.0_f32; 2];
        let right = form(1.0, FanMode::FanIn, 3.into());
        assert_eq!(
            right.fill_shard(Seed::from(1), u64::MAX, &mut parts),
            Err(InitError::TensorTooLong { offset: u64::MAX, length: 2 })
        );
        assert_eq!(parts, [7.0; 2]);
        let none: &mut [Complex<f32>] = &mut [];
        right.seed(1).try_fill(none).unwrap();
        let zeros: Vec<f32> = form(0.0, FanMode::FanIn, 3.into()).seed(1).to_vec(64);
        assert!(zeros.iter().all(|&w| w == 0.0));
    }
}
