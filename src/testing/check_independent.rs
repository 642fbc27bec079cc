//! Independence of two tensors of weights.

use core::fmt;

use alloc::vec::Vec;

use super::false_positives::{FALSE_POSITIVES, declared};
use crate::hypergeometric;
use crate::scalar::Scalar;

/// Up to this many weights, the order of both tensors is looked at as well.
const FEW: usize = 64;

/// Whether two tensors of weights are independent, element by element, at a false-positive rate of 1e-9: see
/// [`CheckIndependent`], of which this is the default.
///
/// # Errors
///
/// An [`IndependenceError`].
///
/// ```
/// use fanin::testing::check_independent;
/// use fanin::prelude::*;
///
/// let seed = Seed::from(42);
/// let (mut first, mut second) = (vec![0.0_f32; 64 * 784], vec![0.0_f32; 10 * 64]);
/// He::normal(784).seed(seed.child("fc1")).fill(&mut first);
/// He::normal(64).seed(seed.child("fc2")).fill(&mut second);
/// assert!(check_independent(&first, &second).is_ok());
///
/// He::normal(64).seed(seed.child("fc1")).fill(&mut second); // a slip
/// let error = check_independent(&first, &second).unwrap_err();
/// assert!(error.to_string().contains("3.5000 times"), "{error}");
/// ```
pub fn check_independent<T: Scalar, U: Scalar>(a: &[T], b: &[U]) -> Result<Independence, IndependenceError> {
    CheckIndependent::default().check(a, b)
}

/// A check of whether two tensors of weights are independent, element by element. Of all parameters of a model
/// [`CheckModel`](super::CheckModel) sees more.
///
/// It catches two layers filled from one seed: equal weights, multiples of each other
/// (the same seed under another fan or gain), and the same numbers in another form (uniform beside normal).
/// Of tensors of different lengths the common beginning is compared.
///
/// The test needs no distribution, only that the weights of one of the two are exchangeable, and is exact for
/// any number of them: how many weights are above the median in both is a hypergeometric count if the
/// tensors are independent (Fisher 1935). Up to 64 weights, whether they stand in the same or in
/// opposite order is looked at as well: 2 in n! if they are independent. Each of the two takes half of
/// the rate.
///
/// Power: 14 weights suffice to catch a copy or a multiple, 184 (with a probability of 0.999: 440)
/// tensors whose weights correlate by 0.7. A uniform fill beside a normal one from the same seed, whose signs correlate by 0.25, takes
/// about 1,400 (computed, not simulated). Constant weights carry no randomness: they depend on
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckIndependent {
    false_positives: f64,
}

/// A false-positive rate of 1e-9.
impl Default for CheckIndependent {
    fn default() -> Self {
        Self { false_positives: FALSE_POSITIVES }
    }
}

impl CheckIndependent {
    /// A check that refuses independent tensors with at most this probability.
    ///
    /// # Panics
    ///
    /// If the rate is not between 0 and 1.
    #[must_use]
    #[track_caller]
    pub fn at_rate(self, false_positives: f64) -> Self {
        Self { false_positives: declared(false_positives) }
    }

    /// Whether the two are independent; of different lengths the common beginning.
    ///
    /// # Errors
    ///
    /// An [`IndependenceError`].
    pub fn check<T: Scalar, U: Scalar>(&self, a: &[T], b: &[U]) -> Result<Independence, IndependenceError> {
        let n = a.len().min(b.len());
        if n == 0 {
            return Err(IndependenceError::Empty);
        }
        let a: Vec<f64> = a[..n].iter().map(|&a| Scalar::to_f64(a)).collect();
        let b: Vec<f64> = b[..n].iter().map(|&b| Scalar::to_f64(b)).collect();
        if let Some(index) = a.iter().zip(&b).position(|(a, b)| !a.is_finite() || !b.is_finite()) {
            return Err(IndependenceError::NotFinite { index });
        }
        let (above_a, above_b) = (median(&a), median(&b));
        let count = |above: &dyn Fn(usize) -> bool| (0..n).filter(|&i| above(i)).count() as f64;
        let [first, second, both] = [
            count(&|i| a[i] > above_a),
            count(&|i| b[i] > above_b),
            count(&|i| a[i] > above_a && b[i] > above_b),
        ];
        let total = n as f64;
        let mut p_value = hypergeometric::both_tails(total, first, second, both);
        if n <= FEW && same_order(&a, &b) {
            let factorial = (1..=n).map(|k| k as f64).product::<f64>();
            p_value = p_value.min(2.0 / factorial);
        }
        p_value = (2.0 * p_value).min(1.0);
        let correlation = hypergeometric::correlation(total, first, second, both);
        let independence = Independence { len: n, correlation, p_value };
        if p_value < self.false_positives {
            let (allowed, factor) = (self.false_positives, factor(&a, &b));
            return Err(IndependenceError::Dependent { independence, factor, allowed });
        }
        Ok(independence)
    }
}

/// A value that at most half of the values exceed.
fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    let middle = (values.len() - 1) / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// Whether one is a strictly increasing, or a strictly decreasing, function of the other.
fn same_order(a: &[f64], b: &[f64]) -> bool {
    let mut pairs: Vec<(f64, f64)> = a.iter().copied().zip(b.iter().copied()).collect();
    pairs.sort_by(|x, y| x.0.total_cmp(&y.0));
    let distinct = pairs.windows(2).all(|pair| pair[0].0 < pair[1].0);
    distinct
        && (pairs.windows(2).all(|pair| pair[0].1 < pair[1].1)
            || pairs.windows(2).all(|pair| pair[0].1 > pair[1].1))
}

/// b / a, if it is the same everywhere but for the rounding of an `f32`, or of a half.
fn factor(a: &[f64], b: &[f64]) -> Option<f64> {
    let (at, largest) = a.iter().enumerate().max_by(|x, y| x.1.abs().total_cmp(&y.1.abs()))?;
    let factor = b[at] / largest;
    let close = |(a, b): (&f64, &f64)| {
        (b - factor * a).abs() <= 1e-2 * (factor * a).abs() + 1e-4 * (factor * largest).abs()
    };
    a.iter().zip(b).all(close).then_some(factor)
}

/// What independent tensors look like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Independence {
    len: usize,
    correlation: f64,
    p_value: f64,
}

impl Independence {
    /// How many weights of each were compared.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "empty tensors give no evidence")]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// The correlation of the signs of w - median, between -1 and 1; 0 where one tensor is constant.
    #[must_use]
    pub const fn correlation(&self) -> f64 {
        self.correlation
    }

    /// The probability, at most, that independent tensors look as dependent as these.
    #[must_use]
    pub const fn p_value(&self) -> f64 {
        self.p_value
    }
}

impl fmt::Display for Independence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { len, correlation, p_value } = self;
        write!(f, "{len} weights beside {len}: signs correlate by {correlation:+.4}; p = {p_value:.1e}")
    }
}

/// Why two tensors of weights cannot be called independent.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum IndependenceError {
    /// One of them is empty: there is no evidence.
    Empty,
    /// A weight is NaN or infinite.
    NotFinite {
        /// Which.
        index: usize,
    },
    /// Independent tensors look like these less often than the declared rate.
    Dependent {
        /// What they look like.
        independence: Independence,
        /// The factor, if one is a multiple of the other.
        factor: Option<f64>,
        /// The declared rate.
        allowed: f64,
    },
}

impl fmt::Display for IndependenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no weights: nothing can be said of them"),
            Self::NotFinite { index } => write!(f, "weight {index} is not finite"),
            Self::Dependent { independence, factor, allowed } => {
                match factor {
                    Some(1.0) => f.write_str("the weights are equal"),
                    Some(factor) => write!(f, "the second weights are {factor:.4} times the first"),
                    None => f.write_str("the weights depend on each other"),
                }?;
                write!(
                    f,
                    ", below the threshold {allowed:.1e}\n  seen: {independence}\n  likely cause: one seed used for both; give each parameter a child of its own, `seed.child(name)`"
                )
            }
        }
    }
}

impl core::error::Error for IndependenceError {}
