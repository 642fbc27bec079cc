//! The same bits on any number of threads.

use fanin::{Initializer, Normal, Seed};

#[test]
fn bits_do_not_depend_on_threads() {
    let law = Normal::new(0.0, 1.0);
    let (offset, len) = (4096 * 5 + 100, 3_000_000);
    let fill = |threads| {
        let mut w = vec![0.0_f32; len];
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(|| law.fill_shard(Seed::from(1), offset, &mut w).unwrap());
        w
    };
    let mut whole = vec![0.0_f32; len];
    for (i, shard) in whole.chunks_mut(100_000).enumerate() {
        law.fill_shard(Seed::from(1), offset + 100_000 * i as u64, shard).unwrap(); // too short for threads
    }
    for threads in [1, 2, 3, 8] {
        assert!(fill(threads) == whole, "{threads} threads");
    }
}
