//! The trait of all initializers, and one file per law or family.

#[cfg(feature = "approx")]
mod approx;
mod constant;
mod draw;
mod gain;
mod he;
mod law;
mod lecun;
mod normal;
mod seeded;
mod truncated_moments;
mod truncated_normal;
mod uniform;
mod variance_scaling;
mod xavier;

use rand::Rng;

pub use constant::Constant;
pub use gain::Gain;
pub use he::He;
pub use law::Law;
pub use lecun::LeCun;
pub use normal::Normal;
pub use seeded::Seeded;
pub use truncated_normal::TruncatedNormal;
pub use uniform::Uniform;
pub use variance_scaling::{FanMode, VarianceScaling};
pub use xavier::Xavier;

use crate::error::InitError;
use crate::scalar::Scalar;
use crate::seed::Seed;
use crate::weights::Weights;

/// What gives weights their first values: to weights what [`Distribution`](rand_distr::Distribution)
/// is to samples.
///
/// One method is required, [`fill_shard`](Initializer::fill_shard); it is object-safe, and
/// `Box<dyn Initializer<T>>`, `&dyn Initializer<T>` and `&I` are initializers as well. The filling
/// methods take `self` by value, as `Iterator`'s adaptors do, so that they can be called on a
/// `&dyn Initializer<T>`; the laws of this crate are `Copy`, and where an initializer is not, fill
/// through a reference: `(&initializer).fill(&mut w)`.
///
/// ```
/// use fanin::{He, Initializer, Xavier};
///
/// let layers: [(Box<dyn Initializer<f32>>, usize); 2] =
///     [(Box::new(He::normal(64).seed(1)), 128 * 64), (Box::new(Xavier::uniform(128, 10).seed(2)), 10 * 128)];
/// for (initializer, len) in &layers {
///     let mut w = vec![0.0; *len];
///     initializer.fill(&mut w);
///     assert!(w.iter().all(|&x| x != 0.0));
/// }
/// ```
///
/// An initializer of your own, which takes its randomness from a law of this crate:
///
/// ```
/// use fanin::{InitError, Initializer, Normal, Seed};
///
/// /// Normal weights, every second one 0.
/// struct Sparse(Normal);
///
/// impl Initializer<f32> for Sparse {
///     fn fill_shard(&self, seed: Seed, offset: u64, shard: &mut [f32]) -> Result<(), InitError> {
///         self.0.fill_shard(seed, offset, shard)?;
///         shard.iter_mut().zip(offset..).filter(|(_, i)| i % 2 == 1).for_each(|(w, _)| *w = 0.0);
///         Ok(())
///     }
/// }
///
/// let mut w = [1.0; 4];
/// (&Sparse(Normal::new(0.0, 0.1))).fill(&mut w);
/// assert!(w[0] != 0.0 && w[1] == 0.0);
/// ```
pub trait Initializer<T: Scalar> {
    /// Fills the part of a tensor that starts at element `offset` (counted in row-major order), as
    /// the seed determines the tensor: however it is cut into shards, each element is the same.
    /// `seed` outranks a [bound one](Initializer::bound_seed).
    ///
    /// # Errors
    ///
    /// What [`try_fill`](Initializer::try_fill) refuses, and [`TensorTooLong`](InitError::TensorTooLong)
    /// where the shard ends beyond 2^63 elements. On an error nothing has been written.
    fn fill_shard(&self, seed: Seed, offset: u64, shard: &mut [T]) -> Result<(), InitError>;

    /// The law that every single weight follows, if this initializer promises one; `None` unless
    /// overridden. (The laws of this crate also have a method `law` of their own, without the `Option`.)
    fn promised_law(&self) -> Option<Law> {
        None
    }

    /// The seed that [`fill`](Initializer::fill) uses; `None`, a fresh one for every call, unless overridden.
    fn bound_seed(&self) -> Option<Seed> {
        None
    }

    /// Fills the weights, from the bound seed or else from fresh randomness.
    ///
    /// # Panics
    ///
    /// With the error's text, where [`try_fill`](Initializer::try_fill) returns an error.
    #[track_caller]
    fn fill<W: Weights<T> + ?Sized>(self, weights: &mut W)
    where
        Self: Sized,
    {
        if let Err(error) = self.try_fill(weights) {
            panic!("{error}");
        }
    }

    /// Fills the weights, from the bound seed or else from fresh randomness.
    ///
    /// # Errors
    ///
    /// A fan of 0 or one that cannot be computed, a parameter that is NaN, infinite or negative
    /// where it must not be, an empty range, a law whose values overflow the scalar; without the
    /// feature `std`, a missing seed. On an error nothing has been written. Empty weights are filled
    /// by doing nothing, once the parameters are checked.
    fn try_fill<W: Weights<T> + ?Sized>(self, weights: &mut W) -> Result<(), InitError>
    where
        Self: Sized,
    {
        // What is wrong with the initializer itself is said first.
        self.fill_shard(Seed::from(0), 0, &mut [])?;
        let seed = match self.bound_seed() {
            Some(seed) => seed,
            #[cfg(feature = "std")]
            None => Seed::random(),
            #[cfg(not(feature = "std"))]
            None => return Err(InitError::NoSeed),
        };
        fill_from(&self, seed, weights)
    }

    /// Fills the weights from a seed that is read from `rng`, also if a seed is bound. The generator
    /// advances by 32 bytes, however many weights there are.
    ///
    /// ```
    /// use fanin::{He, Initializer};
    /// use rand::{SeedableRng, rngs::Xoshiro256PlusPlus};
    ///
    /// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    /// let (mut a, mut b) = ([0.0_f32; 8], [0.0_f32; 8]);
    /// He::normal(8).fill_with(&mut rng, &mut a);
    /// He::normal(8).fill_with(&mut rng, &mut b);
    /// assert_ne!(a, b);
    /// ```
    ///
    /// # Panics
    ///
    /// With the error's text, where [`try_fill`](Initializer::try_fill) returns an error.
    #[track_caller]
    fn fill_with<R: Rng + ?Sized, W: Weights<T> + ?Sized>(self, rng: &mut R, weights: &mut W)
    where
        Self: Sized,
    {
        if let Err(error) = fill_from(&self, Seed::from_rng(rng), weights) {
            panic!("{error}");
        }
    }
}

fn fill_from<T, I, W>(initializer: &I, seed: Seed, weights: &mut W) -> Result<(), InitError>
where
    T: Scalar,
    I: Initializer<T>,
    W: Weights<T> + ?Sized,
{
    let mut offset = 0;
    weights.visit(&mut |run| {
        initializer.fill_shard(seed, offset, run)?;
        offset += run.len() as u64;
        Ok(())
    })
}

macro_rules! forward {
    ($($Reference:ty),*) => {$(
        impl<T: Scalar, I: Initializer<T> + ?Sized> Initializer<T> for $Reference {
            fn fill_shard(&self, seed: Seed, offset: u64, shard: &mut [T]) -> Result<(), InitError> {
                (**self).fill_shard(seed, offset, shard)
            }

            fn promised_law(&self) -> Option<Law> {
                (**self).promised_law()
            }

            fn bound_seed(&self) -> Option<Seed> {
                (**self).bound_seed()
            }
        }
    )*};
}

forward!(&I, alloc::boxed::Box<I>, alloc::rc::Rc<I>, alloc::sync::Arc<I>);

/// What every law has that draws each weight by itself, from the two methods that it defines:
/// `law` and `check`.
macro_rules! elementwise {
    ($Law:ident) => {
        impl $Law {
            /// Binds a seed: every fill then gives the same weights. See [`Seed::child`](crate::Seed::child) for many
            /// parameters of one model.
            #[must_use]
            pub fn seed(self, seed: impl Into<$crate::seed::Seed>) -> $crate::init::Seeded<Self> {
                $crate::init::Seeded::new(self, seed.into())
            }
        }

        impl<T: $crate::scalar::Scalar> $crate::init::Initializer<T> for $Law {
            fn fill_shard(
                &self,
                seed: $crate::seed::Seed,
                offset: u64,
                shard: &mut [T],
            ) -> Result<(), $crate::error::InitError> {
                self.check()?;
                self.law().fill_shard(seed, offset, shard)
            }

            fn promised_law(&self) -> Option<$crate::init::Law> {
                Some(self.law())
            }

            fn bound_seed(&self) -> Option<$crate::seed::Seed> {
                // A constant asks for no randomness, so that it needs no source of any.
                matches!(self.law(), $crate::init::Law::Constant { .. }).then(|| 0.into())
            }
        }

        /// # Panics
        ///
        /// With the error's text, where filling would return an error.
        impl<T: $crate::scalar::Scalar> rand_distr::Distribution<T> for $Law {
            fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> T {
                match self.check().and_then(|()| self.law().sample(rng)) {
                    Ok(value) => value,
                    Err(error) => panic!("{error}"),
                }
            }
        }
    };
}
use elementwise;

/// A finite parameter.
fn finite(parameter: &'static str, value: f64) -> Result<(), InitError> {
    if value.is_finite() { Ok(()) } else { Err(InitError::NotFinite { parameter, value }) }
}

/// A finite parameter that is at least 0.
fn non_negative(parameter: &'static str, value: f64) -> Result<(), InitError> {
    finite(parameter, value)?;
    if value < 0.0 { Err(InitError::Negative { parameter, value }) } else { Ok(()) }
}
