//! Forward and backward variance through a network, for any seed: what Xavier and He were made for.
//!
//! The logarithm of a ratio of mean squares over d layers of n ReLUs, for one input, has the mean
//! -5 d / (2 n) and the variance 5 d / n (Hanin 2018; Hanin and Nica 2020); for identity layers -d / n and
//! 2 d / n (chi-squared of n degrees of freedom each). A bound of 6.11 standard deviations has a
//! false-positive rate of 1e-9; the law is so nearly normal at these widths that it stays below 1e-7.

use fanin::chain::GradientChain;
use fanin::{Activation, Fan, He, Initializer, InitializerExt, LeCun, Loss, Network, Normal, Xavier};
use proptest::prelude::*;

const WIDTH: usize = 256;
const DEPTH: usize = 10;
const SIGMAS: f64 = 6.11;

fn chain<I: Initializer<f64>>(activation: &Activation, rule: impl Fn(Fan) -> I, seed: u64) -> GradientChain {
    let mut batch = [0.0; WIDTH];
    Normal::new(0.0, 1.0).seed(seed ^ 1).fill(&mut batch);
    let net = (0..DEPTH).fold(Network::new(WIDTH), |net, _| net.dense(WIDTH, activation.clone()));
    let net = net.init(rule, seed).unwrap();
    let mut targets = net.forward(&batch).unwrap();
    // Residuals of random sign: what comes back must not point along what went forward.
    let mut residuals = [0.0; WIDTH];
    Normal::new(0.0, 1.0).seed(seed ^ 2).fill(&mut residuals);
    targets.iter_mut().zip(residuals).for_each(|(target, residual)| *target -= residual);
    net.gradient_chain(&batch, &targets, Loss::MeanSquaredError).unwrap()
}

/// ln of mean-square z last over first layer, and of mean-square delta first over last.
fn logs(chain: &GradientChain) -> (f64, f64) {
    let layers = chain.layers();
    let z = |l: usize| layers[l].z().unwrap().ln_mean_square().unwrap();
    let delta = |l: usize| layers[l].delta().ln_mean_square().unwrap();
    (z(DEPTH - 1) - z(0), delta(0) - delta(DEPTH - 1))
}

fn within(ln: f64, mean: f64, variance: f64) -> bool {
    (ln - mean).abs() < SIGMAS * variance.sqrt()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn he_keeps_relu_networks_alive(seed: u64) {
        let (forward, backward) = logs(&chain(&Activation::Relu, He::normal, seed));
        let steps = (DEPTH - 1) as f64 / WIDTH as f64;
        prop_assert!(within(forward, -2.5 * steps, 5.0 * steps), "forward {forward}");
        prop_assert!(within(backward, -2.5 * steps, 5.0 * steps), "backward {backward}");
    }

    #[test]
    fn xavier_and_lecun_keep_linear_networks_alive(seed: u64) {
        let steps = (DEPTH - 1) as f64 / WIDTH as f64;
        for chain in [
            chain(&Activation::Identity, Xavier::uniform, seed),
            chain(&Activation::Identity, LeCun::truncated_normal, seed),
        ] {
            let (forward, backward) = logs(&chain);
            prop_assert!(within(forward, -steps, 2.0 * steps), "forward {forward}");
            prop_assert!(within(backward, -steps, 2.0 * steps), "backward {backward}");
        }
    }

    #[test]
    fn a_missing_gain_is_seen(seed: u64) {
        let (forward, backward) = logs(&chain(&Activation::Relu, Xavier::normal, seed));
        let steps = (DEPTH - 1) as f64 / WIDTH as f64;
        prop_assert!(!within(forward, -2.5 * steps, 5.0 * steps));
        prop_assert!(!within(backward, -2.5 * steps, 5.0 * steps));
        // It is the half a layer of He et al. 2015.
        let half = (DEPTH - 1) as f64 * 0.5_f64.ln();
        prop_assert!(within(backward, half - 2.5 * steps, 5.0 * steps), "backward {backward}");
    }
}
