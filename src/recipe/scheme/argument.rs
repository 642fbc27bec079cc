//! Arguments of schemes: how each kind is read and written.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Scheme;
use super::error::ParseSchemeError;
use crate::activation::Activation;
use crate::fan::Axis;
use crate::init::{FanMode, Gain};
use crate::significant::exact;

/// A kind of argument.
pub(in crate::recipe) trait Argument: Sized {
    /// What is read, as an error says it.
    const EXPECTED: &'static str;

    /// `None` where the text is no such argument.
    fn read(text: &str) -> Result<Option<Self>, ParseSchemeError>;

    fn write(&self) -> String;
}

impl Argument for f64 {
    const EXPECTED: &'static str = "a number";

    fn read(text: &str) -> Result<Option<Self>, ParseSchemeError> {
        Ok(text.parse().ok().filter(|number: &f64| !number.is_nan()))
    }

    fn write(&self) -> String {
        match self.to_bits() == (-0.0_f64).to_bits() {
            true => "-0".into(),
            false => exact(*self).to_string(),
        }
    }
}

impl Argument for usize {
    const EXPECTED: &'static str = "a whole number";

    fn read(text: &str) -> Result<Option<Self>, ParseSchemeError> {
        Ok(text.parse().ok())
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

/// A number, or the name of an activation.
impl Argument for Gain {
    const EXPECTED: &'static str = "a number, or an activation such as relu, tanh or leaky_relu(0.2)";

    fn read(text: &str) -> Result<Option<Self>, ParseSchemeError> {
        let number = f64::read(text)?.map(Self::from);
        Ok(number.or_else(|| text.parse::<Activation>().ok().map(Self::from)))
    }

    fn write(&self) -> String {
        self.value().write()
    }
}

/// What may be left out.
impl<A: Argument> Argument for Option<A> {
    const EXPECTED: &'static str = A::EXPECTED;

    fn read(text: &str) -> Result<Option<Self>, ParseSchemeError> {
        A::read(text).map(|read| read.map(Some))
    }

    fn write(&self) -> String {
        self.as_ref().map_or_else(String::new, A::write)
    }
}

/// A word of a few.
macro_rules! words {
    ($($Type:ty: $expected:literal, { $($word:literal: $value:path),* $(,)? })*) => {$(
        impl Argument for $Type {
            const EXPECTED: &'static str = $expected;

            fn read(text: &str) -> Result<Option<Self>, ParseSchemeError> {
                Ok(match text {
                    $($word => Some($value),)*
                    _ => None,
                })
            }

            #[allow(unreachable_patterns)]
            fn write(&self) -> String {
                match self {
                    $($value => $word.to_owned(),)*
                    _ => String::new(),
                }
            }
        }
    )*};
}

words! {
    FanMode: "fan_in, fan_out, fan_avg or fan_geo_avg", {
        "fan_in": FanMode::FanIn,
        "fan_out": FanMode::FanOut,
        "fan_avg": FanMode::FanAvg,
        "fan_geo_avg": FanMode::FanGeoAvg,
    }
    Axis: "in, out, batch or k", {
        "in": Axis::In,
        "out": Axis::Out,
        "batch": Axis::Batch,
        "k": Axis::Kernel,
    }
    super::MuPRole: "input, embedding, bias, hidden, attention_query or output", {
        "input": super::MuPRole::Input,
        "embedding": super::MuPRole::Embedding,
        "bias": super::MuPRole::Bias,
        "hidden": super::MuPRole::Hidden,
        "attention_query": super::MuPRole::AttentionQuery,
        "output": super::MuPRole::Output,
    }
    super::T5Weight: "query, key, value, output, feed_forward_in, feed_forward_out, embedding or relative_bias", {
        "query": super::T5Weight::Query,
        "key": super::T5Weight::Key,
        "value": super::T5Weight::Value,
        "output": super::T5Weight::Output,
        "feed_forward_in": super::T5Weight::FeedForwardIn,
        "feed_forward_out": super::T5Weight::FeedForwardOut,
        "embedding": super::T5Weight::Embedding,
        "relative_bias": super::T5Weight::RelativeBias,
    }
    super::Distribution: "uniform, normal or truncated_normal", {
        "uniform": super::Distribution::Uniform,
        "normal": super::Distribution::Normal,
        "truncated_normal": super::Distribution::TruncatedNormal,
    }
}

impl Argument for Box<Scheme> {
    const EXPECTED: &'static str = "a scheme";

    fn read(text: &str) -> Result<Option<Self>, ParseSchemeError> {
        text.parse().map(Box::new).map(Some)
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

/// A list in brackets.
fn read_list<A>(
    text: &str,
    read: impl Fn(&str) -> Result<Option<A>, ParseSchemeError>,
) -> Result<Option<Vec<A>>, ParseSchemeError> {
    let Some(inside) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) else {
        return Ok(None);
    };
    super::text::split(inside)?.into_iter().map(read).collect()
}

fn write_list<A>(list: &[A], write: impl Fn(&A) -> String) -> String {
    format!("[{}]", list.iter().map(write).collect::<Vec<_>>().join(", "))
}

impl Argument for Vec<Scheme> {
    const EXPECTED: &'static str = "a list of schemes in brackets";

    fn read(text: &str) -> Result<Option<Self>, ParseSchemeError> {
        read_list(text, |text| text.parse().map(Some))
    }

    fn write(&self) -> String {
        write_list(self, Scheme::to_string)
    }
}

impl Argument for Vec<usize> {
    const EXPECTED: &'static str = "a list of whole numbers in brackets";

    fn read(text: &str) -> Result<Option<Self>, ParseSchemeError> {
        read_list(text, usize::read)
    }

    fn write(&self) -> String {
        write_list(self, usize::to_string)
    }
}
