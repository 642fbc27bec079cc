//! Initializers that own a shape: the bits of the definitions in `src/stream/v1.md`, and what each is for.

use fanin::prelude::*;
use fanin::{Composite, DeltaOrthogonal, Dirac, Icnr, Identity, InitError, PaddingRow, Scalar, Sparse};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

// The definitions, one element after the other.

/// Output, input and tap by its sides of every element.
fn places(shape: &[usize], layout: Layout) -> Vec<(usize, usize, Vec<usize>)> {
    let len: usize = shape.iter().product();
    let place = |mut element: usize| {
        let mut at: Vec<usize> = shape
            .iter()
            .rev()
            .map(|&side| {
                let index = element % side;
                element /= side;
                index
            })
            .collect();
        at.reverse();
        match layout {
            Layout::OutIn => (at[0], at[1], at[2..].to_vec()),
            Layout::TransposedInOut => (at[1], at[0], at[2..].to_vec()),
            _ => (at[at.len() - 1], at[at.len() - 2], at[..at.len() - 2].to_vec()),
        }
    };
    (0..len).map(place).collect()
}

/// Outputs, inputs and sides.
fn axes(shape: &[usize], layout: Layout) -> (usize, usize, &[usize]) {
    match (layout, shape) {
        (Layout::OutIn, [outputs, inputs, sides @ ..]) => (*outputs, *inputs, sides),
        (Layout::TransposedInOut, [inputs, outputs, sides @ ..]) => (*outputs, *inputs, sides),
        (_, [sides @ .., inputs, outputs]) => (*outputs, *inputs, sides),
        _ => unreachable!(),
    }
}

fn dirac<T: Scalar>(shape: &[usize], layout: Layout, groups: usize, gain: f64) -> Vec<T> {
    let (outputs, inputs, sides) = axes(shape, layout);
    let transposed = layout == Layout::TransposedInOut;
    let of_group = if transposed { inputs } else { outputs } / groups;
    let value = |(o, i, tap): (usize, usize, Vec<usize>)| {
        let same = if transposed { i % of_group == o } else { o % of_group == i };
        let centre = tap.iter().zip(sides).all(|(&t, &side)| t == side / 2);
        if same && centre { T::from_f64(gain) } else { T::zero() }
    };
    places(shape, layout).into_iter().map(value).collect()
}

fn delta_orthogonal<T: Scalar>(shape: &[usize], layout: Layout, gain: f64, seed: Seed) -> Vec<T>
where
    Orthogonal: Initializer<T>,
{
    let (outputs, inputs, sides) = axes(shape, layout);
    let (rows, cols) = if layout == Layout::OutIn { (outputs, inputs) } else { (inputs, outputs) };
    let q: Vec<T> = Orthogonal::new(rows, cols).gain(gain).seed(seed).to_vec(rows * cols);
    let value = |(o, i, tap): (usize, usize, Vec<usize>)| {
        let centre = tap.iter().zip(sides).all(|(&t, &side)| t == (side - 1) / 2);
        let at = if layout == Layout::OutIn { o * cols + i } else { i * cols + o };
        if centre { q[at] } else { T::zero() }
    };
    places(shape, layout).into_iter().map(value).collect()
}

/// Whether each row of a column is one of the chosen.
fn chosen(rows: usize, chosen: usize, col: u64, seed: Seed) -> Vec<bool> {
    let r = rows as u64;
    let w = (1..=r).take_while(|w| w * w <= r).last().unwrap();
    let mut a = w;
    for less in 1..64 {
        let other = w - less.min(w - 1);
        if less < w.div_ceil(2) && other * r.div_ceil(other) < a * r.div_ceil(a) {
            a = other;
        }
    }
    let b = r.div_ceil(a);
    let rounds = match a {
        1 => 6,
        _ => (2 + (24_f64 / f64::from(a.ilog2())).ceil() as u32).next_multiple_of(2).max(6),
    };
    let bytes = seed.child("sparse").to_bytes();
    let word = |i: usize| u64::from_le_bytes(bytes[8 * i..8 * i + 8].try_into().unwrap());
    let mut z = word(0).wrapping_add(col.wrapping_mul(word(1) | 1));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    let (u, v) = (z as u32, (z >> 32) as u32);
    let step = |place: u64| {
        let (mut left, mut right) = (place / b, place % b);
        for j in 0..rounds {
            let (x, side) = if j % 2 == 0 { (right as u32, a) } else { (left as u32, b) };
            let x = (x ^ u.wrapping_add(j.wrapping_mul(0x9e37_79b9))).wrapping_mul(0x7feb_352d);
            let x = ((x ^ (x >> 15)) ^ v.wrapping_add(j.wrapping_mul(0x85eb_ca6b))).wrapping_mul(0x846c_a68b);
            let f = (u64::from(x) * side) >> 32;
            if j % 2 == 0 {
                left = (left + f) % a;
            } else {
                right = (right + f) % b;
            }
        }
        left * b + right
    };
    let place = |row: u64| {
        let mut place = step(row);
        while place >= r {
            place = step(place);
        }
        place
    };
    (0..r).map(|row| place(row) < chosen as u64).collect()
}

fn sparse<T: Scalar>([rows, cols]: [usize; 2], sparsity: f64, std_dev: f64, seed: Seed) -> Vec<T>
where
    Normal: Initializer<T>,
{
    let mut w: Vec<T> = Normal::new(0.0, std_dev).seed(seed).to_vec(rows * cols);
    let zeros = (sparsity * rows as f64).ceil() as usize;
    for col in 0..cols {
        for (row, _) in
            chosen(rows, zeros, col as u64, seed).iter().enumerate().filter(|(_, chosen)| **chosen)
        {
            w[row * cols + col] = T::zero();
        }
    }
    w
}

fn icnr<T: Scalar>(
    inner: &impl Initializer<T>,
    shape: &[usize],
    layout: Layout,
    upscale: usize,
    seed: Seed,
) -> Vec<T> {
    let (outputs, _, sides) = axes(shape, layout);
    let repeats = upscale.pow(sides.len() as u32);
    let channels = outputs / repeats;
    let mut small = shape.to_vec();
    let axis = match layout {
        Layout::OutIn => 0,
        Layout::TransposedInOut => 1,
        _ => shape.len() - 1,
    };
    small[axis] = channels;
    let places_in_small = places(&small, layout);
    let filled: Vec<T> = Seeded::new(inner, seed).to_vec(places_in_small.len());
    let by_place: std::collections::HashMap<_, _> = places_in_small.into_iter().zip(filled).collect();
    let filter = |o: usize| if layout == Layout::InOut { o % channels } else { o / repeats };
    places(shape, layout).into_iter().map(|(o, i, tap)| by_place[&(filter(o), i, tap)]).collect()
}

/// The whole, shards cut anywhere and strided views hold the expected elements.
#[track_caller]
fn holds<T: Scalar>(initializer: &impl Initializer<T>, seed: Seed, expected: &[T]) {
    let len = expected.len();
    assert_eq!(initializer.tensor_len(), Some(len as u64));
    let seeded = Seeded::new(initializer, seed);
    let whole: Vec<T> = seeded.to_vec(len);
    assert!(whole == expected, "{whole:?}\n{expected:?}");
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(len as u64);
    for _ in 0..40 {
        let start = rng.random_range(0..=len);
        let most = if rng.random() { len } else { 7 };
        let end = rng.random_range(start..=len.min(start + most));
        let mut shard = vec![T::one(); end - start];
        initializer.fill_shard(seed, start as u64, &mut shard).unwrap();
        assert!(
            shard == expected[start..end],
            "{start}..{end} of {len}: {shard:?}\n{:?}",
            &expected[start..end]
        );
    }
    let mut beyond = vec![T::one(); 3];
    let error = initializer.fill_shard(seed, len as u64 - 2, &mut beyond).unwrap_err();
    assert_eq!(error, InitError::ShardOutOfTensor { offset: len as u64 - 2, length: 3, tensor: len as u64 });
    assert!(beyond == [T::one(); 3]);
    #[cfg(feature = "ndarray")]
    {
        use ndarray::{Array2, s};
        let mut big = Array2::from_elem((len, 3), T::one());
        seeded.fill(&mut big.slice_mut(s![.., 1]));
        assert!(big.column(1).iter().eq(expected) && big.column(0).iter().all(|&w| w == T::one()));
    }
}

fn seed() -> Seed {
    Seed::from(7).child("shaped")
}

const LAYOUTS: [Layout; 3] = [Layout::OutIn, Layout::InOut, Layout::TransposedInOut];

fn every_definition<T: Scalar>() {
    for [rows, cols] in [[1, 1], [1, 5], [5, 1], [4, 4], [3, 8], [8, 3]] {
        let diagonal = |i: usize| if i / cols == i % cols { T::from_f64(0.1) } else { T::zero() };
        let expected: Vec<T> = (0..rows * cols).map(diagonal).collect();
        if expected.len() > 2 {
            holds(&Identity::new(rows, cols).gain(0.1), seed(), &expected);
        }
    }
    let shapes: [&[usize]; 8] = [
        &[4, 6, 3],
        &[6, 4, 2],
        &[6, 2, 3, 4],
        &[2, 6, 1, 5],
        &[3, 3, 4, 8],
        &[8, 4, 3, 2, 2],
        &[2, 3, 4, 6, 8],
        &[12, 12, 1],
    ];
    for (shape, layout) in shapes.into_iter().flat_map(|shape| LAYOUTS.map(|layout| (shape, layout))) {
        let (outputs, inputs, _) = axes(shape, layout);
        for groups in 1..4 {
            let grouped = if layout == Layout::TransposedInOut { inputs } else { outputs };
            let dirac_of = Dirac::from_shape(shape, layout).groups(groups).gain(1.1);
            if grouped % groups == 0 {
                holds(&dirac_of, seed(), &dirac::<T>(shape, layout, groups, 1.1));
            } else {
                assert!(matches!(dirac_of.check(), Err(InitError::UnevenGroups { .. })));
            }
        }
        let delta = DeltaOrthogonal::from_shape(shape, layout).gain(1.5);
        if inputs <= outputs {
            holds(&delta, seed(), &delta_orthogonal::<T>(shape, layout, 1.5, seed()));
        } else {
            assert!(matches!(delta.check(), Err(InitError::OutOfRange { parameter: "inputs", .. })));
        }
    }
    for (shape, layout, upscale) in [
        (&[8, 3, 3][..], Layout::OutIn, 2),
        (&[8, 3, 3], Layout::OutIn, 1),
        (&[9, 5, 2, 3], Layout::OutIn, 3),
        (&[12, 300, 3, 3], Layout::OutIn, 2),
        (&[16, 2, 1, 3, 2], Layout::OutIn, 2),
        (&[3, 3, 4, 12], Layout::InOut, 2),
        (&[3, 7, 9], Layout::InOut, 3),
        (&[2, 1, 3, 4, 16], Layout::InOut, 2),
        (&[4, 12, 3, 3], Layout::TransposedInOut, 2),
        (&[7, 9, 3], Layout::TransposedInOut, 3),
    ] {
        let inner = Uniform::new(-0.5, 0.7);
        let expected: Vec<T> = icnr(&inner, shape, layout, upscale, seed());
        holds(&Icnr::new(inner, shape, layout, upscale), seed(), &expected);
        let (outputs, _, sides) = axes(shape, layout);
        let repeats = upscale.pow(sides.len() as u32);
        let rows = outputs / repeats;
        let orthogonal = Orthogonal::new(rows, shape.iter().product::<usize>() / outputs);
        let expected: Vec<T> = icnr(&orthogonal, shape, layout, upscale, seed());
        holds(&Icnr::new(orthogonal, shape, layout, upscale), seed(), &expected);
    }
    for (shape, sparsity) in [
        ([1, 3], 0.0),
        ([1, 3], 1.0),
        ([2, 70], 0.5),
        ([3, 70], 0.4),
        ([5, 64], 0.2),
        ([7, 65], 0.5),
        ([10, 300], 0.3),
        ([37, 31], 0.7),
        ([64, 33], 0.1),
        ([1000, 3], 0.25),
        ([4097, 1], 0.9),
        ([300, 1000], 0.15),
    ] {
        let init = Sparse::new(shape[0], shape[1], sparsity, 0.01);
        holds(&init, seed(), &sparse::<T>(shape, sparsity, 0.01, seed()));
    }
    for ([rows, cols], row) in [([3, 5], 0), ([100, 77], 40), ([100, 77], 99), ([1, 4], 0)] {
        let inner = Normal::new(0.5, 0.1);
        let mut expected: Vec<T> = inner.seed(seed()).to_vec(rows * cols);
        expected[row * cols..(row + 1) * cols].fill(T::zero());
        holds(&PaddingRow::new(inner, [rows, cols], row), seed(), &expected);
        let mut expected: Vec<T> = Orthogonal::new(rows, cols).seed(seed()).to_vec(rows * cols);
        expected[row * cols..(row + 1) * cols].fill(T::zero());
        holds(&PaddingRow::new(Orthogonal::new(rows, cols), [rows, cols], row), seed(), &expected);
    }
}

#[test]
fn every_element_is_that_of_the_page() {
    every_definition::<f32>();
    every_definition::<f64>();
    #[cfg(feature = "half")]
    every_definition::<half::f16>();
    #[cfg(feature = "half")]
    every_definition::<half::bf16>();
}

/// A convolution of x, `[channels, height, width]`, in groups, with padding `before` and wrapping round. Of output o of a group the inputs are those
/// of the group.
fn circular(
    w: &[f64],
    shape: &[usize],
    layout: Layout,
    groups: usize,
    before: fn(usize) -> usize,
    x: &[f64],
    [height, width]: [usize; 2],
) -> Vec<f64> {
    let (outputs, inputs, sides) = axes(shape, layout);
    let mut y = vec![0.0; outputs * height * width];
    for (&w, (o, i, tap)) in w.iter().zip(places(shape, layout)) {
        let channel = o / (outputs / groups) * inputs + i;
        for (at, y) in y[o * height * width..(o + 1) * height * width].iter_mut().enumerate() {
            let row = (at / width + height + tap[0] - before(sides[0])) % height;
            let col = (at % width + width + tap[1] - before(sides[1])) % width;
            *y += w * x[(channel * height + row) * width + col];
        }
    }
    y
}

#[test]
fn a_dirac_kernel_hands_its_channels_on() {
    for (shape, layout, groups) in [
        ([6, 6, 3, 3], Layout::OutIn, 1),
        ([8, 4, 4, 2], Layout::OutIn, 1),
        ([8, 2, 3, 4], Layout::OutIn, 4),
        ([5, 2, 3, 9], Layout::InOut, 3),
        ([4, 7, 3, 3], Layout::TransposedInOut, 1),
    ] {
        let (outputs, inputs, _) = axes(&shape, layout);
        let size = [6, 5];
        let x: Vec<f64> = Normal::new(0.0, 1.0).seed(1).to_vec(groups * inputs * 30);
        let same = |w: &[f64]| {
            let y = circular(w, &shape, layout, groups, |side| side / 2, &x, size);
            let per_group = outputs / groups;
            (0..outputs).all(|o| {
                let (group, of_group) = (o / per_group, o % per_group);
                let y = &y[o * 30..][..30];
                match of_group < inputs {
                    true => y == &x[(group * inputs + of_group) * 30..][..30],
                    false => y.iter().all(|&y| y == 0.0),
                }
            })
        };
        let init = Dirac::from_shape(&shape, layout).groups(groups);
        let mut w: Vec<f64> = init.to_vec(shape.iter().product());
        assert!(same(&w), "{init}");
        w.rotate_right(1);
        assert!(!same(&w), "{init}: a planted shift");
    }
}

#[test]
fn a_delta_orthogonal_kernel_keeps_lengths() {
    for (shape, layout) in [
        ([7, 4, 3, 4], Layout::OutIn),
        ([2, 5, 6, 6], Layout::InOut),
        ([3, 9, 3, 3], Layout::TransposedInOut),
    ] {
        let inputs = axes(&shape, layout).1;
        let x: Vec<f64> = Normal::new(0.0, 1.0).seed(1).to_vec(inputs * 30);
        let growth = |w: &[f64]| {
            let y = circular(w, &shape, layout, 1, |side| (side - 1) / 2, &x, [6, 5]);
            let square = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
            (square(&y) / square(&x)).sqrt()
        };
        let init = DeltaOrthogonal::from_shape(&shape, layout).gain(1.5).seed(3);
        let mut w: Vec<f64> = init.to_vec(shape.iter().product());
        assert!((growth(&w) - 1.5).abs() < 1e-13, "{init}: {}", growth(&w));
        let largest = w.iter().position(|w| w.abs() > 0.1).unwrap();
        w[largest] = -w[largest];
        assert!((growth(&w) - 1.5).abs() > 1e-3, "{init}: a planted sign");
    }
}

/// Which of `rows` rows are chosen in each of `cols` columns, a row after the other.
type Chooser = fn(rows: usize, zeros: usize, cols: usize, seed: Seed) -> Vec<bool>;

fn by_sparse(rows: usize, zeros: usize, cols: usize, seed: Seed) -> Vec<bool> {
    let init = Sparse::new(rows, cols, zeros as f64 / rows as f64, 1.0).seed(seed);
    let w: Vec<f32> = init.to_vec(rows * cols);
    w.iter().map(|&w| w == 0.0).collect()
}

/// The chosen rows of each column, as bits.
fn sets(rows: usize, zeros: usize, cols: usize, chosen: &[bool]) -> Vec<u64> {
    let set = |col: usize| (0..rows).fold(0, |set, row| set | u64::from(chosen[row * cols + col]) << row);
    let sets: Vec<u64> = (0..cols).map(set).collect();
    assert!(sets.iter().all(|set| set.count_ones() as usize == zeros), "{rows} {zeros}");
    sets
}

/// The z-score of chi-square against equal cells (Wilson and Hilferty 1931).
fn chi_square(counts: impl Iterator<Item = usize>, cells: usize, total: usize) -> f64 {
    let expected = total as f64 / cells as f64;
    assert!(expected > 50.0);
    let (mut seen, mut sum) = (0, 0.0);
    for count in counts {
        seen += 1;
        sum += (count as f64 - expected).powi(2) / expected;
    }
    sum += (cells - seen) as f64 * expected;
    let df = (cells - 1) as f64;
    ((sum / df).cbrt() - (1.0 - 2.0 / (9.0 * df))) / (2.0 / (9.0 * df)).sqrt()
}

fn counts<K: std::hash::Hash + Eq>(keys: impl Iterator<Item = K>) -> std::collections::HashMap<K, usize> {
    let mut counts = std::collections::HashMap::new();
    keys.for_each(|key| *counts.entry(key).or_insert(0) += 1);
    counts
}

fn binomial(n: usize, k: usize) -> usize {
    (0..k).fold(1, |product, i| product * (n - i) / (i + 1))
}

/// Each z-score of each statistic. One of the normal distribution is beyond 7 with a probability of 2.6e-12, so that any of the
/// about 2,100 (a pair statistic counts as its 2,016) is with 6e-9. With `fewer` columns by this factor.
fn scores(fewer: usize, choose: Chooser) -> Vec<(String, f64)> {
    let mut scores = Vec::new();
    // All sets of rows are as likely as each other, those of neighbours too.
    for (rows, zeros) in [
        (2, 1),
        (3, 1),
        (4, 2),
        (5, 2),
        (6, 3),
        (7, 3),
        (8, 4),
        (9, 3),
        (10, 5),
        (11, 3),
        (12, 4),
        (13, 2),
        (16, 3),
        (17, 2),
        (31, 2),
    ] {
        let (cells, cols) = (binomial(rows, zeros), 300_000 / fewer);
        let all = sets(rows, zeros, cols, &choose(rows, zeros, cols, seed()));
        scores.push((
            format!("sets {rows} {zeros}"),
            chi_square(counts(all.iter()).into_values(), cells, cols),
        ));
        if cells < 50 {
            for lag in [1, 2, 16, 64, 256, 4096] {
                let pairs = all.iter().zip(&all[lag..]);
                let z = chi_square(counts(pairs).into_values(), cells * cells, cols - lag);
                scores.push((format!("neighbours {rows} {zeros} {lag}"), z));
            }
        }
    }
    // Of many rows each is chosen as often, and each two of them.
    for (rows, zeros, cols) in
        [(64, 20, 200_000), (100, 90, 50_000), (257, 3, 100_000), (1000, 500, 20_000), (4096, 40, 5_000)]
    {
        let cols = cols / fewer;
        let chosen = choose(rows, zeros, cols, seed());
        let p = zeros as f64 / rows as f64;
        let off =
            |row: &[bool]| (row.iter().filter(|&&chosen| chosen).count() as f64 - p * cols as f64).powi(2);
        let sum = chosen.chunks(cols).map(off).sum::<f64>() / (cols as f64 * p * (1.0 - p))
            * (rows - 1) as f64
            / rows as f64;
        let df = (rows - 1) as f64;
        let z = ((sum / df).cbrt() - (1.0 - 2.0 / (9.0 * df))) / (2.0 / (9.0 * df)).sqrt();
        scores.push((format!("rows {rows} {zeros}"), z));
        // Columns have as many rows in common as chance gives them: hypergeometric.
        let common = |other: &dyn Fn(usize, usize) -> bool| -> f64 {
            let count =
                |row: usize| (0..cols).filter(|&col| chosen[row * cols + col] && other(row, col)).count();
            let (zeros, rows) = (zeros as f64, rows as f64);
            let found = (0..rows as usize).map(count).sum::<usize>() as f64;
            let variance = zeros * p * (1.0 - p) * (rows - zeros) / (rows - 1.0);
            (found - cols as f64 * zeros * p) / (cols as f64 * variance).sqrt()
        };
        for lag in [1, 64] {
            let z = common(&|row, col| chosen[row * cols + (col + lag) % cols]);
            scores.push((format!("common rows {rows} {zeros} {lag}"), z));
        }
        let sibling = choose(rows, zeros, cols, seed().child(1));
        scores.push((format!("siblings {rows} {zeros}"), common(&|row, col| sibling[row * cols + col])));
    }
    let (rows, zeros, cols) = (64, 20, 200_000 / fewer);
    let sets = sets(rows, zeros, cols, &choose(rows, zeros, cols, seed()));
    let p = (zeros * (zeros - 1)) as f64 / (rows * (rows - 1)) as f64;
    let mut most = 0.0_f64;
    for a in 0..rows {
        for b in 0..a {
            let both = sets.iter().filter(|&set| set >> a & set >> b & 1 == 1).count() as f64;
            most = most.max(((both - p * cols as f64) / (cols as f64 * p * (1.0 - p)).sqrt()).abs());
        }
    }
    scores.push(("pairs".into(), most));
    scores
}

fn worst(scores: &[(String, f64)], kind: &str) -> f64 {
    scores.iter().filter(|(name, _)| name.starts_with(kind)).map(|(_, z)| z.abs()).fold(0.0, f64::max)
}

#[test]
fn zeros_of_a_column_are_any_rows() {
    let found = scores(1, by_sparse);
    assert!(worst(&found, "") < 7.0, "{found:?}");
    // Planted: the same rows in each column.
    let same = scores(4, |rows, zeros, cols, seed| {
        let first = by_sparse(rows, zeros, 1, seed);
        (0..rows * cols).map(|i| first[i / cols]).collect()
    });
    for kind in ["sets", "neighbours", "rows", "common rows", "pairs"] {
        assert!(worst(&same, kind) > 20.0, "{kind}: {same:?}");
    }
    // Planted: the same columns for every seed.
    let deaf = scores(4, |rows, zeros, cols, _| by_sparse(rows, zeros, cols, Seed::from(1)));
    assert!(worst(&deaf, "siblings") > 20.0 && worst(&deaf, "sets") < 7.0);
    // Planted: a permutation that only shifts, by a number of the column: each row is chosen as often, each two are not.
    let shifted = scores(4, |rows, zeros, cols, seed| {
        let mut rng = Xoshiro256PlusPlus::from_seed(seed.to_bytes());
        let shifts: Vec<usize> = (0..cols).map(|_| rng.random_range(0..rows)).collect();
        (0..rows * cols).map(|i| (i / cols + shifts[i % cols]) % rows < zeros).collect()
    });
    assert!(worst(&shifted, "sets 2 1") < 7.0 && worst(&shifted, "sets 3 1") < 7.0);
    assert!(worst(&shifted, "pairs") > 20.0 && worst(&shifted, "sets 8 4") > 20.0, "{shifted:?}");
    // Planted: a permutation that leaves a row where it is in one column of fifty.
    let biased = scores(4, |rows, zeros, cols, seed| {
        let mut chosen = by_sparse(rows, zeros, cols, seed);
        for col in (0..cols).step_by(50) {
            if let Some(row) = (0..rows).find(|row| chosen[row * cols + col]) {
                chosen.swap(row * cols + col, col);
            }
        }
        chosen
    });
    assert!(worst(&biased, "rows") > 7.0 && worst(&biased, "sets") > 7.0, "{biased:?}");
}

#[test]
fn every_column_of_a_sparse_matrix_has_its_zeros() {
    for (rows, cols, sparsity, zeros) in [
        (10, 50, 0.25, 3),
        (10, 50, 0.1, 1),
        (1000, 100, 0.9, 900),
        (7, 9, 0.0, 0),
        (7, 9, 1.0, 7),
        (3, 4, 1e-300, 1),
    ] {
        let w: Vec<f64> = Sparse::new(rows, cols, sparsity, 0.01).seed(2).to_vec(rows * cols);
        let plain: Vec<f64> = Normal::new(0.0, 0.01).seed(2).to_vec(rows * cols);
        for col in 0..cols {
            assert_eq!((0..rows).filter(|row| w[row * cols + col] == 0.0).count(), zeros);
        }
        assert!(w.iter().zip(&plain).all(|(w, plain)| *w == 0.0 || w == plain));
    }
}

/// What stands at each pixel of an image of one pixel after the convolution (of side 1) and the shuffle of PyTorch (channel, then sub-pixel) or of
/// Keras (sub-pixel, then channel): the same at each sub-pixel, or not.
fn upsamples_by_nearest_neighbour(w: &[f64], shape: &[usize; 4], layout: Layout, upscale: usize) -> bool {
    let (outputs, inputs, _) = axes(shape, layout);
    let channels = outputs / upscale / upscale;
    let x: Vec<f64> = Normal::new(0.0, 1.0).seed(1).to_vec(inputs);
    let mut y = vec![0.0; outputs];
    w.iter().zip(places(shape, layout)).for_each(|(w, (o, i, _))| y[o] += w * x[i]);
    (0..channels).all(|c| {
        let at = |i: usize, j: usize| match layout {
            Layout::InOut => y[(i * upscale + j) * channels + c],
            _ => y[c * upscale * upscale + i * upscale + j],
        };
        (0..upscale * upscale).all(|k| at(k / upscale, k % upscale) == at(0, 0))
    })
}

#[test]
fn all_sub_pixels_of_a_channel_have_the_same_filter() {
    for (shape, layout, wrong) in [
        ([12, 5, 1, 1], Layout::OutIn, ([1, 1, 5, 12], Layout::InOut)),
        ([1, 1, 5, 12], Layout::InOut, ([12, 5, 1, 1], Layout::OutIn)),
        ([5, 12, 1, 1], Layout::TransposedInOut, ([1, 1, 5, 12], Layout::InOut)),
    ] {
        let kernel = |shape: &[usize], layout| -> Vec<f64> {
            Icnr::new(He::normal(5), shape, layout, 2).seed(1).to_vec(60)
        };
        let w = kernel(&shape, layout);
        assert!(upsamples_by_nearest_neighbour(&w, &shape, layout, 2), "{layout:?}");
        // Planted: the order of the other framework, written in this layout.
        let other: std::collections::HashMap<_, _> = places(&wrong.0, wrong.1)
            .into_iter()
            .zip(kernel(&wrong.0, wrong.1))
            .map(|((o, i, _), w)| ((o, i), w))
            .collect();
        let planted: Vec<f64> = places(&shape, layout).into_iter().map(|(o, i, _)| other[&(o, i)]).collect();
        assert!(!upsamples_by_nearest_neighbour(&planted, &shape, layout, 2), "{layout:?}");
    }
    // A weight has the distribution that it has in the plain kernel.
    let init = Icnr::new(He::normal(5), &[12, 5, 1, 1], Layout::OutIn, 2);
    assert_eq!(Initializer::<f32>::law(&init), Some(He::normal(5).law()));
    assert_eq!(
        Initializer::<f32>::fixed_seed(&Icnr::new(He::normal(5).seed(3), &[12, 5, 1, 1], Layout::OutIn, 2)),
        Some(3.into())
    );
}

#[test]
fn bad_input_is_named_and_nothing_is_written() {
    #[track_caller]
    fn refuses(init: &dyn Initializer<f32>, expected: &str) {
        let mut w = [7.0_f32; 24];
        let error = init.fill_shard(Seed::from(1), 0, &mut w).unwrap_err();
        assert!(format!("{error:?}").starts_with(expected), "{error:?} is not {expected}");
        assert_eq!(format!("{:?}", init.check()), format!("{:?}", Err::<(), _>(error))); // NaN is not itself
        assert!(init.try_fill(&mut w).is_err());
        assert_eq!(w, [7.0; 24]);
    }
    for (gain, expected) in
        [(f64::NAN, "NotFinite"), (f64::INFINITY, "NotFinite"), (-1.0, "Negative"), (1e39, "Overflow")]
    {
        refuses(&Identity::new(4, 6).gain(gain), expected);
        refuses(&Dirac::from_shape(&[4, 3, 2], Layout::OutIn).gain(gain), expected);
        refuses(&DeltaOrthogonal::from_shape(&[4, 3, 2], Layout::OutIn).gain(gain), expected);
        refuses(&Sparse::new(4, 6, 0.5, gain), expected);
        refuses(&Icnr::new(Normal::new(0.0, gain), &[4, 3, 2], Layout::OutIn, 2), expected);
        refuses(&PaddingRow::new(Normal::new(0.0, gain), [4, 6], 2), expected);
    }
    for sparsity in [-0.1, 1.1, -1e-300] {
        refuses(&Sparse::new(4, 6, sparsity, 1.0), "OutOfRange { parameter: \"sparsity\"");
    }
    refuses(&Sparse::new(4, 6, f64::NAN, 1.0), "NotFinite");
    let most = usize::MAX;
    refuses(&Identity::new(most, 2), "ShapeOverflow");
    refuses(&Sparse::new(most, 2, 0.5, 1.0), "ShapeOverflow");
    #[cfg(target_pointer_width = "64")]
    refuses(&Sparse::new(most, 1, 0.5, 1.0), "TensorTooLong");
    refuses(&PaddingRow::new(Normal::new(0.0, 1.0), [most, 2], 1), "ShapeOverflow");
    refuses(
        &PaddingRow::new(Normal::new(0.0, 1.0), [4, 6], 4),
        "OutOfRange { parameter: \"the padding row\"",
    );
    refuses(
        &PaddingRow::new(Normal::new(0.0, 1.0), [0, 6], 0),
        "OutOfRange { parameter: \"the padding row\"",
    );
    refuses(&PaddingRow::new(Orthogonal::new(4, 7), [4, 6], 0), "TensorLength");
    type Make = fn(&[usize], Layout) -> Box<dyn Initializer<f32>>;
    let kernels: [Make; 3] = [
        |shape, layout| Box::new(Dirac::from_shape(shape, layout)),
        |shape, layout| Box::new(DeltaOrthogonal::from_shape(shape, layout)),
        |shape, layout| Box::new(Icnr::new(Normal::new(0.0, 1.0), shape, layout, 1)),
    ];
    for (make, layout) in kernels.into_iter().flat_map(|make| LAYOUTS.map(|layout| (make, layout))) {
        for shape in [&[][..], &[24], &[4, 6], &[1, 2, 2, 2, 3, 1]] {
            refuses(&*make(shape, layout), "OutOfRange { parameter: \"the number of axes\"");
        }
        for at in 0..4 {
            let mut shape = [2, 2, 2, 3];
            shape[at] = 0;
            refuses(&*make(&shape, layout), "OutOfRange");
            shape[at] = most;
            refuses(&*make(&shape, layout), "ShapeOverflow");
        }
    }
    // Within the tensor, but beyond the stream.
    #[cfg(target_pointer_width = "64")]
    {
        let normal = Normal::new(0.0, 1.0);
        let long: [Box<dyn Initializer<f32>>; 6] = [
            Box::new(Identity::new(1, most)),
            Box::new(Dirac::from_shape(&[most, 1, 1], Layout::OutIn)),
            Box::new(DeltaOrthogonal::from_shape(&[most, 1, 1], Layout::OutIn)),
            Box::new(PaddingRow::new(normal, [1, most], 0)),
            Box::new(Icnr::new(normal, &[1 << 62, 1, 3], Layout::OutIn, 1)),
            // The second block is the one that ends there.
            Box::new(Composite::new(&[2, (1 << 63) - 1], 1).block(5, normal).block((1 << 63) - 6, normal)),
        ];
        for init in long {
            let mut w = [7.0_f32; 40];
            for offset in [(1 << 63) - 2, u64::MAX - 41] {
                let error = init.fill_shard(Seed::from(1), offset, &mut w).unwrap_err();
                let outside = init.tensor_len().is_some_and(|len| offset + 40 > len);
                assert!(outside || matches!(error, InitError::TensorTooLong { .. }), "{error}");
                assert_eq!(w, [7.0; 40]);
            }
        }
    }
    for make in kernels {
        for layout in ["out k in", "batch out in", "out in", "out in k k"] {
            refuses(&*make(&[4, 4, 3], layout.parse().unwrap()), "NoKernel");
        }
        let (named, mut w) = (make(&[4, 4, 3], "out in k".parse().unwrap()), [7.0_f32; 48]);
        named.fill_shard(Seed::from(1), 0, &mut w).unwrap();
        assert!(w.iter().any(|&w| w != 0.0 && w != 7.0), "axes in the order of OutIn");
    }
    for groups in [0, 3, most] {
        refuses(
            &Dirac::from_shape(&[4, 3, 2], Layout::OutIn).groups(groups),
            "UnevenGroups { side: \"output\"",
        );
        refuses(
            &Dirac::from_shape(&[4, 3, 2], Layout::TransposedInOut).groups(groups),
            "UnevenGroups { side: \"input\"",
        );
    }
    refuses(&DeltaOrthogonal::from_shape(&[3, 4, 2], Layout::OutIn), "OutOfRange { parameter: \"inputs\"");
    refuses(
        &DeltaOrthogonal::from_shape(&[4, 3, 2], Layout::TransposedInOut),
        "OutOfRange { parameter: \"inputs\"",
    );
    let icnr = |upscale| Icnr::new(Normal::new(0.0, 1.0), &[6, 1, 2, 2], Layout::OutIn, upscale);
    refuses(&icnr(0), "OutOfRange { parameter: \"upscale\"");
    refuses(&icnr(most), "OutOfRange { parameter: \"upscale\"");
    refuses(&icnr(2), "UnevenGroups { side: \"output\", channels: 6, groups: 4");
    refuses(
        &Icnr::new(Orthogonal::new(4, 12), &[8, 3, 2], Layout::OutIn, 2),
        "TensorLength { found: 24, expected: 48",
    );
    let message = DeltaOrthogonal::from_shape(&[3, 4, 2], Layout::OutIn).check().unwrap_err().to_string();
    assert_eq!(message, "inputs is 4: it must be at most the outputs");
    // Nothing to fill is nothing wrong; a matrix that cannot exist in memory has shards.
    Identity::new(0, 3).seed(1).fill(&mut [0.0_f32; 0]);
    Sparse::new(0, 3, 0.5, 1.0).seed(1).fill(&mut [0.0_f32; 0]);
    let mut w = [7.0_f32; 3];
    Identity::new(1, most).fill_shard(Seed::from(1), 0, &mut w).unwrap();
    assert_eq!(w, [1.0, 0.0, 0.0]);
    #[cfg(target_pointer_width = "64")]
    {
        let huge = Sparse::new(1 << 40, 1 << 20, 0.5, 1.0);
        huge.fill_shard(Seed::from(1), (1 << 60) - 3, &mut w).unwrap();
        assert!(w.iter().all(|&w| w != 7.0));
        Sparse::new(1 << 63, 1, 0.5, 1.0).fill_shard(Seed::from(1), (1 << 63) - 3, &mut w).unwrap();
    }
}

#[test]
fn each_says_what_it_is() {
    let shape = [8, 4, 3, 3];
    let normal = Normal::new(0.0, 0.05);
    for (found, expected) in [
        (Identity::new(2, 3).to_string(), "identity 2 x 3, gain 1"),
        (
            Dirac::from_shape(&shape, Layout::OutIn).groups(2).to_string(),
            "dirac [8, 4, 3, 3] OutIn, groups 2, gain 1",
        ),
        (
            DeltaOrthogonal::from_shape(&shape, Layout::OutIn).gain(1.5).to_string(),
            "delta-orthogonal [8, 4, 3, 3] OutIn, gain 1.5",
        ),
        (Sparse::new(784, 256, 0.9, 0.01).to_string(), "sparse 784 x 256, sparsity 0.9, N(0, 0.01^2)"),
        (
            Icnr::new(normal, &shape, Layout::OutIn, 2).to_string(),
            "N(0, 0.05^2), ICNR upscale 2 of [8, 4, 3, 3] OutIn",
        ),
        (PaddingRow::new(normal, [100, 8], 0).to_string(), "N(0, 0.05^2), row 0 of 100 x 8 zero"),
        (Identity::new(2, 3).gain(-1.0).seed(4).to_string(), "gain is -1: it must be at least 0, seed 4"),
    ] {
        assert_eq!(found, expected);
    }
}
