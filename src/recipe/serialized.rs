//! The file: TOML, or JSON by way of serde, the rules in the order in which they stand.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use toml::{Table, Value};

use super::depth::Depth;
use super::error::{RecipeCause, RecipeError};
use super::rule::{Rule, Source};
use super::scheme::Scheme;
use super::{Framework, Recipe, Seed};
use crate::fan::{Axis, Fan};

impl Recipe {
    /// Reads a recipe; see [the module](super) for the keys.
    ///
    /// # Errors
    ///
    /// [`RecipeCause::Text`], with the line and the rule.
    pub fn from_toml(text: &str) -> Result<Self, RecipeError> {
        let wrong =
            |error: toml::de::Error| RecipeCause::Text { message: error.to_string().trim_end().into() };
        Ok(toml::from_str(text).map_err(wrong)?)
    }

    /// The text that [`from_toml`](Recipe::from_toml) reads, a line for each rule.
    ///
    /// # Errors
    ///
    /// [`RecipeCause::Scattered`]: a pattern that stands twice with another between.
    pub fn to_toml(&self) -> Result<String, RecipeError> {
        let mut text = String::new();
        for (key, value) in self.head() {
            text += &format!("{key} = {value}\n");
        }
        text += if text.is_empty() { "[parameters]\n" } else { "\n[parameters]\n" };
        for (pattern, value) in self.by_pattern()? {
            text += &format!("{} = {value}\n", key(pattern));
        }
        Ok(text)
    }

    /// What stands above the rules.
    fn head(&self) -> impl Iterator<Item = (&'static str, Value)> {
        let framework = self.framework.map(|framework| ("framework", Value::from(framework.to_string())));
        let layers = self.layers.map(|layers| ("layers", number(layers)));
        // As text: not every number below 2^64 is one in TOML.
        let seed = self.seed.map(|seed| ("seed", Value::from(seed.to_string())));
        [framework, layers, seed].into_iter().flatten()
    }

    /// The patterns with what is written of their rules.
    fn by_pattern(&self) -> Result<Vec<(&str, Value)>, RecipeError> {
        let mut patterns: Vec<(&str, Vec<Value>)> = Vec::new();
        for (pattern, rule) in self.rules() {
            match patterns.iter().position(|(known, _)| *known == pattern) {
                None => patterns.push((pattern, alloc::vec![written(rule)])),
                Some(known) if known + 1 == patterns.len() => patterns[known].1.push(written(rule)),
                Some(_) => {
                    let rule = Some(pattern.to_string());
                    return Err(RecipeError { parameter: None, rule, cause: RecipeCause::Scattered });
                }
            }
        }
        let joined =
            |mut rules: Vec<Value>| if rules.len() == 1 { rules.remove(0) } else { Value::Array(rules) };
        Ok(patterns.into_iter().map(|(pattern, rules)| (pattern, joined(rules))).collect())
    }
}

/// A key of TOML, quoted where it must be.
fn key(key: &str) -> String {
    const VALUE: &str = " = true\n";
    let line = Table::from_iter([(key.to_string(), Value::Boolean(true))]).to_string();
    line.strip_suffix(VALUE).map(ToString::to_string).unwrap_or(line)
}

/// A whole number; as text where TOML has none so large.
fn number(number: usize) -> Value {
    i64::try_from(number).map_or_else(|_| Value::from(number.to_string()), Value::from)
}

/// The keys of a rule.
fn fields(rule: &Rule) -> Table {
    let mut fields = Table::new();
    let mut add = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(key.into(), value);
        }
    };
    let text = |text: &dyn ToString| Value::from(text.to_string());
    match &rule.source {
        Source::TiedTo(name) => add("tied_to", Some(text(name))),
        Source::Scheme(Scheme::Composite { blocks, axis, parts }) => {
            add("composite", Some(Value::Array(blocks.iter().map(|block| text(block)).collect())));
            add("axis", (*axis != Axis::Out).then(|| Value::from(super::scheme::written(axis))));
            add(
                "parts",
                (!parts.is_empty()).then(|| Value::Array(parts.iter().map(|&part| number(part)).collect())),
            );
        }
        Source::Scheme(scheme) => add("init", Some(text(scheme))),
    }
    add("depth", rule.depth.map(|depth| text(&depth)));
    add("layout", rule.layout.map(|layout| text(&layout)));
    add("groups", rule.groups.map(number));
    add("fan_in", rule.fan.map(|fan| number(fan.fan_in())));
    add("fan_out", rule.fan.map(|fan| fan.fan_out()).filter(|&fan_out| fan_out > 0).map(number));
    add("kind", rule.kind.as_ref().map(|kind| text(kind)));
    fields
}

/// The value of a rule: the scheme's text if there is no more to say.
fn written(rule: &Rule) -> Value {
    let mut fields = fields(rule);
    match (fields.len(), fields.remove("init")) {
        (1, Some(scheme)) => scheme,
        (_, None) => Value::Table(fields),
        (_, Some(_)) => Value::Table(self::fields(rule)),
    }
}

/// The map that the file is.
impl Serialize for Recipe {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parameters = self.by_pattern().map_err(serde::ser::Error::custom)?;
        let parameters = parameters.into_iter().map(|(pattern, value)| (pattern.to_string(), value));
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.head() {
            map.serialize_entry(key, &value)?;
        }
        map.serialize_entry("parameters", &Table::from_iter(parameters))?;
        map.end()
    }
}

/// From that map, in a format that keeps the order of keys and says what comes next, as TOML and JSON do.
impl<'de> Deserialize<'de> for Recipe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            framework: Option<String>,
            layers: Option<usize>,
            seed: Option<Seed>,
            #[serde(default)]
            parameters: Parameters,
        }

        let File { framework, layers, seed, parameters } = File::deserialize(deserializer)?;
        let framework =
            framework.map(|name| name.parse::<Framework>()).transpose().map_err(D::Error::custom)?;
        let recipe = Self { framework, layers, seed, rules: parameters.0, ..Self::default() };
        recipe.check().map_err(D::Error::custom)?;
        Ok(recipe)
    }
}

#[derive(Default)]
struct Parameters(Vec<(String, Rule)>);

impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rules;

        impl<'de> Visitor<'de> for Rules {
            type Value = Parameters;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table from patterns to rules")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parameters, A::Error> {
                let mut rules: Vec<(String, Rule)> = Vec::new();
                while let Some(pattern) = map.next_key::<String>()? {
                    if rules.iter().any(|(known, _)| *known == pattern) {
                        return Err(A::Error::custom(format!(
                            "rule {pattern:?} stands twice: join the two in a list"
                        )));
                    }
                    let found = map.next_value_seed(OneOrMany(&pattern))?;
                    rules.extend(found.into_iter().map(|rule| (pattern.clone(), rule)));
                }
                Ok(Parameters(rules))
            }
        }

        deserializer.deserialize_map(Rules)
    }
}

/// The rule or the rules of a pattern, which errors name.
#[derive(Clone, Copy)]
struct OneOrMany<'a>(&'a str);

impl OneOrMany<'_> {
    fn wrong<E: Error>(self, error: impl fmt::Display) -> E {
        E::custom(format!("rule {:?}: {error}", self.0))
    }
}

impl<'de> DeserializeSeed<'de> for OneOrMany<'_> {
    type Value = Vec<Rule>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Rule>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for OneOrMany<'_> {
    type Value = Vec<Rule>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "for rule {:?} the text of a scheme, a table or a list of tables", self.0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<Rule>, E> {
        let scheme = text.parse::<Scheme>().map_err(|error| self.wrong(error))?;
        Ok(alloc::vec![scheme.into()])
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<Rule>, A::Error> {
        let table = Fields::deserialize(MapAccessDeserializer::new(map)).map_err(|error: A::Error| {
            // What TOML makes of fc.weight = "zeros".
            let unquoted = error.to_string().starts_with("unknown field") && !self.0.contains('.');
            let hint =
                if unquoted { "; or is it a part of a name? A name with dots stands in quotes" } else { "" };
            self.wrong(format!("{}{hint}", error.to_string().trim_end()))
        })?;
        table.rule().map(|rule| alloc::vec![rule]).map_err(|error| self.wrong(error))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Rule>, A::Error> {
        let mut rules = Vec::new();
        while let Some(more) = list.next_element_seed(self)? {
            rules.extend(more);
        }
        if rules.is_empty() {
            return Err(self.wrong("a list of rules must hold one"));
        }
        Ok(rules)
    }
}

/// A rule as a table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    init: Option<String>,
    composite: Option<Vec<String>>,
    axis: Option<String>,
    parts: Option<Vec<usize>>,
    tied_to: Option<String>,
    depth: Option<String>,
    layout: Option<String>,
    groups: Option<usize>,
    fan_in: Option<usize>,
    fan_out: Option<usize>,
    kind: Option<String>,
}

fn parsed<V: FromStr<Err: fmt::Display>>(text: Option<String>) -> Result<Option<V>, String> {
    text.map(|text| text.parse().map_err(|error: V::Err| error.to_string())).transpose()
}

impl Fields {
    fn rule(self) -> Result<Rule, String> {
        let along = self.axis.is_some() || self.parts.is_some();
        let source = match (self.init, self.composite, self.tied_to) {
            (Some(_), None, None) | (None, None, Some(_)) if along => {
                return Err("`axis` and `parts` belong to a `composite`".into());
            }
            (Some(init), None, None) => {
                Source::Scheme(init.parse::<Scheme>().map_err(|error| error.to_string())?)
            }
            (None, Some(blocks), None) => {
                let parse = |block: String| block.parse::<Scheme>().map_err(|error| error.to_string());
                let axis = self.axis.map_or(Ok(Axis::Out), |axis| super::scheme::read("axis", &axis))?;
                Source::Scheme(Scheme::Composite {
                    blocks: blocks.into_iter().map(parse).collect::<Result<_, _>>()?,
                    axis,
                    parts: self.parts.unwrap_or_default(),
                })
            }
            (None, None, Some(name)) => Source::TiedTo(name),
            _ => return Err("one of `init`, `composite` and `tied_to` must be given, and no two".into()),
        };
        let fan = match (self.fan_in, self.fan_out) {
            (None, None) => None,
            (Some(fan_in), None) => Some(Fan::from(fan_in)),
            (Some(fan_in), Some(fan_out)) => Some(Fan::dense(fan_in, fan_out)),
            (None, Some(_)) => return Err("`fan_out` alone is not enough: give `fan_in` too".into()),
        };
        if let Some(fan) = fan {
            fan.check().map_err(|error| error.to_string())?;
        }
        let rule = Rule {
            depth: parsed::<Depth>(self.depth)?,
            layout: parsed(self.layout)?,
            groups: self.groups,
            fan,
            kind: self.kind,
            source,
        };
        if rule.is_tied_with_more() {
            return Err(RecipeCause::TiedWithMore.to_string());
        }
        Ok(rule)
    }
}
