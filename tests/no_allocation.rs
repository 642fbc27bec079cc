//! Filling a slice allocates nothing, training after the first step nothing of its own. A binary of
//! its own: the counter is the global allocator.
#![cfg(not(feature = "rayon"))] // its pool allocates, once

use fanin::{
    Constant, He, Initializer, InitializerExt, LeCun, Scalar, Seed, TruncatedNormal, Uniform, Xavier,
};

fn allocations<T: Scalar>(initializer: impl Initializer<T>, weights: &mut [T]) -> u64 {
    allocation_counter::measure(|| initializer.fill(weights)).count_total
}

fn none<T: Scalar>() {
    let weights = &mut *vec![T::zero(); 100_000];
    for len in [0, 1, 16, 4097, 100_000] {
        let w = &mut weights[..len];
        assert_eq!(allocations(Uniform::new(-1.0, 1.0).seed(1), w), 0);
        assert_eq!(allocations(He::normal(64).seed(1), w), 0);
        assert_eq!(allocations(Xavier::truncated_normal((64, 64)).seed(1), w), 0);
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

/// matrixmultiply packs its operands into a buffer that each product allocates and frees: one
/// forward, two back, of which the first layer needs one less. All else is the tape's.
#[cfg(feature = "nn")]
#[test]
fn steps_after_the_first_allocate_only_in_the_matrix_product() {
    use fanin::Activation;
    use fanin::nn::{Loss, Network, Tape};

    for (depth, activation) in [(1, Activation::Relu), (5, Activation::Tanh)] {
        let layers = (0..depth).fold(Network::<f32>::new(16), |n, _| n.dense(16, activation.clone()));
        let mut network = layers.init(He::normal, 1).unwrap();
        let batch = [0.5; 8 * 16];
        let labels = [3_u8; 8];
        let mut tape = Tape::new();
        let mut step = || {
            allocation_counter::measure(|| {
                network.train_step(&batch, &labels, Loss::SoftmaxCrossEntropy, 0.1, &mut tape).unwrap();
            })
        };
        assert!(step().count_current > 0, "the first step makes the tape");
        for _ in 0..3 {
            let later = step();
            assert_eq!((later.count_total, later.count_current), (3 * depth - 1, 0));
        }
    }
}
