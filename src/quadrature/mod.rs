//! Quadrature: expectations over one and two normal variables, and the rule for one panel.

mod adaptive;
mod bivariate;
mod expectation;
mod resolution;

pub(crate) use bivariate::bivariate;
pub(crate) use expectation::expectation;
pub(crate) use resolution::Resolution;

/// Error allowed in one panel, relative to E|f|, for functions that are evaluated to the last bits.
pub(crate) const EXACT: f64 = 1e-13;

/// A variance as good as 0, at which limits are taken: what is left of the next term in z is below 1e-12.
pub(crate) const SMALLEST_VARIANCE: f64 = 1e-24;

/// Nodes and weights of the 16-point Gauss-Legendre rule on (-1, 1), the positive half.
const NODES: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_6),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_73),
    (0.755_404_408_355_003, 0.124_628_971_255_533_87),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_89),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_095),
];

/// The integrals of two functions at once over one panel.
pub(crate) fn panel(low: f64, high: f64, f: impl Fn(f64) -> (f64, f64)) -> (f64, f64) {
    let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
    let (mut first, mut second) = (0.0, 0.0);
    for (node, weight) in NODES {
        let (a, b) = (f(middle - half * node), f(middle + half * node));
        first += weight * (a.0 + b.0);
        second += weight * (a.1 + b.1);
    }
    (half * first, half * second)
}
