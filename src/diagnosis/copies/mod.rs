//! Copies: weights of a model that are copies of others.

mod correlation;
mod evidence;
mod layer_weights;
mod lines;
mod model;
mod runs;
mod sketch;
mod weight_copy;
mod whole;

use alloc::vec::Vec;
use core::mem::discriminant;

pub use layer_weights::{CopiesError, LayerWeights};
pub use weight_copy::{Order, Part, Place, Values, WeightCopy};

use crate::scalar::Scalar;
use model::{Match, Model};

/// Weights of a model that are copies of others, because one seed was used for both: the whole model at once.
///
/// Found are copies, negatives and multiples, of whole parameters, ranges, rows and columns, between parameters and
/// within one: in the same order, shifted, back to front, transposed, with rows, columns or elements in another
/// order; rounded to a half; and parameters of at least 256 weights that depend on each other from their first
/// element on in other ways: a uniform and a normal fill from one seed, of about 1,500 weights. Each is reported once, beside its
/// first original.
///
/// Independent weights are called copies in less than one model in 10^9, however many parameters it has, whatever their
/// distributions, and however coarse the scalar: the evidence is how few orders of the same values agree as well.
/// So about 20 weights are needed, more in a large model (24 in one of 10^6, as a row or a range that stands anywhere), and
/// constants, or three weights that happen to agree, prove nothing. Weights that were computed, not drawn (a
/// Hadamard matrix in each layer), are copies all the same: declare them by [`tied_to`](LayerWeights::tied_to).
///
/// Not found are ranges of less than 32 weights (of some 100 in a model of more than 4 million) that begin anywhere but where a row or a
/// column does; copies among weights of which most are equal, unless of a whole parameter, a row or a column; elements or
/// columns in another order that were also multiplied in a half; and what is mixed of several at a finer grain than all that.
///
/// The time is about a second for 10^8 weights, and three if these are 10,000 parameters: it grows with the number of weights (times
/// its logarithm for what is permuted), and with the number of parameters to the power of 1.5. The memory is
/// about 3 bytes a weight, up to 20 where rows are short, up to 48 in a model of less than two million.
///
/// # Errors
///
/// A [`CopiesError`]: weights that do not fill their shape, a tie to a name that is not there.
///
/// ```
/// use fanin::diagnosis::{LayerWeights, Order, Values, copies};
/// use fanin::prelude::*;
///
/// let seed = Seed::from(42);
/// let [mut first, mut second] = [[0.0_f32; 64 * 64]; 2];
/// He::normal(64).seed(seed.child("fc1")).fill(&mut first);
/// He::normal(64).gain(3.0).seed(seed.child("fc1")).fill(&mut second); // a slip
/// let model = [LayerWeights::new("fc1", &first, &[64, 64]), LayerWeights::new("fc2", &second, &[64, 64])];
///
/// let found = copies(&model)?;
/// assert_eq!(found.len(), 1);
/// assert!(matches!(found[0].values(), Values::Multiple { .. }));
/// assert_eq!(found[0].order(), Order::Same);
/// println!("{}", found[0]);
///
/// He::normal(64).seed(seed.child("fc2")).fill(&mut second);
/// let model = [LayerWeights::new("fc1", &first, &[64, 64]), LayerWeights::new("fc2", &second, &[64, 64])];
/// assert!(copies(&model)?.is_empty());
/// # Ok::<(), fanin::diagnosis::CopiesError>(())
/// ```
pub fn copies<T: Scalar>(layers: &[LayerWeights<'_, T>]) -> Result<Vec<WeightCopy>, CopiesError> {
    let mut model = Model::of(layers)?;
    whole::search(&mut model);
    let covered = runs::search(&mut model);
    lines::search(&mut model, &covered);
    correlation::search(&mut model);
    Ok(summary(&mut model))
}

/// One report for all that was copied between two parameters in one way.
fn summary<T: Scalar>(model: &mut Model<'_, T>) -> Vec<WeightCopy> {
    model.found.sort_by_key(|found| (found.copy, found.original, core::cmp::Reverse(found.weights)));
    let mut copies: Vec<(Option<Order>, WeightCopy)> = Vec::new();
    for found in &model.found {
        let length = model.layers[found.copy].weights.len() as f64;
        let share = found.weights as f64 / length;
        let permuted = lines(model.layers, found);
        let before = copies
            .iter_mut()
            .rev()
            .take_while(|(_, copy)| (copy.original.layer, copy.copy.layer) == (found.original, found.copy));
        let mut alike = before.filter(|(lines, copy)| {
            discriminant(&copy.values) == discriminant(&found.values)
                && *lines == permuted
                && (permuted.is_some() || discriminant(&copy.order) == discriminant(&found.order))
        });
        if let Some((_, copy)) = alike.next() {
            copy.stretches += 1;
            copy.share = (copy.share + share).min(1.0);
            // Lines that moved by different distances are permuted, those that stayed among them as well.
            copy.order = if copy.order == found.order { copy.order } else { permuted.unwrap_or(copy.order) };
        } else {
            copies.push((permuted, report(model.layers, found, share)));
        }
    }
    copies.into_iter().map(|(_, copy)| copy).collect()
}

/// The order that whole rows, or a column, have if others moved by another distance.
fn lines<T>(layers: &[LayerWeights<'_, T>], found: &Match) -> Option<Order> {
    if !matches!(
        found.order,
        Order::Same | Order::Shifted { .. } | Order::RowsPermuted | Order::ColumnsPermuted
    ) {
        return None;
    }
    let columns = layers[found.original].columns();
    match &found.parts {
        [Part::Row(_), Part::Row(_)] => Some(Order::RowsPermuted),
        [Part::Column(_), Part::Column(_)] => Some(Order::ColumnsPermuted),
        [Part::Range(a), Part::Range(b)] => [columns, a.start, a.len(), b.start]
            .into_iter()
            .all(|place| place.is_multiple_of(layers[found.copy].columns()))
            .then_some(Order::RowsPermuted),
        _ => None,
    }
}

fn report<T>(layers: &[LayerWeights<'_, T>], found: &Match, share: f64) -> WeightCopy {
    let [original, copy] = [found.original, found.copy];
    let place =
        |layer: usize, part: &Part| Place { layer, name: layers[layer].name.into(), part: part.clone() };
    WeightCopy {
        original: place(original, &found.parts[0]),
        copy: place(copy, &found.parts[1]),
        values: found.values,
        order: found.order,
        stretches: 1,
        share,
        ln_p_value: found.ln_p_value,
    }
}
