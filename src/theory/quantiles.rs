//! `Quantiles`: the shape of a simulated distribution, to read how rare a value is.

use crate::normal_distribution::cdf;

/// The standard normal values whose quantiles are known.
const KNOTS: [f64; 6] = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5];

/// Fewer draws do not say where the outermost quantiles are: with these they are known to 4.5 / sqrt(1000) = 0.14.
const FEWEST: usize = 1000;

/// Where the draws of a distribution have the probabilities of standard normal values from -2.5 to 2.5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quantiles([f64; KNOTS.len()]);

impl Quantiles {
    /// Of some draws in ascending order; `None` for too few of them, or where too many are alike.
    pub(super) fn new(draws: &[f64]) -> Option<Self> {
        if draws.len() < FEWEST {
            return None;
        }
        let last = draws.len() - 1;
        let quantiles = KNOTS.map(|knot| {
            // The i-th of n draws stands for the probability (i + 1/2) / n.
            let place = (cdf(knot) * draws.len() as f64 - 0.5).clamp(0.0, last as f64);
            let below = place as usize;
            draws[below] + (place - below as f64) * (draws[(below + 1).min(last)] - draws[below])
        });
        quantiles.windows(2).all(|pair| pair[0] < pair[1]).then_some(Self(quantiles))
    }

    /// The standard normal value that is as rare, by straight lines through the quantiles, and on beyond them.
    pub(super) fn z(self, value: f64) -> f64 {
        let above = self.0[1..KNOTS.len() - 1].iter().take_while(|&&quantile| quantile < value).count();
        let [(low, from), (high, to)] = [above, above + 1].map(|i| (KNOTS[i], self.0[i]));
        low + (high - low) * ((value - from) / (to - from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::{Initializer, Normal};
    use crate::seed::Seed;
    use alloc::vec;

    #[test]
    fn a_monotone_function_of_a_normal_value_is_read_back() {
        let mut g = vec![0.0_f64; 100_000];
        Normal::new(0.0, 1.0).fill_shard(Seed::from(3), 0, &mut g).unwrap();
        g.sort_by(f64::total_cmp);
        let skewed = |z: f64| libm::exp(0.2 * z);
        let draws: alloc::vec::Vec<f64> = g.iter().map(|&z| skewed(z)).collect();
        let quantiles = Quantiles::new(&draws).unwrap();
        for z in [-3.0, -2.5, -1.0, 0.0, 0.5, 1.0, 2.0, 2.5, 3.0] {
            // Five standard errors of the outermost quantile, 4.5 / sqrt(draws), carried on, and what a line is off.
            assert!((quantiles.z(skewed(z)) - z).abs() < 0.16, "{z} {}", quantiles.z(skewed(z)));
        }
        assert!(quantiles.z(f64::NAN).is_nan());
        assert_eq!(Quantiles::new(&[1.0; 5000]), None);
        assert_eq!(Quantiles::new(&draws[..50]), None);
    }
}
