//! Initialization of networks of sines.

use super::derived::{derived, symmetric};
use super::{InitError, Law, in_range};
use crate::fan::Fan;
use crate::scalar::sqrt;

#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
enum Layer {
    First,
    Hidden,
}

derived! {
    /// SIREN: layers sin(w0 (W x + b)) that represent images, sounds and fields.
    ///
    /// ```text
    /// first layer    U(-1 / n, 1 / n)
    /// hidden layers  U(-sqrt(6 / n) / w0, sqrt(6 / n) / w0)        n the fan_in, w0 = 30
    /// ```
    ///
    /// The hidden ones keep the argument of every sine standard normal, whatever the depth. Sitzmann et al., ["Implicit neural
    /// representations with periodic activation functions"](https://arxiv.org/abs/2006.09661) (2020), section 3.2; the first layer's as
    /// in its supplement, section 1, and in the authors' code. The factor w0 stands in the layer: multiply by it before
    /// the sine.
    ///
    /// ```
    /// use fanin::{Siren, prelude::*};
    ///
    /// let (mut first, mut hidden) = ([[0.0_f32; 2]; 256], [[0.0_f32; 256]; 256]);
    /// Siren::first(2).seed(1).fill(&mut first);
    /// Siren::hidden(256).frequency(30.0).seed(2).fill(&mut hidden);
    /// assert!(first.as_flattened().iter().all(|w| w.abs() <= 0.5));
    /// assert_eq!(Siren::hidden(6).law(), Uniform::new(-1.0 / 30.0, 1.0 / 30.0).law());
    /// ```
    Siren { layer: Layer, fan: Fan, frequency: f64 }
}

impl Siren {
    /// The layer that takes coordinates: U(-1 / n, 1 / n), whatever the frequency.
    #[must_use]
    pub fn first(fan: impl Into<Fan>) -> Self {
        Self { layer: Layer::First, fan: fan.into(), frequency: 30.0 }
    }

    /// Every layer after it: U(-sqrt(6 / n) / w0, sqrt(6 / n) / w0).
    #[must_use]
    pub fn hidden(fan: impl Into<Fan>) -> Self {
        Self { layer: Layer::Hidden, ..Self::first(fan) }
    }

    /// The factor w0 in the argument of the sine, above 0; 30 unless given.
    #[must_use]
    pub fn frequency(self, frequency: f64) -> Self {
        Self { frequency, ..self }
    }

    fn checked(&self) -> Result<Law, InitError> {
        let fan_in = self.fan.checked_fan_in()? as f64;
        in_range("frequency", self.frequency, self.frequency > 0.0, "above 0")?;
        Ok(symmetric(match self.layer {
            Layer::First => 1.0 / fan_in,
            Layer::Hidden => sqrt(6.0 / fan_in) / self.frequency,
        }))
    }
}
