#![doc = include_str!("v1.md")]

mod blocks;
#[cfg(feature = "complex")]
mod complex;
mod elementary;
#[cfg(feature = "half")]
mod half;
mod lanes;
mod log_uniform;
mod normal;
mod polynomials;
mod rows;
mod truncated_normal;
mod uniform;

use rand::Rng;

#[cfg(feature = "complex")]
pub(crate) use complex::{Complex, Modulus};
use elementary::Elementary;
pub(crate) use elementary::ln;
use lanes::{LANES, Lanes};
pub(crate) use log_uniform::{InverseSoftplusLogUniform, LogUniform, inverse_softplus};
pub(crate) use normal::Normal;
use rows::fill_block;
pub(crate) use truncated_normal::TruncatedNormal;
pub(crate) use uniform::Uniform;

use crate::scalar::{Scalar, ScalarSliceMut};
use crate::seed::Seed;

/// Elements of a tensor that are drawn from one ChaCha8 position.
const BLOCK: usize = 4096;

/// The longest tensor: 2^63 elements.
pub(crate) const MAX_LEN: u64 = 1 << 63;

/// The largest standard normal number: sqrt(2 * 54 ln 2) = 8.652 of an `f64`, 6.764 of an `f32`.
pub(crate) const NORMAL_REACH: f64 = 8.7;

/// One number of every lane.
type Row<W> = [W; LANES];

/// Elements of two rows.
const ROWS: usize = 2 * LANES;

/// A distribution's parameters, of which each scalar has a kernel of its own.
pub(crate) trait Recipe: Sync {
    /// The parameters worked out for `T`, once for a whole fill.
    fn kernel<T: Drawn>(&self) -> impl Kernel<T::From> + Sync;
}

/// A transform of random words into weights, two rows of lanes at a time.
pub(crate) trait Kernel<T: Elementary> {
    /// Hands each element of two rows to `store`.
    fn rows(&self, words: &[Row<T::Word>; 2], store: impl FnMut(usize, T));
}

/// `value`, or the bound beyond which it lies. Between zeros of both signs `max` and `min` would be free to choose.
#[inline(always)]
fn clamp<T: PartialOrd>(value: T, low: T, high: T) -> T {
    let value = if value < low { low } else { value };
    if value > high { high } else { value }
}

/// Floats that are made of random words directly.
pub(crate) trait Words: Scalar + Elementary {
    fn next_row(lanes: &mut Lanes) -> Row<Self::Word>;
    fn random_row<R: Rng + ?Sized>(rng: &mut R) -> Row<Self::Word>;
}

impl Words for f32 {
    #[inline(always)]
    fn next_row(lanes: &mut Lanes) -> Row<u32> {
        lanes.next_words()
    }

    fn random_row<R: Rng + ?Sized>(rng: &mut R) -> Row<u32> {
        [rng.next_u32(); LANES]
    }
}

impl Words for f64 {
    #[inline(always)]
    fn next_row(lanes: &mut Lanes) -> Row<u64> {
        let (low, high) = (lanes.next_words(), lanes.next_words());
        let mut row = [0; LANES];
        for j in 0..LANES {
            row[j] = u64::from(low[j]) | u64::from(high[j]) << 32;
        }
        row
    }

    fn random_row<R: Rng + ?Sized>(rng: &mut R) -> Row<u64> {
        [rng.next_u64(); LANES]
    }
}

/// Every scalar, and the float that it is drawn as and then rounded from.
pub(crate) trait Drawn: Scalar {
    type From: Words;

    /// Two rows of weights.
    fn draw(
        kernel: &impl Kernel<Self::From>,
        words: &[Row<<Self::From as Elementary>::Word>; 2],
        out: &mut [Self; ROWS],
    );

    /// The nearest number of this scalar.
    fn nearest(value: f64) -> Self::From {
        Self::From::from_f64(Self::from_f64(value).to_f64())
    }
}

impl<T: Words> Drawn for T {
    type From = T;

    #[inline(always)]
    fn draw(kernel: &impl Kernel<T>, words: &[Row<T::Word>; 2], out: &mut [T; ROWS]) {
        kernel.rows(words, |i, value| out[i] = value);
    }
}

/// Fills the elements from `offset` on of the tensor that `seed` and `recipe` determine;
/// `offset + shard.len()` is at most [`MAX_LEN`].
pub(crate) fn fill(recipe: &impl Recipe, seed: Seed, offset: u64, shard: ScalarSliceMut<'_>) {
    fn fill<T: Drawn>(recipe: &impl Recipe, seed: Seed, offset: u64, shard: &mut [T]) {
        let kernel = recipe.kernel::<T>();
        blocks::fill(seed, offset, shard, &|lanes, start, out: &mut [T]| {
            fill_block(&kernel, lanes, start, out);
        });
    }
    match shard {
        ScalarSliceMut::F32(shard) => fill(recipe, seed, offset, shard),
        ScalarSliceMut::F64(shard) => fill(recipe, seed, offset, shard),
        #[cfg(feature = "half")]
        ScalarSliceMut::F16(shard) => fill(recipe, seed, offset, shard),
        #[cfg(feature = "half")]
        ScalarSliceMut::Bf16(shard) => fill(recipe, seed, offset, shard),
    }
}

/// One element from words of `rng`, as the first of a block would be made of them. Takes at most four
/// words, whatever they are: unlike rejection it cannot hang.
pub(crate) fn sample<R: Rng + ?Sized>(recipe: &impl Recipe, rng: &mut R, value: ScalarSliceMut<'_>) {
    fn sample<T: Drawn, R: Rng + ?Sized>(recipe: &impl Recipe, rng: &mut R, value: &mut [T]) {
        let mut out = [T::zero(); ROWS];
        let words = [T::From::random_row(rng), T::From::random_row(rng)];
        T::draw(&recipe.kernel::<T>(), &words, &mut out);
        value.copy_from_slice(&out[..1]);
    }
    match value {
        ScalarSliceMut::F32(value) => sample(recipe, rng, value),
        ScalarSliceMut::F64(value) => sample(recipe, rng, value),
        #[cfg(feature = "half")]
        ScalarSliceMut::F16(value) => sample(recipe, rng, value),
        #[cfg(feature = "half")]
        ScalarSliceMut::Bf16(value) => sample(recipe, rng, value),
    }
}
