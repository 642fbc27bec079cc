//! The blocks of a shard, one after the other or, with the feature `rayon`, on many threads.

use super::BLOCK;
use super::lanes::{BlockSeeder, Lanes};
use crate::seed::Seed;

/// Blocks that a thread takes at once: a quarter of a millisecond or more, beside which the
/// microseconds of handing out work are nothing.
#[cfg(feature = "rayon")]
const BLOCKS_PER_TASK: usize = 64;

/// Fills the elements from `offset` on; `fill_block` takes the block's lanes, the place in it, and what to fill.
#[cfg(not(feature = "rayon"))]
pub(super) fn fill<T>(
    seed: Seed,
    offset: u64,
    shard: &mut [T],
    fill_block: &(impl Fn(Lanes, usize, &mut [T]) + Sync),
) {
    fill_in_order(seed, offset, shard, fill_block);
}

/// Fills the elements from `offset` on, on rayon's current pool if there are many.
#[cfg(feature = "rayon")]
pub(super) fn fill<T: Send>(
    seed: Seed,
    offset: u64,
    shard: &mut [T],
    fill_block: &(impl Fn(Lanes, usize, &mut [T]) + Sync),
) {
    use rayon::prelude::*;

    const TASK: usize = BLOCKS_PER_TASK * BLOCK;
    if shard.len() <= TASK {
        return fill_in_order(seed, offset, shard, fill_block);
    }
    let until_block = (BLOCK - (offset % BLOCK as u64) as usize) % BLOCK;
    let (first, rest) = shard.split_at_mut(until_block);
    fill_in_order(seed, offset, first, fill_block);
    rest.par_chunks_mut(TASK).enumerate().for_each(|(task, chunk)| {
        let offset = offset + until_block as u64 + (task * TASK) as u64;
        fill_in_order(seed, offset, chunk, fill_block);
    });
}

fn fill_in_order<T>(
    seed: Seed,
    offset: u64,
    shard: &mut [T],
    fill_block: &(impl Fn(Lanes, usize, &mut [T]) + Sync),
) {
    if shard.is_empty() {
        return;
    }
    let mut seeder = BlockSeeder::new(seed, offset / BLOCK as u64);
    let start = (offset % BLOCK as u64) as usize;
    let (first, rest) = shard.split_at_mut(shard.len().min(BLOCK - start));
    fill_block(seeder.next_block(), start, first);
    for block in rest.chunks_mut(BLOCK) {
        fill_block(seeder.next_block(), 0, block);
    }
}
