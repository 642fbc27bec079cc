//! Identity initialization.

use core::fmt;

use super::shape::{checked_len, checked_start};
use super::{Constant, Gain, InitError, Initializer, Scalar, Seed, gained, seedable};

/// The identity times a gain, rectangular too: `gain` on the main diagonal, 0 elsewhere.
///
/// ```text
/// W_ij = gain if i = j, else 0
/// ```
///
/// A recurrent network of ReLUs that starts from it remembers its state (Le, Jaitly and Hinton, ["A simple way to initialize
/// recurrent networks of rectified linear units"](https://arxiv.org/abs/1504.00941), 2015); a square layer with it starts as none. Nothing is
/// drawn: every seed gives the same weights. A shard costs a shard.
///
/// ```
/// use fanin::{Identity, prelude::*};
///
/// let w: Vec<f32> = Identity::new(2, 3).gain(0.5).to_vec(6);
/// assert_eq!(w, [0.5, 0.0, 0.0, 0.0, 0.5, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "super::serialized::Identity", into = "super::serialized::Identity")
)]
#[doc(alias("eye_", "eye", "identity_init"))]
pub struct Identity {
    pub(super) rows: usize,
    pub(super) cols: usize,
    pub(super) gain: Gain,
}

impl Identity {
    /// A matrix of these rows and columns, in row-major order, with gain 1.
    #[must_use]
    pub const fn new(rows: usize, cols: usize) -> Self {
        Self { rows, cols, gain: Gain::ONE }
    }

    /// Says early what filling would refuse, whatever the scalar.
    ///
    /// # Errors
    ///
    /// [`ShapeOverflow`](InitError::ShapeOverflow); a gain that is [`NotFinite`](InitError::NotFinite) or
    /// [`Negative`](InitError::Negative).
    pub fn check(&self) -> Result<(), InitError> {
        checked_len(&[self.rows, self.cols])?;
        self.gain.check()
    }
}

gained!(Identity);
seedable!(Identity);

impl<T: Scalar> Initializer<T> for Identity {
    fn fill_shard(&self, _: Seed, offset: u64, shard: &mut [T]) -> Result<(), InitError> {
        self.check()?;
        let start = checked_start(offset, shard.len(), checked_len(&[self.rows, self.cols])?)?;
        Initializer::<T>::check(&Constant::new(self.gain.value()))?;
        // Element (cols + 1) d; a row of usize::MAX columns is the only one.
        let step = self.cols.saturating_add(1);
        let before = |end: usize| end.div_ceil(step).min(self.rows.min(self.cols));
        let diagonal = before(start)..before(start + shard.len());
        shard.fill(T::zero());
        diagonal.for_each(|d| shard[d * step - start] = T::from_f64(self.gain.value()));
        Ok(())
    }

    fn tensor_len(&self) -> Option<u64> {
        checked_len(&[self.rows, self.cols]).ok().map(|len| len as u64)
    }

    fn fixed_seed(&self) -> Option<Seed> {
        // It asks for no randomness, so that it needs no source of any.
        Some(0.into())
    }
}

/// `identity 64 x 64, gain 1`; what is wrong with it, if anything is.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.check() {
            Ok(()) => write!(f, "identity {} x {}, gain {}", self.rows, self.cols, self.gain.value()),
            Err(error) => error.fmt(f),
        }
    }
}
