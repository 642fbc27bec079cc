//! Matrices whose columns are contiguous, filled in tiles of rows.

use alloc::vec::Vec;

use super::{Fill, InitError, Scalar};

/// Elements of a tile: what second-level caches hold.
const TILE: usize = 1 << 17;

/// Columns from which a row of a tile is drawn by itself, and apart from the next by more than a power of two: rows that are a
/// power of two apart would share the sets of the cache.
const WIDE: usize = 1024;
const APART: usize = 16;

/// Columns that are written side by side, from lines of the tile that are in the first-level cache.
const SIDE_BY_SIDE: usize = 16;

/// Calls `fill` with the elements of a matrix in row-major order, a tile of rows at a time, and `put` with each column's part of a tile:
/// the column, its first row, and the elements from there on.
pub(super) fn for_each_tile<T: Scalar>(
    [rows, cols]: [usize; 2],
    fill: Fill<'_, T>,
    mut put: impl FnMut(usize, usize, &[T]),
) -> Result<(), InitError> {
    if rows == 0 || cols == 0 {
        return Ok(());
    }
    let (stride, height) =
        if cols >= WIDE { (cols + APART, (TILE / cols).max(1)) } else { (cols, TILE / cols) };
    let height = height.min(rows);
    let mut tile: Vec<T> = alloc::vec![T::zero(); height * stride];
    let mut segment: Vec<T> = alloc::vec![T::zero(); height * SIDE_BY_SIDE];
    for first in (0..rows).step_by(height) {
        let height = height.min(rows - first);
        if stride == cols {
            fill(&mut tile[..height * cols])?;
        } else {
            tile.chunks_mut(stride).take(height).try_for_each(|row| fill(&mut row[..cols]))?;
        }
        for left in (0..cols).step_by(SIDE_BY_SIDE) {
            let width = SIDE_BY_SIDE.min(cols - left);
            for (i, row) in tile.chunks(stride).take(height).enumerate() {
                for (j, &value) in row[left..left + width].iter().enumerate() {
                    segment[j * height + i] = value;
                }
            }
            for (j, values) in segment.chunks(height).take(width).enumerate() {
                put(left + j, first, values);
            }
        }
    }
    Ok(())
}
