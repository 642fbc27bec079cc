//! Whether weights follow the law that was promised.

use core::fmt;

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::cause::{Cause, causes};
use super::repetition;
use super::sample::{Sample, Units, in_parent_units};
use super::tail;
use super::truncated_tail::TruncatedTail;
use crate::error::InitError;
use crate::init::{Initializer, Law};
use crate::normal_distribution::both_tails;
use crate::scalar::Scalar;

/// The probability that a whole check raises a false alarm, unless told otherwise.
const FALSE_POSITIVES: f64 = 1e-9;

/// Whether independent weights follow a law, at a false-positive rate of 1e-9: see [`CheckLaw`], of
/// which this is the default.
///
/// # Errors
///
/// A [`Mismatch`], whose text says what was expected, what was seen, and the likely cause.
///
/// ```
/// use fanin::testing::{Cause, check_law};
/// use fanin::prelude::*;
///
/// let mut w = vec![0.0_f32; 256 * 784];
/// He::normal(784).fill(&mut w);
/// let evidence = check_law(&w, &He::normal(784)).unwrap();
/// println!("{evidence}");
///
/// let mismatch = check_law(&w, &He::normal(392)).unwrap_err();
/// assert_eq!(mismatch.causes(), [Cause::HalfVariance]);
/// ```
pub fn check_law<T: Scalar, I: Initializer<T> + ?Sized>(
    weights: &[T],
    law: &I,
) -> Result<Evidence, Mismatch> {
    CheckLaw::default().check(weights, law)
}

/// A check of weights against a law: mean, variance, extremes, distribution, repetition.
///
/// The declared rate is that of the whole check, a fifth for each of its [parts](Part). No part relies
/// on a limit of large samples: each p-value is exact, or a bound that is never too small, for any
/// number of weights from 1 to 10^9, which makes the rate hold for all of them.
///
/// | part | statistic | p-value |
/// | --- | --- | --- |
/// | mean | mean of w - E w | normal law: exact; uniform: sub-Gaussian bound; truncated: Chernoff and Bennett |
/// | variance | mean of (w - E w)^2 | normal law: chi-square, exact; uniform: Bennett; truncated: Chernoff and Bennett, with the law's own kurtosis |
/// | extremes | largest distance from E w | normal law: union bound; else the support, which must not be left |
/// | distribution | Kolmogorov-Smirnov | Dvoretzky-Kiefer-Wolfowitz with Massart's constant |
/// | repetition | period of the weights | likelihood-ratio bound |
///
/// The weights' scalar may have rounded each of them by two units in its last place (of the weight, the
/// mean and the standard deviation together): that much is allowed before anything is judged, so that a
/// billion `f32` or a thousand `f16` weights raise no alarm either; a gain that is off by less, 1.6 %
/// for `bf16`, is not seen. A constant law is compared exactly.
///
/// # Power
///
/// The number of weights from which a wrong gain is caught with a probability of 0.999, at the default
/// rate (simulated by the ignored test `kit_power` in the crate's `tests/it/testing.rs`; for normal
/// laws it is about 2 (6.4 + 3.1)^2 / (r^2 - 1)^2, r the factor):
///
/// | gain off by a factor | normal | uniform | truncated at 2 |
/// | --- | --- | --- | --- |
/// | sqrt 2 | 360 | 25 | 62 |
/// | 1 / sqrt 2 | 450 | 300 | 350 |
/// | 1.05 | 21,000 | 160 | 600 |
/// | 1 / 1.05 | 20,000 | 9,200 | 15,000 |
/// | 1.01 | 470,000 | 800 | 3,400 |
/// | 1 / 1.01 | 470,000 | 200,000 | 330,000 |
///
/// What leaves a law's support is seen at once: hence the small numbers.
///
/// ```
/// use fanin::testing::CheckLaw;
/// use fanin::prelude::*;
///
/// let mut w = [0.0_f64; 1000];
/// LeCun::uniform(10).seed(1).fill(&mut w);
/// let evidence = CheckLaw::at_rate(1e-12).check(&w, &LeCun::uniform(10).law()).unwrap();
/// assert!(evidence.p_value() > 1e-12);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckLaw {
    false_positives: f64,
}

/// A false-positive rate of 1e-9.
impl Default for CheckLaw {
    fn default() -> Self {
        Self::at_rate(FALSE_POSITIVES)
    }
}

impl CheckLaw {
    /// A check that refuses good weights with at most this probability. What a whole test suite may
    /// spend is shared by its checks: a thousand checks at 1e-9 are wrong once in a million runs.
    ///
    /// # Panics
    ///
    /// If the rate is not between 0 and 1.
    #[must_use]
    #[track_caller]
    pub fn at_rate(false_positives: f64) -> Self {
        assert!(
            false_positives > 0.0 && false_positives < 1.0,
            "a false-positive rate of {false_positives}: it must lie between 0 and 1"
        );
        Self { false_positives }
    }

    /// Whether the weights are independent values of the law.
    ///
    /// # Errors
    ///
    /// A [`Mismatch`].
    pub fn check<T: Scalar, I: Initializer<T> + ?Sized>(
        &self,
        weights: &[T],
        law: &I,
    ) -> Result<Evidence, Mismatch> {
        let law = law.law().ok_or(Mismatch::NoLaw)?;
        law.check().map_err(Mismatch::Law)?;
        if weights.is_empty() {
            return Err(Mismatch::Empty);
        }
        if let Some((index, value)) = find(weights, |w| !w.is_finite()) {
            return Err(Mismatch::NotFinite { index, value });
        }
        let (low, high) = law.support();
        if low == high {
            return constant(weights, law, low);
        }
        let units = Units::of(&law);
        let evidence = Evidence::of(weights, law, units);
        if let Some((index, value)) = find(weights, |w| {
            let (w, slack) = (w.to_f64(), units.slack::<T>(w.to_f64()));
            w < low - slack || w > high + slack
        }) {
            let causes = causes(weights, &evidence, Part::Extremes);
            return Err(Mismatch::Outside { index, value, evidence: Box::new(evidence), causes });
        }
        let allowed = self.false_positives / Part::ALL.len() as f64;
        match Part::ALL.into_iter().find(|&part| evidence.part(part) < allowed) {
            None => Ok(evidence),
            Some(part) => {
                let causes = causes(weights, &evidence, part);
                Err(Mismatch::Contradiction { part, evidence: Box::new(evidence), allowed, causes })
            }
        }
    }
}

fn find<T: Scalar>(weights: &[T], wrong: impl Fn(T) -> bool) -> Option<(usize, f64)> {
    let index = weights.iter().position(|&w| wrong(w))?;
    Some((index, weights[index].to_f64()))
}

fn constant<T: Scalar>(weights: &[T], law: Law, value: f64) -> Result<Evidence, Mismatch> {
    let expected = T::from_f64(value);
    match find(weights, |w| w != expected) {
        Some((index, value)) => Err(Mismatch::NotConstant { index, value, expected: expected.to_f64() }),
        None => Ok(Evidence::constant(law, weights.len(), T::NAME)),
    }
}

/// What a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// All weights come again in the same order.
    Repetition,
    /// The mean of the squared distance from the promised mean.
    Variance,
    /// The mean.
    Mean,
    /// The weight farthest from the mean.
    Extremes,
    /// The distribution function.
    Distribution,
}

impl Part {
    /// The order in which they are reported: what explains the most comes first.
    const ALL: [Self; 5] = [Self::Repetition, Self::Variance, Self::Mean, Self::Extremes, Self::Distribution];
}

/// What weights that were checked look like beside their law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    law: Law,
    scalar: &'static str,
    pub(super) len: usize,
    pub(super) units: Units,
    pub(super) sample: Sample,
    pub(super) period: Option<usize>,
    p_values: [f64; 5],
}

impl Evidence {
    pub(super) fn of<T: Scalar>(weights: &[T], law: Law, units: Units) -> Self {
        let sample = Sample::of(weights, &law, units);
        let period = repetition::period(weights);
        let p_values = Part::ALL.map(|part| match part {
            Part::Repetition => {
                period.map_or(1.0, |period| repetition::probability(weights, period, &law, units))
            }
            Part::Variance => variance_probability(&law, &sample),
            Part::Mean => mean_probability(&law, &sample),
            Part::Extremes => match law {
                Law::Normal { .. } => (sample.n * both_tails(sample.farthest.max(0.0))).min(1.0),
                _ => 1.0,
            },
            Part::Distribution => tail::kolmogorov_smirnov(sample.n, sample.distance.max(0.0)),
        });
        Self { law, scalar: T::NAME, len: weights.len(), units, sample, period, p_values }
    }

    fn constant(law: Law, len: usize, scalar: &'static str) -> Self {
        Self {
            law,
            scalar,
            len,
            units: Units { mean: law.mean(), std_dev: 0.0 },
            sample: Sample::all_equal(len as f64),
            period: None,
            p_values: [1.0; 5],
        }
    }

    /// The law that was promised.
    #[must_use]
    pub const fn law(&self) -> Law {
        self.law
    }

    /// How many weights there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "empty weights give no evidence")]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// The mean of the weights.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.units.mean + self.units.std_dev * self.sample.mean
    }

    /// The mean of the squared distance from the promised mean.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let root = self.units.std_dev * self.sample.root_mean_square;
        root * root
    }

    /// How far the mean lies from the promised one, in standard errors.
    #[must_use]
    pub fn mean_sigmas(&self) -> f64 {
        self.sample.mean * libm::sqrt(self.sample.n)
    }

    /// How far the variance lies from the promised one, in standard errors, which the law's kurtosis sets.
    #[must_use]
    pub fn variance_sigmas(&self) -> f64 {
        let square = self.sample.root_mean_square * self.sample.root_mean_square;
        (square - 1.0) * libm::sqrt(self.sample.n / excess_square_variance(&self.law))
    }

    /// The largest distance between the distribution function of the weights and the promised one,
    /// Kolmogorov and Smirnov's statistic, less what rounding may have added.
    #[must_use]
    pub fn distance(&self) -> f64 {
        self.sample.distance
    }

    /// The probability, at most, that weights of this law look as unlikely as these in this respect.
    #[must_use]
    pub fn part(&self, part: Part) -> f64 {
        let index = Part::ALL.iter().position(|&each| each == part);
        index.map_or(1.0, |index| self.p_values[index])
    }

    /// The probability, at most, that weights of this law look as unlikely as these in any respect:
    /// the least of the [parts](Evidence::part), times their number.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        let least = self.p_values.into_iter().fold(1.0, f64::min);
        (least * self.p_values.len() as f64).min(1.0)
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { len, scalar, .. } = self;
        if self.units.std_dev == 0.0 {
            return write!(f, "{len} {scalar} weights, all {}", self.law.mean());
        }
        write!(
            f,
            "{len} {scalar} weights of {}: mean {:.4e} ({:+.1} sigmas), variance {:.4e} of {:.4e} ({:+.1} sigmas), \
             distribution {:.2e} away; p = {:.1e}",
            Described(&self.law),
            self.mean(),
            self.mean_sigmas(),
            self.variance(),
            self.law.variance(),
            self.variance_sigmas(),
            self.distance(),
            self.p_value(),
        )
    }
}

/// A law in the notation of the field.
pub(super) struct Described<'a>(pub(super) &'a Law);

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Law::Constant { value } => write!(f, "the constant {value}"),
            Law::Uniform { low, high } => write!(f, "U({low:.4e}, {high:.4e})"),
            Law::Normal { mean, std_dev } => write!(f, "N({mean}, ({std_dev:.4e})^2)"),
            Law::TruncatedNormal { mean, std_dev, low, high } => {
                write!(f, "N({mean}, ({std_dev:.4e})^2) cut to [{low:.4e}, {high:.4e}]")
            }
        }
    }
}

/// Why weights do not follow the law that was promised. The text says what was expected, what was seen,
/// and the likely cause.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Mismatch {
    /// The initializer promises no law: there is nothing to check against.
    NoLaw,
    /// The law itself cannot be.
    Law(InitError),
    /// There are no weights, and so no evidence.
    Empty,
    /// A weight is NaN or infinite.
    NotFinite {
        /// Which weight.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// The law is constant, and a weight differs from it.
    NotConstant {
        /// Which weight.
        index: usize,
        /// Its value.
        value: f64,
        /// What every weight should be.
        expected: f64,
    },
    /// A weight lies where the law has none.
    Outside {
        /// Which weight.
        index: usize,
        /// Its value.
        value: f64,
        /// What the weights look like.
        evidence: Box<Evidence>,
        /// What may have gone wrong.
        causes: Vec<Cause>,
    },
    /// Weights of the law look like these less often than the declared rate.
    Contradiction {
        /// In which respect.
        part: Part,
        /// What the weights look like.
        evidence: Box<Evidence>,
        /// The least probability that this part lets pass.
        allowed: f64,
        /// What may have gone wrong.
        causes: Vec<Cause>,
    },
}

impl Mismatch {
    /// What may have gone wrong, the likeliest first; empty where nothing comes to mind.
    #[must_use]
    pub fn causes(&self) -> &[Cause] {
        match self {
            Self::Outside { causes, .. } | Self::Contradiction { causes, .. } => causes,
            _ => &[],
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLaw => f.write_str("the initializer promises no law: there is nothing to check against"),
            Self::Law(error) => write!(f, "the law cannot be: {error}"),
            Self::Empty => f.write_str("no weights: nothing can be said of them"),
            Self::NotFinite { index, value } => write!(f, "weight {index} is {value}"),
            Self::NotConstant { index, value, expected } => {
                write!(f, "weight {index} is {value}: every one should be {expected}")
            }
            Self::Outside { index, value, evidence, .. } => {
                let (low, high) = evidence.law.support();
                write!(
                    f,
                    "weight {index} is {value:e}: the law ends at {low:e} and {high:e}\n  seen: {evidence}"
                )
            }
            Self::Contradiction { part, evidence, allowed, .. } => {
                let p = evidence.part(*part);
                let variance = evidence.law.variance();
                match part {
                    Part::Repetition => write!(
                        f,
                        "the weights repeat themselves every {}",
                        evidence.period.unwrap_or_default()
                    ),
                    Part::Variance => write!(
                        f,
                        "the variance is {:.4e}, promised {variance:.4e}: {:.4} times as much, {:+.1} sigmas",
                        evidence.variance(),
                        evidence.sample.root_mean_square * evidence.sample.root_mean_square,
                        evidence.variance_sigmas(),
                    ),
                    Part::Mean => write!(
                        f,
                        "the mean is {:.4e}, promised {:.4e}: {:+.1} sigmas",
                        evidence.mean(),
                        evidence.units.mean,
                        evidence.mean_sigmas(),
                    ),
                    Part::Extremes => write!(
                        f,
                        "a weight lies {:.1} standard deviations from the mean",
                        evidence.sample.farthest
                    ),
                    Part::Distribution => write!(
                        f,
                        "the distribution function is {:.4} from the promised one",
                        evidence.distance()
                    ),
                }?;
                write!(
                    f,
                    "; such happens with probability {p:.1e}, {allowed:.1e} is let pass\n  seen: {evidence}"
                )
            }
        }?;
        self.causes().iter().try_for_each(|cause| write!(f, "\n  likely cause: {cause}"))
    }
}

impl core::error::Error for Mismatch {}

/// Variance of the squared distance from the mean, in units of the squared variance: kurtosis - 1.
fn excess_square_variance(law: &Law) -> f64 {
    match *law {
        Law::TruncatedNormal { mean, std_dev, low, high } => {
            let parent = in_parent_units(mean, std_dev, low, high);
            let (low, high) = parent.support();
            // Between close bounds the fourth moment cancels out; a law there is uniform.
            if high - low < 0.05 { 0.8 } else { parent.kurtosis() - 1.0 }
        }
        _ => law.kurtosis() - 1.0,
    }
}

/// What of a deviation is left once rounding has been allowed for, keeping its sign.
fn beyond(deviation: f64, slack: f64) -> f64 {
    (deviation.abs() - slack).max(0.0).copysign(deviation)
}

fn mean_probability(law: &Law, sample: &Sample) -> f64 {
    let deviation = beyond(sample.mean, sample.mean_slack);
    if deviation == 0.0 {
        return 1.0;
    }
    let z = deviation * libm::sqrt(sample.n);
    match *law {
        Law::Normal { .. } => both_tails(z),
        Law::TruncatedNormal { mean, std_dev, low, high } => {
            truncated(mean, std_dev, low, high).mean_probability(sample.n, deviation)
        }
        // log(sinh t / t) <= t^2 / 6: the uniform law is sub-Gaussian with its own variance.
        _ => tail::sub_gaussian(z),
    }
}

fn variance_probability(law: &Law, sample: &Sample) -> f64 {
    let root = 1.0 + beyond(sample.root_mean_square - 1.0, sample.root_mean_square_slack);
    let ratio = root * root;
    if ratio == 1.0 {
        return 1.0;
    }
    match *law {
        Law::Normal { .. } => tail::chi_square(sample.n, ratio),
        Law::TruncatedNormal { mean, std_dev, low, high } => {
            truncated(mean, std_dev, low, high).variance_probability(sample.n, ratio)
        }
        // Squares lie between 0 and 3 variances.
        _ => {
            let bound = if ratio > 1.0 { 2.0 } else { 1.0 };
            (2.0 * tail::bennett(sample.n, (ratio - 1.0).abs(), 0.8, bound)).min(1.0)
        }
    }
}

fn truncated(mean: f64, std_dev: f64, low: f64, high: f64) -> TruncatedTail {
    let parent = in_parent_units(mean, std_dev, low, high);
    TruncatedTail::new(&parent, excess_square_variance(&parent))
}
