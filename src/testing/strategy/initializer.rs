//! Initializers.

use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeInclusive;
use std::sync::Arc;

use proptest::arbitrary::any;
use proptest::prelude::prop_oneof;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::number::real;
use super::{FanStrategy, any_fan};
use crate::error::InitError;
use crate::fan::Fan;
use crate::init::{FanMode, He, Initializer, Law, LeCun, Seeded, VarianceScaling, Xavier};
use crate::scalar::Scalar;
use crate::seed::Seed;

/// An initializer as [`any_initializer`] makes it. Printed, it is the expression that makes it again.
#[derive(Clone)]
pub struct AnyInitializer<T> {
    expression: String,
    initializer: Arc<dyn Initializer<T> + Send + Sync>,
}

impl<T: Scalar> AnyInitializer<T> {
    /// The same with a seed bound to it, so that its `fill` is reproducible.
    #[must_use]
    pub fn seed(self, seed: impl Into<Seed>) -> Seeded<Self> {
        Seeded::new(self, seed)
    }
}

/// The expression: `He::normal(3).gain(1.5)`.
impl<T> fmt::Display for AnyInitializer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expression)
    }
}

impl<T> fmt::Debug for AnyInitializer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expression)
    }
}

impl<T: Scalar> Initializer<T> for AnyInitializer<T> {
    fn fill_shard(&self, seed: Seed, offset: u64, shard: &mut [T]) -> Result<(), InitError> {
        self.initializer.fill_shard(seed, offset, shard)
    }

    fn law(&self) -> Option<Law> {
        self.initializer.law()
    }

    fn fixed_seed(&self) -> Option<Seed> {
        self.initializer.fixed_seed()
    }
}

/// `made!(an expression; its variables)`: the initializer with its own text, the values in place of the
/// variables, after the type where one is named.
macro_rules! made {
    ($initializer:expr; $($variable:ident $(of $Type:ident)?),*) => {{
        let expression = stringify!($initializer).to_owned();
        $(let value = format!(concat!($(stringify!($Type), "::",)? "{:?}"), $variable);
        let expression = expression.replace(stringify!($variable), &value);)*
        AnyInitializer { expression, initializer: Arc::new($initializer) }
    }};
}

/// Every distribution and family in every form, for [fans](any_fan) of every kind, with gains from 0 to 4, unless told
/// otherwise, 0, 1 and 4 often: all of them promise a distribution and fill; shrinks to `He::normal(1)`.
///
/// ```
/// use fanin::testing::{any_initializer, any_seed, any_shape};
/// use fanin::Initializer;
/// use proptest::prelude::*;
///
/// proptest! {
///     # #[allow(unused)] // in a test module: #[test]
///     fn my_tensor_takes_any(law in any_initializer::<f32>(), seed in any_seed(), shape in any_shape()) {
///         let mut w = vec![f32::NAN; shape.iter().product()];
///         law.fill_shard(seed, 0, &mut w).unwrap();
///         prop_assert!(w.iter().all(|w| w.is_finite()));
///     }
/// }
/// # my_tensor_takes_any();
/// ```
pub fn any_initializer<T: Scalar>() -> InitializerStrategy<T> {
    InitializerStrategy { fans: any_fan(), gains: 0.0..=4.0, scalar: PhantomData }
}

/// The strategy of [`any_initializer`].
#[derive(Clone, Debug)]
#[must_use = "strategies do nothing unless used"]
pub struct InitializerStrategy<T> {
    fans: FanStrategy,
    gains: RangeInclusive<f64>,
    scalar: PhantomData<T>,
}

impl<T> InitializerStrategy<T> {
    /// Of these fans, in those families that take one.
    pub fn fans(self, fans: FanStrategy) -> Self {
        Self { fans, ..self }
    }

    /// Of these gains; a family without one has its own.
    pub fn gains(self, gains: RangeInclusive<f64>) -> Self {
        Self { gains, ..self }
    }
}

impl<T: Scalar> Strategy for InitializerStrategy<T> {
    type Tree = Box<dyn ValueTree<Value = AnyInitializer<T>>>;
    type Value = AnyInitializer<T>;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let gain = || real(self.gains.clone(), 1.0);
        let fans = || self.fans.clone().prop_map(|fan| (fan.fan_in(), fan.fan_out()));
        prop_oneof![
            fans().prop_map(|(n_in, _)| made!(He::normal(n_in); n_in)),
            (fans(), gain(), 0..6_usize).prop_map(|((n_in, _), factor, which)| match which {
                0 => made!(He::uniform(n_in).gain(factor); n_in, factor),
                1 => made!(He::truncated_normal(n_in).gain(factor); n_in, factor),
                2 => made!(He::normal(n_in).negative_slope(factor); n_in, factor),
                3 => made!(LeCun::normal(n_in).gain(factor); n_in, factor),
                4 => made!(LeCun::uniform(n_in).gain(factor); n_in, factor),
                _ => made!(LeCun::truncated_normal(n_in).gain(factor); n_in, factor),
            }),
            (fans(), gain(), 0..3_usize).prop_map(|((n_in, n_out), factor, which)| match which {
                0 => made!(Xavier::normal((n_in, n_out)).gain(factor); n_in, n_out, factor),
                1 => made!(Xavier::uniform((n_in, n_out)).gain(factor); n_in, n_out, factor),
                _ => made!(Xavier::truncated_normal((n_in, n_out)).gain(factor); n_in, n_out, factor),
            }),
            (fans(), gain(), any::<FanMode>(), 0..3_usize).prop_map(|((n_in, n_out), factor, how, which)| {
                let fans = Fan::dense(n_in, n_out);
                match which {
                    0 => made!(VarianceScaling::normal(factor, how, fans); factor, how of FanMode, fans),
                    1 => made!(VarianceScaling::uniform(factor, how, fans); factor, how of FanMode, fans),
                    _ => {
                        made!(VarianceScaling::truncated_normal(factor, how, fans); factor, how of FanMode, fans)
                    }
                }
            }),
            any::<Law>()
                .prop_map(|law| AnyInitializer { expression: constructor(law), initializer: Arc::new(law) }),
        ]
        .boxed()
        .new_tree(runner)
    }
}

/// What makes an initializer of this distribution.
fn constructor(law: Law) -> String {
    match law {
        Law::Normal { mean, std_dev } => format!("Normal::new({mean:?}, {std_dev:?})"),
        Law::Uniform { low, high } => format!("Uniform::new({low:?}, {high:?})"),
        Law::TruncatedNormal { mean, std_dev, low, high } => {
            format!("TruncatedNormal::new({mean:?}, {std_dev:?}).bounds({low:?}, {high:?})")
        }
        Law::LogUniform { low, high } => format!("LogUniform::new({low:?}, {high:?})"),
        Law::InverseSoftplusLogUniform { low, high } => format!("Mamba::dt_bias_between({low:?}, {high:?})"),
        Law::Constant { value } => format!("Constant::new({value:?})"),
    }
}
