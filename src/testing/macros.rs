//! Checks that panic.

/// Asserts that weights follow the distribution that an initializer (or a [`Law`](crate::Law)) promises, at a
/// false-positive rate of 1e-9.
///
/// The weights are anything that is a slice of scalars by `AsRef`: a slice, a `Vec`, an array. After the
/// distribution, `shape = [..]` gives the shape of weights in row-major order, so that rows, columns, neighbours and
/// the rank are looked at as well, and `rate = ..` another false-positive rate; a message of your own may follow, as in
/// `assert!`. See [`CheckLaw`](crate::testing::CheckLaw) for what is looked at and from how many weights on a fault is
/// seen.
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
/// assert_law!(w, He::normal(784), shape = [256, 784], rate = 1e-12, "layer {}", 1);
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
    (@ $weights:expr, $law:expr, [$check:expr] shape = $shape:expr $(, $($rest:tt)*)?) => {
        $crate::assert_law!(@ $weights, $law, [$check.shape($shape)] $($($rest)*)?)
    };
    (@ $weights:expr, $law:expr, [$check:expr] rate = $rate:expr $(, $($rest:tt)*)?) => {
        $crate::assert_law!(@ $weights, $law, [$check.at_rate($rate)] $($($rest)*)?)
    };
    (@ $weights:expr, $law:expr, [$check:expr]) => {
        $crate::assert_law!(
            @ $weights, $law, [$check]
            "{} do not follow {}", ::core::stringify!($weights), ::core::stringify!($law)
        )
    };
    (@ $weights:expr, $law:expr, [$check:expr] $($message:tt)+) => {
        if let ::core::result::Result::Err(mismatch) =
            $check.check(::core::convert::AsRef::<[_]>::as_ref(&$weights), &$law)
        {
            ::core::panic!("{}: {mismatch}", ::core::format_args!($($message)+));
        }
    };
    ($weights:expr, $law:expr $(, $($rest:tt)*)?) => {
        $crate::assert_law!(@ $weights, $law, [$crate::testing::CheckLaw::default()] $($($rest)*)?)
    };
}

/// Asserts that two tensors of weights are independent, at a false-positive rate of 1e-9: that no seed
/// was used twice.
///
/// The weights are anything that is a slice of scalars by `AsRef`. See
/// [`check_independent`](crate::testing::check_independent).
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
    ($a:expr, $b:expr $(,)?) => {
        if let ::core::result::Result::Err(dependence) = $crate::testing::check_independent(
            ::core::convert::AsRef::<[_]>::as_ref(&$a),
            ::core::convert::AsRef::<[_]>::as_ref(&$b),
        ) {
            ::core::panic!("{} and {}: {dependence}", ::core::stringify!($a), ::core::stringify!($b));
        }
    };
}

/// Asserts that gradients flow back through a model, over 20 new seeds, at a false-positive rate of 1e-9.
///
/// The model is a [`GradientFlow`](crate::testing::GradientFlow): a closure from a seed to the chain of
/// the model that the seed starts. Alone, its chains must stay within 3 decades; with a range of
/// decades, within these; with a [`Band`](crate::theory::Band), where theory has them. See
/// [`CheckGradientFlow`](crate::testing::CheckGradientFlow) for what is judged.
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
    ($model:expr $(,)?) => {
        $crate::testing::assert_gradient_flow!($model, $crate::testing::Expected::default())
    };
    ($model:expr, $expected:expr $(,)?) => {
        if let ::core::result::Result::Err(blockage) =
            $crate::testing::check_gradient_flow(&$model, $expected)
        {
            ::core::panic!("{}: {blockage}", ::core::stringify!($model));
        }
    };
}
