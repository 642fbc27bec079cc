//! The figures of the README: ratios, measured side by side in one run, best of many rounds.
//!
//! `cargo bench --bench ratios --features rayon,half`; `-- chain` measures the chain alone, and with `-- --serve`
//! it answers `benches/peers.py`.

use std::hint::black_box;
use std::io::BufRead;
use std::time::Instant;

use fanin::{Initializer, InitializerExt, Normal, Orthogonal, Scalar, TruncatedNormal, Uniform};
use rand::SeedableRng;
use rand::distr::Distribution;
use rand::rngs::{SmallRng, StdRng};

/// Seconds of one call.
fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// A named piece of work over a buffer.
type Work<'a, T> = (&'a str, Box<dyn FnMut(&mut [T]) + 'a>);

fn law<'a, T: Scalar>(name: &'a str, law: impl Initializer<T> + Copy + 'a) -> Work<'a, T> {
    (name, Box::new(move |w: &mut [T]| law.fill(w)))
}

fn memory_fill<'a, T: Scalar>() -> Work<'a, T> {
    ("memory fill", Box::new(|w: &mut [T]| parallel(w, &|w| w.fill(black_box(T::one())))))
}

/// Memory fill on as many threads as the distributions have.
#[cfg(feature = "rayon")]
fn parallel<T: Send>(w: &mut [T], work: &(impl Fn(&mut [T]) + Sync)) {
    use rayon::prelude::*;
    let len = w.len().div_ceil(rayon::current_num_threads()).max(1);
    w.par_chunks_mut(len).for_each(work);
}

#[cfg(not(feature = "rayon"))]
fn parallel<T>(w: &mut [T], work: &impl Fn(&mut [T])) {
    work(w);
}

/// Elements per second of each, the best of rounds that take turns.
fn rates<T: Scalar>(len: usize, rounds: usize, works: &mut [Work<'_, T>]) -> Vec<f64> {
    let mut w = vec![T::zero(); len];
    let mut best = vec![f64::INFINITY; works.len()];
    for round in 0..=rounds {
        for ((_, work), best) in works.iter_mut().zip(&mut best) {
            let repeat = (1_usize << 16).div_ceil(len);
            let seconds = seconds(|| (0..repeat).for_each(|_| work(black_box(&mut w)))) / repeat as f64;
            if round > 0 {
                *best = best.min(seconds);
            }
        }
    }
    best.iter().map(|seconds| len as f64 / seconds).collect()
}

fn laws<'a, T: Scalar>() -> Vec<Work<'a, T>> {
    vec![
        memory_fill(),
        law("uniform", Uniform::new(-0.1, 0.1).seed(1)),
        law("normal", Normal::new(0.0, 0.1).seed(1)),
        law("truncated normal", TruncatedNormal::new(0.0, 0.1).seed(1)),
    ]
}

fn table(title: &str, names: &[&str], rates: &[f64], of: f64) {
    println!("\n{title}");
    for (name, rate) in names.iter().zip(rates) {
        println!("  {name:<34}{:>8.0} M/s  {:>6.3}", rate / 1e6, rate / of);
    }
}

fn print_laws<T: Scalar>(title: &str, len: usize, rounds: usize, single: Option<&[f64]>) -> Vec<f64> {
    let mut works = laws::<T>();
    let rates = rates(len, rounds, &mut works);
    let names: Vec<&str> = works.iter().map(|work| work.0).collect();
    table(
        &format!("{title}, {}, 2^{} elements, beside memory fill", T::NAME, len.ilog2()),
        &names,
        &rates,
        rates[0],
    );
    if let Some(single) = single {
        let ratios: Vec<_> = rates.iter().zip(single).map(|(a, b)| format!("{:.2}", a / b)).collect();
        println!("  beside f32, elements per second:  {}", ratios.join("  "));
    }
    rates
}

fn print_rand(len: usize, rounds: usize) {
    let (mut std_rng, mut small_rng) = (StdRng::seed_from_u64(1), SmallRng::seed_from_u64(1));
    let (uniform, normal) =
        (rand::distr::Uniform::new(-0.1_f32, 0.1).unwrap(), rand_distr::Normal::new(0.0_f32, 0.1).unwrap());
    let mut small_uniform = small_rng.clone();
    let mut std_uniform = StdRng::seed_from_u64(2);
    let mut works = vec![
        law("fanin uniform", Uniform::new(-0.1, 0.1).seed(1)),
        (
            "rand uniform, StdRng",
            Box::new(|w: &mut [f32]| w.iter_mut().for_each(|w| *w = uniform.sample(&mut std_uniform))) as _,
        ),
        (
            "rand uniform, SmallRng",
            Box::new(|w: &mut [f32]| w.iter_mut().for_each(|w| *w = uniform.sample(&mut small_uniform))) as _,
        ),
        law("fanin normal", Normal::new(0.0, 0.1).seed(1)),
        (
            "rand_distr normal, StdRng",
            Box::new(|w: &mut [f32]| w.iter_mut().for_each(|w| *w = normal.sample(&mut std_rng))) as _,
        ),
        (
            "rand_distr normal, SmallRng",
            Box::new(|w: &mut [f32]| w.iter_mut().for_each(|w| *w = normal.sample(&mut small_rng))) as _,
        ),
    ];
    let rates = rates(len, rounds, &mut works);
    let names: Vec<&str> = works.iter().map(|work| work.0).collect();
    table("beside rand, f32", &names[..3], &rates[..3], rates[0]);
    table("", &names[3..], &rates[3..], rates[3]);
}

/// Time per element from small tensors to large: nanoseconds, best of rounds.
fn print_growth(largest: u32, rounds: usize) {
    println!("\nnanoseconds per element, f32 normal");
    for log2 in (4..=largest).step_by(4) {
        let rate = rates(
            1 << log2,
            rounds,
            &mut [law("", Normal::new(0.0_f64, 0.1).seed(1))] as &mut [Work<'_, f32>],
        )[0];
        println!("  2^{log2:<4}{:>8.3}", 1e9 / rate);
    }
    let mut tiny = [0.0_f32; 16];
    let repeat = 100_000;
    let fill = seconds(|| (0..repeat).for_each(|_| Normal::new(0.0, 0.1).seed(1).fill(black_box(&mut tiny))));
    println!("  16 elements, a bound seed: {:.0} ns a fill", fill / f64::from(repeat) * 1e9);
}

/// What the statistics of the gradient chain add to a backward pass.
#[cfg(feature = "nn")]
fn print_chain(rounds: usize) {
    let (mut plain, mut observed) = (backward(false), backward(true));
    let (mut without, mut with) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..rounds {
        without = without.min(seconds(&mut plain));
        with = with.min(seconds(&mut observed));
    }
    println!("\nforward and backward, 20 x 512, batch 256: {:.1} ms", 1e3 * without);
    println!("  with the chain: {:.1} ms, {:+.1} %", 1e3 * with, 100.0 * (with / without - 1.0));
}

/// Forward and backward of 20 ReLU layers of width 512 and a head, batch 256, `f32`; allocates once. If
/// `observed`, with the statistics of the gradient chain.
#[cfg(feature = "nn")]
fn backward(observed: bool) -> impl FnMut() {
    use fanin::nn::Tape;
    use fanin::{Activation, He, Loss, Network};

    let net = (0..20).fold(Network::<f32>::new(512), |net, _| net.dense(512, Activation::Relu));
    let net = net.dense(10, Activation::Identity).init(He::normal, 1).expect("fans are not 0");
    let mut batch = vec![0.0; 256 * 512];
    Normal::new(0.0, 1.0).seed(2).fill(&mut batch);
    let labels: Vec<usize> = (0..256).map(|i| i % 10).collect();
    let mut tape = Tape::default();
    move || {
        let loss = net.backward(&batch, &labels, Loss::SoftmaxCrossEntropy, &mut tape);
        assert!(loss.expect("shapes fit").is_finite());
        if observed {
            black_box(net.chain_of(&tape).expect("the tape of this network"));
        }
    }
}

/// Lines "law scalar log2_len" or "orthogonal scalar rows cols" in, seconds of one fill out; "backward" for a network's.
fn serve() {
    fn one<T: Scalar>(law: &str, len: usize) -> f64 {
        let mut w = vec![T::one(); len];
        let work: Box<dyn Initializer<T>> = match law {
            "uniform" => Box::new(Uniform::new(-0.1, 0.1).seed(1)),
            "normal" => Box::new(Normal::new(0.0, 0.1).seed(1)),
            "trunc_normal" => Box::new(TruncatedNormal::new(0.0, 0.1).seed(1)),
            other => panic!("no law {other}"),
        };
        seconds(|| work.fill(black_box(&mut w)))
    }
    fn matrix<T: Scalar>(rows: usize, cols: usize) -> f64 {
        let mut w = vec![T::one(); rows * cols];
        seconds(|| Orthogonal::new(rows, cols).seed(1).fill(black_box(&mut w)))
    }
    #[cfg(feature = "nn")]
    let mut backward = backward(false);
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let mut words = line.split_whitespace();
        #[cfg(feature = "nn")]
        if line.starts_with("backward") {
            println!("{}", seconds(&mut backward));
            continue;
        }
        if let ["orthogonal", scalar, rows, cols] = line.split_whitespace().collect::<Vec<_>>()[..] {
            let [rows, cols] = [rows, cols].map(|side| side.parse().expect("a side of the matrix"));
            println!(
                "{}",
                if scalar == "f64" { matrix::<f64>(rows, cols) } else { matrix::<f32>(rows, cols) }
            );
            continue;
        }
        let (law, scalar, log2) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let len = 1_usize << log2.parse::<u32>().expect("the logarithm of a length");
        println!("{}", if scalar == "f64" { one::<f64>(law, len) } else { one::<f32>(law, len) });
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().any(|argument| argument == "--serve") {
        return serve();
    }
    // `cargo test --benches` passes no `--bench`: show that it runs, and no more.
    let (len, rounds, largest) = if arguments.iter().any(|argument| argument == "--bench") {
        (1 << 26, 7, 28)
    } else {
        (1 << 12, 1, 12)
    };
    #[cfg(feature = "nn")]
    print_chain(if rounds > 1 { 40 } else { 1 });
    if arguments.iter().any(|argument| argument == "chain") {
        return;
    }
    #[cfg(feature = "rayon")]
    let threads = rayon::current_num_threads();
    #[cfg(not(feature = "rayon"))]
    let threads = 1;
    let title = format!("{threads} thread(s)");
    let single = print_laws::<f32>(&title, len, rounds, None);
    print_laws::<f64>(&title, len / 2, rounds, Some(&single));
    #[cfg(feature = "half")]
    {
        print_laws::<half::bf16>(&title, len, rounds, Some(&single));
        print_laws::<half::f16>(&title, len, rounds, Some(&single));
    }
    print_rand(len / 4, rounds);
    print_growth(largest, rounds);
}
