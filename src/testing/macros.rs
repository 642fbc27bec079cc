//! Checks that panic.

/// Asserts that weights follow the distribution that an initializer (or a [`Law`](crate::Law)) promises, at a
/// false-positive rate of 1e-9.
///
/// The weights are anything that [can be read](crate::testing::ReadWeights). After the
/// distribution, `shape = [..]` gives the shape of a slice in row-major order, so that rows, columns, neighbours and
/// the rank are looked at as well (nested arrays and those of ndarray bring theirs along), and `at_rate = ..` another
/// false-positive rate; a message of your own may follow, as in `assert!`. See [`CheckLaw`](crate::testing::CheckLaw) for
/// what is looked at and from how many weights on a fault is seen.
///
/// # Panics
///
/// With the text of the [`LawError`](crate::testing::LawError): expected, seen, how many sigmas, the
/// likely cause. Where the rate is not between 0 and 1.
///
/// ```
/// use fanin::testing::assert_law;
/// use fanin::prelude::*;
///
/// let mut w = vec![0.0_f32; 256 * 784];
/// He::normal(784).fill(&mut w);
/// assert_law!(w, He::normal(784));
/// assert_law!(w, He::normal(784), shape = [256, 784], at_rate = 1e-12, "layer {}", 1);
/// ```
///
/// ```should_panic
/// use fanin::testing::assert_law;
/// use fanin::prelude::*;
///
/// let mut w = vec![0.0_f32; 256 * 784];
/// He::normal(256).fill(&mut w); // the outputs, not the inputs
/// assert_law!(w, He::normal(784));
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! assert_law {
    ($weights:expr, $law:expr $(, $key:ident = $value:expr)* $(,)?) => {
        $crate::testing::assert_law!(
            $weights, $law $(, $key = $value)*,
            "{} do not follow {}", ::core::stringify!($weights), ::core::stringify!($law)
        )
    };
    ($weights:expr, $law:expr $(, $key:ident = $value:expr)*, $message:literal $($arguments:tt)*) => {
        {
            use $crate::testing::ReadWeights as _;
            let weights = &$weights;
            if let ::core::result::Result::Err(mismatch) = $crate::testing::CheckLaw::default()
                .shape(weights.shape())
                $(.$key($value))*
                .check(&weights.read_weights(), &$law)
            {
                ::core::panic!("{}: {mismatch}", ::core::format_args!($message $($arguments)*));
            }
        }
    };
}

/// Asserts that two tensors of weights are independent, at a false-positive rate of 1e-9 or
/// [`at_rate`](crate::testing::CheckIndependent::at_rate): that no seed was used twice.
///
/// The weights are anything that [can be read](crate::testing::ReadWeights). Of a whole model see
/// [`assert_model!`](crate::testing::assert_model). A message of your own may follow, as in `assert!`.
///
/// # Panics
///
/// With the text of the [`IndependenceError`](crate::testing::IndependenceError).
///
/// ```
/// use fanin::testing::assert_independent;
/// use fanin::prelude::*;
///
/// let [mut a, mut b] = [[0.0_f32; 512]; 2];
/// He::normal(64).seed(Seed::from(1).child("a")).fill(&mut a);
/// He::normal(32).seed(Seed::from(1).child("b")).fill(&mut b);
/// assert_independent!(a, b);
/// assert_independent!(a, b, at_rate = 1e-6, "layers {} and {}", 1, 2);
/// ```
///
/// ```should_panic
/// use fanin::testing::assert_independent;
/// use fanin::prelude::*;
///
/// let [mut a, mut b] = [[0.0_f32; 512]; 2];
/// He::normal(64).seed(1).fill(&mut a);
/// He::normal(32).seed(1).fill(&mut b);
/// assert_independent!(a, b);
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! assert_independent {
    ($a:expr, $b:expr $(, $key:ident = $value:expr)* $(,)?) => {
        $crate::testing::assert_independent!(
            $a, $b $(, $key = $value)*, "{} and {}", ::core::stringify!($a), ::core::stringify!($b)
        )
    };
    ($a:expr, $b:expr $(, $key:ident = $value:expr)*, $message:literal $($arguments:tt)*) => {
        {
            use $crate::testing::ReadWeights as _;
            if let ::core::result::Result::Err(dependence) = $crate::testing::CheckIndependent::default()
                $(.$key($value))*
                .check(&$a.read_weights(), &$b.read_weights())
            {
                ::core::panic!("{}: {dependence}", ::core::format_args!($message $($arguments)*));
            }
        }
    };
}

/// Asserts that a whole model is started as promised, at a false-positive rate of 1e-9 or
/// [`at_rate`](crate::testing::CheckModel::at_rate) for all of it: each parameter follows its distribution, and none is a copy of
/// another, in whole or in part.
///
/// The model is a list of names, weights and initializers (or [`Law`](crate::Law)s), of which each may be followed by the
/// [`shape`](crate::testing::ModelLayer::shape) of a slice, or by the name of the parameter that it is
/// [`tied_to`](crate::testing::ModelLayer::tied_to); or a slice of [`ModelLayer`](crate::testing::ModelLayer)s. The weights are
/// anything that [can be read](crate::testing::ReadWeights). See [`CheckModel`](crate::testing::CheckModel) for what is looked
/// at. A message of your own may follow, as in `assert!`.
///
/// Whether gradients flow, for any seed, [`assert_gradient_flow!`](crate::testing::assert_gradient_flow) asserts.
///
/// # Panics
///
/// With the text of the [`ModelError`](crate::testing::ModelError): every parameter that is wrong, by its name.
///
/// ```
/// use fanin::testing::assert_model;
/// use fanin::prelude::*;
///
/// let seed = Seed::random();
/// let (mut fc1, mut fc2, bias) = ([[0.0_f32; 64]; 128], vec![0.0_f32; 10 * 128], [0.0_f32; 10]);
/// He::normal(64).seed(seed.child("fc1.weight")).fill(&mut fc1);
/// LeCun::normal(128).seed(seed.child("fc2.weight")).fill(&mut fc2);
///
/// assert_model!([
///     ("fc1.weight", fc1, He::normal(64)),
///     ("fc2.weight", fc2, LeCun::normal(128), shape = [10, 128]),
///     ("fc2.bias", bias, Constant::new(0.0)),
/// ]);
/// assert_model!([("fc1.weight", fc1, He::normal(64))], at_rate = 1e-6, "after epoch {}", 0);
/// ```
///
/// ```should_panic
/// use fanin::testing::assert_model;
/// use fanin::prelude::*;
///
/// let [mut fc1, mut fc2] = [[[0.0_f32; 64]; 64]; 2];
/// He::normal(64).seed(1).fill(&mut fc1);
/// He::normal(64).seed(1).fill(&mut fc2); // the same seed
/// assert_model!([("fc1.weight", fc1, He::normal(64)), ("fc2.weight", fc2, He::normal(64))]);
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! assert_model {
    ([$(($name:expr, $weights:expr, $law:expr $(, $option:ident = $set:expr)* $(,)?)),+ $(,)?] $($rest:tt)*) => {
        {
            use $crate::testing::ReadWeights as _;
            $crate::testing::assert_model!(
                [$($crate::testing::ModelLayer::new($name, $weights.as_weights(), &$law)$(.$option($set))*),+] $($rest)*
            )
        }
    };
    ($layers:expr $(, $key:ident = $value:expr)* $(,)?) => {
        $crate::testing::assert_model!($layers $(, $key = $value)*, "the model is not started as promised")
    };
    ($layers:expr $(, $key:ident = $value:expr)*, $message:literal $($arguments:tt)*) => {
        if let ::core::result::Result::Err(faults) =
            $crate::testing::CheckModel::default()$(.$key($value))*.check(&$layers)
        {
            ::core::panic!("{}: {faults}", ::core::format_args!($message $($arguments)*));
        }
    };
}

/// Asserts that gradients flow back through a model, over 20 new seeds, at a false-positive rate of 1e-9; or over as many
/// [`seeds`](crate::testing::CheckGradientFlow::seeds), [`from_seed`](crate::testing::CheckGradientFlow::from_seed),
/// [`at_rate`](crate::testing::CheckGradientFlow::at_rate) as you say.
///
/// The model is a [`GradientFlow`](crate::testing::GradientFlow): a closure from a seed to the chain of
/// the model that the seed starts. Alone, its chains must stay within 3 decades; with a range of
/// decades, within these; with [`Band`](crate::theory::Band)s, where theory has them. See
/// [`CheckGradientFlow`](crate::testing::CheckGradientFlow) for what is judged. After what is expected a message of your own may
/// follow, as in `assert!`.
///
/// # Panics
///
/// With the text of the [`GradientFlowError`](crate::testing::GradientFlowError): expected, seen, from which seed, what
/// to change.
///
/// ```
/// use fanin::nn::{Loss, Network};
/// use fanin::testing::assert_gradient_flow;
/// use fanin::{Activation, He, Seed};
///
/// let model = |seed: Seed| {
///     let batch: Vec<f64> = (0..4 * 50).map(|i| (7 * i % 11) as f64 / 5.0 - 1.0).collect();
///     let net = (0..10).fold(Network::new(50), |net, _| net.dense(50, Activation::Relu));
///     let net = net.dense(4, Activation::Identity).init(He::normal, seed).unwrap();
///     net.gradient_chain(&batch, &[0, 1, 2, 3], Loss::SoftmaxCrossEntropy).unwrap()
/// };
/// assert_gradient_flow!(model);
/// assert_gradient_flow!(model, -1.5..=1.0);
/// assert_gradient_flow!(model, -1.5..=1.0, seeds = 12, at_rate = 1e-6, "the encoder of {} layers", 10);
/// ```
///
/// ```should_panic
/// use fanin::chain::{GradientChain, Layer};
/// use fanin::testing::assert_gradient_flow;
/// use fanin::Seed;
///
/// // Each of ten layers takes nine tenths of the gradient.
/// let vanishing = |_: Seed| {
///     let layers = (0..10).map(|l| Layer::new("fc", 1, &[10_f64.powi(l)]));
///     GradientChain::from_layers(layers).unwrap()
/// };
/// assert_gradient_flow!(vanishing);
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! assert_gradient_flow {
    ($model:expr $(, $key:ident = $value:expr)* $(,)?) => {
        $crate::testing::assert_gradient_flow!(
            $model, $crate::testing::Expected::default() $(, $key = $value)*, "{}", ::core::stringify!($model)
        )
    };
    ($model:expr, $expected:expr $(, $key:ident = $value:expr)* $(,)?) => {
        $crate::testing::assert_gradient_flow!(
            $model, $expected $(, $key = $value)*, "{}", ::core::stringify!($model)
        )
    };
    ($model:expr, $expected:expr $(, $key:ident = $value:expr)*, $message:literal $($arguments:tt)*) => {
        if let ::core::result::Result::Err(blockage) = $crate::testing::CheckGradientFlow::default()
            $(.$key($value))*
            .check(&$model, $expected)
        {
            ::core::panic!("{}: {blockage}", ::core::format_args!($message $($arguments)*));
        }
    };
}
