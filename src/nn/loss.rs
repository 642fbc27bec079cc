//! What a network is judged by.

use ndarray::{Array2, ArrayRef2, ArrayView1, ArrayView2};

use super::NnError;
use crate::Scalar;

/// A loss, as a mean over the batch, and its gradient with respect to the network's outputs. Sums
/// are kept in `f64`.
///
/// ```
/// use fanin::nn::Loss;
/// use ndarray::array;
///
/// let outputs = array![[1.0, 2.0], [3.0, 5.0]];
/// let mse = Loss::MeanSquaredError.value(&outputs, &array![[1.0, 2.0], [3.0, 3.0]])?;
/// assert_eq!(mse, 1.0); // (0 + 0 + 0 + 4) / 4
///
/// let certain = array![[1e4, -1e4]]; // exp(1e4) is beyond f64
/// assert_eq!(Loss::SoftmaxCrossEntropy.value(&certain, &[0])?, 0.0);
/// assert_eq!(Loss::SoftmaxCrossEntropy.value(&certain, &[1])?, 2e4);
/// # Ok::<(), fanin::nn::NnError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Loss {
    /// sum (y - t)^2 / (samples * outputs), a mean over all elements as PyTorch's `MSELoss` takes
    /// it. Class labels stand for one-hot rows.
    MeanSquaredError,
    /// -sum t ln softmax(y) / samples on unnormalised outputs (logits), as PyTorch's
    /// `CrossEntropyLoss` takes it. Computed as log-sum-exp relative to the largest logit, so that
    /// no logit is too large. Values as targets are class probabilities, one row per sample.
    SoftmaxCrossEntropy,
}

impl Loss {
    /// The loss of `outputs`, `[samples, outputs]`.
    ///
    /// # Errors
    /// An empty batch; targets of another number or width; a label that is no class.
    pub fn value<'a, T: Scalar>(
        self,
        outputs: &ArrayRef2<T>,
        targets: impl Into<Target<'a, T>>,
    ) -> Result<f64, NnError> {
        let targets = targets.into();
        targets.check(outputs.dim())?;
        let mut sum = 0.0;
        for (i, row) in outputs.rows().into_iter().enumerate() {
            sum += match self {
                Self::MeanSquaredError => {
                    let error = |(j, y): (usize, &T)| wide(y) - targets.at(i, j);
                    row.iter().enumerate().map(error).map(|error| error * error).sum::<f64>()
                }
                Self::SoftmaxCrossEntropy => {
                    let Exponentials { largest, others } = Exponentials::of(row);
                    // A class of probability 0 on both sides costs nothing; NaN gets through by
                    // `others`.
                    let term = |(j, y): (usize, &T)| match targets.at(i, j) {
                        0.0 => 0.0,
                        t => t * (others.ln_1p() + (largest - wide(y))),
                    };
                    row.iter().enumerate().map(term).sum::<f64>() + 0.0 * others
                }
            };
        }
        Ok(sum / self.divisor(outputs.dim()))
    }

    /// dL/dy of [`value`](Loss::value), `[samples, outputs]`; it carries the mean's factor
    /// 1/samples.
    ///
    /// # Errors
    /// As [`value`](Loss::value).
    pub fn gradient<'a, T: Scalar>(
        self,
        outputs: &ArrayRef2<T>,
        targets: impl Into<Target<'a, T>>,
    ) -> Result<Array2<T>, NnError> {
        let targets = targets.into();
        targets.check(outputs.dim())?;
        let mut gradient = Array2::zeros(outputs.dim());
        self.gradient_into(outputs, &targets, &mut gradient);
        Ok(gradient)
    }

    /// The gradient into a buffer of the outputs' shape, for targets that were checked.
    pub(super) fn gradient_into<T: Scalar>(
        self,
        outputs: &ArrayRef2<T>,
        targets: &Target<'_, T>,
        gradient: &mut ArrayRef2<T>,
    ) {
        let divisor = self.divisor(outputs.dim());
        for (i, (row, mut slopes)) in outputs.rows().into_iter().zip(gradient.rows_mut()).enumerate() {
            let slopes = slopes.iter_mut().zip(&row).enumerate();
            match self {
                Self::MeanSquaredError => {
                    slopes.for_each(|(j, (slope, y))| {
                        *slope = T::from_f64(2.0 * (wide(y) - targets.at(i, j)) / divisor);
                    });
                }
                Self::SoftmaxCrossEntropy => {
                    let Exponentials { largest, others } = Exponentials::of(row);
                    let mass: f64 = (0..row.len()).map(|j| targets.at(i, j)).sum();
                    slopes.for_each(|(j, (slope, y))| {
                        let probability = (wide(y) - largest).exp() / (1.0 + others);
                        *slope = T::from_f64((mass * probability - targets.at(i, j)) / divisor);
                    });
                }
            }
        }
    }

    fn divisor(self, (samples, outputs): (usize, usize)) -> f64 {
        match self {
            Self::MeanSquaredError => samples as f64 * outputs as f64,
            Self::SoftmaxCrossEntropy => samples as f64,
        }
    }
}

/// A row of logits, ready for softmax: sum exp y = exp(largest) (1 + others).
struct Exponentials {
    largest: f64,
    /// Without the largest's own 1, beside which small probabilities would lose their digits.
    others: f64,
}

impl Exponentials {
    fn of<T: Scalar>(row: ArrayView1<'_, T>) -> Self {
        let largest = row.iter().map(wide).fold(f64::NEG_INFINITY, f64::max);
        let own = row.iter().position(|y| wide(y) == largest);
        let others = row.iter().enumerate().filter(|&(j, _)| Some(j) != own);
        Self { largest, others: others.map(|(_, y)| (wide(y) - largest).exp()).sum() }
    }
}

fn wide<T: Scalar>(value: &T) -> f64 {
    Scalar::to_f64(*value)
}

/// What the outputs should be: class labels, or values of the outputs' shape. Made by `Into` from
/// `&[usize]`, `&Vec<usize>`, `&[usize; N]`, `&Array2<T>` and `ArrayView2<T>`.
///
/// ```
/// use fanin::nn::Target;
/// use ndarray::array;
///
/// let labels: Target<f32> = (&[2, 0, 1]).into();
/// assert_eq!(labels.samples(), 3);
/// let values = array![[0.5_f32, 0.5]];
/// assert_eq!(Target::from(&values).samples(), 1);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Target<'a, T> {
    /// One class per sample, the index of an output.
    Labels(&'a [usize]),
    /// `[samples, outputs]`.
    Values(ArrayView2<'a, T>),
}

impl<T> Target<'_, T> {
    /// How many samples there are targets for.
    #[must_use]
    pub fn samples(&self) -> usize {
        match self {
            Self::Labels(labels) => labels.len(),
            Self::Values(values) => values.nrows(),
        }
    }

    pub(super) fn check(&self, (samples, outputs): (usize, usize)) -> Result<(), NnError> {
        if samples == 0 {
            return Err(NnError::EmptyBatch);
        }
        if self.samples() != samples {
            return Err(NnError::Targets { expected: samples, found: self.samples() });
        }
        match self {
            Self::Labels(labels) => match labels.iter().position(|&label| label >= outputs) {
                Some(sample) => Err(NnError::Label { sample, label: labels[sample], classes: outputs }),
                None => Ok(()),
            },
            Self::Values(values) if values.ncols() != outputs => {
                Err(NnError::Outputs { expected: outputs, found: values.ncols() })
            }
            Self::Values(_) => Ok(()),
        }
    }
}

impl<T: Scalar> Target<'_, T> {
    /// The target of one output: of a label, its one-hot row.
    fn at(&self, sample: usize, output: usize) -> f64 {
        match self {
            Self::Labels(labels) => f64::from(u8::from(labels[sample] == output)),
            Self::Values(values) => Scalar::to_f64(values[[sample, output]]),
        }
    }
}

impl<'a, T> From<&'a [usize]> for Target<'a, T> {
    fn from(labels: &'a [usize]) -> Self {
        Self::Labels(labels)
    }
}

impl<'a, T> From<&'a Vec<usize>> for Target<'a, T> {
    fn from(labels: &'a Vec<usize>) -> Self {
        Self::Labels(labels)
    }
}

impl<'a, T, const N: usize> From<&'a [usize; N]> for Target<'a, T> {
    fn from(labels: &'a [usize; N]) -> Self {
        Self::Labels(labels)
    }
}

impl<'a, T> From<&'a Array2<T>> for Target<'a, T> {
    fn from(values: &'a Array2<T>) -> Self {
        Self::Values(values.view())
    }
}

impl<'a, T> From<ArrayView2<'a, T>> for Target<'a, T> {
    fn from(values: ArrayView2<'a, T>) -> Self {
        Self::Values(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use ndarray::array;

    #[test]
    fn softmax_is_exact_at_huge_logits() {
        let loss = Loss::SoftmaxCrossEntropy;
        for shift in [0.0, 1e4, -1e4, 1e300] {
            let tie = array![[shift, shift]];
            let value = loss.value(&tie, &[0]).unwrap();
            assert_relative_eq!(value, std::f64::consts::LN_2, epsilon = 0.0, max_relative = 1e-15);
            assert_eq!(loss.gradient(&tie, &[0]).unwrap(), array![[-0.5, 0.5]]);
        }
        let sure = array![[1e4_f32, 0.0, -1e4]];
        assert_eq!(loss.value(&sure, &[0]).unwrap(), 0.0);
        assert_eq!(loss.value(&sure, &[2]).unwrap(), 2e4);
        assert_eq!(loss.gradient(&sure, &[2]).unwrap(), array![[1.0, 0.0, -1.0]]);
        // A small probability keeps its digits: 1 - p of the naive form would be 0.
        let value = loss.value(&array![[40.0, 0.0]], &[0]).unwrap();
        assert_relative_eq!(value, (-40.0_f64).exp().ln_1p(), epsilon = 0.0, max_relative = 1e-12);
    }

    #[test]
    fn what_is_not_a_number_stays_so() {
        for loss in [Loss::MeanSquaredError, Loss::SoftmaxCrossEntropy] {
            assert!(loss.value(&array![[f64::NAN, 0.0]], &[1]).unwrap().is_nan());
            assert!(
                loss.gradient(&array![[f64::NAN, 0.0]], &[1]).unwrap()[[0, 1]].is_nan()
                    || loss == Loss::MeanSquaredError
            );
        }
        let impossible = Loss::SoftmaxCrossEntropy.value(&array![[0.0, f64::NEG_INFINITY]], &[0]);
        assert_eq!(impossible, Ok(0.0));
    }

    #[test]
    fn labels_stand_for_one_hot_rows() {
        let outputs = array![[0.1_f32, 0.7, -0.3], [1.0, -1.0, 0.5]];
        let values = array![[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]];
        for loss in [Loss::MeanSquaredError, Loss::SoftmaxCrossEntropy] {
            assert_eq!(loss.value(&outputs, &[2, 0]), loss.value(&outputs, &values));
            assert_eq!(loss.gradient(&outputs, &[2, 0]), loss.gradient(&outputs, &values));
        }
    }

    #[test]
    fn targets_that_do_not_fit_are_errors() {
        let outputs = Array2::<f32>::zeros((2, 3));
        let value = |targets: Target<'_, f32>| Loss::MeanSquaredError.value(&outputs, targets).unwrap_err();
        assert_eq!(value((&[0]).into()), NnError::Targets { expected: 2, found: 1 });
        assert_eq!(value((&[0, 3]).into()), NnError::Label { sample: 1, label: 3, classes: 3 });
        let narrow = Array2::zeros((2, 2));
        assert_eq!(value((&narrow).into()), NnError::Outputs { expected: 3, found: 2 });
        let empty = Array2::<f32>::zeros((0, 3));
        assert_eq!(Loss::MeanSquaredError.value(&empty, &[]), Err(NnError::EmptyBatch));
    }
}
