//! Every distribution, scalar and size beside a plain memory fill, `rand_distr` and `ndarray-rand`.
//! `--features half` for `f16` and `bf16`, `--features rayon` for all cores (`RAYON_NUM_THREADS=1` for one).
//! For figures to quote, see `ratios.rs`: it measures side by side.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fanin::{Initializer, InitializerExt, Normal, Scalar, TruncatedNormal, Uniform};
use ndarray_rand::RandomExt;
use rand::distr::Distribution;
use rand::rngs::{SmallRng, StdRng};
use rand::{Rng, SeedableRng};

const SIZES: [usize; 3] = [1 << 6, 1 << 16, 1 << 26];

fn laws<T: Scalar>(c: &mut Criterion) {
    for size in SIZES {
        let mut group = c.benchmark_group(format!("{}/2^{}", T::NAME, size.ilog2()));
        group.throughput(Throughput::Elements(size as u64));
        group.sample_size(10);
        let mut w = vec![T::zero(); size];
        group.bench_function("memory fill", |b| b.iter(|| black_box(&mut w[..]).fill(black_box(T::one()))));
        let mut law = |name: &str, law: &dyn Initializer<T>| {
            group.bench_function(name, |b| b.iter(|| law.fill(black_box(&mut w[..]))));
        };
        law("uniform", &Uniform::new(-0.1, 0.1).seed(1));
        law("normal", &Normal::new(0.0, 0.1).seed(1));
        law("truncated normal", &TruncatedNormal::new(0.0, 0.1).seed(1));
        law("constant", &fanin::Constant::new(0.1));
    }
}

fn sample<T, R: Rng>(w: &mut [T], law: &impl Distribution<T>, rng: &mut R) {
    w.iter_mut().for_each(|w| *w = law.sample(rng));
}

fn peers(c: &mut Criterion) {
    for size in SIZES {
        let mut group = c.benchmark_group(format!("peers, f32/2^{}", size.ilog2()));
        group.throughput(Throughput::Elements(size as u64));
        group.sample_size(10);
        let mut w = vec![0.0_f32; size];
        let (uniform, normal) =
            (rand::distr::Uniform::new(-0.1, 0.1).unwrap(), rand_distr::Normal::new(0.0, 0.1).unwrap());
        let (mut std_rng, mut small_rng) = (StdRng::seed_from_u64(1), SmallRng::seed_from_u64(1));
        group.bench_function("uniform, StdRng", |b| b.iter(|| sample(&mut w, &uniform, &mut std_rng)));
        group.bench_function("uniform, SmallRng", |b| b.iter(|| sample(&mut w, &uniform, &mut small_rng)));
        group.bench_function("normal, StdRng", |b| b.iter(|| sample(&mut w, &normal, &mut std_rng)));
        group.bench_function("normal, SmallRng", |b| b.iter(|| sample(&mut w, &normal, &mut small_rng)));
        group.bench_with_input(BenchmarkId::from_parameter("normal, ndarray-rand"), &size, |b, &size| {
            use ndarray_rand::rand::SeedableRng as _;
            let mut rng = ndarray_rand::rand::rngs::StdRng::seed_from_u64(1);
            let law = ndarray_rand::rand_distr::Normal::new(0.0_f32, 0.1).unwrap();
            b.iter(|| ndarray::Array1::random_using(size, law, &mut rng));
        });
    }
}

fn all(c: &mut Criterion) {
    laws::<f32>(c);
    laws::<f64>(c);
    #[cfg(feature = "half")]
    laws::<half::f16>(c);
    #[cfg(feature = "half")]
    laws::<half::bf16>(c);
    peers(c);
}

criterion_group!(benches, all);
criterion_main!(benches);
