//! An initializer with a seed of its own.

use super::{InitError, Initializer, Law, Scalar, Seed};

/// An initializer and the seed it fills from: every [`fill`](Initializer::fill) gives the same weights.
///
/// Made by `.seed(..)` of the laws, or by [`Seeded::new`] for an initializer of your own.
///
/// ```
/// use fanin::{He, Initializer};
///
/// let he = He::normal(4).seed(42);
/// let (mut a, mut b) = ([0.0_f32; 8], [0.0_f32; 8]);
/// he.fill(&mut a);
/// he.fill(&mut b);
/// assert_eq!(a, b);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seeded<I> {
    initializer: I,
    seed: Seed,
}

impl<I> Seeded<I> {
    /// Binds the seed to the initializer.
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

    fn promised_law(&self) -> Option<Law> {
        self.initializer.promised_law()
    }

    fn bound_seed(&self) -> Option<Seed> {
        Some(self.seed)
    }
}
