//! Networks.

use proptest::arbitrary::Arbitrary;
use proptest::collection::vec;
use proptest::prelude::{Just, prop_oneof};
use proptest::strategy::{BoxedStrategy, Strategy};

use super::{any_activation, any_seed};
use crate::activation::Activation;
use crate::fan::Fan;
use crate::init::Initializer;
use crate::nn::{Loss, Network, NnError};
use crate::scalar::Scalar;
use crate::seed::Seed;

/// Units of a layer at most, and hidden layers.
const WIDTH: usize = 32;
const DEPTH: usize = 6;

/// A network before it is built: small, and printed on a line.
#[derive(Clone, Debug, PartialEq)]
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

/// Networks of 1 to 6 hidden layers of 1 to 32 units; shrinks to one ReLU unit between one input and
/// one output, drawn from seed 0.
///
/// ```
/// use fanin::testing::any_network;
/// use fanin::{He, Loss};
/// use proptest::prelude::*;
///
/// proptest! {
///     # #![proptest_config(ProptestConfig::with_cases(8))]
///     # #[allow(unused)] // in a test module: #[test]
///     fn every_network_has_a_chain(network in any_network()) {
///         let built = network.init::<f64, _>(He::normal).unwrap();
///         let (batch, targets) = (vec![1.0; 2 * network.inputs], vec![0.0; 2 * network.outputs]);
///         let chain = built.gradient_chain(&batch, &targets, Loss::MeanSquaredError).unwrap();
///         prop_assert_eq!(chain.layers().len(), network.hidden.len() + 1);
///     }
/// }
/// # every_network_has_a_chain();
/// ```
pub fn any_network() -> impl Strategy<Value = AnyNetwork> + Clone {
    let hidden = vec((1..=WIDTH, any_activation()), 1..=DEPTH);
    (1..=WIDTH, hidden, 1..=WIDTH, any_seed()).prop_map(|(inputs, hidden, outputs, seed)| AnyNetwork {
        inputs,
        hidden,
        outputs,
        seed,
    })
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
