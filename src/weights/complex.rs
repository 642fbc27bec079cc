//! Complex numbers of num-complex.

use num_complex::Complex;

use super::{Fill, InitError, Scalar, Weights};

/// Numbers that are filled at once: a block of the stream.
const SCRATCH: usize = 4096 / 2;

/// The real part, then the imaginary one, as [`ComplexScaling`](crate::ComplexScaling) draws them.
impl<T: Scalar> Weights<T> for Complex<T> {
    fn for_each_chunk(&mut self, fill: Fill<'_, T>) -> Result<(), InitError> {
        Self::for_each_chunk_of(core::slice::from_mut(self), fill)
    }

    fn count(&self) -> usize {
        2
    }

    fn for_each_chunk_of(items: &mut [Self], fill: Fill<'_, T>) -> Result<(), InitError> {
        let mut scratch = alloc::vec![T::zero(); 2 * SCRATCH.min(items.len())];
        items.chunks_mut(SCRATCH).try_for_each(|chunk| {
            let parts = &mut scratch[..2 * chunk.len()];
            fill(parts)?;
            let parts = parts.as_chunks::<2>().0;
            chunk.iter_mut().zip(parts).for_each(|(number, &[re, im])| *number = Complex::new(re, im));
            Ok(())
        })
    }
}
