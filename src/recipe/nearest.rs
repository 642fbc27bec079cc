//! Nearest names: what was meant by one that is unknown.

use alloc::vec::Vec;

/// The fewest characters to insert, delete or exchange that make `name` of `known` (Levenshtein 1966); a `*` of `known` stands for any
/// text where `glob` says so.
fn distance(known: &str, name: &str, glob: bool) -> usize {
    let name: Vec<char> = name.chars().collect();
    // The distances of what is read of `known` so far to each beginning of `name`.
    let mut row: Vec<usize> = (0..=name.len()).collect();
    for c in known.chars() {
        let mut diagonal = row[0];
        if glob && c == '*' {
            for j in 1..row.len() {
                row[j] = row[j].min(row[j - 1]);
            }
            continue;
        }
        row[0] += 1;
        for j in 1..row.len() {
            let exchanged = diagonal + usize::from(c != name[j - 1]);
            diagonal = row[j];
            row[j] = exchanged.min(row[j] + 1).min(row[j - 1] + 1);
        }
    }
    row[name.len()]
}

/// The one of the `known` names that is nearest to `name`, if they have more in common than not.
pub(super) fn nearest<'a>(known: impl IntoIterator<Item = &'a str>, name: &str) -> Option<&'a str> {
    let near = known.into_iter().map(|known| (distance(known, name, false), known));
    let (distance, known) = near.min_by_key(|&(distance, _)| distance)?;
    (2 * distance <= name.chars().count().max(2)).then_some(known)
}

/// The pattern that is nearest to matching `name`: the fewest characters are wrong.
pub(super) fn nearest_pattern<'a>(
    patterns: impl IntoIterator<Item = &'a str>,
    name: &str,
) -> Option<&'a str> {
    patterns.into_iter().min_by_key(|pattern| distance(pattern, name, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_by_hand() {
        for (known, name, expected) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("kitten", "sitting", 3),
            ("", "ab", 2),
            ("ab", "", 2),
            ("*", "ab", 2),
        ] {
            assert_eq!(distance(known, name, false), expected, "{known} {name}");
        }
        for (known, name, expected) in
            [("*", "ab", 0), ("h.*.w", "h.11.w", 0), ("h.*.wt", "g.11.w", 2), ("*.bias", "bia", 2)]
        {
            assert_eq!(distance(known, name, true), expected, "{known} {name}");
        }
        assert_eq!(nearest(["he_normal", "zeros"], "he_norml"), Some("he_normal"));
        assert_eq!(nearest(["he_normal", "zeros"], "bilinear"), None);
        assert_eq!(nearest_pattern(["*.bias", "h.*.weight"], "g.0.weight"), Some("h.*.weight"));
    }
}
