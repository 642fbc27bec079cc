//! The text of a scheme: a name, and arguments in parentheses.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::argument::Argument;
use super::error::ParseSchemeError;
use crate::recipe::nearest::nearest;

/// Schemes in schemes, at most: what reads them calls itself.
const MAX_DEPTH: usize = 16;

/// The parts between commas that stand in no parentheses or brackets; none of an empty text.
pub(super) fn split(text: &str) -> Result<Vec<&str>, ParseSchemeError> {
    let mut parts = Vec::new();
    let (mut open, mut start) = (Vec::new(), 0);
    for (i, c) in text.char_indices() {
        match c {
            '(' => open.push(')'),
            '[' => open.push(']'),
            ')' | ']' if open.pop() != Some(c) => {
                return Err(ParseSchemeError::Parentheses { text: text.to_owned() });
            }
            ',' if open.is_empty() => {
                parts.push(text[start..i].trim());
                start = i + 1;
            }
            _ => {}
        }
        if open.len() > MAX_DEPTH {
            return Err(ParseSchemeError::Parentheses { text: text.to_owned() });
        }
    }
    if !open.is_empty() {
        return Err(ParseSchemeError::Parentheses { text: text.to_owned() });
    }
    let last = text[start..].trim();
    if !(parts.is_empty() && last.is_empty()) {
        parts.push(last);
    }
    Ok(parts)
}

/// A name in lower case, without what tells the ways of writing it apart.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// An argument as it is given: its key if it has one, and its text.
pub(super) type Given<'a> = (Option<&'a str>, &'a str);

/// The name and the arguments.
pub(super) fn call(text: &str) -> Result<(&str, Vec<Given<'_>>), ParseSchemeError> {
    let text = text.trim();
    let Some((name, rest)) = text.split_once('(') else { return Ok((text, Vec::new())) };
    let inside =
        rest.strip_suffix(')').ok_or_else(|| ParseSchemeError::Parentheses { text: text.to_owned() })?;
    let arguments = split(inside)?.into_iter().map(|argument| {
        // The `=` of an inner scheme belongs to that.
        match argument.split_once('=').filter(|(key, _)| !key.contains(['(', '['])) {
            Some((key, value)) => (Some(key.trim()), value.trim()),
            None => (None, argument),
        }
    });
    Ok((name.trim(), arguments.collect()))
}

/// The arguments of a scheme, by the names that it gives them.
pub(super) struct Arguments<'a> {
    scheme: &'static str,
    names: &'static [&'static str],
    given: Vec<Option<&'a str>>,
    /// How many at the front are given without a key.
    bare: usize,
}

impl<'a> Arguments<'a> {
    /// Those without a key take the names in their order, and stand in front.
    pub(super) fn new(
        scheme: &'static str,
        names: &'static [&'static str],
        arguments: Vec<Given<'a>>,
    ) -> Result<Self, ParseSchemeError> {
        let mut given = alloc::vec![None; names.len()];
        let bare = arguments.iter().take_while(|(key, _)| key.is_none()).count();
        for (place, (key, value)) in arguments.into_iter().enumerate() {
            let index = match key {
                Some(key) => names.iter().position(|name| plain(name) == plain(key)),
                None => Some(place).filter(|&place| place < names.len()),
            };
            let argument = key.unwrap_or(value).to_owned();
            let Some(index) = index else {
                let nearest = key.and_then(|key| nearest(names.iter().copied(), key));
                return Err(ParseSchemeError::UnknownArgument { scheme, argument, nearest, known: names });
            };
            if given[index].replace(value).is_some() {
                return Err(ParseSchemeError::TwiceGiven { scheme, argument: names[index] });
            }
        }
        Ok(Self { scheme, names, given, bare })
    }

    fn given<A: Argument>(&self, name: &'static str) -> Result<Option<A>, ParseSchemeError> {
        let index = self.names.iter().position(|&known| known == name);
        let Some(text) = index.and_then(|index| self.given[index]) else { return Ok(None) };
        let wrong = || ParseSchemeError::Argument {
            scheme: self.scheme,
            argument: name,
            text: text.to_owned(),
            expected: A::EXPECTED,
        };
        A::read(text)?.ok_or_else(wrong).map(Some)
    }

    /// An argument that may be left out. Behind another it has its key, since libraries differ in the order: of `normal(0, 0.02)` the mean is the
    /// first in PyTorch.
    pub(super) fn optional<A: Argument>(
        &self,
        name: &'static str,
        default: A,
    ) -> Result<A, ParseSchemeError> {
        let Some(value) = self.given(name)? else { return Ok(default) };
        let place = self.names.iter().position(|&known| known == name).unwrap_or(0);
        if (1..self.bare).contains(&place) {
            let text = self.given[place].unwrap_or_default().to_owned();
            return Err(ParseSchemeError::NoKey {
                scheme: self.scheme,
                argument: name,
                text,
                known: self.names,
            });
        }
        Ok(value)
    }

    pub(super) fn required<A: Argument>(&self, name: &'static str) -> Result<A, ParseSchemeError> {
        self.given(name)?.ok_or(ParseSchemeError::Missing {
            scheme: self.scheme,
            argument: name,
            expected: A::EXPECTED,
        })
    }
}
