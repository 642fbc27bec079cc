//! Singular values by one-sided Jacobi rotations ([Hestenes 1958](https://doi.org/10.1137/0106005)), of columns that each have a scale of
//! their own in the log domain.
//!
//! Two columns are turned in their plane until they are orthogonal; when all are, their norms are the
//! singular values. A rotation needs only the ratio of the two norms, so that the norms themselves may
//! be anything. Of a well-conditioned matrix with scaled columns every singular value is found to high relative
//! accuracy ([Demmel & Veselic 1992](https://doi.org/10.1137/0613074)).

/// Rounds over all pairs; about 10 suffice, each squares what is left.
const MAX_SWEEPS: usize = 60;

/// Cosines below this, times the square root of the length, are rounding.
const ORTHOGONAL: f64 = 4.0 * f64::EPSILON;

/// e^ln_norm times a vector of norm 1.
#[derive(Clone, Debug)]
pub(super) struct Column {
    unit: Vec<f64>,
    ln_norm: f64,
}

impl Column {
    /// e^scale times a vector; `None` if that is 0.
    pub(super) fn new(vector: Vec<f64>, scale: f64) -> Option<Self> {
        let mut column = Self { unit: vector, ln_norm: scale };
        column.normalise().then_some(column)
    }

    /// Brings the norm into the scale; whether there is one.
    fn normalise(&mut self) -> bool {
        let largest = self.unit.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
        if largest == 0.0 {
            return false;
        }
        let norm = largest * self.unit.iter().map(|x| (x / largest) * (x / largest)).sum::<f64>().sqrt();
        self.unit.iter_mut().for_each(|x| *x /= norm);
        self.ln_norm += norm.ln();
        true
    }
}

/// ln of the singular values of the matrix of these columns, in descending order; those that are 0
/// are left out.
pub(super) fn ln_singular_values(mut columns: Vec<Column>) -> Vec<f64> {
    let length = columns.first().map_or(0, |column| column.unit.len());
    let orthogonal = ORTHOGONAL * (length as f64).sqrt();
    for _ in 0..MAX_SWEEPS {
        // Large columns first: then a rotation hardly touches what is already orthogonal.
        columns.sort_by(|a, b| b.ln_norm.total_cmp(&a.ln_norm));
        let mut turned = false;
        for j in 1..columns.len() {
            let (before, after) = columns.split_at_mut(j);
            for a in before {
                turned |= orthogonalise(a, &mut after[0], orthogonal);
            }
        }
        columns.retain_mut(Column::normalise);
        if !turned {
            break;
        }
    }
    let mut values: Vec<f64> = columns.into_iter().map(|column| column.ln_norm).collect();
    values.sort_by(|a, b| b.total_cmp(a));
    values
}

/// Turns two columns in their plane until they are orthogonal; whether they were not.
fn orthogonalise(a: &mut Column, b: &mut Column, orthogonal: f64) -> bool {
    let cosine = dot(&a.unit, &b.unit);
    if cosine.abs() <= orthogonal {
        return false;
    }
    let (large, small) = if a.ln_norm >= b.ln_norm { (a, b) } else { (b, a) };
    // In units of the larger column: norms 1 and r <= 1. tan of the angle is t = r * reduced, so that
    // nothing is lost where r underflows.
    let r = (small.ln_norm - large.ln_norm).exp();
    let zeta = (r * r - 1.0) / (2.0 * cosine);
    let root = (r * r + zeta * zeta).sqrt();
    let reduced = 1.0 / if zeta >= 0.0 { zeta + root } else { zeta - root };
    let t = r * reduced;
    let cos = 1.0 / (1.0 + t * t).sqrt();
    // large' = cos (x - t r y), and small' / r = cos (y + reduced x).
    let (to_large, to_small) = (-t * r, reduced);
    for (x, y) in large.unit.iter_mut().zip(&mut small.unit) {
        (*x, *y) = (cos * (*x + to_large * *y), cos * (*y + to_small * *x));
    }
    // The norms follow from the rotation, but for rounding.
    large.normalise() | small.normalise()
}

/// In eight sums, which the compiler keeps in one register.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (heads_a, tail_a) = a.as_chunks::<8>();
    let (heads_b, tail_b) = b.as_chunks::<8>();
    for (a, b) in heads_a.iter().zip(heads_b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + tail_a.iter().zip(tail_b).map(|(a, b)| a * b).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn values(columns: &[(&[f64], f64)]) -> Vec<f64> {
        let columns = columns.iter().filter_map(|(vector, scale)| Column::new(vector.to_vec(), *scale));
        ln_singular_values(columns.collect())
    }

    #[test]
    fn two_by_two() {
        // [[3, 0], [4, 5]] has singular values sqrt 45 and sqrt 5.
        let found = values(&[(&[3.0, 4.0], 0.0), (&[0.0, 5.0], 0.0)]);
        assert_relative_eq!(found[0], 45_f64.ln() / 2.0, epsilon = 0.0, max_relative = 1e-15);
        assert_relative_eq!(found[1], 5_f64.ln() / 2.0, epsilon = 0.0, max_relative = 1e-15);
    }

    /// Columns u and e^-d v, with cosine c: s_1 s_2 = e^-d sin, s_1^2 + s_2^2 = 1 + e^-2d.
    #[test]
    fn scales_beyond_any_number() {
        for d in [0.0, 1.0, 30.0, 700.0, 1e5] {
            let (cos, sin) = (0.6_f64, 0.8_f64);
            let found = values(&[(&[1.0, 0.0], 50.0), (&[cos, sin], 50.0 - d)]);
            assert_relative_eq!(
                found[0] + found[1],
                100.0 - d + sin.ln(),
                epsilon = 0.0,
                max_relative = 1e-14
            );
            let squares = (2.0 * (found[0] - 50.0)).exp() + (2.0 * (found[1] - 50.0)).exp();
            assert_relative_eq!(squares, 1.0 + (-2.0 * d).exp(), epsilon = 0.0, max_relative = 1e-13);
        }
    }

    #[test]
    fn zeros_and_equals() {
        assert!(values(&[]).is_empty());
        assert_eq!(values(&[(&[0.0, 0.0], 0.0)]), []);
        let found = values(&[(&[1.0, 1.0], 0.0), (&[1.0, -1.0], 0.0)]);
        assert_eq!(found[0], found[1]);
        assert_relative_eq!(found[0], 2_f64.ln() / 2.0, epsilon = 0.0, max_relative = 1e-15);
        // Parallel columns: one singular value, and the other lost in rounding.
        let found = values(&[(&[3.0, 4.0], 0.0), (&[3.0, 4.0], 0.0)]);
        assert_relative_eq!(found[0], 50_f64.ln() / 2.0, epsilon = 0.0, max_relative = 1e-15);
        assert!(found.get(1).is_none_or(|&ln| ln < -30.0));
    }
}
