//! Recipes: schemes as text, files, resolution, tied weights, plans, and the recipes that ship beside known models.

mod errors;
mod models;

use fanin::prelude::*;
use fanin::recipe::{Depth, Framework, Parameter, Plan, Recipe, Rule, Scheme};
use fanin::{Axis, Law, Layout};

/// What a model's own code does with a parameter.
#[derive(Clone, Debug)]
enum Expected {
    /// Constant.
    Constant(f64),
    /// A normal distribution, or a truncated one, of mean 0 and this standard deviation; of the truncated one that of the parent.
    Std(f64),
    /// Uniform within plus and minus this.
    Uniform(f64),
    /// The inverse softplus of a log-uniform number between these.
    InverseSoftplus(f64, f64),
    /// Another parameter's weights.
    TiedTo(&'static str),
    /// A scheme that promises no distribution of each weight.
    Scheme(&'static str),
}

/// What becomes of a recipe by way of JSON.
fn json(recipe: &Recipe) -> Result<Recipe, serde_json::Error> {
    serde_json::from_str(&serde_json::to_string_pretty(recipe)?)
}

fn assert_recipe(text: &str, rows: &[models::Row], tensors: usize, weights: u128) {
    let recipe = Recipe::from_toml(text).unwrap();
    let parameters: Vec<(&str, &[usize])> =
        rows.iter().map(|(name, shape, ..)| (&**name, &**shape)).collect();
    let plan = recipe.plan(parameters.iter().copied()).unwrap();
    let own = || plan.rows().iter().filter(|row| row.tied_to().is_none());
    assert_eq!(own().count(), tensors);
    assert_eq!(own().map(|row| row.weights()).sum::<u128>(), weights);
    assert_eq!(plan.unused().collect::<Vec<_>>(), [""; 0]);
    for (row, (name, shape, pattern, expected)) in plan.rows().iter().zip(rows) {
        assert_eq!((row.name(), row.shape(), row.rule()), (&**name, &**shape, *pattern));
        let close = |found: f64, expected: f64| (found / expected - 1.0).abs() < 1e-14;
        let right = match (row.law(), expected) {
            (Some(law), Expected::Constant(value)) => law == Law::Constant { value: *value },
            (
                Some(
                    Law::Normal { mean: 0.0, std_dev }
                    | Law::TruncatedNormal { mean: 0.0, std_dev, low: -2.0, high: 2.0 },
                ),
                Expected::Std(std),
            ) => close(std_dev, *std),
            (Some(Law::Uniform { low, high }), Expected::Uniform(limit)) => {
                close(high, *limit) && low == -high
            }
            (Some(law), Expected::InverseSoftplus(low, high)) => {
                law == Law::InverseSoftplusLogUniform { low: *low, high: *high }
            }
            (Some(_), Expected::TiedTo(target)) => row.tied_to() == Some(target),
            (None, Expected::Scheme(scheme)) => {
                let rule = recipe.rule_of((&**name, &**shape)).unwrap();
                rule.scheme().unwrap().to_string() == *scheme
            }
            _ => false,
        };
        assert!(right, "{name}: {row:?} and not {expected:?}");
    }
    // What was read is what is written, in both forms.
    assert_eq!(Recipe::from_toml(&recipe.to_toml().unwrap()).unwrap(), recipe);
    assert_eq!(json(&recipe).unwrap(), recipe);
}

macro_rules! recipe {
    ($name:literal) => {
        include_str!(concat!("../../../recipes/", $name, ".toml"))
    };
}

/// Numbers of tensors and weights as the models' cards and `sum(p.numel())` have them.
#[test]
fn recipes_give_known_models_what_their_code_does() {
    assert_recipe(recipe!("gpt2"), &models::gpt2(), 148, 124_439_808);
    assert_recipe(recipe!("llama"), &models::llama(), 291, 8_030_261_248);
    assert_recipe(recipe!("vit"), &models::vit(), 152, 86_567_656);
    assert_recipe(recipe!("resnet50"), &models::resnet50(), 161, 25_557_032);
    assert_recipe(recipe!("gpt2_mup"), &models::gpt2_mup(), 149, 124_439_808 + 50257 * 768);
    assert_recipe(recipe!("mamba"), &models::mamba(), 242, 129_135_360);
    assert_recipe(recipe!("bert"), &models::bert(), 199, 109_482_240);
}

/// What tests/recipes.py compares with the weights of the real models: of each parameter mean, standard deviation, kurtosis and support of
/// the distribution, or of weights where there is none, and whether the first row is zeros.
#[test]
#[ignore = "prints what tests/recipes.py reads"]
fn recipe_promises() {
    for (model, text, rows) in [
        ("gpt2", recipe!("gpt2"), models::gpt2()),
        ("llama", recipe!("llama"), models::llama()),
        ("vit", recipe!("vit"), models::vit()),
        ("resnet50", recipe!("resnet50"), models::resnet50()),
        ("bert", recipe!("bert"), models::bert()),
        ("mamba", recipe!("mamba"), models::mamba()),
    ] {
        let recipe = Recipe::from_toml(text).unwrap().seed(1);
        for row in plan_of(&recipe, &rows).rows() {
            let (numbers, zero) = if let Some(law) = row.law() {
                let (low, high) = law.support();
                let numbers = [law.mean(), law.std_dev(), law.kurtosis(), low, high];
                (numbers, law == Law::Constant { value: 0.0 })
            } else {
                let mut w = vec![0.0_f32; row.weights() as usize];
                recipe.init(row.name(), row.shape(), &mut w).unwrap();
                let n = w.len() as f64;
                let mean = w.iter().map(|&w| f64::from(w)).sum::<f64>() / n;
                let square = w.iter().map(|&w| (f64::from(w) - mean).powi(2)).sum::<f64>() / n;
                let zero = w[..row.shape()[1]].iter().all(|&w| w == 0.0);
                ([mean, square.sqrt(), f64::NAN, f64::NEG_INFINITY, f64::INFINITY], zero)
            };
            let numbers = numbers.map(|number| number.to_string()).join(" ");
            println!("promise {model} {} {numbers} {}", row.name(), u8::from(zero));
        }
    }
}

/// A planted fault of each kind is seen by the same check.
#[test]
fn wrong_recipes_of_known_models_fail() {
    let text = recipe!("gpt2");
    for (from, to) in [
        ("layers = 12", "layers = 13"),
        ("\"*wpe.weight\" = \"normal(std_dev=0.02)\"", "\"*wpe.weight\" = \"normal(std_dev=0.01)\""),
        ("depth = \"gpt2\"", "depth = \"per_layer\""),
        ("\"*.ln_?.weight\"", "\"*.ln_[12].weight\""),
        ("[parameters]", "[parameters]\n\"*.nobody\" = \"ones\""),
        ("[parameters]", "[parameters]\n\"*h.*\" = \"ones\""),
    ] {
        let wrong = text.replace(from, to);
        assert_ne!(wrong, text, "{from}");
        let failed = std::panic::catch_unwind(|| assert_recipe(&wrong, &models::gpt2(), 148, 124_439_808));
        assert!(failed.is_err(), "{from} -> {to}");
    }
}

fn plan_of(recipe: &Recipe, rows: &[models::Row]) -> Plan {
    recipe.plan(rows.iter().map(|(name, shape, ..)| Parameter::new(name, shape))).unwrap()
}

#[test]
fn a_plan_reads_as_a_table_of_a_few_lines() {
    let rows = models::gpt2();
    let text = plan_of(&Recipe::from_toml(recipe!("gpt2")).unwrap(), &rows).to_string();
    assert_eq!(text, include_str!("gpt2_plan.txt"), "\n{text}");
    // By block each line has the standard deviations of the first and of the last.
    let by_block = recipe!("gpt2").replace("\"gpt2\"", "\"by_block\"");
    let text = plan_of(&Recipe::from_toml(&by_block).unwrap(), &rows).to_string();
    assert!(text.contains("0.01414 to 0.004082"), "\n{text}");
}

#[test]
fn schemes_round_trip() {
    let schemes = every_scheme();
    for (scheme, text) in &schemes {
        assert_eq!(scheme.to_string(), *text);
        assert_eq!(text.parse::<Scheme>().as_ref(), Ok(scheme), "{text}");
        let (upper, spaced) = (text.replace('_', "-"), text.replace('(', " ( ").replace(',', " , "));
        if !text.contains('=') {
            assert_eq!(upper.parse::<Scheme>().as_ref(), Ok(scheme), "{upper}");
        }
        assert_eq!(spaced.parse::<Scheme>().as_ref(), Ok(scheme), "{spaced}");
        // Within others.
        let inside = Scheme::Composite {
            blocks: vec![scheme.clone(), Scheme::Zeros],
            axis: Axis::In,
            parts: vec![2, 1],
        };
        assert_eq!(inside.to_string().parse::<Scheme>(), Ok(inside));
    }
}

/// A scheme of each kind, with its text.
fn every_scheme() -> Vec<(Scheme, &'static str)> {
    use fanin::recipe::{Distribution, MuPRole, T5Weight};
    let (mode, negative_slope) = (FanMode::FanOut, 0.2);
    let gain = || 1.5.into();
    vec![
        (Scheme::Zeros, "zeros"),
        (Scheme::Ones, "ones"),
        (Scheme::Constant { value: -0.5 }, "constant(-0.5)"),
        (Scheme::Uniform { low: -0.1, high: 1e-30 }, "uniform(-0.1, 1e-30)"),
        (Scheme::Normal { std_dev: 0.02, mean: 0.0 }, "normal(std_dev=0.02)"),
        (Scheme::Normal { std_dev: 1.0, mean: -3.0 }, "normal(mean=-3)"),
        (
            Scheme::TruncatedNormal { std_dev: 0.02, mean: 0.0, low: Some(-2.0), high: Some(f64::INFINITY) },
            "truncated_normal(std_dev=0.02, low=-2, high=inf)",
        ),
        (Scheme::HeNormal { mode: FanMode::FanIn, negative_slope: 0.0 }, "he_normal"),
        (Scheme::HeUniform { mode, negative_slope }, "he_uniform(mode=fan_out, negative_slope=0.2)"),
        (Scheme::HeTruncatedNormal { mode, negative_slope: 0.0 }, "he_truncated_normal(mode=fan_out)"),
        (Scheme::XavierNormal { gain: gain() }, "xavier_normal(gain=1.5)"),
        (Scheme::XavierUniform { gain: Activation::Tanh.into() }, "xavier_uniform(gain=1.6666666666666667)"),
        (Scheme::XavierTruncatedNormal { gain: gain() }, "xavier_truncated_normal(gain=1.5)"),
        (Scheme::LeCunNormal { mode: FanMode::FanAvg, gain: gain() }, "lecun_normal(mode=fan_avg, gain=1.5)"),
        (
            Scheme::LeCunUniform { mode: FanMode::FanGeoAvg, gain: 1.into() },
            "lecun_uniform(mode=fan_geo_avg)",
        ),
        (Scheme::LeCunTruncatedNormal { mode: FanMode::FanIn, gain: 1.into() }, "lecun_truncated_normal"),
        (
            Scheme::VarianceScaling {
                scale: 2.0,
                mode: FanMode::FanAvg,
                distribution: Distribution::Uniform,
            },
            "variance_scaling(scale=2, mode=fan_avg, distribution=uniform)",
        ),
        (Scheme::Orthogonal { gain: 1.41.into() }, "orthogonal(gain=1.41)"),
        (
            Scheme::Composite {
                blocks: vec![Scheme::Zeros, "normal(std_dev=2)".parse().unwrap()],
                axis: Axis::Out,
                parts: vec![],
            },
            "composite([zeros, normal(std_dev=2)])",
        ),
        (Scheme::Identity { gain: 0.5.into() }, "identity(gain=0.5)"),
        (Scheme::Dirac { gain: 1.into() }, "dirac"),
        (Scheme::DeltaOrthogonal { gain: 2.into() }, "delta_orthogonal(gain=2)"),
        (Scheme::Sparse { sparsity: 0.9, std_dev: 0.01 }, "sparse(0.9)"),
        (
            Scheme::PaddingRow { scheme: Box::new(Scheme::Normal { std_dev: 0.02, mean: 0.0 }), row: 3 },
            "padding_row(normal(std_dev=0.02), 3)",
        ),
        (Scheme::Icnr { scheme: Box::new("he_normal".parse().unwrap()), upscale: 2 }, "icnr(he_normal, 2)"),
        (Scheme::LogUniform { low: 0.001, high: 10.0 }, "log_uniform(0.001, 10)"),
        (Scheme::TorchDefault, "torch_default"),
        (Scheme::KerasDefault, "keras_default"),
        (Scheme::SirenFirst, "siren_first"),
        (Scheme::SirenHidden { frequency: 10.0 }, "siren_hidden(frequency=10)"),
        (
            Scheme::MuP {
                role: MuPRole::AttentionQuery,
                base_fan_in: 2,
                base_fan_out: 3,
                std_dev: Some(0.5),
            },
            "mup(attention_query, base_fan_in=2, base_fan_out=3, std_dev=0.5)",
        ),
        (Scheme::NeuralTangent { gain: 2.into() }, "neural_tangent(gain=2)"),
        (Scheme::SmallInit { width: 768 }, "small_init(768)"),
        (Scheme::WangInit { width: 768 }, "wang_init(768)"),
        (
            Scheme::T5 { weight: T5Weight::FeedForwardIn, head_width: 64, factor: 0.5 },
            "t5(feed_forward_in, factor=0.5)",
        ),
        (Scheme::LoRAA, "lora_a"),
        (Scheme::LoRAGaussianA, "lora_gaussian_a"),
        (Scheme::LoRAB, "lora_b"),
        (Scheme::PriorBias { probability: 0.01 }, "prior_bias(0.01)"),
        (Scheme::ClassBias, "class_bias"),
        (Scheme::MambaALog, "mamba_a_log"),
        (Scheme::MambaD, "mamba_d"),
        (Scheme::MambaDtBias { low: 0.01, high: 0.1 }, "mamba_dt_bias(low=0.01)"),
        (Scheme::MambaDtWeight, "mamba_dt_weight"),
        (Scheme::AsFramework, "as_framework"),
    ]
}

#[test]
fn other_names_and_keys() {
    for (text, same) in [
        ("kaiming_normal", "he_normal"),
        ("KaimingUniform", "he_uniform"),
        ("Glorot-Uniform(gain=tanh)", "xavier_uniform(gain=1.6666666666666667)"),
        ("glorot_normal( 2 )", "xavier_normal(gain=2)"),
        ("xavier_normal(gain=leaky_relu(0.2))", "xavier_normal(gain=1.3867504905630728)"),
        ("trunc_normal(0.02)", "truncated_normal(std_dev=0.02)"),
        ("normal(0.02, mean=1)", "normal(std_dev=0.02, mean=1)"),
        ("constant(-0)", "constant(-0)"),
        ("uniform(low=-1, high=1)", "uniform(-1, 1)"),
        (" zeros() ", "zeros"),
    ] {
        assert_eq!(text.parse::<Scheme>().unwrap().to_string(), same);
    }
}

/// What a scheme fills is what the initializer of that name fills, from the child of the name.
#[test]
fn schemes_are_the_initializers_of_their_names() {
    let fan = Fan::conv(6, 8, [3, 3]);
    let wide: [(&str, Box<dyn Initializer<f32>>); 9] = [
        ("zeros", Box::new(Constant::new(0.0))),
        ("uniform(-0.1, 0.3)", Box::new(Uniform::new(-0.1, 0.3))),
        ("normal(std_dev=0.02, mean=1)", Box::new(Normal::new(1.0, 0.02))),
        ("truncated_normal(std_dev=0.5, low=-1)", Box::new(TruncatedNormal::new(0.0, 0.5).bounds(-1.0, 1.0))),
        (
            "he_normal(mode=fan_out, negative_slope=0.2)",
            Box::new(He::normal(fan).mode(FanMode::FanOut).negative_slope(0.2)),
        ),
        ("xavier_uniform(gain=tanh)", Box::new(Xavier::uniform(fan).gain(Activation::Tanh))),
        ("lecun_truncated_normal", Box::new(LeCun::truncated_normal(fan))),
        (
            "variance_scaling(scale=3, mode=fan_geo_avg, distribution=normal)",
            Box::new(VarianceScaling::normal(3.0, FanMode::FanGeoAvg, fan)),
        ),
        ("orthogonal(gain=2)", Box::new(Orthogonal::new(8, 54).gain(2.0))),
    ];
    for (text, initializer) in wide {
        let rule = Rule::from(text.parse::<Scheme>().unwrap()).layout("out in k k".parse().unwrap());
        let recipe = Recipe::new().rule("*", rule).seed(9);
        let mut found = vec![7.0_f32; 8 * 54];
        recipe.init("conv.weight", &[8, 6, 3, 3], &mut found).unwrap();
        let expected = initializer.seed(Seed::from(9).child("conv.weight")).to_vec(8 * 54);
        assert!(found == expected, "{text}");
    }
}

/// The same of those whose variance comes from papers and libraries.
#[test]
fn scaled_schemes_are_the_initializers_of_their_names() {
    use fanin::{
        KerasDefault, LoRA, LogUniform, Mamba, MuP, NeuralTangent, PriorBias, Siren, SmallInit, T5,
        TorchDefault, WangInit,
    };
    let laws = [
        ("log_uniform(0.1, 10)", LogUniform::new(0.1, 10.0).law()),
        ("torch_default", TorchDefault::linear(6).law()),
        ("keras_default", KerasDefault::dense((6, 8)).law()),
        ("siren_first", Siren::first(6).law()),
        ("siren_hidden(10)", Siren::hidden(6).frequency(10.0).law()),
        ("mup(input)", MuP::input((6, 8)).law()),
        ("mup(embedding, std_dev=0.1)", MuP::embedding((6, 8)).std_dev(0.1).law()),
        ("mup(bias)", MuP::bias((6, 8)).law()),
        (
            "mup(hidden, base_fan_in=3, base_fan_out=4, std_dev=0.1)",
            MuP::hidden((6, 8)).base((3, 4)).std_dev(0.1).law(),
        ),
        ("mup(attention_query)", MuP::attention_query((6, 8)).law()),
        ("mup(output, base_fan_in=3)", MuP::output((6, 8)).base((3, 1)).law()),
        ("neural_tangent", NeuralTangent::normal(6).law()),
        ("small_init(100)", SmallInit::new(100).law()),
        ("wang_init(100)", WangInit::new(100, 9).law()),
        ("t5(query)", T5::query(6, 64).law()),
        ("t5(key)", T5::key(6).law()),
        ("t5(value)", T5::value(6).law()),
        ("t5(output)", T5::output(2, 3).law()),
        ("t5(feed_forward_in, factor=2)", T5::feed_forward_in(6).factor(2.0).law()),
        ("t5(feed_forward_out)", T5::feed_forward_out(6).law()),
        ("t5(embedding)", T5::embedding().law()),
        ("t5(relative_bias)", T5::relative_bias(6).law()),
        ("lora_a", LoRA::a(6).law()),
        ("lora_gaussian_a", LoRA::gaussian_a(8).law()),
        ("lora_b", LoRA::b().law()),
        ("prior_bias(0.01)", PriorBias::binary(0.01).law()),
        ("class_bias", PriorBias::classes(48).law()),
        ("mamba_d", Mamba::d().law()),
        ("mamba_dt_bias(low=0.01)", Mamba::dt_bias_between(0.01, 0.1).law()),
        ("mamba_dt_weight", Mamba::dt_weight(6).law()),
    ];
    let recipe = |text: &str| {
        Recipe::new()
            .framework(Framework::PyTorch)
            .layers(9)
            .seed(9)
            .rule("*", text.parse::<Scheme>().unwrap())
    };
    for (text, law) in laws {
        assert_eq!(recipe(text).plan([("w", &[8, 6])]).unwrap().rows()[0].law(), Some(law), "{text}");
        let mut found = [7.0_f32; 48];
        recipe(text).init("w", &[8, 6], &mut found).unwrap();
        let expected: Vec<f32> = fanin::Seeded::new(law, Seed::from(9).child("w")).to_vec(48);
        assert_eq!(found[..], expected[..], "{text}");
    }
    let mut found = [7.0_f32; 48];
    recipe("mamba_a_log").init("w", &[8, 6], &mut found).unwrap();
    let expected: Vec<f32> = Mamba::a_log(8, 6).to_vec(48);
    assert_eq!(found[..], expected[..]);
}

/// The same of initializers that have a shape.
#[test]
fn shaped_schemes_are_the_initializers_of_their_names() {
    use fanin::{DeltaOrthogonal, Dirac, Icnr, Identity, PaddingRow, Sparse};
    let (kernel, matrix): (&'static [usize], &'static [usize]) = (&[8, 6, 3, 3], &[12, 36]);
    let narrow = || Normal::new(0.0, 0.5);
    type Shaped = (&'static str, &'static [usize], Box<dyn Initializer<f32>>);
    let shaped: [Shaped; 7] = [
        ("identity(gain=2)", matrix, Box::new(Identity::new(12, 36).gain(2))),
        ("sparse(0.3, std_dev=2)", matrix, Box::new(Sparse::new(12, 36, 0.3, 2.0))),
        ("padding_row(normal(std_dev=0.5), row=5)", matrix, Box::new(PaddingRow::new(narrow(), [12, 36], 5))),
        ("dirac", &[6, 6, 3, 4], Box::new(Dirac::from_shape(&[6, 3, 3, 4], Layout::OutIn).groups(2))),
        ("delta_orthogonal", kernel, Box::new(DeltaOrthogonal::from_shape(kernel, Layout::OutIn))),
        (
            "icnr(he_normal(mode=fan_out), 2)",
            kernel,
            Box::new(Icnr::new(He::normal(18), kernel, Layout::OutIn, 2)),
        ),
        (
            "icnr(orthogonal, 2)",
            kernel,
            Box::new(Icnr::new(Orthogonal::new(2, 54), kernel, Layout::OutIn, 2)),
        ),
    ];
    for (text, shape, initializer) in shaped {
        let mut rule = Rule::from(text.parse::<Scheme>().unwrap()).layout(Layout::OutIn);
        let mut shape = shape.to_vec();
        if text == "dirac" {
            shape[1] = 3;
            rule = rule.groups(2);
        }
        let mut found = vec![7.0_f32; shape.iter().product()];
        Recipe::new().rule("*", rule).seed(9).init("w", &shape, &mut found).unwrap();
        let expected = initializer.seed(Seed::from(9).child("w")).to_vec(found.len());
        assert!(found == expected, "{text}");
    }
}

#[test]
fn composites_are_their_blocks_filled_apart() {
    let text = r#"
        framework = "pytorch"
        seed = "5"
        [parameters]
        "qkv" = { composite = ["xavier_normal", "xavier_normal", "zeros"], parts = [4, 1, 1] }
        "lstm.bias" = { composite = ["zeros", "ones", "zeros", "zeros"] }
        "keras" = { composite = ["he_normal", "he_normal"], axis = "in", layout = "in out" }
    "#;
    let recipe = Recipe::from_toml(text).unwrap();
    let mut qkv = vec![0.0_f64; 48 * 8];
    recipe.init("qkv", &[48, 8], &mut qkv).unwrap();
    let seed = Seed::from(5).child("qkv");
    let block = |fan: (usize, usize), i: usize| -> Vec<f64> {
        Xavier::normal(fan).seed(seed.child(i)).to_vec(8 * fan.1)
    };
    assert_eq!(qkv[..32 * 8], block((8, 32), 0));
    assert_eq!(qkv[32 * 8..40 * 8], block((8, 8), 1));
    assert_eq!(qkv[40 * 8..], [0.0; 64]);
    let mut bias = [9.0_f32; 8];
    recipe.init("lstm.bias", &[8], &mut bias).unwrap();
    assert_eq!(bias, [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    let initializer = recipe.initializer::<f32>(("keras", &[6, 4])).unwrap();
    assert_eq!(initializer.law(), Some(He::normal(3).law()), "fans are those of a block");
}

#[test]
fn the_first_rule_that_matches_is_taken() {
    let recipe = Recipe::from_toml(
        "[parameters]\n\"b*\" = \"ones\"\n\"a*\" = { init = \"zeros\" }\n\"*\" = \"constant(2)\"",
    )
    .unwrap();
    assert_eq!(recipe.rules().map(|(pattern, _)| pattern).collect::<Vec<_>>(), ["b*", "a*", "*"]);
    let json = r#"{"parameters": {"z*": "ones", "a*": {"init": "zeros"}, "*": "constant(2)"}}"#;
    let patterns = serde_json::from_str::<Recipe>(json).unwrap();
    assert_eq!(patterns.rules().map(|(pattern, _)| pattern).collect::<Vec<_>>(), ["z*", "a*", "*"]);
    let plan = recipe.plan([("b", &[1]), ("ab", &[1]), ("c", &[1])]).unwrap();
    let values: Vec<f64> = plan.rows().iter().map(|row| row.law().unwrap().mean()).collect();
    assert_eq!(values, [1.0, 0.0, 2.0]);
    assert_eq!(plan.contested().collect::<Vec<_>>(), [("b", vec!["b*", "*"]), ("ab", vec!["a*", "*"])]);
    let never = recipe.plan([("c", &[1])]).unwrap();
    assert_eq!(never.unused().collect::<Vec<_>>(), ["b*", "a*"]);
}

#[test]
fn kinds_choose_rules_and_layouts() {
    let text = r#"
        framework = "keras"
        [parameters]
        "*.kernel" = [
            { init = "he_normal", kind = "Conv2D" },
            { init = "xavier_normal", kind = "Conv2DTranspose" },
            { init = "zeros", kind = "Dense" },
        ]
    "#;
    let recipe = Recipe::from_toml(text).unwrap();
    assert_eq!(Recipe::from_toml(&recipe.to_toml().unwrap()).unwrap(), recipe);
    assert_eq!(json(&recipe).unwrap(), recipe);
    let law = |shape: &[usize], kind| {
        let plan = recipe.plan([Parameter::new("a.kernel", shape).kind(kind)]).unwrap();
        plan.rows()[0].law().unwrap()
    };
    assert_eq!(law(&[3, 3, 5, 7], "Conv2D"), He::normal(45).law());
    assert_eq!(law(&[3, 3, 5, 7], "Conv2DTranspose"), Xavier::normal((63, 45)).law());
    assert_eq!(law(&[5, 7], "Dense").mean(), 0.0);
    assert!(recipe.plan([("a.kernel", &[3, 3, 5, 7])]).is_err(), "without a kind no rule matches");
    let torch = Recipe::new().framework(Framework::PyTorch).rule("*", "he_normal".parse::<Scheme>().unwrap());
    let plan = torch.plan([
        Parameter::new("c", &[8, 4, 3, 3]).kind("Conv2d"),
        Parameter::new("t", &[8, 4, 3, 3]).kind("ConvTranspose2d"),
        Parameter::new("l", &[8, 4]),
    ]);
    let fans: Vec<usize> = plan.unwrap().rows().iter().map(|row| row.fan().unwrap().fan_in()).collect();
    assert_eq!(fans, [36, 72, 4]);
}

/// Of transposed convolutions the fan is the outputs': PyTorch 2.15 (`_calculate_fan_in_and_fan_out`), burn-nn 0.22.1 (`conv_transpose2d.rs`) by group,
/// candle-nn 0.11.1 (`conv.rs`) of all groups; Keras 3.15 (`compute_fans`) counts the outputs of all groups in any convolution.
#[test]
fn frameworks_count_fans_in_their_own_way() {
    let law = |framework: &str, shape: &[usize], kind: &str| {
        let recipe = Recipe::new()
            .framework(framework.parse().unwrap())
            .rule("*", Rule::from(Scheme::AsFramework).groups(2));
        recipe.plan([Parameter::new("w", shape).kind(kind)]).unwrap().rows()[0].law().unwrap()
    };
    let within = |n: f64| Law::Uniform { low: -1.0 / n.sqrt(), high: 1.0 / n.sqrt() };
    assert_eq!(law("pytorch", &[8, 4, 3, 3], "ConvTranspose2d"), within(36.0));
    assert_eq!(law("burn", &[8, 4, 3, 3], "ConvTranspose2d"), within(36.0));
    assert_eq!(law("candle", &[8, 4, 3, 3], "ConvTranspose2d"), within(72.0));
    assert_eq!(law("pytorch", &[8, 4, 3, 3], "Conv2d"), within(36.0));
    assert_eq!(law("candle", &[8, 4, 3, 3], "Conv2d"), He::normal(36).law());
    assert_eq!(law("keras", &[3, 3, 2, 6], "Conv2D"), Xavier::uniform((18, 54)).law());
}

#[test]
fn frameworks_start_as_they_do() {
    let law = |framework: &str, shape: &[usize], fan: Option<usize>| {
        let rule = Rule::from(Scheme::AsFramework);
        let rule = fan.map_or(rule.clone(), |fan| rule.fan(fan));
        let recipe = Recipe::new().framework(framework.parse().unwrap()).rule("*", rule);
        recipe.plan([("w", shape)]).map(|plan| plan.rows()[0].law().unwrap())
    };
    let within = |limit: f64| Law::Uniform { low: -limit, high: limit };
    assert_eq!(law("pytorch", &[8, 4], None), Ok(within(0.5)));
    assert_eq!(law("burn", &[4, 8], None), Ok(within(0.5)));
    assert_eq!(law("candle", &[8, 4], None), Ok(He::normal(4).law()));
    assert_eq!(law("keras", &[4, 8], None), Ok(Xavier::uniform((4, 8)).law()));
    assert_eq!(law("flax", &[4, 8], None), Ok(LeCun::truncated_normal(4).law()));
    for framework in ["pytorch", "burn", "candle"] {
        assert_eq!(law(framework, &[8], Some(4)), Ok(within(0.5)));
        assert!(law(framework, &[8], None).unwrap_err().to_string().contains("`fan_in`"));
    }
    let embedding = |framework: &str| {
        let recipe = Recipe::new().framework(framework.parse().unwrap()).rule("*", Scheme::AsFramework);
        recipe.plan([Parameter::new("w", &[10, 4]).kind("Embedding")]).unwrap().rows()[0].law().unwrap()
    };
    for framework in ["pytorch", "burn", "candle"] {
        assert_eq!(embedding(framework), Normal::new(0.0, 1.0).law());
    }
    assert_eq!(embedding("keras"), within(0.05));
    assert_eq!(embedding("jax"), Normal::new(0.0, 0.5).law());
    for framework in ["keras", "jax"] {
        assert_eq!(law(framework, &[8], None), Ok(Law::Constant { value: 0.0 }));
    }
}

#[test]
fn tied_weights_are_equal_and_chains_follow() {
    let text = r#"
        framework = "pytorch"
        seed = 3
        [parameters]
        "head.weight" = { tied_to = "out.weight" }
        "out.weight" = { tied_to = "wte.weight" }
        "dec.*.weight" = { tied_to = "enc.*.weight" }
        "*.weight" = { init = "he_normal", depth = "by_block" }
        "#;
    let recipe = Recipe::from_toml(text).unwrap();
    let fill = |name: &str| {
        let mut w = [0.0_f32; 12];
        recipe.init(name, &[3, 4], &mut w).map(|()| w)
    };
    assert_eq!(fill("dec.4.weight").unwrap(), fill("enc.4.weight").unwrap());
    assert_ne!(fill("dec.4.weight").unwrap(), fill("dec.5.weight").unwrap());
    assert!(fill("wte.weight").is_err(), "there is no index");
    let recipe = recipe.layers(2);
    let plan = recipe.plan([("dec.1.weight", &[3, 4]), ("enc.1.weight", &[3, 4])]).unwrap();
    assert_eq!(plan.rows()[0].tied_to(), Some("enc.1.weight"));
    assert_eq!(plan.rows()[0].law(), plan.rows()[1].law());
    assert!(plan.to_string().contains("1 tensors, 12 weights; 1 tied to others"), "{plan}");
}

#[test]
fn depth_scales_any_scheme() {
    let law = |scheme: &str, depth, name| {
        let rule = Rule::from(scheme.parse::<Scheme>().unwrap()).depth(depth).layout(Layout::OutIn);
        let recipe = Recipe::new().layers(8).rule("h.*.w", rule);
        recipe.plan([(name, &[4, 4])]).unwrap().rows()[0].law()
    };
    assert_eq!(law("normal(std_dev=2)", Depth::Gpt2, "h.3.w"), Some(Law::Normal { mean: 0.0, std_dev: 0.5 }));
    assert_eq!(
        law("normal(std_dev=2)", Depth::ByBlock, "h.7.w"),
        Some(Law::Normal { mean: 0.0, std_dev: 0.5 })
    );
    assert_eq!(law("uniform(-2, 4)", Depth::Gpt2, "h.3.w"), Some(Law::Uniform { low: -0.5, high: 1.0 }));
    let root = 1.0 / 8.0_f64.sqrt();
    assert_eq!(law("constant(2)", Depth::PerLayer, "h.3.w"), Some(Law::Constant { value: 2.0 * root }));
    let truncated = Law::TruncatedNormal { mean: 0.0, std_dev: 0.25, low: -0.5, high: 0.5 };
    assert_eq!(law("truncated_normal", Depth::Gpt2, "h.3.w"), Some(truncated));
    let normal = |std_dev| Some(Law::Normal { mean: 0.0, std_dev });
    assert_eq!(law("normal", Depth::Fixup, "h.3.w"), normal(fanin::DepthScaling::fixup(8, 2).factor()));
    assert_eq!(
        law("normal", Depth::TFixupEncoder, "h.3.w"),
        normal(fanin::DepthScaling::t_fixup_encoder(8).factor())
    );
    assert_eq!(
        law("normal", Depth::TFixupDecoder, "h.3.w"),
        normal(fanin::DepthScaling::t_fixup_decoder(8).factor())
    );
    assert_eq!(law("normal", Depth::DeepNet, "h.3.w"), normal(fanin::DepthScaling::deepnet(8).factor()));
    // A matrix has no distribution of each weight to scale: its weights are.
    let rule = Rule::from("orthogonal".parse::<Scheme>().unwrap()).layout(Layout::OutIn);
    let fill = |rule: Rule| {
        let mut w = [0.0_f64; 16];
        Recipe::new().layers(8).rule("*", rule).seed(1).init("w", &[4, 4], &mut w).unwrap();
        w
    };
    assert_eq!(fill(rule.clone().depth(Depth::Gpt2)), fill(rule).map(|w| 0.25 * w));
}

/// Neither the order nor the thread of a fill has a part in its weights, nor do other parameters.
#[test]
fn order_and_threads_do_not_matter() {
    let recipe = Recipe::from_toml(recipe!("resnet50")).unwrap().seed(11);
    let rows: Vec<models::Row> = models::resnet50().into_iter().take(20).collect();
    let fill = |(name, shape, ..): &models::Row| {
        let mut w = vec![0.0_f32; shape.iter().product()];
        recipe.init(name, shape, &mut w).unwrap();
        w
    };
    let forward: Vec<Vec<f32>> = rows.iter().map(fill).collect();
    let mut backward: Vec<Vec<f32>> = rows.iter().rev().map(fill).collect();
    backward.reverse();
    assert!(forward == backward);
    let threads: Vec<Vec<f32>> = std::thread::scope(|scope| {
        let fills: Vec<_> = rows.iter().map(|row| scope.spawn(|| fill(row))).collect();
        fills.into_iter().map(|fill| fill.join().unwrap()).collect()
    });
    assert!(forward == threads);
    assert_ne!(forward[0][..64], forward[1][..64]);
}

/// Any box of any parameter has the bits of the whole, shapes and boxes at random.
#[test]
fn blocks_are_slices_of_the_whole() {
    let seed = Seed::random();
    println!("seed {seed}");
    let schemes = [
        "normal",
        "orthogonal",
        "uniform(-1, 1)",
        "composite([he_normal, zeros, he_normal], parts=[1, 2, 1])",
    ];
    for (round, scheme) in schemes.iter().cycle().take(60).enumerate() {
        let draw: Vec<f64> = Uniform::new(0.0, 1.0).seed(seed.child(round)).to_vec(16);
        let upto = |i: usize, most: usize| ((draw[i] * (most + 1) as f64) as usize).min(most);
        let shape = [4 * (1 + upto(0, 3)), 1 + upto(1, 40), 1 + upto(2, 60)];
        let ranges: [std::ops::Range<usize>; 3] = std::array::from_fn(|i| {
            let (a, b) = (upto(3 + 2 * i, shape[i]), upto(4 + 2 * i, shape[i]));
            if round % 3 == i { 0..shape[i] } else { a.min(b)..a.max(b) }
        });
        let rule = Rule::from(scheme.parse::<Scheme>().unwrap()).layout("out in k".parse().unwrap());
        let recipe = Recipe::new().rule("*", rule).seed(seed);
        let mut whole = vec![0.0_f32; shape.iter().product()];
        recipe.init("w", &shape, &mut whole).unwrap();
        let mut expected = Vec::new();
        for i in ranges[0].clone() {
            for j in ranges[1].clone() {
                let start = (i * shape[1] + j) * shape[2];
                expected.extend_from_slice(&whole[start + ranges[2].start..start + ranges[2].end]);
            }
        }
        let mut found = vec![9.0_f32; expected.len()];
        recipe.init_block("w", &shape, &ranges, &mut found).unwrap();
        assert!(found == expected, "{scheme}: {shape:?} {ranges:?}");
    }
}

#[test]
fn files_keep_all_that_a_recipe_holds() {
    let recipe = Recipe::new()
        .framework(Framework::Jax)
        .layers(3)
        .seed(Seed::from([7; 32]))
        .rule("odd \"name\" \\\\ \t é", Scheme::Zeros)
        .rule("a", Rule::tied_to("b").kind("Linear"))
        .rule(
            "b*",
            Rule::from(Scheme::AsFramework).fan((3, 5)).groups(2).depth(Depth::Gpt2).layout(Layout::InOut),
        )
        .rule("c", Rule::from(Scheme::Ones).kind("A"))
        .rule("c", Rule::from(Scheme::Zeros).fan(7));
    let recipe = every_scheme()
        .into_iter()
        .fold(recipe, |recipe, (scheme, text)| recipe.rule(text.replace(['[', '('], "?"), scheme));
    let (toml, json) = (recipe.to_toml().unwrap(), serde_json::to_string_pretty(&recipe).unwrap());
    assert_eq!(Recipe::from_toml(&toml).unwrap(), recipe, "{toml}");
    assert_eq!(serde_json::from_str::<Recipe>(&json).unwrap(), recipe, "{json}");
    assert_eq!(Recipe::from_toml(&Recipe::new().to_toml().unwrap()).unwrap(), Recipe::new());
}
