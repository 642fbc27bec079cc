//! `f16` and `bf16` are the rounded `f32` weights of the same seed.

use fanin::{InitError, Initializer, InitializerExt, Normal, TruncatedNormal, Uniform};
use half::{bf16, f16};

fn equal(initializer: impl Initializer<f32> + Initializer<f16> + Initializer<bf16>) {
    for (offset, len) in [(0, 1), (4090, 9000), ((1 << 40) + 17, 4096)] {
        let mut single = vec![0.0_f32; len];
        let (mut short, mut brain) = (vec![f16::ZERO; len], vec![bf16::ZERO; len]);
        initializer.fill_shard(7.into(), offset, &mut single).unwrap();
        initializer.fill_shard(7.into(), offset, &mut short).unwrap();
        initializer.fill_shard(7.into(), offset, &mut brain).unwrap();
        for i in 0..len {
            assert_eq!(short[i].to_bits(), f16::from_f32(single[i]).to_bits());
            assert_eq!(brain[i].to_bits(), bf16::from_f32(single[i]).to_bits());
        }
    }
}

#[test]
fn halves_are_the_rounded_singles() {
    equal(Uniform::new(-0.1, 0.3));
    equal(Normal::new(0.5, 0.02));
    equal(Normal::new(0.0, 1e-6)); // subnormal in f16
    equal(TruncatedNormal::new(0.0, 0.02));
    equal(fanin::Constant::new(0.1));
}

#[test]
fn what_f16_cannot_hold_is_refused() {
    let mut w = [f16::ONE; 3];
    let error = Normal::new(0.0, 1e4).seed(1).try_fill(&mut w).unwrap_err();
    assert_eq!(error, InitError::Overflow { magnitude: 8.7e4, scalar: "f16", max: 65504.0 });
    assert_eq!(w, [f16::ONE; 3]);
    assert!(Normal::new(0.0, 1e4).seed(1).try_fill(&mut [bf16::ONE; 3]).is_ok());
}
