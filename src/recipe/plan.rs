//! Plans: what becomes of each parameter of a model, before one is filled.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use std::collections::HashMap;

use super::Recipe;
use super::depth::Depth;
use super::error::{RecipeCause, RecipeError};
use super::rule::{Parameter, Source};
use crate::fan::Fan;
use crate::init::Law;

/// What becomes of each parameter of a model, made by [`Recipe::plan`].
///
/// It prints as a table, in which blocks that differ by their number alone share a line: `h.{0..11}.attn.c_attn.weight`.
///
/// ```
/// use fanin::recipe::{Recipe, Scheme};
///
/// let recipe = Recipe::new().rule("*.bias", Scheme::Zeros).rule("*", Scheme::Normal { std_dev: 0.02, mean: 0.0 });
/// let plan = recipe.plan([("h.0.weight", &[3, 4][..]), ("h.1.weight", &[3, 4]), ("h.0.bias", &[3])])?;
/// assert_eq!(plan.rows()[2].rule(), "*.bias");
/// assert_eq!(plan.contested().count(), 1); // h.0.bias
/// assert_eq!(plan.unused().count(), 0);
/// assert_eq!(
///     plan.to_string(),
///     "\
/// parameter       shape  fan_in fan_out distribution std  weights
/// h.{0..1}.weight [3, 4]      ·       · N(0, 0.02^2) 0.02      24
/// h.0.bias        [3]         ·       · constant 0   0          3
/// 3 tensors, 27 weights
/// 1 parameter(s) match \"*.bias\", which is taken, and \"*\"
/// "
/// );
/// # Ok::<(), fanin::recipe::RecipeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub(super) rows: Vec<PlanRow>,
    /// The patterns of the rules.
    pub(super) patterns: Vec<String>,
    /// Of each rule, how many parameters it takes, and how many it matches.
    counts: Vec<(usize, usize)>,
}

/// What becomes of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanRow {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    pub(super) fan: Option<Fan>,
    pub(super) law: Option<Law>,
    /// Indices of all rules that match; the first is taken.
    pub(super) rules: Vec<usize>,
    pub(super) tied_to: Option<String>,
    pub(super) scheme: String,
    /// Whether the distribution differs by the index of the block.
    pub(super) by_block: bool,
    rule: String,
}

impl PlanRow {
    /// The full name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The shape.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The fans, where they are known; whether the scheme needs them or not.
    #[must_use]
    pub fn fan(&self) -> Option<Fan> {
        self.fan
    }

    /// The distribution of each weight, where the initializer promises one.
    #[must_use]
    pub fn law(&self) -> Option<Law> {
        self.law
    }

    /// The pattern of the rule that is taken.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// The parameter that it is tied to, if it is.
    #[must_use]
    pub fn tied_to(&self) -> Option<&str> {
        self.tied_to.as_deref()
    }

    /// The number of weights, at most 2^128 - 1.
    #[must_use]
    pub fn weights(&self) -> u128 {
        self.shape.iter().fold(1, |count: u128, &side| count.saturating_mul(side as u128))
    }
}

impl Plan {
    pub(super) fn new(recipe: &Recipe, parameters: Vec<Parameter<'_>>) -> Result<Self, RecipeError> {
        let mut shapes = HashMap::with_capacity(parameters.len());
        for parameter in &parameters {
            if shapes.insert(parameter.name, parameter.shape).is_some() {
                let cause = RecipeCause::Twice;
                return Err(RecipeError { parameter: Some(parameter.name.into()), rule: None, cause });
            }
        }
        let mut counts = alloc::vec![(0, 0); recipe.rules.len()];
        let mut rows = Vec::with_capacity(parameters.len());
        for parameter in &parameters {
            let resolved = recipe.resolve(parameter)?;
            let (place, initializer) = recipe.build::<f32>(parameter, &resolved)?;
            let (first, last) = (resolved.rules[0], resolved.rules[resolved.rules.len() - 1]);
            let tied_to = (resolved.rules.len() > 1).then(|| resolved.name.clone().into_owned());
            if let Some(target) = &tied_to {
                let wrong = match shapes.get(&**target) {
                    None => Some(RecipeCause::TiedToNone { target: target.clone() }),
                    Some(&shape) if shape != parameter.shape => Some(RecipeCause::TiedShape {
                        shape: parameter.shape.into(),
                        target: target.clone(),
                        target_shape: shape.into(),
                    }),
                    Some(_) => None,
                };
                if let Some(cause) = wrong {
                    return Err(recipe.error(parameter, first, cause));
                }
            }
            let rules: Vec<usize> = recipe.matches(parameter)?.collect();
            rules.iter().for_each(|&rule| counts[rule].1 += 1);
            counts[first].0 += 1;
            let rule = &recipe.rules[last].1;
            rows.push(PlanRow {
                name: parameter.name.to_owned(),
                shape: parameter.shape.into(),
                fan: place.fan().ok().filter(|fan| fan.check().is_ok()),
                law: initializer.law(),
                rules,
                scheme: match &rule.source {
                    Source::Scheme(scheme) if initializer.law().is_none() => scheme.to_string(),
                    _ => String::new(),
                },
                by_block: rule.depth == Some(Depth::ByBlock),
                rule: recipe.rules[first].0.clone(),
                tied_to,
            });
        }
        let patterns = recipe.rules.iter().map(|(pattern, _)| pattern.clone()).collect();
        Ok(Self { rows, patterns, counts })
    }

    /// The parameters, in the order in which they were given.
    #[must_use]
    pub fn rows(&self) -> &[PlanRow] {
        &self.rows
    }

    /// The patterns of rules that no parameter takes: they match none, or others before them take all that they match.
    pub fn unused(&self) -> impl Iterator<Item = &str> {
        self.unused_matches().map(|(pattern, _)| pattern)
    }

    /// The same, with how many parameters each matches.
    pub(super) fn unused_matches(&self) -> impl Iterator<Item = (&str, usize)> {
        let unused = self.patterns.iter().zip(&self.counts).filter(|(_, (taken, _))| *taken == 0);
        unused.map(|(pattern, &(_, matched))| (pattern.as_str(), matched))
    }

    /// The parameters that several rules match, with the patterns of these; the first is taken.
    pub fn contested(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        let contested = self.rows.iter().filter(|row| row.rules.len() > 1);
        contested
            .map(|row| (row.name(), row.rules.iter().map(|&rule| self.patterns[rule].as_str()).collect()))
    }
}
