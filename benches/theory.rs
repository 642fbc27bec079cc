//! Every number of mean-field theory should come in under 10 ms; what one asks of a whole network, in less than a
//! second.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use fanin::theory::{GainMethod, Inputs, MeanField, NetworkLaw, critical, gain_for};
use fanin::{Activation, Custom, He};

fn activations() -> Vec<Activation> {
    vec![
        Activation::Relu,
        Activation::Tanh,
        Activation::Gelu,
        Activation::Selu,
        Activation::Mish,
        Activation::HardTanh,
        Custom::new("custom tanh", f64::tanh, |z| 1.0 - z.tanh().powi(2)).into(),
    ]
}

fn numbers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("theory");
    group.sample_size(10).measurement_time(Duration::from_secs(1)).warm_up_time(Duration::from_millis(200));
    for activation in activations() {
        let name = activation.to_string();
        group.bench_function(BenchmarkId::new("gain", &name), |bencher| {
            bencher.iter(|| gain_for(black_box(&activation), GainMethod::Backward));
        });
        let ordered = MeanField::new(activation.clone(), 1.5, 0.1).unwrap();
        group.bench_function(BenchmarkId::new("fixed point", &name), |bencher| {
            bencher.iter(|| black_box(&ordered).fixed_point());
        });
        // A chaotic network, at ordinary and at large lengths: c* below 1.
        for (weight_variance, q) in [(4.0, 2.0), (100.0, 90.0)] {
            let chaotic = MeanField::new(activation.clone(), weight_variance, 0.1).unwrap();
            group.bench_function(BenchmarkId::new(format!("c* at q {q}"), &name), |bencher| {
                bencher.iter(|| black_box(&chaotic).correlation_point(q));
            });
        }
        group.bench_function(BenchmarkId::new("critical", &name), |bencher| {
            bencher.iter(|| critical(black_box(&activation)));
        });
    }
    group.finish();
}

/// 50 layers of width 256.
fn networks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("network");
    group.sample_size(10).measurement_time(Duration::from_secs(1)).warm_up_time(Duration::from_millis(200));
    let inputs = Inputs::alike(1.0, 0.3).unwrap();
    for activation in [Activation::Relu, Activation::Gelu] {
        let law = NetworkLaw::dense(&[256; 52], &activation, |fan| He::normal(fan).law()).unwrap();
        let name = activation.to_string();
        group.bench_function(BenchmarkId::new("predict", &name), |bencher| {
            bencher.iter(|| black_box(&law).predict(&inputs));
        });
        group.bench_function(BenchmarkId::new("cosines", &name), |bencher| {
            bencher.iter(|| black_box(&law).cosines(&inputs));
        });
        group.bench_function(BenchmarkId::new("bands", &name), |bencher| {
            bencher.iter(|| black_box(&law).bands(&inputs));
        });
    }
    group.finish();
}

criterion_group!(benches, numbers, networks);
criterion_main!(benches);
