//! The fast path against the reference, shards against the whole, accuracy.

use fanin::{Activation, Initializer, Normal, Seed, TruncatedNormal};
use proptest::prelude::*;

use crate::golden::{initializers, logarithmic};
use crate::reference::{coefficients, erf_slope, of_f32, of_f64};

#[test]
fn equals_the_reference_bit_for_bit() {
    for (name, initializer) in initializers().into_iter().chain(logarithmic()) {
        let law = Initializer::<f32>::law(&*initializer).expect("a distribution");
        for (seed, offset) in [(Seed::from(1), 0), (Seed::from([0x5a; 32]), (1 << 62) + 4096 * 3 + 77)] {
            let (mut single, mut double) = ([0.0_f32; 4500], [0.0_f64; 4500]);
            initializer.fill_shard(seed, offset, &mut single).unwrap();
            initializer.fill_shard(seed, offset, &mut double).unwrap();
            for i in (0..4500).step_by(7) {
                let e = offset + i as u64;
                let s = of_f32::element(law, seed, e, |v| v as f32);
                let d = of_f64::element(law, seed, e, |v| v);
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
        law in prop::sample::select(initializers().iter().chain(&logarithmic()).map(|row| Initializer::<f32>::law(&*row.1).unwrap()).collect::<Vec<_>>()),
        base in prop::sample::select(vec![0, (1_u64 << 32) - 4096, 1 << 40, (1 << 62) - 5000, (1 << 63) - 20_000]),
        offset in 0..9000_usize,
        len in 0..9000_usize,
        cut in 0.0..1.0,
    ) {
        let seed = Seed::from(seed);
        let mut whole = vec![0.0_f32; 18_000];
        let mut whole_f64 = vec![0.0_f64; 18_000];
        law.fill_shard(seed, base, &mut whole).unwrap();
        law.fill_shard(seed, base, &mut whole_f64).unwrap();
        let cut = (cut * len as f64) as usize;
        for (from, to) in [(0, cut), (cut, len)] {
            let (mut shard, mut shard_f64) = (vec![0.0_f32; to - from], vec![0.0_f64; to - from]);
            let at = offset + from;
            law.fill_shard(seed, base + at as u64, &mut shard).unwrap();
            law.fill_shard(seed, base + at as u64, &mut shard_f64).unwrap();
            prop_assert_eq!(&shard[..], &whole[at..offset + to]);
            prop_assert_eq!(&shard_f64[..], &whole_f64[at..offset + to]);
        }
    }
}

/// The gains that seeded weights are scaled by are the page's.
#[test]
fn gains_are_those_of_the_page() {
    let gains = coefficients("gains");
    assert_eq!(gains.len(), 13);
    for (name, gain) in gains.iter().map(|line| line.split_once(' ').unwrap()) {
        let activation: Activation = name.parse().unwrap();
        assert_eq!(activation.gain(), gain.parse::<f64>().unwrap(), "{name}");
    }
    for a in [0.01_f64, 0.25, 1.0, -2.5] {
        let leaky = (2.0 / (1.0 + a * a)).sqrt();
        assert_eq!(Activation::LeakyRelu { negative_slope: a }.gain(), leaky);
        assert_eq!(Activation::Prelu { slope: a }.gain(), leaky);
        assert_eq!(Activation::Elu { alpha: a }.gain(), 1.0 / (0.5 + 0.14494541749292386 * a * a).sqrt());
    }
}

/// Relative errors of 1e-6 (`f32`) and 1e-14 (`f64`), absolute ones of 3e-7 and 3e-16 near zero.
fn allowed_f32(z: f64) -> f64 {
    (1e-6 * z.abs()).max(3e-7)
}

fn allowed_f64(z: f64) -> f64 {
    (1e-14 * z.abs()).max(3e-16)
}

/// Of exact arithmetic on the same words.
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
            worst_f32 = worst_f32.max((f64::from(single[e]) - s).abs() / allowed_f32(s));
            worst_f64 = worst_f64.max((double[e] - d).abs() / allowed_f64(d));
        }
    }
    assert!(worst_f32 <= 1.0, "f32: {worst_f32} of what is allowed");
    assert!(worst_f64 <= 1.0, "f64: {worst_f64} of what is allowed");
    println!("worst normal: f32 {worst_f32:.3}, f64 {worst_f64:.3} of what is allowed");
}

/// Of exact arithmetic on the same word; with bounds that are not the default ones erf may miss by 3e-15. Errors of
/// twice what is allowed are seen.
#[test]
fn truncated_normals_are_accurate() {
    for (bounds, slack) in [
        ([-2.0, 2.0], 0.0),
        ([-2.236, 2.236], 3e-15),
        ([-1.5, 0.5], 3e-15),
        ([-3.0, 3.0], 3e-15),
        ([4.0, 5.0], 3e-15),
        ([0.0, 8.0], 3e-15),
        ([-8.0, 8.0], 3e-15),
    ] {
        let law = TruncatedNormal::new(0.0, 1.0).bounds(bounds[0], bounds[1]);
        let (mut worst_f32, mut worst_f64) = ([0.0_f64; 2], [0.0_f64; 2]);
        for seed in (0..20).map(Seed::from) {
            let (mut single, mut double) = ([0.0_f32; 4096], [0.0_f64; 4096]);
            law.fill_shard(seed, 0, &mut single).unwrap();
            law.fill_shard(seed, 0, &mut double).unwrap();
            for e in (0..4096).step_by(7) {
                let (single, double) = (single[e], double[e]);
                let s = allowed_f32(single.into()) + slack / erf_slope(single.into());
                let d = allowed_f64(double) + slack / erf_slope(double);
                for (i, times) in [(0, 0.0), (1, 2.0)] {
                    let single = single + (times * s) as f32;
                    let error = of_f32::truncated_error(seed, e as u64, bounds, single);
                    worst_f32[i] = worst_f32[i].max(error / s);
                    let error = of_f64::truncated_error(seed, e as u64, bounds, double + times * d);
                    worst_f64[i] = worst_f64[i].max(error / d);
                }
            }
        }
        println!(
            "worst truncated {bounds:?}: f32 {:.3}, f64 {:.3} of what is allowed",
            worst_f32[0], worst_f64[0]
        );
        assert!(worst_f32[0] <= 1.0 && worst_f64[0] <= 1.0, "{bounds:?}: {worst_f32:?} {worst_f64:?}");
        assert!(worst_f32[1] > 1.0 && worst_f64[1] > 1.0, "{bounds:?}: {worst_f32:?} {worst_f64:?}");
    }
}
