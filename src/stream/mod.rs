#![doc = include_str!("v1.md")]

mod elementary;
mod lanes;
mod normal;
mod truncated_normal;
mod uniform;

use elementary::Elementary;
pub(crate) use lanes::LANES;
use lanes::{BlockSeeder, Lanes};
pub(crate) use normal::Normal;
pub(crate) use truncated_normal::{TruncatedNormal, needs_tails};
pub(crate) use uniform::Uniform;

use rand::Rng;

use crate::scalar::{Scalar, ScalarSliceMut};
use crate::seed::Seed;

/// Elements of a tensor that are drawn from one ChaCha8 position.
const BLOCK: usize = 4096;

/// The longest tensor: 2^63 elements.
pub(crate) const MAX_LEN: u64 = 1 << 63;

/// The largest standard normal number: sqrt(2 * 54 ln 2) = 8.652 of an `f64`, 6.764 of an `f32`.
pub(crate) const NORMAL_REACH: f64 = 8.7;

/// One number of every lane.
pub(crate) type Row<W> = [W; LANES];

/// A transform of random words into weights, two rows of lanes at a time.
pub(crate) trait Kernel<T: Elementary> {
    /// Element j of a row depends on word j of the rows alone.
    fn rows(&self, words: &[Row<T::Word>; 2], out: &mut [T; ROWS]);
}

/// Elements of two rows.
const ROWS: usize = 2 * LANES;

trait Words: Elementary {
    fn next_row(lanes: &mut Lanes) -> Row<Self::Word>;
}

impl Words for f32 {
    #[inline(always)]
    fn next_row(lanes: &mut Lanes) -> Row<u32> {
        lanes.next_words()
    }
}

impl Words for f64 {
    #[inline(always)]
    fn next_row(lanes: &mut Lanes) -> Row<u64> {
        let (low, high) = (lanes.next_words(), lanes.next_words());
        core::array::from_fn(|j| u64::from(low[j]) | u64::from(high[j]) << 32)
    }
}

/// Fills the elements from `offset` on of the tensor that `seed` and `kernel` determine;
/// `offset + shard.len()` is at most 2^63.
pub(crate) fn fill<K: Kernel<f32> + Kernel<f64>>(
    kernel: &K,
    seed: Seed,
    offset: u64,
    shard: ScalarSliceMut<'_>,
) {
    match shard {
        ScalarSliceMut::F32(shard) => fill_blocks(kernel, seed, offset, shard),
        ScalarSliceMut::F64(shard) => fill_blocks(kernel, seed, offset, shard),
    }
}

fn fill_blocks<T: Scalar + Words, K: Kernel<T>>(kernel: &K, seed: Seed, offset: u64, shard: &mut [T]) {
    if shard.is_empty() {
        return;
    }
    let mut seeder = BlockSeeder::new(seed, offset / BLOCK as u64);
    let start = (offset % BLOCK as u64) as usize;
    let (first, rest) = shard.split_at_mut(shard.len().min(BLOCK - start));
    fill_block(kernel, seeder.next_block(), start, first);
    for block in rest.chunks_mut(BLOCK) {
        fill_block(kernel, seeder.next_block(), 0, block);
    }
}

/// The one place where SIMD width is chosen, at run time; on other targets the baseline vectorises.
#[cfg_attr(
    feature = "std",
    multiversion::multiversion(targets(
        "x86_64+avx512f+avx512dq+avx512bw+avx512vl+avx512cd+avx2+bmi2",
        "x86_64+avx2+bmi2"
    ))
)]
fn fill_block<T: Scalar + Words, K: Kernel<T>>(kernel: &K, mut lanes: Lanes, start: usize, out: &mut [T]) {
    for _ in 0..start / ROWS {
        T::next_row(&mut lanes);
        T::next_row(&mut lanes);
    }
    let mut buffer = [T::zero(); ROWS];
    let skip = start % ROWS;
    let mut out = out;
    if skip > 0 {
        let (first, rest) = out.split_at_mut(out.len().min(ROWS - skip));
        kernel.rows(&[T::next_row(&mut lanes), T::next_row(&mut lanes)], &mut buffer);
        first.copy_from_slice(&buffer[skip..skip + first.len()]);
        out = rest;
    }
    let (whole, last) = out.as_chunks_mut::<ROWS>();
    for chunk in whole {
        let words = [T::next_row(&mut lanes), T::next_row(&mut lanes)];
        kernel.rows(&words, chunk);
    }
    if !last.is_empty() {
        kernel.rows(&[T::next_row(&mut lanes), T::next_row(&mut lanes)], &mut buffer);
        last.copy_from_slice(&buffer[..last.len()]);
    }
}

/// One element from words of `rng`, as the first of a block would be made of them. Takes at most four
/// words, whatever they are.
pub(crate) fn sample<K, R>(kernel: &K, rng: &mut R, value: ScalarSliceMut<'_>)
where
    K: Kernel<f32> + Kernel<f64>,
    R: Rng + ?Sized,
{
    match value {
        ScalarSliceMut::F32(value) => {
            let mut out = [0.0; ROWS];
            kernel.rows(&[[rng.next_u32(); LANES], [rng.next_u32(); LANES]], &mut out);
            value.copy_from_slice(&out[..1]);
        }
        ScalarSliceMut::F64(value) => {
            let mut out = [0.0; ROWS];
            kernel.rows(&[[rng.next_u64(); LANES], [rng.next_u64(); LANES]], &mut out);
            value.copy_from_slice(&out[..1]);
        }
    }
}
