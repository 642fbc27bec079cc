//! Moments of a truncated normal distribution.

use crate::normal_distribution::{density, interval};
use crate::quadrature;

/// Mean, variance and kurtosis of a standard normal variable between the bounds; by
/// the recursion m_k = (k - 1) m_(k-2) - (b^(k-1) phi(b) - a^(k-1) phi(a)) / mass.
pub(super) fn truncated_moments(mean: f64, std_dev: f64, low: f64, high: f64) -> [f64; 3] {
    if std_dev == 0.0 {
        return [0.0; 3];
    }
    let (a, b) = ((low - mean) / std_dev, (high - mean) / std_dev);
    let width = high / std_dev - low / std_dev;
    if width < NARROW {
        return narrow_moments(0.5 * a + 0.5 * b, width);
    }
    let mass = interval(a, b);
    // x^k phi(x), 0 at infinite bounds.
    let edge = |x: f64, k: i32| {
        let density = density(x);
        if density == 0.0 { 0.0 } else { (0..k).fold(density, |product, _| product * x) }
    };
    let mut moments = [1.0, 0.0, 0.0, 0.0, 0.0];
    for k in 1..=4 {
        let before = if k >= 2 { (k - 1) as f64 * moments[k - 2] } else { 0.0 };
        moments[k] = before - (edge(b, k as i32 - 1) - edge(a, k as i32 - 1)) / mass;
    }
    let [_, m1, m2, m3, m4] = moments;
    let variance = m2 - m1 * m1;
    let fourth = m4 - 4.0 * m1 * m3 + 6.0 * m1 * m1 * m2 - 3.0 * m1 * m1 * m1 * m1;
    [m1, variance, fourth / (variance * variance)]
}

/// Between bounds closer than this, in standard deviations, differences of the moments would cancel.
const NARROW: f64 = 1.0;

/// The same by quadrature, about the centre between the bounds.
fn narrow_moments(centre: f64, width: f64) -> [f64; 3] {
    if width <= 0.0 {
        return [centre, 0.0, 0.0];
    }
    // In units of half the width, whose fourth power may vanish.
    let half = 0.5 * width;
    let density = |u: f64| libm::exp(-half * u * (centre + 0.5 * half * u));
    let (mass, first) = quadrature::panel(-1.0, 1.0, |u| (density(u), u * density(u)));
    let mean = first / mass;
    let (second, fourth) = quadrature::panel(-1.0, 1.0, |u| {
        let square = (u - mean) * (u - mean);
        (square * density(u), square * square * density(u))
    });
    [centre + half * mean, half * half * second / mass, fourth * mass / (second * second)]
}

#[cfg(test)]
mod tests {
    use super::super::Law;
    use super::*;

    /// On both sides of the border between the two ways to the moments; and where only one of them is left.
    #[test]
    fn close_bounds_keep_their_moments() {
        for centre in [0.0, 0.7, -3.0, 4.0] {
            let law = |width: f64| truncated_moments(0.0, 1.0, centre - 0.5 * width, centre + 0.5 * width);
            let (below, above) = (law(NARROW - 1e-9), law(NARROW + 1e-9));
            for (below, above) in below.iter().zip(above) {
                assert!((below - above).abs() < 1e-8, "{centre}: {below} {above}");
            }
            for width in [1e-3, 1e-9, 1e-200] {
                let [mean, variance, kurtosis] = narrow_moments(centre, width);
                assert!((mean - centre).abs() <= width, "{mean}");
                assert!((variance / (width * width / 12.0) - 1.0).abs() < 1e-5 || width < 1e-150);
                assert!((kurtosis - 1.8).abs() < 1e-5, "{kurtosis}");
            }
        }
        // Found by fuzzing: a negative variance.
        let (low, high) = (6.74930022430326e-67, 6.749323239342285e-67);
        let law =
            Law::TruncatedNormal { mean: 6.749301620596236e-67, std_dev: 6.749300603590266e-67, low, high };
        let uniform = Law::Uniform { low, high };
        assert!((law.variance() / uniform.variance() - 1.0).abs() < 1e-6, "{}", law.variance());
        assert!((law.kurtosis() - 1.8).abs() < 1e-6);
    }
}
