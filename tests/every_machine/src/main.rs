//! Golden vectors of stream v1 where this program runs, and on standard output a hash of every initializer's shards
//! further out, in every scalar, to be compared with what other machines print.

#[path = "../../it/golden.rs"]
mod golden;

use fanin::{Initializer, Scalar, Seed};
use golden::{Every, Golden, golden, initializers};
use half::{bf16, f16};

/// Where a 32-bit `usize` or a 64-bit sum might go wrong.
const SHARDS: [(u64, usize); 4] =
    [(0, 1), ((1 << 32) - 5000, 9000), ((1 << 40) + 17, 777), ((1 << 63) - 5000, 5000)];

/// A hash of a multiply and a rotation for each weight's exact value.
fn hash<T: Scalar>(initializer: &(dyn Every + 'static)) -> u64
where
    dyn Every: Initializer<T>,
{
    let mut hash = 0_u64;
    for seed in [Seed::from(42), Seed::from([0x5a; 32]).child(7).child("weight")] {
        for (offset, len) in SHARDS {
            let mut shard = vec![T::zero(); len];
            initializer.fill_shard(seed, offset, &mut shard).unwrap();
            for w in shard {
                hash =
                    (hash ^ Scalar::to_f64(w).to_bits()).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
            }
        }
    }
    hash
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
    golden().iter().for_each(Golden::assert_holds);
    for (name, initializer) in initializers() {
        let i = &*initializer;
        let hashes = [hash::<f32>(i), hash::<f64>(i), hash::<f16>(i), hash::<bf16>(i)];
        let [single, double, short, brain] = hashes.map(|hash| format!("{hash:016x}"));
        print(&format!("{name}: f32 {single} f64 {double} f16 {short} bf16 {brain}\n"));
    }
}
