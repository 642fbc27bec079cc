//! Orthogonal matrices beside faer's QR and Q, in turns in one run, best of many rounds, drawing included in both.
//!
//! `cargo bench --bench orthogonal --features spectrum`: one thread each.

use std::hint::black_box;
use std::time::Instant;

use faer::traits::ComplexField;
use faer::{Mat, Par};
use fanin::{InitializerExt, Normal, Orthogonal, Scalar};

fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

fn by_faer<T: Scalar + ComplexField>(rows: usize, cols: usize, w: &mut [T]) {
    Normal::new(0.0, 1.0).seed(1).fill(w);
    let drawn = Mat::from_fn(rows, cols, |i, j| w[i * cols + j]);
    let qr = drawn.qr();
    let (q, r) = (qr.compute_thin_Q(), qr.thin_R());
    for (i, row) in w.chunks_exact_mut(cols).enumerate() {
        for (j, w) in row.iter_mut().enumerate() {
            *w = if r[(j, j)] < T::zero() { -q[(i, j)] } else { q[(i, j)] };
        }
    }
}

fn compare<T: Scalar + ComplexField>(rows: usize, cols: usize) {
    let mut w = vec![T::zero(); rows * cols];
    let rounds = (1 << 25) / (rows * cols * cols.min(rows)).max(1 << 20) + 4;
    let mut best = [f64::INFINITY; 2];
    for _ in 0..rounds {
        best[0] = best[0].min(seconds(|| Orthogonal::new(rows, cols).seed(1).fill(black_box(&mut w))));
        best[1] = best[1].min(seconds(|| by_faer(rows, cols, black_box(&mut w))));
    }
    println!(
        "{:>4} {rows:>5} x {cols:<5} {:>8.2} ms, faer {:>8.2} ms, ratio {:.2}",
        T::NAME,
        1e3 * best[0],
        1e3 * best[1],
        best[1] / best[0]
    );
}

fn main() {
    faer::set_global_parallelism(Par::Seq);
    for (rows, cols) in [(256, 256), (1024, 1024), (2048, 2048), (4096, 1024)] {
        compare::<f32>(rows, cols);
    }
    for (rows, cols) in [(256, 256), (1024, 1024)] {
        compare::<f64>(rows, cols);
    }
}
