//! The table of a plan.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::collapse::{Line, collapsed};
use super::plan::Plan;
use crate::chain::{Column, Table, given};
use crate::fan::Fan;
use crate::significant::Significant;

/// A number with commas between thousands.
fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let comma = |i: usize| i > 0 && (digits.len() - i).is_multiple_of(3);
    digits.chars().enumerate().fold(String::new(), |mut text, (i, digit)| {
        if comma(i) {
            text.push(',');
        }
        text.push(digit);
        text
    })
}

fn cells(line: &Line<'_>) -> [String; 7] {
    let row = line.row;
    let fan = |side: fn(&Fan) -> usize| match row.fan {
        Some(fan) if side(&fan) > 0 => Some(grouped(side(&fan) as u128)),
        _ => None,
    };
    let std = |std_dev| Significant { value: std_dev, digits: 4 }.to_string();
    let (distribution, std) = match (row.law, line.last_law) {
        (Some(law), None) => (law.to_string(), std(law.std_dev())),
        (Some(first), Some(last)) => {
            (format!("{first} to {last}"), format!("{} to {}", std(first.std_dev()), std(last.std_dev())))
        }
        (None, _) => (row.scheme.clone(), given(None::<String>, String::from)),
    };
    let distribution = row.tied_to.as_ref().map_or(distribution, |name| format!("tied to {name}"));
    let shape =
        row.shape.iter().map(|&side| grouped(side as u128).replace(',', "")).collect::<Vec<_>>().join(", ");
    // One line, whatever the name holds.
    let name = line.name().chars().fold(String::new(), |mut name, c| {
        if c.is_control() {
            name.extend(c.escape_default())
        } else {
            name.push(c)
        }
        name
    });
    [
        name,
        format!("[{shape}]"),
        given(fan(Fan::fan_in), String::from),
        given(fan(Fan::fan_out), String::from),
        distribution,
        std,
        grouped(line.count.saturating_mul(row.weights())),
    ]
}

/// A line for each parameter, those of repeated blocks in one; the totals, without what is tied; what is to be looked at.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (left, right) = (|header| Column::left(header, 0), |header| Column::right(header, 0));
        let mut table = Table::new(alloc::vec![
            left("parameter"),
            left("shape"),
            right("fan_in"),
            right("fan_out"),
            left("distribution"),
            left("std"),
            right("weights"),
        ]);
        collapsed(&self.rows).iter().for_each(|line| table.row(cells(line)));
        writeln!(f, "{table}")?;
        let own = || self.rows.iter().filter(|row| row.tied_to.is_none());
        let tied = self.rows.len() - own().count();
        let weights = own().map(|row| row.weights()).fold(0, u128::saturating_add);
        write!(f, "{} tensors, {} weights", grouped(own().count() as u128), grouped(weights))?;
        writeln!(f, "{}", if tied == 0 { String::new() } else { format!("; {tied} tied to others") })?;
        for (pattern, matched) in self.unused_matches() {
            match matched {
                0 => writeln!(f, "the rule {pattern:?} matches no parameter")?,
                _ => writeln!(
                    f,
                    "the rule {pattern:?} takes no parameter: others before it take the {matched} that it matches"
                )?,
            }
        }
        let mut contested: Vec<(Vec<&str>, usize)> = Vec::new();
        for (_, patterns) in self.contested() {
            match contested.iter_mut().find(|(known, _)| *known == patterns) {
                Some((_, count)) => *count += 1,
                None => contested.push((patterns, 1)),
            }
        }
        for (patterns, count) in contested {
            let others: Vec<String> = patterns[1..].iter().map(|pattern| format!("{pattern:?}")).collect();
            writeln!(
                f,
                "{count} parameter(s) match {:?}, which is taken, and {}",
                patterns[0],
                others.join(" and ")
            )?;
        }
        Ok(())
    }
}
