//! Column-major matrices beside a row-major slice, 4096 x 4096 `f32`, best of rounds that take turns.
//!
//! `cargo bench --bench arrays --features nalgebra,faer`.

use std::hint::black_box;
use std::time::Instant;

use fanin::{Initializer, InitializerExt, Normal, Uniform};

const SIDE: usize = 4096;

fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

fn compare(name: &str, init: impl Initializer<f32> + Copy, side: usize, rounds: usize) {
    let mut slice = vec![0.0_f32; side * side];
    let mut columns = nalgebra::DMatrix::<f32>::zeros(side, side);
    let mut mat = faer::Mat::<f32>::zeros(side, side);
    let mut best = [f64::INFINITY; 3];
    for _ in 0..rounds {
        best[0] = best[0].min(seconds(|| init.seed(1).fill(black_box(&mut slice))));
        best[1] = best[1].min(seconds(|| init.seed(1).fill(black_box(&mut columns))));
        best[2] = best[2].min(seconds(|| init.seed(1).fill(black_box(&mut mat))));
    }
    let [rows, nalgebra, faer] = best;
    println!(
        "{name:<8} row-major {:>6.1} ms, nalgebra {:.2} of its rate, faer {:.2}",
        1e3 * rows,
        rows / nalgebra,
        rows / faer
    );
}

fn main() {
    // `cargo test --benches` passes no `--bench`: show that it runs, and no more.
    let bench = std::env::args().any(|argument| argument == "--bench");
    let (side, rounds) = if bench { (SIDE, 15) } else { (64, 1) };
    compare("normal", Normal::new(0.0, 0.1), side, rounds);
    compare("uniform", Uniform::new(-0.1, 0.1), side, rounds);
}
