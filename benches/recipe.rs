//! Recipes: how long 10,000 names take, and what a recipe, a composite and a box cost beside filling the parts, in turns in one run,
//! best of many rounds.
//!
//! `cargo bench --bench recipe --features recipe`: one thread.

use std::hint::black_box;
use std::time::Instant;

use fanin::recipe::Recipe;
use fanin::{Initializer, InitializerExt, Normal, Orthogonal, Seed};

fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// The best times of two ways, in turns.
fn best(rounds: usize, mut one: impl FnMut(), mut other: impl FnMut()) -> [f64; 2] {
    (0..rounds).fold([f64::INFINITY; 2], |[a, b], _| [a.min(seconds(&mut one)), b.min(seconds(&mut other))])
}

fn print(what: &str, [one, other]: [f64; 2], beside: &str) {
    println!("{what:<40} {:>9.3} ms, {beside} {:>9.3} ms, ratio {:.3}", 1e3 * one, 1e3 * other, one / other);
}

/// Rules as a large model has them, of which the last ones match.
fn recipe() -> Recipe {
    let mut text = String::from("framework = \"pytorch\"\nlayers = 1000\nseed = 1\n[parameters]\n");
    for i in 0..40 {
        text += &format!("\"encoder.*.part{i}.*.weight\" = \"he_normal\"\n");
    }
    text += "\"*.bias\" = \"zeros\"\n\"*norm*.weight\" = \"ones\"\n";
    text += "\"h.*.proj.weight\" = { init = \"normal(std_dev=0.02)\", depth = \"by_block\" }\n";
    text += "\"h.*.weight\" = \"normal(std_dev=0.02)\"\n";
    text += "\"h.*.qkv\" = { composite = [\"normal(std_dev=0.02)\", \"normal(std_dev=0.02)\", \"normal(std_dev=0.02)\"] }\n";
    Recipe::from_toml(&text).unwrap()
}

fn main() {
    let recipe = recipe();
    let names: Vec<String> = (0..1000)
        .flat_map(|i| ["attn.q", "attn.k", "attn.v", "proj", "norm"].map(|part| format!("h.{i}.{part}")))
        .flat_map(|name| [format!("{name}.weight"), format!("{name}.bias")])
        .collect();
    let parameters: Vec<(&str, &[usize])> = names.iter().map(|name| (name.as_str(), &[64, 64][..])).collect();
    let rule = || names.iter().for_each(|name| drop(black_box(recipe.rule_of((name.as_str(), &[64, 64])))));
    let plan = || drop(black_box(recipe.plan(parameters.iter().copied())));
    print(
        &format!("{} names, {} rules", names.len(), recipe.rules().count()),
        best(20, rule, plan),
        "their plan",
    );

    let seed = Seed::from(1);
    let (mut one, mut other) = (vec![0.0_f32; 1 << 20], vec![0.0_f32; 1 << 20]);
    for side in [64, 256, 1024] {
        let len = side * side;
        let normal = Normal::new(0.0, 0.02);
        let by_recipe = || recipe.init("h.3.attn.weight", &[side, side], black_box(&mut one[..len])).unwrap();
        let by_hand = || normal.seed(seed.child("h.3.attn.weight")).fill(black_box(&mut other[..len]));
        print(&format!("Recipe, {side} x {side}"), best(1000, by_recipe, by_hand), "by hand");
        assert_eq!(one[..len], other[..len]);
    }
    for side in [192, 768] {
        let (mut one, mut other) = (vec![0.0_f32; 3 * side * side], vec![0.0_f32; 3 * side * side]);
        let by_recipe = || recipe.init("h.3.qkv", &[3 * side, side], black_box(&mut one)).unwrap();
        let by_hand = || {
            for (i, part) in other.chunks_exact_mut(side * side).enumerate() {
                Normal::new(0.0, 0.02).seed(seed.child("h.3.qkv").child(i)).fill(black_box(part));
            }
        };
        print(&format!("Composite, 3 x {side} x {side}"), best(500, by_recipe, by_hand), "by hand");
        assert_eq!(one, other);
    }
    let normal = Normal::new(0.0, 0.02).seed(1);
    let mut whole = vec![0.0_f32; 4096 * 4096];
    for columns in [4, 16, 64, 256, 1024, 4096] {
        for cols in [256, 1024, 4096] {
            if columns > cols {
                continue;
            }
            let mut part = vec![0.0_f32; 4096 * columns];
            let mut run = vec![0.0_f32; columns];
            let whole = &mut whole[..4096 * cols];
            let start = (cols - columns) / 2;
            let block =
                || normal.fill_block(&[4096, cols], &[0..4096, start..start + columns], black_box(&mut part));
            let runs = || {
                for row in 0..4096 {
                    normal
                        .fill_shard(Seed::from(1), (row * cols + start) as u64, black_box(&mut run))
                        .unwrap();
                }
            };
            let times = best(10, block, runs);
            let all = seconds(|| normal.fill(black_box(&mut *whole)));
            print(&format!("{columns} columns of 4096 x {cols}"), times, "run by run");
            println!(
                "{:>40} {:.2} of the whole's time for {:.3} of it",
                "",
                times[0] / all,
                columns as f64 / cols as f64
            );
        }
    }
    let orthogonal = Orthogonal::new(512, 512).seed(1);
    let mut part = vec![0.0_f32; 512 * 16];
    let mut whole = vec![0.0_f32; 512 * 512];
    let block = || orthogonal.fill_block(&[512, 512], &[0..512, 16..32], black_box(&mut part));
    let all = || orthogonal.fill(black_box(&mut whole));
    print("16 columns of orthogonal 512 x 512", best(20, block, all), "the whole");
}
