//! `Inputs`: the lengths of a batch's samples and the angles between them.

use alloc::vec;
use alloc::vec::Vec;

use super::TheoryError;
use crate::chain::{Likeness, Moments, mean_cosine};
use crate::scalar::Scalar;

/// Mean squares are gathered into at most this many groups of like ones, cosines into so many.
const LENGTHS: usize = 16;
const ANGLES: usize = 4;

/// Angles are taken between this many samples at most, spread over the batch.
const DIRECTIONS: usize = 64;

/// The lengths of a batch's samples and the angles between them: all that theory knows of inputs.
///
/// ```
/// use fanin::theory::Inputs;
///
/// let inputs = Inputs::from_batch(&[1.0_f32, 1.0, 3.0, -1.0], 2)?;
/// assert!((inputs.mean_square() - 3.0).abs() < 1e-12); // of 1 and 5
/// assert!((inputs.cosine().unwrap() - 0.2_f64.sqrt()).abs() < 1e-12);
///
/// // Standardised inputs that have nothing to do with each other.
/// assert_eq!(Inputs::alike(1.0, 0.0)?.mean_square(), 1.0);
/// # Ok::<(), fanin::theory::TheoryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Inputs {
    /// (mean square, share of the samples), ascending.
    pub(super) lengths: Vec<(f64, f64)>,
    /// The same with the geometric mean of each group.
    geometric: Vec<(f64, f64)>,
    /// Mean over samples of sum x^4 / (sum x^2)^2: 1 over the number of inputs that count.
    participation: f64,
    /// (cosine, share of the pairs), ascending; empty for a single sample.
    pub(super) cosines: Vec<(f64, f64)>,
    likeness: Likeness,
    /// The number of samples.
    pub(super) samples: usize,
}

impl Inputs {
    /// The samples of a `[samples, width]` batch, row after row. More than 16 of them are gathered into 16
    /// groups of like mean square, the angles between them into 4 groups.
    ///
    /// # Errors
    /// [`TheoryError::NoSamples`] for an empty batch or a width of 0, [`TheoryError::Mismatch`] for a last
    /// row that is not whole, [`TheoryError::OutOfRange`] for a value that is not finite or whose square
    /// leaves the range of `f64`.
    pub fn from_batch<T: Scalar>(batch: &[T], width: usize) -> Result<Self, TheoryError> {
        if batch.is_empty() || width == 0 {
            return Err(TheoryError::NoSamples);
        }
        if !batch.len().is_multiple_of(width) {
            let found = batch.len() % width;
            return Err(TheoryError::Mismatch { what: "values in the last sample", expected: width, found });
        }
        let rows: Vec<&[T]> = batch.chunks(width).collect();
        let mean_square = |row: &&[T]| match Moments::from_slice(row) {
            row if row.non_finite() > 0 => f64::NAN,
            row => row.rms().map_or(f64::NAN, |rms| rms * rms),
        };
        let lengths: Vec<f64> = rows.iter().map(mean_square).collect();
        if let Some(&value) = lengths.iter().find(|length| !length.is_finite()) {
            return Err(TheoryError::OutOfRange { parameter: "mean square of a sample", value });
        }
        let spread: Vec<&[T]> = rows.iter().copied().step_by(rows.len().div_ceil(DIRECTIONS)).collect();
        let mut cosines = Vec::new();
        for (i, a) in spread.iter().enumerate() {
            cosines.extend(spread[..i].iter().filter_map(|b| mean_cosine(&[*a, *b].concat(), width)));
        }
        let mut cosines = grouped(cosines, ANGLES);
        // The mean is that of all samples.
        let off = mean_cosine(batch, width).map_or(0.0, |all| all - mean(&cosines));
        cosines.iter_mut().for_each(|(cosine, _)| *cosine = (*cosine + off).clamp(-1.0, 1.0));
        let live: Vec<&&[T]> =
            rows.iter().zip(&lengths).filter(|(_, l)| **l > 0.0).map(|(row, _)| row).collect();
        let participation = live.iter().map(|row| participation(row)).sum::<f64>() / live.len().max(1) as f64;
        let logs = grouped(lengths.iter().map(|length| libm::log(*length)).collect(), LENGTHS);
        Ok(Self {
            lengths: grouped(lengths, LENGTHS),
            geometric: logs.into_iter().map(|(ln, share)| (libm::exp(ln), share)).collect(),
            participation,
            cosines,
            likeness: Likeness::from_rows(batch, width),
            samples: rows.len(),
        })
    }

    /// One sample of this mean square, or [several](Inputs::samples) that, pair by pair, have this cosine.
    ///
    /// # Errors
    /// [`TheoryError::OutOfRange`] for a mean square that is negative or not finite, a cosine that is not
    /// between -1 and 1.
    pub fn alike(mean_square: f64, cosine: f64) -> Result<Self, TheoryError> {
        if !(mean_square >= 0.0 && mean_square.is_finite()) {
            return Err(TheoryError::OutOfRange { parameter: "mean square of a sample", value: mean_square });
        }
        if !(-1.0..=1.0).contains(&cosine) {
            return Err(TheoryError::OutOfRange { parameter: "cosine between samples", value: cosine });
        }
        let likeness = Likeness { mean: cosine, square: cosine * cosine, triple: cosine * cosine * cosine };
        let lengths = vec![(mean_square, 1.0)];
        Ok(Self {
            geometric: lengths.clone(),
            lengths,
            participation: 0.0,
            cosines: vec![(cosine, 1.0)],
            likeness,
            samples: 1,
        })
    }

    /// The same for a batch of this many samples: their mean varies less over draws of the weights than one sample does,
    /// which makes the [`Band`](super::Band) narrower.
    ///
    /// # Errors
    /// [`TheoryError::NoSamples`] for 0.
    pub fn samples(self, samples: usize) -> Result<Self, TheoryError> {
        if samples == 0 { Err(TheoryError::NoSamples) } else { Ok(Self { samples, ..self }) }
    }

    /// E x^2, over samples and inputs.
    #[must_use]
    pub fn mean_square(&self) -> f64 {
        mean(&self.lengths)
    }

    /// The mean cosine between two samples; `None` for a batch of a single one, or if no two have a direction.
    #[must_use]
    pub fn cosine(&self) -> Option<f64> {
        (!self.cosines.is_empty()).then(|| mean(&self.cosines))
    }

    /// How alike different samples are.
    pub(crate) const fn likeness(&self) -> Likeness {
        self.likeness
    }

    /// 1 over the number of inputs of a sample that count, as long ones do: sum x^4 / (sum x^2)^2. 0 where it is not known.
    pub(crate) const fn participation(&self) -> f64 {
        self.participation
    }

    /// The mean over samples of a function of the logarithm of their mean square, exact where it is linear.
    pub(crate) fn mean_over_logarithms(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.geometric.iter().map(|&(length, share)| share * f(libm::log(length))).sum()
    }
}

fn participation<T: Scalar>(row: &[T]) -> f64 {
    let largest = row.iter().map(|&x| Scalar::to_f64(x).abs()).fold(0.0, f64::max);
    let squares = row.iter().map(|&x| {
        let x = Scalar::to_f64(x) / largest;
        x * x
    });
    let (square, fourth) = squares.fold((0.0, 0.0), |(sum, fourth), x| (sum + x, fourth + x * x));
    fourth / (square * square)
}

fn mean(groups: &[(f64, f64)]) -> f64 {
    groups.iter().map(|(value, share)| value * share).sum()
}

/// (mean, share of the values) of at most `groups` groups of like values.
fn grouped(mut values: Vec<f64>, groups: usize) -> Vec<(f64, f64)> {
    values.sort_by(f64::total_cmp);
    let count = values.len();
    let groups = count.min(groups);
    let mut means = vec![(0.0, 0.0); groups];
    for (i, value) in values.into_iter().enumerate() {
        let (mean, members) = &mut means[i * groups / count];
        *members += 1.0;
        *mean += (value - *mean) / *members;
    }
    means.into_iter().map(|(mean, members)| (mean, members / count as f64)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_keep_means_and_shares() {
        let groups = grouped((0..100).map(f64::from).collect(), 16);
        assert_eq!(groups.len(), 16);
        assert!((groups.iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-15);
        assert!((mean(&groups) - 49.5).abs() < 1e-12);
        assert_eq!(grouped(vec![2.0, 1.0], 16), [(1.0, 0.5), (2.0, 0.5)]);
        assert_eq!(grouped(vec![], 16), []);
    }

    #[test]
    fn what_is_no_batch() {
        assert_eq!(Inputs::from_batch::<f32>(&[], 3), Err(TheoryError::NoSamples));
        assert_eq!(Inputs::from_batch(&[1.0], 0), Err(TheoryError::NoSamples));
        assert_eq!(Inputs::alike(1.0, 0.0).unwrap().samples(0), Err(TheoryError::NoSamples));
        assert!(matches!(
            Inputs::from_batch(&[1.0; 5], 3),
            Err(TheoryError::Mismatch { expected: 3, found: 2, .. })
        ));
        for value in [f64::NAN, f64::INFINITY, 1e200] {
            assert!(
                matches!(Inputs::from_batch(&[1.0, value], 2), Err(TheoryError::OutOfRange { .. })),
                "{value}"
            );
        }
        assert_eq!(Inputs::from_batch(&[1.0, 2.0], 2).unwrap().cosine(), None);
        assert_eq!(Inputs::from_batch(&[0.0, 0.0], 1).unwrap().cosine(), None);
        for (mean_square, cosine) in
            [(-1.0, 0.0), (f64::NAN, 0.0), (f64::INFINITY, 0.0), (1.0, 1.1), (1.0, f64::NAN)]
        {
            assert!(Inputs::alike(mean_square, cosine).is_err());
        }
    }
}
