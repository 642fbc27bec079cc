//! Products of Householder reflections of Gaussian vectors: orthogonal matrices, each as likely as any other.
//!
//! H_1 .. H_k D, where H_j reflects a Gaussian vector of m - j + 1 entries on its first axis and D holds the signs, is distributed
//! as Haar's measure says ([Stewart 1980](https://doi.org/10.1137/0717034), section 3). Reflections are taken B at a time as
//! I - V T V^T, where T^-1 is the upper triangle of V^T V with half its diagonal ([Puglisi
//! 1992](https://doi.org/10.1137/0613043)). Columns are independent of each other and sums run along rows only, so that neither
//! the register tile nor SIMD width nor threads can change a bit: the blocks of B and the runs of sums are the definition.

use alloc::vec::Vec;
use core::array;

use crate::error::InitError;
use crate::init::Law;
use crate::init::shape::filled;
use crate::scalar::{Scalar, sqrt};
use crate::seed::Seed;
use crate::simd::widest;

/// Reflections of a block.
const B: usize = 32;

/// Terms of a sum that are added in order before they are added to the others.
const RUN: usize = 256;

/// The same of squares, which are added in f64.
const RUN_OF_SQUARES: usize = 32;

/// Rows, or reflections, of a register tile.
const TILE: usize = 4;

/// Columns that a block of reflections is applied to while it is in the cache.
const PANEL: usize = 64;

/// Rows up to a whole tile; of more than fit `usize` all that do, for which there is no memory.
fn whole_tiles(rows: usize) -> usize {
    rows.checked_next_multiple_of(TILE).unwrap_or(usize::MAX)
}

/// A matrix that a seed determines.
pub(super) struct Matrix {
    pub(super) rows: usize,
    pub(super) cols: usize,
    pub(super) seed: Seed,
}

impl Matrix {
    /// The elements from `offset` on, in row-major order, times `gain`. N columns are computed side by side.
    pub(super) fn fill<T: Scalar, const N: usize>(
        &self,
        gain: T,
        offset: usize,
        shard: &mut [T],
    ) -> Result<(), InitError> {
        if shard.is_empty() {
            return Ok(());
        }
        let wide = self.rows <= self.cols;
        // Of a wide matrix the rows are the columns of Q.
        let (m, k) = if wide { (self.cols, self.rows) } else { (self.rows, self.cols) };
        let needed = if wide { offset / m..(offset + shard.len()).div_ceil(m) } else { 0..k };
        let blocks = self.blocks::<T, N>(m, k, needed.end)?;
        let factors = |c: usize| blocks[c / B].sign[c % B];
        let mut store = |first: usize, panel: &[[T; N]]| {
            for (strip, x) in panel.chunks_exact(whole_tiles(m)).enumerate() {
                let c0 = first + strip * N;
                let columns = c0.min(needed.end)..(c0 + N).min(needed.end);
                let scale: [T; N] =
                    array::from_fn(|c| if c0 + c < needed.end { factors(c0 + c) } else { T::zero() });
                if wide {
                    for (chunk, x) in x[..m].chunks(N).enumerate() {
                        for c in columns.clone() {
                            let run: [T; N] = array::from_fn(|r| {
                                x.get(r).map_or(T::zero(), |x| x[c - c0] * scale[c - c0] * gain)
                            });
                            copy(shard, offset, c * m + chunk * N, &run[..x.len()]);
                        }
                    }
                } else {
                    for (i, x) in x[..m].iter().enumerate() {
                        let run: [T; N] = array::from_fn(|c| x[c] * scale[c] * gain);
                        copy(shard, offset, i * k + c0, &run[..columns.len()]);
                    }
                }
            }
        };
        let panels = needed.start / PANEL..needed.end.div_ceil(PANEL);
        for_each_panel(
            panels,
            |panel| {
                let mut x = filled([T::zero(); N], PANEL / N * whole_tiles(m))?;
                columns_of_product(&blocks, panel * PANEL, needed.end, &mut x);
                Ok(x)
            },
            |panel, x| store(panel * PANEL, x),
        )
    }

    /// The same in `f32`, rounded once.
    #[cfg(feature = "half")]
    pub(super) fn fill_rounded<T: Scalar>(
        &self,
        gain: f32,
        offset: usize,
        shard: &mut [T],
    ) -> Result<(), InitError> {
        let mut exact = filled(0.0_f32, shard.len())?;
        self.fill::<_, 16>(gain, offset, &mut exact)?;
        for (weight, &exact) in shard.iter_mut().zip(&exact) {
            *weight = T::from_f64(f64::from(exact));
        }
        Ok(())
    }

    /// The blocks of reflections that the columns before `end` need.
    fn blocks<T: Scalar, const N: usize>(
        &self,
        m: usize,
        k: usize,
        end: usize,
    ) -> Result<Vec<Block<T>>, InitError> {
        let mut start = 0;
        let mut blocks = Vec::new();
        for first in (0..end).step_by(B) {
            let length = m - first;
            blocks.push(Block::new::<N>(self.seed, start, length, B.min(k - first))?);
            start += (B * length) as u64;
        }
        Ok(blocks)
    }
}

/// Computes panels and stores them, one after the other.
#[cfg(not(feature = "rayon"))]
fn for_each_panel<X>(
    panels: core::ops::Range<usize>,
    compute: impl Fn(usize) -> Result<X, InitError>,
    mut store: impl FnMut(usize, &X),
) -> Result<(), InitError> {
    for panel in panels {
        store(panel, &compute(panel)?);
    }
    Ok(())
}

/// Computes panels on rayon's current pool, some at a time, and stores them one after the other.
#[cfg(feature = "rayon")]
fn for_each_panel<X: Send>(
    panels: core::ops::Range<usize>,
    compute: impl Fn(usize) -> Result<X, InitError> + Sync,
    mut store: impl FnMut(usize, &X),
) -> Result<(), InitError> {
    use rayon::prelude::*;

    /// Of panels that are computed at a time, for each thread: their costs differ.
    const EACH: usize = 4;
    let at_once = EACH * rayon::current_num_threads();
    for first in panels.clone().step_by(at_once) {
        let some = first..panels.end.min(first + at_once);
        let computed: Vec<X> = some.clone().into_par_iter().map(&compute).collect::<Result<_, _>>()?;
        some.zip(&computed).for_each(|(panel, x)| store(panel, x));
    }
    Ok(())
}

/// Elements from `at` on of the tensor, as far as they are in the shard that begins at `offset`.
#[inline(always)]
fn copy<T: Copy>(shard: &mut [T], offset: usize, at: usize, run: &[T]) {
    let (start, end) = (at.max(offset), (at + run.len()).min(offset + shard.len()));
    if start < end {
        shard[start - offset..end - offset].copy_from_slice(&run[start - at..end - at]);
    }
}

/// The product of the reflections of a block: I - V T V^T.
struct Block<T> {
    /// The vectors in columns, from the block's first row on; below the last row zeros up to a whole tile.
    v: Vec<[T; B]>,
    /// T^-1: the upper triangle of V^T V, its diagonal halved.
    s: [[T; B]; B],
    sign: [T; B],
}

impl<T: Scalar> Block<T> {
    /// From the elements of the seed's standard normal stream from `start` on.
    fn new<const N: usize>(
        seed: Seed,
        start: u64,
        length: usize,
        reflections: usize,
    ) -> Result<Self, InitError> {
        let mut v = filled([T::zero(); B], whole_tiles(length))?;
        let drawn = v[..length].as_flattened_mut();
        Law::Normal { mean: 0.0, std_dev: 1.0 }.fill_shard(seed, start, drawn)?;
        for (i, row) in v.iter_mut().enumerate() {
            row[reflections..].fill(T::zero());
            row[reflections.min(i + 1)..].fill(T::zero());
        }
        let [mut diagonal, mut sign] = [[T::one(); B]; 2];
        for j in 0..reflections {
            let g = v[j][j];
            let own = if g < T::zero() { -T::one() } else { T::one() };
            let square = sum_of_squares(&v[..length], j);
            let norm = T::from_f64(sqrt(square));
            if length - j == 1 || norm == T::zero() {
                v.iter_mut().for_each(|row| row[j] = T::zero());
                sign[j] = own;
                continue;
            }
            let h = g + own * norm;
            v[j][j] = h;
            diagonal[j] = T::from_f64(half_norm(square, Scalar::to_f64(g), Scalar::to_f64(h)));
            sign[j] = -own;
        }
        let mut s = gram::<T, N>(&v)?;
        for (j, (row, &diagonal)) in s.iter_mut().zip(&diagonal).enumerate() {
            row[j] = diagonal;
        }
        Ok(Self { v, s, sign })
    }
}

/// Half of the squared norm of a column whose element g became h.
///
/// A call of its own: QEMU 7.2, on which the tests run s390x, is wrong where a product of two `f32` is asked for as an `f64` (MDEBR).
#[inline(never)]
fn half_norm(square: f64, g: f64, h: f64) -> f64 {
    0.5 * ((square - g * g) + h * h)
}

fn sum_of_squares<T: Scalar>(v: &[[T; B]], column: usize) -> f64 {
    let square = |row: &[T; B]| {
        let x = Scalar::to_f64(row[column]);
        x * x
    };
    v.chunks(RUN_OF_SQUARES)
        .map(|run| run.iter().map(square).fold(0.0, |sum, x| sum + x))
        .fold(0.0, |sum, x| sum + x)
}

/// V^T V.
fn gram<T: Scalar, const N: usize>(v: &[[T; B]]) -> Result<[[T; B]; B], InitError> {
    let mut s = [[T::zero(); B]; B];
    let mut x = filled([T::zero(); N], v.len())?;
    for first in (0..B).step_by(N) {
        for (x, v) in x.iter_mut().zip(v) {
            x.copy_from_slice(&v[first..first + N]);
        }
        let mut w = [[T::zero(); N]; B];
        project(v, &x, &mut w);
        for (s, w) in s.iter_mut().zip(&w) {
            s[first..first + N].copy_from_slice(w);
        }
    }
    Ok(s)
}

widest! {
    /// Columns of H_1 .. H_k from `first` on, as far as `end`, into `x` of zeros: strips of N columns, of all rows each.
    fn columns_of_product<T: Scalar, const N: usize>(
        blocks: &[Block<T>],
        first: usize,
        end: usize,
        x: &mut [[T; N]],
    ) {
        let Some(top) = blocks.first() else { return };
        let last = ((first + PANEL).min(end) - 1) / B;
        for (p, block) in blocks[..=last].iter().enumerate().rev() {
            for (strip, x) in x.chunks_exact_mut(top.v.len()).enumerate() {
                let c0 = first + strip * N;
                if c0 < end && c0 / B >= p {
                    apply(block, c0, p, &mut x[p * B..]);
                }
            }
        }
    }
}

/// A block of reflections on N columns from `c0` on, of which `x` is the rows from the block's first on.
#[inline(always)]
fn apply<T: Scalar, const N: usize>(block: &Block<T>, c0: usize, p: usize, x: &mut [[T; N]]) {
    let mut w = [[T::zero(); N]; B];
    if c0 / B == p {
        // These are still columns of the identity, and V^T of one is a row of V.
        for c in 0..N {
            let i = c0 + c - p * B;
            if let (Some(v), Some(x)) = (block.v.get(i), x.get_mut(i)) {
                x[c] = T::one();
                for (w, &v) in w.iter_mut().zip(v) {
                    w[c] = v;
                }
            }
        }
    } else {
        project(&block.v, x, &mut w);
    }
    solve(&block.s, &mut w);
    subtract(&block.v, &w, x);
}

/// V^T X.
#[inline(always)]
fn project<T: Scalar, const N: usize>(v: &[[T; B]], x: &[[T; N]], w: &mut [[T; N]; B]) {
    for (v, x) in v.chunks(RUN).zip(x.chunks(RUN)) {
        for (tile, w) in w.as_chunks_mut::<TILE>().0.iter_mut().enumerate() {
            let mut sum = [[T::zero(); N]; TILE];
            for (v, x) in v.iter().zip(x) {
                let v = &v.as_chunks::<TILE>().0[tile];
                for r in 0..TILE {
                    for c in 0..N {
                        sum[r][c] = sum[r][c] + v[r] * x[c];
                    }
                }
            }
            for r in 0..TILE {
                for c in 0..N {
                    w[r][c] = w[r][c] + sum[r][c];
                }
            }
        }
    }
}

/// T W by back substitution, from the last row up.
#[inline(always)]
#[expect(
    clippy::needless_range_loop,
    reason = "indices of fixed arrays, as in the formula, are what vectorizes"
)]
fn solve<T: Scalar, const N: usize>(s: &[[T; B]; B], w: &mut [[T; N]; B]) {
    for j in (0..B).step_by(TILE).rev() {
        let mut tile = [[T::zero(); N]; TILE];
        tile.copy_from_slice(&w[j..j + TILE]);
        for l in (j + TILE..B).rev() {
            for r in 0..TILE {
                for c in 0..N {
                    tile[r][c] = tile[r][c] - s[j + r][l] * w[l][c];
                }
            }
        }
        for r in (0..TILE).rev() {
            for c in 0..N {
                tile[r][c] = tile[r][c] / s[j + r][j + r];
            }
            for q in 0..r {
                for c in 0..N {
                    tile[q][c] = tile[q][c] - s[j + q][j + r] * tile[r][c];
                }
            }
        }
        w[j..j + TILE].copy_from_slice(&tile);
    }
}

/// X - V W.
#[inline(always)]
fn subtract<T: Scalar, const N: usize>(v: &[[T; B]], w: &[[T; N]; B], x: &mut [[T; N]]) {
    for (v, x) in v.as_chunks::<TILE>().0.iter().zip(x.as_chunks_mut::<TILE>().0) {
        let mut sum = [[T::zero(); N]; TILE];
        for j in 0..B {
            for r in 0..TILE {
                for c in 0..N {
                    sum[r][c] = sum[r][c] + v[r][j] * w[j][c];
                }
            }
        }
        for r in 0..TILE {
            for c in 0..N {
                x[r][c] = x[r][c] - sum[r][c];
            }
        }
    }
}
