//! Words: arguments of schemes that are one of a few.

/// The shape of the distribution of [`Scheme::VarianceScaling`](super::Scheme::VarianceScaling).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Distribution {
    /// Uniform.
    Uniform,
    /// Normal.
    Normal,
    /// Normal, cut at 2 standard deviations.
    TruncatedNormal,
}

/// What a tensor is in muP, see [`Scheme::MuP`](super::Scheme::MuP).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MuPRole {
    /// From what does not grow to the width: [`MuP::input`](crate::MuP::input).
    Input,
    /// [`MuP::embedding`](crate::MuP::embedding).
    Embedding,
    /// [`MuP::bias`](crate::MuP::bias).
    Bias,
    /// [`MuP::hidden`](crate::MuP::hidden).
    Hidden,
    /// [`MuP::attention_query`](crate::MuP::attention_query).
    AttentionQuery,
    /// [`MuP::output`](crate::MuP::output).
    Output,
}

/// What a matrix is in T5, see [`Scheme::T5`](super::Scheme::T5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum T5Weight {
    /// [`T5::query`](crate::T5::query), the width being the fan_in.
    Query,
    /// [`T5::key`](crate::T5::key).
    Key,
    /// [`T5::value`](crate::T5::value).
    Value,
    /// [`T5::output`](crate::T5::output), heads times their width being the fan_in.
    Output,
    /// [`T5::feed_forward_in`](crate::T5::feed_forward_in).
    FeedForwardIn,
    /// [`T5::feed_forward_out`](crate::T5::feed_forward_out).
    FeedForwardOut,
    /// [`T5::embedding`](crate::T5::embedding).
    Embedding,
    /// [`T5::relative_bias`](crate::T5::relative_bias), of the width that is given as the fan_in.
    RelativeBias,
}
