//! Rates of false alarms, as checks declare them.

/// The probability that a whole check raises a false alarm, unless told otherwise.
pub(super) const FALSE_POSITIVES: f64 = 1e-9;

/// A rate that can be declared.
///
/// # Panics
///
/// If the rate is not between 0 and 1.
#[track_caller]
pub(super) fn declared(rate: f64) -> f64 {
    assert!(rate > 0.0 && rate < 1.0, "a false-positive rate of {rate}: it must lie between 0 and 1");
    rate
}
