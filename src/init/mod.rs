//! Initializers: the trait, what can be done with every one of them, and one file per distribution or family.

#[cfg(feature = "approx")]
mod approx;
mod block;
#[cfg(feature = "complex")]
mod complex_scaling;
mod composite;
mod constant;
mod delta_orthogonal;
mod depth_scaling;
mod derived;
mod dirac;
mod draw;
mod extension;
mod gain;
mod he;
mod icnr;
mod identity;
mod keras_default;
mod kernel;
mod law;
mod lecun;
mod log_uniform;
mod lora;
mod mamba;
mod mamba_a_log;
mod mup;
mod neural_tangent;
mod normal;
mod orthogonal;
mod padding_row;
mod prior_bias;
mod row_choice;
mod scaled_law;
mod seeded;
#[cfg(feature = "serde")]
mod serialized;
mod shape;
mod siren;
mod small_init;
mod sparse;
mod t5;
mod text;
mod torch_default;
mod truncated_moments;
mod truncated_normal;
mod uniform;
mod variance_scaling;
mod wang_init;
mod xavier;

#[cfg(feature = "complex")]
pub use complex_scaling::ComplexScaling;
pub use composite::Composite;
pub use constant::Constant;
pub use delta_orthogonal::DeltaOrthogonal;
pub use depth_scaling::DepthScaling;
pub use dirac::Dirac;
pub use extension::InitializerExt;
pub use gain::Gain;
pub use he::He;
pub use icnr::Icnr;
pub use identity::Identity;
pub use keras_default::KerasDefault;
pub use law::Law;
pub use lecun::LeCun;
pub use log_uniform::LogUniform;
pub use lora::LoRA;
pub use mamba::Mamba;
pub use mamba_a_log::MambaALog;
pub use mup::{MuP, Optimizer};
pub use neural_tangent::NeuralTangent;
pub use normal::Normal;
pub use orthogonal::Orthogonal;
pub use padding_row::PaddingRow;
pub use prior_bias::PriorBias;
pub use scaled_law::ScaledLaw;
pub use seeded::Seeded;
pub use siren::Siren;
pub use small_init::SmallInit;
pub use sparse::Sparse;
pub use t5::T5;
pub use torch_default::TorchDefault;
pub use truncated_normal::TruncatedNormal;
pub use uniform::Uniform;
pub use variance_scaling::{FanMode, VarianceScaling};
pub use wang_init::WangInit;
pub use xavier::Xavier;

use crate::error::InitError;
use crate::scalar::Scalar;
use crate::seed::Seed;

/// Fills tensors with initial weights, as [`rand_distr::Distribution`] produces samples.
///
/// One method is required, [`fill_shard`](Initializer::fill_shard). The trait is object-safe, and
/// `Box<dyn Initializer<T>>`, `&dyn Initializer<T>` and `&I` are initializers as well. What one calls, `fill` and its
/// relatives, is in [`InitializerExt`], which every initializer has; [`prelude`](crate::prelude) brings both.
///
/// ```
/// use fanin::prelude::*;
///
/// struct Layer {
///     init: Box<dyn Initializer<f32>>,
///     weights: Vec<f32>,
/// }
///
/// let mut layers = [
///     Layer { init: Box::new(He::normal(64).seed(1)), weights: vec![0.0; 128 * 64] },
///     Layer { init: Box::new(Xavier::uniform((128, 10))), weights: vec![0.0; 10 * 128] },
/// ];
/// for layer in &mut layers {
///     layer.init.fill(&mut layer.weights);
///     assert!(layer.weights.iter().all(|&x| x != 0.0));
/// }
/// ```
///
/// An initializer of your own, which takes its randomness from a distribution of this crate:
///
/// ```
/// use fanin::prelude::*;
///
/// /// Normal weights, every second one 0.
/// struct EverySecond(Normal);
///
/// impl Initializer<f32> for EverySecond {
///     fn fill_shard(&self, seed: Seed, offset: u64, shard: &mut [f32]) -> Result<(), InitError> {
///         self.0.fill_shard(seed, offset, shard)?;
///         shard.iter_mut().zip(offset..).filter(|(_, i)| i % 2 == 1).for_each(|(w, _)| *w = 0.0);
///         Ok(())
///     }
/// }
///
/// let mut w = [1.0; 4];
/// EverySecond(Normal::new(0.0, 0.1)).fill(&mut w);
/// assert!(w[0] != 0.0 && w[1] == 0.0);
/// ```
///
#[doc = include_str!("../../docs/initializers.md")]
pub trait Initializer<T: Scalar> {
    /// Fills the part of a tensor that starts at element `offset` (counted in row-major order), as
    /// the seed determines the tensor: however it is cut into shards, each element is the same.
    /// `seed` outranks a [fixed one](Initializer::fixed_seed).
    ///
    /// # Errors
    ///
    /// What [`try_fill`](InitializerExt::try_fill) refuses, and [`TensorTooLong`](InitError::TensorTooLong)
    /// where the shard ends beyond 2^63 elements. On an error nothing has been written: the initializers of this crate
    /// hold that, and yours should.
    fn fill_shard(&self, seed: Seed, offset: u64, shard: &mut [T]) -> Result<(), InitError>;

    /// Says early what filling would refuse: by filling an empty shard, unless overridden.
    ///
    /// ```
    /// use fanin::prelude::*;
    ///
    /// let wide: &dyn Initializer<f32> = &Normal::new(0.0, 1e38);
    /// assert!(matches!(wide.check(), Err(InitError::Overflow { .. })));
    /// ```
    ///
    /// # Errors
    ///
    /// What [`try_fill`](InitializerExt::try_fill) refuses.
    fn check(&self) -> Result<(), InitError> {
        self.fill_shard(Seed::from(0), 0, &mut [])
    }

    /// The distribution that every single weight follows, if this initializer promises one; `None` unless
    /// overridden. (The distributions of this crate also have a method `law` of their own, without the `Option`.)
    fn law(&self) -> Option<Law> {
        None
    }

    /// The number of weights of the tensor, if this initializer fills tensors of one shape only: a fill of another
    /// length is then an error. `None` unless overridden.
    fn tensor_len(&self) -> Option<u64> {
        None
    }

    /// Whether a shard may cost as much as the whole tensor, as one of an orthogonal matrix does: weights that are not contiguous
    /// are then drawn once, not run by run. False unless overridden.
    fn costs_whole_tensor(&self) -> bool {
        false
    }

    /// The seed that [`fill`](InitializerExt::fill) uses; `None`, a fresh one for every call, unless overridden.
    fn fixed_seed(&self) -> Option<Seed> {
        None
    }
}

macro_rules! forward {
    ($($Reference:ty),*) => {$(
        impl<T: Scalar, I: Initializer<T> + ?Sized> Initializer<T> for $Reference {
            fn fill_shard(&self, seed: Seed, offset: u64, shard: &mut [T]) -> Result<(), InitError> {
                (**self).fill_shard(seed, offset, shard)
            }

            fn check(&self) -> Result<(), InitError> {
                (**self).check()
            }

            fn law(&self) -> Option<Law> {
                (**self).law()
            }

            fn tensor_len(&self) -> Option<u64> {
                (**self).tensor_len()
            }

            fn costs_whole_tensor(&self) -> bool {
                (**self).costs_whole_tensor()
            }

            fn fixed_seed(&self) -> Option<Seed> {
                (**self).fixed_seed()
            }
        }
    )*};
}

forward!(&I, alloc::boxed::Box<I>, alloc::rc::Rc<I>, alloc::sync::Arc<I>);

/// The seed of an initializer of ours: as `InitializerExt::seed`, whatever the scalar.
macro_rules! seedable {
    ($Name:ident $(<$Generic:ident>)?) => {
        impl$(<$Generic>)? $Name$(<$Generic>)? {
            /// Fixes the seed: every fill then gives the same weights. See [`Seed::child`](crate::Seed::child) for many
            /// parameters of one model.
            #[must_use]
            pub fn seed(self, seed: impl Into<$crate::seed::Seed>) -> $crate::init::Seeded<Self> {
                $crate::init::Seeded::new(self, seed)
            }
        }
    };
}
use seedable;

/// The gain of a matrix or a kernel, a field of that name.
macro_rules! gained {
    ($Name:ident) => {
        impl $Name {
            /// Multiplies all weights: by a number (finite, at least 0), or by what an [`Activation`](crate::Activation)
            /// recommends.
            #[must_use]
            pub fn gain(self, gain: impl Into<$crate::init::Gain>) -> Self {
                Self { gain: gain.into(), ..self }
            }
        }
    };
}
use gained;

/// What every distribution has that draws each weight by itself, from the two methods that it defines:
/// `law` and `check`.
macro_rules! elementwise {
    ($Law:ident) => {
        $crate::init::seedable!($Law);

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

            fn law(&self) -> Option<$crate::init::Law> {
                Some(self.law())
            }

            fn fixed_seed(&self) -> Option<$crate::seed::Seed> {
                $crate::init::Initializer::<T>::fixed_seed(&self.law())
            }
        }

        /// The distribution of a weight, such as `N(0, 0.05^2)`; what is wrong with it, if anything is.
        impl core::fmt::Display for $Law {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self.check() {
                    Ok(()) => core::fmt::Display::fmt(&self.law(), f),
                    Err(error) => core::fmt::Display::fmt(&error, f),
                }
            }
        }

        /// Draws single weights by rand's generators, outside of any stream.
        ///
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

/// A parameter within a range that `expected` describes: "above 0 and below 1".
fn in_range(
    parameter: &'static str,
    value: f64,
    inside: bool,
    expected: &'static str,
) -> Result<(), InitError> {
    finite(parameter, value)?;
    if inside { Ok(()) } else { Err(InitError::OutOfRange { parameter, value, expected }) }
}

/// A finite parameter that is at least 0.
fn non_negative(parameter: &'static str, value: f64) -> Result<(), InitError> {
    finite(parameter, value)?;
    if value < 0.0 { Err(InitError::Negative { parameter, value }) } else { Ok(()) }
}
