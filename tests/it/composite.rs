//! Composites: each block has the bits that its initializer gives a tensor of its own.

use fanin::prelude::*;
use fanin::{Composite, InitError, Scalar};

/// The definition, element after element: blocks with their lengths, each drawn apart, put where they belong.
fn by_definition<T: Scalar>(
    shape: &[usize],
    axis: usize,
    blocks: &[(usize, &dyn Initializer<T>)],
    seed: Seed,
) -> Vec<T> {
    let count = |part: &[usize]| part.iter().product::<usize>();
    let (outer, inner) = (count(&shape[..axis]), count(&shape[axis + 1..]));
    let drawn: Vec<Vec<T>> = blocks
        .iter()
        .enumerate()
        .map(|(i, (length, initializer))| {
            let mut block = vec![T::zero(); outer * length * inner];
            initializer.fill_shard(seed.child(i), 0, &mut block).unwrap();
            block
        })
        .collect();
    let mut whole = Vec::new();
    for row in 0..outer {
        for ((length, _), drawn) in blocks.iter().zip(&drawn) {
            whole.extend_from_slice(&drawn[row * length * inner..(row + 1) * length * inner]);
        }
    }
    whole
}

#[test]
fn bits_are_those_of_the_blocks_filled_apart() {
    let seed = Seed::random();
    let (normal, uniform, constant) = (Normal::new(0.0, 1.0), Uniform::new(1.0, 2.0), Constant::new(3.0));
    for (shape, axis) in [
        (&[7, 5, 3][..], 0),
        (&[7, 5, 3], 1),
        (&[7, 5, 3], 2),
        (&[1, 40_000, 3], 1),
        (&[300, 500, 2], 1),
        (&[100, 6], 1),
        (&[2, 200_000], 1),
        (&[9], 0),
    ] {
        let length = shape[axis];
        let inner = shape.iter().product::<usize>() / length;
        let (first, second) = (length / 3, length / 2);
        let last = length - first - second;
        let orthogonal = Orthogonal::new(1, inner * last); // a shape of its own, whatever the block is
        let composite = Composite::new(shape, axis)
            .block(first, normal)
            .block(0, constant)
            .block(second, uniform)
            .block(last, orthogonal);
        let expected: Vec<f32> = by_definition(
            shape,
            axis,
            &[(first, &normal), (0, &constant), (second, &uniform), (last, &orthogonal)],
            seed,
        );
        let whole: Vec<f32> = composite.clone().seed(seed).to_vec(expected.len());
        assert!(whole == expected, "{shape:?} along {axis}, {seed}");
        for (start, end) in
            [(0, 1), (1, 2), (expected.len() / 3, expected.len() - 1), (expected.len() / 2, expected.len())]
        {
            let mut shard = vec![0.0_f32; end - start];
            composite.fill_shard(seed, start as u64, &mut shard).unwrap();
            assert!(shard == expected[start..end], "{shape:?} along {axis}, {start}..{end}, {seed}");
        }
    }
}

#[test]
fn random_shards_are_parts_of_the_whole() {
    let seed = Seed::random();
    let cuts: Vec<u32> = {
        let mut cuts = [0.0_f64; 400];
        Uniform::new(0.0, 1.0).seed(seed).fill(&mut cuts);
        cuts.iter().map(|cut| (cut * 1e6) as u32).collect()
    };
    for cut in cuts.chunks(4) {
        let shape = [1 + cut[0] as usize % 9, 1 + cut[1] as usize % 40, 1 + cut[2] as usize % 5];
        let axis = cut[3] as usize % 3;
        let composite = Composite::new(&shape, axis).blocks(shape[axis], 1, Normal::new(0.0, 1.0));
        let len = shape.iter().product::<usize>();
        let whole: Vec<f64> = composite.clone().seed(seed).to_vec(len);
        let (a, b) = (cut[0] as usize % (len + 1), cut[1] as usize % (len + 1));
        let mut shard = vec![0.0_f64; a.max(b) - a.min(b)];
        composite.fill_shard(seed, a.min(b) as u64, &mut shard).unwrap();
        assert_eq!(shard, whole[a.min(b)..a.max(b)], "{shape:?} along {axis}, {a} {b}, {seed}");
    }
}

/// Not every block is looked at, nor are empty ones.
#[test]
fn a_shard_meets_few_of_many_blocks() {
    let (seed, normal) = (Seed::from(3), Normal::new(0.0, 1.0));
    let width = 1_usize << 40;
    let composite = Composite::new(&[3, width], 1).blocks(width, 1, normal);
    for start in [5, width - 2, 2 * width - 5, 3 * width - 8] {
        let mut shard = [0.0_f32; 8];
        composite.fill_shard(seed, start as u64, &mut shard).unwrap();
        for (at, found) in (start..).zip(shard) {
            let mut expected = [0.0];
            normal.fill_shard(seed.child(at % width), (at / width) as u64, &mut expected).unwrap();
            assert_eq!([found], expected, "{at}");
        }
    }
    // One block on both sides of the end of a row.
    let composite = Composite::new(&[2, width], 1).block(3, normal).block(width - 3, normal);
    let mut shard = [0.0_f32; 6];
    composite.fill_shard(seed, width as u64 - 2, &mut shard).unwrap();
    let part = |block: usize, offset: usize| {
        let mut part = [0.0_f32; 3];
        normal.fill_shard(seed.child(block), offset as u64, &mut part).unwrap();
        part
    };
    assert_eq!([shard[0], shard[1], shard[5]], part(1, width - 5));
    assert_eq!(shard[2..5], part(0, 3));
    let none = Composite::new(&[6], 0).blocks(usize::MAX, 0, normal).blocks(usize::MAX, 0, normal);
    let w: Vec<f32> = none.clone().block(6, normal).seed(seed).to_vec(6);
    assert!(w.iter().all(|&w| w != 0.0));
    let (scattered, w) = (Composite::new(&[2, width], 1).blocks(width, 0, normal), &mut [0.0_f32; 4]);
    scattered.block(width, normal).fill_shard(seed, width as u64 - 2, w).unwrap();
    assert!(w.iter().all(|&w| w != 0.0));
}

#[test]
fn a_stack_is_blocks_of_one() {
    let seed = Seed::from(5);
    let stacked: Vec<f32> = Composite::stacked(&[3, 4, 6], Orthogonal::new(4, 6)).seed(seed).to_vec(72);
    for i in 0..3 {
        let one: Vec<f32> = Orthogonal::new(4, 6).seed(seed.child(i)).to_vec(24);
        assert_eq!(stacked[24 * i..24 * (i + 1)], one);
    }
    // A million experts, of which one is drawn.
    let many = Composite::stacked(&[1 << 40, 8], Normal::new(0.0, 1.0));
    let mut one = [0.0_f32; 8];
    many.fill_shard(seed, 8 << 39, &mut one).unwrap();
    let mut expected = [0.0_f32; 8];
    Normal::new(0.0, 1.0).seed(seed.child(1_u64 << 39)).fill(&mut expected);
    assert_eq!(one, expected);
}

#[test]
fn composites_promise_what_all_blocks_promise() {
    let normal = Normal::new(0.0, 1.0);
    let law = |composite: Composite<f32>| Initializer::<f32>::law(&composite);
    assert_eq!(law(Composite::new(&[6], 0).block(2, normal).block(4, normal)), Some(normal.law()));
    assert_eq!(law(Composite::new(&[6], 0).block(2, normal).block(4, Constant::new(0.0))), None);
    assert_eq!(law(Composite::new(&[0], 0)), None);
}

#[test]
fn bad_input_is_named_and_nothing_is_written() {
    let normal = Normal::new(0.0, 1.0);
    let refused = |composite: Composite<f32>| {
        let mut w = [7.0_f32; 6];
        let error = composite.clone().seed(1).try_fill(&mut w).unwrap_err();
        assert_eq!(composite.fill_shard(Seed::from(1), 0, &mut w).unwrap_err(), error);
        assert_eq!(w, [7.0; 6]);
        error
    };
    assert_eq!(
        refused(Composite::new(&[6], 1).block(6, normal)),
        InitError::NoAxis { axis: 1, dimensions: 1 }
    );
    assert_eq!(refused(Composite::new(&[], 0)), InitError::NoAxis { axis: 0, dimensions: 0 });
    assert_eq!(refused(Composite::new(&[6], 0)), InitError::BlockLengths { found: 0, axis: 6 });
    assert_eq!(
        refused(Composite::new(&[6], 0).block(2, normal).block(3, normal)),
        InitError::BlockLengths { found: 5, axis: 6 }
    );
    assert_eq!(
        refused(Composite::new(&[6], 0).blocks(usize::MAX, 2, normal)),
        InitError::BlockLengths { found: usize::MAX, axis: 6 }
    );
    assert_eq!(
        refused(Composite::new(&[2, 3], 0).block(1, Orthogonal::new(3, 3)).block(1, normal)),
        InitError::TensorLength { found: 3, expected: 9 }
    );
    assert_eq!(
        refused(Composite::new(&[2, 3], 0).block(1, normal).block(1, He::normal(0))),
        InitError::ZeroFan { side: "fan_in" }
    );
    assert!(matches!(
        refused(Composite::new(&[usize::MAX, 3], 0).block(usize::MAX, normal)),
        InitError::ShapeOverflow { .. }
    ));
    let mut w = [7.0_f32; 6];
    let right = Composite::new(&[2, 4], 1).block(1, normal).block(3, normal);
    assert_eq!(
        right.clone().seed(1).try_fill(&mut w),
        Err(InitError::TensorLength { found: 6, expected: 8 })
    );
    assert_eq!(
        right.fill_shard(Seed::from(1), 3, &mut w),
        Err(InitError::ShardOutOfTensor { offset: 3, length: 6, tensor: 8 })
    );
    assert_eq!(w, [7.0; 6]);
    // No element, none drawn, whatever the other sides are.
    assert_eq!(
        Composite::<f32>::new(&[0, usize::MAX, usize::MAX], 1)
            .block(usize::MAX, normal)
            .seed(1)
            .try_fill(&mut [0.0; 0]),
        Ok(())
    );
}

/// A user's own initializer that counts what is asked of it.
#[derive(Clone, Default)]
struct Counting(std::sync::Arc<std::sync::atomic::AtomicUsize>);

impl Initializer<f32> for Counting {
    fn fill_shard(&self, seed: Seed, offset: u64, shard: &mut [f32]) -> Result<(), InitError> {
        self.0.fetch_add(shard.len(), std::sync::atomic::Ordering::Relaxed);
        Normal::new(0.0, 1.0).fill_shard(seed, offset, shard)
    }
}

/// A shard of columns of a fused matrix costs its own elements, not the whole; one with an orthogonal block the whole.
#[test]
fn a_box_of_a_composite_costs_a_box() {
    let counting = Counting::default();
    let drawn = || counting.0.swap(0, std::sync::atomic::Ordering::Relaxed);
    let shape = [64, 8192];
    let fused = Composite::new(&shape, 1).blocks(2, 4096, counting.clone()).seed(1);
    let whole = fused.to_vec(64 * 8192);
    assert_eq!(drawn(), 64 * 8192);
    let mut columns = vec![0.0; 64 * 3];
    fused.fill_block(&shape, &[0..64, 4095..4098], &mut columns);
    assert!(drawn() <= 64 * 3 * 2, "{columns:?}");
    let expected: Vec<f32> = whole.chunks(8192).flat_map(|row| row[4095..4098].to_vec()).collect();
    assert_eq!(columns, expected);
    let mut huge = vec![0.0; 2];
    let side = 1 << 28;
    let blocks = Composite::new(&[side, side], 1).blocks(2, side / 2, counting.clone()).seed(1);
    blocks.fill_block(
        &[side, side],
        &[5..side, 7..8].map(|range| range.start..range.start + 1),
        &mut huge[..1],
    );
    blocks.fill_block(&[side, side], &[side - 2..side, 7..8], &mut huge);
    assert!(drawn() < 10);
    assert!(!Initializer::<f32>::costs_whole_tensor(&blocks));
    let orthogonal = Composite::new(&[8, 8], 0).blocks(2, 4, Orthogonal::new(4, 8));
    assert!(Initializer::<f32>::costs_whole_tensor(&&orthogonal.seed(1)));
}
