//! Filling a slice allocates nothing. A binary of its own: the counter is the global allocator.
#![cfg(not(feature = "rayon"))] // its pool allocates, once

use fanin::{Constant, He, Initializer, LeCun, Scalar, Seed, TruncatedNormal, Uniform, Xavier};

fn allocations<T: Scalar>(initializer: impl Initializer<T>, weights: &mut [T]) -> u64 {
    allocation_counter::measure(|| initializer.fill(weights)).count_total
}

fn none<T: Scalar>() {
    let mut weights = vec![T::zero(); 100_000];
    for len in [0, 1, 16, 4097, 100_000] {
        let w = &mut weights[..len];
        assert_eq!(allocations(Uniform::new(-1.0, 1.0).seed(1), w), 0);
        assert_eq!(allocations(He::normal(64).seed(1), w), 0);
        assert_eq!(allocations(Xavier::truncated_normal(64, 64).seed(1), w), 0);
        assert_eq!(allocations(TruncatedNormal::new(0.0, 1.0).bounds(0.0, 5.0).seed(1), w), 0);
        assert_eq!(allocations(LeCun::uniform(64).seed(Seed::from(1).child("fc1.weight")), w), 0);
        assert_eq!(allocations(Constant::new(1.0), w), 0);
    }
}

#[test]
fn filling_a_slice_allocates_nothing() {
    none::<f32>();
    none::<f64>();
    #[cfg(feature = "half")]
    none::<half::f16>();
    assert!(
        allocation_counter::measure(|| drop(std::hint::black_box(vec![0_u8; 9]))).count_total > 0,
        "the counter counts"
    );
}
