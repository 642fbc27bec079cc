//! Shapes that initializers own: how long the tensor is, and where a shard lies in it.

use alloc::vec::Vec;

use super::InitError;
use crate::fan::product;
use crate::stream::MAX_LEN;

/// The number of elements of a tensor of this shape.
pub(super) fn checked_len(shape: &[usize]) -> Result<usize, InitError> {
    match product("the number of elements", shape) {
        (len, None) => Ok(len),
        (_, Some(flaw)) => Err(flaw.into()),
    }
}

/// That a shard ends where the longest tensor of a stream does, or before.
pub(super) fn check_end(offset: u64, length: usize) -> Result<(), InitError> {
    let length = length as u64;
    if offset.checked_add(length).is_none_or(|end| end > MAX_LEN) {
        return Err(InitError::TensorTooLong { offset, length });
    }
    Ok(())
}

/// Where a shard of `length` elements at `offset` starts, which must end within the `tensor` elements and the stream.
pub(super) fn checked_start(offset: u64, length: usize, tensor: usize) -> Result<usize, InitError> {
    let ends_inside = |start: &usize| start.checked_add(length).is_some_and(|end| end <= tensor);
    let start = usize::try_from(offset).ok().filter(ends_inside).ok_or(InitError::ShardOutOfTensor {
        offset,
        length: length as u64,
        tensor: tensor as u64,
    })?;
    // Here, so that no part of the shard is filled before another part finds it.
    check_end(offset, length)?;
    Ok(start)
}

/// A vector of one value, or an error where there is no memory for it.
pub(super) fn filled<X: Copy>(value: X, count: usize) -> Result<Vec<X>, InitError> {
    let mut vector = Vec::new();
    let bytes = count.saturating_mul(size_of::<X>()) as u64;
    vector.try_reserve_exact(count).map_err(|_| InitError::OutOfMemory { bytes })?;
    vector.resize(count, value);
    Ok(vector)
}
