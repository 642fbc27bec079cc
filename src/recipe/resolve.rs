//! Resolution: from a parameter to its rule, to what it is tied to, and to its initializer.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::error::{RecipeCause, RecipeError};
use super::place::Place;
use super::rule::{Parameter, Source};
use super::scheme::AnyInitializer;
use super::{Recipe, depth, nearest};
use crate::init::Initializer;
use crate::scalar::Scalar;

/// Ties in a row, at most: names may grow without end, as those of `"*" = { tied_to = "*.copy" }`.
const MAX_TIES: usize = 64;

/// What a recipe says of a parameter.
pub(super) struct Resolved<'a> {
    /// The index of the parameter's own rule, then of the rule of what it is tied to, and so on.
    pub(super) rules: Vec<usize>,
    /// The name that gives the seed: the parameter's own, or of what it is tied to.
    pub(super) name: Cow<'a, str>,
}

impl Recipe {
    /// The rules that match a parameter, whatever is tied to what.
    pub(super) fn matches<'a>(
        &'a self,
        parameter: &Parameter<'a>,
    ) -> Result<impl Iterator<Item = usize> + use<'a>, RecipeError> {
        let kind = parameter.kind;
        let fits = move |rule: &usize| {
            let wanted = self.rules[*rule].1.kind.as_deref();
            wanted.is_none() || wanted == kind
        };
        Ok(self.patterns()?.matches(parameter.name).filter(fits))
    }

    pub(super) fn resolve<'a>(&'a self, parameter: &Parameter<'a>) -> Result<Resolved<'a>, RecipeError> {
        let nearest = |name: &str| {
            let patterns = self.rules.iter().map(|(pattern, _)| pattern.as_str());
            nearest::nearest_pattern(patterns, name).map(ToString::to_string)
        };
        let no_rule = || RecipeError {
            parameter: Some(parameter.name.into()),
            rule: None,
            cause: RecipeCause::NoRule { nearest: nearest(parameter.name) },
        };
        let first = self.matches(parameter)?.next().ok_or_else(no_rule)?;
        let mut resolved = Resolved { rules: alloc::vec![first], name: Cow::Borrowed(parameter.name) };
        let mut names: Vec<String> = Vec::new();
        let mut rule = first;
        while let Source::TiedTo(target) = &self.rules[rule].1.source {
            let stars = self.patterns()?.stars(rule, &resolved.name);
            let name = substitute(target, &stars);
            names.push(resolved.name.to_string());
            let wrong = |cause| Err(self.error(parameter, first, cause));
            if names.contains(&name) {
                names.push(name);
                return wrong(RecipeCause::Cycle { names });
            }
            if names.len() == MAX_TIES {
                return wrong(RecipeCause::TiedTooFar { target: name });
            }
            let Some(next) = self.patterns()?.matches(&name).next() else {
                return wrong(RecipeCause::TiedToNoRule { nearest: nearest(&name), target: name });
            };
            rule = next;
            if self.rules[rule].1.kind.is_some() {
                return wrong(RecipeCause::TiedKind { target: name });
            }
            resolved.rules.push(rule);
            resolved.name = Cow::Owned(name);
        }
        Ok(resolved)
    }

    /// The place of a parameter, and its initializer without a seed.
    pub(super) fn build<'a, T: Scalar>(
        &self,
        parameter: &Parameter<'a>,
        resolved: &Resolved<'_>,
    ) -> Result<(Place<'a>, AnyInitializer<T>), RecipeError> {
        let &[first, .., last] = resolved.rules.as_slice() else {
            return self.build_by(parameter, resolved.rules[0], &resolved.name, None);
        };
        self.build_by(parameter, last, &resolved.name, Some(first))
    }

    fn build_by<'a, T: Scalar>(
        &self,
        parameter: &Parameter<'a>,
        index: usize,
        name: &str,
        tied: Option<usize>,
    ) -> Result<(Place<'a>, AnyInitializer<T>), RecipeError> {
        let wrong = |cause| self.error(parameter, tied.unwrap_or(index), cause);
        let rule = &self.rules[index].1;
        let Source::Scheme(scheme) = &rule.source else { unreachable!("ties are resolved") };
        if tied.is_some() && parameter.kind.is_some() && scheme.asks_framework() {
            return Err(wrong(RecipeCause::TiedKind { target: name.into() }));
        }
        let kind = if tied.is_some() { None } else { parameter.kind };
        let known = || self.framework.and_then(|framework| framework.layout(kind, parameter.shape.len()));
        let place = Place {
            shape: parameter.shape,
            layout: rule.layout.or_else(known),
            groups: rule.groups,
            fan: rule.fan,
            framework: self.framework,
            kind,
            layers: self.layers,
        };
        let mut initializer = scheme.initializer::<T>(&place).map_err(wrong)?;
        if let Some(depth) = rule.depth {
            let patterns = self.patterns()?;
            let factor = depth.factor(self.layers, || patterns.index(index, name)).map_err(wrong)?;
            initializer = depth::scaled(initializer, factor);
        }
        initializer.check().map_err(|error| wrong(RecipeCause::Init(error)))?;
        Ok((place, initializer))
    }
}

/// The name with each `*` replaced by what the `*` in the same place matches; those without one stay.
fn substitute(name: &str, stars: &[&str]) -> String {
    let mut stars = stars.iter();
    name.chars().fold(String::new(), |mut text, c| {
        match (c, stars.as_slice()) {
            ('*', [star, ..]) => {
                text.push_str(star);
                stars.next();
            }
            (c, _) => text.push(c),
        }
        text
    })
}
