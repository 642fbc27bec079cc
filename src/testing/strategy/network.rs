//! Networks.

use std::fmt;

use proptest::arbitrary::Arbitrary;
use proptest::collection::{SizeRange, vec};
use proptest::prelude::{Just, prop_oneof};
use proptest::strategy::{BoxedStrategy, NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::number::whole;
use super::{any_activation, any_seed};
use crate::activation::Activation;
use crate::fan::Fan;
use crate::init::Initializer;
use crate::nn::{Loss, Network, NnError};
use crate::scalar::Scalar;
use crate::seed::Seed;

/// A network before it is built. Printed, it is the expression that makes it, with `rule` for what draws its weights.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct AnyNetwork {
    /// How many inputs.
    pub inputs: usize,
    /// Width and activation of each hidden layer.
    pub hidden: Vec<(usize, Activation)>,
    /// How many outputs, of a linear layer.
    pub outputs: usize,
    /// What its weights are drawn from.
    pub seed: Seed,
}

/// `Network::new(3).dense(8, Activation::Relu).dense(1, Activation::Identity).init(rule, Seed::from(7))`.
impl fmt::Debug for AnyNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { inputs, hidden, outputs, seed } = self;
        write!(f, "Network::new({inputs})")?;
        hidden.iter().try_for_each(|(width, phi)| write!(f, ".dense({width}, Activation::{phi:?})"))?;
        write!(f, ".dense({outputs}, Activation::Identity).init(rule, {seed:?})")
    }
}

impl AnyNetwork {
    /// The network, with weights drawn by `rule`, which gets a layer's fans.
    ///
    /// # Errors
    /// A distribution that refuses.
    pub fn init<T: Scalar, I: Initializer<T>>(&self, rule: impl Fn(Fan) -> I) -> Result<Network<T>, NnError> {
        let hidden = self.hidden.iter();
        let network =
            hidden.fold(Network::new(self.inputs), |net, (width, phi)| net.dense(*width, phi.clone()));
        network.dense(self.outputs, Activation::Identity).init(rule, self.seed)
    }
}

/// Networks of 1 to 6 hidden layers of 1 to 32 units, unless told otherwise, 1 and 32 often; shrinks to one ReLU unit between
/// one input and one output, drawn from seed 0.
///
/// ```
/// use fanin::testing::any_network;
/// use fanin::{He, Loss};
/// use proptest::prelude::*;
///
/// proptest! {
///     # #![proptest_config(ProptestConfig::with_cases(8))]
///     # #[allow(unused)] // in a test module: #[test]
///     fn every_network_has_a_chain(network in any_network().widths(1..=8).depths(2..=4)) {
///         let built = network.init::<f64, _>(He::normal).unwrap();
///         let (batch, targets) = (vec![1.0; 2 * network.inputs], vec![0.0; 2 * network.outputs]);
///         let chain = built.gradient_chain(&batch, &targets, Loss::MeanSquaredError).unwrap();
///         prop_assert_eq!(chain.layers().len(), network.hidden.len() + 1);
///     }
/// }
/// # every_network_has_a_chain();
/// ```
pub fn any_network() -> NetworkStrategy {
    NetworkStrategy { widths: (1..=32).into(), depths: (1..=6).into() }
}

/// The strategy of [`any_network`].
#[derive(Clone, Debug)]
#[must_use = "strategies do nothing unless used"]
pub struct NetworkStrategy {
    widths: SizeRange,
    depths: SizeRange,
}

impl NetworkStrategy {
    /// Of as many inputs, units in each layer and outputs: a number or a range.
    pub fn widths(self, widths: impl Into<SizeRange>) -> Self {
        Self { widths: widths.into(), ..self }
    }

    /// Of as many hidden layers.
    pub fn depths(self, depths: impl Into<SizeRange>) -> Self {
        Self { depths: depths.into(), ..self }
    }
}

impl Strategy for NetworkStrategy {
    type Tree = Box<dyn ValueTree<Value = AnyNetwork>>;
    type Value = AnyNetwork;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let width = || whole(&self.widths);
        let hidden = vec((width(), any_activation()), self.depths.clone());
        (width(), hidden, width(), any_seed())
            .prop_map(|(inputs, hidden, outputs, seed)| AnyNetwork { inputs, hidden, outputs, seed })
            .boxed()
            .new_tree(runner)
    }
}

/// [`any_network`].
impl Arbitrary for AnyNetwork {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        any_network().boxed()
    }
}

/// Shrinks to [`Loss::MeanSquaredError`].
impl Arbitrary for Loss {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        prop_oneof![Just(Self::MeanSquaredError), Just(Self::SoftmaxCrossEntropy)].boxed()
    }
}
