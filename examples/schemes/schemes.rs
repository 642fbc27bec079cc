//! The schemes: a row each, in the order of `docs/initializers.md`.

use std::f64::consts::SQRT_2;

use fanin::{
    Activation, Composite, Constant, DeltaOrthogonal, DepthScaling, Dirac, Fan, FanMode, He, Icnr, Identity,
    Initializer, KerasDefault, Layout, LeCun, LoRA, LogUniform, Mamba, MambaALog, MuP, NeuralTangent, Normal,
    Orthogonal, PaddingRow, PriorBias, Siren, SmallInit, Sparse, T5, TorchDefault, TruncatedNormal, Uniform,
    VarianceScaling, WangInit, Xavier,
};

/// The initializer of a layer with these fans.
pub(crate) type Rule = Box<dyn Fn(Fan) -> Box<dyn Initializer<f32>>>;

/// A row of the table.
pub(crate) struct Scheme {
    pub(crate) name: &'static str,
    pub(crate) formula: &'static str,
    /// The activation that it is for; none where it makes no dense layer.
    pub(crate) activation: Option<Activation>,
    pub(crate) initializer: Rule,
    /// The mean square of the weights of an n x n tensor, where a single weight follows no distribution.
    pub(crate) mean_square: fn(f64) -> f64,
}

/// `scheme!(name, formula, activation or none, fan => initializer, n => mean square)`.
macro_rules! scheme {
    ($name:literal, $formula:literal, $activation:expr, $fan:pat => $initializer:expr $(, $n:pat => $mean_square:expr)?) => {
        Scheme {
            name: $name,
            formula: $formula,
            activation: $activation,
            initializer: Box::new(move |$fan: Fan| Box::new($initializer)),
            mean_square: {
                let mean_square: fn(f64) -> f64 = |_| f64::NAN;
                $(let _ = mean_square; let mean_square: fn(f64) -> f64 = |$n| $mean_square;)?
                mean_square
            },
        }
    };
}

const RELU: Option<Activation> = Some(Activation::Relu);
const TANH: Option<Activation> = Some(Activation::Tanh);
const LINEAR: Option<Activation> = Some(Activation::Identity);
const GELU: Option<Activation> = Some(Activation::Gelu);
const SELU: Option<Activation> = Some(Activation::Selu);

/// What SIREN's layers compute.
fn sine() -> Activation {
    Activation::custom("sin 30z", |z| (30.0 * z).sin(), |z| 30.0 * (30.0 * z).cos())
}

pub(crate) fn all() -> Vec<Scheme> {
    let mut all = distributions();
    all.extend(scaled());
    all.extend(fixed());
    all.extend(tensors());
    all
}

fn distributions() -> Vec<Scheme> {
    vec![
        scheme!("Xavier::uniform", "2 / (in + out)", TANH, fan => Xavier::uniform(fan)),
        scheme!("Xavier::normal", "2 / (in + out)", TANH, fan => Xavier::normal(fan)),
        scheme!("He::uniform", "2 / in", RELU, fan => He::uniform(fan)),
        scheme!("He::normal", "2 / in", RELU, fan => He::normal(fan)),
        scheme!("He::normal, fan_out", "2 / out", RELU, fan => He::normal(fan).mode(FanMode::FanOut)),
        scheme!("LeCun::normal", "1 / in", SELU, fan => LeCun::normal(fan)),
        scheme!("VarianceScaling, 2, FanGeoAvg", "2 / sqrt(in out)", RELU, fan => VarianceScaling::truncated_normal(2.0, FanMode::FanGeoAvg, fan)),
        scheme!("Uniform, +-0.1", "0.2^2 / 12", TANH, _ => Uniform::new(-0.1, 0.1)),
        scheme!("Normal, 0.02", "0.02^2", GELU, _ => Normal::new(0.0, 0.02)),
        scheme!("TruncatedNormal, 0.02", "0.774 x 0.02^2", GELU, _ => TruncatedNormal::new(0.0, 0.02)),
        scheme!("timm trunc_normal_tf_, 0.02", "0.774 x 0.02^2", GELU, _ => TruncatedNormal::new(0.0, 0.02).std_dev_bounds(-2.0, 2.0)),
        scheme!("LogUniform, 0.001 to 0.1", "see its docs", None, _ => LogUniform::new(1e-3, 0.1)),
    ]
}

fn scaled() -> Vec<Scheme> {
    vec![
        scheme!("TorchDefault::linear", "1 / (3 in)", RELU, fan => TorchDefault::linear(fan)),
        scheme!("KerasDefault::dense", "2 / (in + out)", RELU, fan => KerasDefault::dense(fan)),
        scheme!("Siren::first", "1 / (3 in^2)", None, fan => Siren::first(fan)),
        scheme!("Siren::hidden", "2 / (30^2 in)", Some(sine()), fan => Siren::hidden(fan)),
        scheme!("MuP::hidden", "1 / in", TANH, fan => MuP::hidden(fan)),
        scheme!("MuP::output, base of 64", "1 / 64", None, fan => MuP::output(fan).base((64, 64))),
        scheme!("NeuralTangent::normal", "1, times 1 / in", None, fan => NeuralTangent::normal(fan)),
        scheme!("SmallInit", "2 / (5 d)", GELU, fan => SmallInit::new(fan.fan_in())),
        scheme!("WangInit, 12 layers", "(2 / 12)^2 / d", GELU, fan => WangInit::new(fan.fan_in(), 12)),
        scheme!("DepthScaling::gpt2, 12 layers", "0.02^2 / 24", None, _ => Normal::new(0.0, 0.02).law().scaled(DepthScaling::gpt2(12))),
        scheme!("DepthScaling::by_block, block 3", "0.02^2 / 8", None, _ => Normal::new(0.0, 0.02).law().scaled(DepthScaling::by_block(3))),
        scheme!("DepthScaling::fixup, 16 x 2", "2 / (16 in)", None, fan => He::normal(fan).gain(SQRT_2 * DepthScaling::fixup(16, 2).factor())),
        scheme!("DepthScaling::t_fixup_encoder, 6", "0.67^2 / sqrt(6) of Xavier's", None, fan => Xavier::uniform(fan).gain(DepthScaling::t_fixup_encoder(6))),
        scheme!("DepthScaling::deepnet, 100", "1 / sqrt(800) of Xavier's", None, fan => Xavier::normal(fan).gain(DepthScaling::deepnet(100))),
        scheme!("T5::query, d_kv 64", "1 / (64 d)", None, fan => T5::query(fan.fan_in(), 64)),
        scheme!("T5::feed_forward_in", "1 / d", RELU, fan => T5::feed_forward_in(fan.fan_in())),
        scheme!("LoRA::a", "1 / (3 in)", None, fan => LoRA::a(fan)),
        scheme!("LoRA::gaussian_a, rank 8", "1 / 8^2", None, _ => LoRA::gaussian_a(8)),
        scheme!("Mamba::dt_bias", "see its docs", None, _ => Mamba::dt_bias()),
        scheme!("Mamba::dt_weight, rank 48", "1 / (3 x 48)", None, _ => Mamba::dt_weight(48)),
    ]
}

/// One value each.
fn fixed() -> Vec<Scheme> {
    vec![
        scheme!("Constant, 0: biases, ReZero, SkipInit", "0", None, _ => Constant::new(0.0)),
        scheme!("LoRA::b", "0", None, _ => LoRA::b()),
        scheme!("PriorBias::binary, 0.01", "0", None, _ => PriorBias::binary(0.01)),
        scheme!("PriorBias::classes, 1000", "0", None, _ => PriorBias::classes(1000)),
        scheme!("Mamba::d", "0", None, _ => Mamba::d()),
    ]
}

/// Tensors of a shape.
fn tensors() -> Vec<Scheme> {
    let kernel = &[64, 32, 3, 3];
    vec![
        scheme!("Orthogonal", "1 / n", TANH, fan => Orthogonal::new(fan.fan_out(), fan.fan_in()), n => 1.0 / n),
        scheme!("Orthogonal, linear", "1 / n", LINEAR, fan => Orthogonal::new(fan.fan_out(), fan.fan_in()), n => 1.0 / n),
        scheme!("Identity", "1 / n", LINEAR, fan => Identity::new(fan.fan_out(), fan.fan_in()), n => 1.0 / n),
        scheme!("Sparse, 0.9 zeros, std 0.2", "0.1 x 0.2^2", TANH, fan => Sparse::new(fan.fan_out(), fan.fan_in(), 0.9, 0.2), n => 0.04 * (1.0 - (0.9 * n).ceil() / n)),
        scheme!("Composite of 3, each Xavier's", "2 / (in + out)", None, fan => {
            let (n_in, n_out) = (fan.fan_in(), fan.fan_out());
            Composite::new(&[3 * n_out, n_in], 0).blocks(3, n_out, Xavier::normal(fan))
        }),
        scheme!("PaddingRow of an embedding", "1, but a row of 0", None, fan => PaddingRow::new(Normal::new(0.0, 1.0), [4 * fan.fan_in(), fan.fan_out()], 0), n => 1.0 - 1.0 / (4.0 * n)),
        scheme!("DeltaOrthogonal, 64 of 32, 3 x 3", "1 / (64 x 9)", None, _ => DeltaOrthogonal::from_shape(kernel, Layout::OutIn), _ => 1.0 / 576.0),
        scheme!("Dirac, 64 of 32, 3 x 3", "1 / (64 x 9)", None, _ => Dirac::from_shape(kernel, Layout::OutIn), _ => 1.0 / 576.0),
        scheme!("Icnr of He, upscale 2", "2 / in", None, _ => Icnr::new(He::normal(Fan::conv(32, 16, [3, 3])), kernel, Layout::OutIn, 2)),
        scheme!("MambaALog, 256 x 16", "ln 1 .. ln 16", None, _ => MambaALog::new(256, 16), _ => (1..=16).map(|k| f64::from(k).ln().powi(2)).sum::<f64>() / 16.0),
    ]
}
