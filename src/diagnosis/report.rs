//! The diagnosis as text.

use alloc::format;
use alloc::string::ToString;
use core::f64::consts::LN_10;
use core::fmt;

use super::{Diagnosis, Specified};
use crate::chain::{Column, GradientChain, Layer, Table, given, number, rms};
use crate::scalar::sqrt;

/// Of a chain alone its table; against a specification columns in pairs, measured and predicted: root mean squares of z, weight and gate
/// factor of the step back to the layer, the log10 of the rms delta over the last hidden layer's, and the cosine
/// between the h of different samples. Below it the chain's verdict, and a line for each finding and each
/// remedy.
impl fmt::Display for Diagnosis<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(specified) = &self.specified {
            writeln!(f, "{}", table(self.chain, specified))?;
            if let (Some(total), Some(z)) = (specified.total, self.z()) {
                let last = self.chain.hidden_layers().len().saturating_sub(1);
                let ln: Option<f64> = self.chain.factors()[..last].iter().map(|step| step.ln_norm()).sum();
                writeln!(
                    f,
                    "|delta|^2, first over last hidden layer: 10^{:.2} measured, 10^{:.2} +- {:.2} expected for these \
                     lengths of z, z = {z:+.1}",
                    ln.unwrap_or(f64::NAN) / LN_10,
                    (ln.unwrap_or(f64::NAN) - total.excess()) / LN_10,
                    total.std_dev() / LN_10,
                )?;
            }
        }
        match self.specified {
            Some(_) => write!(f, "verdict: {}", self.chain.verdict())?,
            None => write!(f, "{}", self.chain)?,
        }
        if self.is_healthy() {
            return f.write_str(if self.specified.is_some() { ", and as specified" } else { "" });
        }
        for finding in self.findings() {
            write!(f, "\nfinding: {finding}")?;
            if let Some(remedy) = finding.remedy() {
                write!(f, "\nremedy:  {remedy}")?;
            }
        }
        Ok(())
    }
}

fn table(chain: &GradientChain, specified: &Specified) -> Table {
    let mut table = Table::new(
        [
            Column::right("#", 3),
            Column::right("width", 6),
            Column::right("rms z", 7),
            Column::right("pred", 7),
            Column::right("weight", 7),
            Column::right("pred", 7),
            Column::right("gate", 6),
            Column::right("pred", 6),
            Column::right("log10 delta", 12),
            Column::right("pred", 7),
            Column::right("cos", 6),
            Column::right("pred", 6),
        ]
        .into(),
    );
    let predicted = &specified.prediction;
    let last = chain.layers().len().saturating_sub(2);
    let ln = |layer: &Layer| layer.delta().ln_mean_square();
    let decades = |ln: f64| 0.5 * ln / LN_10;
    let reference = chain.layers().get(last).and_then(ln);
    // No -0.00, and no infinity.
    let fixed = |value: f64| {
        if value.is_finite() {
            format!("{:.2}", libm::round(100.0 * value) / 100.0 + 0.0)
        } else {
            "·".to_string()
        }
    };
    for (i, (layer, prediction)) in chain.layers().iter().zip(predicted.layers()).enumerate() {
        let factor = chain.factors().get(i);
        let delta = ln(layer).zip(reference).map(|(ln, reference)| decades(ln - reference));
        let predicted_delta = predicted.ln_delta(i).zip(predicted.ln_delta(last));
        table.row([
            (i + 1).to_string(),
            layer.width().to_string(),
            rms(layer.z()),
            number(sqrt(prediction.q())),
            given(factor.and_then(|factor| factor.weight()), number),
            given(prediction.weight(), number),
            given(factor.and_then(|factor| factor.gate()), number),
            given(factor.map(|_| prediction.gate()), number),
            given(delta, fixed),
            given(predicted_delta.map(|(ln, reference)| decades(ln - reference)), fixed),
            given(layer.cosine(), fixed),
            given(specified.cosines.get(i).copied().flatten(), fixed),
        ]);
    }
    table
}
