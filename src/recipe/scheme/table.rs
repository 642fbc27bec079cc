//! The table of schemes: of each its name, its arguments, and the initializer that it is.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::text::{Arguments, Given};
use super::{AnyInitializer, Argument, Distribution, MuPRole, ParseSchemeError, T5Weight};
use crate::fan::Axis;
use crate::init::{
    Constant, DeltaOrthogonal, Dirac, FanMode, Gain, He, Icnr, Identity, KerasDefault, LeCun, LoRA,
    LogUniform, Mamba, MuP, NeuralTangent, Normal, Orthogonal, PaddingRow, PriorBias, Siren, SmallInit,
    Sparse, T5, TorchDefault, TruncatedNormal, Uniform, VarianceScaling, WangInit, Xavier,
};
use crate::recipe::error::RecipeCause;
use crate::recipe::place::Place;
use crate::scalar::Scalar;

schemes! {
    /// 0: biases.
    Zeros = "zeros" | "zero" at _at => Constant::new(0.0);
    /// 1: the scales of normalisations.
    Ones = "ones" | "one" at _at => Constant::new(1.0);
    /// [`Constant`].
    Constant = "constant" {
        /// The value, finite.
        value: f64,
    } at _at => Constant::new(value);
    /// [`Uniform`].
    Uniform = "uniform" {
        /// The lower end, finite.
        low: f64,
        /// The upper end, finite, at least `low`.
        high: f64,
    } at _at => Uniform::new(low, high);
    /// [`Normal`].
    Normal = "normal" {
        /// The standard deviation, finite, at least 0; 1 unless given.
        std_dev: f64 = 1.0,
        /// The mean, finite; 0 unless given.
        mean: f64 = 0.0,
    } at _at => Normal::new(mean, std_dev);
    /// [`TruncatedNormal`]: its bounds are values of weights, as in PyTorch's `trunc_normal_`, not standard deviations.
    TruncatedNormal = "truncated_normal" | "trunc_normal" {
        /// The standard deviation before truncation, finite, at least 0; 1 unless given.
        std_dev: f64 = 1.0,
        /// The mean before truncation, finite; 0 unless given.
        mean: f64 = 0.0,
        /// The lower bound; 2 standard deviations below the mean unless given.
        low: Option<f64> = None,
        /// The upper bound; 2 standard deviations above the mean unless given.
        high: Option<f64> = None,
    } at _at => {
        let law = TruncatedNormal::new(mean, std_dev);
        law.bounds(low.unwrap_or(mean - 2.0 * std_dev), high.unwrap_or(mean + 2.0 * std_dev))
    };
    /// [`He::normal`].
    HeNormal = "he_normal" | "kaiming_normal" {
        /// The fan that divides the variance; `fan_in` unless given.
        mode: FanMode = FanMode::FanIn,
        /// That of a leaky ReLU, finite; 0 unless given.
        negative_slope: f64 = 0.0,
    } at at => He::normal(at.fan()?).mode(mode).negative_slope(negative_slope);
    /// [`He::uniform`].
    HeUniform = "he_uniform" | "kaiming_uniform" {
        /// The fan that divides the variance; `fan_in` unless given.
        mode: FanMode = FanMode::FanIn,
        /// That of a leaky ReLU, finite; 0 unless given.
        negative_slope: f64 = 0.0,
    } at at => He::uniform(at.fan()?).mode(mode).negative_slope(negative_slope);
    /// [`He::truncated_normal`].
    HeTruncatedNormal = "he_truncated_normal" | "kaiming_truncated_normal" {
        /// The fan that divides the variance; `fan_in` unless given.
        mode: FanMode = FanMode::FanIn,
        /// That of a leaky ReLU, finite; 0 unless given.
        negative_slope: f64 = 0.0,
    } at at => He::truncated_normal(at.fan()?).mode(mode).negative_slope(negative_slope);
    /// [`Xavier::normal`].
    XavierNormal = "xavier_normal" | "glorot_normal" {
        /// The factor on the standard deviation; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => Xavier::normal(at.fan()?).gain(gain);
    /// [`Xavier::uniform`].
    XavierUniform = "xavier_uniform" | "glorot_uniform" {
        /// The factor on the standard deviation; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => Xavier::uniform(at.fan()?).gain(gain);
    /// [`Xavier::truncated_normal`].
    XavierTruncatedNormal = "xavier_truncated_normal" | "glorot_truncated_normal" {
        /// The factor on the standard deviation; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => Xavier::truncated_normal(at.fan()?).gain(gain);
    /// [`LeCun::normal`].
    LeCunNormal = "lecun_normal" {
        /// The fan that divides the variance; `fan_in` unless given.
        mode: FanMode = FanMode::FanIn,
        /// The factor on the standard deviation; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => LeCun::normal(at.fan()?).mode(mode).gain(gain);
    /// [`LeCun::uniform`].
    LeCunUniform = "lecun_uniform" {
        /// The fan that divides the variance; `fan_in` unless given.
        mode: FanMode = FanMode::FanIn,
        /// The factor on the standard deviation; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => LeCun::uniform(at.fan()?).mode(mode).gain(gain);
    /// [`LeCun::truncated_normal`].
    LeCunTruncatedNormal = "lecun_truncated_normal" {
        /// The fan that divides the variance; `fan_in` unless given.
        mode: FanMode = FanMode::FanIn,
        /// The factor on the standard deviation; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => LeCun::truncated_normal(at.fan()?).mode(mode).gain(gain);
    /// [`VarianceScaling`], as Keras and JAX name its arguments.
    VarianceScaling = "variance_scaling" {
        /// The factor on the variance, finite, at least 0; 1 unless given.
        scale: f64 = 1.0,
        /// The fan that divides the variance; `fan_in` unless given.
        mode: FanMode = FanMode::FanIn,
        /// The form; `truncated_normal` unless given.
        distribution: Distribution = Distribution::TruncatedNormal,
    } at at => match distribution {
        Distribution::Uniform => VarianceScaling::uniform(scale, mode, at.fan()?),
        Distribution::Normal => VarianceScaling::normal(scale, mode, at.fan()?),
        Distribution::TruncatedNormal => VarianceScaling::truncated_normal(scale, mode, at.fan()?),
    };
    /// [`Orthogonal`], the matrix made by the layout.
    Orthogonal = "orthogonal" {
        /// The factor on the matrix; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => Orthogonal::from_shape(at.shape, at.layout()?).gain(gain);
    /// [`Identity`], of a matrix.
    Identity = "identity" | "eye" {
        /// The value on the diagonal; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => {
        let [rows, cols] = at.rows_and_cols()?;
        Identity::new(rows, cols).gain(gain)
    };
    /// [`Dirac`]: a kernel that passes its input on, in the groups of the rule.
    Dirac = "dirac" {
        /// The value in the middle; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => Dirac::from_shape(at.shape, at.layout()?).groups(at.groups.unwrap_or(1)).gain(gain);
    /// [`DeltaOrthogonal`]: an orthogonal matrix in the middle of a kernel.
    DeltaOrthogonal = "delta_orthogonal" {
        /// The factor on the matrix; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => DeltaOrthogonal::from_shape(at.shape, at.layout()?).gain(gain);
    /// [`Sparse`]: as many zeros in every column.
    Sparse = "sparse" {
        /// The share of zeros in a column, from 0 to 1.
        sparsity: f64,
        /// The standard deviation of the others, finite, at least 0; 0.01 unless given.
        std_dev: f64 = 0.01,
    } at at => {
        let [rows, cols] = at.rows_and_cols()?;
        Sparse::new(rows, cols, sparsity, std_dev)
    };
    /// [`PaddingRow`]: an embedding with a row of zeros.
    PaddingRow = "padding_row" {
        /// The scheme of the other rows.
        scheme: Box<Scheme>,
        /// The row of the padding token, counted from 0.
        row: usize,
    } at at => PaddingRow::new(scheme.initializer::<T>(at)?, at.rows_and_cols()?, row);
    /// [`Icnr`]: kernels before a pixel shuffle, equal in each group of outputs.
    Icnr = "icnr" {
        /// The scheme of one kernel of each group.
        scheme: Box<Scheme>,
        /// How much larger each side becomes, at least 1.
        upscale: usize,
    } at at => {
        let (layout, shape) = (at.layout()?, at.before_upscaling(upscale)?);
        let before = Place { shape: &shape, ..*at };
        Icnr::new(scheme.initializer::<T>(&before)?, at.shape, layout, upscale)
    };
    /// [`Composite`](crate::Composite): blocks along an axis, each with fans and a stream of its own.
    Composite = "composite" {
        /// The schemes of the blocks.
        blocks: Vec<Scheme>,
        /// The axis that is cut; `out` unless given.
        axis: Axis = Axis::Out,
        /// How the blocks share the axis: `[4, 1, 1]` gives the first four parts of six. Equal parts unless given.
        parts: Vec<usize> = Vec::<usize>::new(),
    } at at => at.composite::<T>(&blocks, axis, &parts)?;
    /// [`LogUniform`].
    LogUniform = "log_uniform" {
        /// The lower end, from 1e-300.
        low: f64,
        /// The upper end, up to 1e300.
        high: f64,
    } at _at => LogUniform::new(low, high);
    /// [`TorchDefault`]: what PyTorch's dense layers and convolutions start from, weights and biases.
    TorchDefault = "torch_default" at at => TorchDefault::linear(at.fan()?);
    /// [`KerasDefault`]: what kernels of Keras's dense layers and convolutions start from.
    KerasDefault = "keras_default" at at => KerasDefault::dense(at.fan()?);
    /// [`Siren::first`].
    SirenFirst = "siren_first" at at => Siren::first(at.fan()?);
    /// [`Siren::hidden`].
    SirenHidden = "siren_hidden" {
        /// The factor in the argument of the sine, above 0; 30 unless given.
        frequency: f64 = 30.0,
    } at at => Siren::hidden(at.fan()?).frequency(frequency);
    /// [`MuP`].
    MuP = "mup" {
        /// What the tensor is.
        role: MuPRole,
        /// The fan_in of the same tensor in the small model; 1 unless given.
        base_fan_in: usize = 1,
        /// The fan_out of the same tensor in the small model; 1 unless given.
        base_fan_out: usize = 1,
        /// The standard deviation in the small model; by fan_in unless given.
        std_dev: Option<f64> = None,
    } at at => {
        let fan = at.fan()?;
        let mup = match role {
            MuPRole::Input => MuP::input(fan),
            MuPRole::Embedding => MuP::embedding(fan),
            MuPRole::Bias => MuP::bias(fan),
            MuPRole::Hidden => MuP::hidden(fan),
            MuPRole::AttentionQuery => MuP::attention_query(fan),
            MuPRole::Output => MuP::output(fan),
        };
        let mup = mup.base((base_fan_in, base_fan_out));
        std_dev.map_or(mup, |std_dev| mup.std_dev(std_dev))
    };
    /// [`NeuralTangent`].
    NeuralTangent = "neural_tangent" {
        /// The factor on the layer's output; 1 unless given.
        gain: Gain = Gain::from(1.0),
    } at at => NeuralTangent::normal(at.fan()?).gain(gain);
    /// [`SmallInit`].
    SmallInit = "small_init" {
        /// The width of the transformer, at least 1.
        width: usize,
    } at _at => SmallInit::new(width);
    /// [`WangInit`], of as many layers as the recipe gives.
    WangInit = "wang_init" {
        /// The width of the transformer, at least 1.
        width: usize,
    } at at => WangInit::new(width, at.layers.ok_or(RecipeCause::NoLayers)?);
    /// [`T5`].
    T5 = "t5" {
        /// What the matrix is.
        weight: T5Weight,
        /// The width of a head, of queries; 64 unless given.
        head_width: usize = 64,
        /// The factor on the standard deviation; 1 unless given.
        factor: f64 = 1.0,
    } at at => {
        let t5 = match weight {
            T5Weight::Embedding => T5::embedding(),
            T5Weight::Query => T5::query(at.fan()?.fan_in(), head_width),
            T5Weight::Key => T5::key(at.fan()?.fan_in()),
            T5Weight::Value => T5::value(at.fan()?.fan_in()),
            T5Weight::Output => T5::output(1, at.fan()?.fan_in()),
            T5Weight::FeedForwardIn => T5::feed_forward_in(at.fan()?.fan_in()),
            T5Weight::FeedForwardOut => T5::feed_forward_out(at.fan()?.fan_in()),
            T5Weight::RelativeBias => T5::relative_bias(at.fan()?.fan_in()),
        };
        t5.factor(factor)
    };
    /// [`LoRA::a`], by the fan_in of the adapted layer.
    LoRAA = "lora_a" at at => LoRA::a(at.fan()?);
    /// [`LoRA::gaussian_a`], the rank being the fan_out.
    LoRAGaussianA = "lora_gaussian_a" at at => LoRA::gaussian_a(at.fan()?.fan_out());
    /// [`LoRA::b`].
    LoRAB = "lora_b" at _at => LoRA::b();
    /// [`PriorBias::binary`].
    PriorBias = "prior_bias" {
        /// The probability to start at, above 0 and below 1.
        probability: f64,
    } at _at => PriorBias::binary(probability);
    /// [`PriorBias::classes`], as many as the bias has elements.
    ClassBias = "class_bias" at at => PriorBias::classes(at.shape.iter().fold(1, |count, &side| side.saturating_mul(count)));
    /// [`Mamba::a_log`].
    MambaALog = "mamba_a_log" at at => {
        let [inner, states] = at.rows_and_cols()?;
        Mamba::a_log(inner, states)
    };
    /// [`Mamba::d`].
    MambaD = "mamba_d" at _at => Mamba::d();
    /// [`Mamba::dt_bias_between`].
    MambaDtBias = "mamba_dt_bias" {
        /// The shortest time step; 0.001 unless given.
        low: f64 = 0.001,
        /// The longest time step; 0.1 unless given.
        high: f64 = 0.1,
    } at _at => Mamba::dt_bias_between(low, high);
    /// [`Mamba::dt_weight`], the rank being the fan_in.
    MambaDtWeight = "mamba_dt_weight" at at => Mamba::dt_weight(at.fan()?.fan_in());
    /// What the framework of the recipe does unless told.
    AsFramework = "as_framework" at at => at.framework_default()?;
}
