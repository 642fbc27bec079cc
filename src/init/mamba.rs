//! Initialization of Mamba's selective state spaces.

use super::MambaALog;
use super::derived::{count, derived, symmetric};
use super::{InitError, Law};
use crate::scalar::sqrt;

#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
enum Parameter {
    D,
    TimeStepBias { low: f64, high: f64 },
    TimeStep { rank: usize },
}

derived! {
    /// The parameters of a Mamba block that have a start of their own.
    ///
    /// | parameter | start |
    /// | --- | --- |
    /// | A_log, \[inner, states\] | ln(1), ln(2), .., ln(states) in every row: [`MambaALog`] |
    /// | D, \[inner\] | 1 |
    /// | dt_proj.bias, \[inner\] | ln(e^t - 1), t log-uniform on [0.001, 0.1]: softplus of it is t |
    /// | dt_proj.weight, \[inner, rank\] | U(-1 / sqrt(rank), 1 / sqrt(rank)) |
    ///
    /// Gu and Dao, ["Mamba"](https://arxiv.org/abs/2312.00752) (2023), section 3.6 and appendix; `mamba_ssm/modules/mamba_simple.py` (2.3). There t is
    /// besides kept from falling below a floor of 1e-4, which with these ends it never does.
    ///
    /// ```
    /// use fanin::{Mamba, prelude::*};
    ///
    /// let (inner, states, rank) = (1536, 16, 48);
    /// let a_log: Vec<f32> = Mamba::a_log(inner, states).to_vec(inner * states);
    /// let bias: Vec<f32> = Mamba::dt_bias().seed(1).to_vec(inner);
    /// let step = bias[0].exp().ln_1p();
    /// assert!((0.00099..=0.1001).contains(&step));
    /// assert_eq!(a_log[..2], [0.0, 2_f32.ln()]);
    /// # let _: Vec<f32> = Mamba::dt_weight(rank).seed(2).to_vec(inner * rank);
    /// ```
    Mamba { parameter: Parameter }
}

impl Mamba {
    /// The logarithms of the rates of decay: ln(1), .., ln(states) in each of `inner` rows.
    #[must_use]
    pub const fn a_log(inner: usize, states: usize) -> MambaALog {
        MambaALog::new(inner, states)
    }

    /// The skip connection's scale: ones.
    #[must_use]
    pub const fn d() -> Self {
        Self { parameter: Parameter::D }
    }

    /// The bias of the time step, for steps log-uniform on [0.001, 0.1].
    #[must_use]
    pub const fn dt_bias() -> Self {
        Self::dt_bias_between(0.001, 0.1)
    }

    /// The bias of the time step, for steps log-uniform on [low, high], both from 1e-300 to 1e300 and in order.
    #[must_use]
    pub const fn dt_bias_between(low: f64, high: f64) -> Self {
        Self { parameter: Parameter::TimeStepBias { low, high } }
    }

    /// The weights of the time step, which come from `rank` inputs.
    #[must_use]
    pub const fn dt_weight(rank: usize) -> Self {
        Self { parameter: Parameter::TimeStep { rank } }
    }

    fn checked(&self) -> Result<Law, InitError> {
        Ok(match self.parameter {
            Parameter::D => Law::Constant { value: 1.0 },
            Parameter::TimeStepBias { low, high } => Law::InverseSoftplusLogUniform { low, high },
            Parameter::TimeStep { rank } => symmetric(1.0 / sqrt(count("rank", rank)?)),
        })
    }
}
