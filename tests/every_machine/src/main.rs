//! Hashes of what every initializer writes in every scalar, on standard output: a line each. Two machines that
//! keep the promise of stream v1 print the same.

use std::fmt::Write;

use fanin::{Constant, Fan, FanMode, He, Initializer, LeCun, Normal, Scalar, Seed, TruncatedNormal, Uniform};
use fanin::{VarianceScaling, Xavier};
use half::{bf16, f16};

/// Shards that begin and end inside a block, at its border, and far out.
const SHARDS: [(u64, usize); 5] =
    [(0, 1), (4090, 9000), (8192, 4096), ((1 << 40) + 17, 777), ((1 << 63) - 5000, 5000)];

/// FNV-1a over the weights' exact values.
fn hash<T: Scalar>(initializer: &impl Initializer<T>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for seed in [Seed::from(42), Seed::from(42).child("fc1.weight"), Seed::from([0x5a; 32]).child(7)] {
        for (offset, len) in SHARDS {
            let mut shard = vec![T::zero(); len];
            initializer.fill_shard(seed, offset, &mut shard).expect("these parameters suit every scalar");
            for byte in shard.iter().flat_map(|&w| Scalar::to_f64(w).to_bits().to_le_bytes()) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
    }
    hash
}

fn line<I>(text: &mut String, name: &str, initializer: I)
where
    I: Initializer<f32> + Initializer<f64> + Initializer<f16> + Initializer<bf16>,
{
    let hashes = [
        hash::<f32>(&initializer),
        hash::<f64>(&initializer),
        hash::<f16>(&initializer),
        hash::<bf16>(&initializer),
    ];
    let [single, double, short, brain] = hashes.map(|hash| format!("{hash:016x}"));
    writeln!(text, "{name}: f32 {single} f64 {double} f16 {short} bf16 {brain}").expect("a String takes all");
}

fn hashes() -> String {
    let fan = Fan::conv(64, 96, [3, 3]);
    let mut text = String::new();
    let t = &mut text;
    line(t, "uniform", Uniform::new(-0.3, 0.7));
    line(t, "uniform, ends that round", Uniform::new(0.1, 0.3));
    line(t, "normal", Normal::new(0.0, 0.05));
    line(t, "normal, shifted", Normal::new(1.0, 1e-3));
    line(t, "normal, subnormal in f16", Normal::new(0.0, 1e-6));
    line(t, "truncated", TruncatedNormal::new(0.0, 0.02));
    line(t, "truncated on one side", TruncatedNormal::new(0.5, 2.0).bounds(0.0, f64::INFINITY));
    line(t, "truncated far out", TruncatedNormal::new(0.0, 0.02).bounds(-2.0, 2.0));
    line(t, "constant", Constant::new(0.1));
    line(t, "Xavier::uniform", Xavier::uniform(fan).gain(1.5));
    line(t, "Xavier::normal", Xavier::normal(fan));
    line(t, "Xavier::truncated_normal", Xavier::truncated_normal(fan));
    line(t, "He::uniform", He::uniform(fan).negative_slope(0.2));
    line(t, "He::normal", He::normal(fan));
    line(t, "He::truncated_normal", He::truncated_normal(fan));
    line(t, "LeCun::uniform", LeCun::uniform(fan));
    line(t, "LeCun::normal", LeCun::normal(fan));
    line(t, "LeCun::truncated_normal", LeCun::truncated_normal(fan));
    line(t, "VarianceScaling::uniform", VarianceScaling::uniform(3.0, FanMode::FanGeoAvg, fan));
    line(t, "VarianceScaling::normal", VarianceScaling::normal(3.0, FanMode::FanOut, fan));
    line(
        t,
        "VarianceScaling::truncated_normal",
        VarianceScaling::truncated_normal(3.0, FanMode::FanAvg, fan),
    );
    text
}

#[cfg(not(target_family = "wasm"))]
fn print(text: &str) {
    print!("{text}");
}

/// Standard output is what node gives the module under this name.
#[cfg(target_family = "wasm")]
fn print(text: &str) {
    #[link(wasm_import_module = "env")]
    unsafe extern "C" {
        safe fn write(text: *const u8, len: usize);
    }
    write(text.as_ptr(), text.len());
}

fn main() {
    print(&hashes());
}
