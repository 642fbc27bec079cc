//! Weights that are copies, or one value, as findings.

use alloc::vec::Vec;

use super::{Cause, CopiesError, Evidence, Finding, LayerWeights, copies};
use crate::scalar::Scalar;

/// What the weights of the layers tell by themselves, from the lowest layer up.
pub(super) fn copied<T: Scalar>(layers: &[LayerWeights<'_, T>]) -> Result<Vec<Finding>, CopiesError> {
    let copied = copies(layers)?.into_iter().map(|copy| {
        let mut between = Vec::from([copy.original().layer, copy.copy().layer]);
        between.dedup();
        let share = Evidence::certain("share of the layer:", copy.share());
        Finding::new(Cause::Copy(copy), between, share)
    });
    let constant = layers.iter().enumerate().filter_map(|(layer, weights)| {
        let value = weights.constant()?;
        let count = Evidence::certain("weights:", weights.weights.len() as f64);
        Some(Finding::new(Cause::Unfilled { value }, [layer], count))
    });
    let mut findings: Vec<Finding> = copied.chain(constant).collect();
    findings.sort_by_key(|finding| finding.layers.first().copied());
    Ok(findings)
}
