//! Patterns of parameter names.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use regex::{Regex, RegexSet, RegexSetBuilder};

use super::error::RecipeCause;

/// The regular expression that a pattern is: `*` is any text, `?` any character, `[abc]`, `[a-z]` and `[!a]` one of these or none of
/// these, `{a,b}` one of these texts, and `\` makes what follows an ordinary character. What each `*` matches is a group.
fn regular_expression(pattern: &str) -> Result<String, String> {
    let mut text = String::from("^");
    let mut braces = 0;
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        match c {
            '*' => text.push_str("(.*?)"),
            '?' => text.push('.'),
            '{' => {
                braces += 1;
                text.push_str("(?:");
            }
            '}' if braces > 0 => {
                braces -= 1;
                text.push(')');
            }
            ',' if braces > 0 => text.push('|'),
            '[' => {
                let rest = characters.as_str();
                let (not, rest) = match rest.strip_prefix('!') {
                    Some(rest) => ("^", rest),
                    None => ("", rest),
                };
                let end = rest.char_indices().skip(1).find(|&(_, c)| c == ']').map(|(end, _)| end);
                let end = end.ok_or("the `[` is not closed by a `]` after at least one character")?;
                text.push_str(&format!("[{not}{}]", class(&rest[..end])?));
                characters = rest[end + 1..].chars();
            }
            '\\' => {
                let next = characters.next().ok_or("nothing follows the `\\`")?;
                text.push_str(&regex::escape(next.encode_utf8(&mut [0; 4])));
            }
            c => text.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    if braces > 0 {
        return Err("the `{` is not closed by a `}`".into());
    }
    text.push('$');
    Ok(text)
}

/// What stands in brackets: characters, and ranges of them.
fn class(inside: &str) -> Result<String, String> {
    let ordinary = |c: char| regex::escape(c.encode_utf8(&mut [0; 4]));
    let mut text = String::new();
    let mut characters = inside.chars();
    while let Some(c) = characters.next() {
        text.push_str(&ordinary(c));
        let mut range = characters.clone();
        if let (Some('-'), Some(end)) = (range.next(), range.next()) {
            if end < c {
                return Err(format!("the range `{c}-{end}` is empty: its ends are the wrong way round"));
            }
            text.push('-');
            text.push_str(&ordinary(end));
            characters = range;
        }
    }
    Ok(text)
}

/// The patterns of all rules, compiled.
#[derive(Clone, Debug)]
pub(super) struct Patterns {
    set: RegexSet,
    each: Vec<Regex>,
}

impl Patterns {
    /// The patterns in the order of their rules; the first that is none, and what is wrong with it.
    pub(super) fn new<'a>(patterns: impl Iterator<Item = &'a str>) -> Result<Self, (String, RecipeCause)> {
        let mut texts = Vec::new();
        let mut each = Vec::new();
        for pattern in patterns {
            let wrong = |message: String| (pattern.to_string(), RecipeCause::Pattern { message });
            // A name may hold any character, a new line too.
            let text = format!("(?s){}", regular_expression(pattern).map_err(wrong)?);
            each.push(Regex::new(&text).map_err(|error| wrong(error.to_string()))?);
            texts.push(text);
        }
        let wrong =
            |error: regex::Error| ("*".to_string(), RecipeCause::Pattern { message: error.to_string() });
        // As large as the rules are: each alone is held to a limit.
        let set = RegexSetBuilder::new(texts).size_limit(usize::MAX).build();
        Ok(Self { set: set.map_err(wrong)?, each })
    }

    /// The rules whose patterns match, in their order.
    pub(super) fn matches(&self, name: &str) -> impl Iterator<Item = usize> + use<> {
        self.set.matches(name).into_iter()
    }

    /// What the `*`s of a rule's pattern match, in their order; of a pattern in braces that was not taken the empty text.
    pub(super) fn stars<'a>(&self, rule: usize, name: &'a str) -> Vec<&'a str> {
        let captures = self.each[rule].captures(name);
        let groups = captures.iter().flat_map(|captures| captures.iter().skip(1));
        groups.map(|group| group.map_or("", |group| group.as_str())).collect()
    }

    /// The one number among the parts, between dots, of what the `*`s of a rule's pattern match: the index of a block.
    pub(super) fn index(&self, rule: usize, name: &str) -> Result<usize, &'static str> {
        let captures = self.each[rule].captures(name);
        let stars = captures.iter().flat_map(|captures| captures.iter().skip(1).flatten());
        let mut numbers = stars.flat_map(|star| {
            let is_digit = |c: char| c.is_ascii_digit();
            // A digit of the pattern beside the star belongs to the same number: `h.1*` and `h.12`.
            let before = name[..star.start()].ends_with(is_digit);
            let after = name[star.end()..].starts_with(is_digit);
            let last = star.as_str().split('.').count() - 1;
            let parts = star.as_str().split('.').enumerate();
            parts.filter_map(move |(i, part)| {
                part.parse().ok().map(|number| (number, i == 0 && before || i == last && after))
            })
        });
        match (numbers.next(), numbers.next()) {
            (Some((index, false)), None) => Ok(index),
            (Some((_, true)), None) => Err(
                "a `*` of its pattern matches a part of a number alone, the pattern has other digits of it: a `*` must match the whole index of a block",
            ),
            (None, _) => Err(
                "the `*`s of its pattern match no number: the index of a block must be among what they match",
            ),
            (Some(_), Some(_)) => Err(
                "the `*`s of its pattern match several numbers: the index of a block must be the only one, match others by `?` or `[0-9]`",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        Patterns::new([pattern].into_iter()).unwrap().matches(name).next().is_some()
    }

    #[test]
    fn patterns_match_as_shells_do() {
        for (pattern, name) in [
            ("*.bias", "h.0.attn.bias"),
            ("*", ""),
            ("h.?.w", "h.é.w"),
            ("{a,b.*}.w", "b.3.w"),
            ("{transformer.,}wte", "wte"),
            ("layer[1-4].w", "layer3.w"),
            ("[!a]", "b"),
            ("[^]", "^"),
            ("[+--]", ","),
            ("[!--]", "a"),
            ("[a-]", "-"),
            ("[]a]", "]"),
            ("[!]a]", "b"),
            ("a+(b)|c$", "a+(b)|c$"),
            (r"\*", "*"),
            ("a}", "a}"),
            ("a,b", "a,b"),
            ("a*b", "a\nb"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("*.bias", "bias"),
            ("a.b", "axb"),
            ("w", "ww"),
            ("layer[1-4].w", "layer5.w"),
            ("[!a]", "a"),
            ("[!a]", ""),
            ("[!]a]", "]"),
            ("[a&&b]", "c"),
            (r"\*", "a"),
            ("{a,b}", "a,b"),
        ] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
        for pattern in ["[a", "[]", "{a", "a\\", "[z-a]", "[a--]", "[!]"] {
            assert!(Patterns::new([pattern].into_iter()).is_err(), "{pattern}");
        }
    }

    #[test]
    fn indices_of_blocks() {
        let index = |pattern, name: &str| Patterns::new([pattern].into_iter()).unwrap().index(0, name);
        assert_eq!(index("layers.*.mlp.w2", "layers.31.mlp.w2"), Ok(31));
        assert_eq!(index("h.*.c_proj.weight", "h.7.attn.c_proj.weight"), Ok(7));
        assert!(index("h.?.w", "h.7.w").unwrap_err().contains("no number"));
        assert!(index("s.*.b.*.w", "s.1.b.2.w").unwrap_err().contains("several"));
        assert_eq!(index("s.?.b.*.w", "s.1.b.2.w"), Ok(2));
        assert_eq!(index("layer*.w", "layer12.w"), Ok(12));
        assert_eq!(index("stage1*.w", "stage1.attn.3.w"), Ok(3));
        for pattern in ["h.1*.w", "h.[0-9]*.w", "h.*2.w"] {
            assert!(index(pattern, "h.12.w").unwrap_err().contains("a part of a number"), "{pattern}");
        }
    }
}
