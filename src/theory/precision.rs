//! How small and how large a number a scalar can hold, and where a chain leaves that range.

use alloc::vec::Vec;
use core::fmt;

use super::{Inputs, Prediction};
use crate::Scalar;
use crate::chain::{GradientChain, Moments};

/// The range of a floating-point format.
///
/// ```
/// use fanin::theory::{Magnitude, Precision};
///
/// assert_eq!(Precision::F16.magnitude(1e-3), Magnitude::Normal);
/// assert_eq!(Precision::F16.magnitude(1e-5), Magnitude::Subnormal);
/// assert_eq!(Precision::F16.magnitude(1e-8), Magnitude::Zero);
/// assert_eq!(Precision::F16.magnitude(1e5), Magnitude::Overflow);
/// assert_eq!(Precision::of::<f32>(), Precision::F32);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Precision {
    name: &'static str,
    smallest: f64,
    smallest_normal: f64,
    largest: f64,
}

/// What becomes of values of some root mean square in a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Magnitude {
    /// They are rounded to 0: below half the smallest number.
    Zero,
    /// They lose digits: below the smallest normal number.
    Subnormal,
    /// They keep their digits.
    Normal,
    /// They become infinite: above the largest number. So does what is not a number.
    Overflow,
}

/// In words: `is rounded to 0`.
impl fmt::Display for Magnitude {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zero => "is rounded to 0",
            Self::Subnormal => "loses digits",
            Self::Normal => "keeps its digits",
            Self::Overflow => "overflows",
        })
    }
}

impl Precision {
    /// IEEE half precision: 2^-24, 2^-14, 65,504.
    pub const F16: Self = Self {
        name: "f16",
        smallest: 1.0 / 16_777_216.0,
        smallest_normal: 1.0 / 16_384.0,
        largest: 65_504.0,
    };
    /// The upper half of an `f32`: 2^-133, 2^-126, 3.39e38.
    pub const BF16: Self = Self {
        name: "bf16",
        smallest: f32::MIN_POSITIVE as f64 / 128.0,
        smallest_normal: f32::MIN_POSITIVE as f64,
        largest: 3.389_531_389_251_535_5e38,
    };
    /// IEEE single precision: 2^-149, 2^-126, 3.40e38.
    pub const F32: Self = Self {
        name: "f32",
        smallest: f32::MIN_POSITIVE as f64 / 8_388_608.0,
        smallest_normal: f32::MIN_POSITIVE as f64,
        largest: f32::MAX as f64,
    };
    /// IEEE double precision: 2^-1074, 2^-1022, 1.80e308.
    pub const F64: Self =
        Self { name: "f64", smallest: 5e-324, smallest_normal: f64::MIN_POSITIVE, largest: f64::MAX };

    /// That of a scalar.
    #[must_use]
    pub fn of<T: Scalar>() -> Self {
        let smallest_normal = T::min_positive_value().to_f64();
        let smallest = smallest_normal * T::epsilon().to_f64();
        Self { name: T::NAME, smallest, smallest_normal, largest: T::max_value().to_f64() }
    }

    /// `"f32"` and so on.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What becomes of values of this root mean square.
    #[must_use]
    pub fn magnitude(&self, root_mean_square: f64) -> Magnitude {
        match root_mean_square.abs() {
            rms if rms <= 0.5 * self.smallest => Magnitude::Zero,
            rms if rms < self.smallest_normal => Magnitude::Subnormal,
            rms if rms <= self.largest => Magnitude::Normal,
            _ => Magnitude::Overflow,
        }
    }
}

/// Where a network leaves the range of a [`Precision`], on its way forward and back.
///
/// Layers are judged by the root mean square of z, delta and dW: some values are lost a little before,
/// the last ones a little after. Printed with `{}`, one line.
///
/// ```
/// use fanin::theory::{Horizon, Inputs, NetworkLaw, Precision};
/// use fanin::{Activation, Normal};
///
/// // 50 tanh layers from N(0, 0.01^2): each multiplies by 0.1, forwards and back.
/// let law = NetworkLaw::dense(&[100; 52], &Activation::Tanh, |_| Normal::new(0.0, 0.01).law())?;
/// let prediction = law.predict(&Inputs::alike(1.0, 0.0)?)?;
/// let horizon = Horizon::predicted(&prediction, &Inputs::alike(1.0, 0.0)?, Precision::F32, 0.01, 32);
/// // The 45th layer's z would be 1e-45; and dW = delta h is 0 though neither factor may be.
/// assert_eq!(horizon.forward().unwrap().0, 37);
/// assert_eq!(horizon.zero_weight_gradients(), 51);
/// # Ok::<(), fanin::theory::TheoryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Horizon {
    precision: Precision,
    forward: Option<(usize, Magnitude)>,
    backward: Option<(usize, Magnitude)>,
    weight_gradients: Vec<Option<Magnitude>>,
}

impl Horizon {
    /// Of a prediction, for a delta of the output layer of this root mean square, on so many `samples`.
    ///
    /// The rms of dW_l is sqrt(samples) rms(delta_l) rms(h_{l-1}): samples are taken to have nothing to do
    /// with each other. Where they do, it may be larger by a factor of up to sqrt(samples).
    #[must_use]
    pub fn predicted(
        prediction: &Prediction,
        inputs: &Inputs,
        precision: Precision,
        output_delta: f64,
        samples: usize,
    ) -> Self {
        let layers = prediction.layers();
        // In logs: either factor of dW may be small beyond f64.
        let ln_inputs = 0.5 * libm::log(inputs.mean_square());
        let ln_h = core::iter::once(ln_inputs)
            .chain(layers.iter().map(|layer| 0.5 * libm::log(layer.mean_square())));
        let (mut open, mut ln_delta) = (true, Vec::with_capacity(layers.len()));
        for (l, layer) in layers.iter().enumerate().rev() {
            // Where z is rounded to 0, ReLU's gates close: nothing comes back through them.
            let is_zero = precision.magnitude(libm::sqrt(layer.q())) == Magnitude::Zero;
            open &= !(is_zero && layer.gate_at_zero() == 0.0);
            let ln = prediction.ln_delta(l).filter(|_| open).unwrap_or(f64::NEG_INFINITY);
            ln_delta.push(0.5 * ln + libm::log(output_delta));
        }
        ln_delta.reverse();
        let ln_samples = 0.5 * libm::log(samples as f64);
        let d_weight = |(ln_delta, ln_h): (&f64, f64)| {
            Some(precision.magnitude(libm::exp(ln_delta + ln_h + ln_samples)))
        };
        Self {
            precision,
            forward: first(layers.iter().map(|layer| libm::sqrt(layer.q())).enumerate(), precision),
            backward: first(ln_delta.iter().map(|ln| libm::exp(*ln)).enumerate().rev(), precision),
            weight_gradients: ln_delta.iter().zip(ln_h).map(d_weight).collect(),
        }
    }

    /// Of a chain measured in another, wider precision, as it would be in this one; or in this one, as
    /// it is.
    #[must_use]
    pub fn measured(chain: &GradientChain, precision: Precision) -> Self {
        let layers = chain.layers();
        let rms = |moments: &Moments| match moments {
            moments if moments.non_finite() > 0 => f64::INFINITY,
            moments => moments.rms().unwrap_or(0.0),
        };
        let forward = layers.iter().enumerate().filter_map(|(l, layer)| Some((l, rms(layer.z()?))));
        Self {
            precision,
            forward: first(forward, precision),
            backward: first(
                layers.iter().enumerate().rev().map(|(l, layer)| (l, rms(layer.delta()))),
                precision,
            ),
            weight_gradients: layers
                .iter()
                .map(|layer| layer.d_weight().map(|d_weight| precision.magnitude(rms(d_weight))))
                .collect(),
        }
    }

    /// The precision that it is about.
    #[must_use]
    pub const fn precision(&self) -> Precision {
        self.precision
    }

    /// The first layer on the way forward whose z leave the range, and how. Layers count from 0.
    #[must_use]
    pub const fn forward(&self) -> Option<(usize, Magnitude)> {
        self.forward
    }

    /// The first layer on the way back whose deltas leave the range, and how.
    #[must_use]
    pub const fn backward(&self) -> Option<(usize, Magnitude)> {
        self.backward
    }

    /// What becomes of dW, layer by layer; `None` where it was not given.
    #[must_use]
    pub fn weight_gradients(&self) -> &[Option<Magnitude>] {
        &self.weight_gradients
    }

    /// How many layers' weight gradients are rounded to 0: those layers do not learn at all.
    #[must_use]
    pub fn zero_weight_gradients(&self) -> usize {
        self.weight_gradients.iter().filter(|&&magnitude| magnitude == Some(Magnitude::Zero)).count()
    }
}

fn first(mut layers: impl Iterator<Item = (usize, f64)>, precision: Precision) -> Option<(usize, Magnitude)> {
    layers.find_map(|(layer, rms)| {
        let magnitude = precision.magnitude(rms);
        (magnitude != Magnitude::Normal).then_some((layer, magnitude))
    })
}

/// `f32: z loses digits from layer 38 on, delta loses digits from layer 14 back, dW is 0 in 51 of 51
/// layers`.
impl fmt::Display for Horizon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.precision.name)?;
        let zeros = self.zero_weight_gradients();
        if self.forward.is_none() && self.backward.is_none() && zeros == 0 {
            return f.write_str("nothing is lost");
        }
        match self.forward {
            Some((layer, magnitude)) => write!(f, "z {magnitude} from layer {} on", layer + 1),
            None => f.write_str("z keeps its digits"),
        }?;
        match self.backward {
            Some((layer, magnitude)) => write!(f, ", delta {magnitude} from layer {} back", layer + 1),
            None => f.write_str(", delta keeps its digits"),
        }?;
        if zeros > 0 {
            write!(f, ", dW is 0 in {zeros} of {} layers", self.weight_gradients.len())?;
        }
        Ok(())
    }
}
