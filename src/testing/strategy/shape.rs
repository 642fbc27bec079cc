//! Shapes of tensors.

use proptest::collection::vec;
use proptest::strategy::Strategy;

/// Shapes of 1 to 5 dimensions, each from 1 to 12: a quarter of a million elements at most, and as a
/// rule far fewer; shrinks to `[1]`.
///
/// ```
/// use fanin::testing::any_shape;
/// use fanin::prelude::*;
/// use proptest::prelude::*;
///
/// proptest! {
///     # #[allow(unused)] // in a test module: #[test]
///     fn every_element_is_drawn(shape in any_shape()) {
///         let mut w = vec![9.0_f32; shape.iter().product()];
///         Uniform::new(0.0, 1.0).fill(&mut w);
///         prop_assert!(w.iter().all(|&w| w <= 1.0));
///     }
/// }
/// # every_element_is_drawn();
/// ```
pub fn any_shape() -> impl Strategy<Value = Vec<usize>> + Clone {
    vec(1..=12_usize, 1..=5)
}
