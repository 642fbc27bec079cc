//! `Fluctuation`: what chance does to the gradient in a layer of finite width.

use core::f64::consts::PI;

use super::TheoryError;

/// Spacing and least argument of the integrals over ln t; see [`Fluctuation::leaky_relu`].
const STEP: f64 = 0.125;
const LOWEST: f64 = -45.0;

/// Beyond the last scale of the integrand by this much in ln t nothing is left: it falls no slower
/// than t^-1/2.
const REACH: f64 = 90.0;

/// From this width on the first order in 1 / width is as good as the integrals, which cancel.
const WIDE: usize = 1 << 20;

/// Euler's constant.
const EULER: f64 = 0.577_215_664_901_532_9;

/// Mean, variance and third cumulant of the logarithm of S_n, the ratio of squared norms of successive
/// layers over its own mean, for one input of a network of (leaky) ReLU units with normal weights.
///
/// ```text
/// S_n = 2 / ((1 + a^2) n) (chi^2_K + a^2 chi^2_{n - K}),   K ~ Bin(n, 1/2),   E S_n = 1
/// ```
///
/// The ratios of different layers are independent, exactly and at every width, forwards and backwards
/// alike ([Hanin 2018](https://arxiv.org/abs/1801.03744), "Which neural net architectures give rise to exploding and vanishing gradients?";
/// [Hanin & Nica 2020](https://arxiv.org/abs/1812.05994), "Products of many large random matrices and gradients in deep neural
/// networks"), if what the loss sends back does not depend on the outputs. For ReLU (a = 0)
///
/// ```text
/// E ln S_n = -5/(2n) - 49/(12 n^2) + ..,   Var ln S_n = 5/n + 37/(2 n^2) + ..,   Var S_n = 5/n
/// ```
///
/// Of a ReLU layer all units may be closed, with probability 2^-n; mean and variance are those given
/// that one is open.
///
/// ```
/// use fanin::theory::Fluctuation;
///
/// let layer = Fluctuation::relu(100)?;
/// assert!((layer.mean - (-0.025 - 49.0 / 120_000.0)).abs() < 3e-5);
/// assert!((layer.variance - (0.05 + 37.0 / 20_000.0)).abs() < 1e-4);
/// // 50 layers of 100 units: the log10 of the squared gradient has this spread between seeds.
/// assert!(((50.0 * layer.variance).sqrt() / 10_f64.ln() - 0.70).abs() < 0.01);
/// # Ok::<(), fanin::theory::TheoryError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fluctuation {
    /// E ln S_n, at most 0.
    pub mean: f64,
    /// Var ln S_n.
    pub variance: f64,
    /// E (ln S_n - E ln S_n)^3, negative: the left tail is the longer one.
    pub third: f64,
}

impl Fluctuation {
    /// For `width` ReLU units.
    ///
    /// # Errors
    /// [`TheoryError::OutOfRange`] for a width of 0.
    pub fn relu(width: usize) -> Result<Self, TheoryError> {
        Self::leaky_relu(width, 0.0)
    }

    /// For `width` linear units, or for weights without their gates: S_n = chi^2_n / n.
    ///
    /// # Errors
    /// [`TheoryError::OutOfRange`] for a width of 0.
    pub fn linear(width: usize) -> Result<Self, TheoryError> {
        Self::leaky_relu(width, 1.0)
    }

    /// For `width` leaky ReLU units with this slope, to about 1e-13.
    ///
    /// Units are independent, so E exp(-t S) is the n-th power of that of one unit, which is
    /// elementary; and with M(t) = E exp(-t S)
    ///
    /// ```text
    /// E ln S = I(1),   E ln^2 S = -2 (I(ln t) + gamma E ln S),
    /// E ln^3 S = 3 I(ln^2 t) - 3 gamma E ln^2 S - 6 (gamma^2/2 + pi^2/12) E ln S,
    /// I(f) = int_0^inf f (e^-t - M(t)) dt / t
    /// ```
    ///
    /// for every S > 0 (from Gamma(s) (1 - E S^-s) = int t^(s-1) (e^-t - M(t)) dt around s = 0). In ln
    /// t the trapezoidal rule with step 1/8 leaves an error of e^-70.
    ///
    /// # Errors
    /// [`TheoryError::OutOfRange`] for a width of 0 or a slope that is not finite.
    pub fn leaky_relu(width: usize, negative_slope: f64) -> Result<Self, TheoryError> {
        if width == 0 {
            return Err(TheoryError::OutOfRange { parameter: "width", value: 0.0 });
        }
        let square = negative_slope * negative_slope;
        if !square.is_finite() {
            return Err(TheoryError::OutOfRange { parameter: "negative slope", value: negative_slope });
        }
        let n = width as f64;
        if width >= WIDE {
            // The cumulants of one unit's share of S_n, whose mean is 1.
            let fourth = square * square;
            let second = 6.0 * (1.0 + fourth) / ((1.0 + square) * (1.0 + square));
            let third = 60.0 * (1.0 + fourth * square) / libm::pow(1.0 + square, 3.0);
            let variance = second - 1.0;
            let skew = third - 3.0 * second + 2.0 - 3.0 * variance * variance;
            return Ok(Self { mean: -0.5 * variance / n, variance: variance / n, third: skew / (n * n) });
        }
        // Shares of the mean that come from either side.
        let (right, left) = (2.0 / (1.0 + square), 2.0 * square / (1.0 + square));
        let unit = |t: f64, share: f64| 0.5 * libm::expm1(-0.5 * libm::log1p(2.0 * t * share / n));
        // M(t) - 1; less the event that nothing is open, where that exists.
        let closed = if left == 0.0 { libm::exp2(-n) } else { 0.0 };
        let transform =
            |t: f64| libm::expm1(n * libm::log1p(unit(t, right) + unit(t, left))) / (1.0 - closed);

        let smallest = if left > 0.0 { left.min(right) } else { right };
        let highest = REACH - libm::log(smallest / n);
        let steps = libm::ceil((highest - LOWEST) / STEP) as usize;
        let (mut first, mut second, mut third) = (0.0, 0.0, 0.0);
        for i in 0..=steps {
            let ln_t = LOWEST + STEP * i as f64;
            let t = libm::exp(ln_t);
            let difference = libm::expm1(-t) - transform(t);
            first += difference;
            second += ln_t * difference;
            third += ln_t * ln_t * difference;
        }
        let mean = STEP * first;
        let square = -2.0 * (STEP * second + EULER * mean);
        let curvature = 0.5 * EULER * EULER + PI * PI / 12.0;
        let cube = 3.0 * STEP * third - 3.0 * EULER * square - 6.0 * curvature * mean;
        Ok(Self {
            mean,
            variance: (square - mean * mean).max(0.0),
            third: (cube - 3.0 * mean * square + 2.0 * mean * mean * mean).min(0.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// psi(x) and psi'(x): recurrence up to 20, then the asymptotic series (Abramowitz & Stegun
    /// 6.3.18, 6.4.12).
    fn polygamma(mut x: f64) -> (f64, f64) {
        let (mut digamma, mut trigamma) = (0.0, 0.0);
        while x < 20.0 {
            digamma -= 1.0 / x;
            trigamma += 1.0 / (x * x);
            x += 1.0;
        }
        let y = 1.0 / (x * x);
        digamma += x.ln() - 0.5 / x - y * (1.0 / 12.0 - y * (1.0 / 120.0 - y * (1.0 / 252.0 - y / 240.0)));
        trigamma += 1.0 / x + 0.5 * y + y / x * (1.0 / 6.0 - y * (1.0 / 30.0 - y * (1.0 / 42.0 - y / 30.0)));
        (digamma, trigamma)
    }

    /// psi''(x), by the same means (6.4.13).
    fn tetragamma(mut x: f64) -> f64 {
        let mut value = 0.0;
        while x < 20.0 {
            value -= 2.0 / (x * x * x);
            x += 1.0;
        }
        let y = 1.0 / (x * x);
        value - y - y / x - y * y * (0.5 - y * (1.0 / 6.0 - y * (1.0 / 6.0 - y * 0.3)))
    }

    /// ln chi^2_K has mean psi(K/2) + ln 2 and variance psi'(K/2); summed over K = 1..n.
    fn relu_sums(n: usize) -> (f64, f64) {
        let (mut weight, mut total) = (0.5_f64.powi(n as i32), 0.0);
        let (mut first, mut second) = (0.0, 0.0);
        for k in 1..=n {
            weight *= (n - k + 1) as f64 / k as f64;
            let (digamma, trigamma) = polygamma(0.5 * k as f64);
            total += weight;
            first += weight * digamma;
            second += weight * (trigamma + digamma * digamma);
        }
        let mean = first / total;
        (mean + (4.0 / n as f64).ln(), second / total - mean * mean)
    }

    #[test]
    fn relu_is_the_sum_over_open_units() {
        for n in [1, 2, 3, 8, 30, 100, 1000] {
            let (mean, variance) = relu_sums(n);
            let found = Fluctuation::relu(n).unwrap();
            assert!((found.mean - mean).abs() < 2e-12, "{n}: {} {mean}", found.mean);
            assert!((found.variance - variance).abs() < 2e-11, "{n}: {} {variance}", found.variance);
        }
    }

    #[test]
    fn linear_is_chi_squared() {
        for n in [1, 2, 7, 64, 5000] {
            let (digamma, trigamma) = polygamma(0.5 * n as f64);
            let found = Fluctuation::linear(n).unwrap();
            assert!((found.mean - (digamma + (2.0 / n as f64).ln())).abs() < 1e-12);
            assert!((found.variance - trigamma).abs() < 1e-11);
            assert!((found.third - tetragamma(0.5 * n as f64)).abs() < 2e-10, "{n}: {}", found.third);
        }
    }

    #[test]
    fn asymptotics_of_hanin_and_nica() {
        for n in [200_usize, 1000, 10_000] {
            let m = n as f64;
            let layer = Fluctuation::relu(n).unwrap();
            // The next terms are of order 1 / n^3, with coefficients of about 10 and 100.
            assert!((layer.mean + 2.5 / m + 49.0 / (12.0 * m * m)).abs() < 30.0 / m.powi(3) + 1e-13);
            assert!((layer.variance - 5.0 / m - 18.5 / (m * m)).abs() < 200.0 / m.powi(3) + 1e-12);
            // Leaky: Var S = (6 (1 + a^4) / (1 + a^2)^2 - 1) / n to first order.
            let leaky = Fluctuation::leaky_relu(n, 0.5).unwrap();
            let relative = 6.0 * 1.0625 / 1.5625 - 1.0;
            assert!((leaky.variance - relative / m).abs() < 30.0 / (m * m));
            assert!((leaky.mean + 0.5 * relative / m).abs() < 30.0 / (m * m));
        }
    }

    #[test]
    fn the_first_order_takes_over_smoothly() {
        for slope in [0.0, 0.5, 1.0, -2.0] {
            let [below, above] = [WIDE - 1, WIDE].map(|n| Fluctuation::leaky_relu(n, slope).unwrap());
            assert!((below.mean / above.mean - 1.0).abs() < 1e-5, "{below:?} {above:?}");
            assert!((below.variance / above.variance - 1.0).abs() < 1e-5, "{below:?} {above:?}");
            let wide = Fluctuation::leaky_relu(usize::MAX, slope).unwrap();
            assert!(wide.variance > 0.0 && wide.third.abs() > 0.0 && wide.mean < 0.0);
        }
        let (ten, hundred) = (Fluctuation::relu(10_000).unwrap(), Fluctuation::relu(WIDE).unwrap());
        let ratio = WIDE as f64 / 1e4;
        assert!((ten.third / hundred.third / (ratio * ratio) - 1.0).abs() < 0.02, "{ten:?} {hundred:?}");
    }

    #[test]
    fn slopes_of_every_size() {
        let relu = Fluctuation::relu(40).unwrap();
        let almost = Fluctuation::leaky_relu(40, 1e-9).unwrap();
        assert!((relu.mean - almost.mean).abs() < 1e-9 && (relu.variance - almost.variance).abs() < 1e-7);
        // Only the ratio of the slopes counts, and no sign.
        let (steep, flat) =
            (Fluctuation::leaky_relu(5, -4.0).unwrap(), Fluctuation::leaky_relu(5, 0.25).unwrap());
        assert!((steep.mean - flat.mean).abs() < 1e-13 && (steep.variance - flat.variance).abs() < 1e-12);
        // One unit: ln chi^2_1 of either scale, by hand.
        let one = Fluctuation::leaky_relu(1, 1e-60).unwrap();
        let half = libm::log(1e-120) / 2.0;
        assert!((one.variance / (half * half) - 1.0).abs() < 1e-3, "{}", one.variance);
        for slope in [f64::NAN, f64::INFINITY, 1e200] {
            assert!(Fluctuation::leaky_relu(4, slope).is_err());
        }
        assert!(Fluctuation::relu(0).is_err());
    }
}
