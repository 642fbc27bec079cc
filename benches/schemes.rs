//! Each scheme beside the plain distribution that it is: elements per second, the best of rounds that take turns.
//!
//! `cargo bench --bench schemes`.

use std::hint::black_box;
use std::time::Instant;

use fanin::prelude::*;
use fanin::{
    DepthScaling, KerasDefault, Law, LoRA, LogUniform, Mamba, MuP, NeuralTangent, PriorBias, Siren,
    SmallInit, T5, TorchDefault, WangInit,
};

/// A scheme and the distribution it is.
struct Pair {
    name: &'static str,
    scheme: Box<dyn Initializer<f32>>,
    law: Law,
}

fn pair(name: &'static str, scheme: impl Initializer<f32> + 'static) -> Pair {
    let law = scheme.law().expect("a distribution");
    Pair { name, scheme: Box::new(scheme), law }
}

fn pairs() -> Vec<Pair> {
    vec![
        pair("Siren::first", Siren::first(256)),
        pair("Siren::hidden", Siren::hidden(256)),
        pair("MuP::hidden", MuP::hidden((256, 256)).base((64, 64)).std_dev(0.02)),
        pair("MuP::bias", MuP::bias((256, 256))),
        pair("NeuralTangent::normal", NeuralTangent::normal(256)),
        pair("Normal, depth scaled", Normal::new(0.0, 0.02).law().scaled(DepthScaling::gpt2(12))),
        pair(
            "TruncatedNormal, depth scaled",
            TruncatedNormal::new(0.0, 0.02).law().scaled(DepthScaling::by_block(3)),
        ),
        pair("Xavier, DeepNet", Xavier::normal((256, 256)).gain(DepthScaling::deepnet(24))),
        pair("SmallInit", SmallInit::new(256)),
        pair("WangInit", WangInit::new(256, 12)),
        pair("T5::query", T5::query(256, 64)),
        pair("LoRA::a", LoRA::a(256)),
        pair("LoRA::gaussian_a", LoRA::gaussian_a(8)),
        pair("PriorBias::binary", PriorBias::binary(0.01)),
        pair("Mamba::dt_weight", Mamba::dt_weight(16)),
        pair("Mamba::dt_bias", Mamba::dt_bias()),
        pair("LogUniform", LogUniform::new(0.001, 0.1)),
        pair("TorchDefault::linear", TorchDefault::linear(256)),
        pair("KerasDefault::dense", KerasDefault::dense((256, 256))),
        pair("TruncatedNormal::std_dev_bounds", TruncatedNormal::new(0.0, 0.02).std_dev_bounds(-2.0, 2.0)),
    ]
}

fn main() {
    // `cargo test --benches` passes no `--bench`: show that it runs, and no more.
    let measured = std::env::args().any(|argument| argument == "--bench");
    let (len, rounds) = if measured { (1 << 20, 60) } else { (1 << 10, 1) };
    let mut w = vec![0.0_f32; len];
    println!("f32, {len} elements: M/s of the scheme, of its law, the ratio");
    let mut slowest = f64::INFINITY;
    for Pair { name, scheme, law } in pairs() {
        let mut best = [f64::INFINITY; 2];
        let fills: [&dyn Initializer<f32>; 2] = [&*scheme, &law];
        for _ in 0..rounds {
            for (fill, best) in fills.iter().zip(&mut best) {
                let start = Instant::now();
                fill.fill_shard(Seed::from(1), 0, black_box(&mut w)).unwrap();
                *best = best.min(start.elapsed().as_secs_f64());
            }
        }
        let [of_scheme, of_law] = best.map(|seconds| len as f64 / seconds / 1e6);
        slowest = slowest.min(of_scheme / of_law);
        println!("  {name:<34}{of_scheme:>9.0} {of_law:>9.0} {:>7.3}", of_scheme / of_law);
    }
    println!("slowest beside its law: {slowest:.3}");
}
