//! Seeded initializers.

use core::fmt;

use super::{InitError, Initializer, Law, Scalar, Seed};

/// An initializer and the seed it fills from: every [`fill`](super::InitializerExt::fill) gives the same weights.
///
/// Made by `.seed(..)` of any initializer.
///
/// ```
/// use fanin::prelude::*;
///
/// let he = He::normal(4).seed(42);
/// let (mut a, mut b) = ([0.0_f32; 8], [0.0_f32; 8]);
/// he.fill(&mut a);
/// he.fill(&mut b);
/// assert_eq!(a, b);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Seeded<I> {
    initializer: I,
    seed: Seed,
}

impl<I> Seeded<I> {
    /// Fixes the seed of the initializer.
    pub fn new(initializer: I, seed: impl Into<Seed>) -> Self {
        Self { initializer, seed: seed.into() }
    }

    /// The same initializer with another seed.
    #[must_use]
    pub fn seed(self, seed: impl Into<Seed>) -> Self {
        Self { seed: seed.into(), ..self }
    }

    /// The initializer without the seed.
    pub fn into_inner(self) -> I {
        self.initializer
    }
}

impl<T: Scalar, I: Initializer<T>> Initializer<T> for Seeded<I> {
    fn fill_shard(&self, seed: Seed, offset: u64, shard: &mut [T]) -> Result<(), InitError> {
        self.initializer.fill_shard(seed, offset, shard)
    }

    fn check(&self) -> Result<(), InitError> {
        self.initializer.check()
    }

    fn law(&self) -> Option<Law> {
        self.initializer.law()
    }

    fn tensor_len(&self) -> Option<u64> {
        self.initializer.tensor_len()
    }

    fn costs_whole_tensor(&self) -> bool {
        self.initializer.costs_whole_tensor()
    }

    fn fixed_seed(&self) -> Option<Seed> {
        Some(self.seed)
    }
}

/// The initializer, then its seed: `N(0, 0.05^2), seed 42`.
impl<I: fmt::Display> fmt::Display for Seeded<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.initializer.fmt(f)?;
        write!(f, ", seed {}", self.seed)
    }
}
