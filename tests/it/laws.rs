//! Distributions: the promise of a single weight, for any fan and any gain.
//!
//! Each check is one of the crate's own kit, at a false-positive rate of 1e-9; `testing.rs` beside this
//! file tests the kit.

use fanin::diagnosis::KnownRatio;
use fanin::testing::{Cause, assert_independent, assert_law, check_independent, check_law};
use fanin::{
    Constant, Fan, FanMode, He, Initializer, InitializerExt, Law, LeCun, Normal, Scalar, Seed,
    TruncatedNormal, Uniform, VarianceScaling, Xavier,
};
use proptest::prelude::*;
use rand::SeedableRng;
use rand::distr::Distribution;
use rand::rngs::Xoshiro256PlusPlus;

const SAMPLES: usize = 20_000;
fn drawn<T: Scalar>(law: &dyn Initializer<T>, seed: u64) -> Vec<T> {
    let mut w = vec![T::zero(); SAMPLES];
    law.fill_shard(Seed::from(seed), 0, &mut w).unwrap();
    w
}

/// Every law and form.
fn laws(fan: Fan, gain: f64) -> Vec<Box<dyn Both>> {
    let (std_dev, mode) =
        (0.1 + gain, [FanMode::FanIn, FanMode::FanOut, FanMode::FanAvg, FanMode::FanGeoAvg]);
    let mode = mode[fan.fan_in() % 4];
    vec![
        Box::new(Xavier::uniform(fan).gain(gain)),
        Box::new(Xavier::normal(fan).gain(gain)),
        Box::new(Xavier::truncated_normal(fan).gain(gain)),
        Box::new(He::uniform(fan).negative_slope(gain - 1.0)),
        Box::new(He::normal(fan).gain(gain)),
        Box::new(He::truncated_normal(fan)),
        Box::new(LeCun::uniform(fan).gain(gain)),
        Box::new(LeCun::normal(fan).gain(gain)),
        Box::new(LeCun::truncated_normal(fan).gain(gain)),
        Box::new(VarianceScaling::uniform(gain * gain, mode, fan)),
        Box::new(VarianceScaling::normal(gain * gain, mode, fan)),
        Box::new(VarianceScaling::truncated_normal(gain * gain, mode, fan)),
        Box::new(Uniform::new(-gain, 2.0 * gain)),
        Box::new(Normal::new(gain, std_dev)),
        Box::new(TruncatedNormal::new(gain, std_dev)),
        Box::new(TruncatedNormal::new(0.0, std_dev).bounds(-0.3, gain)),
    ]
}

trait Both: Initializer<f32> + Initializer<f64> {}
impl<I: Initializer<f32> + Initializer<f64>> Both for I {}

proptest! {
    #[test]
    fn every_law_is_what_it_promises(
        seed: u64,
        fan_in in 1..=4096_usize,
        fan_out in 1..=4096_usize,
        gain in prop_oneof![4 => 0.01..10.0, 1 => Just(0.0)],
        which in 0..16_usize,
    ) {
        let law = &laws(Fan::dense(fan_in, fan_out), gain)[which];
        let promised = Initializer::<f32>::law(law).unwrap();
        assert_law!(drawn::<f32>(law, seed), promised, "f32, {promised:?}");
        assert_law!(drawn::<f64>(law, seed), promised, "f64, {promised:?}");
    }

    #[test]
    fn the_variance_is_the_formula(fan_in in 1..=4096_usize, fan_out in 1..=4096_usize, gain in 0.0..10.0) {
        let (n_in, n_out) = (fan_in as f64, fan_out as f64);
        // No epsilon: approx's own would call any two small variances equal.
        let close = |law: Law, variance: f64| {
            approx::relative_eq!(law.variance(), variance, epsilon = 0.0, max_relative = 1e-14)
        };
        for xavier in [
            Xavier::uniform((fan_in, fan_out)),
            Xavier::normal((fan_in, fan_out)),
            Xavier::truncated_normal((fan_in, fan_out)),
        ] {
            prop_assert!(close(xavier.gain(gain).law(), gain * gain * 2.0 / (n_in + n_out)));
        }
        for he in [He::uniform(fan_in), He::normal(fan_in), He::truncated_normal(fan_in)] {
            prop_assert!(close(he.law(), 2.0 / n_in));
            prop_assert!(close(he.negative_slope(gain).law(), 2.0 / ((1.0 + gain * gain) * n_in)));
        }
        for lecun in [LeCun::uniform(fan_in), LeCun::normal(fan_in), LeCun::truncated_normal(fan_in)] {
            prop_assert!(close(lecun.law(), 1.0 / n_in));
        }
    }
}

/// What each check must catch, and does, at these 20,000 weights; and what it says of it.
#[test]
fn planted_faults_are_caught() {
    let promised = He::normal(256).law();
    let std_dev = promised.std_dev();
    let truncated = He::truncated_normal(256).law();
    let limit = 1.0 / 256_f64.sqrt();
    /// What is wrong, what was drawn, what was promised, what is said of it.
    type Fault<'a> = (&'a str, &'a dyn Initializer<f32>, Law, Option<KnownRatio>, &'a [Cause]);
    let faults: [Fault; 11] = [
        ("fan_out for fan_in", &He::normal(128), promised, Some(KnownRatio::ReluGainTwice), &[]),
        ("a gain of sqrt 2 forgotten", &LeCun::normal(256), promised, Some(KnownRatio::ReluGainMissing), &[]),
        ("sqrt 2 too much", &He::normal(256).gain(2.0), promised, Some(KnownRatio::ReluGainTwice), &[]),
        (
            "truncation not made up for",
            &TruncatedNormal::new(0.0, std_dev),
            truncated,
            Some(KnownRatio::TruncationNotCompensated),
            &[],
        ),
        (
            "no sqrt 3",
            &Uniform::new(-limit, limit),
            LeCun::uniform(256).law(),
            Some(KnownRatio::HalfWidthAsStdDev),
            &[],
        ),
        (
            "the old uniform for LeCun's normal",
            &Uniform::new(-limit, limit),
            LeCun::normal(256).law(),
            Some(KnownRatio::HalfWidthAsStdDev),
            &[Cause::LooksUniform],
        ),
        ("uniform for normal", &He::uniform(256), promised, None, &[Cause::LooksUniform]),
        ("normal for uniform", &He::normal(256), He::uniform(256).law(), None, &[Cause::LooksNormal]),
        ("not truncated", &He::normal(256), truncated, None, &[Cause::OtherBounds, Cause::LooksNormal]),
        (
            "variance for std",
            &Normal::new(0.0, std_dev * std_dev),
            promised,
            Some(KnownRatio::VarianceAsStdDev),
            &[],
        ),
        (
            "std for variance",
            &Normal::new(0.0, std_dev.sqrt()),
            promised,
            Some(KnownRatio::StdDevAsVariance),
            &[],
        ),
    ];
    for (fault, planted, promised, expected, others) in faults {
        for seed in 0..5 {
            let mismatch = check_law(&drawn(planted, seed), &promised).unwrap_err();
            let (of_scale, rest): (Vec<Cause>, Vec<Cause>) = mismatch
                .causes()
                .iter()
                .cloned()
                .partition(|cause| matches!(cause, Cause::VarianceRatio { .. }));
            let named = match &of_scale[..] {
                [Cause::VarianceRatio { known, .. }] => known.first().copied(),
                _ => None,
            };
            assert_eq!((named, &rest[..]), (expected, others), "{fault}: {mismatch}");
        }
        assert!(
            check_law(&drawn::<f32>(&promised, 1), &promised).is_ok(),
            "{fault}: only the fault is refused"
        );
    }
    let shifted = check_law(&drawn::<f32>(&Normal::new(0.1 * std_dev, std_dev), 1), &promised).unwrap_err();
    assert!(matches!(shifted.causes(), [Cause::MeanShift { std_devs }] if (0.05..0.15).contains(std_devs)));
    let wide = check_law(&drawn::<f32>(&He::normal(256).gain(1.5), 1), &promised).unwrap_err();
    assert!(
        matches!(wide.causes(), [Cause::VarianceRatio { ratio, known }] if (1.08..1.17).contains(ratio) && known.is_empty()),
        "{wide}"
    );
}

#[test]
fn child_seeds_are_independent() {
    let normal = Normal::new(0.0, 1.0);
    let drawn = |seed: Seed| {
        let mut w = vec![0.0_f32; SAMPLES];
        normal.seed(seed).fill(&mut w);
        w
    };
    let seed = Seed::from(3);
    let mut family = vec![drawn(seed)];
    family.extend((0..10).map(|i| drawn(seed.child(i))));
    family.extend((0..5).map(|i| drawn(seed.child(i.to_string().as_str()))));
    family.extend((0..5).map(|i| drawn(Seed::from(i + 4))));
    for (i, a) in family.iter().enumerate() {
        family[..i].iter().for_each(|b| assert_independent!(a, b));
    }
    assert!(check_independent(&family[0], &family[0]).is_err(), "the same stream is seen");
}

/// Code written for rand: every sample follows the law as well.
#[test]
fn samples_follow_the_law() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(20_261_123);
    let fan = Fan::dense(30, 50);
    macro_rules! check {
        ($($law:expr),*) => {$(
            let w: Vec<f32> = Distribution::<f32>::sample_iter($law, &mut rng).take(SAMPLES).collect();
            assert_law!(w, $law);
            let w: Vec<f64> = Distribution::<f64>::sample_iter($law, &mut rng).take(SAMPLES).collect();
            assert_law!(w, $law);
        )*};
    }
    check!(
        Uniform::new(-1.0, 3.0),
        Normal::new(1.0, 0.1),
        TruncatedNormal::new(0.0, 1.0),
        TruncatedNormal::new(0.0, 1.0).bounds(0.0, f64::INFINITY),
        Constant::new(0.5),
        Xavier::uniform(fan),
        He::truncated_normal(fan),
        LeCun::normal(fan),
        VarianceScaling::uniform(2.0, FanMode::FanGeoAvg, fan)
    );
}
