//! Any parameters: either an error and an untouched buffer, or finite weights inside the support.
#![no_main]

use fanin::{Fan, FanMode, He, Initializer, Law, Normal, Scalar, TruncatedNormal, Uniform, VarianceScaling};
use half::f16;
use libfuzzer_sys::fuzz_target;

fn one<T: Scalar>(initializer: &impl Initializer<T>, law: Law) {
    let mut w = [T::one(); 40];
    if initializer.fill_shard(1.into(), 4080, &mut w).is_err() {
        assert!(w.iter().all(|&w| w == T::one()), "an error, and yet something was written");
        return;
    }
    let (low, high) = law.support();
    let (low, high) = (T::from_f64(low), T::from_f64(high));
    for w in w {
        assert!(w.is_finite() && low <= w && w <= high, "{w} of {law:?}");
    }
    assert!(law.variance() >= 0.0, "{law:?}");
}

fn all(initializer: impl Initializer<f32> + Initializer<f64> + Initializer<f16>, law: Law) {
    one::<f32>(&initializer, law);
    one::<f64>(&initializer, law);
    one::<f16>(&initializer, law);
}

fuzz_target!(|input: (u8, f64, f64, f64, f64, usize, usize)| {
    let (which, a, b, c, d, fan_in, fan_out) = input;
    match which % 5 {
        0 => all(Uniform::new(a, b), Uniform::new(a, b).law()),
        1 => all(Normal::new(a, b), Normal::new(a, b).law()),
        2 => all(TruncatedNormal::new(a, b).bounds(c, d), TruncatedNormal::new(a, b).bounds(c, d).law()),
        3 => all(He::truncated_normal(fan_in).negative_slope(a), He::truncated_normal(fan_in).negative_slope(a).law()),
        _ => {
            let law = VarianceScaling::uniform(a, FanMode::FanGeoAvg, Fan::dense(fan_in, fan_out));
            all(law, law.law());
        }
    }
});
