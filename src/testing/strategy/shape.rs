//! Shapes of tensors.

use proptest::collection::{SizeRange, vec};
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::number::whole;

/// Shapes of 1 to 5 dimensions, each from 1 to 12, unless told otherwise: a quarter of a million elements at most, and as a
/// rule far fewer; shrinks to the fewest dimensions of the least size, `[1]`.
///
/// ```
/// use fanin::testing::any_shape;
/// use fanin::prelude::*;
/// use proptest::prelude::*;
///
/// proptest! {
///     # #[allow(unused)] // in a test module: #[test]
///     fn every_element_is_drawn(shape in any_shape(), matrix in any_shape().dimensions(2).sizes(1..=64)) {
///         let mut w = vec![9.0_f32; shape.iter().product()];
///         Uniform::new(0.0, 1.0).fill(&mut w);
///         prop_assert!(w.iter().all(|&w| w <= 1.0));
///         prop_assert_eq!(matrix.len(), 2);
///     }
/// }
/// # every_element_is_drawn();
/// ```
pub fn any_shape() -> ShapeStrategy {
    ShapeStrategy { dimensions: (1..=5).into(), sizes: (1..=12).into() }
}

/// The strategy of [`any_shape`].
#[derive(Clone, Debug)]
#[must_use = "strategies do nothing unless used"]
pub struct ShapeStrategy {
    dimensions: SizeRange,
    sizes: SizeRange,
}

impl ShapeStrategy {
    /// As many dimensions: a number or a range.
    pub fn dimensions(self, dimensions: impl Into<SizeRange>) -> Self {
        Self { dimensions: dimensions.into(), ..self }
    }

    /// Of these sizes each; the least and the greatest come often.
    pub fn sizes(self, sizes: impl Into<SizeRange>) -> Self {
        Self { sizes: sizes.into(), ..self }
    }
}

impl Strategy for ShapeStrategy {
    type Tree = Box<dyn ValueTree<Value = Self::Value>>;
    type Value = Vec<usize>;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        vec(whole(&self.sizes), self.dimensions.clone()).boxed().new_tree(runner)
    }
}
