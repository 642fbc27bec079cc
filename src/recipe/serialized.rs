//! The file: TOML and JSON, the rules in the order in which they stand.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

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
        let wrong = |error: toml::de::Error| RecipeCause::Text { format: "TOML", message: error.to_string() };
        Ok(toml::from_str(text).map_err(wrong)?)
    }

    /// Reads a recipe; see [the module](super) for the keys.
    ///
    /// # Errors
    ///
    /// [`RecipeCause::Text`], with the line and the rule.
    pub fn from_json(text: &str) -> Result<Self, RecipeError> {
        let wrong =
            |error: serde_json::Error| RecipeCause::Text { format: "JSON", message: error.to_string() };
        Ok(serde_json::from_str(text).map_err(wrong)?)
    }

    /// The text that [`from_toml`](Recipe::from_toml) reads, a line for each rule.
    ///
    /// # Errors
    ///
    /// [`RecipeCause::Scattered`]: a pattern that stands twice with another between.
    pub fn to_toml(&self) -> Result<String, RecipeError> {
        // Strings, whole numbers and lists of them are written alike in JSON and TOML.
        let mut text = String::new();
        for (key, value) in self.head() {
            text += &format!("{key} = {value}\n");
        }
        text += if text.is_empty() { "[parameters]\n" } else { "\n[parameters]\n" };
        let inline = |rule: &Rule| match written(rule) {
            Value::Object(_) => {
                let pairs = fields(rule).into_iter().map(|(key, value)| format!("{key} = {value}"));
                format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
            }
            text => text.to_string(),
        };
        for (pattern, rules) in self.by_pattern()? {
            let rules: Vec<_> = rules.into_iter().map(inline).collect();
            let value =
                if let [rule] = rules.as_slice() { rule.clone() } else { format!("[{}]", rules.join(", ")) };
            text += &format!("{} = {value}\n", Value::from(pattern));
        }
        Ok(text)
    }

    /// The text that [`from_json`](Recipe::from_json) reads.
    ///
    /// # Errors
    ///
    /// [`RecipeCause::Scattered`]: a pattern that stands twice with another between.
    pub fn to_json(&self) -> Result<String, RecipeError> {
        self.by_pattern()?;
        let wrong =
            |error: serde_json::Error| RecipeCause::Text { format: "JSON", message: error.to_string() };
        Ok(serde_json::to_string_pretty(self).map_err(wrong)?)
    }

    /// What stands above the rules.
    fn head(&self) -> impl Iterator<Item = (&'static str, Value)> {
        let framework = self.framework.map(|framework| ("framework", json!(framework.to_string())));
        let layers = self.layers.map(|layers| ("layers", json!(layers)));
        // As text: not every number below 2^64 is one in TOML.
        let seed = self.seed.map(|seed| ("seed", json!(seed.to_string())));
        [framework, layers, seed].into_iter().flatten()
    }

    /// The rules of each pattern.
    fn by_pattern(&self) -> Result<Vec<(&str, Vec<&Rule>)>, RecipeError> {
        let mut patterns: Vec<(&str, Vec<&Rule>)> = Vec::new();
        for (pattern, rule) in self.rules() {
            match patterns.iter().position(|(known, _)| *known == pattern) {
                None => patterns.push((pattern, alloc::vec![rule])),
                Some(known) if known + 1 == patterns.len() => patterns[known].1.push(rule),
                Some(_) => {
                    let rule = Some(pattern.to_string());
                    return Err(RecipeError { parameter: None, rule, cause: RecipeCause::Scattered });
                }
            }
        }
        Ok(patterns)
    }
}

/// The keys of a rule.
fn fields(rule: &Rule) -> Vec<(&'static str, Value)> {
    let mut fields = Vec::new();
    match &rule.source {
        Source::TiedTo(name) => fields.push(("tied_to", json!(name))),
        Source::Scheme(Scheme::Composite { blocks, axis, parts }) => {
            fields.push(("composite", json!(blocks.iter().map(Scheme::to_string).collect::<Vec<_>>())));
            if *axis != Axis::Out {
                fields.push(("axis", json!(super::scheme::written(axis))));
            }
            if !parts.is_empty() {
                fields.push(("parts", json!(parts)));
            }
        }
        Source::Scheme(scheme) => fields.push(("init", json!(scheme.to_string()))),
    }
    let mut optional = |key, value: Option<Value>| fields.extend(value.map(|value| (key, value)));
    optional("depth", rule.depth.map(|depth| json!(depth.to_string())));
    optional("layout", rule.layout.map(|layout| json!(layout.to_string())));
    optional("groups", rule.groups.map(|groups| json!(groups)));
    if let Some(Ok(Value::Object(fan))) = rule.fan.map(serde_json::to_value) {
        optional("fan_in", fan.get("fan_in").cloned());
        optional("fan_out", fan.get("fan_out").cloned());
    }
    optional("kind", rule.kind.as_ref().map(|kind| json!(kind)));
    fields
}

/// The value of a rule: the scheme's text if there is no more to say.
fn written(rule: &Rule) -> Value {
    let mut fields = fields(rule);
    match fields.as_mut_slice() {
        [("init", scheme)] => scheme.take(),
        _ => Value::Object(fields.into_iter().map(|(key, value)| (key.to_string(), value)).collect()),
    }
}

/// The map that the file is.
impl Serialize for Recipe {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Parameters<'a>(Vec<(&'a str, Vec<&'a Rule>)>);

        impl Serialize for Parameters<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(Some(self.0.len()))?;
                for (pattern, rules) in &self.0 {
                    match rules.as_slice() {
                        [rule] => map.serialize_entry(pattern, &written(rule))?,
                        rules => map.serialize_entry(
                            pattern,
                            &rules.iter().map(|rule| written(rule)).collect::<Vec<_>>(),
                        )?,
                    }
                }
                map.end()
            }
        }

        let parameters = self.by_pattern().map_err(serde::ser::Error::custom)?;
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.head() {
            map.serialize_entry(key, &value)?;
        }
        map.serialize_entry("parameters", &Parameters(parameters))?;
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
        let table = Table::deserialize(MapAccessDeserializer::new(map)).map_err(|error| self.wrong(error))?;
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
struct Table {
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

impl Table {
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
        let tied = matches!(rule.source, Source::TiedTo(_));
        if tied
            && (rule.depth.is_some() || rule.layout.is_some() || rule.groups.is_some() || rule.fan.is_some())
        {
            return Err("what is tied to another has all from that one's rule: only `kind` may stand beside `tied_to`".into());
        }
        Ok(rule)
    }
}
