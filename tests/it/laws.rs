//! What was promised of a single weight, for any fan, any gain, every law.
//!
//! Each check has a false-positive rate of about 1e-9: mean and variance by their standard errors (the
//! law's own kurtosis) at 6.11 standard deviations, for samples so large that the normal approximation
//! is off by less than a factor of 3 out there; the distribution by the inequality of Dvoretzky, Kiefer,
//! Wolfowitz and Massart (1990), which holds for any number of samples.

use fanin::{
    Fan, FanMode, He, Initializer, Law, LeCun, Normal, Scalar, Seed, TruncatedNormal, Uniform,
    VarianceScaling, Xavier,
};
use proptest::prelude::*;

const SAMPLES: usize = 20_000;
const FALSE_POSITIVES: f64 = 1e-9;
/// P(|z| > 6.11) < 1e-9.
const SIGMAS: f64 = 6.11;

fn check<T: Scalar>(weights: &[T], law: &Law) -> Result<(), String> {
    let n = weights.len() as f64;
    let mut sorted: Vec<f64> = weights.iter().map(|&w| w.to_f64()).collect();
    if law.variance() == 0.0 {
        let same = sorted.iter().all(|&w| w == T::from_f64(law.mean()).to_f64());
        return if same { Ok(()) } else { Err("not constant".into()) };
    }
    sorted.sort_by(f64::total_cmp);
    let mean = sorted.iter().sum::<f64>() / n;
    let variance = sorted.iter().map(|w| (w - mean) * (w - mean)).sum::<f64>() / n;
    let z = (mean - law.mean()) / (law.variance() / n).sqrt();
    if z.abs() > SIGMAS {
        return Err(format!("mean {mean:e}, promised {:e}: {z:+.1} sigmas", law.mean()));
    }
    let z = (variance / law.variance() - 1.0) / ((law.kurtosis() - 1.0) / n).sqrt();
    if z.abs() > SIGMAS {
        return Err(format!("variance {variance:e}, promised {:e}: {z:+.1} sigmas", law.variance()));
    }
    let (low, high) = law.support();
    let (low, high) = (T::from_f64(low).to_f64(), T::from_f64(high).to_f64());
    if sorted[0] < low || sorted[sorted.len() - 1] > high {
        return Err(format!(
            "values from {} to {}, promised {low} to {high}",
            sorted[0],
            sorted[sorted.len() - 1]
        ));
    }
    let allowed = ((2.0 / FALSE_POSITIVES).ln() / (2.0 * n)).sqrt();
    let gap = |(i, &w): (usize, &f64)| {
        let cdf = law.cdf(w);
        (cdf - i as f64 / n).abs().max((cdf - (i + 1) as f64 / n).abs())
    };
    let distance = sorted.iter().enumerate().map(gap).fold(0.0, f64::max);
    if distance > allowed {
        return Err(format!("the distribution is {distance} away, {allowed} allowed"));
    }
    Ok(())
}

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
        Box::new(Xavier::uniform(fan, fan).gain(gain)),
        Box::new(Xavier::normal(fan, fan).gain(gain)),
        Box::new(Xavier::truncated_normal(fan, fan).gain(gain)),
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
        let promised = Initializer::<f32>::promised_law(law).unwrap();
        if let Err(what) = check(&drawn::<f32>(law, seed), &promised) {
            prop_assert!(false, "f32: {} ({:?})", what, promised);
        }
        if let Err(what) = check(&drawn::<f64>(law, seed), &promised) {
            prop_assert!(false, "f64: {} ({:?})", what, promised);
        }
    }

    #[test]
    fn the_variance_is_the_formula(fan_in in 1..=4096_usize, fan_out in 1..=4096_usize, gain in 0.0..10.0) {
        let (n_in, n_out) = (fan_in as f64, fan_out as f64);
        // No epsilon: approx's own would call any two small variances equal.
        let close = |law: Law, variance: f64| {
            approx::relative_eq!(law.variance(), variance, epsilon = 0.0, max_relative = 1e-14)
        };
        for xavier in [
            Xavier::uniform(fan_in, fan_out),
            Xavier::normal(fan_in, fan_out),
            Xavier::truncated_normal(fan_in, fan_out),
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

/// What each check must catch, and does, at these 20,000 weights.
#[test]
fn planted_faults_are_caught() {
    let promised = He::normal(256).law();
    let caught = |initializer: &dyn Initializer<f32>, promised: &Law| {
        check(&drawn(initializer, 1), promised).unwrap_err()
    };
    assert!(caught(&He::normal(128), &promised).starts_with("variance"), "fan_out used for fan_in");
    assert!(caught(&LeCun::normal(256), &promised).starts_with("variance"), "a gain of sqrt 2 forgotten");
    assert!(
        caught(&He::normal(256).gain(2.0), &promised).starts_with("variance"),
        "a gain of sqrt 2 too much"
    );
    let std_dev = promised.std_dev();
    let truncated = He::truncated_normal(256).law();
    assert!(
        caught(&TruncatedNormal::new(0.0, std_dev), &truncated).starts_with("variance"),
        "truncation not made up for"
    );
    assert!(
        caught(&Uniform::new(-std_dev, std_dev), &He::uniform(256).law()).starts_with("variance"),
        "no sqrt 3"
    );
    assert!(caught(&He::uniform(256), &promised).starts_with("the distribution"), "uniform for normal");
    assert!(caught(&Normal::new(0.1 * std_dev, std_dev), &promised).starts_with("mean"), "a mean");
    assert!(caught(&He::normal(256), &truncated).starts_with("values"), "not truncated");
}

#[test]
fn child_seeds_are_independent() {
    let seed = Seed::from(3);
    let children: Vec<Vec<f64>> = (0..20)
        .map(|i| {
            let mut w = vec![0.0; SAMPLES];
            Normal::new(0.0, 1.0).seed(seed.child(i)).fill(&mut w);
            w
        })
        .collect();
    let correlation =
        |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / (SAMPLES as f64).sqrt();
    for (i, a) in children.iter().enumerate() {
        for b in &children[..i] {
            assert!(correlation(a, b).abs() < SIGMAS);
        }
    }
    assert!(correlation(&children[0], &children[0]) > SIGMAS, "the same stream is seen");
}
