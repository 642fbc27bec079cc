//! Seeds.

use proptest::arbitrary::Arbitrary;
use proptest::strategy::{BoxedStrategy, Strategy};

use super::number::Whole;
use crate::seed::Seed;

/// Seeds made of one number, as a person would choose them, one in eight of them 0 and one in eight 2^64 - 1; shrinks to 0.
///
/// ```
/// use fanin::testing::any_seed;
/// use fanin::prelude::*;
/// use proptest::prelude::*;
///
/// proptest! {
///     # #[allow(unused)] // in a test module: #[test]
///     fn a_seed_is_a_promise(seed in any_seed()) {
///         let [mut a, mut b] = [[0.0_f32; 9]; 2];
///         He::normal(3).seed(seed).fill(&mut a);
///         He::normal(3).seed(seed).fill(&mut b);
///         prop_assert_eq!(a, b);
///     }
/// }
/// # a_seed_is_a_promise();
/// ```
pub fn any_seed() -> impl Strategy<Value = Seed> + Clone {
    Whole::ALL.prop_map(Seed::from)
}

/// [`any_seed`].
impl Arbitrary for Seed {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        any_seed().boxed()
    }
}
