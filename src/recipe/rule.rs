//! Rules: what a recipe says of the parameters that a pattern matches.

use alloc::string::String;

use super::depth::Depth;
use super::scheme::Scheme;
use crate::fan::{Fan, Layout};

/// What a recipe says of the parameters that a pattern matches: a [`Scheme`], or the parameter that they are tied to, and what the
/// shape alone does not tell.
///
/// ```
/// use fanin::recipe::{Depth, Recipe, Rule, Scheme};
///
/// let narrow = Scheme::Normal { std_dev: 0.02, mean: 0.0 };
/// let recipe = Recipe::new()
///     .layers(12)
///     .rule("h.*.c_proj.weight", Rule::from(narrow.clone()).depth(Depth::Gpt2))
///     .rule("lm_head.weight", Rule::tied_to("wte.weight"))
///     .rule("*", narrow);
/// assert!(recipe.to_toml()?.contains("\"lm_head.weight\" = { tied_to = \"wte.weight\" }"));
/// # Ok::<(), fanin::recipe::RecipeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub(super) source: Source,
    pub(super) depth: Option<Depth>,
    pub(super) layout: Option<Layout>,
    pub(super) groups: Option<usize>,
    pub(super) fan: Option<Fan>,
    pub(super) kind: Option<String>,
}

/// Where the weights come from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    Scheme(Scheme),
    TiedTo(String),
}

impl From<Scheme> for Rule {
    fn from(scheme: Scheme) -> Self {
        Self::new(Source::Scheme(scheme))
    }
}

impl Rule {
    pub(super) fn new(source: Source) -> Self {
        Self { source, depth: None, layout: None, groups: None, fan: None, kind: None }
    }

    /// The weights of another parameter: its name and its rule, so that both are equal. Each `*` of the name stands for what the `*` of the
    /// pattern in the same place matches.
    #[must_use]
    pub fn tied_to(name: impl Into<String>) -> Self {
        Self::new(Source::TiedTo(name.into()))
    }

    /// Whether a rule that ties says more than that.
    pub(super) fn is_tied_with_more(&self) -> bool {
        let more =
            self.depth.is_some() || self.layout.is_some() || self.groups.is_some() || self.fan.is_some();
        more && matches!(self.source, Source::TiedTo(_))
    }

    /// Scales by depth, see [`Depth`].
    #[must_use]
    pub fn depth(self, depth: Depth) -> Self {
        Self { depth: Some(depth), ..self }
    }

    /// Names the axes, where the framework and the kind of the layer do not.
    #[must_use]
    pub fn layout(self, layout: Layout) -> Self {
        Self { layout: Some(layout), ..self }
    }

    /// The groups of a convolution, as [`Fan::groups`] takes them.
    #[must_use]
    pub fn groups(self, groups: usize) -> Self {
        Self { groups: Some(groups), ..self }
    }

    /// The fans, where the shape does not tell them: a bias has those of its layer.
    #[must_use]
    pub fn fan(self, fan: impl Into<Fan>) -> Self {
        Self { fan: Some(fan.into()), ..self }
    }

    /// Restricts the rule to layers of this kind, as an adapter names it: `"Conv2d"`. Where no kind is known the rule does not
    /// match.
    #[must_use]
    pub fn kind(self, kind: impl Into<String>) -> Self {
        Self { kind: Some(kind.into()), ..self }
    }

    /// The scheme; `None` of a parameter that is tied to another.
    #[must_use]
    pub fn scheme(&self) -> Option<&Scheme> {
        match &self.source {
            Source::Scheme(scheme) => Some(scheme),
            Source::TiedTo(_) => None,
        }
    }
}

/// A parameter of a model: its name, its shape, and the kind of its layer if that is known.
///
/// Made of a pair of name and shape; wherever one is asked for, the pair will do.
///
/// ```
/// use fanin::recipe::Parameter;
///
/// let parameter = Parameter::new("features.0.weight", &[64, 3, 3, 3]).kind("Conv2d");
/// assert_eq!(parameter.name(), "features.0.weight");
/// assert_eq!(Parameter::from(("fc.bias", &[10])), Parameter::new("fc.bias", &[10]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter<'a> {
    pub(super) name: &'a str,
    pub(super) shape: &'a [usize],
    pub(super) kind: Option<&'a str>,
}

impl<'a> Parameter<'a> {
    /// A parameter of this full name and shape; of a shard, the shape of the whole.
    #[must_use]
    pub fn new(name: &'a str, shape: &'a [usize]) -> Self {
        Self { name, shape, kind: None }
    }

    /// The kind of its layer, such as `"Linear"`, `"Conv2d"` or `"ConvTranspose2d"`: with the framework it tells the layout.
    #[must_use]
    pub fn kind(self, kind: &'a str) -> Self {
        Self { kind: Some(kind), ..self }
    }

    /// The full name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.name
    }
}

impl<'a> From<(&'a str, &'a [usize])> for Parameter<'a> {
    fn from((name, shape): (&'a str, &'a [usize])) -> Self {
        Self::new(name, shape)
    }
}

impl<'a, const N: usize> From<(&'a str, &'a [usize; N])> for Parameter<'a> {
    fn from((name, shape): (&'a str, &'a [usize; N])) -> Self {
        Self::new(name, shape)
    }
}

impl<'a, N: AsRef<str>, S: AsRef<[usize]>> From<&'a (N, S)> for Parameter<'a> {
    fn from((name, shape): &'a (N, S)) -> Self {
        Self::new(name.as_ref(), shape.as_ref())
    }
}
