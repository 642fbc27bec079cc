//! Mamba's logarithms of the rates of decay.

use core::fmt;

use super::shape::{checked_len, checked_start};
use super::{InitError, Initializer, Scalar, Seed};
use crate::stream;

/// Mamba's A_log, of `inner` rows and `states` columns: ln(1), ln(2), .., ln(states) in every row, S4D's real initialization.
///
/// Gu et al., ["On the parameterization and initialization of diagonal state space models"](https://arxiv.org/abs/2206.11893)
/// (2022), section 4.2, where A = -exp(A_log) is -1, -2, .., -states. Nothing is random; the
/// logarithms are those that [`stream`](crate::stream) defines, the same bits on every machine, in `f64` and rounded once. Any shard costs its own
/// elements.
///
/// ```
/// use fanin::{MambaALog, prelude::*};
///
/// let mut a_log = [[9.0_f64; 3]; 2];
/// MambaALog::new(2, 3).fill(&mut a_log);
/// assert!(a_log[0][0] == 0.0 && (a_log[0][2] - 3_f64.ln()).abs() < 1e-15);
/// assert_eq!(a_log[0], a_log[1]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct MambaALog {
    inner: usize,
    states: usize,
}

impl MambaALog {
    /// Of `inner` channels with `states` states each.
    #[must_use]
    pub const fn new(inner: usize, states: usize) -> Self {
        Self { inner, states }
    }

    /// Says early what filling would refuse.
    ///
    /// # Errors
    ///
    /// [`ShapeOverflow`](InitError::ShapeOverflow).
    pub fn check(&self) -> Result<(), InitError> {
        checked_len(&[self.inner, self.states]).map(drop)
    }
}

impl<T: Scalar> Initializer<T> for MambaALog {
    fn fill_shard(&self, _: Seed, offset: u64, shard: &mut [T]) -> Result<(), InitError> {
        let start = checked_start(offset, shard.len(), checked_len(&[self.inner, self.states])?)?;
        let mut column = if self.states == 0 { 0 } else { start % self.states };
        for weight in shard {
            *weight = T::from_f64(stream::ln((column + 1) as f64));
            column += 1;
            if column == self.states {
                column = 0;
            }
        }
        Ok(())
    }

    fn tensor_len(&self) -> Option<u64> {
        checked_len(&[self.inner, self.states]).ok().map(|len| len as u64)
    }

    fn fixed_seed(&self) -> Option<Seed> {
        // It asks for no randomness, so that it needs no source of any.
        Some(0.into())
    }
}

/// `A_log 1536 x 16`; what is wrong with it, if anything is.
impl fmt::Display for MambaALog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.check() {
            Ok(()) => write!(f, "A_log {} x {}", self.inner, self.states),
            Err(error) => error.fmt(f),
        }
    }
}
