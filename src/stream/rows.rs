//! The rows of a block, as many at a time as the machine's SIMD width holds.

use super::lanes::Lanes;
use super::{Drawn, Kernel, ROWS, Words};
use crate::simd::widest;

widest! {
    /// Fills the elements of a block from place `start` on.
    pub(super) fn fill_block<T, K>(kernel: &K, lanes: Lanes, start: usize, out: &mut [T])
    where
        T: Drawn,
        K: Kernel<T::From>,
    {
        rows(kernel, lanes, start, out);
    }
}

#[inline(always)]
fn rows<T, K>(kernel: &K, mut lanes: Lanes, start: usize, mut out: &mut [T])
where
    T: Drawn,
    K: Kernel<T::From>,
{
    let mut next = || [T::From::next_row(&mut lanes), T::From::next_row(&mut lanes)];
    for _ in 0..start / ROWS {
        next();
    }
    let mut buffer = [T::zero(); ROWS];
    let skip = start % ROWS;
    if skip > 0 {
        let (first, rest) = out.split_at_mut(out.len().min(ROWS - skip));
        T::draw(kernel, &next(), &mut buffer);
        first.copy_from_slice(&buffer[skip..skip + first.len()]);
        out = rest;
    }
    let (whole, last) = out.as_chunks_mut();
    for chunk in whole {
        T::draw(kernel, &next(), chunk);
    }
    if !last.is_empty() {
        T::draw(kernel, &next(), &mut buffer);
        last.copy_from_slice(&buffer[..last.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::lanes::BlockSeeder;
    #[cfg(feature = "complex")]
    use super::super::{Complex, Modulus};
    use super::super::{InverseSoftplusLogUniform, LogUniform, Normal, Recipe, TruncatedNormal, Uniform};
    use super::*;
    use crate::scalar::Scalar;
    use crate::seed::Seed;

    crate::simd::second_widest! {
        fn fill_block_avx2<T, K>(kernel: &K, lanes: Lanes, start: usize, out: &mut [T])
        where
            T: Drawn,
            K: Kernel<T::From>,
        {
            rows(kernel, lanes, start, out);
        }
    }

    fn all_paths_agree<T: Scalar + Drawn>(recipe: &impl Recipe) {
        let kernel = recipe.kernel::<T>();
        for (start, len) in [(0, 4096), (0, 1), (1, 30), (31, 2), (4095, 1), (77, 1000), (16, 33), (4000, 96)]
        {
            let lanes = BlockSeeder::new(Seed::from(3), 1 << 50).next_block();
            let [mut baseline, mut avx2, mut widest] = [(); 3].map(|()| alloc::vec![T::zero(); len]);
            rows(&kernel, lanes, start, &mut baseline);
            fill_block_avx2(&kernel, lanes, start, &mut avx2);
            fill_block(&kernel, lanes, start, &mut widest);
            assert_eq!(baseline, avx2, "avx2 {} {start} {len}", T::NAME);
            assert_eq!(baseline, widest, "widest {} {start} {len}", T::NAME);
        }
    }

    #[test]
    fn every_path_gives_the_same_bits() {
        fn both(recipe: &impl Recipe) {
            all_paths_agree::<f32>(recipe);
            all_paths_agree::<f64>(recipe);
            #[cfg(feature = "half")]
            all_paths_agree::<half::f16>(recipe);
            #[cfg(feature = "half")]
            all_paths_agree::<half::bf16>(recipe);
        }
        both(&Uniform { low: -0.1, high: 0.3 });
        both(&Normal { mean: 0.1, std_dev: 2.0 });
        both(&TruncatedNormal { mean: 0.0, std_dev: 0.5, low: -1.0, high: 1.0 });
        both(&TruncatedNormal { mean: 0.0, std_dev: 0.5, low: -1.0, high: f64::INFINITY });
        #[cfg(feature = "complex")]
        for modulus in [Modulus::Normal, Modulus::Disk, Modulus::TruncatedNormal] {
            both(&Complex { modulus, scale: 0.7 });
        }
        both(&LogUniform { low: 0.01, high: 10.0 });
        both(&InverseSoftplusLogUniform { low: 0.001, high: 5.0 });
    }
}
