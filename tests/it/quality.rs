//! The quality of the numbers. The long runs are `#[ignore]`d: `cargo test --release -- --ignored quality`.
//!
//! Each check has a false-positive rate of 1e-9: for a standard normal statistic a bound of 6.11,
//! for Kolmogorov-Smirnov the inequality of Dvoretzky, Kiefer, Wolfowitz and Massart.

use fanin::{Initializer, Law, Normal, Seed, TruncatedNormal, Uniform};

/// P(|z| > 6.11) < 1e-9.
const Z: f64 = 6.11;

/// Fills of this many elements at a time.
const CHUNK: usize = 1 << 20;

/// Points at which the empirical distribution is looked at.
const BINS: usize = 1 << 12;

/// A law's k-th moment about 0, in units of its standard deviation.
fn moment(law: &Law, k: u32) -> f64 {
    match law {
        Law::Normal { .. } if k % 2 == 1 => 0.0,
        Law::Normal { .. } => (1..k).step_by(2).map(f64::from).product(),
        Law::Uniform { .. } if k % 2 == 1 => 0.0,
        Law::Uniform { .. } => 3_f64.powf(f64::from(k) / 2.0) / f64::from(k + 1),
        // Between -2 and 2, by the midpoint rule.
        _ => {
            let density = |x: f64| (-0.5 * x * x).exp();
            let points = (0..100_000).map(|i| -2.0 + 4.0 * (f64::from(i) + 0.5) / 1e5);
            let of = |k: i32| points.clone().map(|x| x.powi(k) * density(x)).sum::<f64>();
            of(k as i32) / of(0) * (of(0) / of(2)).powf(f64::from(k) / 2.0)
        }
    }
}

/// Mean of x^k over n draws, as a standard normal statistic, k = 1 to 6; Kolmogorov-Smirnov; and the
/// correlation of neighbours at lags in the row, the column and the block.
fn check(name: &str, law: Law, fill: impl Fn(u64, &mut [f32]), n: usize) {
    let std_dev = law.std_dev();
    let mut sums = [0.0_f64; 6];
    let mut lagged = [(1, 0.0), (16, 0.0), (32, 0.0), (64, 0.0), (4096, 0.0), (65_536, 0.0)];
    // Bins of equal mass stand for the empirical distribution.
    let mut bins = [0_u64; BINS];
    let mut w = vec![0.0_f32; CHUNK];
    for start in (0..n).step_by(CHUNK) {
        fill(start as u64, &mut w);
        for &x in &w {
            let x = f64::from(x) / std_dev;
            let mut power = 1.0;
            for sum in &mut sums {
                power *= x;
                *sum += power;
            }
            let u = law.cdf(x * std_dev);
            bins[((u * BINS as f64) as usize).min(BINS - 1)] += 1;
        }
        for (lag, sum) in &mut lagged {
            *sum += w.iter().zip(&w[*lag..]).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>()
                / (std_dev * std_dev);
        }
    }
    let n = n as f64;
    for (k, sum) in (1..).zip(sums) {
        let (expected, square) = (moment(&law, k), moment(&law, 2 * k));
        let z = (sum / n - expected) / ((square - expected * expected) / n).sqrt();
        println!("{name}: moment {k}: {:.6} for {expected:.6}, {z:+.2} sigmas", sum / n);
        assert!(z.abs() < Z, "{name}: moment {k} is {z} sigmas off");
    }
    for (lag, sum) in lagged {
        let pairs = n * (1.0 - lag as f64 / CHUNK as f64);
        let z = sum / pairs.sqrt();
        println!("{name}: correlation at lag {lag}: {z:+.2} sigmas");
        assert!(z.abs() < Z, "{name}: neighbours {lag} apart correlate by {z} sigmas");
    }
    let mut below = 0;
    let distance = bins.iter().enumerate().map(|(i, count)| {
        below += count;
        (below as f64 / n - (i + 1) as f64 / BINS as f64).abs()
    });
    let distance = distance.fold(0.0, f64::max);
    let allowed = ((2.0 / 1e-9_f64).ln() / (2.0 * n)).sqrt();
    println!("{name}: Kolmogorov-Smirnov {:.3} of what is allowed", distance / allowed);
    assert!(distance < allowed, "{name}: {distance} from its distribution, {allowed} allowed");
}

fn all(n: usize) {
    let seed = Seed::from(20_261_123);
    let (uniform, normal) = (Uniform::new(-0.5, 0.5), Normal::new(0.0, 0.02));
    let truncated = TruncatedNormal::new(0.0, 0.02);
    check("uniform", uniform.law(), |at, w| uniform.fill_shard(seed, at, w).unwrap(), n);
    check("normal", normal.law(), |at, w| normal.fill_shard(seed, at, w).unwrap(), n);
    check("truncated", truncated.law(), |at, w| truncated.fill_shard(seed, at, w).unwrap(), n);
    // 64 elements of each of n / 64 sibling seeds: at lag 64 stands the same place of the next sibling.
    let siblings = |at: u64, w: &mut [f32]| {
        for (i, w) in w.chunks_mut(64).enumerate() {
            normal.fill_shard(seed.child((at as usize >> 6) + i), 1 << 40, w).unwrap();
        }
    };
    check("siblings", normal.law(), siblings, n / 8);
}

#[test]
fn numbers_are_good() {
    all(1 << 23);
}

#[test]
#[ignore = "10^8 draws a law: a minute"]
fn numbers_are_good_at_length() {
    all(96 * CHUNK);
}

/// Draws beyond 6 standard deviations come as often as they should: 1.97e-9 each.
#[test]
#[ignore = "4 x 10^9 draws: several seconds"]
fn tails_beyond_six_sigma_are_reached() {
    let mut w = vec![0.0_f32; CHUNK];
    let far = (0..4096_u64)
        .map(|chunk| {
            Normal::new(0.0, 1.0).fill_shard(Seed::from(6), chunk * CHUNK as u64, &mut w).unwrap();
            w.iter().filter(|x| x.abs() > 6.0).count()
        })
        .sum::<usize>();
    // Poisson of mean 8.5: P(0) = 2e-4 would be the least surprising failure; P(> 30) = 4e-9.
    println!("{far} of 2^32 draws beyond 6 sigma, 8.5 expected");
    assert!((1..=30).contains(&far));
}

/// The check can fail: a law 1 % too wide, and neighbours that share a sign.
#[test]
fn a_planted_fault_is_seen() {
    let law = Normal::new(0.0, 0.02).law();
    let wide = std::panic::catch_unwind(|| {
        check("wide", law, |at, w| Normal::new(0.0, 0.0202).fill_shard(1.into(), at, w).unwrap(), 1 << 21);
    });
    assert!(wide.is_err());
    let paired = std::panic::catch_unwind(|| {
        let fill = |at, w: &mut [f32]| {
            Normal::new(0.0, 0.02).fill_shard(1.into(), at, w).unwrap();
            w.chunks_exact_mut(2).for_each(|pair| pair[1] = pair[1].abs().copysign(pair[0]));
        };
        check("paired", law, fill, 1 << 21);
    });
    assert!(paired.is_err());
}
