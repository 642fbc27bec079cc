//! The schemes: a row each, in the order of `docs/initializers.md`.

use fanin::{
    Activation, Constant, Fan, FanMode, He, Initializer, LeCun, Normal, Orthogonal, TruncatedNormal, Uniform,
    VarianceScaling, Xavier,
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
            initializer: Box::new(|$fan: Fan| Box::new($initializer)),
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

pub(crate) fn all() -> Vec<Scheme> {
    let mut all = plain();
    all.extend(matrices());
    all
}

fn plain() -> Vec<Scheme> {
    vec![
        scheme!("xavier_uniform", "6 / (in + out), half-width squared", TANH, fan => Xavier::uniform(fan)),
        scheme!("xavier_normal", "2 / (in + out)", TANH, fan => Xavier::normal(fan)),
        scheme!("he_uniform", "2 / in", RELU, fan => He::uniform(fan)),
        scheme!("he_normal", "2 / in", RELU, fan => He::normal(fan)),
        scheme!("he_normal, fan_out", "2 / out", RELU, fan => He::normal(fan).mode(FanMode::FanOut)),
        scheme!("lecun_normal", "1 / in", Some(Activation::Selu), fan => LeCun::normal(fan)),
        scheme!("variance_scaling", "2 / sqrt(in out)", RELU, fan => VarianceScaling::truncated_normal(2.0, FanMode::FanGeoAvg, fan)),
        scheme!("uniform(-0.1, 0.1)", "0.2^2 / 12", TANH, _ => Uniform::new(-0.1, 0.1)),
        scheme!("normal(0, 0.02)", "0.02^2", Some(Activation::Gelu), _ => Normal::new(0.0, 0.02)),
        scheme!("truncated_normal(0, 0.02)", "0.774 x 0.02^2", Some(Activation::Gelu), _ => TruncatedNormal::new(0.0, 0.02)),
        scheme!("constant(0.01)", "0", TANH, _ => Constant::new(0.01)),
    ]
}

fn matrices() -> Vec<Scheme> {
    vec![
        scheme!("orthogonal", "1 / n, Q^T Q = 1", TANH, fan => Orthogonal::new(fan.fan_out(), fan.fan_in()), n => 1.0 / n),
        scheme!("orthogonal, linear", "1 / n, Q^T Q = 1", LINEAR, fan => Orthogonal::new(fan.fan_out(), fan.fan_in()), n => 1.0 / n),
    ]
}
