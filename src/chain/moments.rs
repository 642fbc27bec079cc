//! Count, mean, variance, extremes of a stream of numbers, in one pass.

use crate::scalar::{Scalar, sqrt};
use crate::simd::widest;

/// Values that are summed together before they are merged into the whole: small enough that a block
/// stays in the first-level cache, and that its shifted sums lose nothing (see [`block_sums`]).
const BLOCK: usize = 1024;

/// Independent sums per block, so that the loop vectorises.
const LANES: usize = 16;

/// Magnitudes beyond 2^300 or below 2^-300 are brought near 1 before they are squared.
const SAFE_EXPONENT: i32 = 300;

/// Streaming statistics of numbers: count, mean, variance, root mean square, extremes, zeros, and
/// how many were not finite.
///
/// Sums are kept in `f64` whatever the scalar. Blocks of 1,024 values are summed relative to their
/// first value and merged by the update of [Chan, Golub and LeVeque (1983)](https://doi.org/10.1080/00031305.1983.10483115), so that neither a large
/// mean nor a million values spoils the variance; magnitudes beyond 2^±300 (about 1e±90) are scaled
/// by a power of two, so that squares neither overflow nor underflow. NaN and infinities are
/// counted in [`non_finite`](Moments::non_finite) and kept out of everything else. What has no
/// value, such as the mean of nothing, is `None`.
///
/// ```
/// use fanin::chain::Moments;
///
/// let moments = Moments::from_slice(&[3.0_f32, 0.0, -3.0, f32::NAN]);
/// assert_eq!(moments.count(), 3);
/// assert_eq!(moments.mean(), Some(0.0));
/// assert_eq!(moments.variance(), Some(6.0));
/// assert_eq!((moments.min(), moments.max()), (Some(-3.0), Some(3.0)));
/// assert_eq!((moments.zeros(), moments.non_finite()), (1, 1));
///
/// let tiny = Moments::from_slice(&[3e-200, -3e-200]);
/// assert_eq!(tiny.rms(), Some(3e-200)); // though 3e-200 squared is 0
///
/// let mut parts: Moments = [1.0, 2.0].into_iter().collect();
/// parts.merge(&Moments::from_slice(&[3.0]));
/// assert_eq!(parts.mean(), Some(2.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    count: u64,
    zeros: u64,
    non_finite: u64,
    min: f64,
    max: f64,
    /// Mean and sum of squared deviations of the values divided by [`Moments::scale`].
    mean: f64,
    squares: f64,
}

impl Moments {
    /// No values yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            count: 0,
            zeros: 0,
            non_finite: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            mean: 0.0,
            squares: 0.0,
        }
    }

    /// The moments of a slice: the fast way in, vectorised.
    #[must_use]
    pub fn from_slice<T: Scalar>(values: &[T]) -> Self {
        let mut moments = Self::new();
        moments.extend_from_slice(values);
        moments
    }

    /// Adds every value of a slice.
    pub fn extend_from_slice<T: Scalar>(&mut self, values: &[T]) {
        for block in values.chunks(BLOCK) {
            self.merge(&of_block(block));
        }
    }

    /// Adds what `other` has seen, as if its values had been added here (Chan, Golub and LeVeque
    /// 1983, equation 2.1).
    pub fn merge(&mut self, other: &Self) {
        self.non_finite += other.non_finite;
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = Self { non_finite: self.non_finite, ..*other };
            return;
        }
        let (before, beside) = (self.scale(), other.scale());
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        let (ours, theirs) = (before / self.scale(), beside / self.scale());

        let (n, m) = (self.count as f64, other.count as f64);
        let mean = self.mean * ours;
        let step = other.mean * theirs - mean;
        self.mean = mean + step * (m / (n + m));
        self.squares =
            self.squares * ours * ours + other.squares * theirs * theirs + step * step * (n * (m / (n + m)));
        self.count += other.count;
        self.zeros += other.zeros;
    }

    /// How many finite values.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// How many values were exactly 0 (of either sign).
    #[must_use]
    pub const fn zeros(&self) -> u64 {
        self.zeros
    }

    /// How many values were NaN or infinite.
    #[must_use]
    pub const fn non_finite(&self) -> u64 {
        self.non_finite
    }

    /// Mean of the finite values; `None` if there are none.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        self.defined(self.mean * self.scale())
    }

    /// Variance of the finite values about their own mean, divided by their count (the population
    /// form, so that `rms^2 = mean^2 + variance`). It is a square: below 1e-308 it shows as 0 and
    /// beyond 1e308 as infinite; [`std_dev`](Moments::std_dev) does not. `None` if there are no
    /// values.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        let scale = self.scale();
        self.defined(self.squares / self.count as f64 * scale * scale)
    }

    /// Square root of the variance, right wherever it is representable itself.
    #[must_use]
    pub fn std_dev(&self) -> Option<f64> {
        self.defined(sqrt(self.squares / self.count as f64) * self.scale())
    }

    /// Root of the mean square, right wherever it is representable itself.
    #[must_use]
    pub fn rms(&self) -> Option<f64> {
        self.defined(sqrt(self.scaled_mean_square()) * self.scale())
    }

    /// Natural logarithm of the mean square: right over the whole range of `f64`, where the square
    /// itself is not. Negative infinity if every value is 0; `None` if there are no values.
    #[must_use]
    pub fn ln_mean_square(&self) -> Option<f64> {
        self.defined(libm::log(self.scaled_mean_square()) + 2.0 * libm::log(self.scale()))
    }

    /// Smallest finite value.
    #[must_use]
    pub fn min(&self) -> Option<f64> {
        self.defined(self.min)
    }

    /// Largest finite value.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        self.defined(self.max)
    }

    fn scaled_mean_square(&self) -> f64 {
        self.mean * self.mean + self.squares / self.count as f64
    }

    fn defined(&self, statistic: f64) -> Option<f64> {
        (self.count > 0).then_some(statistic)
    }

    fn scale(&self) -> f64 {
        if self.count == 0 { 1.0 } else { scale_for(self.min, self.max) }
    }
}

impl Default for Moments {
    fn default() -> Self {
        Self::new()
    }
}

/// The power of two that values between `min` and `max` are divided by: 1 for all usual magnitudes.
fn scale_for(min: f64, max: f64) -> f64 {
    const BIAS: i32 = 1023;
    let magnitude = max.max(-min);
    let exponent = (magnitude.to_bits() >> 52) as i32 - BIAS;
    if magnitude == 0.0 || exponent.abs() <= SAFE_EXPONENT {
        return 1.0;
    }
    // Clamped so that the reciprocal is finite too: subnormals end up small but safe.
    f64::from_bits(((exponent.clamp(-1000, 1000) + BIAS) as u64) << 52)
}

#[derive(Debug, PartialEq)]
struct Sums {
    /// Sum of `x - shift` and of its square.
    first: f64,
    second: f64,
    min: f64,
    max: f64,
    zeros: u64,
}

widest! {
    /// [`sums`] in the widest instructions of this machine.
    fn block_sums<T: Scalar>(values: &[T], shift: T) -> Sums {
        sums(values, shift)
    }
}

/// The sums of a block relative to its first value `shift`.
///
/// The sum of squared deviations is then `second - first^2 / n`. It cancels by no more than n, the
/// length of the block: the first value is one of the n, so `(mean - shift)^2 <= n variance`.
#[inline(always)]
fn sums<T: Scalar>(values: &[T], shift: T) -> Sums {
    let mut first = [0.0; LANES];
    let mut second = [0.0; LANES];
    let mut min = [shift; LANES];
    let mut max = [shift; LANES];
    let mut zeros = [0_u32; LANES];
    let origin = shift.to_f64();

    let (lanes, rest) = values.as_chunks::<LANES>();
    for chunk in lanes {
        for i in 0..LANES {
            let deviation = chunk[i].to_f64() - origin;
            first[i] += deviation;
            second[i] += deviation * deviation;
        }
    }
    for chunk in lanes {
        for i in 0..LANES {
            let x = chunk[i];
            min[i] = if x < min[i] { x } else { min[i] };
            max[i] = if x > max[i] { x } else { max[i] };
            zeros[i] += u32::from(x == T::zero());
        }
    }
    for (i, &x) in rest.iter().enumerate() {
        let deviation = x.to_f64() - origin;
        first[i] += deviation;
        second[i] += deviation * deviation;
        min[i] = if x < min[i] { x } else { min[i] };
        max[i] = if x > max[i] { x } else { max[i] };
        zeros[i] += u32::from(x == T::zero());
    }
    Sums {
        first: first.iter().sum(),
        second: second.iter().sum(),
        min: min.iter().fold(f64::INFINITY, |a, b| a.min((*b).to_f64())),
        max: max.iter().fold(f64::NEG_INFINITY, |a, b| a.max((*b).to_f64())),
        zeros: zeros.iter().map(|&zeros| u64::from(zeros)).sum(),
    }
}

/// Moments of at most [`BLOCK`] values.
fn of_block<T: Scalar>(values: &[T]) -> Moments {
    let Some(&shift) = values.first() else { return Moments::new() };
    let sums = block_sums(values, shift);
    // A sum is finite only if each of its terms is.
    if sums.first.is_finite() && scale_for(sums.min, sums.max) == 1.0 {
        moments_from(&sums, shift.to_f64(), values.len(), 1.0)
    } else {
        of_rough_block(values)
    }
}

/// The same for a block that holds non-finite values or extreme magnitudes.
#[cold]
fn of_rough_block<T: Scalar>(values: &[T]) -> Moments {
    let mut buffer = [0.0; BLOCK];
    let mut count = 0;
    for value in values.iter().copied().filter(|value| value.is_finite()) {
        buffer[count] = value.to_f64();
        count += 1;
    }
    let non_finite = (values.len() - count) as u64;
    let finite = &mut buffer[..count];
    if finite.is_empty() {
        return Moments { non_finite, ..Moments::new() };
    }
    let min = finite.iter().copied().fold(f64::INFINITY, f64::min);
    let max = finite.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let zeros = finite.iter().filter(|&&value| value == 0.0).count() as u64;
    let scale = scale_for(min, max);
    for value in finite.iter_mut() {
        *value /= scale;
    }
    let sums = block_sums(finite, finite[0]);
    let scaled = moments_from(&sums, finite[0], count, scale);
    // Scaling may round the smallest to 0 and the extremes by an ulp; the true ones are known.
    Moments { min, max, zeros, non_finite, ..scaled }
}

fn moments_from(sums: &Sums, shift: f64, count: usize, scale: f64) -> Moments {
    let n = count as f64;
    Moments {
        count: count as u64,
        zeros: sums.zeros,
        non_finite: 0,
        min: sums.min * scale,
        max: sums.max * scale,
        mean: shift + sums.first / n,
        squares: (sums.second - sums.first * (sums.first / n)).max(0.0),
    }
}

impl<T: Scalar> Extend<T> for Moments {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        let mut block = [T::zero(); BLOCK];
        let mut values = values.into_iter();
        loop {
            let mut filled = 0;
            for (slot, value) in block.iter_mut().zip(&mut values) {
                *slot = value;
                filled += 1;
            }
            self.extend_from_slice(&block[..filled]);
            if filled < BLOCK {
                return;
            }
        }
    }
}

impl<T: Scalar> FromIterator<T> for Moments {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut moments = Self::new();
        moments.extend(values);
        moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use approx::assert_relative_eq;

    /// Unrelated to the shifted block sums: two plain passes, exact enough for the values below.
    fn two_passes(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        (mean, variance)
    }

    fn wave(count: usize) -> Vec<f64> {
        (0..count).map(|i| libm::sin(i as f64 * 0.7) + 0.1).collect()
    }

    #[track_caller]
    fn assert_near(got: Option<f64>, expected: f64, relative: f64) {
        assert_relative_eq!(got.unwrap(), expected, epsilon = 0.0, max_relative = relative);
    }

    #[test]
    fn nothing_has_no_mean() {
        let nothing = Moments::from_slice::<f32>(&[]);
        assert_eq!(nothing, Moments::default());
        for statistic in [nothing.mean(), nothing.variance(), nothing.std_dev(), nothing.rms()] {
            assert_eq!(statistic, None);
        }
        for statistic in [nothing.ln_mean_square(), nothing.min(), nothing.max()] {
            assert_eq!(statistic, None);
        }
    }

    #[test]
    fn every_length_agrees_with_two_passes() {
        for count in [1, 2, 7, 8, 9, 1023, 1024, 1025, 5000] {
            let values = wave(count);
            let (mean, variance) = two_passes(&values);
            let moments = Moments::from_slice(&values);
            assert_eq!(moments.count(), count as u64);
            assert_near(moments.mean(), mean, 1e-12);
            assert!((moments.variance().unwrap() - variance).abs() <= 1e-13, "{count}");
            assert_near(moments.rms(), sqrt(mean * mean + variance), 1e-13);
            assert_eq!(moments.min(), values.iter().copied().reduce(f64::min));
            assert_eq!(moments.max(), values.iter().copied().reduce(f64::max));
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        for count in [1, 15, 16, 17, 1000, BLOCK] {
            let wide = wave(count);
            let narrow: Vec<f32> = wide.iter().map(|&x| x as f32).collect();
            assert_eq!(block_sums(&wide, wide[0]), sums(&wide, wide[0]));
            assert_eq!(block_sums(&narrow, narrow[0]), sums(&narrow, narrow[0]));
        }
    }

    #[test]
    fn every_magnitude_agrees_with_the_unscaled() {
        let values = wave(3000);
        let unit = Moments::from_slice(&values);
        for exponent in [-1000, -664, -301, -300, -100, 100, 300, 301, 664, 1000] {
            let factor = libm::scalbn(1.0, exponent);
            let scaled: Moments = values.iter().map(|x| x * factor).collect();
            assert_near(scaled.mean(), unit.mean().unwrap() * factor, 1e-12);
            assert_near(scaled.std_dev(), unit.std_dev().unwrap() * factor, 1e-12);
            assert_near(scaled.rms(), unit.rms().unwrap() * factor, 1e-12);
            let ln = unit.ln_mean_square().unwrap() + 2.0 * f64::from(exponent) * core::f64::consts::LN_2;
            assert_near(scaled.ln_mean_square(), ln, 1e-12);
        }
        for value in [5e-324, 1e-310, f64::MIN_POSITIVE, f64::MAX] {
            assert_near(Moments::from_slice(&[value, -value]).rms(), value, 1e-15);
        }
        for value in [1e-45_f32, 1e-30, 1e30, f32::MAX] {
            assert_near(Moments::from_slice(&[value, -value, value]).rms(), f64::from(value), 1e-15);
        }
    }

    #[test]
    fn a_million_values_far_from_zero_keep_their_variance() {
        let moments: Moments = (0..1_000_000).map(|i| 1e8 + f64::from(i % 2)).collect();
        assert_near(moments.mean(), 1e8 + 0.5, 1e-15);
        assert_near(moments.variance(), 0.25, 1e-12);
        // The textbook formula, E x^2 - (E x)^2, is the planted fault: it fails here.
        let (sum, squares) = (0..1_000_000).fold((0.0, 0.0), |(sum, squares), i| {
            let x = 1e8 + f64::from(i % 2);
            (sum + x, squares + x * x)
        });
        let textbook: f64 = squares / 1e6 - (sum / 1e6) * (sum / 1e6);
        assert!((textbook - 0.25).abs() > 0.1, "{textbook}");
    }

    #[test]
    fn an_outlier_in_front_is_the_worst_shift_and_does_no_harm() {
        let mut values = wave(1024);
        values[0] = 1e12;
        let (_, variance) = two_passes(&values);
        assert_near(Moments::from_slice(&values).variance(), variance, 1e-12);
        values[0] = 50.0;
        let (_, variance) = two_passes(&values);
        assert_near(Moments::from_slice(&values).variance(), variance, 1e-12);
    }

    #[test]
    fn magnitudes_far_apart_merge() {
        for (a, b) in [(1e-200, 1.0), (1e-200, 1e200), (0.0, 1e-200), (1e-320, 1e308)] {
            for (a, b) in [(a, b), (b, a)] {
                let mut merged = Moments::from_slice(&[a, a]);
                merged.merge(&Moments::from_slice(&[b, -b]));
                let expected = f64::max(a, b) * core::f64::consts::FRAC_1_SQRT_2;
                assert_near(merged.rms(), expected, 1e-15);
            }
        }
    }

    #[test]
    fn what_is_not_finite_is_counted_and_kept_out() {
        let mut values = wave(4000);
        let finite = Moments::from_slice(&values);
        for (place, value) in
            [(0, f64::NAN), (1500, f64::INFINITY), (1501, f64::NEG_INFINITY), (4001, f64::NAN)]
        {
            values.insert(place, value);
        }
        let moments = Moments::from_slice(&values);
        assert_eq!((moments.count(), moments.non_finite()), (4000, 4));
        assert_near(moments.mean(), finite.mean().unwrap(), 1e-13);
        assert_near(moments.variance(), finite.variance().unwrap(), 1e-13);

        let hopeless = Moments::from_slice(&[f32::NAN; 3000]);
        assert_eq!((hopeless.count(), hopeless.non_finite()), (0, 3000));
        assert_eq!(hopeless.rms(), None);
    }

    #[test]
    fn zeros_of_both_signs_count() {
        assert_eq!(Moments::from_slice(&[0.0, -0.0, 1e-300, 5e-324, 1.0]).zeros(), 2);
        assert_eq!(Moments::from_slice(&[0.0_f32; 100]).rms(), Some(0.0));
        assert_eq!(Moments::from_slice(&[0.0_f32; 100]).ln_mean_square(), Some(f64::NEG_INFINITY));
    }
}
