//! `Chebyshev`: a polynomial that stands for a smooth function on an interval, to find its turning points by.

use alloc::vec;
use alloc::vec::Vec;
use core::f64::consts::PI;

/// The polynomial's degree: enough for half a decade of a function that is smooth on the scale of a factor e.
const DEGREE: usize = 20;

/// Pieces in which a derivative is looked at for changes of its sign.
const PIECES: usize = 64;

/// How many derivatives are cut at the roots of the next one: so that of those two or three close roots none is missed.
const LEVELS: u32 = 2;

/// Halvings that find a root to the last digits.
const HALVINGS: u32 = 50;

/// sum c_k T_k(t), x = middle + half t.
pub(super) struct Chebyshev {
    middle: f64,
    half: f64,
    coefficients: Vec<f64>,
}

impl Chebyshev {
    /// Through the function's values at the Chebyshev points (Trefethen 2013, "Approximation theory and approximation
    /// practice", chapter 3).
    pub(super) fn new(low: f64, high: f64, f: impl Fn(f64) -> f64) -> Self {
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        let cos = |i: usize| libm::cos(PI * i as f64 / DEGREE as f64);
        let values: Vec<f64> = (0..=DEGREE).map(|i| f(middle + half * cos(i))).collect();
        let ends = |i: usize| if i == 0 || i == DEGREE { 0.5 } else { 1.0 };
        let coefficient = |k: usize| {
            let sum = values.iter().enumerate().map(|(i, value)| ends(i) * value * cos(i * k));
            2.0 * ends(k) * sum.sum::<f64>() / DEGREE as f64
        };
        Self { middle, half, coefficients: (0..=DEGREE).map(coefficient).collect() }
    }

    /// Where the derivative changes its sign, ascending.
    pub(super) fn turning_points(&self) -> Vec<f64> {
        let points = sign_changes(&derivative(&self.coefficients), LEVELS);
        points.into_iter().map(|t| self.middle + self.half * t).collect()
    }
}

/// Of a series on -1 to 1, cut at the sign changes of its derivative.
fn sign_changes(series: &[f64], levels: u32) -> Vec<f64> {
    let mut cuts: Vec<f64> = (0..=PIECES).map(|i| 2.0 * i as f64 / PIECES as f64 - 1.0).collect();
    if levels > 0 {
        cuts.extend(sign_changes(&derivative(series), levels - 1));
        cuts.sort_by(f64::total_cmp);
    }
    let root = |pair: &[f64]| {
        let (mut low, mut high) = (pair[0], pair[1]);
        let is_positive = value(series, low) > 0.0;
        if (value(series, high) > 0.0) == is_positive {
            return None;
        }
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if (value(series, middle) > 0.0) == is_positive { low = middle } else { high = middle }
        }
        Some(0.5 * (low + high))
    };
    cuts.windows(2).filter_map(root).collect()
}

/// Clenshaw's recurrence.
fn value(series: &[f64], t: f64) -> f64 {
    let (mut b1, mut b2) = (0.0, 0.0);
    for c in series[1..].iter().rev() {
        (b1, b2) = (c + 2.0 * t * b1 - b2, b1);
    }
    series[0] + t * b1 - b2
}

/// c'_(k-1) = c'_(k+1) + 2 k c_k.
fn derivative(series: &[f64]) -> Vec<f64> {
    let mut slope = vec![0.0; series.len() + 1];
    for k in (1..series.len()).rev() {
        slope[k - 1] = slope[k + 1] + 2.0 * k as f64 * series[k];
    }
    slope[0] *= 0.5;
    slope
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_polynomial_is_the_function() {
        let series = Chebyshev::new(1.0, 2.2, |x| libm::sin(3.0 * x));
        let slope = derivative(&series.coefficients);
        for t in [-1.0, -0.3, 0.0, 0.77, 1.0] {
            let x = series.middle + series.half * t;
            assert!((value(&series.coefficients, t) - libm::sin(3.0 * x)).abs() < 1e-14);
            assert!((value(&slope, t) / series.half - 3.0 * libm::cos(3.0 * x)).abs() < 1e-12);
        }
        let turning = series.turning_points();
        assert!(turning.len() == 1 && (turning[0] - 0.5 * PI).abs() < 1e-12, "{turning:?}");
    }

    #[test]
    fn turning_points_close_to_each_other() {
        // f' = (x - 0.001) (x + 0.001) (x - 0.002).
        let f = |x: f64| {
            libm::pow(x, 4.0) / 4.0 - 0.002 * libm::pow(x, 3.0) / 3.0 - 1e-6 * x * x / 2.0 + 2e-9 * x
        };
        let turning = Chebyshev::new(-0.6, 0.5, f).turning_points();
        assert_eq!(turning.len(), 3, "{turning:?}");
        for (found, expected) in turning.iter().zip([-0.001, 0.001, 0.002]) {
            assert!((found - expected).abs() < 1e-5, "{turning:?}");
        }
    }
}
