//! Fans and layouts.

use proptest::arbitrary::Arbitrary;
use proptest::collection::{SizeRange, vec};
use proptest::prelude::{Just, prop_oneof};
use proptest::strategy::{BoxedStrategy, NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::number::whole;
use crate::fan::{Fan, Layout};

/// Fans of dense layers and of convolutions of one to three dimensions, with and without groups and
/// transposed, all of which make weights; unless told otherwise of 1 to 512 units or channels (one in eight of them 1, one in
/// eight 512), kernels of 1 to 7 and 1 to 8 groups. Shrinks to a dense layer from 1 unit to 1.
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
pub fn any_fan() -> FanStrategy {
    FanStrategy { channels: (1..=512).into(), kernels: (1..=7).into(), groups: (1..=8).into() }
}

/// The strategy of [`any_fan`].
#[derive(Clone, Debug)]
#[must_use = "strategies do nothing unless used"]
pub struct FanStrategy {
    channels: SizeRange,
    kernels: SizeRange,
    groups: SizeRange,
}

impl FanStrategy {
    /// Of as many units or channels, on either side: a number or a range. Those with groups take more if the least of them is more
    /// than a group of the greatest has.
    pub fn channels(self, channels: impl Into<SizeRange>) -> Self {
        Self { channels: channels.into(), ..self }
    }

    /// With kernels of these sides.
    pub fn kernels(self, sides: impl Into<SizeRange>) -> Self {
        Self { kernels: sides.into(), ..self }
    }

    /// With as many groups, where there are any.
    pub fn groups(self, groups: impl Into<SizeRange>) -> Self {
        Self { groups: groups.into(), ..self }
    }
}

impl Strategy for FanStrategy {
    type Tree = Box<dyn ValueTree<Value = Fan>>;
    type Value = Fan;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let channels = || whole(&self.channels);
        let kernel = || vec(whole(&self.kernels), 1..=3);
        let (least, most) = self.channels.start_end_incl();
        let of_a_group = SizeRange::from(least..=least.max(most / self.groups.end_incl().max(1)));
        let of_a_group = || whole(&of_a_group);
        prop_oneof![
            (channels(), channels()).prop_map(|(inputs, outputs)| Fan::dense(inputs, outputs)),
            (channels(), channels(), kernel()).prop_map(|(from, to, kernel)| Fan::conv(from, to, kernel)),
            (whole(&self.groups), of_a_group(), of_a_group(), kernel()).prop_map(
                |(groups, from, to, kernel)| { Fan::conv(groups * from, groups * to, kernel).groups(groups) }
            ),
            (channels(), channels(), kernel())
                .prop_map(|(from, to, kernel)| Fan::conv_transposed(from, to, kernel)),
        ]
        .boxed()
        .new_tree(runner)
    }
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
