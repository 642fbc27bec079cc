//! Fans and layouts.

use proptest::arbitrary::Arbitrary;
use proptest::collection::vec;
use proptest::prelude::{Just, prop_oneof};
use proptest::strategy::{BoxedStrategy, Strategy};

use crate::fan::{Fan, Layout};

/// Units or channels of a group at most, and groups.
const CHANNELS: usize = 512;
const GROUPS: usize = 8;

/// Fans of dense layers and of convolutions of one to three dimensions, with and without groups and
/// transposed, all of which make weights; shrinks to a dense layer from 1 unit to 1.
///
/// ```
/// use fanin::testing::{any_fan, assert_law};
/// use fanin::prelude::*;
/// use proptest::prelude::*;
///
/// proptest! {
///     # #![proptest_config(ProptestConfig::with_cases(8))]
///     # #[allow(unused)] // in a test module: #[test]
///     fn my_layers_follow_he(fan in any_fan()) {
///         let mut w = [0.0_f32; 1000];
///         He::normal(fan).fill(&mut w);
///         assert_law!(w, He::normal(fan.fan_in()));
///     }
/// }
/// # my_layers_follow_he();
/// ```
pub fn any_fan() -> impl Strategy<Value = Fan> + Clone {
    let kernel = || vec(1..=7_usize, 1..=3);
    let channels = || 1..=CHANNELS;
    prop_oneof![
        (channels(), channels()).prop_map(|(inputs, outputs)| Fan::dense(inputs, outputs)),
        (channels(), channels(), kernel()).prop_map(|(from, to, kernel)| Fan::conv(from, to, kernel)),
        (1..=GROUPS, 1..=64_usize, 1..=64_usize, kernel()).prop_map(|(groups, from, to, kernel)| Fan::conv(
            groups * from,
            groups * to,
            kernel
        )
        .groups(groups)),
        (channels(), channels(), kernel())
            .prop_map(|(from, to, kernel)| Fan::conv_transposed(from, to, kernel)),
    ]
}

/// [`any_fan`].
impl Arbitrary for Fan {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        any_fan().boxed()
    }
}

/// Shrinks to [`Layout::OutIn`].
impl Arbitrary for Layout {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        prop_oneof![Just(Self::OutIn), Just(Self::InOut), Just(Self::TransposedInOut)].boxed()
    }
}
