//! Schemes of papers and libraries: their formulas beside those of the peers, their weights beside their laws, bad input.

use fanin::prelude::*;
use fanin::testing::{assert_law, check_law};
use fanin::{
    DepthScaling, InitError, KerasDefault, Law, LoRA, LogUniform, Mamba, MambaALog, MuP, NeuralTangent,
    Optimizer, PriorBias, Scalar, Siren, SmallInit, T5, TorchDefault, WangInit,
};

use crate::golden::Every;
use crate::reference;

const SAMPLES: usize = 20_000;

fn drawn<T: Scalar>(initializer: &dyn Initializer<T>, seed: u64) -> Vec<T> {
    let mut w = vec![T::zero(); SAMPLES];
    initializer.fill_shard(Seed::from(seed), 0, &mut w).unwrap();
    w
}

fn law_of(initializer: &(dyn Every + 'static)) -> Law {
    Initializer::<f32>::law(initializer).expect("a distribution")
}

/// U(-l, l) and N(0, s^2), as a peer's source names them.
fn uniform(limit: f64) -> Law {
    Law::Uniform { low: -limit, high: limit }
}

fn normal(std_dev: f64) -> Law {
    Law::Normal { mean: 0.0, std_dev }
}

fn close(a: f64, b: f64) -> bool {
    a == b || (a / b - 1.0).abs() < 1e-14
}

fn same(a: Law, b: Law) -> bool {
    match (a, b) {
        (Law::Uniform { low: a, high: b }, Law::Uniform { low: c, high: d })
        | (Law::Normal { mean: a, std_dev: b }, Law::Normal { mean: c, std_dev: d }) => {
            close(a, c) && close(b, d)
        }
        (Law::Constant { value: a }, Law::Constant { value: b }) => close(a, b),
        (
            Law::TruncatedNormal { mean: a, std_dev: b, low: c, high: d },
            Law::TruncatedNormal { mean: e, std_dev: f, low: g, high: h },
        ) => close(a, e) && close(b, f) && close(c, g) && close(d, h),
        _ => a == b,
    }
}

/// A scheme, what a peer's source has for it, as that source writes it, and what would be wrong.
struct Twin {
    name: &'static str,
    ours: Box<dyn Every>,
    theirs: Law,
    fault: Law,
}

fn twins() -> Vec<Twin> {
    let twin = |name, ours, theirs, fault| Twin { name, ours, theirs, fault };
    let (n, w0) = (300.0_f64, 30.0_f64);
    // PyTorch 2.15 nn/init.py, kaiming_uniform_: bound = sqrt(3) * std, std = gain / sqrt(fan), gain = sqrt(2 / (1 + a^2)).
    let kaiming_uniform =
        |a: f64, fan: f64| uniform(3_f64.sqrt() * ((2.0 / (1.0 + a.powi(2))).sqrt() / fan.sqrt()));
    vec![
        // Sitzmann et al., siren.py of their explore_siren notebook, SineLayer.init_weights.
        twin("siren first", Box::new(Siren::first(300)), uniform(1.0 / n), uniform((6.0 / n).sqrt() / w0)),
        twin(
            "siren hidden",
            Box::new(Siren::hidden(300)),
            uniform((6.0 / n).sqrt() / w0),
            uniform((6.0 / n).sqrt()),
        ),
        // Lee et al. 2019, equation 1: W = sigma / sqrt(n) w, w of N(0, 1).
        twin("ntk", Box::new(NeuralTangent::normal(300)), normal(1.0), normal(n.powf(-0.5))),
        // mup 1.0, layer.py, and Tensor Programs V, table 8; a base of 100 of fan_in.
        twin("mup input", Box::new(MuP::input((300, 50))), normal(n.powf(-0.5)), normal(50_f64.powf(-0.5))),
        twin("mup hidden", Box::new(MuP::hidden((300, 50))), normal(n.powf(-0.5)), normal(50_f64.powf(-0.5))),
        twin("mup output", Box::new(MuP::output((300, 50))), normal(1.0), normal(n.powf(-0.5))),
        twin("mup embedding", Box::new(MuP::embedding((300, 50))), normal(1.0), normal(n.powf(-0.5))),
        twin(
            "mup query",
            Box::new(MuP::attention_query(300)),
            Law::Constant { value: 0.0 },
            normal(n.powf(-0.5)),
        ),
        twin("mup bias", Box::new(MuP::bias((300, 50))), Law::Constant { value: 0.0 }, normal(1.0)),
        twin(
            "mup hidden, base",
            Box::new(MuP::hidden((400, 400)).base((100, 100)).std_dev(0.02)),
            normal(0.02 * (100_f64 / 400.0).powf(0.5)),
            normal(0.02),
        ),
        twin(
            // _rescale_parameters: weight *= width_mult ** 0.5, of what PyTorch drew with 1 / sqrt(fan_in).
            "mup output, base",
            Box::new(MuP::output((400, 10)).base((100, 10))),
            normal(400_f64.powf(-0.5) * 4_f64.powf(0.5)),
            normal(400_f64.powf(-0.5)),
        ),
        // transformers 5.24, modeling_gpt2.py: c_proj of 0.02 / sqrt(2 n_layer); GPT-NeoX's scaled_normal.
        twin(
            "gpt2 c_proj",
            Box::new(Normal::new(0.0, 0.02).law().scaled(DepthScaling::gpt2(12))),
            normal(0.02 / (2.0 * 12_f64).sqrt()),
            normal(0.02 / 12_f64.sqrt()),
        ),
        // OLMo-core 3.0, nn/transformer/init.py, llama_depth: std / (2 * (block_idx + 1)) ** 0.5; torchtitan, models/llama3, the same.
        twin(
            "llama by block",
            Box::new(TruncatedNormal::new(0.0, 0.02).law().scaled(DepthScaling::by_block(3))),
            TruncatedNormal::new(0.0, 0.02 / 8_f64.sqrt()).law(),
            TruncatedNormal::new(0.0, 0.02 / 6_f64.sqrt()).law(),
        ),
        // torchscale 0.3, architecture/encoder.py: p.data.div_(math.pow(8.0 * layers, 0.25)); upon Xavier as the paper has it (there fc1 and fc2 are as
        // nn.Linear starts, and v_proj has a gain of 1 / sqrt(2) besides).
        twin(
            "deepnet",
            Box::new(Xavier::normal((300, 300)).gain(DepthScaling::deepnet(24))),
            normal(n.powf(-0.5) / (8.0 * 24_f64).powf(0.25)),
            normal(n.powf(-0.5) / (12.0 * 24_f64).powf(0.25)),
        ),
        // GPT-NeoX, megatron/model/init_functions.py at 05c4de3.
        twin(
            "small_init",
            Box::new(SmallInit::new(512)),
            normal((2.0 / (5.0 * 512_f64)).sqrt()),
            normal(512_f64.powf(-0.5)),
        ),
        twin(
            "wang_init",
            Box::new(WangInit::new(512, 16)),
            normal(2.0 / 16.0 / 512_f64.sqrt()),
            normal(2.0 / 32_f64.sqrt() / 512_f64.sqrt()),
        ),
        // transformers 5.24, modeling_t5.py, T5PreTrainedModel._init_weights, factor = 1.
        twin(
            "t5 q",
            Box::new(T5::query(512, 64)),
            normal((512_f64 * 64.0).powf(-0.5)),
            normal(512_f64.powf(-0.5)),
        ),
        twin("t5 k", Box::new(T5::key(512)), normal(512_f64.powf(-0.5)), normal((512_f64 * 64.0).powf(-0.5))),
        twin("t5 v", Box::new(T5::value(512)), normal(512_f64.powf(-0.5)), normal(1.0)),
        twin(
            "t5 o",
            Box::new(T5::output(6, 64)),
            normal((6_f64 * 64.0).powf(-0.5)),
            normal(512_f64.powf(-0.5)),
        ),
        twin(
            "t5 wi",
            Box::new(T5::feed_forward_in(512)),
            normal(512_f64.powf(-0.5)),
            normal(2048_f64.powf(-0.5)),
        ),
        twin(
            "t5 wo",
            Box::new(T5::feed_forward_out(2048)),
            normal(2048_f64.powf(-0.5)),
            normal(512_f64.powf(-0.5)),
        ),
        twin("t5 shared", Box::new(T5::embedding().factor(0.5)), normal(0.5), normal(1.0)),
        twin("t5 bias", Box::new(T5::relative_bias(512)), normal(512_f64.powf(-0.5)), normal(1.0)),
        // PEFT 0.21, tuners/lora/layer.py, reset_lora_parameters.
        twin("lora a", Box::new(LoRA::a(300)), kaiming_uniform(5_f64.sqrt(), n), kaiming_uniform(0.0, n)),
        twin("lora gaussian", Box::new(LoRA::gaussian_a(8)), normal(1.0 / 8.0), normal(8_f64.powf(-0.5))),
        twin("lora b", Box::new(LoRA::b()), Law::Constant { value: 0.0 }, normal(1.0)),
        // mmcv's bias_init_with_prob; timm 1.0.31, vision_transformer.py (nlhb).
        twin(
            "prior, binary",
            Box::new(PriorBias::binary(0.01)),
            Law::Constant { value: -((1.0 - 0.01) / 0.01_f64).ln() },
            Law::Constant { value: -((1.0 - 0.01) / 0.01_f64).log10() },
        ),
        twin(
            "prior, classes",
            Box::new(PriorBias::classes(1000)),
            Law::Constant { value: -(1000_f64.ln()) },
            Law::Constant { value: 1000_f64.ln() },
        ),
        // mamba_ssm 2.3, modules/mamba_simple.py.
        twin("mamba d", Box::new(Mamba::d()), Law::Constant { value: 1.0 }, Law::Constant { value: 0.0 }),
        twin(
            "mamba dt weight",
            Box::new(Mamba::dt_weight(48)),
            uniform(48_f64.powf(-0.5)),
            uniform(1.0 / 48.0),
        ),
        twin(
            "mamba dt bias",
            Box::new(Mamba::dt_bias()),
            Law::InverseSoftplusLogUniform { low: 0.001, high: 0.1 },
            // The logarithm for the inverse of softplus would be as good as right; a wrong end is not.
            Law::InverseSoftplusLogUniform { low: 0.0011, high: 0.11 },
        ),
        twin(
            "log-uniform",
            Box::new(LogUniform::new(0.1, 10.0)),
            Law::LogUniform { low: 0.1, high: 10.0 },
            Law::Uniform { low: 0.1, high: 10.0 },
        ),
        // PyTorch 2.15, nn/modules/linear.py and conv.py (kaiming_uniform_ for the weight, 1 / sqrt(fan_in) for the bias), sparse.py.
        twin(
            "torch linear",
            Box::new(TorchDefault::linear(300)),
            kaiming_uniform(5_f64.sqrt(), n),
            kaiming_uniform(0.0, n),
        ),
        twin(
            "torch conv",
            Box::new(TorchDefault::conv(Fan::conv(16, 32, [3, 3]))),
            kaiming_uniform(5_f64.sqrt(), 16.0 * 9.0),
            kaiming_uniform(5_f64.sqrt(), 32.0 * 9.0),
        ),
        twin("torch embedding", Box::new(TorchDefault::embedding()), normal(1.0), normal(0.02)),
        // Keras 3.15, GlorotUniform (limit = sqrt(3 * scale), scale = 1 / ((fan_in + fan_out) / 2)) and RandomUniform.
        twin(
            "keras dense",
            Box::new(KerasDefault::dense((300, 100))),
            uniform((3.0 / ((300.0 + 100.0) / 2.0_f64)).sqrt()),
            uniform((3.0 / n).sqrt()),
        ),
        twin(
            "keras conv",
            Box::new(KerasDefault::conv(Fan::conv(16, 32, 3))),
            uniform((3.0 / ((48.0 + 96.0) / 2.0_f64)).sqrt()),
            uniform((3.0 / 48.0_f64).sqrt()),
        ),
        twin("keras embedding", Box::new(KerasDefault::embedding()), uniform(0.05), uniform(0.5)),
        // timm 1.0.31, layers/weight_init.py, trunc_normal_tf_: N(0, 1) between a and b, times std, plus mean.
        twin(
            "trunc_normal_tf_",
            Box::new(TruncatedNormal::new(0.5, 0.1).std_dev_bounds(-2.0, 1.0)),
            Law::TruncatedNormal { mean: 0.5, std_dev: 0.1, low: 0.5 - 0.2, high: 0.5 + 0.1 },
            Law::TruncatedNormal { mean: 0.5, std_dev: 0.1, low: -2.0, high: 1.0 },
        ),
    ]
}

#[test]
fn formulas_are_those_of_the_peers() {
    for Twin { name, ours, theirs, fault } in twins() {
        let law = law_of(&*ours);
        assert!(same(law, theirs), "{name}: {law:?} {theirs:?}");
        assert!(!same(law, fault), "{name}: a planted fault is seen");
    }
}

#[test]
fn weights_follow_their_laws_and_faults_are_refused() {
    for Twin { name, ours, fault, .. } in twins() {
        let promised = law_of(&*ours);
        for seed in 0..2 {
            let (single, double) = (drawn::<f32>(&*ours, seed), drawn::<f64>(&*ours, seed));
            assert_law!(single, promised, "{name}, f32");
            assert_law!(double, promised, "{name}, f64");
            assert!(check_law(&single, &fault).is_err(), "{name}: the fault is refused");
            assert!(check_law(&double, &fault).is_err(), "{name}: the fault is refused");
        }
        #[cfg(feature = "half")]
        assert_law!(drawn::<half::bf16>(&*ours, 1), promised, "{name}, bf16");
    }
}

/// The kit is new to the laws of one logarithm: wide ones, and faults of each kind.
#[test]
fn laws_of_one_logarithm() {
    let laws = [
        Law::LogUniform { low: 1e-6, high: 1e3 },
        Law::LogUniform { low: 1.0, high: 1.001 },
        Law::InverseSoftplusLogUniform { low: 1e-8, high: 1e-2 },
        Law::InverseSoftplusLogUniform { low: 1e-3, high: 100.0 },
    ];
    for law in laws {
        for seed in 0..10 {
            assert_law!(drawn::<f32>(&law, seed), law, "f32");
            assert_law!(drawn::<f64>(&law, seed), law, "f64");
        }
        let right = drawn::<f64>(&law, 1);
        let (mean, std_dev) = (law.mean(), law.std_dev());
        for (fault, change) in [
            ("shifted", &(|w: f64| w + 0.1 * std_dev) as &dyn Fn(f64) -> f64),
            ("narrow", &|w| mean + 0.9 * (w - mean)),
            ("mirrored", &|w| 2.0 * mean - w),
            ("outside", &|w| w + 4.0 * std_dev),
        ] {
            let wrong: Vec<f64> = right.iter().map(|&w| change(w)).collect();
            // A narrow interval is as good as uniform, which is its own mirror image.
            if fault != "mirrored" || law.kurtosis() > 1.81 || law.mean() < 0.0 {
                assert!(check_law(&wrong, &law).is_err(), "{law}, {fault}");
            }
        }
        let twice: Vec<f64> = right.iter().map(|_| right[0]).collect();
        assert!(check_law(&twice, &law).is_err());
    }
}

/// softplus of the bias is a step between the ends, log-uniform.
#[test]
fn dt_bias_is_the_inverse_of_softplus() {
    let steps: Vec<f64> = drawn::<f64>(&Mamba::dt_bias(), 3).iter().map(|b| b.exp().ln_1p()).collect();
    assert_law!(steps, LogUniform::new(0.001, 0.1));
    let steps: Vec<f64> = drawn::<f64>(&Mamba::dt_bias(), 3).iter().map(|b| b.exp()).collect();
    assert!(check_law(&steps, &LogUniform::new(0.001, 0.1)).is_err(), "exp is not softplus");
}

#[test]
fn depth_scaling_by_hand() {
    let close =
        |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-14, "{found} {expected}");
    close(DepthScaling::gpt2(8).factor(), 0.25);
    close(DepthScaling::by_block(0).factor(), 0.5_f64.sqrt());
    close(DepthScaling::by_block(7).factor(), 0.25);
    close(DepthScaling::fixup(16, 2).factor(), 0.25);
    close(DepthScaling::fixup(16, 3).factor(), 0.5);
    close(DepthScaling::t_fixup_encoder(16).factor(), 0.335);
    close(DepthScaling::t_fixup_decoder(9).factor(), 1.0 / 3.0);
    close(DepthScaling::deepnet(2).factor(), 0.5);
    close(DepthScaling::deepnet(8).residual(), 2.0);
    // N = M = 2^k: (N^4 M)^(1/16) = 2^(5 k / 16).
    close(DepthScaling::deepnet_encoder(1 << 16, 1 << 16).factor(), 0.87 / 32.0);
    close(DepthScaling::deepnet_encoder(1 << 16, 1 << 16).residual(), 0.81 * 32.0);
    close(DepthScaling::deepnet_encoder(6, 2).residual(), 0.81 * (6_f64.powi(4) * 2.0).powf(1.0 / 16.0));
    close(DepthScaling::deepnet_decoder(108).factor(), 1.0 / 6.0);
    close(DepthScaling::deepnet_decoder(27).residual(), 3.0);
    for scaling in [DepthScaling::gpt2(3), DepthScaling::fixup(3, 2), DepthScaling::t_fixup_decoder(3)] {
        assert_eq!(scaling.residual(), 1.0);
    }
}

/// Table 8, entry by entry, as it stands and relative to a base.
#[test]
fn mup_multipliers_and_learning_rates() {
    use Optimizer::{Adam, Sgd};
    let at = |init: MuP| (init.multiplier(), init.learning_rate(Sgd), init.learning_rate(Adam));
    assert_eq!(at(MuP::input((3, 64))), (1.0, 64.0, 1.0));
    assert_eq!(at(MuP::embedding((1000, 64))), (1.0, 64.0, 1.0));
    assert_eq!(at(MuP::bias((3, 64))), (1.0, 64.0, 1.0));
    assert_eq!(at(MuP::hidden((64, 64))), (1.0, 1.0, 1.0 / 64.0));
    assert_eq!(at(MuP::attention_query((64, 64))), (1.0, 1.0, 1.0 / 64.0));
    assert_eq!(at(MuP::output((64, 10))), (1.0 / 64.0, 64.0, 1.0));
    assert_eq!(at(MuP::input((3, 64)).base((3, 16))), (1.0, 4.0, 1.0));
    assert_eq!(at(MuP::hidden((64, 64)).base((16, 16))), (1.0, 1.0, 0.25));
    assert_eq!(at(MuP::output((64, 10)).base((16, 10))), (0.25, 4.0, 1.0));
    for at_base in [MuP::input((3, 64)), MuP::hidden((3, 64)), MuP::output((3, 64)), MuP::embedding((3, 64))]
    {
        assert_eq!(at(at_base.base((3, 64))), (1.0, 1.0, 1.0));
    }
    assert_eq!(NeuralTangent::normal(16).gain(2.0).multiplier(), 0.5);
}

#[test]
fn a_log_is_the_definition() {
    let (rows, states) = (5, 700);
    let whole: Vec<f64> = Mamba::a_log(rows, states).to_vec(rows * states);
    let single: Vec<f32> = Mamba::a_log(rows, states).to_vec(rows * states);
    for (i, (&w, &s)) in whole.iter().zip(&single).enumerate() {
        let state = (i % states + 1) as f64;
        let expected = reference::ln(state);
        assert_eq!((w, s), (expected, expected as f32));
        assert!((w - state.ln()).abs() <= f64::EPSILON * state.ln(), "{state}");
    }
    let mut shard = [0.0_f64; 900];
    MambaALog::new(rows, states).fill_shard(Seed::from(9), 650, &mut shard).unwrap();
    assert_eq!(shard[..], whole[650..1550]);
}

#[test]
fn bad_input_is_named_and_nothing_is_written() {
    let out_of_range = |parameter, value, expected| InitError::OutOfRange { parameter, value, expected };
    let no_layers = |parameter| out_of_range(parameter, 0.0, "at least 1");
    let negative = |parameter, value| InitError::Negative { parameter, value };
    let zero = |side| InitError::ZeroFan { side };
    let missing = InitError::MissingFan { side: "fan_out" };
    let normal = || Normal::new(0.0, 0.02).law();
    let bad: Vec<(Box<dyn Every>, InitError)> = vec![
        (Box::new(Siren::first(0)), zero("fan_in")),
        (Box::new(Siren::hidden(0)), zero("fan_in")),
        (Box::new(Siren::hidden(3).frequency(0.0)), out_of_range("frequency", 0.0, "above 0")),
        (Box::new(Siren::hidden(3).frequency(-1.0)), out_of_range("frequency", -1.0, "above 0")),
        (Box::new(MuP::hidden(0)), zero("fan_in")),
        (Box::new(MuP::input(3)), missing.clone()),
        (Box::new(MuP::embedding(3)), missing),
        (Box::new(MuP::input((3, 0))), zero("fan_out")),
        (Box::new(MuP::output((3, 1)).base((0, 1))), zero("fan_in")),
        (Box::new(MuP::output((3, 1)).std_dev(-1.0)), negative("std_dev", -1.0)),
        (Box::new(NeuralTangent::normal(0)), zero("fan_in")),
        (Box::new(NeuralTangent::normal(1).gain(-1.0)), negative("gain", -1.0)),
        (Box::new(normal().scaled(DepthScaling::gpt2(0))), no_layers("layers")),
        (Box::new(normal().scaled(DepthScaling::fixup(0, 2))), no_layers("layers")),
        (
            Box::new(normal().scaled(DepthScaling::fixup(3, 1))),
            out_of_range("branch", 1.0, "at least 2 layers"),
        ),
        (Box::new(normal().scaled(DepthScaling::t_fixup_encoder(0))), no_layers("layers")),
        (Box::new(normal().scaled(DepthScaling::t_fixup_decoder(0))), no_layers("layers")),
        (Box::new(He::normal(3).gain(DepthScaling::deepnet(0))), no_layers("layers")),
        (Box::new(He::normal(3).gain(DepthScaling::deepnet_encoder(0, 1))), no_layers("encoder_layers")),
        (Box::new(He::normal(3).gain(DepthScaling::deepnet_encoder(1, 0))), no_layers("decoder_layers")),
        (Box::new(He::normal(3).gain(DepthScaling::deepnet_decoder(0))), no_layers("decoder_layers")),
        (Box::new(Normal::new(0.0, -1.0).law().scaled(0.5)), negative("std_dev", -1.0)),
        (Box::new(normal().scaled(-0.5)), negative("gain", -0.5)),
        (Box::new(SmallInit::new(0)), no_layers("width")),
        (Box::new(WangInit::new(0, 1)), no_layers("width")),
        (Box::new(WangInit::new(1, 0)), no_layers("layers")),
        (Box::new(T5::query(0, 1)), no_layers("width")),
        (Box::new(T5::query(1, 0)), no_layers("head_width")),
        (Box::new(T5::output(0, 1)), no_layers("heads")),
        (Box::new(T5::feed_forward_out(0)), no_layers("inner_width")),
        (Box::new(T5::embedding().factor(-1.0)), negative("factor", -1.0)),
        (Box::new(LoRA::a(0)), zero("fan_in")),
        (Box::new(LoRA::gaussian_a(0)), no_layers("rank")),
        (Box::new(PriorBias::binary(0.0)), out_of_range("probability", 0.0, "above 0 and below 1")),
        (Box::new(PriorBias::binary(1.0)), out_of_range("probability", 1.0, "above 0 and below 1")),
        (Box::new(PriorBias::classes(0)), no_layers("count")),
        (Box::new(Mamba::dt_weight(0)), no_layers("rank")),
        (Box::new(Mamba::dt_bias_between(0.0, 1.0)), out_of_range("low", 0.0, "from 1e-300 to 1e300")),
        (Box::new(Mamba::dt_bias_between(2.0, 1.0)), InitError::EmptyRange { low: 2.0, high: 1.0 }),
        (Box::new(MambaALog::new(1, 3)), InitError::ShardOutOfTensor { offset: 0, length: 4, tensor: 3 }),
        (Box::new(TorchDefault::linear(0)), zero("fan_in")),
        (Box::new(KerasDefault::dense(3)), InitError::MissingFan { side: "fan_out" }),
    ];
    for (initializer, expected) in bad {
        let mut w = [7.0_f32; 4];
        assert_eq!(initializer.fill_shard(Seed::from(1), 0, &mut w), Err(expected));
        assert_eq!(w, [7.0; 4]);
    }
    let not_finite: Vec<Box<dyn Every>> = vec![
        Box::new(Siren::hidden(3).frequency(f64::NAN)),
        Box::new(Siren::hidden(3).frequency(f64::INFINITY)),
        Box::new(MuP::hidden(3).std_dev(f64::NAN)),
        Box::new(T5::key(3).factor(f64::INFINITY)),
        Box::new(NeuralTangent::normal(3).gain(f64::NAN)),
        Box::new(PriorBias::binary(f64::NAN)),
        Box::new(LogUniform::new(1.0, f64::NAN)),
        Box::new(normal().scaled(f64::NAN)),
    ];
    for initializer in not_finite {
        let mut w = [7.0_f64; 4];
        let error = initializer.fill_shard(Seed::from(1), 0, &mut w).unwrap_err();
        assert!(matches!(error, InitError::NotFinite { .. }), "{error}");
        assert_eq!(w, [7.0; 4]);
    }
    // The largest counts are no flaw, nor a panic.
    let most = usize::MAX;
    for largest in [
        Box::new(SmallInit::new(most)) as Box<dyn Every>,
        Box::new(WangInit::new(most, most)),
        Box::new(T5::query(most, most)),
        Box::new(normal().scaled(DepthScaling::by_block(most))),
        Box::new(normal().scaled(DepthScaling::deepnet_encoder(most, most))),
        Box::new(normal().scaled(DepthScaling::fixup(most, most))),
        Box::new(MuP::output((most, 1))),
        Box::new(PriorBias::classes(most)),
        Box::new(LoRA::gaussian_a(most)),
    ] {
        assert_eq!(Initializer::<f32>::check(&*largest), Ok(()));
    }
    let a_log: &dyn Initializer<f32> = &MambaALog::new(most, 2);
    assert!(matches!(a_log.check(), Err(InitError::ShapeOverflow { .. })));
    let step = Mamba::dt_bias().law().scaled(0.5);
    assert!(matches!(step.check(), Err(InitError::Other(_))));
    assert!(matches!(
        Initializer::<f32>::check(&LogUniform::new(1.0, 1e39)),
        Err(InitError::Overflow { .. })
    ));
}

#[cfg(feature = "serde")]
#[test]
fn what_is_read_back_passes_the_checks() {
    use serde::{Serialize, de::DeserializeOwned};

    fn again<V: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: V) {
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<V>(&text).unwrap(), value, "{text}");
    }
    again(Siren::hidden((3, 4)).frequency(10.0));
    again(MuP::output((64, 10)).base((16, 10)).std_dev(0.02));
    again(MuP::hidden((64, 10)));
    again(Optimizer::Adam);
    again(NeuralTangent::normal(3).gain(Activation::Tanh));
    again(DepthScaling::deepnet_encoder(3, 4));
    again(Normal::new(0.0, 0.02).law().scaled(DepthScaling::gpt2(3)));
    again(SmallInit::new(3));
    again(WangInit::new(3, 4));
    again(T5::query(3, 4).factor(0.5));
    again(LoRA::gaussian_a(3));
    again(PriorBias::binary(0.25));
    again(Mamba::dt_bias());
    again(MambaALog::new(3, 4));
    again(LogUniform::new(0.5, 2.0));
    again(Mamba::dt_bias().law());
    again(LogUniform::new(0.5, 2.0).law());
    again(TorchDefault::linear(3));
    again(KerasDefault::dense((3, 4)));
    let refused = |error: serde_json::Error| error.to_string();
    let error = refused(serde_json::from_str::<SmallInit>(r#"{"width":0}"#).unwrap_err());
    assert!(error.contains("width is 0: it must be at least 1"), "{error}");
    let error = refused(serde_json::from_str::<LogUniform>(r#"{"low":0,"high":1}"#).unwrap_err());
    assert!(error.contains("low is 0"), "{error}");
    assert!(serde_json::from_str::<SmallInit>(r#"{"width":1,"depth":2}"#).is_err());
}
