//! Filling: who fills, what is filled, and from where.

use std::convert::Infallible;
use std::sync::Arc;
use std::thread;

use fanin::{
    He, InitError, Initializer, InitializerExt, Law, LeCun, Normal, Seed, Seeded, TruncatedNormal, Uniform,
    Weights, Xavier,
};
use rand::distr::Distribution;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{SeedableRng, TryRng};

fn filled(initializer: impl Initializer<f32>) -> [f32; 40] {
    let mut w = [0.0; 40];
    initializer.fill(&mut w);
    w
}

#[test]
fn references_and_boxes_fill() {
    let he = He::normal(8).seed(1);
    let expected = filled(he);
    let boxed: Box<dyn Initializer<f32>> = Box::new(he);
    let dynamic: &dyn Initializer<f32> = &he;
    let shared: Arc<dyn Initializer<f32> + Send + Sync> = Arc::new(he);
    let mut w = [0.0; 40];
    dynamic.fill(&mut w);
    assert_eq!(w, expected);
    assert_eq!(filled(&boxed), expected);
    assert_eq!(filled(boxed), expected);
    let reference = &he;
    reference.fill(&mut w);
    assert_eq!(w, expected);
    assert_eq!(filled(&*shared), expected);
    assert_eq!(dynamic.fixed_seed(), Some(Seed::from(1)));
    assert_eq!(dynamic.law(), Some(He::normal(8).law()));
}

#[cfg(feature = "std")]
#[test]
fn an_unseeded_fill_is_fresh_and_a_seeded_one_is_not() {
    assert_ne!(filled(Normal::new(0.0, 1.0)), filled(Normal::new(0.0, 1.0)));
    assert_eq!(filled(Normal::new(0.0, 1.0).seed(7)), filled(Normal::new(0.0, 1.0).seed(7)));
    assert_ne!(filled(Normal::new(0.0, 1.0).seed(7)), filled(Normal::new(0.0, 1.0).seed(8)));
}

#[test]
fn a_generator_outranks_a_fixed_seed() {
    let fill = |law: Seeded<Normal>, seed| {
        let mut w = [0.0_f32; 8];
        law.fill_with(&mut Xoshiro256PlusPlus::seed_from_u64(seed), &mut w);
        w
    };
    let (one, two) = (Normal::new(0.0, 1.0).seed(1), Normal::new(0.0, 1.0).seed(2));
    assert_eq!(fill(one, 5), fill(two, 5));
    assert_ne!(fill(one, 5), fill(one, 6));
}

#[test]
fn an_error_leaves_everything_as_it_was() {
    let mut nested = [[1.0_f32; 2]; 3];
    let error = Xavier::uniform((0, 3)).try_fill(&mut nested).unwrap_err();
    assert_eq!(error, InitError::ZeroFan { side: "fan_in" });
    let error = Uniform::new(2.0, 1.0).seed(1).try_fill(&mut nested).unwrap_err();
    assert_eq!(error.to_string(), "low is 2 and high is 1: low must not exceed high");
    let error = Normal::new(0.0, -0.5).seed(1).try_fill(&mut nested).unwrap_err();
    assert_eq!(error.to_string(), "std_dev is -0.5: it must be at least 0");
    let error = Normal::new(0.0, 1e38).seed(1).try_fill(&mut nested).unwrap_err();
    assert!(matches!(error, InitError::Overflow { scalar: "f32", .. }), "{error}");
    assert_eq!(nested, [[1.0; 2]; 3]);
}

#[test]
#[should_panic(expected = "fan_in is 0")]
fn fill_panics_with_the_error() {
    He::normal(0).fill(&mut [0.0_f32; 2]);
}

#[test]
fn everything_that_holds_scalars_is_filled_in_row_major_order() {
    let law = Normal::new(0.0, 1.0).seed(3);
    let mut flat = [0.0_f64; 24];
    law.fill(&mut flat);
    let mut vec = vec![0.0; 24];
    law.fill(&mut vec);
    assert_eq!(vec, flat);
    law.fill(&mut vec[..]);
    assert_eq!(vec, flat);
    let mut nested = [[[0.0; 4]; 3]; 2];
    law.fill(&mut nested);
    assert_eq!(nested.as_flattened().as_flattened(), flat);
    let mut rows = vec![vec![0.0; 4]; 6];
    law.fill(&mut rows);
    assert_eq!(rows.concat(), flat);
    let mut one = 0.0;
    law.fill(&mut one);
    assert_eq!(one, flat[0]);
}

#[cfg(feature = "ndarray")]
#[test]
fn a_view_gets_the_same_matrix_in_any_memory_order() {
    use ndarray::{Array2, ArrayD, Axis, IxDyn, ShapeBuilder};

    let law = Normal::new(0.0, 1.0).seed(3);
    let (rows, columns) = (70, 130); // more than a block
    let mut standard = Array2::<f32>::zeros((rows, columns));
    law.fill(&mut standard);
    let mut flat = vec![0.0_f32; rows * columns];
    law.fill(&mut flat);
    assert_eq!(standard.as_slice().unwrap(), flat);

    let mut fortran = Array2::<f32>::zeros((rows, columns).f());
    law.fill(&mut fortran);
    assert_eq!(fortran, standard);
    let mut transposed = Array2::<f32>::zeros((columns, rows));
    law.fill(&mut transposed.view_mut().reversed_axes());
    assert_eq!(transposed.t(), standard);
    let mut wide = Array2::<f32>::from_elem((rows, 2 * columns), 9.0);
    let mut every_second = wide.view_mut();
    every_second.slice_axis_inplace(Axis(1), ndarray::Slice::from(..).step_by(2));
    law.fill(&mut every_second);
    assert_eq!(every_second, standard);
    assert!(wide.iter().skip(1).step_by(2).all(|&untouched| untouched == 9.0));
    let mut reversed = Array2::<f32>::zeros((rows, columns));
    let mut view = reversed.view_mut();
    view.invert_axis(Axis(0));
    law.fill(&mut view);
    assert_eq!(view, standard);
    let mut dynamic = ArrayD::<f32>::zeros(IxDyn(&[7, 10, 130]));
    law.fill(&mut dynamic);
    assert_eq!(dynamic.as_slice().unwrap(), flat);
}

#[test]
fn sixty_four_threads_at_once_fill_as_one_does() {
    let expected = filled(He::truncated_normal(8).seed(1));
    let all: Vec<_> = thread::scope(|scope| {
        let fill = || filled(He::truncated_normal(8).seed(1));
        (0..64)
            .map(|_| scope.spawn(fill))
            .collect::<Vec<_>>()
            .into_iter()
            .map(|t| t.join().unwrap())
            .collect()
    });
    assert!(all.iter().all(|w| *w == expected));
}

/// Gives the same word for ever, as a drained generator does.
struct Stuck(u64);

impl TryRng for Stuck {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0 as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(self.0 as u8);
        Ok(())
    }
}

#[test]
fn no_generator_makes_a_law_hang_or_leave_its_support() {
    for word in [0, 1, u64::MAX, 1 << 31, 1 << 63, 0x5555_5555_5555_5555] {
        let normal: f32 = Normal::new(0.0, 1.0).sample(&mut Stuck(word));
        let double: f64 = Normal::new(0.0, 1.0).sample(&mut Stuck(word));
        assert!(normal.abs() < 7.0 && double.abs() < 8.7, "{word:x}: {normal} {double}");
        let uniform: f64 = Uniform::new(-1.0, 2.0).sample(&mut Stuck(word));
        assert!((-1.0..=2.0).contains(&uniform));
        let truncated: f32 = TruncatedNormal::new(0.0, 1.0).sample(&mut Stuck(word));
        assert!(truncated.abs() <= 2.0);
        let mut w = [0.0_f32; 100];
        Normal::new(0.0, 1.0).fill_with(&mut Stuck(word), &mut w);
        assert!(w.iter().all(|w| w.is_finite()));
    }
}

#[test]
fn the_public_types_go_where_threads_go() {
    fn assert_send_sync<T: Send + Sync + 'static>() {}
    assert_send_sync::<He>();
    assert_send_sync::<Seeded<Xavier>>();
    assert_send_sync::<Seed>();
    assert_send_sync::<InitError>();
    assert_send_sync::<fanin::Activation>();
    fn assert_weights<W: Weights<f32> + ?Sized>() {}
    assert_weights::<[f32]>();
    assert_weights::<Vec<[[f32; 3]; 3]>>();
}

/// There is no state besides the seed: 64 threads that fill at once, each many tensors of many laws, write what
/// one thread writes.
#[test]
fn sixty_four_threads_do_not_meet() {
    let laws: Vec<(Law, usize)> = (1..=8)
        .flat_map(|fan| {
            [He::normal(fan).law(), Xavier::uniform((fan, 3)).law(), LeCun::truncated_normal(fan).law()]
                .map(|law| (law, 500 * fan + 1))
        })
        .collect();
    let filled = |thread: usize| -> Vec<Vec<u32>> {
        let seed = Seed::from(9).child(thread);
        let draw = |(i, &(law, len)): (usize, &(Law, usize))| {
            let mut w = vec![0.0_f32; len];
            law.fill_shard(seed.child(i), 0, &mut w).unwrap();
            w.iter().map(|w| w.to_bits()).collect()
        };
        laws.iter().enumerate().map(draw).collect()
    };
    let start = std::sync::Barrier::new(64);
    let together: Vec<Vec<Vec<u32>>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..64)
            .map(|thread| {
                let (start, filled) = (&start, &filled);
                scope.spawn(move || {
                    start.wait();
                    filled(thread)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for (thread, filled_together) in together.into_iter().enumerate() {
        assert!(filled_together == filled(thread), "thread {thread}");
    }
}
