//! Activations.

use proptest::arbitrary::Arbitrary;
use proptest::prelude::{Just, prop_oneof};
use proptest::strategy::{BoxedStrategy, Strategy};

use super::number::real;
use crate::activation::Activation;

/// All activations that are built in, with slopes from 0 to 1, the ends often; shrinks to ReLU.
pub fn any_activation() -> impl Strategy<Value = Activation> + Clone {
    let slope = || real(0.0..=1.0, 0.0);
    prop_oneof![
        Just(Activation::Relu),
        Just(Activation::Identity),
        Just(Activation::Tanh),
        slope().prop_map(|negative_slope| Activation::LeakyRelu { negative_slope }),
        slope().prop_map(|slope| Activation::Prelu { slope }),
        Just(Activation::Sigmoid),
        Just(Activation::Gelu),
        Just(Activation::Silu),
        Just(Activation::Selu),
        slope().prop_map(|alpha| Activation::Elu { alpha }),
        Just(Activation::Softplus),
        Just(Activation::Mish),
        Just(Activation::Softsign),
        Just(Activation::HardTanh),
        Just(Activation::Erf),
        Just(Activation::Sin),
    ]
}

/// [`any_activation`].
impl Arbitrary for Activation {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        any_activation().boxed()
    }
}
