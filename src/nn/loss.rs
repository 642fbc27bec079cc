//! Losses: what a network is judged by.

use super::NnError;
use super::targets::{Row, Target};
use crate::scalar::Scalar;

/// A loss, as a mean over the batch. Sums are kept in `f64`.
///
/// ```
/// use fanin::Activation;
/// use fanin::nn::{Loss, Network, NnError};
///
/// // Outputs (x, 2 x).
/// let mut net = Network::<f64>::new(1).dense(2, Activation::Identity);
/// net.weight_mut(0).copy_from_slice(&[1.0, 2.0]);
/// let mse = net.loss(&[1.0, 2.5], &[[1.0, 2.0], [2.5, 3.0]], Loss::MeanSquaredError)?;
/// assert_eq!(mse, 1.0); // (0 + 0 + 0 + 4) / 4
///
/// let sure = [-1e4]; // exp(1e4) is beyond f64
/// assert_eq!(net.loss(&sure, &[0], Loss::SoftmaxCrossEntropy)?, 0.0);
/// assert_eq!(net.loss(&sure, &[1], Loss::SoftmaxCrossEntropy)?, 1e4);
///
/// let error = net.loss(&sure, &[[1.5, -0.5]], Loss::SoftmaxCrossEntropy).unwrap_err();
/// assert_eq!(error, NnError::NegativeProbability { sample: 0, output: 1, value: -0.5 });
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
    /// no logit is too large. Values as targets are class probabilities, one row per sample, none
    /// of them negative; that they add up to 1 is not asked for.
    SoftmaxCrossEntropy,
}

impl Loss {
    /// Whether these are targets for `[samples, outputs]` that this loss can be taken of.
    pub(super) fn check<T: Scalar>(
        self,
        targets: &Target<'_, T>,
        samples: usize,
        outputs: usize,
    ) -> Result<(), NnError> {
        targets.check(samples, outputs)?;
        let (Self::SoftmaxCrossEntropy, Target::Values(values, _)) = (self, targets) else {
            return Ok(());
        };
        match values.iter().position(|&value| value < T::zero()) {
            Some(at) => {
                let (sample, output) = (at / outputs, at % outputs);
                Err(NnError::NegativeProbability { sample, output, value: Scalar::to_f64(values[at]) })
            }
            None => Ok(()),
        }
    }

    /// The loss of outputs in rows of `width`, for targets that were checked.
    pub(super) fn value<T: Scalar>(self, outputs: &[T], width: usize, targets: &Target<'_, T>) -> f64 {
        let mut sum = 0.0;
        for (i, row) in outputs.chunks_exact(width).enumerate() {
            let target = targets.row(i, width);
            sum += match self {
                Self::MeanSquaredError => {
                    let error = |(j, y): (usize, &T)| wide(y) - target.at(j);
                    row.iter().enumerate().map(error).map(|error| error * error).sum::<f64>()
                }
                Self::SoftmaxCrossEntropy => {
                    let Exponentials { largest, others } = Exponentials::from_row(row);
                    // A class of probability 0 on both sides costs nothing; NaN gets through by
                    // `others`.
                    let term = |(j, y): (usize, &T)| match target.at(j) {
                        0.0 => 0.0,
                        t => t * (others.ln_1p() + (largest - wide(y))),
                    };
                    row.iter().enumerate().map(term).sum::<f64>() + 0.0 * others
                }
            };
        }
        sum / self.divisor(outputs.len(), width)
    }

    /// dL/dy of the value, into a buffer as long as the outputs; it carries the mean's factor
    /// 1/samples.
    pub(super) fn gradient_into<T: Scalar>(
        self,
        outputs: &[T],
        width: usize,
        targets: &Target<'_, T>,
        gradient: &mut [T],
    ) {
        let divisor = self.divisor(outputs.len(), width);
        let rows = outputs.chunks_exact(width).zip(gradient.chunks_exact_mut(width));
        for (i, (row, slopes)) in rows.enumerate() {
            let target = targets.row(i, width);
            let slopes = slopes.iter_mut().zip(row).enumerate();
            match self {
                Self::MeanSquaredError => {
                    slopes.for_each(|(j, (slope, y))| {
                        *slope = T::from_f64(2.0 * (wide(y) - target.at(j)) / divisor);
                    });
                }
                Self::SoftmaxCrossEntropy => {
                    let Exponentials { largest, others } = Exponentials::from_row(row);
                    let mass: f64 = match target {
                        Row::Class(_) => 1.0,
                        Row::Values(values) => values.iter().map(wide).sum(),
                    };
                    slopes.for_each(|(j, (slope, y))| {
                        let probability = (wide(y) - largest).exp() / (1.0 + others);
                        *slope = T::from_f64((mass * probability - target.at(j)) / divisor);
                    });
                }
            }
        }
    }

    fn divisor(self, length: usize, width: usize) -> f64 {
        match self {
            Self::MeanSquaredError => length as f64,
            Self::SoftmaxCrossEntropy => (length / width) as f64,
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
    fn from_row<T: Scalar>(row: &[T]) -> Self {
        let largest = row.iter().map(wide).fold(f64::NEG_INFINITY, f64::max);
        let own = row.iter().position(|y| wide(y) == largest);
        let others = row.iter().enumerate().filter(|&(j, _)| Some(j) != own);
        Self { largest, others: others.map(|(_, y)| (wide(y) - largest).exp()).sum() }
    }
}

fn wide<T: Scalar>(value: &T) -> f64 {
    Scalar::to_f64(*value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::Targets;
    use approx::assert_relative_eq;

    /// The loss of one row of outputs, and its gradient.
    fn of<T: Scalar, const N: usize>(
        loss: Loss,
        outputs: [T; N],
        targets: &(impl Targets<T> + ?Sized),
    ) -> (f64, [T; N]) {
        let targets = targets.target();
        assert_eq!(loss.check(&targets, 1, N), Ok(()));
        let mut gradient = [T::zero(); N];
        loss.gradient_into(&outputs, N, &targets, &mut gradient);
        (loss.value(&outputs, N, &targets), gradient)
    }

    #[test]
    fn softmax_is_exact_at_huge_logits() {
        let loss = Loss::SoftmaxCrossEntropy;
        for shift in [0.0, 1e4, -1e4, 1e300] {
            let (value, gradient) = of(loss, [shift, shift], &[0]);
            assert_relative_eq!(value, std::f64::consts::LN_2, epsilon = 0.0, max_relative = 1e-15);
            assert_eq!(gradient, [-0.5, 0.5]);
        }
        let sure = [1e4_f32, 0.0, -1e4];
        assert_eq!(of(loss, sure, &[0]).0, 0.0);
        assert_eq!(of(loss, sure, &[2]), (2e4, [1.0, 0.0, -1.0]));
        // A small probability keeps its digits: 1 - p of the naive form would be 0.
        let (value, _) = of(loss, [40.0, 0.0], &[0]);
        assert_relative_eq!(value, (-40.0_f64).exp().ln_1p(), epsilon = 0.0, max_relative = 1e-12);
    }

    #[test]
    fn what_is_not_a_number_stays_so() {
        for loss in [Loss::MeanSquaredError, Loss::SoftmaxCrossEntropy] {
            let (value, gradient) = of(loss, [f64::NAN, 0.0], &[1]);
            assert!(value.is_nan());
            assert!(gradient[1].is_nan() || loss == Loss::MeanSquaredError);
        }
        let impossible = of(Loss::SoftmaxCrossEntropy, [0.0, f64::NEG_INFINITY], &[0]);
        assert_eq!(impossible.0, 0.0);
    }
}
