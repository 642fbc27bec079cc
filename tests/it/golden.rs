//! Golden vectors of stream v1: every distribution in every scalar. Frozen, they change only with a major release.
//! `tests/every_machine` draws them on other processors, `tests/stream_v1.py` computes them again from `src/stream/v1.md` alone.

use fanin::{
    Constant, DeltaOrthogonal, Dirac, Fan, FanMode, He, Icnr, Identity, Initializer, InitializerExt, Layout,
    LeCun, Normal, Orthogonal, PaddingRow, Scalar, Seed, Seeded, Sparse, TruncatedNormal, Uniform,
    VarianceScaling, Xavier,
};

/// An initializer of every scalar.
#[cfg(not(feature = "half"))]
pub(crate) trait Every: Initializer<f32> + Initializer<f64> {}

#[cfg(not(feature = "half"))]
impl<I: Initializer<f32> + Initializer<f64>> Every for I {}

#[cfg(feature = "half")]
pub(crate) trait Every:
    Initializer<f32> + Initializer<f64> + Initializer<half::f16> + Initializer<half::bf16>
{
}

#[cfg(feature = "half")]
impl<I: Initializer<f32> + Initializer<f64> + Initializer<half::f16> + Initializer<half::bf16>> Every for I {}

/// Every path through the kernels, and every name of a scaled distribution.
pub(crate) fn initializers() -> Vec<(&'static str, Box<dyn Every>)> {
    let fan = Fan::conv(64, 96, [3, 3]);
    let above_ties = 1.0 + f64::powi(2.0, -10) + f64::powi(2.0, -11) - f64::powi(2.0, -40);
    vec![
        ("constant 0.1", Box::new(Constant::new(0.1))),
        ("constant 1+2^-8+2^-40", Box::new(Constant::new(1.0 + f64::powi(2.0, -8) + f64::powi(2.0, -40)))),
        ("uniform -0.3 0.7", Box::new(Uniform::new(-0.3, 0.7))),
        ("uniform 0.1 0.3", Box::new(Uniform::new(0.1, 0.3))),
        ("uniform 1 1+2^-10+2^-11-2^-40", Box::new(Uniform::new(1.0, above_ties))),
        ("normal 0 0.05", Box::new(Normal::new(0.0, 0.05))),
        ("normal 1 0.001", Box::new(Normal::new(1.0, 1e-3))),
        ("normal 0 1e-6", Box::new(Normal::new(0.0, 1e-6))),
        ("truncated 0 0.02", Box::new(TruncatedNormal::new(0.0, 0.02))),
        ("truncated 0.1 0.3", Box::new(TruncatedNormal::new(0.1, 0.3))),
        ("truncated 0.7 0.1", Box::new(TruncatedNormal::new(0.7, 0.1))),
        ("truncated 0 0.02 -0.03 0.01", Box::new(TruncatedNormal::new(0.0, 0.02).bounds(-0.03, 0.01))),
        ("truncated 0.5 2 0 inf", Box::new(TruncatedNormal::new(0.5, 2.0).bounds(0.0, f64::INFINITY))),
        ("truncated 0 0.02 -2 2", Box::new(TruncatedNormal::new(0.0, 0.02).bounds(-2.0, 2.0))),
        ("truncated 1 0.3 2.2 2.5", Box::new(TruncatedNormal::new(1.0, 0.3).bounds(2.2, 2.5))),
        (
            "truncated 1 0.25 -inf 1+2^-10+2^-11-2^-40",
            Box::new(TruncatedNormal::new(1.0, 0.25).bounds(f64::NEG_INFINITY, above_ties)),
        ),
        ("Xavier uniform, gain 1.5", Box::new(Xavier::uniform(fan).gain(1.5))),
        ("Xavier normal", Box::new(Xavier::normal(fan))),
        ("Xavier truncated_normal", Box::new(Xavier::truncated_normal(fan))),
        ("He uniform, negative_slope 0.2", Box::new(He::uniform(fan).negative_slope(0.2))),
        ("He normal", Box::new(He::normal(fan))),
        ("He normal, FanOut", Box::new(He::normal(fan).mode(FanMode::FanOut))),
        ("He truncated_normal", Box::new(He::truncated_normal(fan))),
        ("LeCun uniform", Box::new(LeCun::uniform(fan))),
        ("LeCun normal", Box::new(LeCun::normal(fan))),
        ("LeCun truncated_normal", Box::new(LeCun::truncated_normal(fan))),
        (
            "VarianceScaling uniform 3, FanGeoAvg",
            Box::new(VarianceScaling::uniform(3.0, FanMode::FanGeoAvg, fan)),
        ),
        ("VarianceScaling normal 3, FanOut", Box::new(VarianceScaling::normal(3.0, FanMode::FanOut, fan))),
        (
            "VarianceScaling truncated_normal 3, FanAvg",
            Box::new(VarianceScaling::truncated_normal(3.0, FanMode::FanAvg, fan)),
        ),
    ]
}

/// The seed of all golden vectors.
fn seed() -> Seed {
    Seed::from(42).child("fc1.weight")
}

/// What a file holds, and what this machine draws.
pub(crate) struct Golden {
    pub(crate) file: &'static str,
    pub(crate) frozen: &'static str,
    pub(crate) found: String,
}

impl Golden {
    pub(crate) fn assert_holds(&self) {
        assert!(self.found == self.frozen.trim_end(), "{}: found\n{}", self.file, self.found);
    }
}

macro_rules! golden {
    ($file:literal, $found:expr) => {
        Golden { file: $file, frozen: include_str!(concat!("golden/", $file)), found: $found }
    };
}

/// All files.
pub(crate) fn golden() -> Vec<Golden> {
    vec![
        golden!("seeds_v1.txt", children()),
        golden!("f32_v1.txt", drawn::<f32>(&initializers(), 4, |w| w.to_bits().into())),
        golden!("f64_v1.txt", drawn::<f64>(&initializers(), 8, f64::to_bits)),
        #[cfg(feature = "half")]
        golden!("f16_v1.txt", drawn::<half::f16>(&initializers(), 2, |w| w.to_bits().into())),
        #[cfg(feature = "half")]
        golden!("bf16_v1.txt", drawn::<half::bf16>(&initializers(), 2, |w| w.to_bits().into())),
        golden!("orthogonal_v1.txt", orthogonal()),
        #[cfg(all(feature = "complex", feature = "half"))]
        golden!("complex_v1.txt", complex()),
        golden!(
            "shaped_v1.txt",
            [shaped::<f32>(4, |w| w.to_bits().into()), shaped::<f64>(8, f64::to_bits)].join("\n")
        ),
        #[cfg(feature = "half")]
        golden!(
            "shaped_half_v1.txt",
            [shaped::<half::f16>(2, |w| w.to_bits().into()), shaped::<half::bf16>(2, |w| w.to_bits().into())]
                .join("\n")
        ),
    ]
}

#[cfg(all(feature = "complex", feature = "half"))]
fn complex() -> String {
    use fanin::ComplexScaling as Complex;
    let fan = Fan::conv(64, 96, [3, 3]);
    let initializers: Vec<(&str, Box<dyn Every>)> = vec![
        ("complex normal 2 FanIn", Box::new(Complex::normal(2.0, FanMode::FanIn, fan))),
        ("complex disk 1 FanAvg", Box::new(Complex::uniform_disk(1.0, FanMode::FanAvg, fan))),
        ("complex truncated 3 FanOut", Box::new(Complex::truncated_normal(3.0, FanMode::FanOut, fan))),
    ];
    [
        drawn::<f32>(&initializers, 4, |w| w.to_bits().into()),
        drawn::<f64>(&initializers, 8, f64::to_bits),
        drawn::<half::f16>(&initializers, 2, |w| w.to_bits().into()),
        drawn::<half::bf16>(&initializers, 2, |w| w.to_bits().into()),
    ]
    .join("\n")
}

/// A line a shape and scalar: three elements and the hash of all.
fn orthogonal() -> String {
    fn line<T: Scalar>(bytes: usize, bits: fn(T) -> u64, [rows, cols]: [usize; 2]) -> String {
        let w: Vec<T> = Orthogonal::new(rows, cols).gain(1.5).seed(seed()).to_vec(rows * cols);
        let [a, b, c] =
            [0, 1.min(w.len() - 1), w.len() - 1].map(|i| format!("{:01$x}", bits(w[i]), 2 * bytes));
        format!("{} {rows} x {cols}: {a} {b} {c} {:016x}", T::NAME, hash(&w, bytes, bits))
    }
    let shapes = [[65, 257], [257, 65], [96, 96], [1, 1], [2, 1]];
    let lines = shapes.map(|shape| {
        [line::<f32>(4, |w| w.to_bits().into(), shape), line::<f64>(8, f64::to_bits, shape)].join("\n")
    });
    lines.join("\n")
}

/// Initializers that own a shape, by the names that `tests/stream_v1.py` reads.
fn shaped_initializers() -> Vec<(&'static str, Box<dyn Every>)> {
    let normal = Normal::new(0.0, 0.05);
    let (conv, wide) = ([24, 8, 3, 4], [3, 4, 8, 24]);
    vec![
        ("identity 5 7 1.1", Box::new(Identity::new(5, 7).gain(1.1))),
        (
            "dirac OutIn 24 8 3 4 groups 2 1.1",
            Box::new(Dirac::from_shape(&conv, Layout::OutIn).groups(2).gain(1.1)),
        ),
        ("dirac InOut 3 4 8 24 groups 4 1", Box::new(Dirac::from_shape(&wide, Layout::InOut).groups(4))),
        (
            "dirac TransposedInOut 24 8 5 groups 3 1",
            Box::new(Dirac::from_shape(&[24, 8, 5], Layout::TransposedInOut).groups(3)),
        ),
        ("delta OutIn 24 8 3 4 1.5", Box::new(DeltaOrthogonal::from_shape(&conv, Layout::OutIn).gain(1.5))),
        ("delta InOut 3 4 8 24 1.5", Box::new(DeltaOrthogonal::from_shape(&wide, Layout::InOut).gain(1.5))),
        (
            "delta TransposedInOut 8 24 2 1 2 1",
            Box::new(DeltaOrthogonal::from_shape(&[8, 24, 2, 1, 2], Layout::TransposedInOut)),
        ),
        ("sparse 2 70 0.5 0.05", Box::new(Sparse::new(2, 70, 0.5, 0.05))),
        ("sparse 13 70 0.3 0.05", Box::new(Sparse::new(13, 70, 0.3, 0.05))),
        ("sparse 300 70 0.9 0.05", Box::new(Sparse::new(300, 70, 0.9, 0.05))),
        ("sparse 5003 3 0.25 0.05", Box::new(Sparse::new(5003, 3, 0.25, 0.05))),
        ("icnr OutIn 24 8 3 4 upscale 2 0.05", Box::new(Icnr::new(normal, &conv, Layout::OutIn, 2))),
        ("icnr InOut 3 4 8 24 upscale 2 0.05", Box::new(Icnr::new(normal, &wide, Layout::InOut, 2))),
        (
            "icnr TransposedInOut 8 27 2 1 2 upscale 3 0.05",
            Box::new(Icnr::new(normal, &[8, 27, 2, 1, 2], Layout::TransposedInOut, 3)),
        ),
        ("padding 100 64 40 0.05", Box::new(PaddingRow::new(normal, [100, 64], 40))),
    ]
}

/// A line an initializer: three elements and the hash of all.
fn shaped<T: Scalar>(bytes: usize, bits: fn(T) -> u64) -> String
where
    dyn Every: Initializer<T>,
{
    let line = |(name, initializer): &(&str, Box<dyn Every>)| {
        let len = initializer.tensor_len().unwrap() as usize;
        let w: Vec<T> = Seeded::new(&**initializer, seed()).to_vec(len);
        let first = w.iter().position(|w| !w.is_zero()).unwrap();
        let [a, b, c] = [first, len / 2, len - 1].map(|i| format!("{:01$x}", bits(w[i]), 2 * bytes));
        format!("{} {name}: {a} {b} {c} {:016x}", T::NAME, hash(&w, bytes, bits))
    };
    shaped_initializers().iter().map(line).collect::<Vec<_>>().join("\n")
}

/// FNV-1a, byte by byte, the lowest first.
fn hash<T: Scalar>(weights: &[T], bytes: usize, bits: fn(T) -> u64) -> u64 {
    let all = weights.iter().flat_map(|&w| bits(w).to_le_bytes().into_iter().take(bytes));
    all.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// A line an initializer: three elements, on both sides of the border of two blocks, and the FNV-1a hash of all that
/// there are from element 4090 on, byte by byte, the lowest first.
fn drawn<T: Scalar + Default>(
    initializers: &[(&str, Box<dyn Every>)],
    bytes: usize,
    bits: fn(T) -> u64,
) -> String
where
    dyn Every: Initializer<T>,
{
    let line = |(name, initializer): &(&str, Box<dyn Every>)| {
        let mut w = vec![T::default(); 10_000];
        initializer.fill_shard(seed(), 4090, &mut w).unwrap();
        let [a, b, c] = [0, 1, 9999].map(|i| format!("{:01$x}", bits(w[i]), 2 * bytes));
        format!("{name}: {a} {b} {c} {:016x}", hash(&w, bytes, bits))
    };
    initializers.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn children() -> String {
    let seed = Seed::from(42);
    [
        seed.child(""),
        seed.child("fc1.weight"),
        seed.child("größe"),
        seed.child(0),
        seed.child(u16::MAX),
        seed.child(u64::MAX),
    ]
    .map(|seed| seed.to_string())
    .join("\n")
}

#[test]
fn golden_vectors() {
    golden().iter().for_each(Golden::assert_holds);
}
