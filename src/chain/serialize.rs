//! Serialised chains: the statistics that a reader of JSON wants, not the sums they come from.
//!
//! There is no way back: a chain is measured, not read. Numbers that are not finite become what the
//! format makes of them (`null` in JSON).

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{BackwardFactor, GradientChain, Layer, Moments};

/// `count`, `mean`, `variance`, `rms`, `min`, `max`, `zeros`, `non_finite`.
impl Serialize for Moments {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Moments", 8)?;
        fields.serialize_field("count", &self.count())?;
        fields.serialize_field("mean", &self.mean())?;
        fields.serialize_field("variance", &self.variance())?;
        fields.serialize_field("rms", &self.rms())?;
        fields.serialize_field("min", &self.min())?;
        fields.serialize_field("max", &self.max())?;
        fields.serialize_field("zeros", &self.zeros())?;
        fields.serialize_field("non_finite", &self.non_finite())?;
        fields.end()
    }
}

/// `name`, `width`, the moments `z`, `h`, `dl_dh`, `delta`, `d_weight`, then `dead_units`, `saturated`
/// and `cosine`.
impl Serialize for Layer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Layer", 10)?;
        fields.serialize_field("name", self.name())?;
        fields.serialize_field("width", &self.width())?;
        fields.serialize_field("z", &self.z())?;
        fields.serialize_field("h", &self.h())?;
        fields.serialize_field("dl_dh", &self.dl_dh())?;
        fields.serialize_field("delta", self.delta())?;
        fields.serialize_field("d_weight", &self.d_weight())?;
        fields.serialize_field("dead_units", &self.dead_units())?;
        fields.serialize_field("saturated", &self.saturated())?;
        fields.serialize_field("cosine", &self.cosine())?;
        fields.end()
    }
}

/// `mean_square`, `ln_norm`, `ln_weight`, `ln_gate`.
impl Serialize for BackwardFactor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("BackwardFactor", 4)?;
        fields.serialize_field("mean_square", &self.mean_square())?;
        fields.serialize_field("ln_norm", &self.ln_norm())?;
        fields.serialize_field("ln_weight", &self.ln_weight())?;
        fields.serialize_field("ln_gate", &self.ln_gate())?;
        fields.end()
    }
}

/// `samples`, `live_samples`, `layers`, `factors`, `log10_ratio`, `rate`, `verdict`.
impl Serialize for GradientChain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("GradientChain", 7)?;
        fields.serialize_field("samples", &self.samples())?;
        fields.serialize_field("live_samples", &self.live_samples())?;
        fields.serialize_field("layers", self.layers())?;
        fields.serialize_field("factors", self.factors())?;
        fields.serialize_field("log10_ratio", &self.log10_ratio())?;
        fields.serialize_field("rate", &self.rate())?;
        fields.serialize_field("verdict", &self.verdict())?;
        fields.end()
    }
}
