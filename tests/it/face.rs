//! The public face: what one would guess, compiles; what one reaches for, is there.

use fanin::prelude::*;
use fanin::{Law, Scalar, Weights};

/// An initializer that is not `Copy`, with a cause of its own.
struct FromFile {
    name: String,
    values: Vec<f32>,
}

impl Initializer<f32> for FromFile {
    fn fill_shard(&self, _: Seed, offset: u64, shard: &mut [f32]) -> Result<(), InitError> {
        let source = self.values.get(offset as usize..).and_then(|rest| rest.get(..shard.len()));
        let source = source.ok_or_else(|| InitError::other(format!("{} ends early", self.name)))?;
        shard.copy_from_slice(source);
        Ok(())
    }
}

/// The same of any scalar.
struct Halves;

impl<T: Scalar> Initializer<T> for Halves {
    fn fill_shard(&self, _: Seed, _: u64, shard: &mut [T]) -> Result<(), InitError> {
        shard.fill(T::from_f64(0.5));
        Ok(())
    }
}

struct Layer {
    init: Box<dyn Initializer<f32>>,
    w: Vec<f32>,
}

impl Layer {
    fn reset(&mut self) {
        self.init.fill(&mut self.w);
    }
}

#[test]
fn a_boxed_field_and_an_own_type_fill_without_ceremony() {
    let mut layer = Layer { init: Box::new(He::normal(4)), w: vec![0.0; 8] };
    layer.reset();
    assert!(layer.w.iter().all(|&w| w != 0.0));
    layer.init = Box::new(FromFile { name: "w.bin".into(), values: vec![1.0, 2.0, 3.0] });
    layer.w.truncate(3);
    layer.reset();
    assert_eq!(layer.w, [1.0, 2.0, 3.0]);

    let own = FromFile { name: "w.bin".into(), values: vec![4.0] };
    let mut two = [0.0; 2];
    let error = own.try_fill(&mut two).unwrap_err();
    assert_eq!(error.to_string(), "w.bin ends early");
    assert!(std::error::Error::source(&error).is_none(), "the cause is printed, not a source");
    assert_eq!(own.to_vec(1), [4.0]);
    assert_eq!((&own).seed(3).fixed_seed(), Some(Seed::from(3)));
    Halves.fill(&mut two);
    assert_eq!(two, [0.5; 2]);
    let dynamic: &dyn Initializer<f32> = &own;
    dynamic.fill(&mut two[..1]);
    assert_eq!(two, [4.0, 0.5]);
    assert_eq!(dynamic.to_vec(1), [4.0]);
    let boxed: Box<dyn Initializer<f32>> = Box::new(He::normal(4));
    let expected: Vec<f32> = He::normal(4).seed(1).to_vec(6);
    assert_eq!(boxed.seed(1).to_vec(6), expected);
}

#[test]
fn one_fan_argument_serves_every_law() {
    for fan in [Fan::dense(12, 20), Fan::conv(4, 20, 3).groups(1)] {
        for rule in [He::normal, |fan: Fan| He::normal(fan).mode(FanMode::FanOut)] {
            assert!(rule(fan).check().is_ok());
        }
    }
    let makers: [fn(Fan) -> Law; 3] =
        [|fan| He::uniform(fan).law(), |fan| LeCun::uniform(fan).law(), |fan| Xavier::uniform(fan).law()];
    let variances = makers.map(|law| law((6, 18).into()).variance());
    for (variance, expected) in variances.into_iter().zip([2.0 / 6.0, 1.0 / 6.0, 2.0 / 24.0]) {
        assert!((variance / expected - 1.0).abs() < 4.0 * f64::EPSILON, "{variance} {expected}");
    }
    assert_eq!(He::normal(9).law(), He::normal(Fan::dense(9, 7)).law());
    assert_eq!(
        He::normal((9, 18)).mode(FanMode::FanOut).law().variance(),
        VarianceScaling::normal(2.0, FanMode::FanOut, (9, 18)).law().variance()
    );

    let missing = Err(InitError::MissingFan { side: "fan_out" });
    assert_eq!(Xavier::normal(784).check(), missing);
    assert_eq!(He::normal(784).mode(FanMode::FanOut).check(), missing);
    assert_eq!(LeCun::normal(784).mode(FanMode::FanAvg).check(), missing);
    assert_eq!(VarianceScaling::normal(1.0, FanMode::FanGeoAvg, 784).check(), missing);
    assert!(VarianceScaling::normal(1.0, FanMode::FanIn, 784).check().is_ok());
    let text = Xavier::normal(784).try_fill(&mut [0.0_f32]).unwrap_err().to_string();
    assert!(text.starts_with("fan_out is not given: "), "{text}");
    // The fan that is not needed may be missing or 0; the one that is needed is named.
    assert!(He::normal((3, 0)).check().is_ok());
    assert_eq!(Xavier::normal((3, 0)).check(), Err(InitError::ZeroFan { side: "fan_out" }));
    assert_eq!(Fan::conv(64, 128, 3), Fan::conv(64, 128, [3]));
    assert_eq!(Fan::conv(64, 128, &[3, 3][..]), Fan::conv(64, 128, vec![3, 3]));
    assert_eq!(Fan::from(5).groups(2).check(), Fan::conv(5, 2, 1).groups(2).check());
}

#[test]
fn a_law_that_is_wrong_is_refused_before_there_is_anything_to_fill() {
    let mut nothing: Vec<Vec<f32>> = Vec::new();
    assert!(He::normal(0).seed(1).try_fill(&mut nothing).is_err());
    let panics = std::panic::catch_unwind(move || {
        let mut rng = <rand::rngs::Xoshiro256PlusPlus as rand::SeedableRng>::seed_from_u64(1);
        He::normal(0).fill_with(&mut rng, &mut nothing);
    });
    assert!(panics.is_err());
    assert!(std::panic::catch_unwind(|| He::normal(0).seed(1).to_vec(0) as Vec<f32>).is_err());
    let wide: &dyn Initializer<f32> = &Normal::new(0.0, 1e38);
    assert!(matches!(wide.check(), Err(InitError::Overflow { .. })));
}

#[test]
fn whatever_holds_scalars_is_filled() {
    let law = Normal::new(0.0, 1.0).seed(3);
    let expected: Vec<f32> = law.to_vec(12);
    let filled = |weights: &mut dyn Weights<f32>| {
        let mut found = Vec::new();
        weights
            .for_each_chunk(&mut |chunk| {
                law.fill_shard(Seed::from(3), found.len() as u64, chunk)?;
                found.extend_from_slice(chunk);
                Ok(())
            })
            .unwrap();
        found
    };
    let mut boxed: Box<[f32]> = vec![0.0; 12].into();
    law.fill(&mut boxed);
    assert_eq!(*boxed, *expected);
    let (mut front, mut back) = ([0.0_f32; 5], [0.0_f32; 7]);
    law.fill(&mut [&mut front[..], &mut back[..]]);
    assert_eq!([&front[..], &back[..]].concat(), expected);
    let mut slices: Vec<&mut [f32]> = vec![&mut front, &mut back];
    law.fill(&mut slices);
    let mut parts = ([[0.0_f32; 2]; 2], vec![0.0_f32; 7], 0.0_f32);
    law.fill(&mut parts);
    assert_eq!([parts.0.as_flattened(), &parts.1, &[parts.2]].concat(), expected);
    assert_eq!(filled(&mut parts), expected);
    let mut rows: Box<[Vec<f32>]> = vec![vec![0.0; 4]; 3].into();
    assert_eq!(filled(&mut rows), expected);
}

#[test]
fn the_conversions_that_people_reach_for() {
    let seed = Seed::from(7);
    let name = String::from("fc1.weight");
    let names = [&name, &name.clone()];
    assert_eq!(seed.child("fc1.weight"), seed.child(&name));
    assert_eq!(names.iter().map(|name| seed.child(*name)).max(), Some(seed.child(name.clone())));
    assert_eq!(["a"].iter().map(|name| seed.child(name)).next(), Some(seed.child("a")));
    assert_eq!(seed.child(3), seed.child(3_u64));
    assert_eq!(seed.child(3_u8), seed.child(3_usize));
    assert_eq!(seed.child(-1), seed.child(u64::MAX));
    assert_eq!(Seed::default(), Seed::from(0));

    let plain = Xavier::normal((3, 4));
    assert_eq!(plain.gain(2), plain.gain(2.0));
    assert_eq!(plain.gain(2.0_f32), plain.gain(2_u32));
    assert_eq!(plain.gain(&Activation::Tanh), plain.gain(Activation::Tanh));
}

#[test]
fn types_read_as_a_table_shows_them() {
    assert_eq!(Normal::new(0.0, 0.05).to_string(), "N(0, 0.05^2)");
    assert_eq!(He::normal(50).seed(42).to_string(), "N(0, 0.2^2), seed 42");
    assert_eq!(Xavier::uniform((300, 300)).to_string(), "U(-0.1, 0.1)");
    assert_eq!(TruncatedNormal::new(0.0, 0.02).to_string(), "N(0, 0.02^2) within [-0.04, 0.04]");
    assert_eq!(Constant::new(1.0).to_string(), "constant 1");
    assert_eq!(He::normal(0).to_string(), "fan_in is 0: a weight needs at least one input and one output");
    assert_eq!(Fan::conv(64, 128, [3, 3]).to_string(), "fan_in 576, fan_out 1152");
    assert_eq!(Fan::from(784).to_string(), "fan_in 784");
}

#[cfg(feature = "serde")]
mod serde {
    use super::*;
    use ::serde::{Serialize, de::DeserializeOwned};
    use fanin::{Identity, Seeded, Sparse};

    fn round_trip<V: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: V) -> String {
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<V>(&text).unwrap(), value, "{text}");
        text
    }

    #[test]
    fn what_is_written_reads_back() {
        assert_eq!(round_trip(Normal::new(0.0, 0.05)), r#"{"mean":0.0,"std_dev":0.05}"#);
        assert_eq!(round_trip(Normal::new(0.0, 0.05).law()), r#"{"normal":{"mean":0.0,"std_dev":0.05}}"#);
        round_trip(Uniform::new(-0.1, 0.3));
        round_trip(Constant::new(0.5));
        round_trip(TruncatedNormal::new(0.5, 0.02));
        let bounded = TruncatedNormal::new(0.5, 0.02).bounds(0.0, f64::INFINITY);
        assert!(round_trip(bounded).ends_with(r#""high":"inf"}"#));
        round_trip(bounded.law());
        round_trip(Fan::conv(64, 128, [3, 3]).groups(4));
        round_trip(Fan::from(784));
        assert_eq!(
            round_trip(LeCun::normal(784)),
            r#"{"distribution":"normal","gain":1.0,"mode":"fan_in","fan":{"fan_in":784}}"#
        );
        round_trip(He::truncated_normal((3, 4)).mode(FanMode::FanOut).negative_slope(0.2));
        round_trip(Xavier::uniform((3, 4)).gain(Activation::Tanh));
        round_trip(VarianceScaling::normal(3.0, FanMode::FanGeoAvg, (3, 4)));
        round_trip(Seeded::new(He::normal(3), Seed::from([9; 32])));
        assert_eq!(round_trip(Identity::new(2, 3).gain(0.5)), r#"{"rows":2,"cols":3,"gain":0.5}"#);
        round_trip(Sparse::new(784, 256, 0.9, 0.01));
        let default: TruncatedNormal = serde_json::from_str(r#"{"mean":0,"std_dev":0.02}"#).unwrap();
        assert_eq!(default, TruncatedNormal::new(0.0, 0.02));
    }

    #[test]
    fn what_is_read_passes_the_checks_of_filling() {
        fn refused<V: DeserializeOwned>(text: &str) -> String {
            serde_json::from_str::<V>(text).err().expect(text).to_string()
        }
        assert!(refused::<Normal>(r#"{"mean":0,"std_dev":-1}"#).starts_with("std_dev is -1"));
        assert!(refused::<Uniform>(r#"{"low":1,"high":0}"#).starts_with("low is 1"));
        assert!(refused::<Law>(r#"{"normal":{"mean":0,"std_dev":-1}}"#).starts_with("std_dev is -1"));
        assert!(refused::<Identity>(r#"{"rows":2,"cols":3,"gain":-1}"#).starts_with("gain is -1"));
        let sparse = r#"{"rows":2,"cols":3,"sparsity":1.5,"std_dev":1}"#;
        assert!(refused::<Sparse>(sparse).starts_with("sparsity is 1.5"));
        assert!(refused::<Fan>(r#"{"fan_in":0}"#).starts_with("fan_in is 0"));
        let xavier = r#"{"distribution":"normal","gain":1,"mode":"fan_avg","fan":{"fan_in":3}}"#;
        assert!(refused::<Xavier>(xavier).starts_with("fan_out is not given"));
        assert!(refused::<Xavier>(&xavier.replace("normal", "cauchy")).contains("cauchy"));
        let bounds = r#"{"mean":0,"std_dev":1,"low":"far","high":2}"#;
        assert!(refused::<TruncatedNormal>(bounds).starts_with("low is NaN"));
    }

    #[test]
    fn a_seed_is_read_from_a_number_or_a_text() {
        for text in ["42", r#""42""#] {
            assert_eq!(serde_json::from_str::<Seed>(text).unwrap(), Seed::from(42));
        }
        assert_eq!(serde_json::from_str::<Seed>(&u64::MAX.to_string()).unwrap(), Seed::from(u64::MAX));
        for wrong in ["-1", "1.5", r#""-1""#, "null", "18446744073709551616"] {
            assert!(serde_json::from_str::<Seed>(wrong).is_err(), "{wrong}");
        }
        round_trip(Seed::from([9; 32]));
    }
}

#[cfg(all(feature = "nn", feature = "ndarray"))]
#[test]
fn a_program_of_twelve_lines() {
    use ndarray::Array2;

    let mut layer = Layer { init: Box::new(Xavier::uniform((4, 2))), w: vec![0.0; 8] };
    layer.reset();
    let mut own = [0.0_f32; 2];
    FromFile { name: "w".into(), values: vec![1.0; 2] }.fill(&mut own);
    let conv = Fan::conv(64, 128, [3, 3]);
    let kernel: Vec<f32> =
        He::normal(conv).mode(FanMode::FanOut).seed(Seed::from(42).child("conv1")).to_vec(64);
    let mut matrix = Array2::<f32>::zeros((8, 8));
    He::normal(8).fill(&mut matrix);
    let drawn: Array2<f32> = He::normal(8).seed(1).to_array((8, 8));
    He::normal(8).seed(1).fill(&mut matrix);
    assert_eq!(drawn, matrix);
    let mut shard = [0.0_f32; 16];
    He::normal(conv).fill_shard(Seed::from(42).child("conv1"), 48, &mut shard).unwrap();
    let mut whole = [0.0_f32; 64];
    He::normal(conv).seed(Seed::from(42).child("conv1")).fill(&mut whole);
    assert_eq!(whole[48..], shard);
    assert_ne!(kernel, whole, "the mode changes the variance");
    let net = Network::<f32>::new(64).dense(10, Activation::Tanh).init(Xavier::uniform, 1);
    assert!(net.is_ok());
}
