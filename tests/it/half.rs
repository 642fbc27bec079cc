//! `f16` and `bf16`: computed in `f32`, rounded once, inside the bounds as they are rounded.

use fanin::{
    Constant, InitError, Initializer, InitializerExt, Normal, Scalar, Seed, TruncatedNormal, Uniform,
};
use half::{bf16, f16};
use num_traits::Float;
use proptest::prelude::*;

use crate::golden::initializers;
use crate::reference::{nearest_bf16, nearest_f16, of_f32};

#[test]
fn halves_equal_the_reference() {
    for (name, initializer) in initializers() {
        let law = Initializer::<f32>::law(&*initializer).expect("a distribution");
        for (seed, offset) in [(Seed::from(7), 4090), (Seed::from(8), (1 << 40) + 17)] {
            let (mut short, mut brain) = ([f16::ZERO; 4500], [bf16::ZERO; 4500]);
            initializer.fill_shard(seed, offset, &mut short).unwrap();
            initializer.fill_shard(seed, offset, &mut brain).unwrap();
            for i in (0..4500).step_by(7) {
                let e = offset + i as u64;
                let (s, b) =
                    (of_f32::element(law, seed, e, nearest_f16), of_f32::element(law, seed, e, nearest_bf16));
                assert_eq!(
                    short[i].to_f32().to_bits(),
                    s.to_bits(),
                    "{name} f16 at {e}: {} and {s}",
                    short[i]
                );
                assert_eq!(
                    brain[i].to_f32().to_bits(),
                    b.to_bits(),
                    "{name} bf16 at {e}: {} and {b}",
                    brain[i]
                );
            }
        }
    }
}

/// Where an `f32` between would round to the wrong side.
#[test]
fn halves_round_once() {
    let power = |exponent| f64::powi(2.0, exponent);
    let mut brain = [bf16::ZERO];
    Constant::new(1.0 + power(-8) + power(-40)).fill(&mut brain);
    assert_eq!(brain[0].to_bits(), 0x3f81);
    Normal::new(1.0 + power(-8) + power(-40), 0.0).seed(1).fill(&mut brain);
    assert_eq!(brain[0].to_bits(), 0x3f81);

    let high = 1.0 + power(-10) + power(-11) - power(-40);
    let last = f16::from_bits(0x3c01); // 1 + 2^-10
    let mut short = vec![f16::ZERO; 100_000];
    for initializer in [
        &Uniform::new(1.0, high).seed(1) as &dyn Initializer<f16>,
        &TruncatedNormal::new(1.0, 1.0).bounds(1.0, high).seed(1),
        &Uniform::new(-high, -1.0).seed(1),
        &Uniform::new(high, high).seed(1),
    ] {
        initializer.fill(&mut short);
        let largest = short.iter().map(|w| w.abs()).fold(f16::ZERO, f16::max);
        assert_eq!(largest, last, "{:?}", initializer.law());
    }
}

proptest! {
    /// For any ends, near ties or not: no value leaves the ends as the scalar rounds them.
    #[test]
    fn bounds_hold(
        bits in 0..0x7bff_u16,
        (ulps, width) in (0..4_u16, prop::sample::select(vec![0.0, 0.25, 0.5, 0.75, 1.0])),
        hair in prop::sample::select(vec![0.0, 1e-16, -1e-16, 1e-12, -1e-12]),
        negative: bool,
        seed: u64,
    ) {
        fn inside<T: Scalar>(low: f64, high: f64, seed: u64) -> Result<(), TestCaseError> {
            let mut w = [T::zero(); 500];
            let law = Uniform::new(low, high);
            let normal = TruncatedNormal::new(low, high - low).bounds(low, high);
            for law in [&law as &dyn Initializer<T>, &normal] {
                law.fill_shard(seed.into(), 0, &mut w).unwrap();
                let (low, high) = (T::from_f64(low), T::from_f64(high));
                prop_assert!(w.iter().all(|w| (low..=high).contains(w)), "{:?} {} {low}..={high}", law.law(), T::NAME);
            }
            Ok(())
        }
        let from = f16::from_bits(bits).to_f64();
        let to = f16::from_bits((bits + ulps).min(0x7bff)).to_f64();
        let ulp = f16::from_bits(bits + 1).to_f64() - from;
        let (low, high) = (from * (1.0 + hair), (to + width * ulp).min(65_519.0) * (1.0 + hair));
        prop_assume!(low <= high);
        let (low, high) = if negative { (-high, -low) } else { (low, high) };
        inside::<f16>(low, high, seed)?;
        inside::<bf16>(low, high, seed)?;
        inside::<f32>(low, high, seed)?;
        inside::<f64>(low, high, seed)?;
    }
}

#[test]
fn what_f16_cannot_hold_is_refused() {
    let mut w = [f16::ONE; 3];
    let error = Normal::new(0.0, 1e4).seed(1).try_fill(&mut w).unwrap_err();
    assert_eq!(error, InitError::Overflow { magnitude: 8.7e4, scalar: "f16", max: 65504.0 });
    assert_eq!(w, [f16::ONE; 3]);
    assert!(Normal::new(0.0, 1e4).seed(1).try_fill(&mut [bf16::ONE; 3]).is_ok());
}
