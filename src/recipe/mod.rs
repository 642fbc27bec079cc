//! Recipe: the start of a whole model in one readable file, rules from patterns of parameter names to initializers.
//!
//! ```
//! use fanin::recipe::Recipe;
//!
//! let recipe = Recipe::from_toml(
//!     r#"
//!     framework = "pytorch"   # a matrix is stored [out, in]
//!     layers = 12             # L of depth scaling
//!
//!     [parameters]            # the first rule that matches is taken
//!     "*.bias" = "zeros"
//!     "*.ln_*.weight" = "ones"
//!     "wte.weight" = "normal(std_dev=0.02)"
//!     "*.c_proj.weight" = { init = "normal(std_dev=0.02)", depth = "gpt2" }
//!     "h.*.conv.weight" = { init = "he_normal(mode=fan_out)", layout = "out in k k", groups = 2 }
//!     "h.*.qkv.weight" = { composite = ["xavier_normal", "xavier_normal", "xavier_normal"], axis = "out" }
//!     "lm_head.weight" = { tied_to = "wte.weight" }
//!     "head.bias" = { init = "as_framework", fan_in = 768 }
//!     "#,
//! )?
//! .seed(42);
//!
//! // Each parameter is the stream of its full name: order, threads and machines do not matter.
//! let mut w = vec![0.0_f32; 768 * 768];
//! recipe.init("h.3.attn.c_proj.weight", &[768, 768], &mut w)?;
//!
//! // A shard: fans and bits are those of the whole.
//! let mut rows = vec![0.0_f32; 2 * 768];
//! recipe.init_block("h.3.attn.c_proj.weight", &[768, 768], &[100..102, 0..768], &mut rows)?;
//! assert_eq!(rows, w[100 * 768..102 * 768]);
//!
//! // What becomes of a model, before anything is filled.
//! let plan = recipe.plan([("wte.weight", &[1000, 768][..]), ("h.0.ln_1.weight", &[768]), ("h.0.ln_1.bias", &[768])])?;
//! assert_eq!(plan.rows()[0].law().unwrap().std_dev(), 0.02);
//! assert_eq!(plan.unused().next(), Some("*.c_proj.weight"));
//! println!("{plan}");
//! # Ok::<(), fanin::recipe::RecipeError>(())
//! ```
//!
//! # The file
//!
//! TOML ([`Recipe::from_toml`]), or JSON with the same keys by any crate that reads it with serde: a [`Recipe`] is read in the
//! order in which its rules stand. `framework` ([`Framework`]), `layers` and `seed` are optional; `parameters` holds the rules in their
//! order.
//!
//! A pattern is a glob over the whole name: `*` any text, dots too; `?` one character; `[0-9]`, `[!a]` one of these, none of these;
//! `{a,b}` one of these texts; `\` takes the meaning from what follows.
//!
//! A rule is the text of a [`Scheme`], or a table:
//!
//! | key | what it says |
//! | --- | --- |
//! | `init` | the scheme |
//! | `composite`, `axis`, `parts` | instead of it: the schemes of blocks along an axis (`out` unless given), in equal parts unless given |
//! | `tied_to` | instead of it: the parameter whose name and rule are taken, so that both are equal |
//! | `depth` | a factor that falls with depth, [`Depth`] |
//! | `layout` | what the axes are: `out in k k`, `batch in out`, [`Layout`] |
//! | `groups` | of a convolution |
//! | `fan_in`, `fan_out` | where the shape does not tell: those of the layer of a bias |
//! | `kind` | the rule is for layers of this kind alone; a list of tables holds rules of one pattern for several kinds |
//!
//! A tensor whose axes nobody names, by `layout`, by `framework` and two dimensions, or by `framework` and kind, has no fans: a scheme that
//! needs them refuses it.
//!
//! Recipes of known models lie in the folder `recipes` of the crate: GPT-2 (and in muP), Llama, ViT, ResNet-50, BERT, Mamba.

mod collapse;
mod depth;
mod error;
mod framework;
mod nearest;
mod pattern;
mod place;
mod plan;
mod resolve;
mod rule;
mod scheme;
mod serialized;
mod table;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;
use std::sync::OnceLock;

pub use depth::{Depth, ParseDepthError};
pub use error::{RecipeCause, RecipeError};
pub use framework::{Framework, ParseFrameworkError};
use pattern::Patterns;
pub use plan::{Plan, PlanRow};
pub use rule::{Parameter, Rule};
pub use scheme::{Distribution, MuPRole, ParseSchemeError, Scheme, T5Weight};

use crate::error::InitError;
#[cfg(doc)]
use crate::fan::Layout;
use crate::fan::product;
use crate::init::{Initializer, InitializerExt, Seeded};
use crate::scalar::Scalar;
use crate::seed::Seed;
use crate::weights::Weights;

/// Rules from patterns of parameter names to initializers: the start of a whole model. See [the module](self) for its file.
///
/// ```
/// use fanin::recipe::{Framework, Recipe, Scheme};
///
/// let recipe = Recipe::new()
///     .framework(Framework::PyTorch)
///     .seed(7)
///     .rule("*.bias", Scheme::Zeros)
///     .rule("*.weight", "he_normal".parse::<Scheme>()?);
/// let mut w = [[0.0_f32; 3]; 4];
/// recipe.init("fc.weight", &[4, 3], &mut w)?;
///
/// use fanin::prelude::*;
/// let mut by_hand = [[0.0_f32; 3]; 4];
/// He::normal(3).seed(Seed::from(7).child("fc.weight")).fill(&mut by_hand);
/// assert_eq!(w, by_hand);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Recipe {
    framework: Option<Framework>,
    layers: Option<usize>,
    seed: Option<Seed>,
    rules: Vec<(String, Rule)>,
    /// Compiled when they are first asked for.
    patterns: OnceLock<Result<Patterns, RecipeError>>,
}

/// Equal if they hold the same.
impl PartialEq for Recipe {
    fn eq(&self, other: &Self) -> bool {
        let parts = |recipe: &Self| (recipe.framework, recipe.layers, recipe.seed);
        parts(self) == parts(other) && self.rules == other.rules
    }
}

impl Recipe {
    /// A recipe without rules.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The framework that stores the tensors.
    #[must_use]
    pub fn framework(self, framework: Framework) -> Self {
        Self { framework: Some(framework), ..self }
    }

    /// The number of layers that depth scaling counts, at least 1.
    #[must_use]
    pub fn layers(self, layers: usize) -> Self {
        Self { layers: Some(layers), ..self }
    }

    /// The seed of the model: parameter `name` is the stream of [`seed.child(name)`](Seed::child).
    #[must_use]
    pub fn seed(self, seed: impl Into<Seed>) -> Self {
        Self { seed: Some(seed.into()), ..self }
    }

    /// The next rule: a [`Scheme`] or a [`Rule`] for the parameters that the pattern matches and no rule before it.
    #[must_use]
    pub fn rule(mut self, pattern: impl Into<String>, rule: impl Into<Rule>) -> Self {
        self.rules.push((pattern.into(), rule.into()));
        Self { patterns: OnceLock::new(), ..self }
    }

    /// The rules with their patterns, in their order.
    pub fn rules(&self) -> impl Iterator<Item = (&str, &Rule)> {
        self.rules.iter().map(|(pattern, rule)| (pattern.as_str(), rule))
    }

    /// The rule that a parameter takes: its own, not that of what it is tied to. An adapter asks it whether the rule's
    /// [`scheme`](Rule::scheme) is [`Scheme::AsFramework`].
    ///
    /// # Errors
    ///
    /// A pattern that is none, a parameter that no rule matches, parameters that are tied in a circle.
    pub fn rule_of<'a>(&self, parameter: impl Into<Parameter<'a>>) -> Result<&Rule, RecipeError> {
        let resolved = self.resolve(&parameter.into())?;
        Ok(&self.rules[resolved.rules[0]].1)
    }

    /// Says early what is wrong with the recipe itself.
    ///
    /// # Errors
    ///
    /// A pattern that is none; a rule that ties and says more.
    pub fn check(&self) -> Result<(), RecipeError> {
        self.patterns().map(drop)
    }

    /// The initializer of a parameter, with its seed.
    ///
    /// # Errors
    ///
    /// A pattern that is none, a parameter that no rule matches, parameters that are tied in a circle, fans that nobody
    /// tells, a depth that nobody tells, a missing seed; what the initializer refuses.
    pub fn initializer<'a, T: Scalar>(
        &self,
        parameter: impl Into<Parameter<'a>>,
    ) -> Result<Box<dyn Initializer<T> + Send + Sync>, RecipeError> {
        let parameter = parameter.into();
        let resolved = self.resolve(&parameter)?;
        let seed = self.seed.ok_or(RecipeCause::NoSeed)?;
        let (_, initializer) = self.build::<T>(&parameter, &resolved)?;
        Ok(Box::new(Seeded::new(initializer, seed.child(&*resolved.name))))
    }

    /// Fills the parameter of this full name and shape.
    ///
    /// # Errors
    ///
    /// What [`initializer`](Recipe::initializer) refuses, and weights of another number than the shape has. On an error nothing has been
    /// written.
    pub fn init<T: Scalar, W: Weights<T> + ?Sized>(
        &self,
        name: &str,
        shape: &[usize],
        weights: &mut W,
    ) -> Result<(), RecipeError> {
        let parameter = Parameter::new(name, shape);
        let initializer = self.initializer::<T>(parameter)?;
        let mut fill = || {
            let expected = match product("the number of elements", shape) {
                (expected, None) => expected as u64,
                (_, Some(flaw)) => return Err(flaw.into()),
            };
            let found = weights.count() as u64;
            if found != expected {
                return Err(InitError::TensorLength { found, expected });
            }
            initializer.try_fill(weights)
        };
        fill().map_err(|error| self.refused(&parameter, error))
    }

    /// Fills a box of a parameter: `shape` is the whole tensor's, `ranges` the indices of the box on each axis, as
    /// [`fill_block`](InitializerExt::fill_block) takes them. Fans and bits are those of the whole.
    ///
    /// # Errors
    ///
    /// What [`initializer`](Recipe::initializer) and [`try_fill_block`](InitializerExt::try_fill_block) refuse. On an error nothing has
    /// been written.
    pub fn init_block<T: Scalar, W: Weights<T> + ?Sized>(
        &self,
        name: &str,
        shape: &[usize],
        ranges: &[Range<usize>],
        weights: &mut W,
    ) -> Result<(), RecipeError> {
        let parameter = Parameter::new(name, shape);
        let initializer = self.initializer::<T>(parameter)?;
        let filled = initializer.try_fill_block(shape, ranges, weights);
        filled.map_err(|error| self.refused(&parameter, error))
    }

    /// What becomes of a model's parameters, without filling one: of each its rule and distribution; rules that take none, parameters
    /// that several rules match. It prints as a table.
    ///
    /// # Errors
    ///
    /// What [`initializer`](Recipe::initializer) refuses for one of them in `f32`, but for a missing seed; a name that stands twice; a parameter
    /// that is tied to none of these, or to one of another shape.
    pub fn plan<'a, P: Into<Parameter<'a>>>(
        &self,
        parameters: impl IntoIterator<Item = P>,
    ) -> Result<Plan, RecipeError> {
        Plan::new(self, parameters.into_iter().map(Into::into).collect())
    }

    fn patterns(&self) -> Result<&Patterns, RecipeError> {
        let compile = || {
            if let Some((pattern, _)) = self.rules.iter().find(|(_, rule)| rule.is_tied_with_more()) {
                let cause = RecipeCause::TiedWithMore;
                return Err(RecipeError { parameter: None, rule: Some(pattern.clone()), cause });
            }
            let compiled = Patterns::new(self.rules.iter().map(|(pattern, _)| pattern.as_str()));
            compiled.map_err(|(pattern, cause)| RecipeError { parameter: None, rule: Some(pattern), cause })
        };
        self.patterns.get_or_init(compile).as_ref().map_err(Clone::clone)
    }

    /// The error of a rule that cannot fill a parameter.
    fn error(&self, parameter: &Parameter<'_>, rule: usize, cause: RecipeCause) -> RecipeError {
        RecipeError { parameter: Some(parameter.name.into()), rule: Some(self.rules[rule].0.clone()), cause }
    }

    fn refused(&self, parameter: &Parameter<'_>, error: InitError) -> RecipeError {
        match self.resolve(parameter) {
            Ok(resolved) => self.error(parameter, resolved.rules[0], RecipeCause::Init(error)),
            Err(error) => error,
        }
    }
}
