//! Whole models: one check for every distribution and every copy, and macros that take what a user has at hand.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fanin::testing::{
    CheckModel, ModelError, ModelFault, ModelLayer, ReadWeights, assert_gradient_flow, assert_independent,
    assert_model, check_model,
};
use fanin::{Constant, He, Initializer, InitializerExt, LeCun, Seed, Xavier};

/// A perceptron of three layers with biases, filled as a user would, each parameter from a child of its name; `plant` may
/// spoil it.
struct Perceptron {
    names: [&'static str; 6],
    laws: [Box<dyn Initializer<f32>>; 6],
    weights: [Vec<f32>; 6],
    shapes: [[usize; 2]; 6],
}

impl Perceptron {
    fn new(seed: Seed) -> Self {
        let names = ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "head.weight", "head.bias"];
        let zero = || Box::new(Constant::new(0.0));
        let laws: [Box<dyn Initializer<f32>>; 6] = [
            Box::new(He::normal(32)),
            zero(),
            Box::new(Xavier::uniform((64, 64))),
            zero(),
            Box::new(LeCun::truncated_normal(64)),
            zero(),
        ];
        let shapes = [[64, 32], [1, 64], [64, 64], [1, 64], [10, 64], [1, 10]];
        let weights = [0, 1, 2, 3, 4, 5].map(|l| {
            let mut w = vec![f32::NAN; shapes[l].iter().product()];
            laws[l].fill_shard(seed.child(names[l]), 0, &mut w).unwrap();
            w
        });
        Self { names, laws, weights, shapes }
    }

    fn check(&self, check: CheckModel) -> Result<(), ModelError> {
        let layers: Vec<_> = (0..6)
            .map(|l| ModelLayer::new(self.names[l], &self.weights[l], &self.laws[l]).shape(self.shapes[l]))
            .collect();
        check.check(&layers).map(|evidence| {
            assert_eq!(evidence.layers().map(|(name, _)| name).collect::<Vec<_>>(), self.names);
        })
    }
}

/// At 0.05 alarms can be counted: of 1,000 models more than 97 have a probability below 1e-9 (Bernstein).
#[test]
fn models_keep_one_rate_over_all_their_layers() {
    let alarms = |rate| {
        let check = CheckModel::default().at_rate(rate);
        let models = (0..1000).map(|index| Perceptron::new(Seed::from(8).child(index)));
        models.filter(|model| model.check(check).is_err()).count()
    };
    let counted = alarms(0.05);
    println!("{counted} of 1000");
    assert!(counted <= 97, "{counted}");
    assert_eq!(alarms(1e-9), 0);
}

/// Each fault is named by the parameters that it is in, and nothing else is.
#[test]
fn faults_are_named() {
    type Plant = fn(&mut Perceptron);
    let plants: [(&str, Plant, &[&str]); 8] = [
        ("a wrong gain", |model| model.weights[2].iter_mut().for_each(|w| *w *= 0.5), &["fc2.weight"]),
        ("a bias that is not 0", |model| model.weights[3][7] = 0.1, &["fc2.bias"]),
        ("NaN", |model| model.weights[4][3] = f32::NAN, &["head.weight"]),
        (
            "the seed of another parameter",
            |model| {
                let seed = Seed::from(1).child("fc1.weight");
                model.laws[4] = Box::new(He::normal(64));
                He::normal(64).fill_shard(seed, 0, &mut model.weights[4]).unwrap();
            },
            &["head.weight"],
        ),
        (
            "the same stream at an offset",
            |model| {
                model.laws[4] = Box::new(He::normal(32));
                let seed = Seed::from(1).child("fc1.weight");
                He::normal(32).fill_shard(seed, 512, &mut model.weights[4]).unwrap();
            },
            &["head.weight"],
        ),
        ("a row twice", |model| model.weights[0].copy_within(0..32, 320), &["row 10 of fc1.weight"]),
        (
            "a negative, transposed",
            |model| {
                let w = model.weights[2].clone();
                model.weights[2] = (0..4096).map(|i| w[i % 64 * 64 + i / 64]).collect();
                model.names[0] = "fc0.weight";
                model.laws[0] = Box::new(Xavier::uniform((64, 64)));
                model.shapes[0] = [64, 64];
                model.weights[0] = w.iter().map(|w| -w).collect();
            },
            &["fc2.weight is the negative of fc0.weight, transposed"],
        ),
        (
            "an impossible fan",
            |model| model.laws[2] = Box::new(He::normal(0)),
            &["fc2.weight: the distribution that was promised is impossible"],
        ),
    ];
    for (fault, plant, expected) in plants {
        let mut model = Perceptron::new(Seed::from(1));
        assert!(model.check(CheckModel::default()).is_ok());
        plant(&mut model);
        let error = model.check(CheckModel::default()).unwrap_err();
        println!("{fault}: {error}");
        assert_eq!(error.faults().len(), 1, "{fault}: {error}");
        let text = error.to_string();
        assert!(text.starts_with("1 fault in 6 parameters"), "{text}");
        expected.iter().for_each(|name| assert!(text.contains(&format!("\n- {name}")), "{fault}: {text}"));
    }
}

#[test]
fn what_cannot_be_looked_at_is_no_pass() {
    assert_eq!(check_model::<f32>(&[]), Err(ModelError::Empty));
    let (law, w) = (Constant::new(1.0), [1.0_f32; 6]);
    let layer = || ModelLayer::new("w", &w, &law);
    assert!(check_model(&[layer()]).is_ok());
    let error = check_model(&[layer().shape([2, 4])]).unwrap_err();
    assert!(error.to_string().contains("w has 6 weights and the shape [2, 4]"), "{error}");
    let error = check_model(&[layer().tied_to("v")]).unwrap_err();
    assert!(matches!(error, ModelError::Layers(_)), "{error}");
    assert!(catch_unwind(|| CheckModel::default().at_rate(0.0)).is_err());
    let error = check_model(&[ModelLayer::new("empty", &[0.0_f32; 0], &law)]).unwrap_err();
    assert!(matches!(error.faults(), [ModelFault::Law { name, .. }] if name == "empty"), "{error}");
}

#[test]
fn ties_are_no_fault() {
    let mut w = [[0.0_f32; 32]; 32];
    let law = He::normal(32);
    law.seed(1).fill(&mut w);
    assert!(check_model(&[ModelLayer::new("a", &w, &law), ModelLayer::new("b", &w, &law)]).is_err());
    assert_model!([("a", w, law), ("b", w, law, tied_to = "a")]);
}

/// Text of the panic.
fn panic_of(call: impl Fn()) -> String {
    *catch_unwind(AssertUnwindSafe(call)).unwrap_err().downcast::<String>().unwrap()
}

#[test]
fn macros_take_what_is_at_hand() {
    let seed = Seed::from(3);
    let mut nested = [[0.0_f32; 16]; 64];
    let mut rows = vec![vec![0.0_f32; 16]; 64];
    let mut flat = vec![0.0_f32; 64 * 16];
    let law = He::normal(16);
    law.seed(seed.child("nested")).fill(&mut nested);
    law.seed(seed.child("rows")).fill(&mut rows);
    law.seed(seed.child("flat")).fill(&mut flat);
    let (boxed, borrowed) = (flat[..512].to_vec().into_boxed_slice(), &flat[512..]);
    assert_eq!((nested.shape(), rows.shape()), (vec![64, 16], vec![64, 16]));
    let laws: [Box<dyn Initializer<f32>>; 2] = [Box::new(law), Box::new(law.law())];
    let referenced = &&nested;
    assert_model!([
        ("nested", nested, law),
        ("rows", &rows, laws[0]),
        ("boxed", boxed, &laws[1], shape = [32, 16]),
        ("borrowed", borrowed, law, shape = vec![32, 16]),
    ]);
    assert_model!([("nested", referenced, law), ("range", flat[..100], law)], at_rate = 1e-6,);
    let layers = [ModelLayer::new("a", &nested, &law), ModelLayer::new("b", &flat, &law)];
    assert_model!(layers);
    assert_model!(&layers[..1], at_rate = 1e-3);
    assert_independent!(nested, rows);
    assert_independent!(referenced, borrowed, at_rate = 1e-12);
    assert_independent!(boxed, flat[512..], "two {}", "halves");
    let text =
        panic_of(|| assert_model!([("twice", nested, law), ("again", nested, law)], "the {}", "encoder"));
    println!("{text}");
    assert!(
        text.starts_with("the encoder: 1 fault in 2 parameters") && text.contains("again is equal to twice")
    );
    let text = panic_of(|| assert_model!([("w", flat, He::normal(4))], at_rate = 1e-6));
    assert!(text.starts_with("the model is not started as promised: 1 fault in 1 parameter"), "{text}");
    assert!(text.contains("\n- w: the variance is") && !text.contains('{'), "by Display: {text}");
    let text = panic_of(|| assert_independent!(nested, referenced, "message {}", 1));
    assert!(text.starts_with("message 1: the weights are equal"), "{text}");
    let text = panic_of(|| assert_independent!(nested, flat[..0]));
    assert!(text.starts_with("nested and flat[..0]: no weights"), "{text}");
}

#[cfg(feature = "ndarray")]
#[test]
fn macros_take_arrays_of_ndarray() {
    use ndarray::{Array2, s};

    let mut w = Array2::<f32>::zeros((64, 16));
    He::normal(16).seed(1).fill(&mut w);
    let (columns, rows) = (w.t(), w.slice(s![..32, ..]));
    assert_eq!((columns.shape(), ReadWeights::shape(&rows)), (&[16, 64][..], vec![32, 16]));
    assert_eq!(
        columns.read_weights()[..3],
        [w[[0, 0]], w[[1, 0]], w[[2, 0]]],
        "row-major, whatever the memory"
    );
    assert_model!([("w", w, He::normal(16))]);
    assert_model!([("rows", rows, He::normal(16))]);
    let text = panic_of(|| assert_model!([("w", w, He::normal(16)), ("t", columns, He::normal(16))]));
    assert!(text.contains("t is equal to w, transposed"), "{text}");
}

#[test]
fn gradient_flow_takes_a_rate_seeds_and_a_message() {
    use fanin::chain::{GradientChain, Layer};

    let chain = |decades: f64| {
        let deltas = [decades, 0.0, 0.0].map(|decades| 10_f64.powf(0.5 * decades));
        GradientChain::from_layers(deltas.map(|delta| Layer::new("fc", 1, &[delta]))).unwrap()
    };
    let fine = |_: Seed| chain(0.0);
    assert_gradient_flow!(fine);
    assert_gradient_flow!(fine, seeds = 9,);
    assert_gradient_flow!(fine, -1.0..=1.0, seeds = 4, at_rate = 1e-3, from_seed = 7, "the {}", "encoder");
    let range = -1.0..=1.0;
    assert_gradient_flow!(fine, range.clone());
    let lost = |_: Seed| chain(-5.0);
    let text = panic_of(|| assert_gradient_flow!(lost, seeds = 8));
    assert!(text.starts_with("lost: 8 seeds are too few"), "{text}");
    let text = panic_of(|| assert_gradient_flow!(lost, range.clone(), from_seed = 7, "the {}", "encoder"));
    println!("{text}");
    assert!(text.starts_with("the encoder: each layer multiplies the squared gradient by 0.0000"), "{text}");
    assert!(text.contains("20 networks from seed 7") && text.contains("layer 1 (fc): 10^-5.00"), "{text}");
}
