//! The names and shapes of known models, as tests/recipes.py reads them off the libraries, and what each model's own code gives every parameter.

use super::Expected::{self, Constant, Std, TiedTo, Uniform};

/// A parameter: name, shape, the pattern that should take it, and what its model's code does.
pub(super) type Row = (String, Vec<usize>, &'static str, Expected);

/// The rows of a list of names and shapes; what takes each name and what becomes of it.
fn rows(list: &str, of: impl Fn(&str, &[usize]) -> (&'static str, Expected)) -> Vec<Row> {
    let rows = list.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let (name, shape) = line.split_once(' ').unwrap();
        let shape: Vec<usize> = shape.split('x').map(|side| side.parse().unwrap()).collect();
        let (pattern, expected) = of(name, &shape);
        (name.to_owned(), shape, pattern, expected)
    });
    rows.collect()
}

/// A name without the number of its block: `blocks.#.attn.qkv.weight`.
fn of_any_block(name: &str) -> String {
    let parts = name.split('.').map(|part| if part.parse::<usize>().is_ok() { "#" } else { part });
    parts.collect::<Vec<_>>().join(".")
}

/// 1 / sqrt(n).
fn within(n: usize) -> Expected {
    Uniform(1.0 / (n as f64).sqrt())
}

/// `_init_weights`: `Conv1D` and embeddings N(0, 0.02), biases 0, norms 1, `c_proj.weight` N(0, 0.02 / sqrt(2 n_layer)).
pub(super) fn gpt2() -> Vec<Row> {
    rows(include_str!("../data/gpt2.txt"), |name, _| match &*of_any_block(name) {
        "transformer.wte.weight" => ("*wte.weight", Std(0.02)),
        "transformer.wpe.weight" => ("*wpe.weight", Std(0.02)),
        "transformer.h.#.ln_1.weight" | "transformer.h.#.ln_2.weight" | "transformer.ln_f.weight" => {
            ("*.ln_?.weight", Constant(1.0))
        }
        "transformer.h.#.attn.c_attn.weight" => ("*h.*.attn.c_attn.weight", Std(0.02)),
        "transformer.h.#.mlp.c_fc.weight" => ("*h.*.mlp.c_fc.weight", Std(0.02)),
        "transformer.h.#.attn.c_proj.weight" | "transformer.h.#.mlp.c_proj.weight" => {
            ("*h.*.c_proj.weight", Std(0.02 / (2.0 * 12.0_f64).sqrt()))
        }
        "lm_head.weight" => ("lm_head.weight", TiedTo("transformer.wte.weight")),
        bias if bias.ends_with(".bias") => ("*.bias", Constant(0.0)),
        other => panic!("{other}"),
    })
}

/// With grouped queries. `_init_weights`: linear layers and embeddings N(0, 0.02), norms 1.
pub(super) fn llama() -> Vec<Row> {
    rows(include_str!("../data/llama.txt"), |name, _| match of_any_block(name).trim_end_matches(".weight") {
        "model.embed_tokens" => ("model.embed_tokens.weight", Std(0.02)),
        "lm_head" => ("lm_head.weight", Std(0.02)),
        norm if norm.ends_with("norm") => ("*norm.weight", Constant(1.0)),
        attention if attention.starts_with("model.layers.#.self_attn.") => {
            ("model.layers.*.self_attn.{q,k,v,o}_proj.weight", Std(0.02))
        }
        mlp if mlp.starts_with("model.layers.#.mlp.") => {
            ("model.layers.*.mlp.{gate,up,down}_proj.weight", Std(0.02))
        }
        other => panic!("{other}"),
    })
}

/// `init_weights_vit_timm`: linear layers truncated N(0, 0.02) within +-2, biases 0; `pos_embed` the same, `cls_token` N(0, 1e-6); the patch embedding, a
/// convolution, stays as `nn.Conv2d` starts it.
pub(super) fn vit() -> Vec<Row> {
    rows(include_str!("../data/vit.txt"), |name, _| match &*of_any_block(name) {
        "cls_token" => ("cls_token", Std(1e-6)),
        "pos_embed" => ("pos_embed", Std(0.02)),
        "patch_embed.proj.weight" => ("patch_embed.proj.weight", within(3 * 16 * 16)),
        "patch_embed.proj.bias" => ("patch_embed.proj.bias", within(3 * 16 * 16)),
        "blocks.#.norm1.weight" | "blocks.#.norm2.weight" | "norm.weight" => ("*norm*.weight", Constant(1.0)),
        "head.weight" => ("head.weight", Std(0.02)),
        bias if bias.ends_with(".bias") => ("*.bias", Constant(0.0)),
        block if block.starts_with("blocks.#.") => ("blocks.*.weight", Std(0.02)),
        other => panic!("{other}"),
    })
}

/// `kaiming_normal_(mode="fan_out", nonlinearity="relu")` for every `nn.Conv2d` (std sqrt(2 / (out k k))), 1 and 0 for every `nn.BatchNorm2d`, `fc` as
/// `nn.Linear` starts.
pub(super) fn resnet50() -> Vec<Row> {
    rows(include_str!("../data/resnet50.txt"), |name, shape| {
        let he = || Std((2.0 / (shape[0] * shape[2] * shape[3]) as f64).sqrt());
        let name = of_any_block(name);
        match name.split_once(".#.").map_or(&*name, |(_, name)| name) {
            "fc.weight" => ("fc.weight", within(2048)),
            "fc.bias" => ("fc.bias", within(2048)),
            "downsample.#.weight" if shape.len() == 4 => ("layer?.0.downsample.0.weight", he()),
            "downsample.#.weight" => ("layer?.0.downsample.1.weight", Constant(1.0)),
            "downsample.#.bias" => ("layer?.0.downsample.1.bias", Constant(0.0)),
            conv if conv.starts_with("conv") && shape.len() == 4 => ("*conv?.weight", he()),
            norm if norm.starts_with("bn") && norm.ends_with(".weight") => ("*bn?.weight", Constant(1.0)),
            norm if norm.starts_with("bn") && norm.ends_with(".bias") => ("*bn?.bias", Constant(0.0)),
            other => panic!("{other}"),
        }
    })
}

/// `_init_weights`: linear layers and embeddings N(0, 0.02), the padding row and biases 0, norms 1.
pub(super) fn bert() -> Vec<Row> {
    rows(include_str!("../data/bert.txt"), |name, _| match &*of_any_block(name) {
        "embeddings.word_embeddings.weight" => {
            ("*embeddings.word_embeddings.weight", Expected::Scheme("padding_row(normal(std_dev=0.02), 0)"))
        }
        "embeddings.position_embeddings.weight" | "embeddings.token_type_embeddings.weight" => {
            ("*embeddings.{position,token_type}_embeddings.weight", Std(0.02))
        }
        "pooler.dense.weight" => ("*pooler.dense.weight", Std(0.02)),
        bias if bias.ends_with(".bias") => ("*.bias", Constant(0.0)),
        norm if norm.ends_with(".LayerNorm.weight") => ("*LayerNorm.weight", Constant(1.0)),
        layer if layer.starts_with("encoder.layer.#.") => ("*encoder.layer.*.weight", Std(0.02)),
        other => panic!("{other}"),
    })
}

/// GPT-2 in muP against a base of width 256: hidden matrices 0.02 sqrt(256 / 768), those that end a branch divided by sqrt(2 n_layer), queries 0, embeddings
/// and the output, which is not tied, 0.02.
pub(super) fn gpt2_mup() -> Vec<Row> {
    let hidden = 0.02 * (256.0_f64 / 768.0).sqrt();
    let residual = hidden / 24_f64.sqrt();
    let qkv = "composite([mup(attention_query), mup(hidden, base_fan_in=256, base_fan_out=256, std_dev=0.02), \
               mup(hidden, base_fan_in=256, base_fan_out=256, std_dev=0.02)])";
    let mut rows = gpt2();
    for (name, _, pattern, expected) in &mut rows {
        let (new, std) = match name {
            name if name.ends_with("c_attn.weight") => (*pattern, Expected::Scheme(qkv)),
            name if name.ends_with("c_fc.weight") => (*pattern, Std(hidden)),
            name if name.ends_with("attn.c_proj.weight") => ("*h.*.attn.c_proj.weight", Std(residual)),
            name if name.ends_with("mlp.c_proj.weight") => ("*h.*.mlp.c_proj.weight", Std(residual)),
            name if name == "lm_head.weight" => (*pattern, Std(0.02)),
            _ => continue,
        };
        (*pattern, *expected) = (new, std);
    }
    rows
}

/// `_init_weights`: the embedding N(0, 0.02), `out_proj.weight` as `nn.Linear` starts, divided by sqrt(n_layer); `Mamba.__init__`: A_log, D = 1, `dt_proj`; all
/// else as PyTorch starts it.
pub(super) fn mamba() -> Vec<Row> {
    let (width, inner, rank, layers) = (768, 1536, 48, 24.0_f64);
    rows(include_str!("../data/mamba.txt"), |name, _| {
        let name = of_any_block(name);
        match name.trim_start_matches("backbone.layers.#.") {
            "backbone.embedding.weight" => ("backbone.embedding.weight", Std(0.02)),
            "norm.weight" | "backbone.norm_f.weight" => ("*.norm{,_f}.weight", Constant(1.0)),
            "mixer.A_log" => ("*.mixer.A_log", Expected::Scheme("mamba_a_log")),
            "mixer.D" => ("*.mixer.D", Constant(1.0)),
            "mixer.in_proj.weight" => ("*.mixer.{in,x}_proj.weight", within(width)),
            "mixer.x_proj.weight" => ("*.mixer.{in,x}_proj.weight", within(inner)),
            "mixer.conv1d.weight" => ("*.mixer.conv1d.weight", within(4)),
            "mixer.conv1d.bias" => ("*.mixer.conv1d.bias", within(4)),
            "mixer.dt_proj.weight" => ("*.mixer.dt_proj.weight", within(rank)),
            "mixer.dt_proj.bias" => ("*.mixer.dt_proj.bias", Expected::InverseSoftplus(0.001, 0.1)),
            "mixer.out_proj.weight" => {
                ("*.mixer.out_proj.weight", Uniform(1.0 / (inner as f64).sqrt() / layers.sqrt()))
            }
            "lm_head.weight" => ("lm_head.weight", TiedTo("backbone.embedding.weight")),
            other => panic!("{other}"),
        }
    })
}
