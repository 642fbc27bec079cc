//! The names and shapes of known models, and the standard deviation that each model's own code gives every parameter.

use super::Expected::{self, Constant, Std, TiedTo, Uniform};

/// A parameter: name, shape, the pattern that should take it, and what its model's code does.
pub(super) type Row = (String, Vec<usize>, &'static str, Expected);

fn row(name: impl Into<String>, shape: &[usize], pattern: &'static str, expected: Expected) -> Row {
    (name.into(), shape.into(), pattern, expected)
}

/// `GPT2LMHeadModel` of transformers 4.57, `gpt2`: `named_parameters()`, with `lm_head.weight` as a checkpoint has it. `_init_weights`: linear layers,
/// `Conv1D` and embeddings N(0, 0.02), biases 0, norms 1, `c_proj.weight` N(0, 0.02 / sqrt(2 n_layer)).
pub(super) fn gpt2() -> Vec<Row> {
    let (d, layers) = (768, 12);
    let narrow = Std(0.02);
    let residual = Std(0.02 / (2.0 * layers as f64).sqrt());
    let mut rows = vec![
        row("transformer.wte.weight", &[50257, d], "*wte.weight", narrow.clone()),
        row("transformer.wpe.weight", &[1024, d], "*wpe.weight", narrow.clone()),
    ];
    for i in 0..layers {
        let mut add = |name: &str, shape: &[usize], pattern, expected: &Expected| {
            rows.push(row(format!("transformer.h.{i}.{name}"), shape, pattern, expected.clone()));
        };
        let (bias, proj) = ("*.bias", "*h.*.c_proj.weight");
        add("ln_1.weight", &[d], "*.ln_?.weight", &Constant(1.0));
        add("ln_1.bias", &[d], bias, &Constant(0.0));
        add("attn.c_attn.weight", &[d, 3 * d], "*h.*.attn.c_attn.weight", &narrow);
        add("attn.c_attn.bias", &[3 * d], bias, &Constant(0.0));
        add("attn.c_proj.weight", &[d, d], proj, &residual);
        add("attn.c_proj.bias", &[d], bias, &Constant(0.0));
        add("ln_2.weight", &[d], "*.ln_?.weight", &Constant(1.0));
        add("ln_2.bias", &[d], bias, &Constant(0.0));
        add("mlp.c_fc.weight", &[d, 4 * d], "*h.*.mlp.c_fc.weight", &narrow);
        add("mlp.c_fc.bias", &[4 * d], bias, &Constant(0.0));
        add("mlp.c_proj.weight", &[4 * d, d], proj, &residual);
        add("mlp.c_proj.bias", &[d], bias, &Constant(0.0));
    }
    rows.push(row("transformer.ln_f.weight", &[d], "*.ln_?.weight", Constant(1.0)));
    rows.push(row("transformer.ln_f.bias", &[d], "*.bias", Constant(0.0)));
    rows.push(row("lm_head.weight", &[50257, d], "lm_head.weight", TiedTo("transformer.wte.weight")));
    rows
}

/// `LlamaForCausalLM` of transformers 4.57, Llama-3-8B (grouped queries). `_init_weights`: linear layers and embeddings N(0, 0.02), norms 1.
pub(super) fn llama() -> Vec<Row> {
    let (d, kv, hidden, vocabulary) = (4096, 1024, 14336, 128_256);
    let narrow = || Std(0.02);
    let mut rows =
        vec![row("model.embed_tokens.weight", &[vocabulary, d], "model.embed_tokens.weight", narrow())];
    for i in 0..32 {
        let name = |name: &str| format!("model.layers.{i}.{name}.weight");
        let attention = "model.layers.*.self_attn.{q,k,v,o}_proj.weight";
        let mlp = "model.layers.*.mlp.{gate,up,down}_proj.weight";
        rows.extend([
            row(name("self_attn.q_proj"), &[d, d], attention, narrow()),
            row(name("self_attn.k_proj"), &[kv, d], attention, narrow()),
            row(name("self_attn.v_proj"), &[kv, d], attention, narrow()),
            row(name("self_attn.o_proj"), &[d, d], attention, narrow()),
            row(name("mlp.gate_proj"), &[hidden, d], mlp, narrow()),
            row(name("mlp.up_proj"), &[hidden, d], mlp, narrow()),
            row(name("mlp.down_proj"), &[d, hidden], mlp, narrow()),
            row(name("input_layernorm"), &[d], "*norm.weight", Constant(1.0)),
            row(name("post_attention_layernorm"), &[d], "*norm.weight", Constant(1.0)),
        ]);
    }
    rows.push(row("model.norm.weight", &[d], "*norm.weight", Constant(1.0)));
    rows.push(row("lm_head.weight", &[vocabulary, d], "lm_head.weight", narrow()));
    rows
}

/// `vit_base_patch16_224` of timm 1.0. `init_weights_vit_timm`: linear layers truncated N(0, 0.02) within +-2, biases 0; `pos_embed` the same,
/// `cls_token` N(0, 1e-6); the patch embedding, a convolution, stays as `nn.Conv2d` starts it.
pub(super) fn vit() -> Vec<Row> {
    let d = 768;
    let patch = Uniform(1.0 / 768_f64.sqrt());
    let narrow = || Std(0.02);
    let mut rows = vec![
        row("cls_token", &[1, 1, d], "cls_token", Std(1e-6)),
        row("pos_embed", &[1, 197, d], "pos_embed", narrow()),
        row("patch_embed.proj.weight", &[d, 3, 16, 16], "patch_embed.proj.weight", patch.clone()),
        row("patch_embed.proj.bias", &[d], "patch_embed.proj.bias", patch),
    ];
    for i in 0..12 {
        for (layer, outputs, inputs) in
            [("attn.qkv", 3 * d, d), ("attn.proj", d, d), ("mlp.fc1", 4 * d, d), ("mlp.fc2", d, 4 * d)]
        {
            rows.push(row(
                format!("blocks.{i}.{layer}.weight"),
                &[outputs, inputs],
                "blocks.*.weight",
                narrow(),
            ));
            rows.push(row(format!("blocks.{i}.{layer}.bias"), &[outputs], "*.bias", Constant(0.0)));
        }
        for norm in ["norm1", "norm2"] {
            rows.push(row(format!("blocks.{i}.{norm}.weight"), &[d], "*norm*.weight", Constant(1.0)));
            rows.push(row(format!("blocks.{i}.{norm}.bias"), &[d], "*.bias", Constant(0.0)));
        }
    }
    rows.push(row("norm.weight", &[d], "*norm*.weight", Constant(1.0)));
    rows.push(row("norm.bias", &[d], "*.bias", Constant(0.0)));
    rows.push(row("head.weight", &[1000, d], "head.weight", narrow()));
    rows.push(row("head.bias", &[1000], "*.bias", Constant(0.0)));
    rows
}

/// `resnet50` of torchvision 0.24: `kaiming_normal_(mode="fan_out", nonlinearity="relu")` for every `nn.Conv2d` (std sqrt(2 / (out k k))), 1 and 0 for every
/// `nn.BatchNorm2d`, `fc` as `nn.Linear` starts.
pub(super) fn resnet50() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut conv = |name: String, shape: [usize; 4], pattern| {
        let fan_out = (shape[0] * shape[2] * shape[3]) as f64;
        rows.push(row(name, &shape, pattern, Std((2.0 / fan_out).sqrt())));
    };
    let mut norms: Vec<(String, usize, [&str; 2])> = Vec::new();
    let bn = ["*bn?.weight", "*bn?.bias"];
    conv("conv1.weight".into(), [64, 3, 7, 7], "*conv?.weight");
    norms.push(("bn1".into(), 64, bn));
    let mut inputs = 64;
    for (stage, (width, blocks)) in (1..).zip([(64, 3), (128, 4), (256, 6), (512, 3)]) {
        for block in 0..blocks {
            let at = format!("layer{stage}.{block}");
            for (i, shape) in [[width, inputs, 1, 1], [width, width, 3, 3], [4 * width, width, 1, 1]]
                .into_iter()
                .enumerate()
            {
                conv(format!("{at}.conv{}.weight", i + 1), shape, "*conv?.weight");
                norms.push((format!("{at}.bn{}", i + 1), shape[0], bn));
            }
            if block == 0 {
                let (conv_pattern, norm) = (
                    "layer?.0.downsample.0.weight",
                    ["layer?.0.downsample.1.weight", "layer?.0.downsample.1.bias"],
                );
                conv(format!("{at}.downsample.0.weight"), [4 * width, inputs, 1, 1], conv_pattern);
                norms.push((format!("{at}.downsample.1"), 4 * width, norm));
            }
            inputs = 4 * width;
        }
    }
    for (name, width, [weight, bias]) in norms {
        rows.push(row(format!("{name}.weight"), &[width], weight, Constant(1.0)));
        rows.push(row(format!("{name}.bias"), &[width], bias, Constant(0.0)));
    }
    rows.push(row("fc.weight", &[1000, 2048], "fc.weight", Uniform(1.0 / 2048_f64.sqrt())));
    rows.push(row("fc.bias", &[1000], "fc.bias", Uniform(1.0 / 2048_f64.sqrt())));
    rows
}

/// `BertModel` of transformers 4.57, `bert-base-uncased`. `_init_weights`: linear layers and embeddings N(0, 0.02), the padding row and biases 0, norms 1.
pub(super) fn bert() -> Vec<Row> {
    let d = 768;
    let narrow = || Std(0.02);
    let norm = "*LayerNorm.weight";
    let embeddings = "*embeddings.{position,token_type}_embeddings.weight";
    let words = "*embeddings.word_embeddings.weight";
    let mut rows = vec![
        row(
            "embeddings.word_embeddings.weight",
            &[30522, d],
            words,
            Expected::Scheme("padding_row(normal(std_dev=0.02), 0)"),
        ),
        row("embeddings.position_embeddings.weight", &[512, d], embeddings, narrow()),
        row("embeddings.token_type_embeddings.weight", &[2, d], embeddings, narrow()),
        row("embeddings.LayerNorm.weight", &[d], norm, Constant(1.0)),
        row("embeddings.LayerNorm.bias", &[d], "*.bias", Constant(0.0)),
    ];
    for i in 0..12 {
        for (layer, outputs, inputs) in [
            ("attention.self.query", d, d),
            ("attention.self.key", d, d),
            ("attention.self.value", d, d),
            ("attention.output.dense", d, d),
            ("intermediate.dense", 4 * d, d),
            ("output.dense", d, 4 * d),
        ] {
            let name = format!("encoder.layer.{i}.{layer}");
            rows.push(row(format!("{name}.weight"), &[outputs, inputs], "*encoder.layer.*.weight", narrow()));
            rows.push(row(format!("{name}.bias"), &[outputs], "*.bias", Constant(0.0)));
        }
        for layer in ["attention.output", "output"] {
            let name = format!("encoder.layer.{i}.{layer}.LayerNorm");
            rows.push(row(format!("{name}.weight"), &[d], norm, Constant(1.0)));
            rows.push(row(format!("{name}.bias"), &[d], "*.bias", Constant(0.0)));
        }
    }
    rows.push(row("pooler.dense.weight", &[d, d], "*pooler.dense.weight", narrow()));
    rows.push(row("pooler.dense.bias", &[d], "*.bias", Constant(0.0)));
    rows
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

/// `MambaLMHeadModel` of mamba_ssm 2.2, state-spaces/mamba-130m. `_init_weights`: the embedding N(0, 0.02), `out_proj.weight` as `nn.Linear` starts, divided by
/// sqrt(n_layer); `Mamba.__init__`: A_log, D = 1, `dt_proj`; all else as PyTorch starts it.
pub(super) fn mamba() -> Vec<Row> {
    let (d, inner, states, rank, layers) = (768, 1536, 16, 48, 24);
    let within = |fan_in: usize| Uniform(1.0 / (fan_in as f64).sqrt());
    let mut rows =
        vec![row("backbone.embedding.weight", &[50280, d], "backbone.embedding.weight", Std(0.02))];
    for i in 0..layers {
        let mut add = |name: &str, shape: &[usize], pattern, expected| {
            rows.push(row(format!("backbone.layers.{i}.{name}"), shape, pattern, expected));
        };
        let out = 1.0 / (inner as f64).sqrt() / (layers as f64).sqrt();
        let others = "*.mixer.{in,x}_proj.weight";
        add("mixer.A_log", &[inner, states], "*.mixer.A_log", Expected::Scheme("mamba_a_log"));
        add("mixer.D", &[inner], "*.mixer.D", Constant(1.0));
        add("mixer.in_proj.weight", &[2 * inner, d], others, within(d));
        add("mixer.conv1d.weight", &[inner, 1, 4], "*.mixer.conv1d.weight", within(4));
        add("mixer.conv1d.bias", &[inner], "*.mixer.conv1d.bias", within(4));
        add("mixer.x_proj.weight", &[rank + 2 * states, inner], others, within(inner));
        add("mixer.dt_proj.weight", &[inner, rank], "*.mixer.dt_proj.weight", within(rank));
        add("mixer.dt_proj.bias", &[inner], "*.mixer.dt_proj.bias", Expected::InverseSoftplus(0.001, 0.1));
        add("mixer.out_proj.weight", &[d, inner], "*.mixer.out_proj.weight", Uniform(out));
        add("norm.weight", &[d], "*.norm{,_f}.weight", Constant(1.0));
    }
    rows.push(row("backbone.norm_f.weight", &[d], "*.norm{,_f}.weight", Constant(1.0)));
    rows.push(row("lm_head.weight", &[50280, d], "lm_head.weight", TiedTo("backbone.embedding.weight")));
    rows
}
