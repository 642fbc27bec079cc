//! Tables of numbers, in columns that are as wide as what they hold.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::Moments;

/// Rows of cells under a header. Numbers stand to the right; the last column may stand to the left.
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

pub(crate) struct Column {
    header: String,
    width: usize,
    to_the_left: bool,
}

impl Column {
    /// At least `width` characters wide.
    pub(crate) fn right(header: impl Into<String>, width: usize) -> Self {
        Self { header: header.into(), width, to_the_left: false }
    }

    pub(crate) fn left(header: impl Into<String>, width: usize) -> Self {
        Self { header: header.into(), width, to_the_left: true }
    }
}

impl Table {
    pub(crate) const fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row, with one cell for each column.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

/// Ends without a line break.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = |text: &str| text.chars().count();
        let widths: Vec<usize> = self
            .columns
            .iter()
            .enumerate()
            .map(|(i, column)| {
                let cells = self.rows.iter().filter_map(|row| row.get(i)).map(|cell| length(cell));
                cells.chain([column.width, length(&column.header)]).max().unwrap_or(0)
            })
            .collect();
        let headers: Vec<String> = self.columns.iter().map(|column| column.header.clone()).collect();
        for (r, row) in core::iter::once(&headers).chain(&self.rows).enumerate() {
            if r > 0 {
                writeln!(f)?;
            }
            let last = row.len().saturating_sub(1);
            for (i, ((cell, column), &width)) in row.iter().zip(&self.columns).zip(&widths).enumerate() {
                let gap = if i == 0 { "" } else { " " };
                match column.to_the_left {
                    false => write!(f, "{gap}{cell:>width$}")?,
                    true if i == last => write!(f, "{gap}{cell}")?,
                    true => write!(f, "{gap}{cell:<width$}")?,
                }
            }
        }
        Ok(())
    }
}

/// The text of a value, or a dot.
pub(crate) fn given<V>(value: Option<V>, text: impl Fn(V) -> String) -> String {
    value.map_or_else(|| "·".to_string(), text)
}

/// The root mean square, as a cell of a table.
pub(crate) fn rms(moments: Option<&Moments>) -> String {
    given(moments, |moments| {
        if moments.non_finite() > 0 { "inf/NaN".to_string() } else { given(moments.rms(), number) }
    })
}

/// Two or three significant digits in at most 7 characters, with an exponent outside of 0.001 to
/// 10,000; one digit if the exponent takes three.
pub(crate) fn number(value: f64) -> String {
    let decimals = match value.abs() {
        0.0 => 0,
        magnitude if (0.000_995..0.009_95).contains(&magnitude) => 4,
        magnitude if (0.009_95..0.0995).contains(&magnitude) => 3,
        magnitude if (0.0995..9.995).contains(&magnitude) => 2,
        magnitude if (9.995..99.95).contains(&magnitude) => 1,
        magnitude if (99.95..9999.5).contains(&magnitude) => 0,
        _ => {
            let text = alloc::format!("{value:.1e}");
            return if text.len() <= 7 { text } else { alloc::format!("{value:.0e}") };
        }
    };
    alloc::format!("{value:.decimals$}")
}
