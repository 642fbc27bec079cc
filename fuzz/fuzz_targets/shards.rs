//! Any offset, length and cut: two shards are the whole.
#![no_main]

use fanin::{Initializer, InitError, Normal, Seed, TruncatedNormal};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u64, u64, u16, u16, bool)| {
    let (seed, offset, len, cut, truncated) = input;
    let (seed, len) = (Seed::from(seed), usize::from(len) % 10_000);
    let fill = |offset, shard: &mut [f32]| {
        if truncated {
            TruncatedNormal::new(0.0, 1.0).fill_shard(seed, offset, shard)
        } else {
            Normal::new(0.0, 1.0).fill_shard(seed, offset, shard)
        }
    };
    let mut whole = vec![9.0; len];
    match fill(offset, &mut whole) {
        Ok(()) => {
            let mut parts = vec![0.0; len];
            let (first, second) = parts.split_at_mut(usize::from(cut) % (len + 1));
            fill(offset, first).unwrap();
            fill(offset + first.len() as u64, second).unwrap();
            assert_eq!(whole, parts);
        }
        Err(error) => {
            assert_eq!(error, InitError::TensorTooLong { offset, length: len as u64 });
            assert!(offset > (1 << 63) - len as u64);
            assert!(whole.iter().all(|&w| w == 9.0));
        }
    }
});
