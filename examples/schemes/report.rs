//! The table.

use std::io::{self, Write};

use crate::arguments::Arguments;
use crate::measurement::Measurement;
use crate::schemes::Scheme;

pub(crate) fn print(
    out: &mut impl Write,
    arguments: &Arguments,
    schemes: &[Scheme],
    measurements: &[Measurement],
) -> io::Result<()> {
    let wide = |text: fn(&Scheme) -> usize| schemes.iter().map(text).max().unwrap_or(0);
    let (name, formula) = (wide(|scheme| scheme.name.len()), wide(|scheme| scheme.formula.len()));
    writeln!(
        out,
        "{:name$}  {:formula$}  {:>9} {:>9}  {:<10} {:>7}  verdict",
        "scheme", "variance", "promised", "measured", "under", "rate"
    )?;
    for (scheme, Measurement { promised, measured, rate, verdict }) in schemes.iter().zip(measurements) {
        let activation = scheme.activation.as_ref().map_or_else(|| "\u{b7}".into(), ToString::to_string);
        let rate = rate.map_or_else(|| "\u{b7}".into(), |rate| format!("{rate:.3}"));
        let verdict = verdict.map_or_else(String::new, |verdict| verdict.to_string());
        writeln!(
            out,
            "{:name$}  {:formula$}  {promised:>9.3e} {measured:>9.3e}  {activation:<10} {rate:>7}  {verdict}",
            scheme.name, scheme.formula
        )?;
    }
    writeln!(
        out,
        "promised, measured: variance of a weight, of a tensor for layers of {0} units (mean square, where a single weight follows no distribution)\n\
         rate: what a sample's squared gradient is multiplied by on its way back through one of {1} layers of {0} units under this activation, geometric mean over samples and 5 networks; a dot: no plain dense layer, or no gradient\n\
         verdict: of the chain of the first network",
        arguments.width, arguments.depth
    )
}
