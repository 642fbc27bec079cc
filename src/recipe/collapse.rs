//! Repeated blocks: the rows of a plan that differ by a number in their names alone, made one line.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::mem::discriminant;
use std::collections::HashMap;

use super::plan::PlanRow;
use crate::init::Law;

/// Rows of a plan that share a line of its table.
pub(super) struct Line<'a> {
    /// The parts of the name between dots.
    parts: Vec<Part<'a>>,
    pub(super) row: &'a PlanRow,
    /// The distribution of the last of them, where it differs from that of the first.
    pub(super) last_law: Option<Law>,
    pub(super) count: u128,
}

/// A part of a name, or the numbers that stand there.
#[derive(Clone, PartialEq)]
enum Part<'a> {
    Text(&'a str),
    Numbers(u64, u64),
}

impl Part<'_> {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.to_string(),
            Self::Numbers(first, last) if first == last => first.to_string(),
            Self::Numbers(first, last) => format!("{{{first}..{last}}}"),
        }
    }
}

impl<'a> Line<'a> {
    fn new(row: &'a PlanRow) -> Self {
        let part = |text: &'a str| match text.parse::<u64>() {
            Ok(number) if number.to_string() == text => Part::Numbers(number, number),
            _ => Part::Text(text),
        };
        Self { parts: row.name.split('.').map(part).collect(), row, last_law: None, count: 1 }
    }

    pub(super) fn name(&self) -> String {
        self.parts.iter().map(Part::text).collect::<Vec<_>>().join(".")
    }

    /// All that must be equal in lines that are made one by the number at `place`.
    fn key(&self, place: usize) -> String {
        let PlanRow { shape, fan, law, rules, tied_to, scheme, by_block, .. } = self.row;
        let parts = self.parts.iter().enumerate();
        let name: Vec<String> =
            parts.map(|(i, part)| if i == place { "*".into() } else { part.text() }).collect();
        let law = match law {
            Some(law) if *by_block => format!("{:?}", discriminant(law)),
            law => format!("{law:?}"),
        };
        format!("{name:?} {shape:?} {fan:?} {law} {rules:?} {tied_to:?} {scheme}")
    }

    fn last(&self) -> Option<Law> {
        self.last_law.or(self.row.law)
    }
}

/// The rows as lines, in the order of their first rows: numbers that follow one another are made one, place by place.
pub(super) fn collapsed(rows: &[PlanRow]) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = rows.iter().map(Line::new).collect();
    let places = lines.iter().map(|line| line.parts.len()).max().unwrap_or(0);
    for place in 0..places {
        let mut joined: Vec<Line<'_>> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for line in lines {
            let Some(&Part::Numbers(first, last)) = line.parts.get(place) else {
                joined.push(line);
                continue;
            };
            let key = line.key(place);
            let before = known.get(&key).map(|&index| (index, joined[index].parts[place].clone()));
            match before {
                Some((index, Part::Numbers(start, end))) if end.checked_add(1) == Some(first) => {
                    let before = &mut joined[index];
                    before.parts[place] = Part::Numbers(start, last);
                    before.count += line.count;
                    if line.last() != before.row.law {
                        before.last_law = line.last();
                    }
                }
                _ => {
                    known.insert(key, joined.len());
                    joined.push(line);
                }
            }
        }
        lines = joined;
    }
    lines
}
