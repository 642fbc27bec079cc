//! The fast path against the reference, shards against the whole, golden vectors, accuracy.

use fanin::{Initializer, Law, Normal, Seed, TruncatedNormal, Uniform};
use proptest::prelude::*;

use crate::reference::{of_f32, of_f64};

/// Every path through the kernels.
fn laws() -> [(&'static str, Law); 8] {
    [
        ("uniform", Uniform::new(-0.3, 0.7).law()),
        ("uniform, ends that round", Uniform::new(0.1, 0.3).law()),
        ("normal", Normal::new(0.0, 0.05).law()),
        ("normal, shifted", Normal::new(1.0, 1e-3).law()),
        ("truncated", TruncatedNormal::new(0.0, 0.02).law()),
        ("truncated on one side", TruncatedNormal::new(0.5, 2.0).bounds(0.0, f64::INFINITY).law()),
        ("truncated far out", TruncatedNormal::new(0.0, 0.02).bounds(-2.0, 2.0).law()),
        ("constant", Law::Constant { value: 0.1 }),
    ]
}

fn fill<T: fanin::Scalar>(law: Law, seed: Seed, offset: u64, shard: &mut [T]) {
    match law {
        Law::Constant { value } => fanin::Constant::new(value).fill_shard(seed, offset, shard),
        Law::Uniform { low, high } => Uniform::new(low, high).fill_shard(seed, offset, shard),
        Law::Normal { mean, std_dev } => Normal::new(mean, std_dev).fill_shard(seed, offset, shard),
        Law::TruncatedNormal { mean, std_dev, low, high } => {
            TruncatedNormal::new(mean, std_dev).bounds(low, high).fill_shard(seed, offset, shard)
        }
        _ => unreachable!(),
    }
    .unwrap();
}

#[test]
fn equals_the_reference_bit_for_bit() {
    for (name, law) in laws() {
        for (seed, offset) in [(Seed::from(1), 0), (Seed::from([0x5a; 32]), (1 << 62) + 4096 * 3 + 77)] {
            let (mut single, mut double) = ([0.0_f32; 4500], [0.0_f64; 4500]);
            fill(law, seed, offset, &mut single);
            fill(law, seed, offset, &mut double);
            for i in (0..4500).step_by(7) {
                let e = offset + i as u64;
                let (s, d) = (of_f32::element(law, seed, e), of_f64::element(law, seed, e));
                assert_eq!(single[i].to_bits(), s.to_bits(), "{name} f32 at {e}: {} and {s}", single[i]);
                assert_eq!(double[i].to_bits(), d.to_bits(), "{name} f64 at {e}: {} and {d}", double[i]);
            }
        }
    }
}

proptest! {
    #[test]
    fn shards_equal_the_whole(
        seed: u64,
        law in 0..8_usize,
        base in prop::sample::select(vec![0, (1_u64 << 32) - 4096, 1 << 40, (1 << 62) - 5000, (1 << 63) - 20_000]),
        offset in 0..9000_usize,
        len in 0..9000_usize,
        cut in 0.0..1.0,
    ) {
        let (law, seed) = (laws()[law].1, Seed::from(seed));
        let mut whole = vec![0.0_f32; 18_000];
        let mut whole_f64 = vec![0.0_f64; 18_000];
        fill(law, seed, base, &mut whole);
        fill(law, seed, base, &mut whole_f64);
        let cut = (cut * len as f64) as usize;
        for (from, to) in [(0, cut), (cut, len)] {
            let (mut shard, mut shard_f64) = (vec![0.0_f32; to - from], vec![0.0_f64; to - from]);
            let at = offset + from;
            fill(law, seed, base + at as u64, &mut shard);
            fill(law, seed, base + at as u64, &mut shard_f64);
            prop_assert_eq!(&shard[..], &whole[at..offset + to]);
            prop_assert_eq!(&shard_f64[..], &whole_f64[at..offset + to]);
        }
    }
}

/// Within 1e-6 (`f32`) and 1e-14 (`f64`) of exact arithmetic on the same words, or 3e-7 and 3e-16 near
/// zero; and a planted error of twice that is seen.
#[test]
fn normals_are_accurate() {
    let law = Normal::new(0.0, 1.0);
    let (mut worst_f32, mut worst_f64) = (0.0_f64, 0.0_f64);
    for seed in 0..3 {
        let seed = Seed::from(seed);
        let (mut single, mut double) = ([0.0_f32; 4096], [0.0_f64; 4096]);
        law.fill_shard(seed, 0, &mut single).unwrap();
        law.fill_shard(seed, 0, &mut double).unwrap();
        for e in 0..4096 {
            let (s, d) = (of_f32::exact_normal(seed, e as u64), of_f64::exact_normal(seed, e as u64));
            worst_f32 = worst_f32.max((f64::from(single[e]) - s).abs() / (1e-6 * s.abs()).max(3e-7));
            worst_f64 = worst_f64.max((double[e] - d).abs() / (1e-14 * d.abs()).max(3e-16));
        }
    }
    assert!(worst_f32 <= 1.0, "f32: {worst_f32} of what is allowed");
    assert!(worst_f64 <= 1.0, "f64: {worst_f64} of what is allowed");
    println!("worst normal: f32 {worst_f32:.3}, f64 {worst_f64:.3} of what is allowed");
}

/// Stream v1 is frozen: these change only with a major release.
#[test]
fn golden_vectors() {
    let hex = |law, len| {
        let (mut single, mut double) = (vec![0.0_f32; len], vec![0.0_f64; len]);
        fill(law, Seed::from(42), 4090, &mut single);
        fill(law, Seed::from(42), 4090, &mut double);
        let single: Vec<_> =
            [0, 1, len - 1].iter().map(|&i| format!("{:08x}", single[i].to_bits())).collect();
        let double: Vec<_> =
            [0, 1, len - 1].iter().map(|&i| format!("{:016x}", double[i].to_bits())).collect();
        format!("{} {}", single.join(" "), double.join(" "))
    };
    let found: Vec<String> = laws().iter().map(|(name, law)| format!("{name}: {}", hex(*law, 40))).collect();
    let expected = include_str!("golden/stream_v1.txt");
    assert_eq!(found, expected.lines().collect::<Vec<_>>(), "\n{}", found.join("\n"));
}

/// The scaled laws, and the halves.
#[test]
fn golden_vectors_of_initializers() {
    use fanin::{Fan, FanMode, He, LeCun, VarianceScaling, Xavier};

    fn bits<T: fanin::Scalar>(initializer: &dyn Initializer<T>, bits: impl Fn(T) -> String) -> String {
        let mut w = [T::zero(); 3];
        initializer.fill_shard(Seed::from(42).child("fc1.weight"), 4094, &mut w).unwrap();
        w.map(bits).join(" ")
    }
    fn row<I: Initializer<f32> + Initializer<f64>>(name: &str, initializer: I) -> String {
        let single = bits::<f32>(&initializer, |w| format!("{:08x}", w.to_bits()));
        let double = bits::<f64>(&initializer, |w| format!("{:016x}", w.to_bits()));
        format!("{name}: {single} {double}")
    }
    let fan = Fan::conv(64, 96, [3, 3]);
    let found = [
        row("Xavier::uniform", Xavier::uniform(fan).gain(1.5)),
        row("Xavier::normal", Xavier::normal(fan)),
        row("Xavier::truncated_normal", Xavier::truncated_normal(fan)),
        row("He::uniform", He::uniform(fan).negative_slope(0.2)),
        row("He::normal", He::normal(fan)),
        row("He::truncated_normal", He::truncated_normal(fan)),
        row("LeCun::uniform", LeCun::uniform(fan)),
        row("LeCun::normal", LeCun::normal(fan)),
        row("LeCun::truncated_normal", LeCun::truncated_normal(fan)),
        row("VarianceScaling::uniform", VarianceScaling::uniform(3.0, FanMode::FanGeoAvg, fan)),
        row("VarianceScaling::normal", VarianceScaling::normal(3.0, FanMode::FanOut, fan)),
        row(
            "VarianceScaling::truncated_normal",
            VarianceScaling::truncated_normal(3.0, FanMode::FanAvg, fan),
        ),
    ];
    let expected = include_str!("golden/initializers_v1.txt");
    assert_eq!(found.join("\n"), expected.trim_end(), "\n{}", found.join("\n"));

    #[cfg(feature = "half")]
    {
        use half::{bf16, f16};
        fn halves<I: Initializer<f16> + Initializer<bf16>>(name: &str, initializer: I) -> String {
            let short = bits::<f16>(&initializer, |w| format!("{:04x}", w.to_bits()));
            let brain = bits::<bf16>(&initializer, |w| format!("{:04x}", w.to_bits()));
            format!("{name}: {short} {brain}")
        }
        let found = [
            halves("uniform", Uniform::new(-0.3, 0.7)),
            halves("normal", Normal::new(0.0, 0.05)),
            halves("truncated", TruncatedNormal::new(0.0, 0.02)),
            halves("truncated far out", TruncatedNormal::new(0.0, 0.02).bounds(-2.0, 2.0)),
            halves("constant", fanin::Constant::new(0.1)),
        ];
        let expected = include_str!("golden/halves_v1.txt");
        assert_eq!(found.join("\n"), expected.trim_end(), "\n{}", found.join("\n"));
    }
}

#[test]
fn child_seeds_are_frozen() {
    let seed = Seed::from(42);
    let found = [seed.child(""), seed.child("fc1.weight"), seed.child(0), seed.child(usize::from(u16::MAX))]
        .map(|seed| seed.to_string());
    let expected = include_str!("golden/seeds_v1.txt");
    assert_eq!(found.join("\n"), expected.trim_end());
}
